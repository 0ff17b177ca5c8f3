package money

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReasonNoMoney refuses to settle an order without a purse.
var ReasonNoMoney = delivery.NewReason("NO_MONEY", delivery.CodeConflict,
	"No money has been recorded for this order.",
	"该订单没有往来账。")

// SettleMoney settles the purses of orders, with a result per order. It closes the incidents MONEY that the clock opened on them; incidents that
// people reported stay open, because they may be about something else.
func (v *Verbs) SettleMoney(ctx context.Context, a delivery.Actor, in SettleMoneyInput) (*SettleMoneyPayload, error) {
	community, bad := dispatch.CheckIDs(in.OrderIds, "orderIds", "", delivery.KindOrder)
	c := dispatch.Call{Actor: a, Mutation: "settleMoney", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, _ time.Time, out *SettleMoneyPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		locked, err := t.LockOrders(ctx, a.Scope(), community, dispatch.UUIDs(in.OrderIds), nil)
		if err != nil {
			return false, err
		}
		orders, seen := dispatch.ByUUID(locked), dispatch.OrderUUIDs(locked)
		incidents, err := t.LockOpenIncidents(ctx, community, []delivery.IncidentKind{delivery.IncidentMoney}, seen)
		if err != nil {
			return false, err
		}
		purses, err := t.LockPurses(ctx, community, seen)
		if err != nil {
			return false, err
		}
		at := v.BusinessTime() // others may have recorded entries while this call waited for the locks
		var settled []delivery.UUID
		var events []*delivery.Event
		refused := false
		for i, id := range in.OrderIds {
			result := &SettleMoneyResult{OrderID: id}
			changed, refusal := settle(a, orders[id.UUID], purses[id.UUID], at)
			switch {
			case refusal != nil:
				refused = true
				result.Refuse("orderIds", i, refusal)
			case changed:
				settled, events = append(settled, id.UUID), append(events, orders[id.UUID].SettledMoney(a, at))
				fallthrough
			default:
				result.Settled = true
			}
			out.Results = append(out.Results, result)
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "orderIds")
			return false, nil
		}
		if len(settled) == 0 {
			return false, nil
		}
		if err := t.Decided(); err != nil {
			return false, err
		}
		var closed []*delivery.Incident
		for _, i := range incidents {
			if i.OpenedByRole == delivery.RoleSystem && purses[*i.OrderUUID].Settled() {
				closed, events = append(closed, i), append(events, i.Close(a, delivery.ResolutionAnswered, at))
			}
		}
		if err := t.SaveIncidents(ctx, community, closed); err != nil {
			return false, err
		}
		if err := t.SettlePurses(ctx, community, settled, at); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, events)
	})
}

// settle settles the purse of an order, and reports whether it was not settled before.
func settle(a delivery.Actor, o *delivery.Order, p *delivery.Purse, at time.Time) (bool, *delivery.Error) {
	if o == nil {
		return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String())
	}
	if refusal := a.CheckPurse(&o.OrderSnapshot); refusal != nil {
		return false, refusal
	}
	if p == nil {
		return false, delivery.Refuse(ReasonNoMoney)
	}
	return p.Settle(at)
}
