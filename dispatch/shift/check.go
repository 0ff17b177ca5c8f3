package shift

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// reasonNotOnShift refuses a volunteer who is on no shift that the call can mean.
var reasonNotOnShift = delivery.NewReason("NOT_ON_SHIFT", delivery.CodeConflict,
	"This volunteer is not on a shift at this time.",
	"该队员目前没有安排班次。")

// CheckIn brings members of shifts on duty, or marks them as absent. A member who checks in becomes reachable and checks out of the shift before; an
// absent member becomes unreachable unless on duty on another shift. Volunteers check themselves in; leads of the shift's squad, the commander and
// administrators may do both for every member.
func (v *Verbs) CheckIn(ctx context.Context, a delivery.Actor, in CheckInInput) (*CheckInPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "checkIn", Community: communityOf(a, in.ShiftID, in.VolunteerIds), ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *CheckInPayload) (bool, error) {
		p := &presence{actor: a, at: at, out: &out.PresenceOutcome}
		return p.do(ctx, t, c.Community, in.ShiftID, in.VolunteerIds, func(m *delivery.ShiftMember) *delivery.Error {
			if in.Absent {
				return p.absent(m)
			}
			return p.come(m)
		})
	})
}

// CheckOut ends the duty of members of shifts, who become unreachable. The volunteer, leads of the shift's squad, the commander and administrators
// may.
func (v *Verbs) CheckOut(ctx context.Context, a delivery.Actor, in CheckOutInput) (*CheckOutPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "checkOut", Community: communityOf(a, in.ShiftID, in.VolunteerIds), ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *CheckOutPayload) (bool, error) {
		p := &presence{actor: a, at: at, out: &out.PresenceOutcome}
		return p.do(ctx, t, c.Community, in.ShiftID, in.VolunteerIds, p.leave)
	})
}

// communityOf returns the community of the ids in the input, or else that of the caller.
func communityOf(a delivery.Actor, shift *delivery.ID, volunteers []delivery.ID) int32 {
	switch {
	case shift != nil:
		return shift.Community
	case len(volunteers) > 0:
		return volunteers[0].Community
	}
	return a.Community
}

// presence is one call that changes who is on duty.
type presence struct {
	actor     delivery.Actor
	at        time.Time
	out       *PresenceOutcome
	community *delivery.Community
	rows      map[delivery.UUID][]*delivery.ShiftMember // of each volunteer, by beginning
	was       map[*delivery.ShiftMember]delivery.ShiftMember
	duty      dispatch.DutyChange
	events    []*delivery.Event
}

// do judges each volunteer and writes what has changed.
func (p *presence) do(ctx context.Context, t *db.Tx, community int32, shift *delivery.ID, ids []delivery.ID, judge func(*delivery.ShiftMember) *delivery.Error) (bool, error) {
	if ids == nil {
		own := p.actor.Volunteer()
		if own == nil {
			return false, delivery.Refuse(delivery.ReasonMissing).At("volunteerIds")
		}
		ids = []delivery.ID{{Kind: delivery.KindVolunteer, Community: p.actor.Community, UUID: *own}}
	}
	if refusal := p.check(community, shift, ids); refusal != nil {
		return false, refusal
	}
	var err error
	if p.community, err = lockCommunity(ctx, t, community); err != nil {
		return false, err
	}
	if err := p.read(ctx, t, shift, ids); err != nil {
		return false, err
	}
	for i, id := range ids {
		r := &PresenceResult{VolunteerID: id}
		m, refusal := p.find(shift, id.UUID)
		if refusal == nil {
			refusal = judge(m)
		}
		if refusal != nil {
			r.Refuse("volunteerIds", i, refusal)
		} else {
			r.ShiftID, r.State = new(m.ShiftID()), new(m.State)
		}
		p.out.Results = append(p.out.Results, r)
	}
	if len(p.events) == 0 {
		return false, nil
	}
	t.Spend(delivery.QuotaRows, len(p.duty.Members))
	team, err := p.duty.Save(ctx, t, p.actor, p.at)
	if err != nil {
		return false, err
	}
	return true, t.Append(ctx, community, append(p.events, team...))
}

// check refuses what can be judged by itself.
func (p *presence) check(community int32, shift *delivery.ID, ids []delivery.ID) *delivery.Error {
	of, refusal := dispatch.CheckIDs(ids, "volunteerIds", "", delivery.KindVolunteer)
	if refusal != nil {
		return refusal
	}
	if shift != nil {
		if refusal := dispatch.CheckID(*shift, delivery.KindShift, 0); refusal != nil {
			return refusal.At("shiftId")
		}
	}
	switch {
	case of != community:
		return delivery.Refuse(dispatch.ReasonTwoCommunities).At("volunteerIds", "0")
	case !p.actor.Scope().SeesDirectory(community):
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	case !p.actor.OfTeam():
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// read reads the shifts of the volunteers, and the named one.
func (p *presence) read(ctx context.Context, t *db.Tx, shift *delivery.ID, ids []delivery.ID) error {
	p.rows, p.was = map[delivery.UUID][]*delivery.ShiftMember{}, map[*delivery.ShiftMember]delivery.ShiftMember{}
	p.duty = dispatch.DutyChange{Community: p.community.CommunityID, Reachable: map[delivery.UUID]bool{}}
	rows, err := t.ShiftsOf(ctx, p.community.CommunityID, dispatch.UUIDs(ids), p.at.Add(-delivery.MaxShift))
	if err != nil {
		return err
	}
	if shift != nil {
		named, err := t.MembersOf(ctx, shift.Community, []delivery.UUID{shift.UUID})
		if err != nil {
			return err
		}
		for _, m := range named {
			known := false
			for _, o := range rows {
				known = known || o.ShiftUUID == m.ShiftUUID && o.VolunteerUUID == m.VolunteerUUID
			}
			if !known {
				rows = append(rows, m)
			}
		}
	}
	for _, m := range rows {
		p.rows[m.VolunteerUUID] = append(p.rows[m.VolunteerUUID], m)
		p.was[m] = *m
	}
	return nil
}

// find returns the volunteer's row on the named shift, or by default on the current one (delivery.ShiftNow).
func (p *presence) find(shift *delivery.ID, volunteer delivery.UUID) (*delivery.ShiftMember, *delivery.Error) {
	var m *delivery.ShiftMember
	if shift == nil {
		m = delivery.ShiftNow(p.rows[volunteer], p.at)
	} else {
		for _, o := range p.rows[volunteer] {
			if o.ShiftUUID == shift.UUID {
				m = o
			}
		}
	}
	if m == nil {
		return nil, delivery.Refuse(reasonNotOnShift)
	}
	return m, nil
}

// come checks a member in, and out of the shift before.
func (p *presence) come(m *delivery.ShiftMember) *delivery.Error {
	was := p.was[m]
	e, refusal := m.CheckIn(p.actor, p.at)
	if refusal != nil || e == nil {
		return refusal
	}
	var before []*delivery.ShiftMember
	for _, o := range p.rows[m.VolunteerUUID] {
		switch {
		case o == m:
		case o.Overlaps(m): // the member was absent, and is planned or on duty on another shift meanwhile
			*m = was
			return p.community.OnAnother(o)
		case o.State == delivery.ShiftOn:
			before = append(before, o)
		}
	}
	for _, o := range before {
		p.change(o, o.Leave)
	}
	p.keep(m, e, true)
	return nil
}

// change checks a member out of a shift.
func (p *presence) change(m *delivery.ShiftMember, leave func(delivery.Actor, time.Time) (*delivery.Event, bool)) {
	e, _ := leave(p.actor, p.at)
	p.events = append(p.events, e)
	p.duty.Members = append(p.duty.Members, m)
}

func (p *presence) absent(m *delivery.ShiftMember) *delivery.Error {
	e, refusal := m.BeAbsent(p.actor, p.at)
	if refusal != nil || e == nil {
		return refusal
	}
	// A volunteer who is on duty on another shift stays reachable.
	p.keep(m, e, p.onDuty(m.VolunteerUUID))
	return nil
}

func (p *presence) leave(m *delivery.ShiftMember) *delivery.Error {
	e, refusal := m.CheckOut(p.actor, p.at)
	if refusal != nil || e == nil {
		return refusal
	}
	p.keep(m, e, false)
	return nil
}

func (p *presence) onDuty(volunteer delivery.UUID) bool {
	for _, m := range p.rows[volunteer] {
		if m.State == delivery.ShiftOn {
			return true
		}
	}
	return false
}

// keep adds a member to the rows to write.
func (p *presence) keep(m *delivery.ShiftMember, e *delivery.Event, reachable bool) {
	was := p.was[m]
	p.events = append(p.events, e)
	p.duty.Members, p.duty.Was = append(p.duty.Members, m), append(p.duty.Was, &was)
	p.duty.Reachable[m.VolunteerUUID] = reachable
}
