package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"baogong/db"
	filling "baogong/db/crowd"
	"baogong/delivery"
)

// The year of one estate whose needs are analysed.
const (
	needsOrders  = 450_000
	needsDays    = 365
	needsAsked   = 5   // requests of a round
	needsMost    = 200 // ms that a query may take
	needsTick    = 2   // s that the clock has for one job
	needsWindow  = 8   // packages of each day's window
	needsItemsOf = 400 // names of goods
)

// needsRows are the rows of the year beside those of a crowd, with {names} replaced. Foreign keys are not checked.
var needsRows = []string{
	`set local session_replication_role = replica`,
	// Two more lines for each order. Few of the goods are in most orders.
	`insert into order_lines (community_id, id, order_id, position, item, quantity, unit, unit_price_fen)
	select o.community_id, gen_random_uuid(), o.id, p, '商品' || cast({items} * power((o.number * 7919 + p * 104729) % 10007 / 10007.0, 3) as int), 1 + o.number % 3, '份', 500
	  from orders o
	 cross join generate_series(2, 3) p
	 where o.community_id = {community}`,
	`insert into packages (community_id, id, supplier_id, code, code_key, name, unit, price_fen, marks, version, created_at)
	select s.community_id, gen_random_uuid(), s.id, 'A' || i, 'a' || i, '套餐' || i, '份', 3000, '{}', 1, '2020-01-01'
	  from suppliers s
	 cross join generate_series(1, {packages}) i
	 where s.community_id = {community} and s.code = 'P1'`,
	// A window for each day: it closes in the evening before, the last one later today.
	`insert into order_windows (community_id, id, supplier_id, name, opens_at, closes_at, deliver_at, minimum, orders, decision, decided_at, decided_by_role, next_at, version, created_at)
	select s.community_id, gen_random_uuid(), s.id, '每日蔬菜', t.at - interval '12 h', t.at + case when d = 0 then interval '6 h' else interval '0' end, t.at + interval '13 h', 0, 0,
	       case when d > 0 then 'CONFIRMED' end, case when d > 0 then t.at end, case when d > 0 then 'SUPPLIER' end, case when d = 0 then t.at + interval '6 h' end, 1, t.at - interval '1 day'
	  from suppliers s
	 cross join generate_series(0, {days}) d
	 cross join lateral (select timestamptz '{now}' - d * interval '1 day' as at) t
	 where s.community_id = {community} and s.code = 'P1'`,
	`insert into offers (community_id, window_id, package_id, supplier_id, price_fen, stock, household_cap, phone_reserve, reserve_open, sold, sold_by_phone, sold_out_at)
	select w.community_id, w.id, p.id, w.supplier_id, 3000, 60, null, 0, false, x.sold, 0, case when x.sold = 60 then w.closes_at - interval '1 h' end
	  from order_windows w
	  join packages p on p.community_id = w.community_id and p.supplier_id = w.supplier_id
	 cross join lateral (select 40 + cast(extract(epoch from w.deliver_at) / 86400 + 7 * cast(substr(p.code, 2) as int) as bigint) % 21 as sold) x
	 where w.community_id = {community}`,
	`update orders o
	    set window_id = w.id
	   from order_windows w
	  where o.community_id = {community} and w.community_id = o.community_id and o.supplier_id = w.supplier_id and o.placed_at >= w.opens_at and o.placed_at < w.closes_at`,
	`update orders set marks = '{MEDICINE}' where community_id = {community} and stage in ('PLACED', 'DISPATCHED', 'AT_GATE') and number % 20 = 0`,
	`update events e
	    set body = e.body || jsonb_build_object('from', 'PLACED', 'reason', (array['OUT_OF_STOCK', 'NO_CAPACITY', 'HOUSEHOLD_ASKED'])[1 + o.number / 50 % 3])
	   from orders o
	  where o.community_id = {community} and o.stage = 'CANCELLED' and e.community_id = o.community_id and e.order_id = o.id and e.kind = 'ORDER_MOVED'`,
	`insert into enquiries (community_id, id, number, kind, way, household_id, building_id, phone, text, urgent, state, due_at, attempts, logged_at, logged_by_role, outcome, answer, closed_at,
		closed_by_role, version)
	select o.community_id, gen_random_uuid(), o.number, 'QUESTION', 'PHONE', o.household_id, o.building_id, '', '', false, 'CLOSED', o.placed_at, 0, o.placed_at, 'VOLUNTEER',
	       (array['PASSED_ON', 'UNREACHABLE', 'NOT_NEEDED', 'ANSWERED', 'ANSWERED', 'ANSWERED', 'ANSWERED', 'ANSWERED'])[1 + o.number / 6 % 8], '', o.placed_at + interval '10 min', 'VOLUNTEER', 1
	  from orders o
	 where o.community_id = {community} and o.number % 6 = 0`,
	`insert into imports (community_id, id, kind, name, supplier_id, day, text, menu, headers, started_at, by_role, rows, placed, changed, unchanged, in_review, refused, dropped, next, total,
		passed_over, done_at, stopped, version)
	select s.community_id, gen_random_uuid(), 'CSV', '', s.id, '2020-02-18', '', '[]', '{}', '{start}', 'SUPPLIER', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{now}', '', 1
	  from suppliers s
	 where s.community_id = {community} and s.code = 'P2'`,
	`insert into import_rows (community_id, id, import_id, row, file_rows, number, key, text, place, goods, note, outcome, reason, remarks, guesses, building_id, household_id, order_id, settled_at,
		settled_by_role)
	select o.community_id, gen_random_uuid(), i.id, o.number, array[1], o.number, '', '', '', '[]', '', case when o.number % 100 = 0 then 'DROPPED' else 'PLACED' end,
	       case when o.number % 100 = 0 then 'x' else '' end, '{}', '{}', o.building_id, o.household_id, o.id, o.placed_at, 'SUPPLIER'
	  from imports i
	  join orders o on o.community_id = i.community_id and o.number % 2 = 0
	 where i.community_id = {community}`,
	`insert into notices (community_id, id, number, kind, title, body, households, building_ids, squads, suppliers, effective_at, published_at, published_by_role, audience, seen, told)
	select {community}, gen_random_uuid(), d + 1, 'NOTICE', '通知', '', true, '{}', '{}', false, t.at, t.at, 'COMMANDER', 1000000, 0, 0
	  from generate_series(0, {days}) d
	 cross join lateral (select timestamptz '{start}' + d * interval '1 day' as at) t`,
	`insert into notice_reach (community_id, notice_id, household_id, seen_at)
	select n.community_id, n.id, h.id, case when (h.floor * 31 + n.number) % 3 = 0 then n.published_at end
	  from notices n
	  join households h on h.community_id = n.community_id
	 where n.community_id = {community}`,
}

// needsForecasts makes forecasts of the last four weeks, so that there are errors to compute.
const needsForecasts = `
	insert into forecasts (community_id, kind, day, series, building_id, package_id, item, unit, expected, low, high, like_days, method, made_at)
	select d.community_id, d.kind, d.day, d.series, d.building_id, d.package_id, d.item, d.unit, x.n, x.n * 0.8, x.n * 1.2, 7, 'MEAN', now()
	  from demand_days d
	 cross join lateral (select coalesce(d.quantity, d.orders) * (0.9 + extract(day from d.day) % 3 / 10.0) as n) x
	 where d.community_id = $1 and d.kind in ('ALL', 'BUILDING', 'ITEM') and d.part = '*' and d.day > (select max(m.day) from demand_days m where m.community_id = $1) - 28`

// yearByDay is the yardstick: what a query would do without the counts of the clock.
const yearByDay = `
	select cast(o.placed_at at time zone 'Asia/Shanghai' as date), count(*), count(distinct o.household_id)
	  from orders o
	 where o.community_id = $1 and o.stage <> 'CANCELLED'
	 group by 1`

// needs measures the queries of the needs analysis with a year of one estate, and the clock's part of it.
func needs(ctx context.Context, b *bench) ([]Figure, error) {
	orders, days := b.scaled(needsOrders, 1_000), b.scaled(needsDays, 40)
	now := time.Now().Truncate(time.Second)
	start := now.AddDate(0, 0, -days).Add(-30 * time.Hour) // the last orders are moved until now
	community, err := filling.Fill(ctx, b.db.Pool(), "needs", filling.Size{Orders: orders, Start: start, Every: time.Duration(days) * 24 * time.Hour / time.Duration(orders)})
	if err != nil {
		return nil, err
	}
	if err := b.fillNeeds(ctx, community, days, start, now); err != nil {
		return nil, err
	}
	b.progress.expect(2 + b.Rounds*(len(needsQueries)+1) + len(pricedNeeds))
	counted, err := b.countYear(ctx, community, now)
	if err != nil {
		return nil, err
	}
	b.progress.step()
	forecast, window, tomorrow, err := b.forecastDay(ctx, community, now)
	if err != nil {
		return nil, err
	}
	b.progress.step()
	s, err := b.server(ctx, b.DSN, []string{"--cost", "1000000000", "--cost-burst", "1000000000"})
	if err != nil {
		return nil, err
	}
	defer b.endAll()
	if err := b.quiet(ctx, s); err != nil {
		return nil, err
	}
	yesterday := now.AddDate(0, 0, -3).Format(time.DateOnly)
	named := strings.NewReplacer("COMMUNITY", delivery.ID{Kind: delivery.KindCommunity, Community: community}.String(), "WINDOW", window.String(), "TOMORROW", tomorrow,
		"YEAR_AGO", now.AddDate(0, 0, -365).Format(time.DateOnly), "MONTH_AGO", now.AddDate(0, 0, -30).Format(time.DateOnly), "YESTERDAY", yesterday, "TODAY", now.Format(time.DateOnly))
	c, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	each, _, err := b.bill(ctx, s, c, "C01@needs", "me{role}", 1)
	if err != nil {
		return nil, err
	}
	prices, err := b.priceRows(ctx, s, c, pricedNeeds, named, "needs", "", each.cost)
	_ = c.conn.Close()
	if err != nil {
		return nil, err
	}
	took := make([][]float64, len(needsQueries))
	var theirs []float64
	for range b.Rounds {
		ms, err := b.medianOf(func() error {
			_, err := b.db.Pool().ExecContext(ctx, yearByDay, community)
			return err
		})
		if err != nil {
			return nil, err
		}
		theirs = append(theirs, ms)
		b.progress.step()
		for i, q := range needsQueries {
			request := s.request("C01@needs", named.Replace(q.query), nil)
			c, err := s.client(ctx) // the yardstick takes longer than a server keeps an idle connection
			if err != nil {
				return nil, err
			}
			ms, err := b.medianOf(func() error {
				text, err := c.ask(request)
				var answer struct{ Errors []json.RawMessage }
				if err == nil {
					err = json.Unmarshal(text, &answer)
				}
				if err == nil && len(answer.Errors) > 0 {
					err = fmt.Errorf("%s: got %.300s", q.what, text)
				}
				return err
			})
			_ = c.conn.Close()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.what, err)
			}
			took[i] = append(took[i], ms)
			b.progress.step()
		}
	}
	out := []Figure{
		figure(fmt.Sprintf("需求分析 needs analysis: the clock counts a day of %s orders", grouped(int64(orders/days))), "s", Goal{Max: needsTick}, counted, "", nil),
		figure("… and forecasts the next", "s", Goal{Max: needsTick}, forecast, "", nil),
	}
	for i, q := range needsQueries {
		out = append(out, figure(fmt.Sprintf("%s, of a year of %s orders", q.what, grouped(int64(orders))), "ms", Goal{Max: needsMost}, took[i], "SQL: the year's orders by day", theirs))
	}
	return append(out, prices...), nil
}

// pricedNeeds are the root fields of the needs analysis, whose prices are compared with their costs in this estate: a crowd has no needs.
var pricedNeeds = []priced{
	{field: `demand(communityId:"COMMUNITY",kind:ITEM,from:"MONTH_AGO",until:"YESTERDAY"){day item unit orders households quantity}`, about: "by item, of a month"},
	{field: `demand(communityId:"COMMUNITY",kind:BUILDING_ITEM,from:"YESTERDAY",until:"YESTERDAY"){building{code} item unit orders quantity}`, about: "by item and building, of a day"},
	{field: `demand(communityId:"COMMUNITY",kind:CHANNEL,from:"YEAR_AGO",until:"YESTERDAY"){day channel orders}`, about: "by channel, of a year"},
	{field: `demand(communityId:"COMMUNITY",kind:ALL,from:"YESTERDAY",until:"YESTERDAY"){orders}`, about: "of a day", most: true},
	{field: `forecast(communityId:"COMMUNITY",day:"TOMORROW"){rows{kind item unit expected low high method} score{wape mase bias least}}`},
	{field: `forecast(communityId:"COMMUNITY",day:"TOMORROW"){noBetter}`, most: true},
	{field: `supplyGap(communityId:"COMMUNITY",windowId:"WINDOW"){item unit ordered expected reserve stock gap method}`},
	{field: `supplyGap(communityId:"COMMUNITY",windowId:"WINDOW"){gap}`, most: true},
	{field: `reach(communityId:"COMMUNITY"){households ordered answered told unreached buildings{building{code} households unreached elderlyAlone noSmartphone}}`},
	{field: `reach(communityId:"COMMUNITY"){unreached}`, most: true},
	{field: `householdNeeds(communityId:"COMMUNITY"){households needs{need households} buildings{building{code} households needs{need households}} medicinesDue medicines{order{number address} dueAt overdue}}`},
	{field: `householdNeeds(communityId:"COMMUNITY"){households}`, most: true},
	{field: `unmetDemand(communityId:"COMMUNITY",from:"MONTH_AGO",until:"TODAY"){days{day outOfStock noCapacity soldOut dropped unanswered} soldOut{item at}}`, about: "of a month"},
	{field: `unmetDemand(communityId:"COMMUNITY",from:"YEAR_AGO",until:"TODAY"){days{day}}`, about: "of a year", most: true},
	{field: `handsTomorrow(communityId:"COMMUNITY",day:"TOMORROW"){orders personHours links{post minutesPerOrder personHours assumed}}`},
	{field: `handsTomorrow(communityId:"COMMUNITY",day:"TOMORROW"){orders}`, most: true},
}

// needsQueries are measured through the API, with selections as a page has them.
var needsQueries = []struct{ what, query string }{
	{"demand of the estate on each day", `{demand(communityId:"COMMUNITY",kind:ALL,from:"YEAR_AGO",until:"YESTERDAY"){day orders households}}`},
	{"demand by channel on each day", `{demand(communityId:"COMMUNITY",kind:CHANNEL,from:"YEAR_AGO",until:"YESTERDAY"){day channel orders households}}`},
	{"demand by building on each day of a month", `{demand(communityId:"COMMUNITY",kind:BUILDING,from:"MONTH_AGO",until:"YESTERDAY"){day building{code} orders households}}`},
	{"demand by item on each day of a month", `{demand(communityId:"COMMUNITY",kind:ITEM,from:"MONTH_AGO",until:"YESTERDAY"){day item unit orders quantity}}`},
	{"demand by item and building on a day", `{demand(communityId:"COMMUNITY",kind:BUILDING_ITEM,from:"YESTERDAY",until:"YESTERDAY"){building{code} item unit orders quantity}}`},
	{"forecast", `{forecast(communityId:"COMMUNITY",day:"TOMORROW"){rows{kind building{code} item unit expected low high method} score{wape mase bias least} noBetter}}`},
	{"supplyGap", `{supplyGap(communityId:"COMMUNITY",windowId:"WINDOW"){package{code} item ordered expected reserve stock gap method}}`},
	{"reach", `{reach(communityId:"COMMUNITY"){households ordered answered told unreached buildings{building{code} households unreached elderlyAlone noSmartphone}}}`},
	{"householdNeeds", `{householdNeeds(communityId:"COMMUNITY"){households needs{need households} buildings{building{code} households needs{need households}} medicinesDue medicines{order{number address} dueAt overdue}}}`},
	{"unmetDemand", `{unmetDemand(communityId:"COMMUNITY",from:"YEAR_AGO",until:"TODAY"){days{day outOfStock noCapacity soldOut dropped unanswered} soldOut{item at stock}}}`},
	{"handsTomorrow", `{handsTomorrow(communityId:"COMMUNITY",day:"TOMORROW"){orders forecast personHours links{post minutesPerOrder personHours}}}`},
}

// medianOf returns the median of what some runs took, in milliseconds, after one that fills the caches.
func (b *bench) medianOf(run func() error) (float64, error) {
	var took []float64
	for range needsAsked + 1 {
		began := time.Now()
		if err := run(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began).Seconds()*1000)
	}
	return median(took[1:]), nil
}

// fillNeeds adds the rows of a year beside the crowd's.
func (b *bench) fillNeeds(ctx context.Context, community int32, days int, start, now time.Time) error {
	tx, err := b.db.Pool().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // a no-op after the commit
	named := strings.NewReplacer("{community}", strconv.Itoa(int(community)), "{days}", strconv.Itoa(days), "{items}", strconv.Itoa(needsItemsOf), "{packages}", strconv.Itoa(needsWindow),
		"{start}", start.UTC().Format(time.RFC3339), "{now}", now.UTC().Format(time.RFC3339))
	for _, row := range needsRows {
		if _, err := tx.ExecContext(ctx, named.Replace(row)); err != nil {
			return fmt.Errorf("fill a year: %w: %.120s", err, row)
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = b.db.Pool().ExecContext(ctx, "vacuum (analyze)")
	return err
}

// countYear lets the clock count all days, and returns what each of the last ones took, in seconds.
func (b *bench) countYear(ctx context.Context, community int32, now time.Time) ([]float64, error) {
	var took []float64
	for {
		clock, err := b.clockOf(ctx, community)
		if err != nil {
			return nil, err
		}
		do := b.founder.Demand.Count(clock, now)
		if do == nil {
			return took[max(0, len(took)-b.Rounds-3):max(1, len(took)-3)], nil // without the last, which have few orders
		}
		began := time.Now()
		if err := do(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Seconds())
	}
}

func (b *bench) clockOf(ctx context.Context, community int32) (db.CommunityClock, error) {
	clocks, err := b.db.UnscopedClocks(ctx)
	if err != nil {
		return db.CommunityClock{}, err
	}
	for _, c := range clocks {
		if c.Community == community {
			return c, nil
		}
	}
	return db.CommunityClock{}, fmt.Errorf("community %d has no clock", community)
}

// forecastDay lets the clock forecast tomorrow again and again, and returns what it took in seconds, the window that delivers then and the day.
func (b *bench) forecastDay(ctx context.Context, community int32, now time.Time) (took []float64, window delivery.ID, day string, err error) {
	if _, err = b.db.Pool().ExecContext(ctx, needsForecasts, community); err != nil {
		return nil, window, "", err
	}
	clock, err := b.clockOf(ctx, community)
	if err != nil {
		return nil, window, "", err
	}
	zone := &delivery.Community{TimeZone: clock.TimeZone}
	local := zone.Local(now)
	evening := time.Date(local.Year(), local.Month(), local.Day(), delivery.ForecastHour, 30, 0, 0, local.Location())
	for range b.Rounds {
		if _, err = b.db.Pool().ExecContext(ctx, `with gone as (delete from forecasts where community_id = $1 and day > (select demand_day + 1 from demand_marks where community_id = $1))
			update demand_marks set forecast_day = null where community_id = $1`, community); err != nil {
			return nil, window, "", err
		}
		clock.Forecast = nil
		do := b.founder.Demand.Forecast(clock, evening)
		if do == nil {
			return nil, window, "", fmt.Errorf("no forecast is due at %s; the last day counted is %s", evening, *clock.Counted)
		}
		began := time.Now()
		if err := do(ctx); err != nil {
			return nil, window, "", err
		}
		took = append(took, time.Since(began).Seconds())
	}
	_, tomorrow := zone.Today(evening)
	window = delivery.ID{Kind: delivery.KindWindow, Community: community}
	err = b.db.Pool().QueryRowContext(ctx, `select id from order_windows where community_id = $1 order by deliver_at desc limit 1`, community).Scan(&window.UUID)
	return took, window, zone.Day(tomorrow), err
}
