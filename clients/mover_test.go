package clients_test

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// ways are where the mover takes an order from each stage: along the chain, and then up and down the stairs for ever.
var ways = map[string]string{"PLACED": "DISPATCHED", "DISPATCHED": "AT_GATE", "AT_GATE": "SORTED", "SORTED": "AT_BUILDING",
	"AT_BUILDING": "OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY": "AT_BUILDING"}

// mover moves orders, in calls of random sizes.
type mover struct {
	e        *estate
	at       map[string][]string // orders by stage
	moved    int
	calls    int
	repeated int
}

func newMover(e *estate, placed []string) *mover {
	return &mover{e: e, at: map[string][]string{"PLACED": placed}}
}

// step moves up to most orders that stand at one stage. While that call is under way it calls disturb, if any, after
// which it may have to call again.
func (m *mover) step(most int, disturb func()) {
	m.e.t.Helper()
	var from string // map order is as good as dice
	for stage, orders := range m.at {
		if len(orders) > 0 {
			from = stage
			break
		}
	}
	orders := m.at[from]
	rand.Shuffle(len(orders), func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
	k := min(len(orders), 1+rand.IntN(most))
	chosen := orders[:k:k]
	to := ways[from]
	m.at[from], m.at[to] = orders[k:], append(m.at[to], chosen...)

	m.calls++
	in := obj{"clientMutationId": fmt.Sprint(m.calls), "to": to, "atomic": true}
	if from == "OUT_FOR_DELIVERY" {
		in["reason"] = "ABSENT"
	}
	var list []obj
	for _, o := range chosen {
		list = append(list, obj{"orderId": o, "expectedStage": from})
	}
	in["orders"] = list
	if disturb == nil {
		if err := m.e.advance(m.e.t.Context(), in); err != nil {
			m.e.t.Fatal(err)
		}
	} else {
		answered := make(chan error, 1)
		go func() { answered <- m.e.advance(m.e.t.Context(), in) }()
		disturb()
		if err := <-answered; err != nil { // nobody knows whether it was done
			m.e.t.Logf("call %d: %v", m.calls, err)
			m.repeated++
			if err := m.e.advance(m.e.t.Context(), in); err != nil {
				m.e.t.Fatal(err)
			}
		}
	}
	m.moved += k
}

// advance moves orders, all or none. Any goroutine may call it.
func (e *estate) advance(ctx context.Context, in obj) error {
	var got struct {
		AdvanceOrders struct {
			Moved      int
			UserErrors []struct{ Message string }
			Results    []struct{ UserErrors []struct{ Message string } }
		}
	}
	err := e.ask(ctx, "C01", `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) {
		moved userErrors { message } results { userErrors { message } } } }`, obj{"in": in}, &got)
	if want := len(in["orders"].([]obj)); err == nil && got.AdvanceOrders.Moved != want {
		err = fmt.Errorf("moved %d of %d orders: %v", got.AdvanceOrders.Moved, want, got.AdvanceOrders)
	}
	return err
}
