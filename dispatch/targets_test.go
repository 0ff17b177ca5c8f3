package dispatch_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/incident"
	"baogong/dispatch/order"
	"baogong/dispatch/transport"
	"baogong/internal/volume"
)

// targetsTo sets the minutes of a stage.
func targetsTo(community delivery.ID, stage delivery.Stage, minutes int) incident.SetTargetsInput {
	return incident.SetTargetsInput{CommunityID: community, Targets: []*incident.TargetInput{{Stage: &stage, Minutes: &minutes}}}
}

// setTargets sets targets, or fails the test.
func (e *house) setTargets(targets ...*incident.TargetInput) {
	e.t.Helper()
	p := must(e.d.Incident.SetTargets(e.t.Context(), e.commander, incident.SetTargetsInput{CommunityID: e.community, Targets: targets, Atomic: true}))
	if len(p.UserErrors) > 0 || slices.ContainsFunc(p.Results, func(r *incident.TargetResult) bool { return !r.Set }) {
		e.t.Fatalf("set targets: got %+v", p)
	}
}

// lates are the incidents LATE of an order, newest first, as STATE LEVEL RESOLUTION.
func (e *house) lates(id delivery.ID) []string {
	e.t.Helper()
	return e.column(`select trim(state || ' ' || level || ' ' || coalesce(resolution, '')) from incidents where kind = 'LATE' and coalesce(order_id, run_id) = $1 order by number desc`, id.UUID)
}

// due is in how many minutes the order is due, "" if it has no target.
func (e *house) due(id delivery.ID) string {
	e.t.Helper()
	at := e.row(id).TargetAt
	if at == nil {
		return ""
	}
	return strconv.Itoa(int(at.Sub(e.time()).Minutes()))
}

func TestMovesWriteTargets(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.place(e.homes[0])
	for _, step := range []struct {
		to   delivery.Stage
		want string
	}{{"DISPATCHED", ""}, {"AT_GATE", "30"}, {"SORTED", "20"}, {"AT_BUILDING", "40"}, {"OUT_FOR_DELIVERY", "30"}, {"DELIVERED", ""}} {
		e.move(e.commander, id, step.to)
		if got := e.due(id); got != step.want {
			t.Errorf("at %s: due in %q minutes, want %q", step.to, got, step.want)
		}
		e.pass(time.Minute)
	}
	if refused := e.undo(e.commander, id); refused != nil {
		t.Fatal(refused)
	}
	if got := e.due(id); got != "28" {
		t.Errorf("back on the stairs: due in %q minutes, want 28", got)
	}
	// A single move is judged by what was read before; a change of the targets meanwhile must not be missed.
	sorted := delivery.Sorted
	e.setTargets(&incident.TargetInput{Stage: &sorted, Minutes: new(7)})
	other := e.at(delivery.Sorted, delivery.ChannelApp)
	if got := e.due(other); got != "7" {
		t.Errorf("got %q minutes, want those that were set", got)
	}
	e.setTargets(&incident.TargetInput{Stage: &sorted, None: true}, &incident.TargetInput{Mark: new(delivery.MarkCold), TimeOfDay: new("09:30")})
	if got := e.due(e.at(delivery.Sorted, delivery.ChannelApp)); got != "" {
		t.Errorf("got %q minutes, want no target", got)
	}
	e.checkRounds()
	e.checkNeverLost()
}

func TestSetTargets(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	in := incident.SetTargetsInput{ClientMutationID: new("targets"), CommunityID: e.community, Targets: []*incident.TargetInput{
		{Stage: new(delivery.AtGate), Minutes: new(15)}, {Stage: new(delivery.Placed), Minutes: new(15)}, {Minutes: new(15)}, {Mark: new(delivery.MarkCold)},
		{Mark: new(delivery.MarkCold), Minutes: new(5), None: true}, {Mark: new(delivery.MarkCold), Minutes: new(0)}, {Mark: new(delivery.MarkCold), TimeOfDay: new("25:00")},
		{Mark: new(delivery.MarkCold), TimeOfDay: new("11:00")}, {Stage: new(delivery.AtGate), None: true}}}
	reasons := func(p *incident.SetTargetsPayload) (out []string) {
		for _, r := range p.Results {
			out = append(out, "")
			if len(r.UserErrors) > 0 {
				out[len(out)-1] = r.UserErrors[0].Reason.String() + " " + strings.Join(r.UserErrors[0].Field[2:], ".")
			} else if !r.Set {
				t.Errorf("got %+v, neither set nor refused", r)
			}
		}
		return out
	}
	n := len(e.feed())
	p := must(e.d.Incident.SetTargets(t.Context(), e.commander, in))
	want := []string{"", "TARGET_OF_WHAT stage", "TARGET_OF_WHAT ", "TARGET_FIGURE ", "TARGET_FIGURE ", "TARGET_FIGURE minutes", "BAD_CLOCK_TIME timeOfDay", "REPEATED ", "REPEATED "}
	if got := reasons(p); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := e.since(n); !slices.Equal(got, []delivery.EventKind{delivery.TargetsSet}) {
		t.Errorf("got %v, want one event", got)
	}
	if again := must(e.d.Incident.SetTargets(t.Context(), e.commander, in)); !slices.Equal(reasons(again), want) || len(e.since(n)) != 1 {
		t.Errorf("a retry: got %q", reasons(again))
	}
	same := targetsTo(e.community, delivery.AtGate, 15)
	if p := must(e.d.Incident.SetTargets(t.Context(), e.admin, same)); !p.Results[0].Set || len(e.since(n)) != 1 {
		t.Errorf("the same again: got %+v and %v", p.Results[0], e.since(n))
	}
	atomic := targetsTo(e.community, delivery.AtGate, 10)
	atomic.Atomic, atomic.Targets = true, append(atomic.Targets, &incident.TargetInput{})
	if got := reasons(must(e.d.Incident.SetTargets(t.Context(), e.commander, atomic))); !slices.Equal(got, []string{"ATOMIC ", "TARGET_OF_WHAT "}) {
		t.Errorf("atomic: got %q", got)
	}
	for name, c := range map[string]struct {
		actor delivery.Actor
		in    incident.SetTargetsInput
		want  string
	}{
		"a lead":            {e.lead, same, "NOT_YOURS"},
		"a volunteer":       {e.supply, same, "NOT_YOURS"},
		"a supplier":        {e.shop, same, "NOT_YOURS"},
		"a resident":        {e.resident, same, "NOT_YOURS"},
		"another community": {e.commander, targetsTo(delivery.ID{Kind: delivery.KindCommunity, Community: 999}, delivery.AtGate, 1), "NO_SUCH"},
		"another kind":      {e.commander, targetsTo(e.homes[0], delivery.AtGate, 1), "WRONG_KIND"},
		"nothing":           {e.commander, incident.SetTargetsInput{CommunityID: e.community}, "EMPTY_LIST"},
	} {
		p := must(e.d.Incident.SetTargets(t.Context(), c.actor, c.in))
		if len(p.UserErrors) != 1 || p.UserErrors[0].Reason.String() != c.want {
			t.Errorf("%s: got %v, want %s", name, p.UserErrors, c.want)
		}
	}
	if got := e.column(`select stage || mark || minutes || '@' || version from targets order by stage desc`); !slices.Equal(got, []string{"AT_GATE15@1"}) {
		t.Errorf("got %q", got)
	}
}

func TestLateOrders(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	late := func(id delivery.ID, want ...string) {
		t.Helper()
		e.tick()
		if got := e.lates(id); !slices.Equal(got, want) {
			t.Errorf("got the incidents %q, want %q", got, want)
		}
		e.checkRuns()
	}
	ids := []delivery.ID{e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp)}
	medicine := e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelApp, Marks: []delivery.Mark{delivery.MarkMedicine}})
	e.move(e.commander, medicine, delivery.AtGate)
	e.pass(20*time.Minute - time.Second)
	late(ids[0])
	e.pass(10 * time.Second)
	n := len(e.feed())
	late(ids[0], "OPEN 1")
	if got := e.since(n); !slices.Equal(got, []delivery.EventKind{delivery.OrderLate, delivery.OrderLate, delivery.IncidentOpened, delivery.IncidentOpened}) {
		t.Errorf("got %v", got)
	}
	if o := e.row(ids[0]); o.LateLevel != delivery.LevelVolunteer || o.MovedBy().Role != delivery.RoleCommander {
		t.Errorf("got %+v", o.OrderSnapshot)
	}
	n = len(e.feed())
	e.pass(10 * time.Second)
	e.tick()
	if got := e.since(n); len(got) != 0 {
		t.Errorf("again: got %v", got)
	}
	e.pass(10 * time.Minute)
	late(medicine, "OPEN 2")
	e.pass(20 * time.Minute)
	n = len(e.feed())
	late(ids[0], "OPEN 2")
	if got := e.since(n); !slices.Equal(got, []delivery.EventKind{delivery.IncidentRisen, delivery.OrderLate, delivery.IncidentRisen, delivery.OrderLate}) {
		t.Errorf("got %v", got)
	}
	_ = must(e.d.Incident.TakeIncidents(t.Context(), e.lead, incident.TakeIncidentsInput{Ids: e.incidentIDs(ids[0])}))
	if refused := e.resolve(e.commander, e.incidentIDs(ids[0])[0]); refused == nil || refused.Reason != delivery.ReasonClosesItself {
		t.Errorf("by hand: got %v, want CLOSES_ITSELF", refused)
	}
	// A single move, and a bulk move.
	n = len(e.feed())
	e.move(e.transport, ids[0], delivery.AtBuilding)
	if got := e.since(n); !slices.Equal(got, []delivery.EventKind{delivery.OrderMoved, delivery.IncidentWasResolved}) {
		t.Errorf("got %v", got)
	}
	late(ids[0], "RESOLVED 2 MOVED_ON")
	if by := e.column(`select resolved_by_role || ' ' || resolved_by_id from incidents where order_id = $1`, ids[0].UUID); !slices.Equal(by, []string{"VOLUNTEER " + string(e.transport.UUID)}) {
		t.Errorf("resolved by %q, want the mover", by)
	}
	must(e.d.Order.AdvanceOrders(t.Context(), e.commander, order.AdvanceOrdersInput{Orders: []*order.OrderMoveInput{{OrderID: ids[1]}, {OrderID: ids[0]}}, To: delivery.AtBuilding}))
	late(ids[1], "RESOLVED 2 MOVED_ON")
	// An undo brings the target back, which is long past.
	if refused := e.undo(e.commander, ids[1]); refused != nil {
		t.Fatal(refused)
	}
	e.pass(10 * time.Second)
	late(ids[1], "OPEN 1", "RESOLVED 2 MOVED_ON")
	e.move(e.commander, ids[1], delivery.Returned)
	late(ids[1], "RESOLVED 1 MOVED_ON", "RESOLVED 2 MOVED_ON")
	e.checkNeverLost()
}

// incidentIDs are the incidents about an order, newest first.
func (e *house) incidentIDs(order delivery.ID) (out []delivery.ID) {
	for _, id := range e.column(`select id from incidents where order_id = $1 order by number desc`, order.UUID) {
		out = append(out, delivery.ID{Kind: delivery.KindIncident, Community: e.community.Community, UUID: delivery.UUID(id)})
	}
	return out
}

func TestHeldOrdersAreNotLate(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id, late := e.at(delivery.AtGate, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp)
	e.pass(25 * time.Minute)
	e.tick()
	until := e.time().Add(2 * time.Hour)
	e.hold(&until, e.buildings[0])
	own := e.hold(nil, id)
	e.pass(time.Hour)
	e.tick()
	if got := e.lates(id); len(got) != 0 {
		t.Errorf("got %q while it is held", got)
	}
	if got := e.lates(late); !slices.Equal(got, []string{"OPEN 3"}) {
		t.Errorf("got %q, want it late all the while", got)
	}
	e.pass(time.Hour)
	e.tick() // the hold of the building ends
	e.pass(30 * time.Minute)
	e.release(own...)
	if got := e.due(id); got != "5" {
		t.Errorf("due in %s minutes, want the 5 that were left", got)
	}
	e.pass(5 * time.Minute)
	e.tick()
	if got := e.lates(id); !slices.Equal(got, []string{"OPEN 1"}) {
		t.Errorf("got %q", got)
	}
	e.checkRuns()
	e.checkNeverLost()
}

// The previous release writes no targets: what it writes ends them, and the incident of a late order.
func TestThePreviousReleaseEndsTargets(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := []delivery.ID{e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp)}
	e.hold(nil, ids[2])
	e.pass(time.Hour)
	e.tick()
	for i, statement := range []string{
		`update orders set stage = 'AT_BUILDING', stage_since = $2, moved_at = $2, version = version + 1 where id = $1`,
		`update orders set open_holds = open_holds + 1, moved_at = moved_at + (cast($2 as timestamptz) - cast($2 as timestamptz)), version = version + 1 where id = $1`,
		`update orders set open_holds = open_holds - 1, moved_at = moved_at + (cast($2 as timestamptz) - cast($2 as timestamptz)), version = version + 1 where id = $1`,
	} {
		if _, err := e.direct.ExecContext(t.Context(), statement, ids[i].UUID, e.time()); err != nil {
			t.Fatal(err)
		}
		o := e.row(ids[i])
		if o.TargetAt != nil || o.Late() || o.HeldSince != nil {
			t.Errorf("got %+v, want no target", o.OrderSnapshot)
		}
		if got, want := e.lates(ids[i]), [][]string{{"RESOLVED 1 MOVED_ON"}, {"RESOLVED 1 MOVED_ON"}, nil}[i]; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, name := range []string{"late_has_incident", "incident_as_its_events_say"} {
		if row, broken := must(e.db.UnscopedBroken(t.Context()))[name]; broken {
			t.Errorf("%s: broken by %s", name, row)
		}
	}
	e.move(e.commander, ids[0], delivery.OutForDelivery)
	if got := e.due(ids[0]); got != "30" {
		t.Errorf("due in %q minutes, want 30 by the next move", got)
	}
}

// Many orders become late at once in several transactions, while others move some of them.
func TestManyOrdersAreLateAtOnce(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := newEstate(t)
	var ids []delivery.ID
	for i := range 230 {
		ids = append(ids, e.place(e.homes[i%8]))
	}
	must(e.d.Order.AdvanceOrders(t.Context(), e.commander, advanceAll(ids, delivery.AtGate)))
	e.pass(time.Hour)
	for round := range 4 {
		some := ids[round*20 : round*20+20]
		atOnce(e.tick, func() {
			for _, id := range some[:5] {
				e.move(e.duty, id, delivery.Sorted)
			}
		}, func() { must(e.d.Order.AdvanceOrders(t.Context(), e.commander, advanceAll(some[5:], delivery.Sorted))) })
		e.pass(time.Second)
	}
	e.pass(10 * time.Second)
	e.tick()
	if got := e.column(`select count(*) || ' ' || count(*) filter (where late_level > 0) from orders where stage = 'AT_GATE'`); !slices.Equal(got, []string{"150 150"}) {
		t.Errorf("got %q orders at the gate, and late", got)
	}
	e.checkRuns()
	e.checkNeverLost()
}

func TestDropsThatNoOneCounts(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	drop := func(run delivery.ID, building, bags int) {
		t.Helper()
		p := must(e.d.Transport.DropAtBuilding(t.Context(), e.transport, transport.DropAtBuildingInput{RunID: run, BuildingID: e.buildings[building], Bags: bags}))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
	}
	accept := func(run delivery.ID, building, bags int) {
		t.Helper()
		p := must(e.d.Transport.AcceptDrop(t.Context(), e.supply, transport.AcceptDropInput{RunID: run, BuildingID: e.buildings[building], Bags: bags}))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
	}
	here := []delivery.ID{e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp)}
	there := e.place(e.homes[4])
	e.move(e.commander, there, delivery.AtGate)
	e.move(e.commander, there, delivery.Sorted)
	run := e.start(e.transport, 10)
	e.load(e.transport, run, here[0], there)
	drop(run, 0, 1)
	drop(run, 1, 1)
	e.pass(delivery.DropAcceptedWithin - time.Second)
	e.tick()
	if got := e.lates(run); len(got) != 0 {
		t.Fatalf("too early: got %q", got)
	}
	e.pass(10 * time.Second)
	e.tick()
	if got := e.lates(run); !slices.Equal(got, []string{"OPEN 2"}) {
		t.Fatalf("got %q, want it at the lead", got)
	}
	accept(run, 0, 1)
	if got := e.lates(run); !slices.Equal(got, []string{"OPEN 2"}) {
		t.Errorf("got %q, want it open until both have counted", got)
	}
	accept(run, 1, 1)
	if got := e.lates(run); !slices.Equal(got, []string{"RESOLVED 2 MOVED_ON"}) {
		t.Errorf("got %q", got)
	}
	// A drop that is taken back waits for no one.
	e.load(e.transport, run, here[1])
	second := e.start(e.actor("T00"), 10)
	third := e.at(delivery.Sorted, delivery.ChannelApp)
	e.load(e.actor("T00"), second, third)
	if p := must(e.d.Transport.DropAtBuilding(t.Context(), e.actor("T00"), transport.DropAtBuildingInput{RunID: second, BuildingID: e.buildings[0], Bags: 1})); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}
	e.pass(delivery.DropAcceptedWithin)
	e.tick()
	if got := e.lates(second); !slices.Equal(got, []string{"OPEN 2"}) {
		t.Errorf("got %q", got)
	}
	if refused := e.undo(e.commander, third); refused != nil {
		t.Fatal(refused)
	}
	e.pass(10 * time.Second)
	e.tick()
	if got := e.lates(second); !slices.Equal(got, []string{"RESOLVED 2 MOVED_ON"}) {
		t.Errorf("got %q", got)
	}
	e.checkRuns()
}
