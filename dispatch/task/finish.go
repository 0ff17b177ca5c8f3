package task

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// FinishTasks ends tasks, with a result per task. PROBLEM opens an incident on each.
func (v *Verbs) FinishTasks(ctx context.Context, a delivery.Actor, in FinishTasksInput) (*FinishTasksPayload, error) {
	community, bad := in.check()
	c := dispatch.Call{Actor: a, Mutation: "finishTasks", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *FinishTasksPayload) (bool, error) {
		switch {
		case bad != nil:
			return false, bad
		case !a.Scope().SeesCommunity(community):
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("ids")
		case !a.OfTeam():
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		rows, err := t.LockTasks(ctx, community, dispatch.UUIDs(in.Ids))
		if err != nil {
			return false, err
		}
		known := dispatch.ByUUID(rows)
		var ending []*delivery.Task
		refused := false
		for _, id := range in.Ids {
			refusal := delivery.Refuse(delivery.ReasonNoSuch, delivery.KindTask.String())
			if k := known[id.UUID]; k != nil {
				if refusal = k.CanEnd(a, in.State); refusal == nil {
					ending = append(ending, k)
				}
			}
			refused = out.add("ids", id, refusal) || refused
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "ids")
			return false, nil
		}
		if len(ending) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaRows, len(ending))
		t.Spend(delivery.QuotaText, len(in.Note)*len(ending))
		incidents, events, err := in.problems(ctx, t, a, ending, at)
		if err != nil {
			return false, err
		}
		for _, k := range ending {
			events = append(events, k.End(a, in.State, in.Note, incidents[k.UUID], at))
		}
		if err := t.SaveTasks(ctx, ending); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, events)
	})
}

// ReasonTaskGoesOn refuses to end a task with the state TODO.
var ReasonTaskGoesOn = delivery.NewReason("TASK_GOES_ON", delivery.CodeBadUserInput,
	"End a task as DONE, PROBLEM or CANCELLED.",
	"任务只能以“已办”“有问题”或“已撤销”结束。")

// check returns the community of the call, or the refusal of the whole call.
func (in *FinishTasksInput) check() (int32, *delivery.Error) {
	community, refusal := dispatch.CheckIDs(in.Ids, "ids", "", delivery.KindTask)
	switch {
	case refusal != nil:
		return 0, refusal
	case in.State == delivery.TaskToDo:
		return community, delivery.Refuse(ReasonTaskGoesOn).At("state")
	case in.State == delivery.TaskProblem && in.IncidentKind.RaisedByItself():
		return community, delivery.Refuse(delivery.ReasonRaisedByItself).At("incidentKind")
	}
	return community, dispatch.CheckNote(in.Note, nil)
}

// problems opens an incident on each task that ends as PROBLEM, and returns the incidents by task. If one of the kind is open on a task
// already, it is that one.
func (in *FinishTasksInput) problems(ctx context.Context, t *db.Tx, a delivery.Actor, tasks []*delivery.Task, at time.Time) (map[delivery.UUID]*delivery.UUID, []*delivery.Event, error) {
	if in.State != delivery.TaskProblem {
		return nil, nil, nil
	}
	ids := dispatch.UUIDs(dispatch.IDs(tasks, (*delivery.Task).ID))
	open, err := t.LockOpenIncidents(ctx, tasks[0].CommunityID, []delivery.IncidentKind{in.IncidentKind}, ids)
	if err != nil {
		return nil, nil, err
	}
	out := make(map[delivery.UUID]*delivery.UUID, len(tasks))
	for _, i := range open {
		out[*i.TaskUUID] = &i.UUID
	}
	var fresh []*delivery.Incident
	for _, k := range tasks {
		if out[k.UUID] != nil {
			continue
		}
		i := delivery.NewIncident(in.IncidentKind, k.ID(), k.IncidentKeys())
		i.UUID, i.Severity, i.Note = dispatch.NewUUID(), in.Severity, in.Note
		i.Level = delivery.LevelLead // a member of the squad was there and could not settle it
		fresh, out[k.UUID] = append(fresh, i), &i.UUID
	}
	events, err := dispatch.OpenIncidents(ctx, t, a, at, fresh)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range fresh {
		if i.Number == 0 {
			return nil, nil, dispatch.ErrOpenedMeanwhile
		}
	}
	return out, events, nil
}
