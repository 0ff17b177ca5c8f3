package dispatch_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/access"
	"baogong/dispatch/contact"
	"baogong/dispatch/desk"
	"baogong/dispatch/errand"
	"baogong/dispatch/estate"
	"baogong/dispatch/gate"
	"baogong/dispatch/hold"
	"baogong/dispatch/incident"
	"baogong/dispatch/intake"
	"baogong/dispatch/money"
	"baogong/dispatch/order"
	"baogong/dispatch/purge"
	"baogong/dispatch/task"
	"baogong/dispatch/team"
	"baogong/dispatch/webhook"
	"baogong/internal/photo"
)

// close has the community's closure end now, or says why not.
func (e *house) close(a delivery.Actor, patch estate.CommunityPatchInput) *delivery.Error {
	e.t.Helper()
	patch.ID = e.community
	p := must(e.d.Estate.UpdateCommunities(e.t.Context(), a, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{&patch}}))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	if len(p.Items[0].UserErrors) > 0 {
		return p.Items[0].UserErrors[0]
	}
	return nil
}

// purge removes what is due, and returns the rows by community's code and sort.
func (e *house) purge(o purge.Options) map[string]map[db.PersonalData]int64 {
	e.t.Helper()
	out := map[string]map[db.PersonalData]int64{}
	if o.Batch == 0 {
		o.Batch = 3
	}
	if err := e.d.Purge.UnscopedPurge(e.t.Context(), o, func(p purge.Purged) { out[p.Community.Code] = p.Rows }); err != nil {
		e.t.Fatal(err)
	}
	return out
}

// A purge of many communities takes minutes. One whose end is corrected meanwhile keeps its data, and the next one is purged still.
func TestPurgeSeesCorrections(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	corrected, last := e.another(), settle(t, e.db, "zuihou")
	after := 30 * 24 * time.Hour
	for _, of := range []*house{e, corrected, last} {
		if refused := of.close(of.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time().Add(-after))}); refused != nil {
			t.Fatal(refused)
		}
	}
	var purged []string
	if err := e.d.Purge.UnscopedPurge(t.Context(), purge.Options{After: after, Batch: 100}, func(p purge.Purged) {
		if purged = append(purged, p.Community.Code); len(purged) == 1 {
			if refused := corrected.close(corrected.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); refused != nil {
				t.Error(refused)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{e.itself().Code, last.itself().Code}; !slices.Equal(purged, want) || corrected.itself().Purged() {
		t.Errorf("got %v purged, want %v", purged, want)
	}
}

// itself is the community's row.
func (e *house) itself() *delivery.Community {
	e.t.Helper()
	return must(e.db.CommunitiesByID(e.t.Context(), e.admin.Scope(), []delivery.ID{e.community}))[0]
}

// personal is a text in every place where a person's data can stand.
const personal = "隐私"

// fillWithPersonalData writes it everywhere.
func (e *house) fillWithPersonalData() {
	e.t.Helper()
	ctx := e.t.Context()
	var homes []*estate.HouseholdPatchInput
	for _, id := range e.homes {
		homes = append(homes, &estate.HouseholdPatchInput{ID: id, ContactName: new(delivery.PersonName(personal)), Phone: new(delivery.Phone("13655556666")), Needs: []delivery.Need{"PREGNANT"}})
	}
	saved(e.t, must(e.d.Estate.UpdateHouseholds(ctx, e.commander, estate.UpdateHouseholdsInput{Households: homes})).BulkOutcome)
	for _, id := range e.team {
		e.volunteer(&team.VolunteerPatchInput{ID: id, Name: new(delivery.PersonName(personal)), Phone: new(delivery.Phone("13655556666")), HomeOrganisation: new(personal)})
	}
	for i, h := range e.homes {
		p := must(e.d.Order.PlaceOrder(ctx, e.commander, order.PlaceOrderInput{ClientMutationID: new(fmt.Sprint(personal, i)), HouseholdID: h, Channel: "APP", SupplierID: &e.suppliers[1], Note: personal,
			DeviceTime: new(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)), Lines: []*order.LineInput{{Item: personal, Quantity: 1000, Unit: "盒"}, {Item: personal, Quantity: 2000, Unit: "盒"}}}))
		if len(p.UserErrors) > 0 {
			e.t.Fatal(p.UserErrors[0])
		}
		if moved := must(e.d.Order.AdvanceOrders(ctx, e.commander, order.AdvanceOrdersInput{Orders: []*order.OrderMoveInput{{OrderID: *p.OrderID}}, To: "DISPATCHED", Note: personal})); moved.Moved() != 1 {
			e.t.Fatal("not moved")
		}
		if i%2 == 0 {
			held(e.t, must(e.d.Hold.PlaceHold(ctx, e.commander, hold.PlaceHoldInput{SubjectIds: []delivery.ID{*p.OrderID}, Reason: "OTHER", Note: personal})))
		}
		id, refusal := e.trouble(e.commander, delivery.IncidentOther, *p.OrderID, func(in *incident.IncidentInput) { in.Note = personal })
		if refusal != nil {
			e.t.Fatal(refusal)
		}
		if i%2 == 0 {
			must(e.d.Incident.ResolveIncidents(ctx, e.commander, incident.ResolveIncidentsInput{Ids: []delivery.ID{*id}, Resolution: delivery.ResolutionAnswered, Note: personal}))
		}
		if _, refused := e.look(e.commander, h, p.OrderID, func(in *contact.RevealContactInput) { in.Reason = personal }); refused != nil {
			e.t.Fatal(refused)
		}
	}
	if refused := e.finish(e.commander, delivery.TaskDone, e.tasks(e.commander, delivery.SquadPatrol, &task.TaskInput{Kind: delivery.TaskVisit, Title: personal, Place: personal, HouseholdID: &e.homes[0]})...); refused != nil {
		e.t.Fatal(refused)
	}
	e.tell(`update tasks set note = $2 where community_id = $1`, e.community.Community, personal)
	fetch := e.at(delivery.Placed, delivery.ChannelErrand)
	must(e.d.Errand.AnswerErrand(ctx, e.commander, errand.AnswerErrandInput{OrderID: fetch, Answer: personal}))
	e.takeDocuments(fetch, delivery.DocumentMedicalCard)
	receipt := must(e.d.File.Keep(ctx, e.commander, e.community.Community, photo.PNG, picture(2))).ID()
	if _, refusal := e.record(e.commander, money.RecordMoneyInput{OrderID: fetch, Entries: []*money.MoneyInput{
		{Kind: new(delivery.MoneyIn), Party: new(delivery.PartyHousehold), AmountFen: new(int64(1000)), ReceiptPhotoID: &receipt}}}); refusal != nil {
		e.t.Fatal(refusal)
	}
	e.redeem(e.card(e.homes[0]))
	must(e.d.Gate.AnnounceArrival(ctx, e.commander, gate.AnnounceArrivalInput{SupplierID: e.suppliers[0], Vehicle: personal, DriverPhone: "13800001234"}))
	must(e.d.Gate.LogStrays(ctx, e.commander, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Label: personal, Place: personal}}}))
	unclear := entry("", personal, 1)
	unclear.Note = personal
	e.entries(unclear, entry("", personal, 2))
	in := e.importing(delivery.ImportCSV)
	in.Name = personal
	i := e.imported(e.commander, in)
	must(e.d.Intake.SettleImportRows(ctx, e.commander, intake.SettleImportRowsInput{ImportID: i.ID(), Rows: []*intake.SettleRowInput{{Row: 2, Drop: new(personal)}}}))
	e.enquiry(e.commander, desk.LogEnquiryInput{Text: personal, Answer: personal, Phone: "13655556666", HouseholdID: &e.homes[0]})
	e.tell(`insert into address_aliases (community_id, id, kind, text, text_key, household_id, at, by_role) values ($1, gen_random_uuid(), 'DOOR', $2, $2, $3, now(), 'LEAD')`, e.community.Community, personal, e.homes[0].UUID)
	e.tell(`insert into address_aliases (community_id, id, kind, text, text_key, building_id, at, by_role) select $1, gen_random_uuid(), 'BUILDING', $2, $2 || '栋', u.building_id, now(), 'LEAD' from units u join households h on h.unit_id = u.id where h.id = $3`, e.community.Community, personal, e.homes[0].UUID)
	e.tell(`insert into demand_days (community_id, kind, day, series, part, item, unit, orders, households, quantity) values ($1, 'ITEM', '2020-02-18', 'x', '*', $2, '盒', 1, 1, 1)`, e.community.Community, personal)
	e.tell(`insert into forecasts (community_id, kind, day, series, item, unit, low, high, like_days, method, made_at) values ($1, 'ITEM', '2020-02-18', 'x', $2, '盒', 0, 1, 0, 'UP_TO', now())`, e.community.Community, personal)
	e.tell(`insert into file_parts (community_id, file_id, part, data, at) values ($1, gen_random_uuid(), 0, convert_to($2, 'UTF8'), now())`, e.community.Community, personal)
	saved(e.t, must(e.d.Webhook.SetWebhooks(ctx, e.commander, webhook.SetWebhooksInput{CommunityID: e.community, Webhooks: []*webhook.WebhookInput{{Name: personal, URL: "https://x.example/" + personal}}})).BulkOutcome)
	e.saveScenario(e.scenario(personal))
	must(e.d.File.Keep(ctx, e.resident, e.community.Community, photo.PNG, picture(1)))
}

// dump is every row of the community as text, by table.
func (e *house) dump(tables ...string) map[string]string {
	e.t.Helper()
	if len(tables) == 0 {
		tables = e.column(`select table_name from information_schema.columns where table_schema = 'public' and column_name = 'community_id'`)
	}
	out := map[string]string{}
	for _, table := range tables {
		name, _, _ := strings.Cut(table, " ")
		out[name] = strings.Join(e.column(`select cast(x as text) from (select * from `+name+` where community_id = $1) r, to_jsonb(r) x order by 1`, e.community.Community), "\n")
	}
	return out
}

func TestPurge(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	other := e.another()
	e.fillWithPersonalData()
	other.fillWithPersonalData()
	want := map[db.PersonalData]int64{"households": 8, "volunteers": 11, "orders": 8, "lines": 17, "demand": 1, "forecasts": 1, "errands": 1, "events": 16, "holds": 4, "arrivals": 1, "strays": 1, "incidents": 8, "tasks": 1, "scenarios": 1, "enquiries": 1, "files": 2, "sheets": 1, "imports": 1, "import rows": 2, "aliases": 2, "reveals": 8, "webhooks": 1, "secrets": 1, "calls": 8, "sign-ins": 1}
	stay := `select cast(to_jsonb(o) - 'note' as text) from orders o where community_id = $1 order by 1`
	numbers := []string{"events", "feeds", "buildings", "units", "suppliers", "services", "order_numbers", "purses", "money", "documents"}
	before, orders, foreign := e.dump(numbers...), e.column(stay, e.community.Community), other.dump()

	if got := e.purge(purge.Options{}); len(got) != 0 {
		t.Errorf("got %v while the closure lasts, want nothing", got)
	}
	for who, a := range map[string]delivery.Actor{"lead": e.lead, "supply": e.supply, "resident": e.resident, "shop": e.shop} {
		if refused := e.close(a, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); reasonAt(refused) != "NOT_YOURS at communities.0" {
			t.Errorf("%s ends the closure: got %v", who, refused)
		}
	}
	if refused := e.close(other.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); reasonAt(refused) != "NO_SUCH at communities.0.id" {
		t.Errorf("another's commander: got %v", refused)
	}
	for want, patch := range map[string]estate.CommunityPatchInput{
		"BAD_TIME at communities.0.closureEndedAt":            {ClosureEndedAt: new(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC))},
		"ENDED_AND_REOPENED at communities.0.closureReopened": {ClosureEndedAt: new(e.time()), ClosureReopened: new(true)},
	} {
		if refused := e.close(e.commander, patch); reasonAt(refused) != want {
			t.Errorf("got %s, want %s", reasonAt(refused), want)
		}
	}
	ended := e.time()
	if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: &ended}); refused != nil {
		t.Fatal(refused)
	}
	version := e.itself().Version
	if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: &ended, ClosureReopened: new(false)}); refused != nil || e.itself().Version != version {
		t.Errorf("the same again: refused %v, version %d, want %d", refused, e.itself().Version, version)
	}
	before["feeds"], before["events"] = e.dump("feeds")["feeds"], e.dump("events")["events"]

	// An order may still be placed, and nothing is due yet.
	e.pass(30*24*time.Hour - time.Microsecond)
	due := purge.Options{After: 30 * 24 * time.Hour}
	if got := e.purge(due); len(got) != 0 {
		t.Errorf("got %v a moment too early, want nothing", got)
	}
	e.pass(time.Microsecond)
	dry := due
	dry.DryRun = true
	whole := e.dump()
	if got := e.purge(dry); len(got) != 1 || !maps.Equal(got[e.code], want) {
		t.Errorf("dry: got %v, want %v", got, want)
	}
	if !maps.Equal(e.dump(), whole) {
		t.Error("a dry run changed something")
	}
	told := len(e.feed())
	if got := e.purge(due); len(got) != 1 || !maps.Equal(got[e.code], want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := e.since(told); len(got) != 2 || got[0] != delivery.AccessChanged || got[1] != delivery.CodesEnded {
		t.Errorf("got events %v, want that the household's card and sign-in ended", got)
	}
	e.column(`delete from events where community_id = $1 and seq > $2`, e.community.Community, told) // the rest is compared
	e.column(`update feeds set head = $2 where community_id = $1`, e.community.Community, told)

	for table, text := range e.dump() {
		for _, secret := range []string{personal, "1365555", "PREGNANT", "2020-01-02"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s still holds %q", table, secret)
			}
		}
	}
	if !maps.Equal(e.dump(numbers...), before) || !slices.Equal(e.column(stay, e.community.Community), orders) {
		t.Error("numbers, stages, the feed or events are not what they were")
	}
	e.checkNeverLost()
	if !maps.Equal(other.dump(), foreign) {
		t.Error("the purge reached another community")
	}
	if c := e.itself(); c.PurgedAt == nil || !c.PurgedAt.Equal(e.time()) {
		t.Errorf("got %+v, want it purged now", c)
	}
	if got := e.purge(due); len(got) != 0 {
		t.Errorf("got %v the second time, want nothing", got)
	}

	t.Run("nothing personal comes in or goes out any more", func(t *testing.T) {
		ctx := t.Context()
		for who, a := range map[string]delivery.Actor{"admin": e.admin, "commander": e.commander} {
			if _, refused := e.look(a, e.homes[0], nil); reasonAt(refused) != "PURGED at " || refused.Code() != delivery.CodeConflict {
				t.Errorf("%s: got %v", who, refused)
			}
		}
		if _, refused := e.look(e.elsewhere, e.homes[0], nil); reasonAt(refused) != "NO_SUCH at householdId" {
			t.Errorf("out of sight: got %v", refused)
		}
		if p := must(e.d.Contact.RevealRound(ctx, e.supply, contact.RevealRoundInput{CommunityID: e.community, Reason: "x"})); reasonAt(p.UserErrors[0]) != "PURGED at " {
			t.Errorf("got %v", p.UserErrors)
		}
		if p := must(e.d.Order.PlaceOrder(ctx, e.commander, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: "APP", SupplierID: &e.suppliers[1], Lines: []*order.LineInput{{Item: "米", Quantity: 1, Unit: "袋"}}})); reasonAt(p.UserErrors[0]) != "PURGED at householdId" {
			t.Errorf("got %v", p.UserErrors)
		}
		if p := must(e.d.Estate.UpdateHouseholds(ctx, e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[0], Phone: new(delivery.Phone("13655556666"))}}})); reasonAt(p.UserErrors[0]) != "PURGED at " {
			t.Errorf("got %v", p.UserErrors)
		}
		if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); reasonAt(refused) != "PURGED at communities.0.closureEndedAt" {
			t.Errorf("got %v", refused)
		}
		// Orders that are still open go on, without words.
		rows := must(e.db.Orders(ctx, e.admin.Scope(), e.community.Community, db.OrderFilter{Held: new(false)}, db.SortNumber, false, db.Range{Limit: 1}))
		id := rows.Items[0].ID()
		if label := rows.Items[0].Label(); label != rows.Items[0].Address {
			t.Errorf("got the label %q, want the door only", label)
		}
		if p := must(e.d.Order.AdvanceOrders(ctx, e.commander, order.AdvanceOrdersInput{Orders: []*order.OrderMoveInput{{OrderID: id}}, To: "AT_GATE", Note: personal, DeviceTime: new(e.time())})); p.Moved() != 1 {
			t.Errorf("got %v", p.Results[0].UserErrors)
		}
		held(t, must(e.d.Hold.PlaceHold(ctx, e.commander, hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Reason: "OTHER", Note: personal})))
		trouble, refusal := e.trouble(e.commander, delivery.IncidentSafety, id, func(in *incident.IncidentInput) { in.Note = personal })
		if refusal != nil {
			t.Fatal(refusal)
		}
		must(e.d.Incident.ResolveIncidents(ctx, e.commander, incident.ResolveIncidentsInput{Ids: []delivery.ID{*trouble}, Resolution: delivery.ResolutionAnswered, Note: personal}))
		for what, rows := range must(e.db.UnscopedPersonal(ctx, e.community.Community)) {
			if rows > 0 {
				t.Errorf("got %d of %s", rows, what)
			}
		}
		e.checkNeverLost()
	})

	t.Run("a closure that is reopened takes data again, and ends again", func(t *testing.T) {
		if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureReopened: new(true)}); refused != nil {
			t.Fatal(refused)
		}
		if c := e.itself(); c.ClosureEndedAt != nil || c.PurgedAt != nil || c.Purged() {
			t.Errorf("got %+v", c)
		}
		saved(t, must(e.d.Estate.UpdateHouseholds(t.Context(), e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[0], Phone: new(delivery.Phone("13655556666"))}}})).BulkOutcome)
		if contact, refused := e.look(e.commander, e.homes[0], nil); refused != nil || contact.Phone != "13655556666" || contact.Name != "" {
			t.Errorf("got %v, refused %v", contact, refused)
		}
		if got := e.purge(due); len(got) != 0 {
			t.Errorf("got %v while the closure lasts", got)
		}
		if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); refused != nil {
			t.Fatal(refused)
		}
		if got := e.purge(purge.Options{}); got[e.code]["households"] != 1 || got[e.code]["reveals"] != 1 {
			t.Errorf("got %v, want the one household and who looked at it", got)
		}
	})
}

// TestPurgeBesideMoves purges while orders move with notes: in either order no note is left.
func TestPurgeBesideMoves(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at("AT_BUILDING", "APP")
	if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); refused != nil {
		t.Fatal(refused)
	}
	move := func() {
		for i := range 40 {
			to, reason := delivery.OutForDelivery, (*delivery.MoveReason)(nil)
			if i%2 == 1 {
				to, reason = delivery.AtBuilding, new(delivery.MoveReason("ABSENT"))
			}
			if p := must(e.d.Order.AdvanceOrders(t.Context(), e.commander, order.AdvanceOrdersInput{Orders: []*order.OrderMoveInput{{OrderID: id}}, To: to, Reason: reason, Note: personal})); p.Moved() != 1 {
				t.Errorf("move %d: %v", i, p.Results[0].UserErrors)
			}
		}
	}
	atOnce(move, func() { e.purge(purge.Options{}) }, func() { e.purge(purge.Options{}) })
	if left := must(e.db.UnscopedPersonal(t.Context(), e.community.Community)); left["events"] > 0 || left["lines"] > 0 || e.itself().PurgedAt == nil {
		t.Errorf("got %v left, purged at %v", left, e.itself().PurgedAt)
	}
	e.checkNeverLost()
}

// TestPurgeEndsAccess purges while people are signed in: all codes and sign-ins of the community end, and those of another
// go on.
func TestPurgeEndsAccess(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	other := e.another()
	theirs, _ := other.redeem(other.card(other.homes[0]))
	card := e.card(e.homes[0])
	resident, _ := e.redeem(card)
	commander, _ := e.redeem(e.invite(e.team["C01"]))
	e.bind(e.invite(e.team["S01"]), "wang")
	unused := e.invite(e.team["S02"])
	order := e.place(e.homes[1])
	p, err := e.d.Access.ShareOrder(t.Context(), e.commander, access.ShareOrderInput{OrderID: order})
	link := code(t, p, err)
	secret, _, err := e.d.Access.InviteCity(t.Context(), []string{e.code})
	if err != nil {
		t.Fatal(err)
	}
	city, _ := e.redeem(secret)
	var watching []delivery.Actor
	for _, token := range []string{resident, commander} {
		a, why := e.who(token)
		if why != none {
			t.Fatal(why)
		}
		watching = append(watching, a)
	}
	bound, _ := e.subject("wang")
	follows, _, err := e.d.Access.OpenLink(t.Context(), phone, link)
	if err != nil {
		t.Fatal(err)
	}
	watching = append(watching, bound, follows)

	if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); refused != nil {
		t.Fatal(refused)
	}
	n, woken := len(e.feed()), e.woken.Load()
	e.purge(purge.Options{Batch: 2})
	var lost []delivery.UUID
	for _, ev := range e.feed()[n:] {
		if ev.Kind == delivery.AccessChanged {
			lost = append(lost, delivery.BodyOf[delivery.AccessBody](ev).Row)
		}
	}
	for _, a := range watching {
		if e.still(a) || !slices.Contains(lost, a.UUID) {
			t.Errorf("%s: goes on: %t; said in the feed: %t", a.Role, e.still(a), slices.Contains(lost, a.UUID))
		}
	}
	if e.woken.Load() == woken {
		t.Error("the feed was not woken")
	}
	for name, c := range map[string]string{"the card": card, "an invitation": unused, "a link": link} {
		if _, why := e.redeem(c); why != dispatch.ReasonPurged {
			t.Errorf("%s: got %q, want PURGED", name, why)
		}
	}
	if _, why := e.redeem(unused[:7] + strings.Repeat("7", 5) + "-" + strings.Repeat("7", 5) + "-" + strings.Repeat("7", 4)); why != db.ReasonBadCode {
		t.Errorf("a wrong code: got %q, want BAD_CODE", why)
	}
	if p := must(e.d.Access.CreateInvitations(t.Context(), e.admin, access.CreateInvitationsInput{SubjectIds: []delivery.ID{e.team["S01"]}})); len(p.UserErrors) != 1 || p.UserErrors[0].Reason != dispatch.ReasonPurged {
		t.Errorf("a new invitation: got %v, want PURGED", p.UserErrors)
	}
	if _, why := other.who(theirs); why != none {
		t.Errorf("another community's: got %s", why)
	}
	if a, why := e.who(city); why != none || len(a.Communities) != 1 {
		t.Errorf("the city: got %+v, %s, want it to count on", a, why)
	}

	if refused := e.close(e.admin, estate.CommunityPatchInput{ClosureReopened: new(true)}); refused != nil {
		t.Fatal(refused)
	}
	if token, why := e.redeem(e.invite(e.team["C01"])); token == "" {
		t.Errorf("reopened: got %s, want a sign-in", why)
	}
}

// TestPurgeBesideSignIns purges while people sign in: in either order no sign-in is left.
func TestPurgeBesideSignIns(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	c := e.card(e.homes[0])
	if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); refused != nil {
		t.Fatal(refused)
	}
	var all []func()
	for i := range 6 {
		all = append(all, func() {
			for j := range 5 {
				e.redeem(c, fmt.Sprint(i, "-", j))
			}
		})
	}
	atOnce(append(all, func() { e.purge(purge.Options{}) })...)
	if open := e.column(`select id from sessions where ended_at is null`); len(open) != 0 {
		t.Errorf("%d sign-ins are open", len(open))
	}
}
