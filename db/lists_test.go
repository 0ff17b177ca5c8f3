package db_test

import (
	"database/sql"
	"encoding/json"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/crowd"
	"baogong/db/dbtest"
	"baogong/delivery"
)

// node is one step of a plan.
type node struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Rows     float64 `json:"Actual Rows"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Recheck  float64 `json:"Rows Removed by Index Recheck"`
	Loops    float64 `json:"Actual Loops"`
	Plans    []node  `json:"Plans"`
}

// touched returns how many rows of orders a plan read.
func (n node) touched() float64 {
	sum := 0.0
	if n.Relation == "orders" {
		sum = (n.Rows + n.Removed + n.Recheck) * n.Loops
	}
	for _, below := range n.Plans {
		sum += below.touched()
	}
	return sum
}

// touched runs a query and returns how many orders it read, and how long it took.
func touched(t testing.TB, d *sql.DB, query string, args []any) (float64, time.Duration) {
	t.Helper()
	var plan []struct {
		Plan node    `json:"Plan"`
		Took float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal([]byte(column[string](t, d, "explain (analyze, timing off, format json) "+query, args...)[0]), &plan); err != nil {
		t.Fatal(err)
	}
	return plan[0].Plan.touched(), time.Duration(plan[0].Took * float64(time.Millisecond))
}

// touchedByPage returns how many orders all scans of a page read, and how long they took.
func (c *crowded) touchedByPage(d *db.DB, s delivery.Scope, f db.OrderFilter, by db.OrderSort, desc bool, p db.Range) (sum float64, took time.Duration) {
	c.Helper()
	scans, err := db.OrderScans(c.Context(), d, s, c.community, f, by, desc, p)
	if err != nil {
		c.Fatal(err)
	}
	for _, scan := range scans {
		n, t := touched(c, c.DB, scan.Query, scan.Args)
		sum, took = sum+n, took+t
	}
	return sum, took
}

// crowded is a community of many orders.
type crowded struct {
	testing.TB
	*sql.DB
	dsn       string
	community int32
	size      crowd.Size
}

func newCrowd(t testing.TB, size crowd.Size) *crowded {
	t.Helper()
	dsn := dbtest.DSN(t)
	pool := raw(t, dsn)
	c, err := crowd.Fill(t.Context(), pool, "crowd", size)
	if err != nil {
		t.Fatal(err)
	}
	return &crowded{t, pool, dsn, c, size}
}

// id returns the first value of a column of orders.
func (c *crowded) id(of string) delivery.UUID {
	c.Helper()
	return column[delivery.UUID](c, c.DB, "select "+of+" from orders where community_id = $1 and "+of+" is not null order by number desc limit 1", c.community)[0]
}

var allSorts = []db.OrderSort{db.SortPlacedAt, db.SortStageSince, db.SortMovedAt, db.SortNumber, db.SortRound}

func (c *crowded) scopes() map[string]delivery.Scope {
	return map[string]delivery.Scope{
		"all":       {Class: delivery.SeesAll, Community: c.community},
		"building":  {Class: delivery.SeesBuildings, Community: c.community, Buildings: []delivery.UUID{c.id("building_id")}},
		"household": {Class: delivery.SeesHousehold, Community: c.community, UUID: c.id("household_id")},
		"supplier":  {Class: delivery.SeesSupplier, Community: c.community, UUID: c.id("supplier_id")},
	}
}

// Each list is read in the order of an index or of a few doors, and counts stop at a bound.
func TestEverySortReadsAPageOnly(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, crowd.Size{Orders: db.CountMost + 2, Open: 40, Households: 1_000, Buildings: 10, Bare: true})
	c.SetMaxOpenConns(1)
	if _, err := c.ExecContext(t.Context(), `set enable_seqscan = off`); err != nil { // which is right for so few
		t.Fatal(err)
	}
	d := open(t, c.dsn, db.Options{})
	for filter, f := range map[string]db.OrderFilter{"nothing": {}, "channel": {Channels: []delivery.Channel{delivery.ChannelApp}}, "not held": {Held: new(false)}} {
		for _, by := range allSorts {
			for _, p := range []db.Range{{Limit: 20}, {Limit: 20, Last: true}} {
				most := 5_000.0 // of so few the planner reads a look whole
				if filter == "nothing" {
					most = 1_000
				}
				if n, _ := c.touchedByPage(d, c.scopes()["all"], f, by, false, p); n > most {
					t.Errorf("%s by %s, from the back %v, looked at %.0f orders", filter, by, p.Last, n)
				}
			}
		}
	}
	s := c.scopes()["all"]
	for _, tt := range []struct {
		name  string
		f     db.OrderFilter
		total int
		exact bool
	}{
		{"all", db.OrderFilter{}, db.CountMost, false},
		{"open", db.OrderFilter{Open: new(true)}, 40, true},
		{"none", db.OrderFilter{Channels: []delivery.Channel{}}, 0, true},
	} {
		rows, err := d.Orders(t.Context(), s, c.community, tt.f, db.SortNumber, false, db.Range{Limit: 1, Count: true})
		if err != nil {
			t.Fatal(err)
		}
		if rows.Total != tt.total || rows.Exact != tt.exact {
			t.Errorf("%s: got %d, exact %v, want %d, %v", tt.name, rows.Total, rows.Exact, tt.total, tt.exact)
		}
	}
	last := column[time.Time](t, c.DB, "select max(greatest(placed_at, stage_since)) from orders")[0]
	for _, tt := range []struct {
		since string
		at    time.Time
		most  float64
	}{{"the last order", last.Add(time.Minute), 0}, {"the first", last.AddDate(-1, 0, 0), 1_000}} {
		query, args := db.UnheardQuery(c.community, tt.at)
		if n, took := touched(t, c.DB, query, args); n > tt.most {
			t.Errorf("who was not heard from since %s: looked at %.0f orders in %v, want %.0f", tt.since, n, took, tt.most)
		}
	}
}
