package errand

import (
	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on errands, as the schema describes them. An absent value is nil.

// TakeDocumentsInput is documents that a volunteer takes along for an errand.
type TakeDocumentsInput struct {
	ClientMutationID *string
	OrderID          delivery.ID
	Kinds            []delivery.DocumentKind
}

// TakeDocumentsPayload is the outcome of taking documents.
type TakeDocumentsPayload struct {
	dispatch.Outcome
	OrderID     *delivery.ID  `json:"order,omitempty"`
	DocumentIds []delivery.ID `json:"documents,omitempty"` // in the order of the kinds
}

// ReturnDocumentsInput is documents that are back, or lost.
type ReturnDocumentsInput struct {
	ClientMutationID *string
	Documents        []*ReturnDocumentInput
	Atomic           bool
}

// ReturnDocumentInput is one document that is back, or lost.
type ReturnDocumentInput struct {
	DocumentID delivery.ID
	Lost       bool
}

// ReturnDocumentsPayload is the outcome of returning documents: a result per document, in the order given.
type ReturnDocumentsPayload struct {
	dispatch.Outcome
	Results []*DocumentResult `json:"results,omitempty"`
}

// DocumentResult is the outcome of one document.
type DocumentResult struct {
	DocumentID delivery.ID `json:"document"`
	Done       bool        `json:"done,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the document was returned or reported lost.
func (r *DocumentResult) Undo() bool { return dispatch.Take(&r.Done) }

// AnswerErrandInput is how an errand went.
type AnswerErrandInput struct {
	ClientMutationID *string
	OrderID          delivery.ID
	Answer           string
}

// AnswerErrandPayload is the outcome of answering an errand.
type AnswerErrandPayload struct {
	dispatch.Outcome
	OrderID *delivery.ID `json:"order,omitempty"`
}
