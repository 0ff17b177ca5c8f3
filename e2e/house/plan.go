package house

import (
	"fmt"
	"time"
)

// Plan stores a plan of the present day for every community. Its day begins two hours ago; in the first ten minutes it delivers all orders but one, and the last one ten minutes later.
// So while nothing is delivered, the day is 120 minutes behind. The rest of the day is marked as rehearsed in the future, so that the clock worker leaves the row alone.
func (e *Estate) Plan(orders int) {
	e.T.Helper()
	now := e.Clock.Now()
	e.SQL(fmt.Sprintf(`
		insert into plans (community_id, day, starts_at, ends_at, by_hand, scenario, orders, all_by, chance, trucks, band, steps, made_at, measured, now_at)
		select c.community_id, day_of.day, cast('%[1]s' as timestamptz) - interval '2 hours', cast('%[1]s' as timestamptz) + interval '22 hours', false, '{"v": 1}', %[2]d, '%[1]s', 0.5, '[]',
		       '[[10, 0, %[3]d, %[2]d], [20, %[3]d, %[2]d, %[2]d]]', '[]', cast('%[1]s' as timestamptz) - interval '12 hours', '[]', cast('%[1]s' as timestamptz) + interval '20 hours'
		  from communities c
		 cross join lateral (select cast(cast('%[1]s' as timestamptz) at time zone c.time_zone as date) as day) day_of
		    on conflict do nothing`, now.Format(time.RFC3339), orders, orders-1))
}
