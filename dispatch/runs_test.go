package dispatch_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/transport"
)

// checkBooks checks the equations of the chain (db/equations.sql).
func (e *house) checkBooks() {
	e.t.Helper()
	for name, row := range must(e.db.UnscopedBroken(e.t.Context())) {
		e.t.Errorf("%s is broken by %s", name, row)
	}
}

// checkRuns checks the equations, and that each order is what its events fold to.
func (e *house) checkRuns() {
	e.t.Helper()
	e.checkBooks()
	e.checkNeverLost()
}

// start opens a run and returns it, or fails the test.
func (e *house) start(a delivery.Actor, capacity int) delivery.ID {
	e.t.Helper()
	p := must(e.d.Transport.StartRun(e.t.Context(), a, transport.StartRunInput{CommunityID: e.community, Capacity: capacity}))
	if len(p.UserErrors) > 0 {
		e.t.Fatalf("start a run: %v", p.UserErrors[0])
	}
	return *p.RunID
}

// load loads orders and bins and returns the reasons of refusal, one per item.
func (e *house) load(a delivery.Actor, run delivery.ID, subjects ...delivery.ID) (reasons []delivery.Reason) {
	e.t.Helper()
	in := transport.LoadRunInput{RunID: run}
	for _, id := range subjects {
		if id.Kind == delivery.KindBin {
			in.BinIds = append(in.BinIds, id)
		} else {
			in.OrderIds = append(in.OrderIds, id)
		}
	}
	p := must(e.d.Transport.LoadRun(e.t.Context(), a, in))
	if len(p.UserErrors) > 0 {
		return []delivery.Reason{p.UserErrors[0].Reason}
	}
	for _, r := range p.Results {
		if len(r.UserErrors) > 0 {
			reasons = append(reasons, r.UserErrors[0].Reason)
		} else {
			reasons = append(reasons, none)
		}
	}
	return reasons
}

// leave leaves what a run carries at a building and returns what refused it, if anything.
func (e *house) leave(a delivery.Actor, run, building delivery.ID, bags int, missing ...delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Transport.DropAtBuilding(e.t.Context(), a, transport.DropAtBuildingInput{RunID: run, BuildingID: building, Bags: bags, MissingOrderIds: missing}))
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

// run is the run's row as the commander sees it.
func (e *house) run(id delivery.ID) *delivery.Run {
	e.t.Helper()
	return must(e.db.RunsByID(e.t.Context(), e.commander.Scope(), []delivery.ID{id}))[0]
}

// binOf is the default bin of a building.
func binOf(building delivery.ID) delivery.ID {
	building.Kind = delivery.KindBin
	return building
}

func (e *house) expect(what string, got, want any) {
	e.t.Helper()
	if got != want {
		e.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestRunCarriesOrdersFromBinsToBuildings(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := []delivery.ID{e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp)}
	run := e.start(e.transport, 2)
	if got := e.load(e.transport, run, binOf(e.buildings[0])); got[0] != none {
		t.Fatalf("load the bin: got %v", got)
	}
	if got := e.run(run); got.Bags != 2 || got.State != delivery.RunLoading || got.Number != 1 {
		t.Errorf("got %+v, want 2 bags on the cart of run 1", got)
	}
	for i, id := range ids { // the two oldest went first
		o := e.row(id)
		if onCart := o.RunUUID != nil; onCart != (i < 2) || o.Stage != delivery.Sorted || (o.BinUUID == nil) != onCart {
			t.Errorf("order %d: got run %v and bin %v", i, o.RunUUID, o.BinUUID)
		}
	}
	if got := e.load(e.transport, run, ids[2]); got[0] != delivery.ReasonOverCapacity {
		t.Errorf("a third bag: got %v", got)
	}
	if got := e.load(e.transport, run, ids[0]); got[0] != delivery.ReasonOnARun {
		t.Errorf("what is on the cart: got %v", got)
	}
	e.checkRuns()

	p := must(e.d.Transport.DepartRun(t.Context(), e.transport, transport.DepartRunInput{RunID: run}))
	if len(p.UserErrors) > 0 || e.run(run).State != delivery.RunUnderway {
		t.Fatalf("depart: got %v", p.UserErrors)
	}
	e.expect("another building", e.leave(e.transport, run, e.buildings[1], 2).Reason, transport.ReasonNotYourStop)
	wrong := e.leave(e.transport, run, e.buildings[0], 3)
	if wrong == nil || wrong.Reason != transport.ReasonLoadDiffers || wrong.Details.Bags != 2 {
		t.Errorf("a wrong count: got %v", wrong)
	}
	stranger := e.leave(e.transport, run, e.buildings[0], 2, ids[2])
	if stranger == nil || stranger.Reason != transport.ReasonNotCarried || !slices.Equal(stranger.Field, []string{"missingOrderIds", "0"}) {
		t.Errorf("a missing order that is not on the cart: got %v", stranger)
	}
	if refused := e.leave(e.transport, run, e.buildings[0], 1, ids[1]); refused != nil {
		t.Fatalf("leave one of two: %v", refused)
	}
	if o := e.row(ids[0]); o.Stage != delivery.AtBuilding || o.RunUUID != nil {
		t.Errorf("the order that was left: got %s, run %v", o.Stage, o.RunUUID)
	}
	stops := must(e.db.DropsOfRuns(t.Context(), e.supply.Scope(), []delivery.ID{run}))
	if len(stops) != 1 || *stops[0].BagsLeft != 1 || stops[0].BagsLoaded != 2 {
		t.Errorf("got the stops %+v", stops)
	}
	e.checkRuns()

	if p := must(e.d.Transport.FinishRun(t.Context(), e.transport, transport.FinishRunInput{RunID: run})); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}
	if o := e.row(ids[1]); o.BinUUID == nil || o.RunUUID != nil || o.Stage != delivery.Sorted {
		t.Errorf("the order that was missing: got %s, bin %v", o.Stage, o.BinUUID)
	}
	if got := e.run(run); got.State != delivery.RunDone || got.Bags != 0 || got.EndedAt == nil {
		t.Errorf("got %+v", got)
	}
	e.checkRuns()
	if got := e.load(e.transport, run, ids[1]); got[0] != delivery.ReasonRunOver {
		t.Errorf("after the end: got %v", got)
	}
}

func TestRunsAreTheTransportSquads(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id, stranger := e.at(delivery.Sorted, delivery.ChannelApp), e.another().commander
	for _, c := range []struct {
		who       delivery.Actor
		volunteer string
		want      delivery.Reason
	}{
		{e.duty, "", delivery.ReasonNotYours}, {e.supply, "", delivery.ReasonNotYours}, {e.resident, "", delivery.ReasonNotYours}, {e.shop, "", delivery.ReasonNotYours},
		{stranger, "", delivery.ReasonNoSuch}, {e.transport, "T00", delivery.ReasonNotYours}, {e.commander, "S01", transport.ReasonNotTransport}, {e.commander, "", transport.ReasonNoCarrier},
	} {
		in := transport.StartRunInput{CommunityID: e.community, Capacity: 10}
		if c.volunteer != "" {
			in.VolunteerID = new(e.team[c.volunteer])
		}
		p := must(e.d.Transport.StartRun(t.Context(), c.who, in))
		if len(p.UserErrors) != 1 || p.UserErrors[0].Reason != c.want {
			t.Errorf("%s for %q: got %v, want %s", c.who.Name, c.volunteer, p.UserErrors, c.want)
		}
	}
	run := e.start(e.transport, 10)
	p := must(e.d.Transport.StartRun(t.Context(), e.actor("T00"), transport.StartRunInput{CommunityID: e.community, VolunteerID: new(e.team["T01"]), Capacity: 10}))
	if len(p.UserErrors) != 1 || p.UserErrors[0].Reason != transport.ReasonRunOpen || *p.UserErrors[0].Details.ConflictingID != run {
		t.Errorf("a second run: got %v", p.UserErrors)
	}
	for _, who := range []delivery.Actor{e.duty, e.actor("D00")} {
		if got := e.load(who, run, id); got[0] != delivery.ReasonNotYourRun {
			t.Errorf("%s loads: got %v", who.Name, got)
		}
	}
	for _, who := range []delivery.Actor{e.supply, e.resident, e.shop, stranger} { // out of their sight
		if got := e.load(who, run, id); got[0] != delivery.ReasonNoSuch {
			t.Errorf("%s loads: got %v", who.Name, got)
		}
	}
	if got := e.load(e.actor("T00"), run, id); got[0] != none {
		t.Errorf("the lead loads: got %v", got)
	}
	e.checkRuns()
}

func TestACartIsLoadedBeforeItDeparts(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	run := e.start(e.transport, 10)
	depart := func() (reason string) {
		p := must(e.d.Transport.DepartRun(t.Context(), e.transport, transport.DepartRunInput{RunID: run}))
		for _, refused := range p.UserErrors {
			reason = refused.Reason.String()
		}
		return reason
	}
	e.expect("an empty bin", e.load(e.transport, run, binOf(e.buildings[0]))[0].String(), "EMPTY_BIN")
	e.expect("an empty cart departs", depart(), "NOTHING_LOADED")
	e.expect("a bag", e.load(e.transport, run, e.at(delivery.Sorted, delivery.ChannelApp))[0], none)
	e.expect("it departs", depart(), "")
	e.expect("it departs again", depart(), "RUN_DEPARTED")
	e.expect("a bag on the way", e.load(e.transport, run, e.at(delivery.Sorted, delivery.ChannelApp))[0], transport.ReasonRunGone)
	p := must(e.d.Transport.CancelRun(t.Context(), e.transport, transport.CancelRunInput{RunID: run}))
	if len(p.UserErrors) != 1 || p.UserErrors[0].Reason != transport.ReasonRunGone {
		t.Errorf("cancelled on the way: got %v, want RUN_DEPARTED", p.UserErrors)
	}
	e.checkRuns()
}

func TestHeldOrdersComeBackWithTheCart(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	first, second := e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp)
	held := e.hold(nil, first)
	run := e.start(e.transport, 10)
	if got := e.load(e.transport, run, first, second); !slices.Equal(got, []delivery.Reason{delivery.ReasonHeldOpen, none}) {
		t.Errorf("load: got %v", got)
	}
	e.release(held...)
	e.hold(nil, e.buildings[0]) // on the way
	if refused := e.leave(e.transport, run, e.buildings[0], 1); refused == nil || refused.Reason != delivery.ReasonHeldOpen {
		t.Errorf("leave: got %v", refused)
	}
	if p := must(e.d.Transport.FinishRun(t.Context(), e.transport, transport.FinishRunInput{RunID: run})); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}
	if o := e.row(second); o.BinUUID == nil || o.RunUUID != nil || !o.Held() {
		t.Errorf("got bin %v, run %v", o.BinUUID, o.RunUUID)
	}
	e.checkRuns()
}

// Orders also leave a cart by the moves of the chain, one by one or many at once, and come back by an undo.
func TestTheBookOfARunFollowsEveryMove(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var ids []delivery.ID
	for range 4 {
		ids = append(ids, e.at(delivery.Sorted, delivery.ChannelApp))
	}
	run := e.start(e.transport, 10)
	e.load(e.transport, run, ids...)
	e.move(e.transport, ids[0], delivery.AtBuilding)
	e.move(e.transport, ids[1], delivery.AtBuilding)
	e.move(e.commander, ids[2], delivery.Returned)
	e.checkRuns()
	if refused := e.undo(e.commander, ids[1]); refused != nil {
		t.Fatal(refused)
	}
	if refused := e.undo(e.commander, ids[2]); refused != nil {
		t.Fatal(refused)
	}
	for _, id := range ids[1:3] {
		if o := e.row(id); o.RunUUID == nil || o.BinUUID != nil {
			t.Errorf("after the undo while the run is open: got bin %v, run %v", o.BinUUID, o.RunUUID)
		}
	}
	e.checkRuns()
	e.move(e.transport, ids[1], delivery.AtBuilding)
	if p := must(e.d.Transport.FinishRun(t.Context(), e.transport, transport.FinishRunInput{RunID: run})); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}
	if refused := e.undo(e.commander, ids[1]); refused != nil {
		t.Fatal(refused)
	}
	if o := e.row(ids[1]); o.RunUUID != nil || o.BinUUID == nil {
		t.Errorf("after the undo when the run has ended: got bin %v, run %v", o.BinUUID, o.RunUUID)
	}
	e.checkRuns()
	run = e.start(e.transport, 10)
	e.load(e.transport, run, ids[3])
	// The previous release knows no carts.
	if _, err := e.direct.ExecContext(t.Context(), `update orders set stage = 'AT_BUILDING' where id = $1`, ids[3].UUID); err != nil {
		t.Fatal(err)
	}
	e.checkBooks()
}

func TestTwoCartsShareABin(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for range 6 {
		e.at(delivery.Sorted, delivery.ChannelApp)
	}
	lead := e.actor("T00")
	runs := []delivery.ID{e.start(e.transport, 4), e.start(lead, 4)}
	var wg sync.WaitGroup
	for i, who := range []delivery.Actor{e.transport, lead} {
		wg.Go(func() { e.load(who, runs[i], binOf(e.buildings[0])) })
	}
	wg.Wait()
	if a, b := e.run(runs[0]).Bags, e.run(runs[1]).Bags; a > 4 || b > 4 || a+b > 6 || max(a, b) != 4 {
		t.Errorf("got %d and %d bags on the carts", a, b)
	}
	e.checkRuns()
}

func TestTwoPhonesOpenOneRun(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var wg sync.WaitGroup
	opened := make(chan bool, 4)
	for range 4 {
		wg.Go(func() {
			p := must(e.d.Transport.StartRun(t.Context(), e.transport, transport.StartRunInput{CommunityID: e.community, Capacity: 10}))
			if len(p.UserErrors) > 0 && p.UserErrors[0].Reason != transport.ReasonRunOpen {
				t.Errorf("got %v", p.UserErrors[0])
			}
			opened <- p.RunID != nil
		})
	}
	wg.Wait()
	close(opened)
	n := 0
	for ok := range opened {
		if ok {
			n++
		}
	}
	if n != 1 {
		t.Errorf("got %d runs, want 1", n)
	}
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	saved(t, must(e.d.Estate.UpdateCommunities(t.Context(), e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{
		{ID: e.community, QuietFrom: new("22:00"), QuietUntil: new("07:00")}}})).BulkOutcome)
	for _, until := range []string{"", "22:00"} {
		p := must(e.d.Estate.UpdateCommunities(t.Context(), e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, QuietUntil: &until}}}))
		if errs := p.Results()[0].UserErrors; len(errs) != 1 || errs[0].Reason != delivery.ReasonQuietBoth {
			t.Errorf("from 22:00 until %q: got %v, want QUIET_BOTH", until, errs)
		}
	}
	start := func(confirm bool) *transport.StartRunPayload {
		return must(e.d.Transport.StartRun(t.Context(), e.transport, transport.StartRunInput{CommunityID: e.community, Capacity: 10, ConfirmQuietHours: confirm}))
	}
	e.pass(13*time.Hour - time.Microsecond) // one instant before 22:00 in Shanghai
	if p := start(false); len(p.UserErrors) > 0 {
		t.Errorf("before: got %v", p.UserErrors[0])
	} else if p := must(e.d.Transport.CancelRun(t.Context(), e.transport, transport.CancelRunInput{RunID: *p.RunID})); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}
	e.pass(time.Microsecond)
	if p := start(false); len(p.UserErrors) == 0 || p.UserErrors[0].Reason != delivery.ReasonQuietHours {
		t.Errorf("at 22:00: got %v", p.UserErrors)
	}
	e.pass(9*time.Hour - time.Microsecond)
	if p := start(false); len(p.UserErrors) == 0 {
		t.Error("right before 07:00: a run began without a confirmation")
	}
	if p := start(true); len(p.UserErrors) > 0 {
		t.Errorf("confirmed: got %v", p.UserErrors[0])
	}
}

func TestCountsOfADropThatDiffer(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := []delivery.ID{e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp)}
	run := e.start(e.transport, 10)
	e.load(e.transport, run, ids...)
	accept := func(a delivery.Actor, bags int, missing ...delivery.ID) *delivery.Error {
		p := must(e.d.Transport.AcceptDrop(t.Context(), a, transport.AcceptDropInput{RunID: run, BuildingID: e.buildings[0], Bags: bags, MissingOrderIds: missing}))
		if len(p.UserErrors) > 0 {
			return p.UserErrors[0]
		}
		return nil
	}
	e.expect("before anything was left", accept(e.supply, 2).Reason, transport.ReasonNotYourStop)
	if refused := e.leave(e.transport, run, e.buildings[0], 2); refused != nil {
		t.Fatal(refused)
	}
	e.expect("by the gate", accept(e.duty, 2).Reason, delivery.ReasonNotYours)
	e.expect("by another building's volunteer", accept(e.elsewhere, 2).Reason, delivery.ReasonNoSuch)
	e.expect("by the resident", accept(e.resident, 2).Reason, delivery.ReasonNoSuch)
	e.expect("an order that was not left", accept(e.supply, 1, e.at(delivery.AtBuilding, delivery.ChannelApp)).Reason, transport.ReasonNotLeftHere)
	if refused := accept(e.backup, 1, ids[1]); refused != nil {
		t.Fatal(refused)
	}
	e.expect("once more", accept(e.supply, 1).Reason, transport.ReasonAccepted)
	stop := must(e.db.DropsOfRuns(t.Context(), e.commander.Scope(), []delivery.ID{run}))[0]
	if *stop.BagsLeft != 2 || *stop.BagsAccepted != 1 || *stop.AcceptedBy != e.backup.UUID {
		t.Errorf("got %+v, want both counts", stop)
	}
	if got := e.column(`select kind || ' ' || bags || ' ' || (run_id is not null) from incidents order by number`); !slices.Equal(got, []string{"COUNT_DIFFERS 1 true", "COUNT_DIFFERS 1 false"}) {
		t.Errorf("got the incidents %v", got)
	}
	for _, id := range ids {
		e.expect("the stage", e.row(id).Stage, delivery.AtBuilding)
	}
	e.checkRuns()
}

// A drop that changes after the building has counted it is counted again.
func TestADropThatChangesIsCountedAgain(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := []delivery.ID{e.at(delivery.Sorted, delivery.ChannelApp), e.at(delivery.Sorted, delivery.ChannelApp)}
	run := e.start(e.transport, 2)
	e.load(e.transport, run, ids...)
	if refused := e.leave(e.transport, run, e.buildings[0], 2); refused != nil {
		t.Fatal(refused)
	}
	accept := func(bags int) {
		t.Helper()
		p := must(e.d.Transport.AcceptDrop(t.Context(), e.supply, transport.AcceptDropInput{RunID: run, BuildingID: e.buildings[0], Bags: bags}))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
	}
	accept(2)
	if refused := e.undo(e.transport, ids[0]); refused != nil {
		t.Fatal(refused)
	}
	drop := must(e.db.DropsOfRuns(t.Context(), e.supply.Scope(), []delivery.ID{run}))[0]
	if *drop.BagsLeft != 1 || drop.BagsAccepted != nil || drop.AcceptedAt != nil {
		t.Errorf("a bag was taken back: got %d left, %v accepted, want 1 that is not counted yet", *drop.BagsLeft, drop.BagsAccepted)
	}
	e.checkBooks()
	accept(1)
	e.checkRuns()
}

// What names an order twice, and counts that no cart can carry, are refused or bounded.
func TestCountsOfADropWithBadInput(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	far := e.place(e.homes[4])
	e.move(e.commander, far, delivery.AtGate)
	e.move(e.commander, far, delivery.Sorted)
	near := e.at(delivery.Sorted, delivery.ChannelApp)
	run := e.start(e.transport, 10)
	e.load(e.transport, run, near, far)
	e.expect("leave, with an order named twice", e.leave(e.transport, run, e.buildings[0], 1, near, near).Reason, dispatch.ReasonRepeated)
	for i, order := range []delivery.ID{near, far} {
		if refused := e.leave(e.transport, run, e.buildings[i], 1); refused != nil {
			t.Fatal(refused)
		}
		accept := transport.AcceptDropInput{RunID: run, BuildingID: e.buildings[i], Bags: delivery.MaxCapacity, MissingOrderIds: []delivery.ID{order, order}}
		p := must(e.d.Transport.AcceptDrop(t.Context(), e.commander, accept))
		if len(p.UserErrors) != 1 || p.UserErrors[0].Reason != dispatch.ReasonRepeated {
			t.Errorf("accept, with an order named twice: got %v, want REPEATED", p.UserErrors)
		}
		accept.MissingOrderIds = nil
		if p = must(e.d.Transport.AcceptDrop(t.Context(), e.commander, accept)); len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
	}
	if got, want := e.column("select bags from incidents where run_id is not null"), []string{"10000"}; !slices.Equal(got, want) {
		t.Errorf("both buildings count 9,999 more than were left: got an incident of %v bags, want %v", got, want)
	}
	e.checkRuns()
}
