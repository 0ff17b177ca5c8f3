package delivery_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"baogong/delivery"
)

// kept is a purse with its entries.
type kept struct {
	*delivery.Purse
	entries []*delivery.MoneyEntry
}

// add adds an entry and returns the reason for which it was refused, or "".
func (k *kept) add(a delivery.Actor, kind delivery.MoneyKind, party delivery.MoneyParty, fen int64) string {
	m := &delivery.MoneyEntry{UUID: delivery.UUID(fmt.Sprint(len(k.entries))), Kind: kind, Party: party, AmountFen: fen, Method: delivery.MethodCash}
	if refusal := k.Add(a, m, nil, time.Unix(0, 0)); refusal != nil {
		return fmt.Sprint(refusal.Reason)
	}
	k.entries = append(k.entries, m)
	return ""
}

// reverse reverses an entry.
func (k *kept) reverse(a delivery.Actor, i int) string {
	m := &delivery.MoneyEntry{UUID: delivery.UUID(fmt.Sprint(len(k.entries)))}
	if refusal := k.Add(a, m, k.entries[i], time.Unix(0, 0)); refusal != nil {
		return fmt.Sprint(refusal.Reason)
	}
	k.entries = append(k.entries, m)
	return ""
}

func newPurse() *kept {
	return &kept{Purse: delivery.NewPurse(delivery.ID{Kind: delivery.KindOrder, Community: community, UUID: here}, time.Unix(0, 0))}
}

func TestPurse(t *testing.T) {
	t.Parallel()
	volunteer := delivery.Actor{Role: "VOLUNTEER", Community: community, UUID: takerOf, Squad: "SUPPLY"}
	t.Run("the household pays first", func(t *testing.T) {
		t.Parallel()
		p := newPurse()
		for _, step := range []struct {
			kind  delivery.MoneyKind
			party delivery.MoneyParty
			fen   int64
			why   string
		}{
			{"SPENT", "SHOP", 1, "NOTHING_IN_HAND"},
			{"IN", "HOUSEHOLD", 10000, ""},
			{"SPENT", "SHOP", 10001, "NOTHING_IN_HAND"},
			{"SPENT", "SHOP", 8350, ""},
			{"REFUND", "SHOP", 350, ""},
			{"BACK", "HOUSEHOLD", 2001, "NOTHING_IN_HAND"},
			{"BACK", "SHOP", 1, "WRONG_PARTY"},
			{"SPENT", "HOUSEHOLD", 1, "WRONG_PARTY"},
			{"BACK", "HOUSEHOLD", 2000, ""},
		} {
			if got := p.add(volunteer, step.kind, step.party, step.fen); got != step.why {
				t.Fatalf("%+v: got %q, want %q", step, got, step.why)
			}
		}
		if p.InHandFen != 0 || p.OwesFen != 0 || p.SpentFen != 8000 {
			t.Errorf("got %+v", p.Purse)
		}
		if done, refusal := p.Settle(time.Unix(1, 0)); !done || refusal != nil {
			t.Errorf("settle: %t, %v", done, refusal)
		}
		if done, refusal := p.Settle(time.Unix(2, 0)); done || refusal != nil {
			t.Errorf("settle again: %t, %v", done, refusal)
		}
		if why := p.add(volunteer, "IN", "HOUSEHOLD", 1); why != "" || p.Settled() {
			t.Errorf("a further entry: %q, settled %t, want it open again", why, p.Settled())
		}
	})
	t.Run("the volunteer advances, and the fund bears a part", func(t *testing.T) {
		t.Parallel()
		p := newPurse()
		for _, step := range []struct {
			kind  delivery.MoneyKind
			party delivery.MoneyParty
			fen   int64
		}{{"IN", "VOLUNTEER", 5000}, {"SPENT", "SHOP", 5000}, {"IN", "HOUSEHOLD", 3000}} {
			if why := p.add(volunteer, step.kind, step.party, step.fen); why != "" {
				t.Fatalf("%+v: %s", step, why)
			}
		}
		_, refusal := p.Settle(time.Unix(1, 0))
		if refusal == nil || refusal.Reason != delivery.ReasonNotEven || *refusal.Details.InHandFen != 3000 || *refusal.Details.OwesFen != 2000 || *refusal.Details.VolunteerFen != 5000 {
			t.Fatalf("settle: got %+v", refusal)
		}
		if why := p.add(volunteer, "WAIVED", "FUND", 2000); why != "WAIVED_BY_LEADS" {
			t.Errorf("a volunteer waives: %q", why)
		}
		for _, step := range []struct {
			kind  delivery.MoneyKind
			party delivery.MoneyParty
			fen   int64
		}{{"WAIVED", "FUND", 2000}, {"IN", "FUND", 2000}, {"BACK", "VOLUNTEER", 5000}} {
			if why := p.add(commander, step.kind, step.party, step.fen); why != "" {
				t.Fatalf("%+v: %s", step, why)
			}
		}
		if done, refusal := p.Settle(time.Unix(1, 0)); !done {
			t.Errorf("settle: %v, %+v", refusal, p.Purse)
		}
	})
	t.Run("an entry is reversed once", func(t *testing.T) {
		t.Parallel()
		p := newPurse()
		for _, why := range []string{p.add(volunteer, "IN", "HOUSEHOLD", 5000), p.add(volunteer, "SPENT", "SHOP", 4000)} {
			if why != "" {
				t.Fatal(why)
			}
		}
		if why := p.reverse(volunteer, 0); why != "NOTHING_IN_HAND" {
			t.Errorf("reversing what was spent: %q", why)
		}
		if why := p.reverse(volunteer, 1); why != "" || p.InHandFen != 5000 || p.SpentFen != 0 {
			t.Errorf("reversing: %q, %+v", why, p.Purse)
		}
		if why := p.reverse(volunteer, 1); why != "REVERSED" {
			t.Errorf("reversing twice: %q", why)
		}
		if why := p.reverse(volunteer, 2); why != "IS_REVERSAL" {
			t.Errorf("reversing a reversal: %q", why)
		}
		if why := p.reverse(volunteer, 0); why != "" || *p.Purse != (delivery.Purse{CommunityID: community, OrderUUID: here, OpenedAt: time.Unix(0, 0)}) {
			t.Errorf("reversing all: %q, %+v", why, p.Purse)
		}
	})
	if got := []string{delivery.Yuan(0), delivery.Yuan(5), delivery.Yuan(-1250)}; !slices.Equal(got, []string{"0.00", "0.05", "-12.50"}) {
		t.Error(got)
	}
}

func TestWhoKeepsAPurse(t *testing.T) {
	t.Parallel()
	o := standing("DISPATCHED", "BUY_FOR")
	in := func(role delivery.Role, squad delivery.Squad, id delivery.UUID, buildings ...delivery.UUID) delivery.Actor {
		return delivery.Actor{Role: role, Community: community, Squad: squad, UUID: id, Buildings: buildings}
	}
	for name, who := range map[string]struct {
		a           delivery.Actor
		keeps, sees bool
	}{
		"the taker":                        {in("VOLUNTEER", "PATROL", takerOf, here), true, true},
		"a supply volunteer of it":         {in("VOLUNTEER", "SUPPLY", "x", here), true, true},
		"a supply volunteer of another":    {in("VOLUNTEER", "SUPPLY", "x", "y"), false, false},
		"the phone desk of the building":   {in("VOLUNTEER", "PERSUASION", "x", here), false, false},
		"the gate":                         {in("VOLUNTEER", "DUTY", "x"), false, false},
		"a lead":                           {in("LEAD", "PATROL", "x"), true, true},
		"the commander":                    {commander, true, true},
		"a commander of another community": {delivery.Actor{Role: "COMMANDER", Community: community + 1}, false, false},
		"its household":                    {in("RESIDENT", "", home), false, true},
		"another household":                {in("RESIDENT", "", "x"), false, false},
		"its supplier":                     {in("SUPPLIER", "", *o.SupplierUUID), false, false},
		"a link":                           {in("LINK", "", o.UUID), false, false},
	} {
		if keeps, sees := who.a.KeepsPurse(o), who.a.SeesPurse(o); keeps != who.keeps || sees != who.sees {
			t.Errorf("%s: keeps %t, sees %t", name, keeps, sees)
		}
	}
}

func TestErrandEnds(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	for name, c := range map[string]struct {
		channel delivery.Channel
		to      delivery.Stage
		errand  *delivery.Errand
		why     string
	}{
		"without an answer":                {"ERRAND", "DELIVERED", nil, "ANSWER_NEEDED"},
		"with an answer":                   {"ERRAND", "DELIVERED", answered, ""},
		"with a card out":                  {"ERRAND", "DELIVERED", &delivery.Errand{AnsweredAt: &at, Out: 1}, "DOCUMENTS_OUT"},
		"cancelled without an answer":      {"ERRAND", "CANCELLED", nil, ""},
		"cancelled with a card out":        {"ERRAND", "CANCELLED", &delivery.Errand{Out: 2}, "DOCUMENTS_OUT"},
		"on its way with a card out":       {"ERRAND", "OUT_FOR_DELIVERY", &delivery.Errand{Out: 2}, ""},
		"no errand, and so without either": {"BUY_FOR", "DELIVERED", nil, ""},
	} {
		o := standing("DISPATCHED", c.channel)
		m := delivery.Move{To: c.to, Errand: c.errand}
		if c.to == "CANCELLED" {
			m.Reason = "OUT_OF_STOCK"
		}
		_, refusal := o.Advance(commander, m, at, nil, &delivery.Roster{})
		why := ""
		if refusal != nil {
			why = fmt.Sprint(refusal.Reason)
		}
		if why != c.why {
			t.Errorf("%s: got %q, want %q", name, why, c.why)
		}
	}
}

func TestShoppingList(t *testing.T) {
	t.Parallel()
	order := func(number int64, id delivery.UUID) *delivery.Order {
		return &delivery.Order{OrderSnapshot: delivery.OrderSnapshot{Number: number, UUID: id}}
	}
	line := func(order delivery.UUID, position int, item, unit string, quantity delivery.Quantity) *delivery.Line {
		return &delivery.Line{OrderUUID: order, Position: position, Item: item, Unit: unit, Quantity: quantity, Substitute: delivery.SubstituteAsk}
	}
	list := delivery.NewShoppingList([]*delivery.Order{order(2, "b"), order(1, "a")}, []*delivery.Line{
		line("b", 1, "鲜牛奶", "盒", 2000), line("a", 2, "鲜牛奶", "盒", 1000), line("a", 1, "Ａ 米", "袋", 1000), line("b", 2, "鲜牛奶", "箱", 1000), line("b", 3, "a 米", "袋", 500), line("c", 1, "盐", "袋", 1000)})
	var got []string
	for _, i := range list {
		text := fmt.Sprintf("%s %s %d:", i.Item, i.Unit, i.Quantity)
		for _, n := range i.For {
			text += fmt.Sprintf(" #%d %d", n.Order.Number, n.Quantity)
		}
		got = append(got, text)
	}
	want := []string{"Ａ 米 袋 1500: #1 1000 #2 500", "鲜牛奶 盒 3000: #1 1000 #2 2000", "鲜牛奶 箱 1000: #2 1000"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
