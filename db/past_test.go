package db_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
)

// An old cursor with a narrow filter costs its matches, and not the feed between.
func TestTheNarrowPastCostsItsMatches(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	raw := raw(t, dsn)
	raw.SetMaxOpenConns(1)
	const all, each = 20_000, 10
	for _, query := range []string{
		possible,
		`set session_replication_role = replica`, // the events below have no orders
		fmt.Sprintf(`
		insert into events (community_id, seq, kind, at, by_role, building_id, household_id, supplier_id, order_id, body)
		select 1, n, 'ORDER_MOVED', now(), 'LEAD', cast('b' || lpad(to_hex(n %% %[2]d), 31, '0') as uuid), cast('c' || lpad(to_hex(n %% %[2]d), 31, '0') as uuid),
		       cast('d' || lpad(to_hex(n %% %[2]d), 31, '0') as uuid), cast('e' || lpad(to_hex(n %% %[2]d), 31, '0') as uuid), '{"v": 1, "order": {"uuid": "x"}}'
		  from generate_series(2, %[1]d) n`, all, all/each),
		`analyze events`,
		`select pg_stat_force_next_flush()`,
		`select 1`,
	} {
		if _, err := raw.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	key := func(kind string) delivery.UUID { return delivery.UUID(kind + "0000000-0000-0000-0000-000000000007") }
	whole := delivery.Scope{Class: delivery.SeesAll, Community: 1}
	for name, c := range map[string]struct {
		scope  delivery.Scope
		filter delivery.EventFilter
	}{
		"an order":              {whole, delivery.EventFilter{Orders: []delivery.UUID{key("e")}}},
		"a household":           {whole, delivery.EventFilter{Households: []delivery.UUID{key("c")}}},
		"a building":            {whole, delivery.EventFilter{Buildings: []delivery.UUID{key("b")}}},
		"a supplier":            {whole, delivery.EventFilter{Suppliers: []delivery.UUID{key("d")}}},
		"a link":                {delivery.Scope{Class: delivery.SeesOrder, Community: 1, UUID: key("e")}, delivery.EventFilter{}},
		"a resident":            {delivery.Scope{Class: delivery.SeesHousehold, Community: 1, UUID: key("c")}, delivery.EventFilter{}},
		"a volunteer":           {delivery.Scope{Class: delivery.SeesBuildings, Community: 1, Buildings: []delivery.UUID{key("b")}}, delivery.EventFilter{}},
		"a shop":                {delivery.Scope{Class: delivery.SeesSupplier, Community: 1, UUID: key("d")}, delivery.EventFilter{}},
		"a shop at one stage":   {delivery.Scope{Class: delivery.SeesSupplier, Community: 1, UUID: key("d")}, delivery.EventFilter{Stages: []delivery.Stage{delivery.Placed}}},
		"a volunteer, an order": {delivery.Scope{Class: delivery.SeesBuildings, Community: 1, Buildings: []delivery.UUID{key("b")}}, delivery.EventFilter{Orders: []delivery.UUID{key("e")}}},
	} {
		before := fetched(t, raw)
		d, err := db.Open(t.Context(), dsn, db.Options{Connections: 1})
		if err != nil {
			t.Fatal(err)
		}
		events, err := d.Events(t.Context(), c.scope, 1, c.filter, 1, all, 500)
		if err = errors.Join(err, d.Close()); err != nil || len(c.filter.Stages) == 0 && len(events) != each {
			t.Fatalf("%s: got %d events, %v, want %d", name, len(events), err, each)
		}
		rows := int64(0) // counted when the connection ends, a moment later
		for deadline := time.Now().Add(10 * time.Second); rows < each && time.Now().Before(deadline); rows = fetched(t, raw) - before {
		}
		if rows < each || rows > 2*each {
			t.Errorf("%s: %d of %d rows were read for %d events", name, rows, all, each)
		} else {
			t.Logf("%s: %d rows read for %d events", name, rows, len(events))
		}
	}
}

// fetched is how many rows of events were read by connections that have ended.
func fetched(t *testing.T, raw *sql.DB) (rows int64) {
	t.Helper()
	if err := raw.QueryRow("select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = 'events'").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}
