package walk

import (
	"encoding/json"

	"baogong/delivery"
	"baogong/dispatch/order"
)

func (w *Walker) placeOrder() *Act {
	if len(w.orders(70, delivery.Placed, delivery.Dispatched, delivery.AtGate, delivery.Sorted, delivery.AtBuilding)) == 70 {
		return nil
	}
	home := choose(w, w.homes...)
	in := &order.PlaceOrderInput{HouseholdID: home, Channel: delivery.ChannelApp, Lines: []*order.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}}
	if w.some(4) {
		in.Marks = []delivery.Mark{choose(w, delivery.MarkMedicine, delivery.MarkCold, delivery.MarkHeavy)}
	}
	if w.some(8) {
		in.Channel, in.TakerID = delivery.ChannelErrand, new(w.team[choose(w, w.takers...)])
		if w.some(2) {
			in.ErrandKind = new(choose(w, delivery.ErrandKinds...))
		}
		return &Act{By: w.by(w.commander), Input: in}
	}
	in.SupplierID = new(w.suppliers[w.shop()])
	if w.some(3) {
		w.enter(in)
	}
	return &Act{By: w.by(w.commander, w.residents[home.UUID]), Input: in}
}

// shop returns the supplier of most orders, and now and then another one.
func (w *Walker) shop() string {
	if w.some(8) {
		return choose(w, w.shops...)
	}
	return w.shops[0]
}

// advance lists the stages from which an order may come to a stage.
var advance = map[delivery.Stage][]delivery.Stage{
	delivery.Dispatched:     {delivery.Placed},
	delivery.AtGate:         {delivery.Dispatched, delivery.Placed},
	delivery.Sorted:         {delivery.AtGate},
	delivery.AtBuilding:     {delivery.Sorted, delivery.OutForDelivery},
	delivery.OutForDelivery: {delivery.AtBuilding, delivery.Dispatched},
	delivery.Delivered:      {delivery.OutForDelivery, delivery.AtBuilding},
	delivery.Cancelled:      {delivery.Placed},
	delivery.Returned:       {delivery.AtBuilding, delivery.AtGate},
}

func (w *Walker) advanceOrders() *Act {
	in := &order.AdvanceOrdersInput{To: choose(w, delivery.Stages...), Atomic: w.some(4)}
	from := advance[in.To]
	if w.some(6) {
		from = nil
	}
	in.Orders = moves(w.orders(1+w.rng.IntN(3), from...))
	switch {
	case in.To == delivery.Cancelled:
		in.Reason = new(delivery.MoveHouseholdAsked)
	case in.To == delivery.Returned:
		in.Reason = new(delivery.MoveRefused)
	case in.To == delivery.AtBuilding && w.some(2):
		in.Reason = new(delivery.MoveAbsent)
	}
	return &Act{By: w.by(w.commander, choose(w, w.supply...), choose(w, w.duty...), choose(w, w.transport...), w.shop(), choose(w, w.takers...)), Input: in}
}

func moves(ids []delivery.ID) (out []*order.OrderMoveInput) {
	for _, id := range ids {
		out = append(out, &order.OrderMoveInput{OrderID: id})
	}
	return out
}

func (w *Walker) cancelOrder() *Act {
	return &Act{By: w.by(w.commander, w.shop()), Input: &order.CancelOrderInput{Orders: moves(w.orders(2, delivery.Placed, delivery.Dispatched)),
		Reason: choose(w, delivery.MoveHouseholdAsked, delivery.MoveOutOfStock)}}
}

func (w *Walker) undoMove() *Act {
	in := &order.UndoMoveInput{Atomic: w.some(4)}
	by := w.by(w.commander, choose(w, w.leads...), choose(w, w.supply...))
	batches := w.Column("select cast(outcome -> 'batch' as text) from calls where outcome -> 'batch' is not null order by cast(outcome -> 'batch' ->> 'first' as bigint) desc limit 6")
	if len(batches) > 0 && w.some(3) {
		var b delivery.MoveBatch
		if err := json.Unmarshal([]byte(choose(w, batches...)), &b); err != nil {
			panic(err) // the server wrote it
		}
		in.BatchID = b.ID()
		return &Act{By: by, Input: in}
	}
	for _, id := range w.orders(1 + w.rng.IntN(4)) {
		version, _ := w.number("select cast(version as text) from orders where id = $1", string(id.UUID))
		in.Orders = append(in.Orders, &order.OrderUndoInput{OrderID: id, ExpectedVersion: int64(version)})
	}
	return &Act{By: by, Input: in}
}
