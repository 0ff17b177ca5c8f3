package dispatch_test

import (
	"testing"
	"time"

	"baogong/delivery"
	"baogong/rehearsal"
)

// TestPlansWhereClocksChange: on a day of 23 or 25 hours, also one that begins after midnight, 18:00 is 18:00 on the wall, and trucks come at the time that clocks show.
func TestPlansWhereClocksChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, day string
		hours     int
	}{
		{"Europe/Berlin", "2020-03-29", 23}, {"Europe/Berlin", "2020-10-25", 25}, {"America/New_York", "2020-03-08", 23}, {"America/New_York", "2020-11-01", 25},
		{"America/Havana", "2020-03-08", 23}, {"America/Havana", "2020-11-01", 25}, {"Asia/Shanghai", "2020-03-08", 24},
	} {
		t.Run(c.zone+" "+c.day, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			must(e.direct.ExecContext(t.Context(), "update communities set time_zone = $1", c.zone))
			zone := must(time.LoadLocation(c.zone))
			day := must(time.Parse(time.DateOnly, c.day))
			at := func(hour, minute int) time.Time {
				return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, zone)
			}
			e.pass(at(12, 0).AddDate(0, 0, -1).Sub(e.time())) // noon of the day before
			check := func(what string, first time.Time) *delivery.DayPlan {
				t.Helper()
				p := e.planOf(c.day)
				if p == nil {
					t.Fatalf("%s: no plan", what)
				}
				if got := p.EndsAt.Sub(p.StartsAt).Hours(); int(got) != c.hours {
					t.Errorf("%s: the day has %v hours, want %d", what, got, c.hours)
				}
				if !p.AllBy.Equal(at(18, 0)) {
					t.Errorf("%s: all by %s, want 18:00", what, p.AllBy.In(zone))
				}
				if got := p.StartsAt.Add(p.Trucks[0].Due); !got.Equal(first) {
					t.Errorf("%s: the first truck is due at %s, want %s", what, got.In(zone), first)
				}
				if got := p.StartsAt.Add(time.Duration(p.Points[0].Minute) * time.Minute); got.Before(first) || got.After(first.Add(3*time.Hour)) {
					t.Errorf("%s: the first delivery is at %s, after a truck at %s", what, got.In(zone), first)
				}
				if p.ClearMedian == nil || p.ClearMedian.Before(at(8, 0)) || p.ClearMedian.After(at(23, 0)) {
					t.Errorf("%s: clear at %v", what, p.ClearMedian)
				}
				return p
			}
			if refused := e.planDay(e.commander, rehearsal.ScenarioInput{Day: &c.day, Orders: new(100)}); refused != nil {
				t.Fatal(refused)
			}
			check("assumed trucks", at(8, 5))
			if refused := e.planDay(e.commander, rehearsal.ScenarioInput{Day: &c.day, Trucks: []*rehearsal.TruckInput{{At: at(9, 30), Orders: 40}}}); refused != nil {
				t.Fatal(refused)
			}
			check("a truck at 9:30", at(9, 30))
			first, _ := (&delivery.Community{TimeZone: c.zone}).Today(at(12, 0))
			for _, night := range []time.Time{first, first.Add(30 * time.Minute)} { // also in an hour that comes twice
				if refused := e.planDay(e.commander, rehearsal.ScenarioInput{Day: &c.day, Trucks: []*rehearsal.TruckInput{{At: night, Orders: 40}}}); refused != nil {
					t.Errorf("a truck at %s: %v", night.In(zone), refused)
				}
			}
			if refused := e.planDay(e.commander, rehearsal.ScenarioInput{Day: &c.day, Trucks: []*rehearsal.TruckInput{{At: first.Add(-2 * time.Hour), Orders: 40}}}); refused == nil {
				t.Error("a truck of the day before is taken")
			}
			must(e.direct.ExecContext(t.Context(), "delete from plans"))
			for i := range 12 {
				e.place(e.homes[i%len(e.homes)])
			}
			e.pass(at(20, 30).AddDate(0, 0, -1).Sub(e.time()))
			e.tick()
			check("the clock's plan", at(8, 5))
			e.pass(at(11, 0).Sub(e.time()))
			e.tick()
			if p := e.planOf(c.day); p.Behind == nil || *p.Behind <= 0 || p.ClearNow == nil || p.ClearNow.Before(at(16, 30)) || p.ClearNow.After(at(21, 0)) {
				t.Errorf("at 11:00: got %+v, want a day that is behind and clear in the evening", p.PlanPresent)
			}
		})
	}
}

// TestLooksWhereClocksChange: a truck before dawn is unloaded at 7:00 on the wall, in the plan as in the rehearsed rest of the day.
func TestLooksWhereClocksChange(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"2020-03-29", "2020-10-25", "2020-10-26"} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			must(e.direct.ExecContext(t.Context(), "update communities set time_zone = 'Europe/Berlin'"))
			zone := must(time.LoadLocation("Europe/Berlin"))
			date := must(time.Parse(time.DateOnly, day))
			at := func(hour, minute int) time.Time {
				return time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, zone)
			}
			e.pass(at(12, 0).AddDate(0, 0, -1).Sub(e.time()))
			if refused := e.planDay(e.commander, rehearsal.ScenarioInput{Day: &day, Trucks: []*rehearsal.TruckInput{{At: at(4, 0), Orders: 40}}}); refused != nil {
				t.Fatal(refused)
			}
			e.pass(at(3, 30).Sub(e.time()))
			e.tick()
			p := e.planOf(day)
			if p == nil || p.ClearMedian == nil || p.ClearNow == nil {
				t.Fatalf("got %+v, want a plan with its end and that of the rest", p)
			}
			if p.ClearMedian.Before(at(7, 30)) || p.ClearNow.Sub(*p.ClearMedian).Abs() > 20*time.Minute {
				t.Errorf("clear at %v, planned %v; want the same, after 7:30", p.ClearNow, p.ClearMedian.In(zone))
			}
		})
	}
}
