package purge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// Options say what to purge.
type Options struct {
	After  time.Duration // how long ago a closure must have ended, by business time
	DryRun bool          // only count
	Batch  int           // most rows changed in one transaction
}

// Purged is what was removed of one community, or would be: rows by sort.
type Purged struct {
	Community *delivery.Community
	Rows      map[db.PersonalData]int64
}

// UnscopedPurge removes the personal data of every community whose closure ended long enough ago, in small transactions,
// and tells report of each community when it is done. Numbers, stages, events and the feed stay as they are. Broken off
// at any point it goes on where it was when it is run again; what is done is not done twice. A community whose closure was reopened or whose end
// was corrected while others were purged is left out.
func (v *Verbs) UnscopedPurge(ctx context.Context, o Options, report func(Purged)) error {
	ended := v.Now().Add(-o.After)
	communities, err := v.DB.UnscopedPurgeable(ctx, ended)
	if err != nil {
		return fmt.Errorf("list what to purge: %w", err)
	}
	for _, c := range communities {
		done := Purged{Community: c}
		if o.DryRun {
			done.Rows, err = v.DB.UnscopedPersonal(ctx, c.CommunityID)
		} else {
			done.Rows, err = v.purge(ctx, c.CommunityID, ended, o.Batch)
		}
		if errors.Is(err, errReopened) && len(done.Rows) == 0 {
			continue
		}
		if err != nil {
			return fmt.Errorf("purge %s: %w", c.Code, err)
		}
		report(done)
	}
	return nil
}

func (v *Verbs) purge(ctx context.Context, community int32, ended time.Time, batch int) (map[db.PersonalData]int64, error) {
	removed := map[db.PersonalData]int64{}
	// First nothing personal may come in any more; else what came behind us would stay.
	if err := v.DB.InTx(ctx, func(t *db.Tx) error {
		c, err := t.LockCommunityRow(ctx, community)
		if err != nil {
			return err
		}
		if !c.Ended(ended) && !c.Purged() {
			return errReopened
		}
		return t.BeginPurge(ctx, community, v.BusinessTime())
	}); err != nil {
		return removed, err
	}
	if err := v.endAccess(ctx, community, batch); err != nil {
		return removed, err
	}
	for {
		for _, what := range db.AllPersonal {
			n, err := v.purgeAll(ctx, community, what, batch)
			if removed[what] += n; err != nil {
				return removed, err
			}
		}
		if done, err := v.endPurge(ctx, community); done || err != nil {
			return removed, err
		}
	}
}

// endAccess ends the codes and sign-ins of a community whose purge has begun, and says so in its feed. None begins any
// more.
func (v *Verbs) endAccess(ctx context.Context, community int32, batch int) error {
	for {
		done, err := dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (done bool, err error) {
			c, err := t.LockCommunity(ctx, community, false)
			if err != nil {
				return false, err
			}
			if !c.Purged() {
				return false, errReopened
			}
			rows, err := t.RowsWithAccess(ctx, community, batch)
			if err != nil || len(rows) == 0 {
				return true, err
			}
			codes, err := t.LockCodesOf(ctx, community, "", rows)
			if err != nil {
				return false, err
			}
			now, at, system := v.MachineTime(), v.BusinessTime(), delivery.System(community)
			// Lock order: sign-ins before accounts. Ending all of the rows' sign-ins here leaves none for ending the codes to lock.
			lost, err := t.EndSessionsOf(ctx, community, rows, now)
			if err != nil {
				return false, err
			}
			ended, err := t.EndCodes(ctx, dispatch.CodeUUIDs(codes), now)
			if err != nil {
				return false, err
			}
			lost = append(lost, ended...)
			slices.Sort(lost)
			return false, t.Append(ctx, community, append(dispatch.AccessLost(system, community, slices.Compact(lost), at),
				dispatch.CodesEvent(delivery.CodesEnded, system, community, at)))
		})
		if err != nil || done {
			return err
		}
	}
}

// purgeAll removes all personal data of one sort.
func (v *Verbs) purgeAll(ctx context.Context, community int32, what db.PersonalData, batch int) (removed int64, err error) {
	var last delivery.UUID
	for {
		ids, err := db.InTx(ctx, v.DB, func(t *db.Tx) ([]delivery.UUID, error) {
			c, err := t.LockCommunity(ctx, community, false)
			if err != nil {
				return nil, err
			}
			if !c.Purged() {
				return nil, errReopened
			}
			return t.Purge(ctx, community, what, last, batch)
		})
		if err != nil || len(ids) == 0 {
			return removed, err
		}
		removed += int64(len(ids))
		last = slices.Max(ids)
	}
}

// endPurge notes that all is removed, and reports whether it was: a call that began before the purge may have written a note
// since.
func (v *Verbs) endPurge(ctx context.Context, community int32) (done bool, err error) {
	return db.InTx(ctx, v.DB, func(t *db.Tx) (bool, error) {
		c, err := t.LockCommunityRow(ctx, community)
		if err != nil {
			return false, err
		}
		if !c.Purged() {
			return false, errReopened
		}
		if _, err := t.LockDay(ctx, community); err != nil { // no event is appended meanwhile
			return false, err
		}
		left, err := t.Personal(ctx, community)
		if err != nil {
			return false, err
		}
		for _, rows := range left {
			if rows > 0 {
				return false, nil
			}
		}
		return true, t.EndPurge(ctx, community, v.BusinessTime())
	})
}

var errReopened = errors.New("its closure was reopened meanwhile")
