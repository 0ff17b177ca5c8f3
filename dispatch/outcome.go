package dispatch

import (
	"time"

	"baogong/delivery"
)

// The payloads of the verbs. They hold ids, not rows, because an outcome is stored for retries and the rows
// are read again under the permission of that moment.

// PlaceOrderPayload is what came of placing an order.
type PlaceOrderPayload struct {
	ClientMutationID *string           `json:"-"`
	OrderID          *delivery.ID      `json:"order,omitempty"`
	UserErrors       []*delivery.Error `json:"errors,omitempty"`
}

// MovePayload is what came of moving orders: a result per order, in the order given.
type MovePayload struct {
	ClientMutationID *string           `json:"-"`
	Results          []*MoveResult     `json:"results,omitempty"`
	UserErrors       []*delivery.Error `json:"errors,omitempty"`
}

// MoveResult is what came of one order.
type MoveResult struct {
	OrderID    delivery.ID       `json:"order"`
	Moved      bool              `json:"moved"`
	UserErrors []*delivery.Error `json:"errors,omitempty"`
}

// Moved counts the orders that moved.
func (p *MovePayload) Moved() int {
	n := 0
	for _, r := range p.Results {
		if r.Moved {
			n++
		}
	}
	return n
}

// HoldPayload is what came of placing or ending holds: a result per subject, in the order given.
type HoldPayload struct {
	ClientMutationID *string           `json:"-"`
	Results          []*HoldResult     `json:"results,omitempty"`
	UserErrors       []*delivery.Error `json:"errors,omitempty"`
}

// HoldResult is what came of one subject.
type HoldResult struct {
	SubjectID  delivery.ID       `json:"subject"`
	HoldID     *delivery.ID      `json:"hold,omitempty"`
	UserErrors []*delivery.Error `json:"errors,omitempty"`
}

// Look is one household whose contact was revealed, and the order it was for. That is all that is stored of it.
type Look struct {
	HouseholdID delivery.ID  `json:"household"`
	OrderID     *delivery.ID `json:"order,omitempty"`
}

// RevealContactPayload is what came of asking for a household's contact.
type RevealContactPayload struct {
	ClientMutationID *string           `json:"-"`
	Looks            []Look            `json:"looks,omitempty"`
	LookedAt         time.Time         `json:"at"` // machine time
	Contact          *delivery.Contact `json:"-"`
	UserErrors       []*delivery.Error `json:"errors,omitempty"`
}

// RevealRoundPayload is what came of asking for the contacts of a round.
type RevealRoundPayload struct {
	ClientMutationID *string             `json:"-"`
	Looks            []Look              `json:"looks,omitempty"`
	LookedAt         time.Time           `json:"at"` // machine time
	LeftOut          int                 `json:"leftOut,omitempty"`
	Contacts         []*delivery.Contact `json:"-"`
	UserErrors       []*delivery.Error   `json:"errors,omitempty"`
}

// BulkOutcome is what came of saving many of one noun.
type BulkOutcome struct {
	ClientMutationID *string           `json:"-"`
	Items            []*ItemOutcome    `json:"items,omitempty"`
	UserErrors       []*delivery.Error `json:"errors,omitempty"`
}

// ItemOutcome is what came of one item.
type ItemOutcome struct {
	Index      int               `json:"index"`
	ID         *delivery.ID      `json:"id,omitempty"` // nil if it was refused
	UserErrors []*delivery.Error `json:"errors,omitempty"`
}

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

func each[T any](items []*ItemOutcome, wrap func(*ItemOutcome) *T) []*T {
	out := make([]*T, len(items))
	for i, item := range items {
		out[i] = wrap(item)
	}
	return out
}
