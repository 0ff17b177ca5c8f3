package dispatch_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/hold"
	"baogong/dispatch/order"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
	"baogong/dispatch/verbs"
)

// house is a small community that the verbs have set up: two buildings of one unit with four households each, and a
// team with a member for every post.
type house struct {
	t         testing.TB
	db        *db.DB
	dsn       string  // of the database
	direct    *sql.DB // for the test's own statements
	d         *verbs.All
	now       atomic.Int64 // business time, microseconds since 1970
	machine   atomic.Int64 // how much later machine time is than time.Now, nanoseconds
	woken     atomic.Int64
	offered   *offered // nil where another estate of the same database has it
	community delivery.ID
	buildings []delivery.ID
	units     []delivery.ID
	homes     []delivery.ID
	suppliers []delivery.ID
	team      map[string]delivery.ID // by code
	code      string                 // of the community

	people
}

// people are an estate's actors, as the server knows them at first.
type people struct {
	admin     delivery.Actor
	commander delivery.Actor
	lead      delivery.Actor // of the supply squad
	duty      delivery.Actor
	transport delivery.Actor
	supply    delivery.Actor // primary of both buildings
	backup    delivery.Actor // backup of the first
	elsewhere delivery.Actor // backup of the second
	taker     delivery.Actor // of the patrol squad, serving the first building; takes errands
	patrol    delivery.Actor // serves no building
	shop      delivery.Actor // of the orders that are placed
	pharmacy  delivery.Actor
	resident  delivery.Actor // of the first household
	neighbour delivery.Actor // of another building
}

var settled *house // that newEstate copies; its database is closed

// newEstate returns an estate in a borrowed database.
func newEstate(t testing.TB) *house {
	t.Helper()
	on := dbtest.Borrow(t, "template_dispatch", func(dsn string) {
		on := must(db.Open(t.Context(), dsn, db.Options{}))
		settled = settle(t, on, "dongchen")
		settled.offered.check()
		if err := on.Close(); err != nil {
			t.Fatal(err)
		}
	})
	if settled == nil {
		t.Fatal("the first estate was not settled")
	}
	e := open(t, on.DB, "dongchen")
	e.direct = on.Direct
	e.dsn, e.community, e.team, e.people = on.DSN, settled.community, maps.Clone(settled.team), settled.people
	for to, from := range map[*[]delivery.ID][]delivery.ID{&e.buildings: settled.buildings, &e.units: settled.units, &e.homes: settled.homes, &e.suppliers: settled.suppliers} {
		*to = slices.Clone(from)
	}
	return e
}

// column is the first column, as text, of what a statement of a test's own returns.
func (e *house) column(query string, args ...any) (out []string) {
	e.t.Helper()
	rows := must(e.direct.QueryContext(e.t.Context(), query, args...))
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			e.t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		e.t.Fatal(err)
	}
	return out
}

// another is a second community beside the first, in the same database.
func (e *house) another() *house {
	e.t.Helper()
	there := settle(e.t, e.db, "xiangyang")
	there.dsn, there.direct = e.dsn, e.direct
	return there
}

// open makes an estate over a database that has its rows, or will have.
func open(t testing.TB, on *db.DB, code string) *house {
	t.Helper()
	e := &house{t: t, db: on, code: code, team: map[string]delivery.ID{}, people: people{admin: delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}}}
	e.now.Store(time.Date(2020, 2, 18, 1, 0, 0, 0, time.UTC).UnixMicro())
	e.d = verbs.New(&dispatch.Engine{DB: e.db, Now: func() time.Time { return time.UnixMicro(e.now.Load()).UTC() }, Machine: e.clock,
		Keys: must(e.db.UnscopedKeyring(t.Context(), time.Now()))})
	if on.Committed == nil { // else it is another's too
		e.offered = &offered{t: t, db: on}
		on.Committed = func(_ context.Context, a db.Appended) { e.woken.Add(1); e.offered.note(a) }
		t.Cleanup(e.offered.check)
	}
	return e
}

func settle(t testing.TB, on *db.DB, code string) *house {
	t.Helper()
	e := open(t, on, code)
	ctx := t.Context()
	communities := must(e.d.Estate.CreateCommunities(ctx, e.admin, estate.CreateCommunitiesInput{Communities: []*estate.NewCommunityInput{
		{Code: code, Name: "东辰心语", TimeZone: "Asia/Shanghai"}}}))
	e.community = saved(t, communities.BulkOutcome)[0]
	in := estate.CreateBuildingsInput{CommunityID: e.community}
	for _, code := range []string{"E6", "E7"} {
		in.Buildings = append(in.Buildings, &estate.NewBuildingInput{Code: code, HasLift: true})
	}
	e.buildings = saved(t, must(e.d.Estate.CreateBuildings(ctx, e.admin, in)).BulkOutcome)
	units := estate.CreateUnitsInput{CommunityID: e.community}
	for _, b := range e.buildings {
		units.Units = append(units.Units, &estate.NewUnitInput{BuildingID: b, Number: 1, Floors: 18})
	}
	e.units = saved(t, must(e.d.Estate.CreateUnits(ctx, e.admin, units)).BulkOutcome)
	homes := estate.CreateHouseholdsInput{CommunityID: e.community}
	for _, u := range e.units {
		for floor := 11; floor <= 14; floor++ {
			homes.Households = append(homes.Households, &estate.NewHouseholdInput{UnitID: u, Room: fmt.Sprintf("%d03", floor), Floor: floor,
				ContactName: "王秀英", Phone: "13800001234", People: 3})
		}
	}
	e.homes = saved(t, must(e.d.Estate.CreateHouseholds(ctx, e.admin, homes)).BulkOutcome)
	e.suppliers = saved(t, must(e.d.Supplier.CreateSuppliers(ctx, e.admin, supplier.CreateSuppliersInput{CommunityID: e.community, Suppliers: []*supplier.NewSupplierInput{
		{Code: "yiyao", Name: "益药房", Kind: delivery.SupplierPharmacy}, {Code: "caiban", Name: "菜伴", Kind: delivery.SupplierPlatform}}})).BulkOutcome)
	serve := func(duty delivery.Duty, buildings ...delivery.ID) []*team.ServiceInput {
		var out []*team.ServiceInput
		for _, b := range buildings {
			out = append(out, &team.ServiceInput{BuildingID: b, Duty: duty})
		}
		return out
	}
	members := []*team.NewVolunteerInput{
		{Code: "C01", Name: "周国强", Squad: delivery.SquadSupply, Rank: delivery.RankCommander, Reachable: true},
		{Code: "S00", Name: "李敏", Squad: delivery.SquadSupply, Rank: delivery.RankLead, Reachable: true},
		{Code: "D00", Name: "陈刚", Squad: delivery.SquadDuty, Rank: delivery.RankLead, Reachable: true},
		{Code: "T00", Name: "吴勇", Squad: delivery.SquadTransport, Rank: delivery.RankLead, Reachable: true},
		{Code: "D01", Name: "张伟", Squad: delivery.SquadDuty, Rank: delivery.RankMember, Reachable: true},
		{Code: "T01", Name: "刘洋", Squad: delivery.SquadTransport, Rank: delivery.RankMember, Reachable: true},
		{Code: "S01", Name: "赵敏", Squad: delivery.SquadSupply, Rank: delivery.RankMember, Reachable: true, Services: serve(delivery.DutyPrimary, e.buildings...)},
		{Code: "S02", Name: "孙丽", Squad: delivery.SquadSupply, Rank: delivery.RankMember, Reachable: true, Services: serve(delivery.DutyBackup, e.buildings[0])},
		{Code: "S03", Name: "何芳", Squad: delivery.SquadSupply, Rank: delivery.RankMember, Reachable: true, Services: serve(delivery.DutyBackup, e.buildings[1])},
		{Code: "P01", Name: "钱军", Squad: delivery.SquadPatrol, Rank: delivery.RankMember, Reachable: true},
		{Code: "P02", Name: "冯雷", Squad: delivery.SquadPatrol, Rank: delivery.RankMember, Reachable: true, Services: serve(delivery.DutyBackup, e.buildings[0])},
	}
	for i, id := range saved(t, must(e.d.Team.CreateVolunteers(ctx, e.admin, team.CreateVolunteersInput{CommunityID: e.community, Volunteers: members})).BulkOutcome) {
		e.team[members[i].Code] = id
	}
	for name, to := range map[string]*delivery.Actor{"C01": &e.commander, "S00": &e.lead, "D01": &e.duty, "T01": &e.transport, "S01": &e.supply,
		"S02": &e.backup, "S03": &e.elsewhere, "P01": &e.patrol, "P02": &e.taker, "caiban": &e.shop, "yiyao": &e.pharmacy, "E6-1-1103": &e.resident, "E7-1-1103": &e.neighbour} {
		*to = e.actor(name)
	}
	return e
}

// actor is who signs in by the name, as what they may be by now.
func (e *house) actor(name string) delivery.Actor {
	e.t.Helper()
	return must(e.db.UnscopedActorNamed(context.WithoutCancel(e.t.Context()), name, e.code))
}

// pass lets business time pass.
func (e *house) pass(d time.Duration) { e.now.Add(d.Microseconds()) }

// clock is machine time.
func (e *house) clock() time.Time { return time.Now().Add(time.Duration(e.machine.Load())) }

// wait lets machine time pass.
func (e *house) wait(d time.Duration) { e.machine.Add(int64(d)) }

// time is business time.
func (e *house) time() time.Time { return e.d.Now() }

// place places an APP order of the household, or fails the test.
func (e *house) place(home delivery.ID) delivery.ID {
	e.t.Helper()
	return e.order(e.commander, order.PlaceOrderInput{HouseholdID: home, Channel: delivery.ChannelApp})
}

// order places an order with what the input leaves out, or fails the test.
func (e *house) order(a delivery.Actor, in order.PlaceOrderInput) delivery.ID {
	e.t.Helper()
	if in.SupplierID == nil && !in.Channel.RunByVolunteer() {
		in.SupplierID = &e.suppliers[1]
	}
	if in.Channel.RunByVolunteer() && in.TakerID == nil {
		in.TakerID = &delivery.ID{Kind: delivery.KindVolunteer, Community: e.community.Community, UUID: e.taker.UUID}
	}
	if in.Channel == delivery.ChannelPhone {
		in.ConsentBy, in.ReadBack = new(delivery.ConsentHousehold), true
	}
	in.Lines = []*order.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}
	p := must(e.d.Order.PlaceOrder(e.t.Context(), a, in))
	if len(p.UserErrors) > 0 {
		e.t.Fatalf("place: %v", p.UserErrors[0])
	}
	return *p.OrderID
}

// advance moves one order and returns what refused it, if anything.
func (e *house) advance(a delivery.Actor, id delivery.ID, to delivery.Stage, reason ...delivery.MoveReason) *delivery.Error {
	e.t.Helper()
	in := order.AdvanceOrdersInput{Orders: []*order.OrderMoveInput{{OrderID: id}}, To: to}
	if len(reason) > 0 {
		in.Reason = &reason[0]
	}
	return refusal(must(e.d.Order.AdvanceOrders(e.t.Context(), a, in)))
}

// at places an order of the first household and has the commander move it to the stage.
func (e *house) at(stage delivery.Stage, channel delivery.Channel) delivery.ID {
	e.t.Helper()
	id := e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: channel, SupplierID: &e.suppliers[1]})
	way := map[delivery.Stage][]delivery.Stage{
		"DISPATCHED": {"DISPATCHED"}, "AT_GATE": {"AT_GATE"}, "SORTED": {"AT_GATE", "SORTED"}, "AT_BUILDING": {"AT_GATE", "SORTED", "AT_BUILDING"},
		"OUT_FOR_DELIVERY": {"AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY"}, "DELIVERED": {"AT_GATE", "SORTED", "AT_BUILDING", "DELIVERED"},
		"CANCELLED": {"CANCELLED"}, "RETURNED": {"AT_GATE", "RETURNED"}}
	for _, to := range way[stage] {
		e.move(e.commander, id, to)
	}
	return id
}

// move moves one order with a reason that fits, or fails the test.
func (e *house) move(a delivery.Actor, id delivery.ID, to delivery.Stage) {
	e.t.Helper()
	var reason []delivery.MoveReason
	switch to {
	case delivery.Cancelled:
		reason = append(reason, delivery.MoveHouseholdAsked)
	case delivery.Returned:
		reason = append(reason, delivery.MoveRefused)
	}
	if to == delivery.Delivered && e.row(id).Channel == delivery.ChannelErrand {
		e.answer(id)
	}
	if refused := e.advance(a, id, to, reason...); refused != nil {
		e.t.Fatalf("to %s: %v", to, refused)
	}
}

// undo takes one order's last move back and returns what refused it, if anything.
func (e *house) undo(a delivery.Actor, id delivery.ID) *delivery.Error {
	e.t.Helper()
	return refusal(must(e.d.Order.UndoMove(e.t.Context(), a, order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: id, ExpectedVersion: e.row(id).Version}}})))
}

// hold holds the subjects and returns the holds, or fails the test.
func (e *house) hold(until *time.Time, subjects ...delivery.ID) []delivery.ID {
	e.t.Helper()
	p := must(e.d.Hold.PlaceHold(e.t.Context(), e.lead, hold.PlaceHoldInput{SubjectIds: subjects, Reason: delivery.HoldTesting, Until: until, Atomic: true}))
	return held(e.t, p)
}

// release ends the holds, or fails the test.
func (e *house) release(holds ...delivery.ID) {
	e.t.Helper()
	held(e.t, must(e.d.Hold.ReleaseHold(e.t.Context(), e.lead, hold.ReleaseHoldInput{HoldIds: holds, Atomic: true})))
}

// reach makes a volunteer reachable or not, or fails the test.
func (e *house) reach(code string, reachable bool) {
	e.t.Helper()
	e.volunteer(&team.VolunteerPatchInput{ID: e.team[code], Reachable: &reachable})
}

// volunteer corrects a volunteer, or fails the test.
func (e *house) volunteer(patch *team.VolunteerPatchInput) {
	e.t.Helper()
	saved(e.t, must(e.d.Team.UpdateVolunteers(e.t.Context(), e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{patch}})).BulkOutcome)
}

// row is the order's row.
func (e *house) row(id delivery.ID) *delivery.Order {
	e.t.Helper()
	rows := must(e.db.OrdersByID(context.WithoutCancel(e.t.Context()), e.commander.Scope(), []delivery.ID{id}))
	if len(rows) != 1 {
		e.t.Fatalf("order %s: got %d rows, want 1", id, len(rows))
	}
	return rows[0]
}

// feed is every event of the community; it must be numbered without a gap.
func (e *house) feed() []*delivery.Event {
	e.t.Helper()
	var all []*delivery.Event
	for {
		events, head, err := e.db.UnscopedEvents(context.WithoutCancel(e.t.Context()), e.community.Community, int64(len(all)), 5000)
		if err != nil {
			e.t.Fatal(err)
		}
		for _, ev := range events {
			all = append(all, ev)
			if ev.Seq != int64(len(all)) {
				e.t.Fatalf("event number %d is at position %d", len(all), ev.Seq)
			}
		}
		if len(events) == 0 {
			if head.Seq != int64(len(all)) {
				e.t.Fatalf("the feed says it ends at %d, and has %d events", head.Seq, len(all))
			}
			return all
		}
	}
}

// since is the kinds of the events after a number of them.
func (e *house) since(n int) []delivery.EventKind {
	e.t.Helper()
	var kinds []delivery.EventKind
	for _, ev := range e.feed()[n:] {
		kinds = append(kinds, ev.Kind)
	}
	return kinds
}

// checkNeverLost holds every order against what its events say, the holds that stand, and the team: its events fold to
// its row, its holds are counted right, its holder is who should be and can act, and a reachable person is responsible. The feed and the
// order numbers have no gap.
func (e *house) checkNeverLost() {
	e.t.Helper()
	ctx, scope := context.WithoutCancel(e.t.Context()), e.admin.Scope()
	told := map[delivery.UUID][]*delivery.Event{}
	for _, ev := range e.feed() {
		if ev.OrderUUID != nil {
			told[*ev.OrderUUID] = append(told[*ev.OrderUUID], ev)
		}
	}
	open := must(e.db.OpenHolds(ctx, scope, slices.Concat(e.buildings, e.homes, e.suppliers)))
	roster, holders := must(e.db.Roster(ctx, scope, e.community.Community)), map[delivery.ID]delivery.Actor{}
	page, number := db.Range{Limit: 200}, int64(0)
	for {
		rows := must(e.db.Orders(ctx, scope, e.community.Community, db.OrderFilter{}, db.SortNumber, false, page))
		var ids []delivery.ID
		for _, o := range rows.Items {
			ids = append(ids, o.ID())
		}
		onOrder := map[delivery.UUID]int{}
		for _, h := range must(e.db.OpenHolds(ctx, scope, ids)) {
			onOrder[*h.OrderUUID]++
		}
		onArrival := map[delivery.UUID]int{} // by order
		for _, h := range must(e.db.ArrivalHoldsOf(ctx, scope, ids)) {
			onArrival[h.OrderUUID]++
		}
		for _, o := range rows.Items {
			number++
			if o.Number != number {
				e.t.Fatalf("got order %d, want %d", o.Number, number)
			}
			folded, err := delivery.Fold(told[o.UUID])
			if err != nil {
				e.t.Fatalf("order %d: %v", o.Number, err)
			}
			if !folded.Equal(&o.OrderSnapshot) {
				e.t.Fatalf("order %d: got row %+v, want %+v as its events say", o.Number, o.OrderSnapshot, *folded)
			}
			delete(told, o.UUID)
			holds := onOrder[o.UUID] + onArrival[o.UUID]
			if !o.Stage.Final() { // what is final is not inside any more
				holds += len(o.HoldsAmong(open))
			}
			if o.OpenHolds != holds {
				e.t.Fatalf("order %d at %s: got %d open holds, want %d", o.Number, o.Stage, o.OpenHolds, holds)
			}
			volunteer, supplier := roster.Holder(&o.OrderSnapshot)
			if !same(o.HolderVolunteer, volunteer) || !same(o.HolderSupplier, supplier) {
				e.t.Fatalf("order %d at %s: held by %v, want %v %v", o.Number, o.Stage, o.HolderID(), volunteer, supplier)
			}
			if v, s := roster.Reach(&o.OrderSnapshot); (o.Stage.Final() || len(roster.Reachable) == 0 && o.HolderSupplier == nil) != (v == nil && s == nil) {
				e.t.Fatalf("order %d at %s: reaches %v %v", o.Number, o.Stage, v, s)
			}
			if o.HolderID() == nil {
				continue
			}
			holder, known := holders[*o.HolderID()]
			if !known {
				role := delivery.RoleVolunteer
				if o.HolderSupplier != nil {
					role = delivery.RoleSupplier
				}
				holder = must(e.db.UnscopedActor(ctx, delivery.Actor{Role: role, Community: o.CommunityID, UUID: o.HolderID().UUID}, e.time()))
				holders[*o.HolderID()] = holder
			}
			if len(holder.AllowedMoves(&o.OrderSnapshot)) == 0 && !o.Held() {
				e.t.Fatalf("order %d at %s is held by %s %s, who may not move it", o.Number, o.Stage, holder.Role, holder.UUID)
			}
		}
		if !rows.More {
			break
		}
		page.After = rows.Keys[len(rows.Keys)-1]
	}
	if len(told) > 0 {
		e.t.Fatalf("%d orders have events and no row", len(told))
	}
}

// refusal is the first refusal of a call about one order, nil if it moved.
func refusal(p *order.MovePayload) *delivery.Error {
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	if len(p.Results[0].UserErrors) > 0 {
		return p.Results[0].UserErrors[0]
	}
	return nil
}

func held(t testing.TB, p *hold.HoldPayload) []delivery.ID {
	t.Helper()
	if len(p.UserErrors) > 0 {
		t.Fatalf("refused: %v", p.UserErrors[0])
	}
	var out []delivery.ID
	for i, r := range p.Results {
		if r.HoldID == nil {
			t.Fatalf("subject %d refused: %v", i, r.UserErrors[0])
		}
		out = append(out, *r.HoldID)
	}
	return out
}

// atOnce runs everything at the same moment and waits for it.
func atOnce(all ...func()) {
	var ready, done sync.WaitGroup
	ready.Add(len(all))
	for _, do := range all {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			do()
		})
	}
	done.Wait()
}

func same(a, b *delivery.UUID) bool {
	return (a == nil && b == nil) || (a != nil && b != nil && *a == *b)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func saved(t testing.TB, b dispatch.BulkOutcome) []delivery.ID {
	t.Helper()
	if len(b.UserErrors) > 0 {
		t.Fatalf("refused: %v", b.UserErrors[0])
	}
	out := make([]delivery.ID, len(b.Items))
	for i, item := range b.Items {
		if item.ID == nil {
			t.Fatalf("item %d refused: %v", i, item.UserErrors[0])
		}
		out[i] = *item.ID
	}
	return out
}
