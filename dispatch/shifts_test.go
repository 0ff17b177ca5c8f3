package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/shift"
	"baogong/dispatch/team"
	"baogong/internal/volume"
)

// planned plans a shift of the supply squad that begins some minutes from now and lasts so many hours.
func (e *house) planned(minutes, hours int, codes ...string) *shift.ShiftInput {
	in := &shift.ShiftInput{Squad: new(delivery.SquadSupply), Station: new("6 号楼"), StartsAt: new(e.time().Add(time.Duration(minutes) * time.Minute)),
		VolunteerIds: []delivery.ID{}}
	in.EndsAt = new(in.StartsAt.Add(time.Duration(hours) * time.Hour))
	for _, code := range codes {
		in.VolunteerIds = append(in.VolunteerIds, e.team[code])
	}
	return in
}

// planAs plans shifts and returns the result of each: "ok", or the reason and where it is refused.
func (e *house) planAs(a delivery.Actor, shifts ...*shift.ShiftInput) (ids []delivery.ID, results []string) {
	e.t.Helper()
	p := must(e.d.Shift.PlanShifts(e.t.Context(), a, shift.PlanShiftsInput{CommunityID: e.community, Shifts: shifts}))
	for _, refusal := range p.UserErrors {
		results = append(results, refused(refusal))
	}
	for _, r := range p.Results {
		if len(r.UserErrors) > 0 {
			results = append(results, refused(r.UserErrors[0]))
			continue
		}
		ids, results = append(ids, *r.ShiftID), append(results, "ok")
	}
	return ids, results
}

// expectAll compares lists of texts.
func (e *house) expectAll(what string, got []string, want ...string) {
	e.t.Helper()
	if !slices.Equal(got, want) {
		e.t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func refused(refusal *delivery.Error) string {
	return strings.TrimSuffix(refusal.Reason.String()+" at "+strings.Join(refusal.Field, "."), " at ")
}

// plan plans a shift that must not be refused.
func (e *house) plan(in *shift.ShiftInput) delivery.ID {
	e.t.Helper()
	ids, results := e.planAs(e.commander, in)
	if len(ids) != 1 {
		e.t.Fatalf("got %v", results)
	}
	return ids[0]
}

// check checks members in, or says that they are absent; leave checks them out. They return the result of each.
func (e *house) check(a delivery.Actor, id *delivery.ID, absent bool, codes ...string) []string {
	e.t.Helper()
	return e.presence(must(e.d.Shift.CheckIn(e.t.Context(), a, shift.CheckInInput{ShiftID: id, VolunteerIds: e.named(codes), Absent: absent})).PresenceOutcome)
}

func (e *house) checkOut(a delivery.Actor, id *delivery.ID, codes ...string) []string {
	e.t.Helper()
	return e.presence(must(e.d.Shift.CheckOut(e.t.Context(), a, shift.CheckOutInput{ShiftID: id, VolunteerIds: e.named(codes)})).PresenceOutcome)
}

func (e *house) named(codes []string) (ids []delivery.ID) {
	for _, code := range codes {
		ids = append(ids, e.team[code])
	}
	return ids
}

func (*house) presence(p shift.PresenceOutcome) (results []string) {
	for _, refusal := range p.UserErrors {
		results = append(results, refused(refusal))
	}
	for _, r := range p.Results {
		if len(r.UserErrors) > 0 {
			results = append(results, r.UserErrors[0].Reason.String())
		} else {
			results = append(results, string(*r.State))
		}
	}
	return results
}

// onShifts returns the members of all shifts, such as "S01 ON", and whether they can be reached.
func (e *house) onShifts() []string {
	e.t.Helper()
	return e.column(`
		select v.code || ' ' || m.state || case when v.reachable then '' else ' unreachable' end
		  from shift_members m
		  join volunteers v on v.community_id = m.community_id and v.id = m.volunteer_id
		 order by m.starts_at, v.code`)
}

// noShows returns the codes of the volunteers with an open incident NO_SHOW.
func (e *house) noShows() []string {
	e.t.Helper()
	return e.column(`
		select v.code || ' ' || i.level
		  from incidents i
		  join volunteers v on v.community_id = i.community_id and v.id = i.volunteer_id
		 where i.kind = 'NO_SHOW' and i.state <> 'RESOLVED'
		 order by v.code`)
}

func TestPlanShifts(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	taken := e.plan(e.planned(60, 4, "S01", "S02"))
	over := e.plan(e.planned(-59, 1, "S03"))
	e.pass(time.Minute)
	cancelled := e.plan(e.planned(30, 2))
	e.plan(&shift.ShiftInput{ID: &cancelled, Cancelled: true})
	for name, c := range map[string]struct {
		by   delivery.Actor
		in   *shift.ShiftInput
		with func(*shift.ShiftInput)
		want string
	}{
		"a member":                         {e.supply, e.planned(0, 1), nil, "NOT_YOURS"},
		"a resident":                       {e.resident, e.planned(0, 1), nil, "NOT_YOURS"},
		"a lead of another squad":          {e.actor("D00"), e.planned(0, 1), nil, "NOT_YOURS at shifts.0.squad"},
		"a lead of the squad":              {e.lead, e.planned(0, 1, "D01"), nil, "ok"},
		"an administrator":                 {e.admin, e.planned(0, 1), nil, "ok"},
		"without a squad":                  {e.lead, e.planned(0, 1), func(in *shift.ShiftInput) { in.Squad = nil }, "MISSING at shifts.0.squad"},
		"without an end":                   {e.lead, e.planned(0, 1), func(in *shift.ShiftInput) { in.EndsAt = nil }, "MISSING at shifts.0.endsAt"},
		"without a station":                {e.lead, e.planned(0, 1), func(in *shift.ShiftInput) { in.Station = new(" ") }, "MISSING at shifts.0.station"},
		"longer than a day":                {e.lead, e.planned(0, 25), nil, "SHIFT_TIMES at shifts.0.endsAt"},
		"before it begins":                 {e.lead, e.planned(60, 0), nil, "SHIFT_TIMES at shifts.0.endsAt"},
		"over":                             {e.lead, e.planned(-120, 1), nil, "NOT_FUTURE at shifts.0.endsAt"},
		"too far ahead":                    {e.lead, e.planned(32*24*60, 1), nil, "SHIFT_TOO_FAR at shifts.0.startsAt"},
		"with too many needed":             {e.lead, e.planned(0, 1), func(in *shift.ShiftInput) { in.Needed = new(201) }, "OUT_OF_RANGE at shifts.0.needed"},
		"with a member named twice":        {e.lead, e.planned(0, 1, "P01", "P01"), nil, "REPEATED at shifts.0.volunteerIds.1"},
		"with a household":                 {e.lead, e.planned(0, 1), func(in *shift.ShiftInput) { in.VolunteerIds = e.homes[:1] }, "WRONG_KIND at shifts.0.volunteerIds.0"},
		"with a volunteer who is not":      {e.lead, e.planned(0, 1), func(in *shift.ShiftInput) { in.VolunteerIds = []delivery.ID{e.missing(delivery.KindVolunteer)} }, "NO_SUCH at shifts.0.volunteerIds.0"},
		"with a volunteer of another":      {e.lead, e.planned(180, 1, "P01", "S02"), nil, "ON_ANOTHER_SHIFT at shifts.0.volunteerIds.1"},
		"right after another":              {e.lead, e.planned(60+4*60-1, 1, "S02"), nil, "ok"},
		"a change of one that is not":      {e.lead, &shift.ShiftInput{ID: new(e.missing(delivery.KindShift))}, nil, "NO_SUCH at shifts.0.id"},
		"a change of an old version":       {e.lead, &shift.ShiftInput{ID: &taken, ExpectedVersion: new(int64(9))}, nil, "VERSION_CHANGED at shifts.0.expectedVersion"},
		"a change of a cancelled one":      {e.lead, &shift.ShiftInput{ID: &cancelled, Needed: new(1)}, nil, "SHIFT_CANCELLED at shifts.0"},
		"a cancellation again":             {e.lead, &shift.ShiftInput{ID: &cancelled, Cancelled: true}, nil, "ok"},
		"a change by another squad's lead": {e.actor("D00"), &shift.ShiftInput{ID: &taken, Needed: new(1)}, nil, "NOT_YOURS at shifts.0"},
		"a change of one that is over":     {e.lead, &shift.ShiftInput{ID: &over, Needed: new(1)}, nil, "SHIFT_OVER at shifts.0"},
	} {
		if c.with != nil {
			c.with(c.in)
		}
		if _, got := e.planAs(c.by, c.in); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
	t.Run("the refusal names the other shift and its times", func(t *testing.T) {
		p := must(e.d.Shift.PlanShifts(t.Context(), e.lead, shift.PlanShiftsInput{CommunityID: e.community, Shifts: []*shift.ShiftInput{e.planned(180, 1, "S01")}}))
		refusal := p.Results[0].UserErrors[0]
		if got, want := refusal.Message(delivery.English), "This volunteer is on another shift from 02-18 10:00 to 02-18 14:00."; got != want || *refusal.Details.ConflictingID != taken {
			t.Errorf("got %q, %v, want %q", got, refusal.Details.ConflictingID, want)
		}
	})
	t.Run("atomic does all or nothing, and a retry is answered as before", func(t *testing.T) {
		in := shift.PlanShiftsInput{CommunityID: e.community, Shifts: []*shift.ShiftInput{e.planned(600, 1, "T01"), e.planned(-120, 1)}, Atomic: true}
		p := must(e.d.Shift.PlanShifts(t.Context(), e.commander, in))
		if p.Results[0].ShiftID != nil || p.Results[0].UserErrors[0].Reason.String() != "ATOMIC" {
			t.Errorf("got %+v", p.Results[0])
		}
		in = shift.PlanShiftsInput{CommunityID: e.community, ClientMutationID: new("plan"), Shifts: []*shift.ShiftInput{e.planned(600, 1, "T01")}}
		first, again := must(e.d.Shift.PlanShifts(t.Context(), e.commander, in)), must(e.d.Shift.PlanShifts(t.Context(), e.commander, in))
		if *first.Results[0].ShiftID != *again.Results[0].ShiftID {
			t.Errorf("got %v and %v", first.Results[0].ShiftID, again.Results[0].ShiftID)
		}
	})
	e.checkNeverLost()
}

func TestChangeShift(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	morning, noon := e.plan(e.planned(0, 2, "S01", "S02")), e.plan(e.planned(120, 2, "S02", "S03"))
	// Shifts swap their times, a member goes from one to the other, and another comes, in one call.
	in := e.planned(240, 2)
	if _, got := e.planAs(e.lead, &shift.ShiftInput{ID: &noon, StartsAt: in.StartsAt, EndsAt: in.EndsAt, ExpectedVersion: new(int64(1))},
		&shift.ShiftInput{ID: &morning, StartsAt: new(e.time().Add(2 * time.Hour)), EndsAt: new(e.time().Add(4 * time.Hour)), VolunteerIds: []delivery.ID{e.team["S02"], e.team["P01"]}},
		e.planned(0, 2, "S01")); !slices.Equal(got, []string{"ok", "ok", "ok"}) {
		t.Fatalf("got %v", got)
	}
	e.expectAll("the members", e.onShifts(), "S01 PLANNED", "P01 PLANNED", "S02 PLANNED", "S02 PLANNED", "S03 PLANNED")
	n := len(e.feed())
	if _, got := e.planAs(e.lead, &shift.ShiftInput{ID: &noon, VolunteerIds: []delivery.ID{e.team["S03"], e.team["S02"]}}); got[0] != "ok" || len(e.since(n)) > 0 {
		t.Errorf("got %v and %v, want no change", got, e.since(n))
	}
	if _, got := e.planAs(e.lead, &shift.ShiftInput{ID: &morning, EndsAt: new(e.time().Add(5 * time.Hour))}); got[0] != "ON_ANOTHER_SHIFT at shifts.0.endsAt" {
		t.Errorf("got %v", got)
	}
	e.pass(90 * time.Minute)
	e.expectAll("a check-in", e.check(e.lead, &morning, false, "S02"), "ON")
	for _, c := range []struct {
		in   *shift.ShiftInput
		want string
	}{
		{&shift.ShiftInput{ID: &morning, Cancelled: true}, "SHIFT_BEGUN at shifts.0"},
		{&shift.ShiftInput{ID: &morning, StartsAt: new(e.time())}, "SHIFT_BEGUN at shifts.0.startsAt"},
		{&shift.ShiftInput{ID: &morning, VolunteerIds: []delivery.ID{e.team["P01"]}}, "MEMBER_CAME at shifts.0.volunteerIds"},
		{&shift.ShiftInput{ID: &morning, EndsAt: new(e.time().Add(time.Hour)), VolunteerIds: []delivery.ID{e.team["S02"]}}, "ok"},
	} {
		if _, got := e.planAs(e.lead, c.in); got[0] != c.want {
			t.Errorf("got %v, want %s", got, c.want)
		}
	}
	e.expectAll("the members", e.onShifts(), "S01 PLANNED", "S02 ON", "S02 PLANNED", "S03 PLANNED")
	e.expectAll("when the clock looks", e.column(`select cast(due_at - ends_at as text) from shift_members where state = 'ON'`), "01:00:00")
	e.plan(&shift.ShiftInput{ID: &noon, Cancelled: true})
	e.plan(e.planned(180, 1, "S03"))
	e.checkNeverLost()
}

func TestCopyShifts(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	day := e.plan(e.planned(0, 8, "S01", "S02", "S03"))
	e.plan(e.planned(13*60, 10, "P01")) // 22:00 to 08:00
	other := e.planned(0, 8, "D01")
	other.Squad = new(delivery.SquadDuty)
	e.plan(other)
	e.expectAll("absence", e.check(e.lead, &day, true, "S02"), "ABSENT")
	e.plan(e.planned(24*60, 1, "S03"))
	e.pass(time.Hour)
	in := shift.PlanShiftsInput{CommunityID: e.community, CopyFrom: &shift.CopyShiftsInput{Squad: delivery.SquadSupply, Day: "2020-02-18", To: "2020-02-19"}}
	p := must(e.d.Shift.PlanShifts(t.Context(), e.lead, in))
	if len(p.Results) != 2 || len(p.Results[0].LeftOut) != 2 || !slices.Contains(p.Results[0].LeftOut, e.team["S02"]) || !slices.Contains(p.Results[0].LeftOut, e.team["S03"]) {
		t.Fatalf("got %+v, want S02, who was absent, and S03, who is on another shift, to be left out", p)
	}
	shifts := func() []string {
		return e.column(`select to_char(starts_at at time zone 'Asia/Shanghai', 'DD HH24:MI') || ' ' || (select count(*) from shift_members m where m.shift_id = f.id)
			from shifts f where squad = 'SUPPLY' and starts_at > '2020-02-19' order by starts_at, created_at`)
	}
	want := []string{"19 09:00 1", "19 09:00 1", "19 22:00 1"}
	e.expectAll("the copies", shifts(), want...)
	again := must(e.d.Shift.PlanShifts(t.Context(), e.lead, in))
	if len(again.Results) != 2 || *again.Results[0].ShiftID != *p.Results[0].ShiftID {
		t.Errorf("got %+v, want the same shifts", again.Results)
	}
	e.expectAll("the copies of the second call", shifts(), want...)
	for to, want := range map[string]string{"2020-02-17": "NOT_FUTURE at copyFrom.to", "2021-01-01": "SHIFT_TOO_FAR at copyFrom.to", "tomorrow": "BAD_VALUE at copyFrom.to"} {
		in.CopyFrom.To = to
		if p := must(e.d.Shift.PlanShifts(t.Context(), e.lead, in)); len(p.UserErrors) != 1 || refused(p.UserErrors[0]) != want {
			t.Errorf("%s: got %+v, want %s", to, p.UserErrors, want)
		}
	}
	// Tomorrow's shifts are copied to today, except those that would be over by now.
	e.plan(e.planned(14*60, 2)) // 00:00 to 02:00
	in.CopyFrom.Day, in.CopyFrom.To = "2020-02-19", "2020-02-18"
	var results []string
	for _, r := range must(e.d.Shift.PlanShifts(t.Context(), e.lead, in)).Results {
		if len(r.UserErrors) > 0 {
			results = append(results, refused(r.UserErrors[0]))
		} else {
			results = append(results, "ok")
		}
	}
	e.expectAll("the copies to today", results, "NOT_FUTURE at copyFrom.to", "NOT_FUTURE at copyFrom.to", "ok", "ok")
	in.Atomic = true
	if p := must(e.d.Shift.PlanShifts(t.Context(), e.lead, in)); p.Results[3].ShiftID != nil {
		t.Errorf("atomic: got %+v, want none to be copied", p.Results[3])
	}
	in.CopyFrom.Squad = delivery.SquadDuty
	if p := must(e.d.Shift.PlanShifts(t.Context(), e.lead, in)); len(p.UserErrors) != 1 || p.UserErrors[0].Reason != delivery.ReasonNotYours {
		t.Errorf("got %+v", p)
	}
	e.checkNeverLost()
}

func TestPresenceMovesOrders(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp) // in the first building, of which S01 is primary and S02 backup
	holder := func(want string) {
		t.Helper()
		got := ""
		if v := e.row(id).HolderVolunteer; v != nil {
			got = string(*v)
		}
		if want != "" {
			want = string(e.team[want].UUID)
		}
		e.expect("the holder", got, want)
	}
	day := e.plan(e.planned(0, 8, "S01", "S02"))
	holder("S01")
	n := len(e.feed())
	e.expectAll("an absence", e.check(e.lead, &day, true, "S01"), "ABSENT")
	e.expect("the events", fmt.Sprint(e.since(n)), fmt.Sprint([]delivery.EventKind{delivery.MemberAbsent, delivery.VolunteerSaved, delivery.HolderChanged}))
	holder("S02")
	n = len(e.feed())
	e.expectAll("an absence again", e.check(e.lead, &day, true, "S01"), "ABSENT")
	e.expect("its events", len(e.since(n)), 0)
	e.expectAll("a check-in", e.check(e.backup, nil, false), "ON")
	e.expect("its events", fmt.Sprint(e.since(n)), fmt.Sprint([]delivery.EventKind{delivery.MemberCheckedIn})) // S02 was reachable
	e.expectAll("a check-out", e.checkOut(e.backup, nil), "DONE")
	holder("")
	e.pass(time.Minute)
	e.uncovered(e.buildings[0])
	e.expectAll("a late arrival", e.check(e.supply, nil, false), "ON")
	holder("S01")
	e.expectAll("the uncovered buildings", e.column(`select kind from incidents where kind = 'UNCOVERED' and state <> 'RESOLVED' and building_id = $1`, string(e.buildings[0].UUID)))
	// Reachability that is set by hand holds until the next check-in or check-out.
	e.reach("S01", false)
	holder("")
	e.reach("S01", true)
	e.expectAll("a check-out by the lead", e.checkOut(e.lead, &day, "S01", "S02"), "DONE", "DONE")
	e.expectAll("the members", e.onShifts(), "S01 DONE unreachable", "S02 DONE unreachable")
	e.checkNeverLost()
}

func TestCheckInRefusals(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	first, later := e.plan(e.planned(0, 1, "S01", "S02", "S03", "P01")), e.plan(e.planned(3*60, 1, "S01"))
	e.expectAll("check-ins", e.check(e.lead, &first, false, "S02", "S03"), "ON", "ON")
	e.expectAll("a check-out", e.checkOut(e.lead, &first, "S03"), "DONE")
	for name, c := range map[string]struct {
		got  []string
		want string
	}{
		"another member":                 {e.check(e.backup, &first, false, "S01"), "NOT_YOURS"},
		"a lead of another squad":        {e.check(e.actor("D00"), &first, false, "S01"), "NOT_YOURS"},
		"absent, by the member":          {e.check(e.supply, &first, true, "S01"), "NOT_YOURS"},
		"absent after coming":            {e.check(e.lead, &first, true, "S02"), "MEMBER_CAME"},
		"who is not on it":               {e.check(e.lead, &first, false, "T01"), "NOT_ON_SHIFT"},
		"who has no shift":               {e.check(e.transport, nil, false), "NOT_ON_SHIFT"},
		"long before":                    {e.check(e.supply, &later, false), "CHECK_IN_EARLY"},
		"after checking out":             {e.check(e.lead, &first, false, "S03"), "CHECKED_OUT"},
		"out without being in":           {e.checkOut(e.lead, &first, "P01"), "NOT_CHECKED_IN"},
		"out by another member":          {e.checkOut(e.supply, &first, "S02"), "NOT_YOURS"},
		"a resident":                     {e.check(e.resident, &first, false, "S01"), "NOT_YOURS"},
		"an administrator without names": {e.check(e.admin, &first, false), "MISSING at volunteerIds"},
		"a supplier":                     {e.check(e.shop, &first, false, "S01"), "NOT_YOURS"},
	} {
		if !slices.Equal(c.got, []string{c.want}) {
			t.Errorf("%s: got %v, want %s", name, c.got, c.want)
		}
	}
	far := e.another()
	e.expectAll("a volunteer of another community", e.check(far.lead, &first, false, "S01"), "NO_SUCH")
	e.pass(time.Hour)
	e.expectAll("after the end", e.check(e.lead, &first, false, "P01"), "SHIFT_OVER")
	// Who checks in on the next shift checks out of the one before.
	e.expect("the shift that ended", e.onShifts()[2], "S02 ON")
	next := e.plan(e.planned(0, 1, "S02"))
	e.expectAll("a check-in", e.check(e.backup, &next, false), "ON")
	e.expectAll("the members", e.onShifts(), "P01 PLANNED", "S01 PLANNED", "S02 DONE", "S03 DONE unreachable", "S02 ON", "S01 PLANNED")
	// A member who checks in early and out before the beginning is free for a shift that spans it.
	early := e.plan(e.planned(30, 2, "S03"))
	e.expectAll("an early check-in", e.check(e.lead, &early, false, "S03"), "ON")
	e.expectAll("a check-out before the beginning", e.checkOut(e.lead, &early, "S03"), "DONE")
	e.plan(&shift.ShiftInput{ID: new(e.plan(e.planned(20, 1, "S03"))), Cancelled: true})
	// A member who was absent and is planned on another shift by now cannot come to the first.
	e.expectAll("an absence", e.check(e.lead, &later, true, "S01"), "ABSENT")
	other := e.plan(e.planned(3*60-60, 1, "S01"))
	e.pass(3*time.Hour - time.Hour)
	e.expectAll("a late arrival", e.check(e.supply, &later, false), "ON_ANOTHER_SHIFT")
	e.expectAll("a check-in on the other shift", e.check(e.supply, &other, false), "ON")
	e.expectAll("a late arrival of a member who is on duty there", e.check(e.supply, &later, false), "ON_ANOTHER_SHIFT")
	e.checkNeverLost()
}

func TestNoShow(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.plan(e.planned(0, 2, "S01", "S02", "S03", "P01"))
	second := e.plan(e.planned(3*60, 1, "S01"))
	e.pass(delivery.NoShowAfter - time.Microsecond)
	e.expectAll("a check-in", e.check(e.supply, nil, false), "ON")
	e.tick()
	e.expectAll("who is missed too early", e.noShows())
	e.pass(time.Microsecond)
	e.tick()
	e.tick()
	e.expectAll("who is missed", e.noShows(), "P01 2", "S02 2", "S03 2")
	e.expectAll("the members", e.onShifts(), "P01 PLANNED", "S01 ON", "S02 PLANNED", "S03 PLANNED", "S01 PLANNED") // all reachable
	if refused := e.resolve(e.lead, e.incidentIDsOf("NO_SHOW")[0]); refused == nil || refused.Reason != delivery.ReasonClosesItself {
		t.Errorf("got %v, want CLOSES_ITSELF", refused)
	}
	e.expectAll("a late arrival", e.check(e.backup, nil, false), "ON")
	e.expectAll("an absence", e.check(e.lead, nil, true, "S03"), "ABSENT")
	e.expectAll("who is missed", e.noShows(), "P01 2")
	e.pass(2 * time.Hour)
	e.tick()
	e.expectAll("who is missed after the end", e.noShows())
	e.expectAll("the members", e.onShifts(), "P01 ABSENT", "S01 ON", "S02 ON", "S03 ABSENT unreachable", "S01 PLANNED")
	e.expectAll("a check-out", e.checkOut(e.backup, nil), "DONE")
	e.pass(time.Hour)
	e.tick()
	e.expectAll("who did not check out", e.onShifts(), "P01 ABSENT", "S01 DONE unreachable", "S02 DONE unreachable", "S03 ABSENT unreachable", "S01 PLANNED unreachable")
	// A shift that is put off awaits its members again, and a cancelled one awaits none.
	e.tick()
	e.expectAll("who is missed on the second shift", e.noShows(), "S01 2")
	e.plan(&shift.ShiftInput{ID: &second, StartsAt: new(e.time().Add(time.Hour)), EndsAt: new(e.time().Add(2 * time.Hour))})
	e.expectAll("who is missed on a shift that is put off", e.noShows())
	e.pass(75 * time.Minute)
	e.tick()
	e.expectAll("who is missed again", e.noShows(), "S01 2")
	e.plan(&shift.ShiftInput{ID: &second, Cancelled: true})
	e.expectAll("who is missed on a cancelled shift", e.noShows())
	e.checkNeverLost()
}

// incidentIDsOf returns the ids of the open incidents of a kind.
func (e *house) incidentIDsOf(kind string) (ids []delivery.ID) {
	for _, id := range e.column(`select id from incidents where kind = $1 and state <> 'RESOLVED' order by number`, kind) {
		ids = append(ids, delivery.ID{Kind: delivery.KindIncident, Community: e.community.Community, UUID: delivery.UUID(id)})
	}
	return ids
}

func TestWhoLeavesTheTeamLeavesTheirShifts(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.plan(e.planned(0, 2, "S01", "S02"))
	e.plan(e.planned(3*60, 2, "S01", "S02"))
	e.expectAll("a check-in", e.check(e.supply, nil, false), "ON")
	e.pass(delivery.NoShowAfter)
	e.tick()
	e.expectAll("who is missed", e.noShows(), "S02 2")
	for _, code := range []string{"S01", "S02"} {
		if out := e.archive(e.commander, e.team[code], true); out.Items[0].ID == nil {
			t.Fatal(out.Items[0].UserErrors)
		}
	}
	e.expectAll("the members", e.onShifts(), "S01 DONE")
	e.expectAll("who is missed", e.noShows())
	e.expectAll("the versions", e.column(`select cast(version as text) from shifts order by starts_at`), "2", "3")
	e.checkNeverLost()
}

// Two leads plan one volunteer at the same moment: one of them is told.
func TestPlannedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for i := range 10 {
		results := make([]string, 2)
		var both sync.WaitGroup
		for k, a := range []delivery.Actor{e.lead, e.commander} {
			both.Go(func() {
				_, got := e.planAs(a, e.planned(i*120+k*30, 1, "S01"))
				results[k] = got[0]
			})
		}
		both.Wait()
		slices.Sort(results)
		e.expectAll("the results", results, "ON_ANOTHER_SHIFT at shifts.0.volunteerIds.0", "ok")
	}
	e.checkNeverLost()
}

// A whole shift of 150 checks in, each on their own phone and in one call.
func TestManyCheckIn(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := newEstate(t)
	const many = 150
	in := team.CreateVolunteersInput{CommunityID: e.community}
	var codes []string
	for i := range many {
		codes = append(codes, fmt.Sprintf("V%03d", i))
		in.Volunteers = append(in.Volunteers, &team.NewVolunteerInput{Code: codes[i], Name: "何芳", Squad: delivery.SquadSupply, Rank: delivery.RankMember,
			Services: []*team.ServiceInput{{BuildingID: e.buildings[i%2], Duty: delivery.DutyBackup}}})
	}
	for i, id := range saved(t, must(e.d.Team.CreateVolunteers(t.Context(), e.commander, in)).BulkOutcome) {
		e.team[codes[i]] = id
	}
	e.atAll(20, delivery.AtBuilding)
	one := e.plan(e.planned(0, 2, codes...))
	var all sync.WaitGroup
	results := make([]string, many)
	for i, code := range codes {
		all.Go(func() { results[i] = e.check(e.lead, &one, false, code)[0] })
	}
	all.Wait()
	e.expectAll("the check-ins of many calls", slices.Compact(results), "ON")
	e.expectAll("the check-outs of one call", slices.Compact(e.checkOut(e.lead, &one, codes...)), "DONE")
	two := e.plan(e.planned(0, 2, codes...))
	e.expectAll("the check-ins of one call", slices.Compact(e.check(e.lead, &two, false, codes...)), "ON")
	e.expectAll("who is reachable", e.column(`select cast(count(*) as text) from volunteers where code like 'V%' and reachable`), "150")
	e.checkNeverLost()
}

// The suggestions are taken over as they are, and then there are no more.
func TestSuggestionsAreTakenOver(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	suggest := func() []*delivery.AssignmentChange {
		from, until := e.itself().Today(e.time())
		return must(e.db.Assignments(t.Context(), e.lead.Scope(), e.community.Community, e.time(), from, until)).Suggest()
	}
	// Without shifts all reachable volunteers take part: S01 carries both buildings.
	changes := suggest()
	if len(changes) != 2 {
		t.Fatalf("got %+v, want one building to go from S01 to a backup", changes)
	}
	e.reach("S01", false)
	if got := suggest(); len(got) != 0 {
		t.Errorf("got %+v, want the backups to carry one building each", got)
	}
	// E7 has no volunteer, and only commanders and the lead are there: it goes to the lead.
	e.reach("S03", false)
	saved(t, must(e.d.Team.UpdateVolunteers(t.Context(), e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: e.team["S02"], Rank: new(delivery.RankCommander)}}})).BulkOutcome)
	if got := suggest(); len(got) != 1 || got[0].VolunteerID != e.team["S00"] {
		t.Errorf("got %+v, want one building for S00", got)
	}
	saved(t, must(e.d.Team.UpdateVolunteers(t.Context(), e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: e.team["S02"], Rank: new(delivery.RankMember)}}})).BulkOutcome)
	e.reach("S03", true)
	e.reach("S01", true)
	// On a day with shifts the members on duty take part, and the ones who are about to come.
	e.plan(e.planned(0, 8, "S01"))
	e.plan(e.planned(30, 8, "S02"))
	e.expectAll("a check-in", e.check(e.supply, nil, false), "ON")
	changes = suggest()
	if len(changes) != 2 || changes[0].VolunteerID != e.team["S01"] || changes[1].VolunteerID != e.team["S02"] {
		t.Fatalf("got %+v, want changes of S01 and S02", changes)
	}
	var in team.UpdateVolunteersInput
	for _, c := range changes {
		patch := &team.VolunteerPatchInput{ID: c.VolunteerID, ExpectedVersion: &c.ExpectedVersion}
		for _, s := range c.Services {
			patch.Services = append(patch.Services, &team.ServiceInput{BuildingID: s.BuildingID, Duty: s.Duty})
		}
		in.Volunteers = append(in.Volunteers, patch)
	}
	saved(t, must(e.d.Team.UpdateVolunteers(t.Context(), e.lead, in)).BulkOutcome)
	if got := suggest(); len(got) != 0 {
		t.Errorf("got %+v after they were taken over", got)
	}
	e.checkNeverLost()
}

// Boards count who is on duty.
func TestPresence(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	day := e.plan(e.planned(0, 8, "S01", "S02", "S03"))
	e.plan(e.planned(24*60, 8, "S01"))
	duty := e.planned(60, 8, "D01")
	duty.Squad = new(delivery.SquadDuty)
	e.plan(duty)
	e.check(e.lead, &day, true, "S02")
	e.check(e.lead, &day, false, "S03")
	from, until := e.itself().Today(e.time())
	var got []string
	for _, p := range must(e.db.Presence(t.Context(), e.lead.Scope(), e.community.Community, from, until)) {
		got = append(got, fmt.Sprint(p.Squad, " ", p.On, " ", p.Planned, " ", p.Absent))
	}
	e.expectAll("who is on duty", got, "SUPPLY 1 1 1", "DUTY 0 1 0")
}

// Two leads copy a day at the same moment: each shift is planned once, and both get the same shifts.
func TestTwoCopyShiftsAtOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.plan(e.planned(0, 8, "S01", "S02"))
	e.plan(e.planned(13*60, 10, "P01")) // 22:00 to 08:00
	for day := range 6 {
		in := shift.PlanShiftsInput{CommunityID: e.community, CopyFrom: &shift.CopyShiftsInput{Squad: delivery.SquadSupply, Day: "2020-02-18", To: fmt.Sprint("2020-02-2", day)}}
		ids := make([][]delivery.ID, 2)
		var all []func()
		for i, a := range []delivery.Actor{e.lead, e.commander} {
			all = append(all, func() {
				for _, r := range must(e.d.Shift.PlanShifts(t.Context(), a, in)).Results {
					ids[i] = append(ids[i], *r.ShiftID)
				}
			})
		}
		atOnce(all...)
		if len(ids[0]) != 2 || !slices.Equal(ids[0], ids[1]) {
			t.Errorf("%s: got %v and %v, want the same two shifts", in.CopyFrom.To, ids[0], ids[1])
		}
	}
	e.expectAll("the shifts with their members", e.column("select count(distinct f.id) || ' ' || count(m.shift_id) from shifts f join shift_members m on m.shift_id = f.id"), "14 21")
}

// A volunteer and the lead check the volunteer in at the same moment, and another lead marks an absence: the volunteer is on duty, once.
func TestTwoCheckOneIn(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp) // held by S01
	for i := range 6 {
		day := e.plan(e.planned(0, 1, "S01"))
		n := len(e.feed())
		var own, lead, absent []string
		atOnce(func() { own = e.check(e.supply, nil, false) }, func() { lead = e.check(e.lead, &day, false, "S01") }, func() { absent = e.check(e.commander, &day, true, "S01") })
		e.expectAll("the volunteer's check-in", own, "ON")
		e.expectAll("the lead's check-in", lead, "ON")
		came := 0
		for _, kind := range e.since(n) {
			if kind == delivery.MemberCheckedIn {
				came++
			}
		}
		if was := absent[0] == "ABSENT"; came != 1 || !was && absent[0] != "MEMBER_CAME" {
			t.Errorf("round %d: got %d check-ins, and the absence %v", i, came, absent)
		}
		e.expectAll("the member", e.column("select state from shift_members where shift_id = $1", string(day.UUID)), "ON")
		if v := e.row(id).HolderVolunteer; v == nil || *v != e.team["S01"].UUID {
			t.Errorf("round %d: the order is held by %v", i, v)
		}
		e.pass(2 * time.Hour)
		e.tick()
		e.reach("S01", true)
	}
	e.checkNeverLost()
}
