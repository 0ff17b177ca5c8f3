package round

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of what households say of their orders.
var (
	ReasonHouseholdOnly = delivery.NewReason("HOUSEHOLD_ONLY", delivery.CodeForbidden,
		"Only the household of the order may do this.",
		"只有该订单的住户可以操作。")
	ReasonNoDispute = delivery.NewReason("NO_DISPUTE", delivery.CodeBadUserInput,
		"Choose the kind NOT_RECEIVED, SHORT, DAMAGED or WRONG_PLACE.",
		"请选择住户未收到、少件、破损变质或送错。")
	ReasonNotDelivered = delivery.NewReason("NOT_DELIVERED", delivery.CodeConflict,
		"This order has not been handed over yet.",
		"该订单尚未入户。")
	ReasonDisputed = delivery.NewReason("DISPUTED", delivery.CodeConflict,
		"This has been reported already, as number %d.",
		"该问题已登记，编号 %d。")
)

// disputes are the kinds of incident that a household may open on its own order.
var disputes = []delivery.IncidentKind{delivery.IncidentNotReceived, delivery.IncidentShort, delivery.IncidentDamaged, delivery.IncidentWrongPlace}

// ConfirmReceipt records that the household received its orders, or that they are at its door.
func (v *Verbs) ConfirmReceipt(ctx context.Context, a delivery.Actor, in ConfirmReceiptInput) (*ConfirmReceiptPayload, error) {
	community, bad := dispatch.CheckIDs(in.OrderIds, "orderIds", "", delivery.KindOrder)
	c := dispatch.Call{Actor: a, Mutation: "confirmReceipt", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *ConfirmReceiptPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		l, err := lockOrders(ctx, t, a, community, in.OrderIds)
		if err != nil {
			return false, err
		}
		said, err := t.ResidentProofs(ctx, community, dispatch.UUIDs(in.OrderIds))
		if err != nil {
			return false, err
		}
		var events []*delivery.Event
		var proofs []*delivery.Proof
		for i, id := range in.OrderIds {
			result := &ConfirmResult{OrderID: id}
			e, refusal := l.confirm(a, id, said[id.UUID], at)
			switch {
			case refusal != nil:
				result.Refuse("orderIds", i, refusal)
			case e != nil:
				events, proofs = append(events, e), append(proofs, delivery.NewProof(e, delivery.ProofResident))
				fallthrough
			default:
				result.Confirmed = true
			}
			out.Results = append(out.Results, result)
		}
		if len(events) == 0 {
			return false, nil
		}
		if err := t.InsertProofs(ctx, proofs); err != nil {
			return false, err
		}
		return true, dispatch.Record(ctx, t, community, events)
	})
}

// confirm returns the event of the household's confirmation, or nil if it has said so before.
func (l *locked) confirm(a delivery.Actor, id delivery.ID, said bool, at time.Time) (*delivery.Event, *delivery.Error) {
	o := l.orders[id.UUID]
	switch {
	case o == nil:
		return nil, delivery.Refuse(delivery.ReasonNoSuch, id.Kind.String())
	case a.Role != delivery.RoleResident:
		return nil, delivery.Refuse(ReasonHouseholdOnly)
	case said && o.Stage != delivery.Delivered:
		return nil, nil
	}
	return o.Confirm(a, at)
}

// Dispute opens an incident on an order that was handed over, in the household's view not as it should be. The order stays DELIVERED.
func (v *Verbs) Dispute(ctx context.Context, a delivery.Actor, in DisputeInput) (*DisputePayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "dispute", Community: in.OrderID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *DisputePayload) (bool, error) {
		if refusal := dispatch.CheckID(in.OrderID, delivery.KindOrder, 0); refusal != nil {
			return false, refusal.At("orderId")
		}
		if refusal := dispatch.CheckNote(in.Text, nil); refusal != nil {
			return false, refusal.At("text")
		}
		orders, err := t.LockOrders(ctx, a.Scope(), in.OrderID.Community, []delivery.UUID{in.OrderID.UUID}, nil)
		switch {
		case err != nil:
			return false, err
		case len(orders) == 0:
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String()).At("orderId")
		case a.Role != delivery.RoleResident:
			return false, delivery.Refuse(ReasonHouseholdOnly)
		case !slices.Contains(disputes, in.Kind):
			return false, delivery.Refuse(ReasonNoDispute).At("kind")
		case orders[0].Stage != delivery.Delivered:
			return false, delivery.Refuse(ReasonNotDelivered).At("orderId").With(orders[0].Where())
		}
		open, err := t.LockOpenIncidents(ctx, in.OrderID.Community, []delivery.IncidentKind{in.Kind}, []delivery.UUID{in.OrderID.UUID})
		if err != nil {
			return false, err
		}
		if len(open) > 0 {
			return false, delivery.Refuse(ReasonDisputed, open[0].Number).With(delivery.Details{ConflictingID: new(open[0].ID())})
		}
		i := delivery.NewIncident(in.Kind, in.OrderID, orders[0].Keys())
		i.Note = in.Text
		t.Spend(delivery.QuotaRows, 1)
		t.Spend(delivery.QuotaText, len(in.Text))
		events, err := dispatch.OpenIncidents(ctx, t, a, at, []*delivery.Incident{i})
		if err != nil {
			return false, err
		}
		out.IncidentID = new(i.ID())
		return true, t.Append(ctx, in.OrderID.Community, events)
	})
}
