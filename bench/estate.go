package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/order"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
	"baogong/dispatch/verbs"
)

// plan is an estate to make: its buildings have one unit each, and the households and orders are spread over them. Each
// building has a volunteer (S1, S2, …), and the commander is C01.
type plan struct {
	code       string
	buildings  int
	households int
	orders     int
	until      delivery.Stage // where the orders stand; AT_BUILDING if empty

	supply int  // members of the supply squad, if more than there are buildings
	desk   int  // members of the phone desk (Q1, Q2, …), each for all buildings
	off    bool // no member of the squads is reachable
}

// scene is a community whose orders stand at their buildings, from where they go out and come back.
type scene struct {
	plan
	id        delivery.ID
	commander delivery.Actor
	buildings []delivery.ID
	homes     []*delivery.Household
	supplier  delivery.ID
	orders    []*parcel
	members   []delivery.ID    // of the supply squad
	desks     []delivery.Actor // members of the phone desk
}

// parcel is an order as its mover knows it. It is owned by the goroutine that moves it.
type parcel struct {
	id       delivery.ID
	home     *delivery.Household
	building int // which
	version  int64
	out      bool // for delivery
}

// hand is orders of one estate that are moved together.
type hand struct {
	e      *scene
	orders []*parcel
}

// gather brings orders that are out back to their buildings.
func (h hand) gather(ctx context.Context, d *verbs.All) error {
	var out []*parcel
	for _, o := range h.orders {
		if o.out {
			out = append(out, o)
		}
	}
	for some := range chunks(out, delivery.MaxBulk) {
		if err := h.e.move(ctx, d, some...); err != nil {
			return err
		}
	}
	return nil
}

// admin sets the estates up.
var admin = delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}

// floorsMost is how many floors a unit may have; more homes than that share a floor.
const floorsMost = 30

// estates makes estates, several at once, without waiting for the disk: nothing is measured here.
func (b *bench) estates(ctx context.Context, plans ...plan) ([]*scene, error) {
	out := make([]*scene, len(plans))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	b.progress.expect(len(plans))
	for i, p := range plans {
		group.Go(func() (err error) {
			if out[i], err = b.estate(ctx, p); err != nil {
				return fmt.Errorf("make the estate %s: %w", p.code, err)
			}
			b.progress.step()
			return nil
		})
	}
	return out, group.Wait()
}

// estate makes one.
func (b *bench) estate(ctx context.Context, p plan) (*scene, error) {
	d := b.founder
	e := &scene{plan: p}
	communities, err := d.Estate.CreateCommunities(ctx, admin, estate.CreateCommunitiesInput{
		Communities: []*estate.NewCommunityInput{{Code: p.code, Name: p.code, TimeZone: "Asia/Shanghai"}}})
	ids, err := created(&communities.BulkOutcome, err)
	if err != nil {
		return nil, err
	}
	e.id = ids[0]

	in := estate.CreateBuildingsInput{CommunityID: e.id}
	for i := range p.buildings {
		code := fmt.Sprintf("E%d", i+1)
		in.Buildings = append(in.Buildings, &estate.NewBuildingInput{Code: code, Name: code})
	}
	buildings, err := d.Estate.CreateBuildings(ctx, admin, in)
	if e.buildings, err = created(&buildings.BulkOutcome, err); err != nil {
		return nil, err
	}
	var units estate.CreateUnitsInput
	units.CommunityID = e.id
	for _, id := range e.buildings {
		units.Units = append(units.Units, &estate.NewUnitInput{BuildingID: id, Number: 1, Floors: floorsMost})
	}
	made, err := d.Estate.CreateUnits(ctx, admin, units)
	unitIDs, err := created(&made.BulkOutcome, err)
	if err != nil {
		return nil, err
	}
	suppliers, err := d.Supplier.CreateSuppliers(ctx, admin, supplier.CreateSuppliersInput{CommunityID: e.id,
		Suppliers: []*supplier.NewSupplierInput{{Code: "shop", Name: "shop", Kind: delivery.SupplierShop}}})
	if ids, err = created(&suppliers.BulkOutcome, err); err != nil {
		return nil, err
	}
	e.supplier = ids[0]
	if err := e.enlist(ctx, d); err != nil {
		return nil, err
	}
	if err := e.house(ctx, d, unitIDs); err != nil {
		return nil, err
	}
	if err := e.place(ctx, d, p.orders); err != nil {
		return nil, err
	}
	return e, nil
}

// enlist makes the team.
func (e *scene) enlist(ctx context.Context, d *verbs.All) error {
	in := team.CreateVolunteersInput{CommunityID: e.id, Volunteers: []*team.NewVolunteerInput{
		{Code: "C01", Name: "指挥", Squad: delivery.SquadSupply, Rank: delivery.RankCommander, Reachable: true}}}
	member := func(code string, squad delivery.Squad, serves []delivery.ID) {
		n := &team.NewVolunteerInput{Code: code, Name: "队员", Squad: squad, Rank: delivery.RankMember, Reachable: !e.off}
		for _, id := range serves {
			n.Services = append(n.Services, &team.ServiceInput{BuildingID: id, Duty: delivery.DutyPrimary})
		}
		in.Volunteers = append(in.Volunteers, n)
	}
	supply := max(e.supply, len(e.buildings))
	for i := range supply {
		member(fmt.Sprintf("S%d", i+1), delivery.SquadSupply, e.buildings[min(i, len(e.buildings)):min(i+1, len(e.buildings))])
	}
	for i := range e.desk {
		member(fmt.Sprintf("Q%d", i+1), delivery.SquadPersuasion, e.buildings)
	}
	team, err := d.Team.CreateVolunteers(ctx, admin, in)
	ids, err := created(&team.BulkOutcome, err)
	if err != nil {
		return err
	}
	e.commander = delivery.Actor{Name: "C01", Role: delivery.RoleCommander, Community: e.id.Community, UUID: ids[0].UUID, Squad: delivery.SquadSupply}
	e.members = ids[1 : 1+supply]
	for i, id := range ids[1+supply:] {
		e.desks = append(e.desks, delivery.Actor{Name: fmt.Sprintf("Q%d", i+1), Role: delivery.RoleVolunteer, Community: e.id.Community, UUID: id.UUID,
			Squad: delivery.SquadPersuasion, Buildings: dispatch.UUIDs(e.buildings)})
	}
	return nil
}

// house makes the households.
func (e *scene) house(ctx context.Context, d *verbs.All, units []delivery.ID) error {
	in := estate.CreateHouseholdsInput{CommunityID: e.id}
	flush := func() error {
		made, err := d.Estate.CreateHouseholds(ctx, admin, in)
		ids, err := created(&made.BulkOutcome, err)
		if err != nil {
			return err
		}
		for i, h := range in.Households {
			at := len(e.homes) % len(units)
			e.homes = append(e.homes, &delivery.Household{Row: delivery.Row{CommunityID: e.id.Community, UUID: ids[i].UUID}, BuildingUUID: e.buildings[at].UUID,
				Address: fmt.Sprintf("E%d-1-%s", at+1, h.Room)})
		}
		in.Households = nil
		return nil
	}
	for i := range e.households {
		nth := i / len(units) // of its unit
		floor := nth%floorsMost + 1
		in.Households = append(in.Households, &estate.NewHouseholdInput{UnitID: units[i%len(units)], Floor: floor,
			Room: fmt.Sprintf("%d%02d", floor, nth/floorsMost+1), ContactName: "住户", Phone: "13800001000", People: 3})
		if len(in.Households) == delivery.MaxBulk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(in.Households) == 0 {
		return nil
	}
	return flush()
}

// place places further orders and brings them to where the plan has them.
func (e *scene) place(ctx context.Context, d *verbs.All, n int) error {
	fresh := make([]*parcel, n)
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(4) // one after the other draws its number
	for i := range fresh {
		group.Go(func() error {
			nth := (len(e.orders) + i) % len(e.homes)
			h := e.homes[nth]
			p, err := d.Order.PlaceOrder(within, e.commander, order.PlaceOrderInput{HouseholdID: h.ID(), Channel: delivery.ChannelApp, SupplierID: &e.supplier,
				Lines: []*order.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}})
			if err != nil {
				return err
			}
			if len(p.UserErrors) > 0 {
				return p.UserErrors[0]
			}
			fresh[i] = &parcel{id: *p.OrderID, home: h, building: nth % len(e.buildings), version: 1}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, stage := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding} {
		if e.until == delivery.Placed {
			break
		}
		for some := range chunks(fresh, delivery.MaxBulk) {
			if err := e.advance(ctx, d, some, stage, nil); err != nil {
				return err
			}
		}
		if stage == e.until {
			break
		}
	}
	e.orders = append(e.orders, fresh...)
	return nil
}

// chunks cuts a list into pieces of at most so many.
func chunks[T any](list []T, most int) func(func([]T) bool) {
	return func(yield func([]T) bool) {
		for len(list) > 0 {
			n := min(most, len(list))
			if !yield(list[:n]) {
				return
			}
			list = list[n:]
		}
	}
}

var absent = delivery.MoveAbsent

// move moves orders in one call: out for delivery if they are at the building, or back to it with the reason ABSENT. All of
// them must be in the same place.
func (e *scene) move(ctx context.Context, d *verbs.All, orders ...*parcel) error {
	stage, reason := e.turn(orders[0])
	if err := e.advance(ctx, d, orders, stage, reason); err != nil {
		return err
	}
	for _, o := range orders {
		o.out = stage == delivery.OutForDelivery
	}
	return nil
}

// turn is where an order goes next, and why.
func (e *scene) turn(o *parcel) (delivery.Stage, *delivery.MoveReason) {
	if o.out {
		return delivery.AtBuilding, &absent
	}
	return delivery.OutForDelivery, nil
}

func (e *scene) advance(ctx context.Context, d *verbs.All, orders []*parcel, to delivery.Stage, reason *delivery.MoveReason) error {
	in := order.AdvanceOrdersInput{To: to, Reason: reason, Atomic: true, Orders: make([]*order.OrderMoveInput, len(orders))}
	for i, o := range orders {
		in.Orders[i] = &order.OrderMoveInput{OrderID: o.id}
	}
	p, err := d.Order.AdvanceOrders(ctx, e.commander, in)
	switch {
	case err != nil:
		return err
	case len(p.UserErrors) > 0:
		return p.UserErrors[0]
	case p.Moved() != len(orders):
		return fmt.Errorf("%d of %d orders moved to %s", p.Moved(), len(orders), to)
	}
	for _, o := range orders {
		o.version++
	}
	return nil
}

// created returns the ids of the rows that a bulk call made, or the first refusal as an error.
func created(b *dispatch.BulkOutcome, err error) ([]delivery.ID, error) {
	if err != nil {
		return nil, err
	}
	for _, refusal := range b.UserErrors {
		return nil, refusal
	}
	ids := make([]delivery.ID, len(b.Items))
	for i, item := range b.Items {
		for _, refusal := range item.UserErrors {
			return nil, refusal
		}
		ids[i] = *item.ID
	}
	return ids, nil
}

// mover is the verbs as another replica has them: they tell the server by NOTIFY.
func (b *bench) mover() *verbs.All {
	return verbs.New(&dispatch.Engine{DB: b.db, Keys: b.keys, Now: time.Now, Machine: time.Now})
}

// committed is where a context keeps the *time.Time that is set right after a commit.
type committed struct{}

// onCommit is called right after each commit of a mover.
func (b *bench) onCommit(ctx context.Context, a db.Appended) {
	if at, asked := ctx.Value(committed{}).(*time.Time); asked {
		*at = time.Now()
	}
	b.notifier.Notify(a.Community, a.Last)
}
