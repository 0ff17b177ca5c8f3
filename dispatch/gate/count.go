package gate

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of counting.
var (
	reasonNotInArrival = delivery.NewReason("NOT_IN_ARRIVAL", delivery.CodeConflict,
		"This order is not in this arrival.",
		"该订单不在此次到货中。")
	reasonCountDiffers = delivery.NewReason("COUNT_DIFFERS", delivery.CodeConflict,
		"%d bags were counted, but the orders and strays of this arrival are %d: correct the counts, or log the other bags as strays.",
		"清点总数为 %d 件，而订单与无主件合计 %d 件：请更正，或把多出的登记为无主件。")
	reasonCancelledGoods = delivery.NewReason("CANCELLED_GOODS", delivery.CodeConflict,
		"This order is cancelled: log its bags as strays, and return them.",
		"该订单已取消：请把货物登记为无主件并退回。")
)

// count is an arrival that is being counted, all of it locked.
type count struct {
	arrival *delivery.Arrival
	actor   delivery.Actor
	at      time.Time
	named   []delivery.UUID                           // the order of each item of the input, "" if it names none
	refused []*delivery.Error                         // why an item names none
	rows    map[delivery.UUID]*delivery.ArrivalOrder  // by order
	orders  map[delivery.UUID]*delivery.OrderSnapshot // those of the arrival, if the count is to be complete, and those that are named
	taken   map[delivery.UUID]int64                   // open arrivals of the orders that are named
	strays  int

	listed  map[delivery.UUID]bool
	changed []*delivery.ArrivalOrder // rows whose count changes
}

// read locks the orders and reads what the count is judged on.
func (n *count) read(ctx context.Context, t *db.Tx, in *ReceiveArrivalInput) (err error) {
	community := n.arrival.CommunityID
	rows, err := t.OrdersOfArrival(ctx, community, n.arrival.UUID)
	if err != nil {
		return err
	}
	n.rows, n.listed = make(map[delivery.UUID]*delivery.ArrivalOrder, len(rows)), map[delivery.UUID]bool{}
	if n.named, n.refused, err = ordersNamed(ctx, t, community, in.Orders, func(o *ReceivedInput) (*delivery.ID, *string) { return o.OrderID, o.Label }); err != nil {
		return err
	}
	ids := slices.DeleteFunc(slices.Clone(n.named), func(id delivery.UUID) bool { return id == "" })
	strangers := false
	for _, r := range rows {
		n.rows[r.OrderUUID] = r
		if in.Complete {
			ids = append(ids, r.OrderUUID)
		}
	}
	for _, id := range n.named {
		strangers = strangers || (id != "" && n.rows[id] == nil)
	}
	if n.orders, err = lockOrders(ctx, t, n.actor, community, ids); err != nil {
		return err
	}
	if strangers {
		if n.taken, err = t.OpenArrivalsOf(ctx, community, ids); err != nil {
			return err
		}
	}
	n.strays, err = t.StraysOfArrival(ctx, community, n.arrival.UUID)
	return err
}

// list judges the items of the input. It reports whether any was refused.
func (n *count) list(in *ReceiveArrivalInput, out *ReceiveArrivalPayload) (refused bool) {
	for i, item := range in.Orders {
		result := &ArrivalOrderResult{OrderID: item.OrderID}
		out.Results = append(out.Results, result)
		o := n.orders[n.named[i]]
		refusal := n.refused[i]
		if refusal == nil {
			refusal = n.judge(o, item)
		}
		if o != nil {
			id := o.OrderID()
			result.OrderID = &id
			n.listed[o.UUID] = true
		}
		if refusal != nil {
			refused = true
			result.Refuse("orders", i, refusal)
			continue
		}
		row := n.rows[o.UUID]
		if row == nil {
			row = &delivery.ArrivalOrder{CommunityID: o.CommunityID, ArrivalUUID: n.arrival.UUID, OrderUUID: o.UUID, Open: true}
			n.rows[o.UUID] = row
			n.arrival.Orders++
		}
		row.Counted, row.Damaged = &item.Received, item.Damaged
		n.changed = append(n.changed, row)
		result.Bags = &item.Received
	}
	return refused
}

func (n *count) judge(o *delivery.OrderSnapshot, item *ReceivedInput) *delivery.Error {
	switch {
	case o == nil:
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String())
	case n.listed[o.UUID]:
		return delivery.Refuse(dispatch.ReasonRepeated)
	}
	if refusal := dispatch.First(dispatch.Within("received", item.Received, 0, delivery.MaxBags-o.BagsIn), dispatch.Within("damaged", item.Damaged, 0, item.Received)); refusal != nil {
		return refusal
	}
	if item.Received > 0 && o.Stage == delivery.Cancelled {
		return delivery.Refuse(reasonCancelledGoods).With(o.Where())
	}
	if n.rows[o.UUID] != nil {
		return nil
	}
	// It was on the truck although it was not announced.
	if number, taken := n.taken[o.UUID]; taken {
		return delivery.Refuse(reasonInArrival, number)
	}
	if item.Received == 0 {
		return delivery.Refuse(reasonNotInArrival)
	}
	_, _, refusal := o.Announce(n.arrival.SupplierUUID, nil, nil)
	return refusal
}

// countRest counts the orders that the call does not list, and that were not counted before, as announced.
func (n *count) countRest() {
	for id, row := range n.rows {
		o := n.orders[id]
		if n.listed[id] || row.Counted != nil || (o != nil && o.Stage == delivery.Cancelled) {
			continue
		}
		row.Counted = new(row.Announced)
		n.changed = append(n.changed, row)
	}
}

// checkTotal refuses a total that is not what the orders and strays add up to.
func (n *count) checkTotal(counted *int) *delivery.Error {
	if total := n.total(); counted != nil && *counted != total {
		return delivery.Refuse(reasonCountDiffers, *counted, total).At("bagsCounted").With(delivery.Details{Bags: total})
	}
	return nil
}

// checkBags refuses to complete a count by which an order has more bags than one can have: others were counted in meanwhile, as strays.
func (n *count) checkBags() *delivery.Error {
	for _, id := range sortedKeys(n.rows) {
		if row, o := n.rows[id], n.orders[id]; row.Counted != nil && o != nil && o.BagsIn+*row.Counted > delivery.MaxBags {
			return delivery.Refuse(dispatch.ReasonOutOfRange, 0, delivery.MaxBags-o.BagsIn).At("orders").With(delivery.Details{ConflictingID: new(o.OrderID())})
		}
	}
	return nil
}

func (n *count) total() int {
	total := n.strays
	for _, row := range n.rows {
		if row.Counted != nil {
			total += *row.Counted
		}
	}
	return total
}

// arrive checks the truck in, unless it is checked in already.
func (n *count) arrive() []*delivery.Event {
	if n.arrival.State != delivery.ArrivalAnnounced {
		return nil
	}
	e, _ := n.arrival.Arrive(n.actor, n.at)
	return []*delivery.Event{e}
}

// save writes counts, after which the count goes on.
func (n *count) save(ctx context.Context, t *db.Tx) error {
	arrived := n.arrive()
	n.sum()
	e := n.arrival.Counted(n.actor, n.at)
	if err := t.SaveArrivalOrders(ctx, n.arrival.CommunityID, n.arrival.UUID, n.changed); err != nil {
		return err
	}
	if err := t.SaveArrivals(ctx, []*delivery.Arrival{n.arrival}); err != nil {
		return err
	}
	late, err := resolveLate(ctx, t, n.actor, n.arrival)
	if err != nil {
		return err
	}
	return t.Append(ctx, n.arrival.CommunityID, slices.Concat(arrived, late, []*delivery.Event{e}))
}

// sum fills in the arrival's sums.
func (n *count) sum() {
	a := n.arrival
	a.ArrivalSums = delivery.ArrivalSums{BagsStray: n.strays, Orders: len(n.rows)}
	for _, row := range n.rows {
		if row.Counted == nil {
			continue
		}
		a.BagsReceived += *row.Counted
		a.BagsMissing += max(0, row.Announced-*row.Counted)
		a.BagsDamaged += row.Damaged
		if *row.Counted > 0 {
			a.OrdersReceived++
		}
	}
}

// complete closes the count.
func (n *count) complete(ctx context.Context, t *db.Tx, settle *time.Time, out *ReceiveArrivalPayload) error {
	if err := t.Decided(); err != nil {
		return err
	}
	community := n.arrival.CommunityID
	surroundings, err := n.surroundings(ctx, t)
	if err != nil {
		return err
	}
	events := n.arrive()
	var dropped []delivery.UUID
	for id, row := range n.rows {
		if row.Counted == nil {
			row.Counted = new(0)
		}
		if *row.Counted == 0 && n.orders[id].Stage == delivery.Cancelled { // since it was announced
			dropped = append(dropped, id)
			n.arrival.BagsAnnounced -= row.Announced
			delete(n.rows, id)
		}
	}
	n.sum()
	rows := make([]*delivery.ArrivalOrder, 0, len(n.rows))
	for _, id := range sortedKeys(n.rows) {
		row := n.rows[id]
		row.Received, row.Open = row.Counted, false
		rows = append(rows, row)
	}
	received := n.arrival.Receive(n.actor, n.total(), settle, n.at)
	hold := n.hold(settle)
	b := &brought{}
	for _, row := range rows {
		if err := n.bring(row, surroundings, hold, b, out); err != nil {
			return err
		}
	}
	if err := t.SaveArrivalOrders(ctx, community, n.arrival.UUID, rows); err != nil {
		return err
	}
	if err := t.DropArrivalOrders(ctx, community, n.arrival.UUID, dropped); err != nil {
		return err
	}
	if err := t.SaveArrivals(ctx, []*delivery.Arrival{n.arrival}); err != nil {
		return err
	}
	if b.held {
		if err := t.InsertHolds(ctx, []*delivery.Hold{hold}); err != nil {
			return err
		}
	}
	late, err := resolveLate(ctx, t, n.actor, n.arrival)
	if err != nil {
		return err
	}
	trouble, opened, err := b.trouble(ctx, t, n.actor, community, n.at)
	if err != nil {
		return err
	}
	out.IncidentsOpened = opened
	return dispatch.Record(ctx, t, community, slices.Concat(events, late, []*delivery.Event{received}, b.events, trouble))
}

// hold returns the hold that lets the goods settle, nil if they need not.
func (n *count) hold(settle *time.Time) *delivery.Hold {
	if settle == nil {
		return nil
	}
	h := newHold(n.actor, n.arrival.CommunityID, *settle, n.at)
	h.ArrivalUUID = &n.arrival.UUID
	return h
}

// bring counts an order's bags in, moves the order to the gate if it is not there yet, and lets it settle.
func (n *count) bring(row *delivery.ArrivalOrder, s *dispatch.Surroundings, hold *delivery.Hold, b *brought, out *ReceiveArrivalPayload) error {
	o := n.orders[row.OrderUUID]
	next, moved, waits, err := b.countIn(n.actor, o, *row.Received, &n.arrival.UUID, s, n.at)
	if err != nil {
		return err
	}
	if moved {
		out.Moved++
	}
	if waits {
		out.WaitingIds = append(out.WaitingIds, next.OrderID())
	}
	if hold != nil && *row.Received > 0 && next.Stage == delivery.AtGate {
		row.Held, b.held = true, true
		b.events = append(b.events, next.StartHold(n.actor, hold, n.at))
	}
	b.missing(next)
	if row.Damaged > 0 {
		b.opens(delivery.IncidentDamaged, next, row.Damaged)
	}
	return nil
}

// surroundings reads the roster, and the holds on the orders that are held.
func (n *count) surroundings(ctx context.Context, t *db.Tx) (*dispatch.Surroundings, error) {
	orders := make([]*delivery.OrderSnapshot, 0, len(n.orders))
	for _, id := range sortedKeys(n.orders) {
		orders = append(orders, n.orders[id])
	}
	return dispatch.SurroundingsOf(ctx, t, n.arrival.CommunityID, orders)
}
