package demo

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/dispatch/round"
)

// Of so many households, one confirms what it received, and one disputes it.
const (
	oneConfirms = 8
	oneDisputes = 90
)

// react lets the household at a door confirm or dispute, some time after the hand-over.
func (e *Simulation) react(d door) {
	after := 3*time.Minute + time.Duration(e.random.Int64N(int64(40*time.Minute)))
	switch {
	case e.random.IntN(oneDisputes) == 0:
		e.agenda.add(e.Clock.Now().Add(after), func(ctx context.Context) error { return e.dispute(ctx, d) })
	case e.random.IntN(oneConfirms) == 0:
		e.agenda.add(e.Clock.Now().Add(after), func(ctx context.Context) error { return e.confirm(ctx, d) })
	}
}

// confirm has a household say that it received its orders, or that they are at its door.
func (e *Simulation) confirm(ctx context.Context, d door) error {
	p, err := e.Verbs.Round.ConfirmReceipt(ctx, d.resident(), round.ConfirmReceiptInput{OrderIds: d.ids()})
	if err != nil {
		return err
	}
	e.report.Refused += len(p.UserErrors)
	for _, r := range p.Results {
		e.report.Refused += len(r.UserErrors)
	}
	return nil
}

// dispute has a household say what is wrong.
func (e *Simulation) dispute(ctx context.Context, d door) error {
	complaints := []round.DisputeInput{
		{Kind: delivery.IncidentNotReceived, Text: "门口没有看到东西"}, {Kind: delivery.IncidentShort, Text: "少了一袋"},
		{Kind: delivery.IncidentDamaged, Text: "鸡蛋碎了"}, {Kind: delivery.IncidentWrongPlace, Text: "放到隔壁门口了"},
	}
	in := pick(e.random, complaints)
	in.OrderID = d[0].ID()
	p, err := e.Verbs.Round.Dispute(ctx, d.resident(), in)
	if err != nil {
		return err
	}
	e.troubled = true
	e.report.Refused += len(p.UserErrors)
	return nil
}
