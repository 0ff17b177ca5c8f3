package dispatch

import (
	"slices"
	"strconv"
	"time"

	"baogong/delivery"
)

// checkIDs refuses a list of ids that is empty, too long, of another kind or community, or names one twice.
// It returns their community. The path of an id is where the list stands, its index, and the field.
func checkIDs(ids []delivery.ID, list, field string, kinds ...delivery.Kind) (int32, *delivery.Error) {
	if refusal := checkCount(len(ids), list); refusal != nil {
		return 0, refusal
	}
	seen := make(map[delivery.ID]bool, len(ids))
	for i, id := range ids {
		at := func(e *delivery.Error) *delivery.Error {
			if field == "" {
				return e.At(list, strconv.Itoa(i))
			}
			return e.At(list, strconv.Itoa(i), field)
		}
		switch {
		case !slices.Contains(kinds, id.Kind):
			return 0, at(delivery.Refuse(delivery.ReasonWrongKind, id.Kind.String(), kinds[0].String()))
		case id.Community != ids[0].Community:
			return 0, at(delivery.Refuse(delivery.ReasonTwoCommunities))
		case seen[id]:
			return 0, at(delivery.Refuse(delivery.ReasonRepeated))
		}
		seen[id] = true
	}
	return ids[0].Community, nil
}

// checkCount refuses an empty list and one of more than delivery.MaxBulk.
func checkCount(n int, list string) *delivery.Error {
	switch {
	case n == 0:
		return delivery.Refuse(delivery.ReasonEmptyList).At(list)
	case n > delivery.MaxBulk:
		return delivery.Refuse(delivery.ReasonTooMany, delivery.MaxBulk, n).At(list).With(delivery.Details{Limit: delivery.MaxBulk})
	}
	return nil
}

// checkID refuses an id of another kind or, unless community is 0, of another community.
func checkID(id delivery.ID, kind delivery.Kind, community int32) *delivery.Error {
	switch {
	case id.Kind != kind:
		return delivery.Refuse(delivery.ReasonWrongKind, id.Kind.String(), kind.String())
	case community != 0 && id.Community != community:
		return delivery.Refuse(delivery.ReasonTwoCommunities)
	}
	return nil
}

// checkNote refuses notes and device times that cannot be stored.
func checkNote(note string, device *time.Time) *delivery.Error {
	if refusal := delivery.CheckText(note, delivery.MaxNote, false); refusal != nil {
		return refusal.At("note")
	}
	if device != nil {
		if refusal := delivery.CheckTime(*device); refusal != nil {
			return refusal.At("deviceTime")
		}
	}
	return nil
}

// instant is the time as the database keeps it. One that cannot be kept is left to the checks to refuse.
func instant(t *time.Time) *time.Time {
	if t == nil || delivery.CheckTime(*t) != nil {
		return t
	}
	kept := t.UTC().Truncate(time.Microsecond)
	return &kept
}

func uuids(ids []delivery.ID) []delivery.UUID {
	out := make([]delivery.UUID, len(ids))
	for i, id := range ids {
		out[i] = id.UUID
	}
	return out
}
