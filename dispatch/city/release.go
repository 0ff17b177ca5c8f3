package city

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReleaseEvery is how often the clock reads the numbers of a community in which something happened (business time).
const ReleaseEvery = 5 * time.Minute

// reading is a reading of a community's numbers.
type reading struct {
	at   time.Time
	last time.Time // of the last event then
}

// Release is a dispatch.Job: it reads a community's numbers and releases those that may be.
func (v *Verbs) Release(c db.CommunityClock, now time.Time) func(context.Context) error {
	next := reading{at: now}
	if c.Last != nil {
		next.last = *c.Last
	}
	if was, ok := v.read.Load(c.Community); ok {
		was := was.(reading)
		if since := now.Sub(was.at); since >= 0 && since < ReleaseEvery || was.last.Equal(next.last) {
			return nil
		}
	}
	return func(ctx context.Context) error {
		count, err := v.DB.UnscopedCityCount(ctx, c.Community, now)
		if err != nil {
			return err
		}
		err = dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
			last, err := t.LockCityReleases(ctx, c.Community)
			if err != nil {
				return err
			}
			released := releasable(count.Release(now, last), last)
			if len(released) == 0 {
				return dispatch.ErrNothing
			}
			return t.SaveCityReleases(ctx, c.Community, released)
		}))
		if err == nil {
			v.read.Store(c.Community, next)
		}
		return err
	}
}

// releasable leaves out the families of which another clock worker has released a later reading.
func releasable(released, last []*delivery.CityRelease) (out []*delivery.CityRelease) {
	for _, r := range released {
		later := false
		for _, l := range last {
			later = later || l.Family == r.Family && l.At.After(r.At)
		}
		if !later {
			out = append(out, r)
		}
	}
	return out
}
