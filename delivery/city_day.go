package delivery

import "time"

// CityDaysKept is for how many days before today the city's numbers of a day are kept.
const CityDaysKept = 365

// cityDaysBack is how many days the clock stores at once, if no clock worker ran for some time.
const cityDaysBack = 7

// Refusals of a day for the city.
var (
	ReasonDayNotOver = NewReason("DAY_NOT_OVER", CodeBadUserInput,
		"The day is not over. Its numbers can be read once it has ended.",
		"该日尚未结束，结束后才能查看当日数字。")
	ReasonNoCityDay = NewReason("NO_CITY_DAY", CodeNotFound,
		"There are no numbers of this day. They are stored when a day ends and kept for a year.",
		"没有该日的数字。数字在每日结束时存下，保留一年。")
)

// CityDay is a day of a community that is over.
type CityDay struct {
	Day  string    // 2020-02-18
	From time.Time // its first instant
}

// CityDays returns the days whose numbers for the city are the present releases, given when the last of these was read: the day of that reading, and the later days that are
// over at an instant. There are at most seven, the last ones.
func (c *Community) CityDays(read, now time.Time) (out []CityDay) {
	if since := now.AddDate(0, 0, -cityDaysBack-1); read.Before(since) {
		read = since
	}
	for from, to := c.Today(read); !to.After(now); from, to = c.Today(to) {
		out = append(out, CityDay{c.Day(from), from})
	}
	return out[max(len(out)-cityDaysBack, 0):]
}

// FirstCityDay returns the first day that is still kept at an instant.
func (c *Community) FirstCityDay(now time.Time) string {
	from, _ := c.Today(now)
	return c.Local(from).AddDate(0, 0, -CityDaysKept).Format(time.DateOnly)
}

// CheckCityDay refuses a text that is no day with BAD_VALUE.
func CheckCityDay(day string) *Error {
	_, _, refusal := (&Community{TimeZone: "UTC"}).DayOf(day)
	return refusal
}

// CheckStored refuses a board of a past day that has no number: FUTURE_DAY if the day has begun in no community, DAY_NOT_OVER if it has ended in none, and else NO_CITY_DAY.
// A board without communities is not refused.
func (b *CityBoard) CheckStored(now time.Time) *Error {
	if b.Day == nil || len(b.Communities) == 0 {
		return nil
	}
	reason := ReasonFutureDay
	for _, c := range b.Communities {
		from, to, refusal := c.Community.DayOf(*b.Day)
		switch {
		case refusal != nil:
			return refusal
		case c.Stored:
			return nil
		case !to.After(now):
			reason = ReasonNoCityDay
		case !from.After(now) && reason == ReasonFutureDay:
			reason = ReasonDayNotOver
		}
	}
	return Refuse(reason)
}
