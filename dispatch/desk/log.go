package desk

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReasonCallTooFar refuses a call that is agreed for a time too far ahead.
var ReasonCallTooFar = delivery.NewReason("CALL_TOO_FAR", delivery.CodeBadUserInput,
	"A call can be agreed at most %d days ahead.",
	"最多只能约定 %d 天以内的回电。")

// LogEnquiry records an enquiry, which waits in the queue unless it is answered at once.
func (v *Verbs) LogEnquiry(ctx context.Context, a delivery.Actor, in LogEnquiryInput) (*LogEnquiryPayload, error) {
	in.DueAt = dispatch.Instant(in.DueAt)
	community := in.CommunityID.Community
	c := dispatch.Call{Actor: a, Mutation: "logEnquiry", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *LogEnquiryPayload) (bool, error) {
		if refusal := in.check(a, at); refusal != nil {
			return false, refusal
		}
		e, err := in.enquiry(ctx, t)
		if err != nil {
			return false, err
		}
		if refusal := a.CanLog(e); refusal != nil {
			return false, refusal
		}
		answered := delivery.Visible(in.Answer)
		if answered && a.Role == delivery.RoleResident {
			return false, delivery.Refuse(delivery.ReasonDeskDecides).At("answer")
		}
		t.Spend(delivery.QuotaEnquiries, 1)
		t.Spend(delivery.QuotaText, len(in.Text)+len(in.Answer))
		due := at
		if in.DueAt != nil {
			due = *in.DueAt
		}
		events := []*delivery.Event{e.Log(a, due, at)}
		if answered {
			events = append(events, e.AnswerAtOnce(a, in.Answer, at))
		}
		if err := t.Decided(); err != nil {
			return false, err
		}
		if e.Number, err = t.NextNumbers(ctx, community, db.NumberEnquiry, 1); err != nil {
			return false, err
		}
		if err := t.InsertEnquiries(ctx, []*delivery.Enquiry{e}, ""); err != nil {
			return false, err
		}
		out.of(a, e)
		return true, t.Append(ctx, community, events)
	})
}

// check refuses what can be judged by itself, and callers who do not belong to the community.
func (in *LogEnquiryInput) check(a delivery.Actor, at time.Time) *delivery.Error {
	if refusal := inCommunity(a, in.CommunityID); refusal != nil {
		return refusal
	}
	if in.HouseholdID != nil {
		if refusal := dispatch.CheckID(*in.HouseholdID, delivery.KindHousehold, in.CommunityID.Community); refusal != nil {
			return refusal.At("householdId")
		}
	}
	if in.DueAt != nil {
		if refusal := checkLater(*in.DueAt, at); refusal != nil {
			return refusal.At("dueAt")
		}
	}
	return dispatch.First(dispatch.Text("text", in.Text, delivery.MaxNote, false), dispatch.Text("answer", in.Answer, delivery.MaxNote, false),
		dispatch.Field("phone", in.Phone.Normal().Check()))
}

// checkLater refuses an instant at which no call can be agreed.
func checkLater(when, at time.Time) *delivery.Error {
	switch refusal := delivery.CheckTime(when); {
	case refusal != nil:
		return refusal
	case !when.After(at):
		return delivery.Refuse(delivery.ReasonNotFuture)
	case when.After(at.Add(delivery.MaxPostponed)):
		return delivery.Refuse(ReasonCallTooFar, int(delivery.MaxPostponed/(24*time.Hour)))
	}
	return nil
}

// enquiry returns the enquiry of the input. Its household is locked, so it does not change until the transaction ends. It refuses communities whose
// personal data is purged.
func (in *LogEnquiryInput) enquiry(ctx context.Context, t *db.Tx) (*delivery.Enquiry, error) {
	community := in.CommunityID.Community
	estate, err := t.LockCommunity(ctx, community, false)
	if err != nil {
		return nil, err
	}
	switch {
	case estate.Archived():
		return nil, delivery.Refuse(dispatch.ReasonArchived).At("communityId")
	case estate.Purged():
		return nil, delivery.Refuse(dispatch.ReasonPurged).At("communityId")
	}
	e := &delivery.Enquiry{CommunityID: community, UUID: dispatch.NewUUID(), Kind: in.Kind, Way: in.Way, Phone: in.Phone.Normal(), Text: in.Text, Urgent: in.Urgent}
	if in.HouseholdID == nil {
		return e, nil
	}
	rows, err := t.HouseholdsOf(ctx, community, []delivery.UUID{in.HouseholdID.UUID}, nil)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHousehold.String()).At("householdId")
	}
	h := rows[0]
	e.HouseholdUUID, e.BuildingUUID = &h.UUID, &h.BuildingUUID
	return e, nil
}

// inCommunity refuses ids of another kind, and callers who do not belong to the community.
func inCommunity(a delivery.Actor, community delivery.ID) *delivery.Error {
	refusal := dispatch.CheckID(community, delivery.KindCommunity, 0)
	if refusal == nil && !a.Scope().SeesDirectory(community.Community) {
		refusal = delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	if refusal != nil {
		return refusal.At("communityId")
	}
	return nil
}

// lockEnquiry locks the enquiry of an input, if the actor sees it, for a change.
func lockEnquiry(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID) (*delivery.Enquiry, error) {
	if refusal := dispatch.CheckID(id, delivery.KindEnquiry, 0); refusal != nil {
		return nil, refusal.At("enquiryId")
	}
	e, err := t.LockEnquiry(ctx, a.Scope(), id)
	if refusal := delivery.AsError(err); refusal != nil {
		return nil, refusal.At("enquiryId")
	}
	return e, err
}

// lockMine locks the enquiry of an input that the actor is to close or postpone.
func lockMine(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID) (*delivery.Enquiry, error) {
	e, err := lockEnquiry(ctx, t, a, id)
	if err != nil {
		return nil, err
	}
	if !a.CanTakeEnquiries(id.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	refusal := e.MayFinish(a)
	if refusal == nil {
		return e, nil
	}
	had, err := t.HasTaken(ctx, id, a.UUID)
	if err != nil {
		return nil, err
	}
	if had {
		refusal = e.Lost(refusal)
	}
	return nil, refusal.At("enquiryId")
}
