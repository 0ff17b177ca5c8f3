package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/gate"
	"baogong/dispatch/hold"
	"baogong/dispatch/incident"
	"baogong/dispatch/order"
	"baogong/dispatch/round"
	"baogong/dispatch/sorting"
	"baogong/dispatch/team"
	"baogong/dispatch/transport"
)

// In any order of the verbs, by callers in any role, each call succeeds or is refused, a retry changes nothing and gets the same answer,
// the equations hold, and no order is lost. BAOGONG_WALK_SEED takes the choices of a
// failed walk again.
func TestWalk(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	if s := os.Getenv("BAOGONG_WALK_SEED"); s != "" {
		seed = must(strconv.ParseUint(s, 10, 64))
	}
	w := newWalk(t, seed)
	for w.step = range walkSteps {
		w.take()
		if w.step%200 == 199 {
			w.check()
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	w.check()
	for _, name := range slices.Sorted(maps.Keys(w.moves())) {
		if w.changed[name] == 0 {
			t.Errorf("%s: called %d times and never changed anything", name, w.called[name])
		}
	}
}

// walk is one walk through an estate.
type walk struct {
	*house
	rng     *rand.Rand
	actors  []delivery.Actor
	home    map[delivery.UUID]delivery.Actor // residents by household
	secret  string                           // of the door codes
	step    int
	name    string   // of the verb that is called
	recent  []string // calls with their answers, the last ones
	called  map[string]int
	changed map[string]int
}

func newWalk(t *testing.T, seed uint64) *walk {
	e := newEstate(t)
	w := &walk{house: e, rng: rand.New(rand.NewPCG(seed, 0)), home: map[delivery.UUID]delivery.Actor{}, called: map[string]int{}, changed: map[string]int{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("BAOGONG_WALK_SEED=%d takes the same choices again. The last calls:\n%s", seed, strings.Join(w.recent, "\n"))
		}
	})
	w.actors = []delivery.Actor{e.admin, e.commander, e.lead, e.duty, e.transport, e.supply, e.backup, e.elsewhere, e.taker, e.patrol, e.shop, e.pharmacy}
	for _, building := range []string{"E6", "E7"} {
		for floor := 11; floor <= 14; floor++ {
			a := e.actor(fmt.Sprintf("%s-1-%d03", building, floor))
			w.home[a.UUID] = a
			w.actors = append(w.actors, a)
		}
	}
	w.secret = e.column("select cast(door_secret as text) from communities")[0]
	return w
}

// call sends a call with a key of its own, and now and then once more: the retry changes nothing and gets the same answer.
func call[In, Out any](w *walk, verb func(context.Context, delivery.Actor, In) (Out, error), a delivery.Actor, in In) Out {
	key := fmt.Sprint("walk ", w.step, " ", w.rng.Uint32())
	reflect.ValueOf(&in).Elem().FieldByName("ClientMutationID").Set(reflect.ValueOf(&key))
	before := w.head()
	out, err := verb(w.t.Context(), a, in)
	answer := asJSON(out)
	w.note(fmt.Sprintf("%s by %s %s: %s\n%s", w.name, a.Role, a.UUID, asJSON(in), answer))
	if err != nil {
		w.t.Fatalf("step %d: %v", w.step, err)
	}
	after := w.head()
	w.called[w.name]++
	if after > before {
		w.changed[w.name]++
	}
	if w.rng.IntN(8) == 0 {
		again, err := verb(w.t.Context(), a, in)
		if err != nil || asJSON(again) != answer || w.head() != after {
			w.t.Errorf("a retry: got %v %s, head %d, want head %d", err, asJSON(again), w.head(), after)
		}
	}
	return out
}

// note keeps the last 30 calls for the report of a failure.
func (w *walk) note(call string) {
	w.recent = append(w.recent, fmt.Sprint(w.step, " ", call))
	w.recent = w.recent[max(0, len(w.recent)-30):]
}

func asJSON(v any) string { return string(must(json.Marshal(v))) }

// head is the feed's last position.
func (w *walk) head() int64 {
	return must(strconv.ParseInt(w.column("select head from feeds")[0], 10, 64))
}

// ids are up to most ids of a kind, by chance, of the rows of a table that a condition names.
func (w *walk) ids(kind delivery.Kind, from string, most int) []delivery.ID {
	all := w.column("select cast(id as text) from " + from)
	w.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var out []delivery.ID
	for _, id := range all[:min(most, len(all))] {
		out = append(out, delivery.ID{Kind: kind, Community: w.community.Community, UUID: delivery.UUID(id)})
	}
	return out
}

// orders are up to most orders at one of the stages; at any without stages.
func (w *walk) orders(most int, stages ...delivery.Stage) []delivery.ID {
	where := "orders order by number"
	if len(stages) > 0 {
		where = "orders where stage in ('" + string(stages[0]) + "'"
		for _, s := range stages[1:] {
			where += ", '" + string(s) + "'"
		}
		where += ") order by number"
	}
	return w.ids(delivery.KindOrder, where, most)
}

// one is one id by chance; false if there is none.
func (w *walk) one(kind delivery.Kind, from string) (delivery.ID, bool) {
	ids := w.ids(kind, from, 1)
	if len(ids) == 0 {
		return delivery.ID{}, false
	}
	return ids[0], true
}

func choose[T any](w *walk, all ...T) T { return all[w.rng.IntN(len(all))] }

func (w *walk) some(n int) bool { return w.rng.IntN(n) == 0 }

// by returns one of the callers who should call, and now and then any caller.
func (w *walk) by(actors ...delivery.Actor) delivery.Actor {
	if w.some(8) {
		return choose(w, w.actors...)
	}
	return choose(w, actors...)
}

// take calls one verb.
func (w *walk) take() {
	moves := w.moves()
	names := slices.Sorted(maps.Keys(moves))
	total := 0
	for _, name := range names {
		total += moves[name].weight
	}
	at := w.rng.IntN(total)
	for _, name := range names {
		if at -= moves[name].weight; at < 0 {
			w.name = name
			moves[name].do()
			return
		}
	}
}

// check compares the books, the rows with their events, and the board with the rows.
func (w *walk) check() {
	w.t.Helper()
	w.checkBooks()
	w.checkNeverLost()
	board := must(w.db.Board(w.t.Context(), w.commander.Scope(), w.community.Community, w.time(), w.time().Add(-24*time.Hour), w.time()))
	if want := w.column("select cast(count(*) as text) from orders where stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')")[0]; strconv.Itoa(board.Open) != want {
		w.t.Errorf("the board counts %d open orders, want %s", board.Open, want)
	}
}

type walkMove struct {
	weight int
	do     func()
}

// moves are the verbs, and how often each is called.
func (w *walk) moves() map[string]walkMove {
	team := []delivery.Actor{w.supply, w.backup, w.elsewhere, w.lead, w.commander}
	return map[string]walkMove{
		"placeOrder":        {14, w.placeOrder},
		"advanceOrders":     {10, w.advanceOrders},
		"cancelOrder":       {2, func() { w.cancelOrder(w.orders(2, delivery.Placed, delivery.Dispatched)) }},
		"undoMove":          {6, w.undoMove},
		"placeHold":         {3, w.placeHold},
		"releaseHold":       {3, w.releaseHold},
		"announceArrival":   {4, w.announce},
		"arrive":            {3, w.arrive},
		"receiveArrival":    {8, w.receive},
		"cancelArrival":     {1, w.cancelArrival},
		"logStrays":         {3, w.logStrays},
		"closeStrays":       {3, w.closeStrays},
		"sortOrders":        {8, w.sortOrders},
		"createBins":        {1, w.createBins},
		"updateBins":        {1, w.updateBins},
		"startRun":          {4, w.startRun},
		"loadRun":           {7, w.loadRun},
		"departRun":         {3, w.departRun},
		"dropAtBuilding":    {5, w.drop},
		"acceptDrop":        {4, w.accept},
		"finishRun":         {2, w.finishRun},
		"cancelRun":         {1, w.cancelRun},
		"startRound":        {6, func() { w.startRound(choose(w, team[:3]...)) }},
		"handOver":          {9, w.handOver},
		"endRound":          {2, w.endRound},
		"confirmReceipt":    {4, w.confirm},
		"dispute":           {2, w.dispute},
		"reportIncidents":   {3, w.report},
		"takeIncidents":     {3, w.takeIncidents},
		"resolveIncidents":  {3, w.resolveIncidents},
		"updateVolunteers":  {2, w.updateVolunteers},
		"updateCommunities": {1, w.updateCommunities},
		"the clock":         {6, w.tick},
	}
}

func (w *walk) placeOrder() {
	if len(w.orders(70, delivery.Placed, delivery.Dispatched, delivery.AtGate, delivery.Sorted, delivery.AtBuilding)) == 70 {
		return
	}
	home := choose(w, w.homes...)
	in := order.PlaceOrderInput{HouseholdID: home, Channel: delivery.ChannelApp, SupplierID: &w.suppliers[1],
		Lines: []*order.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}}
	if w.some(4) {
		in.Marks = []delivery.Mark{choose(w, delivery.MarkMedicine, delivery.MarkCold, delivery.MarkHeavy)}
	}
	a := w.by(w.commander, w.home[home.UUID])
	if w.some(8) {
		in.Channel, in.SupplierID = delivery.ChannelErrand, nil
		in.TakerID = &delivery.ID{Kind: delivery.KindVolunteer, Community: w.community.Community, UUID: w.taker.UUID}
		a = w.by(w.commander)
	}
	call(w, w.d.Order.PlaceOrder, a, in)
}

func (w *walk) advanceOrders() {
	in := order.AdvanceOrdersInput{To: choose(w, delivery.Stages...), Atomic: w.some(4)}
	from := map[delivery.Stage][]delivery.Stage{ // from where it could succeed
		delivery.Dispatched: {delivery.Placed}, delivery.AtGate: {delivery.Dispatched, delivery.Placed}, delivery.Sorted: {delivery.AtGate},
		delivery.AtBuilding: {delivery.Sorted, delivery.OutForDelivery}, delivery.OutForDelivery: {delivery.AtBuilding, delivery.Dispatched},
		delivery.Delivered: {delivery.OutForDelivery, delivery.AtBuilding}, delivery.Cancelled: {delivery.Placed}, delivery.Returned: {delivery.AtBuilding, delivery.AtGate},
	}[in.To]
	if w.some(6) {
		from = nil
	}
	for _, id := range w.orders(1+w.rng.IntN(3), from...) {
		in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: id})
	}
	switch {
	case in.To == delivery.Cancelled:
		in.Reason = new(delivery.MoveHouseholdAsked)
	case in.To == delivery.Returned:
		in.Reason = new(delivery.MoveRefused)
	case in.To == delivery.AtBuilding && w.some(2):
		in.Reason = new(delivery.MoveAbsent)
	}
	call(w, w.d.Order.AdvanceOrders, w.by(w.commander, w.supply, w.backup, w.duty, w.transport, w.shop, w.taker), in)
}

func (w *walk) cancelOrder(ids []delivery.ID) {
	in := order.CancelOrderInput{Reason: choose(w, delivery.MoveHouseholdAsked, delivery.MoveOutOfStock)}
	for _, id := range ids {
		in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: id})
	}
	call(w, w.d.Order.CancelOrder, w.by(w.commander, w.shop), in)
}

func (w *walk) undoMove() {
	in := order.UndoMoveInput{Atomic: w.some(4)}
	rows := must(w.db.OrdersByID(w.t.Context(), w.admin.Scope(), w.orders(1+w.rng.IntN(4))))
	for _, o := range rows {
		in.Orders = append(in.Orders, &order.OrderUndoInput{OrderID: o.ID(), ExpectedVersion: o.Version})
	}
	call(w, w.d.Order.UndoMove, w.by(w.commander, w.lead, w.supply), in)
}

func (w *walk) placeHold() {
	in := hold.PlaceHoldInput{SubjectIds: w.orders(1 + w.rng.IntN(3)), Reason: choose(w, delivery.HoldTesting, delivery.HoldDisinfection)}
	if w.some(3) {
		in.SubjectIds = append(in.SubjectIds, choose(w, w.buildings...))
	}
	if !w.some(4) {
		in.Until = new(w.time().Add(time.Duration(1+w.rng.IntN(60)) * time.Minute))
	}
	call(w, w.d.Hold.PlaceHold, w.by(w.lead, w.commander), in)
}

func (w *walk) releaseHold() {
	call(w, w.d.Hold.ReleaseHold, w.by(w.lead, w.commander), hold.ReleaseHoldInput{HoldIds: w.ids(delivery.KindHold, "holds where ended_at is null order by placed_at, id", 3)})
}

func (w *walk) announce() {
	in := gate.AnnounceArrivalInput{SupplierID: w.suppliers[1], Vehicle: "鄂E·10101", Atomic: w.some(4)}
	for _, id := range w.orders(1+w.rng.IntN(6), delivery.Placed, delivery.Dispatched) {
		o := &gate.AnnouncedOrderInput{OrderID: id}
		if w.some(2) {
			o.Bags = new(1 + w.rng.IntN(3))
		}
		in.Orders = append(in.Orders, o)
	}
	a := w.by(w.shop, w.duty)
	if !w.some(3) {
		in.ExpectedAt = new(w.time().Add(time.Duration(w.rng.IntN(90)) * time.Minute))
	}
	call(w, w.d.Gate.AnnounceArrival, a, in)
}

// arrival is an arrival at one of the states.
func (w *walk) arrival(states string) (delivery.ID, bool) {
	return w.one(delivery.KindArrival, "arrivals where state in ("+states+") order by number")
}

func (w *walk) arrive() {
	if id, ok := w.arrival("'ANNOUNCED'"); ok {
		call(w, w.d.Gate.Arrive, w.by(w.duty), gate.ArriveInput{ArrivalID: id})
	}
}

func (w *walk) receive() {
	id, ok := w.arrival("'ARRIVED', 'ANNOUNCED'")
	if !ok {
		return
	}
	in := gate.ReceiveArrivalInput{ArrivalID: id, AllButListed: !w.some(3), Complete: !w.some(3), Atomic: w.some(4)}
	from := "(select order_id as id from arrival_orders where arrival_id = '" + string(id.UUID) + "' order by order_id) o"
	if w.some(5) {
		from = "orders order by number"
	}
	for _, id := range w.ids(delivery.KindOrder, from, w.rng.IntN(3)) {
		received := w.rng.IntN(4)
		in.Orders = append(in.Orders, &gate.ReceivedInput{OrderID: &id, Received: received, Damaged: w.rng.IntN(received + 1)})
	}
	if in.Complete && w.some(3) {
		in.SettleUntil = new(w.time().Add(time.Duration(1+w.rng.IntN(30)) * time.Minute))
	}
	call(w, w.d.Gate.ReceiveArrival, w.by(w.duty), in)
}

func (w *walk) cancelArrival() {
	if id, ok := w.arrival("'ANNOUNCED', 'ARRIVED'"); ok {
		call(w, w.d.Gate.CancelArrival, w.by(w.shop, w.duty), gate.CancelArrivalInput{ArrivalID: id})
	}
}

func (w *walk) logStrays() {
	in := gate.LogStraysInput{CommunityID: w.community, Strays: []*gate.StrayInput{{Label: "E6…", Place: "3 号架"}, {Place: "地上"}}[:1+w.rng.IntN(2)]}
	if id, ok := w.arrival("'ARRIVED', 'RECEIVED'"); ok {
		in.ArrivalID = &id
	}
	call(w, w.d.Gate.LogStrays, w.by(w.duty), in)
}

func (w *walk) closeStrays() {
	in := gate.CloseStraysInput{Atomic: w.some(4)}
	for _, id := range w.ids(delivery.KindStray, "strays where state = 'OPEN' order by number", 2) {
		s := &gate.CloseStrayInput{StrayID: id, Channel: delivery.ChannelPackage}
		switch w.rng.IntN(4) {
		case 0:
			s.Returned = new(true)
		case 1:
			s.HouseholdID, s.SupplierID = &w.homes[0], &w.suppliers[0]
		default:
			if ids := w.orders(1); len(ids) > 0 {
				s.OrderID = &ids[0]
			}
		}
		in.Strays = append(in.Strays, s)
	}
	call(w, w.d.Gate.CloseStrays, w.by(w.duty), in)
}

func (w *walk) bin() delivery.ID {
	id, _ := w.one(delivery.KindBin, "bins order by code, id")
	return id
}

func (w *walk) sortOrders() {
	in := sorting.SortOrdersInput{BinID: w.bin(), Atomic: w.some(6)}
	for _, id := range w.orders(1+w.rng.IntN(5), delivery.AtGate, delivery.Sorted) {
		in.Orders = append(in.Orders, &sorting.SortItemInput{OrderID: id})
	}
	call(w, w.d.Sorting.SortOrders, w.by(w.duty, w.supply), in)
}

func (w *walk) createBins() {
	if len(w.ids(delivery.KindBin, "bins", 12)) == 12 {
		return
	}
	call(w, w.d.Sorting.CreateBins, w.by(w.commander, w.lead), sorting.CreateBinsInput{CommunityID: w.community,
		Bins: []*sorting.NewBinInput{{BuildingID: choose(w, w.buildings...), Code: fmt.Sprint("架", w.step), Cold: w.some(2)}}})
}

func (w *walk) updateBins() {
	id, ok := w.one(delivery.KindBin, "bins where id <> building_id order by code")
	if !ok {
		return
	}
	call(w, w.d.Sorting.UpdateBins, w.by(w.commander, w.lead), sorting.UpdateBinsInput{Bins: []*sorting.BinPatchInput{{ID: id, Cold: new(w.some(2)), Archived: new(w.some(2))}}})
}

func (w *walk) run(states string) (delivery.ID, bool) {
	return w.one(delivery.KindRun, "runs where state in ("+states+") order by number")
}

func (w *walk) startRun() {
	in := transport.StartRunInput{CommunityID: w.community, Capacity: 1 + w.rng.IntN(12), ConfirmQuietHours: w.some(2)}
	a := w.by(w.transport)
	if w.some(2) {
		a, in.VolunteerID = w.by(w.commander), new(w.team[choose(w, "T00", "T01")])
	}
	call(w, w.d.Transport.StartRun, a, in)
}

func (w *walk) loadRun() {
	run, ok := w.run("'LOADING', 'UNDERWAY'")
	if !ok {
		return
	}
	in := transport.LoadRunInput{RunID: run, OrderIds: w.orders(w.rng.IntN(4), delivery.Sorted), Atomic: w.some(5)}
	if w.some(2) {
		in.BinIds = []delivery.ID{w.bin()}
	}
	call(w, w.d.Transport.LoadRun, w.by(w.transport, w.commander), in)
}

func (w *walk) departRun() {
	if run, ok := w.run("'LOADING'"); ok {
		call(w, w.d.Transport.DepartRun, w.by(w.transport, w.commander), transport.DepartRunInput{RunID: run})
	}
}

func (w *walk) drop() {
	run, ok := w.run("'LOADING', 'UNDERWAY'")
	if !ok {
		return
	}
	in := transport.DropAtBuildingInput{RunID: run, BuildingID: choose(w, w.buildings...)}
	on := "from orders where run_id = '" + string(run.UUID) + "' and building_id = '" + string(in.BuildingID.UUID) + "'"
	if w.some(4) {
		in.MissingOrderIds = w.ids(delivery.KindOrder, on[len("from "):]+" order by number", 1)
	}
	in.Bags = must(strconv.Atoi(w.column("select cast(coalesce(sum(bags), 0) as text) from run_orders where outcome is null and run_id = $1 and building_id = $2", string(run.UUID), string(in.BuildingID.UUID))[0]))
	for _, o := range must(w.db.OrdersByID(w.t.Context(), w.admin.Scope(), in.MissingOrderIds)) {
		in.Bags -= o.CarriedBags()
	}
	if w.some(8) {
		in.Bags++
	}
	call(w, w.d.Transport.DropAtBuilding, w.by(w.transport, w.commander), in)
}

func (w *walk) accept() {
	run, ok := w.one(delivery.KindRun, "(select run_id as id from drops where bags_accepted is null order by left_at, run_id) d")
	if !ok {
		return
	}
	in := transport.AcceptDropInput{RunID: run, BuildingID: choose(w, w.buildings...), Bags: w.rng.IntN(8)}
	if !w.some(3) {
		if left := w.column("select cast(bags_left as text) from drops where run_id = $1 and building_id = $2", string(run.UUID), string(in.BuildingID.UUID)); len(left) > 0 {
			in.Bags = must(strconv.Atoi(left[0]))
		}
	}
	if w.some(4) {
		in.MissingOrderIds = w.ids(delivery.KindOrder, "(select order_id as id from run_orders where outcome = 'DROPPED' and run_id = '"+string(run.UUID)+"' order by order_id) o", 1)
	}
	call(w, w.d.Transport.AcceptDrop, w.by(w.supply, w.commander), in)
}

func (w *walk) finishRun() {
	if run, ok := w.run("'LOADING', 'UNDERWAY'"); ok {
		call(w, w.d.Transport.FinishRun, w.by(w.transport, w.commander), transport.FinishRunInput{RunID: run})
	}
}

func (w *walk) cancelRun() {
	if run, ok := w.run("'LOADING'"); ok {
		call(w, w.d.Transport.CancelRun, w.by(w.transport, w.commander), transport.CancelRunInput{RunID: run})
	}
}

func (w *walk) startRound(a delivery.Actor) {
	in := round.StartRoundInput{Most: 1 + w.rng.IntN(12), ConfirmQuietHours: w.some(2)}
	if w.some(2) {
		in.UnitIds = []delivery.ID{choose(w, w.units...)}
	}
	in.OrderIds = w.orders(w.rng.IntN(min(4, in.Most+1)), delivery.AtBuilding)
	call(w, w.d.Round.StartRound, a, in)
}

func (w *walk) handOver() {
	in := round.HandOverInput{Atomic: w.some(5)}
	for _, id := range w.orders(1+w.rng.IntN(3), delivery.OutForDelivery, delivery.AtBuilding) {
		d := &round.HandOverDoorInput{OrderIds: []delivery.ID{id}, Proof: choose(w, delivery.ProofAttested, delivery.ProofCode, delivery.ProofResident, delivery.ProofUnitCount)}
		if d.Proof == delivery.ProofCode {
			d.Code = delivery.DoorCode(w.secret, id.UUID)
			if w.some(3) {
				d.Code = "0000"
			}
		}
		in.Doors = append(in.Doors, d)
	}
	call(w, w.d.Round.HandOver, w.by(w.supply, w.backup, w.commander), in)
}

func (w *walk) endRound() {
	if id, ok := w.one(delivery.KindRound, "rounds where ended_at is null order by number"); ok {
		call(w, w.d.Round.EndRound, w.by(w.supply, w.lead, w.commander), round.EndRoundInput{RoundID: id})
	}
}

// household is the resident whose order it is.
func (w *walk) household(id delivery.ID) delivery.Actor {
	return w.by(w.home[delivery.UUID(w.column("select cast(household_id as text) from orders where id = $1", string(id.UUID))[0])])
}

func (w *walk) confirm() {
	if ids := w.orders(1, delivery.Delivered, delivery.OutForDelivery, delivery.AtBuilding); len(ids) > 0 {
		call(w, w.d.Round.ConfirmReceipt, w.household(ids[0]), round.ConfirmReceiptInput{OrderIds: ids})
	}
}

func (w *walk) dispute() {
	if ids := w.orders(1, delivery.Delivered); len(ids) > 0 {
		call(w, w.d.Round.Dispute, w.household(ids[0]), round.DisputeInput{OrderID: ids[0], Kind: choose(w, delivery.IncidentNotReceived, delivery.IncidentShort), Text: "少了一袋"})
	}
}

func (w *walk) report() {
	subject := choose(w, w.buildings...)
	if ids := w.orders(1); len(ids) > 0 && !w.some(3) {
		subject = ids[0]
	}
	call(w, w.d.Incident.ReportIncidents, choose(w, w.actors...), incident.ReportIncidentsInput{Incidents: []*incident.IncidentInput{
		{Kind: choose(w, delivery.IncidentKinds...), Severity: choose(w, delivery.Severities...), SubjectID: subject, Bags: w.rng.IntN(2)}}})
}

func (w *walk) takeIncidents() {
	call(w, w.d.Incident.TakeIncidents, w.by(w.lead, w.commander, w.supply), incident.TakeIncidentsInput{Ids: w.ids(delivery.KindIncident, "incidents where state <> 'RESOLVED' order by number", 2)})
}

func (w *walk) resolveIncidents() {
	call(w, w.d.Incident.ResolveIncidents, w.by(w.lead, w.commander), incident.ResolveIncidentsInput{
		Ids: w.ids(delivery.KindIncident, "incidents where state <> 'RESOLVED' order by number", 2), Resolution: choose(w, delivery.Resolutions...)})
}

func (w *walk) updateVolunteers() {
	call(w, w.d.Team.UpdateVolunteers, w.by(w.lead, w.commander), team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{
		{ID: w.team[choose(w, "S01", "S02", "S03", "D01", "T01", "P02")], Reachable: new(!w.some(3))}}})
}

func (w *walk) updateCommunities() {
	quiet := choose(w, []string{"22:00", "06:00"}, []string{"09:00", "09:30"})
	call(w, w.d.Estate.UpdateCommunities, w.by(w.commander), estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{
		{ID: w.community, Docks: new(1 + w.rng.IntN(4)), QuietFrom: &quiet[0], QuietUntil: &quiet[1]}}})
}

func (w *walk) tick() {
	w.called[w.name]++
	before := w.head()
	w.pass(time.Duration(w.rng.IntN(15)) * time.Minute)
	if err := w.d.Tick(w.t.Context()); err != nil {
		w.t.Fatalf("step %d: the clock: %v", w.step, err)
	}
	w.note("the clock")
	if w.head() > before {
		w.changed[w.name]++
	}
}
