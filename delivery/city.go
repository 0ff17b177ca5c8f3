package delivery

import (
	"math"
	"slices"
	"time"
)

// fewHouseholds is the smallest number of households that a number for the city may be about.
const fewHouseholds = 5

// CityGroup is a group of a community's rows that is counted for the city: the orders at a stage, or with or without a property,
// the open incidents about households, or the register of households.
type CityGroup string

// The groups beside the stages.
const (
	CityHeld          CityGroup = "held"
	CityMoving        CityGroup = "moving" // open and not held
	CityWithoutHolder CityGroup = "without holder"
	CityWithHolder    CityGroup = "with holder"
	CityLate          CityGroup = "late"
	CityOnTime        CityGroup = "on time" // open and not late
	CityTroubled      CityGroup = "troubled"
	CityRegistered    CityGroup = "registered"
)

// CityGroups lists the groups: the open stages, DELIVERED for today's orders, both sides of each property, incidents, households. The
// index of a group is that of its count in CityHome.Counts.
var CityGroups = func() (out []CityGroup) {
	for _, s := range Stages {
		if !s.Final() || s == Delivered {
			out = append(out, CityGroup(s))
		}
	}
	return append(out, CityHeld, CityMoving, CityWithoutHolder, CityWithHolder, CityLate, CityOnTime, CityTroubled, CityRegistered)
}()

// CityCount is the counts of one community at one reading, before suppression.
type CityCount struct {
	Homes         []CityHome
	Incidents     int      // open ones, also those about no household
	GateToDoor    *float64 // the median of today's last CityTimed hand-overs, in minutes; nil without any
	Timed         int      // the households of these hand-overs
	PersonMinutes int      // of the volunteers on shift today
}

// CityTimed is how many of the day's last hand-overs the median from the gate to the door is taken of.
const CityTimed = 500

// CityHome is one household's share in each of CityGroups.
type CityHome struct {
	Household UUID
	Counts    []int
}

// CityBoard is the numbers of many communities (街道与市级看板).
type CityBoard struct {
	At          time.Time // business time of the read
	Day         *string   // the past day that the numbers are of, such as 2020-02-18; nil for the present
	Communities []*CityCommunity
}

// CityCommunity is the numbers of one community, without any that is about fewer than five households.
type CityCommunity struct {
	Community               *Community
	Past                    bool // the numbers are of a day that is over
	Stored                  bool // there is a release, or there was one at the end of that day
	Households              *CityNumber
	Open                    *CityNumber
	Held                    *CityNumber
	WithoutHolder           *CityNumber
	DeliveredToday          *CityNumber
	LatePercent             *CityNumber
	MedianMinutesGateToDoor *CityNumber
	OpenIncidents           *CityNumber
	OrdersPer100PersonHours *CityNumber
	Stages                  []*CityCell
}

// CityNumber is a number of one reading, nil if it is suppressed.
type CityNumber struct {
	Count  *int
	ReadAt *time.Time // business time; nil before the first reading
}

// Suppressed reports whether the number is hidden because it is about too few households or would reveal a number that is.
func (n *CityNumber) Suppressed() bool { return n.Count == nil }

// CityCell is the number of orders at one stage.
type CityCell struct {
	Stage Stage
	CityNumber
}

// CityFigure names a number of a community: one of the groups, or one of the names below.
type CityFigure string

// The figures that are not the count of a group.
const (
	FigureOpen       CityFigure = "open"
	FigureLate       CityFigure = "late percent"
	FigureGateToDoor CityFigure = "minutes from gate to door"
	FigurePace       CityFigure = "orders per 100 person-hours"
)

// figures returns the numbers that may be shown. No number is about fewer than five households, even none, and no such number can
// be found by subtracting others:
//
//   - The open orders are the sum of the stages. So the hidden stages must be about at least five households together, or
//     open minus the shown stages would reveal them. Until they are, the stage with the fewest households is hidden too. If
//     all stages together are about fewer, open itself is hidden by the first rule.
//   - The number of held orders is hidden unless the other open orders are about five households too, or open minus held
//     would reveal them. The same holds for orders without a holder, and for late ones.
//   - No other numbers add up: there is no sum over communities, delivered orders are in no other number, and households are
//     counted from the register.
//
// CityCount.Release hides differences between readings.
func (c *CityCount) figures() map[CityFigure]int {
	t := c.tally()
	out := map[CityFigure]int{}
	show := func(f CityFigure, n int, shown bool) {
		if shown {
			out[f] = n
		}
	}
	stages := openStages()
	hidden := t.hide(stages)
	open := 0
	for _, g := range stages {
		n := t.count(g)
		open += n
		show(CityFigure(g), n, !hidden[g])
	}
	show(FigureOpen, open, t.enough(stages...))
	show(CityFigure(CityHeld), t.count(CityHeld), t.enough(CityHeld) && t.enough(CityMoving))
	show(CityFigure(CityWithoutHolder), t.count(CityWithoutHolder), t.enough(CityWithoutHolder) && t.enough(CityWithHolder))
	if t.enough(CityLate) && t.enough(CityOnTime) {
		out[FigureLate] = rounded(100 * float64(t.count(CityLate)) / float64(open))
	}
	delivered := CityGroup(Delivered)
	show(CityFigure(delivered), t.count(delivered), t.enough(delivered))
	if c.GateToDoor != nil {
		show(FigureGateToDoor, rounded(*c.GateToDoor), c.Timed >= fewHouseholds)
	}
	if c.PersonMinutes > 0 {
		show(FigurePace, rounded(6000*float64(t.count(delivered))/float64(c.PersonMinutes)), t.enough(delivered))
	}
	show(CityFigure(CityTroubled), c.Incidents, t.enough(CityTroubled))
	show(CityFigure(CityRegistered), t.count(CityRegistered), t.enough(CityRegistered))
	return out
}

func rounded(x float64) int { return int(math.Round(x)) }

func openStages() (out []CityGroup) {
	for _, g := range CityGroups {
		if s := Stage(g); s.Valid() && !s.Final() {
			out = append(out, g)
		}
	}
	return out
}

// cityTally sums up the households of a community.
type cityTally struct {
	sharing map[int]int // households by the groups that they share in, a bit for each
	counts  []int       // rows by group
}

func (c *CityCount) tally() *cityTally {
	t := &cityTally{map[int]int{}, make([]int, len(CityGroups))}
	for _, h := range c.Homes {
		shared := 0
		for g, n := range h.Counts {
			if n > 0 {
				shared |= 1 << g
				t.counts[g] += n
			}
		}
		t.sharing[shared]++
	}
	return t
}

// hide returns the stages to hide: those about too few households, and more, the smallest first, until the hidden ones are
// about enough households together.
func (t *cityTally) hide(stages []CityGroup) map[CityGroup]bool {
	hidden := map[CityGroup]bool{}
	var list []CityGroup
	for _, g := range stages {
		if !t.enough(g) {
			hidden[g] = true
			list = append(list, g)
		}
	}
	for len(list) > 0 && len(list) < len(stages) && !t.enough(list...) {
		var next CityGroup
		for _, g := range stages {
			if !hidden[g] && (next == "" || t.households(g) < t.households(next)) {
				next = g
			}
		}
		hidden[next] = true
		list = append(list, next)
	}
	return hidden
}

// enough reports whether the groups together are about enough households.
func (t *cityTally) enough(groups ...CityGroup) bool { return t.households(groups...) >= fewHouseholds }

// households counts the households with a share in any of the groups, each once.
func (t *cityTally) households(groups ...CityGroup) (n int) {
	mask := 0
	for _, g := range groups {
		mask |= 1 << groupAt(g)
	}
	for shared, households := range t.sharing {
		if shared&mask != 0 {
			n += households
		}
	}
	return n
}

// count counts the rows in the group.
func (t *cityTally) count(g CityGroup) int { return t.counts[groupAt(g)] }

func groupAt(g CityGroup) int { return slices.Index(CityGroups, g) }
