package live_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"baogong/delivery"
	"baogong/live"
)

func TestSubscribeForAResolver(t *testing.T) {
	t.Parallel()
	t.Run("with a capture leaves the flow there, with its cursors", func(t *testing.T) {
		cursor := func(p delivery.Position) string { return fmt.Sprint("c", p.Seq) }
		inBubble(t, live.Options{Cursor: cursor}, func(t *testing.T, h *house) {
			ctx, capture := live.WithCapture(t.Context())
			values := mustSubscribe[*delivery.Event](ctx, t, h.mustSubscribe(t, commander, delivery.EventFilter{}, nil))
			h.add(moved(estate, "E6", "h", "o"))
			synctest.Wait()
			got := capture.Flow.Take()
			if next := capture.Flow.(live.CursorFlow).Cursor(got.Value); got.Step != live.Got || got.Number != 1 || next != "c1" {
				t.Fatalf("got %+v, cursor %q", got, next)
			}
			select {
			case e := <-values:
				t.Errorf("the channel gives %v, want nothing", e)
			default:
			}
		})
	})
	t.Run("with a capture leaves nothing there if it is refused", func(t *testing.T) {
		t.Parallel()
		ctx, capture := live.WithCapture(t.Context())
		if _, err := live.Subscribe[int](ctx, func() (live.Flow, error) { return nil, errDown }); !errors.Is(err, errDown) || capture.Flow != nil {
			t.Errorf("got %v and the flow %v, want %v and none", err, capture.Flow, errDown)
		}
	})
	t.Run("with an inlet opens nothing, and answers one value at a time, in order", func(t *testing.T) {
		t.Parallel()
		ctx, inlet := live.WithInjector(t.Context())
		if inlet.Give(0) {
			t.Fatal("took a value before the resolver was called")
		}
		values, err := live.Subscribe[int](ctx, func() (live.Flow, error) { return nil, errDown })
		if err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			if !inlet.Give(n) || <-values != n {
				t.Fatalf("value %d did not come", n)
			}
		}
	})
	t.Run("with neither a goroutine sends the values, until the flow is over", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			values := mustSubscribe[*delivery.Event](t.Context(), t, h.mustSubscribe(t, commander, delivery.EventFilter{}, nil))
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
	t.Run("and logs an early end to the hub's own logger", func(t *testing.T) {
		var log bytes.Buffer
		inBubble(t, live.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, func(t *testing.T, h *house) {
			values := mustSubscribe[*delivery.Event](t.Context(), t, h.mustSubscribe(t, commander, delivery.EventFilter{}, nil))
			h.restore(estate, 0)
			if _, open := <-values; open {
				t.Fatal("still open")
			}
			h.stop()
			if !strings.Contains(log.String(), "live: a stream ends") {
				t.Errorf("got the log %q, want the end of the stream", log.String())
			}
		})
	})
	for what, unread := range map[string]int{"waits": 0, "leaves something unread": 5} {
		t.Run("or until a reader goes that "+what, func(t *testing.T) {
			inBubble(t, live.Options{}, func(t *testing.T, h *house) {
				ctx, cancel := context.WithCancel(t.Context())
				s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
				values := mustSubscribe[*delivery.Event](ctx, t, s)
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

func mustSubscribe[T any](ctx context.Context, t *testing.T, f live.Flow) <-chan T {
	t.Helper()
	values, err := live.Subscribe[T](ctx, func() (live.Flow, error) { return f, nil })
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestTold(t *testing.T) {
	inBubble(t, live.Options{}, func(t *testing.T, h *house) {
		s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
		s.Close()
		if err := live.ClientError(slog.New(slog.DiscardHandler), s.Take().Err); err != nil {
			t.Errorf("got %v of a closed flow, want an ordinary end", err)
		}
	})
	if !errors.Is(live.ClientError(slog.New(slog.DiscardHandler), live.ErrSlow), live.ErrSlow) {
		t.Error("ErrSlow does not reach the transport")
	}
	wantReason(t, live.ClientError(slog.New(slog.DiscardHandler), delivery.Refuse(live.ReasonResync)), live.ReasonResync)
	wantReason(t, live.ClientError(slog.New(slog.DiscardHandler), errDown), delivery.ReasonInternal)
}
