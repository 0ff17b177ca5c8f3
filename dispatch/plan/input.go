package plan

import (
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/rehearsal"
)

// PlanDayInput is the scenario of a day to plan.
type PlanDayInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Scenario         rehearsal.ScenarioInput
}

// PlanDayPayload is the outcome of planning a day.
type PlanDayPayload struct {
	dispatch.Outcome
	CommunityID *delivery.ID `json:"community,omitempty"`
	Day         string       `json:"day,omitempty"` // that was planned
}
