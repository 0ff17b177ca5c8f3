package dispatch_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch"
)

// estate is a small community that the verbs have set up: two buildings of one unit with four households each, and a
// team with somebody for every post.
type estate struct {
	t         testing.TB
	db        *db.DB
	d         *dispatch.Dispatch
	now       atomic.Int64 // business time, microseconds since 1970
	woken     atomic.Int64
	community delivery.ID
	buildings []delivery.ID
	units     []delivery.ID
	homes     []delivery.ID
	suppliers []delivery.ID

	admin     delivery.Actor
	commander delivery.Actor
	lead      delivery.Actor // of the supply squad
	duty      delivery.Actor
	transport delivery.Actor
	supply    delivery.Actor // primary of both buildings
	backup    delivery.Actor // backup of the first
	patrol    delivery.Actor
	shop      delivery.Actor
	resident  delivery.Actor // of the first household
	neighbour delivery.Actor // of another building
}

func newEstate(t testing.TB) *estate {
	t.Helper()
	e := &estate{t: t, db: dbtest.Open(t), admin: delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}}
	e.now.Store(time.Date(2020, 2, 18, 1, 0, 0, 0, time.UTC).UnixMicro())
	e.d = &dispatch.Dispatch{DB: e.db, Now: func() time.Time { return time.UnixMicro(e.now.Load()).UTC() }, Machine: time.Now,
		Wake: func(int32) { e.woken.Add(1) }}
	ctx := t.Context()
	communities := must(e.d.CreateCommunities(ctx, e.admin, dispatch.CreateCommunitiesInput{Communities: []*dispatch.NewCommunityInput{
		{Code: "dongchen", Name: "东辰心语", TimeZone: "Asia/Shanghai"}}}))
	e.community = saved(t, communities.BulkOutcome)[0]
	in := dispatch.CreateBuildingsInput{CommunityID: e.community}
	for _, code := range []string{"E6", "E7"} {
		in.Buildings = append(in.Buildings, &dispatch.NewBuildingInput{Code: code, HasLift: true})
	}
	e.buildings = saved(t, must(e.d.CreateBuildings(ctx, e.admin, in)).BulkOutcome)
	units := dispatch.CreateUnitsInput{CommunityID: e.community}
	for _, b := range e.buildings {
		units.Units = append(units.Units, &dispatch.NewUnitInput{BuildingID: b, Number: 1, Floors: 18})
	}
	e.units = saved(t, must(e.d.CreateUnits(ctx, e.admin, units)).BulkOutcome)
	homes := dispatch.CreateHouseholdsInput{CommunityID: e.community}
	for _, u := range e.units {
		for floor := 11; floor <= 14; floor++ {
			homes.Households = append(homes.Households, &dispatch.NewHouseholdInput{UnitID: u, Room: fmt.Sprintf("%d03", floor), Floor: floor,
				ContactName: "王秀英", Phone: "13800001234", People: 3})
		}
	}
	e.homes = saved(t, must(e.d.CreateHouseholds(ctx, e.admin, homes)).BulkOutcome)
	e.suppliers = saved(t, must(e.d.CreateSuppliers(ctx, e.admin, dispatch.CreateSuppliersInput{CommunityID: e.community, Suppliers: []*dispatch.NewSupplierInput{
		{Code: "yiyao", Name: "益药房", Kind: delivery.SupplierPharmacy}, {Code: "caiban", Name: "菜伴", Kind: delivery.SupplierPlatform}}})).BulkOutcome)
	serve := func(duty delivery.Duty, buildings ...delivery.ID) []*dispatch.ServiceInput {
		var out []*dispatch.ServiceInput
		for _, b := range buildings {
			out = append(out, &dispatch.ServiceInput{BuildingID: b, Duty: duty})
		}
		return out
	}
	saved(t, must(e.d.CreateVolunteers(ctx, e.admin, dispatch.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*dispatch.NewVolunteerInput{
		{Code: "C01", Name: "周国强", Squad: delivery.SquadSupply, Rank: delivery.RankCommander, Reachable: true},
		{Code: "S00", Name: "李敏", Squad: delivery.SquadSupply, Rank: delivery.RankLead, Reachable: true},
		{Code: "D00", Name: "陈刚", Squad: delivery.SquadDuty, Rank: delivery.RankLead, Reachable: true},
		{Code: "T00", Name: "吴勇", Squad: delivery.SquadTransport, Rank: delivery.RankLead, Reachable: true},
		{Code: "D01", Name: "张伟", Squad: delivery.SquadDuty, Rank: delivery.RankMember, Reachable: true},
		{Code: "T01", Name: "刘洋", Squad: delivery.SquadTransport, Rank: delivery.RankMember, Reachable: true},
		{Code: "S01", Name: "赵敏", Squad: delivery.SquadSupply, Rank: delivery.RankMember, Reachable: true, Services: serve(delivery.DutyPrimary, e.buildings...)},
		{Code: "S02", Name: "孙丽", Squad: delivery.SquadSupply, Rank: delivery.RankMember, Reachable: true, Services: serve(delivery.DutyBackup, e.buildings[0])},
		{Code: "P01", Name: "钱军", Squad: delivery.SquadPatrol, Rank: delivery.RankMember, Reachable: true},
	}})).BulkOutcome)
	for name, to := range map[string]*delivery.Actor{"C01": &e.commander, "S00": &e.lead, "D01": &e.duty, "T01": &e.transport, "S01": &e.supply,
		"S02": &e.backup, "P01": &e.patrol, "caiban": &e.shop, "E6-1-1103": &e.resident, "E7-1-1103": &e.neighbour} {
		*to = must(e.db.UnscopedActorNamed(ctx, name, ""))
	}
	return e
}

// place places an APP order of the household, or fails the test.
func (e *estate) place(home delivery.ID) delivery.ID {
	e.t.Helper()
	return e.order(e.commander, dispatch.PlaceOrderInput{HouseholdID: home, Channel: delivery.ChannelApp})
}

// order places an order with what the input leaves out, or fails the test.
func (e *estate) order(a delivery.Actor, in dispatch.PlaceOrderInput) delivery.ID {
	e.t.Helper()
	if in.SupplierID == nil && !in.Channel.RunByVolunteer() {
		in.SupplierID = &e.suppliers[1]
	}
	if in.Channel.RunByVolunteer() && in.TakerID == nil {
		in.TakerID = &delivery.ID{Kind: delivery.KindVolunteer, Community: e.community.Community, UUID: e.supply.UUID}
	}
	in.Lines = []*dispatch.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}
	p := must(e.d.PlaceOrder(e.t.Context(), a, in))
	if len(p.UserErrors) > 0 {
		e.t.Fatalf("place: %v", p.UserErrors[0])
	}
	return *p.OrderID
}

// advance moves one order and returns what refused it, if anything.
func (e *estate) advance(a delivery.Actor, id delivery.ID, to delivery.Stage, reason ...delivery.MoveReason) *delivery.Error {
	e.t.Helper()
	in := dispatch.AdvanceOrdersInput{Orders: []*dispatch.OrderMoveInput{{OrderID: id}}, To: to}
	if len(reason) > 0 {
		in.Reason = &reason[0]
	}
	return refusal(must(e.d.AdvanceOrders(e.t.Context(), a, in)))
}

// stand is the order's row.
func (e *estate) row(id delivery.ID) *delivery.Order {
	e.t.Helper()
	rows := must(e.db.OrdersByID(context.WithoutCancel(e.t.Context()), e.commander.Scope(), []delivery.ID{id}))
	if len(rows) != 1 {
		e.t.Fatalf("order %s: got %d rows, want 1", id, len(rows))
	}
	return rows[0]
}

// checkNeverLost folds the events of every order and compares them with the row; every order that is not final must
// have somebody to turn to.
func (e *estate) checkNeverLost() {
	e.t.Helper()
	ctx := context.WithoutCancel(e.t.Context())
	roster := must(e.db.Roster(ctx, e.commander.Scope(), e.community.Community))
	page := db.Page{Limit: 200}
	for {
		rows := must(e.db.Orders(ctx, e.commander.Scope(), e.community.Community, db.OrderFilter{}, db.SortNumber, false, page))
		for _, o := range rows.Items {
			events := must(e.db.EventsOfOrders(ctx, e.commander.Scope(), []delivery.ID{o.ID()}))
			folded, err := delivery.Fold(events)
			if err != nil {
				e.t.Fatalf("order %d: %v", o.Number, err)
			}
			if !folded.Equal(&o.OrderSnapshot) {
				e.t.Fatalf("order %d: got row %+v, want %+v as its events say", o.Number, o.OrderSnapshot, *folded)
			}
			if v, s := roster.Reach(&o.OrderSnapshot); !o.Stage.Final() && v == nil && s == nil {
				e.t.Fatalf("order %d at %s: nobody to turn to", o.Number, o.Stage)
			}
		}
		if !rows.More {
			return
		}
		page.After = rows.Keys[len(rows.Keys)-1]
	}
}

// refusal is the first refusal of a call about one order, nil if it moved.
func refusal(p *dispatch.MovePayload) *delivery.Error {
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	if len(p.Results[0].UserErrors) > 0 {
		return p.Results[0].UserErrors[0]
	}
	return nil
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
