package demo

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/task"
)

// planTasks puts the tasks of the squads on the agenda: the leads hand them out in the morning, and the squads work them off. One
// is a problem.
func (e *Simulation) planTasks(plan onceAt, soon onceBy, day time.Time) {
	for _, squad := range []delivery.Squad{delivery.SquadPatrol, delivery.SquadPersuasion} {
		soon(day.Add(7*time.Hour+40*time.Minute), day.Add(19*time.Hour), func(ctx context.Context) error { return e.handOut(ctx, squad, day) })
		for _, at := range []time.Duration{9 * time.Hour, 9*time.Hour + 20*time.Minute, 16 * time.Hour, 17 * time.Hour, 18 * time.Hour} {
			plan(day.Add(at), func(ctx context.Context) error { return e.finishOne(ctx, squad, day, at == 9*time.Hour+20*time.Minute) })
		}
	}
}

// handOut creates the tasks of a squad for a day. A retry changes nothing.
func (e *Simulation) handOut(ctx context.Context, squad delivery.Squad, day time.Time) error {
	due := day.Add(19 * time.Hour)
	in := task.CreateTasksInput{ClientMutationID: new("tasks " + string(squad) + " " + day.Format(time.DateOnly)), CommunityID: e.community, Squad: squad}
	if squad == delivery.SquadPatrol {
		for _, place := range []string{"东门围挡", "地下车库入口", "北区花园", "配电房"} {
			in.Tasks = append(in.Tasks, &task.TaskInput{Kind: delivery.TaskPatrol, Title: "巡查 " + place, Place: place, DueAt: due})
		}
	} else {
		for _, h := range e.alone(3) {
			in.Tasks = append(in.Tasks, &task.TaskInput{Kind: delivery.TaskVisit, Title: "看望独居老人", HouseholdID: new(h.ID()), DueAt: due})
		}
		if len(e.buildings) > 0 {
			in.Tasks = append(in.Tasks, &task.TaskInput{Kind: delivery.TaskTell, Title: "张贴停水通知", BuildingID: &e.buildings[0], DueAt: due})
		}
	}
	p, err := e.Verbs.Task.CreateTasks(ctx, e.lead(squad), in)
	if err != nil {
		return err
	}
	for _, r := range p.Results {
		e.count(false, len(r.UserErrors) > 0)
	}
	return nil
}

// alone returns some households of people who live alone.
func (e *Simulation) alone(n int) (out []*delivery.Household) {
	for _, h := range e.households {
		if len(out) < n && slices.Contains(h.Needs, delivery.NeedElderlyAlone) {
			out = append(out, h)
		}
	}
	return out
}

// finishOne ends the first task of a squad's list, with a problem if it is one.
func (e *Simulation) finishOne(ctx context.Context, squad delivery.Squad, day time.Time, problem bool) error {
	open, err := e.DB.Tasks(ctx, e.commander.Scope(), e.community.Community, db.TaskFilter{Squad: squad, States: []delivery.TaskState{delivery.TaskToDo}, From: day, Until: day.Add(24 * time.Hour)}, db.Range{Limit: 1})
	if err != nil || len(open.Items) == 0 {
		return err
	}
	in := task.FinishTasksInput{Ids: []delivery.ID{open.Items[0].ID()}, State: delivery.TaskDone, Note: "正常"}
	if problem {
		in.State, in.Note, in.IncidentKind, in.Severity = delivery.TaskProblem, "锁坏了，需要维修", delivery.IncidentSafety, delivery.SeverityNormal
	}
	p, err := e.Verbs.Task.FinishTasks(ctx, e.lead(squad), in)
	if err != nil {
		return err
	}
	e.troubled = e.troubled || problem
	for _, r := range p.Results {
		e.count(false, len(r.UserErrors) > 0)
	}
	return nil
}
