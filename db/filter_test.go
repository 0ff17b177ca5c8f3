package db_test

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/db"
	"baogong/delivery"
)

// fields set one field of an order filter each, to something that may match.
var fields = map[string]func(d dice, w *town, c int32, f *db.OrderFilter){
	"Stages":   func(d dice, _ *town, _ int32, f *db.OrderFilter) { f.Stages = some(d, delivery.Stages) },
	"Open":     func(d dice, _ *town, _ int32, f *db.OrderFilter) { f.Open = new(oneIn(d, 2)) },
	"Channels": func(d dice, _ *town, _ int32, f *db.OrderFilter) { f.Channels = some(d, delivery.Channels) },
	"Buildings": func(d dice, w *town, c int32, f *db.OrderFilter) {
		f.Buildings = uuids(some(d, of(w.buildings, c)))
	},
	"Units":      func(d dice, w *town, c int32, f *db.OrderFilter) { f.Units = uuids(some(d, of(w.units, c))) },
	"Households": func(d dice, w *town, c int32, f *db.OrderFilter) { f.Households = uuids(some(d, of(w.households, c))) },
	"Suppliers":  func(d dice, w *town, c int32, f *db.OrderFilter) { f.Suppliers = uuids(some(d, of(w.suppliers, c))) },
	"Holders": func(d dice, w *town, c int32, f *db.OrderFilter) {
		f.Holders = append(uuids(some(d, of(w.suppliers, c))), uuids(some(d, of(w.volunteers, c)))...)
	},
	"WithoutHolder": func(d dice, _ *town, _ int32, f *db.OrderFilter) { f.WithoutHolder = new(oneIn(d, 2)) },
	"Held":          func(d dice, _ *town, _ int32, f *db.OrderFilter) { f.Held = new(oneIn(d, 2)) },
	"Late":          func(d dice, _ *town, _ int32, f *db.OrderFilter) { f.Late = new(oneIn(d, 2)) },
	"PlacedFrom":    func(d dice, w *town, _ int32, f *db.OrderFilter) { f.PlacedFrom = new(w.instant(d)) },
	"PlacedUntil":   func(d dice, w *town, _ int32, f *db.OrderFilter) { f.PlacedUntil = new(w.instant(d)) },
	"MovedFrom":     func(d dice, w *town, _ int32, f *db.OrderFilter) { f.MovedFrom = new(w.instant(d)) },
	"MovedUntil":    func(d dice, w *town, _ int32, f *db.OrderFilter) { f.MovedUntil = new(w.instant(d)) },
	"Owing": func(d dice, w *town, c int32, f *db.OrderFilter) {
		f.Owing = &db.Owing{All: oneIn(d, 2), Volunteer: pick(d, of(w.volunteers, c)).UUID, Buildings: uuids(some(d, of(w.buildings, c)))}
	},
	"Text": func(d dice, _ *town, _ int32, f *db.OrderFilter) {
		f.Text = pick(d, []string{"", "1", "mt-70", "MT-", "e10-1", "E3-2-B", "%", "_", `\`, "'", "?", "$1", "栋", "902"})
	},
}

func TestOrderFilter(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(4), 80, 0, 0)
	typ := reflect.TypeFor[db.OrderFilter]()
	for field := range typ.Fields() {
		if fields[field.Name] == nil {
			t.Errorf("the filter's field %s is not compared", field.Name)
		}
	}
	names := slices.Sorted(maps.Keys(fields))
	check := func(t *testing.T, choose func(d dice) []string) {
		rapid.Check(t, func(rt *rapid.T) {
			d := rapidDice{rt}
			c := int32(1 + d.IntN(2))
			var f db.OrderFilter
			for _, name := range choose(d) {
				fields[name](d, w, c, &f)
			}
			rows, err := w.db.Orders(t.Context(), w.all(c), c, f, db.SortNumber, false, everything)
			if err != nil {
				rt.Fatalf("%+v: %v", f, err)
			}
			got, want, err := whole(rows.Rows, nil, of(w.orders, c), func(o *delivery.Order) bool { return lets(f, o) })
			if err != nil || !slices.Equal(got, want) {
				rt.Fatalf("%+v: got %d rows and error %v, want %d rows", f, len(got), err, len(want))
			}
		})
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, func(dice) []string { return []string{name} })
		})
	}
	t.Run("several together", func(t *testing.T) {
		t.Parallel()
		check(t, func(d dice) (out []string) {
			for _, name := range names {
				if oneIn(d, 4) {
					out = append(out, name)
				}
			}
			return out
		})
	})
}

// lets says of one order what the filter's description says.
func lets(f db.OrderFilter, o *delivery.Order) bool {
	no := func(narrow, fits bool) bool { return narrow && !fits }
	same := func(p *delivery.UUID, list []delivery.UUID) bool { return p != nil && slices.Contains(list, *p) }
	text := strings.ToUpper(f.Text)
	without := !o.Stage.Final() && o.HolderVolunteer == nil && o.HolderSupplier == nil
	switch {
	case no(f.Stages != nil, slices.Contains(f.Stages, o.Stage)),
		f.Open != nil && *f.Open == o.Stage.Final(),
		no(f.Channels != nil, slices.Contains(f.Channels, o.Channel)),
		no(f.Buildings != nil, slices.Contains(f.Buildings, o.BuildingUUID)),
		no(f.Units != nil, slices.Contains(f.Units, o.UnitUUID)),
		no(f.Households != nil, slices.Contains(f.Households, o.HouseholdUUID)),
		no(f.Suppliers != nil, same(o.SupplierUUID, f.Suppliers)),
		f.Owing != nil && o.Number%2 == 0, // has no purse
		f.Owing != nil && !owes(f.Owing, o),
		no(f.Holders != nil, same(o.HolderVolunteer, f.Holders) || same(o.HolderSupplier, f.Holders)),
		f.WithoutHolder != nil && (o.Stage.Final() || *f.WithoutHolder != without),
		f.Held != nil && *f.Held != (o.OpenHolds > 0),
		f.Late != nil && *f.Late != o.Late(),
		f.PlacedFrom != nil && o.PlacedAt.Before(*f.PlacedFrom),
		f.PlacedUntil != nil && !o.PlacedAt.Before(*f.PlacedUntil),
		f.MovedFrom != nil && o.MovedAt.Before(*f.MovedFrom),
		f.MovedUntil != nil && !o.MovedAt.Before(*f.MovedUntil):
		return false
	}
	return strings.Contains(strconv.FormatInt(o.Number, 10), text) || strings.Contains(strings.ToUpper(o.ExternalNumber), text) ||
		strings.Contains(strings.ToUpper(o.Address), text)
}

// owes reports whether the reader of Owing keeps the order's purse.
func owes(k *db.Owing, o *delivery.Order) bool {
	runs := func(v *delivery.UUID) bool { return v != nil && *v == k.Volunteer }
	return k.All || runs(o.TakerUUID) || o.Channel.RunByVolunteer() && runs(o.HolderVolunteer) || slices.Contains(k.Buildings, o.BuildingUUID)
}

func TestHouseholdAndVolunteerFilters(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		c := int32(1 + d.IntN(2))
		h := db.HouseholdFilter{Archived: oneIn(d, 2), Text: pick(d, []string{"", "e10", "-1-90", "B1", "%"})}
		v := db.VolunteerFilter{Archived: oneIn(d, 2), Text: pick(d, []string{"", "s", "10", "_"})}
		if oneIn(d, 3) {
			h.Buildings, v.Buildings = uuids(some(d, of(w.buildings, c))), uuids(some(d, of(w.buildings, c)))
		}
		if oneIn(d, 3) {
			h.Units, v.Squads = uuids(some(d, of(w.units, c))), some(d, delivery.Squads)
		}
		if oneIn(d, 3) {
			h.Needs, v.Reachable = some(d, delivery.AllNeeds), new(oneIn(d, 2))
		}
		homes, err := w.db.Households(t.Context(), w.all(c), c, h, everything)
		got, want, err := whole(homes, err, of(w.households, c), func(r *delivery.Household) bool {
			return (h.Archived || r.ArchivedAt == nil) && strings.Contains(strings.ToUpper(r.Address), strings.ToUpper(h.Text)) &&
				(h.Buildings == nil || slices.Contains(h.Buildings, r.BuildingUUID)) && (h.Units == nil || slices.Contains(h.Units, r.UnitUUID)) &&
				(h.Needs == nil || slices.ContainsFunc(h.Needs, func(n delivery.Need) bool { return slices.Contains(r.Needs, n) }))
		})
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			rt.Fatalf("households by %+v: got %d and error %v, want %d", h, len(got), err, len(want))
		}
		team, err := w.db.Volunteers(t.Context(), w.all(c), c, v, everything)
		got, want, err = whole(team, err, of(w.volunteers, c), func(r *delivery.Volunteer) bool {
			serves := slices.ContainsFunc(w.services, func(s *delivery.Service) bool {
				return s.VolunteerUUID == r.UUID && slices.Contains(v.Buildings, s.BuildingUUID)
			})
			return (v.Archived || r.ArchivedAt == nil) && strings.Contains(r.Code, strings.ToUpper(v.Text)) &&
				(v.Buildings == nil || serves) && (v.Squads == nil || slices.Contains(v.Squads, r.Squad)) && (v.Reachable == nil || *v.Reachable == r.Reachable)
		})
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			rt.Fatalf("volunteers by %+v: got %d and error %v, want %d", v, len(got), err, len(want))
		}
	})
}

func TestEventFilter(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(5), 15, 0, 80)
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		c := int32(1 + d.IntN(2))
		var f delivery.EventFilter
		for _, set := range []func(){
			func() { f.Kinds = some(d, delivery.OrderEventKinds()) }, func() { f.Stages = some(d, delivery.Stages) },
			func() { f.Channels = some(d, delivery.Channels) }, func() { f.Buildings = uuids(some(d, of(w.buildings, c))) },
			func() { f.Households = uuids(some(d, of(w.households, c))) }, func() { f.Suppliers = uuids(some(d, of(w.suppliers, c))) },
			func() { f.Orders = uuids(some(d, of(w.orders, c))) },
		} {
			if oneIn(d, 3) {
				set()
			}
		}
		if oneIn(d, 3) {
			f = delivery.EventFilter{Activities: true}
			if oneIn(d, 2) {
				f.Kinds = some(d, delivery.ActivityKinds())
			}
		}
		s, after, limit := pick(d, []delivery.Scope{w.all(c), w.scope(d)}), int64(d.IntN(80)), 1+d.IntN(40)
		upTo := after + int64(d.IntN(30))
		rows, err := w.db.Events(t.Context(), s, c, f, after, upTo, limit)
		if err != nil {
			rt.Fatal(err)
		}
		var want []*delivery.Event
		for _, e := range w.events[c] {
			if e.Seq > after && e.Seq <= upTo && len(want) < limit && f.Shows(&s, e) {
				want = append(want, e)
			}
		}
		if got, want := w.seen(rows), w.seen(want); !slices.Equal(got, want) {
			rt.Fatalf("%+v by %+v, %d to %d, at most %d: got %q, want %q", f, s, after, upTo, limit, got, want)
		}
	})
}

func TestFilterSpansAreHalfOpen(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	o := w.order(seeded(6), 1)
	for _, span := range []struct {
		from, until time.Time
		want        int
	}{{o.PlacedAt, o.PlacedAt.Add(time.Microsecond), 1}, {o.PlacedAt.Add(-time.Second), o.PlacedAt, 0}} {
		rows, err := w.db.Orders(t.Context(), w.all(1), 1, db.OrderFilter{PlacedFrom: &span.from, PlacedUntil: &span.until}, db.SortNumber, false, everything)
		if err != nil || len(rows.Items) != span.want {
			t.Errorf("from %s until %s: got %+v, %v, want %d rows", span.from, span.until, rows, err, span.want)
		}
	}
}
