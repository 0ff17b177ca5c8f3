package live_test

import (
	"fmt"
	"testing"
	"time"

	"baogong/e2e/house"
)

// seller is one subscriber of a window.
type seller struct {
	*house.Inbox
	who string
}

// want waits until the window is shown like that: its state, its orders, and what is left for all and by telephone.
func (s seller) want(claim, want string) {
	s.T.Helper()
	got := ""
	for deadline := time.Now().Add(house.Timeout); time.Now().Before(deadline); {
		var shown struct {
			Window struct {
				State  string
				Orders int
				Offers []struct{ Left, LeftForPhone *string }
			}
		}
		s.Value(&shown)
		w := shown.Window
		if got = fmt.Sprint(w.State, " ", w.Orders, " ", *w.Offers[0].Left, " ", *w.Offers[0].LeftForPhone); got == want {
			return
		}
	}
	s.T.Fatalf("%s, %s: got %s, want %s", claim, s.who, got, want)
}

// TestWindow watches an order window as a resident, another household's, the supplier and a volunteer while orders are placed, changed and
// cancelled, the reserve is released, and the window closes and is called off.
func TestWindow(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	pack, window := e.Sell("caiban", obj{"stock": "10", "phoneReserve": "4"})
	const ask = `subscription ($id: ID!) { window(id: $id) { state orders offers { left leftForPhone } } }`
	var all []seller
	for _, who := range []string{"E6-1-1403", "E7-1-1103", "caiban", "yiyao", "S01", "C01"} {
		all = append(all, seller{e.Dial(t, e.As(who), "").Operate(ask, obj{"id": window}), who})
	}
	want := func(claim, want string) {
		t.Helper()
		for _, s := range all {
			s.want(claim, want)
		}
	}
	want("at first", "OPEN 0 6 10")
	order := func(who, door, channel, quantity string) string {
		return e.PlaceAs(e.As(who), obj{"householdId": e.Homes[door], "channel": channel, "windowId": window, "lines": []obj{{"packageId": pack, "quantity": quantity}}})
	}
	first := order("E6-1-1403", "E6-1-1403", "APP", "2")
	want("ordered by app", "OPEN 1 4 8")
	second := order("C01", "E7-1-1103", "PHONE", "3")
	want("ordered by telephone", "OPEN 2 4 5")
	e.Must(e.As("C01"), `mutation ($w: ID!) { releaseReserve(input: { windowId: $w }) { userErrors { message } } }`, obj{"w": window}, &struct{}{})
	want("the reserve is released", "OPEN 2 5 5")
	e.Must(e.As("E6-1-1403"), `mutation ($o: ID!, $p: ID!) { amendOrder(input: { orderId: $o, expectedVersion: 1, lines: [{ packageId: $p, quantity: 1 }] }) { userErrors { message } } }`,
		obj{"o": first, "p": pack}, &struct{}{})
	want("amended", "OPEN 2 6 6")
	e.AdvanceAs(e.As("C01"), obj{"orders": []obj{{"orderId": second}}, "to": "CANCELLED", "reason": "HOUSEHOLD_ASKED"})
	want("cancelled", "OPEN 1 9 9")
	e.Undo(e.As("C01"), second)
	want("undone", "OPEN 2 6 6")
	e.Clock.Pass(time.Hour)
	want("closed by the clock", "CLOSED 2 6 6")
	e.Must(e.As("caiban"), `mutation ($w: ID!) { decideWindow(input: { windowId: $w, confirm: false }) { cancelled userErrors { message } } }`, obj{"w": window}, &struct{}{})
	want("called off", "CALLED_OFF 0 10 10")
	if refused := (seller{e.Dial(t, e.As("C01"), "").Operate(ask, obj{"id": e.Community}), "C01"}).Refused(); refused.Extensions["code"] != "BAD_USER_INPUT" {
		t.Errorf("an id of another kind: got %v, want BAD_USER_INPUT", refused)
	}
}
