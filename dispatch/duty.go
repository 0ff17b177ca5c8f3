package dispatch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// ChangeTeam writes a change of a community's team. The transaction must hold the community's lock for changes. It sets the holders of the open
// orders again, closes the incidents of buildings that are covered again, and returns the events to append. Orders are locked first, as everywhere.
func ChangeTeam(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, community int32, write func() error) ([]*delivery.Event, error) {
	orders, err := t.LockOpenOrders(ctx, community)
	if err != nil {
		return nil, err
	}
	if err := write(); err != nil {
		return nil, err
	}
	roster, err := t.Roster(ctx, community)
	if err != nil {
		return nil, err
	}
	var events []*delivery.Event
	var saved []db.SavedOrder
	for _, o := range orders {
		if e := o.Reassign(a, at, roster); e != nil {
			events = append(events, e)
			saved = append(saved, db.SavedOrder{OrderSnapshot: e.Order})
		}
	}
	if len(saved) > 0 {
		if err := t.SaveOrders(ctx, community, saved); err != nil {
			return nil, err
		}
	}
	covered, err := Cover(ctx, t, a, at, community)
	return append(events, covered...), err
}

// DutyChange is a change of who is on duty in a community. The transaction must hold the community's lock for changes.
type DutyChange struct {
	Community int32
	Gone      []*delivery.ShiftMember         // taken off their shifts
	Members   []*delivery.ShiftMember         // added or changed
	Was       []*delivery.ShiftMember         // Members and Gone as they were, as far as they were missed
	Missed    []delivery.UUID                 // volunteers who are missed from now on
	Reachable map[delivery.UUID]bool          // of volunteers who check in or out, or are absent
	Before    func(ctx context.Context) error // writes the shifts; may be nil
}

// Save writes the change. Volunteers become reachable or unreachable as by updateVolunteers, and the holders of orders follow. It opens
// and closes the incidents NO_SHOW and returns the events to append.
func (d *DutyChange) Save(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time) ([]*delivery.Event, error) {
	changed, err := d.volunteers(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := t.Decided(); err != nil {
		return nil, err
	}
	write := func() error {
		if d.Before != nil {
			if err := d.Before(ctx); err != nil {
				return err
			}
		}
		err := t.SaveMembers(ctx, d.Community, d.Gone, d.Members)
		if db.Constraint(err) == "shift_members_not_twice" || db.Constraint(err) == "shift_members_one_on" { // planned by another transaction at the same moment
			return MarkRetryable(err)
		}
		if err != nil || len(changed) == 0 {
			return err
		}
		return t.SaveReachable(ctx, d.Community, changed)
	}
	var events []*delivery.Event
	for _, v := range changed {
		events = append(events, delivery.NewSaved(delivery.VolunteerSaved, a, at, delivery.Keys{Community: d.Community}, v.UUID))
	}
	if len(changed) == 0 {
		err = write()
	} else {
		var team []*delivery.Event
		team, err = ChangeTeam(ctx, t, a, at, d.Community, write)
		events = append(events, team...)
	}
	if err != nil {
		return nil, err
	}
	trouble, err := d.trouble(ctx, t, a, at)
	return append(events, trouble...), err
}

// volunteers returns the volunteers whose reachability changes, with the new value.
func (d *DutyChange) volunteers(ctx context.Context, t *db.Tx) ([]*delivery.Volunteer, error) {
	if len(d.Reachable) == 0 {
		return nil, nil
	}
	ids := make([]delivery.UUID, 0, len(d.Reachable))
	for id := range d.Reachable {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	rows, err := t.VolunteersNamed(ctx, d.Community, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b *delivery.Volunteer) int { return cmp.Compare(a.UUID, b.UUID) })
	var changed []*delivery.Volunteer
	for _, v := range rows {
		if now := d.Reachable[v.UUID]; v.Reachable != now && !v.Archived() {
			v.Reachable = now
			v.Version++
			changed = append(changed, v)
		}
	}
	return changed, nil
}

// trouble opens the incidents NO_SHOW of volunteers who are missed, and closes those of volunteers who are missed no more.
func (d *DutyChange) trouble(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time) ([]*delivery.Event, error) {
	var were []delivery.UUID
	for _, m := range d.Was {
		if m.Missed() {
			were = append(were, m.VolunteerUUID)
		}
	}
	var closed []*delivery.Event
	if len(were) > 0 {
		slices.Sort(were)
		still, err := t.MissedOf(ctx, d.Community, were)
		if err != nil {
			return nil, err
		}
		were = slices.DeleteFunc(slices.Compact(were), func(id delivery.UUID) bool { return slices.Contains(still, id) })
		if closed, err = ResolveIncidents(ctx, t, a, at, d.Community, delivery.ResolutionMovedOn, were, delivery.IncidentNoShow); err != nil {
			return nil, err
		}
	}
	var incidents []*delivery.Incident
	for _, id := range slices.Compact(slices.Sorted(slices.Values(d.Missed))) {
		i := delivery.NewIncident(delivery.IncidentNoShow, delivery.ID{Kind: delivery.KindVolunteer, Community: d.Community, UUID: id}, delivery.Keys{Community: d.Community})
		i.Level = delivery.LevelLead // a member who is missing cannot resolve it
		incidents = append(incidents, i)
	}
	opened, err := OpenIncidents(ctx, t, a, at, incidents)
	return append(closed, opened...), err
}

// LeaveShifts takes volunteers who leave the team off the shifts that are not over: the rows of planned members are deleted, members on duty check out.
// It returns the events to append. The change of the team that calls it gives their orders to other holders.
func LeaveShifts(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, community int32, volunteers []delivery.UUID) ([]*delivery.Event, error) {
	if len(volunteers) == 0 {
		return nil, nil
	}
	rows, err := t.ShiftsOf(ctx, community, volunteers, at)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	d := &DutyChange{Community: community}
	var events []*delivery.Event
	var left []delivery.UUID
	for _, m := range rows {
		was := *m
		e, remove := m.Leave(a, at)
		switch {
		case remove:
			d.Gone, left = append(d.Gone, m), append(left, m.ShiftUUID)
			s := &delivery.Shift{CommunityID: community, UUID: m.ShiftUUID}
			e = s.Event(delivery.ShiftSaved, a, at)
		case e != nil:
			d.Members = append(d.Members, m)
		default:
			continue
		}
		d.Was = append(d.Was, &was)
		events = append(events, e)
	}
	if len(left) > 0 {
		d.Before = func(ctx context.Context) error { return t.CountChange(ctx, community, left) }
	}
	saved, err := d.Save(ctx, t, a, at)
	return append(events, saved...), err
}
