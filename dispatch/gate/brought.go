package gate

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// brought collects the changes of orders whose bags were counted in.
type brought struct {
	events    []*delivery.Event
	held      bool
	incidents []*delivery.Incident
	found     []delivery.UUID // orders with all their bags
	some      []delivery.UUID // orders with some of them
}

// countIn counts bags of an order in. An order that has not reached the gate moves there, unless a hold keeps it: then it waits
// where it is. It returns the order as it is then.
func (b *brought) countIn(a delivery.Actor, o *delivery.OrderSnapshot, bags int, arrival *delivery.UUID, s *dispatch.Surroundings, at time.Time) (
	next *delivery.OrderSnapshot, moved, waits bool, err error) {
	packing := o.CountIn(bags, arrival)
	if bags > 0 && (o.Stage == delivery.Placed || o.Stage == delivery.Dispatched) {
		e, refusal := o.Advance(a, delivery.Move{To: delivery.AtGate, Packing: &packing}, at, s.HoldsOn(o), s.Roster)
		switch {
		case e != nil:
			b.events = append(b.events, e)
			return e.Order, true, false, nil
		case refusal.Code() != delivery.CodeHeld:
			return nil, false, false, refusal
		}
		waits = true
	}
	if e := o.Repack(a, packing, at); e != nil {
		b.events = append(b.events, e)
		return e.Order, false, waits, nil
	}
	return o, false, waits, nil
}

// missing notes how many bags of the order are missing.
func (b *brought) missing(o *delivery.OrderSnapshot) {
	switch missing := o.Bags() - o.BagsIn; {
	case missing <= 0:
		b.found = append(b.found, o.UUID)
	case o.BagsIn == 0:
		b.opens(delivery.IncidentMissing, o, missing)
	default:
		b.some = append(b.some, o.UUID)
		b.opens(delivery.IncidentShort, o, missing)
	}
}

func (b *brought) opens(kind delivery.IncidentKind, o *delivery.OrderSnapshot, bags int) {
	i := delivery.NewIncident(kind, o.OrderID(), o.Keys())
	i.Bags = bags
	b.incidents = append(b.incidents, i)
}

// trouble opens and resolves the incidents of the orders, and returns how many they have now.
func (b *brought) trouble(ctx context.Context, t *db.Tx, a delivery.Actor, community int32, at time.Time) (events []*delivery.Event, opened int, err error) {
	found, err := dispatch.ResolveIncidents(ctx, t, a, at, community, delivery.ResolutionFound, b.found, delivery.IncidentMissing, delivery.IncidentShort)
	if err != nil {
		return nil, 0, err
	}
	some, err := dispatch.ResolveIncidents(ctx, t, a, at, community, delivery.ResolutionFound, b.some, delivery.IncidentMissing)
	if err != nil {
		return nil, 0, err
	}
	fresh, err := dispatch.OpenIncidents(ctx, t, a, at, b.incidents)
	return slices.Concat(found, some, fresh), len(b.incidents), err
}

// newHold returns a hold, without its subject, that lets goods settle.
func newHold(a delivery.Actor, community int32, until, at time.Time) *delivery.Hold {
	h := &delivery.Hold{CommunityID: community, UUID: dispatch.NewUUID(), Reason: delivery.HoldSettling, PlacedAt: at, PlacedByRole: a.Role, Until: &until}
	if a.UUID != "" {
		h.PlacedByUUID = &a.UUID
	}
	return h
}
