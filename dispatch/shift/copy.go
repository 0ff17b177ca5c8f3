package shift

import (
	"slices"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// copy copies the shifts that begin on the day, with a result for each, and reports whether one was refused: in the afternoon the early shift of the day is
// over, and the others are still copied. A shift that is there already is not added again. Members who are archived, were absent, or are on another shift at
// the new time are left out. It refuses a day that is over or too far ahead.
func (p *planning) copy(out *PlanShiftsPayload) (refused bool, _ *delivery.Error) {
	var sources, there []*delivery.Shift
	begins := func(s *delivery.Shift, day [2]time.Time) bool {
		return !s.StartsAt.Before(day[0]) && s.StartsAt.Before(day[1])
	}
	for _, s := range p.shifts {
		if s.Squad != p.in.CopyFrom.Squad || s.CancelledAt != nil {
			continue
		}
		if begins(s, p.day) {
			sources = append(sources, s)
		}
		if begins(s, p.to) {
			there = append(there, s)
		}
	}
	delivery.SortShifts(sources)
	delivery.SortShifts(there)
	if n := len(p.in.Shifts) + len(sources); n > delivery.MaxBulk {
		return false, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxBulk, n).At("copyFrom").With(delivery.Details{Limit: delivery.MaxBulk})
	}
	if refusal := delivery.CheckFuture(p.to[1], p.at); refusal != nil {
		return false, refusal.At("copyFrom", "to")
	}
	if len(sources) > 0 && p.to[0].After(p.at.Add(delivery.MaxShiftAhead)) {
		return false, delivery.ShiftTooFar().At("copyFrom", "to")
	}
	for _, source := range sources {
		s := source.CopyTo(p.community, p.day[0], p.to[0])
		r := &ShiftResult{}
		if i := slices.IndexFunc(there, s.SameAs); i >= 0 {
			r.ShiftID = new(there[i].ID())
		} else if refusal := s.CheckTimes(p.at); refusal != nil {
			refused = true
			refusal.Field = []string{"copyFrom", "to"}
			r.UserErrors = []*delivery.Error{refusal}
		} else {
			s.UUID, s.Version, s.CreatedAt = dispatch.NewUUID(), 1, p.at
			var members []*delivery.ShiftMember
			for _, m := range p.members[source.UUID] {
				planned := s.NewMember(m.VolunteerUUID)
				if v := p.volunteers[m.VolunteerUUID]; v.Archived() || m.State == delivery.ShiftAbsent || p.other(planned) != nil {
					r.LeftOut = append(r.LeftOut, m.VolunteerID())
					continue
				}
				members = append(members, planned)
			}
			p.insert(s, members)
			r.ShiftID = new(s.ID())
		}
		out.Results = append(out.Results, r)
	}
	return refused, nil
}
