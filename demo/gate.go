package demo

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/gate"
)

// The gate of the estate. What goes wrong there is a little more often than in a good week, so that a visitor sees it.
const (
	unload   = 10 * time.Minute // from the truck's arrival until its bags are counted
	settling = 20 * time.Minute // of the goods of the morning's first truck, after disinfection
	search   = 25 * time.Minute // until the order of a stray is found
	awaited  = 2 * time.Hour    // after which an order that was on its way is announced again: its truck came without it

	oneLost    = 90  // of so many orders, one comes without any of its bags
	oneShort   = 60  // or without one of them
	oneDamaged = 120 // or damaged
	oneSurplus = 150 // or in one bag more than was announced
)

// leave sends a supplier's truck: the orders that wait, and those that an earlier truck did not bring. Unless it comes unannounced, the
// supplier announces it.
func (e *Simulation) leave(ctx context.Context, a delivery.Actor, t truck) error {
	of := db.OrderFilter{Suppliers: []delivery.UUID{a.UUID}, Channels: trucked}
	orders, err := e.waiting(ctx, delivery.Placed, 0, delivery.MaxBulk, of)
	if err != nil {
		return err
	}
	orders = e.decided(orders)
	if err := e.advance(ctx, a, orders, delivery.Dispatched, ""); err != nil || t.unannounced {
		return err
	}
	left, err := e.waiting(ctx, delivery.Dispatched, awaited, delivery.MaxBulk-len(orders), of)
	if err != nil || len(orders)+len(left) == 0 {
		return err
	}
	expected := e.Clock.Now().Add(drive)
	in := gate.AnnounceArrivalInput{SupplierID: *a.Ref().ID(), ExpectedAt: &expected, Vehicle: plate(e), DriverPhone: phone(e.random)}
	for _, o := range slices.Concat(orders, left) {
		in.Orders = append(in.Orders, e.packed(o, a))
	}
	p, err := e.Verbs.Gate.AnnounceArrival(ctx, a, in)
	if err == nil && len(p.UserErrors) > 0 && p.UserErrors[0].Details != nil && len(p.UserErrors[0].Details.Free) > 0 { // all docks are taken: a little later
		in.ExpectedAt = &p.UserErrors[0].Details.Free[0]
		p, err = e.Verbs.Gate.AnnounceArrival(ctx, a, in)
	}
	if err == nil {
		e.report.Refused += len(p.UserErrors)
	}
	return err
}

// packed says in how many bags an order comes, and what handling they need.
func (e *Simulation) packed(o *delivery.Order, a delivery.Actor) *gate.AnnouncedOrderInput {
	out := &gate.AnnouncedOrderInput{OrderID: o.ID()}
	if o.BagCount > 1 || len(o.Marks) > 0 { // packed before
		return out
	}
	out.Bags, out.Marks = new(1+e.random.IntN(3)), []delivery.Mark{}
	switch {
	case a.UUID == e.suppliers[pharmacy].UUID:
		out.Bags, out.Marks = new(1), []delivery.Mark{delivery.MarkMedicine}
	case e.random.IntN(4) == 0:
		out.Marks = []delivery.Mark{delivery.MarkCold}
	case e.random.IntN(8) == 0:
		out.Marks = []delivery.Mark{delivery.MarkHeavy}
	}
	return out
}

// plate draws the number plate of a truck.
func plate(e *Simulation) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
	out := []byte("-----")
	for i := range out {
		out[i] = letters[e.random.IntN(len(letters))]
	}
	return "鄂E·" + string(out)
}

// arrive checks a supplier's trucks in, and has their bags counted a little later. Without an announced truck, what is on its way came
// unannounced.
func (e *Simulation) arrive(ctx context.Context, a delivery.Actor, t truck, agenda *agenda) error {
	duty := e.hand(delivery.SquadDuty)
	now := e.Clock.Now()
	rows, err := e.DB.Arrivals(ctx, e.commander.Scope(), e.community.Community, now, now.Add(24*time.Hour), true)
	if err != nil {
		return err
	}
	var here []delivery.ID
	for _, row := range rows {
		if row.SupplierUUID != a.UUID || row.State != delivery.ArrivalAnnounced {
			continue
		}
		p, err := e.Verbs.Gate.Arrive(ctx, duty, gate.ArriveInput{ArrivalID: row.ID()})
		if err != nil {
			return err
		}
		if p.ArrivalID != nil {
			here = append(here, *p.ArrivalID)
		}
	}
	if len(here) == 0 {
		orders, err := e.waiting(ctx, delivery.Dispatched, drive/2, delivery.MaxBulk, db.OrderFilter{Suppliers: []delivery.UUID{a.UUID}, Channels: trucked})
		if err != nil || len(orders) == 0 {
			return err
		}
		in := gate.AnnounceArrivalInput{SupplierID: *a.Ref().ID(), Vehicle: plate(e)}
		for _, o := range orders {
			in.Orders = append(in.Orders, e.packed(o, a))
		}
		p, err := e.Verbs.Gate.AnnounceArrival(ctx, duty, in)
		if err != nil || p.ArrivalID == nil {
			return err
		}
		here = append(here, *p.ArrivalID)
	}
	for _, id := range here {
		agenda.add(now.Add(unload/2), func(ctx context.Context) error { return e.unloadHalf(ctx, id) })
		agenda.add(now.Add(unload), func(ctx context.Context) error { return e.receive(ctx, id, t.settles, agenda) })
	}
	return nil
}

// unloadHalf sends the counts of the first half of a truck while the rest is unloaded.
func (e *Simulation) unloadHalf(ctx context.Context, id delivery.ID) error {
	duty := e.hand(delivery.SquadDuty)
	list, err := e.DB.OrdersOfArrivals(ctx, duty.Scope(), []delivery.ID{id})
	if err != nil || len(list) < 2 {
		return err
	}
	in := gate.ReceiveArrivalInput{ArrivalID: id}
	for _, o := range list[:len(list)/2] {
		order := o.OrderID()
		in.Orders = append(in.Orders, &gate.ReceivedInput{OrderID: &order, Received: o.Announced})
	}
	p, err := e.Verbs.Gate.ReceiveArrival(ctx, duty, in)
	if err != nil {
		return err
	}
	e.counting++
	e.report.Refused += len(p.UserErrors)
	return nil
}

// resume counts the trucks that an earlier run of the demonstration left at the gate, and sends back the strays that it kept.
func (e *Simulation) resume(ctx context.Context) error {
	now := e.Clock.Now()
	rows, err := e.DB.Arrivals(ctx, e.commander.Scope(), e.community.Community, now, now.Add(24*time.Hour), true)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.State == delivery.ArrivalArrived {
			e.agenda.add(now.Add(unload/2), func(ctx context.Context) error { return e.receive(ctx, row.ID(), false, e.agenda) })
		}
	}
	strays, err := e.DB.Strays(ctx, e.commander.Scope(), e.community.Community, []delivery.StrayState{delivery.StrayOpen})
	if err != nil {
		return err
	}
	for _, s := range strays {
		e.agenda.add(now.Add(search), func(ctx context.Context) error {
			return e.closeStray(ctx, &gate.CloseStrayInput{StrayID: s.ID(), Returned: new(true)})
		})
	}
	return nil
}

// receive counts a truck: all but a few orders come as announced. Some of the bags that are missing are there, and cannot be read.
func (e *Simulation) receive(ctx context.Context, id delivery.ID, settles bool, a *agenda) error {
	duty := e.hand(delivery.SquadDuty)
	e.counting = max(0, e.counting-1)
	list, err := e.DB.OrdersOfArrivals(ctx, duty.Scope(), []delivery.ID{id})
	if err != nil {
		return err
	}
	in := gate.ReceiveArrivalInput{ArrivalID: id, AllButListed: true, Complete: true}
	if settles {
		in.SettleUntil = new(e.Clock.Now().Add(settling))
	}
	strays := gate.LogStraysInput{CommunityID: e.community, ArrivalID: &id}
	var owners []delivery.ID
	for _, o := range list {
		came, damaged := o.Announced, 0
		switch {
		case e.random.IntN(oneLost) == 0:
			came = 0
		case o.Announced > 1 && e.random.IntN(oneShort) == 0:
			came--
		case e.random.IntN(oneDamaged) == 0:
			damaged = 1
		case e.random.IntN(oneSurplus) == 0:
			came++
		default:
			continue
		}
		if came < o.Announced && e.random.IntN(2) == 0 {
			strays.Strays = append(strays.Strays, &gate.StrayInput{Label: pick(e.random, []string{"", "标签破损", "E?-1-…"}), Place: pick(e.random, []string{"1 号架", "2 号架", "3 号架"})})
			owners = append(owners, o.OrderID())
		}
		order := o.OrderID()
		in.Orders = append(in.Orders, &gate.ReceivedInput{OrderID: &order, Received: came, Damaged: damaged})
	}
	if len(strays.Strays) > 0 {
		p, err := e.Verbs.Gate.LogStrays(ctx, duty, strays)
		if err != nil {
			return err
		}
		for i, r := range p.Results {
			if stray := r.StrayID; stray != nil {
				a.add(e.Clock.Now().Add(search), func(ctx context.Context) error { return e.find(ctx, *stray, owners[i]) })
			}
		}
	}
	p, err := e.Verbs.Gate.ReceiveArrival(ctx, duty, in)
	if err != nil {
		return err
	}
	delete(e.empty, delivery.AtGate)
	e.report.Moves += p.Moved
	e.report.Refused += len(p.UserErrors)
	return nil
}

// find says which order a stray belongs to; now and then it goes back to its supplier.
func (e *Simulation) find(ctx context.Context, stray, owner delivery.ID) error {
	end := &gate.CloseStrayInput{StrayID: stray, OrderID: &owner}
	if e.random.IntN(6) == 0 {
		end = &gate.CloseStrayInput{StrayID: stray, Returned: new(true)}
	}
	return e.closeStray(ctx, end)
}

func (e *Simulation) closeStray(ctx context.Context, end *gate.CloseStrayInput) error {
	p, err := e.Verbs.Gate.CloseStrays(ctx, e.hand(delivery.SquadDuty), gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{end}})
	if err == nil {
		e.report.Refused += len(p.UserErrors)
	}
	return err
}
