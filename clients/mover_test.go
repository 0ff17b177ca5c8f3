package clients_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"baogong/e2e/house"
)

// ways are where the mover takes an order from each stage: along the chain, and then up and down the stairs for ever.
var ways = map[string]string{"PLACED": "DISPATCHED", "DISPATCHED": "AT_GATE", "AT_GATE": "SORTED", "SORTED": "AT_BUILDING",
	"AT_BUILDING": "OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY": "AT_BUILDING"}

// mover moves orders, in calls of random sizes.
type mover struct {
	t        testing.TB
	server   atomic.Pointer[house.Program] // where it runs now
	orders   map[string][]string           // by stage
	moved    int
	calls    int
	repeated int
}

func newMover(p *house.Process, placed []string) *mover {
	m := &mover{t: p.T, orders: map[string][]string{"PLACED": placed}}
	m.at(p)
	return m
}

// at says where the server is now.
func (m *mover) at(p *house.Process) { m.server.Store(&p.Program) }

// step moves up to most orders that stand at one stage. While that call is under way it calls disturb, if any, after
// which it may have to call again.
func (m *mover) step(most int, disturb func()) {
	m.t.Helper()
	var from string // map order is as good as dice
	for stage, orders := range m.orders {
		if len(orders) > 0 {
			from = stage
			break
		}
	}
	orders := m.orders[from]
	rand.Shuffle(len(orders), func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
	k := min(len(orders), 1+rand.IntN(most))
	chosen := orders[:k:k]
	to := ways[from]
	m.orders[from], m.orders[to] = orders[k:], append(m.orders[to], chosen...)

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
		if err := advance(m.server.Load(), in); err != nil {
			m.t.Fatal(err)
		}
	} else {
		answered := make(chan error, 1)
		go func() { answered <- advance(m.server.Load(), in) }()
		disturb()
		if err := <-answered; err != nil { // the outcome of the call is unknown
			m.t.Logf("call %d: %v", m.calls, err)
			m.repeated++
			if err := advance(m.server.Load(), in); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	m.moved += k
}

// advance moves orders, all or none. Any goroutine may call it.
func advance(h *house.Program, in obj) error {
	a, err := h.Try("C01", `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) {
		moved userErrors { message } results { userErrors { message } } } }`, obj{"in": in})
	var got struct{ AdvanceOrders struct{ Moved int } }
	if err == nil {
		err = json.Unmarshal(a.Data, &got)
	}
	if want := len(in["orders"].([]obj)); err == nil && got.AdvanceOrders.Moved != want {
		err = fmt.Errorf("moved %d of %d orders: %v %s", got.AdvanceOrders.Moved, want, a.Errors, a.Data)
	}
	return err
}
