package live

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"baogong/delivery"
)

// ear counts what it hears.
type ear struct{ heard int }

func (e *ear) hear(*delivery.Event) { e.heard++ }

// TestIndex adds and removes listeners at random, some for several topics, some naming one twice. An event reaches the
// listeners of its topics in order of arrival, and the index keeps nothing of removed ones.
func TestIndex(t *testing.T) {
	t.Parallel()
	var x index
	type there struct {
		topics []topic
		place  int64
	}
	here := map[*ear]there{}
	for range 5000 {
		switch rand.IntN(3) {
		case 0:
			for e := range here {
				x.remove(here[e].place, here[e].topics)
				delete(here, e)
				break
			}
		case 1:
			var of []topic
			for range 1 + rand.IntN(3) {
				of = append(of, topic{delivery.SeesOrder, delivery.UUID(fmt.Sprint(rand.IntN(5)))})
			}
			e := &ear{}
			here[e] = there{of, x.add(e, of)}
		default:
			order := delivery.UUID(fmt.Sprint(rand.IntN(5)))
			was := map[*ear]int{}
			for e := range here {
				was[e] = e.heard
			}
			x.notify(&delivery.Event{OrderUUID: &order})
			for e, h := range here {
				want := was[e]
				if slices.Contains(h.topics, topic{delivery.SeesOrder, order}) {
					want++
				}
				if e.heard != want {
					t.Fatalf("one of %v heard %d of order %s, want %d", h.topics, e.heard-was[e], order, want-was[e])
				}
			}
		}
		for of, all := range x.by {
			if !slices.IsSortedFunc(all, func(a, b registration) int { return int(a.id - b.id) }) {
				t.Fatalf("those of %v are out of order: %v", of, all)
			}
		}
	}
	for _, h := range here {
		x.remove(h.place, h.topics)
	}
	if len(x.by) != 0 {
		t.Errorf("left: %v", slices.Collect(maps.Keys(x.by)))
	}
}
