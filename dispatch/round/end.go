package round

import (
	"context"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// errJoined ends a transaction that would end a round which an order has joined meanwhile.
var errJoined = dispatch.MarkRetryable(errors.New("an order has joined the round"))

// EndRound ends a round. Orders that are still out come back to the shelf with the reason NOT_REACHED. A held order cannot come back, nor
// one that the actor does not see any more: while there is one, the round stays open.
func (v *Verbs) EndRound(ctx context.Context, a delivery.Actor, in EndRoundInput) (*EndRoundPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "endRound", Community: in.RoundID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *EndRoundPayload) (bool, error) {
		if refusal := dispatch.CheckID(in.RoundID, delivery.KindRound, 0); refusal != nil {
			return false, refusal.At("roundId")
		}
		r, err := t.Round(ctx, a.Scope(), in.RoundID)
		if refusal := delivery.AsError(err); refusal != nil {
			return false, refusal.At("roundId")
		}
		if err != nil {
			return false, err
		}
		if refusal := r.MayEnd(a); refusal != nil {
			return false, refusal.At("roundId")
		}
		ids, err := t.OrdersOut(ctx, r.ID())
		if err != nil {
			return false, err
		}
		l, err := lockOrders(ctx, t, a, r.CommunityID, ids)
		if err != nil {
			return false, err
		}
		var events []*delivery.Event
		byBuilding := map[delivery.UUID]int{}
		whole := true
		for i, id := range ids {
			if o := l.orders[id.UUID]; o != nil && (o.RoundUUID == nil || *o.RoundUUID != r.UUID) { // handed over meanwhile
				continue
			}
			result := &ReturnResult{OrderID: id}
			e, refusal := l.advance(a, id, delivery.Move{To: delivery.AtBuilding, Reason: delivery.MoveNotReached}, at)
			if refusal != nil {
				whole = false
				result.Refuse("orders", i, refusal)
			} else {
				result.Returned = true
				events = append(events, e)
				byBuilding[e.Order.BuildingUUID]++
			}
			out.Results = append(out.Results, result)
		}
		out.RoundID = new(r.ID())
		if !whole {
			return len(events) > 0, dispatch.Record(ctx, t, r.CommunityID, events)
		}
		if err := t.Decided(); err != nil {
			return false, err
		}
		return true, end(ctx, t, a, r, at, events, byBuilding)
	})
}

// end saves the orders that came back and ends the round, unless an order has joined it.
func end(ctx context.Context, t *db.Tx, a delivery.Actor, r *delivery.Round, at time.Time, events []*delivery.Event, byBuilding map[delivery.UUID]int) error {
	rounds, err := t.LockRounds(ctx, r.CommunityID, []delivery.UUID{r.UUID})
	if err != nil {
		return err
	}
	now := rounds[r.UUID]
	if refusal := now.MayEnd(a); refusal != nil {
		return refusal.At("roundId")
	}
	buildings, err := t.BuildingsOfRound(ctx, r.ID())
	if err != nil {
		return err
	}
	out := 0
	for _, b := range buildings {
		out += b.Out
		byBuilding[b.UUID] += 0 // also where every order was handed over: its volunteers see that the round has ended
	}
	if out > len(events) {
		return errJoined
	}
	now.Implicit, now.EndedAt = false, &at
	now.Version++
	if err := t.SaveRound(ctx, now); err != nil {
		return err
	}
	return dispatch.Record(ctx, t, r.CommunityID, append(events, r.Events(delivery.RoundEnded, a, at, byBuilding)...))
}
