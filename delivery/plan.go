package delivery

import (
	"math"
	"reflect"
	"slices"
	"time"
)

// DayPlan is the plan of a community's day (当日计划): a rehearsal that was stored before the day began, with where the day stands against it. After the
// beginning of the day only its present changes.
type DayPlan struct {
	CommunityID int32
	Day         string
	StartsAt    time.Time // the day's first instant
	EndsAt      time.Time // that of the next day
	ByHand      bool      // a person gave the scenario
	Scenario    []byte    // what the person gave, as JSON
	Orders      int
	AllBy       time.Time  // when everything should be delivered
	ClearMedian *time.Time // when everything is delivered on half of the rehearsed days; nil: not by the end of the next day
	ClearP95    *time.Time // on 95 % of them
	Chance      float64    // that everything is delivered by AllBy
	Trucks      []PlanTruck
	Steps       []StepTime  // the times that the plan uses
	Points      []PlanPoint // every ten minutes until the last delivery
	MadeAt      time.Time
	PlanPresent
}

// PlanPresent is where a day stands.
type PlanPresent struct {
	NowAt         *time.Time // when the rest of the day was rehearsed last; nil: not yet
	ClearNow      *time.Time // when everything is probably delivered (the median); when the last order was handed over, once nothing is left; nil: not by the end of the next day
	ClearNowP95   *time.Time
	Behind        *int       // minutes, at NowAt, or at ClearNow once nothing is left; nil while nothing is planned, and if nothing is left and nothing was handed over
	Expected      *int       // orders that are delivered on the day, as rehearsed at NowAt: those delivered and the rest
	Measured      []StepTime // the times that were measured on the day
	MeasuredUntil *time.Time
}

// PlanTruck is a truck of a plan.
type PlanTruck struct {
	Due    time.Duration // since the beginning of the day
	Orders int
	Bags   int
	Told   bool // a person said how late it is, which is in Due; else it is as late as others are. Plans of earlier releases do not say so
}

// PlanPoint is how many orders are delivered by a time of the day: the tenth percentile, the median and the ninetieth.
type PlanPoint struct {
	Minute            int // of the day
	Low, Median, High int
}

// PlanPointEvery is the time between two points of a plan, in minutes.
const PlanPointEvery = 10

// FewestPlanned is the least number of orders of a day for which the clock makes a plan. A band about fewer says little.
const FewestPlanned = 10

// PresentEvery is how often the clock rehearses the rest of a day (business time).
const PresentEvery = 5 * time.Minute

// PresentFor is how long the expected end of a day is shown after it was rehearsed.
const PresentFor = 3 * PresentEvery

// PlanChanged is the kind of event of a plan that was made, or whose present changed by a minute or more.
const PlanChanged EventKind = "PLAN_CHANGED"

var _ = addKind(eventSpec{kind: PlanChanged, body: reflect.TypeFor[PlanBody](), board: boardsThatSee, team: true, whole: true})

// PlanBody is the body of PLAN_CHANGED.
type PlanBody struct {
	PlanDay string `json:"planDay,omitempty"` // 2020-02-18
}

// OfPlans reports whether the event may change what is shown of a plan: a hand-over or its undoing, a change of the plan, a new day, or the community's time zone.
func (e *Event) OfPlans() bool {
	if e.OfOrder() {
		return e.Order.Stage == Delivered || e.Kind == MoveUndone
	}
	return e.Kind == PlanChanged || e.Kind == DayStarted || e.Kind == CommunitySaved
}

// Changed returns the event of the plan's change.
func (p *DayPlan) Changed(by Actor, at time.Time) *Event {
	return NewEvent(PlanChanged, by, at, Keys{Community: p.CommunityID}, &PlanBody{p.Day})
}

// SeesPlan reports whether the plan of a community may be shown: to viewers of all its orders, whose numbers the plan is compared with.
func (s Scope) SeesPlan(community int32) bool {
	return s.Class == SeesAll && s.SeesCommunity(community)
}

// Moved reports whether the present differs from another one by a minute or an order or more.
func (n *PlanPresent) Moved(was *PlanPresent) bool {
	if (n.ClearNow == nil) != (was.ClearNow == nil) || (n.Behind == nil) != (was.Behind == nil) || (was.NowAt == nil) != (n.NowAt == nil) || (n.Expected == nil) != (was.Expected == nil) {
		return true
	}
	return n.ClearNow != nil && n.ClearNow.Sub(*was.ClearNow).Abs() >= time.Minute || n.Behind != nil && *n.Behind != *was.Behind || n.Expected != nil && *n.Expected != *was.Expected
}

// minute returns the minute of the day of an instant, with a fraction.
func (p *DayPlan) minute(t time.Time) float64 { return t.Sub(p.StartsAt).Minutes() }

// before returns the point before the one numbered i.
func (p *DayPlan) before(i int) PlanPoint {
	if i > 0 {
		return p.Points[i-1]
	}
	return PlanPoint{Minute: p.Points[0].Minute - PlanPointEvery}
}

// PlannedAt returns how many orders are to be delivered by an instant, between the points in proportion.
func (p *DayPlan) PlannedAt(t time.Time) PlanPoint {
	at := p.minute(t)
	for i, point := range p.Points {
		last := p.before(i)
		if at < float64(last.Minute) {
			return PlanPoint{}
		}
		if at < float64(point.Minute) {
			share := (at - float64(last.Minute)) / float64(point.Minute-last.Minute)
			between := func(a, b int) int { return a + int(share*float64(b-a)) }
			return PlanPoint{int(at), between(last.Low, point.Low), between(last.Median, point.Median), between(last.High, point.High)}
		}
	}
	if n := len(p.Points); n > 0 {
		return p.Points[n-1]
	}
	return PlanPoint{}
}

// BehindAt returns how many minutes ago as many orders were to be delivered as are delivered at an instant, by the median; negative if the day is
// ahead. A time in which the plan delivers nothing, such as the hours between two trucks, does not count. It is 0 if all that was planned is delivered and the time planned for it has passed, and nil before
// the plan delivers anything.
func (p *DayPlan) BehindAt(delivered int, t time.Time) *int {
	if p.PlannedAt(t).Median == 0 {
		return nil
	}
	last := len(p.Points) - 1 // the point of the last planned delivery
	for p.Points[last].Median == p.before(last).Median {
		last--
	}
	end := p.Points[last]
	now, then := p.minute(t), float64(end.Minute)
	if delivered >= end.Median && now >= then {
		return new(0)
	}
	for i, point := range p.Points {
		if from := p.before(i); delivered < point.Median {
			then = float64(from.Minute) + float64(point.Minute-from.Minute)*float64(max(delivered-from.Median, 0))/float64(point.Median-from.Median)
			break
		}
	}
	return new(int(math.Round(p.work(now, last) - p.work(then, last))))
}

// BehindOf is BehindAt for the orders that are left: a day to which more orders came than were planned is behind where as many were left, not where as many were delivered. What is expected counts for as
// long as ExpectedOrders shows it, and once nothing is left.
func (p *DayPlan) BehindOf(delivered int, t time.Time) *int {
	if p.Expected != nil && p.NowAt != nil && (t.Sub(*p.NowAt).Abs() <= PresentFor || p.NothingLeft()) {
		delivered = max(delivered+p.Orders-*p.Expected, 0)
	}
	return p.BehindAt(delivered, t)
}

// work returns how much of the time until a minute of the day the plan delivers in, and all time after its last delivery.
func (p *DayPlan) work(minute float64, last int) float64 {
	var sum float64
	for i, point := range p.Points {
		from := p.before(i)
		if i > last || point.Median > from.Median {
			sum += max(0, min(minute, float64(point.Minute))-float64(from.Minute))
		}
	}
	return sum + max(0, minute-float64(p.Points[len(p.Points)-1].Minute))
}

// NothingLeft reports whether the last look found nothing left to deliver on the day.
func (p *DayPlan) NothingLeft() bool {
	switch {
	case p.NowAt == nil:
		return false
	case p.ClearNow != nil:
		return !p.ClearNow.After(*p.NowAt)
	}
	return p.Behind == nil && p.PlannedAt(*p.NowAt).Median > 0 // and nothing was handed over
}

// BehindNow is how many minutes ago as many orders were to be left as are left now. Once nothing is left it stays as at the last hand-over, so that a day of which fewer orders came than were planned does not fall
// further behind; nil if nothing was handed over.
func (p *DayPlan) BehindNow(delivered int, t time.Time) *int {
	switch {
	case !p.NothingLeft() || t.Before(*p.NowAt):
		return p.BehindOf(delivered, t)
	case p.ClearNow == nil:
		return nil
	}
	return p.BehindOf(delivered, *p.ClearNow)
}

// ExpectedClear returns when everything will probably be delivered, rounded up to EstimateStep, if the rest of the day was rehearsed within PresentFor
// before an instant. It is nil otherwise, if nothing was left, and if that time has passed.
func (p *DayPlan) ExpectedClear(at time.Time) *time.Time {
	if p.NowAt == nil || p.ClearNow == nil || at.Sub(*p.NowAt).Abs() > PresentFor || p.NothingLeft() {
		return nil
	}
	if end := estimate(*p.ClearNow); end.After(at) {
		return &end
	}
	return nil
}

// PlanAgainstActual is a plan beside what happened until an instant (计划与实际).
type PlanAgainstActual struct {
	*DayPlan
	At     time.Time // of the count; the end of the day if that has passed
	Actual int       // orders that were handed over on the day
}

// StandIn reports whether the clock made the plan after the beginning of its day, because the day had none.
func (p *DayPlan) StandIn() bool { return !p.ByHand && !p.MadeAt.Before(p.StartsAt) }

// Against returns the plan beside the number of orders that are handed over at an instant, or were by the end of the day.
func (p *DayPlan) Against(delivered int, at time.Time) *PlanAgainstActual {
	if at.After(p.EndsAt) {
		at = p.EndsAt
	}
	return &PlanAgainstActual{p, at, delivered}
}

// Planned is how many orders were to be handed over by then, the median.
func (p *PlanAgainstActual) Planned() int { return p.PlannedAt(p.At).Median }

// Low is the tenth percentile.
func (p *PlanAgainstActual) Low() int { return p.PlannedAt(p.At).Low }

// High is the ninetieth percentile.
func (p *PlanAgainstActual) High() int { return p.PlannedAt(p.At).High }

// BehindMinutes is how far the day is behind the plan, or was when the last order was handed over, once nothing is left; negative if it is ahead, nil while nothing is planned.
func (p *PlanAgainstActual) BehindMinutes() *int { return p.BehindNow(p.Actual, p.At) }

// ExpectedOrders is how many orders are delivered on the day by its end: those delivered, and the rest as it was rehearsed last. It is nil if the rest was not rehearsed within
// PresentFor before.
func (p *PlanAgainstActual) ExpectedOrders() *int {
	if p.NowAt == nil || p.Expected == nil || p.At.Sub(*p.NowAt).Abs() > PresentFor {
		return nil
	}
	return new(max(*p.Expected, p.Actual))
}

// RehearsedBand is how many orders are delivered by an instant.
type RehearsedBand struct {
	At                time.Time
	Low, Median, High int
}

// Band is the plan's points with their instants.
func (p *PlanAgainstActual) Band() []*RehearsedBand {
	out := make([]*RehearsedBand, 0, len(p.Points))
	for _, point := range p.Points {
		out = append(out, &RehearsedBand{p.StartsAt.Add(time.Duration(point.Minute) * time.Minute), point.Low, point.Median, point.High})
	}
	return out
}

// WrongTime is a time of a plan beside the one that was measured on its day.
type WrongTime struct {
	Step              ChainStep
	PlannedMinutes    float64
	MeasuredMinutes   float64
	Sample            int
	DifferencePercent int
	Assumed           bool // in the plan
}

// ToldSample is the least sample from which a step of one day is compared with the plan.
const ToldSample = 10

// WrongTimes compares the times that the plan uses with those of the day, in the order of Steps. Steps with fewer than ToldSample samples are left out, and counting a bag
// if only the plan tells unloading from it: the day had too few trucks.
func (p *PlanAgainstActual) WrongTimes() []*WrongTime {
	out := []*WrongTime{}
	plans := slices.ContainsFunc(p.Steps, func(t StepTime) bool { return t.Step == StepUnload && t.Minutes > 0 })
	tells := slices.ContainsFunc(p.Measured, func(t StepTime) bool { return t.Step == StepUnload })
	for _, planned := range p.Steps {
		for _, m := range p.Measured {
			if m.Step != planned.Step || m.Sample < ToldSample || planned.Minutes <= 0 && m.Step != StepUnload && m.Step != StepDelay || m.Step == StepGate && plans && !tells {
				continue
			}
			percent := 100 // of a time that the plan leaves out
			switch {
			case planned.Minutes > 0:
				percent = int(math.Round(100 * (m.Minutes/planned.Minutes - 1)))
			case m.Minutes < planned.Minutes:
				percent = -100
			}
			out = append(out, &WrongTime{m.Step, planned.Minutes, m.Minutes, m.Sample, percent, planned.Assumed})
		}
	}
	return out
}

// RestFacts holds where the orders of a community stand, from which the rest of a day is rehearsed. It has no personal data.
type RestFacts struct {
	Standing      []StandingFact
	Trucks        []TruckFact // that are announced until the end of the day and have not come
	AtGate        TruckFact   // what is on trucks that have come and are not counted, together
	Loose         int         // orders on the way to the gate that are on no announced truck
	Held          int         // orders that have come to the gate and are left out, since they are held by themselves, with their household or supplier
	Open          int
	LeftOut       int        // open orders of buildings that are held without an end
	Delivered     int        // today
	LastDelivered *time.Time // today
}

// Came returns how many orders have come to the gate, as far as they are not held by themselves, and their buildings not without an end.
func (f *RestFacts) Came(day *DayFacts) int {
	n := f.Delivered + max(f.AtGate.Orders-f.AtGate.Held, 0)
	for _, s := range f.Standing {
		if day.HeldSince(s.BuildingUUID) == nil {
			n += s.Orders
		}
	}
	return n
}

// StandingFact is orders that wait at one stage in one building, or are on one cart or in one round. Orders with a hold of their own, of their household or
// supplier are left out.
type StandingFact struct {
	Stage        Stage      `db:"stage"`
	BuildingUUID UUID       `db:"building_id"`
	Trip         *UUID      `db:"trip"` // the run or round that is under way
	Orders       int        `db:"orders"`
	Bags         int        `db:"bags"`
	Since        time.Time  `db:"since"`        // when the first of them came there, or the run departed
	SettledAt    *time.Time `db:"settle_until"` // at the gate: until when they settle
}

// Minutes returns the measured step as a time of a rehearsal.
func (f *StepFact) Minutes() StepTime {
	if f.Step == StepDelay {
		return StepTime{Step: f.Step, Minutes: f.Mean / 60, Spread: f.Spread / 60, Sample: f.Sample, Share: f.Share}
	}
	square := f.Spread * f.Spread
	return StepTime{Step: f.Step, Minutes: math.Exp(f.Mean+square/2) / 60, Spread: min(math.Sqrt(math.Exp(square)-1), 5), Sample: f.Sample, Share: f.Share}
}

// ClearAtPlanned is when everything was to be delivered.
func (p *PlanAgainstActual) ClearAtPlanned() *time.Time { return p.ClearMedian }

// ClearP95Planned is when everything was to be delivered on 95 % of the days.
func (p *PlanAgainstActual) ClearP95Planned() *time.Time { return p.ClearP95 }

// ChanceAllBy is the chance that everything is delivered in time, as planned.
func (p *PlanAgainstActual) ChanceAllBy() float64 { return p.Chance }

// ClearAtNow is when everything will probably be delivered.
func (p *PlanAgainstActual) ClearAtNow() *time.Time { return p.ClearNow }

// ClearP95Now is when everything is delivered in 95 % of the rehearsals of the rest.
func (p *PlanAgainstActual) ClearP95Now() *time.Time { return p.ClearNowP95 }
