package delivery

import (
	"reflect"
	"slices"
	"time"
)

// TaskKind is what a task asks for.
type TaskKind string

// The kinds of task.
const (
	TaskVisit  TaskKind = "VISIT"  // 入户劝导
	TaskPatrol TaskKind = "PATROL" // 巡查点
	TaskWatch  TaskKind = "WATCH"  // 值守
	TaskTell   TaskKind = "TELL"   // 入户通知
)

// TaskKinds lists every kind of task.
var TaskKinds = []TaskKind{TaskVisit, TaskPatrol, TaskWatch, TaskTell}

// TaskState says how far a task is.
type TaskState string

// The states of a task. All but TODO are final.
const (
	TaskToDo      TaskState = "TODO"      // 待办
	TaskDone      TaskState = "DONE"      // 已办
	TaskProblem   TaskState = "PROBLEM"   // 有问题: an incident was opened
	TaskCancelled TaskState = "CANCELLED" // 已撤销
)

// TaskStates lists every state of a task.
var TaskStates = []TaskState{TaskToDo, TaskDone, TaskProblem, TaskCancelled}

// Task is one item on a squad's list (任务).
type Task struct {
	CommunityID   int32      `db:"community_id"`
	UUID          UUID       `db:"id"`
	Number        int64      `db:"number"` // the number that people read; counts up in the community
	Squad         Squad      `db:"squad"`
	Kind          TaskKind   `db:"kind"`
	Title         string     `db:"title"`
	Place         string     `db:"place"` // in words; may be empty
	BuildingUUID  *UUID      `db:"building_id"`
	HouseholdUUID *UUID      `db:"household_id"` // only with its building
	EnquiryUUID   *UUID      `db:"enquiry_id"`   // the enquiry that caused it; an enquiry causes one task at most
	DueAt         time.Time  `db:"due_at"`
	VolunteerUUID *UUID      `db:"volunteer_id"` // the member who is asked to do it; nil: any of the squad
	State         TaskState  `db:"state"`
	Note          string     `db:"note"` // what the actor who ended it wrote
	IncidentUUID  *UUID      `db:"incident_id"`
	CreatedAt     time.Time  `db:"created_at"`
	CreatedByRole Role       `db:"created_by_role"`
	CreatedByUUID *UUID      `db:"created_by_id"`
	EndedAt       *time.Time `db:"ended_at"`
	EndedByRole   *Role      `db:"ended_by_role"`
	EndedByUUID   *UUID      `db:"ended_by_id"`
	Version       int64      `db:"version"`
}

// ID is the task's opaque id.
func (t *Task) ID() ID { return ID{KindTask, t.CommunityID, t.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Task) IsNode() {}

// BuildingID is the opaque id of the task's building, nil if it has none.
func (t *Task) BuildingID() *ID { return t.named(KindBuilding, t.BuildingUUID) }

// HouseholdID is the opaque id of the household that the task is about, nil if it is about none.
func (t *Task) HouseholdID() *ID { return t.named(KindHousehold, t.HouseholdUUID) }

// VolunteerID is the opaque id of the member who is asked to do it, nil if any of the squad may.
func (t *Task) VolunteerID() *ID { return t.named(KindVolunteer, t.VolunteerUUID) }

// IncidentID is the opaque id of the incident that the task opened, nil if it opened none.
func (t *Task) IncidentID() *ID { return t.named(KindIncident, t.IncidentUUID) }

func (t *Task) named(k Kind, u *UUID) *ID {
	if u == nil {
		return nil
	}
	return &ID{k, t.CommunityID, *u}
}

// CreatedBy is the actor who created the task.
func (t *Task) CreatedBy() *Ref {
	return &Ref{Role: t.CreatedByRole, Community: t.CommunityID, UUID: orEmpty(t.CreatedByUUID)}
}

// EndedBy is the actor who ended the task, nil before.
func (t *Task) EndedBy() *Ref {
	if t.EndedByRole == nil {
		return nil
	}
	return &Ref{Role: *t.EndedByRole, Community: t.CommunityID, UUID: orEmpty(t.EndedByUUID)}
}

// Keys are those of the task's events, which only the team sees.
func (t *Task) Keys() Keys {
	return Keys{Community: t.CommunityID, Building: orEmpty(t.BuildingUUID), Household: orEmpty(t.HouseholdUUID)}
}

// IncidentKeys are those of an incident about the task. A household does not see that a task about it met a problem.
func (t *Task) IncidentKeys() Keys {
	return Keys{Community: t.CommunityID, Building: orEmpty(t.BuildingUUID)}
}

// SeesTask reports whether the scope sees the task: the team as it sees the task's building, and a squad its own tasks that are about no
// household. It must agree with the where clause of tasks in db.
func (s Scope) SeesTask(t *Task) bool {
	return s.Sight().Team && (s.Sees(t.Keys()) ||
		s.Class == SeesBuildings && s.Community == t.CommunityID && s.Squad == t.Squad && t.HouseholdUUID == nil)
}

// CanPlanTasks reports whether the actor may create and cancel tasks of the squad: its leads, the commander and administrators.
func (a Actor) CanPlanTasks(community int32, squad Squad) bool {
	return a.CanSetUp(community) || a.Role == RoleLead && a.Community == community && a.Squad == squad
}

// The refusals of tasks.
var (
	ReasonTaskOver = NewWordedReason("TASK_OVER", CodeConflict,
		"This task has already ended: %s.",
		"该任务已经结束：%s。")
	ReasonNotYourSquad = NewReason("NOT_YOUR_SQUAD", CodeForbidden,
		"Only the squad of the task and the commander may do this.",
		"只有任务所属小队和指挥可以操作。")
	ReasonCancelByLead = NewReason("CANCEL_BY_LEAD", CodeForbidden,
		"Only leads of the squad and the commander may cancel a task.",
		"只有本队队长和指挥可以撤销任务。")
)

// Begin puts a new task into the state TODO and returns its event. The caller has set its id, its number and what it asks for.
func (t *Task) Begin(a Actor, at time.Time) *Event {
	t.State, t.Version, t.CreatedAt = TaskToDo, 1, at
	t.CreatedByRole, t.CreatedByUUID = a.Role, uuidOrNil(a.UUID)
	return t.event(TaskCreated, a, at)
}

// CanEnd refuses an actor who may not end the task in the state. Members of its squad may, and the commander and administrators; only the
// leads among them may cancel it. It fails with NOT_FOUND for a task out of sight.
func (t *Task) CanEnd(a Actor, state TaskState) *Error {
	plans := a.CanPlanTasks(t.CommunityID, t.Squad)
	switch {
	case !a.Scope().SeesTask(t):
		return Refuse(ReasonNoSuch, KindTask.String())
	case !plans && (a.Community != t.CommunityID || a.Squad != t.Squad):
		return Refuse(ReasonNotYourSquad)
	case !plans && state == TaskCancelled:
		return Refuse(ReasonCancelByLead)
	case t.State != TaskToDo:
		return Refuse(ReasonTaskOver, t.State).With(Details{Version: t.Version})
	}
	return nil
}

// End ends a task that CanEnd allows to end. incident is set exactly for PROBLEM.
func (t *Task) End(a Actor, state TaskState, note string, incident *UUID, at time.Time) *Event {
	t.State, t.Note, t.IncidentUUID = state, note, incident
	t.EndedAt, t.EndedByRole, t.EndedByUUID = &at, &a.Role, uuidOrNil(a.UUID)
	t.Version++
	return t.event(TaskEnded, a, at)
}

// The kinds of event of a task. They carry the keys of its building and household, and only the team sees them.
const (
	TaskCreated EventKind = "TASK_CREATED"
	TaskEnded   EventKind = "TASK_ENDED"
)

var (
	_ = taskKind(TaskCreated)
	_ = taskKind(TaskEnded)
)

func taskKind(kind EventKind) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[TaskBody](), board: noBoard, about: KindTask, row: rowOf(taskRow), team: true})
}

// TaskBody is the body of the events of a task.
type TaskBody struct {
	Task  UUID      `json:"task,omitempty"`
	Kind  TaskKind  `json:"taskKind,omitempty"`
	Squad Squad     `json:"taskSquad,omitempty"`
	State TaskState `json:"taskState,omitempty"`
}

func taskRow(b *TaskBody) (UUID, []ActivityNumber) { return b.Task, nil }

func (t *Task) event(kind EventKind, a Actor, at time.Time) *Event {
	return NewEvent(kind, a, at, t.Keys(), &TaskBody{Task: t.UUID, Kind: t.Kind, Squad: t.Squad, State: t.State})
}

// OfTasks reports whether the event may change the list of a squad's tasks. Events of unknown kinds without an order may.
func (e *Event) OfTasks(squad Squad) bool {
	if eventSpecs[e.Kind] == nil {
		return e.OrderUUID == nil
	}
	b := BodyOf[TaskBody](e)
	return b != nil && b.Squad == squad
}

// TaskMember is a volunteer who may be asked to do tasks.
type TaskMember struct {
	UUID      UUID
	Squad     Squad
	Rank      Rank
	Archived  bool
	Buildings []UUID
}

// SeesHouseholdsOf reports whether the member sees the households of the building.
func (m *TaskMember) SeesHouseholdsOf(building UUID) bool {
	return m.Rank != RankMember || m.Squad == SquadDuty || m.Squad == SquadTransport || slices.Contains(m.Buildings, building)
}
