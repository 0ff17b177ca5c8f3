package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"baogong/delivery"
)

// OrderSort is a sort order of orders.
type OrderSort string

// The sort orders. Round is that of a volunteer's round: by building and unit, from the top floor down.
const (
	SortPlacedAt   OrderSort = "PLACED_AT"
	SortStageSince OrderSort = "STAGE_SINCE"
	SortMovedAt    OrderSort = "MOVED_AT"
	SortNumber     OrderSort = "NUMBER"
	SortRound      OrderSort = "ROUND"
)

// round holds the sort columns of households. The order's number follows them.
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

// scan is one statement that reads a page of orders. It filters all orders of its index, or only the first ones in the
// list's order.
type scan struct {
	query string
	args  []any
	most  int    // the most orders, or households, that it filters; 0 if all
	empty string // the statement that counts them, with the feed's position, for an empty page; "": none is needed, the count is most
	feed  []any  // arguments of empty
}

// enough reports whether no later scan would find more: the page is full, or the list ended before most.
func (s scan) enough(rows, scanned int, p Range) bool {
	return s.most == 0 || rows > p.Limit || scanned < s.most
}

// depth returns how many orders, or households, a scan filters.
type depth struct{ orders, households int }

var depths = [...]depth{{2_000, 40}, {20_000, 400}}

const feedPosition = "\n  join feeds f on f.community_id = o.community_id"

// orderScans returns the scans that read one page of the orders that meet w. Run them in order until one is enough.
//
// If most orders pass the filter, an index in the list's order serves a page best. If few pass, an index of the filter does.
// The planner cannot tell which case it is: it takes conditions for independent, and read 300,000 orders to find those of a
// building from a supplier that has none there. So the first scan filters the nearest orders, the second more of them, and
// the last sorts all orders that the narrowest index finds. A list without a filter is read in its order only. Each scan is
// a statement of its own: planning all three in one took 2 ms, longer than most pages.
func orderScans(community int32, f OrderFilter, s delivery.Scope, by OrderSort, desc bool, w where, p Range) ([]scan, error) {
	sorted := orderSorting(by, desc)
	if by != SortRound && f.few(s) {
		all, err := allOrders(community, orders.from, w, sorted.unindexed(), p)
		return []scan{all}, err
	}
	if by != SortRound && by != SortStageSince && s.Class == delivery.SeesAll && f.all() {
		all, err := allOrders(community, orders.from, w, sorted, p)
		return []scan{all}, err
	}
	some := depths[:]
	if f.bounded(s) {
		some = depths[:1]
	}
	var out []scan
	for _, d := range some {
		scan, err := nearestOrders(community, f, s, by, desc, w.clone(), p, d)
		if err != nil {
			return nil, err
		}
		out = append(out, scan)
	}
	from := orders.from
	if by == SortRound {
		text, err := householdsText(community, f, s, sorting{columns: round, desc: desc}, &w, Range{})
		if err != nil {
			return nil, err
		}
		from = "(" + text + ") h" + ofDoor
	}
	all, err := allOrders(community, from, w, sorted.unindexed(), p)
	return append(out, all), err
}

// allOrders returns the scan of all orders that meet w.
func allOrders(community int32, from string, w where, sorted sorting, p Range) (scan, error) {
	query, args, err := pageQuery(orders.nested()+", f.head, f.epoch, 0 as scanned", from+feedPosition, w, sorted, p)
	return scan{query: query, args: args, empty: "select f.head, f.epoch, 0 as scanned\n  from feeds f\n where f.community_id = $1", feed: []any{community}}, err
}

// nearestOrders returns the scan of the first orders, or households, in the list's order.
func nearestOrders(community int32, f OrderFilter, s delivery.Scope, by OrderSort, desc bool, w where, p Range, d depth) (scan, error) {
	var out scan
	var feed where
	near, _, err := nearest(community, f, s, by, desc, &feed, p, d)
	if err != nil {
		return scan{}, err
	}
	if d == depths[0] { // counting during a deeper scan would cost as much as the last scan
		out.empty = "select f.head, f.epoch, (select count(*) from (" + near + ") n) as scanned\n  from feeds f\n where f.community_id = " + feed.arg(community)
		out.feed = feed.args
	}
	if near, out.most, err = nearest(community, f, s, by, desc, &w, p, d); err != nil {
		return scan{}, err
	}
	from := "near o\n  join households h on h.community_id = o.community_id and h.id = o.household_id"
	if by == SortRound {
		from = "near h" + ofDoor
	}
	page, args, err := pageQuery(orders.nested()+", f.head, f.epoch, (select count(*) from near) as scanned", from+feedPosition, w, orderSorting(by, desc), p)
	out.query, out.args = "with near as materialized (\n"+near+")\n"+page, args
	return out, err
}

// nearest returns the text that reads the first orders, or households, in the list's order, and their most: households for a page by
// ROUND, orders otherwise.
func nearest(community int32, f OrderFilter, s delivery.Scope, by OrderSort, desc bool, into *where, p Range, d depth) (text string, most int, err error) {
	if by == SortRound {
		sorted := sorting{columns: round, desc: desc}
		text, err = householdsText(community, f, s, sorted, into, p)
		return text + "\n order by " + sorted.by(p) + "\n limit " + strconv.Itoa(d.households), d.households, err
	}
	sorted, w := orderSorting(by, desc), where{args: into.args}
	w.and("o.community_id = ?", community)
	if err := sorted.between(&w, p); err != nil {
		return "", 0, err
	}
	if by != SortStageSince {
		into.args = w.args
		return "select o.*\n  from orders o\n " + w.String() + "\n order by " + sorted.by(p) + "\n limit " + strconv.Itoa(d.orders), d.orders, nil
	}
	stages := f.stages() // each in the order of its index, merged
	most = max(d.orders/max(len(stages), 1), p.Limit+1)
	w.and("o.stage = k.stage")
	limit := "\n limit " + strconv.Itoa(most)
	text = "select x.*\n  from unnest(cast(" + w.arg(pq.StringArray(texts(stages))) + ` as text[])) as k (stage)
 cross join lateral (
	select o.*
	  from orders o
	 ` + w.String() + "\n order by " + sorted.by(p) + limit + ") x\n order by " + strings.ReplaceAll(sorted.by(p), "o.", "x.") + limit
	into.args = w.args
	return text, most, nil
}

const ofDoor = "\n  join orders o on o.community_id = h.community_id and o.household_id = h.id"

// householdsText returns the text that reads the households that the filter and the scope leave, between the page's cursors.
func householdsText(community int32, f OrderFilter, s delivery.Scope, sorted sorting, into *where, p Range) (string, error) {
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
	}{{ahead + "=", p.After}, {behind + "=", p.Before}} { // the door of the cursor's order may have more orders
		if bound.key == nil {
			continue
		}
		if len(bound.key) != len(round)+1 {
			return "", delivery.Refuse(ReasonBadCursor)
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

// OrderRows is a page of orders, and the feed's position at which they were read.
type OrderRows struct {
	*Rows[delivery.Order]
	Position delivery.Position
}

type orderRow struct {
	keyed[delivery.Order]
	scanned
}

// scanned holds the columns that each row of a scan carries: the feed's position, and how many orders or households were
// filtered.
type scanned struct {
	Head    int64 `db:"head"`
	Epoch   int64 `db:"epoch"`
	Scanned int   `db:"scanned"`
}

// Orders reads a page of a community's orders that the scope sees, and the feed's position at the same instant. It fails
// with NOT_FOUND if the scope does not enter the community.
func (d *DB) Orders(ctx context.Context, s delivery.Scope, community int32, f OrderFilter, by OrderSort, desc bool, p Range) (_ *OrderRows, err error) {
	if !s.SeesCommunity(community) {
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
	scans, err := orderScans(community, f, s, by, desc, w.clone(), p)
	if err != nil {
		return nil, err
	}
	var rows []orderRow
	var at scanned
	for _, scan := range scans {
		if rows, at, err = d.scanOrders(ctx, scan); err != nil {
			return nil, err
		}
		if scan.enough(len(rows), at.Scanned, p) {
			break
		}
	}
	out := &OrderRows{
		Rows:     pageOf(rows, p, func(r *orderRow) (*delivery.Order, []string) { return &r.Item, r.Key }),
		Position: delivery.Position{Community: community, Epoch: uint64(at.Epoch), Seq: at.Head},
	}
	if p.Count {
		from := "orders o"
		if f.Text != "" { // the text filter also reads the door
			from = orders.from
		}
		err = out.count(ctx, d, from, w)
	}
	return out, err
}

// scanOrders runs a scan. The context's transaction lets both of its statements see the same instant.
func (d *DB) scanOrders(ctx context.Context, s scan) ([]orderRow, scanned, error) {
	rows, err := listOf[orderRow](ctx, d, "read a page of orders", s.query, s.args...)
	if err != nil {
		return nil, scanned{}, err
	}
	if len(rows) > 0 {
		return rows, rows[0].scanned, nil
	}
	if s.empty == "" {
		return nil, scanned{Scanned: s.most}, nil
	}
	feeds, err := listOf[scanned](ctx, d, "read the feed's position beside an empty page", s.empty, s.feed...)
	if err != nil {
		return nil, scanned{}, err
	}
	feed, err := one(feeds, nil, delivery.KindCommunity)
	return nil, feed, err
}
