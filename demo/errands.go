package demo

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
)

const (
	errandStart = 15 * time.Minute // until the taker of an errand sets out
	errandTime  = 30 * time.Minute // of an errand
)

// errands lets the takers of orders fetch the goods and deliver them, each in a round, with the money and the cards of the households.
func (e *Simulation) errands(ctx context.Context) error {
	placed, err := e.waiting(ctx, delivery.Placed, errandStart, 200, db.OrderFilter{Channels: volunteered})
	if err != nil {
		return err
	}
	for _, o := range placed {
		if err := e.collect(ctx, o); err != nil {
			return err
		}
		if err := e.advance(ctx, e.taker(o), []*delivery.Order{o}, delivery.Dispatched, ""); err != nil {
			return err
		}
	}
	fetched, err := e.waiting(ctx, delivery.Dispatched, errandTime, 200, db.OrderFilter{Channels: volunteered})
	if err != nil {
		return err
	}
	for _, o := range fetched {
		if err := e.pay(ctx, o); err != nil {
			return err
		}
		if err := e.takeOut(ctx, e.taker(o), []*delivery.Order{o}); err != nil {
			return err
		}
	}
	return e.settleUp(ctx)
}

// taker returns the volunteer who took an order, and the commander if they have left.
func (e *Simulation) taker(o *delivery.Order) delivery.Actor {
	if o.TakerUUID != nil {
		if v, known := e.volunteers[*o.TakerUUID]; known {
			return v
		}
	}
	return e.commander
}
