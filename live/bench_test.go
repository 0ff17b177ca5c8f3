package live_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/live"
)

// BenchmarkEvent measures one event from the commit to the streams it concerns, beside streams of one order each
// that it does not concern. Their number must not show.
func BenchmarkEvent(b *testing.B) {
	for _, others := range []int{0, 10, 1000, 10_000} {
		b.Run(fmt.Sprintf("one stream of one order beside %d", others), func(b *testing.B) {
			h := benched(b)
			for i := range others {
				subscribed(b, h, delivery.EventFilter{Orders: []delivery.UUID{name("other", i)}})
			}
			deliver(b, h, subscribed(b, h, delivery.EventFilter{Orders: []delivery.UUID{"o1"}}))
		})
	}
	for _, streams := range []int{1, 100, 2000} {
		b.Run(fmt.Sprintf("%d streams of everything", streams), func(b *testing.B) {
			h := benched(b)
			all := make([]*live.Stream, streams)
			for i := range all {
				all[i] = subscribed(b, h, delivery.EventFilter{})
			}
			deliver(b, h, all...)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*streams), "ns/delivery")
		})
	}
}

// BenchmarkBulk measures the largest call, read by streams of everything that wait in goroutines.
func BenchmarkBulk(b *testing.B) {
	for _, streams := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(streams, " streams"), func(b *testing.B) {
			h := benched(b)
			took := make(chan error, streams)
			for range streams {
				s := subscribed(b, h, delivery.EventFilter{})
				go func() {
					for n := 1; ; n++ {
						_, err := s.Next(context.Background())
						if err != nil {
							return
						}
						if n%delivery.MaxBulk == 0 {
							took <- nil
						}
					}
				}()
			}
			for b.Loop() {
				h.add(some(delivery.MaxBulk)...)
				for range streams {
					<-took
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*streams*delivery.MaxBulk), "ns/delivery")
		})
	}
}

func benched(b *testing.B) *house {
	h := run(live.Options{Poll: time.Hour, Log: slog.New(slog.DiscardHandler)}, newTable(estate))
	b.Cleanup(h.stop)
	return h
}

func subscribed(b *testing.B, h *house, filter delivery.EventFilter) *live.Stream {
	s, err := h.Subscribe(b.Context(), commander, estate, filter, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return s
}

func deliver(b *testing.B, h *house, streams ...*live.Stream) {
	b.ReportAllocs()
	ctx := context.Background()
	for b.Loop() {
		h.add(some(1)...)
		for _, s := range streams {
			if _, err := s.Next(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
}
