//go:build soak

package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/crowd"
	"baogong/delivery"
)

// No list reads more than a sixth of 300,000 orders, for any filter, sort order and caller. The named exception combines two
// large disjoint sets, by ROUND.
func TestEveryListOf300000OrdersLooksAtFew(t *testing.T) {
	c := newCrowd(t, crowd.Size{})
	c.lists(func(name string, touched float64, took time.Duration) {
		if touched > 43_000 && !strings.HasPrefix(name, "supplier, channel BUY_FOR by ROUND") {
			t.Errorf("%s looked at %.0f orders in %v", name, touched, took)
		}
	})
}

// filters are the filters of a list, each with an upper bound of the orders that it leaves.
func (c *crowded) filters() map[string]db.OrderFilter {
	at := time.Date(2020, 2, 20, 0, 0, 0, 0, time.UTC)
	until := at.Add(time.Hour)
	out := map[string]db.OrderFilter{
		"nothing":   {},
		"open":      {Open: new(true)},
		"final":     {Open: new(false)},
		"building":  {Buildings: []delivery.UUID{c.id("building_id")}},
		"unit":      {Units: []delivery.UUID{c.id("unit_id")}},
		"household": {Households: []delivery.UUID{c.id("household_id")}},
		"supplier":  {Suppliers: []delivery.UUID{c.id("supplier_id")}},
		"holder":    {Holders: []delivery.UUID{c.id("holder_volunteer_id")}},
		"no holder": {WithoutHolder: new(true)},
		"held":      {Held: new(true)},
		"not held":  {Held: new(false)},
		"placed":    {PlacedFrom: &at, PlacedUntil: &until},
		"moved":     {MovedFrom: &at, MovedUntil: &until},
	}
	for _, s := range delivery.Stages {
		out["stage "+string(s)] = db.OrderFilter{Stages: []delivery.Stage{s}}
	}
	for _, ch := range delivery.Channels {
		out["channel "+string(ch)] = db.OrderFilter{Channels: []delivery.Channel{ch}}
	}
	return out
}

// lists runs every sort in both directions with every filter under every scope.
func (c *crowded) lists(each func(name string, touched float64, took time.Duration)) {
	d := open(c, c.dsn, db.Options{})
	for scope, s := range c.scopes() {
		for filter, f := range c.filters() {
			for _, by := range allSorts {
				for _, desc := range []bool{false, true} {
					n, took := c.touchedByPage(d, s, f, by, desc, db.Range{Limit: 50})
					each(fmt.Sprintf("%s, %s by %s, descending %v", scope, filter, by, desc), n, took)
				}
			}
		}
	}
}
