package desk

import (
	"context"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// TakeEnquiry gives an enquiry to the actor for ten minutes: the named one, or the next one that is due. If the actor has one already,
// the ten minutes begin again, and another one is refused.
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
		e, err := in.lock(ctx, t, a, at)
		if errors.Is(err, db.ErrNoRow) { // none is due
			return false, nil
		}
		if err != nil {
			return false, err
		}
		event, refusal := e.Take(a, at)
		if refusal != nil {
			return false, refusal.At("enquiryId")
		}
		if err := t.SaveEnquiry(ctx, e); err != nil {
			if db.Constraint(err) == "enquiries_one_each" { // taken on another device at the same moment
				err = dispatch.MarkRetryable(err)
			}
			return false, err
		}
		if err := t.SaveTake(ctx, e, a.UUID, at); err != nil {
			return false, err
		}
		out.EnquiryID = new(e.ID())
		return true, t.Append(ctx, community, []*delivery.Event{event})
	})
}

// lock locks the enquiry to take: the one that the actor has already, the named one, or the next one. It fails with db.ErrNoRow if none is
// due.
func (in *TakeEnquiryInput) lock(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time) (*delivery.Enquiry, error) {
	community := in.CommunityID.Community
	if in.EnquiryID != nil {
		if refusal := dispatch.CheckID(*in.EnquiryID, delivery.KindEnquiry, community); refusal != nil {
			return nil, refusal.At("enquiryId")
		}
	}
	held, err := t.LockTakenEnquiry(ctx, community, a.UUID)
	switch {
	case err == nil && (in.EnquiryID == nil || *in.EnquiryID == held.ID()):
		return held, nil
	case err == nil:
		return nil, held.HeldAlready().At("enquiryId")
	case !errors.Is(err, db.ErrNoRow):
		return nil, err
	case in.EnquiryID != nil:
		return lockEnquiry(ctx, t, a, *in.EnquiryID)
	}
	return t.LockNextEnquiry(ctx, a.Scope(), community, in.Kinds, at)
}
