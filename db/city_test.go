package db_test

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/db"
	"baogong/delivery"
)

// TestCityCount compares what the city's numbers are made of with a count in Go.
func TestCityCount(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(5), 60, 0, 0)
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		if oneIn(d, 2) {
			w.order(d, pick(d, w.communities).CommunityID)
		}
		at := w.instant(d)
		for _, c := range w.communities {
			got, err := w.db.UnscopedCityCount(t.Context(), c.CommunityID, at)
			if err != nil {
				rt.Fatal(err)
			}
			slices.SortFunc(got.Homes, func(a, b delivery.CityHome) int { return cmp.Compare(a.Household, b.Household) })
			if want := homesForTheCity(w, c, at); !reflect.DeepEqual(got.Homes, want) {
				rt.Fatalf("got %v, want %v", got.Homes, want)
			}
			open := 0
			for _, i := range of(w.incidents, c.CommunityID) {
				if !i.Resolved() {
					open++
				}
			}
			if got.Incidents != open {
				rt.Fatalf("got %d open incidents, want %d", got.Incidents, open)
			}
		}
	})
}

// homesForTheCity counts the households of a community, by id.
func homesForTheCity(w *town, c *delivery.Community, at time.Time) (out []delivery.CityHome) {
	from, until := c.Today(at)
	for _, h := range of(w.households, c.CommunityID) {
		home := delivery.CityHome{Household: h.UUID, Counts: make([]int, len(delivery.CityGroups))}
		for i, g := range delivery.CityGroups {
			for _, o := range of(w.orders, c.CommunityID) {
				if o.HouseholdUUID == h.UUID && inCityGroup(o, g, from, until) {
					home.Counts[i]++
				}
			}
			switch {
			case g == delivery.CityRegistered && h.ArchivedAt == nil:
				home.Counts[i] = 1
			case g == delivery.CityTroubled:
				for _, one := range of(w.incidents, c.CommunityID) {
					if !one.Resolved() && one.SeenHousehold != nil && *one.SeenHousehold == h.UUID {
						home.Counts[i]++
					}
				}
			}
		}
		if slices.Max(home.Counts) > 0 {
			out = append(out, home)
		}
	}
	slices.SortFunc(out, func(a, b delivery.CityHome) int { return cmp.Compare(a.Household, b.Household) })
	return out
}

func inCityGroup(o *delivery.Order, g delivery.CityGroup, from, until time.Time) bool {
	open := !o.Stage.Final()
	switch g {
	case delivery.CityHeld:
		return open && o.Held()
	case delivery.CityMoving:
		return open && !o.Held()
	case delivery.CityWithoutHolder:
		return open && o.HolderID() == nil
	case delivery.CityWithHolder:
		return open && o.HolderID() != nil
	case delivery.CityLate:
		return open && o.LateLevel != ""
	case delivery.CityOnTime:
		return open && o.LateLevel == ""
	case delivery.CityGroup(delivery.Delivered):
		return o.Stage == delivery.Delivered && !o.DeliveredAt.Before(from) && o.DeliveredAt.Before(until)
	}
	return o.Stage == delivery.Stage(g)
}

// TestCityBoard reads what was released, with one statement for all communities.
func TestCityBoard(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	at := w.start.Add(time.Hour)
	homes := []delivery.CityHome{{Household: w.households[0].UUID, Counts: []int{1, 0}}}
	save := func(releases ...*delivery.CityRelease) {
		w.tx(func(tx *db.Tx) { w.must(tx.SaveCityReleases(t.Context(), w.communities[0].CommunityID, releases)) })
	}
	save(&delivery.CityRelease{Family: delivery.CityFamilyHeld, At: w.start, Figures: map[delivery.CityFigure]int{"held": 7}, Homes: homes},
		&delivery.CityRelease{Family: delivery.CityFamilyIncidents, At: w.start, Figures: map[delivery.CityFigure]int{}, Homes: []delivery.CityHome{}})
	save(&delivery.CityRelease{Family: delivery.CityFamilyHeld, At: at, Figures: map[delivery.CityFigure]int{"held": 8}}) // of the same households

	before := w.db.Statements()
	b, err := w.db.CityBoard(t.Context(), delivery.Scope{Class: delivery.SeesNumbers, Communities: []int32{0}}, at)
	if err != nil {
		t.Fatal(err)
	}
	if n := w.db.Statements() - before; n != 1 {
		t.Errorf("got %d statements, want one", n)
	}
	c := b.Communities[0]
	if len(b.Communities) != 2 || c.Held.Suppressed() || *c.Held.Count != 8 || !c.Held.ReadAt.Equal(at) {
		t.Errorf("got %d communities, held %+v", len(b.Communities), c.Held)
	}
	if !c.OpenIncidents.Suppressed() || !c.OpenIncidents.ReadAt.Equal(w.start) || !c.Open.Suppressed() || c.Open.ReadAt != nil {
		t.Errorf("got incidents %+v and open %+v", c.OpenIncidents, c.Open)
	}
	w.tx(func(tx *db.Tx) {
		last, err := tx.LockCityReleases(t.Context(), c.Community.CommunityID)
		w.must(err)
		if len(last) != 2 || !reflect.DeepEqual(last[0].Homes, homes) {
			t.Errorf("got %+v, want the households %v kept", last, homes)
		}
	})
}

// TestCityDay stores a day once and forgets it.
func TestCityDay(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	c := w.communities[0].CommunityID
	day := delivery.CityDay{Day: "2020-02-18", From: w.start}
	save := func(at time.Time, held int) {
		figures := func(f delivery.CityFigure, n int) map[delivery.CityFigure]int {
			return map[delivery.CityFigure]int{f: n}
		}
		w.tx(func(tx *db.Tx) {
			w.must(tx.SaveCityReleases(t.Context(), c, []*delivery.CityRelease{
				{Family: delivery.CityFamilyHeld, At: at, Figures: figures("held", held), Homes: []delivery.CityHome{}},
				{Family: delivery.CityFamilyDelivered, At: at, Figures: figures(delivery.CityFigure(delivery.Delivered), 9), Homes: []delivery.CityHome{}}}))
		})
	}
	store := func() { w.tx(func(tx *db.Tx) { w.must(tx.StoreCityDay(t.Context(), c, day)) }) }
	want := func(what string, stored bool, held string) {
		t.Helper()
		before := w.db.Statements()
		b, err := w.db.CityDay(t.Context(), delivery.Scope{Class: delivery.SeesNumbers, Communities: []int32{0}}, day.Day, w.start)
		w.must(err)
		if n := w.db.Statements() - before; n != 1 {
			t.Errorf("%s: got %d statements, want one", what, n)
		}
		one := b.Communities[0]
		got := "*"
		if n := one.Held.Count; n != nil {
			got = strconv.Itoa(*n)
		}
		if b.Day == nil || *b.Day != day.Day || one.Stored != stored || !one.Past || got != held || !one.DeliveredToday.Suppressed() {
			t.Errorf("%s: got day %v, %+v, %s held", what, b.Day, one, got)
		}
	}
	save(w.start.Add(-time.Hour), 7) // what was handed over is of the day before
	want("before it is stored", false, "*")
	store()
	want("stored", true, "7")
	save(w.start.Add(time.Hour), 8)
	store()
	want("stored again", true, "7")
	w.tx(func(tx *db.Tx) { w.must(tx.ForgetCityDays(t.Context(), c, day.Day)) })
	want("after the days before it are forgotten", true, "7")
	w.tx(func(tx *db.Tx) { w.must(tx.ForgetCityDays(t.Context(), c, "2020-02-19")) })
	want("forgotten", false, "*")
}
