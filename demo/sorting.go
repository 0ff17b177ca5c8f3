package demo

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/sorting"
)

const (
	sorters  = 10               // hands at the sorting tables; an order takes one of them 1.5 minutes
	scanOnce = 30               // of so many bins, one is taken for another
	forget   = 61               // of so many orders, one is overlooked at the gate
	found    = 75 * time.Minute // until it is found
)

// sort has the hands at the tables put what stands at the gate into the bins: building after building, those first whose orders wait longest.
func (e *Simulation) sort(ctx context.Context) error {
	rate := int(look * sorters / (90 * time.Second))
	orders, err := e.waiting(ctx, delivery.AtGate, 0, 400, db.OrderFilter{})
	if err != nil {
		return err
	}
	overlooked := e.Clock.Now().Add(-found)
	orders = slices.DeleteFunc(orders, func(o *delivery.Order) bool { return o.Number%forget == 0 && o.StageSince.After(overlooked) })
	if len(orders) > 0 && e.random.IntN(60) == 0 {
		if err := e.advance(ctx, e.hand(delivery.SquadDuty), orders[:1], delivery.Returned, delivery.MoveDamaged); err != nil {
			return err
		}
		orders = orders[1:]
	}
	for _, load := range byBuilding(orders) {
		load = load[:min(rate, len(load))]
		for _, part := range [][]*delivery.Order{marked(load, delivery.MarkCold, false), marked(load, delivery.MarkCold, true)} {
			if err := e.putAway(ctx, part); err != nil {
				return err
			}
		}
		if rate -= len(load); rate == 0 {
			break
		}
	}
	return nil
}

// marked are the orders that have the mark, or those that do not.
func marked(orders []*delivery.Order, m delivery.Mark, has bool) []*delivery.Order {
	return slices.DeleteFunc(slices.Clone(orders), func(o *delivery.Order) bool { return o.Marks.Has(m) != has })
}

// putAway scans a bin of a building and the labels of its orders, which are all COLD or all not. Now and then the bin is that of another
// building.
func (e *Simulation) putAway(ctx context.Context, orders []*delivery.Order) error {
	if len(orders) == 0 {
		return nil
	}
	bin, there := e.bins[orders[0].BuildingUUID]
	if fridge, has := e.cold[orders[0].BuildingUUID]; has && orders[0].Marks.Has(delivery.MarkCold) {
		bin = fridge
	}
	if !there { // a building of a visitor's, made today
		return e.advance(ctx, e.hand(delivery.SquadDuty), orders, delivery.Sorted, "")
	}
	duty := e.sorter()
	in := sorting.SortOrdersInput{BinID: bin}
	for _, o := range orders {
		in.Labels = append(in.Labels, "#"+delivery.CheckedNumber(o.Number))
	}
	if e.random.IntN(scanOnce) == 0 {
		wrong := in
		wrong.BinID, wrong.Labels = e.bins[pick(e.random, e.buildings).UUID], in.Labels[:1]
		if err := e.scan(ctx, duty, wrong); err != nil {
			return err
		}
	}
	return e.scan(ctx, duty, in)
}

// sorter returns the next of the people at the tables. They are the last of their squad and take turns.
func (e *Simulation) sorter() delivery.Actor {
	there := e.squads[delivery.SquadDuty]
	if len(there) == 0 {
		return e.commander
	}
	e.turn++
	return there[len(there)-1-e.turn%min(sorters, len(there))]
}

func (e *Simulation) scan(ctx context.Context, a delivery.Actor, in sorting.SortOrdersInput) error {
	p, err := e.Verbs.Sorting.SortOrders(ctx, a, in)
	if err != nil {
		return err
	}
	e.report.Refused += len(p.UserErrors)
	for _, r := range p.Results {
		e.count(r.Moved, len(r.UserErrors) > 0)
	}
	delete(e.empty, delivery.Sorted)
	return nil
}
