package db_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"baogong/db"
	"baogong/delivery"
)

// walk reads a list page by page, forwards or from the back, and returns all of it in the list's order. between runs
// after each page.
func walk[T any, P interface {
	*T
	row
}](d dice, back bool, read func(db.Range) (*db.Rows[T], error), between func()) (out []delivery.ID, _ error) {
	p := db.Range{Last: back}
	for range 1000 {
		p.Limit = 1 + d.IntN(7)
		rows, err := read(p)
		if err != nil {
			return nil, err
		}
		if len(rows.Items) > p.Limit || len(rows.Keys) != len(rows.Items) || rows.More && len(rows.Items) < p.Limit {
			return nil, fmt.Errorf("a page of %d has %d rows, %d keys, more %v", p.Limit, len(rows.Items), len(rows.Keys), rows.More)
		}
		part := make([]delivery.ID, len(rows.Items))
		for i, r := range rows.Items {
			part[i] = P(r).ID()
		}
		if back {
			out = slices.Concat(part, out)
		} else {
			out = append(out, part...)
		}
		if !rows.More {
			return out, nil
		}
		if back {
			p.Before = rows.Keys[0]
		} else {
			p.After = rows.Keys[len(rows.Keys)-1]
		}
		between()
	}
	return nil, errors.New("the list does not end")
}

// sortings say of two orders which comes first.
func (w *town) sortings() map[db.OrderSort]func(a, b *delivery.Order) int {
	by := func(at func(*delivery.Order) time.Time) func(a, b *delivery.Order) int {
		return func(a, b *delivery.Order) int { return cmp.Or(at(a).Compare(at(b)), cmp.Compare(a.Number, b.Number)) }
	}
	return map[db.OrderSort]func(a, b *delivery.Order) int{
		db.SortPlacedAt:   by(func(o *delivery.Order) time.Time { return o.PlacedAt }),
		db.SortStageSince: by(func(o *delivery.Order) time.Time { return o.StageSince }),
		db.SortMovedAt:    by(func(o *delivery.Order) time.Time { return o.MovedAt }),
		db.SortNumber:     func(a, b *delivery.Order) int { return cmp.Compare(a.Number, b.Number) },
		db.SortRound: func(a, b *delivery.Order) int {
			return cmp.Or(w.doors(w.door(a), w.door(b), -1), cmp.Compare(a.Number, b.Number))
		},
	}
}

// doors says which of two households comes first; floors go up (1) or down (-1).
func (w *town) doors(a, b *delivery.Household, floors int) int {
	codes, numbers := w.codes(), map[delivery.UUID]int{}
	for _, u := range w.units {
		numbers[u.UUID] = u.Number
	}
	return cmp.Or(byCode(codes[a.BuildingUUID], codes[b.BuildingUUID]), cmp.Compare(numbers[a.UnitUUID], numbers[b.UnitUUID]),
		floors*cmp.Compare(a.Floor, b.Floor), cmp.Compare(a.Room, b.Room))
}

func (w *town) door(o *delivery.Order) *delivery.Household {
	return w.households[slices.IndexFunc(w.households, func(h *delivery.Household) bool { return h.UUID == o.HouseholdUUID })]
}

// byCode compares codes as people count: E2, E3, E10.
func byCode(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func TestOrdersByPage(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(7), 40, 0, 0)
	for by, compare := range w.sortings() {
		t.Run(string(by), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				d := rapidDice{rt}
				c, desc, back := int32(1+d.IntN(2)), oneIn(d, 2), oneIn(d, 2)
				got, err := walk(d, back, func(p db.Range) (*db.Rows[delivery.Order], error) {
					rows, err := w.db.Orders(t.Context(), w.all(c), c, db.OrderFilter{}, by, desc, p)
					if err != nil {
						return nil, err
					}
					return rows.Rows, nil
				}, func() {})
				if err != nil {
					rt.Fatal(err)
				}
				want := of(w.orders, c)
				slices.SortFunc(want, compare)
				if desc {
					slices.Reverse(want)
				}
				if !slices.Equal(got, ids(want)) {
					rt.Fatalf("descending %v, back %v: got %d rows, want %d in another order", desc, back, len(got), len(want))
				}
			})
		})
	}
}

func TestRowsThatStayAreReadOnceWhileOthersMove(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(8), 20, 0, 0)
	stay, move := of(w.orders, 1)[:10], of(w.orders, 1)[10:]
	sortings := w.sortings()
	names := slices.Sorted(maps.Keys(sortings))
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		by, desc, back := pick(d, names), oneIn(d, 2), oneIn(d, 2)
		got, err := walk(d, back, func(p db.Range) (*db.Rows[delivery.Order], error) {
			rows, err := w.db.Orders(t.Context(), w.all(1), 1, db.OrderFilter{}, by, desc, p)
			if err != nil {
				return nil, err
			}
			return rows.Rows, nil
		}, func() {
			if oneIn(d, 8) && len(w.orders) < 60 {
				w.order(d, 1)
				return
			}
			s := pick(d, move).OrderSnapshot
			s.StageSince, s.MovedAt = w.instant(d), w.instant(d)
			w.tx(func(tx *db.Tx) { w.must(tx.SaveOrders(t.Context(), 1, []db.SavedOrder{{OrderSnapshot: &s}})) })
		})
		if err != nil {
			rt.Fatal(err)
		}
		want := slices.SortedFunc(slices.Values(stay), sortings[by])
		if desc {
			slices.Reverse(want)
		}
		got = slices.DeleteFunc(got, func(id delivery.ID) bool { return !slices.Contains(ids(stay), id) })
		if !slices.Equal(got, ids(want)) {
			rt.Fatalf("%s, descending %v, back %v: got %d of the %d rows that stayed, or in another order", by, desc, back, len(got), len(want))
		}
	})
}

func TestNounsByPage(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(12), 6, 12, 0) // with incidents
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		c, back := int32(1+d.IntN(2)), oneIn(d, 2)
		ctx, s := t.Context(), w.all(c)
		same(rt, "buildings", d, back, of(w.buildings, c), func(a, b *delivery.Building) int { return byCode(a.Code, b.Code) },
			func(p db.Range) (*db.Rows[delivery.Building], error) { return w.db.Buildings(ctx, s, c, true, p) })
		same(rt, "households", d, back, of(w.households, c), func(a, b *delivery.Household) int { return w.doors(a, b, 1) },
			func(p db.Range) (*db.Rows[delivery.Household], error) {
				return w.db.Households(ctx, s, c, db.HouseholdFilter{Archived: true}, p)
			})
		same(rt, "volunteers", d, back, of(w.volunteers, c), func(a, b *delivery.Volunteer) int { return byCode(a.Code, b.Code) },
			func(p db.Range) (*db.Rows[delivery.Volunteer], error) {
				return w.db.Volunteers(ctx, s, c, db.VolunteerFilter{Archived: true}, p)
			})
		same(rt, "suppliers", d, back, of(w.suppliers, c), func(a, b *delivery.Supplier) int { return byCode(a.Code, b.Code) },
			func(p db.Range) (*db.Rows[delivery.Supplier], error) { return w.db.Suppliers(ctx, s, c, true, p) })
		f := pick(d, incidentFilters)
		kept := slices.DeleteFunc(of(w.incidents, c), func(i *delivery.Incident) bool { return !f.keeps(i) })
		same(rt, "incidents", d, back, kept, func(a, b *delivery.Incident) int { return cmp.Compare(b.Number, a.Number) },
			func(p db.Range) (*db.Rows[delivery.Incident], error) {
				return w.db.Incidents(ctx, s, c, f.IncidentFilter, p)
			})
		same(rt, "bins", d, back, of(w.bins, c), func(a, b *delivery.Bin) int {
			return cmp.Or(byCode(w.building(a.BuildingUUID).Code, w.building(b.BuildingUUID).Code), byCode(a.Code, b.Code))
		}, func(p db.Range) (*db.Rows[delivery.Bin], error) { return w.db.Bins(ctx, s, c, true, p) })
		same(rt, "communities", d, back, w.communities, func(a, b *delivery.Community) int { return byCode(a.Code, b.Code) },
			func(p db.Range) (*db.Rows[delivery.Community], error) {
				return w.db.Communities(ctx, delivery.Scope{Class: delivery.SeesAll}, p)
			})
	})
}

// incidentFilters are filters of incidents, and the same in memory.
var incidentFilters = []struct {
	db.IncidentFilter
	keeps func(*delivery.Incident) bool
}{
	{db.IncidentFilter{}, func(*delivery.Incident) bool { return true }},
	{db.IncidentFilter{States: []delivery.IncidentState{"OPEN", "TAKEN"}}, func(i *delivery.Incident) bool { return !i.Resolved() }},
	{db.IncidentFilter{States: []delivery.IncidentState{"RESOLVED"}}, (*delivery.Incident).Resolved},
	{db.IncidentFilter{Levels: []delivery.EscalationLevel{"LEAD"}, Kinds: delivery.IncidentKinds[:8]},
		func(i *delivery.Incident) bool {
			return i.Level == "LEAD" && slices.Contains(delivery.IncidentKinds[:8], i.Kind)
		}},
	{db.IncidentFilter{Kinds: []delivery.IncidentKind{}}, func(*delivery.Incident) bool { return false }},
}

// same compares a list read by pages with all its rows, sorted.
func same[T any, P interface {
	*T
	row
}](rt *rapid.T, name string, d dice, back bool, all []P, compare func(a, b P) int, read func(db.Range) (*db.Rows[T], error)) {
	got, err := walk[T, P](d, back, read, func() {})
	if err != nil {
		rt.Fatalf("%s: %v", name, err)
	}
	want := slices.SortedFunc(slices.Values(all), compare)
	if !slices.Equal(got, ids(want)) {
		rt.Fatalf("%s, back %v: got %d rows, want %d in another order", name, back, len(got), len(want))
	}
}

func TestPageBetweenTwoKeys(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(9), 10, 0, 0)
	read := func(p db.Range) *db.OrderRows {
		rows, err := w.db.Orders(t.Context(), w.all(1), 1, db.OrderFilter{}, db.SortMovedAt, true, p)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	whole := read(db.Range{Limit: 10})
	for _, back := range []bool{false, true} {
		rows := read(db.Range{Limit: 3, Last: back, After: whole.Keys[2], Before: whole.Keys[8]}) // 3 to 7 are between
		want := ids(whole.Items[3:6])
		if back {
			want = ids(whole.Items[5:8])
		}
		if !slices.Equal(ids(rows.Items), want) || !rows.More {
			t.Errorf("back %v: got %v and more %v, want %v and more", back, ids(rows.Items), rows.More, want)
		}
	}
	if rows := read(db.Range{Limit: 0}); len(rows.Items) != 0 || !rows.More {
		t.Errorf("got %d rows and more %v of a page of none, want none and more", len(rows.Items), rows.More)
	}
	_, err := w.db.Orders(t.Context(), w.all(1), 1, db.OrderFilter{}, db.SortRound, true, db.Range{Limit: 3, After: whole.Keys[2]})
	if delivery.CodeOf(err) != delivery.CodeBadUserInput {
		t.Errorf("got %v for a key of another sorting, want BAD_USER_INPUT", err)
	}
}

func TestRowsComeBackAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(10), 30, 8, 30)
	w.checkRows()
}

// checkRows compares every row with the one in memory.
func (w *town) checkRows() {
	t := w.t
	t.Helper()
	ctx, s := t.Context(), delivery.Scope{Class: delivery.SeesAll}
	back(t, w.communities)(w.db.CommunitiesByID(ctx, s, ids(w.communities)))
	back(t, w.buildings)(w.db.BuildingsByID(ctx, s, ids(w.buildings)))
	back(t, w.units)(w.db.UnitsByID(ctx, s, ids(w.units)))
	back(t, w.households)(w.db.HouseholdsByID(ctx, s, ids(w.households)))
	back(t, w.volunteers)(w.db.VolunteersByID(ctx, s, ids(w.volunteers)))
	back(t, w.suppliers)(w.db.SuppliersByID(ctx, s, ids(w.suppliers)))
	back(t, w.runs)(w.db.RunsByID(ctx, s, ids(w.runs)))
	back(t, w.packages)(w.db.PackagesByID(ctx, s, ids(w.packages)))
	back(t, w.scenarios)(w.db.ScenariosByID(ctx, s, ids(w.scenarios)))
	back(t, w.webhooks)(w.db.WebhooksByID(ctx, s, ids(w.webhooks)))
	back(t, w.windows)(w.db.WindowsByID(ctx, s, ids(w.windows)))
	back(t, w.bins)(w.db.BinsByID(ctx, s, ids(w.bins)))
	back(t, w.shifts)(w.db.ShiftsByID(ctx, s, ids(w.shifts)))
	back(t, w.rounds)(w.db.RoundsByID(ctx, s, ids(w.rounds)))
	back(t, w.orders)(w.db.OrdersByID(ctx, s, ids(w.orders)))
	back(t, w.lines)(w.db.LinesOfOrders(ctx, s, ids(w.orders)))
	back(t, w.holds)(w.db.HoldsByID(ctx, s, ids(w.holds)))
	back(t, w.arrivals)(w.db.ArrivalsByID(ctx, s, ids(w.arrivals)))
	back(t, w.incidents)(w.db.IncidentsByID(ctx, s, ids(w.incidents)))
	back(t, w.notices)(w.db.NoticesByID(ctx, s, ids(w.notices)))
	back(t, w.tasks)(w.db.TasksByID(ctx, s, ids(w.tasks)))
	back(t, w.strays)(w.db.StraysByID(ctx, s, ids(w.strays)))
	for _, c := range w.communities {
		rows, _, err := w.db.UnscopedEvents(ctx, c.CommunityID, 0, 1000)
		if err != nil || len(rows) != len(w.events[c.CommunityID]) {
			t.Fatalf("got %d events and error %v, want %d", len(rows), err, len(w.events[c.CommunityID]))
		}
		for i, want := range w.events[c.CommunityID] {
			bare := *want
			bare.Note = "" // stands beside the event
			if !diff.Equal(rows[i], &bare, snapshots) {
				t.Errorf("got %+v, want %+v", rows[i], bare)
			}
		}
	}
}

// snapshots compares those of events, which not every event has.
var snapshots = diff.Comparer(func(a, b *delivery.OrderSnapshot) bool { return a == b || a != nil && b != nil && a.Equal(b) })

// back compares rows that were read with those that were written.
func back[T row](t testing.TB, want []T) func([]T, error) {
	return func(rows []T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		got := map[delivery.ID]T{}
		for _, r := range rows {
			got[r.ID()] = r
		}
		for _, r := range want {
			if !diff.Equal(got[r.ID()], r, snapshots) {
				t.Errorf("got  %+v\nwant %+v", got[r.ID()], r)
			}
		}
		if len(rows) != len(want) {
			t.Errorf("got %d rows, want %d", len(rows), len(want))
		}
	}
}
