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
