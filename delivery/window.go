package delivery

import (
	"reflect"
	"time"
)

// WindowState is where an order window is.
type WindowState string

// The states of a window. The time of day decides the first three, a person the last two.
const (
	WindowUpcoming  WindowState = "UPCOMING"   // 未开始
	WindowOpen      WindowState = "OPEN"       // 接单中
	WindowClosed    WindowState = "CLOSED"     // 已截单: a person has to decide
	WindowConfirmed WindowState = "CONFIRMED"  // 已确认
	WindowCalledOff WindowState = "CALLED_OFF" // 未成团
)

// WindowStates lists the states.
var WindowStates = []WindowState{WindowUpcoming, WindowOpen, WindowClosed, WindowConfirmed, WindowCalledOff}

// OrderWindow is a period in which a supplier takes orders for packages that it then delivers together (接单时段).
type OrderWindow struct {
	CommunityID   int32        `db:"community_id"`
	UUID          UUID         `db:"id"`
	SupplierUUID  UUID         `db:"supplier_id"`
	Name          string       `db:"name"`
	OpensAt       time.Time    `db:"opens_at"`
	ClosesAt      time.Time    `db:"closes_at"` // from then on it takes no orders
	DeliverAt     time.Time    `db:"deliver_at"`
	Minimum       int          `db:"minimum"` // how many orders it needs; 0: any number will do
	Orders        int          `db:"orders"`  // those that are not cancelled
	Decision      *WindowState `db:"decision"`
	DecidedAt     *time.Time   `db:"decided_at"`
	DecidedByRole *Role        `db:"decided_by_role"`
	DecidedByUUID *UUID        `db:"decided_by_id"`
	NextAt        *time.Time   `db:"next_at"` // when the clock appends the next event; nil after WINDOW_CLOSED
	Version       int64        `db:"version"` // changes by people; orders do not change it
	CreatedAt     time.Time    `db:"created_at"`
}

const (
	// MaxOffers is how many packages a window may offer.
	MaxOffers = 100
	// MaxMinimum is the most orders that a window may need.
	MaxMinimum = 100_000
	// MaxWindowAhead is how far ahead a window may deliver.
	MaxWindowAhead = 60 * 24 * time.Hour
)

// ID is the window's opaque id.
func (w *OrderWindow) ID() ID { return ID{KindWindow, w.CommunityID, w.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*OrderWindow) IsNode() {}

// SupplierID is the supplier's opaque id.
func (w *OrderWindow) SupplierID() ID { return ID{KindSupplier, w.CommunityID, w.SupplierUUID} }

// DecidedBy is the actor who confirmed the window or called it off, nil before.
func (w *OrderWindow) DecidedBy() *Ref {
	if w.DecidedByRole == nil {
		return nil
	}
	return &Ref{Role: *w.DecidedByRole, Community: w.CommunityID, UUID: orEmpty(w.DecidedByUUID)}
}

// Keys are those of the window's events: the team that works in the whole community, and the supplier.
func (w *OrderWindow) Keys() Keys { return Keys{Community: w.CommunityID, Supplier: w.SupplierUUID} }

// StateAt returns the window's state at an instant of business time. It does not depend on the clock worker.
func (w *OrderWindow) StateAt(at time.Time) WindowState {
	switch {
	case w.Decision != nil:
		return *w.Decision
	case at.Before(w.OpensAt):
		return WindowUpcoming
	case at.Before(w.ClosesAt):
		return WindowOpen
	}
	return WindowClosed
}

// CalledOff reports whether a person has called the window off.
func (w *OrderWindow) CalledOff() bool { return w.Decision != nil && *w.Decision == WindowCalledOff }

// WindowScope is what an actor sees of windows and their packages, which are the same for all residents of a community: they share one
// View, and with it one reading of a window that all of them watch.
func (a Actor) WindowScope() Scope {
	s := a.Scope()
	if s.Class == SeesHousehold {
		s.UUID = ""
	}
	return s
}

// CanReleaseReserve reports whether the actor may end what windows keep for orders by telephone: the phone desk, which knows who
// still waits, leads of the supply squad, the commander and administrators.
func (a Actor) CanReleaseReserve(community int32) bool {
	return a.CanSetUp(community) || a.Community == community && (a.Role == RoleLead && a.Squad == SquadSupply ||
		(a.Role == RoleLead || a.Role == RoleVolunteer) && a.Squad == SquadPersuasion)
}

// The refusals of windows.
var (
	ReasonWindowNotOpen = NewReason("WINDOW_NOT_OPEN", CodeConflict,
		"This order window is not open yet.",
		"接单时段尚未开始。")
	ReasonWindowClosed = NewReason("WINDOW_CLOSED", CodeConflict,
		"This order window is closed.",
		"接单时段已截单。")
	ReasonWindowStillOpen = NewReason("WINDOW_STILL_OPEN", CodeConflict,
		"This order window has not closed yet; it can be decided then.",
		"接单时段尚未截单，截单后才能确认或取消。")
	ReasonWindowDecided = NewWordedReason("WINDOW_DECIDED", CodeConflict,
		"This order window is already decided: %s.",
		"该接单时段已有决定：%s。")
)

// CheckOpen refuses what can be done only while the window takes orders.
func (w *OrderWindow) CheckOpen(at time.Time) *Error {
	switch w.StateAt(at) {
	case WindowUpcoming:
		return Refuse(ReasonWindowNotOpen).With(Details{OpensAt: &w.OpensAt})
	case WindowOpen:
		return nil
	}
	return Refuse(ReasonWindowClosed).With(Details{ClosesAt: &w.ClosesAt})
}

// Decide confirms a closed window or calls it off, and returns the events to append. It fails with CONFLICT if the version is not the
// expected one, before the window closes, and if it is decided.
func (w *OrderWindow) Decide(a Actor, confirm bool, expected *int64, at time.Time) ([]*Event, *Error) {
	switch state := w.StateAt(at); {
	case expected != nil && *expected != w.Version:
		return nil, Refuse(ReasonVersionChanged, w.Version).At("expectedVersion").With(Details{Version: w.Version})
	case w.Decision != nil:
		return nil, Refuse(ReasonWindowDecided, state).With(Details{Version: w.Version})
	case state != WindowClosed:
		return nil, Refuse(ReasonWindowStillOpen).With(Details{ClosesAt: &w.ClosesAt})
	}
	events := w.Pass(System(w.CommunityID), at) // the clock worker may not have looked since
	w.Decision = new(WindowCalledOff)
	if confirm {
		w.Decision = new(WindowConfirmed)
	}
	w.DecidedAt, w.DecidedByRole, w.DecidedByUUID = &at, &a.Role, uuidOrNil(a.UUID)
	w.Version++
	return append(events, w.event(WindowWasDecided, a, at)), nil
}

// Pass returns the events that time alone has caused by now and that the clock has not appended yet: the window has opened, and closed.
func (w *OrderWindow) Pass(a Actor, at time.Time) []*Event {
	var events []*Event
	for w.NextAt != nil && !at.Before(*w.NextAt) {
		if w.NextAt.Equal(w.OpensAt) {
			w.NextAt = &w.ClosesAt
			events = append(events, w.event(WindowWasOpened, a, at))
		} else {
			w.NextAt = nil
			events = append(events, w.event(WindowWasClosed, a, at))
		}
	}
	return events
}

// Planned returns the event WINDOW_PLANNED: the window was set up.
func (w *OrderWindow) Planned(a Actor, at time.Time) *Event { return w.event(WindowPlanned, a, at) }

// The kinds of event of a window. They carry the supplier's key.
const (
	WindowPlanned    EventKind = "WINDOW_PLANNED" // set up, to open now or later
	WindowWasOpened  EventKind = "WINDOW_OPENED"
	WindowWasClosed  EventKind = "WINDOW_CLOSED"
	WindowWasDecided EventKind = "WINDOW_DECIDED"
	OfferChanged     EventKind = "OFFER_CHANGED" // what is left of its offers; one for each call
)

var (
	_ = windowKind(WindowPlanned)
	_ = windowKind(WindowWasOpened)
	_ = windowKind(WindowWasClosed)
	_ = windowKind(WindowWasDecided)
	_ = windowKind(OfferChanged)
)

func windowKind(kind EventKind) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[WindowBody](), board: noBoard, about: KindWindow, row: rowOf(windowRow)})
}

// WindowBody is the body of the events of a window, as the event left it.
type WindowBody struct {
	Window   UUID        `json:"windowId,omitempty"`
	Decision WindowState `json:"windowDecision,omitempty"`
	Orders   int         `json:"windowOrders,omitempty"`
	Minimum  int         `json:"windowMinimum,omitempty"`
}

func windowRow(b *WindowBody) (UUID, []ActivityNumber) {
	return b.Window, []ActivityNumber{{"orders", b.Orders}, {"minimum", b.Minimum}}
}

// event returns an event of the window.
func (w *OrderWindow) event(kind EventKind, a Actor, at time.Time) *Event {
	body := &WindowBody{Window: w.UUID, Orders: w.Orders, Minimum: w.Minimum}
	if w.Decision != nil {
		body.Decision = *w.Decision
	}
	return NewEvent(kind, a, at, w.Keys(), body)
}

// OfWindow reports whether the event may change what is shown of the window: its own events, and those of its supplier and packages.
// Those of unknown kinds may.
func (e *Event) OfWindow(window UUID) bool {
	spec := eventSpecs[e.Kind]
	switch {
	case spec == nil:
		return e.OrderUUID == nil
	case spec.body == reflect.TypeFor[WindowBody]():
		b := BodyOf[WindowBody](e)
		return b == nil || b.Window == window
	}
	return e.Kind == PackageSaved || e.Kind == SupplierSaved
}
