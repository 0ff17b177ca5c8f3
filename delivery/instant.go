package delivery

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// rfc3339 is the form of an instant. Go's own parser takes a comma before the fraction, and hours of one digit.
var rfc3339 = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,30})?([Zz]|[+-][0-9]{2}:[0-5][0-9])$`)

// maxOffset is the largest distance from UTC that PostgreSQL takes, and more than any place on Earth has.
const maxOffset = 15*time.Hour + 59*time.Minute

// ParseTime reads an instant of RFC 3339, exactly: with its zone, small t and z allowed, a fraction of any length, of
// which nanoseconds are kept, and a leap second as the instant after it. It fails with TIME_FORM. Years are left to CheckTime.
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

// NotTime refuses what is no instant.
func NotTime(v any) *Error { return Refuse(ReasonTimeForm, cut(fmt.Sprint(v), 40)) }

// ParseZone reads the name of a time zone: an area and a place of the IANA database, such as Asia/Shanghai, or UTC. What
// depends on the machine (Local, localtime), stands for a rule and no place (EST5EDT, Etc/GMT+8) or counts leap seconds
// (right/UTC) is BAD_TIME_ZONE.
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

// zoneAreas are the areas whose places have a zone.
var zoneAreas = map[string]bool{"Africa": true, "America": true, "Antarctica": true, "Arctic": true, "Asia": true, "Atlantic": true,
	"Australia": true, "Europe": true, "Indian": true, "Pacific": true}

// Today is the half-open span of the calendar day that t falls in, in the community's time zone. A day begins at its
// first instant: where clocks are put forward at midnight, at one o'clock; where they are put back to before midnight, at
// the first midnight, so that each instant belongs to one day.
func (c *Community) Today(t time.Time) (from, to time.Time) {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil { // refused on the way in; UTC is the safe reading of an old row
		zone = time.UTC
	}
	y, m, d := t.In(zone).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	from, to = dayStart(day, zone), dayStart(day.AddDate(0, 0, 1), zone)
	for !t.Before(to) { // clocks were put back over midnight, or a day was left out
		day = day.AddDate(0, 0, 1)
		from, to = to, dayStart(day.AddDate(0, 0, 1), zone)
	}
	return from, to
}

// dayStart is the first instant at which a zone's calendar shows the day, which is given as its midnight in UTC, or a
// later one, if it leaves that day out.
func dayStart(day time.Time, zone *time.Location) time.Time {
	for at := day.Add(-26 * time.Hour).In(zone); ; {
		begins, ends := at.ZoneBounds()
		_, offset := at.Zone()
		midnight := day.Add(-time.Duration(offset) * time.Second)
		if midnight.Before(begins) { // while another offset held it was not midnight yet
			midnight = begins
		}
		if ends.IsZero() || midnight.Before(ends) {
			return midnight.In(zone)
		}
		at = ends
	}
}
