package live_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"baogong/delivery"
	"baogong/live"
)

func TestSilentSource(t *testing.T) {
	t.Parallel()
	t.Run("one unanswered call delays events by less than 5 s, and ends no stream", func(t *testing.T) {
		for name, calls := range map[string]int{"the heads": 1, "the heads and a feed": 2} {
			t.Run(name, func(t *testing.T) {
				inBubble(t, live.Options{}, func(t *testing.T, h *house) {
					s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
					h.falls(calls)
					h.append(some(1)...)
					h.Wake()
					h.Wake(estate)
					within, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					defer cancel()
					if e, err := s.Next(within); err != nil || e.Seq != 1 {
						t.Errorf("got %v and %v, want event 1", e, err)
					}
				})
			})
		}
	})
	t.Run("the streams of a feed that was not read for 5 s end, so that clients reconnect", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.add(some(1)...)
			synctest.Wait()
			mustDrain(t, s, 1)
			if unread := h.Stats().Unread; unread > 2*time.Second {
				t.Errorf("got unread for %v in the counts while the source answers", unread)
			}
			h.falls(-1)
			began := time.Now()
			_, err := s.Next(t.Context())
			if took := time.Since(began); !errors.Is(err, live.ErrStale) || took < 4*time.Second || took > 7*time.Second {
				t.Errorf("got %v after %v, want ErrStale after 5s", err, took)
			}
			if live.ClientError(slog.New(slog.DiscardHandler), err) != live.ErrStale {
				t.Errorf("got %v, want that the transport is told", live.ClientError(slog.New(slog.DiscardHandler), err))
			}
			if h.Ready() {
				t.Error("got ready")
			}
			if late := h.Stats().Late; late < 3*time.Second {
				t.Errorf("got late by %v in the counts", late)
			}
			if unread := h.Stats().Unread; unread < 4*time.Second || unread > 7*time.Second {
				t.Errorf("got unread for %v in the counts, want 5s", unread)
			}
			began = time.Now()
			_, err = h.Subscribe(t.Context(), commander, estate, delivery.EventFilter{}, at(1))
			if took := time.Since(began); delivery.CodeOf(err) != delivery.CodeUnavailable || took > 0 {
				t.Errorf("got %v after %v, want UNAVAILABLE at once", err, took)
			}
			h.append(some(1)...)
			h.falls(0)
			time.Sleep(readLimit + time.Second)
			if unread := h.Stats().Unread; !h.Ready() || unread > 2*time.Second {
				t.Errorf("got ready %v, unread for %v, want ready again", h.Ready(), unread)
			}
			mustDrain(t, h.mustSubscribe(t, commander, delivery.EventFilter{}, at(1)), 2)
		})
	})
	t.Run("one community's feed that cannot be read ends its own streams", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := run(live.Options{}, newTable(1, 2))
			defer h.stop()
			synctest.Wait()
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.breaksEvents(1)
			h.add(some(1)...)
			if _, err := s.Next(t.Context()); !errors.Is(err, live.ErrStale) {
				t.Errorf("got %v, want ErrStale", err)
			}
			if !h.Ready() {
				t.Error("got not ready because of one community")
			}
			if late := h.Stats().Late; late < 4*time.Second {
				t.Errorf("got late by %v in the counts", late)
			}
		})
	})
}

// readLimit is how long a call of the source takes at most.
const readLimit = 10 * time.Second
