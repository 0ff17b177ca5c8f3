package demo

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/dispatch/shift"
)

// duties are the shifts of each day. The first members of a squad are left to visitors, who can be asked to come, too.
var duties = []struct {
	squad        delivery.Squad
	station      string
	from, until  time.Duration
	first, needs int // of the squad's members in reach
}{
	{delivery.SquadDuty, "南门", 7*time.Hour + 30*time.Minute, 15 * time.Hour, 1, 6},
	{delivery.SquadPatrol, "北区", 8 * time.Hour, 20 * time.Hour, 1, 4},
	{delivery.SquadPersuasion, "电话台", 8 * time.Hour, 20 * time.Hour, 1, 4},
	{delivery.SquadDuty, "南门", 15 * time.Hour, evening, 7, 5},
}

// On the first shift of the day one member is absent, and one does not come until the lead finds out.
const findsOut = 3*time.Hour + 30*time.Minute

// planShifts puts the shifts of a day on the agenda: they are planned in the early morning, and the members come and go.
func (e *Simulation) planShifts(plan onceAt, soon onceBy, day time.Time) {
	soon(day.Add(dawn), day.Add(evening), func(ctx context.Context) error { return e.roster(ctx, day) })
	for i, d := range duties {
		come, leave := 0, d.needs
		if i == 0 {
			leave -= 2
			soon(day.Add(d.from-10*time.Minute), day.Add(d.until), e.checkIn(i, day, leave, leave+1, true))
			plan(day.Add(d.from+findsOut), e.checkIn(i, day, leave+1, d.needs, true))
		}
		soon(day.Add(d.from-5*time.Minute), day.Add(d.until), e.checkIn(i, day, come, leave, false))
		plan(day.Add(d.until), func(ctx context.Context) error {
			id, members, err := e.dutyOf(ctx, i, day)
			if err != nil || id == nil {
				return err
			}
			p, err := e.Verbs.Shift.CheckOut(ctx, e.lead(d.squad), shift.CheckOutInput{ShiftID: id, VolunteerIds: members[:min(leave, len(members))]})
			if err == nil {
				e.count(false, len(p.UserErrors) > 0)
			}
			return err
		})
	}
}

// roster plans the shifts of a day. A retry changes nothing.
func (e *Simulation) roster(ctx context.Context, day time.Time) error {
	in := shift.PlanShiftsInput{ClientMutationID: new("shifts " + day.Format(time.DateOnly)), CommunityID: e.community}
	for _, d := range duties {
		s := &shift.ShiftInput{Squad: new(d.squad), Station: new(d.station), StartsAt: new(day.Add(d.from)), EndsAt: new(day.Add(d.until)), Needed: new(d.needs), VolunteerIds: []delivery.ID{}}
		for _, a := range e.squads[d.squad][min(d.first, len(e.squads[d.squad])):min(d.first+d.needs, len(e.squads[d.squad]))] {
			s.VolunteerIds = append(s.VolunteerIds, delivery.ID{Kind: delivery.KindVolunteer, Community: a.Community, UUID: a.UUID})
		}
		in.Shifts = append(in.Shifts, s)
	}
	p, err := e.Verbs.Shift.PlanShifts(ctx, e.commander, in)
	if err != nil {
		return err
	}
	for _, r := range p.Results {
		e.count(false, len(r.UserErrors) > 0)
	}
	return nil
}

// dutyOf returns a shift of the day and its members, nil if there is none: a visitor may have cancelled it.
func (e *Simulation) dutyOf(ctx context.Context, i int, day time.Time) (*delivery.ID, []delivery.ID, error) {
	d := duties[i]
	rows, err := e.DB.Shifts(ctx, e.commander.Scope(), e.community.Community, day, day.Add(24*time.Hour), &d.squad)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range rows {
		if s.CancelledAt != nil || s.Station != d.station || !s.StartsAt.Equal(day.Add(d.from)) {
			continue
		}
		members, err := e.DB.MembersOfShifts(ctx, e.commander.Scope(), []delivery.ID{s.ID()})
		if err != nil {
			return nil, nil, err
		}
		var ids []delivery.ID
		for _, m := range members {
			ids = append(ids, m.VolunteerID())
		}
		return new(s.ID()), ids, nil
	}
	return nil, nil, nil
}

// checkIn has some of a shift's members come, or be absent.
func (e *Simulation) checkIn(i int, day time.Time, from, until int, absent bool) func(context.Context) error {
	return func(ctx context.Context) error {
		id, members, err := e.dutyOf(ctx, i, day)
		if err != nil || id == nil || len(members) < until {
			return err
		}
		p, err := e.Verbs.Shift.CheckIn(ctx, e.lead(duties[i].squad), shift.CheckInInput{ShiftID: id, VolunteerIds: members[from:until], Absent: absent})
		if err != nil {
			return err
		}
		for _, r := range p.Results {
			e.count(false, len(r.UserErrors) > 0)
		}
		return nil
	}
}
