package intake

import (
	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on imports, as the schema describes them. An absent value is nil.

// ImportOrdersInput is a file or a pasted list of orders.
type ImportOrdersInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Kind             delivery.ImportKind
	SupplierID       delivery.ID
	WindowID         *delivery.ID
	BuildingID       *delivery.ID
	Menu             []*MenuInput
	Text             *string
	FileID           *delivery.ID
	Name             string
	DryRun           bool
}

// MenuInput is a good that a list may ask for.
type MenuInput struct {
	Code         string
	Item         string
	Aliases      []string
	Unit         string
	UnitPriceFen int64
}

// ImportOrdersPayload is the outcome of an import.
type ImportOrdersPayload struct {
	dispatch.Outcome
	ImportID *delivery.ID `json:"import,omitempty"`

	Report *ImportReport `json:"-"` // of a dry run, which stores nothing
}

// ImportReport is what a dry run would do.
type ImportReport struct {
	delivery.ImportTally
	PassedOver int
	Headers    []string // the columns of a file
	Listed     []*delivery.ImportRow
}

// SettleImportRowsInput is rows to decide.
type SettleImportRowsInput struct {
	ClientMutationID *string
	ImportID         delivery.ID
	Rows             []*SettleRowInput
}

// SettleRowInput is one row to decide.
type SettleRowInput struct {
	Row              int
	HouseholdID      *delivery.ID
	Text             *string
	Lines            []*RowLineInput
	Drop             *string
	Cancel           bool
	Remember         bool
	RememberBuilding *string
}

// RowLineInput is a good that a row means.
type RowLineInput struct {
	Item         string
	Quantity     delivery.Quantity
	Unit         string
	UnitPriceFen int64
}

// SettleImportRowsPayload is the outcome of deciding rows.
type SettleImportRowsPayload struct {
	dispatch.Outcome
	ImportID *delivery.ID       `json:"import,omitempty"`
	Results  []*SettleRowResult `json:"results,omitempty"`
}

// SettleRowResult is the outcome of one row.
type SettleRowResult struct {
	Row     int                     `json:"row"`
	Outcome *delivery.ImportOutcome `json:"outcome,omitempty"` // nil if it was refused
	OrderID *delivery.ID            `json:"order,omitempty"`
	Reason  string                  `json:"reason,omitempty"` // why it still waits
	dispatch.Verdict
}

// Undo takes back that the row was decided.
func (r *SettleRowResult) Undo() bool {
	r.OrderID = nil
	return dispatch.Take(&r.Outcome)
}
