package live_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"baogong/e2e/house"
)

// What the people of the estate look at and do. Each looks at the newest state of its stream, does what comes next, and now and then makes a
// mistake or meets one. Several look at the same state, so that calls collide.

// dayDoor is a household and its unit's building.
type dayDoor struct{ id, building string }

// goods are the lines of an order.
func (c *dayClient) goods() []obj {
	return []obj{{"item": []string{"上海青", "大米", "鸡蛋", "牛奶"}[c.rng.IntN(4)], "quantity": 1 + c.rng.IntN(5), "unit": "袋", "unitPriceFen": 100 * (1 + c.rng.IntN(60))}}
}

func (c *dayClient) place(in obj) { c.placed(in) }

func (c *dayClient) placed(in obj) dayAnswer {
	in["lines"], in["externalNumber"] = c.goods(), fmt.Sprint(c.name, "-", c.keys+1)
	return c.call("placeOrder", "order { id }", in)
}

// resident places orders, follows them, says the door code of medicine, and confirms or disputes what was delivered.
func (d *day) resident(name string, home dayDoor) {
	field := []string{"orderEvents", "events"}[len(d.clients)/2%2]
	c := d.newDayClient(name, eventStream(field), stateStream("notices", dayNotice))
	d.evenings = append(d.evenings, func() { c.looks(1, home) })
	said, answered, seen := map[string]bool{}, map[string]bool{}, 0
	d.act(c, func() {
		s := c.streams[0]
		s.mu.Lock()
		news := s.got[seen:]
		seen = len(s.got)
		s.mu.Unlock()
		if d.orderLeft(&d.byResidents) {
			in := obj{"householdId": home.id, "channel": []string{"APP", "APP", "GROUP_BUY"}[c.rng.IntN(3)], "supplierId": d.suppliers[c.rng.IntN(len(d.suppliers))]}
			if c.some(8) {
				in["marks"] = []string{[]string{"MEDICINE", "COLD", "HEAVY"}[c.rng.IntN(3)]}
			}
			c.place(in)
		}
		for _, e := range news {
			if e.Order == nil {
				continue
			}
			id := e.Order.OrderID
			switch {
			case e.Kind == "ORDER_PLACED" && c.some(25):
				c.call("cancelOrder", "moved results { orderId "+dayRefusal+" }", obj{"orders": []obj{{"orderId": id}}, "reason": "HOUSEHOLD_ASKED"})
			case e.Order.Stage == "OUT_FOR_DELIVERY" && !said[id]:
				var got struct{ Order struct{ DoorCode *string } }
				if c.query(`query ($id: ID!) { order(id: $id) { doorCode } }`, obj{"id": id}, &got) && got.Order.DoorCode != nil {
					d.codes.Store(id, *got.Order.DoorCode)
					said[id] = true
				}
			case e.Order.Stage == "DELIVERED" && !answered[id]:
				answered[id] = true
				switch {
				case c.some(12):
					c.call("dispute", "incidentId", obj{"orderId": id, "kind": []string{"SHORT", "NOT_RECEIVED", "DAMAGED"}[c.rng.IntN(3)], "text": "少了一袋"})
				case c.some(20):
					c.call("reportIncidents", "results { "+dayRefusal+" }", obj{"incidents": []obj{{"kind": "COMPLAINT", "subjectId": id, "note": "太晚了"}}})
				case c.some(24):
					c.complain(home)
				case !c.some(5):
					c.call("confirmReceipt", "results { orderId "+dayRefusal+" }", obj{"orderIds": []string{id}})
				}
			}
		}
	})
}

// supplier announces trucks with the orders that no truck brings yet, and says that they are on their way.
func (d *day) supplier(name string) {
	c := d.newDayClient(name, stateStream("arrivals", dayArrival), eventStream("orderEvents"))
	waits := 0
	d.act(c, func() {
		var got struct {
			Orders struct {
				Nodes []struct {
					ID, Stage string
					Arrival   *struct{ State string }
				}
			}
		}
		c.query(`query ($c: ID!) { orders(communityId: $c, filter: {stages: [PLACED, DISPATCHED]}, orderBy: {field: NUMBER, direction: ASC}, first: 60) {
			nodes { id stage arrival { state } } } }`, nil, &got)
		var ids, placed []string
		for _, o := range got.Orders.Nodes {
			if o.Arrival == nil || o.Arrival.State == "RECEIVED" || o.Arrival.State == "CANCELLED" {
				ids = append(ids, o.ID)
				if o.Stage == "PLACED" {
					placed = append(placed, o.ID)
				}
			}
		}
		if waits++; len(ids) == 0 || len(ids) < 10 && waits < 4 {
			return
		}
		waits = 0
		in := obj{"supplierId": d.e.Suppliers[name], "expectedAt": d.e.Clock.Now().Add(time.Duration(1+c.rng.IntN(30)) * time.Minute), "vehicle": "鄂E·12345"}
		var orders []obj
		for _, id := range ids {
			o := obj{"orderId": id}
			if c.some(4) {
				o["bags"] = 1 + c.rng.IntN(3)
			}
			orders = append(orders, o)
		}
		in["orders"] = orders
		a := c.call("announceArrival", "arrival { id } results { orderId "+dayRefusal+" }", in)
		if a.Arrival == nil && len(a.UserErrors) > 0 && a.UserErrors[0].Details != nil && len(a.UserErrors[0].Details.Free) > 0 {
			in["expectedAt"] = a.UserErrors[0].Details.Free[0]
			a = c.call("announceArrival", "arrival { id } results { orderId "+dayRefusal+" }", in)
		}
		if a.Arrival == nil || len(placed) == 0 || !c.pause() {
			return
		}
		if c.some(15) {
			c.call("cancelArrival", "arrival { id }", obj{"arrivalId": a.Arrival.ID})
			return
		}
		c.advance("DISPATCHED", nil, placed...)
	})
}

func (c *dayClient) advance(to string, reason any, ids ...string) dayAnswer {
	in := obj{"to": to, "orders": eachOrder(ids)}
	if reason != nil {
		in["reason"] = reason
	}
	return c.call("advanceOrders", "moved batchId results { orderId moved "+dayRefusal+" }", in)
}

func eachOrder(ids []string) (out []obj) {
	for _, id := range ids {
		out = append(out, obj{"orderId": id})
	}
	return out
}

const dayArrival = `{ id number state slotAt late bagsAnnounced bagsCounted bagsReceived bagsMissing bagsStray bagsDamaged orders ordersReceived ordersSorted version }`

// gateHand checks trucks in, counts their bags, and closes strays.
func (d *day) gateHand(name string) {
	c := d.newDayClient(name, stateStream("arrivals", dayArrival), eventStream("events"))
	d.act(c, func() {
		var trucks []struct {
			ID, State string
			SlotAt    *time.Time
		}
		if !c.state(0, &trucks) {
			return
		}
		for _, i := range c.rng.Perm(len(trucks)) {
			a := trucks[i]
			switch {
			case a.State == "ANNOUNCED" && (a.SlotAt == nil || !d.e.Clock.Now().Before(*a.SlotAt)) && !c.some(4):
				c.call("arrive", "arrival { id }", obj{"arrivalId": a.ID})
			case a.State == "ARRIVED":
				c.receive(a.ID)
			default:
				continue
			}
			return
		}
		if c.some(3) {
			c.closeStrays()
		}
	})
}

// dayBag is an order with what stands on its bags.
type dayBag struct {
	ID     string
	Labels []string
}

// scan reads a bag of the order: the label, or the QR code on it.
func (c *dayClient) scan(o dayBag) string {
	bag := c.rng.IntN(len(o.Labels))
	if c.some(2) {
		return fmt.Sprint(o.ID, "/", bag+1)
	}
	return o.Labels[bag]
}

// receive counts a truck with two buttons: all here, or something is missing.
func (c *dayClient) receive(arrival string) {
	var got struct {
		ArrivalList []struct {
			Announced int
			Order     dayBag
		}
	}
	if !c.query(`query ($a: ID!) { arrivalList(arrivalId: $a) { announced order { id labels } } }`, obj{"a": arrival}, &got) {
		return
	}
	exceptions := []obj{}
	for _, o := range got.ArrivalList {
		switch {
		case c.some(30):
			exceptions = append(exceptions, obj{"orderId": o.Order.ID, "received": 0})
		case c.some(25):
			exceptions = append(exceptions, obj{"label": c.scan(o.Order), "received": max(0, o.Announced-1)})
		case c.some(60):
			exceptions = append(exceptions, obj{"orderId": o.Order.ID, "received": o.Announced, "damaged": 1})
		}
	}
	if c.some(5) {
		c.call("logStrays", "results { stray { id } "+dayRefusal+" }", obj{"communityId": c.d.e.Community, "arrivalId": arrival,
			"strays": []obj{{"label": "E6…", "place": "3 号架"}, {"place": "地上"}}[:1+c.rng.IntN(2)]})
	}
	in := obj{"arrivalId": arrival, "allButListed": true, "complete": true, "orders": exceptions}
	const selection = "arrival { id } moved incidentsOpened waitingIds batchId results { orderId " + dayRefusal + " }"
	if c.some(6) {
		wrong := obj{"arrivalId": arrival, "allButListed": true, "complete": true, "orders": exceptions, "bagsCounted": 999}
		c.call("receiveArrival", selection, wrong)
	}
	if c.some(3) {
		in["settleUntil"] = c.d.e.Clock.Now().Add(10 * time.Minute)
	}
	c.call("receiveArrival", selection, in)
}

// closeStrays gives open strays to orders that miss a bag, to a household, or back.
func (c *dayClient) closeStrays() {
	var got struct {
		Strays    []struct{ ID string }
		Incidents struct {
			Nodes []struct{ Order *struct{ ID string } }
		}
	}
	if !c.query(`query ($c: ID!) { strays(communityId: $c, states: [OPEN]) { id } incidents(communityId: $c, kinds: [MISSING, SHORT], states: [OPEN, TAKEN], first: 20) {
		nodes { order { id } } } }`, nil, &got) || len(got.Strays) == 0 {
		return
	}
	in := obj{"strayId": got.Strays[c.rng.IntN(len(got.Strays))].ID}
	nodes := got.Incidents.Nodes
	switch {
	case len(nodes) > 0 && nodes[0].Order != nil && !c.some(3):
		in["orderId"] = nodes[c.rng.IntN(len(nodes))].Order.ID
	case c.some(2):
		in["householdId"], in["supplierId"] = c.d.doors[c.rng.IntN(len(c.d.doors))].id, c.d.suppliers[0]
	default:
		in["returned"] = true
	}
	c.call("closeStrays", "batchId results { stray { id } "+dayRefusal+" }", obj{"strays": []obj{in}})
}

// sorter scans labels into the bins of their buildings, and now and then into a wrong one.
func (d *day) sorter(name string) {
	c := d.newDayClient(name, stateStream("sortingProgress", daySorting), eventStream("orderEvents"))
	const selection = "sorted batchId results { orderId moved " + dayRefusal + " }"
	d.act(c, func() {
		var now struct {
			Buildings []struct {
				Building         struct{ ID, Code string }
				AtGate, Settling int
			}
		}
		if !c.state(0, &now) {
			return
		}
		for _, i := range c.rng.Perm(len(now.Buildings)) {
			b := now.Buildings[i]
			if b.AtGate <= b.Settling {
				continue
			}
			var got struct{ Orders struct{ Nodes []dayBag } }
			if !c.query(`query ($c: ID!, $b: ID!) { orders(communityId: $c, filter: {stages: [AT_GATE], buildingIds: [$b], held: false}, first: 12) { nodes { id labels } } }`,
				obj{"b": b.Building.ID}, &got) || len(got.Orders.Nodes) == 0 {
				return
			}
			var ids, labels []string
			for _, o := range got.Orders.Nodes {
				ids, labels = append(ids, o.ID), append(labels, c.scan(o))
			}
			if c.some(10) {
				wrong := d.buildings[c.rng.IntN(len(d.buildings))]
				c.call("sortOrders", selection, obj{"binId": d.e.DefaultBin(wrong), "labels": labels[:1]})
			}
			in := obj{"binId": d.e.DefaultBin(b.Building.Code), "labels": labels}
			if c.some(3) {
				delete(in, "labels")
				in["orders"] = eachOrder(ids)
			}
			if a := c.call("sortOrders", selection, in); a.BatchID != "" && c.some(20) && c.pause() {
				c.call("undoMove", "moved results { orderId moved "+dayRefusal+" }", obj{"batchId": a.BatchID})
			}
			return
		}
	})
}

const daySorting = `{ expected atGate sorted settling missing buildings { building { id code } expected atGate sorted settling missing } }`

const dayReady = `{ bin { id building { code } } orders bags heavy cold held }`

// driver takes carts from the bins to the buildings.
func (d *day) driver(name string) {
	c := d.newDayClient(name, stateStream("readyBuildings", dayReady), eventStream("events"))
	const run = "run { id } "
	d.act(c, func() {
		var ready []struct{ Bin struct{ ID string } }
		if !c.state(0, &ready) || len(ready) == 0 {
			return
		}
		var bins []string
		for _, i := range c.rng.Perm(min(len(ready), 6))[:min(len(ready), 3)] {
			bins = append(bins, ready[i].Bin.ID)
		}
		started := c.call("startRun", run, obj{"communityId": d.e.Community, "capacity": 12 + c.rng.IntN(20), "confirmQuietHours": true})
		if started.Run == nil {
			return
		}
		id := started.Run.ID
		loaded := c.call("loadRun", run+"batchId results { subjectId loaded "+dayRefusal+" }", obj{"runId": id, "binIds": bins})
		none := !slices.ContainsFunc(loaded.Results, func(r dayResult) bool { return r.Loaded > 0 })
		if c.pause(); none || c.some(20) {
			c.call("cancelRun", run, obj{"runId": id})
			return
		}
		c.call("departRun", run, obj{"runId": id})
		var at struct {
			Node struct {
				Stops []struct {
					Building   struct{ ID string }
					BagsLoaded int
				}
			}
		}
		c.query(`query ($id: ID!) { node(id: $id) { ... on Run { stops { building { id } bagsLoaded } } } }`, obj{"id": id}, &at)
		for _, stop := range at.Node.Stops {
			c.pause()
			in := obj{"runId": id, "buildingId": stop.Building.ID, "bags": stop.BagsLoaded}
			if c.some(15) {
				in["bags"] = stop.BagsLoaded + 1
			}
			a := c.call("dropAtBuilding", run+"batchId results { left "+dayRefusal+" }", in)
			if len(a.UserErrors) > 0 && a.UserErrors[0].Reason == "LOAD_DIFFERS" && a.UserErrors[0].Details != nil {
				in["bags"] = a.UserErrors[0].Details.Bags
				c.call("dropAtBuilding", run+"batchId results { left "+dayRefusal+" }", in)
			}
		}
		c.call("finishRun", run, obj{"runId": id})
	})
}

const dayRound = `{ round { id doors { orders { id number marks } } } waiting { id number } }`

// volunteer counts what carts leave at its building, takes it up the stairs, hands it over, and orders for households by telephone.
func (d *day) volunteer(name, building string, homes []dayDoor) {
	field := []string{"orderEvents", "events"}[len(d.clients)/2%2]
	c := d.newDayClient(name, stateStream("myRound", dayRound), eventStream(field), stateStream("alerts", dayAlert))
	var once sync.Once
	d.evenings = append(d.evenings, func() {
		if c.some(2) {
			c.tell([]string{d.e.Buildings[building]})
		}
	})
	d.act(c, func() {
		once.Do(c.comes)
		switch {
		case slices.Contains(d.ill, name):
		case len(homes) > 0 && d.orderLeft(&d.byVolunteers):
			home := homes[c.rng.IntN(len(homes))].id
			if c.some(8) {
				c.place(obj{"householdId": home, "channel": "BUY_FOR", "takerId": d.e.Team[name]})
			} else {
				c.place(obj{"householdId": home, "channel": "PHONE", "consentBy": "HOUSEHOLD", "readBack": true, "supplierId": d.suppliers[c.rng.IntN(len(d.suppliers))]})
			}
		case c.some(3):
			c.accept(d.e.Buildings[building])
		case c.some(8):
			c.shop()
		case c.some(7):
			c.settle(2, "FOUND")
		default:
			c.climb()
		}
	})
}

// accept counts what carts left at the building.
func (c *dayClient) accept(building string) {
	var got struct {
		Runs struct {
			Nodes []struct {
				ID    string
				Stops []struct {
					Building               struct{ ID string }
					BagsLeft, BagsAccepted *int
				}
			}
		}
	}
	c.query(`query ($c: ID!) { runs(communityId: $c, first: 20) { nodes { id stops { building { id } bagsLeft bagsAccepted } } } }`, nil, &got)
	for _, r := range got.Runs.Nodes {
		for _, s := range r.Stops {
			if s.Building.ID != building || s.BagsLeft == nil || s.BagsAccepted != nil {
				continue
			}
			bags := *s.BagsLeft
			if c.some(15) {
				bags = max(0, bags-1)
			}
			c.call("acceptDrop", "run { id }", obj{"runId": r.ID, "buildingId": building, "bags": bags})
			return
		}
	}
}

// shop moves on what the volunteer buys for households.
func (c *dayClient) shop() {
	var got struct {
		Orders struct {
			Nodes []struct {
				ID, Stage string
				Taker     *struct{ ID string }
			}
		}
	}
	c.query(`query ($c: ID!) { orders(communityId: $c, filter: {channels: [BUY_FOR], open: true}, first: 20) { nodes { id stage taker { id } } } }`, nil, &got)
	for _, o := range got.Orders.Nodes {
		if o.Taker == nil || o.Taker.ID != c.d.e.Team[c.name] {
			continue
		}
		to := map[string]string{"PLACED": "DISPATCHED", "DISPATCHED": "OUT_FOR_DELIVERY", "AT_BUILDING": "OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY": "DELIVERED"}[o.Stage]
		if to != "" {
			c.advance(to, nil, o.ID)
			return
		}
	}
}

// climb starts a round, hands over at its doors, or ends it.
func (c *dayClient) climb() {
	var mine struct {
		Round *struct {
			ID    string
			Doors []struct {
				Orders []struct {
					ID    string
					Marks []string
				}
			}
		}
		Waiting []struct{ ID string }
	}
	if !c.state(0, &mine) {
		return
	}
	if mine.Round == nil || len(mine.Round.Doors) == 0 && len(mine.Waiting) > 0 {
		if len(mine.Waiting) == 0 {
			return
		}
		var ids []string
		for _, o := range mine.Waiting[:min(8, len(mine.Waiting))] {
			ids = append(ids, o.ID)
		}
		c.call("startRound", "round { id } batchId results { orderId taken "+dayRefusal+" }", obj{"orderIds": ids, "confirmQuietHours": true})
		return
	}
	if len(mine.Round.Doors) == 0 || c.some(25) {
		c.call("endRound", "batchId results { orderId returned "+dayRefusal+" }", obj{"roundId": mine.Round.ID})
		return
	}
	doors := []obj{}
	for _, door := range mine.Round.Doors[:min(3, len(mine.Round.Doors))] {
		in := obj{}
		var ids []string
		for _, o := range door.Orders {
			ids = append(ids, o.ID)
			if code, said := c.d.codes.Load(o.ID); said && (slices.Contains(o.Marks, "MEDICINE") || c.some(3)) {
				in["proof"], in["code"], ids = "CODE", code, []string{o.ID}
				break
			}
		}
		if c.some(12) {
			c.advance("AT_BUILDING", "ABSENT", ids...)
			return
		}
		in["orderIds"] = ids
		doors = append(doors, in)
	}
	c.call("handOver", "batchId results { orderIds delivered "+dayRefusal+" }", obj{"doors": doors})
}

// untilItChanges are the kinds of incidents that people do not resolve: they end with what they are about, or the test looks for them.
var untilItChanges = []string{"LATE", "STRAY", "UNCOVERED", "NO_SHOW", "MONEY", "DOCUMENT_LOST"}

const dayAlert = `{ id number kind state level }`

// settle takes incidents that the stream of alerts shows, and says how they ended.
func (c *dayClient) settle(stream int, how string) {
	var open []struct{ ID, Kind, State string }
	if !c.state(stream, &open) {
		return
	}
	var ids []string
	for _, i := range c.rng.Perm(len(open)) {
		if in := open[i]; len(ids) < 3 && !slices.Contains(untilItChanges, in.Kind) {
			ids = append(ids, in.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	const selection = "results { id " + dayRefusal + " }"
	if a := c.call("takeIncidents", selection, obj{"ids": ids}); a.ok() && c.pause() {
		c.call("resolveIncidents", selection, obj{"ids": ids, "resolution": how})
	}
}

const dayBoard = `{ open held late incidents deliveredToday withoutHolder stages { stage count held late } buildings { building { code } stages { stage count held late } }
	runs { number bags } arrivals { number state } onShift { squad on planned absent } }`

// lead looks after incidents, holds and mistakes; so does the commander, who also sets targets.
func (d *day) lead(name string) {
	c := d.newDayClient(name, stateStream("alerts", dayAlert), eventStream("events"), stateStream("board", dayBoard))
	switch name {
	case "C01":
		d.announce = c.publish
	case "S00":
		d.evenings = append(d.evenings, func() {
			for late := time.Now().Add(house.Timeout); !c.cover(); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(late) {
					d.t.Errorf("no one is given %s", d.illBuilding)
					return
				}
			}
		})
	}
	var once sync.Once
	d.act(c, func() {
		once.Do(func() {
			if name == "C01" {
				c.copies()
				c.call("setTargets", "results { stage set "+dayRefusal+" }", obj{"communityId": d.e.Community, "targets": []obj{{"stage": "SORTED", "minutes": 15}, {"mark": "COLD", "timeOfDay": "11:00"}}})
			}
			if name == "P00" {
				c.copies()
			}
		})
		switch {
		case name == "S00" && !c.cover():
		case c.some(4):
			c.hold()
		case c.some(5):
			c.undo()
		default:
			c.settle(0, []string{"FOUND", "REPLACED", "REFUNDED", "NO_FAULT"}[c.rng.IntN(4)])
		}
	})
}

// hold places a hold that ends by itself, and sometimes ends it before.
func (c *dayClient) hold() {
	subject := c.d.doors[c.rng.IntN(len(c.d.doors))].id
	if c.some(3) {
		subject = c.d.e.Buildings[c.d.buildings[c.rng.IntN(len(c.d.buildings))]]
	}
	a := c.call("placeHold", "results { hold { id } "+dayRefusal+" }", obj{"subjectIds": []string{subject}, "reason": []string{"TESTING", "DISINFECTION"}[c.rng.IntN(2)],
		"until": c.d.e.Clock.Now().Add(time.Duration(5+c.rng.IntN(10)) * time.Minute)})
	if len(a.Results) > 0 && a.Results[0].Hold != nil && c.some(2) && c.pause() {
		c.call("releaseHold", "results { subjectId "+dayRefusal+" }", obj{"holdIds": []string{a.Results[0].Hold.ID}})
	}
}

// undo takes back the last move of some orders.
func (c *dayClient) undo() {
	var got struct {
		Orders struct {
			Nodes []struct {
				ID      string
				Version int
			}
		}
	}
	stage := []string{"AT_GATE", "SORTED", "AT_BUILDING", "DELIVERED"}[c.rng.IntN(4)]
	if !c.query(`query ($c: ID!, $s: Stage!) { orders(communityId: $c, filter: {stages: [$s]}, orderBy: {field: MOVED_AT, direction: DESC}, first: 3) { nodes { id version } } }`, obj{"s": stage}, &got) {
		return
	}
	var orders []obj
	for _, o := range got.Orders.Nodes {
		orders = append(orders, obj{"orderId": o.ID, "expectedVersion": o.Version})
	}
	if len(orders) > 0 {
		c.call("undoMove", "moved results { orderId moved "+dayRefusal+" }", obj{"orders": orders})
	}
}
