package page_test

import (
	"testing"
	"time"

	"baogong/e2e/house"
	"baogong/internal/volume"
)

func TestSupplierPageInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	first := e.Place("E6-1-1103", obj{"note": "<img src=x onerror=alert(1)>"})
	e.Place("E6-2-1203")
	e.Place("E7-1-1103")
	e.Place("E7-1-1203", obj{"supplierId": e.Suppliers["yiyao"]})
	e.Sell("caiban", obj{"stock": "20"})
	soon := e.Clock.Now().Add(time.Hour).In(time.FixedZone("Asia/Shanghai", 8*60*60))
	browse(t, func(what string) {
		if what == "many" {
			ids := e.PlaceMany(206)
			e.Advance(e.As("C01"), "AT_GATE", ids[:2]...)
			back := house.MoveTo("RETURNED", ids[0])
			back["reason"] = "DAMAGED"
			e.AdvanceAs(e.As("C01"), back)
			return
		}
		e.Hold(obj{"subjectIds": []string{first}, "reason": "INVESTIGATION"})
	}, "supplier.mjs", e.BaseURL(), e.Invite(e.Suppliers["caiban"]), soon.Format("2006-01-02T15:04"), volume.InCI("", "thorough"))
	if got, want := e.Text(`select string_agg(number || ' ' || stage || ' ' || bags, '; ' order by number) from orders where supplier_id = (select supplier_id from orders where number = 1) and number <= 6`),
		"1 PLACED 1; 2 DISPATCHED 3; 3 DISPATCHED 1; 5 PLACED 1; 6 PLACED 1"; got != want {
		t.Errorf("got orders %s, want %s", got, want)
	}
	if got, want := e.Text(`select count(*) filter (where stage = 'DISPATCHED') || ' ' || count(*) filter (where stage = 'PLACED') from orders where number > 6`), "1 203"; got != want {
		t.Errorf("got %s orders sent and to send of the last, want %s", got, want)
	}
	if got, want := e.Text(`select to_char(expected_at at time zone 'Asia/Shanghai', 'HH24:MI') || ' ' || vehicle from arrivals`), soon.Format("15:04")+" 鄂E12345"; got != want {
		t.Errorf("got a delivery %s, want %s", got, want)
	}
}
