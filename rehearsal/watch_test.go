package rehearsal

import (
	"math"
	"strings"
	"testing"
	"time"
)

// TestHistogram: quantiles reach to the end of the simulation, so that they do not fall below the mean.
func TestHistogram(t *testing.T) {
	t.Parallel()
	var h histogram
	times := []time.Duration{time.Minute, 23*time.Hour + 59*time.Minute + 54*time.Second, 24 * time.Hour, 30 * time.Hour, 47*time.Hour + 59*time.Minute, 90 * time.Hour}
	for _, d := range times {
		h.add(d)
	}
	for i, want := range []float64{1, 1439.9, 1440, 1800, 2879, 2879} {
		if got := h.quantile(float64(i+1) / float64(len(times))); math.Abs(got-want) > 1e-9 {
			t.Errorf("quantile %d: got %v minutes, want %v", i+1, got, want)
		}
	}
	if got := h.within(30 * time.Hour); got != 0.5 {
		t.Errorf("within 30 h: got %v, want half", got)
	}
}

// TestAdviceOfUndelivered: orders that run out of time are not said to be of a held building.
func TestAdviceOfUndelivered(t *testing.T) {
	t.Parallel()
	for why, change := range map[string]func(*Scenario){
		"by the end of the next day.":      func(*Scenario) {},
		": a building is held until then.": func(s *Scenario) { s.Held = []Held{{Building: 0, Until: span}} },
		": a post has no people then.":     func(s *Scenario) { s.Sort.Hands = Staffing{{0, 2}, {time.Hour, 0}} },
		": a building is held until then, and a post has no people then.": func(s *Scenario) {
			s.Held, s.Sort.Hands = []Held{{Building: 0, Until: span}}, Staffing{{0, 2}, {time.Hour, 0}}
		},
	} {
		s := Assumed()
		change(&s)
		if got := advice(&s, &Outlook{Undelivered: 3, ClearMedian: Never, ClearP95: Never})[0].English; !strings.HasPrefix(got, "3 orders are not delivered by the end of the next day") || !strings.HasSuffix(got, why) {
			t.Errorf("got %q, want the reason %q", got, why)
		}
	}
}

// TestNeededBeyondThePlanned: an hour's work is what comes to wait in it, however few the hands are.
func TestNeededBeyondThePlanned(t *testing.T) {
	t.Parallel()
	most := func(post LinkName, change func(*Scenario)) (needed int, work, offered float64) {
		s := Assumed()
		s.OneMore, s.WhatIfs, s.Replications = false, false, 10
		s.SetOrders(2200)
		s.Sort.Hands = Always(40)
		change(&s)
		total, err := play(t.Context(), &s, func() {})
		if err != nil {
			t.Fatal(err)
		}
		r := total.result(&s)
		for _, h := range r.Hours {
			needed = max(needed, h.Needed[post])
		}
		for i, l := range chain {
			if l == post {
				for _, ms := range total.links[i].offered {
					offered += float64(ms) / float64(time.Hour.Milliseconds()) / 10
				}
			}
		}
		return needed, r.Link(post).Work, offered
	}
	for _, c := range []struct {
		post   LinkName
		least  int
		change func(*Scenario)
	}{
		{Cart, 4, func(s *Scenario) { s.Carts.Count = Always(1) }},
		{Door, 6, func(s *Scenario) {
			s.Estate, s.Doors.Hands = Uniform(1, 2, Staircase{Households: 100, Floors: 27, Lift: true}), Always(2)
		}},
		{Cart, 4, func(s *Scenario) { // a building is held in the morning
			s.Carts.Count, s.Held = Always(1), []Held{{Building: 3, From: 0, Until: 12 * time.Hour}}
		}},
	} {
		if got, work, offered := most(c.post, c.change); got < c.least || math.Abs(work-offered) > 0.01 {
			t.Errorf("%s: got %d needed of %.3f h of work, want %d or more of %.3f", c.post, got, offered, c.least, work)
		}
	}
}
