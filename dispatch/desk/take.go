package desk

import (
	"context"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// TakeEnquiry gives an enquiry to the actor for ten minutes: the named one, or the next one that is due. If the actor has one already, TakeEnquiry
// renews its ten minutes, and refuses another one.
func (v *Verbs) TakeEnquiry(ctx context.Context, a delivery.Actor, in TakeEnquiryInput) (*TakeEnquiryPayload, error) {
	community := in.CommunityID.Community
	c := dispatch.Call{Actor: a, Mutation: "takeEnquiry", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *TakeEnquiryPayload) (bool, error) {
		if refusal := inCommunity(a, in.CommunityID); refusal != nil {
			return false, refusal
		}
		if !a.CanTakeEnquiries(community) {
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		e, events, err := in.lock(ctx, t, a, at)
		if errors.Is(err, db.ErrNoRow) { // none is due
			if len(events) == 0 {
				return false, nil
			}
			return true, t.Append(ctx, community, events)
		}
		if err != nil {
			return false, err
		}
		event, refusal := e.Take(a, at)
		if refusal != nil {
			return false, refusal.At("enquiryId")
		}
		if err := t.SaveTake(ctx, e, at); err != nil {
			if db.Constraint(err) == "enquiries_one_each" { // taken on another device at the same moment
				err = dispatch.MarkRetryable(err)
			}
			return false, err
		}
		out.of(a, e)
		return true, t.Append(ctx, community, append(events, event))
	})
}

// lock locks the enquiry to take: the one that the actor has already, the named one, or the next one. It fails with db.ErrNoRow if none is
// due. An enquiry that the actor has and does not see any more, because they serve other buildings now, goes back into the queue: they could neither finish
// it nor take another one. lock returns the event of that.
func (in *TakeEnquiryInput) lock(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time) (e *delivery.Enquiry, events []*delivery.Event, _ error) {
	community := in.CommunityID.Community
	if in.EnquiryID != nil {
		if refusal := dispatch.CheckID(*in.EnquiryID, delivery.KindEnquiry, community); refusal != nil {
			return nil, nil, refusal.At("enquiryId")
		}
	}
	var held *delivery.Enquiry
	var err error
	if in.EnquiryID == nil {
		held, err = t.LockTakenOrNextEnquiry(ctx, a.Scope(), community, a.UUID, in.Kinds, at)
	} else {
		held, err = t.LockTakenEnquiry(ctx, community, a.UUID)
	}
	switch {
	case errors.Is(err, db.ErrNoRow):
	case err != nil:
		return nil, nil, err
	case in.EnquiryID == nil && !held.TakenByActor(a):
		return held, nil, nil // the next one
	case !a.SeesEnquiry(held):
		events = append(events, held.Release(a, at))
		if err := t.SaveEnquiry(ctx, held); err != nil {
			return nil, nil, err
		}
	case in.EnquiryID == nil || *in.EnquiryID == held.ID():
		return held, nil, nil
	default:
		return nil, nil, held.HeldAlready().At("enquiryId")
	}
	switch {
	case in.EnquiryID != nil:
		e, err = lockEnquiry(ctx, t, a, *in.EnquiryID)
	case held != nil: // and goes back
		e, err = t.LockNextEnquiry(ctx, a.Scope(), community, in.Kinds, at)
	}
	return e, events, err
}
