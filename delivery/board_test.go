package delivery_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/delivery"
)

func TestBoardAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var counts []delivery.BoardCount
		open, held, without, delivered := 0, 0, 0, 0
		var oldest *time.Time
		buildings := rapid.IntRange(0, 4).Draw(t, "buildings")
		for i := range buildings {
			b := delivery.UUID(rune('a' + i))
			stages := rapid.SliceOfDistinct(rapid.SampledFrom(delivery.Stages[:7]), func(s delivery.Stage) delivery.Stage { return s }).Draw(t, "stages")
			if len(stages) == 0 {
				counts = append(counts, delivery.BoardCount{BuildingUUID: b})
			}
			for _, s := range stages {
				n := rapid.IntRange(1, 50).Draw(t, "count")
				since := noon.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "since")) * time.Minute)
				c := delivery.BoardCount{BuildingUUID: b, BoardCell: delivery.BoardCell{Stage: s, Count: n, OldestSince: &since}}
				if s == delivery.Delivered {
					delivered += n
				} else {
					c.Held, c.WithoutHolder = rapid.IntRange(0, n).Draw(t, "held"), rapid.IntRange(0, n).Draw(t, "without")
					open, held, without = open+n, held+c.Held, without+c.WithoutHolder
					if oldest == nil || since.Before(*oldest) {
						oldest = &since
					}
				}
				counts = append(counts, c)
			}
		}
		b := delivery.NewBoard(noon, delivery.Position{Community: 7}, counts)
		if b.Open != open || b.Held != held || b.WithoutHolder != without || b.DeliveredToday != delivered || len(b.Stages) != 6 || len(b.Buildings) != buildings {
			t.Fatalf("got %+v, want %d open, %d held, %d without a holder, %d delivered", *b, open, held, without, delivered)
		}
		var first *time.Time
		for i, c := range b.Stages {
			if c.Stage != delivery.Stages[i] {
				t.Fatalf("stage %d is %s", i, c.Stage)
			}
			if c.OldestSince != nil && (first == nil || c.OldestSince.Before(*first)) {
				first = c.OldestSince
			}
			open -= c.Count
		}
		for _, of := range b.Buildings {
			delivered -= of.DeliveredToday
			last := -1
			for _, c := range of.Stages {
				i := 0
				for delivery.Stages[i] != c.Stage {
					i++
				}
				if i <= last {
					t.Fatalf("building %s is out of order", of.BuildingUUID)
				}
				last = i
				held -= c.Held
			}
		}
		if open != 0 || held != 0 || delivered != 0 || (first == nil) != (oldest == nil) || (first != nil && !first.Equal(*oldest)) {
			t.Fatalf("the parts do not add up: %d open, %d held, %d delivered, oldest %v, want %v", open, held, delivered, first, oldest)
		}
	})
}
