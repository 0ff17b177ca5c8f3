//go:build soak

package live_test

import (
	"fmt"
	"testing"
	"time"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/cpu"
)

// TestManyUnsharedStates repeats an attack that stopped the service: 1,024 watched orders and 20 holds cost 74 to 93 s of CPU.
func TestManyUnsharedStates(t *testing.T) { flood{64, 16, 300, 20, 20_000, 100_000}.states(t) }

// TestManyUnsharedEvents has one account follow events with different selections, which are not shared. 1,280 subscriptions
// with one selection and an inert directive used to cost 63 ms of CPU for each event.
func TestManyUnsharedEvents(t *testing.T) {
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Cost, s.CostBurst, s.AccountStreams = 20_000, 100_000, 256 })
	id := e.Place("E6-1-1103")
	for i := range 64 {
		p := e.Dial(t, "C01", "")
		for j := range 20 {
			p.Operate(fmt.Sprintf(`subscription ($c: ID!) { orderEvents(communityId: $c) { a%d: kind @include(if: true) at order { orderId stage version } } }`, 20*i+j), obj{"c": e.Community})
		}
	}
	victim := e.Dial(t, "S01", "").Follow(e, nil)
	time.Sleep(2 * time.Second)
	const moves = 50
	before, slowest := cpu.Spent(t), time.Duration(0)
	for range moves {
		asked := time.Now()
		if err := e.BackAndForth("caiban", id, 1); err != nil {
			t.Fatal(err)
		}
		victim.Many(2)
		slowest = max(slowest, time.Since(asked))
	}
	each := (cpu.Spent(t) - before) / (2 * moves)
	t.Logf("%v of CPU for each event, both sides; two moves were seen after %v at most", each, slowest)
	if each > 20*time.Millisecond {
		t.Errorf("each event cost %v of CPU", each)
	}
}
