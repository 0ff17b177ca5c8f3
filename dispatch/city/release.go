package city

import (
	"context"
	"slices"
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

// Release is a dispatch.Job: it stores the days of a community that are over, reads its numbers and releases those that may be.
func (v *Verbs) Release(c db.CommunityClock, now time.Time) func(context.Context) error {
	next := reading{at: now}
	if c.Last != nil {
		next.last = *c.Last
	}
	estate := &delivery.Community{CommunityID: c.Community, TimeZone: c.TimeZone}
	today := estate.Day(now)
	stored, _ := v.stored.Load(c.Community)
	ended, due := stored != any(today), true
	if was, ok := v.read.Load(c.Community); ok {
		was := was.(reading)
		since := now.Sub(was.at)
		due = (since < 0 || since >= ReleaseEvery) && !was.last.Equal(next.last)
	}
	if !ended && !due {
		return nil
	}
	return func(ctx context.Context) error {
		if ended { // before the first reading of the new day, which replaces the releases
			if err := v.storeDays(ctx, estate, now); err != nil {
				return err
			}
			v.stored.Store(c.Community, today)
		}
		if !due {
			return nil
		}
		err := v.release(ctx, c.Community, now)
		if err == nil {
			v.read.Store(c.Community, next)
		}
		return err
	}
}

// storeDays stores what the city saw of a community at the end of each day since the last reading, and forgets the days of more than a year ago.
func (v *Verbs) storeDays(ctx context.Context, estate *delivery.Community, now time.Time) error {
	return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
		last, err := t.LockCityReleases(ctx, estate.CommunityID)
		if err != nil {
			return err
		}
		if len(last) == 0 {
			return dispatch.ErrNothing
		}
		read := slices.MaxFunc(last, func(a, b *delivery.CityRelease) int { return a.At.Compare(b.At) }).At
		days := estate.CityDays(read, now)
		for _, day := range days {
			if err := t.StoreCityDay(ctx, estate.CommunityID, day); err != nil {
				return err
			}
		}
		if len(days) == 0 {
			return dispatch.ErrNothing
		}
		return t.ForgetCityDays(ctx, estate.CommunityID, estate.FirstCityDay(now))
	}))
}

// release reads a community's numbers and releases those that may be.
func (v *Verbs) release(ctx context.Context, community int32, now time.Time) error {
	count, err := v.DB.UnscopedCityCount(ctx, community, now)
	if err != nil {
		return err
	}
	return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
		last, err := t.LockCityReleases(ctx, community)
		if err != nil {
			return err
		}
		released := releasable(count.Release(now, last), last)
		if len(released) == 0 {
			return dispatch.ErrNothing
		}
		return t.SaveCityReleases(ctx, community, released)
	}))
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
