package delivery

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// rfc3339 matches an instant. Go's own parser also accepts a comma before the fraction, and hours of one digit.
var rfc3339 = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,30})?([Zz]|[+-][0-9]{2}:[0-5][0-9])$`)

// maxOffset is the largest offset from UTC that PostgreSQL accepts. No place on Earth has a larger one.
const maxOffset = 15*time.Hour + 59*time.Minute

// ParseTime parses an instant strictly by RFC 3339, with its zone; t and z may be lower case. Digits below nanoseconds are
// dropped, and a leap second becomes the instant after it. It fails with TIME_FORM. It does not check the year; CheckTime does.
func ParseTime(s string) (time.Time, error) {
	if !rfc3339.MatchString(s) {
		return time.Time{}, NotTime(s)
	}
	plain := strings.ToUpper(s)
	leap := plain[17:19] == "60"
	if leap {
		plain = plain[:17] + "59" + plain[19:]
	}
	t, err := time.Parse(time.RFC3339Nano, plain)
	if err != nil {
		return time.Time{}, NotTime(s)
	}
	if _, offset := t.Zone(); time.Duration(offset).Abs() > maxOffset/time.Second {
		return time.Time{}, NotTime(s)
	}
	t = t.UTC()
	if leap {
		next := t.Truncate(time.Second).Add(time.Second)
		if next.Day() != 1 || next.Hour() != 0 || next.Minute() != 0 { // leap seconds end a month, in UTC
			return time.Time{}, NotTime(s)
		}
		t = next
	}
	return t, nil
}

// The refusals of times and time zones as clients write them.
var (
	ReasonTimeForm = NewReason("TIME_FORM", CodeBadUserInput,
		"%q is not a time in the form of RFC 3339, such as 2020-02-18T09:30:00+08:00.",
		"“%s”不是有效的时间，请按 RFC 3339 填写，例如 2020-02-18T09:30:00+08:00。")
	ReasonBadTimeZone = NewReason("BAD_TIME_ZONE", CodeBadUserInput,
		"%q is not a time zone such as Asia/Shanghai.",
		"“%s”不是有效的时区（例如 Asia/Shanghai）。")
)

// NotTime returns the refusal of a value that is not an instant.
func NotTime(v any) *Error { return Refuse(ReasonTimeForm, cut(fmt.Sprint(v), 40)) }

// ParseZone parses the name of a time zone: an area and a place of the IANA database, such as Asia/Shanghai, or UTC. It fails
// with BAD_TIME_ZONE for names that depend on the machine (Local, localtime), name a rule instead of a place (EST5EDT,
// Etc/GMT+8) or count leap seconds (right/UTC).
func ParseZone(name string) (*time.Location, *Error) {
	area, _, placed := strings.Cut(name, "/")
	if !placed && name != "UTC" || placed && !zoneAreas[area] {
		return nil, Refuse(ReasonBadTimeZone, cut(name, 64))
	}
	zone, err := time.LoadLocation(name)
	if err != nil || zone.String() != name {
		return nil, Refuse(ReasonBadTimeZone, cut(name, 64))
	}
	return zone, nil
}

// zoneAreas are the areas whose names are accepted.
var zoneAreas = map[string]bool{"Africa": true, "America": true, "Antarctica": true, "Arctic": true, "Asia": true, "Atlantic": true,
	"Australia": true, "Europe": true, "Indian": true, "Pacific": true}

// Today returns the half-open span of t's calendar day in the community's time zone. A day begins at its first instant: at one
// o'clock if clocks are put forward at midnight, and at the first midnight if they are put back over midnight. So each instant
// belongs to one day.
func (c *Community) Today(t time.Time) (from, to time.Time) {
	zone := c.zone()
	y, m, d := t.In(zone).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	from, to = dayStart(day, zone), dayStart(day.AddDate(0, 0, 1), zone)
	for !t.Before(to) { // clocks were put back over midnight, or a day was left out
		day = day.AddDate(0, 0, 1)
		from, to = to, dayStart(day.AddDate(0, 0, 1), zone)
	}
	return from, to
}

// Day returns the name of t's calendar day in the community's time zone: 2022-04-12.
func (c *Community) Day(t time.Time) string {
	from, _ := c.Today(t)
	return from.Format(time.DateOnly)
}

// zone is the community's time zone.
func (c *Community) zone() *time.Location {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil { // an old row, from before zones were checked; UTC is a safe fallback
		return time.UTC
	}
	return zone
}

// Local returns an instant in the community's time zone.
func (c *Community) Local(t time.Time) time.Time { return t.In(c.zone()) }

// DayOf returns the half-open span of a calendar day of the community, such as 2022-04-12.
func (c *Community) DayOf(day string) (from, to time.Time, refusal *Error) {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil || CheckTime(date) != nil {
		return from, to, Refuse(ReasonBadValue)
	}
	return dayStart(date, c.zone()), dayStart(date.AddDate(0, 0, 1), c.zone()), nil
}

// ClockStart returns the instant from which a rehearsal counts the times of the day that begins at from: twelve hours before its noon. It is from itself unless clocks are changed on
// that day. On such a day, what counts from it is after the change what clocks show: 18 hours later it is 18:00.
func (c *Community) ClockStart(from time.Time) time.Time {
	day := c.Local(from)
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, day.Location()).Add(-12 * time.Hour)
}

// AtSameTime returns the instant at the same local time of day as the given one on another day, whose first instant is given. A local time that
// daylight saving skips on that day is moved later by the skipped time.
func (c *Community) AtSameTime(at, day time.Time) time.Time {
	local, to := at.In(c.zone()), day.In(c.zone())
	return time.Date(to.Year(), to.Month(), to.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), c.zone()).UTC()
}

// dayStart returns the first instant of a day in a zone, or of a later day if the zone's calendar skips it. The day is given as
// its midnight in UTC.
func dayStart(day time.Time, zone *time.Location) time.Time {
	for at := day.Add(-26 * time.Hour).In(zone); ; {
		begins, ends := at.ZoneBounds()
		_, offset := at.Zone()
		midnight := day.Add(-time.Duration(offset) * time.Second)
		if midnight.Before(begins) { // this offset applied only after its midnight
			midnight = begins
		}
		if ends.IsZero() || midnight.Before(ends) {
			return midnight.In(zone)
		}
		at = ends
	}
}
