package live_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"baogong/delivery"
	"baogong/e2e/house"
)

// Who is on duty on the day. The volunteers of the last building fall ill, and the lead gives it to the spare one. The patrol walks yesterday's points.

const daySpare = "S09" // serves no building in the morning

// plan plans the day's shift of the supply squad, and yesterday's points of the patrol.
func (d *day) plan() {
	e := d.e
	d.illBuilding = d.buildings[len(d.buildings)-1]
	var members []string
	for name, building := range d.serves {
		members = append(members, e.Team[name])
		if building == d.illBuilding {
			d.ill = append(d.ill, name)
		}
	}
	members = append(members, e.Team[daySpare])
	e.Shift("SUPPLY", delivery.MaxShift, members...)
	var points []obj
	for i := range d.size.points {
		points = append(points, obj{"kind": "PATROL", "title": fmt.Sprint("巡查点 ", i), "place": "东门", "dueAt": house.Opened.Add(time.Duration(i-24*60) * time.Minute)})
	}
	var got struct {
		CreateTasks struct {
			Results []struct {
				Task *struct{ ID string }
			}
		}
	}
	e.Must("admin", `mutation ($c: ID!, $in: [TaskInput!]!) { createTasks(input: { communityId: $c, squad: PATROL, tasks: $in }) { results { task { id } } } }`, obj{"c": e.Community, "in": points}, &got)
	if len(got.CreateTasks.Results) != d.size.points || got.CreateTasks.Results[0].Task == nil {
		d.t.Fatalf("yesterday's points: got %+v", got)
	}
}

// comes checks the volunteer in, unless they are ill.
func (c *dayClient) comes() {
	if !slices.Contains(c.d.ill, c.name) {
		if a := c.call("checkIn", "results { state "+dayRefusal+" }", obj{}); !a.ok() {
			c.d.t.Errorf("%s: checks in: %+v", c.name, a)
		}
	}
}

// spare is a volunteer without a building, until the lead gives it the one whose volunteers are ill.
func (d *day) spare(name string) {
	c := d.newDayClient(name, stateStream("myRound", dayRound), stateStream("alerts", dayAlert))
	var once sync.Once
	d.act(c, func() {
		once.Do(c.comes)
		switch {
		case !d.covered.Load():
		case c.some(2):
			c.accept(d.e.Buildings[d.illBuilding])
		default:
			c.climb()
		}
	})
}

// cover marks the ill volunteers as absent, and gives their building to the spare one, as it is suggested. It reports whether that is done.
func (c *dayClient) cover() bool {
	d := c.d
	if d.covered.Load() {
		return true
	}
	if len(d.lines("select state from shift_members where state = 'ABSENT'")) < len(d.ill) {
		c.call("checkIn", "results { state "+dayRefusal+" }", obj{"volunteerIds": house.Each(d.ill, func(name string) string { return d.e.Team[name] }), "absent": true})
		return false
	}
	var got struct {
		SuggestAssignments []struct {
			VolunteerID     string
			ExpectedVersion int
			Services        []obj
			Why             string
		}
	}
	c.query(`query ($c: ID!) { suggestAssignments(communityId: $c) { volunteerId expectedVersion services { buildingId duty } why } }`, nil, &got)
	for _, s := range got.SuggestAssignments {
		if s.VolunteerID != d.e.Team[daySpare] || !slices.ContainsFunc(s.Services, func(o obj) bool { return o["buildingId"] == d.e.Buildings[d.illBuilding] }) {
			continue
		}
		a := c.call("updateVolunteers", "results { volunteer { id } "+dayRefusal+" }", obj{"volunteers": []obj{{"id": s.VolunteerID, "expectedVersion": s.ExpectedVersion, "services": s.Services}}})
		if a.ok() {
			d.covered.Store(true)
		}
	}
	return d.covered.Load()
}

const dayTasks = `{ number kind title state }`

// patrol walks the points that the lead has copied from yesterday.
func (d *day) patrol(name string) {
	tasks := &dayStream{field: "tasks", query: "subscription ($c: ID!) { it: tasks(communityId: $c, squad: PATROL) " + dayTasks[:1] + " id " + dayTasks[1:] + " }", vars: obj{}}
	c := d.newDayClient(name, tasks, eventStream("events"))
	walk := func() bool {
		var open []struct{ ID string }
		if !c.state(0, &open) || len(open) == 0 {
			return false
		}
		in := obj{"ids": []string{open[c.rng.IntN(len(open))].ID}, "state": "DONE"}
		if c.some(4) {
			in["state"], in["incidentKind"], in["note"] = "PROBLEM", "SAFETY", "门锁着"
		}
		c.call("finishTasks", "results { task { id } "+dayRefusal+" }", in)
		return true
	}
	d.act(c, func() { walk() })
	d.evenings = append(d.evenings, func() {
		for late := time.Now().Add(house.Timeout); len(d.lines("select state from tasks where squad = 'PATROL' and state = 'TODO' and due_at >= '"+house.Opened.Format(time.RFC3339)+"'")) > 0; time.Sleep(5 * time.Millisecond) {
			if walk(); time.Now().After(late) {
				d.t.Errorf("%s: points that are not walked", name)
				return
			}
		}
	})
}

// copies creates today's points from yesterday's. Several leads do so at once.
func (c *dayClient) copies() {
	c.call("createTasks", "results { task { id } "+dayRefusal+" }", obj{"communityId": c.d.e.Community, "squad": "PATROL", "copyFrom": "2020-02-17"})
}

// checkShifts compares who is on duty, who holds the orders and what the patrol did, as the API answers, with the tables.
func (d *day) checkShifts() {
	d.t.Helper()
	var got struct {
		Board  struct{ WithoutHolder, Open int }
		Shifts []struct {
			Members []struct {
				State     string
				Volunteer struct {
					Code      string
					Reachable bool
				}
			}
		}
		Orders struct{ TotalCount int }
		Tasks  struct {
			Nodes []struct {
				State, Title string
				Incident     *struct{ ID string }
			}
		}
		Held struct {
			Nodes []struct{ Holder *struct{ Reachable *bool } }
		}
	}
	d.read("C01", `query ($c: ID!) {
		board(communityId: $c) { withoutHolder open }
		shifts(communityId: $c) { members { state volunteer { code reachable } } }
		orders(communityId: $c, filter: { open: true, withoutHolder: true }) { totalCount }
		held: orders(communityId: $c, filter: { open: true }, first: 200) { nodes { holder { ... on Volunteer { reachable } } } }
		tasks(communityId: $c, squad: PATROL, day: "2020-02-18", first: 100) { nodes { state title incident { id } } } }`, &got)
	var text, tasks []string
	for _, m := range got.Shifts[0].Members {
		text = append(text, fmt.Sprintf("%s %s %t", m.Volunteer.Code, m.State, m.Volunteer.Reachable))
		if ill := slices.Contains(d.ill, m.Volunteer.Code); ill != (m.State == "ABSENT") || ill == m.Volunteer.Reachable {
			d.t.Errorf("%s is %s, reachable %t", m.Volunteer.Code, m.State, m.Volunteer.Reachable)
		}
	}
	d.same("who is on duty", text, `select format('%s %s %s', v.code, m.state, case when v.reachable then 'true' else 'false' end) from shift_members m join volunteers v on v.id = m.volunteer_id`)
	for _, o := range got.Held.Nodes {
		if o.Holder == nil || o.Holder.Reachable != nil && !*o.Holder.Reachable {
			d.t.Error("an open order is held by no one who can be reached")
		}
	}
	d.same("the open orders", []string{fmt.Sprintf("%d, %d, %d without a holder who can be reached", got.Board.Open, got.Orders.TotalCount, got.Board.WithoutHolder)}, `
		select format('%s, %s, 0 without a holder who can be reached', count(*),
		       count(*) filter (where holder_supplier_id is null and not exists (select from volunteers v where v.id = o.holder_volunteer_id and v.reachable)))
		  from orders o where stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')`)
	for _, k := range got.Tasks.Nodes {
		tasks = append(tasks, fmt.Sprintf("%s %s %t", k.Title, k.State, k.Incident != nil))
		if k.State != "DONE" && k.State != "PROBLEM" {
			d.t.Errorf("%s is %s", k.Title, k.State)
		}
	}
	if len(tasks) != d.size.points {
		d.t.Errorf("got %d points, want yesterday's %d once", len(tasks), d.size.points)
	}
	d.same("the points of the patrol", tasks, `select format('%s %s %s', title, state, case when incident_id is null then 'false' else 'true' end) from tasks where squad = 'PATROL' and due_at >= '2020-02-18'`)
	if open := d.lines("select kind from incidents where kind in ('UNCOVERED', 'NO_SHOW') and state <> 'RESOLVED'"); len(open) > 0 {
		d.t.Errorf("open incidents %v at the end", open)
	}
}
