package task

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on tasks, as the schema describes them. An absent value is nil.

// CreateTasksInput is tasks of a squad to create.
type CreateTasksInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Squad            delivery.Squad
	Tasks            []*TaskInput
	CopyFrom         *string
	Day              *string
	Atomic           bool
}

// TaskInput is one task to create.
type TaskInput struct {
	Kind        delivery.TaskKind
	Title       string
	Place       string
	BuildingID  *delivery.ID
	HouseholdID *delivery.ID
	DueAt       time.Time
	VolunteerID *delivery.ID
}

// FinishTasksInput is tasks that end, and how.
type FinishTasksInput struct {
	ClientMutationID *string
	Ids              []delivery.ID
	State            delivery.TaskState
	Note             string
	IncidentKind     delivery.IncidentKind
	Severity         delivery.Severity
	Atomic           bool
}

// taskOutcomes is what the payloads share: a result per item, in the order given.
type taskOutcomes struct {
	dispatch.Outcome
	Results []*TaskResult `json:"results,omitempty"`
}

// CreateTasksPayload is the outcome of creating tasks: a result per task, in the order given, and then one for each that was copied.
type CreateTasksPayload struct{ taskOutcomes }

// FinishTasksPayload is the outcome of ending tasks.
type FinishTasksPayload struct{ taskOutcomes }

// TaskResult is the outcome of one task.
type TaskResult struct {
	TaskID *delivery.ID `json:"task,omitempty"` // nil if it was refused
	dispatch.Verdict
}

// Undo takes back that the task was created or ended.
func (r *TaskResult) Undo() bool { return dispatch.Take(&r.TaskID) }

// add adds the result of the next item and reports whether it was refused.
func (o *taskOutcomes) add(list string, id delivery.ID, refusal *delivery.Error) bool {
	r := &TaskResult{}
	if refusal != nil {
		r.Refuse(list, len(o.Results), refusal)
	} else {
		r.TaskID = &id
	}
	o.Results = append(o.Results, r)
	return refusal != nil
}
