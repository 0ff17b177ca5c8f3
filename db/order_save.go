package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// SaveAmendment writes the lines of a locked order instead of those that it had, and what depends on them.
func (t *Tx) SaveAmendment(ctx context.Context, o *delivery.Order, lines []*delivery.Line) error {
	if _, err := t.exec(ctx, "save an amended order", `
		update orders
		   set total_fen = $3, marks = cast($4 as text[]), note = $5
		 where community_id = $1 and id = $2`, o.CommunityID, o.UUID, o.TotalFen, o.Marks.Array(), o.Note); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "delete the lines of an amended order", `
		delete from order_lines where community_id = $1 and order_id = $2`, o.CommunityID, o.UUID); err != nil {
		return err
	}
	return t.insertLines(ctx, lines)
}

// LinesOf reads the lines of locked orders of a community, in order.
func (t *Tx) LinesOf(ctx context.Context, community int32, orders []delivery.UUID) ([]*delivery.Line, error) {
	return listTx[*delivery.Line](ctx, t, "read the lines of locked orders", `
		select l.community_id, l.id, l.order_id, l.position, l.item, cast(l.quantity * 1000 as bigint) as quantity, l.unit, l.unit_price_fen,
		       l.package_id, l.substitute
		  from order_lines l
		 where l.community_id = $1 and l.order_id = any(cast($2 as uuid[]))
		 order by l.order_id, l.position`, community, pq.StringArray(texts(orders)))
}

// SavedOrder is an order as its events leave it.
type SavedOrder struct {
	*delivery.OrderSnapshot
	Move *delivery.MoveBody // if a move is its only event
}

// booked reports whether the statement that saves the order keeps the books of rounds and proofs for it. Triggers keep them for changes
// that are no move, such as an undo.
func (o *SavedOrder) booked() bool {
	return o.Move != nil && (o.Stage == delivery.OutForDelivery || o.Stage == delivery.Delivered || o.Move.FromRound != "")
}

// savedColumns are what a statement that saves orders is given, from $2 on, and bookColumns what it is given for the books.
var (
	savedColumns = []string{"id", "stage", "stage_since", "version", "open_holds", "holder_volunteer_id", "holder_supplier_id", "moved_at",
		"moved_by_role", "moved_by_id", "delivered_at", "bin_id", "run_id", "round_id", "confirmed_at", "target_at", "late_level", "held_since"}
	savedTypes = []string{"uuid", "text", "timestamptz", "bigint", "int", "uuid", "uuid", "timestamptz", "text", "uuid", "timestamptz",
		"uuid", "uuid", "uuid", "timestamptz", "timestamptz", "smallint", "timestamptz"}
	bookColumns = []string{"booked", "from_round", "attested"}
	bookTypes   = []string{"boolean", "uuid", "boolean"}
)

const (
	setOrders = `
	update orders o
	   set stage = n.stage, stage_since = n.stage_since, version = n.version, open_holds = n.open_holds,
	       holder_volunteer_id = n.holder_volunteer_id, holder_supplier_id = n.holder_supplier_id, moved_at = n.moved_at,
	       moved_by_role = n.moved_by_role, moved_by_id = n.moved_by_id, delivered_at = n.delivered_at, bin_id = n.bin_id, run_id = n.run_id,
	       confirmed_at = n.confirmed_at, target_at = n.target_at, late_level = n.late_level, held_since = n.held_since,
	       target_version = n.version`
	ifUnchanged = ` and o.version = n.version - 1`
	noOne       = `cast('00000000-0000-0000-0000-000000000000' as uuid)`
)

// The statements for many orders, for one of them, and for one that is not locked.
var (
	saveMany     = savingOrders{saveOrders(false, ""), saveOrdersWithBooks(false, "", "", "")}
	saveOne      = savingOrders{saveOrders(true, ""), saveOrdersWithBooks(true, "", "", "")}
	saveUnlocked = savingOrders{saveOrders(true, ifUnchanged), saveOrdersWithBooks(true, lockGoing, " and exists (select from locked)", ifUnchanged)}
)

// saveOrders returns the statement that saves orders without a change of the books, or that leaves them to triggers.
func saveOrders(single bool, condition string) string {
	return setOrders + `,
	       round_id = n.round_id
	  from ` + givenRows(single, 2, savedTypes...) + `
	       as n (` + strings.Join(savedColumns, ", ") + `)
	 where o.community_id = $1 and o.id = n.id` + condition
}

// saveOrdersWithBooks returns the statement that saves orders and keeps the books of rounds and proofs. An order that goes out and
// names no round joins the open one of the volunteer who moves it, or who holds it then; if there is none, a trigger opens it. The
// round is locked after the order, as everywhere; lock is what locks the orders, if they are not locked yet. The lines of a round are
// found one by one: the planner may take a thousand open lines for one, and then compares each line with each order.
func saveOrdersWithBooks(single bool, lock, locked, condition string) string {
	return `
	with n as (
		select n.*, case when n.stage = 'OUT_FOR_DELIVERY' and n.round_id is null then coalesce(
		           (select v.id from volunteers v where v.community_id = $1 and v.id = n.moved_by_id), n.holder_volunteer_id, ` + noOne + `) end as carrier
		  from ` + givenRows(single, 2, slices.Concat(savedTypes, bookTypes)...) + `
		       as n (` + strings.Join(slices.Concat(savedColumns, bookColumns), ", ") + `)
	), ` + lock + `opened as materialized (
		select r.id, coalesce(r.volunteer_id, ` + noOne + `) as carrier
		  from rounds r
		 where r.community_id = $1 and r.ended_at is null and coalesce(r.volunteer_id, ` + noOne + `) in (select n.carrier from n)` + locked + `
		 order by r.id
		   for no key update of r
	), saved as (` + setOrders + `,
		       round_id = coalesce(n.round_id, opened.id), booked_version = case when n.booked then n.version end
		  from n
		  left join opened on opened.carrier = n.carrier
		 where o.community_id = $1 and o.id = n.id` + condition + `
		returning o.id, o.building_id, o.stage, o.version, o.round_id, o.moved_at, o.moved_by_role, o.moved_by_id, n.booked, n.from_round, n.attested
	), lines as (
		select s.stage, l.line
		  from saved s
		 cross join lateral (
			select x.ctid as line
			  from round_orders x
			 where x.community_id = $1 and x.order_id = s.id and x.outcome is null
			 limit 1) l
		 where s.booked and s.from_round is not null
	), brought as (
		update round_orders r
		   set outcome = case l.stage when 'DELIVERED' then 'DELIVERED' when 'RETURNED' then 'RETURNED' else 'FAILED' end
		  from lines l
		 where r.ctid = l.line
	), taken as (
		insert into round_orders (community_id, round_id, order_id, building_id, taken_version)
		select $1, s.round_id, s.id, s.building_id, s.version
		  from saved s
		 where s.booked and s.round_id is not null
	), proved as (
		insert into proofs (community_id, order_id, version, kind, at, by_role, by_id)
		select $1, s.id, s.version, 'ATTESTED', s.moved_at, s.moved_by_role, s.moved_by_id
		  from saved s
		 where s.attested
	)
	select s.id, s.round_id
	  from saved s`
}

// lockGoing locks an order that goes out, before saveOrdersWithBooks looks for its round.
const lockGoing = `locked as materialized (
		select o.id
		  from n
		  join orders o on o.community_id = $1 and o.id = n.id
		 where n.carrier is not null` + ifUnchanged + `
		 order by o.id
		   for no key update of o
	), `

// savingOrders are the two statements that save orders: without books and with them.
type savingOrders struct{ plain, books string }

// savedArgs returns the arguments of the statements, those of the books last.
func (t *Tx) savedArgs(community int32, list []SavedOrder, books bool) []any {
	n, single := len(list), len(list) == 1
	var (
		ids, stages, roles        = make([]string, n), make([]string, n), make([]string, n)
		volunteers, suppliers, by = make([]*string, n), make([]*string, n), make([]*string, n)
		since, moved              = make([]string, n), make([]string, n)
		delivered, confirmed      = make([]*string, n), make([]*string, n)
		bins, runs, rounds        = make([]*string, n), make([]*string, n), make([]*string, n)
		due, held                 = make([]*string, n), make([]*string, n)
		versions, holds, late     = make([]int64, n), make([]int64, n), make([]int64, n)
	)
	for i, s := range list {
		ids[i], stages[i], roles[i] = string(s.UUID), string(s.Stage), string(s.MovedByRole)
		volunteers[i], suppliers[i], by[i] = (*string)(s.HolderVolunteer), (*string)(s.HolderSupplier), (*string)(s.MovedByUUID)
		since[i], moved[i] = instant(s.StageSince), instant(s.MovedAt)
		delivered[i], confirmed[i], due[i], held[i] = instantOrNil(s.DeliveredAt), instantOrNil(s.ConfirmedAt), instantOrNil(s.TargetAt), instantOrNil(s.HeldSince)
		bins[i], runs[i], rounds[i] = (*string)(s.BinUUID), (*string)(s.RunUUID), (*string)(s.RoundUUID)
		versions[i], holds[i], late[i] = s.Version, int64(s.OpenHolds), int64(s.LateLevel.Number())
	}
	args := []any{community, givenColumn(single, ids), givenColumn(single, stages), givenColumn(single, since), givenColumn(single, versions), givenColumn(single, holds),
		givenColumn(single, volunteers), givenColumn(single, suppliers), givenColumn(single, moved), givenColumn(single, roles), givenColumn(single, by),
		givenColumn(single, delivered), givenColumn(single, bins), givenColumn(single, runs), givenColumn(single, rounds), givenColumn(single, confirmed),
		givenColumn(single, due), givenColumn(single, late), givenColumn(single, held)}
	if !books {
		return args
	}
	booked, attested, from := make([]bool, n), make([]bool, n), make([]*string, n)
	for i, s := range list {
		if booked[i] = s.booked(); !booked[i] {
			continue
		}
		attested[i] = s.Stage == delivery.Delivered && !t.proved[s.UUID]
		if s.Move.FromRound != "" {
			from[i] = (*string)(&s.Move.FromRound)
		}
	}
	return append(args, givenColumn(single, booked), givenColumn(single, from), givenColumn(single, attested))
}

// SaveOrders writes the changes that events made to locked orders.
func (t *Tx) SaveOrders(ctx context.Context, community int32, list []SavedOrder) error {
	by := saveMany
	if len(list) == 1 {
		by = saveOne
	}
	saved, err := t.saveOrders(ctx, by, community, list)
	if err == nil && saved != len(list) {
		err = fmt.Errorf("%d of %d orders were saved", saved, len(list))
	}
	return err
}

// SaveOrderIfUnchanged writes the change that one event made to an order read without a lock. It reports false if the order
// has another version by now.
func (t *Tx) SaveOrderIfUnchanged(ctx context.Context, community int32, o SavedOrder) (bool, error) {
	saved, err := t.saveOrders(ctx, saveUnlocked, community, []SavedOrder{o})
	return saved == 1, err
}

// saveOrders saves orders, and fills in the rounds that the database found for orders which named none.
func (t *Tx) saveOrders(ctx context.Context, by savingOrders, community int32, list []SavedOrder) (int, error) {
	books := slices.ContainsFunc(list, func(o SavedOrder) bool { return o.booked() })
	args := t.savedArgs(community, list, books)
	query := by.books
	if !books {
		if !slices.ContainsFunc(list, func(o SavedOrder) bool { return o.Stage == delivery.OutForDelivery && o.RoundUUID == nil }) {
			saved, err := t.exec(ctx, "save orders", by.plain, args...)
			return int(saved), err
		}
		query = by.plain + "\nreturning o.id, o.round_id"
	}
	if err := t.Decided(); err != nil {
		return 0, err
	}
	rows, err := listTx[struct {
		ID    delivery.UUID  `db:"id"`
		Round *delivery.UUID `db:"round_id"`
	}](ctx, t, "save orders", query, args...)
	rounds := make(map[delivery.UUID]*delivery.UUID, len(rows))
	for _, r := range rows {
		rounds[r.ID] = r.Round
	}
	for _, s := range list {
		s.RoundUUID = rounds[s.UUID]
	}
	return len(rows), err
}

// SavePackings writes the packings that events gave to locked orders.
func (t *Tx) SavePackings(ctx context.Context, community int32, list []*delivery.OrderSnapshot) error {
	if len(list) == 0 {
		return nil
	}
	n := len(list)
	ids, bags, in, marks, arrivals := make([]string, n), make([]int64, n), make([]int64, n), make([]string, n), make([]*string, n)
	for i, s := range list {
		ids[i], bags[i], in[i], marks[i], arrivals[i] = string(s.UUID), int64(s.BagCount), int64(s.BagsIn), s.Marks.String(), (*string)(s.ArrivalUUID)
	}
	_, err := t.exec(ctx, "save the packings of orders", `
		update orders o
		   set bags = n.bags, bags_in = n.bags_in, marks = string_to_array(n.marks, ','), arrival_id = n.arrival_id
		  from unnest(cast($2 as uuid[]), cast($3 as int[]), cast($4 as int[]), cast($5 as text[]), cast($6 as uuid[]))
		       as n (id, bags, bags_in, marks, arrival_id)
		 where o.community_id = $1 and o.id = n.id`,
		community, pq.StringArray(ids), pq.Int64Array(bags), pq.Int64Array(in), pq.StringArray(marks), pq.Array(arrivals))
	return err
}

// instant formats a time for an array of timestamptz.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
