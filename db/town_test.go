package db_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
)

// dice is where randomness comes from: a seeded generator, or rapid, which can shrink what it drew.
type dice interface{ IntN(n int) int }

type rapidDice struct{ *rapid.T }

func (r rapidDice) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(r.T, "n") }

func seeded(seed uint64) dice { return rand.New(rand.NewPCG(seed, seed)) }

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

func oneIn(d dice, n int) bool { return d.IntN(n) == 0 }

// some are a few of the list, perhaps none, perhaps one twice.
func some[T any](d dice, list []T) []T {
	out := make([]T, d.IntN(4))
	for i := range out {
		out[i] = pick(d, list)
	}
	return out
}

// town is two communities written straight into the tables, and the same rows in memory.
type town struct {
	t     testing.TB
	db    *db.DB
	dsn   string
	start time.Time

	communities []*delivery.Community
	buildings   []*delivery.Building
	units       []*delivery.Unit
	households  []*delivery.Household
	volunteers  []*delivery.Volunteer
	services    []*delivery.Service
	suppliers   []*delivery.Supplier
	packages    []*delivery.Package
	webhooks    []*delivery.Webhook
	scenarios   []*delivery.SavedScenario
	windows     []*delivery.OrderWindow
	offers      []*delivery.Offer
	bins        []*delivery.Bin
	shifts      []*delivery.Shift
	members     []*delivery.ShiftMember
	orders      []*delivery.Order
	lines       []*delivery.Line
	holds       []*delivery.Hold
	runs        []*delivery.Run
	rounds      []*delivery.Round
	incidents   []*delivery.Incident
	tasks       []*delivery.Task
	notices     []*delivery.Notice
	reach       []*delivery.NoticeReach
	drawn       int64 // numbers of tasks
	enquiries   []*delivery.Enquiry
	cards       []*delivery.AccessCode
	reveals     []*delivery.Reveal
	exports     []*delivery.Export
	arrivals    []*delivery.Arrival
	brought     []*delivery.ArrivalOrder
	strays      []*delivery.Stray
	imports     []*delivery.Import
	imported    map[delivery.UUID][]*delivery.ImportRow // by import
	events      map[int32][]*delivery.Event
	targets     []*delivery.StageTarget
	purses      []*delivery.Purse
	errands     []*delivery.Errand
	documents   []*delivery.Document
	numbers     map[int32]int64
}

// newTown builds the communities' nouns: three buildings each (E2, E10 and the archived E3), with units, households, a team and suppliers.
func newTown(t testing.TB) *town {
	t.Helper()
	return newTownAt(t, dbtest.DSN(t), db.Options{})
}

// newTownAt builds it over a database that was opened in some other way.
func newTownAt(t testing.TB, dsn string, o db.Options) *town {
	t.Helper()
	w := &town{t: t, db: open(t, dsn, o), dsn: dsn, start: time.Date(2020, 2, 18, 15, 59, 0, 0, time.UTC),
		events: map[int32][]*delivery.Event{}, numbers: map[int32]int64{}, imported: map[delivery.UUID][]*delivery.ImportRow{}}
	for i, code := range []string{"dongchen", "jiangnan"} {
		c := &delivery.Community{Code: code, Name: "东辰心语", TimeZone: []string{"Asia/Shanghai", "America/Sao_Paulo"}[i], Docks: 2, WelfareDays: 3, Proofs: delivery.ProofKinds, Versioned: delivery.Versioned{Version: 1, CreatedAt: w.start}}
		w.communities = append(w.communities, c)
		w.tx(func(tx *db.Tx) {
			w.must(tx.InsertCommunity(t.Context(), c))
			w.must(tx.InsertFeed(t.Context(), c.CommunityID, "2020-02-18"))
		})
		w.tx(func(tx *db.Tx) {
			w.must(tx.SavePlan(t.Context(), &delivery.DayPlan{CommunityID: c.CommunityID, Day: "2020-02-18", StartsAt: w.start, EndsAt: w.start.Add(24 * time.Hour), Orders: 1, MadeAt: w.start}))
		})
		w.furnish(c.CommunityID)
	}
	return w
}

// furnish adds the nouns of one community.
func (w *town) furnish(c int32) {
	w.t.Helper()
	archived := w.start.Add(time.Hour)
	var (
		buildings  []*delivery.Building
		units      []*delivery.Unit
		households []*delivery.Household
		volunteers []*delivery.Volunteer
		services   []*delivery.Service
		suppliers  []*delivery.Supplier
		bins       []*delivery.Bin // beside the default ones
	)
	for _, code := range []string{"E2", "E10", "E3"} {
		b := &delivery.Building{Row: delivery.NewRow(c, newUUID(), w.start), Code: code, Name: code + "栋", HasLift: true, AccessNote: "从东门进"}
		if code == "E3" {
			b.ArchivedAt = &archived
		}
		buildings = append(buildings, b)
		w.bins = append(w.bins, &delivery.Bin{Row: delivery.NewRow(c, b.UUID, w.start), BuildingUUID: b.UUID, Code: code})
		for _, more := range []string{"K2", "K10"} {
			bins = append(bins, &delivery.Bin{Row: delivery.NewRow(c, newUUID(), w.start), BuildingUUID: b.UUID, Code: more, Cold: true})
		}
		for number := 1; number <= 2; number++ {
			u := &delivery.Unit{Row: delivery.NewRow(c, newUUID(), w.start), BuildingUUID: b.UUID, Number: number, Floors: 18}
			units = append(units, u)
			for _, door := range []struct {
				floor int
				room  string
			}{{-1, "B1"}, {9, "902"}, {10, "1001"}, {10, "1002"}} {
				households = append(households, &delivery.Household{Row: delivery.NewRow(c, newUUID(), w.start), BuildingUUID: b.UUID, UnitUUID: u.UUID,
					Address: delivery.Address(code, number, door.room), Floor: door.floor, Room: door.room, ContactName: "王秀英", Phone: "13800001234",
					People: 3, Needs: delivery.Needs{delivery.AllNeeds[len(households)%len(delivery.AllNeeds)]}})
			}
		}
	}
	households[5].ArchivedAt, bins[1].ArchivedAt = &archived, &archived
	bins[0].UnitUUID = &units[0].UUID
	for i, code := range []string{"C1", "S2", "S10", "S3", "D1"} {
		v := &delivery.Volunteer{Row: delivery.NewRow(c, newUUID(), w.start), Code: code, Name: "李敏", Phone: "13900005678", HomeOrganisation: "街道办",
			Squad: delivery.SquadSupply, Rank: delivery.RankMember, Reachable: i != 3}
		switch i {
		case 0:
			v.Rank = delivery.RankCommander
		case 4:
			v.Squad, v.ArchivedAt = delivery.SquadDuty, &archived
		}
		volunteers = append(volunteers, v)
	}
	for i, v := range volunteers[1:] {
		duty := delivery.DutyPrimary
		if i%2 == 1 {
			duty = delivery.DutyBackup
		}
		services = append(services, &delivery.Service{CommunityID: c, VolunteerUUID: v.UUID, BuildingUUID: buildings[i%2].UUID, Duty: duty})
	}
	for i, code := range []string{"P2", "P10", "P3"} {
		s := &delivery.Supplier{Row: delivery.NewRow(c, newUUID(), w.start), Code: code, Name: "菜伴", Kind: delivery.SupplierPlatform, Phone: "0717-6012345"}
		if i == 2 {
			s.ArchivedAt = &archived
		}
		suppliers = append(suppliers, s)
	}
	shifts := []*delivery.Shift{
		{CommunityID: c, UUID: newUUID(), Squad: delivery.SquadSupply, Station: "南门", StartsAt: w.start, EndsAt: w.start.Add(8 * time.Hour), Needed: 2, Version: 1, CreatedAt: w.start},
		{CommunityID: c, UUID: newUUID(), Squad: delivery.SquadDuty, Station: "东门", StartsAt: w.start, EndsAt: w.start.Add(time.Hour), Version: 2, CreatedAt: w.start, CancelledAt: &archived},
		{CommunityID: c, UUID: newUUID(), Squad: delivery.SquadDuty, Station: "东门", StartsAt: w.start.Add(48 * time.Hour), EndsAt: w.start.Add(50 * time.Hour), Version: 1, CreatedAt: w.start}}
	members := []*delivery.ShiftMember{shifts[0].NewMember(volunteers[1].UUID), shifts[0].NewMember(volunteers[2].UUID), shifts[2].NewMember(volunteers[1].UUID)}
	members[0].State, members[0].InAt = delivery.ShiftOn, &w.start
	w.tx(func(tx *db.Tx) {
		ctx := w.t.Context()
		w.must(tx.Buildings().Insert(ctx, buildings))
		w.must(tx.Units().Insert(ctx, units))
		w.must(tx.Households().Insert(ctx, households))
		w.must(tx.Volunteers().Insert(ctx, volunteers))
		w.must(tx.ReplaceServices(ctx, c, nil, services))
		w.must(tx.Suppliers().Insert(ctx, suppliers))
		w.must(tx.Bins().Insert(ctx, bins))
		w.must(tx.InsertShifts(ctx, shifts))
		w.must(tx.SaveMembers(ctx, c, nil, members))
	})
	w.shifts, w.members = append(w.shifts, shifts...), append(w.members, members...)
	w.buildings, w.units, w.households = append(w.buildings, buildings...), append(w.units, units...), append(w.households, households...)
	w.volunteers, w.services, w.suppliers = append(w.volunteers, volunteers...), append(w.services, services...), append(w.suppliers, suppliers...)
	w.bins = append(w.bins, bins...)
	w.sell(suppliers[0])
	w.listen(suppliers[0])
	targets := []*delivery.StageTarget{{CommunityID: c, Stage: delivery.AtGate, Minutes: 25, Version: 1}, {CommunityID: c, Mark: delivery.MarkCold, Clock: new(delivery.ClockTime(600)), Version: 1}}
	w.tx(func(tx *db.Tx) { w.must(tx.SaveTargets(w.t.Context(), targets)) })
	w.targets = append(w.targets, targets...)
	w.plan(c)
}

// plan adds scenarios, one of them archived.
func (w *town) plan(community int32) {
	w.t.Helper()
	for i, name := range []string{"雨天", "晴天"} {
		s := &delivery.SavedScenario{Row: delivery.NewRow(community, newUUID(), w.start), Name: name,
			Body: delivery.ScenarioBody{Form: delivery.ScenarioForm, Orders: new(1230), Trucks: []delivery.ScenarioTruck{{At: 8 * 3600, Orders: 1230}}, Replications: 100}}
		if i == 1 {
			s.ArchivedAt = new(w.start.Add(time.Hour))
		}
		w.scenarios = append(w.scenarios, s)
		w.tx(func(tx *db.Tx) { w.must(tx.SaveScenario(w.t.Context(), s)) })
	}
}

// sell adds packages of a supplier, one of them archived, and a window that is open and one that is confirmed.
func (w *town) sell(s *delivery.Supplier) {
	w.t.Helper()
	var packages []*delivery.Package
	for i, code := range []string{"B", "A", "A10"} {
		p := &delivery.Package{Row: delivery.NewRow(s.CommunityID, newUUID(), w.start), SupplierUUID: s.UUID, Code: code, Name: "菜包" + code, Unit: "份", PriceFen: 2000,
			Marks: delivery.NewMarks([]delivery.Mark{delivery.AllMarks[i]})}
		if i == 2 {
			p.ArchivedAt = new(w.start.Add(time.Hour))
		}
		packages = append(packages, p)
	}
	for i := range 2 {
		at := w.start.Add(time.Duration(i) * time.Hour)
		o := &delivery.OrderWindow{CommunityID: s.CommunityID, UUID: newUUID(), SupplierUUID: s.UUID, Name: "周二", OpensAt: at, ClosesAt: at.Add(time.Hour), DeliverAt: at.Add(2 * time.Hour),
			Minimum: 5, NextAt: new(at), Version: 1, CreatedAt: w.start}
		if i == 1 {
			o.NextAt, o.Decision, o.DecidedAt, o.DecidedByRole, o.DecidedByUUID = nil, new(delivery.WindowConfirmed), new(o.ClosesAt), new(delivery.RoleSupplier), &s.UUID
		}
		w.windows = append(w.windows, o)
		for _, p := range packages[:1+i] {
			w.offers = append(w.offers, &delivery.Offer{CommunityID: s.CommunityID, WindowUUID: o.UUID, PackageUUID: p.UUID, SupplierUUID: s.UUID, PriceFen: 1900,
				Stock: new(delivery.Quantity(10500)), PhoneReserve: 2000, ReserveOpen: true, Item: p.Name, Unit: p.Unit, Marks: p.Marks})
		}
	}
	w.packages = append(w.packages, packages...)
	w.tx(func(tx *db.Tx) {
		ctx := w.t.Context()
		w.must(tx.Packages().Insert(ctx, packages))
		for _, o := range of(w.windows, s.CommunityID) {
			w.must(tx.InsertWindow(ctx, o))
		}
		w.must(tx.InsertOffers(ctx, slices.DeleteFunc(slices.Clone(w.offers), func(o *delivery.Offer) bool { return o.CommunityID != s.CommunityID })))
	})
}

// listen adds an endpoint of the community and one of a supplier.
func (w *town) listen(s *delivery.Supplier) {
	w.t.Helper()
	rows := []*delivery.Webhook{
		{Row: delivery.NewRow(s.CommunityID, newUUID(), w.start), Name: "短信", URL: "https://sms.example", CreatedByRole: "COMMANDER", CreatedByUUID: &w.volunteers[0].UUID},
		{Row: delivery.NewRow(s.CommunityID, newUUID(), w.start), SupplierUUID: &s.UUID, Name: "仓库", URL: "https://shop.example", Kinds: delivery.ActivityKindSet{"ORDER_MOVED", "ORDER_PLACED"},
			Off: new(delivery.OffByHand), OffAt: &w.start, CreatedByRole: "SUPPLIER", CreatedByUUID: &s.UUID},
	}
	w.webhooks = append(w.webhooks, rows...)
	w.tx(func(tx *db.Tx) { w.must(tx.InsertWebhooks(w.t.Context(), rows)) })
}

// order writes an order of any kind the tables allow.
func (w *town) order(d dice, c int32) *delivery.Order {
	w.t.Helper()
	o := w.draw(d, c)
	lines := []*delivery.Line{
		{CommunityID: c, UUID: newUUID(), OrderUUID: o.UUID, Position: 1, Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350, Substitute: delivery.SubstituteAny},
		{CommunityID: c, UUID: newUUID(), OrderUUID: o.UUID, Position: 2, Item: "大米", Quantity: delivery.MaxQuantity, Unit: "袋", UnitPriceFen: 0, Substitute: delivery.SubstituteAsk},
	}
	if o.Stage == delivery.OutForDelivery {
		w.takeOut(o)
	}
	placed := delivery.NewEvent(delivery.OrderConfirmed, delivery.System(c), w.start, o.Keys(), nil)
	placed.Order = &o.OrderSnapshot
	w.tx(func(tx *db.Tx) {
		w.must(tx.InsertOrder(w.t.Context(), o, lines))
		w.must(tx.InsertProofs(w.t.Context(), []*delivery.Proof{delivery.NewProof(placed, delivery.ProofResident)}))
	})
	w.orders, w.lines = append(w.orders, o), append(w.lines, lines...)
	w.pay(o)
	if o.Stage == delivery.Sorted && o.Number%2 == 0 {
		w.load(o)
	}
	if slices.Contains(delivery.TargetStages, o.Stage) && o.Number%3 == 0 {
		w.time(o)
	}
	return o
}

// pay gives an order with an odd number a purse with an entry, and an errand a document that is out.
func (w *town) pay(o *delivery.Order) {
	w.t.Helper()
	ctx, by := w.t.Context(), delivery.Actor{Role: delivery.RoleLead, Community: o.CommunityID}
	if o.Number%2 == 1 {
		p, m := delivery.NewPurse(o.ID(), w.start), &delivery.MoneyEntry{CommunityID: o.CommunityID, UUID: newUUID(), OrderUUID: o.UUID, Kind: delivery.MoneyIn, Party: delivery.PartyHousehold, AmountFen: 500, Method: delivery.MethodCash}
		if refusal := p.Add(by, m, nil, w.start); refusal != nil {
			w.t.Fatal(refusal)
		}
		p.Version = 1
		w.tx(func(tx *db.Tx) {
			w.must(tx.SavePurse(ctx, p))
			w.must(tx.InsertEntries(ctx, []*delivery.MoneyEntry{m}))
		})
		w.purses = append(w.purses, p)
	}
	if o.Channel == delivery.ChannelErrand {
		e, d := delivery.NewErrand(o.ID()), delivery.NewDocument(by, &o.OrderSnapshot, delivery.DocumentKey, w.start)
		e.Out, d.UUID = 1, newUUID()
		w.tx(func(tx *db.Tx) {
			w.must(tx.SaveErrands(ctx, []*delivery.Errand{e}))
			w.must(tx.InsertDocuments(ctx, []*delivery.Document{d}))
		})
		w.errands, w.documents = append(w.errands, e), append(w.documents, d)
	}
}

// keys are those of the order with the id.
func (w *town) keys(order delivery.ID) delivery.Keys {
	return w.orders[slices.IndexFunc(w.orders, func(o *delivery.Order) bool { return o.ID() == order })].Keys()
}

// time gives an order a target, which some have missed.
func (w *town) time(o *delivery.Order) {
	w.t.Helper()
	o.TargetAt, o.LateLevel = new(o.StageSince.Add(time.Hour)), append([]delivery.EscalationLevel{""}, delivery.EscalationLevels...)[o.Number/3%4]
	w.tx(func(tx *db.Tx) {
		w.must(tx.SaveOrders(w.t.Context(), o.CommunityID, []db.SavedOrder{{OrderSnapshot: &o.OrderSnapshot}}))
	})
}

// takeOut puts an order that is not there yet into the round of its community, which it starts with the first.
func (w *town) takeOut(o *delivery.Order) {
	w.t.Helper()
	rounds := of(w.rounds, o.CommunityID)
	if len(rounds) == 0 {
		rounds = []*delivery.Round{{CommunityID: o.CommunityID, UUID: newUUID(), Number: 1, VolunteerUUID: &of(w.volunteers, o.CommunityID)[0].UUID, StartedAt: w.start, Version: 1}}
		w.tx(func(tx *db.Tx) { w.must(tx.InsertRound(w.t.Context(), rounds[0])) })
		w.rounds = append(w.rounds, rounds[0])
	}
	o.RoundUUID = &rounds[0].UUID
	rounds[0].Taken++
	rounds[0].Out++
}

// load puts an order on the cart of its community's run, which it starts with the first.
func (w *town) load(o *delivery.Order) {
	w.t.Helper()
	runs := of(w.runs, o.CommunityID)
	w.tx(func(tx *db.Tx) {
		if len(runs) == 0 {
			runs = []*delivery.Run{{CommunityID: o.CommunityID, UUID: newUUID(), Number: 1, VolunteerUUID: of(w.volunteers, o.CommunityID)[0].UUID, Capacity: 100,
				State: delivery.RunLoading, StartedAt: w.start, Version: 1}}
			w.must(tx.InsertRun(w.t.Context(), runs[0]))
			w.runs = append(w.runs, runs[0])
		}
		o.BinUUID, o.RunUUID = nil, &runs[0].UUID
		runs[0].Bags += o.CarriedBags()
		w.must(tx.SaveOrders(w.t.Context(), o.CommunityID, []db.SavedOrder{{OrderSnapshot: &o.OrderSnapshot}}))
	})
}

func (w *town) draw(d dice, c int32) *delivery.Order {
	h := pick(d, of(w.households, c))
	w.numbers[c]++
	o := &delivery.Order{Note: "放门口", Address: h.Address, Phone: h.Phone}
	o.CommunityID, o.UUID, o.Number, o.BuildingUUID, o.UnitUUID, o.HouseholdUUID = c, newUUID(), w.numbers[c], h.BuildingUUID, h.UnitUUID, h.UUID
	o.Channel, o.Stage, o.Version, o.OpenHolds, o.TotalFen = pick(d, delivery.Channels), pick(d, delivery.Stages), 1, max(0, d.IntN(5)-2), 525
	o.PlacedByRole, o.MovedByRole = delivery.RoleResident, delivery.RoleCommander
	o.PlacedByUUID = &h.UUID
	o.PlacedAt, o.StageSince, o.MovedAt = w.instant(d), w.instant(d), w.instant(d)
	o.BagCount, o.Marks = delivery.BagCount(1+o.Number%3), delivery.NewMarks([]delivery.Mark{delivery.AllMarks[o.Number%4]})
	o.BagsIn = int(o.Number) % (o.Bags() + 1)
	if o.Stage == delivery.Sorted {
		bins := slices.DeleteFunc(of(w.bins, c), func(b *delivery.Bin) bool { return b.BuildingUUID != o.BuildingUUID })
		o.BinUUID = &pick(d, bins).UUID
	}
	if o.Stage == delivery.Delivered {
		at := w.instant(d)
		o.StageSince, o.DeliveredAt = at, &at
	}
	if o.Channel == delivery.ChannelPhone {
		o.ConsentBy = new(pick(d, delivery.Consents))
	}
	if o.Channel.RunByVolunteer() {
		o.TakerUUID = &pick(d, of(w.volunteers, c)).UUID
	}
	if !o.Channel.RunByVolunteer() || oneIn(d, 2) {
		o.SupplierUUID = &pick(d, of(w.suppliers, c)).UUID
		if oneIn(d, 3) {
			o.ExternalNumber = fmt.Sprintf("Mt-%d", 7000+o.Number)
		}
	}
	if !o.Stage.Final() {
		switch d.IntN(3) {
		case 0:
			o.HolderVolunteer = &pick(d, of(w.volunteers, c)).UUID
		case 1:
			if o.Stage == delivery.Placed || o.Stage == delivery.Dispatched {
				o.HolderSupplier = o.SupplierUUID
			}
		}
		for _, h := range w.holds { // the database refuses an order that does not count them
			if h.Open() && h.CommunityID == c && len(o.HoldsAmong([]*delivery.Hold{h})) > 0 {
				o.OpenHolds++
			}
		}
	} else {
		o.OpenHolds = 0
	}
	return o
}

// instant is one of few, so that some are equal; they lie on both sides of midnight in either zone, and at it.
func (w *town) instant(d dice) time.Time {
	return w.start.Add(time.Duration(d.IntN(5)) * 30 * time.Second).Add(time.Duration(d.IntN(3)-1)*11*time.Hour + time.Duration(d.IntN(2))*time.Microsecond)
}

// hold writes a hold on an order, a building, a household or a supplier, open or ended.
func (w *town) hold(d dice, c int32) {
	w.t.Helper()
	h := &delivery.Hold{CommunityID: c, UUID: newUUID(), Reason: pick(d, delivery.HoldReasons), Note: "核酸", PlacedAt: w.instant(d), PlacedByRole: delivery.RoleCommander}
	if orders := of(w.orders, c); len(orders) > 0 && oneIn(d, 2) {
		h.OrderUUID = &pick(d, orders).UUID
	} else {
		switch d.IntN(4) {
		case 0:
			h.HouseholdUUID = &pick(d, of(w.households, c)).UUID
		case 1:
			h.SupplierUUID = &pick(d, of(w.suppliers, c)).UUID
		default:
			h.BuildingUUID = &pick(d, of(w.buildings, c)).UUID
		}
	}
	later := h.PlacedAt.Add(time.Hour)
	if oneIn(d, 2) {
		h.Until = &later
	}
	if oneIn(d, 3) {
		h.EndedAt = &later
	}
	w.tx(func(tx *db.Tx) { w.must(tx.InsertHolds(w.t.Context(), []*delivery.Hold{h})) })
	w.holds = append(w.holds, h)
}

// arrival writes an arrival of a supplier with its orders, a hold on it and a stray in it, and a stray found elsewhere.
func (w *town) arrival(d dice, c int32) {
	w.t.Helper()
	at := w.instant(d)
	a := &delivery.Arrival{CommunityID: c, UUID: newUUID(), Number: int64(len(w.arrivals) + 1), SupplierUUID: pick(d, of(w.suppliers, c)).UUID, State: delivery.ArrivalReceived,
		Vehicle: "鄂E·12345", DriverPhone: "13800001234", AnnouncedAt: at, AnnouncedByRole: delivery.RoleCommander, ArrivedAt: &at, ReceivedAt: &at, Version: 3}
	var rows []*delivery.ArrivalOrder
	for _, o := range of(w.orders, c) {
		if o.SupplierUUID != nil && *o.SupplierUUID == a.SupplierUUID && oneIn(d, 2) {
			rows = append(rows, &delivery.ArrivalOrder{CommunityID: c, ArrivalUUID: a.UUID, OrderUUID: o.UUID, Announced: 2, Counted: new(1), Received: new(1), Held: true})
			a.BagsAnnounced, a.BagsReceived, a.BagsMissing, a.Orders, a.OrdersReceived = a.BagsAnnounced+2, a.BagsReceived+1, a.BagsMissing+1, a.Orders+1, a.OrdersReceived+1
			if slices.Contains([]delivery.Stage{delivery.Sorted, delivery.AtBuilding, delivery.OutForDelivery, delivery.Delivered}, o.Stage) {
				a.OrdersSorted++
			}
		}
	}
	a.BagsStray, a.BagsCounted = 1, new(a.BagsReceived+1)
	h := &delivery.Hold{CommunityID: c, UUID: newUUID(), ArrivalUUID: &a.UUID, Reason: delivery.HoldSettling, PlacedAt: at, PlacedByRole: delivery.RoleVolunteer, Until: new(at.Add(time.Hour))}
	in := &delivery.Stray{CommunityID: c, UUID: newUUID(), Number: 2*a.Number - 1, ArrivalUUID: &a.UUID, Label: "E6-1 王", Place: "3 号架", State: delivery.StrayOpen, FoundAt: at, FoundByRole: delivery.RoleLead, Version: 1}
	elsewhere := &delivery.Stray{CommunityID: c, UUID: newUUID(), Number: 2 * a.Number, Place: "门口", State: delivery.StrayReturned, FoundAt: at, FoundByRole: delivery.RoleLead, ClosedAt: &at,
		ClosedByRole: new(delivery.RoleLead), Version: 2}
	w.tx(func(tx *db.Tx) {
		ctx := w.t.Context()
		w.must(tx.InsertArrival(ctx, a))
		w.must(tx.SaveArrivalOrders(ctx, c, a.UUID, rows))
		w.must(tx.InsertHolds(ctx, []*delivery.Hold{h}))
		w.must(tx.InsertStrays(ctx, []*delivery.Stray{in, elsewhere}))
	})
	w.arrivals, w.brought, w.holds, w.strays = append(w.arrivals, a), append(w.brought, rows...), append(w.holds, h), append(w.strays, in, elsewhere)
}

// intake writes an import of a supplier, with a row of a building and one of none.
func (w *town) intake(d dice, c int32) {
	w.t.Helper()
	at, b := w.instant(d), pick(d, of(w.buildings, c))
	i := &delivery.Import{CommunityID: c, UUID: newUUID(), Kind: delivery.ImportCSV, Name: "晚单.csv", SupplierUUID: pick(d, of(w.suppliers, c)).UUID, Day: "2020-02-18", StartedAt: at,
		ByRole: pick(d, []delivery.Role{delivery.RoleCommander, delivery.RoleSupplier}), ImportTally: delivery.ImportTally{Rows: 2, InReview: 2}, Next: 2, Total: 2, DoneAt: &at, Version: 1}
	rows := []*delivery.ImportRow{
		{CommunityID: c, UUID: newUUID(), ImportUUID: i.UUID, Row: 1, FileRows: []int{2, 3}, Text: "E2", Goods: []delivery.ImportGood{{Item: "米", Quantity: 1000, Unit: "袋"}},
			Outcome: delivery.RowInReview, Reason: "UNIT_MISSING", Remarks: []string{"QUANTITY_ASSUMED"}, BuildingUUID: &b.UUID},
		{CommunityID: c, UUID: newUUID(), ImportUUID: i.UUID, Row: 2, Outcome: delivery.RowInReview, Reason: "NO_SUCH_BUILDING"},
	}
	w.tx(func(tx *db.Tx) {
		w.must(tx.InsertImport(w.t.Context(), i, db.ImportSource{Headers: []string{"单号"}}))
		w.must(tx.InsertImportRows(w.t.Context(), c, rows))
	})
	w.imports, w.imported[i.UUID] = append(w.imports, i), rows
}

// incident writes an incident about an order, a household, a building or a volunteer, open or resolved.
func (w *town) incident(d dice, c int32) {
	w.t.Helper()
	id := func(k delivery.Kind, u delivery.UUID) delivery.ID { return delivery.ID{Kind: k, Community: c, UUID: u} }
	h, b, v := pick(d, of(w.households, c)), pick(d, of(w.buildings, c)), pick(d, of(w.volunteers, c))
	i := delivery.NewIncident(pick(d, delivery.IncidentKinds), h.ID(), h.Keys())
	switch orders := of(w.orders, c); d.IntN(4) {
	case 0:
		i = delivery.NewIncident(i.Kind, id(delivery.KindBuilding, b.UUID), delivery.Keys{Community: c, Building: b.UUID})
	case 1:
		i = delivery.NewIncident(i.Kind, id(delivery.KindVolunteer, v.UUID), delivery.Keys{Community: c})
	case 2:
		if len(orders) > 0 {
			o := pick(d, orders)
			i = delivery.NewIncident(i.Kind, o.ID(), o.Keys())
		}
	}
	w.numbers[-c]++
	i.UUID, i.Number, i.Note = newUUID(), w.numbers[-c], "少一袋"
	i.Open(delivery.System(c), w.instant(d))
	i.Rise(delivery.System(c), i.OpenedAt.Add(time.Duration(d.IntN(3))*30*time.Minute))
	for _, was := range of(w.incidents, c) { // only one may be open
		if was.Kind == i.Kind && was.SubjectID() == i.SubjectID() && !was.Resolved() {
			return
		}
	}
	w.tx(func(tx *db.Tx) {
		w.must(tx.InsertIncidents(w.t.Context(), []*delivery.Incident{i}))
		if oneIn(d, 3) {
			i.Close(delivery.System(c), delivery.ResolutionFound, i.OpenedAt.Add(time.Hour))
			w.must(tx.SaveIncidents(w.t.Context(), c, []*delivery.Incident{i}))
		}
	})
	w.incidents = append(w.incidents, i)
}

// task writes a task of a squad: about a household, at a building, or at neither.
func (w *town) task(d dice, c int32) {
	w.t.Helper()
	w.drawn++
	h := pick(d, of(w.households, c))
	k := &delivery.Task{CommunityID: c, UUID: newUUID(), Number: w.drawn, Squad: pick(d, delivery.Squads), Kind: pick(d, delivery.TaskKinds), Title: "看看老人", DueAt: w.instant(d)}
	if !oneIn(d, 3) {
		k.BuildingUUID = &h.BuildingUUID
		if oneIn(d, 2) {
			k.HouseholdUUID = &h.UUID
		}
	}
	k.Begin(delivery.System(c), w.instant(d))
	w.tx(func(tx *db.Tx) {
		w.must(tx.InsertTasks(w.t.Context(), []*delivery.Task{k}))
		if oneIn(d, 3) {
			k.End(delivery.Actor{Role: delivery.RoleLead}, delivery.TaskDone, "都好", nil, k.CreatedAt.Add(time.Hour))
			w.must(tx.SaveTasks(w.t.Context(), []*delivery.Task{k}))
		}
	})
	w.tasks = append(w.tasks, k)
}

// enquiry writes an enquiry of a household or an unknown caller, which waits, is taken or closed.
func (w *town) enquiry(d dice, c int32) {
	w.t.Helper()
	e := &delivery.Enquiry{CommunityID: c, UUID: newUUID(), Number: int64(len(w.enquiries) + 1), Kind: pick(d, delivery.EnquiryKinds), Way: delivery.WayPhone,
		Phone: "0717-6012345", Text: "能订药吗"}
	if h := pick(d, of(w.households, c)); !oneIn(d, 4) {
		e.HouseholdUUID, e.BuildingUUID = &h.UUID, &h.BuildingUUID
	}
	at, desk := w.instant(d), delivery.Actor{Role: delivery.RoleLead, Community: c, UUID: pick(d, of(w.volunteers, c)).UUID, Squad: delivery.SquadPersuasion}
	e.Log(delivery.System(c), at, at)
	w.tx(func(tx *db.Tx) {
		w.must(tx.InsertEnquiries(w.t.Context(), []*delivery.Enquiry{e}, ""))
		for _, was := range of(w.enquiries, c) { // a member has one at a time
			if was.TakenByUUID != nil && *was.TakenByUUID == desk.UUID {
				return
			}
		}
		if oneIn(d, 2) {
			_, _ = e.Take(desk, at)
		} else if oneIn(d, 2) {
			_, _ = e.Finish(desk, delivery.OutcomeAnswered, "可以", nil, at)
		}
		w.must(tx.SaveEnquiry(w.t.Context(), e))
	})
	w.enquiries = append(w.enquiries, e)
}

// notice writes a notice: to all households, those of a building, or none, and perhaps to the suppliers. Some have seen it.
func (w *town) notice(d dice, c int32) {
	w.t.Helper()
	w.drawn++
	n := &delivery.Notice{CommunityID: c, UUID: newUUID(), Number: w.drawn, Kind: delivery.NoticePlain, Title: "停水", Households: !oneIn(d, 3), BuildingUUIDs: delivery.BareWords[delivery.UUID]{},
		SquadWords: delivery.BareWords[delivery.Squad]{delivery.SquadSupply, delivery.SquadPatrol}, Suppliers: oneIn(d, 2), EffectiveAt: w.instant(d)}
	if n.Households && oneIn(d, 2) {
		n.BuildingUUIDs = append(n.BuildingUUIDs, pick(d, of(w.buildings, c)).UUID)
	}
	var addressed []*delivery.NoticeReach
	for _, h := range of(w.households, c) {
		if n.Households && !h.Archived() && (len(n.BuildingUUIDs) == 0 || n.BuildingUUIDs[0] == h.BuildingUUID) {
			addressed = append(addressed, &delivery.NoticeReach{CommunityID: c, NoticeUUID: n.UUID, HouseholdUUID: h.UUID, BuildingUUID: h.BuildingUUID})
		}
	}
	n.Publish(delivery.Actor{Role: delivery.RoleCommander}, len(addressed), w.instant(d))
	w.tx(func(tx *db.Tx) {
		reached, err := tx.InsertNotice(w.t.Context(), n, nil)
		w.must(err)
		if reached != len(addressed) {
			w.t.Fatalf("got %d households addressed, want %d", reached, len(addressed))
		}
		for i, r := range addressed {
			if i%2 == 0 {
				r.SeenAt, n.Seen = &n.PublishedAt, n.Seen+1
				w.must(tx.SeeNotices(w.t.Context(), c, r.HouseholdUUID, []delivery.UUID{n.UUID}, n.PublishedAt))
			}
		}
	})
	w.notices, w.reach = append(w.notices, n), append(w.reach, addressed...)
}

// reveal records that a volunteer looked at a household, at one of few instants.
func (w *town) reveal(d dice, c int32) {
	w.t.Helper()
	r := delivery.NewReveal(newUUID(), delivery.Actor{Role: delivery.RoleAdmin}, pick(d, of(w.households, c)), nil, "敲门无人", w.instant(d))
	w.tx(func(tx *db.Tx) { w.must(tx.InsertReveals(w.t.Context(), []*delivery.Reveal{r})) })
	w.reveals = append(w.reveals, r)
	e, refusal := delivery.NewExport(delivery.Actor{Role: delivery.RoleAdmin}, c, delivery.ExportHouseholds, delivery.ExportCSV, true, r.At)
	if refusal != nil {
		w.t.Fatal(refusal)
	}
	e.UUID = newUUID()
	w.tx(func(tx *db.Tx) { w.must(tx.InsertExport(w.t.Context(), e)) })
	w.exports = append(w.exports, e)
}

// building is the one with the id.
func (w *town) building(id delivery.UUID) *delivery.Building {
	return w.buildings[slices.IndexFunc(w.buildings, func(b *delivery.Building) bool { return b.UUID == id })]
}

// household is the one with the id.
func (w *town) household(id delivery.UUID) *delivery.Household {
	return w.households[slices.IndexFunc(w.households, func(h *delivery.Household) bool { return h.UUID == id })]
}

// event appends an event of an order, or of none.
func (w *town) event(d dice, c int32) {
	w.t.Helper()
	h := pick(d, of(w.households, c))
	e := delivery.NewEvent(delivery.HouseholdSaved, delivery.System(c), w.instant(d), h.Keys(), nil)
	if orders := of(w.orders, c); len(orders) > 0 && !oneIn(d, 4) {
		s := pick(d, orders).OrderSnapshot
		s.Stage, s.BinUUID, s.RunUUID, s.RoundUUID = pick(d, delivery.Stages), nil, nil, nil
		if s.Stage == delivery.Sorted {
			s.BinUUID = &s.BuildingUUID
		}
		e = delivery.NewEvent(pick(d, delivery.OrderEventKinds()), delivery.System(c), w.instant(d), s.Keys(), nil)
		e.OrderUUID, e.Order = &s.UUID, &s
		e.Note = "按了门铃"
	}
	w.tx(func(tx *db.Tx) { w.must(tx.Append(w.t.Context(), c, []*delivery.Event{e})) })
	w.events[c] = append(w.events[c], e)
}

// code writes a code of one of the households or volunteers.
func (w *town) code(d dice, c int32) {
	w.t.Helper()
	row := pick(d, of(w.households, c)).UUID
	at := w.start.Add(time.Duration(d.IntN(100)) * time.Minute)
	selector, hash, _ := delivery.SplitSecret(delivery.NewSecret())
	k := &delivery.AccessCode{UUID: newUUID(), CommunityID: c, Purpose: delivery.AccessCard, Role: delivery.RoleResident, RowUUID: &row, Selector: selector,
		SecretHash: hash[:], UsesLeft: d.IntN(3), CreatedAt: at, ExpiresAt: at.Add(time.Hour), CreatedRole: delivery.RoleCommander}
	w.tx(func(tx *db.Tx) { w.must(tx.InsertCodes(w.t.Context(), []*delivery.AccessCode{k})) })
	w.cards = append(w.cards, k)
}

// fill writes orders, holds and events to both communities.
func (w *town) fill(d dice, orders, holds, events int) *town {
	w.t.Helper()
	for _, c := range w.communities {
		for range orders {
			w.order(d, c.CommunityID)
		}
		for range holds {
			w.hold(d, c.CommunityID)
		}
		for others, i := seeded(uint64(c.CommunityID)), 0; i < holds; i++ { // drawn apart from the rest
			w.arrival(others, c.CommunityID)
			w.intake(others, c.CommunityID)
			w.reveal(others, c.CommunityID)
			w.incident(others, c.CommunityID)
			w.task(others, c.CommunityID)
			w.enquiry(others, c.CommunityID)
			w.notice(others, c.CommunityID)
		}
		for range events {
			w.event(d, c.CommunityID)
		}
		for range 3 {
			w.code(seeded(uint64(c.CommunityID)), c.CommunityID) // of dice of its own, which leaves the others as they fall
		}
	}
	return w
}

// all is what sees everything of a community.
func (w *town) all(c int32) delivery.Scope {
	return delivery.Scope{Class: delivery.SeesAll, Community: c}
}

func (w *town) tx(do func(*db.Tx)) {
	w.t.Helper()
	w.must(w.db.InTx(w.t.Context(), func(tx *db.Tx) error { do(tx); return nil }))
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// row is a row of one community.
type row interface{ ID() delivery.ID }

// of are the rows of one community.
func of[T row](rows []T, c int32) []T {
	return slices.DeleteFunc(slices.Clone(rows), func(r T) bool { return r.ID().Community != c })
}

// ids are the ids of the rows.
func ids[T row](rows []T) []delivery.ID {
	out := make([]delivery.ID, len(rows))
	for i, r := range rows {
		out[i] = r.ID()
	}
	return out
}

func newUUID() delivery.UUID { return delivery.UUID(uuid.Must(uuid.NewV7()).String()) }

// open opens a database until the test ends.
func open(t testing.TB, dsn string, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// raw opens a database for a test's own statements.
func raw(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// column is the first column of what a query returns.
func column[T any](t testing.TB, d *sql.DB, query string, args ...any) []T {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// uuids are the rows' ids within their community.
func uuids[T row](rows []T) []delivery.UUID {
	out := make([]delivery.UUID, len(rows))
	for i, r := range rows {
		out[i] = r.ID().UUID
	}
	return out
}
