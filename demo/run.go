package demo

import (
	"context"
	"errors"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/order"
)

// The pace of the estate, in business time (docs/domain.md).
const (
	ordersPerDay = 1230
	look         = 2 * time.Minute  // how often the squads look for work
	drive        = 40 * time.Minute // of a truck to the gate
)

// trucks are when they leave for the gate, by supplier: most arrive between 8 and 11. One comes unannounced, and one is late.
var trucks = []truck{
	{supplier: fresh, at: 7*time.Hour + 25*time.Minute, settles: true}, {supplier: group, at: 7*time.Hour + 50*time.Minute},
	{supplier: market, at: 8*time.Hour + 20*time.Minute}, {supplier: fresh, at: 8*time.Hour + 50*time.Minute},
	{supplier: pharmacy, at: 9*time.Hour + 10*time.Minute}, {supplier: group, at: 9*time.Hour + 40*time.Minute, unannounced: true},
	{supplier: fresh, at: 14 * time.Hour}, {supplier: market, at: 15 * time.Hour, late: 75 * time.Minute}, {supplier: pharmacy, at: 16 * time.Hour},
}

type truck struct {
	supplier    string
	at          time.Duration // of the day
	late        time.Duration // on its way
	unannounced bool
	settles     bool // its goods stand for a while after disinfection
}

// hourWeights are how many orders come in each hour of the day, relative to each other.
var hourWeights = []int{1, 1, 1, 1, 1, 1, 3, 5, 7, 8, 8, 7, 5, 4, 5, 6, 6, 6, 7, 8, 8, 6, 4, 2}

// Run lets the days pass until ctx ends or Options.Days are over, checks that no order is lost, and reports.
func (e *Simulation) Run(ctx context.Context) (Summary, error) {
	e.report = Summary{began: time.Now(), From: e.Clock.Now()} // what was loaded is no part of it
	before, err := e.DB.FeedEnd(ctx, e.admin.Scope(), e.community.Community)
	if err != nil && ctx.Err() == nil {
		return e.report, err
	}
	var end time.Time
	if e.Days > 0 {
		end = e.report.From.Add(time.Duration(e.Days) * 24 * time.Hour)
	}
	if e.lasts > 0 {
		end = e.report.From.Add(e.lasts)
	}
	if err := e.tellTime(ctx); err != nil {
		return e.report, err
	}
	if e.agenda == nil {
		e.begin()
		e.agenda.add(e.Clock.Now(), e.resume)
	}
	for end.IsZero() || !e.agenda.due().After(end) {
		next := e.agenda.next()
		if e.Clock.wait(ctx, next.at) != nil {
			break
		}
		if err := next.do(ctx); err != nil && ctx.Err() == nil {
			e.Log.Error("the demonstration met an error and goes on", "err", err)
			pause(ctx, time.Second)
		}
	}
	e.report.Took, e.report.To = time.Since(e.report.began), e.Clock.Now()
	if ctx.Err() != nil {
		return e.report, nil //nolint:nilerr // the end of ctx is one of Run's two ends
	}
	if err := e.Check(ctx); err != nil {
		return e.report, err
	}
	return e.report, e.tally(ctx, before.Seq)
}

// begin plans the rest of the day and the squads' first look.
func (e *Simulation) begin() {
	e.agenda = &agenda{}
	e.agenda.add(e.Clock.Now(), e.openWindows)
	e.agenda.add(e.Clock.Now(), e.work(e.agenda))
	e.planDay(e.agenda, e.today(), e.Clock.Now())
}

// ordersToday is how many orders a day has: no day is like the other.
func (e *Simulation) ordersToday() int {
	n := ordersPerDay
	if e.orders > 0 {
		n = e.orders
	}
	return n - n/40 + e.random.IntN(n/20+1)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// planDay puts a day's orders, trucks and troubles on the agenda, as far as they lie after now, and the next day's planning.
func (e *Simulation) planDay(a *agenda, day, now time.Time) {
	plan := func(at time.Time, do func(context.Context) error) {
		if at.After(now) {
			a.add(at, do)
		}
	}
	sum := 0
	for _, w := range hourWeights {
		sum += w
	}
	for range e.ordersToday() {
		hour, n := 0, e.random.IntN(sum)
		for ; n >= hourWeights[hour]; hour++ {
			n -= hourWeights[hour]
		}
		plan(day.Add(time.Duration(hour)*time.Hour+time.Duration(e.random.Int64N(int64(time.Hour)))), e.placeOne)
	}
	for _, t := range trucks {
		plan(day.Add(t.at), func(ctx context.Context) error {
			supplier, there := e.suppliers[t.supplier]
			if !there {
				return nil
			}
			a.add(e.Clock.Now().Add(drive+t.late+time.Duration(e.random.Int64N(int64(20*time.Minute)))), func(ctx context.Context) error { return e.arrive(ctx, supplier, t, a) })
			return e.leave(ctx, supplier, t)
		})
	}
	for _, at := range []time.Duration{8*time.Hour + 30*time.Minute, 15*time.Hour + 30*time.Minute} {
		plan(day.Add(at), func(ctx context.Context) error { return e.others(ctx, a) })
	}
	plan(day.Add(morning), e.callRoll)
	e.planWindows(plan, day)
	e.planImports(plan, day)
	// soon puts on the agenda what is done late rather than not at all, until an instant. Doing it again changes nothing.
	soon := func(at, until time.Time, do func(context.Context) error) {
		if now.Before(until) {
			a.add(latestOf(at, now), do)
		}
	}
	e.planShifts(plan, soon, day)
	e.planCalls(plan, soon, a, day)
	e.planTasks(plan, soon, day)
	e.planNotices(plan, soon, day)
	plan(day.Add(morning), e.tellTime)
	plan(day.Add(evening), e.tellTime)
	for at := time.Duration(0); at < 24*time.Hour; at += 4 * time.Minute {
		if at < morning || at >= evening {
			plan(day.Add(at), e.night)
		}
	}
	plan(day.Add(10*time.Hour+time.Duration(e.random.Int64N(int64(6*time.Hour)))), e.holdOne)
	for range 3 {
		plan(day.Add(8*time.Hour+time.Duration(e.random.Int64N(int64(12*time.Hour)))), e.reportOne)
	}
	plan(day.Add(9*time.Hour+time.Duration(e.random.Int64N(int64(8*time.Hour)))), func(ctx context.Context) error { return e.absence(ctx, a) })
	for range 12 {
		plan(day.Add(8*time.Hour+time.Duration(e.random.Int64N(int64(13*time.Hour)))), e.cancelOne)
	}
	tomorrow := day.Add(24 * time.Hour)
	a.add(tomorrow, func(context.Context) error { e.planDay(a, tomorrow, tomorrow); return nil })
}

func latestOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// onceAt puts what is to be done at an instant on the agenda, if the instant has not passed; onceBy does it late until another one.
type (
	onceAt = func(at time.Time, do func(context.Context) error)
	onceBy = func(at, until time.Time, do func(context.Context) error)
)

// work looks at all orders at intervals and has the squads move them on. It keeps no state between looks, so changes by
// visitors count.
func (e *Simulation) work(a *agenda) func(context.Context) error {
	var again func(context.Context) error
	again = func(ctx context.Context) error {
		a.add(e.Clock.Now().Add(look), again)
		clock := e.hours(ctx) // the squads go on if it fails
		if err := e.emptyStages(ctx); err != nil {
			return errors.Join(clock, err)
		}
		defer func() { e.empty = nil }()
		for _, step := range []func(context.Context) error{e.sort, e.pushCarts, e.loadCarts, e.climb, e.atTheDoors, e.errands, e.trouble} {
			if err := step(ctx); err != nil {
				return errors.Join(clock, err)
			}
		}
		return clock
	}
	return again
}

// emptyStages finds the stages without orders, so that a round lists the others only: most of the day most stages are empty.
func (e *Simulation) emptyStages(ctx context.Context) error {
	now := e.Clock.Now()
	board, err := e.DB.Board(ctx, e.commander.Scope(), e.community.Community, now, now, now)
	if err != nil {
		return err
	}
	e.empty, e.troubled = map[delivery.Stage]bool{}, board.Incidents > 0
	for _, cell := range board.Stages {
		e.empty[cell.Stage] = cell.Count == 0
	}
	return nil
}

// hours ends due holds, only when time runs at the clock's own speed: at max speed a second of business time does not pass
// for others.
func (e *Simulation) hours(ctx context.Context) error {
	if e.Clock.Speed() > 0 {
		return nil
	}
	return e.Verbs.Tick(ctx)
}

// waiting lists orders without a hold, the longest waiting first.
func (e *Simulation) waiting(ctx context.Context, stage delivery.Stage, since time.Duration, limit int, f db.OrderFilter) ([]*delivery.Order, error) {
	if e.empty[stage] {
		return nil, nil
	}
	held := false
	f.Stages, f.Held = []delivery.Stage{stage}, &held
	rows, err := e.DB.Orders(ctx, e.commander.Scope(), e.community.Community, f, db.SortStageSince, false, db.Range{Limit: limit})
	if err != nil {
		return nil, err
	}
	var out []*delivery.Order
	for _, o := range rows.Items {
		if !o.StageSince.After(e.Clock.Now().Add(-since)) {
			out = append(out, o)
		}
	}
	return out, nil
}

var trucked = []delivery.Channel{delivery.ChannelApp, delivery.ChannelPhone, delivery.ChannelGroupBuy, delivery.ChannelPackage}
var volunteered = []delivery.Channel{delivery.ChannelBuyFor, delivery.ChannelErrand}

// others sends the trucks of suppliers that a visitor added.
func (e *Simulation) others(ctx context.Context, a *agenda) error {
	rows, err := e.DB.Suppliers(ctx, e.commander.Scope(), e.community.Community, false, db.Range{Limit: 1000})
	if err != nil {
		return err
	}
	for _, s := range rows.Items {
		if slices.ContainsFunc(trucks, func(t truck) bool { return e.suppliers[t.supplier].UUID == s.UUID }) {
			continue
		}
		if err := e.leave(ctx, supplierActor(s), truck{}); err != nil {
			return err
		}
		a.add(e.Clock.Now().Add(drive), func(ctx context.Context) error { return e.arrive(ctx, supplierActor(s), truck{}, a) })
	}
	return nil
}

func (e *Simulation) advance(ctx context.Context, a delivery.Actor, orders []*delivery.Order, to delivery.Stage, reason delivery.MoveReason) error {
	if len(orders) == 0 {
		return nil
	}
	delete(e.empty, to)
	in := order.AdvanceOrdersInput{To: to}
	if reason != "" {
		in.Reason = &reason
	}
	for _, o := range orders {
		in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: o.ID(), ExpectedVersion: &o.Version})
	}
	return e.note(e.Verbs.Order.AdvanceOrders(ctx, a, in))
}

// count counts one order that was moved, or refused.
func (e *Simulation) count(moved, refused bool) {
	if moved {
		e.report.Moves++
	}
	if refused {
		e.report.Refused++
	}
}

// note counts the moved orders. A refusal comes from a visitor's change or a hold: the next look finds the new state.
func (e *Simulation) note(p *order.MovePayload, err error) error {
	if err != nil {
		return err
	}
	e.report.Moves += p.Moved()
	e.report.Refused += len(p.Results) - p.Moved()
	for _, refusal := range p.UserErrors {
		return refusal
	}
	return nil
}

// byBuilding groups orders by building, those whose oldest waits longest first.
func byBuilding(orders []*delivery.Order) [][]*delivery.Order {
	var out [][]*delivery.Order
	at := map[delivery.UUID]int{}
	for _, o := range orders {
		i, known := at[o.BuildingUUID]
		if !known {
			i = len(out)
			at[o.BuildingUUID] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], o)
	}
	return out
}
