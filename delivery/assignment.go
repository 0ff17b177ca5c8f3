package delivery

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// The weights of a building's load, in the units of its stairs (docs/decisions/0055).
const (
	householdsPerLoad = 100
	ordersPerLoad     = 20
	loadWithLift      = 1.0
	loadWithoutLift   = 3.5
)

// LeastGain is by how much handing over a building must lower the higher load of the two volunteers. Volunteers know their buildings, so a smaller
// gain is not worth a change.
const LeastGain = 0.5

// Assignments is the buildings of a community and the volunteers of its supply squad, for suggesting who serves which building.
type Assignments struct {
	Buildings  []*CoveredBuilding  // by code
	Volunteers []*CoveredVolunteer // by code
	Services   []*Service          // of these volunteers
}

// CoveredBuilding is a building with households.
type CoveredBuilding struct {
	UUID       UUID   `db:"id"`
	Code       string `db:"code"`
	HasLift    bool   `db:"has_lift"`
	Households int    `db:"households"`
	Orders     int    `db:"orders"` // open ones
}

// Load is how much work the building is: households/100 + open orders/20 + 1 with a lift, 3.5 without.
func (b *CoveredBuilding) Load() float64 {
	stairs := loadWithoutLift
	if b.HasLift {
		stairs = loadWithLift
	}
	return float64(b.Households)/householdsPerLoad + float64(b.Orders)/ordersPerLoad + stairs
}

// CoveredVolunteer is a member of the supply squad.
type CoveredVolunteer struct {
	CommunityID int32  `db:"community_id"`
	UUID        UUID   `db:"id"`
	Code        string `db:"code"`
	Version     int64  `db:"version"`
	Present     bool   `db:"present"`  // takes part: on shift, or reachable where the community plans no shifts
	Commands    bool   `db:"commands"` // the commander: gets no further building, and keeps those that they serve
}

// AssignmentChange is a suggested change of the buildings that one volunteer serves, in the form that updateVolunteers takes.
type AssignmentChange struct {
	VolunteerID     ID
	ExpectedVersion int64
	Services        []*AssignedService // all that the volunteer would serve
	LoadBefore      float64
	LoadAfter       float64
	why             Bilingual
}

// AssignedService is a building that a volunteer would serve.
type AssignedService struct {
	BuildingID ID
	Duty       Duty
}

// Why says in a sentence what changes for the volunteer.
func (c *AssignmentChange) Why(l Locale) string {
	if l == Chinese {
		return c.why.Chinese
	}
	return c.why.English
}

// assignment is an Assignments while changes are made. Volunteers and buildings are numbers: their places in the Assignments.
type assignment struct {
	*Assignments
	loads   []float64      // of the buildings
	duties  []map[int]Duty // of each building, by volunteer
	serving []int          // how many buildings each volunteer serves
	moved   map[int]move   // of each building that changes hands
}

// move is a building that goes from one volunteer (-1: none) to another.
type move struct{ building, from, to int }

// Suggest returns the changes that would first give each building a volunteer who is present, and then lower the highest load: again and again the volunteer
// with the highest load hands one building to another, while that lowers the higher load of the two by LeastGain or more. A building changes hands once at
// most. No service ends: a volunteer who hands over a building stays its backup, so no building is covered worse. A building whose primary volunteer is
// away gets a backup, so that it goes back to the primary when they return. The commander gets no building. The result depends only on the Assignments.
func (c *Assignments) Suggest() []*AssignmentChange {
	a := c.assignment()
	before := a.loadsOf()
	a.cover()
	for a.balance() {
	}
	return a.changes(before, a.loadsOf())
}

func (c *Assignments) assignment() *assignment {
	a := &assignment{Assignments: c, serving: make([]int, len(c.Volunteers)), moved: map[int]move{}}
	buildings, volunteers := map[UUID]int{}, map[UUID]int{}
	for i, b := range c.Buildings {
		buildings[b.UUID] = i
		a.loads, a.duties = append(a.loads, b.Load()), append(a.duties, map[int]Duty{})
	}
	for i, v := range c.Volunteers {
		volunteers[v.UUID] = i
	}
	for _, s := range c.Services {
		v, known := volunteers[s.VolunteerUUID]
		if !known {
			continue
		}
		a.serving[v]++ // also of buildings without households
		if b, there := buildings[s.BuildingUUID]; there {
			a.duties[b][v] = s.Duty
		}
	}
	return a
}

// carrier returns the volunteer who holds the orders of the building, as Roster.Holder chooses: the first primary who is present, else the
// first backup; -1 if there is none.
func (a *assignment) carrier(building int) int {
	backup := -1
	for v, volunteer := range a.Volunteers {
		switch duty := a.duties[building][v]; {
		case !volunteer.Present || duty == "":
		case duty == DutyPrimary:
			return v
		case backup < 0:
			backup = v
		}
	}
	return backup
}

// loadsOf returns the load of each volunteer: of the buildings that they carry.
func (a *assignment) loadsOf() []float64 {
	out := make([]float64, len(a.Volunteers))
	for b := range a.Buildings {
		if v := a.carrier(b); v >= 0 {
			out[v] += a.loads[b]
		}
	}
	return out
}

// stranger reports whether the volunteer does not serve the building yet.
func (a *assignment) stranger(building, volunteer int) bool {
	return a.duties[building][volunteer] == ""
}

// mayTake reports whether the volunteer can take a building over. The commander takes none: they direct the whole estate.
func (a *assignment) mayTake(building, volunteer int) bool {
	v := a.Volunteers[volunteer]
	return v.Present && !v.Commands && (!a.stranger(building, volunteer) || a.serving[volunteer] < MaxBuildings)
}

// hand gives a building to a volunteer with a duty. The volunteer who carried it becomes its backup.
func (a *assignment) hand(m move, duty Duty) {
	if a.stranger(m.building, m.to) {
		a.serving[m.to]++
	}
	if m.from >= 0 {
		a.duties[m.building][m.from] = DutyBackup
	}
	a.duties[m.building][m.to] = duty
	a.moved[m.building] = m
}

// cover gives each building that no volunteer who is present serves to the one with the lowest load, the heaviest building first.
func (a *assignment) cover() {
	var open []int
	for b := range a.Buildings {
		if a.carrier(b) < 0 {
			open = append(open, b)
		}
	}
	slices.SortStableFunc(open, func(x, y int) int { return cmp.Compare(a.loads[y], a.loads[x]) })
	for _, b := range open {
		loads, to := a.loadsOf(), -1
		for v := range a.Volunteers {
			if a.mayTake(b, v) && (to < 0 || loads[v] < loads[to]) {
				to = v
			}
		}
		if to < 0 {
			return
		}
		duty := DutyPrimary
		for _, d := range a.duties[b] {
			if d == DutyPrimary { // of a volunteer who is away
				duty = DutyBackup
			}
		}
		a.hand(move{b, -1, to}, duty)
	}
}

// balance moves one building away from the volunteer with the highest load. It reports whether there was one to move.
func (a *assignment) balance() bool {
	loads := a.loadsOf()
	most := -1
	for v, volunteer := range a.Volunteers {
		if volunteer.Present && (most < 0 || loads[v] > loads[most]) {
			most = v
		}
	}
	var best *move
	var least float64 // the higher of the two loads after the best move
	for b := range a.Buildings {
		if _, moved := a.moved[b]; moved || a.carrier(b) != most {
			continue
		}
		for v := range a.Volunteers {
			if v == most || !a.mayTake(b, v) || !a.wouldCarry(b, most, v) {
				continue
			}
			higher := max(loads[most]-a.loads[b], loads[v]+a.loads[b])
			if higher <= loads[most]-LeastGain && (best == nil || a.better(higher, b, v, least, best)) {
				best, least = &move{b, most, v}, higher
			}
		}
	}
	if best == nil {
		return false
	}
	a.hand(*best, DutyPrimary)
	return true
}

// better reports whether giving the building to the volunteer is better than the best move so far. Loads that differ by less than a tenth
// count as equal: then a volunteer who serves the building already is preferred.
func (a *assignment) better(higher float64, building, volunteer int, least float64, best *move) bool {
	if x, y := math.Floor(higher*10), math.Floor(least*10); x != y {
		return x < y
	}
	if now, was := a.stranger(building, volunteer), a.stranger(best.building, best.to); now != was {
		return was
	}
	return higher < least
}

// wouldCarry reports whether the volunteer would carry the building as its primary after the one who carries it now became its backup.
// Another primary who comes first may be present.
func (a *assignment) wouldCarry(building, from, to int) bool {
	for v := range a.Volunteers[:to] {
		if v != from && a.Volunteers[v].Present && a.duties[building][v] == DutyPrimary {
			return false
		}
	}
	return true
}

// changes returns the change of each volunteer whose services change, in the order of their codes.
func (a *assignment) changes(before, after []float64) []*AssignmentChange {
	parts := make([][]Bilingual, len(a.Volunteers))
	touched := make([]map[UUID]Duty, len(a.Volunteers))
	note := func(v, building int, chinese, english string) {
		parts[v] = append(parts[v], Bilingual{chinese, english})
		if touched[v] == nil {
			touched[v] = map[UUID]Duty{}
		}
		touched[v][a.Buildings[building].UUID] = a.duties[building][v]
	}
	for b, building := range a.Buildings {
		m, moved := a.moved[b]
		if !moved {
			continue
		}
		to := a.Volunteers[m.to]
		if m.from < 0 {
			note(m.to, b, fmt.Sprintf("接手 %s（目前无人负责）", building.Code), fmt.Sprintf("takes %s, which no volunteer on duty serves", building.Code))
			continue
		}
		from := a.Volunteers[m.from]
		note(m.to, b, fmt.Sprintf("接手 %s（现由 %s 负责）", building.Code, from.Code), fmt.Sprintf("takes %s from %s", building.Code, from.Code))
		note(m.from, b, fmt.Sprintf("将 %s 交给 %s，自己留作后备", building.Code, to.Code), fmt.Sprintf("hands %s to %s and stays its backup", building.Code, to.Code))
	}
	out := []*AssignmentChange{}
	for v, volunteer := range a.Volunteers {
		if len(parts[v]) == 0 {
			continue
		}
		c := &AssignmentChange{VolunteerID: ID{KindVolunteer, volunteer.CommunityID, volunteer.UUID}, ExpectedVersion: volunteer.Version,
			Services: a.servicesOf(volunteer, touched[v]), LoadBefore: inHundredths(before[v]), LoadAfter: inHundredths(after[v])}
		var chinese, english []string
		for _, p := range parts[v] {
			chinese, english = append(chinese, p.Chinese), append(english, p.English)
		}
		c.why = Bilingual{
			fmt.Sprintf("%s %s：负荷由 %.1f 变为 %.1f。", volunteer.Code, strings.Join(chinese, "；"), before[v], after[v]),
			fmt.Sprintf("%s %s: a load of %.1f instead of %.1f.", volunteer.Code, strings.Join(english, "; "), after[v], before[v]),
		}
		out = append(out, c)
	}
	return out
}

// servicesOf returns all that a volunteer would serve, by the buildings' ids.
func (a *assignment) servicesOf(v *CoveredVolunteer, changed map[UUID]Duty) []*AssignedService {
	duties := map[UUID]Duty{}
	for _, s := range a.Services {
		if s.VolunteerUUID == v.UUID {
			duties[s.BuildingUUID] = s.Duty
		}
	}
	maps.Copy(duties, changed)
	var out []*AssignedService
	for _, building := range slices.Sorted(maps.Keys(duties)) {
		out = append(out, &AssignedService{BuildingID: ID{KindBuilding, v.CommunityID, building}, Duty: duties[building]})
	}
	return out
}

func inHundredths(load float64) float64 { return math.Round(load*100) / 100 }
