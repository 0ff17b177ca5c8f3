package plan

import (
	"slices"
	"time"

	"baogong/delivery"
	"baogong/rehearsal"
)

// FromClockStart returns the instant from which the times of a scenario of the day that begins at from count, and the input as it is counted from there. Trucks before that
// instant, in an hour that clocks show twice, come at it; they are moved in the facts, too.
func FromClockStart(c *delivery.Community, from time.Time, facts *delivery.DayFacts, in *rehearsal.ScenarioInput) (time.Time, *rehearsal.ScenarioInput) {
	start, own := c.ClockStart(from), *in
	early := func(t time.Time) bool { return t.Before(start) && !t.Before(from) }
	own.Trucks = slices.Clone(in.Trucks)
	for i, t := range own.Trucks {
		if early(t.At) {
			moved := *t
			moved.At = start
			own.Trucks[i] = &moved
		}
	}
	for i, t := range facts.Trucks {
		if early(t.DueAt) {
			facts.Trucks[i].DueAt = start
		}
	}
	return start, &own
}
