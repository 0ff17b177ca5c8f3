package delivery

import (
	"math"
	"time"
)

// DayFacts holds the community's rows that a rehearsal of a day needs. It has no personal data.
type DayFacts struct {
	Units   []UnitFact
	Trucks  []TruckFact
	Shifts  []ShiftFact
	Members []SquadFact // volunteers, for squads without shifts
	Holds   []HoldFact
	Steps   []StepFact
	Cut     *time.Time // from when on events are read to measure steps, if there are more than MeasuredEvents in MeasuredDays; else nil
	Marked  MarkedFact
	PerDay  int // orders placed a day: a mean over the last seven days, or since the first order if that is later
	Today   int // orders that are open, and those that are delivered on the present day

	Forecast *float64 // orders of the estate, as stored on the evening before; nil if there is none, or only a lower bound
}

// Orders is how many orders are expected: the stored forecast, else as many as today or as on a day lately, the larger of the two.
func (f *DayFacts) Orders() int {
	if f.Forecast != nil {
		return int(math.Round(*f.Forecast))
	}
	return max(f.PerDay, f.Today)
}

// Expected is how many orders are expected to be delivered: Orders, less those for buildings that are held without an end.
func (f *DayFacts) Expected() int { return f.Deliverable(f.Orders(), time.Time{}) }

// Deliverable returns how many of a number of orders are not for buildings that have been held without an end since after an instant, by households. The orders are not for
// buildings that were held so before. The zero time takes off all buildings that are held without an end.
func (f *DayFacts) Deliverable(orders int, after time.Time) int {
	free, held := 0, 0
	for _, u := range f.Units {
		switch since := f.HeldSince(u.BuildingUUID); {
		case since == nil:
			free += u.Households
		case since.After(after):
			held += u.Households
		}
	}
	switch {
	case held == 0:
		return orders
	case free == 0:
		return 0
	}
	return int(math.Round(float64(orders) * float64(free) / float64(free+held)))
}

// HeldSince returns since when a building is held without an end, nil if it is not.
func (f *DayFacts) HeldSince(building UUID) *time.Time {
	var since *time.Time
	for i, h := range f.Holds {
		if h.BuildingUUID == building && h.Until == nil && (since == nil || h.From.Before(*since)) {
			since = &f.Holds[i].From
		}
	}
	return since
}

// Brings returns how many orders of a truck can be delivered, in how many bags, and how many are left out because their building is held without an end. A truck whose orders
// are not known has one in each bag, and those of such buildings by households.
func (f *DayFacts) Brings(t TruckFact) (orders, bags, leftOut int) {
	all := max(t.Orders, 0)
	if orders = all - t.Held; all == 0 {
		all = max(t.Bags, 0)
		orders = f.Deliverable(all, time.Time{})
	}
	if all == 0 {
		return 0, 0, 0
	}
	return orders, max(t.Bags*orders/all, orders), all - orders
}

// UnitFact is a unit with its households.
type UnitFact struct {
	BuildingUUID UUID   `db:"building_id"`
	BuildingCode string `db:"code"`
	Floors       int    `db:"floors"`
	Lift         bool   `db:"has_lift"`
	Households   int    `db:"households"`
}

// TruckFact is a truck that is announced for the day.
type TruckFact struct {
	DueAt  time.Time `db:"due_at"`
	Orders int       `db:"orders"`
	Bags   int       `db:"bags"`
	Held   int       `db:"held"` // of the orders: those of buildings that are held without an end
}

// ShiftFact is a shift that runs on the day, with how many members are planned or present.
type ShiftFact struct {
	Squad    Squad     `db:"squad"`
	StartsAt time.Time `db:"starts_at"`
	EndsAt   time.Time `db:"ends_at"`
	Members  int       `db:"members"`
}

// SquadFact is how many volunteers a squad has.
type SquadFact struct {
	Squad   Squad `db:"squad"`
	Members int   `db:"members"`
}

// HoldFact is a building that is held.
type HoldFact struct {
	BuildingUUID UUID       `db:"building_id"`
	From         time.Time  `db:"placed_at"`
	Until        *time.Time `db:"until"`
}

// MarkedFact is how many orders of the last seven days came to the gate, and how many of them go first: those marked MEDICINE, and those marked COLD without it.
type MarkedFact struct {
	Orders   int `db:"orders"`
	Medicine int `db:"medicine"`
	Cold     int `db:"cold"`
}

// ChainStep is a step of the chain whose time is measured.
type ChainStep string

// The steps.
const (
	StepDelay      ChainStep = "TRUCK_DELAY" // how late trucks come, measured in plain seconds
	StepUnload     ChainStep = "UNLOAD"      // from the arrival of a truck until an order is counted, less half of the time that counting takes
	StepGate       ChainStep = "GATE"        // counting one bag, by all who count
	StepSettle     ChainStep = "SETTLE"      // of the goods of a truck
	StepSort       ChainStep = "SORT"        // between two orders that the same person sorts
	StepOverlooked ChainStep = "OVERLOOKED"  // how long an order that was overlooked stands at the gate, beyond settling
	StepTravel     ChainStep = "CART_TRAVEL" // from the departure of a cart to its first stop
	StepStop       ChainStep = "CART_STOP"   // between two stops of a cart
	StepDoor       ChainStep = "DOOR"        // between two orders that the same person hands over on one round
)

// Steps lists the steps in the order of the chain.
var Steps = []ChainStep{StepDelay, StepUnload, StepGate, StepSettle, StepSort, StepOverlooked, StepTravel, StepStop, StepDoor}

// StepFact is how long a step took lately.
type StepFact struct {
	Step   ChainStep `db:"step"`
	Sample int       `db:"sample"`
	Mean   float64   `db:"mean"`   // of the logarithms of the seconds; of StepDelay of the seconds, which may be negative
	Spread float64   `db:"spread"` // their standard deviation
	Share  float64   `db:"share"`  // of the sample that the step concerns; 1 but for StepOverlooked
}

// StepTime is a time that a rehearsal uses.
type StepTime struct {
	Step    ChainStep
	Minutes float64 // mean
	Spread  float64 // coefficient of variation; of StepDelay the standard deviation in minutes
	Sample  int
	Share   float64 // of the orders that the step concerns
	Assumed bool
}

const (
	// MeasuredDays is over how many days times are measured.
	MeasuredDays = 7
	// MeasuredSample is the least sample from which a time counts as measured.
	MeasuredSample = 50
	// MeasuredEvents is how many of the newest events are read at most to measure times: a week of a busy estate has some 84,000.
	MeasuredEvents = 100_000
)

// CanRehearse reports whether the actor may rehearse a day of a community: its leads and commander, and administrators.
func (a Actor) CanRehearse(community int32) bool { return a.CanLeadTeam(community) }
