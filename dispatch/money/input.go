package money

import (
	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on money, as the schema describes them. An absent value is nil.

// RecordMoneyInput is entries for the purse of an order.
type RecordMoneyInput struct {
	ClientMutationID *string
	OrderID          delivery.ID
	Entries          []*MoneyInput
	Atomic           bool
}

// MoneyInput is one entry: a new one, or the reversal of another.
type MoneyInput struct {
	Kind           *delivery.MoneyKind
	Party          *delivery.MoneyParty
	AmountFen      *int64
	Method         *delivery.MoneyMethod
	ReceiptPhotoID *delivery.ID
	Reverses       *delivery.ID
}

// RecordMoneyPayload is the outcome of recording money: a result per entry, in the order given.
type RecordMoneyPayload struct {
	dispatch.Outcome
	OrderID *delivery.ID   `json:"order,omitempty"`
	Results []*MoneyResult `json:"results,omitempty"`
}

// MoneyResult is the outcome of one entry.
type MoneyResult struct {
	EntryID *delivery.ID `json:"entry,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the entry was recorded.
func (r *MoneyResult) Undo() bool { return dispatch.Take(&r.EntryID) }

// SettleMoneyInput is orders whose money is even.
type SettleMoneyInput struct {
	ClientMutationID *string
	OrderIds         []delivery.ID
	Atomic           bool
}

// SettleMoneyPayload is the outcome of settling: a result per order, in the order given.
type SettleMoneyPayload struct {
	dispatch.Outcome
	Results []*SettleMoneyResult `json:"results,omitempty"`
}

// SettleMoneyResult is the outcome of one order.
type SettleMoneyResult struct {
	OrderID delivery.ID `json:"order"`
	Settled bool        `json:"settled,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the order's money was settled.
func (r *SettleMoneyResult) Undo() bool { return dispatch.Take(&r.Settled) }
