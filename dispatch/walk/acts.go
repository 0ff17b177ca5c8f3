package walk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"time"

	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/gate"
	"baogong/dispatch/hold"
	"baogong/dispatch/incident"
	"baogong/dispatch/order"
	"baogong/dispatch/round"
	"baogong/dispatch/sorting"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
	"baogong/dispatch/transport"
)

// act is a kind of act: how often it is chosen, and how it is chosen. choose returns nil if there is no row that it could be about.
type act struct {
	weight int
	choose func() *Act
}

// acts returns the kinds of acts by verb.
func (w *Walker) acts() map[string]act {
	all := map[string]act{
		"placeOrder":        {14, w.placeOrder},
		"advanceOrders":     {10, w.advanceOrders},
		"cancelOrder":       {2, w.cancelOrder},
		"undoMove":          {7, w.undoMove},
		"placeHold":         {3, w.placeHold},
		"releaseHold":       {4, w.releaseHold},
		"announceArrival":   {4, w.announceArrival},
		"arrive":            {3, w.arrive},
		"receiveArrival":    {8, w.receiveArrival},
		"cancelArrival":     {1, w.cancelArrival},
		"logStrays":         {3, w.logStrays},
		"closeStrays":       {3, w.closeStrays},
		"sortOrders":        {8, w.sortOrders},
		"createBins":        {1, w.createBins},
		"updateBins":        {1, w.updateBins},
		"startRun":          {4, w.startRun},
		"loadRun":           {7, w.loadRun},
		"departRun":         {3, w.departRun},
		"dropAtBuilding":    {5, w.dropAtBuilding},
		"acceptDrop":        {4, w.acceptDrop},
		"finishRun":         {2, w.finishRun},
		"cancelRun":         {1, w.cancelRun},
		"startRound":        {6, w.startRound},
		"handOver":          {9, w.handOver},
		"endRound":          {2, w.endRound},
		"confirmReceipt":    {4, w.confirmReceipt},
		"dispute":           {2, w.dispute},
		"reportIncidents":   {3, w.reportIncidents},
		"takeIncidents":     {3, w.takeIncidents},
		"resolveIncidents":  {3, w.resolveIncidents},
		"setTargets":        {2, w.setTargets},
		"updateVolunteers":  {2, w.updateVolunteers},
		"updateCommunities": {1, w.updateCommunities},
		"updateBuildings":   {1, w.updateBuildings},
		"updateHouseholds":  {1, w.updateHouseholds},
		"updateSuppliers":   {1, w.updateSuppliers},
		Send:                {4, w.send},
	}
	if w.Clock {
		all[Tick] = act{6, func() *Act { return &Act{Pass: time.Duration(w.rng.IntN(15)) * w.Minute} }}
	}
	return all
}

func (w *Walker) placeOrder() *Act {
	if len(w.orders(70, delivery.Placed, delivery.Dispatched, delivery.AtGate, delivery.Sorted, delivery.AtBuilding)) == 70 {
		return nil
	}
	home := choose(w, w.homes...)
	in := &order.PlaceOrderInput{HouseholdID: home, Channel: delivery.ChannelApp, Lines: []*order.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}}
	if w.some(4) {
		in.Marks = []delivery.Mark{choose(w, delivery.MarkMedicine, delivery.MarkCold, delivery.MarkHeavy)}
	}
	if w.some(8) {
		in.Channel, in.TakerID = delivery.ChannelErrand, new(w.team[choose(w, w.takers...)])
		return &Act{By: w.by(w.commander), Input: in}
	}
	in.SupplierID = new(w.suppliers[w.shop()])
	return &Act{By: w.by(w.commander, w.residents[home.UUID]), Input: in}
}

// shop returns the supplier of most orders, and now and then another one.
func (w *Walker) shop() string {
	if w.some(8) {
		return choose(w, w.shops...)
	}
	return w.shops[0]
}

// advance lists the stages from which an order may come to a stage.
var advance = map[delivery.Stage][]delivery.Stage{
	delivery.Dispatched:     {delivery.Placed},
	delivery.AtGate:         {delivery.Dispatched, delivery.Placed},
	delivery.Sorted:         {delivery.AtGate},
	delivery.AtBuilding:     {delivery.Sorted, delivery.OutForDelivery},
	delivery.OutForDelivery: {delivery.AtBuilding, delivery.Dispatched},
	delivery.Delivered:      {delivery.OutForDelivery, delivery.AtBuilding},
	delivery.Cancelled:      {delivery.Placed},
	delivery.Returned:       {delivery.AtBuilding, delivery.AtGate},
}

func (w *Walker) advanceOrders() *Act {
	in := &order.AdvanceOrdersInput{To: choose(w, delivery.Stages...), Atomic: w.some(4)}
	from := advance[in.To]
	if w.some(6) {
		from = nil
	}
	in.Orders = moves(w.orders(1+w.rng.IntN(3), from...))
	switch {
	case in.To == delivery.Cancelled:
		in.Reason = new(delivery.MoveHouseholdAsked)
	case in.To == delivery.Returned:
		in.Reason = new(delivery.MoveRefused)
	case in.To == delivery.AtBuilding && w.some(2):
		in.Reason = new(delivery.MoveAbsent)
	}
	return &Act{By: w.by(w.commander, choose(w, w.supply...), choose(w, w.duty...), choose(w, w.transport...), w.shop(), choose(w, w.takers...)), Input: in}
}

func moves(ids []delivery.ID) (out []*order.OrderMoveInput) {
	for _, id := range ids {
		out = append(out, &order.OrderMoveInput{OrderID: id})
	}
	return out
}

func (w *Walker) cancelOrder() *Act {
	return &Act{By: w.by(w.commander, w.shop()), Input: &order.CancelOrderInput{Orders: moves(w.orders(2, delivery.Placed, delivery.Dispatched)),
		Reason: choose(w, delivery.MoveHouseholdAsked, delivery.MoveOutOfStock)}}
}

func (w *Walker) undoMove() *Act {
	in := &order.UndoMoveInput{Atomic: w.some(4)}
	by := w.by(w.commander, choose(w, w.leads...), choose(w, w.supply...))
	batches := w.Column("select cast(outcome -> 'batch' as text) from calls where outcome -> 'batch' is not null order by cast(outcome -> 'batch' ->> 'first' as bigint) desc limit 6")
	if len(batches) > 0 && w.some(3) {
		var b delivery.MoveBatch
		if err := json.Unmarshal([]byte(choose(w, batches...)), &b); err != nil {
			panic(err) // the server wrote it
		}
		in.BatchID = b.ID()
		return &Act{By: by, Input: in}
	}
	for _, id := range w.orders(1 + w.rng.IntN(4)) {
		version, _ := w.number("select cast(version as text) from orders where id = $1", string(id.UUID))
		in.Orders = append(in.Orders, &order.OrderUndoInput{OrderID: id, ExpectedVersion: int64(version)})
	}
	return &Act{By: by, Input: in}
}

func (w *Walker) placeHold() *Act {
	in := &hold.PlaceHoldInput{Reason: choose(w, delivery.HoldTesting, delivery.HoldDisinfection), Atomic: w.some(6)}
	switch w.rng.IntN(6) {
	case 0:
		in.SubjectIds = []delivery.ID{choose(w, w.buildings...)}
	case 1:
		in.SubjectIds = []delivery.ID{choose(w, w.homes...)}
	case 2:
		in.SubjectIds = []delivery.ID{w.suppliers[w.shop()]}
	default:
		in.SubjectIds = w.orders(1 + w.rng.IntN(3))
	}
	if !w.some(6) {
		in.Until = w.in(60)
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: in}
}

func (w *Walker) releaseHold() *Act {
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &hold.ReleaseHoldInput{
		HoldIds: w.ids(6, delivery.KindHold, "holds where ended_at is null order by placed_at, id")}}
}

func (w *Walker) announceArrival() *Act {
	in := &gate.AnnounceArrivalInput{SupplierID: w.suppliers[w.shop()], Vehicle: "鄂E·10101", Atomic: w.some(4)}
	for _, id := range w.orders(1+w.rng.IntN(6), delivery.Placed, delivery.Dispatched) {
		o := &gate.AnnouncedOrderInput{OrderID: id}
		if w.some(2) {
			o.Bags = new(1 + w.rng.IntN(3))
		}
		in.Orders = append(in.Orders, o)
	}
	if !w.some(3) {
		in.ExpectedAt = w.in(90)
	}
	return &Act{By: w.by(w.shop(), choose(w, w.duty...)), Input: in}
}

// arrival returns an arrival in one of the states.
func (w *Walker) arrival(states string) (delivery.ID, bool) {
	return w.one(delivery.KindArrival, "arrivals where state in ("+states+") order by number")
}

func (w *Walker) arrive() *Act {
	id, ok := w.arrival("'ANNOUNCED'")
	if !ok {
		return nil
	}
	return &Act{By: w.by(w.duty...), Input: &gate.ArriveInput{ArrivalID: id}}
}

func (w *Walker) receiveArrival() *Act {
	id, ok := w.arrival("'ARRIVED', 'ANNOUNCED'")
	if !ok {
		return nil
	}
	in := &gate.ReceiveArrivalInput{ArrivalID: id, AllButListed: !w.some(3), Complete: !w.some(3), Atomic: w.some(4)}
	listed := w.ids(w.rng.IntN(3), delivery.KindOrder, "(select order_id as id from arrival_orders where arrival_id = $1 order by order_id) o", string(id.UUID))
	if w.some(5) {
		listed = w.orders(2)
	}
	for _, id := range listed {
		received := w.rng.IntN(4)
		in.Orders = append(in.Orders, &gate.ReceivedInput{OrderID: &id, Received: received, Damaged: w.rng.IntN(received + 1)})
	}
	if in.Complete && w.some(3) {
		in.SettleUntil = w.in(30)
	}
	return &Act{By: w.by(w.duty...), Input: in}
}

func (w *Walker) cancelArrival() *Act {
	id, ok := w.arrival("'ANNOUNCED', 'ARRIVED'")
	if !ok {
		return nil
	}
	return &Act{By: w.by(choose(w, w.shops...), choose(w, w.duty...)), Input: &gate.CancelArrivalInput{ArrivalID: id}}
}

func (w *Walker) logStrays() *Act {
	in := &gate.LogStraysInput{CommunityID: w.community, Strays: []*gate.StrayInput{{Label: "E6…", Place: "3 号架"}, {Place: "地上"}}[:1+w.rng.IntN(2)]}
	by := w.by(w.duty...)
	if id, ok := w.arrival("'ARRIVED', 'RECEIVED'"); ok {
		in.ArrivalID = &id
	}
	if w.some(2) {
		in.Strays[0].PhotoID = w.photo(by)
	}
	return &Act{By: by, Input: in}
}

func (w *Walker) closeStrays() *Act {
	in := &gate.CloseStraysInput{Atomic: w.some(4)}
	for _, id := range w.ids(2, delivery.KindStray, "strays where state = 'OPEN' order by number") {
		s := &gate.CloseStrayInput{StrayID: id, Channel: delivery.ChannelPackage}
		switch w.rng.IntN(4) {
		case 0:
			s.Returned = new(true)
		case 1:
			s.HouseholdID, s.SupplierID = new(choose(w, w.homes...)), new(w.suppliers[w.shop()])
		default:
			if ids := w.orders(1); len(ids) > 0 {
				s.OrderID = &ids[0]
			}
		}
		in.Strays = append(in.Strays, s)
	}
	return &Act{By: w.by(w.duty...), Input: in}
}

func (w *Walker) bin() delivery.ID {
	id, _ := w.one(delivery.KindBin, "bins order by code, id")
	return id
}

func (w *Walker) sortOrders() *Act {
	in := &sorting.SortOrdersInput{BinID: w.bin(), Atomic: w.some(6)}
	for _, id := range w.orders(1+w.rng.IntN(5), delivery.AtGate, delivery.Sorted) {
		in.Orders = append(in.Orders, &sorting.SortItemInput{OrderID: id})
	}
	return &Act{By: w.by(choose(w, w.duty...), choose(w, w.supply...)), Input: in}
}

func (w *Walker) createBins() *Act {
	if len(w.ids(12, delivery.KindBin, "bins")) == 12 {
		return nil
	}
	return &Act{By: w.by(w.commander, choose(w, w.leads...)), Input: &sorting.CreateBinsInput{CommunityID: w.community,
		Bins: []*sorting.NewBinInput{{BuildingID: choose(w, w.buildings...), Code: fmt.Sprint("架", w.step), Cold: w.some(2)}}}}
}

func (w *Walker) updateBins() *Act {
	id, ok := w.one(delivery.KindBin, "bins where id <> building_id order by code")
	if !ok {
		return nil
	}
	return &Act{By: w.by(w.commander, choose(w, w.leads...)), Input: &sorting.UpdateBinsInput{
		Bins: []*sorting.BinPatchInput{{ID: id, Cold: new(w.some(2)), Archived: new(w.some(2))}}}}
}

// run returns a run in one of the states.
func (w *Walker) run(states string) (delivery.ID, bool) {
	return w.one(delivery.KindRun, "runs where state in ("+states+") order by number")
}

func (w *Walker) startRun() *Act {
	in := &transport.StartRunInput{CommunityID: w.community, Capacity: 1 + w.rng.IntN(12), ConfirmQuietHours: w.some(2)}
	if w.some(2) {
		in.VolunteerID = new(w.team[choose(w, w.transport...)])
		return &Act{By: w.by(w.commander), Input: in}
	}
	return &Act{By: w.by(w.transport...), Input: in}
}

func (w *Walker) loadRun() *Act {
	run, ok := w.run("'LOADING', 'UNDERWAY'")
	if !ok {
		return nil
	}
	in := &transport.LoadRunInput{RunID: run, OrderIds: w.orders(w.rng.IntN(4), delivery.Sorted), Atomic: w.some(5)}
	if w.some(2) {
		in.BinIds = []delivery.ID{w.bin()}
	}
	return &Act{By: w.carter(), Input: in}
}

// carter returns who has a run's cart.
func (w *Walker) carter() string { return w.by(choose(w, w.transport...), w.commander) }

func (w *Walker) departRun() *Act {
	run, ok := w.run("'LOADING'")
	if !ok {
		return nil
	}
	return &Act{By: w.carter(), Input: &transport.DepartRunInput{RunID: run}}
}

func (w *Walker) dropAtBuilding() *Act {
	run, ok := w.run("'LOADING', 'UNDERWAY'")
	if !ok {
		return nil
	}
	in := &transport.DropAtBuildingInput{RunID: run, BuildingID: choose(w, w.buildings...)}
	if w.some(4) {
		in.MissingOrderIds = w.ids(1, delivery.KindOrder, "orders where run_id = $1 and building_id = $2 order by number", string(run.UUID), string(in.BuildingID.UUID))
	}
	in.Bags, _ = w.number("select cast(coalesce(sum(bags), 0) as text) from run_orders where outcome is null and run_id = $1 and building_id = $2",
		string(run.UUID), string(in.BuildingID.UUID))
	for _, id := range in.MissingOrderIds {
		bags, _ := w.number("select cast(bags as text) from run_orders where outcome is null and order_id = $1", string(id.UUID))
		in.Bags -= bags
	}
	if w.some(8) {
		in.Bags++
	}
	return &Act{By: w.carter(), Input: in}
}

func (w *Walker) acceptDrop() *Act {
	run, ok := w.one(delivery.KindRun, "(select run_id as id from drops where bags_accepted is null order by left_at, run_id) d")
	if !ok {
		return nil
	}
	in := &transport.AcceptDropInput{RunID: run, BuildingID: choose(w, w.buildings...), Bags: w.rng.IntN(8)}
	if !w.some(3) {
		if left, ok := w.number("select cast(bags_left as text) from drops where run_id = $1 and building_id = $2", string(run.UUID), string(in.BuildingID.UUID)); ok {
			in.Bags = left
		}
	}
	if w.some(4) {
		in.MissingOrderIds = w.ids(1, delivery.KindOrder, "(select order_id as id from run_orders where outcome = 'DROPPED' and run_id = $1 order by order_id) o", string(run.UUID))
	}
	return &Act{By: w.by(choose(w, w.supply...), w.commander), Input: in}
}

func (w *Walker) finishRun() *Act {
	run, ok := w.run("'LOADING', 'UNDERWAY'")
	if !ok {
		return nil
	}
	return &Act{By: w.carter(), Input: &transport.FinishRunInput{RunID: run}}
}

func (w *Walker) cancelRun() *Act {
	run, ok := w.run("'LOADING'")
	if !ok {
		return nil
	}
	return &Act{By: w.carter(), Input: &transport.CancelRunInput{RunID: run}}
}

func (w *Walker) startRound() *Act {
	in := &round.StartRoundInput{Most: 1 + w.rng.IntN(12), ConfirmQuietHours: w.some(2)}
	if w.some(2) {
		in.UnitIds = []delivery.ID{choose(w, w.units...)}
	}
	in.OrderIds = w.orders(w.rng.IntN(min(4, in.Most+1)), delivery.AtBuilding)
	return &Act{By: w.by(w.supply...), Input: in}
}

func (w *Walker) handOver() *Act {
	in := &round.HandOverInput{Atomic: w.some(5)}
	by := w.by(choose(w, w.supply...), w.commander)
	for _, id := range w.orders(1+w.rng.IntN(3), delivery.OutForDelivery, delivery.AtBuilding) {
		d := &round.HandOverDoorInput{OrderIds: []delivery.ID{id}, Proof: choose(w, delivery.ProofAttested, delivery.ProofCode, delivery.ProofPhoto, delivery.ProofResident, delivery.ProofUnitCount)}
		switch d.Proof {
		case delivery.ProofCode:
			d.Code = delivery.DoorCode(w.secret, id.UUID)
			if w.some(3) {
				d.Code = "0000"
			}
		case delivery.ProofPhoto:
			d.PhotoID = w.photo(by)
		}
		in.Doors = append(in.Doors, d)
	}
	return &Act{By: by, Input: in}
}

func (w *Walker) endRound() *Act {
	id, ok := w.one(delivery.KindRound, "rounds where ended_at is null order by number")
	if !ok {
		return nil
	}
	return &Act{By: w.by(choose(w, w.supply...), choose(w, w.leads...), w.commander), Input: &round.EndRoundInput{RoundID: id}}
}

// household returns the resident whose order it is.
func (w *Walker) household(id delivery.ID) string {
	return w.by(w.Column("select h.address from orders o join households h on h.id = o.household_id where o.id = $1", string(id.UUID))[0])
}

func (w *Walker) confirmReceipt() *Act {
	ids := w.orders(1, delivery.Delivered, delivery.OutForDelivery, delivery.AtBuilding)
	if len(ids) == 0 {
		return nil
	}
	return &Act{By: w.household(ids[0]), Input: &round.ConfirmReceiptInput{OrderIds: ids}}
}

func (w *Walker) dispute() *Act {
	ids := w.orders(1, delivery.Delivered)
	if len(ids) == 0 {
		return nil
	}
	return &Act{By: w.household(ids[0]), Input: &round.DisputeInput{OrderID: ids[0], Kind: choose(w, delivery.IncidentNotReceived, delivery.IncidentShort), Text: "少了一袋"}}
}

func (w *Walker) reportIncidents() *Act {
	subject := choose(w, w.buildings...)
	if ids := w.orders(1); len(ids) > 0 && !w.some(3) {
		subject = ids[0]
	}
	return &Act{By: choose(w, w.everyone...), Input: &incident.ReportIncidentsInput{Incidents: []*incident.IncidentInput{
		{Kind: choose(w, delivery.IncidentKinds...), Severity: choose(w, delivery.Severities...), SubjectID: subject, Bags: w.rng.IntN(2)}}}}
}

// trouble returns some incidents that are not resolved.
func (w *Walker) trouble() []delivery.ID {
	return w.ids(2, delivery.KindIncident, "incidents where state <> 'RESOLVED' order by number")
}

func (w *Walker) takeIncidents() *Act {
	return &Act{By: w.by(choose(w, w.leads...), w.commander, choose(w, w.supply...)), Input: &incident.TakeIncidentsInput{Ids: w.trouble()}}
}

func (w *Walker) resolveIncidents() *Act {
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &incident.ResolveIncidentsInput{Ids: w.trouble(), Resolution: choose(w, delivery.Resolutions...)}}
}

func (w *Walker) setTargets() *Act {
	target := &incident.TargetInput{}
	if !w.some(3) {
		target.Stage = new(choose(w, delivery.AtGate, delivery.Sorted, delivery.AtBuilding, delivery.OutForDelivery))
	}
	if target.Stage == nil || w.some(3) {
		target.Mark = new(choose(w, delivery.MarkMedicine, delivery.MarkCold, delivery.MarkHeavy))
	}
	switch w.rng.IntN(4) {
	case 0:
		target.None = true
	case 1:
		target.TimeOfDay = new(choose(w, "12:00", "20:00"))
	default:
		target.Minutes = new(1 + w.rng.IntN(90))
	}
	return &Act{By: w.by(w.commander), Input: &incident.SetTargetsInput{CommunityID: w.community, Targets: []*incident.TargetInput{target}, Atomic: w.some(4)}}
}

func (w *Walker) updateVolunteers() *Act {
	patch := &team.VolunteerPatchInput{ID: w.team[choose(w, choose(w, w.takers...), choose(w, w.duty...), choose(w, w.transport...))], Reachable: new(!w.some(3))}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{patch}}}
}

func (w *Walker) updateCommunities() *Act {
	quiet := choose(w, []string{"22:00", "06:00"}, []string{"09:00", "09:30"})
	return &Act{By: w.by(w.commander), Input: &estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{
		{ID: w.community, Docks: new(1 + w.rng.IntN(4)), QuietFrom: &quiet[0], QuietUntil: &quiet[1]}}}}
}

func (w *Walker) updateBuildings() *Act {
	return &Act{By: w.by(w.commander), Input: &estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{
		{ID: choose(w, w.buildings...), HasLift: new(w.some(2)), Archived: new(w.some(8))}}}}
}

func (w *Walker) updateHouseholds() *Act {
	return &Act{By: w.by(w.commander), Input: &estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{
		{ID: choose(w, w.homes...), People: new(1 + w.rng.IntN(5)), Archived: new(w.some(4))}}}}
}

func (w *Walker) updateSuppliers() *Act {
	return &Act{By: w.by(w.commander), Input: &supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{
		{ID: w.suppliers[choose(w, w.shops...)], Name: new(fmt.Sprint("商家", w.rng.IntN(9))), Archived: new(w.some(6))}}}}
}

// send sends a photo, of a few that are different.
func (w *Walker) send() *Act {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1+w.rng.IntN(200), 1))); err != nil {
		panic(err) // it is written to memory
	}
	return &Act{By: w.by(choose(w, w.supply...), choose(w, w.duty...), w.commander), Photo: b.Bytes()}
}

// photo returns a photo that the caller has sent, or another's; nil if there is none.
func (w *Walker) photo(by string) *delivery.ID {
	where := "files where attached_at is null order by created_at, id"
	if id, ok := w.team[by]; ok && !w.some(6) {
		where = "files where attached_at is null and by_id = '" + string(id.UUID) + "' order by created_at, id"
	}
	id, ok := w.one(delivery.KindFile, where)
	if !ok {
		return nil
	}
	return &id
}
