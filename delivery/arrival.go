package delivery

import (
	"reflect"
	"slices"
	"time"
)

// Arrival is one delivery of a supplier at the gate (到货).
type Arrival struct {
	CommunityID     int32        `db:"community_id"`
	UUID            UUID         `db:"id"`
	Number          int64        `db:"number"` // the number that people read; counts up in the community
	SupplierUUID    UUID         `db:"supplier_id"`
	State           ArrivalState `db:"state"`
	Vehicle         string       `db:"vehicle"`
	DriverPhone     Phone        `db:"driver_phone"`
	ExpectedAt      *time.Time   `db:"expected_at"` // nil for a truck that came unannounced, which has no slot either
	SlotAt          *time.Time   `db:"slot_at"`
	Dock            *int         `db:"dock"` // 1 … docks
	AnnouncedAt     time.Time    `db:"announced_at"`
	AnnouncedByRole Role         `db:"announced_by_role"`
	AnnouncedByUUID *UUID        `db:"announced_by_id"`
	LateSince       *time.Time   `db:"late_since"` // when the clock found that it had not come
	ArrivedAt       *time.Time   `db:"arrived_at"`
	ReceivedAt      *time.Time   `db:"received_at"`
	CancelledAt     *time.Time   `db:"cancelled_at"`
	SettleUntil     *time.Time   `db:"settle_until"`
	BagsAnnounced   int          `db:"bags_announced"`
	BagsCounted     *int         `db:"bags_counted"` // those of its orders and strays; nil until the count is complete
	Version         int64        `db:"version"`
	ArrivalSums
}

// ArrivalSums are sums over the orders and strays of an arrival. Reads fill them in; rows that a verb locks have none.
type ArrivalSums struct {
	BagsReceived   int `db:"bags_received"` // counted so far
	BagsMissing    int `db:"bags_missing"`  // announced and not there, of the orders that are counted
	BagsStray      int `db:"bags_stray"`
	BagsDamaged    int `db:"bags_damaged"`
	Orders         int `db:"orders"`
	OrdersReceived int `db:"orders_received"` // those with a bag
	OrdersSorted   int `db:"orders_sorted"`   // those that have gone on from the gate
}

// ArrivalState is where an arrival is.
type ArrivalState string

// The states of an arrival.
const (
	ArrivalAnnounced ArrivalState = "ANNOUNCED" // 已预告
	ArrivalArrived   ArrivalState = "ARRIVED"   // 已到门口
	ArrivalReceived  ArrivalState = "RECEIVED"  // 已清点
	ArrivalCancelled ArrivalState = "CANCELLED" // 已取消, before RECEIVED
)

// ArrivalStates lists the states.
var ArrivalStates = []ArrivalState{ArrivalAnnounced, ArrivalArrived, ArrivalReceived, ArrivalCancelled}

// Open reports whether the arrival is announced or at the gate.
func (s ArrivalState) Open() bool { return s == ArrivalAnnounced || s == ArrivalArrived }

// ArrivalOrder is one order of an arrival.
type ArrivalOrder struct {
	CommunityID int32 `db:"community_id"`
	ArrivalUUID UUID  `db:"arrival_id"`
	OrderUUID   UUID  `db:"order_id"`
	Announced   int   `db:"announced"` // bags; 0 for an order that was on the truck unannounced
	Counted     *int  `db:"counted"`   // bags so far, nil before the first count
	Received    *int  `db:"received"`  // nil until the count of the arrival is complete
	Damaged     int   `db:"damaged"`   // of those counted
	Open        bool  `db:"open"`
	Held        bool  `db:"held"` // the hold on the arrival stands on the order
}

// OrderID is the order's opaque id.
func (o *ArrivalOrder) OrderID() ID { return ID{KindOrder, o.CommunityID, o.OrderUUID} }

const (
	// SlotLength is how long a slot at the gate is.
	SlotLength = 20 * time.Minute
	// LateAfter is how long after the beginning of its slot an arrival that has not come is late.
	LateAfter = 30 * time.Minute
	// MaxAhead is how far ahead an arrival can be announced.
	MaxAhead = 14 * 24 * time.Hour
	// MaxSettling is the longest time that the goods of an arrival can be held to settle.
	MaxSettling = 48 * time.Hour
	// MaxDocks is the most docks that a gate has.
	MaxDocks = 20
	// MaxVehicle is the most characters of a vehicle's number.
	MaxVehicle = 32
)

// ID is the arrival's opaque id.
func (a *Arrival) ID() ID { return ID{KindArrival, a.CommunityID, a.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Arrival) IsNode() {}

// Late reports whether the truck has not come within LateAfter of the beginning of its slot.
func (a *Arrival) Late() bool { return a.State == ArrivalAnnounced && a.LateSince != nil }

// SupplierID is the supplier's opaque id.
func (a *Arrival) SupplierID() ID { return ID{KindSupplier, a.CommunityID, a.SupplierUUID} }

// AnnouncedBy is the actor who announced the arrival.
func (a *Arrival) AnnouncedBy() *Ref {
	return &Ref{Role: a.AnnouncedByRole, Community: a.CommunityID, UUID: orEmpty(a.AnnouncedByUUID)}
}

// Keys decide who may see the arrival and its events: the team that works in the whole community, and the supplier.
func (a *Arrival) Keys() Keys { return Keys{Community: a.CommunityID, Supplier: a.SupplierUUID} }

// SlotOf returns the beginning of the slot that an instant is in. Slots begin at full hours of the community's clocks, and 20
// and 40 minutes past.
func (c *Community) SlotOf(t time.Time) time.Time {
	_, offset := t.In(c.zone()).Zone()
	shift := time.Duration(offset) * time.Second
	return t.Add(shift).Truncate(SlotLength).Add(-shift).UTC()
}

// Clock is an instant as the community's clocks show it, with month and day: 04-12 09:20.
func (c *Community) Clock(t time.Time) string {
	return t.In(c.zone()).Format("01-02 15:04")
}

// FreeSlots returns the next n slots after a slot that are not full.
func FreeSlots(after time.Time, full []time.Time, n int) []time.Time {
	var out []time.Time
	for at := after.Add(SlotLength); len(out) < n; at = at.Add(SlotLength) {
		if !slices.ContainsFunc(full, at.Equal) {
			out = append(out, at)
		}
	}
	return out
}

// FreeDock returns the first dock that is not taken, or 0 if all are.
func FreeDock(docks int, taken []int) int {
	for dock := 1; dock <= docks; dock++ {
		if !slices.Contains(taken, dock) {
			return dock
		}
	}
	return 0
}

// WorksGate reports whether the actor checks trucks in: the duty squad, the commander and administrators.
func (a Actor) WorksGate(community int32) bool {
	return a.CanSetUp(community) || ((a.Role == RoleLead || a.Role == RoleVolunteer) && a.Community == community && a.Squad == SquadDuty)
}

// CanAnnounce reports whether the actor may announce and cancel arrivals of the supplier: the supplier itself, the gate and leads.
func (a Actor) CanAnnounce(community int32, supplier UUID) bool {
	return a.WorksGate(community) || (a.Role == RoleLead && a.Community == community) ||
		(a.Role == RoleSupplier && a.Community == community && a.UUID == supplier)
}

// The refusals of arrivals.
var (
	ReasonOtherSupplier = NewReason("OTHER_SUPPLIER", CodeConflict,
		"This order is from another supplier than this arrival.",
		"该订单不属于此次到货的供货商。")
	ReasonAllBagsIn = NewReason("ALL_BAGS_IN", CodeConflict,
		"All %d bags of this order have already been counted at the gate.",
		"该订单的 %d 件已全部清点。")
	ReasonArrivalState = NewWordedReason("ARRIVAL_STATE", CodeConflict,
		"This arrival is at %s now.",
		"此次到货现处于“%s”。")
	ReasonFewerBags = NewReason("FEWER_BAGS", CodeConflict,
		"%d bags of this order have already been counted; it cannot have fewer than %d.",
		"该订单已到 %d 件，总件数不能少于 %d。")
)

func (a *Arrival) where() Details { return Details{Version: a.Version} }

// Refused refuses a change of the arrival if its version is not the expected one, or if it is received or cancelled. It returns nil
// otherwise.
func (a *Arrival) Refused(expected *int64) *Error {
	switch {
	case expected != nil && *expected != a.Version:
		return Refuse(ReasonVersionChanged, a.Version).At("expectedVersion").With(a.where())
	case !a.State.Open():
		return Refuse(ReasonArrivalState, a.State).With(a.where())
	}
	return nil
}

// Arrive says that the truck is at the gate. It fails with CONFLICT unless it is announced.
func (a *Arrival) Arrive(by Actor, at time.Time) (*Event, *Error) {
	if a.State != ArrivalAnnounced {
		return nil, Refuse(ReasonArrivalState, a.State).With(a.where())
	}
	a.State, a.ArrivedAt = ArrivalArrived, &at
	a.Version++
	return a.event(ArrivalWasArrived, by, at), nil
}

// BeLate notes that an announced truck has not come. It returns nil unless it is awaited and not noted as late.
func (a *Arrival) BeLate(by Actor, at time.Time) *Event {
	if a.State != ArrivalAnnounced || a.LateSince != nil {
		return nil
	}
	a.LateSince = &at
	a.Version++
	return a.event(ArrivalIsLate, by, at)
}

// Cancel says that the truck does not come, or was sent away. The caller has checked that the arrival is open.
func (a *Arrival) Cancel(by Actor, at time.Time) *Event {
	a.State, a.CancelledAt = ArrivalCancelled, &at
	a.Version++
	return a.event(ArrivalWasCancelled, by, at)
}

// Receive completes the count. The caller has filled in the sums.
func (a *Arrival) Receive(by Actor, counted int, settle *time.Time, at time.Time) *Event {
	a.State, a.ReceivedAt, a.BagsCounted, a.SettleUntil = ArrivalReceived, &at, &counted, settle
	a.Version++
	return a.event(ArrivalWasReceived, by, at)
}

// The kinds of event of an arrival. They carry the supplier's key.
const (
	ArrivalWasAnnounced EventKind = "ARRIVAL_ANNOUNCED"
	ArrivalIsLate       EventKind = "ARRIVAL_LATE"
	ArrivalWasArrived   EventKind = "ARRIVAL_ARRIVED"
	ArrivalWasCounted   EventKind = "ARRIVAL_COUNTED" // in part: the count goes on
	ArrivalWasReceived  EventKind = "ARRIVAL_RECEIVED"
	ArrivalWasCancelled EventKind = "ARRIVAL_CANCELLED"
)

var (
	_ = arrivalKind(ArrivalWasAnnounced)
	_ = arrivalKind(ArrivalIsLate)
	_ = arrivalKind(ArrivalWasArrived)
	_ = arrivalKind(ArrivalWasCounted)
	_ = arrivalKind(ArrivalWasReceived)
	_ = arrivalKind(ArrivalWasCancelled)
)

func arrivalKind(kind EventKind) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[ArrivalBody](), board: boardsThatSee, about: KindArrival, row: rowOf(arrivalRow)})
}

// ArrivalBody is the body of the events of an arrival, as the event left it.
type ArrivalBody struct {
	Arrival       UUID         `json:"arrivalId,omitempty"`
	ArrivalNumber int64        `json:"arrivalNumber,omitempty"`
	State         ArrivalState `json:"arrivalState,omitempty"`
	Orders        int          `json:"orders,omitempty"`
	BagsAnnounced int          `json:"bagsAnnounced,omitempty"`
	BagsCounted   int          `json:"bagsCounted,omitempty"`
	BagsMissing   int          `json:"bagsMissing,omitempty"`
	BagsStray     int          `json:"bagsStray,omitempty"`
	BagsDamaged   int          `json:"bagsDamaged,omitempty"`
}

func arrivalRow(b *ArrivalBody) (UUID, []ActivityNumber) {
	return b.Arrival, []ActivityNumber{{"orders", b.Orders}, {"bagsAnnounced", b.BagsAnnounced}, {"bagsCounted", b.BagsCounted}, {"bagsMissing", b.BagsMissing},
		{"bagsStray", b.BagsStray}, {"bagsDamaged", b.BagsDamaged}}
}

// OfArrivals reports whether the event may change what is shown of a day's arrivals: events of arrivals, of an order that came by
// one, of the community and its suppliers, and the start of a day. Those of unknown kinds may.
func (e *Event) OfArrivals() bool {
	if e.OrderUUID != nil {
		return e.Order == nil || e.Order.ArrivalUUID != nil
	}
	switch spec := eventSpecs[e.Kind]; {
	case spec == nil:
		return true
	case spec.body == reflect.TypeFor[ArrivalBody]():
		return true
	}
	return e.Kind == DayStarted || e.Kind == CommunitySaved || e.Kind == SupplierSaved
}

// Announced returns the event ARRIVAL_ANNOUNCED.
func (a *Arrival) Announced(by Actor, at time.Time) *Event {
	return a.event(ArrivalWasAnnounced, by, at)
}

// Counted returns the event ARRIVAL_COUNTED: bags were counted, and the count goes on.
func (a *Arrival) Counted(by Actor, at time.Time) *Event {
	a.Version++
	return a.event(ArrivalWasCounted, by, at)
}

// NotHere returns the refusal of strays in an arrival whose truck has not come, nil if it is or was at the gate.
func (a *Arrival) NotHere() *Error {
	if a.State == ArrivalArrived || a.State == ArrivalReceived {
		return nil
	}
	return Refuse(ReasonArrivalState, a.State).With(a.where())
}

// Found notes that strays were found in the arrival, beside those before. After the count they are counted too.
func (a *Arrival) Found(by Actor, strays, before int, at time.Time) *Event {
	if a.BagsCounted != nil {
		a.BagsCounted = new(*a.BagsCounted + strays)
	}
	a.BagsStray = before
	return a.Counted(by, at)
}

func (a *Arrival) event(kind EventKind, by Actor, at time.Time) *Event {
	body := &ArrivalBody{Arrival: a.UUID, ArrivalNumber: a.Number, State: a.State, Orders: a.Orders, BagsAnnounced: a.BagsAnnounced,
		BagsMissing: a.BagsMissing, BagsStray: a.BagsStray, BagsDamaged: a.BagsDamaged}
	if a.BagsCounted != nil {
		body.BagsCounted = *a.BagsCounted
	}
	return NewEvent(kind, by, at, a.Keys(), body)
}

// Announce returns the packing of an order that is announced with an arrival of the supplier, and how many bags come with it: all
// that are not in yet. bags is in how many the order is packed, or nil if that has not changed; the same goes for marks. It fails
// with CONFLICT if the order is another supplier's, at a final stage, or at the gate or beyond with all its bags.
func (s *OrderSnapshot) Announce(supplier UUID, bags *int, marks *[]Mark) (Packing, int, *Error) {
	p := s.Packing
	switch {
	case !same(s.SupplierUUID, &supplier):
		return p, 0, Refuse(ReasonOtherSupplier)
	case s.Stage.Final():
		return p, 0, Refuse(ReasonFinalStage, s.Stage).With(s.Where())
	case s.Stage != Placed && s.Stage != Dispatched && s.ArrivalUUID == nil: // it came without an arrival
		return p, 0, Refuse(ReasonStageChanged, s.Stage).With(s.Where())
	}
	if bags != nil {
		p.BagCount = BagCount(*bags)
	}
	if marks != nil {
		p.Marks = NewMarks(*marks)
	}
	switch {
	case p.Bags() < p.BagsIn:
		return p, 0, Refuse(ReasonFewerBags, p.BagsIn, p.BagsIn).At("bags").With(s.Where())
	case p.Bags() == p.BagsIn:
		return p, 0, Refuse(ReasonAllBagsIn, p.BagsIn).With(s.Where())
	}
	return p, p.Bags() - p.BagsIn, nil
}

// CountIn returns the order's packing after more bags came, with an arrival or without one. If more bags came than the order is
// packed in, the number of its bags goes up.
func (s *OrderSnapshot) CountIn(bags int, arrival *UUID) Packing {
	p := s.Packing
	if bags == 0 {
		return p
	}
	p.BagsIn += bags
	p.BagCount = max(p.BagCount, BagCount(p.BagsIn))
	if p.ArrivalUUID == nil {
		p.ArrivalUUID = arrival
	}
	return p
}
