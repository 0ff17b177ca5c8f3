package export

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// MostDays is the maximum number of daily reports in one table.
const MostDays = 366

// defaultDays is their number if the caller names no first day.
const defaultDays = 31

// reportsAtOnce is how many reports a page has: each reads a whole day.
const reportsAtOnce = 7

// ReasonTooManyDays refuses a table of more days than one can have.
var ReasonTooManyDays = delivery.NewReason("TOO_MANY_DAYS", delivery.CodeBadUserInput,
	"The most days that this table can have: %d. Its first day must not be after its last.",
	"一张表最多 %d 天，且起始日期不能晚于结束日期。")

// days is a span of days, both included.
type days struct{ first, last time.Time } // midnights in UTC

// spanOf reads the days of a request.
func spanOf(c *delivery.Community, from, until string, now time.Time) (out days, refusal *delivery.Error) {
	if until == "" {
		until = c.Day(now)
	}
	if _, _, refusal := c.ReportOf(until, now); refusal != nil {
		return out, refusal.At("until")
	}
	out.last, _ = time.Parse(time.DateOnly, until)
	if out.first = out.last.AddDate(0, 0, 1-defaultDays); from != "" {
		if _, _, refusal := c.ReportOf(from, now); refusal != nil {
			return out, refusal.At("from")
		}
		out.first, _ = time.Parse(time.DateOnly, from)
	}
	if out.first.After(out.last) || out.last.Sub(out.first) >= MostDays*24*time.Hour {
		return out, delivery.Refuse(ReasonTooManyDays, MostDays).At("from")
	}
	return out, nil
}

// reports writes a page of daily reports, the earliest first. The key of a row is its day.
func (t *tableWriter) reports(ctx context.Context, p db.Range) ([]string, bool, error) {
	day := t.days.first
	if len(p.After) > 0 {
		after, err := time.Parse(time.DateOnly, p.After[0])
		if err != nil {
			return nil, false, err
		}
		day = after.AddDate(0, 0, 1)
	}
	for n := 0; ; day = day.AddDate(0, 0, 1) {
		name := day.Format(time.DateOnly)
		from, until, refusal := t.Community.ReportOf(name, t.At)
		if refusal != nil {
			return nil, false, refusal
		}
		r, err := t.DB.DailyReport(ctx, t.actor.Scope(), t.CommunityID, from, until)
		if err != nil {
			return nil, false, err
		}
		cells := []string{name}
		for _, c := range delivery.ReportColumns {
			cells = append(cells, c.Value(r))
		}
		if err := t.add(cells...); err != nil {
			return nil, false, err
		}
		if n++; !day.Before(t.days.last) || n == reportsAtOnce {
			return []string{name}, day.Before(t.days.last), nil
		}
	}
}
