package shift

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// mostDue is how many members the clock looks at in one transaction.
const mostDue = 100

// Pass is a dispatch.Job. It opens NO_SHOW about members who have not come, marks them as absent when the shift ends, and checks out members who
// have not done so.
func (v *Verbs) Pass(c db.CommunityClock, now time.Time) func(context.Context) error {
	if c.Shift == nil || c.Shift.After(now) {
		return nil
	}
	return func(ctx context.Context) error {
		system := delivery.System(c.Community)
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
			if _, err := t.LockCommunity(ctx, c.Community, true); err != nil {
				return err
			}
			due, err := t.DueMembers(ctx, c.Community, now, mostDue)
			if err != nil {
				return err
			}
			d := &dispatch.DutyChange{Community: c.Community, Reachable: map[delivery.UUID]bool{}}
			var events []*delivery.Event
			for _, m := range due {
				was := *m
				e, changed := m.Pass(system, now)
				if !changed {
					continue
				}
				d.Members, d.Was = append(d.Members, m), append(d.Was, &was)
				if e != nil {
					events = append(events, e)
				}
				switch m.State {
				case delivery.ShiftDone:
					d.Reachable[m.VolunteerUUID] = false
				case delivery.ShiftPlanned:
					d.Missed = append(d.Missed, m.VolunteerUUID)
				}
			}
			if len(d.Members) == 0 {
				return dispatch.ErrNothing
			}
			team, err := d.Save(ctx, t, system, now)
			if err != nil {
				return err
			}
			return t.Append(ctx, c.Community, append(events, team...))
		}))
	}
}
