package incident

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// SetTargetsInput is targets of a community to set.
type SetTargetsInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Targets          []*TargetInput
	Atomic           bool
}

// TargetInput is one target to set: exactly one of Minutes, TimeOfDay and None.
type TargetInput struct {
	Stage     *delivery.Stage
	Mark      *delivery.Mark
	Minutes   *int
	TimeOfDay *string
	None      bool
}

// SetTargetsPayload is the outcome of setting targets: a result per item, in the order given.
type SetTargetsPayload struct {
	dispatch.Outcome
	CommunityID *delivery.ID    `json:"community,omitempty"`
	Results     []*TargetResult `json:"results,omitempty"`
}

// TargetResult is the outcome of one target.
type TargetResult struct {
	Stage *delivery.Stage `json:"stage,omitempty"`
	Mark  *delivery.Mark  `json:"mark,omitempty"`
	Set   bool            `json:"set,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the target was set.
func (r *TargetResult) Undo() bool { return dispatch.Take(&r.Set) }

// SetTargets sets when orders are due, by stage and mark, with a result per target. It holds for the moves that follow.
func (v *Verbs) SetTargets(ctx context.Context, a delivery.Actor, in SetTargetsInput) (*SetTargetsPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "setTargets", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *SetTargetsPayload) (bool, error) {
		community := in.CommunityID.Community
		switch refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); {
		case refusal != nil:
			return false, refusal.At("communityId")
		case !a.Scope().SeesCommunity(community):
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
		case !a.CanSetUp(community):
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		if refusal := dispatch.CheckCount(len(in.Targets), "targets"); refusal != nil {
			return false, refusal
		}
		row, err := t.LockCommunity(ctx, community, true)
		if refusal := delivery.AsError(err); refusal != nil {
			return false, refusal.At("communityId")
		} else if err != nil {
			return false, err
		}
		before, err := t.Targets(ctx, community)
		if err != nil {
			return false, err
		}
		set, refused := in.judge(community, before, out)
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "targets")
			return false, nil
		}
		if slices.ContainsFunc(out.Results, func(r *TargetResult) bool { return r.Set }) {
			out.CommunityID = new(row.ID())
		}
		if len(set) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaRows, len(set))
		if err := t.SaveTargets(ctx, set); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, []*delivery.Event{delivery.NewEvent(delivery.TargetsSet, a, at, delivery.Keys{Community: community}, nil)})
	})
}

// judge adds a result per item. It returns the targets that change, and whether an item was refused.
func (in *SetTargetsInput) judge(community int32, before []*delivery.StageTarget, out *SetTargetsPayload) (set []*delivery.StageTarget, refused bool) {
	type key struct {
		stage delivery.Stage
		mark  delivery.Mark
	}
	seen := map[key]bool{}
	for i, n := range in.Targets {
		result := &TargetResult{Stage: n.Stage, Mark: n.Mark}
		out.Results = append(out.Results, result)
		target, refusal := n.target(community)
		if of := (key{target.Stage, target.Mark}); refusal == nil && seen[of] {
			refusal = delivery.Refuse(dispatch.ReasonRepeated)
		} else {
			seen[of] = true
		}
		if refusal != nil {
			refused = true
			result.Refuse("targets", i, refusal)
			continue
		}
		result.Set = true
		was := slices.IndexFunc(before, target.Matches)
		if was < 0 {
			set = append(set, target)
		} else if !before[was].Says(target) {
			target.Version = before[was].Version + 1
			set = append(set, target)
		}
	}
	slices.SortFunc(set, delivery.CompareTargets) // rows are locked in one order
	return set, refused
}

// target returns the target that the item says, or why it is refused.
func (n *TargetInput) target(community int32) (*delivery.StageTarget, *delivery.Error) {
	t := &delivery.StageTarget{CommunityID: community, Version: 1}
	dispatch.Set(&t.Stage, n.Stage)
	dispatch.Set(&t.Mark, n.Mark)
	given := 0
	for _, one := range []bool{n.Minutes != nil, n.TimeOfDay != nil, n.None} {
		if one {
			given++
		}
	}
	if n.Minutes != nil {
		t.Minutes = *n.Minutes
	}
	switch refusal := t.Check(); {
	case refusal != nil:
		return t, refusal
	case given != 1:
		return t, delivery.Refuse(delivery.ReasonTargetFigure, delivery.MaxTargetMinutes)
	case n.Minutes != nil && t.Minutes == 0:
		return t, delivery.Refuse(delivery.ReasonTargetFigure, delivery.MaxTargetMinutes).At("minutes")
	}
	if n.TimeOfDay != nil {
		clock, refusal := delivery.ParseClockTime(*n.TimeOfDay)
		if refusal != nil {
			return t, refusal.At("timeOfDay")
		}
		t.Clock = &clock
	}
	return t, nil
}
