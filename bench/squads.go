package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"baogong/delivery"
	"baogong/dispatch/gate"
	"baogong/dispatch/incident"
	"baogong/dispatch/order"
	"baogong/dispatch/round"
	"baogong/dispatch/verbs"
)

// The morning of which the squads' states are measured.
const (
	squadOrders    = 1200 // a quarter each on the road, at the gate, in bins and at the buildings
	squadTrucks    = 20
	squadIncidents = 60
)

// squadStates are the states of the squads, as their pages ask for them.
var squadStates = []struct{ actor, name, selection string }{
	{"C01", "arrivals", "number state slotAt bagsAnnounced bagsReceived bagsMissing orders ordersReceived ordersSorted"},
	{"C01", "sortingProgress", "expected atGate sorted settling missing buildings { building { code } expected atGate sorted settling missing }"},
	{"C01", "readyBuildings", "bin { code building { code } } orders bags heavy cold oldestSince held"},
	{"S1", "myRound", "round { number doors { address floor bags orders { number } } } waiting { number address bags }"},
	{"C01", "alerts", "number kind severity level state bags order { number }"},
}

// squads measures what one state of each squad costs, its reading included, beside one board.
func squads(ctx context.Context, b *bench) ([]Figure, error) {
	e, err := b.morning(ctx)
	if err != nil {
		return nil, err
	}
	s, err := b.server(ctx, b.DSN, []string{"--cost", "1000000000", "--cost-burst", "1000000000"})
	if err != nil {
		return nil, err
	}
	defer b.endAll()
	c, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	state := func(actor, name, selection string) (float64, error) {
		got, _, err := b.bill(ctx, s, c, actor+"@"+e.code, fmt.Sprintf("subscription{%s(communityId:%q){%s}}", name, e.id.String(), selection), 1)
		return got.cost, err
	}
	boards, costs := []float64{}, make([][]float64, len(squadStates))
	b.progress.expect(b.Rounds)
	for range b.Rounds {
		one, err := state("C01", "board", "feedCursor open held withoutHolder deliveredToday stages { stage count oldestSince } buildings { building { code } open stages { stage count } }")
		if err != nil {
			return nil, err
		}
		boards = append(boards, one)
		for i, q := range squadStates {
			one, err := state(q.actor, q.name, q.selection)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.name, err)
			}
			costs[i] = append(costs[i], one)
		}
		b.progress.step()
	}
	var out []Figure
	for i, q := range squadStates {
		what := "… " + q.name
		if i == 0 {
			what = fmt.Sprintf("one state of a squad, with %s orders, %d trucks and %d incidents: %s", grouped(int64(len(e.orders))), squadTrucks, squadIncidents, q.name)
		}
		out = append(out, figure(what, "µs CPU", Goal{MaxRatio: 1}, costs[i], "one state of board", boards))
	}
	return out, nil
}

// morning is an estate in the middle of a working morning.
func (b *bench) morning(ctx context.Context) (*scene, error) {
	e, err := b.estate(ctx, plan{code: "squads", buildings: 26, households: 520})
	if err != nil {
		return nil, err
	}
	d, n := b.founder, b.scaled(squadOrders, leastOrders)
	for _, way := range [][]delivery.Stage{{delivery.Dispatched}, {delivery.AtGate}, {delivery.AtGate, delivery.Sorted}, {delivery.AtGate, delivery.Sorted, delivery.AtBuilding}} {
		if err := e.bring(ctx, d, n/4, way...); err != nil {
			return nil, err
		}
	}
	at := time.Now()
	for i, some := range slices.Collect(chunks(e.orders[:n/4], max(n/4/squadTrucks, 1))) {
		expected := at.Add(time.Duration(i/2+1) * delivery.SlotLength)
		in := gate.AnnounceArrivalInput{SupplierID: e.supplier, ExpectedAt: &expected}
		for _, o := range some {
			in.Orders = append(in.Orders, &gate.AnnouncedOrderInput{OrderID: o.id})
		}
		p, err := d.Gate.AnnounceArrival(ctx, e.commander, in)
		if err != nil || len(p.UserErrors) > 0 {
			return nil, fmt.Errorf("announce a truck: %v, %w", p, err)
		}
	}
	var report incident.ReportIncidentsInput
	for _, o := range e.orders[n/4 : n/4+min(squadIncidents, n/4)] {
		id := o.id
		report.Incidents = append(report.Incidents, &incident.IncidentInput{Kind: delivery.IncidentDamaged, SubjectID: id, Severity: delivery.SeverityNormal})
	}
	if _, err := d.Incident.ReportIncidents(ctx, e.commander, report); err != nil {
		return nil, err
	}
	volunteer, err := b.db.UnscopedActorNamed(ctx, "S1", e.code)
	if err != nil {
		return nil, err
	}
	var climb round.StartRoundInput
	for _, o := range e.orders[n/4*3:] {
		if o.building == 0 && len(climb.OrderIds) < max(n/4/26/2, 1) {
			climb.OrderIds = append(climb.OrderIds, o.id)
		}
	}
	climb.ConfirmQuietHours = true
	_, err = d.Round.StartRound(ctx, volunteer, climb)
	return e, err
}

// bring places further orders and brings them through the stages.
func (e *scene) bring(ctx context.Context, d *verbs.All, n int, stages ...delivery.Stage) error {
	fresh := make([]*parcel, n)
	for i := range fresh {
		h := e.homes[i%len(e.homes)]
		p, err := d.Order.PlaceOrder(ctx, e.commander, order.PlaceOrderInput{HouseholdID: h.ID(), Channel: delivery.ChannelApp, SupplierID: &e.supplier,
			Lines: []*order.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}})
		if err != nil {
			return err
		}
		if len(p.UserErrors) > 0 {
			return p.UserErrors[0]
		}
		fresh[i] = &parcel{id: *p.OrderID, home: h, building: i % len(e.homes) % len(e.buildings), version: 1}
	}
	for _, stage := range stages {
		if err := e.advance(ctx, d, fresh, stage, nil); err != nil {
			return err
		}
	}
	e.orders = append(e.orders, fresh...)
	return nil
}
