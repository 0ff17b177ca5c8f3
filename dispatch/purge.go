package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// PurgeOptions say what to purge.
type PurgeOptions struct {
	After  time.Duration // how long ago a closure must have ended, by business time
	DryRun bool          // only count
	Batch  int           // most rows changed in one transaction
}

// Purged is what was removed of one community, or would be: rows by sort.
type Purged struct {
	Community *delivery.Community
	Rows      map[db.Personal]int64
}

// UnscopedPurge removes the personal data of every community whose closure ended long enough ago, in small transactions,
// and tells report of each community when it is done. Numbers, stages, events and the feed stay as they are. Broken off
// at any point it goes on where it was when it is run again; what is done is not done twice.
func (d *Dispatch) UnscopedPurge(ctx context.Context, o PurgeOptions, report func(Purged)) error {
	communities, err := d.DB.UnscopedPurgeable(ctx, d.Now().Add(-o.After))
	if err != nil {
		return fmt.Errorf("list what to purge: %w", err)
	}
	for _, c := range communities {
		done := Purged{Community: c}
		if o.DryRun {
			done.Rows, err = d.DB.UnscopedPersonal(ctx, c.CommunityID)
		} else {
			done.Rows, err = d.purge(ctx, c.CommunityID, o.Batch)
		}
		if err != nil {
			return fmt.Errorf("purge %s: %w", c.Code, err)
		}
		report(done)
	}
	return nil
}

func (d *Dispatch) purge(ctx context.Context, community int32, batch int) (map[db.Personal]int64, error) {
	removed := map[db.Personal]int64{}
	// First nothing personal may come in any more; else what came behind us would stay.
	if err := d.DB.InTx(ctx, func(t *db.Tx) error {
		c, err := t.LockCommunityRow(ctx, community)
		if err != nil {
			return err
		}
		if c.ClosureEndedAt == nil {
			return errReopened
		}
		return t.BeginPurge(ctx, community, d.Now().Truncate(time.Microsecond))
	}); err != nil {
		return removed, err
	}
	if err := d.endAccess(ctx, community, batch); err != nil {
		return removed, err
	}
	for {
		for _, what := range db.AllPersonal {
			n, err := d.purgeAll(ctx, community, what, batch)
			if removed[what] += n; err != nil {
				return removed, err
			}
		}
		if done, err := d.endPurge(ctx, community); done || err != nil {
			return removed, err
		}
	}
}

// endAccess ends the codes and sign-ins of a community whose purge has begun, and says so in its feed. None begins any
// more.
func (d *Dispatch) endAccess(ctx context.Context, community int32, batch int) error {
	for done := false; !done; {
		if err := d.inTx(ctx, func(t *db.Tx) error {
			c, err := t.LockCommunity(ctx, community, false)
			if err != nil {
				return err
			}
			if !c.Purged() {
				return errReopened
			}
			rows, err := t.RowsWithAccess(ctx, community, batch)
			if done = len(rows) == 0; err != nil || done {
				return err
			}
			codes, err := t.LockCodesOf(ctx, community, "", rows)
			if err != nil {
				return err
			}
			now, at, system := d.Machine().Truncate(time.Microsecond), d.now(), delivery.System(community)
			// Lock order: sign-ins before accounts. Ending all of the rows' sign-ins here leaves none for ending the codes to lock.
			lost, err := t.EndSessionsOf(ctx, community, rows, now)
			if err != nil {
				return err
			}
			ended, err := t.EndCodes(ctx, idsOf(codes), now)
			if err != nil {
				return err
			}
			lost = append(lost, ended...)
			slices.Sort(lost)
			return t.Append(ctx, community, append(accessLost(system, community, slices.Compact(lost), at),
				delivery.NewEvent(delivery.CodesEnded, system, at, delivery.Keys{Community: community}, delivery.EventBody{})))
		}); err != nil {
			return err
		}
	}
	return nil
}

// purgeAll removes all personal data of one sort.
func (d *Dispatch) purgeAll(ctx context.Context, community int32, what db.Personal, batch int) (removed int64, err error) {
	var last delivery.UUID
	for {
		var ids []delivery.UUID
		if err := d.DB.InTx(ctx, func(t *db.Tx) error {
			c, err := t.LockCommunity(ctx, community, false)
			if err != nil {
				return err
			}
			if !c.Purged() {
				return errReopened
			}
			ids, err = t.Purge(ctx, community, what, last, batch)
			return err
		}); err != nil {
			return removed, err
		}
		if len(ids) == 0 {
			return removed, nil
		}
		removed += int64(len(ids))
		last = slices.Max(ids)
	}
}

// endPurge notes that all is removed, and says whether that was so: whoever had begun before the purge did may have
// written a note since.
func (d *Dispatch) endPurge(ctx context.Context, community int32) (done bool, err error) {
	err = d.DB.InTx(ctx, func(t *db.Tx) error {
		c, err := t.LockCommunityRow(ctx, community)
		if err != nil {
			return err
		}
		if !c.Purged() {
			return errReopened
		}
		if _, err := t.LockDay(ctx, community); err != nil { // nobody appends meanwhile
			return err
		}
		left, err := t.Personal(ctx, community)
		if err != nil {
			return err
		}
		for _, rows := range left {
			if rows > 0 {
				return nil
			}
		}
		done = true
		return t.EndPurge(ctx, community, d.Now().Truncate(time.Microsecond))
	})
	return done && err == nil, err
}

var errReopened = fmt.Errorf("its closure was reopened meanwhile")
