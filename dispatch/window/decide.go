package window

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// mostCalledOff is how many orders are cancelled in one transaction.
const mostCalledOff = 500

// DecideWindow confirms a closed window, or calls it off, which cancels its orders: its supplier, leads of the supply squad, the commander
// and administrators. The decision and the first mostCalledOff orders are one transaction, the others follow in transactions of as many. A
// retry goes on with what is left. Calling off again a window that is called off cancels what could not be cancelled before.
func (v *Verbs) DecideWindow(ctx context.Context, a delivery.Actor, in DecideWindowInput) (*DecideWindowPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "decideWindow", Community: in.WindowID.Community, ID: in.ClientMutationID, Input: in}
	out, err := v.decide(ctx, c, in)
	if err != nil || in.Confirm || len(out.UserErrors) > 0 {
		return out, err
	}
	c.ID = nil
	for {
		more, err := v.decide(ctx, c, in)
		if err != nil {
			return nil, err
		}
		if more.Cancelled == 0 {
			break
		}
	}
	out.Cancelled, err = v.DB.OrdersCalledOff(ctx, a.Scope(), in.WindowID)
	return out, err
}

// decide makes the decision, or if that is made, cancels more of the orders of a window that is called off.
func (v *Verbs) decide(ctx context.Context, c dispatch.Call, in DecideWindowInput) (*DecideWindowPayload, error) {
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *DecideWindowPayload) (bool, error) {
		if refusal := in.check(c.Actor); refusal != nil {
			return false, refusal
		}
		w, err := t.LockWindow(ctx, c.Actor.Scope(), in.WindowID)
		if err != nil {
			return false, atWindow(err)
		}
		if !c.Actor.CanSell(c.Community, w.SupplierUUID) {
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		var events []*delivery.Event
		again := w.CalledOff() && !in.Confirm
		if !again {
			var refusal *delivery.Error
			if events, refusal = w.Decide(c.Actor, in.Confirm, in.ExpectedVersion, at); refusal != nil {
				if len(refusal.Field) == 0 {
					refusal = refusal.At("windowId")
				}
				return false, refusal
			}
		}
		out.WindowID = new(w.ID())
		var orders []db.OrderOfWindow
		if !in.Confirm {
			if orders, err = t.OrdersOfWindow(ctx, w, delivery.MaxBulk); err != nil {
				return false, err
			}
		}
		steps := callOff(c, in, orders)
		judged, err := steps.Judge(ctx, t, v.BusinessTime)
		if err != nil {
			return false, err
		}
		for i, verdict := range judged.Verdicts {
			if verdict.Event != nil {
				out.Cancelled++
			} else if verdict.Refusal != nil {
				out.NotCancelled = append(out.NotCancelled, &CalledOffResult{OrderID: steps.IDs[i], Verdict: dispatch.Verdict{UserErrors: []*delivery.Error{verdict.Refusal}}})
			}
		}
		if again {
			if out.Cancelled == 0 {
				return false, nil
			}
		} else if err := t.SaveWindow(ctx, w); err != nil {
			return false, err
		}
		return judged.Record(ctx, t, events...)
	})
}

func (in *DecideWindowInput) check(a delivery.Actor) *delivery.Error {
	if refusal := checkWindow(a, in.WindowID); refusal != nil {
		return refusal
	}
	return dispatch.CheckNote(in.Note, nil)
}

// callOff are the steps that cancel orders of a window: at most mostCalledOff of those that can be, and the others, which are refused.
func callOff(c dispatch.Call, in DecideWindowInput, orders []db.OrderOfWindow) *dispatch.OrderSteps {
	b := &dispatch.OrderSteps{Call: c, Cancels: true, Windows: []delivery.UUID{in.WindowID.UUID}}
	free := 0
	for _, o := range orders {
		if o.Free {
			if free++; free > mostCalledOff {
				continue
			}
		}
		b.IDs = append(b.IDs, delivery.ID{Kind: delivery.KindOrder, Community: c.Community, UUID: o.UUID})
	}
	if len(orders) == 0 {
		b.Windows = nil
	}
	m := delivery.Move{To: delivery.Cancelled, Reason: delivery.MoveCalledOff, Note: in.Note, CalledOff: true}
	b.Step = func(_ int, o *delivery.OrderSnapshot, at time.Time, s *dispatch.Surroundings) (*delivery.Event, *delivery.Error) {
		if o.Stage == delivery.Cancelled { // meanwhile
			return nil, nil
		}
		return o.Advance(c.Actor, m, at, s.HoldsOn(o), s.Roster)
	}
	return b
}
