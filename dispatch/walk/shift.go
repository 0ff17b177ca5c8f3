package walk

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch/shift"
)

// member returns a volunteer whose orders others can hold, or who can hold those of others.
func (w *Walker) member() delivery.ID {
	return w.team[choose(w, choose(w, w.takers...), choose(w, w.duty...), choose(w, w.transport...))]
}

func (w *Walker) planShifts() *Act {
	in := &shift.PlanShiftsInput{CommunityID: w.community}
	from := w.Now().Add(time.Duration(w.rng.IntN(60)-30) * w.Minute)
	n := &shift.ShiftInput{Squad: new(choose(w, delivery.Squads...)), Station: new("南门"), StartsAt: &from, EndsAt: new(from.Add(time.Duration(40+w.rng.IntN(60)) * w.Minute)),
		Needed: new(w.rng.IntN(4)), VolunteerIds: []delivery.ID{w.member()}}
	if other := w.member(); other != n.VolunteerIds[0] {
		n.VolunteerIds = append(n.VolunteerIds, other)
	}
	if ids := w.ids(1, delivery.KindShift, "shifts where cancelled_at is null order by starts_at, id"); len(ids) > 0 && w.some(4) {
		n = &shift.ShiftInput{ID: &ids[0], Needed: new(w.rng.IntN(9)), Cancelled: w.some(2)}
	}
	if w.some(6) {
		today, squad := w.Now().Format(time.DateOnly), choose(w, delivery.Squads...)
		in.CopyFrom = &shift.CopyShiftsInput{Squad: squad, Day: today, To: w.Now().AddDate(0, 0, 1).Format(time.DateOnly)}
		if w.some(2) {
			n = nil
		}
	}
	if n != nil {
		in.Shifts = append(in.Shifts, n)
	}
	return &Act{By: w.by(w.commander, choose(w, w.leads...)), Input: in}
}

func (w *Walker) checkIn() *Act {
	in := &shift.CheckInInput{Absent: w.some(5)}
	for _, id := range w.all(delivery.KindVolunteer, `volunteers v where exists (
		select from shift_members m where m.volunteer_id = v.id and m.state in ('PLANNED', 'ABSENT') and m.starts_at <= $1 and m.ends_at > $2) order by code`, w.Now().Add(delivery.CheckInEarly), w.Now()) {
		if w.some(2) {
			in.VolunteerIds = append(in.VolunteerIds, id)
		}
	}
	if len(in.VolunteerIds) == 0 {
		return nil
	}
	if w.some(3) { // one of them by themselves
		by := w.codeOf(choose(w, in.VolunteerIds...))
		in.VolunteerIds = nil
		return &Act{By: by, Input: in}
	}
	return &Act{By: w.by(w.commander), Input: in}
}

// codeOf returns the code of a volunteer.
func (w *Walker) codeOf(id delivery.ID) string {
	return w.Column("select code from volunteers where id = $1", string(id.UUID))[0]
}

func (w *Walker) checkOut() *Act {
	id, ok := w.one(delivery.KindVolunteer, "volunteers v where exists (select from shift_members m where m.volunteer_id = v.id and m.state = 'ON') order by code")
	if !ok {
		return nil
	}
	if w.some(2) {
		return &Act{By: w.codeOf(id), Input: &shift.CheckOutInput{}}
	}
	return &Act{By: w.by(w.commander), Input: &shift.CheckOutInput{VolunteerIds: []delivery.ID{id}}}
}
