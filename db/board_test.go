package db_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
)

func TestBoard(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(3), 60, 0, 3)
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		c := pick(d, w.communities)
		s := w.scope(d)
		at := w.instant(d)
		from, until := c.Today(at)
		b, err := w.db.Board(t.Context(), s, c.CommunityID, at, from, until)
		if err != nil && !s.SeesCommunity(c.CommunityID) {
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		if got, want := figures(b, w.codes()), w.recount(s, c, at); !maps.Equal(got, want) {
			rt.Fatalf("by %+v at %s:\ngot  %v\nwant %v", s, at, got, want)
		}
		if b.Position.Seq != int64(len(w.events[c.CommunityID])) || b.Position.Community != c.CommunityID || b.Position.Epoch == 0 || !b.At.Equal(at) {
			rt.Fatalf("got position %+v at %s, want the feed's end at %s", b.Position, b.At, at)
		}
	})
}

// figures are a board's numbers by building (* for all), stage and name, those that are 0 left out.
func figures(b *delivery.Board, codes map[delivery.UUID]string) map[string]any {
	out := map[string]any{}
	note := func(key string, v int) {
		if v != 0 {
			out[key] = v
		}
	}
	cells := func(where string, cells []*delivery.BoardCell, delivered, open, held, without, late int) {
		note(where+" delivered", delivered)
		note(where+" open", open)
		note(where+" held", held)
		note(where+" late", late)
		note(where+" without", without)
		for _, c := range cells {
			at := where + " " + string(c.Stage)
			note(at, c.Count)
			note(at+" held", c.Held)
			note(at+" late", c.Late)
			note(at+" without", c.WithoutHolder)
			if c.OldestSince != nil {
				out[at+" since"] = c.OldestSince.UnixMicro()
			}
		}
	}
	cells("*", b.Stages, b.DeliveredToday, b.Open, b.Held, b.WithoutHolder, b.Late)
	for i, building := range b.Buildings {
		where := codes[building.BuildingUUID]
		out[where] = i
		cells(where, building.Stages, building.DeliveredToday, building.Open, building.Held, building.WithoutHolder, building.Late)
	}
	return out
}

// recount counts what figures should say, order by order.
func (w *town) recount(s delivery.Scope, c *delivery.Community, at time.Time) map[string]any {
	out := map[string]any{}
	count := func(key string) {
		n, _ := out[key].(int)
		out[key] = n + 1
	}
	zone, err := time.LoadLocation(c.TimeZone)
	w.must(err)
	day := func(t time.Time) string { return t.In(zone).Format(time.DateOnly) }
	shown := map[delivery.UUID]bool{}
	codes := w.codes()
	for _, o := range of(w.orders, c.CommunityID) {
		if !s.Sees(o.Keys()) {
			continue
		}
		for _, where := range []string{"*", codes[o.BuildingUUID]} {
			switch {
			case o.Stage == delivery.Delivered && day(*o.DeliveredAt) == day(at):
				shown[o.BuildingUUID] = true
				count(where + " delivered")
			case !o.Stage.Final():
				shown[o.BuildingUUID] = true
				cell := where + " " + string(o.Stage)
				count(where + " open")
				count(cell)
				if o.OpenHolds > 0 {
					count(where + " held")
					count(cell + " held")
				}
				if o.Late() {
					count(where + " late")
					count(cell + " late")
				}
				if o.HolderVolunteer == nil && o.HolderSupplier == nil {
					count(where + " without")
					count(cell + " without")
				}
				since := o.StageSince.UnixMicro()
				if oldest, ok := out[cell+" since"].(int64); !ok || since < oldest {
					out[cell+" since"] = since
				}
			}
		}
	}
	place := 0
	for _, code := range []string{"E2", "E3", "E10"} { // people's order of codes
		for _, b := range of(w.buildings, c.CommunityID) {
			if b.Code == code && (b.ArchivedAt == nil || shown[b.UUID]) {
				out[code] = place
				place++
			}
		}
	}
	return out
}

func (w *town) codes() map[delivery.UUID]string {
	out := map[delivery.UUID]string{}
	for _, b := range w.buildings {
		out[b.UUID] = b.Code
	}
	return out
}

func TestBoardWithoutBuildings(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	d := open(t, dsn, db.Options{})
	c := &delivery.Community{Code: "new", Name: "新", TimeZone: "UTC", Docks: 2, WelfareDays: 3, Proofs: delivery.ProofKinds, Versioned: delivery.Versioned{Version: 1, CreatedAt: time.Unix(0, 0)}}
	archived := time.Unix(1, 0)
	b := &delivery.Building{Row: delivery.NewRow(0, newUUID(), c.CreatedAt), Code: "E6", Name: "六"}
	b.ArchivedAt = &archived
	steps := []struct {
		name string
		do   func(*db.Tx) error
	}{
		{"none", func(tx *db.Tx) error {
			if err := tx.InsertCommunity(t.Context(), c); err != nil {
				return err
			}
			return tx.InsertFeed(t.Context(), c.CommunityID, "2020-02-18")
		}},
		{"only an archived one", func(tx *db.Tx) error {
			b.CommunityID = c.CommunityID
			return tx.Buildings().Insert(t.Context(), []*delivery.Building{b})
		}},
	}
	for _, step := range steps {
		if err := d.InTx(t.Context(), step.do); err != nil {
			t.Fatal(err)
		}
		s := delivery.Scope{Class: delivery.SeesAll, Community: c.CommunityID}
		board, err := d.Board(t.Context(), s, c.CommunityID, archived, archived, archived)
		if err != nil {
			t.Errorf("%s: %v", step.name, err)
			continue
		}
		if len(board.Buildings) != 0 || len(board.Stages) != 6 || board.Open != 0 {
			t.Errorf("%s: got %s, want an empty board", step.name, fmt.Sprintf("%+v", board))
		}
	}
}
