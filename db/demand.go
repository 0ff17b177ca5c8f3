package db

import (
	"context"
	"strconv"
	"time"

	"baogong/delivery"
)

// windowPart is the part of an order window w: windows of one supplier and name are alike.
const windowPart = "w.supplier_id || ' ' || md5(text_key(w.name))"

// itemSeries is the series of an order line l: delivery.Line.ItemKey, hashed because it can be longer than an index allows. The normal form is slow to compute, so it
// is computed once for each name.
const itemSeries = `md5(coalesce(cast(l.package_id as text), text_key(l.item) || chr(31) || text_key(l.unit)))`

// countedDemand counts the orders of the relation "chosen" by series and part, into the relation "counted". Of items it keeps the delivery.MostItems in most orders.
var countedDemand = `
	, bought as materialized (
		select o.id, o.household_id, o.building_id, o.part, l.quantity, l.item, l.unit, l.package_id
		  from chosen o
		  join order_lines l on l.community_id = $1 and l.order_id = o.id
	), named as materialized (
		select l.item, l.unit, l.package_id, ` + itemSeries + ` as series
		  from (select distinct item, unit, package_id from bought) l
	), sold as materialized (
		select b.id, b.household_id, b.building_id, b.part, b.quantity, b.item, b.unit, cast(b.package_id as text) as package_id, n.series
		  from bought b
		  join named n on n.item = b.item and n.unit = b.unit and n.package_id is not distinct from b.package_id
	), kept as materialized (
		select s.series
		  from sold s
		 group by s.series
		 order by count(distinct s.id) desc, s.series
		 limit ` + strconv.Itoa(delivery.MostItems) + `
	), counted as (
		select case when grouping(o.channel) = 0 then 'CHANNEL' when grouping(o.building_id) = 0 then 'BUILDING' else 'ALL' end as kind,
		       case when grouping(o.channel) = 0 then o.channel when grouping(o.building_id) = 0 then cast(o.building_id as text) else '' end as series,
		       case when grouping(o.part) = 0 then o.part else '*' end as part, o.building_id, cast(null as uuid) as package_id, cast(null as text) as item,
		       cast(null as text) as unit, o.channel, count(*) as orders, count(distinct o.household_id) as households, cast(null as numeric) as quantity
		  from chosen o
		 group by grouping sets ((), (o.part), (o.building_id), (o.building_id, o.part), (o.channel))
		having count(*) > 0
		union all
		select case when grouping(x.building_id) = 0 then 'BUILDING_ITEM' else 'ITEM' end,
		       case when grouping(x.building_id) = 0 then x.building_id || ' ' else '' end || x.series,
		       case when grouping(x.part) = 0 then x.part else '*' end, x.building_id, cast(max(x.package_id) as uuid), max(x.item), max(x.unit), null,
		       count(distinct x.id), count(distinct x.household_id), sum(x.quantity)
		  from sold x
		 where x.series in (select k.series from kept k)
		 group by grouping sets ((x.series), (x.series, x.part), (x.building_id, x.series, x.part)))`

// chosenWindows are the orders of the windows that deliver in a span.
const chosenWindows = `
	select o.id, o.household_id, o.building_id, o.channel, ` + windowPart + ` as part
	  from order_windows w
	  join orders o on o.community_id = w.community_id and o.supplier_id = w.supplier_id and o.window_id = w.id and o.placed_at >= w.opens_at and o.stage <> 'CANCELLED'
	 where w.community_id = $1 and w.deliver_at >= $3 and w.deliver_at < $4 and w.decision is distinct from 'CALLED_OFF'`

// demandColumns are the columns of a row of demand.
const demandColumns = `d.community_id, d.kind, cast(d.day as text) as day, d.series, d.part, d.building_id, d.package_id, d.item, d.unit, d.channel, d.orders, d.households, cast(d.quantity * 1000 as bigint) as quantity`

const forecastColumns = `f.community_id, f.kind, cast(f.day as text) as day, f.series, f.building_id, f.package_id, f.item, f.unit, f.expected, f.low, f.high, f.like_days, f.method, f.made_at`

// DemandMark holds the last day that was counted and the last that was forecast; empty if none was.
type DemandMark struct {
	Counted  string `db:"demand_day"`
	Forecast string `db:"forecast_day"`
}

// LockDemandMark locks the community's mark, so that one transaction at a time counts its days, and returns it.
func (t *Tx) LockDemandMark(ctx context.Context, community int32) (DemandMark, error) {
	if _, err := t.exec(ctx, "make the mark of a community's demand", `
		insert into demand_marks (community_id)
		values ($1)
		    on conflict (community_id) do nothing`, community); err != nil {
		return DemandMark{}, err
	}
	rows, err := listTx[DemandMark](ctx, t, "lock the mark of a community's demand", `
		select coalesce(cast(demand_day as text), '') as demand_day, coalesce(cast(forecast_day as text), '') as forecast_day
		  from demand_marks
		 where community_id = $1`+t.locking("for no key update"), community)
	if err != nil || len(rows) == 0 {
		return DemandMark{}, err
	}
	return rows[0], nil
}

// SaveDemandMark writes the locked mark.
func (t *Tx) SaveDemandMark(ctx context.Context, community int32, m DemandMark) error {
	_, err := t.exec(ctx, "save the mark of a community's demand", `
		update demand_marks
		   set demand_day = cast(nullif($2, '') as date), forecast_day = cast(nullif($3, '') as date)
		 where community_id = $1`, community, m.Counted, m.Forecast)
	return err
}

// FirstOrder returns when the community's first order was placed, nil if there is none.
func (t *Tx) FirstOrder(ctx context.Context, community int32) (*time.Time, error) {
	rows, err := listTx[*time.Time](ctx, t, "read when the first order was placed", `select min(placed_at) from orders where community_id = $1 having min(placed_at) is not null`, community)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// CountDemand counts the orders of a day, whose mark is locked, and stores them.
func (t *Tx) CountDemand(ctx context.Context, community int32, day string, from, until time.Time) error {
	if err := t.Decided(); err != nil {
		return err
	}
	_, err := t.exec(ctx, "count a day's demand", `
		with chosen as materialized (
			select o.id, o.household_id, o.building_id, o.channel,
			       case when exists (select from order_windows w
			                          where w.community_id = $1 and w.deliver_at >= $3 and w.deliver_at < $4 and w.decision is distinct from 'CALLED_OFF')
			            then 'DELIVERY' else 'REST' end as part
			  from orders o
			 where o.community_id = $1 and o.placed_at >= $3 and o.placed_at < $4 and o.window_id is null and o.stage <> 'CANCELLED'
			union all `+chosenWindows+`)`+countedDemand+`
		insert into demand_days (community_id, kind, day, series, part, building_id, package_id, item, unit, channel, orders, households, quantity)
		select $1, c.kind, cast($2 as date), c.series, c.part, c.building_id, c.package_id, c.item, c.unit, c.channel, c.orders, c.households, c.quantity
		  from counted c`, community, day, from, until)
	return err
}

// heldDays selects the buildings of the community $1 with the days from $2 to $3 on which they were held for delivery.HeldDay or longer.
var heldDays = `
		select h.building_id, cast(cast(d.day as date) as text) as day
		  from communities c
		 cross join generate_series(cast($2 as timestamp), cast($3 as timestamp), interval '1 day') as d (day)
		 cross join lateral (select day_start(c.time_zone, cast(d.day as date)) as since, day_start(c.time_zone, cast(d.day as date) + 1) as until) s
		  join holds h on h.community_id = c.community_id and h.building_id is not null and h.placed_at < s.until and coalesce(h.ended_at, 'infinity') > s.since
		 where c.community_id = $1
		 group by h.building_id, d.day
		having sum(extract(epoch from least(coalesce(h.ended_at, 'infinity'), s.until) - greatest(h.placed_at, s.since))) >= ` + strconv.Itoa(int(delivery.HeldDay.Seconds())) + `
		 order by 1, 2`

// PastOf reads the rows from which the forecasts of a day are made: the counts from the day since to the day last, and the windows that deliver
// between from and until, as they are at the instant at. The caller fills in the names of the days.
func (t *Tx) PastOf(ctx context.Context, community int32, since, last string, from, until, at time.Time) (*delivery.DemandPast, error) {
	var p delivery.DemandPast
	var err error
	// The series of an item in a building is the building's id, a space, and the item's series.
	if p.Rows, err = listTx[*delivery.DemandRow](ctx, t, "read the demand of past days", `
		with most as materialized (
			select m.series
			  from demand_days m
			 where m.community_id = $1 and m.kind = 'ITEM' and m.part = '*' and m.day <= cast($3 as date) and m.day > cast($3 as date) - `+strconv.Itoa(delivery.ItemDays)+`
			 group by m.series
			 order by sum(m.orders) desc, m.series
			 limit `+strconv.Itoa(delivery.MostItemsByBuilding)+`)
		select `+demandColumns+`
		  from demand_days d
		 where d.community_id = $1 and d.kind in ('ALL', 'BUILDING', 'ITEM', 'BUILDING_ITEM') and d.part <> '*' and d.day between cast($2 as date) and cast($3 as date)
		   and (d.kind <> 'BUILDING_ITEM' or d.day > cast($3 as date) - `+strconv.Itoa(delivery.ItemDays)+` and substr(d.series, 38) in (select most.series from most))
		 order by d.day`, community, since, last); err != nil {
		return nil, err
	}
	if p.Windows, err = listTx[delivery.ComingWindow](ctx, t, "read the windows that deliver on a day", `
		select `+windowPart+` as part, bool_and(w.closes_at <= $4) as closed
		  from order_windows w
		 where w.community_id = $1 and w.deliver_at >= $2 and w.deliver_at < $3 and w.decision is distinct from 'CALLED_OFF'
		 group by 1
		 order by 1`, community, from, until, at); err != nil {
		return nil, err
	}
	if p.Known, err = listTx[*delivery.DemandRow](ctx, t, "count the orders of windows that deliver on a day", `
		with chosen as materialized (`+chosenWindows+`)`+countedDemand+`
		select cast($1 as int) as community_id, d.kind, cast($2 as text) as day, d.series, d.part, d.building_id, d.package_id, d.item, d.unit, d.channel, d.orders, d.households, cast(d.quantity * 1000 as bigint) as quantity
		  from counted d
		 where d.part <> '*'`, community, last, from, until); err != nil {
		return nil, err
	}
	if p.Held, err = listTx[delivery.HeldBuilding](ctx, t, "read the days on which buildings were held", heldDays, community, since, last); err != nil {
		return nil, err
	}
	if p.Forecasts, err = listTx[*delivery.ForecastRow](ctx, t, "read the forecasts of past days", `
		select `+forecastColumns+`
		  from forecasts f
		 where f.community_id = $1 and f.kind in ('ALL', 'BUILDING', 'ITEM', 'BUILDING_ITEM') and f.expected is not null and f.day between cast($2 as date) and cast($3 as date)
		   and (f.kind <> 'BUILDING_ITEM' or f.day > cast($3 as date) - `+strconv.Itoa(delivery.ItemDays)+`)
		 order by f.day, f.kind, f.series`, community, since, last); err != nil {
		return nil, err
	}
	households, err := listTx[struct {
		Building delivery.UUID `db:"building_id"`
		Count    int           `db:"households"`
	}](ctx, t, "count the households of each building", `
		select h.building_id, count(*) as households
		  from households h
		 where h.community_id = $1 and h.archived_at is null
		 group by h.building_id`, community)
	p.Households = map[delivery.UUID]int{}
	for _, h := range households {
		p.Households[h.Building] = h.Count
	}
	return &p, err
}

// WholeDays reads what was ordered on each day of a span in all, and the parts of the estate and of items in buildings, in the order of the days.
func (t *Tx) WholeDays(ctx context.Context, community int32, from, until string) ([]*delivery.DemandRow, error) {
	return listTx[*delivery.DemandRow](ctx, t, "read the demand of whole days", `
		select `+demandColumns+`
		  from demand_days d
		 where d.community_id = $1 and d.kind <> 'CHANNEL' and (d.part = '*' or d.kind in ('ALL', 'BUILDING_ITEM')) and d.day between cast($2 as date) and cast($3 as date)
		 order by d.day, d.kind, d.series, d.part`, community, from, until)
}

// InsertForecasts stores the forecasts of a day. They are never changed.
func (t *Tx) InsertForecasts(ctx context.Context, rows []*delivery.ForecastRow) error {
	if err := t.Decided(); err != nil || len(rows) == 0 {
		return err
	}
	return insertAll(ctx, t, "store forecasts", `
		insert into forecasts (community_id, kind, day, series, building_id, package_id, item, unit, expected, low, high, like_days, method, made_at)
		values (:community_id, :kind, :day, :series, :building_id, :package_id, :item, :unit, :expected, :low, :high, :like_days, :method, :made_at)`, rows)
}

// Demand reads what was ordered in a community on the days of a span, both included: a row for each series of the kind and day with orders. For an
// item in a building, a household that ordered it in two parts of a day counts twice. Only whole days are counted, so the present day has no
// rows. It fails with NOT_FOUND if the scope may not enter the community.
func (d *DB) Demand(ctx context.Context, s delivery.Scope, community int32, kind delivery.DemandKind, from, until string) (_ []*delivery.DemandRow, err error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	if kind != delivery.DemandBuildingItem {
		return listOf[*delivery.DemandRow](ctx, d, "read a community's demand", `
			select `+demandColumns+`
			  from demand_days d
			 where d.community_id = $1 and d.kind = $2 and d.day between cast($3 as date) and cast($4 as date) and d.part = '*'
			 order by d.day, d.orders desc, d.series`, community, kind, from, until)
	}
	return listOf[*delivery.DemandRow](ctx, d, "read a community's demand of items in buildings", `
		select d.community_id, d.kind, cast(d.day as text) as day, d.series, '*' as part, d.building_id, cast(max(cast(d.package_id as text)) as uuid) as package_id,
		       max(d.item) as item, max(d.unit) as unit, max(d.channel) as channel, sum(d.orders) as orders, sum(d.households) as households,
		       cast(sum(d.quantity) * 1000 as bigint) as quantity
		  from demand_days d
		 where d.community_id = $1 and d.kind = $2 and d.day between cast($3 as date) and cast($4 as date)
		 group by d.community_id, d.kind, d.day, d.series, d.building_id
		 order by d.day, sum(d.orders) desc, d.series`, community, kind, from, until)
}

// Forecasts reads the stored forecasts of a day, and the forecasts and counts of the days before it, from which the error is computed. It
// fails with NOT_FOUND if the scope may not enter the community.
func (d *DB) Forecasts(ctx context.Context, s delivery.Scope, community int32, day string) (_ *delivery.ForecastFacts, err error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	var f delivery.ForecastFacts
	if f.Rows, err = listOf[*delivery.ForecastRow](ctx, d, "read the forecasts of a day", `
		select `+forecastColumns+`
		  from forecasts f
		 where f.community_id = $1 and f.kind in ('ALL', 'BUILDING', 'ITEM', 'BUILDING_ITEM') and f.day = cast($2 as date)
		 order by array_position(array['ALL', 'BUILDING', 'ITEM', 'BUILDING_ITEM'], f.kind), f.high desc, f.series`, community, day); err != nil {
		return nil, err
	}
	if f.Past, err = listOf[*delivery.ForecastRow](ctx, d, "read the forecasts of the days before", `
		select `+forecastColumns+`
		  from forecasts f
		 where f.community_id = $1 and f.kind in ('ALL', 'BUILDING', 'ITEM') and f.expected is not null
		   and f.day between cast($2 as date) - `+strconv.Itoa(2*delivery.ScoreDays)+` and cast($2 as date) - 1`, community, day); err != nil {
		return nil, err
	}
	if f.Actual, err = listOf[*delivery.DemandRow](ctx, d, "read the demand of the days before", `
		select `+demandColumns+`
		  from demand_days d
		 where d.community_id = $1 and d.kind in ('ALL', 'BUILDING', 'ITEM') and d.part = '*'
		   and d.day between cast($2 as date) - `+strconv.Itoa(2*delivery.ScoreDays)+` and cast($2 as date) - 1`, community, day); err != nil {
		return nil, err
	}
	days := delivery.ScoredBefore(day)
	if f.Held, err = listOf[delivery.HeldBuilding](ctx, d, "read on which of the days before buildings were held", heldDays, community, days[0], days[len(days)-1]); err != nil {
		return nil, err
	}
	marks, err := listOf[string](ctx, d, "read which days are counted", `
		select cast(demand_day as text)
		  from demand_marks
		 where community_id = $1 and demand_day is not null`, community)
	if len(marks) > 0 {
		f.Counted = marks[0]
	}
	return &f, err
}
