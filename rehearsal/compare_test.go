package rehearsal

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	withoutRaces(t)
	day := func(change func(*Scenario)) Scenario {
		s := Assumed()
		s.OneMore, s.WhatIfs = false, false
		change(&s)
		return s
	}
	compare := func(a, b Scenario) *Comparison {
		c, err := Compare(t.Context(), a, b)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	base := day(func(*Scenario) {})

	t.Run("a day and itself differ in nothing", func(t *testing.T) {
		c := compare(base, base)
		if c.Saves.Mean != 0 || c.Saves.PlusMinus != 0 || c.Gains != 0 || *c.EarlierMinutes() != 0 {
			t.Errorf("got %+v", c)
		}
		if got, want := c.Sentence.English, "The second takes as long for each order, is clear at the same time, and is in time on"; !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("no settling saves the settling", func(t *testing.T) {
		c := compare(base, day(func(s *Scenario) { s.Settle = 0 }))
		if c.Saves.Mean < 25 || c.Saves.Mean > 35 || c.Saves.PlusMinus > 1 || c.Gains < 0.3 || *c.EarlierMinutes() < 20 {
			t.Errorf("got saves %+v, gains %v, earlier %v", c.Saves, c.Gains, *c.EarlierMinutes())
		}
		for _, want := range []string{"每单快", "早 "} {
			if !strings.Contains(c.Sentence.Chinese, want) {
				t.Errorf("got %q, want %q in it", c.Sentence.Chinese, want)
			}
		}
	})
	t.Run("the other way round it costs as much", func(t *testing.T) {
		without := day(func(s *Scenario) { s.Settle = 0 })
		a, b := compare(base, without), compare(without, base)
		if math.Abs(a.Saves.Mean+b.Saves.Mean) > 1e-9 || a.Gains != -b.Gains || *a.EarlierMinutes() != -*b.EarlierMinutes() {
			t.Errorf("got %+v and %+v", a.Saves, b.Saves)
		}
		if !strings.Contains(b.Sentence.English, "costs") || !strings.Contains(b.Sentence.English, "later") {
			t.Errorf("got %q", b.Sentence.English)
		}
	})
	t.Run("a day that is never clear", func(t *testing.T) {
		never := day(func(s *Scenario) { s.Held = []Held{{Building: 0, From: 0, Until: span}} })
		c := compare(base, never)
		if c.EarlierMinutes() != nil || !strings.Contains(c.Sentence.English, "mostly not clear") {
			t.Errorf("got %v, %q", c.EarlierMinutes(), c.Sentence.English)
		}
		if c := compare(never, base); !strings.Contains(c.Sentence.English, "where the first is not") {
			t.Errorf("got %q", c.Sentence.English)
		}
	})
	t.Run("minutes of a day that does not deliver everything are not compared", func(t *testing.T) {
		held := day(func(s *Scenario) { s.Held = []Held{{Building: 0, From: 0, Until: span}} })
		for _, c := range []*Comparison{compare(base, held), compare(held, base)} {
			if strings.Contains(c.Sentence.English, "for each order") || strings.Contains(c.Sentence.Chinese, "每单") {
				t.Errorf("got %q, %q", c.Sentence.English, c.Sentence.Chinese)
			}
		}
		c := compare(base, held)
		if want := fmt.Sprintf("The second leaves %.0f orders undelivered (the first: 0), is mostly not clear", c.Second.Undelivered); c.Second.Undelivered < 10 || !strings.HasPrefix(c.Sentence.English, want) {
			t.Errorf("got %q, want %q", c.Sentence.English, want)
		}
	})
	t.Run("a day that delivers nothing takes no time and saves none", func(t *testing.T) {
		nothing := day(func(s *Scenario) {
			for b := range s.Estate.Buildings {
				s.Held = append(s.Held, Held{Building: b, From: base.Earliest + time.Minute, Until: span}) // before the first order is settled
			}
		})
		if c := compare(base, nothing); c.Second.Undelivered != float64(base.Orders()) || c.Saves != (MeanInterval{}) {
			t.Errorf("got %v undelivered, saves %+v", c.Second.Undelivered, c.Saves)
		}
	})
	t.Run("one hand more at a post, as in the answer of one day", func(t *testing.T) {
		with := base
		with.OneMore = true
		whole, err := Rehearse(t.Context(), with)
		if err != nil {
			t.Fatal(err)
		}
		more := base.oneMore(Cart)
		if got, want := compare(base, more).Saves, whole.OneMore[2].Saves; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}
