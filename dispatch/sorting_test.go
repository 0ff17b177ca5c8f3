package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/gate"
	"baogong/dispatch/order"
	"baogong/dispatch/sorting"
	"baogong/dispatch/transport"
)

// defaultBin is the default bin of a building.
func (e *house) defaultBin(building int) delivery.ID {
	return delivery.ID{Kind: delivery.KindBin, Community: e.community.Community, UUID: e.buildings[building].UUID}
}

// bin adds a bin to a building, or fails the test.
func (e *house) bin(building int, code string, change ...func(*sorting.NewBinInput)) delivery.ID {
	e.t.Helper()
	in := &sorting.NewBinInput{BuildingID: e.buildings[building], Code: code}
	for _, c := range change {
		c(in)
	}
	return saved(e.t, must(e.d.Sorting.CreateBins(e.t.Context(), e.commander, sorting.CreateBinsInput{CommunityID: e.community, Bins: []*sorting.NewBinInput{in}})).BulkOutcome)[0]
}

// archiveBin archives a bin and returns what refused it, if anything.
func (e *house) archiveBin(bin delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Sorting.UpdateBins(e.t.Context(), e.commander, sorting.UpdateBinsInput{Bins: []*sorting.BinPatchInput{{ID: bin, Archived: new(true)}}}))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	for _, refusal := range p.Items[0].UserErrors {
		return refusal
	}
	return nil
}

// sort puts orders and labels into a bin. It returns the refusals item by item, each as reason and path; "" stands for an item that
// was put there, "=" for one that stood there already.
func (e *house) sort(a delivery.Actor, bin delivery.ID, labels []string, orders ...delivery.ID) []string {
	e.t.Helper()
	in := sorting.SortOrdersInput{BinID: bin, Labels: labels}
	for _, id := range orders {
		in.Orders = append(in.Orders, &sorting.SortItemInput{OrderID: id})
	}
	return sorted(must(e.d.Sorting.SortOrders(e.t.Context(), a, in)))
}

func sorted(p *sorting.SortOrdersPayload) (out []string) {
	if len(p.UserErrors) > 0 {
		return []string{describe(p.UserErrors)}
	}
	for _, r := range p.Results {
		text := describe(r.UserErrors)
		if text == "" && !r.Moved {
			text = "="
		}
		out = append(out, text)
	}
	return out
}

// inBin checks that an order is SORTED and stands in the bin.
func (e *house) inBin(id, bin delivery.ID) {
	e.t.Helper()
	if o := e.row(id); o.Stage != delivery.Sorted || o.BinID() == nil || *o.BinID() != bin {
		e.t.Errorf("got %s in bin %v, want SORTED in %s", o.Stage, o.BinID(), bin)
	}
}

func TestBinsWithBadInput(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	there := e.another()
	ctx := t.Context()
	own := e.bin(0, "E6-冷", func(b *sorting.NewBinInput) { b.Cold, b.UnitID = true, &e.units[0] })
	n := len(e.feed())
	for _, c := range []struct {
		change func(*sorting.NewBinInput)
		want   string
	}{
		{func(b *sorting.NewBinInput) { b.Code = " " }, "MISSING at bins.0.code"},
		{func(b *sorting.NewBinInput) { b.Code = strings.Repeat("x", 33) }, "TOO_LONG at bins.0.code"},
		{func(b *sorting.NewBinInput) { b.Code = "Ｅ６－冷" }, "TAKEN at bins.0.code"},
		{func(b *sorting.NewBinInput) { b.Code = "e6" }, "TAKEN at bins.0.code"}, // the default one
		{func(b *sorting.NewBinInput) { b.BuildingID = there.buildings[0] }, "TWO_COMMUNITIES at bins.0.buildingId"},
		{func(b *sorting.NewBinInput) { b.BuildingID = e.units[0] }, "WRONG_KIND at bins.0.buildingId"},
		{func(b *sorting.NewBinInput) { b.UnitID = &e.units[1] }, "NO_SUCH at bins.0.unitId"},
		{func(b *sorting.NewBinInput) { b.UnitID = &e.buildings[0] }, "WRONG_KIND at bins.0.unitId"},
	} {
		in := &sorting.NewBinInput{BuildingID: e.buildings[0], Code: "X"}
		c.change(in)
		p := must(e.d.Sorting.CreateBins(ctx, e.lead, sorting.CreateBinsInput{CommunityID: e.community, Bins: []*sorting.NewBinInput{in}}))
		expect(t, "a new bin", p.BulkOutcome, c.want)
	}
	for _, c := range []struct {
		patch sorting.BinPatchInput
		want  string
	}{
		{sorting.BinPatchInput{ID: own, Code: new("E6")}, "TAKEN at bins.0.code"},
		{sorting.BinPatchInput{ID: own, ExpectedVersion: new(int64(7))}, "VERSION_CHANGED at bins.0.expectedVersion"},
		{sorting.BinPatchInput{ID: e.defaultBin(0), Cold: new(true)}, "DEFAULT_BIN at bins.0.cold"},
		{sorting.BinPatchInput{ID: e.defaultBin(0), Archived: new(true)}, "DEFAULT_BIN at bins.0.archived"},
		{sorting.BinPatchInput{ID: delivery.ID{Kind: delivery.KindBin, Community: e.community.Community, UUID: e.units[0].UUID}}, "NO_SUCH at bins.0.id"},
		{sorting.BinPatchInput{ID: e.buildings[0]}, "WRONG_KIND at bins.0.id"},
	} {
		p := must(e.d.Sorting.UpdateBins(ctx, e.lead, sorting.UpdateBinsInput{Bins: []*sorting.BinPatchInput{&c.patch}}))
		expect(t, "a bin", p.BulkOutcome, c.want)
	}
	for name, a := range map[string]delivery.Actor{"D01": e.duty, "S01": e.supply, "T00": e.actor("T00"), "a resident": e.resident, "a supplier": e.shop} {
		p := must(e.d.Sorting.UpdateBins(ctx, a, sorting.UpdateBinsInput{Bins: []*sorting.BinPatchInput{{ID: own, Code: new("Y")}}}))
		expect(t, name, p.BulkOutcome, "NOT_YOURS at ")
	}
	if got := len(e.feed()); got != n {
		t.Errorf("got %d events of what was refused", got-n)
	}
	expect(t, "D00", must(e.d.Sorting.UpdateBins(ctx, e.actor("D00"), sorting.UpdateBinsInput{Bins: []*sorting.BinPatchInput{{ID: own, Code: new("Y")}}})).BulkOutcome, "")
	if kinds := e.since(n); !slices.Equal(kinds, []delivery.EventKind{delivery.BinSaved}) {
		t.Errorf("got %v, want BIN_SAVED", kinds)
	}
}

func TestDefaultBinFollowsItsBuilding(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	saved(t, must(e.d.Estate.UpdateBuildings(ctx, e.commander, estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{{ID: e.buildings[0], Code: new("F6")}}})).BulkOutcome)
	bins := must(e.db.BinsByID(ctx, e.commander.Scope(), []delivery.ID{e.defaultBin(0)}))
	if len(bins) != 1 || bins[0].Code != "F6" || bins[0].Version != 2 || !bins[0].Default() {
		t.Errorf("got %+v, want F6 at version 2", bins[0])
	}
}

func TestSortOrders(t *testing.T) {
	t.Parallel()
	t.Run("puts orders from the gate into a bin, by id, number, label and QR code", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		cold := e.bin(0, "冷")
		var ids []delivery.ID
		for range 4 {
			ids = append(ids, e.at(delivery.AtGate, delivery.ChannelApp))
		}
		number := func(i int) string { return delivery.CheckedNumber(e.row(ids[i]).Number) }
		labels := []string{"#" + number(1), "E6-1-1103 · 1234 · 菜伴 1/1 · #" + number(2), e.row(ids[3]).QRText(1), number(1)}
		n := len(e.feed())
		if got, want := e.sort(e.duty, cold, labels, ids[0]), []string{"", "", "", "", ""}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := e.since(n); len(got) != 4 {
			t.Errorf("got %v, want four moves", got)
		}
		for _, id := range ids {
			e.inBin(id, cold)
		}
		if got, want := e.sort(e.backup, cold, labels[:1]), []string{"="}; !slices.Equal(got, want) {
			t.Errorf("again: got %q, want %q", got, want)
		}
		e.checkNeverLost()
	})
	t.Run("moves a sorted order to another bin of its building, and takes its move back from there", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		other := e.bin(0, "B")
		id := e.at(delivery.Sorted, delivery.ChannelApp)
		e.inBin(id, e.defaultBin(0))
		n := len(e.feed())
		if got := e.sort(e.backup, other, nil, id); got[0] != "" {
			t.Fatal(got)
		}
		e.inBin(id, other)
		if got := e.since(n); !slices.Equal(got, []delivery.EventKind{delivery.OrderBinned}) {
			t.Errorf("got %v, want ORDER_BINNED", got)
		}
		e.move(e.transport, id, delivery.AtBuilding)
		if refused := e.undo(e.transport, id); refused != nil {
			t.Fatal(refused)
		}
		e.inBin(id, other)
		e.checkNeverLost()
	})
	t.Run("is taken back to the gate by an undo", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		e.sort(e.duty, e.defaultBin(0), nil, id)
		if refused := e.undo(e.duty, id); refused != nil {
			t.Fatal(refused)
		}
		if o := e.row(id); o.Stage != delivery.AtGate || o.BinUUID != nil {
			t.Errorf("got %s in %v, want AT_GATE in none", o.Stage, o.BinUUID)
		}
	})
	t.Run("comes back to the default bin if its bin was archived meanwhile", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		other := e.bin(0, "B")
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		e.sort(e.duty, other, nil, id)
		if refused := e.archiveBin(other); refused == nil || describe([]*delivery.Error{refused}) != "IN_USE at bins.0.archived" {
			t.Errorf("got %v, want IN_USE", refused)
		}
		e.move(e.transport, id, delivery.AtBuilding)
		if refused := e.archiveBin(other); refused != nil {
			t.Fatal(refused)
		}
		if refused := e.undo(e.transport, id); refused != nil {
			t.Fatal(refused)
		}
		e.inBin(id, e.defaultBin(0))
		if got := e.sort(e.duty, other, nil, id); got[0] != "ARCHIVED at binId" {
			t.Errorf("got %q, want ARCHIVED", got)
		}
		e.checkNeverLost()
	})
	t.Run("comes back to the default bin from a cart too", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		other := e.bin(0, "B")
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		e.sort(e.duty, other, nil, id)
		run := e.start(e.transport, 9)
		e.load(e.transport, run, id)
		if got := e.sort(e.duty, other, nil, id); got[0] != "NOT_HERE at orders.0" {
			t.Errorf("on a cart: got %q, want NOT_HERE", got)
		}
		if refused := e.archiveBin(other); refused != nil {
			t.Fatal(refused)
		}
		must(e.d.Transport.CancelRun(t.Context(), e.transport, transport.CancelRunInput{RunID: run}))
		e.inBin(id, e.defaultBin(0))
		e.checkRuns()
	})
	t.Run("refuses each item on its own and names the right bin", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		ctx := t.Context()
		cold := e.bin(1, "E7-冷", func(b *sorting.NewBinInput) { b.Cold = true })
		wrong := e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[4], Channel: delivery.ChannelApp, Marks: []delivery.Mark{delivery.MarkCold}})
		e.move(e.commander, wrong, delivery.AtGate)
		early, right := e.place(e.homes[0]), e.at(delivery.AtGate, delivery.ChannelApp)
		heldUp := e.at(delivery.AtGate, delivery.ChannelApp)
		until := e.time().Add(time.Hour)
		e.hold(&until, heldUp)
		label := "E7-1-1103 · 1234 · 菜伴 1/1 · #" + delivery.CheckedNumber(e.row(wrong).Number)
		slip := fmt.Sprintf("#%d-%d", e.row(right).Number, 9)
		if delivery.CheckedNumber(e.row(right).Number) == slip[1:] {
			slip = slip[:len(slip)-1] + "8"
		}
		in := sorting.SortOrdersInput{BinID: e.defaultBin(0), Labels: []string{label, slip, "E6-1-1103", "99999"},
			Orders: []*sorting.SortItemInput{{OrderID: wrong}, {OrderID: early}, {OrderID: right, Bags: new(7)}, {OrderID: heldUp}}}
		want := []string{"WRONG_BIN at orders.0", "NOT_HERE at orders.1", "", "HELD at orders.3", "WRONG_BIN at labels.0",
			"WRONG_CHECK_DIGIT at labels.1", "NO_LABEL at labels.2", "NO_SUCH at labels.3"}
		in.Atomic = true
		p := must(e.d.Sorting.SortOrders(ctx, e.duty, in))
		if got := sorted(p); got[2] != "ATOMIC at orders.2" || p.Sorted() != 0 || e.row(right).Stage != delivery.AtGate {
			t.Errorf("atomic: got %q", got)
		}
		in.Atomic = false
		p = must(e.d.Sorting.SortOrders(ctx, e.duty, in))
		if got := sorted(p); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if p.Sorted() != 1 {
			t.Errorf("got %d sorted, want 1", p.Sorted())
		}
		d := p.Results[0].UserErrors[0].Details
		if *d.BuildingID != e.buildings[1] || *d.BinID != cold || d.BinCode != "E7-冷" {
			t.Errorf("got %+v, want the cold bin of E7", d)
		}
		if got, want := p.Results[0].UserErrors[0].Message(delivery.Chinese), "此订单属于 E7 栋，应放入分拣格 E7-冷。"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if d := p.Results[1].UserErrors[0].Details; d.Stage != delivery.Placed {
			t.Errorf("got %+v, want the stage", d)
		}
		if d := p.Results[3].UserErrors[0].Details; d.HeldUntil == nil || !d.HeldUntil.Equal(until) {
			t.Errorf("got %+v, want when the hold ends", d)
		}
		e.checkNeverLost()
	})
	t.Run("refuses a bin of another unit", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		unit := saved(t, must(e.d.Estate.CreateUnits(t.Context(), e.admin, estate.CreateUnitsInput{CommunityID: e.community, Units: []*estate.NewUnitInput{{BuildingID: e.buildings[0], Number: 2, Floors: 9}}})).BulkOutcome)[0]
		second := e.bin(0, "E6-2", func(b *sorting.NewBinInput) { b.UnitID = &unit })
		first := e.bin(0, "E6-1", func(b *sorting.NewBinInput) { b.UnitID = &e.units[0] })
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		p := must(e.d.Sorting.SortOrders(t.Context(), e.duty, sorting.SortOrdersInput{BinID: second, Orders: []*sorting.SortItemInput{{OrderID: id}}}))
		if got := sorted(p); got[0] != "WRONG_BIN at orders.0" || *p.Results[0].UserErrors[0].Details.BinID != first {
			t.Errorf("got %q %+v, want the bin of unit 1", got, p.Results[0].UserErrors[0].Details)
		}
		if got := e.sort(e.duty, first, nil, id); got[0] != "" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("is for the post SORTING", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		there := e.another()
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		for _, c := range []struct {
			who  delivery.Actor
			want string
		}{{e.transport, "NOT_YOUR_MOVE at orders.0"}, {e.taker, "NOT_YOUR_MOVE at orders.0"}, {e.elsewhere, "NO_SUCH at orders.0"}, {e.patrol, "NO_SUCH at orders.0"},
			{e.resident, "NO_SUCH at binId"}, {e.shop, "NO_SUCH at binId"}, {there.commander, "NO_SUCH at binId"}, {delivery.Actor{Role: delivery.RoleLink, Community: e.community.Community, UUID: id.UUID}, "NO_SUCH at binId"},
			{e.backup, ""}, {e.supply, "="}, {e.duty, "="}, {e.lead, "="}, {e.commander, "="}, {e.admin, "="}} {
			if got := e.sort(c.who, e.defaultBin(0), nil, id); got[0] != c.want {
				t.Errorf("%s: got %q, want %q", c.who.Name, got, c.want)
			}
		}
	})
	t.Run("refuses input that is not valid", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		there := e.another()
		id, bin := e.at(delivery.AtGate, delivery.ChannelApp), e.defaultBin(0)
		long := make([]string, delivery.MaxBulk+1)
		for _, c := range []struct {
			in   sorting.SortOrdersInput
			want string
		}{
			{sorting.SortOrdersInput{BinID: bin}, "EMPTY_LIST at orders"},
			{sorting.SortOrdersInput{BinID: bin, Labels: long}, "TOO_MANY at orders"},
			{sorting.SortOrdersInput{BinID: id, Labels: []string{"1"}}, "WRONG_KIND at binId"},
			{sorting.SortOrdersInput{BinID: delivery.ID{Kind: delivery.KindBin, Community: bin.Community, UUID: id.UUID}, Labels: []string{"1"}}, "NO_SUCH at binId"},
			{sorting.SortOrdersInput{BinID: bin, Orders: []*sorting.SortItemInput{{OrderID: id}, {OrderID: id}}}, "REPEATED at orders.1.orderId"},
			{sorting.SortOrdersInput{BinID: bin, Orders: []*sorting.SortItemInput{{OrderID: bin}}}, "WRONG_KIND at orders.0.orderId"},
			{sorting.SortOrdersInput{BinID: bin, Orders: []*sorting.SortItemInput{{OrderID: there.place(there.homes[0])}}}, "TWO_COMMUNITIES at orders.0.orderId"},
			{sorting.SortOrdersInput{BinID: bin, Orders: []*sorting.SortItemInput{{OrderID: id, Bags: new(0)}}}, "OUT_OF_RANGE at orders.0.bags"},
			{sorting.SortOrdersInput{BinID: bin, Orders: []*sorting.SortItemInput{{OrderID: id}}, DeviceTime: &time.Time{}}, "BAD_TIME at deviceTime"},
		} {
			if got := sorted(must(e.d.Sorting.SortOrders(t.Context(), e.duty, c.in))); got[0] != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		}
	})
	t.Run("is idempotent, and what is stored for retries holds no label", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		in := sorting.SortOrdersInput{ClientMutationID: new("k"), BinID: e.defaultBin(0), Labels: []string{"E6-1-1103 · 1234 · 1/1 · #" + delivery.CheckedNumber(e.row(id).Number), "E6-1-1103 · 1234"}}
		for range 2 {
			if got, want := sorted(must(e.d.Sorting.SortOrders(t.Context(), e.duty, in))), []string{"", "NO_LABEL at labels.1"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		stored := strings.Join(e.column(`select cast(outcome as text) from calls where mutation = 'sortOrders'`), "")
		if !strings.Contains(stored, id.String()) || strings.Contains(stored, "1103") {
			t.Errorf("stored %s", stored)
		}
	})
}

// Two phones at one bin: each order is put into one of the bins by one of them, and none moves twice.
func TestTwoPhonesSortAtOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	other := e.bin(0, "B")
	var ids []delivery.ID
	for range 12 {
		ids = append(ids, e.at(delivery.AtGate, delivery.ChannelApp))
	}
	n := len(e.feed())
	var phones []func()
	for i := range 6 {
		bin, list := []delivery.ID{e.defaultBin(0), other}[i%2], slices.Clone(ids)
		if i%3 == 0 {
			slices.Reverse(list)
		}
		phones = append(phones, func() {
			for _, id := range list {
				must(e.d.Sorting.SortOrders(ctx, e.duty, sorting.SortOrdersInput{BinID: bin, Orders: []*sorting.SortItemInput{{OrderID: id}}}))
			}
			must(e.d.Sorting.SortOrders(ctx, e.duty, sorting.SortOrdersInput{BinID: bin, Labels: []string{e.row(list[0]).QRText(1), e.row(list[1]).QRText(1)}}))
		})
	}
	atOnce(phones...)
	moved := 0
	for _, kind := range e.since(n) {
		if kind == delivery.OrderMoved {
			moved++
		}
	}
	if moved != len(ids) {
		t.Errorf("got %d moves of %d orders", moved, len(ids))
	}
	e.checkNeverLost()
}

// No order comes into a bin that is archived at the same instant.
func TestABinIsArchivedWhileOrdersComeIn(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for round := range 8 {
		bin := e.bin(0, fmt.Sprint("B", round))
		id, late := e.at(delivery.AtGate, delivery.ChannelApp), e.at(delivery.AtGate, delivery.ChannelApp)
		atOnce(func() { e.sort(e.duty, bin, nil, id) }, func() { e.sort(e.duty, bin, nil, id, late) }, func() { e.archiveBin(bin) })
	}
	if got := e.column(`select o.id from orders o join bins n on n.community_id = o.community_id and n.id = o.bin_id where n.archived_at is not null`); len(got) > 0 {
		t.Errorf("%d orders stand in archived bins", len(got))
	}
	e.checkNeverLost()
}

// The bags that the caller puts into the bin are those that were counted at the gate, if they were.
func TestSortedBagsAreThoseThatWereCounted(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	counted, uncounted := e.place(e.homes[0]), e.at(delivery.AtGate, delivery.ChannelApp)
	arrival := *must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1],
		Orders: []*gate.AnnouncedOrderInput{{OrderID: counted, Bags: new(3)}}})).ArrivalID
	must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: arrival, Complete: true, Orders: []*gate.ReceivedInput{{OrderID: &counted, Received: 2}}}))
	sort := func(a delivery.Actor, id delivery.ID, bags int) *sorting.SortResult {
		return must(e.d.Sorting.SortOrders(t.Context(), a, sorting.SortOrdersInput{BinID: e.defaultBin(0), Orders: []*sorting.SortItemInput{{OrderID: id, Bags: &bags}}})).Results[0]
	}
	for _, bags := range []int{1, 3} {
		r := sort(e.duty, counted, bags)
		if got := describe(r.UserErrors); got != "BAGS_DIFFER at orders.0.bags" || r.Moved || r.UserErrors[0].Details.BagsIn != 2 {
			t.Errorf("%d of 2 bags: got %q, %+v", bags, got, r)
		}
	}
	if got := describe(sort(e.elsewhere, counted, 1).UserErrors); got != "NO_SUCH at orders.0" {
		t.Errorf("by a volunteer of another building: got %q", got)
	}
	for id, bags := range map[delivery.ID]int{counted: 2, uncounted: 5} {
		if r := sort(e.duty, id, bags); !r.Moved {
			t.Errorf("%d bags: got %q, want it sorted", bags, describe(r.UserErrors))
		}
	}
}
