package db_test

import (
	"slices"
	"testing"

	"baogong/db"
	"baogong/delivery"
)

func TestReveals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := seeded(11)
	for range 60 { // of 24 households and few instants, so that several are equal
		w.reveal(d, 1)
	}
	want := map[delivery.ID][]delivery.UUID{} // newest first
	for _, h := range of(w.households, 1) {
		var rows []*delivery.Reveal
		for _, r := range w.reveals {
			if r.HouseholdUUID == h.UUID {
				rows = append(rows, r)
			}
		}
		slices.SortFunc(rows, func(a, b *delivery.Reveal) int {
			if c := b.At.Compare(a.At); c != 0 {
				return c
			}
			if a.UUID > b.UUID {
				return -1
			}
			return 1
		})
		want[h.ID()] = []delivery.UUID{}
		for _, r := range rows {
			want[h.ID()] = append(want[h.ID()], r.UUID)
		}
	}
	for _, last := range []bool{false, true} {
		for id := range want {
			var got []delivery.UUID
			p := db.Range{Limit: 2, Last: last, Count: true}
			for {
				found, err := w.db.RevealsOfHouseholds(t.Context(), w.all(1), []delivery.ID{id}, p)
				if err != nil {
					t.Fatal(err)
				}
				rows := found[id]
				if rows.Total != len(want[id]) {
					t.Fatalf("counted %d, want %d", rows.Total, len(want[id]))
				}
				var page []delivery.UUID
				for _, r := range rows.Items {
					page = append(page, r.UUID)
				}
				if last {
					got = append(page, got...)
				} else {
					got = append(got, page...)
				}
				if !rows.More {
					break
				}
				if last {
					p.Before = rows.Keys[0]
				} else {
					p.After = rows.Keys[len(rows.Keys)-1]
				}
			}
			if !slices.Equal(got, want[id]) {
				t.Errorf("backwards %t: got %v, want %v", last, got, want[id])
			}
		}
	}
	before := w.db.Statements()
	found, err := w.db.RevealsOfHouseholds(t.Context(), w.all(1), ids(w.households), db.Range{Limit: 1, Count: true})
	if err != nil || w.db.Statements()-before != 2 {
		t.Errorf("got %d statements, error %v, want 2 for all households", w.db.Statements()-before, err)
	}
	for id, list := range want {
		if rows := found[id]; len(rows.Items) != min(1, len(list)) || rows.More != (len(list) > 1) || (len(list) > 0 && rows.Items[0].UUID != list[0]) {
			t.Errorf("got %v of %v", rows, list)
		}
	}
}
