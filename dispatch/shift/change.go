package shift

import (
	"reflect"
	"slices"

	"baogong/delivery"
)

var reasonShiftBegun = delivery.NewReason("SHIFT_BEGUN", delivery.CodeConflict,
	"Members have checked in on this shift, so it cannot be cancelled or begin at another time.",
	"该班次已有队员上岗，不能取消，也不能更改开始时间。")

// change changes a shift, and its members if the item names them. Members who stay follow the shift's times.
func (p *planning) change(was *delivery.Shift, n *ShiftInput) (*delivery.Shift, *delivery.Error) {
	next := *was
	n.set(&next)
	if refusal := p.check(&next); refusal != nil {
		return nil, refusal
	}
	there := p.members[was.UUID]
	came := slices.ContainsFunc(there, func(m *delivery.ShiftMember) bool { return m.InAt != nil })
	if came && !next.StartsAt.Equal(was.StartsAt) {
		return nil, delivery.Refuse(reasonShiftBegun).At("startsAt")
	}
	stay, gone, refusal := p.staying(there, n.VolunteerIds)
	if refusal != nil {
		return nil, refusal
	}
	var moved, members []*delivery.ShiftMember // as they were, as they are
	for _, m := range stay {
		followed := m.Follow(&next, p.at)
		if reflect.DeepEqual(m, followed) {
			continue
		}
		if other := p.other(followed); other != nil {
			return nil, p.community.OnAnother(other).At("endsAt")
		}
		moved, members = append(moved, m), append(members, followed)
	}
	joined, refusal := p.named(&next, n.VolunteerIds)
	if refusal != nil {
		return nil, refusal
	}
	for _, m := range joined {
		if !slices.ContainsFunc(there, func(o *delivery.ShiftMember) bool { return o.VolunteerUUID == m.VolunteerUUID }) {
			members = append(members, m)
		}
	}
	if len(gone)+len(members) == 0 && reflect.DeepEqual(was, &next) {
		return was, nil
	}
	next.Version++
	p.shifts[was.UUID] = &next
	p.changed = append(p.changed, &next)
	p.replace(append(gone, moved...), members)
	p.events = append(p.events, next.Event(delivery.ShiftSaved, p.actor, p.at))
	return &next, nil
}

// staying splits the members of a shift into members who stay and members who are taken off because the list does not name them. A nil list
// keeps all. It refuses to take off a member who came.
func (p *planning) staying(there []*delivery.ShiftMember, ids []delivery.ID) (stay, gone []*delivery.ShiftMember, _ *delivery.Error) {
	for _, m := range there {
		switch {
		case ids == nil || slices.Contains(ids, m.VolunteerID()):
			stay = append(stay, m)
		case m.InAt != nil:
			return nil, nil, delivery.Refuse(delivery.ReasonMemberCame).At("volunteerIds")
		default:
			gone = append(gone, m)
		}
	}
	return stay, gone, nil
}

// replace deletes rows of members and adds others, which may be of the same members. A planned row is deleted and inserted again, so that rows that
// swap their times do not violate the constraint.
func (p *planning) replace(gone, members []*delivery.ShiftMember) {
	for _, m := range gone {
		p.drop(m)
		p.duty.Was = append(p.duty.Was, m)
		if i := slices.Index(p.duty.Members, m); i >= 0 { // added by an earlier item of the call
			p.duty.Members = slices.Delete(p.duty.Members, i, i+1)
		}
		if m.InAt == nil {
			p.duty.Gone = append(p.duty.Gone, m)
		}
	}
	for _, m := range members {
		p.put(m)
	}
	p.duty.Members = append(p.duty.Members, members...)
}

// cancel cancels a shift on which no member came.
func (p *planning) cancel(was *delivery.Shift) (*delivery.Shift, *delivery.Error) {
	var gone []*delivery.ShiftMember
	for _, m := range p.members[was.UUID] {
		switch {
		case m.InAt != nil:
			return nil, delivery.Refuse(reasonShiftBegun)
		case m.State == delivery.ShiftPlanned:
			gone = append(gone, m)
		}
	}
	next := *was
	next.CancelledAt = &p.at
	next.Version++
	p.shifts[was.UUID] = &next
	p.changed = append(p.changed, &next)
	p.replace(gone, nil)
	p.events = append(p.events, next.Event(delivery.ShiftCancelled, p.actor, p.at))
	return &next, nil
}
