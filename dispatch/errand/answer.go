package errand

import (
	"cmp"
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// AnswerErrand records how an errand went and replaces an earlier answer.
func (v *Verbs) AnswerErrand(ctx context.Context, a delivery.Actor, in AnswerErrandInput) (*AnswerErrandPayload, error) {
	community := in.OrderID.Community
	c := dispatch.Call{Actor: a, Mutation: "answerErrand", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, _ time.Time, out *AnswerErrandPayload) (bool, error) {
		if refusal := delivery.CheckText(in.Answer, delivery.MaxNote, true); refusal != nil {
			return false, refusal.At("answer")
		}
		o, err := lock(ctx, t, a, in.OrderID)
		if err != nil {
			return false, err
		}
		errands, err := t.Errands(ctx, community, []delivery.UUID{o.UUID})
		if err != nil {
			return false, err
		}
		e := cmp.Or(errands[o.UUID], delivery.NewErrand(in.OrderID))
		event := e.Record(a, &o.OrderSnapshot, in.Answer, v.BusinessTime())
		if event == nil {
			out.OrderID = &in.OrderID
			return false, nil
		}
		t.Spend(delivery.QuotaText, len(in.Answer))
		changes := dispatch.NewErrandChanges(community)
		changes.Errand(e)
		if err := changes.Save(ctx, t); err != nil {
			return false, err
		}
		out.OrderID = &in.OrderID
		return true, t.Append(ctx, community, []*delivery.Event{event})
	})
}

// lock locks an errand that the actor runs.
func lock(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID) (*delivery.Order, error) {
	if refusal := dispatch.CheckID(id, delivery.KindOrder, 0); refusal != nil {
		return nil, refusal.At("orderId")
	}
	orders, err := t.LockOrders(ctx, a.Scope(), id.Community, []delivery.UUID{id.UUID}, nil)
	switch {
	case err != nil:
		return nil, err
	case len(orders) == 0:
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String()).At("orderId")
	}
	if refusal := a.CheckErrand(&orders[0].OrderSnapshot); refusal != nil {
		return nil, refusal.At("orderId")
	}
	return orders[0], nil
}
