package dispatch_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/incident"
)

// trouble reports one incident and returns its id, or the refusal of the item or the call.
func (e *house) trouble(a delivery.Actor, kind delivery.IncidentKind, subject delivery.ID, more ...func(*incident.IncidentInput)) (*delivery.ID, *delivery.Error) {
	e.t.Helper()
	in := &incident.IncidentInput{Kind: kind, Severity: delivery.SeverityNormal, SubjectID: subject}
	for _, m := range more {
		m(in)
	}
	p := must(e.d.Incident.ReportIncidents(e.t.Context(), a, incident.ReportIncidentsInput{Incidents: []*incident.IncidentInput{in}}))
	return only(p.Results, p.UserErrors)
}

func (e *house) take(a delivery.Actor, id delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Incident.TakeIncidents(e.t.Context(), a, incident.TakeIncidentsInput{Ids: []delivery.ID{id}}))
	_, refusal := only(p.Results, p.UserErrors)
	return refusal
}

func (e *house) resolve(a delivery.Actor, id delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Incident.ResolveIncidents(e.t.Context(), a, incident.ResolveIncidentsInput{Ids: []delivery.ID{id}, Resolution: delivery.ResolutionFound, Note: "在车上"}))
	_, refusal := only(p.Results, p.UserErrors)
	return refusal
}

func only(results []*incident.IncidentResult, errs []*delivery.Error) (*delivery.ID, *delivery.Error) {
	switch {
	case len(errs) > 0:
		return nil, errs[0]
	case len(results[0].UserErrors) > 0:
		return nil, results[0].UserErrors[0]
	}
	return results[0].IncidentID, nil
}

// incident is the row as it is.
func (e *house) incident(id delivery.ID) *delivery.Incident {
	e.t.Helper()
	return must(e.db.IncidentsByID(e.t.Context(), e.admin.Scope(), []delivery.ID{id}))[0]
}

// uncovered opens an incident UNCOVERED on a building.
func (e *house) uncovered(building delivery.ID) *delivery.Incident {
	e.t.Helper()
	i := delivery.NewIncident(delivery.IncidentUncovered, building, delivery.Keys{Community: building.Community, Building: building.UUID})
	if err := e.db.InTx(e.t.Context(), func(t *db.Tx) error {
		events, err := dispatch.OpenIncidents(e.t.Context(), t, delivery.System(building.Community), e.time(), []*delivery.Incident{i})
		if err != nil {
			return err
		}
		return t.Append(e.t.Context(), building.Community, events)
	}); err != nil {
		e.t.Fatal(err)
	}
	return i
}

func TestReportIncidents(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	far := e.another()
	own, other := e.place(e.homes[0]), e.place(e.homes[4]) // in E6 and in E7
	volunteer := e.team["S02"]
	across := e.place(e.homes[4])
	for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding} {
		e.move(e.commander, across, to)
	}
	here, _ := e.climb(e.backup, e.at(delivery.AtBuilding, delivery.ChannelApp))
	both, _ := e.climb(e.supply, e.at(delivery.AtBuilding, delivery.ChannelApp), across)
	city := delivery.Actor{Role: delivery.RoleCity, Communities: []int32{0}}
	link := delivery.Actor{Role: delivery.RoleLink, Community: e.community.Community, UUID: own.UUID}
	for name, c := range map[string]struct {
		who     delivery.Actor
		kind    delivery.IncidentKind
		subject delivery.ID
		want    string
	}{
		"the commander about a volunteer":                  {e.commander, "SAFETY", volunteer, ""},
		"a lead about a building":                          {e.lead, "SAFETY", e.buildings[0], ""},
		"the gate about an order":                          {e.duty, "BAD_ADDRESS", other, ""},
		"a volunteer about an order of the building":       {e.backup, "DAMAGED", own, ""},
		"a volunteer about an order of another building":   {e.backup, "DAMAGED", other, "NO_SUCH at incidents.0.subjectId"},
		"a volunteer about a door":                         {e.backup, "BAD_ADDRESS", e.homes[0], ""},
		"the household about its order":                    {e.resident, "SHORT", own, ""},
		"the household about itself":                       {e.resident, "COMPLAINT", e.homes[0], ""},
		"the household about another's order":              {e.resident, "SHORT", other, "NO_SUCH at incidents.0.subjectId"},
		"the household about its building":                 {e.resident, "SAFETY", e.buildings[0], "NO_SUCH at incidents.0.subjectId"},
		"the household, what only the gate sees":           {e.resident, "COUNT_DIFFERS", own, "KIND_NOT_YOURS at incidents.0.kind"},
		"the supplier about its order":                     {e.shop, "MISSING", own, ""},
		"another supplier":                                 {e.pharmacy, "MISSING", own, "NO_SUCH at incidents.0.subjectId"},
		"the supplier, a complaint":                        {e.shop, "COMPLAINT", own, "KIND_NOT_YOURS at incidents.0.kind"},
		"what only the clock opens":                        {e.commander, "LATE", own, "RAISED_BY_ITSELF at incidents.0.kind"},
		"what only the roster opens":                       {e.commander, "UNCOVERED", e.buildings[0], "RAISED_BY_ITSELF at incidents.0.kind"},
		"what only a count opens":                          {e.duty, "STRAY", own, "RAISED_BY_ITSELF at incidents.0.kind"},
		"an order that does not exist":                     {e.commander, "SHORT", delivery.ID{Kind: delivery.KindOrder, Community: own.Community, UUID: e.homes[0].UUID}, "NO_SUCH at incidents.0.subjectId"},
		"a round that does not exist":                      {e.commander, "OTHER", delivery.ID{Kind: delivery.KindRound, Community: own.Community, UUID: own.UUID}, "NO_SUCH at incidents.0.subjectId"},
		"a volunteer about a round in the building":        {e.backup, "SAFETY", here, ""},
		"a volunteer about a round in two buildings":       {e.backup, "SAFETY", both, "NO_SUCH at incidents.0.subjectId"},
		"the gate about a round in two buildings":          {e.duty, "SAFETY", both, ""},
		"a household about a round":                        {e.resident, "COMPLAINT", here, "NO_SUCH at incidents.0.subjectId"},
		"a supplier is no subject":                         {e.commander, "OTHER", e.suppliers[0], "WRONG_KIND at incidents.0.subjectId"},
		"the city":                                         {city, "SHORT", own, "NO_SUCH at incidents"},
		"a tracking link":                                  {link, "SHORT", own, "NOT_YOURS at "},
		"the commander of another community":               {far.commander, "SHORT", own, "NO_SUCH at incidents"},
		"an administrator about an order of anyone":        {e.admin, "WRONG_PLACE", other, ""},
		"the same again, of a kind that is open for it":    {e.lead, "DAMAGED", other, ""},
		"a patrol that serves no building, about an order": {e.patrol, "DAMAGED", own, "NO_SUCH at incidents.0.subjectId"},
	} {
		if _, refusal := e.trouble(c.who, c.kind, c.subject); reasonAt(refusal) != c.want {
			t.Errorf("%s: got %q, want %q", name, reasonAt(refusal), c.want)
		}
	}

	first, refusal := e.trouble(e.commander, "OTHER", own, func(in *incident.IncidentInput) { in.Bags, in.Note, in.Severity = 2, "门口有狗", "HIGH" })
	if refusal != nil {
		t.Fatal(refusal)
	}
	if i := e.incident(*first); i.Bags != 2 || i.Note != "门口有狗" || i.Level != "LEAD" || i.Number == 0 || *i.SeenHousehold != e.homes[0].UUID {
		t.Errorf("got %+v", i)
	}
	_, refusal = e.trouble(e.duty, "OTHER", own)
	if reasonAt(refusal) != "INCIDENT_OPEN at incidents.0" || refusal.Details.IncidentID == nil || *refusal.Details.IncidentID != *first {
		t.Errorf("a second one: got %v with %+v, want INCIDENT_OPEN with %s", refusal, refusal.Details, first)
	}
	if refusal := e.resolve(e.lead, *first); refusal != nil {
		t.Fatal(refusal)
	}
	if again, refusal := e.trouble(e.duty, "OTHER", own); refusal != nil || *again == *first {
		t.Errorf("after it was resolved: got %v, %v; want another one", again, refusal)
	}

	t.Run("bulk, atomic and retried", func(t *testing.T) {
		list := []*incident.IncidentInput{{Kind: "MONEY", Severity: "LOW", SubjectID: own}, {Kind: "MONEY", Severity: "LOW", SubjectID: own}, {Kind: "MONEY", Severity: "LOW", SubjectID: other, Bags: -1},
			{Kind: "MONEY", Severity: "LOW", SubjectID: other}}
		in := incident.ReportIncidentsInput{Incidents: list, Atomic: true}
		p := must(e.d.Incident.ReportIncidents(t.Context(), e.lead, in))
		var got []string
		for _, r := range p.Results {
			got = append(got, reasonAt(r.UserErrors[0]))
		}
		if want := []string{"ATOMIC at incidents.0", "INCIDENT_OPEN at incidents.1", "OUT_OF_RANGE at incidents.2.bags", "ATOMIC at incidents.3"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		in.Atomic, in.ClientMutationID = false, new("retried")
		n := len(e.feed())
		once := must(e.d.Incident.ReportIncidents(t.Context(), e.lead, in))
		again := must(e.d.Incident.ReportIncidents(t.Context(), e.lead, in))
		if got := e.since(n); !slices.Equal(got, []delivery.EventKind{delivery.IncidentOpened, delivery.IncidentOpened}) {
			t.Errorf("got %v, want two incidents opened", got)
		}
		for i, r := range once.Results {
			if (r.IncidentID != nil) != (i == 0 || i == 3) || r.ID != list[i].SubjectID {
				t.Errorf("%d: got %+v", i, r)
			}
			if (r.IncidentID == nil) != (again.Results[i].IncidentID == nil) || r.IncidentID != nil && *r.IncidentID != *again.Results[i].IncidentID {
				t.Errorf("%d: the retry answers %v, want %v", i, again.Results[i].IncidentID, r.IncidentID)
			}
		}
	})
}

// Two members work on one incident at once: one takes it, the other is refused; and two reports open one incident.
func TestTwoAtOneIncident(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	order := e.place(e.homes[0])
	otherLead := e.actor("D00")
	for range 8 {
		var opened [2]*delivery.ID
		var refused [2]*delivery.Error
		var at errgroup.Group
		for n, a := range []delivery.Actor{e.lead, otherLead} {
			at.Go(func() error {
				p, err := e.d.Incident.ReportIncidents(t.Context(), a, incident.ReportIncidentsInput{Incidents: []*incident.IncidentInput{{Kind: "DAMAGED", Severity: "NORMAL", SubjectID: order}}})
				if err == nil {
					opened[n], refused[n] = only(p.Results, p.UserErrors)
				}
				return err
			})
		}
		if err := at.Wait(); err != nil {
			t.Fatal(err)
		}
		if (opened[0] == nil) == (opened[1] == nil) {
			t.Fatalf("got %v and %v, want one incident opened", opened[0], opened[1])
		}
		for n := range opened {
			if opened[n] == nil && (reasonAt(refused[n]) != "INCIDENT_OPEN at incidents.0" || *refused[n].Details.IncidentID != *opened[1-n]) {
				t.Errorf("got %v, want INCIDENT_OPEN with %s", refused[n], opened[1-n])
			}
		}
		id := opened[0]
		if id == nil {
			id = opened[1]
		}
		taken := [2]*delivery.Error{}
		for n, a := range []delivery.Actor{e.lead, otherLead} {
			at.Go(func() error {
				p, err := e.d.Incident.TakeIncidents(t.Context(), a, incident.TakeIncidentsInput{Ids: []delivery.ID{*id}})
				if err == nil {
					_, taken[n] = only(p.Results, p.UserErrors)
				}
				return err
			})
		}
		if err := at.Wait(); err != nil {
			t.Fatal(err)
		}
		if (taken[0] == nil) == (taken[1] == nil) {
			t.Fatalf("got %v and %v, want one owner", taken[0], taken[1])
		}
		if refusal := e.resolve(e.commander, *id); refusal != nil {
			t.Fatal(refusal)
		}
	}
	numbers := e.column("select cast(number as text) from incidents order by number")
	if !slices.Equal(numbers, []string{"1", "2", "3", "4", "5", "6", "7", "8"}) {
		t.Errorf("got the numbers %v, want 1 to 8 without a gap", numbers)
	}
}

func TestTakeAndResolveIncidents(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	far := e.another()
	order := e.place(e.homes[0])
	id, refusal := e.trouble(e.backup, "SHORT", order, func(in *incident.IncidentInput) { in.Bags = 1 })
	if refusal != nil {
		t.Fatal(refusal)
	}
	nowhere := delivery.ID{Kind: delivery.KindIncident, Community: id.Community, UUID: order.UUID}
	for _, c := range []struct {
		name string
		do   func(delivery.Actor, delivery.ID) *delivery.Error
		who  delivery.Actor
		id   delivery.ID
		want string
	}{
		{"a member of another building takes it", e.take, e.elsewhere, *id, "NO_SUCH at ids.0"},
		{"the household takes it", e.take, e.resident, *id, "NOT_YOURS at "},
		{"the supplier takes it", e.take, e.shop, *id, "NOT_YOURS at "},
		{"an administrator takes it", e.take, e.admin, *id, "NOT_YOURS at ids.0"},
		{"the commander of another community", e.take, far.commander, *id, "NO_SUCH at ids"},
		{"one that does not exist", e.take, e.lead, nowhere, "NO_SUCH at ids.0"},
		{"no incident", e.take, e.lead, order, "WRONG_KIND at ids.0"},
		{"a member who is not its owner resolves it", e.resolve, e.backup, *id, "NOT_YOURS at ids.0"},
		{"a member takes it", e.take, e.backup, *id, ""},
		{"another member", e.take, e.supply, *id, "INCIDENT_TAKEN at ids.0"},
		{"a lead takes over", e.take, e.lead, *id, ""},
		{"the household resolves it", e.resolve, e.resident, *id, "NOT_YOURS at "},
		{"a lead resolves it", e.resolve, e.lead, *id, ""},
		{"again", e.resolve, e.lead, *id, "INCIDENT_RESOLVED at ids.0"},
		{"a resolved one is taken", e.take, e.lead, *id, "INCIDENT_RESOLVED at ids.0"},
		{"an uncovered building, by hand", e.resolve, e.commander, e.uncovered(e.buildings[1]).ID(), "CLOSES_ITSELF at ids.0"},
	} {
		if got := reasonAt(c.do(c.who, c.id)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	i := e.incident(*id)
	if i.State != "RESOLVED" || *i.Resolution != "FOUND" || i.ResolutionNote != "在车上" || *i.OwnerUUID != e.lead.UUID || i.RisesAt != nil || *i.ResolvedByRole != "LEAD" {
		t.Errorf("got %+v", i)
	}
}

func TestTheClockRaisesIncidents(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	order := e.place(e.homes[0])
	low, _ := e.trouble(e.backup, "SHORT", order)
	urgent, _ := e.trouble(e.backup, "SAFETY", order, func(in *incident.IncidentInput) { in.Severity = "HIGH" })
	levels := func() [2]delivery.EscalationLevel {
		return [2]delivery.EscalationLevel{e.incident(*low).Level, e.incident(*urgent).Level}
	}
	e.pass(30*time.Minute - time.Microsecond)
	e.tick()
	n := len(e.feed())
	for _, step := range []struct {
		pass time.Duration
		want [2]delivery.EscalationLevel
		n    int // events
	}{{0, [2]delivery.EscalationLevel{"VOLUNTEER", "LEAD"}, 0}, {time.Microsecond, [2]delivery.EscalationLevel{"LEAD", "LEAD"}, 1},
		{30*time.Minute - time.Microsecond, [2]delivery.EscalationLevel{"LEAD", "LEAD"}, 0}, {time.Microsecond, [2]delivery.EscalationLevel{"COMMAND", "COMMAND"}, 2},
		{time.Hour, [2]delivery.EscalationLevel{"COMMAND", "COMMAND"}, 0}} {
		e.pass(step.pass)
		e.tick()
		risen := e.since(n)
		if got := levels(); got != step.want || len(risen) != step.n || slices.ContainsFunc(risen, func(k delivery.EventKind) bool { return k != delivery.IncidentRisen }) {
			t.Errorf("after %s: got %v and %v, want %v and %d risen", step.pass, got, risen, step.want, step.n)
		}
		n += len(risen)
	}
	if got := reasonAt(e.take(e.lead, *low)); got != "BELOW_LEVEL at ids.0" {
		t.Errorf("a lead takes what is for command: got %q", got)
	}
}

// The clock opens UNCOVERED on a building that no reachable supply volunteer serves; it closes when one is reachable again.
func TestUncoveredBuildings(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.tick()
	board := func() []delivery.UUID {
		return must(e.db.Board(t.Context(), e.commander.Scope(), e.community.Community, e.time(), e.time(), e.time())).Uncovered
	}
	e.reach("S01", false) // the primary of both
	e.reach("S03", false) // the backup of the second
	n := len(e.feed())
	e.pass(incident.CoverEvery - time.Second)
	e.tick()
	if got := e.since(n); len(got) != 0 {
		t.Errorf("too early: got %v", got)
	}
	e.pass(time.Second)
	e.tick()
	e.pass(incident.CoverEvery)
	e.tick()
	if got := e.since(n); !slices.Equal(got, []delivery.EventKind{delivery.IncidentOpened}) || !slices.Equal(board(), []delivery.UUID{e.buildings[1].UUID}) {
		t.Fatalf("got %v and uncovered %v, want one incident opened on %s", got, board(), e.buildings[1].UUID)
	}
	e.reach("S03", true)
	if got := board(); len(got) != 0 {
		t.Errorf("covered again: got %v", got)
	}
	e.reach("S03", false)
	e.pass(incident.CoverEvery)
	e.tick()
	if got := board(); len(got) != 1 {
		t.Errorf("uncovered again: got %v", got)
	}
	if refusal := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); refusal != nil {
		t.Fatal(refusal)
	}
	e.pass(incident.CoverEvery)
	e.tick()
	if got := board(); len(got) != 0 {
		t.Errorf("after the closure: got %v", got)
	}
}

// Areas open and close incidents of their own subjects in their transactions: a second count changes the number of bags.
func TestIncidentsOfOtherAreas(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.place(e.homes[0])
	o := e.row(id)
	within := func(do func(context.Context, *db.Tx) ([]*delivery.Event, error)) []delivery.EventKind {
		t.Helper()
		n := len(e.feed())
		if err := e.d.InTx(t.Context(), func(tx *db.Tx) error {
			events, err := do(t.Context(), tx)
			if err != nil {
				return err
			}
			return tx.Append(t.Context(), id.Community, events)
		}); err != nil {
			t.Fatal(err)
		}
		return e.since(n)
	}
	short := func(bags int) []delivery.EventKind {
		return within(func(ctx context.Context, tx *db.Tx) ([]*delivery.Event, error) {
			i := delivery.NewIncident(delivery.IncidentShort, id, o.Keys())
			i.Bags = bags
			return dispatch.OpenIncidents(ctx, tx, e.duty, e.time(), []*delivery.Incident{i})
		})
	}
	for _, c := range []struct {
		bags int
		want []delivery.EventKind
	}{{1, []delivery.EventKind{delivery.IncidentOpened}}, {2, []delivery.EventKind{delivery.IncidentRecounted}}, {2, nil}} {
		if got := short(c.bags); !slices.Equal(got, c.want) {
			t.Errorf("%d bags: got %v, want %v", c.bags, got, c.want)
		}
	}
	closed := within(func(ctx context.Context, tx *db.Tx) ([]*delivery.Event, error) {
		return dispatch.ResolveIncidents(ctx, tx, e.duty, e.time(), id.Community, delivery.ResolutionFound, []delivery.UUID{id.UUID}, delivery.IncidentMissing, delivery.IncidentShort)
	})
	if !slices.Equal(closed, []delivery.EventKind{delivery.IncidentWasResolved}) {
		t.Errorf("got %v, want it resolved", closed)
	}
	if got := short(1); !slices.Equal(got, []delivery.EventKind{delivery.IncidentOpened}) {
		t.Errorf("after it was resolved: got %v, want another one", got)
	}
}
