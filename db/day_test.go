package db_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"baogong/db/dbtest"
	"baogong/delivery"
)

// TestDaysBeginAtTheirFirstInstant compares Community.Today with PostgreSQL's calendar in every zone: at every change of clocks
// within an hour of midnight, and at some other changes.
func TestDaysBeginAtTheirFirstInstant(t *testing.T) {
	t.Parallel()
	d := raw(t, dbtest.DSN(t))
	var names, froms, locals []string
	for _, name := range column[string](t, d, `select name from pg_timezone_names order by name`) {
		zone, refusal := delivery.ParseZone(name)
		if refusal != nil {
			continue
		}
		c := delivery.Community{TimeZone: name}
		at, changes := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).In(zone), 0
		for {
			_, ends := at.ZoneBounds()
			if ends.IsZero() || ends.Year() > 2037 {
				break
			}
			at = ends
			before, after := at.Add(-time.Second), at
			near := func(t time.Time) bool { return t.Hour() < 1 || t.Hour() > 22 }
			if changes++; !near(before) && !near(after) && changes%60 != 0 {
				continue
			}
			from, _ := c.Today(at.Add(-26 * time.Hour))
			for end := at.Add(50 * time.Hour); from.Before(end); {
				again, to := c.Today(from)
				if !again.Equal(from) || !from.Before(to) {
					t.Fatalf("%s: the day of its first instant %s is %s to %s", name, from, again, to)
				}
				if last, _ := c.Today(to.Add(-time.Nanosecond)); !last.Equal(from) {
					t.Fatalf("%s: the last instant before %s is in the day of %s, want %s", name, to, last, from)
				}
				names, froms, locals = append(names, name), append(froms, from.UTC().Format(time.RFC3339)), append(locals, from.Format("2006-01-02 15:04:05"))
				from = to
			}
		}
	}
	if len(names) < 1000 {
		t.Fatalf("only %d days were compared", len(names))
	}
	// PostgreSQL's zone data may be older or newer than Go's: days count only if both give the instant the same local time.
	unlike := column[string](t, d, `
		select zone || ' ' || cast(since as text) || ' ' || cast(day_start(zone, cast(local as date)) as text)
		  from unnest(cast($1 as text[]), cast($2 as timestamptz[]), cast($3 as timestamp[])) as x (zone, since, local)
		 where since at time zone zone = local and day_start(zone, cast(local as date)) <> since
		   and (since - interval '1 second') at time zone zone = local - interval '1 second'`, pq.StringArray(names), pq.StringArray(froms), pq.StringArray(locals))
	if len(unlike) > 0 {
		t.Errorf("%d days of %d begin at another instant in the database: %s", len(unlike), len(names), strings.Join(unlike[:min(len(unlike), 10)], ", "))
	}
	// If the server's zone data differs from Go's, the instant has another local time and is skipped.
	wrong := column[string](t, d, `
		select zone || ' ' || cast(since as text)
		  from unnest(cast($1 as text[]), cast($2 as timestamptz[]), cast($3 as timestamp[])) as x (zone, since, local)
		 where since at time zone zone = local
		   and cast(local as date) <= (select max(cast((since - n * interval '15 minutes' - interval '1 microsecond') at time zone zone as date)) from generate_series(0, 8) n)`,
		pq.StringArray(names), pq.StringArray(froms), pq.StringArray(locals))
	if len(wrong) > 0 {
		t.Errorf("%d days of %d begin before the instant that Go names: %s", len(wrong), len(names), strings.Join(wrong[:min(len(wrong), 10)], ", "))
	}
	t.Logf("%d days", len(names))
}

func TestDaysThatBeginAfterMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, at, from, to string }{
		{"America/Havana", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"America/Havana", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"},
		{"America/Asuncion", "2020-10-04T12:00:00Z", "2020-10-04T04:00:00Z", "2020-10-05T03:00:00Z"},
		{"Africa/Cairo", "2026-04-24T12:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"},
		{"Asia/Beirut", "2026-03-29T12:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
		{"Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"America/St_Johns", "2010-11-07T02:31:30Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"}, // put back at 00:01
		{"Asia/Shanghai", "2026-11-28T00:00:00Z", "2026-11-27T16:00:00Z", "2026-11-28T16:00:00Z"},
	} {
		at, _ := time.Parse(time.RFC3339, c.at)
		from, to := (&delivery.Community{TimeZone: c.zone}).Today(at)
		if got := from.UTC().Format(time.RFC3339) + " to " + to.UTC().Format(time.RFC3339); got != c.from+" to "+c.to {
			t.Errorf("%s at %s: got %s, want %s to %s", c.zone, c.at, got, c.from, c.to)
		}
	}
}
