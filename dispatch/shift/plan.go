package shift

import (
	"context"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

var reasonShiftCancelled = delivery.NewReason("SHIFT_CANCELLED", delivery.CodeConflict,
	"This shift has been cancelled.",
	"该班次已取消。")

// PlanShifts adds, changes and cancels shifts, and copies those of a squad's day to another day: leads for their own squads, the commander and
// administrators.
func (v *Verbs) PlanShifts(ctx context.Context, a delivery.Actor, in PlanShiftsInput) (*PlanShiftsPayload, error) {
	for _, n := range in.Shifts {
		n.StartsAt, n.EndsAt = dispatch.Instant(n.StartsAt), dispatch.Instant(n.EndsAt)
	}
	c := dispatch.Call{Actor: a, Mutation: "planShifts", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}
	bad := in.check(a)
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *PlanShiftsPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		p, err := in.read(ctx, t, a, at)
		if err != nil {
			return false, err
		}
		refused := false
		for i, n := range in.Shifts {
			s, refusal := p.judge(n)
			r := &ShiftResult{}
			if refusal != nil {
				refused = true
				r.Refuse("shifts", i, refusal)
			} else {
				r.ShiftID = new(s.ID())
			}
			out.Results = append(out.Results, r)
		}
		if in.CopyFrom != nil {
			left, refusal := p.copy(out)
			if refusal != nil {
				return false, refusal
			}
			refused = refused || left
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "shifts")
			return false, nil
		}
		return p.save(ctx, t)
	})
}

// check refuses what can be judged by itself.
func (in *PlanShiftsInput) check(a delivery.Actor) *delivery.Error {
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return refusal.At("communityId")
	}
	if len(in.Shifts) > 0 || in.CopyFrom == nil {
		if refusal := dispatch.CheckCount(len(in.Shifts), "shifts"); refusal != nil {
			return refusal
		}
	}
	community := in.CommunityID.Community
	if !a.Scope().SeesCommunity(community) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	if !a.CanLeadTeam(community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	if c := in.CopyFrom; c != nil && !a.CanPlan(community, c.Squad) {
		return delivery.Refuse(delivery.ReasonNotYours).At("copyFrom", "squad")
	}
	seen := map[delivery.ID]bool{}
	for i, n := range in.Shifts {
		if n.ID == nil {
			continue
		}
		refusal := dispatch.CheckID(*n.ID, delivery.KindShift, community)
		if refusal == nil && seen[*n.ID] {
			refusal = delivery.Refuse(dispatch.ReasonRepeated)
		}
		if refusal != nil {
			return refusal.At("shifts", strconv.Itoa(i), "id")
		}
		seen[*n.ID] = true
	}
	return nil
}

// planning holds the shifts that a call can change, with their members, as the call leaves them.
type planning struct {
	in         *PlanShiftsInput
	actor      delivery.Actor
	at         time.Time
	community  *delivery.Community
	day, to    [2]time.Time // of CopyFrom
	volunteers map[delivery.UUID]*delivery.Volunteer
	shifts     map[delivery.UUID]*delivery.Shift
	members    map[delivery.UUID][]*delivery.ShiftMember // by shift
	byPerson   map[delivery.UUID][]*delivery.ShiftMember // by volunteer

	fresh, changed []*delivery.Shift
	duty           dispatch.DutyChange
	events         []*delivery.Event
}

// read locks the community, and reads what the call is judged by.
func (in *PlanShiftsInput) read(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time) (*planning, error) {
	community, err := lockCommunity(ctx, t, in.CommunityID.Community)
	if err != nil {
		if refusal := delivery.AsError(err); refusal != nil {
			return nil, refusal.At("communityId")
		}
		return nil, err
	}
	p := &planning{in: in, actor: a, at: at, community: community, members: map[delivery.UUID][]*delivery.ShiftMember{}, byPerson: map[delivery.UUID][]*delivery.ShiftMember{}}
	p.duty.Community = community.CommunityID
	var days [][2]time.Time
	if c := in.CopyFrom; c != nil {
		for _, of := range []struct {
			name, day string
			span      *[2]time.Time
		}{{"day", c.Day, &p.day}, {"to", c.To, &p.to}} {
			from, until, refusal := community.DayOf(of.day)
			if refusal != nil {
				return nil, refusal.At("copyFrom", of.name)
			}
			*of.span = [2]time.Time{from, until}
			days = append(days, *of.span)
		}
	}
	var ids []delivery.UUID
	for _, n := range in.Shifts {
		if n.ID != nil {
			ids = append(ids, n.ID.UUID)
		}
	}
	shifts, err := t.ShiftsToPlan(ctx, community.CommunityID, ids, at.Add(-delivery.MaxShift), days...)
	if err != nil {
		return nil, err
	}
	p.shifts = dispatch.ByUUID(shifts)
	members, err := t.MembersOf(ctx, community.CommunityID, dispatch.UUIDs(dispatch.IDs(shifts, (*delivery.Shift).ID)))
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		p.put(m)
	}
	volunteers, err := t.Volunteers().All(ctx, community.CommunityID)
	p.volunteers = dispatch.ByUUID(volunteers)
	return p, err
}

// lockCommunity locks a community for a change of its team, and refuses one that is archived or purged.
func lockCommunity(ctx context.Context, t *db.Tx, community int32) (*delivery.Community, error) {
	c, err := t.LockCommunity(ctx, community, true)
	switch {
	case err != nil:
		return nil, err
	case c.Archived():
		return nil, delivery.Refuse(dispatch.ReasonArchived)
	case c.Purged():
		return nil, delivery.Refuse(dispatch.ReasonPurged)
	}
	return c, nil
}

func (p *planning) put(m *delivery.ShiftMember) {
	p.members[m.ShiftUUID] = append(p.members[m.ShiftUUID], m)
	p.byPerson[m.VolunteerUUID] = append(p.byPerson[m.VolunteerUUID], m)
}

func (p *planning) drop(m *delivery.ShiftMember) {
	same := func(o *delivery.ShiftMember) bool { return o == m }
	p.members[m.ShiftUUID] = slices.DeleteFunc(p.members[m.ShiftUUID], same)
	p.byPerson[m.VolunteerUUID] = slices.DeleteFunc(p.byPerson[m.VolunteerUUID], same)
}

// other returns the row of another shift that the volunteer is on at the time, nil if there is none.
func (p *planning) other(m *delivery.ShiftMember) *delivery.ShiftMember {
	for _, o := range p.byPerson[m.VolunteerUUID] {
		if o.Overlaps(m) {
			return o
		}
	}
	return nil
}

// judge adds, changes or cancels one shift, or refuses it.
func (p *planning) judge(n *ShiftInput) (*delivery.Shift, *delivery.Error) {
	if n.ID == nil {
		return p.add(n)
	}
	was := p.shifts[n.ID.UUID]
	switch {
	case was == nil:
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindShift.String()).At("id")
	case !p.actor.CanPlan(was.CommunityID, was.Squad):
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	case n.ExpectedVersion != nil && *n.ExpectedVersion != was.Version:
		return nil, delivery.Refuse(delivery.ReasonVersionChanged, was.Version).At("expectedVersion").With(delivery.Details{Version: was.Version})
	case was.CancelledAt != nil && n.Cancelled:
		return was, nil
	case was.CancelledAt != nil:
		return nil, delivery.Refuse(reasonShiftCancelled)
	case !was.EndsAt.After(p.at):
		return nil, delivery.Refuse(delivery.ReasonShiftOver)
	case n.Cancelled:
		return p.cancel(was)
	}
	return p.change(was, n)
}

func (p *planning) add(n *ShiftInput) (*delivery.Shift, *delivery.Error) {
	for _, f := range []struct {
		name  string
		there bool
	}{{"squad", n.Squad != nil}, {"station", n.Station != nil}, {"startsAt", n.StartsAt != nil}, {"endsAt", n.EndsAt != nil}} {
		if !f.there {
			return nil, delivery.Refuse(delivery.ReasonMissing).At(f.name)
		}
	}
	s := &delivery.Shift{CommunityID: p.community.CommunityID, UUID: dispatch.NewUUID(), Version: 1, CreatedAt: p.at}
	n.set(s)
	if refusal := p.check(s); refusal != nil {
		return nil, refusal
	}
	members, refusal := p.named(s, n.VolunteerIds)
	if refusal != nil {
		return nil, refusal
	}
	p.insert(s, members)
	return s, nil
}

// insert adds a shift with planned members.
func (p *planning) insert(s *delivery.Shift, members []*delivery.ShiftMember) {
	p.shifts[s.UUID] = s
	p.fresh = append(p.fresh, s)
	for _, m := range members {
		p.put(m)
	}
	p.duty.Members = append(p.duty.Members, members...)
	p.events = append(p.events, s.Event(delivery.ShiftSaved, p.actor, p.at))
}

// set writes what the item says about the shift.
func (n *ShiftInput) set(s *delivery.Shift) {
	dispatch.Set(&s.Squad, n.Squad)
	dispatch.SetName(&s.Station, n.Station)
	dispatch.Set(&s.StartsAt, n.StartsAt)
	dispatch.Set(&s.EndsAt, n.EndsAt)
	dispatch.Set(&s.Needed, n.Needed)
}

func (p *planning) check(s *delivery.Shift) *delivery.Error {
	if !p.actor.CanPlan(s.CommunityID, s.Squad) {
		return delivery.Refuse(delivery.ReasonNotYours).At("squad")
	}
	if refusal := dispatch.First(dispatch.Text("station", s.Station, delivery.MaxName, true), dispatch.Within("needed", s.Needed, 0, delivery.MaxMembers)); refusal != nil {
		return refusal
	}
	return s.CheckTimes(p.at)
}

// named returns new members of the shift, or refuses one who is not of the team, named twice, or on another shift.
func (p *planning) named(s *delivery.Shift, ids []delivery.ID) ([]*delivery.ShiftMember, *delivery.Error) {
	if len(ids) > delivery.MaxMembers {
		return nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxMembers, len(ids)).At("volunteerIds").With(delivery.Details{Limit: delivery.MaxMembers})
	}
	var out []*delivery.ShiftMember
	seen := map[delivery.ID]bool{}
	for i, id := range ids {
		refusal := dispatch.Parent(id, delivery.KindVolunteer, s.CommunityID, p.volunteers, strconv.Itoa(i))
		if refusal == nil && seen[id] {
			refusal = delivery.Refuse(dispatch.ReasonRepeated).At(strconv.Itoa(i))
		}
		m := s.NewMember(id.UUID)
		if refusal == nil && !slices.ContainsFunc(p.members[s.UUID], func(o *delivery.ShiftMember) bool { return o.VolunteerUUID == id.UUID }) {
			if other := p.other(m); other != nil {
				refusal = p.community.OnAnother(other).At(strconv.Itoa(i))
			}
		}
		if refusal != nil {
			return nil, refusal.At("volunteerIds")
		}
		seen[id] = true
		out = append(out, m)
	}
	return out, nil
}

// save writes what has changed. It reports whether anything has.
func (p *planning) save(ctx context.Context, t *db.Tx) (bool, error) {
	if len(p.events) == 0 {
		return false, nil
	}
	t.Spend(delivery.QuotaRows, len(p.fresh)+len(p.changed)+len(p.duty.Members))
	p.duty.Before = func(ctx context.Context) error {
		if err := t.InsertShifts(ctx, p.fresh); err != nil {
			return err
		}
		return t.SaveShifts(ctx, p.changed)
	}
	trouble, err := p.duty.Save(ctx, t, p.actor, p.at)
	if err != nil {
		return false, err
	}
	return true, t.Append(ctx, p.community.CommunityID, append(p.events, trouble...))
}
