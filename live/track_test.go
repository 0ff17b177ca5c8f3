package live_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"baogong/delivery"
	"baogong/live"
)

func TestTrack(t *testing.T) {
	t.Parallel()
	t.Run("carries a flow and its cursors out to the transport", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			ctx, track := live.WithTrack(t.Context())
			live.Carry(ctx, s, func(e *delivery.Event) string { return "c" + string(*e.OrderUUID) })
			if live.Shared[*delivery.Event](ctx) != nil {
				t.Error("a subscriber's own operation is given values")
			}
			h.add(moved(estate, "E6", "h", "o"))
			synctest.Wait()
			got := track.Flow.Take()
			if got.Step != live.Got || got.Number != 1 || track.Cursor(got.Value) != "co" {
				t.Fatalf("got %+v, cursor %q", got, track.Cursor(got.Value))
			}
		})
	})
	t.Run("gives a shared execution one value at a time, in order", func(t *testing.T) {
		t.Parallel()
		ctx, track := live.WithSharedTrack(t.Context())
		if track.Give(0) {
			t.Fatal("took a value that nobody asks for")
		}
		values := live.Shared[int](ctx)
		for n := range 3 {
			if !track.Give(n) || <-values != n {
				t.Fatalf("value %d did not come", n)
			}
		}
	})
	t.Run("without one a goroutine carries the values, until the flow is over", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			values := live.Carry[*delivery.Event](t.Context(), h.mustSubscribe(t, commander, delivery.EventFilter{}, nil), nil)
			h.add(some(3)...)
			for seq := int64(1); seq <= 3; seq++ {
				if e := <-values; e.Seq != seq {
					t.Fatalf("got %v, want event %d", e, seq)
				}
			}
			h.restore(estate, 0)
			if _, open := <-values; open {
				t.Fatal("still open")
			}
		})
	})
	for what, unread := range map[string]int{"waits": 0, "leaves something unread": 5} {
		t.Run("or until a reader goes who "+what, func(t *testing.T) {
			inBubble(t, live.Options{}, func(t *testing.T, h *house) {
				ctx, cancel := context.WithCancel(t.Context())
				s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
				values := live.Carry[*delivery.Event](ctx, s, nil)
				if unread > 0 {
					h.add(some(unread)...)
				}
				synctest.Wait()
				cancel()
				synctest.Wait()
				if _, open := <-values; open {
					t.Error("still open")
				}
				if s.Take().Step != live.Over {
					t.Error("the flow is not closed")
				}
			})
		})
	}
}

func TestTold(t *testing.T) {
	inBubble(t, live.Options{}, func(t *testing.T, h *house) {
		s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
		s.Close()
		if err := live.Told(slog.New(slog.DiscardHandler), s.Take().Err); err != nil {
			t.Errorf("got %v of a closed flow, want an ordinary end", err)
		}
	})
	if !errors.Is(live.Told(slog.New(slog.DiscardHandler), live.ErrSlow), live.ErrSlow) {
		t.Error("ErrSlow does not reach the transport")
	}
	wantReason(t, live.Told(slog.New(slog.DiscardHandler), delivery.Refuse(delivery.ReasonResync)), delivery.ReasonResync)
	wantReason(t, live.Told(slog.New(slog.DiscardHandler), errDown), delivery.ReasonInternal)
}
