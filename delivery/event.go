package delivery

import "time"

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

	Order *OrderSnapshot `db:"-"` // right after the event; nil for events that concern no order
	Body  any            `db:"-"` // what the kind adds, such as *MoveBody (see BodyOf); nil if it adds nothing

	// Note and DeviceTime are set only when the event is appended. They are stored beside the event, not in the feed, because
	// free text may hold personal data.
	Note       string     `db:"-"`
	DeviceTime *time.Time `db:"-"`

	// WasLate says that the order was late before the event, which ends that. It is set until the event is appended.
	WasLate bool `db:"-"`
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

// OfOrder reports whether the event is of one order and this release can show it.
func (e *Event) OfOrder() bool { return e.OrderUUID != nil && e.Order != nil }

// MayChange reports whether the event may change a board or an order that is read with the scope. Events of orders, and of
// kinds such as HOUSEHOLD_SAVED, may only if the scope sees them: a new reading reveals that something happened. Those of
// sign-ins change nothing. All others, also of unknown kinds, may change every board.
func (e *Event) MayChange(s *Scope) bool {
	if e.OfOrder() {
		return s.Sees(e.Keys())
	}
	switch spec := eventSpecs[e.Kind]; {
	case spec == nil || spec.board == everyBoard:
		return true
	case spec.board == boardsThatSee:
		return s.Sees(e.Keys())
	}
	return false
}

// Author is the actor who caused the event, as far as events keep it.
func (e *Event) Author() Actor {
	return Actor{Role: e.ByRole, Community: e.CommunityID, UUID: orEmpty(e.ByUUID)}
}

// NewEvent returns an event that is not of a single order. The keys decide who may see it. The body is nil or a pointer to
// the kind's own.
func NewEvent(kind EventKind, by Actor, at time.Time, k Keys, body any) *Event {
	return &Event{CommunityID: k.Community, Kind: kind, At: at, ByRole: by.Role, ByUUID: uuidOrNil(by.UUID),
		BuildingUUID: uuidOrNil(k.Building), HouseholdUUID: uuidOrNil(k.Household), SupplierUUID: uuidOrNil(k.Supplier), Body: body}
}

// newEvent returns an event of the order. The caller has already set the snapshot's new version.
func newEvent(kind EventKind, by Actor, at time.Time, s *OrderSnapshot, body any) *Event {
	e := &Event{CommunityID: s.CommunityID, Kind: kind, At: at, ByRole: by.Role, BuildingUUID: &s.BuildingUUID,
		HouseholdUUID: &s.HouseholdUUID, SupplierUUID: s.SupplierUUID, OrderUUID: &s.UUID, Order: s, Body: body}
	e.ByUUID = uuidOrNil(by.UUID)
	return e
}

func uuidOrNil(u UUID) *UUID { return valueOrNil(u) }

// orEmpty returns the id, or the empty one in place of nil.
func orEmpty(u *UUID) UUID {
	if u == nil {
		return ""
	}
	return *u
}

func valueOrNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// orNil returns nil in place of a pointer to a zero value.
func orNil[T comparable](v *T) *T {
	var zero T
	if *v == zero {
		return nil
	}
	return v
}
