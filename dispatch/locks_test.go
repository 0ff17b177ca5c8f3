package dispatch_test

import (
	"cmp"
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/access"
	"baogong/dispatch/contact"
	"baogong/dispatch/desk"
	"baogong/dispatch/errand"
	"baogong/dispatch/estate"
	"baogong/dispatch/gate"
	"baogong/dispatch/hold"
	"baogong/dispatch/incident"
	"baogong/dispatch/intake"
	"baogong/dispatch/money"
	"baogong/dispatch/notice"
	"baogong/dispatch/order"
	"baogong/dispatch/plan"
	"baogong/dispatch/round"
	"baogong/dispatch/shift"
	"baogong/dispatch/sorting"
	"baogong/dispatch/supplier"
	"baogong/dispatch/task"
	"baogong/dispatch/team"
	"baogong/dispatch/transport"
	"baogong/dispatch/webhook"
	"baogong/dispatch/window"
	"baogong/dispatch/workbook"
	"baogong/rehearsal"
)

// everything lists all tables in which verbs lock rows, besides their own idempotency row.
const everything = `imports, import_rows, address_aliases, communities, buildings, units, households, volunteers, services, suppliers, bins, order_numbers, orders, order_lines, holds, runs, run_orders, drops, rounds, round_orders, proofs, code_attempts,
	feeds, events, event_notes, reveals, accounts, roles, codes, sessions, tokens, quotas, numbers, incidents, tasks, notices, notice_reach, arrivals, arrival_orders, strays, files, targets, packages, order_windows, offers, purses, money, errands, documents, shifts, shift_members, enquiries, enquiry_takes, welfare_days, webhooks, webhook_secrets, webhook_parked`

// A refused call takes no lock that others wait for, so a caller who floods the server with refused calls delays no other.
// Another session locks every table against all but plain reads. Every verb must be listed with calls that it refuses.
func TestRefusedCallsTakeNoLocks(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	mine, other, placed := e.place(e.homes[0]), e.place(e.homes[4]), e.place(e.homes[0])
	ended := e.hold(nil, mine)
	e.release(ended...)
	held := e.hold(nil, other)
	_, _ = e.trouble(e.commander, delivery.IncidentOther, mine) // is open: another is refused
	damaged, _ := e.trouble(e.commander, delivery.IncidentDamaged, mine)
	resolved := []delivery.ID{*damaged}
	_ = e.resolve(e.commander, *damaged)
	report := func(ids ...delivery.ID) (in incident.ReportIncidentsInput) {
		for _, id := range ids {
			in.Incidents = append(in.Incidents, &incident.IncidentInput{Kind: delivery.IncidentOther, Severity: delivery.SeverityLow, SubjectID: id})
		}
		return in
	}
	day := e.plan(e.planned(0, 8, "S01"))
	card := e.card(e.homes[0])
	spent := e.invite(e.team["S02"])
	token, _ := e.redeem(spent)
	_, _ = e.redeem(card, "once")
	in := orderInput(e)
	in.ExternalNumber = "MT-1"
	e.order(e.commander, in)
	nowhere := func(k delivery.Kind) delivery.ID {
		return delivery.ID{Kind: k, Community: e.community.Community, UUID: "01890000-0000-7000-8000-000000000000"}
	}
	undo := func(ids ...delivery.ID) (in order.UndoMoveInput) {
		for _, id := range ids {
			in.Orders = append(in.Orders, &order.OrderUndoInput{OrderID: id, ExpectedVersion: 1})
		}
		return in
	}
	homeTaken := estate.CreateHouseholdsInput{CommunityID: e.community, Households: []*estate.NewHouseholdInput{{UnitID: e.units[0], Room: "1103", Floor: 11, People: 1}}}
	stale := new(int64(77))
	from := access.Requester{Address: "192.0.2.7"}
	back := e.at(delivery.AtBuilding, delivery.ChannelApp)
	climb, _ := e.climb(e.supply, back)
	e.move(e.commander, back, delivery.Returned)
	run, over := e.start(e.transport, 1), e.start(e.actor("T00"), 1)
	if p := must(e.d.Transport.CancelRun(ctx, e.commander, transport.CancelRunInput{RunID: over})); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}

	duty, later := e.actor("D01"), new(e.d.BusinessTime().Add(time.Hour))
	announce := func(ids ...delivery.ID) gate.AnnounceArrivalInput {
		in := gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], ExpectedAt: later}
		for _, id := range ids {
			in.Orders = append(in.Orders, &gate.AnnouncedOrderInput{OrderID: id})
		}
		return in
	}
	coming := *must(e.d.Gate.AnnounceArrival(ctx, duty, announce(e.place(e.homes[0])))).ArrivalID
	gone := *must(e.d.Gate.AnnounceArrival(ctx, duty, announce(e.place(e.homes[0])))).ArrivalID
	must(e.d.Gate.CancelArrival(ctx, duty, gate.CancelArrivalInput{ArrivalID: gone}))
	stray := *must(e.d.Gate.LogStrays(ctx, duty, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "A"}}})).Results[0].StrayID

	sale := e.sell(nil)
	basket := e.basket(e.resident, sale, 1)
	cancelled := e.basket(e.resident, sale, 1)
	e.move(e.commander, cancelled, delivery.Cancelled)
	amend := order.AmendOrderInput{OrderID: basket, ExpectedVersion: 77, Lines: sale.lines(1)}
	e.entries(entry("", "E9-1-1", 1))
	brought := e.imported(e.shop, e.importing(delivery.ImportCSV)).ID()

	overTasks := e.tasks(e.lead, delivery.SquadSupply, &task.TaskInput{Kind: delivery.TaskTell, Title: "通知"})
	e.finish(e.lead, delivery.TaskDone, overTasks...)
	fetch := e.at(delivery.Dispatched, delivery.ChannelErrand)
	cardOut := e.takeDocuments(fetch, delivery.DocumentMedicalCard)[0]
	waiting, answered := e.enquiry(e.commander, desk.LogEnquiryInput{}), e.enquiry(e.commander, desk.LogEnquiryInput{Answer: "可以"})

	hooks := func(url string, of *delivery.ID) webhook.SetWebhooksInput {
		return webhook.SetWebhooksInput{CommunityID: e.community, SupplierID: of, Webhooks: []*webhook.WebhookInput{{Name: "x", URL: url}}}
	}
	water, _ := e.publish(e.commander, nil)
	_ = e.saw(e.resident, *water)

	covered := map[string]bool{}
	conn := must(sql.Open("postgres", e.dsn))
	defer conn.Close()
	tx := must(conn.BeginTx(ctx, nil))
	if _, err := tx.ExecContext(ctx, "lock table "+everything+" in exclusive mode; select pg_advisory_xact_lock(26, "+itoa(e.community.Community)+")"); err != nil {
		t.Fatal(err)
	}
	for verb, calls := range map[string][]func(context.Context) (any, error){
		"AdvanceOrders": {
			does(e.d.Order.AdvanceOrders, e.resident, advanceAll([]delivery.ID{mine, other, nowhere(delivery.KindOrder)}, delivery.AtGate)),
			does(e.d.Order.AdvanceOrders, e.commander, advanceAll([]delivery.ID{mine, other}, delivery.Delivered))},
		"AnnounceArrival": {
			does(e.d.Gate.AnnounceArrival, e.resident, announce(mine)),
			does(e.d.Gate.AnnounceArrival, duty, announce(nowhere(delivery.KindOrder)))},
		"Arrive": {
			does(e.d.Gate.Arrive, e.resident, gate.ArriveInput{ArrivalID: coming}),
			does(e.d.Gate.Arrive, duty, gate.ArriveInput{ArrivalID: gone})},
		"CancelArrival": {
			does(e.d.Gate.CancelArrival, e.neighbour, gate.CancelArrivalInput{ArrivalID: coming}),
			does(e.d.Gate.CancelArrival, duty, gate.CancelArrivalInput{ArrivalID: coming, ExpectedVersion: stale})},
		"ReceiveArrival": {
			does(e.d.Gate.ReceiveArrival, e.neighbour, gate.ReceiveArrivalInput{ArrivalID: coming, AllButListed: true, Complete: true}),
			does(e.d.Gate.ReceiveArrival, duty, gate.ReceiveArrivalInput{ArrivalID: coming, AllButListed: true, Complete: true, BagsCounted: new(77)})},
		"LogStrays": {
			does(e.d.Gate.LogStrays, e.resident, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "A"}}}),
			does(e.d.Gate.LogStrays, duty, gate.LogStraysInput{CommunityID: e.community, ArrivalID: &coming, Strays: []*gate.StrayInput{{Place: "A"}}})},
		"CloseStrays": {
			does(e.d.Gate.CloseStrays, e.resident, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: stray, Returned: new(true)}}}),
			does(e.d.Gate.CloseStrays, duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: stray, HouseholdID: new(nowhere(delivery.KindHousehold)), Channel: "PACKAGE"}}}),
			does(e.d.Gate.CloseStrays, duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: stray}}})},
		"CancelOrder": {does(e.d.Order.CancelOrder, e.neighbour, order.CancelOrderInput{Orders: []*order.OrderMoveInput{{OrderID: mine}}, Reason: delivery.MoveUnpaid})},
		"UndoMove": {
			does(e.d.Order.UndoMove, e.resident, undo(nowhere(delivery.KindOrder))),
			does(e.d.Order.UndoMove, e.resident, undo(mine, other, placed)),
			does(e.d.Order.UndoMove, e.commander, undo(mine, other)),
			does(e.d.Order.UndoMove, e.commander, order.UndoMoveInput{BatchID: new(nowhere(delivery.KindBatch))})},
		"PlaceOrder": {
			does(e.d.Order.PlaceOrder, e.resident, sale.order(e.homes[0], 7)),
			does(e.d.Order.PlaceOrder, e.neighbour, orderInput(e)),
			does(e.d.Order.PlaceOrder, e.resident, func() order.PlaceOrderInput { in := orderInput(e); in.Channel = delivery.ChannelPhone; return in }()),
			does(e.d.Order.PlaceOrder, e.commander, func() order.PlaceOrderInput { in := in; in.HouseholdID = e.homes[4]; return in }()),
			does(e.d.Order.PlaceOrder, e.commander, func() order.PlaceOrderInput {
				in := orderInput(e)
				in.HouseholdID = nowhere(delivery.KindHousehold)
				return in
			}())},
		"ImportEstate": {
			does(e.d.Workbook.ImportEstate, e.resident, workbook.ImportEstateInput{CommunityID: e.community, FileID: nowhere(delivery.KindFile)}),
			does(e.d.Workbook.ImportEstate, e.commander, workbook.ImportEstateInput{CommunityID: e.community, FileID: e.homes[0]})},
		"PlaceHold": {
			does(e.d.Hold.PlaceHold, e.resident, hold.PlaceHoldInput{SubjectIds: e.buildings, Reason: delivery.HoldSealed}),
			does(e.d.Hold.PlaceHold, e.lead, hold.PlaceHoldInput{SubjectIds: []delivery.ID{e.buildings[0], nowhere(delivery.KindOrder)}, Reason: delivery.HoldSealed, Atomic: true})},
		"ReleaseHold": {
			does(e.d.Hold.ReleaseHold, e.resident, hold.ReleaseHoldInput{HoldIds: held}),
			does(e.d.Hold.ReleaseHold, e.lead, hold.ReleaseHoldInput{HoldIds: append(slices.Clone(ended), nowhere(delivery.KindHold))})},
		"StartRound": {
			does(e.d.Round.StartRound, e.supply, round.StartRoundInput{OrderIds: []delivery.ID{mine}, Most: 30}),
			does(e.d.Round.StartRound, e.supply, round.StartRoundInput{UnitIds: e.units, Most: 30}),
			does(e.d.Round.StartRound, e.resident, round.StartRoundInput{OrderIds: []delivery.ID{mine}, Most: 30})},
		"HandOver": {
			does(e.d.Round.HandOver, e.resident, round.HandOverInput{Doors: []*round.HandOverDoorInput{{OrderIds: []delivery.ID{mine}, Proof: delivery.ProofAttested}}}),
			does(e.d.Round.HandOver, e.elsewhere, round.HandOverInput{Doors: []*round.HandOverDoorInput{{OrderIds: []delivery.ID{mine, placed}, Proof: delivery.ProofCode, Code: "0000"}}})},
		"EndRound": {
			does(e.d.Round.EndRound, e.supply, round.EndRoundInput{RoundID: nowhere(delivery.KindRound)}),
			does(e.d.Round.EndRound, e.duty, round.EndRoundInput{RoundID: climb})},
		"ConfirmReceipt": {
			does(e.d.Round.ConfirmReceipt, e.neighbour, round.ConfirmReceiptInput{OrderIds: []delivery.ID{mine}}),
			does(e.d.Round.ConfirmReceipt, e.resident, round.ConfirmReceiptInput{OrderIds: []delivery.ID{mine}})},
		"Dispute": {
			does(e.d.Round.Dispute, e.neighbour, round.DisputeInput{OrderID: mine, Kind: delivery.IncidentNotReceived}),
			does(e.d.Round.Dispute, e.resident, round.DisputeInput{OrderID: mine, Kind: delivery.IncidentNotReceived})},
		"RecordMoney": {
			does(e.d.Money.RecordMoney, e.resident, pays(mine, delivery.MoneyIn, delivery.PartyHousehold, 100)),
			does(e.d.Money.RecordMoney, e.neighbour, pays(mine, delivery.MoneyIn, delivery.PartyHousehold, 100)),
			does(e.d.Money.RecordMoney, e.lead, pays(mine, delivery.MoneySpent, delivery.PartyShop, 100))},
		"SettleMoney": {
			does(e.d.Money.SettleMoney, e.duty, money.SettleMoneyInput{OrderIds: []delivery.ID{mine, other}}),
			does(e.d.Money.SettleMoney, e.lead, money.SettleMoneyInput{OrderIds: []delivery.ID{mine, nowhere(delivery.KindOrder)}})},
		"TakeDocuments": {
			does(e.d.Errand.TakeDocuments, e.lead, errand.TakeDocumentsInput{OrderID: mine, Kinds: []delivery.DocumentKind{delivery.DocumentKey}}),
			does(e.d.Errand.TakeDocuments, e.duty, errand.TakeDocumentsInput{OrderID: fetch, Kinds: []delivery.DocumentKind{delivery.DocumentKey}})},
		"ReturnDocuments": {
			does(e.d.Errand.ReturnDocuments, e.lead, errand.ReturnDocumentsInput{Documents: []*errand.ReturnDocumentInput{{DocumentID: nowhere(delivery.KindDocument)}}}),
			does(e.d.Errand.ReturnDocuments, e.duty, errand.ReturnDocumentsInput{Documents: []*errand.ReturnDocumentInput{{DocumentID: cardOut, Lost: true}}})},
		"AnswerErrand": {
			does(e.d.Errand.AnswerErrand, e.duty, errand.AnswerErrandInput{OrderID: fetch, Answer: "x"}),
			does(e.d.Errand.AnswerErrand, e.lead, errand.AnswerErrandInput{OrderID: mine, Answer: "x"})},
		"StartRun": {
			does(e.d.Transport.StartRun, e.supply, transport.StartRunInput{CommunityID: e.community, Capacity: 1}),
			does(e.d.Transport.StartRun, e.transport, transport.StartRunInput{CommunityID: e.community, Capacity: 1})},
		"LoadRun": {
			does(e.d.Transport.LoadRun, e.duty, transport.LoadRunInput{RunID: run, OrderIds: []delivery.ID{mine}}),
			does(e.d.Transport.LoadRun, e.transport, transport.LoadRunInput{RunID: run, OrderIds: []delivery.ID{mine, other}, BinIds: []delivery.ID{binOf(e.buildings[0])}}),
			does(e.d.Transport.LoadRun, e.commander, transport.LoadRunInput{RunID: over, OrderIds: []delivery.ID{mine}})},
		"DepartRun":      {does(e.d.Transport.DepartRun, e.transport, transport.DepartRunInput{RunID: run}), does(e.d.Transport.DepartRun, e.duty, transport.DepartRunInput{RunID: run})},
		"DropAtBuilding": {does(e.d.Transport.DropAtBuilding, e.transport, transport.DropAtBuildingInput{RunID: run, BuildingID: e.buildings[0]})},
		"AcceptDrop":     {does(e.d.Transport.AcceptDrop, e.duty, transport.AcceptDropInput{RunID: run, BuildingID: e.buildings[0]}), does(e.d.Transport.AcceptDrop, e.commander, transport.AcceptDropInput{RunID: run, BuildingID: e.buildings[0]})},
		"FinishRun":      {does(e.d.Transport.FinishRun, e.duty, transport.FinishRunInput{RunID: run}), does(e.d.Transport.FinishRun, e.commander, transport.FinishRunInput{RunID: over})},
		"CancelRun":      {does(e.d.Transport.CancelRun, e.commander, transport.CancelRunInput{RunID: over})},
		"ReportIncidents": {
			does(e.d.Incident.ReportIncidents, e.commander, report(mine, nowhere(delivery.KindOrder))),
			does(e.d.Incident.ReportIncidents, e.neighbour, report(mine))},
		"TakeIncidents": {
			does(e.d.Incident.TakeIncidents, e.lead, incident.TakeIncidentsInput{Ids: resolved}),
			does(e.d.Incident.TakeIncidents, e.resident, incident.TakeIncidentsInput{Ids: resolved})},
		"PlanDay": {
			does(e.d.Plan.PlanDay, e.resident, plan.PlanDayInput{CommunityID: e.community, Scenario: rehearsal.ScenarioInput{CommunityID: e.community}}),
			does(e.d.Plan.PlanDay, e.commander, plan.PlanDayInput{CommunityID: e.community, Scenario: rehearsal.ScenarioInput{CommunityID: e.community, Day: new("2020-02-18"), Replications: 1}})},
		"SetTargets": {
			does(e.d.Incident.SetTargets, e.lead, targetsTo(e.community, delivery.Sorted, 5)),
			does(e.d.Incident.SetTargets, e.commander, targetsTo(e.community, delivery.Placed, 5))},
		"CreateTasks": {
			does(e.d.Task.CreateTasks, e.supply, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{{Kind: delivery.TaskTell, Title: "x", DueAt: e.time()}}}),
			does(e.d.Task.CreateTasks, e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{{Kind: delivery.TaskTell, DueAt: e.time()}}})},
		"FinishTasks": {
			does(e.d.Task.FinishTasks, e.resident, task.FinishTasksInput{Ids: overTasks, State: delivery.TaskDone}),
			does(e.d.Task.FinishTasks, e.lead, task.FinishTasksInput{Ids: append(slices.Clone(overTasks), nowhere(delivery.KindTask)), State: delivery.TaskDone})},
		"PublishNotice": {
			does(e.d.Notice.PublishNotice, e.supply, notice.PublishNoticeInput{CommunityID: e.community, Kind: delivery.NoticePlain, Title: "x", Households: true}),
			does(e.d.Notice.PublishNotice, e.commander, notice.PublishNoticeInput{CommunityID: e.community, Kind: delivery.NoticeReopening, Title: "x", Households: true, ReplacesID: new(nowhere(delivery.KindNotice))})},
		"MarkNoticesSeen": {
			does(e.d.Notice.MarkNoticesSeen, e.commander, notice.MarkNoticesSeenInput{NoticeIds: []delivery.ID{*water}}),
			does(e.d.Notice.MarkNoticesSeen, e.resident, notice.MarkNoticesSeenInput{NoticeIds: []delivery.ID{nowhere(delivery.KindNotice)}})},
		"MarkNoticeTold": {
			does(e.d.Notice.MarkNoticeTold, e.resident, notice.MarkNoticeToldInput{NoticeID: *water, HouseholdIds: e.homes}),
			does(e.d.Notice.MarkNoticeTold, e.commander, notice.MarkNoticeToldInput{NoticeID: *water, HouseholdIds: []delivery.ID{nowhere(delivery.KindHousehold)}})},
		"ResolveIncidents": {
			does(e.d.Incident.ResolveIncidents, e.lead, incident.ResolveIncidentsInput{Ids: resolved, Resolution: delivery.ResolutionFound}),
			does(e.d.Incident.ResolveIncidents, e.shop, incident.ResolveIncidentsInput{Ids: resolved, Resolution: delivery.ResolutionFound})},
		"ImportOrders": {
			does(e.d.Intake.ImportOrders, e.resident, e.importing(delivery.ImportCSV)),
			does(e.d.Intake.ImportOrders, e.shop, intake.ImportOrdersInput{CommunityID: e.community, SupplierID: e.suppliers[1]})},
		"SettleImportRows": {
			does(e.d.Intake.SettleImportRows, e.commander, intake.SettleImportRowsInput{ImportID: nowhere(delivery.KindImport), Rows: []*intake.SettleRowInput{{Row: 1}}}),
			does(e.d.Intake.SettleImportRows, e.duty, intake.SettleImportRowsInput{ImportID: brought, Rows: []*intake.SettleRowInput{{Row: 1}}})},
		"LogEnquiry": {
			does(e.d.Desk.LogEnquiry, e.neighbour, desk.LogEnquiryInput{CommunityID: e.community, Kind: delivery.EnquiryQuestion, Way: delivery.WayApp, HouseholdID: &e.homes[0]}),
			does(e.d.Desk.LogEnquiry, e.commander, desk.LogEnquiryInput{CommunityID: e.community, Kind: delivery.EnquiryQuestion, Way: delivery.WayPhone})},
		"TakeEnquiry": {
			does(e.d.Desk.TakeEnquiry, e.duty, desk.TakeEnquiryInput{CommunityID: e.community}),
			does(e.d.Desk.TakeEnquiry, e.commander, desk.TakeEnquiryInput{CommunityID: e.community, EnquiryID: &answered})},
		"PostponeEnquiry": {
			does(e.d.Desk.PostponeEnquiry, e.duty, desk.PostponeEnquiryInput{EnquiryID: answered, Unreachable: true}),
			does(e.d.Desk.PostponeEnquiry, e.commander, desk.PostponeEnquiryInput{EnquiryID: waiting, Unreachable: true})},
		"CloseEnquiry": {
			does(e.d.Desk.CloseEnquiry, e.neighbour, desk.CloseEnquiryInput{EnquiryID: answered, Outcome: delivery.OutcomeNotNeeded}),
			does(e.d.Desk.CloseEnquiry, e.commander, desk.CloseEnquiryInput{EnquiryID: waiting, Outcome: delivery.OutcomeNotNeeded})},
		"RevealContact": {does(e.d.Contact.RevealContact, e.patrol, contact.RevealContactInput{HouseholdID: e.homes[0], OrderID: &mine, Reason: "x"}),
			does(e.d.Contact.RevealContact, e.supply, contact.RevealContactInput{HouseholdID: e.homes[0], Reason: "x"})},
		"RevealRound": {does(e.d.Contact.RevealRound, e.patrol, contact.RevealRoundInput{CommunityID: e.community, BuildingID: &e.buildings[0], Reason: "x"}),
			does(e.d.Contact.RevealRound, e.supply, contact.RevealRoundInput{CommunityID: e.community, Reason: "x"})},
		"CreateCommunities": {does(e.d.Estate.CreateCommunities, e.commander, estate.CreateCommunitiesInput{Communities: []*estate.NewCommunityInput{{Code: "x", Name: "x", TimeZone: "Asia/Shanghai"}}}),
			does(e.d.Estate.CreateCommunities, e.admin, estate.CreateCommunitiesInput{Communities: []*estate.NewCommunityInput{{Code: e.code, Name: "x", TimeZone: "Asia/Shanghai"}}})},
		"UpdateCommunities": {does(e.d.Estate.UpdateCommunities, e.lead, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, Name: new("x")}}}),
			does(e.d.Estate.UpdateCommunities, e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, Name: new("x"), ExpectedVersion: stale}}})},
		"CreateBuildings": {does(e.d.Estate.CreateBuildings, e.commander, estate.CreateBuildingsInput{CommunityID: e.community, Buildings: []*estate.NewBuildingInput{{Code: "E6"}}})},
		"UpdateBuildings": {does(e.d.Estate.UpdateBuildings, e.resident, estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{{ID: e.buildings[0], Name: new("x")}}}),
			does(e.d.Estate.UpdateBuildings, e.commander, estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{{ID: e.buildings[0], Code: new("E7")}}})},
		"CreateUnits":      {does(e.d.Estate.CreateUnits, e.commander, estate.CreateUnitsInput{CommunityID: e.community, Units: []*estate.NewUnitInput{{BuildingID: e.buildings[0], Number: 1, Floors: 3}}})},
		"UpdateUnits":      {does(e.d.Estate.UpdateUnits, e.commander, estate.UpdateUnitsInput{Units: []*estate.UnitPatchInput{{ID: e.units[0], Floors: new(3), ExpectedVersion: stale}}})},
		"CreateHouseholds": {does(e.d.Estate.CreateHouseholds, e.commander, homeTaken)},
		"UpdateHouseholds": {does(e.d.Estate.UpdateHouseholds, e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[0], Archived: new(true)}}})},
		"CreateBins":       {does(e.d.Sorting.CreateBins, e.commander, sorting.CreateBinsInput{CommunityID: e.community, Bins: []*sorting.NewBinInput{{BuildingID: e.buildings[0], Code: "E6"}}})},
		"UpdateBins":       {does(e.d.Sorting.UpdateBins, e.commander, sorting.UpdateBinsInput{Bins: []*sorting.BinPatchInput{{ID: e.defaultBin(0), Archived: new(true)}}})},
		"SortOrders": {
			does(e.d.Sorting.SortOrders, e.commander, sorting.SortOrdersInput{BinID: e.defaultBin(0), Orders: []*sorting.SortItemInput{{OrderID: mine}, {OrderID: nowhere(delivery.KindOrder)}}, Labels: []string{"x", "#1-8"}}),
			does(e.d.Sorting.SortOrders, e.resident, sorting.SortOrdersInput{BinID: e.defaultBin(0), Orders: []*sorting.SortItemInput{{OrderID: mine}}}),
			does(e.d.Sorting.SortOrders, e.commander, sorting.SortOrdersInput{BinID: e.defaultBin(0), Orders: []*sorting.SortItemInput{{OrderID: mine}}})},
		"PlanShifts": {
			does(e.d.Shift.PlanShifts, e.resident, shift.PlanShiftsInput{CommunityID: e.community, Shifts: []*shift.ShiftInput{e.planned(0, 1)}}),
			does(e.d.Shift.PlanShifts, e.lead, shift.PlanShiftsInput{CommunityID: e.community, Shifts: []*shift.ShiftInput{e.planned(0, 1, "S01")}})},
		"CheckIn": {
			does(e.d.Shift.CheckIn, e.resident, shift.CheckInInput{ShiftID: &day}),
			does(e.d.Shift.CheckIn, e.lead, shift.CheckInInput{ShiftID: &day, VolunteerIds: []delivery.ID{e.team["S02"]}, Absent: true})},
		"CheckOut": {
			does(e.d.Shift.CheckOut, e.shop, shift.CheckOutInput{ShiftID: &day}),
			does(e.d.Shift.CheckOut, e.lead, shift.CheckOutInput{ShiftID: &day, VolunteerIds: []delivery.ID{e.team["S01"]}})},
		"SetWebhooks": {
			does(e.d.Webhook.SetWebhooks, e.lead, hooks("https://x.example", nil)),
			does(e.d.Webhook.SetWebhooks, e.pharmacy, hooks("https://x.example", &e.suppliers[1])),
			does(e.d.Webhook.SetWebhooks, e.commander, hooks("https://10.0.0.1", nil)),
			does(e.d.Webhook.SetWebhooks, e.commander, hooks("https://x.example", new(nowhere(delivery.KindSupplier))))},
		"RotateWebhookSecret": {
			does(e.d.Webhook.RotateWebhookSecret, e.lead, webhook.RotateWebhookSecretInput{WebhookID: nowhere(delivery.KindWebhook)}),
			does(e.d.Webhook.RotateWebhookSecret, e.commander, webhook.RotateWebhookSecretInput{WebhookID: nowhere(delivery.KindWebhook)})},
		"ResendParked": {
			does(e.d.Webhook.ResendParked, e.resident, webhook.ResendParkedInput{WebhookIds: []delivery.ID{nowhere(delivery.KindWebhook)}}),
			does(e.d.Webhook.ResendParked, e.commander, webhook.ResendParkedInput{WebhookIds: []delivery.ID{nowhere(delivery.KindWebhook)}})},
		"SavePackages": {
			does(e.d.Window.SavePackages, e.resident, sale.packages("x")),
			does(e.d.Window.SavePackages, e.pharmacy, sale.packages("x")),
			does(e.d.Window.SavePackages, e.shop, sale.packages("A"))},
		"SaveScenario": {
			does(e.d.Plan.SaveScenario, e.resident, e.scenario("x")),
			does(e.d.Plan.SaveScenario, e.lead, e.scenario(""))},
		"ArchiveScenario": {
			does(e.d.Plan.ArchiveScenario, e.resident, plan.ArchiveScenarioInput{ScenarioID: nowhere(delivery.KindScenario)}),
			does(e.d.Plan.ArchiveScenario, e.lead, plan.ArchiveScenarioInput{ScenarioID: nowhere(delivery.KindScenario)})},
		"OpenWindow": {
			does(e.d.Window.OpenWindow, e.pharmacy, sale.opening(e, nil)),
			does(e.d.Window.OpenWindow, e.shop, func() window.OpenWindowInput {
				in := sale.opening(e, nil)
				in.Offers[0].PackageID = nowhere(delivery.KindPackage)
				return in
			}())},
		"ReleaseReserve": {
			does(e.d.Window.ReleaseReserve, e.shop, window.ReleaseReserveInput{WindowID: sale.window}),
			does(e.d.Window.ReleaseReserve, e.lead, window.ReleaseReserveInput{WindowID: sale.window})},
		"DecideWindow": {
			does(e.d.Window.DecideWindow, e.resident, window.DecideWindowInput{WindowID: sale.window}),
			does(e.d.Window.DecideWindow, e.shop, window.DecideWindowInput{WindowID: sale.window}),
			does(e.d.Window.DecideWindow, e.shop, window.DecideWindowInput{WindowID: nowhere(delivery.KindWindow), Confirm: true})},
		"AmendOrder": {
			does(e.d.Order.AmendOrder, e.neighbour, amend),
			does(e.d.Order.AmendOrder, e.commander, amend),
			does(e.d.Order.AmendOrder, e.resident, amend)},
		"CreateSuppliers": {does(e.d.Supplier.CreateSuppliers, e.commander, supplier.CreateSuppliersInput{CommunityID: e.community, Suppliers: []*supplier.NewSupplierInput{{Code: "yiyao", Name: "x", Kind: delivery.SupplierShop}}})},
		"UpdateSuppliers": {does(e.d.Supplier.UpdateSuppliers, e.commander, supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{{ID: e.suppliers[0], Code: new("caiban")}}})},
		"CreateVolunteers": {does(e.d.Team.CreateVolunteers, e.resident, team.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*team.NewVolunteerInput{{Code: "x", Name: "x", Squad: delivery.SquadDuty, Rank: delivery.RankMember}}}),
			does(e.d.Team.CreateVolunteers, e.lead, team.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*team.NewVolunteerInput{{Code: "S01", Name: "x", Squad: delivery.SquadDuty, Rank: delivery.RankMember}}})},
		"UpdateVolunteers":  {does(e.d.Team.UpdateVolunteers, e.lead, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: e.team["C01"], Rank: new(delivery.RankMember)}}})},
		"CreateInvitations": {does(e.d.Access.CreateInvitations, e.lead, access.CreateInvitationsInput{SubjectIds: []delivery.ID{e.team["S01"]}}), does(e.d.Access.CreateInvitations, e.commander, access.CreateInvitationsInput{SubjectIds: []delivery.ID{nowhere(delivery.KindVolunteer)}})},
		"IssueCards":        {does(e.d.Access.IssueCards, e.resident, access.IssueCardsInput{HouseholdIds: e.homes}), does(e.d.Access.IssueCards, e.commander, access.IssueCardsInput{HouseholdIds: []delivery.ID{e.homes[0], nowhere(delivery.KindHousehold)}, Atomic: true})},
		"ShareOrder":        {does(e.d.Access.ShareOrder, e.neighbour, access.ShareOrderInput{OrderID: mine}), does(e.d.Access.ShareOrder, e.shop, access.ShareOrderInput{OrderID: mine})},
		"RevokeCodes":       {does(e.d.Access.RevokeCodes, e.resident, access.RevokeCodesInput{CodeIds: []delivery.ID{nowhere(delivery.KindCode)}}), does(e.d.Access.RevokeCodes, e.commander, access.RevokeCodesInput{CodeIds: []delivery.ID{nowhere(delivery.KindCode)}})},
		"EndSessions":       {does(e.d.Access.EndSessions, e.lead, access.EndSessionsInput{SubjectIds: e.homes}), does(e.d.Access.EndSessions, e.commander, access.EndSessionsInput{SubjectIds: []delivery.ID{e.homes[0], nowhere(delivery.KindHousehold)}, Atomic: true})},
		"RedeemCode": {
			func(ctx context.Context) (any, error) {
				return e.d.Access.RedeemCode(ctx, from, access.RedeemCodeInput{Code: spent})
			},
			func(ctx context.Context) (any, error) {
				return e.d.Access.RedeemCode(ctx, from, access.RedeemCodeInput{Code: spent[:len(spent)-1] + "0"})
			}},
		"RefreshToken": {func(ctx context.Context) (any, error) {
			return e.d.Access.RefreshToken(ctx, access.RefreshTokenInput{Token: delivery.NewToken().Reveal()})
		}},
		"SignOut": {func(ctx context.Context) (any, error) {
			a := e.resident
			a.Session = "01890000-0000-7000-8000-000000000000"
			_, err := e.d.Access.SignOut(ctx, a, access.SignOutInput{Everywhere: true}) // says that it is done
			return &access.EndPayload{Outcome: dispatch.Outcome{UserErrors: []*delivery.Error{{}}}}, err
		}},
	} {
		for i, call := range calls {
			within, cancel := context.WithTimeout(ctx, 20*time.Second)
			p, err := call(within)
			cancel()
			if err != nil {
				t.Errorf("%s, call %d: waits for a lock: %v", verb, i, err)
			} else if !refusedWhole(p) {
				t.Errorf("%s, call %d: is not refused: %+v", verb, i, p)
			}
		}
		covered[verb] = true
	}
	for name := range verbMethods() {
		if !covered[name] {
			t.Errorf("%s is not tried", name)
		}
	}
	// A call that is not refused does wait.
	within, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if _, err := e.d.Order.AdvanceOrders(within, e.commander, advanceAll([]delivery.ID{mine}, delivery.AtGate)); err == nil {
		t.Error("a move went past locked tables")
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, why := e.refresh(token); why != none {
		t.Errorf("refresh: %s", why)
	}
}

// does is one call of a verb.
func does[I, P any](verb func(context.Context, delivery.Actor, I) (P, error), a delivery.Actor, in I) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) { return verb(ctx, a, in) }
}

func itoa(n int32) string { return strconv.Itoa(int(n)) }

// refusedWhole reports whether a call did nothing: no result was saved, and the payload holds only the reasons and the time.
// It clears the ids of saved results.
func refusedWhole(p any) bool {
	v := reflect.ValueOf(p).Elem()
	for _, f := range reflect.VisibleFields(v.Type()) {
		part := v.FieldByIndex(f.Index)
		switch {
		case f.Anonymous, !f.IsExported(), f.Name == "ClientMutationID", f.Name == "UserErrors", f.Name == "LookedAt":
		case f.Name == "Results", f.Name == "Items":
			for i := range part.Len() {
				if part.Index(i).Interface().(interface{ Undo() bool }).Undo() {
					return false
				}
			}
		case !part.IsZero():
			return false
		}
	}
	return true
}

// A call locks rows in id order, not in the order of its input. Another session holds the row with the lower id: the call
// waits for that row and must not hold the other yet.
func TestEveryVerbLocksInIDOrder(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	far := e.another()
	ctx := t.Context()
	down := func(ids ...delivery.ID) []delivery.ID { // from the highest id to the lowest
		ids = slices.Clone(ids)
		slices.SortFunc(ids, func(a, b delivery.ID) int {
			return cmp.Or(cmp.Compare(b.Community, a.Community), cmp.Compare(b.UUID, a.UUID))
		})
		return ids
	}
	buildings, units, homes, suppliers := down(e.buildings...), down(e.units...), down(e.homes[0], e.homes[4]), down(e.suppliers...)
	bins := down(e.defaultBin(0), e.defaultBin(1))
	members := down(e.team["S01"], e.team["S02"])
	orders := down(e.place(e.homes[0]), e.place(e.homes[4]))
	moved := down(e.place(e.homes[0]), e.place(e.homes[4]))
	must(e.d.Order.AdvanceOrders(ctx, e.commander, advanceAll(moved, delivery.AtGate)))
	var undo order.UndoMoveInput
	for _, id := range moved {
		undo.Orders = append(undo.Orders, &order.OrderUndoInput{OrderID: id, ExpectedVersion: e.row(id).Version})
	}
	var moves []*order.OrderMoveInput
	for _, id := range orders {
		moves = append(moves, &order.OrderMoveInput{OrderID: id})
	}
	onOrders := down(e.hold(nil, e.place(e.homes[0]), e.place(e.homes[1]))...)
	var cards []delivery.ID
	for _, r := range must(e.d.Access.IssueCards(ctx, e.commander, access.IssueCardsInput{HouseholdIds: homes})).Results {
		cards = append(cards, *r.CodeID)
		_, _ = e.redeem(*r.Secret)
		_, _ = e.redeem(*r.Secret)
	}
	cards = down(cards...)
	var sessions []delivery.ID
	for _, id := range e.column("select id from sessions order by id desc") {
		sessions = append(sessions, delivery.ID{UUID: delivery.UUID(id)})
	}
	communities := down(e.community, far.community)
	duty, later := e.actor("D01"), new(e.d.BusinessTime().Add(time.Hour))
	var announced []*gate.AnnouncedOrderInput
	for _, id := range orders {
		announced = append(announced, &gate.AnnouncedOrderInput{OrderID: id, Bags: new(2)})
	}
	var strays []delivery.ID
	for _, r := range must(e.d.Gate.LogStrays(ctx, duty, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "A"}, {Place: "B"}}})).Results {
		strays = append(strays, *r.StrayID)
	}
	strays = down(strays...)
	truck := must(e.d.Gate.AnnounceArrival(ctx, duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], Orders: []*gate.AnnouncedOrderInput{{OrderID: e.place(e.homes[0])}}}))
	brought := down(e.place(e.homes[0]), e.place(e.homes[4]))
	var counts []*gate.ReceivedInput
	for _, id := range brought {
		counts = append(counts, &gate.ReceivedInput{OrderID: &id, Received: 1})
	}

	var troubles []delivery.ID
	for _, kind := range []delivery.IncidentKind{delivery.IncidentOther, delivery.IncidentDamaged} {
		id, _ := e.trouble(e.commander, kind, orders[0])
		troubles = append(troubles, *id)
	}
	troubles = down(troubles...)
	for _, b := range e.buildings {
		e.uncovered(b)
	}
	var uncovered []delivery.ID
	for _, id := range e.column("select id from incidents where kind = 'UNCOVERED' order by id desc") {
		uncovered = append(uncovered, delivery.ID{UUID: delivery.UUID(id)})
	}

	jobs := down(e.tasks(e.lead, delivery.SquadSupply, &task.TaskInput{Kind: delivery.TaskTell, Title: "a"}, &task.TaskInput{Kind: delivery.TaskTell, Title: "b"})...)

	listening := down(e.listens(e.commander, nil, "https://a.example"), e.listens(e.commander, nil, "https://b.example"))
	e.tell(`with w as (update webhooks set position = position + 1, parked = 1 where community_id = $1 returning community_id, id, position)
		insert into webhook_parked (community_id, webhook_id, seq, parked_at) select community_id, id, position, now() from w`, e.community.Community)
	wet, _ := e.publish(e.commander, nil)
	dry, _ := e.publish(e.commander, nil)
	told := down(*wet, *dry)

	one, two := e.sell(nil), e.sell(nil)
	packs, sales := down(one.pack, two.pack), down(one.window, two.window)
	var baskets []*order.OrderMoveInput
	for _, s := range []*sale{one, two} {
		baskets = append(baskets, &order.OrderMoveInput{OrderID: e.basket(e.resident, s, 1)})
	}
	if one.window != sales[0] { // the order in the window with the higher id first
		slices.Reverse(baskets)
	}

	walks := down(e.at(delivery.Placed, delivery.ChannelErrand), e.at(delivery.Placed, delivery.ChannelErrand))
	var papers []*errand.ReturnDocumentInput
	for _, id := range walks {
		e.pay(e.lead, id, delivery.MoneyIn, delivery.PartyFund, 100)
		e.pay(e.lead, id, delivery.MoneyBack, delivery.PartyFund, 100)
		papers = append(papers, &errand.ReturnDocumentInput{DocumentID: e.takeDocuments(id, delivery.DocumentKey)[0], Lost: true})
	}
	day := e.plan(e.planned(0, 8, "S01", "S02"))

	conn := must(sql.Open("postgres", e.dsn))
	defer conn.Close()
	type locking struct {
		name  string
		table string
		rows  []delivery.ID // from the highest id to the lowest
		do    func(context.Context) (any, error)
	}
	cases := []locking{
		{"advanceOrders", "orders", orders, does(e.d.Order.AdvanceOrders, e.commander, advanceAll(orders, delivery.AtGate))},
		{"cancelOrder", "orders", orders, does(e.d.Order.CancelOrder, e.commander, order.CancelOrderInput{Orders: moves, Reason: delivery.MoveUnpaid})},
		{"announceArrival", "orders", orders, does(e.d.Gate.AnnounceArrival, duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], ExpectedAt: later, Orders: announced})},
		{"receiveArrival", "orders", brought, does(e.d.Gate.ReceiveArrival, duty, gate.ReceiveArrivalInput{ArrivalID: *truck.ArrivalID, Orders: counts, Complete: true})},
		{"closeStrays", "strays", strays, does(e.d.Gate.CloseStrays, duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: strays[0], Returned: new(true)}, {StrayID: strays[1], Returned: new(true)}}})},
		{"closeStrays", "orders", orders, does(e.d.Gate.CloseStrays, duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: strays[0], OrderID: &orders[0]}, {StrayID: strays[1], OrderID: &orders[1]}}})},
		{"closeStrays", "buildings", buildings, does(e.d.Gate.CloseStrays, duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: strays[0], HouseholdID: &homes[0], SupplierID: &suppliers[0], Channel: "PACKAGE"},
			{StrayID: strays[1], HouseholdID: &homes[1], SupplierID: &suppliers[0], Channel: "PACKAGE"}}})},
		{"updateBins", "bins", bins, does(e.d.Sorting.UpdateBins, e.commander, sorting.UpdateBinsInput{Bins: []*sorting.BinPatchInput{{ID: bins[0], Code: new("X0")}, {ID: bins[1], Code: new("X1")}}})},
		{"sortOrders", "orders", moved, does(e.d.Sorting.SortOrders, e.commander, sorting.SortOrdersInput{BinID: e.defaultBin(0), Orders: []*sorting.SortItemInput{{OrderID: moved[0]}, {OrderID: moved[1]}}})},
		{"setWebhooks", "webhooks", listening, does(e.d.Webhook.SetWebhooks, e.commander, webhook.SetWebhooksInput{CommunityID: e.community, Webhooks: []*webhook.WebhookInput{
			{ID: &listening[0], Name: "x", URL: "https://x.example"}, {ID: &listening[1], Name: "y", URL: "https://x.example"}}})},
		{"resendParked", "webhooks", listening, does(e.d.Webhook.ResendParked, e.commander, webhook.ResendParkedInput{WebhookIds: listening})},
		{"savePackages", "packages", packs, does(e.d.Window.SavePackages, e.shop, window.SavePackagesInput{SupplierID: e.suppliers[1], Packages: []*window.PackageInput{
			{ID: &packs[0], Code: "X0", Name: "x", Unit: "x"}, {ID: &packs[1], Code: "X1", Name: "x", Unit: "x"}}})},
		{"cancelOrder", "order_windows", sales, does(e.d.Order.CancelOrder, e.commander, order.CancelOrderInput{Orders: baskets, Reason: delivery.MoveUnpaid})},
		{"settleMoney", "orders", walks, does(e.d.Money.SettleMoney, e.lead, money.SettleMoneyInput{OrderIds: walks})},
		{"returnDocuments", "orders", walks, does(e.d.Errand.ReturnDocuments, e.lead, errand.ReturnDocumentsInput{Documents: papers})},
		{"undoMove", "buildings", buildings, does(e.d.Order.UndoMove, e.commander, undo)},
		{"undoMove", "orders", moved, does(e.d.Order.UndoMove, e.commander, undo)},
		{"placeHold", "buildings", buildings, does(e.d.Hold.PlaceHold, e.lead, hold.PlaceHoldInput{SubjectIds: buildings, Reason: delivery.HoldSealed})},
		{"placeHold", "orders", orders, does(e.d.Hold.PlaceHold, e.lead, hold.PlaceHoldInput{SubjectIds: orders, Reason: delivery.HoldSealed})},
		{"placeHold", "orders", orders, does(e.d.Hold.PlaceHold, e.lead, hold.PlaceHoldInput{SubjectIds: buildings, Reason: delivery.HoldSealed})},
		{"releaseHold", "holds", onOrders, does(e.d.Hold.ReleaseHold, e.lead, hold.ReleaseHoldInput{HoldIds: onOrders})},
		{"takeIncidents", "incidents", troubles, does(e.d.Incident.TakeIncidents, e.lead, incident.TakeIncidentsInput{Ids: troubles})},
		{"resolveIncidents", "incidents", troubles, does(e.d.Incident.ResolveIncidents, e.lead, incident.ResolveIncidentsInput{Ids: troubles, Resolution: delivery.ResolutionFound})},
		{"markNoticesSeen", "notices", told, does(e.d.Notice.MarkNoticesSeen, e.resident, notice.MarkNoticesSeenInput{NoticeIds: told})},
		{"finishTasks", "tasks", jobs, does(e.d.Task.FinishTasks, e.lead, task.FinishTasksInput{Ids: jobs, State: delivery.TaskDone})},
		{"updateVolunteers", "incidents", uncovered, does(e.d.Team.UpdateVolunteers, e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: members[0], HomeOrganisation: new("甲")}}})},
		{"updateCommunities", "communities", communities, does(e.d.Estate.UpdateCommunities, e.admin, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: communities[0], Name: new("x")}, {ID: communities[1], Name: new("y")}}})},
		{"updateCommunities", "feeds", communities, does(e.d.Estate.UpdateCommunities, e.admin, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: communities[0], Name: new("x")}, {ID: communities[1], Name: new("y")}}})},
		{"updateBuildings", "buildings", buildings, does(e.d.Estate.UpdateBuildings, e.commander, estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{{ID: buildings[0], Code: new("X0")}, {ID: buildings[1], Code: new("X1")}}})},
		{"updateBuildings", "households", homes, does(e.d.Estate.UpdateBuildings, e.commander, estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{{ID: buildings[0], Code: new("X0")}, {ID: buildings[1], Code: new("X1")}}})},
		{"updateUnits", "units", units, does(e.d.Estate.UpdateUnits, e.commander, estate.UpdateUnitsInput{Units: []*estate.UnitPatchInput{{ID: units[0], Number: new(5)}, {ID: units[1], Number: new(6)}}})},
		{"updateHouseholds", "households", homes, does(e.d.Estate.UpdateHouseholds, e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: homes[0], People: new(5)}, {ID: homes[1], People: new(5)}}})},
		{"updateSuppliers", "suppliers", suppliers, does(e.d.Supplier.UpdateSuppliers, e.commander, supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{{ID: suppliers[0], Name: new("x")}, {ID: suppliers[1], Name: new("y")}}})},
		{"updateVolunteers", "volunteers", members, does(e.d.Team.UpdateVolunteers, e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: members[0], Code: new("Y1")}, {ID: members[1], Code: new("Y2")}}})},
		{"updateVolunteers", "orders", orders, does(e.d.Team.UpdateVolunteers, e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: members[0], Reachable: new(false)}}})},
		{"checkIn", "volunteers", members, does(e.d.Shift.CheckIn, e.lead, shift.CheckInInput{ShiftID: &day, VolunteerIds: members, Absent: true})},
		{"checkIn", "orders", orders, does(e.d.Shift.CheckIn, e.lead, shift.CheckInInput{ShiftID: &day, VolunteerIds: members, Absent: true})},
		{"issueCards", "codes", cards, does(e.d.Access.IssueCards, e.commander, access.IssueCardsInput{HouseholdIds: homes})},
		{"issueCards", "sessions", sessions, does(e.d.Access.IssueCards, e.commander, access.IssueCardsInput{HouseholdIds: homes})},
		{"revokeCodes", "codes", cards, does(e.d.Access.RevokeCodes, e.commander, access.RevokeCodesInput{CodeIds: cards})},
		{"endSessions", "sessions", sessions, does(e.d.Access.EndSessions, e.commander, access.EndSessionsInput{SubjectIds: homes})},
		{"releaseHold", "buildings", buildings, nil},
	}
	for _, c := range cases {
		if c.do == nil { // last: nothing moves any more where holds stand on the buildings
			c.do = does(e.d.Hold.ReleaseHold, e.lead, hold.ReleaseHoldInput{HoldIds: e.hold(nil, buildings...)})
		}
		key := "id"
		if c.table == "communities" || c.table == "feeds" {
			key = "community_id"
		}
		text := func(id delivery.ID) string {
			if key == "id" {
				return string(id.UUID)
			}
			return itoa(id.Community)
		}
		low, high := text(c.rows[len(c.rows)-1]), text(c.rows[0])
		holder := must(conn.BeginTx(ctx, nil))
		var pid int
		if err := holder.QueryRowContext(ctx, "select pg_backend_pid() from "+c.table+" where cast("+key+" as text) = $1 for update", low).Scan(&pid); err != nil {
			t.Fatalf("%s, %s: %v", c.name, c.table, err)
		}
		within, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() {
			_, err := c.do(within)
			done <- err
		}()
		waits := false
		for deadline := time.Now().Add(20 * time.Second); !waits && time.Now().Before(deadline) && len(done) == 0; {
			if err := conn.QueryRowContext(ctx, "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))", pid).Scan(&waits); err != nil {
				t.Fatal(err)
			}
		}
		free := e.column("select cast("+key+" as text) from "+c.table+" where cast("+key+" as text) = $1 for update skip locked", high)
		if !waits {
			t.Errorf("%s does not lock %s", c.name, c.table)
		} else if len(free) == 0 {
			t.Errorf("%s locks the higher id of %s first", c.name, c.table)
		}
		cancel()
		<-done
		if err := holder.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// A new code of a community waits for no transaction that has inserted a row of the community: such a transaction waits for the feed, and
// a change of the community holds it.
func TestANewCodeWaitsForNoReference(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	conn := must(sql.Open("postgres", e.dsn))
	defer conn.Close()
	holder := must(conn.BeginTx(t.Context(), nil))
	defer holder.Rollback()
	var community int32
	if err := holder.QueryRowContext(t.Context(), "select community_id from communities where community_id = $1 for key share", e.community.Community).Scan(&community); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	p, err := e.d.Estate.UpdateCommunities(ctx, e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, Code: new("other")}}})
	if err != nil || len(p.Items[0].UserErrors) > 0 {
		t.Errorf("got %v, %v, want the new code at once", p, err)
	}
	if err := holder.Commit(); err != nil { // PostgreSQL ends idle transactions in the end
		t.Errorf("the new code waited until the other transaction was ended: %v", err)
	}
}
