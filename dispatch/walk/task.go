package walk

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch/task"
)

func (w *Walker) createTasks() *Act {
	in := &task.CreateTasksInput{CommunityID: w.community, Squad: choose(w, delivery.SquadSupply, delivery.SquadPatrol), Atomic: w.some(4)}
	for range 1 + w.rng.IntN(2) {
		n := &task.TaskInput{Kind: choose(w, delivery.TaskKinds...), Title: "巡查点", DueAt: w.Now().Add(time.Duration(w.rng.IntN(24)) * time.Hour)}
		if w.some(2) {
			n.HouseholdID = new(choose(w, w.homes...))
		}
		in.Tasks = append(in.Tasks, n)
	}
	if w.some(3) {
		in.CopyFrom = new(w.Now().Format(time.DateOnly))
		in.Day = new(w.Now().AddDate(0, 0, 1).Format(time.DateOnly))
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: in}
}

func (w *Walker) finishTasks() *Act {
	ids := w.ids(2, delivery.KindTask, "tasks where state = 'TODO' order by number")
	if len(ids) == 0 {
		return nil
	}
	return &Act{By: w.by(choose(w, w.takers...), choose(w, w.leads...), w.commander), Input: &task.FinishTasksInput{Ids: ids, State: choose(w, delivery.TaskStates...),
		IncidentKind: choose(w, delivery.IncidentKinds...), Severity: choose(w, delivery.Severities...), Atomic: w.some(4)}}
}
