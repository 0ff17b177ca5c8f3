package demo

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/hold"
	"baogong/dispatch/order"
	"baogong/dispatch/team"
)

// placeOne places one household's order: 60 % by app, 15 % in group buys, 18 % by telephone, 4 % bought for them, and
// 3 % errands to the pharmacy.
func (e *Simulation) placeOne(ctx context.Context) error {
	if len(e.households) == 0 || len(e.suppliers) == 0 { // a visitor archived them all
		return nil
	}
	return e.place(ctx, pick(e.random, e.households), "")
}

// byTaker stands for the code of a supplier: the volunteer of the building fetches medicine.
const byTaker = "errand"

// place places an order for a household: at the supplier of the code, by app, or as chance has it if code is empty.
func (e *Simulation) place(ctx context.Context, h *delivery.Household, code string) error {
	in := order.PlaceOrderInput{HouseholdID: h.ID()}
	resident := delivery.Actor{Role: delivery.RoleResident, Community: h.CommunityID, UUID: h.UUID, Building: h.BuildingUUID}
	volunteer := e.volunteer(h.BuildingUUID)
	goods, lo, hi, actor := groceries, 6, 12, resident
	from := func(code string) {
		s, there := e.suppliers[code]
		for _, other := range []string{market, fresh, group, pharmacy} {
			if !there {
				s, there = e.suppliers[other]
			}
		}
		in.SupplierID = s.Ref().ID()
		if code == pharmacy {
			goods, lo, hi, in.Marks = medicine, 1, 4, []delivery.Mark{delivery.MarkMedicine}
		}
	}
	switch n := e.random.IntN(100); {
	case code == byTaker:
		in.Channel, in.ErrandKind, actor = delivery.ChannelErrand, new(delivery.ErrandMedicine), volunteer
		from(pharmacy)
	case code != "":
		in.Channel = delivery.ChannelApp
		from(code)
	case n < 60:
		in.Channel = delivery.ChannelApp
		from(pick(e.random, []string{fresh, fresh, fresh, fresh, fresh, fresh, market, market, pharmacy}))
	case n < 75:
		in.Channel = delivery.ChannelGroupBuy
		from(group)
	case n < 93:
		in.Channel, actor = delivery.ChannelPhone, volunteer
		in.ConsentBy, in.ReadBack = new(pick(e.random, []delivery.ConsentBy{delivery.ConsentHousehold, delivery.ConsentHousehold, delivery.ConsentRelative, delivery.ConsentCarer})), true
		from(pick(e.random, []string{market, market, fresh}))
	case n < 97:
		in.Channel, actor = delivery.ChannelBuyFor, volunteer
		from(market)
	default:
		in.Channel, in.ErrandKind, actor = delivery.ChannelErrand, new(delivery.ErrandMedicine), volunteer
		from(pharmacy)
	}
	in.Lines = basket(e.random, goods, lo, hi)
	e.enter(&in)
	p, err := e.Verbs.Order.PlaceOrder(ctx, actor, in)
	if err != nil {
		return err
	}
	if len(p.UserErrors) > 0 { // a visitor archived the door or the shop
		e.report.Refused++
		return nil
	}
	e.report.Placed++
	return nil
}

// loadBacklog places the orders of the evening and the night, which wait for the day's first trucks. An estate that has orders already
// goes on with those.
func (e *Simulation) loadBacklog(ctx context.Context, b *bar) error {
	rows, err := e.DB.Orders(ctx, e.commander.Scope(), e.community.Community, db.OrderFilter{}, db.SortNumber, false, db.Range{Limit: 1, Count: true})
	if err != nil {
		return err
	}
	n := 240
	if e.small {
		n = 30
	}
	b.total(max(n, rows.Total))
	b.add(rows.Total)
	for n -= rows.Total; n > 0; n-- {
		if err := e.placeOne(ctx); err != nil {
			return err
		}
		b.add(1)
	}
	return nil
}

// cancelOne lets a household change its mind.
func (e *Simulation) cancelOne(ctx context.Context) error {
	orders, err := e.waiting(ctx, delivery.Placed, 0, 50, db.OrderFilter{Channels: trucked})
	if err != nil || len(orders) == 0 {
		return err
	}
	o := pick(e.random, orders)
	resident := delivery.Actor{Role: delivery.RoleResident, Community: o.CommunityID, UUID: o.HouseholdUUID, Building: o.BuildingUUID}
	return e.note(e.Verbs.Order.CancelOrder(ctx, resident, order.CancelOrderInput{Orders: []*order.OrderMoveInput{{OrderID: o.ID()}}, Reason: delivery.MoveHouseholdAsked}))
}

// holdOne holds a building for two hours of testing.
func (e *Simulation) holdOne(ctx context.Context) error {
	if len(e.buildings) == 0 {
		return nil
	}
	until := e.Clock.Now().Add(2 * time.Hour)
	_, err := e.Verbs.Hold.PlaceHold(ctx, e.commander, hold.PlaceHoldInput{SubjectIds: []delivery.ID{pick(e.random, e.buildings)},
		Reason: delivery.HoldTesting, Until: &until, Note: "核酸检测"})
	return err
}

// absence makes a building's volunteer unreachable for two hours; the next in line holds the orders meanwhile.
func (e *Simulation) absence(ctx context.Context, a *agenda) error {
	if len(e.buildings) == 0 {
		return nil
	}
	building := pick(e.random, e.buildings)
	if e.primary[building.UUID] == "" {
		return nil
	}
	volunteer := delivery.ID{Kind: delivery.KindVolunteer, Community: building.Community, UUID: e.primary[building.UUID]}
	reach := func(ctx context.Context, reachable bool) error {
		_, err := e.Verbs.Team.UpdateVolunteers(ctx, e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: volunteer, Reachable: &reachable}}})
		return err
	}
	a.add(e.Clock.Now().Add(2*time.Hour), func(ctx context.Context) error { return reach(ctx, true) })
	return reach(ctx, false)
}
