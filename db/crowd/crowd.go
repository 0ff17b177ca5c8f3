// Package crowd fills a database with one community of any number of orders, for benchmarks and tests at a size that orders
// placed one by one would not reach. The rows are those of a closure of months: most orders are final.
package crowd

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Size says how many rows to make. A zero field means its default.
type Size struct {
	Orders     int // 300,000
	Households int // 3,710
	Buildings  int // 26
	Open       int // how many of the orders are open, the newest ones; 4,000

	Start time.Time     // when the first order was placed; 1 February 2020
	Every time.Duration // between two orders; 30 s

	Bare bool // without lines, events and search texts, which takes a tenth of the time
}

func (s Size) filled() Size {
	s.Orders = cmp.Or(s.Orders, 300_000)
	s.Households = cmp.Or(s.Households, 3_710)
	s.Buildings = cmp.Or(s.Buildings, 26)
	s.Open = cmp.Or(s.Open, 4_000)
	s.Start = cmp.Or(s.Start, time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC))
	s.Every = cmp.Or(s.Every, 30*time.Second)
	return s
}

// Fill adds a community with the code and its rows in one transaction, analyzes the tables, and returns the community's id.
// Foreign keys of lines and events are not checked, so the role must be a superuser. Volunteer C01 is the commander, S1 and
// so on serve one building each, and suppliers P1 to P4 supply.
func Fill(ctx context.Context, pool *sql.DB, code string, size Size) (community int32, err error) {
	size = size.filled()
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("fill a crowd: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // a no-op after the commit
	if err := tx.QueryRowContext(ctx, `
		insert into communities (code, name, time_zone, version, created_at)
		values ($1, $1, 'Asia/Shanghai', 1, '2020-01-01')
		returning community_id`, code).Scan(&community); err != nil {
		return 0, fmt.Errorf("fill a crowd: %w", err)
	}
	numbers := strings.NewReplacer("{community}", strconv.Itoa(int(community)), "{orders}", strconv.Itoa(size.Orders), "{households}", strconv.Itoa(size.Households),
		"{buildings}", strconv.Itoa(size.Buildings), "{open}", strconv.Itoa(size.Open),
		"{start}", size.Start.UTC().Format(time.RFC3339), "{every}", strconv.FormatFloat(size.Every.Seconds(), 'f', 3, 64))
	todo := steps
	if size.Bare {
		orders := slices.Index(steps, unchecked) - 1
		todo = slices.Concat(steps[:orders], []string{unchecked}, steps[orders:orders+1])
	}
	for _, step := range todo {
		if _, err := tx.ExecContext(ctx, numbers.Replace(step)); err != nil {
			return 0, fmt.Errorf("fill a crowd: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("fill a crowd: %w", err)
	}
	if _, err := pool.ExecContext(ctx, "vacuum (analyze)"); err != nil {
		return 0, fmt.Errorf("fill a crowd: %w", err)
	}
	return community, nil
}

// unchecked turns off foreign keys and triggers for the rest of the transaction.
const unchecked = `set local session_replication_role = replica`

// steps are run in order, with {names} replaced by numbers. An id consists of the community, the kind and the row's number.
var steps = []string{
	`create or replace function pg_temp.crowd_id(kind int, n bigint) returns uuid language sql immutable as
		$$ select cast(lpad(to_hex({community}), 8, '0') || lpad(to_hex(kind), 4, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0') as uuid) $$`,
	`insert into feeds (community_id, head, epoch, day) values ({community}, 2 * {orders}, 1, '2020-02-18')`,
	`insert into order_numbers (community_id, last) values ({community}, {orders})`,
	`insert into buildings (community_id, id, code, name, has_lift, access_note, version, created_at)
	select {community}, pg_temp.crowd_id(1, i), 'E' || i, 'E' || i, true, '', 1, '2020-01-01' from generate_series(1, {buildings}) i`,
	`insert into units (community_id, id, building_id, number, floors, version, created_at)
	select {community}, pg_temp.crowd_id(2, i), pg_temp.crowd_id(1, i), 1, 30, 1, '2020-01-01' from generate_series(1, {buildings}) i`,
	`insert into households (community_id, id, building_id, unit_id, address, floor, room, contact_name, phone, people, needs, version, created_at)
	select {community}, pg_temp.crowd_id(3, i), pg_temp.crowd_id(1, i % {buildings} + 1), pg_temp.crowd_id(2, i % {buildings} + 1),
	       'E' || i % {buildings} + 1 || '-1-' || i / {buildings} / 5 + 1 || '0' || i / {buildings} % 5 + 1, (i / {buildings} / 5) % 100 + 1,
	       i / {buildings} / 5 + 1 || '0' || i / {buildings} % 5 + 1, '住户', '13800001000', 3,
	       case when i % 10 = 0 then array['ELDERLY_ALONE'] else cast('{}' as text[]) end, 1, '2020-01-01'
	  from generate_series(0, {households} - 1) i`,
	`insert into volunteers (community_id, id, code, name, phone, home_organisation, squad, rank, reachable, version, created_at)
	select {community}, pg_temp.crowd_id(4, i), case when i = 0 then 'C01' else 'S' || i end, '队员', '13900005678', '', 'SUPPLY',
	       case when i = 0 then 'COMMANDER' else 'MEMBER' end, true, 1, '2020-01-01' from generate_series(0, {buildings}) i`,
	`insert into services (community_id, volunteer_id, building_id, duty)
	select {community}, pg_temp.crowd_id(4, i), pg_temp.crowd_id(1, i), 'PRIMARY' from generate_series(1, {buildings}) i`,
	`insert into suppliers (community_id, id, code, name, kind, phone, version, created_at)
	select {community}, pg_temp.crowd_id(5, i), 'P' || i, 'P' || i, 'SHOP', '0717-6012345', 1, '2020-01-01' from generate_series(1, 4) i`,
	`insert into rounds (community_id, id, number, volunteer_id, implicit, started_at, version)
	values ({community}, pg_temp.crowd_id(8, 1), 1, pg_temp.crowd_id(4, 1), true, '2020-02-01', 1)`,
	// Placed in order of number, moved a while later; one in fifty is cancelled or returned.
	`insert into orders (community_id, id, number, building_id, unit_id, household_id, supplier_id, taker_id, channel, stage, stage_since, version,
		open_holds, holder_volunteer_id, holder_supplier_id, placed_at, placed_by_role, placed_by_id, moved_at, moved_by_role, moved_by_id,
		delivered_at, total_fen, note, external_number, bin_id, round_id, consent_by)
	select {community}, pg_temp.crowd_id(6, i), i, pg_temp.crowd_id(1, home % {buildings} + 1), pg_temp.crowd_id(2, home % {buildings} + 1), pg_temp.crowd_id(3, home),
	       case when channel <> 'BUY_FOR' then pg_temp.crowd_id(5, i % 4 + 1) end, case when channel = 'BUY_FOR' then pg_temp.crowd_id(4, home % {buildings} + 1) end,
	       channel, stage, moved, 2, case when open and i % 50 = 0 then 1 else 0 end,
	       case when open and stage <> 'PLACED' and i % 20 <> 0 then pg_temp.crowd_id(4, home % {buildings} + 1) end, null,
	       placed, 'RESIDENT', pg_temp.crowd_id(3, home), moved, 'COMMANDER', pg_temp.crowd_id(4, 0),
	       case when stage = 'DELIVERED' then moved end, 525, '', case when i % 3 = 0 then 'Mt-' || i * 7919 else '' end,
	       case when stage = 'SORTED' then pg_temp.crowd_id(1, home % {buildings} + 1) end, case when stage = 'OUT_FOR_DELIVERY' then pg_temp.crowd_id(8, 1) end,
	       case channel when 'PHONE' then 'HOUSEHOLD' end
	  from (select *, timestamptz '{start}' + i * interval '{every} s' as placed, timestamptz '{start}' + i * interval '{every} s' + (i * 7919 % 100000) * interval '1 s' as moved,
	               case when not open then case when i % 50 = 0 then 'CANCELLED' when i % 50 = 1 then 'RETURNED' else 'DELIVERED' end
	                    else (array['PLACED', 'DISPATCHED', 'AT_GATE', 'SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY'])[i % 6 + 1] end as stage
	          from (select i, i > {orders} - {open} as open, i * 7907 % {households} as home,
	                       case when i % 20 = 0 then 'BUY_FOR' when i % 5 = 0 then 'PHONE' when i % 7 = 0 then 'GROUP_BUY' else 'APP' end as channel
	                  from generate_series(1, cast({orders} as bigint)) i) x) y`,
	unchecked,
	`insert into order_lines (community_id, id, order_id, position, item, quantity, unit, unit_price_fen)
	select {community}, pg_temp.crowd_id(7, i), pg_temp.crowd_id(6, i), 1, '上海青', 1.5, '斤', 350 from generate_series(1, cast({orders} as bigint)) i`,
	`insert into events (community_id, seq, kind, at, by_role, by_id, building_id, household_id, supplier_id, order_id, body)
	select {community}, 2 * o.number - 1 + k, case k when 0 then 'ORDER_PLACED' else 'ORDER_MOVED' end, case k when 0 then o.placed_at else o.moved_at end,
	       case k when 0 then 'RESIDENT' else 'COMMANDER' end, null, o.building_id, o.household_id, o.supplier_id, o.id,
	       jsonb_build_object('v', 1, 'order', jsonb_build_object('community', o.community_id, 'id', o.id, 'number', o.number, 'building', o.building_id,
	           'unit', o.unit_id, 'household', o.household_id, 'channel', o.channel, 'stage', case k when 0 then 'PLACED' else o.stage end, 'stageSince', o.stage_since,
	           'version', k + 1, 'openHolds', o.open_holds, 'placedAt', o.placed_at, 'placedByRole', o.placed_by_role, 'movedAt', o.moved_at,
	           'movedByRole', o.moved_by_role, 'totalFen', o.total_fen))
	  from orders o cross join generate_series(0, 1) k
	 where o.community_id = {community}`,
}
