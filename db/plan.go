package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// planRow is a plan as it is stored.
type planRow struct {
	CommunityID   int32      `db:"community_id"`
	Day           string     `db:"day"`
	StartsAt      time.Time  `db:"starts_at"`
	EndsAt        time.Time  `db:"ends_at"`
	ByHand        bool       `db:"by_hand"`
	Scenario      string     `db:"scenario"`
	Orders        int        `db:"orders"`
	AllBy         time.Time  `db:"all_by"`
	ClearMedian   *time.Time `db:"clear_median"`
	ClearP95      *time.Time `db:"clear_p95"`
	Chance        float64    `db:"chance"`
	Trucks        string     `db:"trucks"`
	Band          string     `db:"band"`
	Steps         string     `db:"steps"`
	MadeAt        time.Time  `db:"made_at"`
	NowAt         *time.Time `db:"now_at"`
	ClearNow      *time.Time `db:"clear_now"`
	ClearNowP95   *time.Time `db:"clear_now_p95"`
	Behind        *int       `db:"behind"`
	Expected      *int       `db:"expected"`
	Measured      string     `db:"measured"`
	MeasuredUntil *time.Time `db:"measured_until"`
}

const planColumns = `p.community_id, cast(p.day as text) as day, p.starts_at, p.ends_at, p.by_hand, cast(p.scenario as text) as scenario, p.orders, p.all_by, p.clear_median, p.clear_p95,
       p.chance, cast(p.trucks as text) as trucks, cast(p.band as text) as band, cast(p.steps as text) as steps, p.made_at, p.now_at, p.clear_now, p.clear_now_p95, p.behind, p.expected,
       cast(p.measured as text) as measured, p.measured_until`

// The stored forms of the lists of a plan.
type (
	storedTruck struct {
		Due    int `json:"due"` // seconds of the day
		Orders int `json:"orders"`
		Bags   int `json:"bags,omitempty"`

		Told bool `json:"told,omitempty"`
	}
	storedStep struct {
		Step    delivery.ChainStep `json:"step"`
		Minutes float64            `json:"minutes"`
		Spread  float64            `json:"spread"`
		Sample  int                `json:"sample"`
		Share   float64            `json:"share"`
		Assumed bool               `json:"assumed,omitempty"`
	}
)

// storedScenario is the scenario that a person gave, with the version of its form.
type storedScenario struct {
	Version int             `json:"v"`
	Given   json.RawMessage `json:"given,omitempty"`
}

func storedSteps(steps []delivery.StepTime) (string, error) {
	out := make([]storedStep, 0, len(steps))
	for _, s := range steps {
		out = append(out, storedStep(s))
	}
	return jsonText(out)
}

func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// planRowOf returns the row of a plan.
func planRowOf(p *delivery.DayPlan) (*planRow, error) {
	r := &planRow{CommunityID: p.CommunityID, Day: p.Day, StartsAt: p.StartsAt, EndsAt: p.EndsAt, ByHand: p.ByHand, Orders: p.Orders, AllBy: p.AllBy, ClearMedian: p.ClearMedian, ClearP95: p.ClearP95,
		Chance: p.Chance, MadeAt: p.MadeAt, NowAt: p.NowAt, ClearNow: p.ClearNow, ClearNowP95: p.ClearNowP95, Behind: p.Behind, Expected: p.Expected, MeasuredUntil: p.MeasuredUntil}
	trucks := make([]storedTruck, 0, len(p.Trucks))
	for _, t := range p.Trucks {
		trucks = append(trucks, storedTruck{int(t.Due / time.Second), t.Orders, t.Bags, t.Told})
	}
	band := make([][4]int, 0, len(p.Points))
	for _, b := range p.Points {
		band = append(band, [4]int{b.Minute, b.Low, b.Median, b.High})
	}
	for _, list := range []struct {
		of any
		to *string
	}{{storedScenario{1, p.Scenario}, &r.Scenario}, {trucks, &r.Trucks}, {band, &r.Band}} {
		var err error
		if *list.to, err = jsonText(list.of); err != nil {
			return nil, err
		}
	}
	var err error
	if r.Steps, err = storedSteps(p.Steps); err != nil {
		return nil, err
	}
	r.Measured, err = storedSteps(p.Measured)
	return r, err
}

// plan returns the plan of a row.
func (r *planRow) plan() (*delivery.DayPlan, error) {
	p := &delivery.DayPlan{CommunityID: r.CommunityID, Day: r.Day, StartsAt: r.StartsAt, EndsAt: r.EndsAt, ByHand: r.ByHand, Orders: r.Orders, AllBy: r.AllBy, ClearMedian: r.ClearMedian, ClearP95: r.ClearP95,
		Chance: r.Chance, MadeAt: r.MadeAt, PlanPresent: delivery.PlanPresent{NowAt: r.NowAt, ClearNow: r.ClearNow, ClearNowP95: r.ClearNowP95, Behind: r.Behind, Expected: r.Expected, MeasuredUntil: r.MeasuredUntil}}
	var scenario storedScenario
	var trucks []storedTruck
	var band [][4]int
	var steps, measured []storedStep
	for _, list := range []struct {
		from string
		to   any
	}{{r.Scenario, &scenario}, {r.Trucks, &trucks}, {r.Band, &band}, {r.Steps, &steps}, {r.Measured, &measured}} {
		if err := json.Unmarshal([]byte(list.from), list.to); err != nil {
			return nil, fmt.Errorf("read the plan of %s: %w", r.Day, err)
		}
	}
	p.Scenario = scenario.Given
	for _, t := range trucks {
		p.Trucks = append(p.Trucks, delivery.PlanTruck{Due: time.Duration(t.Due) * time.Second, Orders: t.Orders, Bags: t.Bags, Told: t.Told})
	}
	for _, b := range band {
		p.Points = append(p.Points, delivery.PlanPoint{Minute: b[0], Low: b[1], Median: b[2], High: b[3]})
	}
	for _, s := range steps {
		p.Steps = append(p.Steps, delivery.StepTime(s))
	}
	for _, s := range measured {
		p.Measured = append(p.Measured, delivery.StepTime(s))
	}
	return p, nil
}

func plansOf(rows []*planRow, err error) ([]*delivery.DayPlan, error) {
	out := make([]*delivery.DayPlan, 0, len(rows))
	for _, r := range rows {
		p, bad := r.plan()
		if bad != nil {
			return nil, bad
		}
		out = append(out, p)
	}
	return out, err
}

// Plans reads the plans of some days of a community, by day. Days without a plan are left out. A scope that does not see all orders of the community sees none.
func (d *DB) Plans(ctx context.Context, s delivery.Scope, community int32, days ...string) ([]*delivery.DayPlan, error) {
	if !s.SeesPlan(community) {
		return nil, nil
	}
	return plansOf(list[*planRow](ctx, d, "read the plans of days", `
		select `+planColumns+`
		  from plans p
		 where p.community_id = $1 and p.day = any(cast($2 as date[]))
		 order by p.day`, community, pq.StringArray(days)))
}

// CityPlans reads the plans of the day of an instant of those communities whose numbers the scope shows.
func (d *DB) CityPlans(ctx context.Context, s delivery.Scope, communities []int32, at time.Time) ([]*delivery.DayPlan, error) {
	var shown []int64
	for _, c := range communities {
		if s.SeesNumbersOf(c) {
			shown = append(shown, int64(c))
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	return plansOf(list[*planRow](ctx, d, "read the plans of communities for the city", `
		select `+planColumns+`
		  from plans p
		 where p.community_id = any(cast($1 as int[])) and p.starts_at <= $2 and p.ends_at > $2
		 order by p.community_id, p.day`, pq.Int64Array(shown), at))
}

// DeliveredOn counts the orders that were handed over from an instant until another, as the board does. It fails with NOT_FOUND if the scope does not see all orders of the
// community.
func (d *DB) DeliveredOn(ctx context.Context, s delivery.Scope, community int32, from, until time.Time) (int, error) {
	if !s.SeesPlan(community) {
		return 0, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	rows, err := list[int](ctx, d, "count what was handed over on a day", `
		select count(*)
		  from orders o
		 where o.community_id = $1 and o.stage = 'DELIVERED' and o.stage_since >= $2 and o.stage_since < $3`, community, from, until)
	if err != nil {
		return 0, err
	}
	return rows[0], nil
}

// expectedDay is the condition of a forecast f that has an expected number, and not only a lower bound (delivery.Estimate.AtLeast).
const expectedDay = `f.expected is not null and not (f.method = '` + string(delivery.ForecastFew) + `' and f.like_days = 0)`

// ownHold is the condition of an order o that is held by itself, or with its household or supplier.
const ownHold = `(o.open_holds > 0 and exists (
				select from holds h
				 where h.community_id = o.community_id and h.ended_at is null and (h.order_id = o.id or h.household_id = o.household_id or h.supplier_id = o.supplier_id)))`

// endlessHold is the condition of an order o whose building is held without an end.
const endlessHold = `o.building_id in (
				select h.building_id
				  from holds h
				 where h.community_id = $1 and h.building_id is not null and h.ended_at is null and h.until is null)`

// ordersOfTruck counts the orders of an arrival a, and those of them whose building is held without an end.
const ordersOfTruck = `
				select count(*) as orders, count(*) filter (where ` + endlessHold + `) as held
				  from arrival_orders x
				  join orders o on o.community_id = x.community_id and o.id = x.order_id
				 where x.community_id = a.community_id and x.arrival_id = a.id`

// LeftOutOrders counts the open orders of buildings that are held without an end, which a plan leaves out. It fails with NOT_FOUND if the scope does not see all orders of the
// community.
func (d *DB) LeftOutOrders(ctx context.Context, s delivery.Scope, community int32) (int, error) {
	if !s.SeesPlan(community) {
		return 0, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	rows, err := list[int](ctx, d, "count the orders of buildings that are held without an end", `
		select count(*)
		  from orders o
		 where o.community_id = $1 and `+openOrder+` and `+endlessHold, community)
	if err != nil {
		return 0, err
	}
	return rows[0], nil
}

// RestFacts reads where the orders of a community stand at an instant of a day that lasts from an instant until another. It reads the whole community, also for a scope that
// sees less. It fails with NOT_FOUND if the scope may not enter the community.
func (d *DB) RestFacts(ctx context.Context, s delivery.Scope, community int32, from, until time.Time) (_ *delivery.RestFacts, err error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	out := &delivery.RestFacts{}
	if out.Standing, err = listOf[delivery.StandingFact](ctx, d, "read where the orders of a community stand", `
		with standing as (
			select o.stage, o.building_id, o.bags, case when r.id is null then o.stage_since else r.departed_at end as since,
			       case o.stage when 'SORTED' then r.id when 'OUT_FOR_DELIVERY' then coalesce(o.round_id, o.id) end as trip,
			       case o.stage when 'AT_GATE' then a.settle_until end as settle_until
			  from orders o
			  left join arrivals a on a.community_id = o.community_id and a.id = o.arrival_id
			  left join runs r on r.community_id = o.community_id and r.id = o.run_id and r.state = 'UNDERWAY' and o.stage = 'SORTED'
			 where o.community_id = $1 and `+openOrder+` and o.stage in ('AT_GATE', 'SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY') and not `+ownHold+`)
		select s.stage, s.building_id, s.trip, count(*) as orders, sum(s.bags) as bags, min(s.since) as since, s.settle_until
		  from standing s
		 group by s.stage, s.building_id, s.trip, s.settle_until
		 order by s.stage, s.trip, min(s.since), s.building_id`, community); err != nil {
		return nil, err
	}
	trucks, err := listOf[struct {
		State string `db:"state"`
		delivery.TruckFact
	}](ctx, d, "read the trucks that are to come or to be counted", `
		select a.state, a.due_at, a.bags_announced as bags, n.orders, n.held
		  from arrivals a
		 cross join lateral (`+ordersOfTruck+`) n
		 where a.community_id = $1 and a.state in ('ANNOUNCED', 'ARRIVED') and a.due_at >= cast($2 as timestamptz) - interval '12 hours' and a.due_at < $3
		 order by a.due_at, a.number
		 limit 1000`, community, from, until)
	if err != nil {
		return nil, err
	}
	for _, t := range trucks {
		if t.State == string(delivery.ArrivalAnnounced) {
			out.Trucks = append(out.Trucks, t.TruckFact)
			continue
		}
		out.AtGate.Orders += max(t.Orders, 0)
		out.AtGate.Held += t.Held
		out.AtGate.Bags += t.Bags
	}
	counts, err := listOf[struct {
		Open      int        `db:"open"`
		LeftOut   int        `db:"left_out"`
		Loose     int        `db:"loose"`
		Held      int        `db:"held"`
		Delivered int        `db:"delivered"`
		Last      *time.Time `db:"last"`
	}](ctx, d, "count the orders of a day", `
		select count(*) filter (where o.stage <> 'DELIVERED') as open, count(*) filter (where o.stage <> 'DELIVERED' and `+endlessHold+`) as left_out,
		       count(*) filter (where o.stage = 'DISPATCHED' and o.channel not in ('BUY_FOR', 'ERRAND') and not `+ownHold+` and not `+endlessHold+` and not exists (
				select from arrival_orders x
				 where x.community_id = o.community_id and x.order_id = o.id and x.open)) as loose,
		       count(*) filter (where o.stage in ('AT_GATE', 'SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY') and `+ownHold+`) as held,
		       count(*) filter (where o.stage = 'DELIVERED') as delivered, max(o.stage_since) filter (where o.stage = 'DELIVERED') as last
		  from orders o
		 where o.community_id = $1 and (`+openOrder+` or (o.stage = 'DELIVERED' and o.stage_since >= $2 and o.stage_since < $3))`, community, from, until)
	if err != nil {
		return nil, err
	}
	out.Open, out.LeftOut, out.Loose, out.Held, out.Delivered, out.LastDelivered = counts[0].Open, counts[0].LeftOut, counts[0].Loose, counts[0].Held, counts[0].Delivered, counts[0].Last
	return out, nil
}

// LockPlan locks the plan of a day and returns it, nil if there is none.
func (t *Tx) LockPlan(ctx context.Context, community int32, day string) (*delivery.DayPlan, error) {
	plans, err := plansOf(listTx[*planRow](ctx, t, "lock the plan of a day", `
		select `+planColumns+`
		  from plans p
		 where p.community_id = $1 and p.day = cast($2 as date)`+t.locking("for update"), community, day))
	return slices.Concat(plans, []*delivery.DayPlan{nil})[0], err
}

// SavePlan stores the plan of a day in place of an earlier one. A plan of the clock does not replace one that was made by hand, also if both are stored at the same moment.
func (t *Tx) SavePlan(ctx context.Context, p *delivery.DayPlan) error {
	if err := t.Decided(); err != nil {
		return err
	}
	row, err := planRowOf(p)
	if err != nil {
		return err
	}
	return t.named(ctx, "store the plan of a day", `
		insert into plans as p (community_id, day, starts_at, ends_at, by_hand, scenario, orders, all_by, clear_median, clear_p95, chance, trucks, band, steps, made_at,
			now_at, clear_now, clear_now_p95, behind, expected, measured, measured_until)
		values (:community_id, cast(:day as date), :starts_at, :ends_at, :by_hand, cast(:scenario as jsonb), :orders, :all_by, :clear_median, :clear_p95, :chance, cast(:trucks as jsonb),
			cast(:band as jsonb), cast(:steps as jsonb), :made_at, :now_at, :clear_now, :clear_now_p95, :behind, :expected, cast(:measured as jsonb), :measured_until)
		on conflict on constraint plans_pkey
		do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at, by_hand = excluded.by_hand, scenario = excluded.scenario, orders = excluded.orders, all_by = excluded.all_by,
			clear_median = excluded.clear_median, clear_p95 = excluded.clear_p95, chance = excluded.chance, trucks = excluded.trucks, band = excluded.band, steps = excluded.steps,
			made_at = excluded.made_at, now_at = excluded.now_at, clear_now = excluded.clear_now, clear_now_p95 = excluded.clear_now_p95, behind = excluded.behind, expected = excluded.expected,
			measured = excluded.measured, measured_until = excluded.measured_until
		where excluded.by_hand or not p.by_hand`, row)
}

// SavePresent stores where a day stands, in its locked plan.
func (t *Tx) SavePresent(ctx context.Context, p *delivery.DayPlan) error {
	if err := t.Decided(); err != nil {
		return err
	}
	measured, err := storedSteps(p.Measured)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "save where a day stands", `
		update plans
		   set now_at = $3, clear_now = $4, clear_now_p95 = $5, behind = $6, expected = $7, measured = cast($8 as jsonb), measured_until = $9
		 where community_id = $1 and day = cast($2 as date)`, p.CommunityID, p.Day, p.NowAt, p.ClearNow, p.ClearNowP95, p.Behind, p.Expected, measured, p.MeasuredUntil)
	return err
}
