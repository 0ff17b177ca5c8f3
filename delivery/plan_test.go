package delivery_test

import (
	"testing"
	"time"

	"baogong/delivery"
)

// TestBehind: a plan delivers 60 orders from 9:00 to 10:00, none until 14:00, and 60 more until 15:00.
func TestBehind(t *testing.T) {
	t.Parallel()
	day := time.Date(2020, 2, 18, 0, 0, 0, 0, time.UTC)
	p := &delivery.DayPlan{StartsAt: day, EndsAt: day.Add(24 * time.Hour), Orders: 120}
	for minute := 9*60 + 10; minute <= 15*60+20; minute += delivery.PlanPointEvery {
		n := min(max(minute-9*60, 0), 60) + min(max(minute-14*60, 0), 60)
		p.Points = append(p.Points, delivery.PlanPoint{Minute: minute, Low: max(n-20, 0), Median: n, High: min(n+20, 120)})
	}
	for _, c := range []struct {
		at        string
		delivered int
		planned   int
		want      any
	}{
		{"08:00", 3, 0, nil},
		{"09:30", 30, 30, 0}, {"09:30", 21, 30, 9}, {"09:30", 34, 30, -4}, {"09:30", 0, 30, 30},
		{"09:35", 35, 35, 0}, // between two points
		{"12:00", 60, 60, 0}, {"12:00", 55, 60, 5}, {"12:00", 70, 60, -10}, {"12:00", 0, 60, 60},
		{"14:30", 60, 90, 30}, {"14:30", 50, 90, 40}, {"14:30", 90, 90, 0}, {"14:30", 120, 90, -30},
		{"15:20", 120, 120, 0}, {"23:00", 130, 120, 0}, {"17:00", 110, 120, 130},
	} {
		at, err := time.Parse("15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		now := day.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
		against := p.Against(c.delivered, now)
		var got any
		if behind := against.BehindMinutes(); behind != nil {
			got = *behind
		}
		if got != c.want || against.Planned() != c.planned || against.Low() > c.planned || against.High() < c.planned {
			t.Errorf("at %s with %d: got %v minutes behind %d planned (%d to %d), want %v, %d", c.at, c.delivered, got, against.Planned(), against.Low(), against.High(), c.want, c.planned)
		}
	}
	if (&delivery.DayPlan{StartsAt: day}).BehindAt(3, day.Add(time.Hour)) != nil {
		t.Error("a plan that delivers nothing has a day that is behind")
	}
	last := day.Add(15*time.Hour + 10*time.Minute)
	p.PlanPresent = delivery.PlanPresent{NowAt: new(day.Add(16 * time.Hour)), ClearNow: &last, Behind: new(20)}
	for _, at := range []int{16, 20, 24} { // ten orders did not come, and nothing is left
		if got := p.Against(110, day.Add(time.Duration(at)*time.Hour)).BehindMinutes(); got == nil || *got != *p.BehindAt(110, last) {
			t.Errorf("nothing is left at %d:00: got %v minutes behind, want %d as at the last hand-over", at, got, *p.BehindAt(110, last))
		}
	}
	p.ClearNow, p.Behind = nil, nil
	if got := p.Against(0, day.Add(20*time.Hour)).BehindMinutes(); got != nil {
		t.Errorf("nothing came: got %d minutes behind", *got)
	}
	p.Behind = new(60) // something is left that is not delivered by the end of the next day
	if got := p.Against(110, day.Add(17*time.Hour)).BehindMinutes(); got == nil || *got != 130 {
		t.Errorf("never clear: got %v minutes behind, want 130", got)
	}
	// More or fewer orders came than were planned: it counts how many are left. At 9:30 the plan had 90 left.
	early := day.Add(9*time.Hour + 30*time.Minute)
	p.Points = append([]delivery.PlanPoint{{Minute: 9 * 60}}, p.Points...) // a point before the first delivery
	for _, c := range []struct{ expected, delivered, behind int }{{120, 30, 0}, {140, 30, 20}, {100, 30, -20}, {500, 30, 30}, {10, 10, -90}} {
		p.PlanPresent = delivery.PlanPresent{NowAt: &early, ClearNow: &last, Expected: &c.expected}
		against := p.Against(c.delivered, early)
		if got := against.BehindMinutes(); got == nil || *got != c.behind || *against.ExpectedOrders() != c.expected {
			t.Errorf("%d of %d: got %v minutes behind, want %d", c.delivered, c.expected, *got, c.behind)
		}
		if late := p.Against(c.delivered, early.Add(time.Hour)); late.ExpectedOrders() != nil || *late.BehindMinutes() != *p.BehindAt(c.delivered, early.Add(time.Hour)) {
			t.Errorf("an hour after the look: got %v minutes behind of %v", *late.BehindMinutes(), late.ExpectedOrders())
		}
	}
	p.Points = p.Points[1:]
	p.PlanPresent = delivery.PlanPresent{}
	over := p.Against(119, day.Add(30*time.Hour))
	if !over.At.Equal(p.EndsAt) || over.Planned() != 120 {
		t.Errorf("after the day: got %v, %d", over.At, over.Planned())
	}
}

func TestPlanPresentMoved(t *testing.T) {
	t.Parallel()
	at := time.Date(2020, 2, 18, 18, 0, 0, 0, time.UTC)
	was := delivery.PlanPresent{NowAt: &at, ClearNow: &at, Behind: new(3)}
	for name, c := range map[string]struct {
		change func(*delivery.PlanPresent)
		want   bool
	}{
		"nothing":         {func(*delivery.PlanPresent) {}, false},
		"half a minute":   {func(n *delivery.PlanPresent) { n.ClearNow = new(at.Add(30 * time.Second)) }, false},
		"a minute sooner": {func(n *delivery.PlanPresent) { n.ClearNow = new(at.Add(-time.Minute)) }, true},
		"never":           {func(n *delivery.PlanPresent) { n.ClearNow = nil }, true},
		"behind":          {func(n *delivery.PlanPresent) { n.Behind = new(4) }, true},
		"measured again":  {func(n *delivery.PlanPresent) { n.MeasuredUntil = &at }, false},
	} {
		now := was
		c.change(&now)
		if got := now.Moved(&was); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

func TestExpectedClear(t *testing.T) {
	t.Parallel()
	at := time.Date(2020, 2, 18, 17, 0, 0, 0, time.UTC)
	p := &delivery.DayPlan{PlanPresent: delivery.PlanPresent{NowAt: &at, ClearNow: new(at.Add(66 * time.Minute))}}
	if got := p.ExpectedClear(at.Add(14 * time.Minute)); got == nil || !got.Equal(at.Add(70*time.Minute)) {
		t.Errorf("got %v, want 18:10", got)
	}
	if got := p.ExpectedClear(at.Add(16 * time.Minute)); got != nil {
		t.Errorf("of an old rehearsal: got %v", got)
	}
	for _, minutes := range []int{0, -90} {
		p.ClearNow = new(at.Add(time.Duration(minutes) * time.Minute))
		if got := p.ExpectedClear(at); got != nil {
			t.Errorf("nothing was left: got %v", got)
		}
	}
	p.ClearNow = new(at.Add(3 * time.Minute))
	if got := p.ExpectedClear(at.Add(6 * time.Minute)); got != nil {
		t.Errorf("the time has passed: got %v", got)
	}
}

// TestCityPlan: the city's numbers of a plan are of the numbers that it is shown.
func TestCityPlan(t *testing.T) {
	t.Parallel()
	day := time.Date(2020, 2, 18, 0, 0, 0, 0, time.UTC)
	at := day.Add(10 * time.Hour)
	p := &delivery.DayPlan{StartsAt: day, EndsAt: day.Add(24 * time.Hour), Orders: 1232, PlanPresent: delivery.PlanPresent{NowAt: &at, ClearNow: new(day.Add(18*time.Hour + 4*time.Minute))},
		Points: []delivery.PlanPoint{{Minute: 9 * 60, Median: 60}, {Minute: 9*60 + 10, Median: 120}, {Minute: 9*60 + 20, Median: 180}}}
	number := func(n int, at time.Time) *delivery.CityNumber { return &delivery.CityNumber{Count: &n, ReadAt: &at} }
	c := &delivery.CityCommunity{Open: number(400, at), DeliveredToday: number(60, day.Add(9*time.Hour+5*time.Minute))}
	if got := c.BehindMinutes(p); got == nil || *got != 5 {
		t.Errorf("got %v minutes behind, want 5, as of the reading of the number", got)
	}
	if got := c.PlannedToday(p); got == nil || *got != 1240 {
		t.Errorf("got %v orders, want 1240", got)
	}
	if got := c.ExpectedClearAt(p, at); got == nil || !got.Equal(day.Add(18*time.Hour+10*time.Minute)) {
		t.Errorf("got %v, want 18:10", got)
	}
	over := *p
	over.ClearNow = new(at.Add(-time.Hour))
	if c.BehindMinutes(&over) != nil || c.ExpectedClearAt(&over, at) != nil {
		t.Error("nothing is left, and the city sees a time in the past or grows further behind")
	}
	hidden := &delivery.CityNumber{}
	c.DeliveredToday = number(60, day.Add(-time.Hour))
	if got := c.BehindMinutes(p); got != nil {
		t.Errorf("by yesterday's number: got %v", *got)
	}
	c.Open, c.DeliveredToday = hidden, hidden
	if c.BehindMinutes(p) != nil || c.PlannedToday(p) != nil || c.ExpectedClearAt(p, at) != nil {
		t.Error("suppressed numbers are told by the plan")
	}
}
