package demand

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// pastDays is how many days before the last complete one a forecast looks at: seven like days of a window that delivers once a week.
const pastDays = 59

// countAfter is how long after its end a day is counted. An order has the time at which its call began, and is in the table a moment later.
const countAfter = 5 * time.Minute

// Count is a dispatch.Job. Each run counts the demand of one day: the first that is over and not counted.
func (v *Verbs) Count(c db.CommunityClock, now time.Time) func(context.Context) error {
	now = now.Add(-countAfter)
	yesterday := dayBefore(&delivery.Community{TimeZone: c.TimeZone}, now)
	if c.Counted != nil && *c.Counted >= yesterday {
		return nil
	}
	return func(ctx context.Context) error {
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error { return count(ctx, t, c.Community, now) }))
	}
}

func count(ctx context.Context, t *db.Tx, community int32, now time.Time) error {
	estate, mark, err := lock(ctx, t, community)
	if err != nil {
		return err
	}
	yesterday := dayBefore(estate, now)
	if mark.Counted >= yesterday {
		return dispatch.ErrNothing
	}
	day, err := nextDay(ctx, t, estate, mark.Counted)
	if err != nil {
		return err
	}
	if day == "" || day > yesterday || estate.Purged() { // nothing was ordered before today, or what was is removed
		mark.Counted = yesterday
		return t.SaveDemandMark(ctx, community, mark)
	}
	from, until, refusal := estate.DayOf(day)
	if refusal != nil {
		return refusal
	}
	if err := t.CountDemand(ctx, community, day, from, until); err != nil {
		return err
	}
	mark.Counted = day
	return t.SaveDemandMark(ctx, community, mark)
}

// nextDay is the day after the last one counted; at first that of the first order, empty if there is none.
func nextDay(ctx context.Context, t *db.Tx, estate *delivery.Community, counted string) (string, error) {
	if counted != "" {
		return shift(counted, 1), nil
	}
	first, err := t.FirstOrder(ctx, estate.CommunityID)
	if err != nil || first == nil {
		return "", err
	}
	return estate.Day(*first), nil
}

// Forecast is a dispatch.Job. From ForecastHour on it stores the forecasts of the next day, once all days before the present one are
// counted. A day whose evening passes without a clock worker has no forecast.
func (v *Verbs) Forecast(c db.CommunityClock, now time.Time) func(context.Context) error {
	zone := &delivery.Community{TimeZone: c.TimeZone}
	if zone.Local(now).Hour() < delivery.ForecastHour || c.Counted == nil || *c.Counted < dayBefore(zone, now) || c.Forecast != nil && *c.Forecast >= shift(zone.Day(now), 1) {
		return nil
	}
	return func(ctx context.Context) error {
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error { return forecast(ctx, t, c.Community, now) }))
	}
}

func forecast(ctx context.Context, t *db.Tx, community int32, now time.Time) error {
	estate, mark, err := lock(ctx, t, community)
	if err != nil {
		return err
	}
	day, yesterday := shift(estate.Day(now), 1), dayBefore(estate, now)
	if mark.Forecast >= day || mark.Counted < yesterday {
		return dispatch.ErrNothing
	}
	from, until, refusal := estate.DayOf(day)
	if refusal != nil {
		return refusal
	}
	mark.Forecast = day
	if estate.Archived() || estate.Purged() || estate.Ended(from) {
		return t.SaveDemandMark(ctx, community, mark)
	}
	since := shift(yesterday, -pastDays)
	past, err := t.PastOf(ctx, community, since, yesterday, from, until, now)
	if err != nil {
		return err
	}
	past.Day = day
	if len(past.Rows) > 0 {
		past.Days = delivery.DaysFrom(past.Rows[0].Day, yesterday)
	}
	if err := t.InsertForecasts(ctx, past.Forecast(now)); err != nil {
		return err
	}
	return t.SaveDemandMark(ctx, community, mark)
}

// lock locks the community against a purge, and its mark.
func lock(ctx context.Context, t *db.Tx, community int32) (*delivery.Community, db.DemandMark, error) {
	estate, err := t.LockCommunity(ctx, community, false)
	if err != nil {
		return nil, db.DemandMark{}, err
	}
	mark, err := t.LockDemandMark(ctx, community)
	return estate, mark, err
}

// dayBefore is the last complete day of the community.
func dayBefore(c *delivery.Community, now time.Time) string { return shift(c.Day(now), -1) }

// shift returns the day that is a number of days later.
func shift(day string, days int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil { // the names are ours
		return day
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}
