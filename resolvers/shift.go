package resolvers

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/shift"
	"baogong/graph"
)

var (
	shiftByID      = noun(delivery.KindShift, (*db.DB).ShiftsByID)
	membersOfShift = belonging((*db.DB).MembersOfShifts, func(m *delivery.ShiftMember) delivery.ID { return m.ShiftID() })
)

// shiftOfVolunteer loads the shift on which a volunteer is on duty.
var shiftOfVolunteer = &loader[delivery.ID, *delivery.Shift]{func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]*delivery.Shift, error) {
	rows, err := l.db.ShiftsOfVolunteers(ctx, l.scope, ids)
	out := make(map[delivery.ID]*delivery.Shift, len(rows))
	shifts := make([]*delivery.Shift, len(rows))
	for i, r := range rows {
		shifts[i] = &r.Shift
		out[delivery.ID{Kind: delivery.KindVolunteer, Community: r.CommunityID, UUID: r.VolunteerUUID}] = shifts[i]
	}
	relate(l, shifts)
	return out, err
}}

func (r mutationResolver) PlanShifts(ctx context.Context, input shift.PlanShiftsInput) (*shift.PlanShiftsPayload, error) {
	return r.Verbs.Shift.PlanShifts(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CheckIn(ctx context.Context, input shift.CheckInInput) (*shift.CheckInPayload, error) {
	return r.Verbs.Shift.CheckIn(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CheckOut(ctx context.Context, input shift.CheckOutInput) (*shift.CheckOutPayload, error) {
	return r.Verbs.Shift.CheckOut(ctx, ActorFrom(ctx), input)
}

type shiftResultResolver struct{}

// ShiftResult returns the resolver of ShiftResult.
func (*Resolver) ShiftResult() graph.ShiftResultResolver { return shiftResultResolver{} }

func (shiftResultResolver) Shift(ctx context.Context, p *shift.ShiftResult) (*delivery.Shift, error) {
	return maybe(ctx, shiftByID.in(load(ctx)), p.ShiftID)
}

type presenceResultResolver struct{}

// PresenceResult returns the resolver of PresenceResult.
func (*Resolver) PresenceResult() graph.PresenceResultResolver { return presenceResultResolver{} }

func (presenceResultResolver) Shift(ctx context.Context, p *shift.PresenceResult) (*delivery.Shift, error) {
	return maybe(ctx, shiftByID.in(load(ctx)), p.ShiftID)
}

type shiftResolver struct{}

// Shift returns the resolver of Shift.
func (*Resolver) Shift() graph.ShiftResolver { return shiftResolver{} }

func (shiftResolver) Members(ctx context.Context, s *delivery.Shift) ([]*delivery.ShiftMember, error) {
	return of(ctx, membersOfShift.in(load(ctx)), s, by((*delivery.Shift).ID))
}

type shiftMemberResolver struct{}

// ShiftMember returns the resolver of ShiftMember.
func (*Resolver) ShiftMember() graph.ShiftMemberResolver { return shiftMemberResolver{} }

func (shiftMemberResolver) Volunteer(ctx context.Context, m *delivery.ShiftMember) (*delivery.Volunteer, error) {
	return of(ctx, volunteerByID.in(load(ctx)), m, by((*delivery.ShiftMember).VolunteerID))
}

// Shift is the shift on which the volunteer is on duty. It is null outside the team.
func (volunteerResolver) Shift(ctx context.Context, v *delivery.Volunteer) (*delivery.Shift, error) {
	if !sight(ctx).Team {
		return nil, nil
	}
	return of(ctx, shiftOfVolunteer.in(load(ctx)), v, by((*delivery.Volunteer).ID))
}

func (r queryResolver) Shifts(ctx context.Context, communityID delivery.ID, day *string, squad *delivery.Squad) ([]*delivery.Shift, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	scope := ActorFrom(ctx).Scope()
	from, until, err := r.dayOf(ctx, scope, communityID.Community, day)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	rows, err := r.DB.Shifts(ctx, scope, communityID.Community, from, until, squad)
	relate(load(ctx), rows)
	return rows, err
}

// dayOf returns the span of a day of the community, today if the day is nil.
func (r *Resolver) dayOf(ctx context.Context, scope delivery.Scope, community int32, day *string) (from, until time.Time, err error) {
	c, err := there(single(r.DB.CommunitiesByID(ctx, scope, []delivery.ID{{Kind: delivery.KindCommunity, Community: community}})))(delivery.KindCommunity)
	if err != nil {
		return from, until, err
	}
	if day == nil {
		from, until = c.Today(r.now().Truncate(time.Microsecond))
		return from, until, nil
	}
	from, until, refusal := c.DayOf(*day)
	if refusal != nil {
		return from, until, refusal.At("day")
	}
	return from, until, nil
}

// OnShift counts who is on duty. Volunteers of buildings see all squads.
func (r boardResolver) OnShift(ctx context.Context, b *delivery.Board) ([]*delivery.SquadPresence, error) {
	l := load(ctx)
	if !l.sight.Team {
		return []*delivery.SquadPresence{}, nil
	}
	from, until, err := r.dayOf(ctx, l.scope, b.CommunityID, nil)
	if err != nil {
		return nil, err
	}
	return r.DB.Presence(ctx, l.scope, b.CommunityID, from, until)
}

func (r queryResolver) SuggestAssignments(ctx context.Context, communityID delivery.ID) ([]*delivery.AssignmentChange, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	a := ActorFrom(ctx)
	if !a.CanLeadTeam(communityID.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	from, until, err := r.dayOf(ctx, a.Scope(), communityID.Community, nil)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	c, err := r.DB.Assignments(ctx, a.Scope(), communityID.Community, r.now().Truncate(time.Microsecond), from, until)
	if err != nil {
		return nil, err
	}
	changes := c.Suggest()
	relate(load(ctx), changes)
	return changes, nil
}

type assignmentResolver struct{}

// AssignmentChange returns the resolver of AssignmentChange.
func (*Resolver) AssignmentChange() graph.AssignmentChangeResolver { return assignmentResolver{} }

func (assignmentResolver) Volunteer(ctx context.Context, c *delivery.AssignmentChange) (*delivery.Volunteer, error) {
	return get(ctx, volunteerByID.in(load(ctx)), c.VolunteerID)
}

func (assignmentResolver) Why(ctx context.Context, c *delivery.AssignmentChange) (string, error) {
	return c.Why(LocaleFrom(ctx)), nil
}
