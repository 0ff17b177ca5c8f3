package rehearsal

import (
	"cmp"
	"slices"
	"time"
)

// Held is a building whose orders do not move between two times of the day.
type Held struct {
	Building    int // its index in the estate
	From, Until time.Duration
}

// holds are the times of each building at which it is held, in order and without overlaps.
type holds [][]Held

func newHolds(buildings int, held []Held) holds {
	out := make(holds, buildings)
	sorted := slices.SortedFunc(slices.Values(held), func(a, b Held) int { return cmp.Compare(a.From, b.From) })
	for _, h := range sorted {
		if h.From >= h.Until {
			continue
		}
		of := out[h.Building]
		if last := len(of) - 1; last >= 0 && h.From <= of[last].Until {
			of[last].Until = max(of[last].Until, h.Until)
			continue
		}
		out[h.Building] = append(of, h)
	}
	return out
}

// during reports whether a building is held at any time from one time to another.
func (h holds) during(building int32, from, until time.Duration) bool {
	held, found := h.next(building, from)
	return found && held.From <= until
}

// next returns the first hold of a building that ends after a time.
func (h holds) next(building int32, after time.Duration) (Held, bool) {
	of := h[building]
	i, _ := slices.BinarySearchFunc(of, after, func(held Held, after time.Duration) int { return cmp.Or(cmp.Compare(held.Until, after), -1) })
	if i == len(of) {
		return Held{}, false
	}
	return of[i], true
}

// at reports whether a building is held.
func (h holds) at(building int32, now time.Duration) bool { return h.during(building, now, now) }

// free returns from when on an order may move that came to its building's link at a time.
func (h holds) free(building int32, came time.Duration) time.Duration {
	if held, found := h.next(building, came); found && held.From <= came {
		return held.Until
	}
	return came
}

// schedule wakes a link when holds begin and end; who is the building.
func (h holds) schedule(d *day, link, what uint8) {
	for building, of := range h {
		for _, held := range of {
			if held.Until <= d.start {
				continue
			}
			d.schedule(max(held.From, d.start), link, what, int32(building))
			d.schedule(held.Until, link, what, int32(building))
		}
	}
}
