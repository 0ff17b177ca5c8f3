package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

var orderKeys = keyColumns{community: "o.community_id", building: "o.building_id", household: "o.household_id",
	supplier: "o.supplier_id", order: "o.id"}

var orders = noun[delivery.Order]{
	kind: delivery.KindOrder, alias: "o",
	from: `orders o
  join households h on h.community_id = o.community_id and h.id = o.household_id`,
	columns: []string{"community_id", "id", "number", "building_id", "unit_id", "household_id", "supplier_id", "taker_id",
		"channel", "stage", "stage_since", "version", "open_holds", "holder_volunteer_id", "holder_supplier_id", "placed_at",
		"placed_by_role", "placed_by_id", "moved_at", "moved_by_role", "moved_by_id", "delivered_at", "total_fen", "note",
		"external_number", "h.address", "h.phone"},
	visible: func(w *where, s delivery.Scope) { w.scope(s, orderKeys) },
}

// OrderSort is what orders are sorted by.
type OrderSort string

// The sortings. Round is a volunteer's: by building and unit, from the top floor down.
const (
	SortPlacedAt   OrderSort = "PLACED_AT"
	SortStageSince OrderSort = "STAGE_SINCE"
	SortMovedAt    OrderSort = "MOVED_AT"
	SortNumber     OrderSort = "NUMBER"
	SortRound      OrderSort = "ROUND"
)

// round is what doors are sorted by. The order's number follows.
var round = append(byCode("b"), sortColumn{"u.number", "int"}, sortColumn{"-h.floor", "int"}, sortColumn{"h.room", "text"})

func orderSorting(by OrderSort, desc bool) sorting {
	number := sortColumn{"o.number", "bigint"}
	switch by {
	case SortRound:
		s := sorting{desc: desc}
		for i, c := range round {
			s.columns = append(s.columns, sortColumn{fmt.Sprintf("h.round_%d", i), c.as})
		}
		s.columns = append(s.columns, number)
		return s
	case SortStageSince:
		return sorting{columns: []sortColumn{{"o.stage_since", "timestamptz"}, number}, desc: desc}
	case SortMovedAt:
		return sorting{columns: []sortColumn{{"o.moved_at", "timestamptz"}, number}, desc: desc}
	case SortNumber:
		return sorting{columns: []sortColumn{number}, desc: desc}
	}
	return sorting{columns: []sortColumn{{"o.placed_at", "timestamptz"}, number}, desc: desc}
}

// look is how many orders, or doors, a narrowed list looks at in its own order.
type look struct{ orders, doors int }

// looks come one after the other, while those before did not fill the page.
var looks = [...]look{{2_000, 40}, {20_000, 400}}

// ordersPage is the text that reads one page of the orders that w lets through.
//
// An index that has the list's order serves a page that most orders are let through to; an index of what narrows the list
// serves one that few are. Which of them it is cannot be told beforehand: the planner takes conditions for independent,
// and looked through 300,000 orders for those of a building that come from a supplier that has none there. So the statement
// looks at the nearest orders first, then at more, and only if these do not fill the page at all that the narrowest index
// finds, which it then sorts. A list that nothing narrows is read by its order alone.
func ordersPage(community int32, f OrderFilter, s delivery.Scope, by OrderSort, desc bool, w where, p Page) (string, []any, error) {
	columns, sorted := orders.nested()+", f.head, f.epoch", orderSorting(by, desc)
	const feed = "\n  join feeds f on f.community_id = o.community_id"
	if by != SortRound && f.few(s) {
		return pageQuery(columns, orders.from+feed, w, sorted.unindexed(), p)
	}
	if by != SortRound && by != SortStageSince && s.Class == delivery.SeesAll && f.all() {
		return pageQuery(columns, orders.from+feed, w, sorted, p)
	}
	var query strings.Builder
	some := looks[:]
	if f.bounded(s) {
		some = looks[:1]
	}
	enough, before, parts := strconv.Itoa(p.Limit), "true", "" // before: whether the looks before were too short
	for i, look := range some {
		first, most, err := nearest(community, f, s, by, desc, &w, p, look)
		if err != nil {
			return "", nil, err
		}
		from := "near_" + strconv.Itoa(i) + " o\n  join households h on h.community_id = o.community_id and h.id = o.household_id"
		if by == SortRound {
			from = "near_" + strconv.Itoa(i) + " h" + ofDoor
		}
		got, args, err := pageQuery(columns, from+feed, w, sorted, p)
		if err != nil {
			return "", nil, err
		}
		w.args = args
		nth, rows := strconv.Itoa(i), strconv.Itoa(most)
		query.WriteString([]string{"\n\twith ", ",\n\t"}[min(i, 1)] + `near_` + nth + ` as materialized (` + first + "\n limit " + rows + `),
	got_` + nth + ` as materialized (select row_number() over () as nth, y.* from (` + got + `) y),
	short_` + nth + ` as materialized (
		select case when not ` + before + ` then false when (select count(*) from got_` + nth + `) > ` + enough + ` then false
		            else (select count(*) from near_` + nth + `) = ` + rows + ` end as yes)`)
		now := "(select yes from short_" + nth + ")"
		parts += "\n\tselect * from got_" + nth + " where case when " + before + " then not " + now + " else false end\n\tunion all"
		before = now
	}
	from := orders.from
	if by == SortRound {
		text, err := doors(community, f, s, sorting{columns: round, desc: desc}, &w, Page{})
		if err != nil {
			return "", nil, err
		}
		from = "(" + text + ") h" + ofDoor
	}
	all, args, err := pageQuery(columns, from+feed, w, sorted.unindexed(), p)
	query.WriteString(parts + `
	select * from (select row_number() over () as nth, y.* from (` + all + `) y) z where ` + before + `
	 order by nth`)
	return query.String(), args, err
}

// nearest is the text that reads what a look begins with, without its limit, and the limit: doors for a page by ROUND,
// else orders.
func nearest(community int32, f OrderFilter, s delivery.Scope, by OrderSort, desc bool, into *where, p Page, l look) (text string, most int, err error) {
	if by == SortRound {
		sorted := sorting{columns: round, desc: desc}
		text, err = doors(community, f, s, sorted, into, p)
		return text + "\n order by " + sorted.by(p), l.doors, err
	}
	sorted, w := orderSorting(by, desc), where{args: into.args}
	w.and("o.community_id = ?", community)
	if err := sorted.between(&w, p); err != nil {
		return "", 0, err
	}
	if by != SortStageSince {
		into.args = w.args
		return "select o.*\n  from orders o\n " + w.String() + "\n order by " + sorted.by(p), l.orders, nil
	}
	stages := f.stages() // each in the order of its index, merged
	most = max(l.orders/max(len(stages), 1), p.Limit+1)
	w.and("o.stage = k.stage")
	text = "select x.*\n  from unnest(cast(" + w.arg(pq.StringArray(texts(stages))) + ` as text[])) as k (stage)
 cross join lateral (
	select o.*
	  from orders o
	 ` + w.String() + "\n order by " + sorted.by(p) + "\n limit " + strconv.Itoa(most) + ") x\n order by " + strings.ReplaceAll(sorted.by(p), "o.", "x.")
	into.args = w.args
	return text, most, nil
}

const ofDoor = "\n  join orders o on o.community_id = h.community_id and o.household_id = h.id"

// doors is the text that reads the doors that the filter and the scope leave, between the bounds of the page.
func doors(community int32, f OrderFilter, s delivery.Scope, sorted sorting, into *where, p Page) (string, error) {
	w := where{args: into.args}
	w.and("h.community_id = ?", community)
	w.in("h.building_id", "uuid", texts(f.Buildings))
	w.in("h.unit_id", "uuid", texts(f.Units))
	w.in("h.id", "uuid", texts(f.Households))
	if s.Class == delivery.SeesBuildings || s.Class == delivery.SeesHousehold {
		w.scope(s, householdKeys)
	}
	ahead, behind := sorted.signs()
	for _, bound := range []struct {
		sign string
		key  []string
	}{{ahead + "=", p.After}, {behind + "=", p.Before}} { // the door of the cursor's order may have more
		if bound.key == nil {
			continue
		}
		if len(bound.key) != len(round)+1 {
			return "", delivery.Refuse(delivery.ReasonBadCursor)
		}
		if err := sorted.past(&w, bound.sign, bound.key[:len(round)]); err != nil {
			return "", err
		}
	}
	into.args = w.args
	columns := "h.*"
	for i, c := range round {
		columns += fmt.Sprintf(", %s as round_%d", c.expr, i)
	}
	return "select " + columns + "\n  from " + households.from + "\n " + w.String(), nil
}

// OrderFilter narrows a list of orders. An absent list does not narrow; an empty one lets nothing through.
type OrderFilter struct {
	Stages        []delivery.Stage
	Open          *bool
	Buildings     []delivery.UUID
	Units         []delivery.UUID
	Households    []delivery.UUID
	Suppliers     []delivery.UUID
	Channels      []delivery.Channel
	Holders       []delivery.UUID // volunteers and suppliers
	WithoutHolder *bool
	Held          *bool
	PlacedFrom    *time.Time
	PlacedUntil   *time.Time
	MovedFrom     *time.Time
	MovedUntil    *time.Time
	Text          string // part of the number, the platform's number or the address: delivery.NewSearch
}

const (
	openOrder     = "o.stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')"
	withoutHolder = "(" + openOrder + " and o.holder_volunteer_id is null and o.holder_supplier_id is null)"
)

func (f OrderFilter) where(community int32) where {
	var w where
	w.and("o.community_id = ?", community)
	w.in("o.stage", "text", texts(f.Stages))
	w.in("o.building_id", "uuid", texts(f.Buildings))
	if f.Units != nil { // which have no index of their own, but are in few buildings
		units := pq.StringArray(texts(f.Units))
		w.and("o.building_id in (select u.building_id from units u where u.community_id = ? and u.id = any(cast(? as uuid[])))", community, units)
		w.and("o.unit_id = any(cast(? as uuid[]))", units)
	}
	w.in("o.household_id", "uuid", texts(f.Households))
	w.in("o.supplier_id", "uuid", texts(f.Suppliers))
	w.in("o.channel", "text", texts(f.Channels))
	if f.Holders != nil {
		w.and("(o.holder_volunteer_id = any(cast(? as uuid[])) or o.holder_supplier_id = any(cast(? as uuid[])))",
			pq.StringArray(texts(f.Holders)), pq.StringArray(texts(f.Holders)))
	}
	flag := func(clause string, want *bool) {
		if want != nil && *want {
			w.and(clause)
		} else if want != nil {
			w.and("not " + clause)
		}
	}
	flag("("+openOrder+")", f.Open)
	if f.Stages != nil && !slices.ContainsFunc(f.Stages, delivery.Stage.Final) {
		w.and(openOrder) // says nothing new, but names the index of open orders
	}
	if f.WithoutHolder != nil {
		w.and(openOrder)
		flag(withoutHolder, f.WithoutHolder)
	}
	flag("(o.open_holds > 0)", f.Held)
	span := func(clause string, at *time.Time) {
		if at != nil {
			w.and(clause, *at)
		}
	}
	span("o.placed_at >= ?", f.PlacedFrom)
	span("o.placed_at < ?", f.PlacedUntil)
	span("o.moved_at >= ?", f.MovedFrom)
	span("o.moved_at < ?", f.MovedUntil)
	return w
}

// few reports that the filter and the scope leave few orders however many there are: those of some households, of a
// holder, that are held, or that a text is found in, of which search bounds how many are looked at.
func (f OrderFilter) few(s delivery.Scope) bool {
	return f.Households != nil || f.Holders != nil || f.Text != "" || f.Held != nil && *f.Held ||
		s.Class == delivery.SeesHousehold || s.Class == delivery.SeesOrder || s.Class == delivery.SeesNothing
}

// bounded reports that an index of what narrows the list bounds it: to open orders, a few buildings, or a span of time.
func (f OrderFilter) bounded(s delivery.Scope) bool {
	return f.few(s) || f.Buildings != nil || f.Units != nil || s.Class == delivery.SeesBuildings || f.WithoutHolder != nil ||
		f.Open != nil && *f.Open || f.Stages != nil && !slices.ContainsFunc(f.Stages, delivery.Stage.Final) ||
		f.PlacedFrom != nil && f.PlacedUntil != nil || f.MovedFrom != nil && f.MovedUntil != nil
}

// all reports that the filter leaves every order, or all between two instants.
func (f OrderFilter) all() bool {
	return f.Stages == nil && f.Open == nil && f.Buildings == nil && f.Units == nil && f.Suppliers == nil && f.Channels == nil &&
		f.WithoutHolder == nil && f.Held == nil && f.PlacedFrom == nil && f.PlacedUntil == nil && f.MovedFrom == nil && f.MovedUntil == nil && f.Text == ""
}

// stages are those that the filter may leave.
func (f OrderFilter) stages() []delivery.Stage {
	return slices.DeleteFunc(slices.Clone(delivery.Stages), func(s delivery.Stage) bool {
		return f.Stages != nil && !slices.Contains(f.Stages, s) || f.Open != nil && *f.Open == s.Final() ||
			s.Final() && (f.WithoutHolder != nil || f.Held != nil && *f.Held || f.Holders != nil)
	})
}

// OrderRows is a page of orders and the position of the feed at which they were read.
type OrderRows struct {
	*Rows[delivery.Order]
	Position delivery.Position
}

type orderRow struct {
	Nth int64 `db:"nth"`
	keyed[delivery.Order]
	Head  int64 `db:"head"`
	Epoch int64 `db:"epoch"`
}

// Orders is a page of a community's orders that the scope sees, and the feed's position at the same instant.
// NOT_FOUND if the scope does not enter the community, whose position is not for it either.
func (d *DB) Orders(ctx context.Context, s delivery.Scope, community int32, f OrderFilter, by OrderSort, desc bool, p Page) (_ *OrderRows, err error) {
	if !s.Enters(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, pages)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	text, err := d.search(ctx, s, community, f.Text)
	if err != nil {
		return nil, err
	}
	w := f.where(community)
	w.search(s, community, text)
	orders.visible(&w, s)
	query, args, err := ordersPage(community, f, s, by, desc, w.clone(), p)
	if err != nil {
		return nil, err
	}
	rows, err := listOf[orderRow](ctx, d, query, args...)
	if err != nil {
		return nil, err
	}
	out := &OrderRows{Position: delivery.Position{Community: community}}
	if len(rows) > 0 {
		out.Position.Seq, out.Position.Epoch = rows[0].Head, uint64(rows[0].Epoch)
	} else { // an empty page has no row to carry the position; the class's transaction reads it of the same instant
		feeds, err := listOf[feedRow](ctx, d, "select f.head, f.epoch\n  from feeds f\n where f.community_id = $1", community)
		feed, err := one(feeds, err, delivery.KindCommunity)
		if err != nil {
			return nil, err
		}
		out.Position.Seq, out.Position.Epoch = feed.Head, uint64(feed.Epoch)
	}
	out.Rows = pageOf(rows, p, func(r *orderRow) (*delivery.Order, []string) { return &r.Item, r.Key })
	if p.Count {
		from := "orders o"
		if f.Text != "" { // which looks at the door, too
			from = orders.from
		}
		err = out.count(ctx, d, from, w)
	}
	return out, err
}

type feedRow struct {
	Head  int64 `db:"head"`
	Epoch int64 `db:"epoch"`
}

// OrdersByID reads the orders with the ids that the scope sees, in no order.
func (d *DB) OrdersByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Order, error) {
	return orders.byIDs(ctx, d, s, ids)
}

// LinesOfOrders reads the lines of the orders that the scope sees, in order.
func (d *DB) LinesOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Line, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	orders.visible(&w, s)
	return listOf[*delivery.Line](ctx, d, `
		select l.community_id, l.id, l.order_id, l.position, l.item, cast(l.quantity * 1000 as bigint) as quantity, l.unit, l.unit_price_fen
		  from orders o
		  join order_lines l on l.community_id = o.community_id and l.order_id = o.id
		`+w.String()+`
		 order by l.order_id, l.position`, w.args...)
}

// LockOrders locks, in id order, the orders with the ids and those in the buildings that are not final, as far as the
// scope sees them, and returns them.
func (t *Tx) LockOrders(ctx context.Context, s delivery.Scope, community int32, ids, openIn []delivery.UUID) ([]*delivery.Order, error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and("(o.id = any(cast(? as uuid[])) or (o.building_id = any(cast(? as uuid[])) and "+openOrder+"))",
		pq.StringArray(texts(ids)), pq.StringArray(texts(openIn)))
	orders.visible(&w, s)
	return t.lockOrders(ctx, w)
}

// LockOpenOrders locks all orders of the community that are not final, in id order, and returns them.
func (t *Tx) LockOpenOrders(ctx context.Context, community int32) ([]*delivery.Order, error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and(openOrder)
	return t.lockOrders(ctx, w)
}

// lockOrders takes the lock that an update takes, and none on the key: reveals and events refer to orders, and share
// their keys in whatever order they are written.
func (t *Tx) lockOrders(ctx context.Context, w where) ([]*delivery.Order, error) {
	return listTx[*delivery.Order](ctx, t, "select "+orders.flat()+"\n  from "+orders.from+"\n "+w.String()+"\n order by o.id"+t.locking("for no key update of o"), w.args...)
}

// NextOrderNumber draws the number people read. It holds the counter until the transaction ends. A look draws none.
func (t *Tx) NextOrderNumber(ctx context.Context, community int32) (int64, error) {
	if t.looking {
		return 0, nil
	}
	rows, err := listTx[int64](ctx, t, `
		update order_numbers set last = last + 1
		 where community_id = $1
		returning last`, community)
	return one(rows, err, delivery.KindCommunity)
}

// ExternalNumberTaken reports whether a constraint would refuse the order's number: among the orders that the team placed,
// or among those that a household placed itself.
func (t *Tx) ExternalNumberTaken(ctx context.Context, o *delivery.Order, by delivery.Role) (bool, error) {
	if o.SupplierUUID == nil || o.ExternalNumber == "" {
		return false, nil
	}
	rows, err := listTx[bool](ctx, t, `
		select true
		  from orders
		 where community_id = $1 and supplier_id = $2 and external_number = $3 and external_number <> ''
		   and case when $4 then placed_by_role = 'RESIDENT' and household_id = $5 else placed_by_role <> 'RESIDENT' end`,
		o.CommunityID, *o.SupplierUUID, o.ExternalNumber, by == delivery.RoleResident, o.HouseholdUUID)
	return len(rows) > 0, err
}

// InsertOrder adds an order with its lines.
func (t *Tx) InsertOrder(ctx context.Context, o *delivery.Order, lines []*delivery.Line) error {
	if err := t.named(ctx, `
		insert into orders (community_id, id, number, building_id, unit_id, household_id, supplier_id, taker_id, channel, stage,
			stage_since, version, open_holds, holder_volunteer_id, holder_supplier_id, placed_at, placed_by_role, placed_by_id,
			moved_at, moved_by_role, moved_by_id, delivered_at, total_fen, note, external_number)
		values (:community_id, :id, :number, :building_id, :unit_id, :household_id, :supplier_id, :taker_id, :channel, :stage,
			:stage_since, :version, :open_holds, :holder_volunteer_id, :holder_supplier_id, :placed_at, :placed_by_role, :placed_by_id,
			:moved_at, :moved_by_role, :moved_by_id, :delivered_at, :total_fen, :note, :external_number)`, o); err != nil {
		return err
	}
	return t.named(ctx, `
		insert into order_lines (community_id, id, order_id, position, item, quantity, unit, unit_price_fen)
		values (:community_id, :id, :order_id, :position, :item, cast(:quantity as numeric) / 1000, :unit, :unit_price_fen)`, lines)
}

// SaveOrders writes what events changed about orders that are locked.
func (t *Tx) SaveOrders(ctx context.Context, community int32, list []*delivery.OrderSnapshot) error {
	n := len(list)
	var (
		ids, stages, roles        = make([]string, n), make([]string, n), make([]string, n)
		volunteers, suppliers, by = make([]*string, n), make([]*string, n), make([]*string, n)
		since, moved              = make([]string, n), make([]string, n)
		delivered                 = make([]*string, n)
		versions, holds           = make([]int64, n), make([]int64, n)
	)
	for i, s := range list {
		ids[i], stages[i], roles[i] = string(s.UUID), string(s.Stage), string(s.MovedByRole)
		volunteers[i], suppliers[i], by[i] = (*string)(s.HolderVolunteer), (*string)(s.HolderSupplier), (*string)(s.MovedByUUID)
		since[i], moved[i] = instant(s.StageSince), instant(s.MovedAt)
		if s.DeliveredAt != nil {
			at := instant(*s.DeliveredAt)
			delivered[i] = &at
		}
		versions[i], holds[i] = s.Version, int64(s.OpenHolds)
	}
	saved, err := t.exec(ctx, `
		update orders o
		   set stage = n.stage, stage_since = n.stage_since, version = n.version, open_holds = n.open_holds,
		       holder_volunteer_id = n.holder_volunteer_id, holder_supplier_id = n.holder_supplier_id, moved_at = n.moved_at,
		       moved_by_role = n.moved_by_role, moved_by_id = n.moved_by_id, delivered_at = n.delivered_at
		  from unnest(cast($2 as uuid[]), cast($3 as text[]), cast($4 as timestamptz[]), cast($5 as bigint[]), cast($6 as int[]),
		              cast($7 as uuid[]), cast($8 as uuid[]), cast($9 as timestamptz[]), cast($10 as text[]), cast($11 as uuid[]),
		              cast($12 as timestamptz[]))
		       as n (id, stage, stage_since, version, open_holds, holder_volunteer_id, holder_supplier_id, moved_at, moved_by_role, moved_by_id, delivered_at)
		 where o.community_id = $1 and o.id = n.id`,
		community, pq.StringArray(ids), pq.StringArray(stages), pq.StringArray(since), pq.Int64Array(versions), pq.Int64Array(holds),
		pq.Array(volunteers), pq.Array(suppliers), pq.StringArray(moved), pq.StringArray(roles), pq.Array(by), pq.Array(delivered))
	if err == nil && saved != int64(n) {
		err = fmt.Errorf("%d of %d orders were saved", saved, n)
	}
	return err
}

// instant writes a time for an array of timestamptz.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// OpenOrdersOf counts the orders that are not final and concern any of the rows: buildings, units, households,
// suppliers or takers. Rows with open orders cannot be archived.
func (t *Tx) OpenOrdersOf(ctx context.Context, community int32, column OrderColumn, ids []delivery.UUID) (map[delivery.UUID]bool, error) {
	rows, err := listTx[delivery.UUID](ctx, t, `
		select distinct o.`+string(column)+`
		  from orders o
		 where o.community_id = $1 and `+openOrder+` and o.`+string(column)+` = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	out := map[delivery.UUID]bool{}
	for _, id := range rows {
		out[id] = true
	}
	return out, err
}

// CommunitiesWithOpenOrders names the communities that have orders which are not final.
func (t *Tx) CommunitiesWithOpenOrders(ctx context.Context) (map[int32]bool, error) {
	rows, err := listTx[int32](ctx, t, `
		select c.community_id
		  from communities c
		 where exists (select from orders o where o.community_id = c.community_id and `+openOrder+`)`)
	out := map[int32]bool{}
	for _, community := range rows {
		out[community] = true
	}
	return out, err
}

// OrderColumn is a column of orders that names another row.
type OrderColumn string

// The columns.
const (
	OrderBuilding  OrderColumn = "building_id"
	OrderUnit      OrderColumn = "unit_id"
	OrderHousehold OrderColumn = "household_id"
	OrderSupplier  OrderColumn = "supplier_id"
	OrderTaker     OrderColumn = "taker_id"
)
