package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/task"
	"baogong/graph"
	"baogong/live"
)

var taskByID = noun(delivery.KindTask, (*db.DB).TasksByID)

func (r mutationResolver) CreateTasks(ctx context.Context, input task.CreateTasksInput) (*task.CreateTasksPayload, error) {
	return together(ctx, func(p *task.CreateTasksPayload) []*task.TaskResult { return p.Results })(r.Verbs.Task.CreateTasks(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) FinishTasks(ctx context.Context, input task.FinishTasksInput) (*task.FinishTasksPayload, error) {
	return together(ctx, func(p *task.FinishTasksPayload) []*task.TaskResult { return p.Results })(r.Verbs.Task.FinishTasks(ctx, ActorFrom(ctx), input))
}

// TaskResult returns the resolver of TaskResult.
func (r *Resolver) TaskResult() graph.TaskResultResolver { return taskResultResolver{r} }

type taskResultResolver struct{ *Resolver }

func (taskResultResolver) Task(ctx context.Context, t *task.TaskResult) (*delivery.Task, error) {
	return of(ctx, taskByID.in(load(ctx)), t, func(t *task.TaskResult) *delivery.ID { return t.TaskID })
}

type taskResolver struct{ *Resolver }

// Task returns the resolver of Task.
func (r *Resolver) Task() graph.TaskResolver { return taskResolver{r} }

func (taskResolver) Building(ctx context.Context, t *delivery.Task) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), t, (*delivery.Task).BuildingID)
}

func (taskResolver) Household(ctx context.Context, t *delivery.Task) (*delivery.Household, error) {
	return of(ctx, householdByID.in(load(ctx)), t, (*delivery.Task).HouseholdID)
}

func (taskResolver) Assignee(ctx context.Context, t *delivery.Task) (*delivery.Volunteer, error) {
	return of(ctx, volunteerByID.in(load(ctx)), t, (*delivery.Task).VolunteerID)
}

func (taskResolver) Incident(ctx context.Context, t *delivery.Task) (*delivery.Incident, error) {
	return of(ctx, incidentByID.in(load(ctx)), t, (*delivery.Task).IncidentID)
}

func (incidentResolver) Task(ctx context.Context, i *delivery.Incident) (*delivery.Task, error) {
	return of(ctx, taskByID.in(load(ctx)), i, (*delivery.Incident).TaskID)
}

func (r queryResolver) Tasks(ctx context.Context, communityID delivery.ID, squad *delivery.Squad, states []delivery.TaskState, volunteerID *delivery.ID, day *string,
	first *int, after *string, last *int, before *string) (*graph.TaskConnection, error) {
	rows, err := listed[graph.TaskEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("tasks", communityID, squad, states, volunteerID, day),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Task], error) {
			f := db.TaskFilter{States: states}
			if squad != nil {
				f.Squad = *squad
			}
			if volunteerID != nil {
				if refusal := dispatch.CheckID(*volunteerID, delivery.KindVolunteer, communityID.Community); refusal != nil {
					return nil, refusal.At("volunteerId")
				}
				f.Volunteer = volunteerID.UUID
			}
			if day != nil {
				c, err := there(single(r.DB.CommunitiesByID(ctx, s, []delivery.ID{communityID})))(delivery.KindCommunity)
				if err != nil {
					return nil, err
				}
				var refusal *delivery.Error
				if f.From, f.Until, refusal = c.DayOf(*day); refusal != nil {
					return nil, refusal.At("day")
				}
			}
			return r.DB.Tasks(ctx, s, communityID.Community, f, p)
		})
	return (*graph.TaskConnection)(rows), err
}

// Tasks streams the tasks of a squad that are to be done, now and after changes.
func (r subscriptionResolver) Tasks(ctx context.Context, communityID delivery.ID, squad delivery.Squad) (<-chan []*delivery.Task, error) {
	return live.Subscribe[[]*delivery.Task](ctx, func() (live.Flow, error) {
		if _, err := r.inTeam(ctx, communityID); err != nil {
			return nil, err
		}
		tasks, err := watch(ctx, r.tasks, ActorFrom(ctx), live.Target{Community: communityID.Community, Squad: squad}, delivery.KindCommunity)
		return tasks, missing(err, "communityId")
	})
}

// loadTasks reads a squad's tasks once for all their subscribers with one View.
func (r *Resolver) loadTasks(ctx context.Context, k live.StateKey) ([]*delivery.Task, error) {
	return r.DB.TasksToDo(ctx, k.Scope, k.Community, k.Squad)
}

// changesTasks reports whether the event may change the tasks of the key's squad.
func changesTasks(e *delivery.Event, k *live.StateKey) bool { return e.OfTasks(k.Squad) }
