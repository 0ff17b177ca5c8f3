package bench

import (
	"fmt"
	"strings"
)

// Figure is one line of the table: a measured value, its yardstick and its goal.
type Figure struct {
	Name      string    `json:"name"` // of the trial
	What      string    `json:"what"`
	Unit      string    `json:"unit"`
	Rounds    []float64 `json:"rounds"`
	Value     float64   `json:"value"` // the median of the rounds
	Yardstick *Measured `json:"yardstick,omitempty"`
	Ratio     float64   `json:"ratio,omitempty"` // value to yardstick, the medians
	Goal      Goal      `json:"toReach"`
	Reached   *bool     `json:"reached,omitempty"` // nil where nothing is to be reached, or the yardstick is missing
	Note      string    `json:"note,omitempty"`
}

// Measured is a value that a figure is compared with.
type Measured struct {
	What   string    `json:"what"`
	Rounds []float64 `json:"rounds,omitempty"`
	Value  float64   `json:"value"`
}

// Goal is the goal of a figure. A zero field sets none.
type Goal struct {
	MaxRatio float64 `json:"maxRatio,omitempty"`
	MinRatio float64 `json:"minRatio,omitempty"`
	Max      float64 `json:"max,omitempty"` // in the figure's unit
	Min      float64 `json:"min,omitempty"` // likewise
	Zero     bool    `json:"zero,omitempty"`
}

// figure makes a figure of rounds, and of the yardstick's if there are any.
func figure(what, unit string, goal Goal, rounds []float64, yardstick string, theirs []float64) Figure {
	f := Figure{What: what, Unit: unit, Goal: goal, Rounds: rounds, Value: median(rounds)}
	if yardstick != "" {
		f.Yardstick = &Measured{What: yardstick, Rounds: theirs, Value: median(theirs)}
		if f.Yardstick.Value != 0 {
			f.Ratio = f.Value / f.Yardstick.Value
		}
	}
	f.judge()
	return f
}

// judge says whether the goal is reached, as far as there is something to judge by.
func (f *Figure) judge() {
	g := f.Goal
	if g == (Goal{}) || (g.MaxRatio != 0 || g.MinRatio != 0) && f.Ratio == 0 {
		return
	}
	reached := (g.MaxRatio == 0 || f.Ratio <= g.MaxRatio) && (g.MinRatio == 0 || f.Ratio >= g.MinRatio) &&
		(g.Max == 0 || f.Value <= g.Max) && (g.Min == 0 || f.Value >= g.Min) && (!g.Zero || f.Value == 0)
	f.Reached = &reached
}

// String is the goal as the table shows it.
func (g Goal) String() string { return g.in("") }

// in is the goal with the unit of its figure.
func (g Goal) in(unit string) string {
	var parts []string
	if g.MaxRatio != 0 {
		parts = append(parts, fmt.Sprintf("≤ %s×", number(g.MaxRatio)))
	}
	if g.MinRatio != 0 {
		parts = append(parts, fmt.Sprintf("≥ %s×", number(g.MinRatio)))
	}
	if g.Max != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("≤ %s %s", number(g.Max), unit)))
	}
	if g.Min != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("≥ %s %s", number(g.Min), unit)))
	}
	if g.Zero {
		parts = append(parts, "0")
	}
	return strings.Join(parts, ", ")
}

// number writes a number with three digits that count.
func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 1000:
		return grouped(int64(v + 0.5))
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	}
	s := fmt.Sprintf("%.3g", v)
	return s
}

// grouped writes a whole number with a comma between its thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
