package dispatch

import (
	"strconv"

	"baogong/delivery"
)

// Outcome is the part that every verb's payload has. A payload holds ids, not rows: it is stored for retries, and the rows are
// read again under the permission of that moment.
type Outcome struct {
	ClientMutationID *string           `json:"-"`
	UserErrors       []*delivery.Error `json:"errors,omitempty"`
}

// Refuse adds why the call as a whole was refused.
func (o *Outcome) Refuse(e *delivery.Error) { o.UserErrors = append(o.UserErrors, e) }

func (o *Outcome) outcome() *Outcome { return o }

// Moves is the part that payloads of verbs which move orders have: it names the moves, so that undoMove can take back the whole call.
type Moves struct {
	Batch *delivery.MoveBatch `json:"batch,omitempty"`
}

// BatchID is the opaque id of the call's moves, nil if nothing moved.
func (m *Moves) BatchID() *delivery.ID { return m.Batch.ID() }

func (m *Moves) nameBatch(b *delivery.MoveBatch) { m.Batch = b }

// batched is a payload that names the call's moves.
type batched interface{ nameBatch(*delivery.MoveBatch) }

func nameBatch(out any, b *delivery.MoveBatch) {
	if of, ok := out.(batched); ok {
		of.nameBatch(b)
	}
}

// BulkOutcome is the payload of a verb that saves many of one noun: an outcome per item, in the order given.
type BulkOutcome struct {
	Items []*ItemOutcome `json:"items,omitempty"`
	Outcome
}

// ItemOutcome is the outcome of one item.
type ItemOutcome struct {
	Index int          `json:"index"`
	ID    *delivery.ID `json:"id,omitempty"` // nil if it was refused
	Verdict
}

// Undo takes back that the item was saved.
func (i *ItemOutcome) Undo() bool { return Take(&i.ID) }

// Bulk returns the outcome without the noun's type.
func (b *BulkOutcome) Bulk() *BulkOutcome { return b }

// Saved counts the items that were saved.
func (b *BulkOutcome) Saved() int {
	n := 0
	for _, i := range b.Items {
		if i.ID != nil {
			n++
		}
	}
	return n
}

// BulkOf is a BulkOutcome whose results have the type of one noun, as the schema names it.
type BulkOf[R ~struct{ *ItemOutcome }] struct{ BulkOutcome }

// Results are the outcomes by item.
func (b *BulkOf[R]) Results() []*R {
	out := make([]*R, len(b.Items))
	for i, item := range b.Items {
		r := R(struct{ *ItemOutcome }{item})
		out[i] = &r
	}
	return out
}

// Verdict is the part that the results of the items or subjects of a call have in common: why one was refused.
type Verdict struct {
	UserErrors []*delivery.Error `json:"errors,omitempty"`
}

// Refuse notes why the item at index i of the input's list was refused.
func (v *Verdict) Refuse(list string, i int, refusal *delivery.Error) {
	v.UserErrors = []*delivery.Error{refusal.At(list, strconv.Itoa(i))}
}

// result is the result of one item or subject: a struct with a Verdict.
type result interface {
	Refuse(list string, i int, refusal *delivery.Error)
	// Undo clears the success of the result. It reports whether there was one.
	Undo() bool
}

// ReasonAtomic refuses an item because another of the same call was refused.
var ReasonAtomic = delivery.NewReason("ATOMIC", delivery.CodeConflict,
	"Nothing was done because another item of the same call was refused.",
	"同一次操作中有其他项被拒绝，因此全部未执行。")

// Undo marks everything that could have been done and was not, because another item of an atomic call was refused.
func Undo[R result](results []R, list string) {
	for i, r := range results {
		if r.Undo() {
			r.Refuse(list, i, delivery.Refuse(ReasonAtomic))
		}
	}
}

// Take sets a value to its zero value and reports whether it was another.
func Take[T comparable](v *T) bool {
	var none T
	was := *v
	*v = none
	return was != none
}
