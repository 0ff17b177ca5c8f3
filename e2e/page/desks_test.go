package page_test

import (
	"strings"
	"testing"
	"time"

	"baogong/e2e/house"
	"baogong/internal/proxy"
	"baogong/internal/volume"
)

// TestDesksInABrowser takes six orders from two trucks to the buildings with the pages of the gate, the sorting tables and the cart.
func TestDesksInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	here, missing, other := e.Place("E6-1-1103"), e.Place("E6-1-1203"), e.Place("E7-1-1103")
	unannounced := e.Place("E7-1-1203", obj{"supplierId": e.Suppliers["yiyao"]})
	pair, half := e.Place("E6-2-1203"), e.Place("E7-1-1403") // in two bags each
	e.Gate(e.As("caiban"), "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "expectedAt": e.Clock.Now().Add(time.Hour), "vehicle": "<img src=x onerror=alert(1)>",
		"orders": []obj{{"orderId": here}, {"orderId": missing, "bags": 3}, {"orderId": other}, {"orderId": pair, "bags": 2}, {"orderId": half, "bags": 2}}})
	many := e.PlaceMany(200, obj{"supplierId": e.Suppliers["yiyao"]})
	late := e.Place("E7-1-1203", obj{"supplierId": e.Suppliers["yiyao"]}) // beyond the first page of what yiyao has still to bring
	line := proxy.New(t, strings.TrimPrefix(e.BaseURL(), "http://"))
	thorough := "false"
	if volume.Thorough() {
		thorough = "true"
	}
	browse(t, func(what string) {
		switch what {
		case "move":
			e.Advance(e.As("C01"), "DISPATCHED", many[0])
			many = many[1:]
		case "cut":
			line.Aim("")
			line.Cut()
		case "mend":
			line.Aim(strings.TrimPrefix(e.BaseURL(), "http://"))
		}
	}, "desks.mjs", line.URL, e.As("D01"), e.As("T01"), thorough)
	for order, want := range map[string]string{here: "AT_BUILDING", missing: "AT_BUILDING", other: "SORTED", unannounced: "AT_GATE", late: "AT_GATE", pair: "SORTED", half: "SORTED"} {
		if got := e.Order(e.As("C01"), order); got.Stage != want {
			t.Errorf("order %d is at %s, want %s", got.Number, got.Stage, want)
		}
	}
	if got := e.Order(e.As("C01"), missing); got.BagsIn != 1 {
		t.Errorf("%d of 3 bags were counted, want 1", got.BagsIn)
	}
	if got := e.Order(e.As("C01"), late); got.Bags != 2 || got.BagsIn != 2 {
		t.Errorf("%d of %d bags were counted, want 2 of 2: one more than announced", got.BagsIn, got.Bags)
	}
	// The bag that did not come to its sorting table, those that were not on the cart and the damaged one have incidents that name their orders.
	if got, want := e.Text(`select string_agg(i.kind || ' ' || i.bags || ' #' || o.number, ', ' order by o.number) from incidents i join orders o on o.id = i.order_id where o.number in (5, 6, 207)`), "MISSING 2 #5, SHORT 1 #6, DAMAGED 1 #207"; got != want {
		t.Errorf("got incidents %s, want %s", got, want)
	}
}
