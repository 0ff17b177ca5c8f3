package delivery

import (
	"fmt"
	"time"
)

// ClockTime is a time of day in a community's zone, in minutes after midnight: 0 … 1439.
type ClockTime int

// ReasonBadClockTime refuses a text that is no time of day.
var ReasonBadClockTime = NewReason("BAD_CLOCK_TIME", CodeBadUserInput,
	"Give a time of day from 00:00 to 23:59, such as 22:00.",
	"请填写 00:00 至 23:59 的时间，例如 22:00。")

// ParseClockTime reads a time of day, such as 22:00.
func ParseClockTime(text string) (ClockTime, *Error) {
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, Refuse(ReasonBadClockTime)
	}
	return ClockTime(at.Hour()*60 + at.Minute()), nil
}

// String is the time of day as clocks show it: 22:00.
func (t ClockTime) String() string { return fmt.Sprintf("%02d:%02d", t/60, t%60) }

// ReasonQuietBoth refuses quiet hours of which only one end is given, or that begin when they end.
var ReasonQuietBoth = NewReason("QUIET_BOTH", CodeBadUserInput,
	"Give two different times, at which quiet hours begin and end; leave both empty for none.",
	"静音时段须同时填写开始和结束时间，且两者不同；如不设，请都留空。")

// CheckQuiet refuses quiet hours that have one end only.
func (c *Community) CheckQuiet() *Error {
	if (c.QuietFrom == nil) != (c.QuietUntil == nil) || c.QuietFrom != nil && *c.QuietFrom == *c.QuietUntil {
		return Refuse(ReasonQuietBoth)
	}
	return nil
}

// ReasonQuietHours refuses to begin a run or a round in quiet hours without a confirmation.
var ReasonQuietHours = NewReason("QUIET_HOURS", CodeConflict,
	"Quiet hours here are from %s until %s; confirm that you want to begin anyway.",
	"本小区 %s 至 %s 为静音时段；如仍需开始，请确认。")

// Quiet refuses to begin a run or a round at an instant in the community's quiet hours.
func (c *Community) Quiet(at time.Time) *Error {
	if c.QuietFrom == nil || c.QuietUntil == nil {
		return nil
	}
	local := at.In(c.zone())
	now, from, until := ClockTime(local.Hour()*60+local.Minute()), *c.QuietFrom, *c.QuietUntil
	within := from <= now && now < until
	if from > until { // past midnight
		within = now >= from || now < until
	}
	if !within {
		return nil
	}
	return Refuse(ReasonQuietHours, from.String(), until.String())
}

// QuietBegins is when the quiet hours begin, as clocks show it; nil if there are none.
func (c *Community) QuietBegins() *string { return c.QuietFrom.shown() }

// QuietEnds is when the quiet hours end, as clocks show it; nil if there are none.
func (c *Community) QuietEnds() *string { return c.QuietUntil.shown() }

func (t *ClockTime) shown() *string {
	if t == nil {
		return nil
	}
	return new(t.String())
}
