package delivery

import (
	"fmt"
	"time"
)

// OrderSnapshot is an order's scalars and ids right after one event, without personal data. Folding the order's events gives
// exactly the same (fold.go).
type OrderSnapshot struct {
	CommunityID     int32      `db:"community_id" json:"community"`
	UUID            UUID       `db:"id" json:"id"`
	Number          int64      `db:"number" json:"number"` // the number that people read; counts up in the community
	BuildingUUID    UUID       `db:"building_id" json:"building"`
	UnitUUID        UUID       `db:"unit_id" json:"unit"`
	HouseholdUUID   UUID       `db:"household_id" json:"household"`
	SupplierUUID    *UUID      `db:"supplier_id" json:"supplier,omitempty"`
	TakerUUID       *UUID      `db:"taker_id" json:"taker,omitempty"` // the volunteer who took a BUY_FOR or ERRAND
	Channel         Channel    `db:"channel" json:"channel"`
	Stage           Stage      `db:"stage" json:"stage"`
	StageSince      time.Time  `db:"stage_since" json:"stageSince"`
	Version         int64      `db:"version" json:"version"` // how many events the order has
	OpenHolds       int        `db:"open_holds" json:"openHolds"`
	HolderVolunteer *UUID      `db:"holder_volunteer_id" json:"holderVolunteer,omitempty"`
	HolderSupplier  *UUID      `db:"holder_supplier_id" json:"holderSupplier,omitempty"`
	PlacedAt        time.Time  `db:"placed_at" json:"placedAt"`
	PlacedByRole    Role       `db:"placed_by_role" json:"placedByRole"`
	PlacedByUUID    *UUID      `db:"placed_by_id" json:"placedBy,omitempty"`
	MovedAt         time.Time  `db:"moved_at" json:"movedAt"` // when it last moved, or was placed
	MovedByRole     Role       `db:"moved_by_role" json:"movedByRole"`
	MovedByUUID     *UUID      `db:"moved_by_id" json:"movedBy,omitempty"`
	DeliveredAt     *time.Time `db:"delivered_at" json:"deliveredAt,omitempty"`
	TotalFen        int64      `db:"total_fen" json:"totalFen"`
	WindowUUID      *UUID      `db:"window_id" json:"window,omitempty"` // the window that it was placed in; never changes
	Packing
	BinUUID *UUID `db:"bin_id" json:"bin,omitempty"` // where a SORTED order stands, nil on a cart and at other stages
	RunUUID *UUID `db:"run_id" json:"run,omitempty"` // the run whose cart a SORTED order is on

	RoundUUID   *UUID      `db:"round_id" json:"round,omitempty"`           // the round that an order is out with, nil at other stages
	ConfirmedAt *time.Time `db:"confirmed_at" json:"confirmedAt,omitempty"` // when the household confirmed that it received the order

	TargetAt  *time.Time      `db:"target_at" json:"targetAt,omitempty"`   // when it is due to leave its stage; nil where there is no target
	LateLevel EscalationLevel `db:"late_level" json:"lateLevel,omitempty"` // of its open incident LATE; empty while it is not late
	HeldSince *time.Time      `db:"held_since" json:"heldSince,omitempty"` // since when a hold keeps its target from drawing nearer
}

// Order is one household's order (订单).
type Order struct {
	OrderSnapshot
	Note           string `db:"note"`            // the household's own words
	ExternalNumber string `db:"external_number"` // the platform's number, empty if it has none
	Address        string `db:"address"`         // of the household's door
	Phone          Phone  `db:"phone"`           // of the household; only its tail is ever shown

	ConsentBy   *ConsentBy `db:"consent_by"`   // who agreed; never nil for PHONE
	ConsentNote *string    `db:"consent_note"` // why it is so, where no one was asked
}

// Label returns the text to print on a bag: the address and the tail of the household's phone, E6-1-1203 · 1234. Without a
// phone it is the address.
func (o *Order) Label() string {
	if tail := o.Phone.Tail(); tail != "" {
		return o.Address + " · " + tail
	}
	return o.Address
}

// Line is one item of an order.
type Line struct {
	CommunityID  int32    `db:"community_id"`
	UUID         UUID     `db:"id"`
	OrderUUID    UUID     `db:"order_id"`
	Position     int      `db:"position"` // 1, 2, 3 … within the order
	Item         string   `db:"item"`
	Quantity     Quantity `db:"quantity"`
	Unit         string   `db:"unit"`           // 斤, 袋, 盒 …
	UnitPriceFen int64    `db:"unit_price_fen"` // 0 if the price is not known

	PackageUUID *UUID      `db:"package_id"` // of an order in a window; nil for others
	Substitute  Substitute `db:"substitute"` // what the supplier may do if the item is not there
}

// ID is the line's opaque id.
func (l *Line) ID() ID { return ID{KindLine, l.CommunityID, l.UUID} }

// PackageID is the opaque id of the package, nil for an order without a window.
func (l *Line) PackageID() *ID {
	if l.PackageUUID == nil {
		return nil
	}
	return &ID{KindPackage, l.CommunityID, *l.PackageUUID}
}

// TotalFen is quantity times unit price, rounded to the nearest fen.
func (l *Line) TotalFen() int64 { return (int64(l.Quantity)*l.UnitPriceFen + 500) / 1000 }

// ID is the order's opaque id.
func (o *Order) ID() ID { return o.OrderID() }

// IsNode marks the type as a GraphQL Node.
func (*Order) IsNode() {}

// OrderID is the opaque id of the order the snapshot was taken from.
func (s *OrderSnapshot) OrderID() ID { return ID{KindOrder, s.CommunityID, s.UUID} }

// Keys decide who may see the order and its events.
func (s *OrderSnapshot) Keys() Keys {
	k := Keys{Community: s.CommunityID, Building: s.BuildingUUID, Household: s.HouseholdUUID, Order: s.UUID}
	if s.SupplierUUID != nil {
		k.Supplier = *s.SupplierUUID
	}
	return k
}

// Held reports whether a hold is open on the order or its building. A held order cannot be moved.
func (s *OrderSnapshot) Held() bool { return s.OpenHolds > 0 }

// ActsNext is the one post that must act on the order now.
func (s *OrderSnapshot) ActsNext() Post { return s.Stage.ActsNext(s.Channel) }

// MovedBy is the actor who last moved the order, or placed it.
func (s *OrderSnapshot) MovedBy() *Ref { return s.ref(s.MovedByRole, s.MovedByUUID) }

// PlacedBy is the actor who placed the order: the household itself, or another on its behalf.
func (s *OrderSnapshot) PlacedBy() *Ref { return s.ref(s.PlacedByRole, s.PlacedByUUID) }

// HolderID is the opaque id of the holder, nil if the order has no reachable holder.
func (s *OrderSnapshot) HolderID() *ID {
	switch {
	case s.HolderVolunteer != nil:
		return &ID{KindVolunteer, s.CommunityID, *s.HolderVolunteer}
	case s.HolderSupplier != nil:
		return &ID{KindSupplier, s.CommunityID, *s.HolderSupplier}
	}
	return nil
}

// BuildingID is the building's opaque id.
func (s *OrderSnapshot) BuildingID() ID { return ID{KindBuilding, s.CommunityID, s.BuildingUUID} }

// UnitID is the unit's opaque id.
func (s *OrderSnapshot) UnitID() ID { return ID{KindUnit, s.CommunityID, s.UnitUUID} }

// BinID is the opaque id of the bin that a SORTED order stands in, nil at other stages.
func (s *OrderSnapshot) BinID() *ID {
	if s.BinUUID == nil {
		return nil
	}
	return &ID{KindBin, s.CommunityID, *s.BinUUID}
}

// HouseholdID is the household's opaque id.
func (s *OrderSnapshot) HouseholdID() ID { return ID{KindHousehold, s.CommunityID, s.HouseholdUUID} }

// WindowID is the opaque id of the window that the order was placed in, nil for others.
func (s *OrderSnapshot) WindowID() *ID {
	if s.WindowUUID == nil {
		return nil
	}
	return &ID{KindWindow, s.CommunityID, *s.WindowUUID}
}

// SupplierID is the supplier's opaque id, nil for an errand without one.
func (s *OrderSnapshot) SupplierID() *ID {
	if s.SupplierUUID == nil {
		return nil
	}
	return &ID{KindSupplier, s.CommunityID, *s.SupplierUUID}
}

// Where returns the details for a refusal: the order's stage and version, and the actor and time of its last move.
func (s *OrderSnapshot) Where() Details {
	at := s.MovedAt
	return Details{Stage: s.Stage, Version: s.Version, MovedBy: s.MovedBy(), MovedAt: &at}
}

func (s *OrderSnapshot) ref(role Role, id *UUID) *Ref {
	r := &Ref{Role: role, Community: s.CommunityID}
	if id != nil {
		r.UUID = *id
	}
	return r
}

// complete fills in what a snapshot leaves out, or an earlier release did not know.
func (s *OrderSnapshot) complete() {
	s.BagCount = max(1, s.BagCount)
	if s.Stage == Sorted && s.BinUUID == nil && s.RunUUID == nil {
		s.putInto(nil)
	}
}

// clone copies the snapshot. The values behind its pointers are never changed, so copies may share them.
func (s *OrderSnapshot) clone() *OrderSnapshot {
	out := *s
	return &out
}

// OrderPlaced is the kind of an order's first event, and of no other.
const OrderPlaced EventKind = "ORDER_PLACED"

var _ = addKind(eventSpec{kind: OrderPlaced, fold: foldPlaced})

// Place returns the first event of an order. The caller has set its ids, number, channel, time and total.
func (s *OrderSnapshot) Place(a Actor, at time.Time, roster *Roster) *Event {
	next := s.clone()
	next.Stage, next.StageSince, next.PlacedAt, next.Version = Placed, at, at, 0
	next.PlacedByRole, next.PlacedByUUID = a.Role, uuidOrNil(a.UUID)
	next.BagCount = max(1, next.BagCount)
	next.moved(a, at)
	roster.assign(next)
	return newEvent(OrderPlaced, a, at, next, nil)
}

func foldPlaced(_ *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	if e.Order.Version != 1 || e.Order.Stage != Placed {
		return nil, fmt.Errorf("placed at version %d, stage %s", e.Order.Version, e.Order.Stage)
	}
	return e.Order.clone(), nil
}
