package walk

import (
	"baogong/delivery"
	"baogong/dispatch/gate"
)

func (w *Walker) announceArrival() *Act {
	in := &gate.AnnounceArrivalInput{SupplierID: w.suppliers[w.shop()], Vehicle: "鄂E·10101", Atomic: w.some(4)}
	for _, id := range w.orders(1+w.rng.IntN(6), delivery.Placed, delivery.Dispatched) {
		o := &gate.AnnouncedOrderInput{OrderID: id}
		if w.some(2) {
			o.Bags = new(1 + w.rng.IntN(3))
		}
		in.Orders = append(in.Orders, o)
	}
	if !w.some(3) {
		in.ExpectedAt = w.in(90)
	}
	return &Act{By: w.by(w.shop(), choose(w, w.duty...)), Input: in}
}

// arrival returns an arrival in one of the states.
func (w *Walker) arrival(states string) (delivery.ID, bool) {
	return w.one(delivery.KindArrival, "arrivals where state in ("+states+") order by number")
}

func (w *Walker) arrive() *Act {
	id, ok := w.arrival("'ANNOUNCED'")
	if !ok {
		return nil
	}
	return &Act{By: w.by(w.duty...), Input: &gate.ArriveInput{ArrivalID: id}}
}

func (w *Walker) receiveArrival() *Act {
	id, ok := w.arrival("'ARRIVED', 'ANNOUNCED'")
	if !ok {
		return nil
	}
	in := &gate.ReceiveArrivalInput{ArrivalID: id, AllButListed: !w.some(3), Complete: !w.some(3), Atomic: w.some(4)}
	listed := w.ids(w.rng.IntN(3), delivery.KindOrder, "(select order_id as id from arrival_orders where arrival_id = $1 order by order_id) o", string(id.UUID))
	if w.some(5) {
		listed = w.orders(2)
	}
	for _, id := range listed {
		received := w.rng.IntN(4)
		in.Orders = append(in.Orders, &gate.ReceivedInput{OrderID: &id, Received: received, Damaged: w.rng.IntN(received + 1)})
	}
	if in.Complete && w.some(3) {
		in.SettleUntil = w.in(30)
	}
	return &Act{By: w.by(w.duty...), Input: in}
}

func (w *Walker) cancelArrival() *Act {
	id, ok := w.arrival("'ANNOUNCED', 'ARRIVED'")
	if !ok {
		return nil
	}
	return &Act{By: w.by(choose(w, w.shops...), choose(w, w.duty...)), Input: &gate.CancelArrivalInput{ArrivalID: id}}
}

func (w *Walker) logStrays() *Act {
	in := &gate.LogStraysInput{CommunityID: w.community, Strays: []*gate.StrayInput{{Label: "E6…", Place: "3 号架"}, {Place: "地上"}}[:1+w.rng.IntN(2)]}
	by := w.by(w.duty...)
	if id, ok := w.arrival("'ARRIVED', 'RECEIVED'"); ok {
		in.ArrivalID = &id
	}
	if w.some(2) {
		in.Strays[0].PhotoID = w.photo(by)
	}
	return &Act{By: by, Input: in}
}

func (w *Walker) closeStrays() *Act {
	in := &gate.CloseStraysInput{Atomic: w.some(4)}
	for _, id := range w.ids(2, delivery.KindStray, "strays where state = 'OPEN' order by number") {
		s := &gate.CloseStrayInput{StrayID: id, Channel: delivery.ChannelPackage}
		switch w.rng.IntN(4) {
		case 0:
			s.Returned = new(true)
		case 1:
			s.HouseholdID, s.SupplierID = new(choose(w, w.homes...)), new(w.suppliers[w.shop()])
		default:
			if ids := w.orders(1); len(ids) > 0 {
				s.OrderID = &ids[0]
			}
		}
		in.Strays = append(in.Strays, s)
	}
	return &Act{By: w.by(w.duty...), Input: in}
}
