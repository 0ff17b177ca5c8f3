package dispatch_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/desk"
	"baogong/dispatch/task"
	"baogong/dispatch/team"
)

// tasks creates tasks, due in an hour unless they say when, and returns their ids, or fails the test.
func (e *house) tasks(a delivery.Actor, squad delivery.Squad, in ...*task.TaskInput) (ids []delivery.ID) {
	e.t.Helper()
	for _, n := range in {
		if n.DueAt.IsZero() {
			n.DueAt = e.time().Add(time.Hour)
		}
	}
	p := must(e.d.Task.CreateTasks(context.WithoutCancel(e.t.Context()), a, task.CreateTasksInput{CommunityID: e.community, Squad: squad, Tasks: in}))
	if len(p.UserErrors) > 0 {
		e.t.Fatal(p.UserErrors[0])
	}
	for _, r := range p.Results {
		if len(r.UserErrors) > 0 {
			e.t.Fatal(r.UserErrors[0])
		}
		ids = append(ids, *r.TaskID)
	}
	return ids
}

// finish ends tasks and returns the first refusal.
func (e *house) finish(a delivery.Actor, state delivery.TaskState, ids ...delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Task.FinishTasks(context.WithoutCancel(e.t.Context()), a, task.FinishTasksInput{Ids: ids, State: state, Note: "门锁着", IncidentKind: delivery.IncidentSafety, Severity: delivery.SeverityNormal}))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	for _, r := range p.Results {
		if len(r.UserErrors) > 0 {
			return r.UserErrors[0]
		}
	}
	return nil
}

// task is the row as it is.
func (e *house) task(id delivery.ID) *delivery.Task {
	e.t.Helper()
	return must(e.db.TasksByID(e.t.Context(), e.admin.Scope(), []delivery.ID{id}))[0]
}

func TestTasks(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	far := e.another()
	point := func(title string) *task.TaskInput {
		return &task.TaskInput{Kind: delivery.TaskPatrol, Title: title, Place: "东门"}
	}
	visit := func(home delivery.ID, who string) *task.TaskInput {
		n := &task.TaskInput{Kind: delivery.TaskVisit, Title: "看看老人", HouseholdID: &home}
		if who != "" {
			n.VolunteerID = new(e.team[who])
		}
		return n
	}
	patrol := e.tasks(e.commander, delivery.SquadPatrol, point("东门"), visit(e.homes[0], "P02"), point("西门"))
	supply := e.tasks(e.lead, delivery.SquadSupply, visit(e.homes[4], "S03"))

	t.Run("the squad sees its points, and visits as it sees the household", func(t *testing.T) {
		for who, want := range map[string]int{"C01": 4, "D01": 4, "P01": 2, "P02": 3, "S02": 1, "S03": 1, "E6-1-1103": 0, "caiban": 0} {
			rows := must(e.db.Tasks(t.Context(), e.actor(who).Scope(), e.community.Community, db.TaskFilter{}, db.Range{Limit: 10}))
			if len(rows.Items) != want {
				t.Errorf("%s: got %d tasks, want %d", who, len(rows.Items), want)
			}
		}
	})
	t.Run("refusals of creating", func(t *testing.T) {
		for want, c := range map[string]struct {
			by delivery.Actor
			in task.CreateTasksInput
		}{
			"NOT_YOURS at ":                           {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadPatrol, Tasks: []*task.TaskInput{point("x")}}},
			"NO_SUCH at communityId":                  {far.commander, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadPatrol, Tasks: []*task.TaskInput{point("x")}}},
			"EMPTY_LIST at tasks":                     {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply}},
			"BAD_VALUE at copyFrom":                   {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, CopyFrom: new("gestern")}},
			"BAD_VALUE at day":                        {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, CopyFrom: new("2020-02-18")}}, // today
			"MISSING at tasks.0.title":                {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{point(" ")}}},
			"TWO_COMMUNITIES at tasks.0.householdId":  {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{visit(far.homes[0], "")}}},
			"OF_ANOTHER_SQUAD at tasks.0.volunteerId": {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{visit(e.homes[0], "P02")}}},
			"NOT_AT_HOUSEHOLD at tasks.0.volunteerId": {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{visit(e.homes[0], "S03")}}},
			"OTHER_BUILDING at tasks.0.householdId":   {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{{Kind: delivery.TaskTell, Title: "x", HouseholdID: &e.homes[0], BuildingID: &e.buildings[1]}}}},
			"WRONG_KIND at tasks.0.buildingId":        {e.lead, task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{{Kind: delivery.TaskTell, Title: "x", BuildingID: &e.homes[0]}}}},
		} {
			for _, n := range c.in.Tasks {
				n.DueAt = e.time()
			}
			p := must(e.d.Task.CreateTasks(t.Context(), c.by, c.in))
			errs := p.UserErrors
			if len(errs) == 0 {
				errs = p.Results[0].UserErrors
			}
			if len(errs) != 1 || reasonAt(errs[0]) != want {
				t.Errorf("got %v, want %s", errs, want)
			}
		}
	})
	t.Run("who ends", func(t *testing.T) {
		for _, c := range []struct {
			who   string
			state delivery.TaskState
			id    delivery.ID
			want  string
		}{
			{"P01", delivery.TaskDone, patrol[1], "NO_SUCH at ids.0"},
			{"E6-1-1103", delivery.TaskDone, patrol[0], "NOT_YOURS at "},
			{"D01", delivery.TaskDone, patrol[0], "NOT_YOUR_SQUAD at ids.0"},
			{"S00", delivery.TaskDone, patrol[0], "NOT_YOUR_SQUAD at ids.0"}, // a lead of another squad
			{"P01", delivery.TaskCancelled, patrol[0], "CANCEL_BY_LEAD at ids.0"},
			{"P01", delivery.TaskToDo, patrol[0], "TASK_GOES_ON at state"},
			{"P01", delivery.TaskDone, patrol[0], ""},
			{"P01", delivery.TaskDone, patrol[0], "TASK_OVER at ids.0"},
			{"S00", delivery.TaskCancelled, supply[0], ""},
		} {
			got := ""
			if refused := e.finish(e.actor(c.who), c.state, c.id); refused != nil {
				got = reasonAt(refused)
			}
			if got != c.want {
				t.Errorf("%s %s: got %q, want %q", c.who, c.state, got, c.want)
			}
		}
		if k := e.task(patrol[0]); k.State != delivery.TaskDone || k.Note != "门锁着" || k.EndedBy().UUID != e.team["P01"].UUID || k.Version != 2 {
			t.Errorf("got %+v", k)
		}
	})
	t.Run("a problem opens an incident on the task, at its building", func(t *testing.T) {
		if refused := e.finish(e.taker, delivery.TaskProblem, patrol[1]); refused != nil {
			t.Fatal(refused)
		}
		i := e.incident(*e.task(patrol[1]).IncidentID())
		if i.Kind != delivery.IncidentSafety || i.SubjectID() != patrol[1] || i.Level != delivery.LevelLead || i.Note != "门锁着" ||
			i.Keys() != (delivery.Keys{Community: e.community.Community, Building: e.buildings[0].UUID}) {
			t.Errorf("got %+v", i)
		}
		if rows := must(e.db.IncidentsByID(t.Context(), e.resident.Scope(), []delivery.ID{i.ID()})); len(rows) != 0 {
			t.Error("the household sees the incident")
		}
	})
	t.Run("a problem that was reported before is the same", func(t *testing.T) {
		id, refused := e.trouble(e.commander, delivery.IncidentSafety, patrol[2])
		if refused != nil {
			t.Fatal(refused)
		}
		if refused := e.finish(e.patrol, delivery.TaskProblem, patrol[2]); refused != nil {
			t.Fatal(refused)
		}
		if k := e.task(patrol[2]); *k.IncidentID() != *id {
			t.Errorf("got %v, want %v", k.IncidentID(), *id)
		}
	})
}

func TestTasksAreCopiedFromADay(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	nine := time.Date(2020, 2, 18, 1, 0, 0, 0, time.UTC) // in Shanghai
	first := e.tasks(e.lead, delivery.SquadSupply,
		&task.TaskInput{Kind: delivery.TaskWatch, Title: "西门", Place: "西门", DueAt: nine, VolunteerID: new(e.team["S02"])},
		&task.TaskInput{Kind: delivery.TaskTell, Title: "通知", HouseholdID: &e.homes[7], DueAt: nine.Add(time.Hour)},
		&task.TaskInput{Kind: delivery.TaskTell, Title: "撤销的", DueAt: nine})
	e.tasks(e.commander, delivery.SquadPatrol, &task.TaskInput{Kind: delivery.TaskPatrol, Title: "别队的", DueAt: nine})
	if refused := e.finish(e.lead, delivery.TaskDone, first[0]); refused != nil {
		t.Fatal(refused)
	}
	if refused := e.finish(e.lead, delivery.TaskCancelled, first[2]); refused != nil {
		t.Fatal(refused)
	}
	in := task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, CopyFrom: new("2020-02-18"), Day: new("2020-02-20")}
	copied := func() []*task.TaskResult {
		p := must(e.d.Task.CreateTasks(t.Context(), e.lead, in))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
		return p.Results
	}
	results := copied()
	if len(results) != 2 {
		t.Fatalf("got %d tasks, want the two that were not cancelled", len(results))
	}
	if k := e.task(*results[0].TaskID); !k.DueAt.Equal(nine.Add(48*time.Hour)) || k.State != delivery.TaskToDo || k.Title != "西门" || k.VolunteerUUID == nil || k.Note != "" {
		t.Errorf("got %+v", k)
	}
	if again := copied(); len(again) != 0 {
		t.Errorf("got %d tasks the second time, want none", len(again))
	}
	// The household moves out, and the member goes to another squad.
	saved(t, e.archive(e.commander, e.homes[7], true))
	e.volunteer(&team.VolunteerPatchInput{ID: e.team["S02"], Squad: new(delivery.SquadPatrol)})
	in.Day = new("2020-02-21")
	if results = copied(); len(results) != 1 || e.task(*results[0].TaskID).VolunteerUUID != nil {
		t.Errorf("got %+v, want the watch alone, for any of the squad", results)
	}
}

// An enquiry causes one task, however often it is asked for.
func TestAnEnquiryCausesOneTask(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	enquiry := e.enquiry(e.commander, desk.LogEnquiryInput{}).UUID
	for range 2 {
		if err := e.db.InTx(t.Context(), func(tx *db.Tx) error {
			events, err := dispatch.CreateTasks(t.Context(), tx, delivery.System(e.community.Community), e.time(), []*delivery.Task{{CommunityID: e.community.Community, Squad: delivery.SquadPersuasion,
				Kind: delivery.TaskVisit, Title: "上门看看", BuildingUUID: &e.buildings[0].UUID, HouseholdUUID: &e.homes[0].UUID, EnquiryUUID: &enquiry, DueAt: e.time()}})
			if err != nil {
				return err
			}
			return tx.Append(t.Context(), e.community.Community, events)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if got := e.column(`select squad from tasks`); !slices.Equal(got, []string{"PERSUASION"}) {
		t.Errorf("got %v, want one", got)
	}
}

// Members end the same tasks at once: each ends once, with one incident, and the others are refused.
func TestTasksEndOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var points []*task.TaskInput
	for range 20 {
		points = append(points, &task.TaskInput{Kind: delivery.TaskPatrol, Title: "巡查点"})
	}
	ids := e.tasks(e.commander, delivery.SquadPatrol, points...)
	var mu sync.Mutex
	ended := map[delivery.ID]int{}
	var g errgroup.Group
	for k := range 6 {
		g.Go(func() error {
			order := slices.Clone(ids)
			if k%2 == 1 {
				slices.Reverse(order)
			}
			for chunk := range slices.Chunk(order, 1+k) {
				p, err := e.d.Task.FinishTasks(t.Context(), e.patrol, task.FinishTasksInput{Ids: chunk, State: delivery.TaskProblem, IncidentKind: delivery.IncidentOther, Severity: delivery.SeverityNormal})
				if err != nil {
					return err
				}
				mu.Lock()
				for i, r := range p.Results {
					if r.TaskID != nil {
						ended[chunk[i]]++
					}
				}
				mu.Unlock()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if ended[id] != 1 {
			t.Errorf("got %d ends of a task, want 1", ended[id])
		}
	}
	if got := e.column(`select count(*) from incidents`); got[0] != "20" {
		t.Errorf("got %s incidents, want 20", got[0])
	}
	e.checkRounds()
}

// A retry returns the first outcome, and its tasks are created once.
func TestCreateTasksOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	in := task.CreateTasksInput{ClientMutationID: new("tonight"), CommunityID: e.community, Squad: delivery.SquadSupply, Tasks: []*task.TaskInput{{Kind: delivery.TaskTell, Title: "通知", DueAt: e.time()}}}
	first := must(e.d.Task.CreateTasks(t.Context(), e.lead, in))
	again := must(e.d.Task.CreateTasks(t.Context(), e.lead, in))
	if *first.Results[0].TaskID != *again.Results[0].TaskID {
		t.Errorf("got %v, want %v", again.Results[0].TaskID, first.Results[0].TaskID)
	}
	in.ClientMutationID, in.Atomic = nil, true
	in.Tasks = append(in.Tasks, &task.TaskInput{Kind: delivery.TaskTell, DueAt: e.time()})
	if p := must(e.d.Task.CreateTasks(t.Context(), e.lead, in)); reasonAt(p.Results[0].UserErrors[0]) != "ATOMIC at tasks.0" || reasonAt(p.Results[1].UserErrors[0]) != "MISSING at tasks.1.title" {
		t.Errorf("got %+v", p)
	}
	if got := e.column(`select count(*) from tasks`); got[0] != "1" {
		t.Errorf("got %s tasks, want 1", got[0])
	}
}

// Two leads copy a day at the same moment: each task is created once.
func TestTwoCopyTasksAtOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	nine := time.Date(2020, 2, 18, 1, 0, 0, 0, time.UTC) // in Shanghai
	e.tasks(e.lead, delivery.SquadSupply, &task.TaskInput{Kind: delivery.TaskWatch, Title: "西门", DueAt: nine}, &task.TaskInput{Kind: delivery.TaskTell, Title: "通知", HouseholdID: &e.homes[7], DueAt: nine})
	const days = 8
	for day := range days {
		in := task.CreateTasksInput{CommunityID: e.community, Squad: delivery.SquadSupply, CopyFrom: new("2020-02-18"), Day: new(nine.AddDate(0, 0, 1+day).Format(time.DateOnly))}
		made := make([]int, 3)
		var all []func()
		for i, a := range []delivery.Actor{e.lead, e.commander, e.admin} {
			all = append(all, func() { made[i] = len(must(e.d.Task.CreateTasks(t.Context(), a, in)).Results) })
		}
		atOnce(all...)
		if slices.Sort(made); !slices.Equal(made, []int{0, 0, 2}) {
			t.Errorf("%s: got %v tasks, want them from one call", *in.Day, made)
		}
	}
	e.expectAll("the tasks", e.column("select cast(count(*) as text) from tasks"), strconv.Itoa(2+2*days))
}
