package delivery_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/delivery"
)

// citizen is a household's orders: how many stand at each open stage, by whether they are held and have a holder, and how
// many were delivered today.
type citizen struct {
	open      [6][2][2]int // stage, held, without holder
	delivered int
}

// atoms is the number of the smallest groups of orders: one for each open stage, held or not, with a holder or not.
const atoms = 6 * 2 * 2

func (c *citizen) atom(i int) int { return c.open[i/4][i/2%2][i%2] }

// counted counts the households the way the database does. Each order that is held is late, too.
func counted(homes []citizen) *delivery.CityCount {
	out := &delivery.CityCount{}
	for i, h := range homes {
		counts := make([]int, len(delivery.CityGroups))
		for g, group := range delivery.CityGroups {
			for i := range atoms {
				stage, held, without := i/4, i/2%2 == 1, i%2 == 1
				in := delivery.CityGroup(delivery.Stages[stage]) == group || group == delivery.CityHeld && held || group == delivery.CityMoving && !held ||
					group == delivery.CityWithoutHolder && without || group == delivery.CityWithHolder && !without ||
					group == delivery.CityLate && held || group == delivery.CityOnTime && !held
				if in {
					counts[g] += h.atom(i)
				}
			}
			switch group {
			case delivery.CityGroup(delivery.Delivered):
				counts[g] = h.delivered
			case delivery.CityRegistered:
				counts[g] = 1
			}
		}
		out.Homes = append(out.Homes, delivery.CityHome{Household: numbered(i), Counts: counts})
	}
	return out
}

// numbered is the id of the household with a number.
func numbered(i int) delivery.UUID {
	return delivery.UUID(fmt.Sprintf("00000000-0000-7000-8000-%012x", i))
}

// first is what a community's first reading shows.
func first(c *delivery.CityCount) *delivery.CityCommunity {
	return delivery.NewCityCommunity(nil, c.Release(noon, nil))
}

// published are the numbers about open orders that are shown, each as the set of atoms it counts.
func published(c *delivery.CityCommunity) (sets [][atoms]int) {
	add := func(n *delivery.CityNumber, in func(stage int, held, without bool) bool) {
		if n.Suppressed() {
			return
		}
		var set [atoms]int
		for i := range atoms {
			if in(i/4, i/2%2 == 1, i%2 == 1) {
				set[i] = 1
			}
		}
		sets = append(sets, set)
	}
	add(c.Open, func(int, bool, bool) bool { return true })
	add(c.Held, func(_ int, held, _ bool) bool { return held })
	add(c.WithoutHolder, func(_ int, _, without bool) bool { return without })
	for at, cell := range c.Stages {
		add(&cell.CityNumber, func(stage int, _, _ bool) bool { return stage == at })
	}
	return sets
}

// TestNoNumberForTheCityIsAboutFewHouseholds adds and subtracts the shown numbers in every way: every group of orders that
// can be counted like that is about at least five households.
func TestNoNumberForTheCityIsAboutFewHouseholds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string, n int) int { return rapid.IntRange(0, n).Draw(rt, name) }
		homes := make([]citizen, draw("households", 25))
		busy := draw("busy", 5) // most stand at one stage, so that the rest is small
		for h := range homes {
			for range draw("orders", 2) {
				stage := busy
				if draw("elsewhere", 3) == 0 {
					stage = draw("stage", 5)
				}
				held, without := 0, 0
				if draw("held", 4) == 0 {
					held = 1
				}
				if draw("without", 4) == 0 {
					without = 1
				}
				homes[h].open[stage][held][without]++
			}
			homes[h].delivered = max(0, draw("delivered", 3)-1)
		}
		c := first(counted(homes))
		about := func(in func(*citizen) bool) (n int) {
			for i := range homes {
				if in(&homes[i]) {
					n++
				}
			}
			return n
		}
		if n := about(func(h *citizen) bool { return h.delivered > 0 }); c.DeliveredToday.Suppressed() != (n < 5) {
			rt.Fatalf("delivered to %d households: suppressed %t", n, c.DeliveredToday.Suppressed())
		}
		if c.Households.Suppressed() != (len(homes) < 5) {
			rt.Fatalf("%d households: suppressed %t", len(homes), c.Households.Suppressed())
		}
		sets := published(c)
		var combine func(at int, sum [atoms]int)
		combine = func(at int, sum [atoms]int) {
			if at < len(sets) {
				for _, sign := range []int{0, 1, -1} {
					next := sum
					for i := range next {
						next[i] += sign * sets[at][i]
					}
					combine(at+1, next)
				}
				return
			}
			some := false
			for _, n := range sum {
				if n != 0 && n != 1 {
					return // counts no group of orders
				}
				some = some || n == 1
			}
			if !some {
				return
			}
			n := about(func(h *citizen) bool {
				for i, in := range sum {
					if in == 1 && h.atom(i) > 0 {
						return true
					}
				}
				return false
			})
			if n < 5 {
				rt.Fatalf("the orders %v are about %d households and can be counted from %s", sum, n, shown(c))
			}
		}
		combine(0, [atoms]int{})
	})
}

// TestNoSuppressedNumberCanBeReconstructed lists every small community with one order a household, and plays an attacker who
// knows the rules: no suppressed stage may be the same in all communities that show the same numbers.
func TestNoSuppressedNumberCanBeReconstructed(t *testing.T) {
	t.Parallel()
	const most = 6 // at a stage
	type told struct{ low, high [6]int }
	like := map[string]*told{}
	homes := make([][]delivery.CityHome, 6) // households with an order at each stage
	for stage := range homes {
		shares := make([]int, len(delivery.CityGroups))
		shares[stage] = 1
		for i := range most {
			homes[stage] = append(homes[stage], delivery.CityHome{Household: numbered(stage*most + i), Counts: shares})
		}
	}
	of := &delivery.CityCount{}
	var list func(at int, counts [6]int)
	list = func(at int, counts [6]int) {
		if at < 6 {
			for counts[at] = range most + 1 {
				list(at+1, counts)
			}
			return
		}
		of.Homes = of.Homes[:0]
		for stage, n := range counts {
			of.Homes = append(of.Homes, homes[stage][:n]...)
		}
		board := first(of)
		hidden := 0
		for i, cell := range board.Stages {
			switch {
			case cell.Suppressed():
				hidden += counts[i]
			case *cell.Count != counts[i] || counts[i] < 5:
				t.Fatalf("%v: shows %d of %d", counts, *cell.Count, counts[i])
			}
		}
		if hidden > most { // some of its like are not in the list
			return
		}
		key := shown(board)
		k := like[key]
		if k == nil {
			k = &told{low: counts, high: counts}
			like[key] = k
		}
		for i, n := range counts {
			k.low[i], k.high[i] = min(k.low[i], n), max(k.high[i], n)
		}
	}
	list(0, [6]int{})
	for key, k := range like {
		for i := range 6 {
			if suppressed := key[2*i] == '*'; suppressed && k.low[i] == k.high[i] {
				t.Errorf("%s: stage %d can only be %d", key, i, k.low[i])
			}
		}
	}
	if len(like) < 10 {
		t.Errorf("got %d different boards, want more", len(like))
	}
}

// shown writes a community's numbers: the stages with one place each, then the rest; * stands for suppressed.
func shown(c *delivery.CityCommunity) string {
	s := ""
	write := func(n *delivery.CityNumber) {
		if n.Suppressed() {
			s += "* "
			return
		}
		s += fmt.Sprintf("%c ", 'A'+rune(*n.Count))
	}
	for _, cell := range c.Stages {
		write(&cell.CityNumber)
	}
	for _, n := range []*delivery.CityNumber{c.Open, c.Held, c.WithoutHolder, c.DeliveredToday, c.Households} {
		write(n)
	}
	return s
}

// TestNoChangeForTheCityIsAboutFewHouseholds lets orders of random communities move between readings. Each number that is replaced differs from the
// one before by the orders of at least five households or of none, and so do the numbers that can be found by subtracting shown ones.
func TestNoChangeForTheCityIsAboutFewHouseholds(t *testing.T) {
	t.Parallel()
	replaced, kept := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string, n int) int { return rapid.IntRange(0, n).Draw(rt, name) }
		homes := make([]citizen, 5+draw("households", 40))
		for h := range homes {
			homes[h].open[draw("stage", 5)][draw("held", 1)][draw("without", 1)] = draw("orders", 2)
		}
		released := map[delivery.CityFamily]*delivery.CityRelease{}
		was := map[delivery.CityFamily][]citizen{}
		var last []*delivery.CityRelease
		for reading := range 6 {
			for _, r := range counted(homes).Release(noon.Add(time.Duration(reading)*time.Minute), last) {
				before := released[r.Family]
				if before != nil {
					replaced++
					if r.Homes == nil {
						r.Homes = before.Homes
					}
					for name, in := range complements(r.Family) {
						if n := differing(was[r.Family], homes, in); n > 0 && n < 5 {
							rt.Fatalf("%s: the orders of %d households that are %s changed between two releases", r.Family, n, name)
						}
					}
				}
				released[r.Family], was[r.Family] = r, slices.Clone(homes)
			}
			kept += len(released)
			last = last[:0]
			for _, f := range delivery.CityFamilies {
				last = append(last, released[f])
			}
			for range draw("moves", 8) {
				h := &homes[draw("home", len(homes)-1)]
				*h = citizen{delivered: h.delivered + draw("delivered", 1)}
				h.open[draw("stage", 5)][draw("held", 1)][draw("without", 1)] = draw("orders", 2)
			}
		}
	})
	if replaced == 0 || replaced == kept {
		t.Errorf("%d of %d releases were replaced, want some and not all", replaced, kept)
	}
}

// complements are the sets of atoms that a family's numbers count, and those left when one is subtracted from the open orders.
func complements(f delivery.CityFamily) map[string]func(i int) bool {
	out := map[string]func(int) bool{}
	switch f {
	case delivery.CityFamilyOpen:
		for s := range 6 {
			out["at "+string(delivery.Stages[s])] = func(i int) bool { return i/4 == s }
		}
	case delivery.CityFamilyHeld, delivery.CityFamilyLate:
		out["held"] = func(i int) bool { return i/2%2 == 1 }
		out["not held"] = func(i int) bool { return i/2%2 == 0 }
	case delivery.CityFamilyHolder:
		out["without a holder"] = func(i int) bool { return i%2 == 1 }
		out["with a holder"] = func(i int) bool { return i%2 == 0 }
	}
	return out
}

// differing counts the households whose orders in the atoms differ.
func differing(before, after []citizen, in func(i int) bool) (n int) {
	for h := range before {
		a, b := 0, 0
		for i := range atoms {
			if in(i) {
				a, b = a+before[h].atom(i), b+after[h].atom(i)
			}
		}
		if a != b {
			n++
		}
	}
	return n
}

// TestCityFigures checks the numbers that are computed from counts.
func TestCityFigures(t *testing.T) {
	t.Parallel()
	homes := make([]citizen, 20)
	for h := range homes {
		homes[h].open[0][min(1, h/15)][0] = 1 // five of twenty are late
		homes[h].delivered = 3
	}
	c := counted(homes)
	c.PersonMinutes, c.GateToDoor, c.Timed = 120*60+20, new(41.5), 5
	got := first(c)
	for what, n := range map[string]*delivery.CityNumber{"25": got.LatePercent, "50": got.OrdersPer100PersonHours, "42": got.MedianMinutesGateToDoor, "*": got.OpenIncidents} {
		if n.Suppressed() != (what == "*") || !n.Suppressed() && fmt.Sprint(*n.Count) != what {
			t.Errorf("got %+v, want %s", n, what)
		}
	}
	c.Timed = 4
	if n := first(c).MedianMinutesGateToDoor; !n.Suppressed() {
		t.Errorf("the median of four households is shown: %+v", n)
	}
}

// TestCityHomesAreStored writes and reads the households of releases.
func TestCityHomesAreStored(t *testing.T) {
	t.Parallel()
	var homes []delivery.CityHome
	for i := range 300 {
		homes = append(homes, delivery.CityHome{Household: numbered(i), Counts: []int{i % 7, i * i}})
	}
	stored, err := delivery.EncodeCityHomes(homes)
	if err != nil {
		t.Fatal(err)
	}
	got, err := delivery.DecodeCityHomes(delivery.CityFamilyHeld, stored)
	if err != nil || !reflect.DeepEqual(got, homes) {
		t.Errorf("got %v %v, want %v", got, err, homes)
	}
	for cut := range 40 {
		if cut%18 == 0 { // whole households
			continue
		}
		if _, err := delivery.DecodeCityHomes(delivery.CityFamilyHeld, stored[:cut]); err == nil {
			t.Errorf("the first %d bytes are read", cut)
		}
	}
}

func TestCitySeesNoCommunity(t *testing.T) {
	t.Parallel()
	h := &delivery.Household{Row: delivery.Row{CommunityID: community, UUID: home}, BuildingUUID: here}
	everything := delivery.Keys{Community: community, Building: here, Household: home, Supplier: shop, Order: orderOf}
	for _, a := range []delivery.Actor{{Role: "CITY"}, {Role: "CITY", Communities: []int32{community}}, {Role: "CITY", Communities: []int32{0}}, {Role: "CITY", Community: community, UUID: someone, Squad: "SUPPLY", Buildings: []delivery.UUID{here}, Communities: []int32{0, community}}} {
		s := a.Scope()
		if s.Sees(everything) || s.Sees(delivery.Keys{}) || s.SeesCommunity(community) || s.SeesCommunity(0) || s.SeesCommunity(anotherEstate) {
			t.Errorf("%+v sees or enters something", a)
		}
		if s.SeesNumbersOf(community) != (len(a.Communities) > 0) || s.SeesNumbersOf(anotherEstate) != slices.Contains(a.Communities, 0) {
			t.Errorf("%+v counts the wrong communities", a)
		}
		if a.OfTeam() || a.SeesNeeds() || a.SeesReveals() || a.AtPhoneDesk() || a.CanSetUp(community) || a.CanLeadTeam(community) || a.CanHold(community) || a.CanPlace(h, "PHONE") == nil ||
			a.CanReveal(h, nil) == nil || len(a.AllowedMoves(standing("AT_BUILDING", "APP"))) > 0 || !a.CanCount() || a.Role.Acts() {
			t.Errorf("%+v may do something", a)
		}
		if _, refused := a.RoundOf(community, nil); refused == nil {
			t.Errorf("%+v goes rounds", a)
		}
	}
	a, b, c := delivery.Scope{Class: "NUMBERS", Communities: []int32{2, 1, 2}}, delivery.Scope{Class: "NUMBERS", Communities: []int32{1, 2}}, delivery.Scope{Class: "NUMBERS"}
	if a.View() != b.View() || a.View() == c.View() {
		t.Errorf("got %+v, %+v, %+v", a.View(), b.View(), c.View())
	}
	for _, p := range people() {
		if got, want := p.actor.CanCount(), p.actor.Role == "ADMIN"; got != want {
			t.Errorf("%s counts: %t, want %t", p.name, got, want)
		}
	}
}

// TestCityDays lists the days that are over since a reading.
func TestCityDays(t *testing.T) {
	t.Parallel()
	shanghai := func(s string) time.Time {
		at, err := time.Parse("2006-01-02 15:04 -0700", s+" +0800")
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	c := &delivery.Community{TimeZone: "Asia/Shanghai"}
	for _, x := range []struct {
		read, now string
		want      string
	}{
		{"2020-02-18 10:00", "2020-02-18 23:59", "[]"},
		{"2020-02-18 23:59", "2020-02-19 00:00", "[{2020-02-18 2020-02-17 16:00:00 +0000 UTC}]"},
		{"2020-02-19 00:00", "2020-02-19 00:01", "[]"},
		{"2020-02-19 10:00", "2020-02-18 10:00", "[]"}, // the business clock was put back
		{"2020-02-18 10:00", "2020-02-20 00:00", "[{2020-02-18 2020-02-17 16:00:00 +0000 UTC} {2020-02-19 2020-02-18 16:00:00 +0000 UTC}]"},
	} {
		days := c.CityDays(shanghai(x.read), shanghai(x.now))
		for i := range days {
			days[i].From = days[i].From.UTC()
		}
		if got := fmt.Sprint(days); got != x.want {
			t.Errorf("read at %s, now %s: got %s, want %s", x.read, x.now, got, x.want)
		}
	}
	days := c.CityDays(shanghai("2010-02-18 10:00"), shanghai("2020-02-20 10:00"))
	if len(days) != 7 || days[6].Day != "2020-02-19" {
		t.Errorf("after ten years got %v, want the last seven days", days)
	}
	if got := c.FirstCityDay(shanghai("2020-02-19 00:00")); got != "2019-02-19" {
		t.Errorf("got %s for the first day that is kept", got)
	}
}

// TestUnstoredCityDays says why a board of a past day has no numbers.
func TestUnstoredCityDays(t *testing.T) {
	t.Parallel()
	now := time.Date(2020, 2, 18, 20, 0, 0, 0, time.UTC) // the 19th in Shanghai
	for _, x := range []struct {
		day    string
		stored bool
		zones  []string
		want   delivery.Reason
	}{
		{"2020-02-18", false, []string{"Asia/Shanghai", "Europe/London"}, delivery.ReasonNoCityDay},
		{"2020-02-18", false, []string{"Europe/London"}, delivery.ReasonDayNotOver},
		{"2020-02-19", false, []string{"Europe/London", "Asia/Shanghai"}, delivery.ReasonDayNotOver},
		{"2020-02-19", false, []string{"Europe/London"}, delivery.ReasonFutureDay},
		{"2020-02-20", false, []string{"Europe/London", "Asia/Shanghai"}, delivery.ReasonFutureDay},
		{"2020-02-17", true, []string{"Europe/London", "Asia/Shanghai"}, delivery.Reason{}},
		{"2020-02-20", false, nil, delivery.Reason{}},
	} {
		b := &delivery.CityBoard{Day: &x.day}
		for i, zone := range x.zones {
			b.Communities = append(b.Communities, &delivery.CityCommunity{Community: &delivery.Community{TimeZone: zone}, Stored: x.stored && i == 1})
		}
		var got delivery.Reason
		if refusal := b.CheckStored(now); refusal != nil {
			got = refusal.Reason
		}
		if got != x.want {
			t.Errorf("%s in %v, stored: %t: got %v, want %v", x.day, x.zones, x.stored, got, x.want)
		}
	}
	if refusal := delivery.CheckCityDay("18 February"); refusal == nil || refusal.Reason != delivery.ReasonBadValue {
		t.Errorf("got %v for a text that is no day", refusal)
	}
}
