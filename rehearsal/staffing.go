package rehearsal

import (
	"math"
	"slices"
	"time"
)

// Staffing is how many hands a post has over the day.
type Staffing []Hands

// Hands are at work from a time of the day until the next entry.
type Hands struct {
	From  time.Duration // since midnight
	Count int
}

// Always is a staffing that does not change.
func Always(count int) Staffing { return Staffing{{Count: count}} }

// At returns the hands at a time of the day.
func (s Staffing) At(at time.Duration) int {
	count := 0
	for _, h := range s {
		if h.From <= at {
			count = h.Count
		}
	}
	return count
}

// Plus returns the staffing with more hands whenever there are any, or all day if there are none at any time.
func (s Staffing) Plus(more int) Staffing {
	out := slices.Clone(s)
	if s.Most() == 0 {
		return Always(max(more, 0))
	}
	for i := range out {
		if out[i].Count > 0 {
			out[i].Count = max(out[i].Count+more, 0)
		}
	}
	return out
}

// Without returns the staffing with a share of the hands absent.
func (s Staffing) Without(share float64) Staffing {
	out := slices.Clone(s)
	for i := range out {
		out[i].Count = int(math.Round(float64(out[i].Count) * (1 - share)))
	}
	return out
}

// Most returns the largest number of hands.
func (s Staffing) Most() int {
	most := 0
	for _, h := range s {
		most = max(most, h.Count)
	}
	return most
}

// sorted returns the staffing in the order of time.
func (s Staffing) sorted() Staffing {
	out := slices.Clone(s)
	slices.SortStableFunc(out, func(a, b Hands) int { return int(a.From - b.From) })
	return out
}
