package dispatch_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/order"
	"baogong/dispatch/round"
)

// checkRounds checks the equations, that each order is what its events fold to, and that an order that is not delivered has no proof but
// that its household is at the door.
func (e *house) checkRounds() {
	e.t.Helper()
	if early := e.column(`
		select cast(o.id as text)
		  from orders o
		  join proofs p on p.community_id = o.community_id and p.order_id = o.id and p.voided_at is null
		 where o.stage <> 'DELIVERED' and p.kind <> 'RESIDENT'`); len(early) > 0 {
		e.t.Errorf("got proofs of %v, which are not delivered", early)
	}
	e.checkRuns()
}

// climb starts a round and returns it and the reasons of refusal, one per order.
func (e *house) climb(a delivery.Actor, ids ...delivery.ID) (round_ delivery.ID, reasons []delivery.Reason) {
	e.t.Helper()
	p := must(e.d.Round.StartRound(e.t.Context(), a, round.StartRoundInput{OrderIds: ids, Most: 30}))
	if len(p.UserErrors) > 0 {
		return delivery.ID{}, []delivery.Reason{p.UserErrors[0].Reason}
	}
	for _, r := range p.Results {
		if len(r.UserErrors) > 0 {
			reasons = append(reasons, r.UserErrors[0].Reason)
		} else {
			reasons = append(reasons, none)
		}
	}
	if p.RoundID != nil {
		round_ = *p.RoundID
	}
	return round_, reasons
}

// handOver hands the orders of one door over and returns what refused it, if anything.
func (e *house) handOver(a delivery.Actor, proof delivery.ProofKind, code string, ids ...delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Round.HandOver(e.t.Context(), a, round.HandOverInput{Doors: []*round.HandOverDoorInput{{OrderIds: ids, Proof: proof, Code: code}}}))
	for _, refusals := range [][]*delivery.Error{p.UserErrors, func() []*delivery.Error {
		if len(p.Results) > 0 {
			return p.Results[0].UserErrors
		}
		return nil
	}()} {
		if len(refusals) > 0 {
			return refusals[0]
		}
	}
	return nil
}

// endRound ends a round and returns what refused it, or an order of it.
func (e *house) endRound(a delivery.Actor, id delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Round.EndRound(e.t.Context(), a, round.EndRoundInput{RoundID: id}))
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

// rounds are the community's rounds as the commander sees them, newest first.
func (e *house) round(id delivery.ID) *delivery.Round {
	e.t.Helper()
	return must(e.db.RoundsByID(e.t.Context(), e.commander.Scope(), []delivery.ID{id}))[0]
}

// codeOf is the door code of the order.
func (e *house) codeOf(id delivery.ID) string {
	e.t.Helper()
	return delivery.DoorCode(must(e.db.DoorSecrets(e.t.Context(), e.commander.Scope(), []delivery.ID{id}))[0].Secret, id.UUID)
}

func reasonOf(refusal *delivery.Error) delivery.Reason {
	if refusal == nil {
		return none
	}
	return refusal.Reason
}

func TestRoundGoesFromDoorToDoor(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var ids []delivery.ID
	for range 3 {
		ids = append(ids, e.at(delivery.AtBuilding, delivery.ChannelApp))
	}
	r, reasons := e.climb(e.supply, ids...)
	if !slices.Equal(reasons, []delivery.Reason{none, none, none}) {
		t.Fatalf("got %v", reasons)
	}
	if got := e.round(r); got.Taken != 3 || got.Out != 3 || *got.VolunteerUUID != e.supply.UUID || !got.Open() {
		t.Errorf("got %+v", got)
	}
	doors := must(e.db.OrdersOfRounds(t.Context(), e.supply.Scope(), []delivery.ID{r}))
	if len(doors) != 3 || doors[0].Floor != 11 {
		t.Errorf("got the doors %+v", doors)
	}
	if refused := e.handOver(e.supply, delivery.ProofAttested, "", ids[0], ids[1]); refused != nil {
		t.Fatal(refused)
	}
	if got := e.advance(e.supply, ids[2], delivery.AtBuilding, delivery.MoveAbsent); got != nil {
		t.Fatal(got)
	}
	again, reasons := e.climb(e.supply, ids[2])
	if again != r || reasons[0] != none {
		t.Errorf("took it again: got round %v, %v, want the open one", again, reasons)
	}
	e.checkRounds()
	if refused := e.endRound(e.supply, r); refused != nil {
		t.Fatal(refused)
	}
	if got := e.round(r); got.Taken != 4 || got.Delivered != 2 || got.Failed != 2 || got.Out != 0 || got.Open() {
		t.Errorf("got %+v", got)
	}
	if o := e.row(ids[2]); o.Stage != delivery.AtBuilding || o.RoundUUID != nil {
		t.Errorf("got %s, round %v", o.Stage, o.RoundUUID)
	}
	if last := e.feed(); !slices.ContainsFunc(last, func(ev *delivery.Event) bool {
		reason := ev.Reason()
		return reason != nil && *reason == delivery.MoveNotReached
	}) {
		t.Error("no order came back with NOT_REACHED")
	}
	e.expect("ended twice", reasonOf(e.endRound(e.supply, r)), delivery.ReasonRoundOver)
	e.checkRounds()
}

func TestOnlyVolunteersClimb(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp)
	for _, who := range []delivery.Actor{e.resident, e.shop} {
		if _, got := e.climb(who, id); !slices.Equal(got, []delivery.Reason{round.ReasonOnlyVolunteers}) {
			t.Errorf("%s: got %v, want ONLY_VOLUNTEERS", who.Name, got)
		}
	}
}

func TestMovesWithoutARoundOpenOne(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	one, two := e.at(delivery.AtBuilding, delivery.ChannelApp), e.at(delivery.AtBuilding, delivery.ChannelApp)
	e.move(e.supply, one, delivery.OutForDelivery)
	first := e.row(one).RoundUUID
	e.move(e.supply, two, delivery.OutForDelivery)
	if got := e.row(two).RoundUUID; first == nil || got == nil || *got != *first {
		t.Fatalf("got rounds %v and %v, want one", first, got)
	}
	e.checkRounds()
	e.move(e.supply, one, delivery.Delivered)
	e.move(e.supply, two, delivery.Delivered)
	id := delivery.ID{Kind: delivery.KindRound, Community: e.community.Community, UUID: *first}
	if got := e.round(id); !got.Open() || !got.Implicit || got.Delivered != 2 {
		t.Errorf("got %+v, want an open one with both orders delivered", got)
	}
	e.checkRounds()
	if refused := e.undo(e.supply, two); refused != nil {
		t.Fatal(refused)
	}
	if o := e.row(two); o.Stage != delivery.OutForDelivery || o.RoundUUID == nil {
		t.Errorf("got %s, round %v", o.Stage, o.RoundUUID)
	}
	e.checkRounds()
	// The previous release knows no rounds.
	third := e.at(delivery.AtBuilding, delivery.ChannelApp)
	for _, stage := range []string{"OUT_FOR_DELIVERY", "DELIVERED"} {
		if _, err := e.direct.ExecContext(t.Context(), `update orders set stage = $2, delivered_at = case when $2 = 'DELIVERED' then moved_at end, holder_volunteer_id = case when $2 = 'DELIVERED' then null else holder_volunteer_id end where id = $1`,
			third.UUID, stage); err != nil {
			t.Fatal(err)
		}
		e.checkBooks()
	}
}

func TestRoundsThatMovesOpenedEnd(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	idle := func() *delivery.Round {
		t.Helper()
		o := e.at(delivery.AtBuilding, delivery.ChannelApp)
		e.move(e.supply, o, delivery.OutForDelivery)
		id := delivery.ID{Kind: delivery.KindRound, Community: e.community.Community, UUID: *e.row(o).RoundUUID}
		e.move(e.supply, o, delivery.Delivered)
		return e.round(id)
	}
	open := func() int {
		t.Helper()
		return len(must(e.db.Rounds(t.Context(), e.commander.Scope(), e.community.Community, true, "", db.Range{Limit: 10})).Items)
	}
	first := idle()
	if !first.Open() || open() != 0 || must(e.db.RoundOf(t.Context(), e.commander.Scope(), e.community.Community, *first.VolunteerUUID)) != nil {
		t.Errorf("got %+v and %d open rounds, want an open round that no list shows", first, open())
	}
	second, _ := e.climb(e.supply, e.at(delivery.AtBuilding, delivery.ChannelApp))
	if got := e.round(first.ID()); got.Open() || second == first.ID() || open() != 1 {
		t.Errorf("after startRound: got %+v, and %v, want another round", got, second)
	}
	if refused := e.endRound(e.supply, second); refused != nil {
		t.Fatal(refused)
	}
	third := idle()
	busy := e.at(delivery.AtBuilding, delivery.ChannelApp)
	e.move(e.commander, busy, delivery.OutForDelivery)
	e.pass(24 * time.Hour)
	if err := e.d.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := e.round(third.ID()); got.Open() {
		t.Errorf("on the next day: got %+v, want it to have ended", got)
	}
	if o := e.row(busy); o.RoundUUID == nil || open() != 1 {
		t.Errorf("got round %v and %d open rounds, want that of the order that is out", o.RoundUUID, open())
	}
	e.checkRounds()
}

func TestUndoneHandOvers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	one, two := e.at(delivery.AtBuilding, delivery.ChannelApp), e.at(delivery.AtBuilding, delivery.ChannelApp)
	r, _ := e.climb(e.supply, one, two)
	for _, id := range []delivery.ID{one, two} {
		if refused := e.handOver(e.supply, delivery.ProofAttested, "", id); refused != nil {
			t.Fatal(refused)
		}
	}
	if refused := e.undo(e.supply, one); refused != nil {
		t.Fatal(refused)
	}
	if o := e.row(one); o.Stage != delivery.OutForDelivery || o.RoundUUID == nil || *o.RoundUUID != r.UUID {
		t.Errorf("while the round is open: got %s, round %v", o.Stage, o.RoundUUID)
	}
	e.checkRounds()
	if refused := e.endRound(e.supply, r); refused != nil {
		t.Fatal(refused)
	}
	if refused := e.undo(e.lead, two); refused != nil {
		t.Fatal(refused)
	}
	if o := e.row(two); o.Stage != delivery.AtBuilding || o.RoundUUID != nil || o.HolderVolunteer == nil {
		t.Errorf("when the round has ended: got %s, round %v, holder %v", o.Stage, o.RoundUUID, o.HolderVolunteer)
	}
	e.checkRounds()
}

func TestAFailedAttemptIsUndoneWhileTheRoundIsOpen(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp)
	r, _ := e.climb(e.supply, id)
	if refused := e.endRound(e.supply, r); refused != nil {
		t.Fatal(refused)
	}
	if refused := e.undo(e.supply, id); refused == nil || refused.Reason != delivery.ReasonRoundOver {
		t.Errorf("the round has ended: got %v, want ROUND_OVER", refused)
	}
	e.checkNeverLost()
}

func TestMedicineNeedsMoreThanAWord(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	medicine := func() delivery.ID {
		id := e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelApp, Marks: []delivery.Mark{delivery.MarkMedicine}})
		for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding} {
			e.move(e.commander, id, to)
		}
		return id
	}
	id := medicine()
	refused := e.advance(e.supply, id, delivery.Delivered)
	if refused == nil || refused.Reason != delivery.ReasonProofNeeded || !slices.Equal(refused.Details.AcceptedProofs, []delivery.ProofKind{"PHOTO", "CODE", "RESIDENT"}) {
		t.Errorf("a move: got %v", refused)
	}
	e.expect("a word", reasonOf(e.handOver(e.supply, delivery.ProofAttested, "", id)), delivery.ReasonProofNeeded)
	e.expect("no confirmation", reasonOf(e.handOver(e.supply, delivery.ProofResident, "", id)), round.ReasonNoConfirmation)
	code := e.codeOf(id)
	wrong := "0000"
	if code == wrong {
		wrong = "1111"
	}
	e.expect("another building's volunteer with the right code", reasonOf(e.handOver(e.elsewhere, delivery.ProofCode, code, id)), delivery.ReasonNoSuch)
	for left := delivery.MaxCodeAttempts - 1; left >= 0; left-- {
		if refused := e.handOver(e.supply, delivery.ProofCode, wrong, id); refused == nil || refused.Reason != round.ReasonWrongCode || *refused.Details.Left != left {
			t.Fatalf("a wrong code: got %v, want %d left", refused, left)
		}
	}
	refused = e.handOver(e.supply, delivery.ProofCode, code, id)
	if refused == nil || refused.Reason != delivery.ReasonProofNeeded || !slices.Equal(refused.Details.AcceptedProofs, []delivery.ProofKind{"PHOTO", "RESIDENT"}) {
		t.Errorf("the right code after five wrong ones: got %v", refused)
	}
	p := must(e.d.Round.ConfirmReceipt(t.Context(), e.resident, round.ConfirmReceiptInput{OrderIds: []delivery.ID{id}}))
	if len(p.UserErrors) > 0 || !p.Results[0].Confirmed || e.row(id).ConfirmedAt != nil {
		t.Errorf("at the door: got %+v", p)
	}
	if refused := e.handOver(e.supply, delivery.ProofResident, "", id); refused != nil {
		t.Error(refused)
	}
	second := medicine()
	if refused := e.handOver(e.supply, delivery.ProofCode, e.codeOf(second), second); refused != nil {
		t.Error(refused)
	}
	if got := e.column(`select kind || coalesce(' ' || (body ->> 'proof'), '') from events where order_id = '` + string(second.UUID) + `' order by seq desc limit 2`); !slices.Equal(got, []string{"ORDER_MOVED", "ORDER_PROVED CODE"}) {
		t.Errorf("got the events %v, newest first", got)
	}
	if refused := e.undo(e.supply, second); refused != nil || e.row(second).Stage != delivery.AtBuilding {
		t.Errorf("the hand-over is the last event and can be undone: got %v", refused)
	}
	if refused := e.handOver(e.supply, delivery.ProofCode, e.codeOf(second), second); refused != nil {
		t.Error(refused)
	}
	if got := e.column(`select kind from proofs where voided_at is null order by order_id, version`); !slices.Equal(got, []string{"RESIDENT", "RESIDENT", "CODE"}) {
		t.Errorf("got the proofs %v", got)
	}
	e.checkRounds()
}

func TestAPhotoProvesAHandOver(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	one, two := e.at(delivery.AtBuilding, delivery.ChannelApp), e.at(delivery.AtBuilding, delivery.ChannelApp)
	photo := e.keep(e.supply, 8)
	hand := func(photo *delivery.ID, ids ...delivery.ID) delivery.Reason {
		r := must(e.d.Round.HandOver(t.Context(), e.supply, round.HandOverInput{Doors: []*round.HandOverDoorInput{{OrderIds: ids, Proof: delivery.ProofPhoto, PhotoID: photo}}})).Results[0]
		if len(r.UserErrors) > 0 {
			return r.UserErrors[0].Reason
		}
		return none
	}
	e.expect("without a photo", hand(nil, one), round.ReasonNoPhoto)
	e.expect("another's photo", hand(new(e.keep(e.backup, 9)), one), delivery.ReasonFileNotYours)
	e.expect("the photo", hand(&photo, one), none)
	e.expect("the photo again", hand(&photo, two), delivery.ReasonFileUsed)
	e.expect("the stage of the other", e.row(two).Stage, delivery.AtBuilding)
	if got := e.column(`select cast(file_id as text) from proofs where kind = 'PHOTO'`); !slices.Equal(got, []string{string(photo.UUID)}) {
		t.Errorf("got the photos %v", got)
	}
	e.checkRounds()
}

func TestWrongCodesCountInAtomicCallsToo(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp)
	p := must(e.d.Round.HandOver(t.Context(), e.supply, round.HandOverInput{Atomic: true, Doors: []*round.HandOverDoorInput{{OrderIds: []delivery.ID{id}, Proof: delivery.ProofCode, Code: "x"}}}))
	if p.Results[0].Delivered {
		t.Error("handed over with a wrong code")
	}
	if got := e.column(`select wrong from code_attempts`); !slices.Equal(got, []string{"1"}) {
		t.Errorf("got %v wrong codes, want one", got)
	}
}

func TestADoorIsHandedOverWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	mine, more := e.at(delivery.AtBuilding, delivery.ChannelApp), e.at(delivery.AtBuilding, delivery.ChannelApp)
	other := e.place(e.homes[1])
	for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding} {
		e.move(e.commander, other, to)
	}
	e.expect("two households", reasonOf(e.handOver(e.supply, delivery.ProofAttested, "", mine, other)), round.ReasonNotOneDoor)
	e.hold(nil, more)
	e.expect("one of two held", reasonOf(e.handOver(e.supply, delivery.ProofAttested, "", mine, more)), delivery.ReasonHeldOpen)
	for _, id := range []delivery.ID{mine, other, more} {
		e.expect("the stage", e.row(id).Stage, delivery.AtBuilding)
	}
	e.checkRounds()
}

func TestHeldOrdersKeepARoundOpen(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	one, two := e.at(delivery.AtBuilding, delivery.ChannelApp), e.at(delivery.AtBuilding, delivery.ChannelApp)
	r, _ := e.climb(e.supply, one, two)
	held := e.hold(nil, one)
	for _, c := range []struct {
		who  delivery.Actor
		want delivery.Reason
	}{{e.backup, delivery.ReasonNotYourRound}, {e.duty, delivery.ReasonNotYourRound}, {e.elsewhere, delivery.ReasonNoSuch}, {e.resident, delivery.ReasonNoSuch}, {e.supply, delivery.ReasonHeldOpen}} {
		e.expect("by "+c.who.Name, reasonOf(e.endRound(c.who, r)), c.want)
	}
	if got := e.round(r); !got.Open() || got.Out != 1 {
		t.Errorf("got %+v, want it open with the held order", got)
	}
	e.checkRounds()
	e.release(held...)
	if refused := e.endRound(e.lead, r); refused != nil {
		t.Error(refused)
	}
	e.checkRounds()
}

func TestTwoPhonesOnOneRound(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var ids []delivery.ID
	for range 6 {
		ids = append(ids, e.at(delivery.AtBuilding, delivery.ChannelApp))
	}
	var wg sync.WaitGroup
	for _, part := range [][]delivery.ID{ids[:3], ids[2:]} {
		wg.Go(func() { e.climb(e.supply, part...) })
	}
	wg.Wait()
	if open := e.column(`select id from rounds where ended_at is null`); len(open) != 1 {
		t.Fatalf("got the open rounds %v, want one", open)
	}
	e.checkRounds()
	r := delivery.ID{Kind: delivery.KindRound, Community: e.community.Community, UUID: *e.row(ids[0]).RoundUUID}
	for _, id := range ids[:3] {
		wg.Go(func() { e.handOver(e.supply, delivery.ProofAttested, "", id) })
	}
	wg.Go(func() { e.endRound(e.supply, r) })
	wg.Wait()
	e.checkRounds()
	for _, id := range ids {
		if o := e.row(id); o.Stage != delivery.Delivered && o.Stage != delivery.AtBuilding && o.Stage != delivery.OutForDelivery {
			t.Errorf("got %s", o.Stage)
		}
	}
}

func TestHouseholdsConfirmAndDispute(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id, placed := e.at(delivery.AtBuilding, delivery.ChannelApp), e.place(e.homes[0])
	confirm := func(a delivery.Actor, id delivery.ID) delivery.Reason {
		r := must(e.d.Round.ConfirmReceipt(t.Context(), a, round.ConfirmReceiptInput{OrderIds: []delivery.ID{id}})).Results[0]
		if len(r.UserErrors) > 0 {
			return r.UserErrors[0].Reason
		}
		return none
	}
	dispute := func(a delivery.Actor, kind delivery.IncidentKind) delivery.Reason {
		p := must(e.d.Round.Dispute(t.Context(), a, round.DisputeInput{OrderID: id, Kind: kind, Text: "门口没有"}))
		if len(p.UserErrors) > 0 {
			return p.UserErrors[0].Reason
		}
		return none
	}
	e.expect("before the building", confirm(e.resident, placed), delivery.ReasonNotConfirmable)
	e.expect("the neighbour", confirm(e.neighbour, id), delivery.ReasonNoSuch)
	e.expect("the volunteer", confirm(e.supply, id), round.ReasonHouseholdOnly)
	e.expect("too early", dispute(e.resident, delivery.IncidentNotReceived), round.ReasonNotDelivered)
	e.move(e.supply, id, delivery.Delivered)
	e.pass(time.Minute)
	e.expect("delivered", confirm(e.resident, id), none)
	if o := e.row(id); o.ConfirmedAt == nil || !o.ConfirmedAt.Equal(e.time()) {
		t.Errorf("got %v", o.ConfirmedAt)
	}
	version := e.row(id).Version
	e.expect("again", confirm(e.resident, id), none)
	e.expect("the version", e.row(id).Version, version)
	e.expect("the kind", dispute(e.resident, delivery.IncidentLate), round.ReasonNoDispute)
	e.expect("the volunteer's dispute", dispute(e.supply, delivery.IncidentNotReceived), round.ReasonHouseholdOnly)
	e.expect("a dispute", dispute(e.resident, delivery.IncidentNotReceived), none)
	e.expect("once more", dispute(e.resident, delivery.IncidentNotReceived), round.ReasonDisputed)
	e.expect("the stage", e.row(id).Stage, delivery.Delivered)
	e.checkRounds()
	if refused := e.undo(e.lead, id); refused == nil || refused.Reason != delivery.ReasonNothingToUndo {
		t.Errorf("the last event is the confirmation: got %v", refused)
	}
}

// The commander says which proofs the community accepts; for medicine a word never does.
func TestACommunitySaysWhichProofsSuffice(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	set := func(a delivery.Actor, kinds ...delivery.ProofKind) string {
		p := must(e.d.Estate.UpdateCommunities(t.Context(), a, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, AcceptedProofs: kinds}}}))
		return describe(append(p.UserErrors, p.Items[0].UserErrors...))
	}
	policy := func() []delivery.ProofKind {
		return must(e.db.CommunitiesByID(t.Context(), e.admin.Scope(), []delivery.ID{e.community}))[0].AcceptedProofs()
	}
	door := func(marks ...delivery.Mark) delivery.ID {
		id := e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelApp, Marks: marks})
		for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding} {
			e.move(e.commander, id, to)
		}
		return id
	}
	if got := policy(); !slices.Equal(got, delivery.ProofKinds) {
		t.Errorf("at first: got %v, want all", got)
	}
	for name, c := range map[string]struct {
		who   delivery.Actor
		kinds []delivery.ProofKind
		want  string
	}{
		"a lead":                 {e.lead, delivery.ProofKinds, "NOT_YOURS at communities.0"},
		"a volunteer":            {e.supply, delivery.ProofKinds, "NOT_YOURS at communities.0"},
		"nothing":                {e.commander, []delivery.ProofKind{}, "NO_MEDICINE_PROOF at communities.0.acceptedProofs"},
		"words and codes":        {e.commander, []delivery.ProofKind{"ATTESTED", "CODE", "UNIT_COUNT"}, "NO_MEDICINE_PROOF at communities.0.acceptedProofs"},
		"the order of the kinds": {e.admin, []delivery.ProofKind{"RESIDENT", "CODE", "CODE"}, ""},
	} {
		if got := set(c.who, c.kinds...); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got, want := policy(), []delivery.ProofKind{"CODE", "RESIDENT"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	id, other := door(), door()
	refused := e.advance(e.supply, id, delivery.Delivered)
	if refused == nil || refused.Reason != delivery.ReasonProofNeeded || !slices.Equal(refused.Details.AcceptedProofs, policy()) {
		t.Errorf("a move: got %v", refused)
	}
	e.expect("a word", reasonOf(e.handOver(e.supply, delivery.ProofAttested, "", id)), delivery.ReasonProofNeeded)
	e.expect("a photo", reasonOf(e.handOver(e.supply, delivery.ProofPhoto, "", id)), delivery.ReasonProofNeeded)
	if refused := e.handOver(e.supply, delivery.ProofCode, e.codeOf(id), id); refused != nil {
		t.Error(refused)
	}
	if got := set(e.commander, "ATTESTED", "PHOTO"); got != "" {
		t.Fatal(got)
	}
	if refused := e.advance(e.supply, other, delivery.Delivered); refused != nil {
		t.Errorf("a word where it is accepted: got %v", refused)
	}
	refused = e.advance(e.supply, door(delivery.MarkMedicine), delivery.Delivered)
	if refused == nil || !slices.Equal(refused.Details.AcceptedProofs, []delivery.ProofKind{"PHOTO"}) {
		t.Errorf("medicine: got %v", refused)
	}
	e.checkRounds()
}

// An order that the volunteer does not see any more keeps the round open, and the result says so.
func TestARoundWithAnOrderOutOfSight(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	near, far := e.at(delivery.AtBuilding, delivery.ChannelApp), e.place(e.homes[4])
	for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding} {
		e.move(e.commander, far, to)
	}
	r, _ := e.climb(e.supply, near, far)
	moved := e.supply // who serves only the first building now
	moved.Buildings = []delivery.UUID{e.buildings[0].UUID}
	p := must(e.d.Round.EndRound(t.Context(), moved, round.EndRoundInput{RoundID: r}))
	got := map[delivery.ID][]*delivery.Error{}
	for _, result := range p.Results {
		got[result.OrderID] = result.UserErrors
	}
	if len(got) != 2 || len(got[near]) > 0 || len(got[far]) != 1 || got[far][0].Reason != delivery.ReasonNoSuch || !e.round(r).Open() {
		t.Errorf("got %s, want one order back, the other refused with NOT_FOUND and the round open", asJSON(p))
	}
	if refused := e.endRound(e.lead, r); refused != nil {
		t.Errorf("by the lead: got %v", refused)
	}
	e.checkRounds()
}
