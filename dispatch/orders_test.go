package dispatch_test

import (
	"testing"

	"baogong/delivery"
)

func TestAdvanceOrders(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.place(e.homes[0])
	for _, step := range []struct {
		by delivery.Actor
		to delivery.Stage
	}{{e.shop, delivery.Dispatched}, {e.duty, delivery.AtGate}, {e.duty, delivery.Sorted}, {e.transport, delivery.AtBuilding},
		{e.supply, delivery.OutForDelivery}, {e.supply, delivery.Delivered}} {
		if refused := e.advance(step.by, id, step.to); refused != nil {
			t.Fatalf("to %s: %v", step.to, refused)
		}
		if got := e.row(id).Stage; got != step.to {
			t.Fatalf("got %s, want %s", got, step.to)
		}
	}
	e.checkNeverLost()
}
