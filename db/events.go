package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/lib/pq"

	"baogong/delivery"
)

const eventColumns = `e.community_id, e.seq, e.kind, e.at, e.by_role, e.by_id, e.building_id, e.household_id, e.supplier_id, e.order_id, e.body`

// eventRow is an event and the text of its body, which is read by the event's kind.
type eventRow struct {
	delivery.Event
	Text string `db:"body"`
}

// read reads the body and returns the event.
func (r *eventRow) read() (*delivery.Event, error) {
	if err := r.UnmarshalBody(r.Text); err != nil {
		return nil, fmt.Errorf("read the body of event %d (%s): %w", r.Seq, r.Kind, err)
	}
	return &r.Event, nil
}

// eventsIn reads the bodies of the rows.
func eventsIn(rows []*eventRow, err error) ([]*delivery.Event, error) {
	if err != nil {
		return nil, err
	}
	out := make([]*delivery.Event, len(rows))
	for i, r := range rows {
		if out[i], err = r.read(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

var eventKeys = keyColumns{community: "e.community_id", building: "e.building_id", household: "e.household_id",
	supplier: "e.supplier_id", order: "e.order_id"}

// scopeOfEvents adds the condition that the scope sees the event, if it is of an order.
func (w *where) scopeOfEvents(s delivery.Scope) {
	w.scope(s, eventKeys)
	if hidden := s.HiddenKinds(); len(hidden) > 0 {
		w.and("e.kind <> all(cast(? as text[]))", pq.StringArray(texts(hidden)))
	}
}

// The statements that append one event and many.
var appendOne, appendMany = appendEvents(true), appendEvents(false)

// appendEvents returns the statement that advances the feed's counter and stores the events. Quotas and the outcome join it: the
// counter stays locked until the commit, and every further round trip would block the whole community.
func appendEvents(single bool) string {
	rows := givenRows(single, 3, "text", "timestamptz", "text", "uuid", "uuid", "uuid", "uuid", "uuid", "jsonb", "text", "timestamptz")
	if single {
		rows = "(select *, 1 from " + rows + " r)"
	} else {
		rows += " with ordinality"
	}
	return `
		with feed as (
			update feeds set head = head + $2
			 where community_id = $1
			returning head - $2 as before, epoch, day
		), given as (
			select feed.before + n as seq, g.*
			  from feed, ` + rows + `
			       as g (kind, at, by_role, by_id, building_id, household_id, supplier_id, order_id, body, note, device_time, n)
		), stored as (
			insert into events (community_id, seq, kind, at, by_role, by_id, building_id, household_id, supplier_id, order_id, body)
			select $1, seq, kind, at, by_role, by_id, building_id, household_id, supplier_id, order_id, body
			  from given
		), noted as (
			insert into event_notes (community_id, seq, note, device_time)
			select $1, seq, note, device_time
			  from given
			 where (note <> '' or device_time is not null) and ` + notPurged + `
		)`
}

const (
	spendQuotas = `, asked as (
			select q.quota, q.n, q.most
			  from unnest(cast($15 as text[]), cast($16 as bigint[]), cast($17 as bigint[])) as q (quota, n, most)
		), spent as (
			insert into quotas as q (community_id, day, actor, quota, used)
			select $1, feed.day, $14, asked.quota, asked.n
			  from feed, asked
			 order by asked.quota
			    on conflict (community_id, day, actor, quota) do update set used = q.used + excluded.used
			returning quota, used
		)`
	overQuota   = `coalesce((select s.quota from spent s join asked on asked.quota = s.quota where s.used > asked.most order by s.quota limit 1), '')`
	saveOutcome = `, answered as (
			update calls set outcome = cast($%[4]d as jsonb)%[5]s
			 where community_id = $1 and actor = $%[1]d and mutation = $%[2]d and client_mutation_id = $%[3]d
		)`
	// The outcome of a call with moves names them (delivery.MoveBatch). Their positions are known here only.
	withBatch = ` || (select jsonb_build_object('batch', jsonb_build_object('community', $1, 'epoch', feed.epoch, 'first', feed.before + 1, 'events', $2)) from feed)`
)

// Append gives the events the next positions of the community's feed, in the given order, and stores them. The same
// statement advances the feed's counter, which stays locked until the commit, so readers of the feed see a prefix of it, in
// commit order. Only the call's stored outcome may be written after it.
func (t *Tx) Append(ctx context.Context, community int32, events []*delivery.Event) error {
	_, err := t.append(ctx, community, events, "0")
	return err
}

// AppendIfKnown appends the events as Append does and reports whether the roster is still the one that KnownRoster returned before. The
// statement reads the stamp of the team, which saves a round trip. If the team has changed, the transaction must be rolled back.
func (t *Tx) AppendIfKnown(ctx context.Context, community int32, events []*delivery.Event, roster *delivery.Roster) (bool, error) {
	at, err := t.append(ctx, community, events, "("+rosterStamp+")")
	return err == nil && t.db.rosters.get(community, at) == roster, err
}

// append appends the events and returns the team's stamp, which the statement reads by the text in team.
func (t *Tx) append(ctx context.Context, community int32, events []*delivery.Event, team string) (stamp, error) {
	if err := t.Decided(); err != nil {
		return 0, err
	}
	n, single := len(events), len(events) == 1
	var (
		kinds, ats, roles, bodies, notes     = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		by, building, household, supplier, o = make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n)
		device                               = make([]*string, n)
	)
	for i, e := range events {
		body, err := e.MarshalBody()
		if err != nil {
			return 0, fmt.Errorf("write the body of %s: %w", e.Kind, err)
		}
		kinds[i], ats[i], roles[i], bodies[i], notes[i] = string(e.Kind), instant(e.At), string(e.ByRole), body, e.Note
		by[i], building[i], household[i] = (*string)(e.ByUUID), (*string)(e.BuildingUUID), (*string)(e.HouseholdUUID)
		supplier[i], o[i] = (*string)(e.SupplierUUID), (*string)(e.OrderUUID)
		if e.DeviceTime != nil {
			at := instant(*e.DeviceTime)
			device[i] = &at
		}
	}
	query, over, args := appendMany, "''", []any{
		community, n, givenColumn(single, kinds), givenColumn(single, ats), givenColumn(single, roles), givenColumn(single, by), givenColumn(single, building),
		givenColumn(single, household), givenColumn(single, supplier), givenColumn(single, o), givenColumn(single, bodies), givenColumn(single, notes),
		givenColumn(single, device)}
	if single {
		query = appendOne
	}
	if w := t.writer; w != nil && w.community == community {
		t.Spend(delivery.QuotaEvents, n)
		for _, note := range notes {
			t.Spend(delivery.QuotaText, len(note))
		}
		if quotas, spent, limits := w.list(); len(quotas) > 0 {
			args = append(args, w.key, pq.StringArray(quotas), pq.Int64Array(spent), pq.Int64Array(limits))
			query, over = query+spendQuotas, overQuota
			w.spent = map[delivery.Quota]int64{}
		}
	}
	if t.outcome != nil && t.call.Community == community {
		outcome, err := t.outcome()
		if err != nil {
			return 0, err
		}
		at := len(args)
		args = append(args, t.call.Actor, t.call.Mutation, t.call.ID, string(outcome))
		batch := ""
		if t.batched && slices.ContainsFunc(events, undoable) {
			batch = withBatch
		}
		query += fmt.Sprintf(saveOutcome, at+1, at+2, at+3, at+4, batch)
		t.outcome, t.stored = nil, outcome
	}
	heads, err := listTx[struct {
		Before, Epoch int64
		Over          string
		Team          stamp
	}](ctx, t, "append events", query+"\n\t\tselect before, epoch, "+over+" as over, "+team+" as team from feed", args...)
	head, err := one(heads, err, delivery.KindCommunity)
	if err != nil {
		return 0, err
	}
	if head.Over != "" {
		return 0, t.writer.refusal(head.Over)
	}
	for i, e := range events {
		e.Seq = head.Before + int64(i) + 1
	}
	if n > 0 {
		t.appended = append(t.appended, appendedOf(community, head.Epoch, events, bodies))
	}
	return head.Team, nil
}

func undoable(e *delivery.Event) bool { return e.Kind.Undoable() }

// Batch names what the transaction appended to the community's feed, nil if no move is among it.
func (t *Tx) Batch(community int32) *delivery.MoveBatch {
	for _, a := range t.appended {
		if a.Community == community && slices.ContainsFunc(a.events, func(e delivery.Event) bool { return e.Kind.Undoable() }) {
			return &delivery.MoveBatch{CommunityID: community, Epoch: a.Epoch, First: a.First, Events: int(a.Last - a.First + 1)}
		}
	}
	return nil
}

// BatchMove is one move of a batch.
type BatchMove struct {
	OrderUUID delivery.UUID `db:"order_id"`
	Version   int64         `db:"version"` // of the order after the move
}

// MovesOf reads the moves of a batch whose orders the scope sees, in the order of the feed; at most one more than a call may name.
func (t *Tx) MovesOf(ctx context.Context, s delivery.Scope, b delivery.MoveBatch) ([]BatchMove, error) {
	var w where
	w.and("e.community_id = ?", b.CommunityID)
	w.and("e.seq between ? and ?", b.First, b.Last())
	w.and("e.kind in ('ORDER_MOVED', 'ORDER_LOADED')")
	w.and("exists (select from feeds f where f.community_id = e.community_id and f.epoch = ?)", b.Epoch)
	w.scope(s, eventKeys)
	return listTx[BatchMove](ctx, t, "read the moves of a batch", `
		select e.order_id, cast(e.body -> 'order' ->> 'version' as bigint) as version
		  from events e
		 `+w.String()+`
		 order by e.seq
		 limit `+strconv.Itoa(delivery.MaxBulk+1), w.args...)
}

// LastEvents reads the last event of each locked order. That the clock found the order late is not counted: nothing was done to the order.
func (t *Tx) LastEvents(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Event, error) {
	return eventsIn(listTx[*eventRow](ctx, t, "read the last events of orders", `
		select `+eventColumns+`
		  from unnest(cast($2 as uuid[])) as asked (id)
		 cross join lateral (
			select x.community_id, x.seq, x.kind, x.at, x.by_role, x.by_id, x.building_id, x.household_id, x.supplier_id, x.order_id, x.body
			  from events x
			 where x.community_id = $1 and x.order_id = asked.id and x.kind <> 'ORDER_LATE'
			 order by x.seq desc
			 limit 1) e`, community, pq.StringArray(texts(ids))))
}

// Span selects an order's events: the newest ones, at most Newest, and only those before the version Before.
type Span struct {
	Newest int
	Before int64 // 0 for all
}

// WholeHistory selects every event of an order.
var WholeHistory = Span{Newest: 1 << 30}

// eventsOf reads columns of the orders' events e, oldest first, for orders that the scope sees; more is an additional join.
func eventsOf[T any](ctx context.Context, d *DB, s delivery.Scope, ids []delivery.ID, span Span, columns, more string) ([]T, error) {
	var one, w where
	one.and("e.community_id = o.community_id")
	one.and("e.order_id = o.id")
	one.scopeOfEvents(s)
	if span.Before > 0 {
		one.and("cast(e.body -> 'order' ->> 'version' as bigint) < ?", span.Before)
	}
	limit := one.arg(span.Newest)
	w.args = one.args
	w.ids("o.community_id, o.id", ids)
	return listOf[T](ctx, d, "read the events of orders", `
		select x.*
		  from orders o
		 cross join lateral (
			select `+columns+`
			  from events e
			  `+more+`
			 `+one.String()+`
			 order by e.seq desc
			 limit `+limit+`) x
		 `+w.String()+`
		 order by x.community_id, x.seq`, w.args...)
}

// EventsOfOrders reads the events of those orders that the scope sees, oldest first.
func (d *DB) EventsOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID, span Span) ([]*delivery.Event, error) {
	return eventsIn(eventsOf[*eventRow](ctx, d, s, ids, span, eventColumns, ""))
}

// NotesOfOrders reads the notes of moves of those orders that the scope sees, oldest first.
func (d *DB) NotesOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID, span Span) ([]*delivery.OrderNote, error) {
	rows, err := eventsOf[*struct {
		delivery.OrderNote
		Seq int64 `db:"seq"`
	}](ctx, d, s, ids, span, `e.community_id, e.seq, e.order_id, cast(e.body -> 'order' ->> 'version' as bigint) as version, e.at, e.by_role, e.by_id,
			       n.note, n.device_time`, "join event_notes n on n.community_id = e.community_id and n.seq = e.seq")
	out := make([]*delivery.OrderNote, len(rows))
	for i, r := range rows {
		out[i] = &r.OrderNote
	}
	return out, err
}
