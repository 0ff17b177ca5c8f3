package dispatch

import (
	"slices"
	"strconv"
	"time"

	"baogong/delivery"
)

// The refusals of lists, ids and numbers.
var (
	ReasonEmptyList = delivery.NewReason("EMPTY_LIST", delivery.CodeBadUserInput,
		"The list is empty; give at least one item.",
		"列表为空，请至少填写一项。")
	ReasonTooMany = delivery.NewReason("TOO_MANY", delivery.CodeBadUserInput,
		"At most %d are allowed in one call; this has %d.",
		"一次最多 %d 项，现有 %d 项。")
	ReasonTwoCommunities = delivery.NewReason("TWO_COMMUNITIES", delivery.CodeBadUserInput,
		"A call can concern only one community; this id belongs to another.",
		"一次操作只能针对一个小区，该编号属于另一个小区。")
	ReasonRepeated = delivery.NewReason("REPEATED", delivery.CodeBadUserInput,
		"This item is already in the same call.",
		"同一次操作中已包含该项。")
	ReasonOutOfRange = delivery.NewReason("OUT_OF_RANGE", delivery.CodeBadUserInput,
		"This must be between %v and %v.",
		"此处必须在 %v 与 %v 之间。")
	ReasonArchived = delivery.NewReason("ARCHIVED", delivery.CodeConflict,
		"This is archived and cannot be used any more.",
		"该对象已归档，不能再使用。")
)

// CheckIDs refuses a list of ids that is empty, too long, of another kind or community, or names one twice.
// It returns their community. The path of an id is where the list stands, its index, and the field.
func CheckIDs(ids []delivery.ID, list, field string, kinds ...delivery.Kind) (int32, *delivery.Error) {
	if refusal := CheckCount(len(ids), list); refusal != nil {
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
			return 0, at(id.WrongKind(kinds[0]))
		case id.Community != ids[0].Community:
			return 0, at(delivery.Refuse(ReasonTwoCommunities))
		case seen[id]:
			return 0, at(delivery.Refuse(ReasonRepeated))
		}
		seen[id] = true
	}
	return ids[0].Community, nil
}

// CheckCount refuses an empty list and one of more than delivery.MaxBulk.
func CheckCount(n int, list string) *delivery.Error {
	switch {
	case n == 0:
		return delivery.Refuse(ReasonEmptyList).At(list)
	case n > delivery.MaxBulk:
		return delivery.Refuse(ReasonTooMany, delivery.MaxBulk, n).At(list).With(delivery.Details{Limit: delivery.MaxBulk})
	}
	return nil
}

// CheckID refuses an id of another kind or, unless community is 0, of another community.
func CheckID(id delivery.ID, kind delivery.Kind, community int32) *delivery.Error {
	switch {
	case id.Kind != kind:
		return id.WrongKind(kind)
	case community != 0 && id.Community != community:
		return delivery.Refuse(ReasonTwoCommunities)
	}
	return nil
}

// CheckNote refuses notes and device times that cannot be stored.
func CheckNote(note string, device *time.Time) *delivery.Error {
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

// Instant is the time as the database keeps it. A time that cannot be kept is returned unchanged, for the checks to refuse.
func Instant(t *time.Time) *time.Time {
	if t == nil || delivery.CheckTime(*t) != nil {
		return t
	}
	kept := t.UTC().Truncate(time.Microsecond)
	return &kept
}

// UUIDs returns the rows that the ids name.
func UUIDs(ids []delivery.ID) []delivery.UUID {
	out := make([]delivery.UUID, len(ids))
	for i, id := range ids {
		out[i] = id.UUID
	}
	return out
}

// IDs returns the ids that the items name.
func IDs[T any](items []T, of func(T) delivery.ID) []delivery.ID {
	out := make([]delivery.ID, len(items))
	for i, item := range items {
		out[i] = of(item)
	}
	return out
}

// OrderUUIDs returns the rows of the orders.
func OrderUUIDs(orders []*delivery.Order) []delivery.UUID {
	out := make([]delivery.UUID, len(orders))
	for i, o := range orders {
		out[i] = o.UUID
	}
	return out
}

// ByUUID returns the rows by their ids.
func ByUUID[T delivery.Node](rows []T) map[delivery.UUID]T {
	out := make(map[delivery.UUID]T, len(rows))
	for _, r := range rows {
		out[r.ID().UUID] = r
	}
	return out
}

// FieldCheck is the verdict on one field; Refusal is nil if the field is right.
type FieldCheck struct {
	Field   string
	Refusal *delivery.Error
}

// First returns the first refusal, with the name of its field.
func First(checks ...FieldCheck) *delivery.Error {
	for _, c := range checks {
		if c.Refusal != nil {
			return c.Refusal.At(c.Field)
		}
	}
	return nil
}

// Field is a verdict on a field.
func Field(name string, refusal *delivery.Error) FieldCheck {
	return FieldCheck{Field: name, Refusal: refusal}
}

// Text checks a field of at most limit characters.
func Text(field, s string, limit int, needed bool) FieldCheck {
	return Field(field, delivery.CheckText(s, limit, needed))
}

// Within checks a number from low to high.
func Within(field string, n, low, high int) FieldCheck {
	if n < low || n > high {
		return Field(field, delivery.Refuse(ReasonOutOfRange, low, high))
	}
	return Field(field, nil)
}

// Parent refuses the id of a row that is not in the community or is archived.
func Parent[P Saved](id delivery.ID, kind delivery.Kind, community int32, rows map[delivery.UUID]P, field string) *delivery.Error {
	if refusal := CheckID(id, kind, community); refusal != nil {
		return refusal.At(field)
	}
	switch row, known := rows[id.UUID]; {
	case !known:
		return delivery.Refuse(delivery.ReasonNoSuch, kind.String()).At(field)
	case row.Versions().Archived():
		return delivery.Refuse(ReasonArchived).At(field)
	}
	return nil
}
