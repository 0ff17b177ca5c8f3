package demo

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/order"
	"baogong/dispatch/round"
)

const (
	armful     = 8               // orders that a volunteer takes upstairs at once
	fetch      = 4 * time.Minute // an order lies at the building before the volunteer comes down
	walk       = 4 * time.Minute // up the stairs to the first door
	doorsALook = 4               // doors that a volunteer reaches between two looks

	oneAbsent  = 40 // of so many doors, one does not open
	oneSkipped = 20 // of so many rounds, one ends before its last door
	oneWrong   = 80 // of so many hand-overs, one is taken back: it was the wrong door
)

// climb has the volunteers take what stands at their buildings upstairs, the oldest first.
func (e *Simulation) climb(ctx context.Context) error {
	orders, err := e.waiting(ctx, delivery.AtBuilding, fetch, 1000, db.OrderFilter{})
	if err != nil || len(orders) == 0 {
		return err
	}
	out, err := e.waiting(ctx, delivery.OutForDelivery, 0, 1000, db.OrderFilter{})
	if err != nil {
		return err
	}
	busy := map[delivery.UUID]bool{}
	for _, o := range out {
		busy[o.BuildingUUID] = true
	}
	for _, load := range byBuilding(orders) {
		if busy[load[0].BuildingUUID] {
			continue
		}
		if err := e.takeOut(ctx, e.holder(load[0]), load[:min(armful, len(load))]); err != nil {
			return err
		}
	}
	return nil
}

// takeOut starts a round with the orders.
func (e *Simulation) takeOut(ctx context.Context, a delivery.Actor, orders []*delivery.Order) error {
	if a.Volunteer() == nil { // an administrator stands in for a team that a visitor archived
		return e.advance(ctx, a, orders, delivery.OutForDelivery, "")
	}
	in := round.StartRoundInput{Most: len(orders), ConfirmQuietHours: e.quiet()}
	for _, o := range orders {
		in.OrderIds = append(in.OrderIds, o.ID())
	}
	p, err := e.Verbs.Round.StartRound(ctx, a, in)
	if err != nil {
		return err
	}
	e.report.Refused += len(p.UserErrors)
	for _, r := range p.Results {
		e.count(r.Taken, len(r.UserErrors) > 0)
	}
	delete(e.empty, delivery.OutForDelivery)
	return nil
}

// door is the orders of one household that a round has out.
type door []*db.OrderOfRound

func (d door) ids() []delivery.ID {
	out := make([]delivery.ID, len(d))
	for i, o := range d {
		out[i] = o.ID()
	}
	return out
}

func (d door) orders() []*delivery.Order {
	out := make([]*delivery.Order, len(d))
	for i, o := range d {
		out[i] = &o.Order
	}
	return out
}

// resident is the household at the door.
func (d door) resident() delivery.Actor {
	return delivery.Actor{Role: delivery.RoleResident, Community: d[0].CommunityID, UUID: d[0].HouseholdUUID, Building: d[0].BuildingUUID}
}

// atTheDoors has the volunteers of open rounds hand over at the next doors, from the top floor down, and end the rounds that are through.
func (e *Simulation) atTheDoors(ctx context.Context) error {
	if e.empty[delivery.OutForDelivery] {
		return nil
	}
	open, err := e.DB.Rounds(ctx, e.commander.Scope(), e.community.Community, true, "", db.Range{Limit: 200})
	if err != nil {
		return err
	}
	var ids []delivery.ID
	for _, r := range open.Items {
		if e.Clock.Now().Sub(r.StartedAt) >= walk {
			ids = append(ids, r.ID())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	orders, err := e.DB.OrdersOfRounds(ctx, e.commander.Scope(), ids)
	if err != nil {
		return err
	}
	doors, held := map[delivery.UUID][]door{}, map[delivery.UUID]bool{}
	for _, o := range orders {
		of := doors[o.Round]
		switch last := len(of) - 1; {
		case o.Held():
			held[o.Round] = true
		case last >= 0 && of[last][0].HouseholdUUID == o.HouseholdUUID:
			of[last] = append(of[last], o)
		default:
			doors[o.Round] = append(of, door{o})
		}
	}
	for _, r := range slices.Backward(open.Items) {
		if !slices.Contains(ids, r.ID()) {
			continue
		}
		if err := e.nextDoors(ctx, r, doors[r.UUID], held[r.UUID]); err != nil {
			return err
		}
	}
	return nil
}

// nextDoors hands over at the next doors of one round. After the last one, and now and then before, the round ends.
func (e *Simulation) nextDoors(ctx context.Context, r *delivery.Round, doors []door, held bool) error {
	a := e.commander
	if r.VolunteerUUID != nil {
		if v, known := e.volunteers[*r.VolunteerUUID]; known {
			a = v
		}
	}
	now, later := doors[:min(doorsALook, len(doors))], len(doors) > doorsALook
	if len(now) > 0 && e.random.IntN(oneAbsent) == 0 {
		if err := e.advance(ctx, a, now[0].orders(), delivery.AtBuilding, delivery.MoveAbsent); err != nil {
			return err
		}
		now = now[1:]
	}
	if !later && len(now) > 1 && e.random.IntN(oneSkipped) == 0 {
		now = now[:len(now)-1]
	}
	if err := e.handOver(ctx, a, now); err != nil {
		return err
	}
	if later || held || r.Implicit { // one that a move opened ends with its last order
		return nil
	}
	p, err := e.Verbs.Round.EndRound(ctx, a, round.EndRoundInput{RoundID: r.ID()})
	if err != nil {
		return err
	}
	e.report.Refused += len(p.UserErrors)
	for _, back := range p.Results {
		e.count(back.Returned, len(back.UserErrors) > 0)
	}
	return nil
}

// handOver hands the orders of doors over, each with a proof.
func (e *Simulation) handOver(ctx context.Context, a delivery.Actor, doors []door) error {
	if len(doors) == 0 {
		return nil
	}
	in, err := e.proofs(ctx, a, doors)
	if err != nil {
		return err
	}
	for {
		p, err := e.Verbs.Round.HandOver(ctx, a, in)
		if err != nil {
			return err
		}
		e.report.Refused += len(p.UserErrors)
		var again []*round.HandOverDoorInput
		for i, r := range p.Results {
			for range r.OrderIds {
				e.count(r.Delivered, len(r.UserErrors) > 0)
			}
			if r.Delivered {
				e.react(doors[slices.IndexFunc(doors, func(d door) bool { return d[0].ID() == r.OrderIds[0] })])
			} else if d := in.Doors[i]; d.Code == misheard {
				d.Code = ""
				again = append(again, d)
			}
		}
		if len(again) == 0 {
			break
		}
		if in.Doors, err = e.codes(ctx, again); err != nil { // it asks once more
			return err
		}
	}
	if e.random.IntN(oneWrong) == 0 {
		return e.takeBack(ctx, a, doors[0][0].ID())
	}
	return nil
}

// takeBack undoes a hand-over at the wrong door; the next look hands it over at the right one.
func (e *Simulation) takeBack(ctx context.Context, a delivery.Actor, id delivery.ID) error {
	rows, err := e.DB.OrdersByID(ctx, a.Scope(), []delivery.ID{id})
	if err != nil || len(rows) == 0 || rows[0].Stage != delivery.Delivered {
		return err
	}
	p, err := e.Verbs.Order.UndoMove(ctx, a, order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: id, ExpectedVersion: rows[0].Version}}})
	delete(e.empty, delivery.OutForDelivery)
	return e.note(p, err)
}
