//go:build soak

package attack_test

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/cpu"
)

func TestCostlyRequestsInHundreds(t *testing.T) { costly(t, 100, 1, cpu.Dearer) }

// TestFloodLeavesOthersAlone floods from one address with each kind of costly request, 16 at once, while another address sends
// small requests. Their median latency stays below 5 ms.
func TestFloodLeavesOthersAlone(t *testing.T) {
	e := house.NewEstate(t, func(s *app.ServerSettings) {
		s.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		s.Operations, s.OperationsBurst, s.Cost, s.CostBurst, s.AddressFactor = 50, 200, 20_000, 100_000, 4
	})
	for name, body := range costlyRequests() {
		ctx, stop := context.WithTimeout(t.Context(), 4*time.Second)
		var flood sync.WaitGroup
		for w := range 16 {
			flood.Go(func() {
				for n := w; ctx.Err() == nil; n += 16 {
					_, _, _ = e.Send(ctx, "", body(n), "X-Forwarded-For", "203.0.113.9")
				}
			})
		}
		var took []time.Duration
		for ctx.Err() == nil {
			began := time.Now()
			if _, _, err := e.Send(t.Context(), "", []byte(`{"query":"{ rateLimit { limit } }"}`), "X-Forwarded-For", "203.0.113.10"); err != nil {
				t.Fatal(err)
			}
			took = append(took, time.Since(began))
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		flood.Wait()
		slices.Sort(took)
		if median := took[len(took)/2]; median > 5*time.Millisecond {
			t.Errorf("%s: another address waits %v (median), want at most 5 ms", name, median)
		} else {
			t.Logf("%s: another address waits %v (median)", name, median)
		}
	}
}
