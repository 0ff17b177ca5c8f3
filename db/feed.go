package db

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"baogong/delivery"
)

// randomEpoch returns a random epoch: positive, and in practice never used before.
func randomEpoch() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int64(binary.BigEndian.Uint64(b[:])>>1) | 1
}

// InsertFeed inserts the feed and the counters of a new community. The day of the insertion counts as begun.
func (t *Tx) InsertFeed(ctx context.Context, community int32, day string) error {
	if _, err := t.exec(ctx, "insert a feed", `
		insert into feeds (community_id, head, epoch, day)
		values ($1, 0, $2, cast($3 as date))`, community, randomEpoch(), day); err != nil {
		return err
	}
	_, err := t.exec(ctx, "insert the counter of order numbers", `
		insert into order_numbers (community_id, last)
		values ($1, 0)`, community)
	return err
}

// UnscopedRerollEpochs gives every feed a new epoch and returns the number of feeds. Run it after a restore from backup:
// positions issued since that backup will be issued again, so cursors from then must become invalid.
func (d *DB) UnscopedRerollEpochs(ctx context.Context) (feeds int, err error) {
	return InTx(ctx, d, func(t *Tx) (int, error) {
		ids, err := listTx[int32](ctx, t, "lock the feeds", `select community_id from feeds order by community_id for update`)
		for _, id := range ids {
			if _, err := t.exec(ctx, "give a feed a new epoch", `update feeds set epoch = $2 where community_id = $1`, id, randomEpoch()); err != nil {
				return 0, err
			}
		}
		return len(ids), err
	})
}

// FeedHead is the end of a community's feed.
type FeedHead struct {
	Community int32 `db:"community_id"`
	Seq       int64 `db:"head"`
	Epoch     int64 `db:"epoch"`
	Oldest    int64 `db:"oldest"` // the lowest position still kept, 1 from the start
	Server    int64 `db:"server"` // start of the database server, in microseconds since 1970
}

const selectHeads = `
	select f.community_id, f.head, f.epoch,
	       coalesce((select e.seq from events e where e.community_id = f.community_id order by e.seq limit 1), f.head + 1) as oldest,
	       cast(extract(epoch from pg_postmaster_start_time()) * 1000000 as bigint) as server
	  from feeds f`

// UnscopedHeads reads the head of every feed, for the hub.
func (d *DB) UnscopedHeads(ctx context.Context) ([]FeedHead, error) {
	return list[FeedHead](ctx, d.feeding, "read the heads of the feeds", selectHeads+` order by f.community_id`)
}

// UnscopedEvents reads a community's events after a position, unfiltered and in order, at most limit, and in the same
// statement the feed's head. It is for the hub.
func (d *DB) UnscopedEvents(ctx context.Context, community int32, after int64, limit int) ([]*delivery.Event, FeedHead, error) {
	for {
		rows, err := list[struct {
			eventRow
			Head   int64 `db:"head"`
			Epoch  int64 `db:"epoch"`
			Oldest int64 `db:"oldest"`
		}](ctx, d.feeding, "read the events of a feed", `
			select `+eventColumns+`, f.head, f.epoch,
			       (select x.seq from events x where x.community_id = f.community_id order by x.seq limit 1) as oldest
			  from feeds f
			  join events e on e.community_id = f.community_id
			 where f.community_id = $1 and e.seq > $2
			 order by e.seq
			 limit $3`, community, after, limit)
		if err != nil {
			return nil, FeedHead{}, err
		}
		if len(rows) > 0 {
			events := make([]*delivery.Event, len(rows))
			for i := range rows {
				if events[i], err = rows[i].read(); err != nil {
					return nil, FeedHead{}, err
				}
			}
			return events, FeedHead{Community: community, Seq: rows[0].Head, Epoch: rows[0].Epoch, Oldest: rows[0].Oldest}, nil
		}
		heads, err := list[FeedHead](ctx, d.feeding, "read the head of a feed", selectHeads+` where f.community_id = $1`, community)
		head, err := one(heads, err, delivery.KindCommunity)
		if err != nil || head.Seq <= after || head.Oldest > head.Seq {
			return nil, head, err // no events, or none kept; otherwise events came between the two statements, so read again
		}
	}
}

// CommunityClock holds the facts about a community that the clock worker needs.
type CommunityClock struct {
	Community int32      `db:"community_id"`
	TimeZone  string     `db:"time_zone"`
	Day       string     `db:"day"`      // the last day whose start is in the feed
	Due       *time.Time `db:"due"`      // when the next hold ends on its own
	Last      *time.Time `db:"last"`     // when the last event happened
	Slot      *time.Time `db:"slot"`     // the first slot whose truck is awaited and not noted as late
	Rises     *time.Time `db:"rises"`    // when the level of the next incident rises
	Window    *time.Time `db:"window"`   // when the next window opens or closes
	Shift     *time.Time `db:"shift"`    // when the next member of a shift is due
	Enquiry   *time.Time `db:"enquiry"`  // when the lease of an enquiry ends or one comes due
	Welfare   *string    `db:"welfare"`  // the last day whose welfare calls are in the queue
	Counted   *string    `db:"counted"`  // the last day whose demand is counted
	Forecast  *string    `db:"forecast"` // the last day whose demand is forecast
}

// UnscopedClocks reads the clock worker's facts about every community.
func (d *DB) UnscopedClocks(ctx context.Context) ([]CommunityClock, error) {
	return list[CommunityClock](ctx, d.feeding, "read the clock worker's communities", `
		select c.community_id, c.time_zone, cast(f.day as text) as day,
		       least((select min(w.until) from holds w where w.community_id = c.community_id and w.ended_at is null),
		             (select min(w.ends_at) from holds w where w.community_id = c.community_id and w.ended_at is null)) as due,
		       (select min(a.due_at) from arrivals a where a.community_id = c.community_id and a.state = 'ANNOUNCED' and a.late_since is null) as slot,
		       (select min(i.rises_at) from incidents i where i.community_id = c.community_id and i.rises_at is not null) as rises,
		       (select min(o.next_at) from order_windows o where o.community_id = c.community_id and o.next_at is not null) as "window",
		       (select min(m.due_at) from shift_members m where m.community_id = c.community_id and m.due_at is not null) as shift,
		       (select min(q.next_at) from enquiries q where q.community_id = c.community_id and q.next_at is not null) as enquiry,
		       (select cast(d.day as text) from welfare_days d where d.community_id = c.community_id) as welfare,
		       cast(m.demand_day as text) as counted, cast(m.forecast_day as text) as forecast,
		       (select e.at from events e where e.community_id = c.community_id order by e.seq desc limit 1) as last
		  from communities c
		  join feeds f on f.community_id = c.community_id
		  left join demand_marks m on m.community_id = c.community_id
		 order by c.community_id`)
}

// UnscopedCommunityCodes returns the codes of all communities, and none if there is no schema yet.
func (d *DB) UnscopedCommunityCodes(ctx context.Context) ([]string, error) {
	there, err := list[bool](ctx, d, "look for the schema", `select to_regclass('communities') is not null`)
	if err != nil || !there[0] {
		return nil, err
	}
	return list[string](ctx, d, "read the codes of the communities", `select code from communities order by code`)
}

// LockDay locks the feed's day and returns it.
func (t *Tx) LockDay(ctx context.Context, community int32) (string, error) {
	rows, err := listTx[string](ctx, t, "lock a feed's day", `select cast(day as text) from feeds where community_id = $1`+t.locking("for update"), community)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

// SaveDay records that the feed contains the day's start.
func (t *Tx) SaveDay(ctx context.Context, community int32, day string) error {
	_, err := t.exec(ctx, "save a feed's day", `update feeds set day = cast($2 as date) where community_id = $1`, community, day)
	return err
}

// FeedEnd returns the end of a community's feed.
func (d *DB) FeedEnd(ctx context.Context, s delivery.Scope, community int32) (delivery.Position, error) {
	if !s.SeesCommunity(community) {
		return delivery.Position{}, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	rows, err := list[FeedHead](ctx, d, "read the end of a feed", selectHeads+` where f.community_id = $1`, community)
	head, err := one(rows, err, delivery.KindCommunity)
	return delivery.Position{Community: community, Epoch: uint64(head.Epoch), Seq: head.Seq}, err
}
