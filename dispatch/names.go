package dispatch

import "baogong/delivery"

// Names maps the keys of a noun's unique codes to the rows that have them.
type Names map[string]delivery.ID

// NamesOf returns the codes of the rows.
func NamesOf[T delivery.Node](rows []T, name func(T) string) Names {
	out := make(Names, len(rows))
	for _, r := range rows {
		out[delivery.Key(name(r))] = r.ID()
	}
	return out
}

// ReasonTaken refuses a code or number that another row has.
var ReasonTaken = delivery.NewReason("TAKEN", delivery.CodeConflict,
	"%s is already taken.",
	"“%s”已被使用。")

// Claim gives a row a code instead of was. It fails with TAKEN if another row has a code with the same key. A row may always keep
// its code, even if it clashes since before keys were compared.
func (n Names) Claim(name, was string, id delivery.ID) *delivery.Error {
	if name == was {
		return nil
	}
	key := delivery.Key(name)
	if other, taken := n[key]; taken && other != id {
		refusal := delivery.Refuse(ReasonTaken, name)
		if other.Community > 0 { // else it is of a community of the same call, which has no id yet
			refusal = refusal.With(delivery.Details{ConflictingID: &other})
		}
		return refusal
	}
	n[key] = id
	return nil
}
