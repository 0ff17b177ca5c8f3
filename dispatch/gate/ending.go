package gate

import (
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of closing strays.
var (
	reasonStrayClosed = delivery.NewWordedReason("STRAY_CLOSED", delivery.CodeConflict,
		"This stray is closed already: %s.",
		"该无主件已处理：%s。")
	reasonOneEnd = delivery.NewReason("ONE_END", delivery.CodeBadUserInput,
		"Give exactly one end of the stray: an order, a household, returned, or disposed of.",
		"请为无主件选择一种处理：归入订单、给住户、退回或处置。")
)

// ending is an item that is not refused.
type ending struct {
	stray *delivery.Stray
	state delivery.StrayState
	order *delivery.OrderSnapshot // that it belongs to, or whose household and supplier the new order has
	home  *delivery.Household     // that gets a new order
	from  *delivery.UUID          // the supplier of the new order
	by    delivery.Channel        // the channel of the new order
}

// judge judges each item. It reports whether any was refused.
func (n *closing) judge(out *StraysPayload) (refused bool) {
	for i, item := range n.in {
		result := &StrayResult{}
		out.Results = append(out.Results, result)
		yes, refusal := n.one(i, item)
		if refusal != nil {
			refused = true
			result.Refuse("strays", i, refusal)
			continue
		}
		id := item.StrayID
		result.StrayID = &id
		n.accepted = append(n.accepted, yes)
	}
	return refused
}

func (n *closing) one(i int, item *CloseStrayInput) (ending, *delivery.Error) {
	s := n.strays[item.StrayID.UUID]
	returned, disposed := item.Returned != nil && *item.Returned, item.Disposed != nil && *item.Disposed
	ends := 0
	for _, end := range []bool{item.OrderID != nil || item.Label != nil, item.HouseholdID != nil, returned, disposed} {
		if end {
			ends++
		}
	}
	switch {
	case s == nil:
		return ending{}, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindStray.String()).At("strayId")
	case ends != 1:
		return ending{}, delivery.Refuse(reasonOneEnd)
	case s.State != delivery.StrayOpen:
		return ending{}, delivery.Refuse(reasonStrayClosed, s.State).With(delivery.Details{Version: s.Version})
	case returned:
		return ending{stray: s, state: delivery.StrayReturned}, nil
	case disposed:
		return ending{stray: s, state: delivery.StrayDisposed}, nil
	case item.HouseholdID != nil:
		return n.toHome(s, item)
	}
	if n.refused[i] != nil {
		return ending{}, n.refused[i]
	}
	o := n.orders[n.named[i]]
	switch {
	case o == nil:
		return ending{}, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String()).At("orderId")
	case !o.Stage.Final():
		if n.extra[o.UUID]++; o.BagsIn+n.extra[o.UUID] > delivery.MaxBags {
			return ending{}, delivery.Refuse(delivery.ReasonAllBagsIn, o.BagsIn).At("orderId")
		}
		return ending{stray: s, state: delivery.StrayMatched, order: o}, nil
	}
	out := ending{stray: s, state: delivery.StrayMatched, order: o, home: n.homes[o.HouseholdUUID], from: o.SupplierUUID, by: o.Channel}
	return out, n.mayOrder(out.home, out.from, "orderId")
}

// toHome judges a stray that a household gets as an order of its own.
func (n *closing) toHome(s *delivery.Stray, item *CloseStrayInput) (ending, *delivery.Error) {
	if refusal := dispatch.CheckID(*item.HouseholdID, delivery.KindHousehold, n.community); refusal != nil {
		return ending{}, refusal.At("householdId")
	}
	out := ending{stray: s, state: delivery.StrayMatched, home: n.homes[item.HouseholdID.UUID], by: item.Channel}
	switch {
	case out.home == nil:
		return ending{}, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHousehold.String()).At("householdId")
	case item.Channel.RunByVolunteer(): // which needs a taker
		return ending{}, delivery.Refuse(delivery.ReasonChannelNotYours).At("channel")
	case item.SupplierID != nil:
		if refusal := dispatch.CheckID(*item.SupplierID, delivery.KindSupplier, n.community); refusal != nil {
			return ending{}, refusal.At("supplierId")
		}
		out.from = &item.SupplierID.UUID
	case s.ArrivalUUID != nil:
		out.from = &n.arrivals[*s.ArrivalUUID].SupplierUUID
	}
	if out.from == nil || n.sellers[*out.from] == nil {
		return ending{}, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindSupplier.String()).At("supplierId")
	}
	return out, n.mayOrder(out.home, out.from, "householdId")
}

// mayOrder refuses a new order where the household, its building or the supplier is archived.
func (n *closing) mayOrder(h *delivery.Household, supplier *delivery.UUID, field string) *delivery.Error {
	if h != nil && (n.gone[h.UUID] || n.gone[h.BuildingUUID] || n.gone[h.UnitUUID] || (supplier != nil && n.gone[*supplier])) {
		return delivery.Refuse(dispatch.ReasonArchived).At(field)
	}
	return nil
}
