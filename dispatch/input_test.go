package dispatch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/hold"
	"baogong/dispatch/order"
	"baogong/dispatch/supplier"
)

func TestPlaceOrderWithBadInput(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	there := e.another()
	taken := orderInput(e)
	taken.ExternalNumber = "MT-1"
	if p := must(e.d.Order.PlaceOrder(t.Context(), e.commander, taken)); p.OrderID == nil {
		t.Fatal(p.UserErrors)
	}
	n := len(e.feed())
	line := func(change func(*order.LineInput)) func(*order.PlaceOrderInput) {
		return func(in *order.PlaceOrderInput) {
			l := &order.LineInput{Item: "米", Quantity: 1, Unit: "袋"}
			change(l)
			in.Lines = append(in.Lines, l)
		}
	}
	taker := e.team["P02"]
	for name, c := range map[string]struct {
		change func(*order.PlaceOrderInput)
		want   string
	}{
		"not a household":           {func(in *order.PlaceOrderInput) { in.HouseholdID = e.units[0] }, "WRONG_KIND at householdId"},
		"no household":              {func(in *order.PlaceOrderInput) { in.HouseholdID.UUID = e.units[0].UUID }, "NO_SUCH at householdId"},
		"another estate's":          {func(in *order.PlaceOrderInput) { in.HouseholdID = there.homes[0] }, "TWO_COMMUNITIES at supplierId"},
		"nowhere":                   {func(in *order.PlaceOrderInput) { in.HouseholdID.Community, in.SupplierID.Community = 0, 0 }, "NO_SUCH at householdId"},
		"an estate that is not":     {func(in *order.PlaceOrderInput) { in.HouseholdID.Community, in.SupplierID.Community = 9999, 9999 }, "NO_SUCH at householdId"},
		"without a supplier":        {func(in *order.PlaceOrderInput) { in.SupplierID = nil }, "NO_SUPPLIER at supplierId"},
		"not a supplier":            {func(in *order.PlaceOrderInput) { in.SupplierID = &taker }, "WRONG_KIND at supplierId"},
		"no supplier":               {func(in *order.PlaceOrderInput) { in.SupplierID.UUID = taker.UUID }, "NO_SUCH at supplierId"},
		"a taker of goods":          {func(in *order.PlaceOrderInput) { in.TakerID = &taker }, "NO_TAKER_HERE at takerId"},
		"an errand without a taker": {func(in *order.PlaceOrderInput) { in.Channel = delivery.ChannelErrand }, "NO_TAKER at takerId"},
		"no volunteer": {func(in *order.PlaceOrderInput) {
			in.Channel, in.TakerID = delivery.ChannelErrand, &delivery.ID{Kind: delivery.KindVolunteer, Community: e.community.Community, UUID: e.units[0].UUID}
		}, "NO_SUCH at takerId"},
		"another estate's taker": {func(in *order.PlaceOrderInput) {
			in.Channel, in.TakerID = delivery.ChannelErrand, new(there.team["P02"])
		}, "TWO_COMMUNITIES at takerId"},
		"no lines":              {func(in *order.PlaceOrderInput) { in.Lines = nil }, "EMPTY_LIST at lines"},
		"too many lines":        {func(in *order.PlaceOrderInput) { in.Lines = slices.Repeat(in.Lines, 101) }, "TOO_MANY at lines"},
		"no item":               {line(func(l *order.LineInput) { l.Item = "\t " }), "MISSING at lines.1.item"},
		"a long item":           {line(func(l *order.LineInput) { l.Item = strings.Repeat("米", 81) }), "TOO_LONG at lines.1.item"},
		"a broken item":         {line(func(l *order.LineInput) { l.Item = "米\xe7" }), "BAD_TEXT at lines.1.item"},
		"an invisible item":     {line(func(l *order.LineInput) { l.Item = "\u200b\u3000\u2060" }), "MISSING at lines.1.item"},
		"an item with a null":   {line(func(l *order.LineInput) { l.Item = "米\x00" }), "BAD_TEXT at lines.1.item"},
		"nothing of it":         {line(func(l *order.LineInput) { l.Quantity = 0 }), "BAD_QUANTITY at lines.1.quantity"},
		"less than nothing":     {line(func(l *order.LineInput) { l.Quantity = -1 }), "BAD_QUANTITY at lines.1.quantity"},
		"too much of it":        {line(func(l *order.LineInput) { l.Quantity = delivery.MaxQuantity + 1 }), "BAD_QUANTITY at lines.1.quantity"},
		"no unit":               {line(func(l *order.LineInput) { l.Unit = "" }), "MISSING at lines.1.unit"},
		"a long unit":           {line(func(l *order.LineInput) { l.Unit = strings.Repeat("x", 17) }), "TOO_LONG at lines.1.unit"},
		"a negative price":      {line(func(l *order.LineInput) { l.UnitPriceFen = -1 }), "OUT_OF_RANGE at lines.1.unitPriceFen"},
		"a price beyond reason": {line(func(l *order.LineInput) { l.UnitPriceFen = delivery.MaxPriceFen + 1 }), "OUT_OF_RANGE at lines.1.unitPriceFen"},
		"a sum beyond reason": {func(in *order.PlaceOrderInput) {
			in.Lines = slices.Repeat([]*order.LineInput{{Item: "金", Quantity: delivery.MaxQuantity, Unit: "克", UnitPriceFen: delivery.MaxPriceFen}}, 100)
		}, "OUT_OF_RANGE at lines"},
		"a long note":               {func(in *order.PlaceOrderInput) { in.Note = long }, "TOO_LONG at note"},
		"a broken note":             {func(in *order.PlaceOrderInput) { in.Note = "\xff" }, "BAD_TEXT at note"},
		"a long number":             {func(in *order.PlaceOrderInput) { in.ExternalNumber = strings.Repeat("1", 81) }, "TOO_LONG at externalNumber"},
		"a number that is there":    {func(in *order.PlaceOrderInput) { in.ExternalNumber = "MT-1" }, "TAKEN at externalNumber"},
		"a number in another form":  {func(in *order.PlaceOrderInput) { in.ExternalNumber = "ｍｔ–1 " }, "TAKEN at externalNumber"},
		"a device in the year 0":    {func(in *order.PlaceOrderInput) { in.DeviceTime = new(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)) }, "BAD_TIME at deviceTime"},
		"a device in the year 2100": {func(in *order.PlaceOrderInput) { in.DeviceTime = new(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)) }, "BAD_TIME at deviceTime"},
	} {
		in := orderInput(e)
		in.SupplierID = new(*in.SupplierID)
		c.change(&in)
		p := must(e.d.Order.PlaceOrder(t.Context(), e.admin, in))
		if got := describe(p.UserErrors); got != c.want || p.OrderID != nil {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := e.since(n); len(got) != 0 {
		t.Errorf("got events %v", got)
	}
	e.place(e.homes[0])
	e.checkNeverLost() // numbers without a gap: what was refused used none up
}

func TestWhoMayPlaceWhat(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	every := "APP PHONE BUY_FOR ERRAND GROUP_BUY PACKAGE"
	for _, c := range []struct {
		who   delivery.Actor
		may   string
		wrong delivery.Code // of the rest
	}{
		{e.admin, every, ""}, {e.commander, every, ""}, {e.lead, every, ""}, {e.actor("T00"), every, ""},
		{e.supply, "PHONE BUY_FOR ERRAND GROUP_BUY PACKAGE", delivery.CodeForbidden}, {e.taker, "PHONE BUY_FOR ERRAND GROUP_BUY PACKAGE", delivery.CodeForbidden},
		{e.duty, "PHONE BUY_FOR ERRAND GROUP_BUY PACKAGE", delivery.CodeForbidden}, {e.resident, "APP GROUP_BUY PACKAGE", delivery.CodeForbidden},
		{e.neighbour, "", delivery.CodeNotFound}, {e.elsewhere, "", delivery.CodeNotFound}, {e.patrol, "", delivery.CodeNotFound}, {e.shop, "", delivery.CodeNotFound},
		{e.another().commander, "", delivery.CodeNotFound},
	} {
		for _, channel := range delivery.Channels {
			in := orderInput(e)
			in.Channel = channel
			if channel.RunByVolunteer() {
				in.TakerID = new(e.team["P02"])
			}
			p := must(e.d.Order.PlaceOrder(t.Context(), c.who, in))
			want := c.wrong
			if slices.Contains(strings.Fields(c.may), string(channel)) {
				want = ""
			}
			if got := codeOf(p.UserErrors); got != want || (p.OrderID != nil) != (want == "") {
				t.Errorf("%s through %s: got %q, want %q", c.who.Name, channel, got, want)
			}
		}
	}
	t.Run("who places an errand takes it", func(t *testing.T) {
		in := orderInput(e)
		in.Channel, in.SupplierID = delivery.ChannelBuyFor, nil
		o := e.row(*must(e.d.Order.PlaceOrder(t.Context(), e.supply, in)).OrderID)
		if *o.TakerUUID != e.supply.UUID || *o.HolderVolunteer != e.supply.UUID || o.SupplierID() != nil || o.PlacedBy().UUID != e.supply.UUID {
			t.Errorf("got %+v", o.OrderSnapshot)
		}
	})
	t.Run("the total is what the lines add up to", func(t *testing.T) {
		in := orderInput(e)
		in.Lines = []*order.LineInput{{Item: "菜", Quantity: 1500, Unit: "斤", UnitPriceFen: 333}, {Item: "盐", Quantity: 1, Unit: "袋", UnitPriceFen: 499}, {Item: "葱", Quantity: 1, Unit: "根", UnitPriceFen: 500}}
		id := *must(e.d.Order.PlaceOrder(t.Context(), e.supply, in)).OrderID
		if got := e.row(id).TotalFen; got != 500+0+1 {
			t.Errorf("got %d fen, want 501", got)
		}
		lines := must(e.db.LinesOfOrders(t.Context(), e.supply.Scope(), []delivery.ID{id}))
		if len(lines) != 3 || lines[0].Quantity != 1500 || lines[1].Quantity != 1 || lines[2].Item != "葱" {
			t.Errorf("got %+v", lines)
		}
	})
	e.checkNeverLost()
}

func TestMovesWithBadInput(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	there := e.another()
	id, other, foreign := e.place(e.homes[0]), e.place(e.homes[0]), there.place(there.homes[0])
	n, m := len(e.feed()), len(there.feed())
	long := strings.Repeat("长", 501)
	for name, c := range map[string]struct {
		ids    []delivery.ID
		note   string
		device *time.Time
		want   string
	}{
		"nothing":             {nil, "", nil, "EMPTY_LIST at orders"},
		"too many":            {slices.Repeat([]delivery.ID{id}, 1001), "", nil, "TOO_MANY at orders"},
		"far too many":        {slices.Repeat([]delivery.ID{id}, 5000), "", nil, "TOO_MANY at orders"},
		"twice":               {[]delivery.ID{id, id}, "", nil, "REPEATED at orders.1.orderId"},
		"a building":          {[]delivery.ID{e.buildings[0]}, "", nil, "WRONG_KIND at orders.0.orderId"},
		"two communities":     {[]delivery.ID{id, foreign}, "", nil, "TWO_COMMUNITIES at orders.1.orderId"},
		"a long note":         {[]delivery.ID{id}, long, nil, "TOO_LONG at note"},
		"a broken note":       {[]delivery.ID{id}, "\xed\xa0\x80", nil, "BAD_TEXT at note"},
		"a bell":              {[]delivery.ID{id}, "\a", nil, "BAD_TEXT at note"},
		"a device in year 0":  {[]delivery.ID{id}, "", new(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)), "BAD_TIME at deviceTime"},
		"a device before 0":   {[]delivery.ID{id}, "", new(time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))), "BAD_TIME at deviceTime"},
		"a device far beyond": {[]delivery.ID{id}, "", new(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)), "BAD_TIME at deviceTime"},
	} {
		var moves []*order.OrderMoveInput
		undos := []*order.OrderUndoInput{}
		for _, id := range c.ids {
			moves = append(moves, &order.OrderMoveInput{OrderID: id})
			undos = append(undos, &order.OrderUndoInput{OrderID: id, ExpectedVersion: 1})
		}
		got := []string{
			describe(must(e.d.Order.AdvanceOrders(t.Context(), e.admin, order.AdvanceOrdersInput{Orders: moves, To: delivery.AtGate, Note: c.note, DeviceTime: c.device})).UserErrors),
			describe(must(e.d.Order.CancelOrder(t.Context(), e.admin, order.CancelOrderInput{Orders: moves, Reason: delivery.MoveDuplicate, Note: c.note, DeviceTime: c.device})).UserErrors),
		}
		if c.device == nil {
			got = append(got, describe(must(e.d.Order.UndoMove(t.Context(), e.admin, order.UndoMoveInput{Orders: undos, Note: c.note})).UserErrors))
		}
		for _, got := range got {
			if got != c.want {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*order.AdvanceOrdersInput)
		want   string
	}{
		"another stage":    {func(in *order.AdvanceOrdersInput) { in.Orders[1].ExpectedStage = new(delivery.Sorted) }, "STAGE_CHANGED at orders.1.expectedStage"},
		"another version":  {func(in *order.AdvanceOrdersInput) { in.Orders[1].ExpectedVersion = new(int64(7)) }, "VERSION_CHANGED at orders.1.expectedVersion"},
		"a jump":           {func(in *order.AdvanceOrdersInput) { in.To = delivery.Delivered }, "ILLEGAL_MOVE at orders.1"},
		"no move":          {func(in *order.AdvanceOrdersInput) { in.To = delivery.Placed }, "STAGE_CHANGED at orders.1"},
		"no reason":        {func(in *order.AdvanceOrdersInput) { in.To = delivery.Cancelled }, "NEEDS_REASON at reason"},
		"a reason not for": {func(in *order.AdvanceOrdersInput) { in.Reason = new(delivery.MoveUnsafe) }, "WRONG_REASON at reason"},
		"no such order":    {func(in *order.AdvanceOrdersInput) { in.Orders[1].OrderID.UUID = e.homes[0].UUID }, "NO_SUCH at orders.1"},
	} {
		in := order.AdvanceOrdersInput{To: delivery.AtGate, Atomic: true,
			Orders: []*order.OrderMoveInput{{OrderID: other}, {OrderID: id}}}
		c.change(&in)
		p := must(e.d.Order.AdvanceOrders(t.Context(), e.admin, in))
		if got := describe(p.Results[1].UserErrors); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	undo := order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: id, ExpectedVersion: 7}}}
	if got, want := describe(must(e.d.Order.UndoMove(t.Context(), e.admin, undo)).Results[0].UserErrors), "VERSION_CHANGED at orders.0.expectedVersion"; got != want {
		t.Errorf("undo of another version: got %q, want %q", got, want)
	}
	for _, nowhere := range []int32{0, 9999} {
		at := delivery.ID{Kind: delivery.KindOrder, Community: nowhere, UUID: id.UUID}
		for _, got := range []*delivery.Error{
			refusal(must(e.d.Order.AdvanceOrders(t.Context(), e.admin, order.AdvanceOrdersInput{Orders: []*order.OrderMoveInput{{OrderID: at}}, To: delivery.AtGate}))),
			refusal(must(e.d.Order.UndoMove(t.Context(), e.admin, order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: at}}}))),
		} {
			if got == nil || got.Reason != delivery.ReasonNoSuch {
				t.Errorf("community %d: got %v", nowhere, got)
			}
		}
	}
	if got := append(e.since(n), there.since(m)...); len(got) != 0 {
		t.Errorf("got events %v", got)
	}
}

// A member of another community sees nothing here, and changes nothing.
func TestStrangers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	there := e.another()
	id := e.at(delivery.AtGate, delivery.ChannelApp)
	n := len(e.feed())
	for _, a := range []delivery.Actor{there.commander, there.lead, there.duty, there.transport, there.supply, there.patrol, there.shop, there.resident} {
		got := map[string][]*delivery.Error{
			"advance": {e.advance(a, id, delivery.Sorted)},
			"undo":    {e.undo(a, id)},
			"cancel":  {refusal(must(e.d.Order.CancelOrder(t.Context(), a, order.CancelOrderInput{Orders: []*order.OrderMoveInput{{OrderID: id}}, Reason: delivery.MoveUnpaid})))},
			"place":   must(e.d.Order.PlaceOrder(t.Context(), a, orderInput(e))).UserErrors,
			"hold":    must(e.d.Hold.PlaceHold(t.Context(), a, hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Reason: delivery.HoldOther})).UserErrors,
			"create": must(e.d.Supplier.CreateSuppliers(t.Context(), a, supplier.CreateSuppliersInput{CommunityID: e.community,
				Suppliers: []*supplier.NewSupplierInput{{Code: "x", Name: "x", Kind: delivery.SupplierShop}}})).UserErrors,
		}
		for verb, refused := range got {
			if len(refused) != 1 || refused[0] == nil || refused[0].Reason != delivery.ReasonNoSuch {
				t.Errorf("%s by %s: got %v, want NO_SUCH", verb, a.Role, refused)
			}
		}
	}
	if got := e.since(n); len(got) != 0 {
		t.Errorf("got events %v", got)
	}
}
