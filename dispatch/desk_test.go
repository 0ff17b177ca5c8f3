package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/desk"
	"baogong/dispatch/estate"
	"baogong/dispatch/incident"
	"baogong/dispatch/order"
	"baogong/dispatch/purge"
	"baogong/dispatch/team"
)

// enquiry logs an enquiry of the first household with what the input leaves out, or fails the test.
func (e *house) enquiry(a delivery.Actor, in desk.LogEnquiryInput) delivery.ID {
	e.t.Helper()
	id, refused := e.log(a, in)
	if refused != nil {
		e.t.Fatal(refused)
	}
	return *id
}

func (e *house) log(a delivery.Actor, in desk.LogEnquiryInput) (*delivery.ID, *delivery.Error) {
	e.t.Helper()
	if in.CommunityID = e.community; in.Kind == "" {
		in.Kind = delivery.EnquiryQuestion
	}
	if in.Way == "" {
		in.Way = delivery.WayPhone
	}
	if in.HouseholdID == nil && in.Phone == "" {
		in.HouseholdID = &e.homes[0]
	}
	p := must(e.d.Desk.LogEnquiry(e.t.Context(), a, in))
	return p.EnquiryID, one(p.UserErrors)
}

func one(refusals []*delivery.Error) *delivery.Error {
	if len(refusals) == 0 {
		return nil
	}
	return refusals[0]
}

// pickUp takes an enquiry; the next one if none is named.
func (e *house) pickUp(a delivery.Actor, ids ...delivery.ID) (*delivery.ID, *delivery.Error) {
	e.t.Helper()
	in := desk.TakeEnquiryInput{CommunityID: e.community}
	if len(ids) > 0 {
		in.EnquiryID = &ids[0]
	}
	p := must(e.d.Desk.TakeEnquiry(e.t.Context(), a, in))
	return p.EnquiryID, one(p.UserErrors)
}

func (e *house) hangUp(a delivery.Actor, id delivery.ID, how delivery.EnquiryOutcome, orders ...delivery.ID) *delivery.Error {
	e.t.Helper()
	in := desk.CloseEnquiryInput{EnquiryID: id, Outcome: how, Answer: "已告知"}
	if len(orders) > 0 {
		in.OrderID = &orders[0]
	}
	return one(must(e.d.Desk.CloseEnquiry(e.t.Context(), a, in)).UserErrors)
}

func (e *house) noAnswer(a delivery.Actor, id delivery.ID) *delivery.Error {
	e.t.Helper()
	return one(must(e.d.Desk.PostponeEnquiry(e.t.Context(), a, desk.PostponeEnquiryInput{EnquiryID: id, Unreachable: true})).UserErrors)
}

// row of an enquiry as it is.
func (e *house) asked(id delivery.ID) *delivery.Enquiry {
	e.t.Helper()
	return must(e.db.EnquiriesByID(e.t.Context(), e.admin.Scope(), []delivery.ID{id}))[0]
}

// desks adds members of the phone desk who serve the buildings; the first is the lead.
func (e *house) desks(n int, buildings ...delivery.ID) []delivery.Actor {
	e.t.Helper()
	in := team.CreateVolunteersInput{CommunityID: e.community}
	for i := range n {
		v := &team.NewVolunteerInput{Code: fmt.Sprintf("Q%02d", i), Name: "话务", Squad: delivery.SquadPersuasion, Rank: delivery.RankMember, Reachable: true}
		if i == 0 {
			v.Rank = delivery.RankLead
		}
		for _, b := range buildings {
			v.Services = append(v.Services, &team.ServiceInput{BuildingID: b, Duty: delivery.DutyBackup})
		}
		in.Volunteers = append(in.Volunteers, v)
	}
	saved(e.t, must(e.d.Team.CreateVolunteers(e.t.Context(), e.commander, in)).BulkOutcome)
	out := make([]delivery.Actor, n)
	for i := range out {
		out[i] = e.actor(fmt.Sprintf("Q%02d", i))
	}
	return out
}

func TestWhoLogsEnquiries(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	q := e.desks(2, e.buildings[0])
	home, other := e.homes[0], e.homes[4]
	unknown := func(in desk.LogEnquiryInput) desk.LogEnquiryInput { in.Phone = "0717-6012345"; return in }
	for name, c := range map[string]struct {
		who  delivery.Actor
		in   desk.LogEnquiryInput
		want string
	}{
		"the household, on the page":                  {e.resident, desk.LogEnquiryInput{Way: "APP"}, ""},
		"the household, by telephone":                 {e.resident, desk.LogEnquiryInput{}, "WAY_NOT_YOURS at way"},
		"the household about another":                 {e.resident, desk.LogEnquiryInput{Way: "APP", HouseholdID: &other}, "NO_SUCH at householdId"},
		"the household, urgent":                       {e.resident, desk.LogEnquiryInput{Way: "APP", Urgent: true}, "DESK_DECIDES at urgent"},
		"the household, answered":                     {e.resident, desk.LogEnquiryInput{Way: "APP", Answer: "x"}, "DESK_DECIDES at answer"},
		"the household, a welfare call":               {e.resident, desk.LogEnquiryInput{Way: "APP", Kind: "WELFARE"}, "DESK_DECIDES at kind"},
		"the desk":                                    {q[1], desk.LogEnquiryInput{Urgent: true}, ""},
		"the desk, on the page":                       {q[1], desk.LogEnquiryInput{Way: "APP"}, "WAY_NOT_YOURS at way"},
		"the desk about a building it does not serve": {q[1], desk.LogEnquiryInput{HouseholdID: &other}, "NO_SUCH at householdId"},
		"the desk, of an unknown caller":              {q[1], unknown(desk.LogEnquiryInput{Way: "SMS"}), ""},
		"the desk's lead":                             {q[0], desk.LogEnquiryInput{HouseholdID: &other, Kind: "WELFARE"}, ""},
		"the gate":                                    {e.duty, desk.LogEnquiryInput{Way: "GATE", HouseholdID: &other}, ""},
		"the gate, of an unknown caller":              {e.duty, unknown(desk.LogEnquiryInput{Way: "GATE"}), ""},
		"a volunteer of the building":                 {e.backup, desk.LogEnquiryInput{Way: "VISIT", Answer: "明早九点"}, ""},
		"a volunteer, a welfare call":                 {e.backup, desk.LogEnquiryInput{Way: "VISIT", Kind: "WELFARE"}, "DESK_DECIDES at kind"},
		"a volunteer, of an unknown caller":           {e.backup, unknown(desk.LogEnquiryInput{}), "NO_SUCH at householdId"},
		"a volunteer about a building not theirs":     {e.backup, desk.LogEnquiryInput{HouseholdID: &other}, "NO_SUCH at householdId"},
		"the commander":                               {e.commander, desk.LogEnquiryInput{HouseholdID: &other}, ""},
		"an administrator":                            {e.admin, desk.LogEnquiryInput{}, ""},
		"a supplier":                                  {e.shop, desk.LogEnquiryInput{}, "NOT_YOURS"},
		"with a time that is past":                    {e.commander, desk.LogEnquiryInput{DueAt: new(e.time())}, "NOT_FUTURE at dueAt"},
		"with a time that is too far ahead":           {e.commander, desk.LogEnquiryInput{DueAt: new(e.time().AddDate(0, 1, 0))}, "CALL_TOO_FAR at dueAt"},
		"with a number that is none":                  {e.commander, desk.LogEnquiryInput{HouseholdID: &home, Phone: "x"}, "BAD_PHONE at phone"},
		"with an id of another kind":                  {e.commander, desk.LogEnquiryInput{HouseholdID: &e.buildings[0]}, "WRONG_KIND at householdId"},
		"about a household that does not exist":       {e.commander, desk.LogEnquiryInput{HouseholdID: &delivery.ID{Kind: delivery.KindHousehold, Community: home.Community, UUID: home.UUID[:24] + "000000000000"}}, "NO_SUCH at householdId"},
	} {
		id, refused := e.log(c.who, c.in)
		if got := told(refused); got != c.want || (id == nil) != (c.want != "") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if p := must(e.d.Desk.LogEnquiry(t.Context(), e.commander, desk.LogEnquiryInput{CommunityID: e.community, Kind: "QUESTION", Way: "PHONE"})); told(one(p.UserErrors)) != "NO_CALLER at householdId" {
		t.Errorf("of no caller: got %v", p.UserErrors)
	}
	if p := must(e.d.Desk.LogEnquiry(t.Context(), e.commander, desk.LogEnquiryInput{CommunityID: e.community, Kind: "QUESTION", Way: "PHONE", Text: " \u200b "})); told(one(p.UserErrors)) != "NO_CALLER at householdId" {
		t.Errorf("of no caller, with a text that no one can see: got %v", p.UserErrors)
	}
	if got := e.asked(e.enquiry(e.commander, desk.LogEnquiryInput{Answer: "  "})).State; got != delivery.EnquiryWaiting {
		t.Errorf("with a blank answer: got %s, want it to wait", got)
	}
	answered := e.asked(e.enquiry(e.commander, desk.LogEnquiryInput{Answer: "可以"}))
	if answered.State != delivery.EnquiryClosed || *answered.Outcome != delivery.OutcomeAnswered || answered.Answer != "可以" {
		t.Errorf("answered at once: got %+v", answered)
	}
	in := desk.LogEnquiryInput{ClientMutationID: new("k"), Text: "有没有米"}
	first := e.enquiry(e.commander, in)
	if again := e.enquiry(e.commander, in); again != first {
		t.Error("a retry logged another enquiry")
	}
}

// told is the refusal as tests write it: its reason, and the path.
func told(refusal *delivery.Error) string {
	if refusal == nil {
		return ""
	}
	out := refusal.Reason.String()
	for i, f := range refusal.Field {
		if i == 0 {
			out += " at "
		} else {
			out += "."
		}
		out += f
	}
	return out
}

func TestTakeEnquiry(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	q := e.desks(3, e.buildings[0])
	lead, a, b := q[0], q[1], q[2]
	old := e.enquiry(e.commander, desk.LogEnquiryInput{})
	e.pass(time.Minute)
	elsewhere := e.enquiry(e.commander, desk.LogEnquiryInput{HouseholdID: &e.homes[4], Urgent: true})
	urgent := e.enquiry(e.commander, desk.LogEnquiryInput{Urgent: true, Kind: delivery.EnquiryErrand})
	later := e.enquiry(e.commander, desk.LogEnquiryInput{DueAt: new(e.time().Add(time.Hour))})
	unknown := e.enquiry(e.duty, desk.LogEnquiryInput{Phone: "0717-6012345", Way: delivery.WayGate})

	for name, who := range map[string]delivery.Actor{"a supply volunteer": e.supply, "the gate": e.duty, "another lead": e.lead, "a resident": e.resident, "an administrator": e.admin, "a supplier": e.shop} {
		if _, refused := e.pickUp(who); told(refused) != "NOT_YOURS" {
			t.Errorf("%s takes: got %v", name, refused)
		}
	}
	takes := func(claim string, who delivery.Actor, want *delivery.ID, reason string, ids ...delivery.ID) {
		t.Helper()
		got, refused := e.pickUp(who, ids...)
		if told(refused) != reason || (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: got %v, %v", claim, got, refused)
		}
	}
	takes("the urgent one first, of the buildings served", a, &urgent, "")
	if got := e.asked(urgent); got.State != delivery.EnquiryTaken || !got.LeaseUntil.Equal(e.time().Add(delivery.Lease)) {
		t.Errorf("got %+v", got)
	}
	takes("the oldest next", b, &old, "")
	takes("another one while having one", b, nil, "ENQUIRY_HELD at enquiryId", unknown)
	takes("one that another member has", lead, nil, "ENQUIRY_TAKEN at enquiryId", old)
	takes("one of a building that is not served", b, nil, "ENQUIRY_HELD at enquiryId", elsewhere)
	e.pass(5 * time.Minute)
	takes("one's own again", a, &urgent, "")
	if got := e.asked(urgent); !got.LeaseUntil.Equal(e.time().Add(delivery.Lease)) {
		t.Errorf("taking again: got the lease until %v", got.LeaseUntil)
	}
	if refused := e.hangUp(a, urgent, delivery.OutcomeAnswered); refused != nil {
		t.Fatal(refused)
	}
	takes("one that is closed", a, nil, "ENQUIRY_CLOSED at enquiryId", urgent)
	takes("one of another building", a, nil, "NO_SUCH at enquiryId", elsewhere)
	takes("one of an unknown caller", a, &unknown, "")
	if refused := e.hangUp(a, unknown, delivery.OutcomeNotNeeded); refused != nil {
		t.Fatal(refused)
	}
	takes("when none is due", a, nil, "")
	takes("by the lead of the desk, in every building", lead, &elsewhere, "")
	takes("before it is due, by name", a, &later, "", later)
	if got := e.column("select string_agg(cast(e.number as text), ' ' order by e.number) from enquiry_takes x join enquiries e on e.id = x.enquiry_id where x.volunteer_id = $1", string(a.UUID))[0]; got != "3 4 5" {
		t.Errorf("taken by the member: got %s", got)
	}
	p := must(e.d.Desk.TakeEnquiry(t.Context(), b, desk.TakeEnquiryInput{CommunityID: e.another().community}))
	if told(one(p.UserErrors)) != "NO_SUCH at communityId" {
		t.Errorf("of another community: got %v", p.UserErrors)
	}
}

// A member who serves another building by now could not finish the enquiry that they have. It goes back into the queue when they take the next one.
func TestTakenOutOfSight(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	q := e.desks(3, e.buildings[0])
	a, b := q[1], q[2]
	held := e.enquiry(e.commander, desk.LogEnquiryInput{})
	if _, refused := e.pickUp(a); refused != nil {
		t.Fatal(refused)
	}
	id := delivery.ID{Kind: delivery.KindVolunteer, Community: e.community.Community, UUID: a.UUID}
	saved(t, must(e.d.Team.UpdateVolunteers(t.Context(), e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: id,
		Services: []*team.ServiceInput{{BuildingID: e.buildings[1], Duty: delivery.DutyBackup}}}}})).BulkOutcome)
	a = e.actor("Q01")
	if refused := e.hangUp(a, held, delivery.OutcomeAnswered); told(refused) != "NO_SUCH at enquiryId" {
		t.Errorf("closed out of sight: got %v", refused)
	}
	if got, refused := e.pickUp(a); got != nil || refused != nil {
		t.Errorf("with none that is due: got %v, %v", got, refused)
	}
	if got := e.asked(held); got.State != delivery.EnquiryWaiting || e.kinds(delivery.EnquiryReleased) != 1 {
		t.Errorf("got %+v, want it to wait", got)
	}
	if got, refused := e.pickUp(b); got == nil || *got != held || refused != nil {
		t.Errorf("another member takes the next one: got %v, %v", got, refused)
	}
	unknown := e.enquiry(e.duty, desk.LogEnquiryInput{Phone: "0717-6012345", Way: delivery.WayGate})
	for range 2 {
		if got, refused := e.pickUp(a); got == nil || *got != unknown || refused != nil {
			t.Errorf("one of an unknown caller stays with the member: got %v, %v", got, refused)
		}
	}
}

// A crashed desk's enquiry is freed by the clock. A member who is late may still finish, unless another has it.
func TestLeaseEnds(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	q := e.desks(3, e.buildings...)
	a, b := q[1], q[2]
	id := e.enquiry(e.commander, desk.LogEnquiryInput{})
	takes := func(who delivery.Actor) {
		t.Helper()
		if got, refused := e.pickUp(who); refused != nil || got == nil || *got != id {
			t.Fatalf("got %v, %v", got, refused)
		}
	}
	if refused := e.hangUp(a, id, delivery.OutcomeAnswered); told(refused) != "TAKE_FIRST at enquiryId" {
		t.Errorf("closed by a member who has not taken it: got %v", refused)
	}
	takes(a)
	e.pass(delivery.Lease - time.Second)
	e.tick()
	if got := e.asked(id); got.State != delivery.EnquiryTaken {
		t.Errorf("before the lease ends: got %s", got.State)
	}
	e.pass(time.Second)
	e.tick()
	if got := e.asked(id); got.State != delivery.EnquiryWaiting || got.TakenByUUID != nil || got.Attempts != 0 {
		t.Errorf("after the lease: got %+v", got)
	}
	if kinds := e.kinds(delivery.EnquiryReleased); kinds != 1 {
		t.Errorf("got %d events ENQUIRY_RELEASED, want 1", kinds)
	}
	takes(b)
	if refused := e.hangUp(a, id, delivery.OutcomeAnswered); told(refused) != "LEASE_ENDED at enquiryId" {
		t.Errorf("closed by the member whose lease ended: got %v", refused)
	}
	if refused := e.hangUp(q[0], id, delivery.OutcomeAnswered); told(refused) != "ENQUIRY_TAKEN at enquiryId" {
		t.Errorf("closed by a third member: got %v", refused)
	}
	e.pass(delivery.Lease)
	if refused := e.noAnswer(b, id); refused != nil {
		t.Errorf("postponed after the lease, which the clock has not noticed: got %v", refused)
	}
	e.pass(delivery.AfterFirstTry)
	takes(b)
	e.pass(delivery.Lease)
	e.tick()
	if refused := e.hangUp(b, id, delivery.OutcomeAnswered); refused != nil {
		t.Errorf("closed after the clock has freed it, before another took it: got %v", refused)
	}
	if refused := e.hangUp(b, id, delivery.OutcomeAnswered); told(refused) != "ENQUIRY_CLOSED at enquiryId" {
		t.Errorf("closed twice: got %v", refused)
	}
	// While the holder writes, the lease ends, the clock frees the enquiry, and another member takes it. One of the two has it.
	for i := range 8 {
		id := e.enquiry(e.commander, desk.LogEnquiryInput{})
		if _, refused := e.pickUp(a, id); refused != nil {
			t.Fatal(refused)
		}
		e.pass(delivery.Lease)
		var closed, taken *delivery.Error
		atOnce(func() { closed = e.hangUp(a, id, delivery.OutcomeAnswered) }, func() { _ = e.d.Tick(t.Context()) }, func() { _, taken = e.pickUp(b, id) })
		if row := e.asked(id); (closed == nil) != (row.State == delivery.EnquiryClosed) || (closed == nil) == (taken == nil) && row.State != delivery.EnquiryClosed {
			t.Errorf("round %d: closed %v, taken %v, now %s", i, closed, taken, row.State)
		}
		if e.asked(id).State != delivery.EnquiryClosed {
			if refused := e.hangUp(b, id, delivery.OutcomeAnswered); refused != nil {
				t.Fatal(refused)
			}
		}
	}
}

// kinds counts the events of a kind.
func (e *house) kinds(kind delivery.EventKind) int {
	e.t.Helper()
	n := 0
	for _, ev := range e.feed() {
		if ev.Kind == kind {
			n++
		}
	}
	return n
}

// Each enquiry is taken once, by as many desks as there are.
func TestDesksTakeFromOneQueue(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	const desks, calls = 32, 64
	q := e.desks(desks, e.buildings...)
	for i := range calls {
		e.enquiry(e.commander, desk.LogEnquiryInput{HouseholdID: &e.homes[i%len(e.homes)]})
	}
	var mu sync.Mutex
	taken := map[delivery.ID]int{}
	var all []func()
	for _, who := range q {
		all = append(all, func() {
			for range 2 * calls {
				id, refused := e.pickUp(who)
				if refused != nil {
					t.Error(refused)
					return
				}
				if id == nil {
					return
				}
				mu.Lock()
				taken[*id]++
				mu.Unlock()
				if refused := e.hangUp(who, *id, delivery.OutcomeAnswered); refused != nil {
					t.Error(refused)
				}
			}
		})
	}
	atOnce(all...)
	// A desk that finds all waiting enquiries locked by others stops early, so the last ones may wait still.
	for range calls {
		id, refused := e.pickUp(q[0])
		if refused != nil || id == nil {
			break
		}
		taken[*id]++
		_ = e.hangUp(q[0], *id, delivery.OutcomeAnswered)
	}
	for id, n := range taken {
		if n != 1 {
			t.Errorf("enquiry %d was taken %d times", e.asked(id).Number, n)
		}
	}
	if len(taken) != calls {
		t.Errorf("got %d enquiries taken, want %d", len(taken), calls)
	}
	if got := e.column("select count(*) from enquiries where state <> 'CLOSED'")[0]; got != "0" {
		t.Errorf("got %s enquiries open, want 0", got)
	}
	// One member with many devices has one.
	for range 8 {
		e.enquiry(e.commander, desk.LogEnquiryInput{})
	}
	var one []func()
	for range 8 {
		one = append(one, func() { _, _ = e.pickUp(q[1]) })
	}
	atOnce(one...)
	if got := e.column("select count(*) from enquiries where state = 'TAKEN'")[0]; got != "1" {
		t.Errorf("got %s enquiries taken by one member, want 1", got)
	}
}

func TestPostponeEnquiry(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	a := e.desks(2, e.buildings...)[1]
	id := e.enquiry(e.commander, desk.LogEnquiryInput{})
	postpone := func(in desk.PostponeEnquiryInput) string {
		t.Helper()
		in.EnquiryID = id
		return told(one(must(e.d.Desk.PostponeEnquiry(t.Context(), a, in)).UserErrors))
	}
	takes := func() {
		t.Helper()
		if _, refused := e.pickUp(a, id); refused != nil {
			t.Fatal(refused)
		}
	}
	takes()
	for want, in := range map[string]desk.PostponeEnquiryInput{
		"WHEN_NEEDED at until": {}, "NOT_FUTURE at until": {Until: new(e.time())}, "CALL_TOO_FAR at until": {Until: new(e.time().AddDate(0, 0, 15))},
	} {
		if got := postpone(in); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := postpone(desk.PostponeEnquiryInput{Until: new(e.time()), Unreachable: true}); got != "WHEN_NEEDED at until" {
		t.Errorf("both: got %s", got)
	}
	agreed := e.time().Add(2 * time.Hour)
	if got := postpone(desk.PostponeEnquiryInput{Until: &agreed}); got != "" {
		t.Fatal(got)
	}
	if got := e.asked(id); !got.DueAt.Equal(agreed) || got.Attempts != 0 || got.State != delivery.EnquiryWaiting {
		t.Errorf("agreed: got %+v", got)
	}
	if next, refused := e.pickUp(a); next != nil || refused != nil {
		t.Errorf("before it is due: got %v, %v", next, refused)
	}
	e.pass(2 * time.Hour)
	e.tick()
	if got := e.kinds(delivery.EnquiryCameDue); got != 1 {
		t.Errorf("got %d events ENQUIRY_DUE, want 1", got)
	}
	e.tick()
	if got := e.kinds(delivery.EnquiryCameDue); got != 1 {
		t.Errorf("at the next look: got %d events ENQUIRY_DUE, want 1", got)
	}
	morning := time.Date(2020, 2, 19, 1, 0, 0, 0, time.UTC)
	for i, due := range []time.Time{e.time().Add(time.Hour), e.time().Add(3 * time.Hour), morning, morning} {
		takes()
		if refused := e.noAnswer(a, id); refused != nil {
			t.Fatal(refused)
		}
		for what, refused := range map[string]*delivery.Error{"postponed": e.noAnswer(a, id), "closed": e.hangUp(a, id, delivery.OutcomeAnswered)} {
			if told(refused) != "TAKE_FIRST at enquiryId" {
				t.Errorf("%s again without taking it: got %v", what, refused)
			}
		}
		if got := e.asked(id); !got.DueAt.Equal(due) || got.Attempts != i+1 {
			t.Errorf("call %d without an answer: got %v, %d", i+1, got.DueAt, got.Attempts)
		}
		visits := e.column("select squad || ' ' || kind from tasks where enquiry_id = $1 and household_id = $2", string(id.UUID), string(e.homes[0].UUID))
		if want := min(1, (i+1)/3); len(visits) != want || want > 0 && visits[0] != "PERSUASION VISIT" {
			t.Errorf("after call %d: got tasks %v, want %d", i+1, visits, want)
		}
	}
}

func TestCloseEnquiry(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	a := e.desks(2, e.buildings...)[1]
	own, others := e.place(e.homes[0]), e.place(e.homes[4])
	elsewhere := e.another()
	foreign := elsewhere.place(elsewhere.homes[0])
	for name, c := range map[string]struct {
		in   desk.LogEnquiryInput
		how  desk.CloseEnquiryInput
		want string
	}{
		"without an answer":                {how: desk.CloseEnquiryInput{Outcome: "ANSWERED"}, want: "ANSWER_MISSING at answer"},
		"passed on, to no one":             {how: desk.CloseEnquiryInput{Outcome: "PASSED_ON"}, want: "ANSWER_MISSING at answer"},
		"with a blank answer":              {how: desk.CloseEnquiryInput{Outcome: "ANSWERED", Answer: " \u200b"}, want: "ANSWER_MISSING at answer"},
		"answered":                         {how: desk.CloseEnquiryInput{Outcome: "ANSWERED", Answer: "九点"}},
		"not reached":                      {how: desk.CloseEnquiryInput{Outcome: "UNREACHABLE"}},
		"ordered, without the order":       {how: desk.CloseEnquiryInput{Outcome: "ORDERED"}, want: "ORDER_NEEDED at orderId"},
		"ordered":                          {how: desk.CloseEnquiryInput{Outcome: "ORDERED", OrderID: &own}},
		"ordered, for another":             {how: desk.CloseEnquiryInput{Outcome: "ORDERED", OrderID: &others}, want: "OTHER_HOUSEHOLD at orderId"},
		"ordered, in another community":    {how: desk.CloseEnquiryInput{Outcome: "ORDERED", OrderID: &foreign}, want: "TWO_COMMUNITIES at orderId"},
		"answered, with an order":          {how: desk.CloseEnquiryInput{Outcome: "ANSWERED", Answer: "好", OrderID: &own}, want: "ORDER_NOT_HERE at orderId"},
		"ordered, by an unknown caller":    {in: desk.LogEnquiryInput{Phone: "0717-6012345"}, how: desk.CloseEnquiryInput{Outcome: "ORDERED", OrderID: &others}},
		"a question that was passed on":    {how: desk.CloseEnquiryInput{Outcome: "PASSED_ON", Answer: "六栋队员"}},
		"a complaint that was passed on":   {in: desk.LogEnquiryInput{Kind: "COMPLAINT", Urgent: true}, how: desk.CloseEnquiryInput{Outcome: "PASSED_ON", Answer: "队长"}},
		"a complaint that was answered":    {in: desk.LogEnquiryInput{Kind: "COMPLAINT"}, how: desk.CloseEnquiryInput{Outcome: "ANSWERED", Answer: "抱歉"}},
		"a complaint of an unknown caller": {in: desk.LogEnquiryInput{Kind: "COMPLAINT", Phone: "0717-6012345"}, how: desk.CloseEnquiryInput{Outcome: "PASSED_ON", Answer: "队长"}},
	} {
		id := e.enquiry(e.commander, c.in)
		if _, refused := e.pickUp(a, id); refused != nil {
			t.Fatal(refused)
		}
		c.how.EnquiryID = id
		p := must(e.d.Desk.CloseEnquiry(t.Context(), a, c.how))
		if got := told(one(p.UserErrors)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		row := e.asked(id)
		if c.want != "" {
			if row.State != delivery.EnquiryTaken {
				t.Errorf("%s: got %s", name, row.State)
			}
			if refused := e.hangUp(a, id, delivery.OutcomeNotNeeded); refused != nil {
				t.Fatal(refused)
			}
			continue
		}
		if row.State != delivery.EnquiryClosed || *row.Outcome != c.how.Outcome || (c.how.OrderID != nil) != (row.OrderUUID != nil) {
			t.Errorf("%s: got %+v", name, row)
		}
		complaint := row.Kind == delivery.EnquiryComplaint && c.how.Outcome == delivery.OutcomePassedOn
		if complaint != (p.IncidentID != nil) {
			t.Errorf("%s: got incident %v", name, p.IncidentID)
		} else if complaint {
			if i := e.incident(*p.IncidentID); i.SubjectID() != id || i.Kind != delivery.IncidentComplaint || i.Level != delivery.LevelLead || (i.Severity == delivery.SeverityHigh) != row.Urgent {
				t.Errorf("%s: got %+v", name, i)
			}
		}
	}
	// People may report about an enquiry too.
	if _, refused := e.trouble(a, delivery.IncidentSafety, e.enquiry(e.commander, desk.LogEnquiryInput{}), func(*incident.IncidentInput) {}); refused != nil {
		t.Error(refused)
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	place := func(a delivery.Actor, change func(*order.PlaceOrderInput)) (*delivery.ID, *delivery.Error) {
		t.Helper()
		in := orderInput(e)
		change(&in)
		p := must(e.d.Order.PlaceOrder(t.Context(), a, in))
		return p.OrderID, one(p.UserErrors)
	}
	_, refused := place(e.supply, func(in *order.PlaceOrderInput) { in.ConsentBy = nil })
	if told(refused) != "CONSENT_NEEDED at consentBy" {
		t.Errorf("without consent: got %v", refused)
	}
	_, refused = place(e.supply, func(in *order.PlaceOrderInput) { in.ReadBack = false })
	if told(refused) != "READ_BACK_NEEDED at readBack" {
		t.Fatalf("not read back: got %v", refused)
	}
	want := delivery.Bilingual{Chinese: "请您核对：菜伴，米1 袋，每袋45元。一共45元，送到E6-1-1103。对吗？", English: "Please check: from 菜伴, 1 袋 米 at 45 yuan each. 45 yuan in total, to E6-1-1103. Is that right?"}
	if got := refused.Details.ReadBack; got == nil || *got != want {
		t.Errorf("got the sentence %+v", got)
	}
	id, refused := place(e.supply, func(in *order.PlaceOrderInput) { in.ConsentBy = new(delivery.ConsentCarer) })
	if refused != nil {
		t.Fatal(refused)
	}
	if o := e.row(*id); *o.ConsentBy != delivery.ConsentCarer || o.ConsentNote != nil {
		t.Errorf("got consent %v, %v", o.ConsentBy, o.ConsentNote)
	}
	app, refused := place(e.resident, func(in *order.PlaceOrderInput) { in.Channel = delivery.ChannelApp })
	if refused != nil {
		t.Fatal(refused)
	}
	if o := e.row(*app); o.ConsentBy != nil {
		t.Errorf("an order by the household itself: got consent %v", *o.ConsentBy)
	}
	if _, refused := place(e.resident, func(in *order.PlaceOrderInput) { in.ConsentBy = nil }); told(refused) != "CHANNEL_NOT_YOURS at channel" {
		t.Errorf("by the household: got %v", refused)
	}
	// As the previous release places it.
	if _, err := e.direct.ExecContext(t.Context(), `
		insert into orders (community_id, id, number, building_id, unit_id, household_id, supplier_id, channel, stage, stage_since, version, open_holds, placed_at, placed_by_role,
			moved_at, moved_by_role, total_fen, note, external_number)
		select community_id, gen_random_uuid(), number + 1000, building_id, unit_id, household_id, supplier_id, channel, stage, stage_since, version, open_holds, placed_at, placed_by_role,
		       moved_at, moved_by_role, total_fen, note, external_number
		  from orders where id = $1`, string(id.UUID)); err != nil {
		t.Fatal(err)
	}
	if got := e.column("select consent_by || ' ' || consent_note from orders where number > 1000")[0]; got != "HOUSEHOLD 下单时未询问 (was not asked)" {
		t.Errorf("by the previous release: got %s", got)
	}
	if _, err := e.direct.ExecContext(t.Context(), "delete from orders where number > 1000"); err != nil {
		t.Fatal(err)
	}
	// An order in a window is read back again when its lines change, unless its supplier strikes out what it lacks.
	s := e.sell(nil)
	in := s.order(e.homes[0], 2)
	in.Channel, in.ConsentBy, in.ReadBack = delivery.ChannelPhone, new(delivery.ConsentRelative), true
	basket := must(e.d.Order.PlaceOrder(t.Context(), e.commander, in)).OrderID
	amend := func(a delivery.Actor, version int64, readBack bool) string {
		t.Helper()
		p := must(e.d.Order.AmendOrder(t.Context(), a, order.AmendOrderInput{OrderID: *basket, ExpectedVersion: version, Lines: s.lines(1), ReadBack: readBack}))
		return told(one(p.UserErrors))
	}
	if got := amend(e.commander, 1, false); got != "READ_BACK_NEEDED at readBack" {
		t.Errorf("amended without reading back: got %q", got)
	}
	if got := amend(e.commander, 1, true); got != "" {
		t.Errorf("amended and read back: got %q", got)
	}
	if got := amend(e.shop, 2, false); got != "" {
		t.Errorf("amended by its supplier: got %q", got)
	}
}

func TestWelfareCalls(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	a := e.desks(2, e.buildings...)[1]
	patch := func(home delivery.ID, needs ...delivery.Need) {
		t.Helper()
		saved(t, must(e.d.Estate.UpdateHouseholds(t.Context(), e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: home, Needs: needs}}})).BulkOutcome)
	}
	for i, needs := range [][]delivery.Need{{delivery.NeedElderlyAlone}, {delivery.NeedWelfareCall, delivery.NeedPet}, {delivery.NeedElderlyAlone}, {delivery.NeedWelfareCall}, {delivery.NeedPet}} {
		patch(e.homes[i], needs...)
	}
	rooms := func() []string {
		t.Helper()
		return e.column("select h.room || case when e.state = 'CLOSED' then ' closed' else '' end from enquiries e join households h on h.id = e.household_id where e.kind = 'WELFARE' order by e.number, h.room")
	}
	e.now.Store(time.Date(2020, 2, 18, 0, 59, 0, 0, time.UTC).UnixMicro()) // 08:59
	e.tick()
	if got := rooms(); len(got) != 0 {
		t.Fatalf("before nine: got %v", got)
	}
	// The third household was handed an order, and the fourth answered, three days ago or less.
	for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding, delivery.Delivered} {
		if to == delivery.AtGate {
			_ = e.place(e.homes[2])
		}
		e.move(e.commander, e.newest(), to)
	}
	e.enquiry(e.commander, desk.LogEnquiryInput{HouseholdID: &e.homes[3], Answer: "都好"})
	e.pass(time.Minute)
	e.tick()
	first := rooms()
	if slices.Sort(first); !slices.Equal(first, []string{"1103", "1203"}) {
		t.Fatalf("at nine: got %v", first)
	}
	e.tick()
	if _, err := e.direct.ExecContext(t.Context(), "delete from welfare_days"); err != nil { // a crash before the day was noted
		t.Fatal(err)
	}
	e.tick()
	if got := rooms(); len(got) != 2 {
		t.Errorf("after a crash: got %v", got)
	}
	// One is answered, the other one not reached: it waits until the next morning and is not logged a second time.
	for _, how := range []delivery.EnquiryOutcome{delivery.OutcomeAnswered, ""} {
		id, refused := e.pickUp(a)
		if refused != nil || id == nil {
			t.Fatal(id, refused)
		}
		if how != "" {
			refused = e.hangUp(a, *id, how)
		} else {
			refused = e.noAnswer(a, *id)
		}
		if refused != nil {
			t.Fatal(refused)
		}
	}
	e.now.Store(time.Date(2020, 2, 19, 1, 0, 0, 0, time.UTC).UnixMicro())
	e.tick()
	if got := rooms(); len(got) != 2 {
		t.Errorf("the next day: got %v", got)
	}
	e.now.Store(time.Date(2020, 2, 22, 1, 0, 0, 0, time.UTC).UnixMicro())
	e.tick()
	if got := rooms(); len(got) != 5 { // all but the one that waits still
		t.Errorf("after four days: got %v", got)
	}
	saved(t, must(e.d.Estate.UpdateCommunities(t.Context(), e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, ClosureEndedAt: new(e.time())}}})).BulkOutcome)
	e.now.Store(time.Date(2020, 2, 29, 1, 0, 0, 0, time.UTC).UnixMicro())
	e.tick()
	if got := rooms(); len(got) != 5 {
		t.Errorf("after the closure: got %v", got)
	}
	refused := must(e.d.Estate.UpdateCommunities(t.Context(), e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, WelfareDays: new(15)}}})).Items[0].UserErrors
	if told(one(refused)) != "OUT_OF_RANGE at communities.0.welfareDays" {
		t.Errorf("after 15 days: got %v", refused)
	}
}

// The number of the phone desk is stored in its normal form. The commander and administrators set it.
func TestDeskPhone(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, c := range []struct {
		actor             delivery.Actor
		set, refused, has string
	}{
		{e.commander, "（0717）668.8110", "", "0717 668-8110"},
		{e.commander, "1234", "BAD_PHONE at communities.0.deskPhone", "0717 668-8110"},
		{e.lead, "12345", "NOT_YOURS at communities.0", "0717 668-8110"},
		{e.resident, "12345", "NOT_YOURS at communities.0", "0717 668-8110"},
		{e.commander, "", "", ""},
	} {
		patch := &estate.CommunityPatchInput{ID: e.community, DeskPhone: new(delivery.Phone(c.set))}
		items := must(e.d.Estate.UpdateCommunities(t.Context(), c.actor, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{patch}})).Items
		var refused string
		if len(items[0].UserErrors) > 0 {
			refused = told(one(items[0].UserErrors))
		}
		if got := e.itself().DeskPhone; refused != c.refused || got != c.has {
			t.Errorf("%s sets %q: got %q, refused %q; want %q, refused %q", c.actor.Role, c.set, got, refused, c.has, c.refused)
		}
	}
}

// newest is the order that was placed last.
func (e *house) newest() delivery.ID {
	e.t.Helper()
	return delivery.ID{Kind: delivery.KindOrder, Community: e.community.Community, UUID: delivery.UUID(e.column("select id from orders order by number desc limit 1")[0])}
}

func TestPurgeOfEnquiries(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.enquiry(e.commander, desk.LogEnquiryInput{Phone: "0717-6012345", HouseholdID: &e.homes[0], Text: "咳嗽三天了"})
	if _, refused := e.pickUp(e.commander, id); refused != nil {
		t.Fatal(refused)
	}
	saved(t, must(e.d.Estate.UpdateCommunities(t.Context(), e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, ClosureEndedAt: new(e.time())}}})).BulkOutcome)
	if err := e.d.Purge.UnscopedPurge(t.Context(), purge.Options{Batch: 10}, func(purge.Purged) {}); err != nil {
		t.Fatal(err)
	}
	if row := e.asked(id); row.Text != "" || row.Phone != "" || row.Number != 1 {
		t.Errorf("got %+v", row)
	}
	if refused := e.hangUp(e.commander, id, delivery.OutcomeAnswered); refused != nil {
		t.Fatal(refused)
	}
	if row := e.asked(id); row.Answer != "" || row.State != delivery.EnquiryClosed {
		t.Errorf("closed after the purge: got %+v", row)
	}
	if _, refused := e.log(e.commander, desk.LogEnquiryInput{}); told(refused) != "PURGED at communityId" {
		t.Errorf("logged after the purge: got %v", refused)
	}
}

// Members close, postpone and take one enquiry at the same moment: one of them finishes it, and the others are told why not.
func TestDesksFinishOneEnquiry(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	q := e.desks(3, e.buildings...)
	a, b := q[1], q[2]
	ends := func() int { return e.kinds(delivery.EnquiryWasClosed) + e.kinds(delivery.EnquiryPostponed) }
	for i := range 6 {
		// Two members take it by name.
		id := e.enquiry(e.commander, desk.LogEnquiryInput{})
		refusals := make([]*delivery.Error, 2)
		atOnce(func() { _, refusals[0] = e.pickUp(a, id) }, func() { _, refusals[1] = e.pickUp(b, id) })
		who, other := a, b
		if refusals[0] != nil {
			who, other, refusals[0], refusals[1] = b, a, refusals[1], refusals[0]
		}
		if refusals[0] != nil || told(refusals[1]) != "ENQUIRY_TAKEN at enquiryId" {
			t.Fatalf("round %d: taken by two: got %v", i, refusals)
		}

		// Its member ends the call on two devices.
		before := ends()
		var closed, postponed *delivery.Error
		atOnce(func() { closed = e.hangUp(who, id, delivery.OutcomeAnswered) }, func() { postponed = e.noAnswer(who, id) })
		if row := e.asked(id); ends() != before+1 || (closed == nil) == (postponed == nil) || (closed == nil) != (row.State == delivery.EnquiryClosed) {
			t.Errorf("round %d: closed %v, postponed %v, now %s", i, closed, postponed, row.State)
		}
		if e.asked(id).State != delivery.EnquiryClosed { // postponed: it is taken again
			if _, refused := e.pickUp(who, id); refused != nil {
				t.Fatal(refused)
			}
			if refused := e.hangUp(who, id, delivery.OutcomeAnswered); refused != nil {
				t.Fatal(refused)
			}
		}

		// The lease ends. Its member closes it while another takes it and puts it off.
		id = e.enquiry(e.commander, desk.LogEnquiryInput{})
		if _, refused := e.pickUp(who, id); refused != nil {
			t.Fatal(refused)
		}
		e.pass(delivery.Lease)
		e.tick()
		before = ends()
		atOnce(func() { closed = e.hangUp(who, id, delivery.OutcomeAnswered) }, func() {
			if _, postponed = e.pickUp(other, id); postponed == nil {
				postponed = e.noAnswer(other, id)
			}
		})
		why := strings.TrimSuffix(told(closed), " at enquiryId") // TAKE_FIRST if the other has put it off by then
		if ends() != before+1 || closed == nil && told(postponed) != "ENQUIRY_CLOSED at enquiryId" || closed != nil && (why != "LEASE_ENDED" && why != "TAKE_FIRST" || postponed != nil) {
			t.Errorf("round %d: closed %v, put off %v", i, closed, postponed)
		}
		e.pass(time.Hour)
	}
}
