package round

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReasonOnlyVolunteers refuses a round to callers who do not climb stairs.
var ReasonOnlyVolunteers = delivery.NewReason("ONLY_VOLUNTEERS", delivery.CodeForbidden,
	"Only volunteers start rounds.",
	"只有队员可以开始投递轮次。")

// StartRound takes orders out for delivery. They join the open round of the volunteer, or a new one.
func (v *Verbs) StartRound(ctx context.Context, a delivery.Actor, in StartRoundInput) (*StartRoundPayload, error) {
	bad := in.check()
	c := dispatch.Call{Actor: a, Mutation: "startRound", Community: in.community(), ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *StartRoundPayload) (bool, error) {
		volunteer := a.Volunteer()
		switch {
		case bad != nil:
			return false, bad
		case !a.Scope().SeesCommunity(c.Community):
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
		case volunteer == nil || a.Community != c.Community:
			return false, delivery.Refuse(ReasonOnlyVolunteers)
		}
		community, err := t.LockCommunity(ctx, c.Community, false)
		if err != nil {
			return false, err
		}
		if refusal := community.Quiet(at); refusal != nil && !in.ConfirmQuietHours {
			return false, refusal.At("confirmQuietHours")
		}
		found, err := t.OrdersOnShelves(ctx, a.Scope(), c.Community, dispatch.UUIDs(in.UnitIds), in.Most-len(in.OrderIds))
		if err != nil {
			return false, err
		}
		l, err := lockOrders(ctx, t, a, c.Community, append(slices.Clip(in.OrderIds), found...))
		if err != nil {
			return false, err
		}
		r, fresh, err := roundOf(ctx, t, c.Community, *volunteer, at)
		if err != nil {
			return false, err
		}
		var events []*delivery.Event
		byBuilding := map[delivery.UUID]int{}
		for i, id := range l.ids {
			if i >= len(in.OrderIds) && l.taken[id.UUID] { // named as well
				continue
			}
			result := &TakeResult{OrderID: id}
			e, refusal := l.advance(a, id, delivery.Move{To: delivery.OutForDelivery, Round: &r.UUID}, at)
			if refusal != nil {
				result.Refuse("orderIds", i, refusal)
			} else {
				result.Taken = true
				events = append(events, e)
				byBuilding[e.Order.BuildingUUID]++
			}
			l.taken[id.UUID] = true
			out.Results = append(out.Results, result)
		}
		if len(events) == 0 {
			return false, nil
		}
		if err := save(ctx, t, r, fresh); err != nil {
			return false, err
		}
		out.RoundID = new(r.ID())
		return true, dispatch.Record(ctx, t, c.Community, append(events, r.Events(delivery.RoundStarted, a, at, byBuilding)...))
	})
}

// community is the community of what the input names.
func (in *StartRoundInput) community() int32 {
	for _, list := range [][]delivery.ID{in.OrderIds, in.UnitIds} {
		if len(list) > 0 {
			return list[0].Community
		}
	}
	return 0
}

// check returns the refusal of the whole call, if there is one.
func (in *StartRoundInput) check() *delivery.Error {
	if refusal := dispatch.First(dispatch.Within("most", in.Most, 1, delivery.MaxRound)); refusal != nil {
		return refusal
	}
	if len(in.OrderIds) == 0 && len(in.UnitIds) == 0 {
		return delivery.Refuse(dispatch.ReasonEmptyList).At("orderIds")
	}
	if n := len(in.OrderIds); n > in.Most {
		return delivery.Refuse(dispatch.ReasonTooMany, in.Most, n).At("orderIds").With(delivery.Details{Limit: int64(in.Most)})
	}
	for _, list := range []struct {
		name string
		ids  []delivery.ID
		kind delivery.Kind
	}{{"orderIds", in.OrderIds, delivery.KindOrder}, {"unitIds", in.UnitIds, delivery.KindUnit}} {
		if len(list.ids) == 0 {
			continue
		}
		community, refusal := dispatch.CheckIDs(list.ids, list.name, "", list.kind)
		if refusal != nil {
			return refusal
		}
		if community != in.community() {
			return delivery.Refuse(delivery.ReasonNoSuch, list.kind.String()).At(list.name, strconv.Itoa(0))
		}
	}
	return nil
}

// roundOf returns the volunteer's open round, locked, or a new one, which is fresh. A round that a move opened by itself becomes one of
// the volunteer's own if it has orders out; else it ends.
func roundOf(ctx context.Context, t *db.Tx, community int32, volunteer delivery.UUID, at time.Time) (r *delivery.Round, fresh bool, err error) {
	r, err = t.LockOpenRound(ctx, community, volunteer)
	switch {
	case err == nil:
		idle := false
		if r.Implicit {
			out, err := t.OrdersOut(ctx, r.ID())
			if err != nil {
				return nil, false, err
			}
			idle = len(out) == 0
		}
		r.Version++
		if !idle {
			r.Implicit = false
			return r, false, nil
		}
		r.EndedAt = &at
		if !t.Looking() {
			if err := t.SaveRound(ctx, r); err != nil {
				return nil, false, err
			}
		}
	case !errors.Is(err, db.ErrNoRow):
		return nil, false, err
	}
	return &delivery.Round{CommunityID: community, UUID: dispatch.NewUUID(), VolunteerUUID: &volunteer, StartedAt: at, Version: 1}, true, nil
}

// save writes a round.
func save(ctx context.Context, t *db.Tx, r *delivery.Round, fresh bool) (err error) {
	if !fresh {
		return t.SaveRound(ctx, r)
	}
	t.Spend(delivery.QuotaRows, 1)
	if r.Number, err = t.NextNumbers(ctx, r.CommunityID, db.NumberRound, 1); err != nil {
		return err
	}
	err = t.InsertRound(ctx, r)
	if db.Constraint(err) == "rounds_one_open" { // opened on another phone at the same moment
		return dispatch.MarkRetryable(err)
	}
	return err
}
