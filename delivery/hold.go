package delivery

import (
	"errors"
	"reflect"
	"time"
)

// Hold is a pause of one order, of all orders of a building, a household or a supplier, or of the goods of an arrival (暂停). It is
// open until its HOLD_ENDED event, which the clock worker appends at Until.
type Hold struct {
	CommunityID   int32      `db:"community_id"`
	UUID          UUID       `db:"id"`
	BuildingUUID  *UUID      `db:"building_id"` // exactly one of the five is set
	OrderUUID     *UUID      `db:"order_id"`
	ArrivalUUID   *UUID      `db:"arrival_id"` // the hold stands on the arrival's orders that were at the gate when it began
	HouseholdUUID *UUID      `db:"household_id"`
	SupplierUUID  *UUID      `db:"supplier_id"`
	Reason        HoldReason `db:"reason"`
	Note          string     `db:"note"`
	PlacedAt      time.Time  `db:"placed_at"`
	PlacedByRole  Role       `db:"placed_by_role"`
	PlacedByUUID  *UUID      `db:"placed_by_id"`
	Until         *time.Time `db:"until"` // nil: until it is released
	EndedAt       *time.Time `db:"ended_at"`
}

// HoldReason is the reason of a hold.
type HoldReason string

// The reasons of a hold.
const (
	HoldTesting      HoldReason = "TESTING"      // 核酸检测
	HoldSealed       HoldReason = "SEALED"       // 封控
	HoldDisinfection HoldReason = "DISINFECTION" // 消杀
	HoldInvestigate  HoldReason = "INVESTIGATION"
	HoldSettling     HoldReason = "SETTLING" // 静置: goods stand for a while after disinfection
	HoldOther        HoldReason = "OTHER"
)

// HoldReasons lists every reason of a hold.
var HoldReasons = []HoldReason{HoldTesting, HoldSealed, HoldDisinfection, HoldInvestigate, HoldSettling, HoldOther}

// ID is the hold's opaque id.
func (h *Hold) ID() ID { return ID{KindHold, h.CommunityID, h.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Hold) IsNode() {}

// HoldSubjects are the kinds of ids that people can place a hold on.
var HoldSubjects = []Kind{KindOrder, KindBuilding, KindHousehold, KindSupplier}

// SubjectID is the opaque id of what is held.
func (h *Hold) SubjectID() ID {
	for _, id := range []*ID{h.OrderID(), h.BuildingID(), h.ArrivalID(), h.HouseholdID(), h.SupplierID()} {
		if id != nil {
			return *id
		}
	}
	return ID{}
}

// BuildingID is the held building's id, nil for other holds.
func (h *Hold) BuildingID() *ID { return h.on(KindBuilding, h.BuildingUUID) }

// OrderID is the held order's id, nil for other holds.
func (h *Hold) OrderID() *ID { return h.on(KindOrder, h.OrderUUID) }

// ArrivalID is the held arrival's id, nil for other holds.
func (h *Hold) ArrivalID() *ID { return h.on(KindArrival, h.ArrivalUUID) }

// HouseholdID is the held household's id, nil for other holds.
func (h *Hold) HouseholdID() *ID { return h.on(KindHousehold, h.HouseholdUUID) }

// SupplierID is the held supplier's id, nil for other holds.
func (h *Hold) SupplierID() *ID { return h.on(KindSupplier, h.SupplierUUID) }

func (h *Hold) on(k Kind, u *UUID) *ID {
	if u == nil {
		return nil
	}
	return &ID{k, h.CommunityID, *u}
}

// PlacedBy is the actor who placed the hold.
func (h *Hold) PlacedBy() *Ref {
	r := &Ref{Role: h.PlacedByRole, Community: h.CommunityID}
	if h.PlacedByUUID != nil {
		r.UUID = *h.PlacedByUUID
	}
	return r
}

// Open reports whether the hold has not ended.
func (h *Hold) Open() bool { return h.EndedAt == nil }

// The refusals of moving what is held, until a time or until it is released.
var (
	ReasonHeld = NewReason("HELD", CodeHeld,
		"This order is held until %s and cannot move now.",
		"订单暂停至 %s，现在不能移动。")
	ReasonHeldOpen = NewReason("HELD_OPEN", CodeHeld,
		"This order is held until it is released, and cannot move now.",
		"订单已暂停，解除后才能移动。")
)

// HoldsAmong returns those of the open holds that stand on the order, its building, its household or its supplier.
func (s *OrderSnapshot) HoldsAmong(open []*Hold) []*Hold {
	var out []*Hold
	for _, h := range open {
		if same(h.OrderUUID, &s.UUID) || same(h.BuildingUUID, &s.BuildingUUID) || same(h.HouseholdUUID, &s.HouseholdUUID) ||
			h.SupplierUUID != nil && same(h.SupplierUUID, s.SupplierUUID) {
			out = append(out, h)
		}
	}
	return out
}

// Refusal returns the refusal of a move of a held order. Of several holds it names the one that ends last.
func Refusal(holds []*Hold, at Details) *Error {
	var last *Hold
	for _, h := range holds {
		if last == nil || h.Until == nil || (last.Until != nil && h.Until.After(*last.Until)) {
			last = h
		}
	}
	if last != nil {
		at.HoldReason, at.HeldUntil, at.HoldID = last.Reason, last.Until, new(last.ID())
	}
	if at.HeldUntil == nil {
		return Refuse(ReasonHeldOpen).With(at)
	}
	return Refuse(ReasonHeld, at.HeldUntil.Format(time.RFC3339)).With(at)
}

// The kinds of event of a hold. A hold on a building, a household or a supplier has an event of its own, and one for each open order of it.
const (
	HoldStarted    EventKind = "HOLD_STARTED"
	HoldEnded      EventKind = "HOLD_ENDED"
	BuildingHeld   EventKind = "BUILDING_HELD"
	BuildingFreed  EventKind = "BUILDING_FREED"
	HouseholdHeld  EventKind = "HOUSEHOLD_HELD"
	HouseholdFreed EventKind = "HOUSEHOLD_FREED"
	SupplierHeld   EventKind = "SUPPLIER_HELD"
	SupplierFreed  EventKind = "SUPPLIER_FREED"
)

var (
	_ = addKind(eventSpec{kind: HoldStarted, body: reflect.TypeFor[HoldBody](), fold: foldHoldStarted})
	_ = addKind(eventSpec{kind: HoldEnded, body: reflect.TypeFor[HoldBody](), fold: foldHoldEnded})
	_ = addKind(eventSpec{kind: BuildingHeld, body: reflect.TypeFor[HoldBody](), about: KindHold, row: rowOf(holdRow)})
	_ = addKind(eventSpec{kind: BuildingFreed, body: reflect.TypeFor[HoldBody](), about: KindHold, row: rowOf(holdRow)})
	_ = addKind(eventSpec{kind: HouseholdHeld, body: reflect.TypeFor[HoldBody](), about: KindHold, row: rowOf(holdRow)})
	_ = addKind(eventSpec{kind: HouseholdFreed, body: reflect.TypeFor[HoldBody](), about: KindHold, row: rowOf(holdRow)})
	_ = addKind(eventSpec{kind: SupplierHeld, body: reflect.TypeFor[HoldBody](), about: KindHold, row: rowOf(holdRow)})
	_ = addKind(eventSpec{kind: SupplierFreed, body: reflect.TypeFor[HoldBody](), about: KindHold, row: rowOf(holdRow)})
)

// HoldBody is the body of the events of a hold.
type HoldBody struct {
	Hold   UUID       `json:"hold,omitempty"`
	Reason HoldReason `json:"holdReason,omitempty"`
	Until  *time.Time `json:"until,omitempty"` // nil: until it is released
}

func holdRow(b *HoldBody) (UUID, []ActivityNumber) { return b.Hold, nil }

func (h *Hold) body() *HoldBody { return &HoldBody{Hold: h.UUID, Reason: h.Reason, Until: h.Until} }

// StartHold records a new hold on the order.
func (s *OrderSnapshot) StartHold(a Actor, h *Hold, at time.Time) *Event {
	next := s.clone()
	next.Version++
	next.pause(at)
	return newEvent(HoldStarted, a, at, next, h.body())
}

// EndHold records that a hold on the order has ended. The order does not move; after the last hold its target is later by as long as it was held.
func (s *OrderSnapshot) EndHold(a Actor, h *Hold, at time.Time) *Event {
	next := s.clone()
	next.Version++
	next.resume(at)
	return newEvent(HoldEnded, a, at, next, h.body())
}

// OfBuilding returns the event of a hold on a whole building. The orders in it get events of their own.
func (h *Hold) OfBuilding(kind EventKind, a Actor, at time.Time) *Event {
	return NewEvent(kind, a, at, Keys{Community: h.CommunityID, Building: *h.BuildingUUID}, h.body())
}

// OfHousehold returns the event of a hold on a household. Its open orders get events of their own.
func (h *Hold) OfHousehold(kind EventKind, a Actor, at time.Time, building UUID) *Event {
	return NewEvent(kind, a, at, Keys{Community: h.CommunityID, Building: building, Household: *h.HouseholdUUID}, h.body())
}

// OfSupplier returns the event of a hold on a supplier. Its open orders get events of their own.
func (h *Hold) OfSupplier(kind EventKind, a Actor, at time.Time) *Event {
	return NewEvent(kind, a, at, Keys{Community: h.CommunityID, Supplier: *h.SupplierUUID}, h.body())
}

func foldHoldStarted(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	next := before.after(e)
	next.pause(e.At)
	return next, nil
}

func foldHoldEnded(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	next := before.after(e)
	if next.resume(e.At); next.OpenHolds < 0 {
		return nil, errors.New("more holds ended than started")
	}
	return next, nil
}

// HoldReason is the reason of a hold, nil for other events.
func (e *Event) HoldReason() *HoldReason {
	if hold := BodyOf[HoldBody](e); hold != nil {
		return orNil(&hold.Reason)
	}
	return nil
}

// HoldUntil is when a hold ends by itself, nil for other events and holds without an end.
func (e *Event) HoldUntil() *time.Time {
	if hold := BodyOf[HoldBody](e); hold != nil {
		return hold.Until
	}
	return nil
}
