package page_test

import (
	"strings"
	"testing"
	"time"

	"baogong/e2e/house"
	"baogong/internal/proxy"
)

// hostile returns a text of markup, a template, a formula, right-to-left letters and one long word, as long as its field may be.
func hostile(most int) string {
	for _, text := range []string{`=1+1<img src=x onerror="hit=1">"'</script><script>hit=1</script>{{7*7}}שלום`, `<b onclick=hit=1>"'&amp;ש`, `<b>"'&amp;ש`} {
		if left := most - len([]rune(text)); left >= 0 {
			return text + strings.Repeat("W", left)
		}
	}
	return ""
}

// TestHostileTextInABrowser fills an estate with hostile text, and opens every page of it on a small phone with its text at 200 %.
func TestHostileTextInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	name, note, short := hostile(80), hostile(500), hostile(32)
	e.Update("admin", "community", obj{"id": e.Community, "name": name})
	for _, b := range []string{"E6", "E7"} {
		e.Update("admin", "building", obj{"id": e.Buildings[b], "name": name, "accessNote": note})
	}
	for _, id := range e.Suppliers {
		e.Update("admin", "supplier", obj{"id": id, "name": name})
	}
	for _, code := range []string{"C01", "S01", "D01", "T01"} {
		e.Update("admin", "volunteer", obj{"id": e.Team[code], "name": name})
	}
	home := e.Create("admin", "household", obj{"communityId": e.Community}, obj{"unitId": e.Units["E6-2"], "room": short, "floor": 9, "contactName": name, "phone": "13800001234", "people": 2})[0]
	goods := obj{"note": note, "lines": []obj{{"item": name, "quantity": 2, "unit": hostile(16)}}}
	atHome := e.Place("E6-1-1103", goods, obj{"householdId": home})
	round, waits, sorted, announced := e.Place("E6-1-1203", goods), e.Place("E6-1-1303", goods), e.Place("E6-1-1103", goods, obj{"householdId": home}), e.Place("E7-1-1103", goods)
	e.Place("E6-2-1203", goods, obj{"channel": "BUY_FOR", "takerId": e.Team["S01"]})
	for _, o := range []string{atHome, round, waits} {
		e.Bring(o, "AT_BUILDING")
	}
	e.StartRound("S01", round, atHome)
	e.Bring(sorted, "SORTED")
	e.Gate(e.As("caiban"), "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "expectedAt": e.Clock.Now().Add(time.Hour), "vehicle": hostile(32), "orders": []obj{{"orderId": announced, "bags": 2}}})
	e.Sell("caiban", obj{"stock": "10"})
	e.Report(e.As("S01"), obj{"kind": "BAD_ADDRESS", "subjectId": round, "note": note, "severity": "HIGH"})
	e.Hold(obj{"subjectIds": []string{e.Buildings["E7"]}, "reason": "SEALED", "note": note})
	e.Desk()
	e.Enquiry(e.As("C01"), obj{"householdId": home, "text": note, "urgent": true})
	browse(t, func(string) {}, "hostile.mjs", e.BaseURL(), e.Code, e.Buildings["E6"], atHome, e.Share(atHome), e.SignIn(e.Card(home)), e.InvitedCity(t))
}

// TestOpenPagesInABrowser keeps pages open through a new release, a network that is cut, another server, and two phones on one round.
func TestOpenPagesInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	first, second, third := e.Place("E6-1-1103"), e.Place("E6-1-1203"), e.Place("E6-1-1103")
	for _, o := range []string{first, second} {
		e.Bring(o, "AT_BUILDING")
	}
	e.StartRound("S01", first, second)
	phones := []string{e.Place("E7-1-1103"), e.Place("E7-1-1203"), e.Place("E7-1-1303")}
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
		e.Advance(e.As("C01"), stage, phones...)
	}
	e.SQL(`update communities set desk_phone = '0717-6012345'`)
	household := "dev:" + e.As("E6-1-1103")
	browse(t, func(string) {}, "release.mjs", e.BaseURL(), "dev:"+e.As("C01"), household, e.Buildings["E6"])

	line := proxy.New(t, strings.TrimPrefix(e.BaseURL(), "http://"))
	cut := func() {
		line.Aim("")
		line.Cut()
	}
	mend := func() { line.Aim(strings.TrimPrefix(e.BaseURL(), "http://")) }
	browse(t, func(what string) {
		switch what {
		case "cut":
			cut()
		case "mend":
			mend()
		}
	}, "phones.mjs", line.URL, "dev:"+e.As("S07"))
	if got := e.Text(`select count(*) || ' ' || count(distinct order_id) from events where kind = 'ORDER_MOVED' and body -> 'order' ->> 'stage' = 'DELIVERED'`); got != "3 3" {
		t.Errorf("got %s deliveries and orders, want 3 3", got)
	}

	here := func() string { return strings.TrimPrefix(e.BaseURL(), "http://") }
	mobile := proxy.NewFaultProxy(t, "tcp", here())
	lose := func() {
		mobile.Aim("tcp", "127.0.0.1:1") // no client reconnects before the line is mended
		mobile.Cut(true)
	}
	browse(t, func(what string) {
		switch what {
		case "cut first":
			lose()
		case "move first":
			e.Advance(e.As("C01"), "DELIVERED", first)
			mobile.Aim("tcp", here())
		case "cut second":
			lose()
			if err := e.Stop(); err != nil {
				t.Error(err)
			}
			next := house.Build(t, e.DSN, house.Setup{Now: e.Clock.Now})
			house.WaitFor(t, "the next server is ready", next.Hub.Ready)
			e.Program = next
		case "move second":
			e.Advance(e.As("C01"), "DELIVERED", second)
			e.Advance(e.As("C01"), "DISPATCHED", third)
			mobile.Aim("tcp", here())
		case "cut asleep":
			mobile.Cut(true)
		case "cut elsewhere":
			mobile.Established(proxy.Silent)
		case "move asleep":
			for _, stage := range []string{"AT_GATE", "SORTED", "AT_BUILDING"} {
				e.Advance(e.As("C01"), stage, third)
			}
		case "move elsewhere":
			e.Advance(e.As("C01"), "OUT_FOR_DELIVERY", third)
		case "sent 2":
		default:
			if strings.HasPrefix(what, "sent") {
				t.Errorf("got %q, want that the read is sent twice", what)
			}
			t.Log(what)
		}
	}, "present.mjs", "http://"+mobile.Address, "dev:"+e.As("C01"), "dev:"+e.As("S01"), household)
}
