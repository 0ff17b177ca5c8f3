package db

import (
	"context"

	"baogong/delivery"
)

// Counter names what has numbers that people read.
type Counter string

// What has numbers of its own. Orders have a counter of their own (NextOrderNumber).
const (
	NumberArrival  Counter = "ARRIVAL"
	NumberStray    Counter = "STRAY"
	NumberIncident Counter = "INCIDENT"
	NumberRun      Counter = "RUN"
	NumberRound    Counter = "ROUND"
	NumberTask     Counter = "TASK"
	NumberEnquiry  Counter = "ENQUIRY"
	NumberNotice   Counter = "NOTICE"
)

// NextNumbers draws the next n numbers of a counter and returns the first. It holds the counter until the transaction ends: lock it
// after all rows and before the feed. A look draws none.
func (t *Tx) NextNumbers(ctx context.Context, community int32, counter Counter, n int) (int64, error) {
	if t.looking {
		return 0, nil
	}
	rows, err := listTx[int64](ctx, t, "draw numbers", `
		insert into numbers as x (community_id, noun, last)
		values ($1, $2, cast($3 as bigint))
		    on conflict (community_id, noun) do update
		   set last = x.last + cast($3 as bigint)
		returning last - cast($3 as bigint) + 1`, community, string(counter), n)
	return one(rows, err, delivery.KindCommunity)
}
