package page_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/e2e/house"
	"baogong/internal/proxy"
	"baogong/internal/volume"
)

// TestRoundInABrowser goes on a round of 40 doors, most of it without a network and with a clock that is wrong by a day.
func TestRoundInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	var rooms []string
	for floor := 10; floor > 0; floor-- {
		for flat := 1; flat <= 4; flat++ {
			rooms = append(rooms, fmt.Sprintf("%d%02d", floor, flat))
		}
	}
	homes := e.Create("admin", "household", obj{"communityId": e.Community}, house.Each(rooms, func(room string) obj {
		return obj{"unitId": e.Units["E6-2"], "room": room, "floor": len(room)/4*10 + int(room[len(room)-3]-'0'), "contactName": "<img src=x onerror=alert(1)>", "phone": "13800001234", "people": 2}
	})...)
	orders := make([]string, len(rooms))
	for i, home := range homes {
		in := obj{"householdId": home, "channel": "APP", "supplierId": e.Suppliers["caiban"], "note": "<b>bold</b>", "lines": []obj{{"item": "<img src=x onerror=alert(2)>", "quantity": "1", "unit": "袋"}}}
		if rooms[i] == "903" {
			in["marks"] = []string{"MEDICINE"}
		}
		orders[i] = e.PlaceAs(e.As("C01"), in)
	}
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
		e.Advance(e.As("C01"), stage, orders...)
	}
	errand := e.PlaceAs(e.As("S01"), obj{"householdId": homes[0], "channel": "ERRAND", "lines": []obj{{"item": "<b>取药</b>", "quantity": "1", "unit": "次"}}})
	of := func(room string) string { return orders[slices.Index(rooms, room)] }
	line := proxy.New(t, strings.TrimPrefix(e.BaseURL(), "http://"))
	var tapped []string
	browse(t, func(what string) {
		switch verb, rest, _ := strings.Cut(what, " "); verb {
		case "cut":
			line.Aim("")
			line.Cut()
		case "mend":
			line.Aim(strings.TrimPrefix(e.BaseURL(), "http://"))
		case "deliver":
			e.Advance(e.As("C01"), "DELIVERED", of(rest))
		case "tapped":
			tapped = strings.Fields(rest)
		}
	}, "round.mjs", line.URL, e.As("S01"), doorCode(e, of("903")), fmt.Sprint(volume.Thorough()))

	// Each act had its effect once and in order, with the device's own time.
	rows, err := e.Database().QueryContext(t.Context(), `
		select h.room, n.device_time
		  from events e
		  join orders o on o.community_id = e.community_id and o.id = e.order_id
		  join households h on h.community_id = o.community_id and h.id = o.household_id
		  left join event_notes n on n.community_id = e.community_id and n.seq = e.seq
		 where e.kind = 'ORDER_MOVED' and e.body -> 'order' ->> 'stage' = 'DELIVERED' and h.room <> '1004'
		 order by e.seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var delivered []string
	for rows.Next() {
		var room string
		var device *time.Time
		if err := rows.Scan(&room, &device); err != nil {
			t.Fatal(err)
		}
		delivered = append(delivered, room)
		if device == nil || time.Until(*device) < 23*time.Hour {
			t.Errorf("%s: device time %v, want that of a clock that is a day ahead", room, device)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(delivered, tapped) {
		t.Errorf("delivered %v\nwant %v", delivered, tapped)
	}
	if got := e.Text(`select count(*) || ' ' || count(distinct household_id) || ' ' || min(reason) from reveals`); got != "40 40 楼里没有信号" {
		t.Errorf("got reveals %s, want one of each household of the round", got)
	}
	if got := e.Order(e.As("C01"), errand).Stage; got != "DISPATCHED" {
		t.Errorf("the errand is at %s", got)
	}
	if got := e.Order(e.As("C01"), of("802")).Stage; got != "AT_BUILDING" {
		t.Errorf("the door that was not opened is at %s", got)
	}
}

// TestDropsInABrowser has a volunteer count what carts left at their building.
func TestDropsInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	var orders []string
	for _, door := range []string{"E6-1-1103", "E6-1-1203", "E6-2-1203", "E6-1-1303", "E7-1-1103"} {
		o := e.Place(door)
		e.Bring(o, "SORTED")
		orders = append(orders, o)
	}
	e.CarryTo("E6", orders[:2]...)
	e.CarryTo("E7", orders[4])
	next := orders[2:4]
	line := proxy.New(t, strings.TrimPrefix(e.BaseURL(), "http://"))
	counted := func() string {
		return e.Text(`select d.bags_accepted || ' ' || v.code from drops d join volunteers v on v.id = d.accepted_by order by d.accepted_at desc limit 1`)
	}
	browse(t, func(what string) {
		switch verb, rest, _ := strings.Cut(what, " "); verb {
		case "cut":
			line.Aim("")
			line.Cut()
		case "mend":
			line.Aim(strings.TrimPrefix(e.BaseURL(), "http://"))
		case "carry":
			e.Clock.Pass(time.Minute)
			e.CarryTo("E6", next[0])
			next = next[1:]
		case "counted":
			if got := counted(); got != rest+" S01" {
				t.Errorf("got the count %s, want %s S01", got, rest)
			}
		case "count":
			e.CountDrop("S00", "E6", 1)
		}
	}, "drops.mjs", line.URL, e.As("S01"))
	if got := counted(); got != "1 S00" {
		t.Errorf("got the count %s, want that of S00", got)
	}
	if got := e.Text(`select string_agg(kind || ' ' || bags, ', ') from incidents where kind = 'COUNT_DIFFERS'`); got != "COUNT_DIFFERS 1" {
		t.Errorf("got incidents %s, want one of one bag", got)
	}
}

// doorCode returns the digits that the order's household says.
func doorCode(e *house.Estate, order string) string {
	e.T.Helper()
	var got struct {
		Order struct{ Address, DoorCode string }
	}
	e.Must(e.As("C01"), `query ($o: ID!) { order(id: $o) { address } }`, obj{"o": order}, &got)
	e.Must(e.As(got.Order.Address), `query ($o: ID!) { order(id: $o) { doorCode } }`, obj{"o": order}, &got)
	return got.Order.DoorCode
}
