package notice

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on notices, as the schema describes them. An absent value is nil.

// PublishNoticeInput is a notice to publish.
type PublishNoticeInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Kind             delivery.NoticeKind
	ClosureLevel     *delivery.ClosureLevel
	Title            string
	Body             string
	EffectiveAt      *time.Time
	Households       bool
	BuildingIds      []delivery.ID
	Squads           []delivery.Squad
	Suppliers        bool
	ReplacesID       *delivery.ID
}

// PublishNoticePayload is the outcome of publishing a notice.
type PublishNoticePayload struct {
	dispatch.Outcome
	NoticeID *delivery.ID `json:"notice,omitempty"`
}

// MarkNoticesSeenInput is notices that the caller's household has seen.
type MarkNoticesSeenInput struct {
	ClientMutationID *string
	NoticeIds        []delivery.ID
	Atomic           bool
}

// MarkNoticesSeenPayload is the outcome of marking notices: a result per notice, in the order given.
type MarkNoticesSeenPayload struct {
	dispatch.Outcome
	Results []*SeenResult `json:"results,omitempty"`
}

// SeenResult is the outcome of one notice.
type SeenResult struct {
	NoticeID *delivery.ID `json:"notice,omitempty"` // nil if it was refused
	dispatch.Verdict
}

// Undo takes back that the notice was seen.
func (r *SeenResult) Undo() bool { return dispatch.Take(&r.NoticeID) }

// MarkNoticeToldInput is households that were told a notice.
type MarkNoticeToldInput struct {
	ClientMutationID *string
	NoticeID         delivery.ID
	HouseholdIds     []delivery.ID
	Atomic           bool
}

// MarkNoticeToldPayload is the outcome of telling households: a result per household, in the order given.
type MarkNoticeToldPayload struct {
	dispatch.Outcome
	NoticeID *delivery.ID  `json:"notice,omitempty"`
	Results  []*ToldResult `json:"results,omitempty"`
}

// ToldResult is the outcome of one household.
type ToldResult struct {
	HouseholdID *delivery.ID `json:"household,omitempty"` // nil if it was refused
	dispatch.Verdict
}

// Undo takes back that the household was told.
func (r *ToldResult) Undo() bool { return dispatch.Take(&r.HouseholdID) }
