package clients_test

import (
	"database/sql"
	"fmt"
	"testing"

	_ "github.com/lib/pq" // the driver

	"baogong/delivery"
)

// moved is one event of an order as it stands in the table.
type moved struct {
	seq                                  int64
	order, building, household, supplier string // opaque ids
	stage                                string
	name                                 string // "number.version"
}

// ledger reads the event table, the truth that subscribers are held to.
type ledger struct {
	t    testing.TB
	dsn  string
	read int64 // up to here
}

// next is every event of an order since the last call, in order. It also fails the test unless the table numbers them without a gap.
func (l *ledger) next() (all []moved) {
	l.t.Helper()
	conn, err := sql.Open("postgres", l.dsn)
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close()
	rows, err := conn.QueryContext(l.t.Context(), `
		select seq, community_id, order_id is not null, coalesce(order_id, gen_random_uuid()), coalesce(building_id, gen_random_uuid()),
		       coalesce(household_id, gen_random_uuid()), coalesce(supplier_id, gen_random_uuid()),
		       coalesce(body -> 'order' ->> 'stage', ''), concat(body -> 'order' ->> 'number', '.', body -> 'order' ->> 'version')
		  from events
		 where seq > $1
		 order by seq`, l.read)
	if err != nil {
		l.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var m moved
		var community int32
		var ofOrder bool
		ids := [4]delivery.ID{{Kind: delivery.KindOrder}, {Kind: delivery.KindBuilding}, {Kind: delivery.KindHousehold}, {Kind: delivery.KindSupplier}}
		if err := rows.Scan(&m.seq, &community, &ofOrder, &ids[0].UUID, &ids[1].UUID, &ids[2].UUID, &ids[3].UUID, &m.stage, &m.name); err != nil {
			l.t.Fatal(err)
		}
		for i, into := range []*string{&m.order, &m.building, &m.household, &m.supplier} {
			ids[i].Community = community
			*into = ids[i].String()
		}
		if m.seq != l.read+1 {
			l.t.Errorf("the table goes from event %d to %d", l.read, m.seq)
		}
		l.read = m.seq
		if ofOrder {
			all = append(all, m)
		}
	}
	if err := rows.Err(); err != nil {
		l.t.Fatal(err)
	}
	return all
}

// check fails unless what each member got is what stands in the table for it: nothing lost, nothing twice, in order.
func check(t testing.TB, members []member, got [][]string, table []moved) (deliveries int) {
	t.Helper()
	wrong := 0
	for i, m := range members {
		var want []string
		for _, e := range table {
			if m.sees(e) {
				want = append(want, e.name)
			}
		}
		deliveries += len(want)
		if said := compare(got[i], want); said != "" {
			if wrong++; wrong <= 5 {
				t.Errorf("subscriber %d (%s, %v): %s", i, m.Actor, m.Variables["f"], said)
			}
		}
	}
	if wrong > 5 {
		t.Errorf("and %d more subscribers", wrong-5)
	}
	return deliveries
}

// compare says what is wrong with a list, "" if nothing is.
func compare(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("event %d of %d is %s, want %s", i, len(want), got[i], want[i])
		}
	}
	switch {
	case len(got) < len(want):
		return fmt.Sprintf("%d events, %d were lost after them", len(got), len(want)-len(got))
	case len(got) > len(want):
		return fmt.Sprintf("%d events, %d too many: %.5q", len(got), len(got)-len(want), got[len(want):])
	}
	return ""
}
