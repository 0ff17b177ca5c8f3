package delivery

import (
	"errors"
	"slices"
	"time"
)

// MaxBags is how many bags one order may have.
const MaxBags = 200

// Packing is the number of an order's bags, how many of them were counted at the gate, and the handling that they need.
type Packing struct {
	BagCount    BagCount `db:"bags" json:"bags,omitzero"`
	BagsIn      int      `db:"bags_in" json:"bagsIn,omitempty"` // 0 … Bags; 0 as well for an order that came without an arrival
	Marks       Marks    `db:"marks" json:"marks,omitempty"`
	ArrivalUUID *UUID    `db:"arrival_id" json:"arrival,omitempty"` // the arrival that it came by, nil if it came by none or is not here yet
}

// BagCount is a number of bags, 1 … MaxBags. Events leave out a single bag, as did those of releases that knew no bags.
type BagCount int

// IsZero reports whether the member is left out of an event.
func (n BagCount) IsZero() bool { return n <= 1 }

// Bags is the number of bags in which the order is packed; labels say 1/2 and 2/2.
func (p *Packing) Bags() int { return int(p.BagCount) }

// equal compares two packings.
func (p *Packing) equal(o *Packing) bool {
	return p.BagCount == o.BagCount && p.BagsIn == o.BagsIn && slices.Equal(p.Marks, o.Marks) && same(p.ArrivalUUID, o.ArrivalUUID)
}

// check returns an error if no packing can have these values.
func (p *Packing) check() error {
	if p.BagCount < 1 || p.BagCount > MaxBags || p.BagsIn < 0 || p.BagsIn > p.Bags() {
		return errors.New("more bags than there can be")
	}
	return nil
}

// OrderBagsChanged is the kind of event of an order whose packing changed while it stayed where it is: its supplier announced
// other bags or marks, or a late bag was found.
const OrderBagsChanged EventKind = "ORDER_BAGS_CHANGED"

var _ = addKind(eventSpec{kind: OrderBagsChanged, fold: foldBags, whole: true})

// Repack returns the event of an order with another packing, or nil if it is the same.
func (s *OrderSnapshot) Repack(a Actor, p Packing, at time.Time) *Event {
	if s.Packing.equal(&p) {
		return nil
	}
	next := s.clone()
	next.Version++
	next.Packing = p
	return newEvent(OrderBagsChanged, a, at, next, nil)
}

func foldBags(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	next := before.after(e)
	next.Packing = e.Order.Packing
	return next, next.check()
}

// Repacks reports whether the event may have changed the order's packing.
func (e *Event) Repacks() bool {
	return e.Kind == OrderBagsChanged || e.Kind == OrderMoved && e.Order.Stage == AtGate && e.Order.BagsIn > 0
}
