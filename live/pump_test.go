package live_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"baogong/delivery"
	"baogong/live"
)

func TestPump(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		err  error
		want delivery.Reason
	}{
		"a refusal is told":           {fmt.Errorf("read: %w", delivery.Refuse(delivery.ReasonResync)), delivery.ReasonResync},
		"a fault is told as INTERNAL": {errDown, delivery.ReasonInternal},
		"a panic is told as INTERNAL": {nil, delivery.ReasonInternal},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			ctx, track := live.WithTrack(t.Context())
			n, ended := 0, make(chan struct{})
			values := live.Pump(ctx, func(context.Context) (int, string, error) {
				if n++; n <= 3 {
					return n, fmt.Sprint("c", n), nil
				}
				if c.err == nil {
					panic("no")
				}
				return 0, "", c.err
			}, func() { close(ended) })
			for want := 1; want <= 3; want++ {
				if got := <-values; got != want || track.Pop() != fmt.Sprint("c", want) {
					t.Fatalf("got %d, want %d with its cursor", got, want)
				}
			}
			if _, open := <-values; open {
				t.Fatal("still open")
			}
			<-ended
			wantReason(t, track.Err(), c.want)
		})
	}
	t.Run("ErrSlow reaches the transport", func(t *testing.T) {
		t.Parallel()
		ctx, track := live.WithTrack(t.Context())
		<-live.Pump(ctx, func(context.Context) (int, string, error) { return 0, "", live.ErrSlow }, func() {})
		if !errors.Is(track.Err(), live.ErrSlow) {
			t.Fatalf("got %v", track.Err())
		}
	})
	t.Run("a reader who leaves ends it, whether it waits for next or for the reader", func(t *testing.T) {
		t.Parallel()
		for _, blocked := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				ctx, track := live.WithTrack(ctx)
				ended := make(chan struct{})
				live.Pump(ctx, func(ctx context.Context) (int, string, error) {
					if blocked {
						<-ctx.Done()
					}
					return 0, "", ctx.Err()
				}, func() { close(ended) })
				synctest.Wait()
				cancel()
				<-ended
				if track.Err() != nil {
					t.Fatalf("got %v, want an ordinary end", track.Err())
				}
			})
		}
	})
	t.Run("carries a stream", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			ctx, track := live.WithTrack(t.Context())
			values := live.Pump(ctx, func(ctx context.Context) (*delivery.Event, string, error) {
				e, err := s.Next(ctx)
				return e, fmt.Sprint(s.Position().Seq), err
			}, s.Close)
			h.add(some(3)...)
			for seq := int64(1); seq <= 3; seq++ {
				if e := <-values; e.Seq != seq || track.Pop() != fmt.Sprint(seq) {
					t.Fatalf("got %v, want event %d", e, seq)
				}
			}
			h.restore(estate, 0)
			if _, open := <-values; open {
				t.Fatal("still open")
			}
			wantReason(t, track.Err(), delivery.ReasonResync)
		})
	})
}
