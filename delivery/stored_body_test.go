package delivery_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

// oneOfEach returns one event of each kind, as the rules and the dispatch areas make it.
func oneOfEach() []*delivery.Event {
	const (
		hold   delivery.UUID = "01926f3e-7c1a-7000-8000-0000000000f1"
		member delivery.UUID = "01926f3e-7c1a-7000-8000-0000000000f2"
	)
	at := time.Date(2020, 2, 18, 9, 30, 5, 123456000, time.UTC)
	later := func(minutes int) time.Time { return at.Add(time.Duration(minutes) * time.Minute) }
	team, empty := &delivery.Roster{Reachable: map[delivery.UUID]bool{takerOf: true}, Anywhere: map[delivery.UUID]bool{takerOf: true}}, &delivery.Roster{}

	o := standing("PLACED", "ERRAND")
	o.TotalFen = 1250
	placed := o.Place(commander, at, team)
	moved, _ := placed.Order.Advance(commander, delivery.Move{To: "CANCELLED", Reason: "OUT_OF_STOCK", Note: "缺货"}, later(1), nil, team)
	undone, _ := moved.Order.Undo(commander, 2, moved, later(2), nil, team)
	h := &delivery.Hold{CommunityID: community, UUID: hold, Reason: "TESTING", Until: new(later(60))}
	started := undone.Order.StartHold(commander, h, later(3))
	ended := started.Order.EndHold(delivery.System(community), h, later(60))
	reassigned := ended.Order.Reassign(delivery.System(community), later(61), empty)
	repacked := reassigned.Order.Repack(commander, delivery.Packing{BagCount: 3, BagsIn: 2, Marks: delivery.Marks{"COLD", "MEDICINE"}, ArrivalUUID: new(hold)}, later(62))
	sorted := standing("SORTED", "APP")
	binned := sorted.Rebin(commander, hold, later(63))
	run := &delivery.Run{CommunityID: community, UUID: member, Capacity: 10, State: delivery.RunLoading}
	loaded, _ := run.Load(commander, binned.Order, 0, later(64), nil)
	unloaded := loaded.Order.Unload(commander, new(hold), later(65))
	confirmed, _ := standing("OUT_FOR_DELIVERY", "APP").Confirm(commander, later(66))
	proved := standing("OUT_FOR_DELIVERY", "APP").Prove(commander, delivery.ProofCode, later(66))
	late := sorted.BeLate(delivery.System(community), delivery.LevelLead, later(67))
	late.Order.TargetAt, late.Order.HeldSince = new(later(40)), new(later(38))
	climb := &delivery.Round{CommunityID: community, UUID: member}

	onHome, onSupplier := new(*h), new(*h)
	h.BuildingUUID, onHome.HouseholdUUID, onSupplier.SupplierUUID = new(here), new(member), new(member)
	i := delivery.NewIncident(delivery.IncidentShort, binned.Order.OrderID(), binned.Order.Keys())
	i.UUID, i.Bags = member, 1
	opened := i.Open(commander, at)
	risen := i.Rise(delivery.System(community), later(30))
	recounted := i.Recount(commander, 2, later(31))
	taken, _ := i.Take(commander, later(32))
	resolved, _ := i.Resolve(commander, delivery.ResolutionFound, "", later(33))

	a := &delivery.Arrival{CommunityID: community, UUID: member, Number: 4, SupplierUUID: here, State: delivery.ArrivalAnnounced, BagsAnnounced: 30,
		ArrivalSums: delivery.ArrivalSums{Orders: 20}}
	arrivals := []*delivery.Event{a.Announced(commander, at), a.BeLate(delivery.System(community), at)}
	arrived, _ := a.Arrive(commander, at)
	arrivals = append(arrivals, arrived, a.Found(commander, 1, 1, at))
	a.BagsMissing, a.BagsDamaged = 2, 1
	arrivals = append(arrivals, a.Receive(commander, 29, nil, at), a.Cancel(commander, at))
	stray := &delivery.Stray{CommunityID: community, UUID: hold, Number: 5, ArrivalUUID: new(member), Label: "E6"}
	arrivals = append(arrivals, stray.Find(commander, at), stray.Close(commander, delivery.StrayMatched, new(here), at))

	basket := standing("PLACED", "APP")
	basket.WindowUUID, basket.TotalFen = new(hold), 900
	amended, _ := basket.Amend(delivery.Actor{Role: "RESIDENT", Community: community, UUID: home}, basket.Version, 1250, 2, delivery.Marks{"COLD"}, later(68))
	w := &delivery.OrderWindow{CommunityID: community, UUID: member, SupplierUUID: here, OpensAt: later(-30), ClosesAt: later(0), DeliverAt: later(90), Minimum: 20, Orders: 21,
		NextAt: new(later(-30)), Version: 1}
	windows := []*delivery.Event{amended, w.Planned(commander, at)}
	decided, _ := w.Decide(commander, false, nil, later(5))
	stock := delivery.NewWindowStock(w, nil)
	stock.Give(delivery.Taking{})
	windows = append(append(windows, decided...), stock.Event(commander, later(6)))

	call := &delivery.Enquiry{CommunityID: community, UUID: member, Number: 6, Kind: delivery.EnquiryQuestion, Way: delivery.WayPhone, HouseholdUUID: new(home), BuildingUUID: new(here), Urgent: true}
	desk := delivery.Actor{Role: delivery.RoleLead, Community: community, UUID: hold, Squad: delivery.SquadPersuasion}
	calls := []*delivery.Event{call.Log(commander, at, at)}
	was, _ := call.Take(desk, later(1))
	unanswered, _ := call.NoAnswer(desk, &delivery.Community{TimeZone: "Asia/Shanghai"}, later(2))
	calls = append(calls, was, unanswered, call.Pass(delivery.System(community), later(62)))
	_, _ = call.Take(desk, later(63)) // as above
	calls = append(calls, call.Pass(delivery.System(community), later(73)))
	told, _ := call.Finish(desk, delivery.OutcomeAnswered, "明早九点", nil, later(74))
	calls = append(calls, told)

	events := slices.Concat(arrivals, windows, calls, []*delivery.Event{opened, risen, recounted, taken, resolved, placed, moved, undone, started, ended, reassigned, repacked, binned, loaded, unloaded, confirmed, proved, late, h.OfBuilding(delivery.BuildingHeld, commander, later(3)), h.OfBuilding(delivery.BuildingFreed, commander, later(60)),
		onHome.OfHousehold(delivery.HouseholdHeld, commander, later(3), here), onHome.OfHousehold(delivery.HouseholdFreed, commander, later(60), here),
		onSupplier.OfSupplier(delivery.SupplierHeld, commander, later(3)), onSupplier.OfSupplier(delivery.SupplierFreed, commander, later(60))})
	for _, kind := range []delivery.EventKind{delivery.RunStarted, delivery.RunDeparted, delivery.DropLeft, delivery.DropAccepted, delivery.RunEnded} {
		events = append(events, run.Event(kind, commander, at, here, 3))
	}
	visit := &delivery.Task{CommunityID: community, UUID: member, Squad: delivery.SquadPersuasion, Kind: delivery.TaskVisit, Title: "看看老人", BuildingUUID: new(here), HouseholdUUID: new(home)}
	events = append(events, visit.Begin(commander, at), visit.End(commander, delivery.TaskProblem, "没人应门", new(hold), later(9)))
	closure := &delivery.Notice{CommunityID: community, UUID: member, Kind: delivery.NoticeClosure, ClosureLevel: new(delivery.ClosureSealed), Title: "封闭", Households: true}
	events = append(events, closure.Publish(commander, 3700, at), closure.WasSeen(commander, delivery.Keys{Community: community, Building: here, Household: home}, at), closure.WasTold(commander, 12, at))
	for _, kind := range []delivery.EventKind{delivery.RoundStarted, delivery.RoundEnded} {
		events = append(events, climb.Events(kind, commander, at, map[delivery.UUID]int{here: 3})...)
	}
	errand := delivery.NewErrand(o.OrderID())
	events = append(events, o.Recorded(commander, 2, at), o.SettledMoney(commander, at), errand.Record(commander, o, "已取药", at), o.TookDocuments(commander, 2, at),
		o.BroughtDocuments(commander, 1, at), o.LostDocuments(commander, 1, at))
	on := &delivery.Shift{CommunityID: community, UUID: hold, StartsAt: at, EndsAt: later(60)}
	came, missing := on.NewMember(member), on.NewMember(member)
	in, _ := came.CheckIn(commander, at)
	out, _ := came.CheckOut(commander, later(60))
	absent, _ := missing.BeAbsent(commander, at)
	events = append(events, on.Event(delivery.ShiftSaved, commander, at), on.Event(delivery.ShiftCancelled, commander, at), in, out, absent)
	of := delivery.Keys{Community: community}
	for _, kind := range []delivery.EventKind{delivery.CommunitySaved, delivery.TargetsSet, delivery.CodesIssued, delivery.CodesEnded} {
		events = append(events, delivery.NewEvent(kind, commander, at, of, nil))
	}
	for _, kind := range []delivery.EventKind{delivery.BuildingSaved, delivery.UnitSaved, delivery.HouseholdSaved, delivery.VolunteerSaved, delivery.SupplierSaved, delivery.BinSaved, delivery.PackageSaved, delivery.WebhookSaved, delivery.ScenarioSaved} {
		events = append(events, delivery.NewSaved(kind, commander, at, of, member))
	}
	return append(events, delivery.NewEvent(delivery.AccessChanged, commander, at, of, &delivery.AccessBody{Row: member}), delivery.StartDay(community, "2020-02-18", at),
		(&delivery.DayPlan{CommunityID: community, Day: "2020-02-18"}).Changed(commander, at))
}

func stored(t *testing.T, e *delivery.Event) string {
	t.Helper()
	text, err := e.MarshalBody()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func read(t *testing.T, kind delivery.EventKind, body string) *delivery.Event {
	t.Helper()
	e := &delivery.Event{Kind: kind}
	if err := e.UnmarshalBody(body); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestStoredBodies compares the stored body of each kind with testdata/bodies.txt. Lines there are never changed, since old
// rows and older replicas have them; a new kind adds a line.
func TestStoredBodies(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/bodies.txt")
	if err != nil {
		t.Fatal(err)
	}
	golden := map[delivery.EventKind]string{}
	for line := range strings.Lines(string(file)) {
		kind, body, _ := strings.Cut(strings.TrimSpace(line), " ")
		golden[delivery.EventKind(kind)] = body
	}
	var kinds []delivery.EventKind
	for _, e := range oneOfEach() {
		kinds = append(kinds, e.Kind)
		if got, want := stored(t, e), golden[e.Kind]; got != want {
			t.Errorf("%s is stored as\n%s, want\n%s", e.Kind, got, want)
			continue
		}
		for form, text := range map[string]string{"as stored": golden[e.Kind], "as PostgreSQL writes it": strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(golden[e.Kind]),
			"with a member that is not known": strings.Replace(golden[e.Kind], "{", `{"drone": ["A", 1], `, 1)} {
			if got := read(t, e.Kind, text); !reflect.DeepEqual(got.Order, e.Order) || !reflect.DeepEqual(got.Body, e.Body) {
				t.Errorf("%s %s: got %+v, %+v, want %+v, %+v", e.Kind, form, got.Order, got.Body, e.Order, e.Body)
			}
		}
	}
	slices.Sort(kinds)
	if want := delivery.EventKinds(); !slices.Equal(kinds, want) {
		t.Errorf("got one event of each of %v, want of each of %v", kinds, want)
	}
	if len(golden) != len(kinds) {
		t.Errorf("got %d lines in testdata/bodies.txt, want %d", len(golden), len(kinds))
	}
}

// TestFieldsOfStoredBodies checks what clients see of each stored body.
func TestFieldsOfStoredBodies(t *testing.T) {
	t.Parallel()
	type fields struct {
		From    delivery.Stage
		Reason  delivery.MoveReason
		Undoes  int64
		HoldFor delivery.HoldReason
		Until   string
		Proof   delivery.ProofKind
		Shown   bool
	}
	want := map[delivery.EventKind]fields{
		"ORDER_PLACED":   {Shown: true},
		"ORDER_MOVED":    {From: "PLACED", Reason: "OUT_OF_STOCK", Shown: true},
		"MOVE_UNDONE":    {From: "CANCELLED", Undoes: 2, Shown: true},
		"HOLD_STARTED":   {HoldFor: "TESTING", Until: "10:30", Shown: true},
		"HOLD_ENDED":     {HoldFor: "TESTING", Until: "10:30", Shown: true},
		"HOLDER_CHANGED": {Shown: true},

		"ORDER_BAGS_CHANGED": {Shown: true},
		"ORDER_BINNED":       {Shown: true},
		"ORDER_LOADED":       {Shown: true},
		"ORDER_UNLOADED":     {Shown: true},
		"ORDER_CONFIRMED":    {Shown: true},
		"ORDER_PROVED":       {Shown: true, Proof: "CODE"},
		"ORDER_LATE":         {Shown: true},
		"ORDER_AMENDED":      {Shown: true},
		"BUILDING_HELD":      {HoldFor: "TESTING", Until: "10:30"},
		"BUILDING_FREED":     {HoldFor: "TESTING", Until: "10:30"},
		"HOUSEHOLD_HELD":     {HoldFor: "TESTING", Until: "10:30"},
		"HOUSEHOLD_FREED":    {HoldFor: "TESTING", Until: "10:30"},
		"SUPPLIER_HELD":      {HoldFor: "TESTING", Until: "10:30"},
		"SUPPLIER_FREED":     {HoldFor: "TESTING", Until: "10:30"},
	}
	for _, made := range oneOfEach() {
		e := read(t, made.Kind, stored(t, made))
		e.OrderUUID = made.OrderUUID
		got := fields{Shown: e.OfOrder()}
		if v := e.From(); v != nil {
			got.From = *v
		}
		if v := e.Reason(); v != nil {
			got.Reason = *v
		}
		if v := e.UndoneVersion(); v != nil {
			got.Undoes = *v
		}
		if v := e.Proof(); v != nil {
			got.Proof = *v
		}
		if v := e.HoldReason(); v != nil {
			got.HoldFor = *v
		}
		if v := e.HoldUntil(); v != nil {
			got.Until = v.Format("15:04")
		}
		if got != want[e.Kind] {
			t.Errorf("%s: got %+v, want %+v", e.Kind, got, want[e.Kind])
		}
	}
}
