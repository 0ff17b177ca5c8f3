package gate

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of a call that counts, before anything is counted.
var (
	reasonNeedsComplete = delivery.NewReason("NEEDS_COMPLETE", delivery.CodeBadUserInput,
		"Give this only when you complete the count: it concerns the whole arrival.",
		"此项针对整次到货，只能在完成清点时填写。")
	reasonSettlesTooLong = delivery.NewReason("SETTLES_TOO_LONG", delivery.CodeBadUserInput,
		"Goods can be held to settle for at most %d hours.",
		"静置最长 %d 小时。")
)

// ReceiveArrival counts bags of an arrival. With Complete it closes the count: orders with a bag move to the gate, and what is
// missing or damaged becomes an incident.
func (v *Verbs) ReceiveArrival(ctx context.Context, a delivery.Actor, in ReceiveArrivalInput) (*ReceiveArrivalPayload, error) {
	in.SettleUntil = dispatch.Instant(in.SettleUntil)
	c := dispatch.Call{Actor: a, Mutation: "receiveArrival", Community: in.ArrivalID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *ReceiveArrivalPayload) (bool, error) {
		if refusal := in.check(at); refusal != nil {
			return false, refusal
		}
		arrival, err := lockOpen(ctx, t, a, in.ArrivalID, in.ExpectedVersion, func(arrival *delivery.Arrival) bool { return a.WorksGate(arrival.CommunityID) })
		if err != nil {
			return false, err
		}
		n := &count{arrival: arrival, actor: a, at: at}
		if err := n.read(ctx, t, &in); err != nil {
			return false, err
		}
		refused := n.list(&in, out)
		if refused && (in.Atomic || in.Complete) {
			dispatch.Undo(out.Results, "orders")
			return false, nil
		}
		if in.AllButListed {
			n.countRest()
		}
		id := arrival.ID()
		out.ArrivalID = &id
		if !in.Complete {
			if len(n.changed) == 0 {
				return false, nil
			}
			return true, n.save(ctx, t)
		}
		if refusal := n.checkTotal(in.BagsCounted); refusal != nil {
			return false, refusal
		}
		if refusal := n.checkBags(); refusal != nil {
			return false, refusal
		}
		return true, n.complete(ctx, t, in.SettleUntil, out)
	})
}

func (in *ReceiveArrivalInput) check(at time.Time) *delivery.Error {
	switch {
	case len(in.Orders) > delivery.MaxBulk:
		return dispatch.CheckCount(len(in.Orders), "orders")
	case len(in.Orders) == 0 && !in.AllButListed && !in.Complete:
		return delivery.Refuse(dispatch.ReasonEmptyList).At("orders")
	case in.BagsCounted != nil && !in.Complete:
		return delivery.Refuse(reasonNeedsComplete).At("bagsCounted")
	case in.SettleUntil != nil && !in.Complete:
		return delivery.Refuse(reasonNeedsComplete).At("settleUntil")
	case in.BagsCounted != nil && *in.BagsCounted < 0:
		return delivery.Refuse(dispatch.ReasonOutOfRange, 0, delivery.MaxIncidentBags).At("bagsCounted")
	}
	if in.SettleUntil == nil {
		return nil
	}
	refusal := delivery.CheckFuture(*in.SettleUntil, at)
	if refusal == nil && in.SettleUntil.After(at.Add(delivery.MaxSettling)) {
		refusal = delivery.Refuse(reasonSettlesTooLong, int64(delivery.MaxSettling/time.Hour))
	}
	if refusal != nil {
		return refusal.At("settleUntil")
	}
	return nil
}
