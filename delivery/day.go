package delivery

import (
	"reflect"
	"time"
)

// DayStarted is the kind of event of the start of a community's day.
const DayStarted EventKind = "DAY_STARTED"

var _ = addKind(eventSpec{kind: DayStarted, body: reflect.TypeFor[DayBody]()})

// DayBody is the body of DAY_STARTED.
type DayBody struct {
	Day string `json:"day,omitempty"` // 2020-02-18
}

// StartDay returns the event of a day's start.
func StartDay(community int32, day string, at time.Time) *Event {
	return NewEvent(DayStarted, System(community), at, Keys{Community: community}, &DayBody{day})
}
