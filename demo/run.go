package demo

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/order"
)

// The pace of the estate, in business time (docs/domain.md).
const (
	ordersPerDay = 1230
	round        = 2 * time.Minute  // how often the squads look what is there
	sorters      = 10               // hands at the sorting tables; an order takes one of them 1.5 minutes
	carts        = 4                // carts that leave the gate in a round
	cartload     = 20               // orders on a cart
	climb        = 8                // orders a volunteer takes upstairs at once
	load         = round            // an order lies in its bin before a cart is there
	fetch        = 4 * time.Minute  // and at the building before the volunteer comes down
	walk         = 5 * time.Minute  // up the stairs and to the door
	drive        = 40 * time.Minute // of a truck to the gate
	errandStart  = 15 * time.Minute // until the taker of an errand sets out
	errandTime   = 30 * time.Minute // of an errand
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
	a := &agenda{}
	a.add(e.Clock.Now(), e.work(a))
	e.planDay(a, e.today(), e.Clock.Now())
	for {
		next := a.next()
		if !end.IsZero() && next.at.After(end) {
			break
		}
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
	return e.report, e.count(ctx, before.Seq)
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
	plan(day.Add(morning), e.tellTime)
	plan(day.Add(evening), e.tellTime)
	for at := time.Duration(0); at < 24*time.Hour; at += 3 * time.Minute {
		if at < morning || at >= evening {
			plan(day.Add(at), e.night)
		}
	}
	plan(day.Add(10*time.Hour+time.Duration(e.random.Int64N(int64(6*time.Hour)))), e.holdOne)
	plan(day.Add(9*time.Hour+time.Duration(e.random.Int64N(int64(8*time.Hour)))), func(ctx context.Context) error { return e.absence(ctx, a) })
	for range 12 {
		plan(day.Add(8*time.Hour+time.Duration(e.random.Int64N(int64(13*time.Hour)))), e.cancelOne)
	}
	tomorrow := day.Add(24 * time.Hour)
	a.add(tomorrow, func(context.Context) error { e.planDay(a, tomorrow, tomorrow); return nil })
}

// work looks at all orders at intervals and has the squads move them on. It keeps no state between looks, so changes by
// visitors count.
func (e *Simulation) work(a *agenda) func(context.Context) error {
	var look func(context.Context) error
	look = func(ctx context.Context) error {
		a.add(e.Clock.Now().Add(round), look)
		if err := e.hours(ctx); err != nil {
			return err
		}
		if err := e.emptyStages(ctx); err != nil {
			return err
		}
		defer func() { e.empty = nil }()
		carry := func(ctx context.Context) error { return e.carry(ctx, load) }
		for _, step := range []func(context.Context) error{e.sort, carry, e.climbUp, e.handOver, e.errands} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	return look
}

// emptyStages finds the stages without orders, so that a round lists the others only: most of the day most stages are empty.
func (e *Simulation) emptyStages(ctx context.Context) error {
	now := e.Clock.Now()
	board, err := e.DB.Board(ctx, e.commander.Scope(), e.community.Community, now, now, now)
	if err != nil {
		return err
	}
	e.empty = map[delivery.Stage]bool{}
	for _, cell := range board.Stages {
		e.empty[cell.Stage] = cell.Count == 0
	}
	return nil
}

// hours ends due holds, only when time runs at the clock's own speed: at max speed a second of business time does not pass
// for others.
func (e *Simulation) hours(ctx context.Context) error {
	if e.Clock.speed > 0 {
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
var run = []delivery.Channel{delivery.ChannelBuyFor, delivery.ChannelErrand}

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

func (e *Simulation) sort(ctx context.Context) error {
	const hands = int(round * sorters / (90 * time.Second))
	orders, err := e.waiting(ctx, delivery.AtGate, 0, hands, db.OrderFilter{})
	if err != nil || len(orders) == 0 {
		return err
	}
	if e.random.IntN(60) == 0 {
		if err := e.advance(ctx, e.hand(delivery.SquadDuty), orders[:1], delivery.Returned, delivery.MoveDamaged); err != nil {
			return err
		}
		orders = orders[1:]
	}
	return e.advance(ctx, e.hand(delivery.SquadDuty), orders, delivery.Sorted, "")
}

func (e *Simulation) carry(ctx context.Context, since time.Duration) error {
	orders, err := e.waiting(ctx, delivery.Sorted, since, 400, db.OrderFilter{})
	if err != nil {
		return err
	}
	for i, load := range byBuilding(orders) {
		if i == carts {
			break
		}
		if err := e.advance(ctx, e.hand(delivery.SquadTransport), load[:min(cartload, len(load))], delivery.AtBuilding, ""); err != nil {
			return err
		}
	}
	return nil
}

func (e *Simulation) climbUp(ctx context.Context) error {
	out, err := e.waiting(ctx, delivery.OutForDelivery, 0, 1000, db.OrderFilter{})
	if err != nil {
		return err
	}
	busy := map[delivery.UUID]bool{}
	for _, o := range out {
		busy[o.BuildingUUID] = true
	}
	orders, err := e.waiting(ctx, delivery.AtBuilding, fetch, 1000, db.OrderFilter{})
	if err != nil {
		return err
	}
	for _, load := range byBuilding(orders) {
		building := load[0].BuildingUUID
		if busy[building] {
			continue
		}
		if err := e.advance(ctx, e.holder(load[0]), load[:min(climb, len(load))], delivery.OutForDelivery, ""); err != nil {
			return err
		}
	}
	return nil
}

func (e *Simulation) handOver(ctx context.Context) error {
	orders, err := e.waiting(ctx, delivery.OutForDelivery, walk, 1000, db.OrderFilter{Channels: trucked})
	if err != nil {
		return err
	}
	for _, load := range byBuilding(orders) {
		v := e.holder(load[0])
		if e.random.IntN(40) == 0 {
			if err := e.advance(ctx, v, load[:1], delivery.AtBuilding, delivery.MoveAbsent); err != nil {
				return err
			}
			load = load[1:]
		}
		if err := e.advance(ctx, v, load, delivery.Delivered, ""); err != nil {
			return err
		}
		if len(load) > 0 && e.random.IntN(80) == 0 {
			if err := e.takeBack(ctx, v, load[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeBack undoes a hand-over at the wrong door; the next look hands it over at the right one.
func (e *Simulation) takeBack(ctx context.Context, v delivery.Actor, o *delivery.Order) error {
	p, err := e.Verbs.Order.UndoMove(ctx, v, order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: o.ID(), ExpectedVersion: o.Version + 1}}})
	return e.note(p, err)
}

// errands has the takers of orders fetch them and bring them to the door.
func (e *Simulation) errands(ctx context.Context) error {
	for _, leg := range []struct {
		at    delivery.Stage
		after time.Duration
		to    delivery.Stage
	}{
		{delivery.Placed, errandStart, delivery.Dispatched},
		{delivery.Dispatched, errandTime, delivery.OutForDelivery},
		{delivery.OutForDelivery, walk, delivery.Delivered},
	} {
		orders, err := e.waiting(ctx, leg.at, leg.after, 200, db.OrderFilter{Channels: run})
		if err != nil {
			return err
		}
		for _, o := range orders {
			taker := e.commander
			if o.TakerUUID != nil {
				if v, known := e.volunteers[*o.TakerUUID]; known {
					taker = v
				}
			}
			if err := e.advance(ctx, taker, []*delivery.Order{o}, leg.to, ""); err != nil {
				return err
			}
		}
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
