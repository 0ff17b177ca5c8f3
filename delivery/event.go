package delivery

import "time"

// EventKind is the kind of an event. New kinds may be added: ignore kinds you do not know.
type EventKind string

// The kinds of event. Those of an order carry its snapshot.
const (
	OrderPlaced    EventKind = "ORDER_PLACED"
	OrderMoved     EventKind = "ORDER_MOVED" // forward, a failed attempt, cancelled or returned
	MoveUndone     EventKind = "MOVE_UNDONE"
	HoldStarted    EventKind = "HOLD_STARTED"
	HoldEnded      EventKind = "HOLD_ENDED"
	HolderChanged  EventKind = "HOLDER_CHANGED"
	BuildingHeld   EventKind = "BUILDING_HELD"
	BuildingFreed  EventKind = "BUILDING_FREED"
	DayStarted     EventKind = "DAY_STARTED"
	CommunitySaved EventKind = "COMMUNITY_SAVED"
	BuildingSaved  EventKind = "BUILDING_SAVED"
	UnitSaved      EventKind = "UNIT_SAVED"
	HouseholdSaved EventKind = "HOUSEHOLD_SAVED"
	VolunteerSaved EventKind = "VOLUNTEER_SAVED"
	SupplierSaved  EventKind = "SUPPLIER_SAVED"
	AccessChanged  EventKind = "ACCESS_CHANGED" // an actor's scope changes at this position
	CodesIssued    EventKind = "CODES_ISSUED"   // invitations, cards or links
	CodesEnded     EventKind = "CODES_ENDED"
)

// EventKinds lists the kinds this release appends.
var EventKinds = []EventKind{OrderPlaced, OrderMoved, MoveUndone, HoldStarted, HoldEnded, HolderChanged, BuildingHeld,
	BuildingFreed, DayStarted, CommunitySaved, BuildingSaved, UnitSaved, HouseholdSaved, VolunteerSaved, SupplierSaved, AccessChanged, CodesIssued, CodesEnded}

// OrderEventKinds lists the kinds of events of one order. Clients see only these.
var OrderEventKinds = []EventKind{OrderPlaced, OrderMoved, MoveUndone, HoldStarted, HoldEnded, HolderChanged}

// Event is one event of a community, at one position of its feed (动态). It carries no name, phone, free text or need, so it
// is the same for every viewer.
type Event struct {
	CommunityID   int32     `db:"community_id"`
	Seq           int64     `db:"seq"` // 1, 2, 3 … in the community, without a gap; 0 until it is appended
	Kind          EventKind `db:"kind"`
	At            time.Time `db:"at"` // business time; order among events is Seq, never a time
	ByRole        Role      `db:"by_role"`
	ByUUID        *UUID     `db:"by_id"`
	BuildingUUID  *UUID     `db:"building_id"`
	HouseholdUUID *UUID     `db:"household_id"`
	SupplierUUID  *UUID     `db:"supplier_id"`
	OrderUUID     *UUID     `db:"order_id"`
	Body          EventBody `db:"body"`

	// Note and DeviceTime are set only when the event is appended. They are stored beside the event, not in the feed, because
	// free text may hold personal data.
	Note       string     `db:"-"`
	DeviceTime *time.Time `db:"-"`
}

// Keys decide who may see the event.
func (e *Event) Keys() Keys {
	k := Keys{Community: e.CommunityID}
	for _, f := range [...]struct {
		to   *UUID
		from *UUID
	}{{&k.Building, e.BuildingUUID}, {&k.Household, e.HouseholdUUID}, {&k.Supplier, e.SupplierUUID}, {&k.Order, e.OrderUUID}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	return k
}

// By is the actor who caused the event.
func (e *Event) By() *Ref {
	r := &Ref{Role: e.ByRole, Community: e.CommunityID}
	if e.ByUUID != nil {
		r.UUID = *e.ByUUID
	}
	return r
}

// Order is the order right after the event, nil for events that concern no order.
func (e *Event) Order() *OrderSnapshot { return e.Body.Order }

// From is the order's stage before a move or an undo, nil for other events.
func (e *Event) From() *Stage { return valueOrNil(e.Body.From) }

// Reason is the reason of the move, nil if it needs none.
func (e *Event) Reason() *MoveReason { return valueOrNil(e.Body.Reason) }

// UndoneVersion is the order's version after the undone move, nil for events other than MOVE_UNDONE.
func (e *Event) UndoneVersion() *int64 { return valueOrNil(e.Body.Undoes) }

// HoldReason is the reason of a hold, nil for other events.
func (e *Event) HoldReason() *HoldReason { return valueOrNil(e.Body.HoldFor) }

// HoldUntil is when a hold ends by itself, nil for other events and holds without an end.
func (e *Event) HoldUntil() *time.Time { return e.Body.Until }

// OfOrder reports whether the event is of one order and this release can show it.
func (e *Event) OfOrder() bool { return e.OrderUUID != nil && e.Body.Order != nil }

// NewEvent returns an event that is not of a single order. The keys decide who may see it.
func NewEvent(kind EventKind, by Actor, at time.Time, k Keys, body EventBody) *Event {
	body.V = 1
	return &Event{CommunityID: k.Community, Kind: kind, At: at, ByRole: by.Role, ByUUID: uuidOrNil(by.UUID),
		BuildingUUID: uuidOrNil(k.Building), HouseholdUUID: uuidOrNil(k.Household), SupplierUUID: uuidOrNil(k.Supplier), Body: body}
}

// newEvent returns an event of the order. The caller has already set the snapshot's new version.
func newEvent(kind EventKind, by Actor, at time.Time, s *OrderSnapshot) *Event {
	e := &Event{CommunityID: s.CommunityID, Kind: kind, At: at, ByRole: by.Role, BuildingUUID: &s.BuildingUUID,
		HouseholdUUID: &s.HouseholdUUID, SupplierUUID: s.SupplierUUID, OrderUUID: &s.UUID, Body: EventBody{V: 1, Order: s}}
	e.ByUUID = uuidOrNil(by.UUID)
	return e
}

func uuidOrNil(u UUID) *UUID { return valueOrNil(u) }

func valueOrNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
