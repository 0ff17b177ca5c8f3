package delivery

import "time"

// The limits of estimates.
const (
	// PaceEvents is how many of a community's last events an estimate looks at.
	PaceEvents = 5000
	// PaceDay is how old a move may be that an estimate looks at.
	PaceDay = 24 * time.Hour
	// PaceHour is the time in which hand-overs are counted for ClearAt.
	PaceHour = time.Hour
	// EnoughMoves is how many moves an estimate needs of each step, and how many hand-overs.
	EnoughMoves = 5
	// PaceFor is how long a reading of the pace serves.
	PaceFor = time.Minute
	// EstimateStep is the unit to which estimates are rounded up, so that they do not change with each event.
	EstimateStep = 5 * time.Minute
)

// Pace is how fast a community's orders move, from its last moves, and how many wait.
type Pace struct {
	At        time.Time // business time of the reading
	Steps     []PaceStep
	Buildings []PaceBuilding
}

// PaceStep is how long orders stood at a stage before they went on to the next.
type PaceStep struct {
	From   Stage
	To     Stage
	Moves  int
	Median time.Duration
}

// PaceBuilding is what was handed over in a building within PaceHour, or how many of its orders wait at a stage without a hold.
type PaceBuilding struct {
	BuildingUUID UUID
	Stage        Stage // Delivered, or one from AtGate to OutForDelivery
	Orders       int
}

// PastTheGate reports whether orders at the stage are between the gate and the door.
func (s Stage) PastTheGate() bool { return s == AtGate || s == Sorted || s.AtDoors() }

// ways are the steps from each stage towards the door. If a stage has two, the one that was taken more often counts.
var ways = map[Stage][]Stage{
	Placed: {Dispatched, AtGate}, Dispatched: {AtGate}, AtGate: {Sorted}, Sorted: {AtBuilding}, AtBuilding: {OutForDelivery, Delivered}, OutForDelivery: {Delivered},
}

// step returns the usual step from a stage, nil if there were too few.
func (p *Pace) step(from Stage) (usual *PaceStep) {
	for _, to := range ways[from] {
		for i := range p.Steps {
			if s := &p.Steps[i]; s.From == from && s.To == to && s.Moves >= EnoughMoves && (usual == nil || s.Moves > usual.Moves) {
				usual = s
			}
		}
	}
	return usual
}

// rest returns how long orders usually took from the beginning of a stage to the door. It reports false if a step is not known.
func (p *Pace) rest(stage Stage) (time.Duration, bool) {
	var all time.Duration
	for stage != Delivered {
		s := p.step(stage)
		if s == nil {
			return 0, false
		}
		all, stage = all+s.Median, s.To
	}
	return all, true
}

// ExpectedAt returns when the order will probably be at its door: the end of its stage by the median, or now if that has passed, and the
// medians of the stages after it. It returns nil at a final stage, while the order is held, for errands before they are out for
// delivery, and if a step has had too few moves.
func (p *Pace) ExpectedAt(s *OrderSnapshot, now time.Time) *time.Time {
	if s.Stage.Final() || s.Held() || s.Channel.RunByVolunteer() && !s.Stage.AtDoors() {
		return nil
	}
	step := p.step(s.Stage)
	if step == nil {
		return nil
	}
	rest, known := p.rest(step.To)
	if !known {
		return nil
	}
	at := s.StageSince.Add(step.Median)
	if at.Before(now) {
		at = now
	}
	return new(estimate(at.Add(rest)))
}

// ClearAt returns when the orders that wait at the gate and beyond, and that the scope sees, will probably be at their doors. It assumes that every
// hour as many are handed over as within the last one, and returns no time before the last of them can be there by the medians. It returns nil for
// viewers of single orders, if nothing waits, and if there were too few hand-overs or moves.
func (p *Pace) ClearAt(s Scope) *time.Time {
	if s.Class != SeesAll && s.Class != SeesBuildings {
		return nil
	}
	var delivered, waiting int
	var longest time.Duration
	for _, b := range p.Buildings {
		switch {
		case s.Class == SeesBuildings && !in(s.Buildings, b.BuildingUUID) || s.Class == SeesBuildings && len(s.Buildings) == 0:
		case b.Stage == Delivered:
			delivered += b.Orders
		default:
			rest, known := p.rest(b.Stage)
			if !known {
				return nil
			}
			waiting += b.Orders
			longest = max(longest, rest)
		}
	}
	if waiting == 0 || delivered < EnoughMoves {
		return nil
	}
	return new(estimate(p.At.Add(max(longest, PaceHour*time.Duration(waiting)/time.Duration(delivered)))))
}

// estimate rounds an instant up to EstimateStep.
func estimate(at time.Time) time.Time {
	return at.Add(EstimateStep - 1).Truncate(EstimateStep)
}
