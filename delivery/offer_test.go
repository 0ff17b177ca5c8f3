package delivery_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/delivery"
)

const (
	cabbage delivery.UUID = "cabbage"
	eggs    delivery.UUID = "eggs"
)

// onSale returns a window that is open at noon, with 10 cabbages, of which 3 are kept for orders by telephone and a household gets 4, and eggs
// without a limit.
func onSale() (*delivery.OrderWindow, *delivery.WindowStock) {
	w := &delivery.OrderWindow{CommunityID: community, UUID: "window", SupplierUUID: shop, OpensAt: noon.Add(-time.Hour), ClosesAt: noon.Add(time.Hour),
		DeliverAt: noon.Add(2 * time.Hour), NextAt: new(noon.Add(-time.Hour)), Version: 1}
	return w, delivery.NewWindowStock(w, []*delivery.Offer{
		{WindowUUID: "window", PackageUUID: cabbage, Item: "白菜", Unit: "份", PriceFen: 500, Stock: new(delivery.Quantity(10000)), HouseholdCap: new(delivery.Quantity(4000)),
			PhoneReserve: 3000, ReserveOpen: true},
		{WindowUUID: "window", PackageUUID: eggs, Item: "鸡蛋", Unit: "盒", PriceFen: 1500}})
}

func lines(pack delivery.UUID, quantities ...delivery.Quantity) []*delivery.Line {
	var out []*delivery.Line
	for _, q := range quantities {
		out = append(out, &delivery.Line{PackageUUID: &pack, Quantity: q * 1000})
	}
	return out
}

func TestTake(t *testing.T) {
	t.Parallel()
	type taking struct {
		household delivery.UUID
		channel   delivery.Channel
		pack      delivery.UUID
		n         []delivery.Quantity
	}
	for name, test := range map[string]struct {
		before []taking
		asks   taking
		at     time.Duration
		want   delivery.Reason
		left   delivery.Quantity
	}{
		"what there is":                               {asks: taking{"a", "APP", cabbage, []delivery.Quantity{4}}},
		"without a limit":                             {asks: taking{"a", "APP", eggs, []delivery.Quantity{5000}}},
		"more than the database counts":               {asks: taking{"a", "APP", eggs, []delivery.Quantity{9_999_999, 1}}, want: delivery.ReasonSoldOut, left: 9_999_999_000},
		"more than the cap":                           {asks: taking{"a", "APP", cabbage, []delivery.Quantity{5}}, want: delivery.ReasonOverCap},
		"more than the cap in two lines":              {asks: taking{"a", "APP", cabbage, []delivery.Quantity{3, 2}}, want: delivery.ReasonOverCap},
		"more than the cap by telephone and app":      {before: []taking{{"a", "PHONE", cabbage, []delivery.Quantity{3}}}, asks: taking{"a", "APP", cabbage, []delivery.Quantity{2}}, want: delivery.ReasonOverCap},
		"what the reserve keeps":                      {before: []taking{{"a", "APP", cabbage, []delivery.Quantity{4}}}, asks: taking{"b", "APP", cabbage, []delivery.Quantity{4}}, want: delivery.ReasonReservedForPhone, left: 3000},
		"the reserve, by telephone":                   {before: []taking{{"a", "APP", cabbage, []delivery.Quantity{4}}}, asks: taking{"b", "PHONE", cabbage, []delivery.Quantity{4}}},
		"the reserve, when the window has closed":     {before: []taking{{"a", "APP", cabbage, []delivery.Quantity{4}}}, asks: taking{"b", "APP", cabbage, []delivery.Quantity{4}}, at: time.Hour},
		"what is sold, where the reserve has no part": {before: []taking{{"a", "APP", cabbage, []delivery.Quantity{4}}, {"b", "APP", cabbage, []delivery.Quantity{3}}, {"c", "PHONE", cabbage, []delivery.Quantity{3}}}, asks: taking{"d", "APP", cabbage, []delivery.Quantity{1}}, want: delivery.ReasonSoldOut},
		"more than is left by telephone":              {before: []taking{{"a", "APP", cabbage, []delivery.Quantity{4}}, {"b", "PHONE", cabbage, []delivery.Quantity{4}}}, asks: taking{"c", "PHONE", cabbage, []delivery.Quantity{3}}, want: delivery.ReasonSoldOut, left: 2000},
		"a package that is not on offer":              {asks: taking{"a", "APP", "rice", []delivery.Quantity{1}}, want: delivery.ReasonNotOnOffer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := onSale()
			for _, b := range test.before {
				if refusal := s.Take(delivery.Taking{Household: b.household, Channel: b.channel, Lines: lines(b.pack, b.n...)}, noon); refusal != nil {
					t.Fatal(refusal)
				}
			}
			orders := w.Orders
			refusal := s.Take(delivery.Taking{Household: test.asks.household, Channel: test.asks.channel, Lines: lines(test.asks.pack, test.asks.n...)}, noon.Add(test.at))
			if test.want == (delivery.Reason{}) {
				if refusal != nil || w.Orders != orders+1 {
					t.Errorf("got %v and %d orders, want it taken", refusal, w.Orders)
				}
				return
			}
			if refusal == nil || refusal.Reason != test.want || w.Orders != orders {
				t.Fatalf("got %v and %d orders, want %s", refusal, w.Orders, test.want)
			}
			if test.left > 0 && *refusal.Details.QuantityLeft != test.left {
				t.Errorf("got %s left, want %s", refusal.Details.QuantityLeft, test.left)
			}
		})
	}
}

// In any order of orders, changes and cancellations no offer is oversold, the reserve is kept, no household exceeds its cap, and a refused call changes
// nothing.
func TestStockIsNeverOversold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, s := onSale()
		var held []delivery.Taking
		draw := func() delivery.Taking {
			return delivery.Taking{Household: rapid.SampledFrom([]delivery.UUID{"a", "b", "c", "d"}).Draw(t, "household"),
				Channel: rapid.SampledFrom([]delivery.Channel{"APP", "PHONE"}).Draw(t, "channel"),
				Lines:   lines(cabbage, delivery.Quantity(rapid.IntRange(1, 5).Draw(t, "quantity")))}
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			at := rapid.IntRange(0, max(0, len(held)-1)).Draw(t, "which")
			switch kind := rapid.IntRange(0, 3).Draw(t, "verb"); {
			case kind == 0 && len(held) > 0:
				s.Give(held[at])
				held = append(held[:at], held[at+1:]...)
			case kind == 1 && len(held) > 0:
				next := draw()
				next.Household, next.Channel = held[at].Household, held[at].Channel
				if s.Swap(held[at], next, noon) == nil {
					held[at] = next
				}
			default:
				if next := draw(); s.Take(next, noon) == nil {
					held = append(held, next)
				}
			}
			var all, phone delivery.Quantity
			of := map[delivery.UUID]delivery.Quantity{}
			for _, h := range held {
				q := h.Lines[0].Quantity
				all += q
				of[h.Household] += q
				if h.Channel == "PHONE" {
					phone += q
				}
			}
			if changed := s.Changed(); len(changed) > 0 && (changed[0].Sold != all || changed[0].SoldByPhone != phone) || w.Orders != len(held) {
				t.Fatalf("got %+v and %d orders, want %s sold, %s by telephone, %d orders", *changed[0], w.Orders, all, phone, len(held))
			}
			if all > 10000 || all-phone > 7000 {
				t.Fatalf("sold %s, %s of them by telephone", all, phone)
			}
			for h, q := range of {
				if q > 4000 {
					t.Fatalf("household %s has %s", h, q)
				}
			}
		}
	})
}

func TestRelease(t *testing.T) {
	t.Parallel()
	_, s := onSale()
	if refusal := s.Release([]delivery.UUID{eggs}); refusal == nil || refusal.Reason != delivery.ReasonNoReserve {
		t.Errorf("without a reserve: got %v, want NO_RESERVE", refusal)
	}
	if refusal := s.Release([]delivery.UUID{"rice"}); refusal == nil || refusal.Reason != delivery.ReasonNotOnOffer {
		t.Errorf("of what is not on offer: got %v, want NOT_ON_OFFER", refusal)
	}
	if refusal := s.Release(nil); refusal != nil {
		t.Fatal(refusal)
	}
	if left := s.Changed()[0].Left(); *left != 10000 {
		t.Errorf("got %s left, want 10", left)
	}
}

func TestWindowStates(t *testing.T) {
	t.Parallel()
	w, _ := onSale()
	for after, want := range map[time.Duration]delivery.WindowState{-2 * time.Hour: delivery.WindowUpcoming, -time.Hour: delivery.WindowOpen, 0: delivery.WindowOpen,
		time.Hour: delivery.WindowClosed} {
		if got := w.StateAt(noon.Add(after)); got != want {
			t.Errorf("at %s: got %s, want %s", after, got, want)
		}
	}
	if _, refusal := w.Decide(commander, true, nil, noon); refusal == nil || refusal.Reason != delivery.ReasonWindowStillOpen {
		t.Errorf("decided while open: got %v, want WINDOW_STILL_OPEN", refusal)
	}
	if _, refusal := w.Decide(commander, true, new(int64(2)), noon.Add(time.Hour)); refusal == nil || refusal.Reason != delivery.ReasonVersionChanged {
		t.Errorf("another version: got %v, want VERSION_CHANGED", refusal)
	}
	events, refusal := w.Decide(commander, false, new(int64(1)), noon.Add(time.Hour))
	if refusal != nil || len(events) != 3 || events[0].Kind != delivery.WindowWasOpened || events[1].Kind != delivery.WindowWasClosed || !w.CalledOff() {
		t.Fatalf("got %v and %d events, want that it opened, closed and was decided", refusal, len(events))
	}
	if _, refusal := w.Decide(commander, true, nil, noon.Add(time.Hour)); refusal == nil || refusal.Reason != delivery.ReasonWindowDecided {
		t.Errorf("decided twice: got %v, want WINDOW_DECIDED", refusal)
	}
	if events := w.Pass(commander, noon.Add(3*time.Hour)); len(events) > 0 {
		t.Errorf("got %d events of a decided window, want none", len(events))
	}
}

func TestAmend(t *testing.T) {
	t.Parallel()
	household := delivery.Actor{Role: "RESIDENT", Community: community, UUID: home}
	supplier := delivery.Actor{Role: "SUPPLIER", Community: community, UUID: shop}
	for name, test := range map[string]struct {
		by      delivery.Actor
		stage   delivery.Stage
		version int64
		want    delivery.Reason
	}{
		"the household that placed it": {household, "PLACED", 3, delivery.Reason{}},
		"its supplier":                 {supplier, "PLACED", 3, delivery.Reason{}},
		"the commander":                {commander, "PLACED", 3, delivery.ReasonNotYourOrder},
		"another version":              {household, "PLACED", 2, delivery.ReasonVersionChanged},
		"an order on its way":          {household, "DISPATCHED", 3, delivery.ReasonStageChanged},
		"a cancelled order":            {household, "CANCELLED", 3, delivery.ReasonFinalStage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, refusal := standing(test.stage, "APP").Amend(test.by, test.version, 900, 2, delivery.Marks{"COLD"}, noon)
			if test.want == (delivery.Reason{}) {
				if refusal != nil || e.Order.TotalFen != 900 || e.Order.Version != 4 || !e.Order.Marks.Has("COLD") {
					t.Errorf("got %v, want it amended", refusal)
				}
				return
			}
			if refusal == nil || refusal.Reason != test.want {
				t.Errorf("got %v, want %s", refusal, test.want)
			}
		})
	}
}
