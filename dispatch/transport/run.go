package transport

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

// StartRun opens a run with an empty cart.
func (v *Verbs) StartRun(ctx context.Context, a delivery.Actor, in StartRunInput) (*StartRunPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "startRun", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *StartRunPayload) (bool, error) {
		volunteer, refusal := in.volunteer(a)
		if refusal != nil {
			return false, refusal
		}
		community, err := t.LockCommunity(ctx, c.Community, false)
		if err != nil {
			return false, err
		}
		if community.Archived() {
			return false, delivery.Refuse(dispatch.ReasonArchived).At("communityId")
		}
		if refusal := community.Quiet(at); refusal != nil && !in.ConfirmQuietHours {
			return false, refusal.At("confirmQuietHours")
		}
		refusal, err = mayCarry(ctx, t, c.Community, volunteer)
		switch {
		case err != nil:
			return false, err
		case refusal != nil:
			return false, refusal
		}
		t.Spend(delivery.QuotaRows, 1)
		if err := t.Decided(); err != nil {
			return false, err
		}
		r := &delivery.Run{CommunityID: c.Community, UUID: dispatch.NewUUID(), VolunteerUUID: volunteer, Capacity: in.Capacity,
			State: delivery.RunLoading, StartedAt: at, Version: 1}
		if r.Number, err = t.NextNumbers(ctx, c.Community, db.NumberRun, 1); err != nil {
			return false, err
		}
		if err := t.InsertRun(ctx, r); err != nil {
			if db.Constraint(err) == "runs_one_open" { // opened on another phone at the same moment
				return false, dispatch.MarkRetryable(err)
			}
			return false, err
		}
		out.RunID = new(r.ID())
		return true, t.Append(ctx, c.Community, []*delivery.Event{r.Event(delivery.RunStarted, a, at, "", 0)})
	})
}

// volunteer returns who is to push the cart: the caller, unless the input names another volunteer.
func (in *StartRunInput) volunteer(a delivery.Actor) (delivery.UUID, *delivery.Error) {
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return "", refusal.At("communityId")
	}
	community := in.CommunityID.Community
	if !a.Scope().SeesCommunity(community) {
		return "", delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	if refusal := dispatch.First(dispatch.Within("capacity", in.Capacity, 1, delivery.MaxCapacity)); refusal != nil {
		return "", refusal
	}
	own := in.VolunteerID == nil || in.VolunteerID.UUID == a.UUID
	switch {
	case own && a.CanCarry(community):
		return a.UUID, nil
	case !a.LeadsTransport(community):
		return "", delivery.Refuse(delivery.ReasonNotYours)
	case in.VolunteerID == nil:
		return "", delivery.Refuse(ReasonNoCarrier).At("volunteerId")
	}
	if refusal := dispatch.CheckID(*in.VolunteerID, delivery.KindVolunteer, community); refusal != nil {
		return "", refusal.At("volunteerId")
	}
	return in.VolunteerID.UUID, nil
}

// The refusals of starting and ending runs.
var (
	ReasonRunOpen = delivery.NewReason("RUN_OPEN", delivery.CodeConflict,
		"This volunteer already has an open run, number %d.",
		"该队员已有未结束的车次（%d 号）。")
	ReasonRunGone = delivery.NewReason("RUN_DEPARTED", delivery.CodeConflict,
		"This run has departed.",
		"该车次已经出发。")
	ReasonNothingLoaded = delivery.NewReason("NOTHING_LOADED", delivery.CodeConflict,
		"Nothing is on the cart yet.",
		"推车上还没有货物。")
	ReasonNoCarrier = delivery.NewReason("NO_CARRIER", delivery.CodeBadUserInput,
		"Name the volunteer of the transport squad who pushes the cart.",
		"请指明推车的运输队队员。")
	ReasonNotTransport = delivery.NewReason("NOT_TRANSPORT", delivery.CodeBadUserInput,
		"This volunteer is not in the transport squad.",
		"该队员不在运输队。")
)

// mayCarry refuses a volunteer who is not of the transport squad or has an open run.
func mayCarry(ctx context.Context, t *db.Tx, community int32, volunteer delivery.UUID) (*delivery.Error, error) {
	team, err := t.Volunteers().All(ctx, community)
	if err != nil {
		return nil, err
	}
	switch v := dispatch.ByUUID(team)[volunteer]; {
	case v == nil:
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindVolunteer.String()).At("volunteerId"), nil
	case v.Archived():
		return delivery.Refuse(dispatch.ReasonArchived).At("volunteerId"), nil
	case v.Squad != delivery.SquadTransport:
		return delivery.Refuse(ReasonNotTransport).At("volunteerId"), nil
	}
	open, err := t.OpenRun(ctx, community, volunteer)
	switch {
	case errors.Is(err, db.ErrNoRow):
		return nil, nil //nolint:nilnil // nothing refuses the volunteer
	case err != nil:
		return nil, err
	}
	return delivery.Refuse(ReasonRunOpen, open.Number).With(delivery.Details{ConflictingID: new(open.ID())}), nil
}

// DepartRun records that the cart has left the gate.
func (v *Verbs) DepartRun(ctx context.Context, a delivery.Actor, in DepartRunInput) (*DepartRunPayload, error) {
	c := in.call(a, "departRun", in)
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *DepartRunPayload) (bool, error) {
		r, err := lockRun(ctx, t, a, in.RunID, in.ExpectedVersion)
		if err != nil {
			return false, err
		}
		switch {
		case r.State != delivery.RunLoading:
			return false, delivery.Refuse(ReasonRunGone).At("runId")
		case r.Bags == 0:
			return false, delivery.Refuse(ReasonNothingLoaded).At("runId")
		}
		r.State, r.DepartedAt = delivery.RunUnderway, &at
		return true, out.save(ctx, t, r, []*delivery.Event{r.Event(delivery.RunDeparted, a, at, "", r.Bags)})
	})
}

// FinishRun ends a run. What is still on the cart goes back into the bins from which it came.
func (v *Verbs) FinishRun(ctx context.Context, a delivery.Actor, in FinishRunInput) (*FinishRunPayload, error) {
	c := DepartRunInput(in).call(a, "finishRun", in)
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *FinishRunPayload) (bool, error) {
		r, err := lockRun(ctx, t, a, in.RunID, in.ExpectedVersion)
		if err != nil {
			return false, err
		}
		if r.DepartedAt == nil {
			r.DepartedAt = &at
		}
		return true, out.end(ctx, t, a, r, delivery.RunDone, at)
	})
}

// CancelRun ends a run that has not departed. What is on the cart goes back into the bins from which it came.
func (v *Verbs) CancelRun(ctx context.Context, a delivery.Actor, in CancelRunInput) (*CancelRunPayload, error) {
	c := DepartRunInput(in).call(a, "cancelRun", in)
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *CancelRunPayload) (bool, error) {
		r, err := lockRun(ctx, t, a, in.RunID, in.ExpectedVersion)
		if err != nil {
			return false, err
		}
		if r.State != delivery.RunLoading {
			return false, delivery.Refuse(ReasonRunGone).At("runId")
		}
		return true, out.end(ctx, t, a, r, delivery.RunCancelled, at)
	})
}

// call is the call of a verb on the run.
func (in DepartRunInput) call(a delivery.Actor, mutation string, input any) dispatch.Call {
	return dispatch.Call{Actor: a, Mutation: mutation, Community: in.RunID.Community, ID: in.ClientMutationID, Input: input}
}

// lockRun locks a run for a change by the actor.
func lockRun(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID, expected *int64) (*delivery.Run, error) {
	r, err := seeRun(ctx, t, a, id)
	switch {
	case err != nil:
		return nil, err
	case expected != nil && *expected != r.Version:
		return nil, delivery.Refuse(delivery.ReasonVersionChanged, r.Version).At("expectedVersion").With(delivery.Details{Version: r.Version})
	}
	if refusal := r.MayDrive(a); refusal != nil {
		return nil, refusal.At("runId")
	}
	return r, nil
}

// seeRun locks a run that the actor sees.
func seeRun(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID) (*delivery.Run, error) {
	if refusal := dispatch.CheckID(id, delivery.KindRun, 0); refusal != nil {
		return nil, refusal.At("runId")
	}
	r, err := t.LockRun(ctx, a.Scope(), id)
	if refusal := delivery.AsError(err); refusal != nil {
		return nil, refusal.At("runId")
	}
	return r, err
}

// refuseItem refuses the item at index i of a list of the input.
func refuseItem(list string, i int, reason delivery.Reason) *delivery.Error {
	return delivery.Refuse(reason).At(list, strconv.Itoa(i))
}

// save saves the run as the events leave it, and the orders of the events.
func (o *RunOutcome) save(ctx context.Context, t *db.Tx, r *delivery.Run, events []*delivery.Event) error {
	r.Version++
	if err := t.SaveRun(ctx, r); err != nil {
		return err
	}
	o.RunID = new(r.ID())
	return dispatch.Record(ctx, t, r.CommunityID, events)
}

// end puts what is on the cart back into its bins, or into the default one where a bin was archived, and ends the run.
func (o *RunOutcome) end(ctx context.Context, t *db.Tx, a delivery.Actor, r *delivery.Run, state delivery.RunState, at time.Time) error {
	carried, err := t.CarriedOrders(ctx, r.ID(), "")
	if err != nil {
		return err
	}
	var from []delivery.UUID
	for _, c := range carried {
		from = append(from, c.FromBin)
	}
	gone, err := dispatch.ArchivedBins(ctx, t, r.CommunityID, from)
	if err != nil {
		return err
	}
	r.State, r.EndedAt = state, &at
	var events []*delivery.Event
	bags := 0
	for _, c := range carried {
		bags += c.Bags
		bin := &c.FromBin
		if slices.Contains(gone, c.FromBin) {
			bin = nil
		}
		events = append(events, c.Unload(a, bin, at))
	}
	return o.save(ctx, t, r, append(events, r.Event(delivery.RunEnded, a, at, "", bags)))
}
