package dispatch_test

import (
	"cmp"
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// everything lists all tables in which verbs lock rows, besides their own idempotency row.
const everything = `communities, buildings, units, households, volunteers, services, suppliers, order_numbers, orders, order_lines, holds,
	feeds, events, event_notes, reveals, accounts, roles, codes, sessions, tokens, quotas`

// A refused call takes no lock that others wait for, so a caller who floods the server with refused calls delays no other.
// Another session locks every table against all but plain reads. Every verb must be listed with calls that it refuses.
func TestRefusedCallsTakeNoLocks(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	mine, other, placed := e.place(e.homes[0]), e.place(e.homes[4]), e.place(e.homes[0])
	ended := e.hold(nil, mine)
	e.release(ended...)
	held := e.hold(nil, other)
	card := e.card(e.homes[0])
	spent := e.invite(e.team["S02"])
	token, _ := e.redeem(spent)
	_, _ = e.redeem(card, "once")
	in := order(e)
	in.ExternalNumber = "MT-1"
	e.order(e.commander, in)
	nowhere := func(k delivery.Kind) delivery.ID {
		return delivery.ID{Kind: k, Community: e.community.Community, UUID: "01890000-0000-7000-8000-000000000000"}
	}
	undo := func(ids ...delivery.ID) (in dispatch.UndoMoveInput) {
		for _, id := range ids {
			in.Orders = append(in.Orders, &dispatch.OrderUndoInput{OrderID: id, ExpectedVersion: 1})
		}
		return in
	}
	homeTaken := dispatch.CreateHouseholdsInput{CommunityID: e.community, Households: []*dispatch.NewHouseholdInput{{UnitID: e.units[0], Room: "1103", Floor: 11, People: 1}}}
	stale := ptr(int64(77))
	from := dispatch.Caller{Address: "192.0.2.7"}

	covered := map[string]bool{}
	conn := must(sql.Open("postgres", e.dsn))
	defer conn.Close()
	tx := must(conn.BeginTx(ctx, nil))
	if _, err := tx.ExecContext(ctx, "lock table "+everything+" in exclusive mode; select pg_advisory_xact_lock(26, "+itoa(e.community.Community)+")"); err != nil {
		t.Fatal(err)
	}
	for verb, calls := range map[string][]func(context.Context) (any, error){
		"AdvanceOrders": {
			does(e.d.AdvanceOrders, e.resident, advanceAll([]delivery.ID{mine, other, nowhere(delivery.KindOrder)}, delivery.AtGate)),
			does(e.d.AdvanceOrders, e.commander, advanceAll([]delivery.ID{mine, other}, delivery.Delivered))},
		"CancelOrder": {does(e.d.CancelOrder, e.neighbour, dispatch.CancelOrderInput{Orders: []*dispatch.OrderMoveInput{{OrderID: mine}}, Reason: delivery.MoveUnpaid})},
		"UndoMove": {
			does(e.d.UndoMove, e.resident, undo(nowhere(delivery.KindOrder))),
			does(e.d.UndoMove, e.resident, undo(mine, other, placed)),
			does(e.d.UndoMove, e.commander, undo(mine, other))},
		"PlaceOrder": {
			does(e.d.PlaceOrder, e.neighbour, order(e)),
			does(e.d.PlaceOrder, e.resident, func() dispatch.PlaceOrderInput { in := order(e); in.Channel = delivery.ChannelPhone; return in }()),
			does(e.d.PlaceOrder, e.commander, func() dispatch.PlaceOrderInput { in := in; in.HouseholdID = e.homes[4]; return in }()),
			does(e.d.PlaceOrder, e.commander, func() dispatch.PlaceOrderInput {
				in := order(e)
				in.HouseholdID = nowhere(delivery.KindHousehold)
				return in
			}())},
		"PlaceHold": {
			does(e.d.PlaceHold, e.resident, dispatch.PlaceHoldInput{SubjectIds: e.buildings, Reason: delivery.HoldSealed}),
			does(e.d.PlaceHold, e.lead, dispatch.PlaceHoldInput{SubjectIds: []delivery.ID{e.buildings[0], nowhere(delivery.KindOrder)}, Reason: delivery.HoldSealed, Atomic: true})},
		"ReleaseHold": {
			does(e.d.ReleaseHold, e.resident, dispatch.ReleaseHoldInput{HoldIds: held}),
			does(e.d.ReleaseHold, e.lead, dispatch.ReleaseHoldInput{HoldIds: append(slices.Clone(ended), nowhere(delivery.KindHold))})},
		"RevealContact": {does(e.d.RevealContact, e.patrol, dispatch.RevealContactInput{HouseholdID: e.homes[0], OrderID: &mine, Reason: "x"}),
			does(e.d.RevealContact, e.supply, dispatch.RevealContactInput{HouseholdID: e.homes[0], Reason: "x"})},
		"RevealRound": {does(e.d.RevealRound, e.patrol, dispatch.RevealRoundInput{CommunityID: e.community, BuildingID: &e.buildings[0], Reason: "x"}),
			does(e.d.RevealRound, e.supply, dispatch.RevealRoundInput{CommunityID: e.community, Reason: "x"})},
		"CreateCommunities": {does(e.d.CreateCommunities, e.commander, dispatch.CreateCommunitiesInput{Communities: []*dispatch.NewCommunityInput{{Code: "x", Name: "x", TimeZone: "Asia/Shanghai"}}}),
			does(e.d.CreateCommunities, e.admin, dispatch.CreateCommunitiesInput{Communities: []*dispatch.NewCommunityInput{{Code: e.code, Name: "x", TimeZone: "Asia/Shanghai"}}})},
		"UpdateCommunities": {does(e.d.UpdateCommunities, e.lead, dispatch.UpdateCommunitiesInput{Communities: []*dispatch.CommunityPatchInput{{ID: e.community, Name: ptr("x")}}}),
			does(e.d.UpdateCommunities, e.commander, dispatch.UpdateCommunitiesInput{Communities: []*dispatch.CommunityPatchInput{{ID: e.community, Name: ptr("x"), ExpectedVersion: stale}}})},
		"CreateBuildings": {does(e.d.CreateBuildings, e.commander, dispatch.CreateBuildingsInput{CommunityID: e.community, Buildings: []*dispatch.NewBuildingInput{{Code: "E6"}}})},
		"UpdateBuildings": {does(e.d.UpdateBuildings, e.resident, dispatch.UpdateBuildingsInput{Buildings: []*dispatch.BuildingPatchInput{{ID: e.buildings[0], Name: ptr("x")}}}),
			does(e.d.UpdateBuildings, e.commander, dispatch.UpdateBuildingsInput{Buildings: []*dispatch.BuildingPatchInput{{ID: e.buildings[0], Code: ptr("E7")}}})},
		"CreateUnits":      {does(e.d.CreateUnits, e.commander, dispatch.CreateUnitsInput{CommunityID: e.community, Units: []*dispatch.NewUnitInput{{BuildingID: e.buildings[0], Number: 1, Floors: 3}}})},
		"UpdateUnits":      {does(e.d.UpdateUnits, e.commander, dispatch.UpdateUnitsInput{Units: []*dispatch.UnitPatchInput{{ID: e.units[0], Floors: ptr(3), ExpectedVersion: stale}}})},
		"CreateHouseholds": {does(e.d.CreateHouseholds, e.commander, homeTaken)},
		"UpdateHouseholds": {does(e.d.UpdateHouseholds, e.commander, dispatch.UpdateHouseholdsInput{Households: []*dispatch.HouseholdPatchInput{{ID: e.homes[0], Archived: ptr(true)}}})},
		"CreateSuppliers":  {does(e.d.CreateSuppliers, e.commander, dispatch.CreateSuppliersInput{CommunityID: e.community, Suppliers: []*dispatch.NewSupplierInput{{Code: "yiyao", Name: "x", Kind: delivery.SupplierShop}}})},
		"UpdateSuppliers":  {does(e.d.UpdateSuppliers, e.commander, dispatch.UpdateSuppliersInput{Suppliers: []*dispatch.SupplierPatchInput{{ID: e.suppliers[0], Code: ptr("caiban")}}})},
		"CreateVolunteers": {does(e.d.CreateVolunteers, e.resident, dispatch.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*dispatch.NewVolunteerInput{{Code: "x", Name: "x", Squad: delivery.SquadDuty, Rank: delivery.RankMember}}}),
			does(e.d.CreateVolunteers, e.lead, dispatch.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*dispatch.NewVolunteerInput{{Code: "S01", Name: "x", Squad: delivery.SquadDuty, Rank: delivery.RankMember}}})},
		"UpdateVolunteers":  {does(e.d.UpdateVolunteers, e.lead, dispatch.UpdateVolunteersInput{Volunteers: []*dispatch.VolunteerPatchInput{{ID: e.team["C01"], Rank: ptr(delivery.RankMember)}}})},
		"CreateInvitations": {does(e.d.CreateInvitations, e.lead, dispatch.CreateInvitationsInput{SubjectIds: []delivery.ID{e.team["S01"]}}), does(e.d.CreateInvitations, e.commander, dispatch.CreateInvitationsInput{SubjectIds: []delivery.ID{nowhere(delivery.KindVolunteer)}})},
		"IssueCards":        {does(e.d.IssueCards, e.resident, dispatch.IssueCardsInput{HouseholdIds: e.homes}), does(e.d.IssueCards, e.commander, dispatch.IssueCardsInput{HouseholdIds: []delivery.ID{e.homes[0], nowhere(delivery.KindHousehold)}, Atomic: true})},
		"ShareOrder":        {does(e.d.ShareOrder, e.neighbour, dispatch.ShareOrderInput{OrderID: mine}), does(e.d.ShareOrder, e.shop, dispatch.ShareOrderInput{OrderID: mine})},
		"RevokeCodes":       {does(e.d.RevokeCodes, e.resident, dispatch.RevokeCodesInput{CodeIds: []delivery.ID{nowhere(delivery.KindCode)}}), does(e.d.RevokeCodes, e.commander, dispatch.RevokeCodesInput{CodeIds: []delivery.ID{nowhere(delivery.KindCode)}})},
		"EndSessions":       {does(e.d.EndSessions, e.lead, dispatch.EndSessionsInput{SubjectIds: e.homes}), does(e.d.EndSessions, e.commander, dispatch.EndSessionsInput{SubjectIds: []delivery.ID{e.homes[0], nowhere(delivery.KindHousehold)}, Atomic: true})},
		"RedeemCode": {
			func(ctx context.Context) (any, error) {
				return e.d.RedeemCode(ctx, from, dispatch.RedeemCodeInput{Code: spent})
			},
			func(ctx context.Context) (any, error) {
				return e.d.RedeemCode(ctx, from, dispatch.RedeemCodeInput{Code: spent[:len(spent)-1] + "0"})
			}},
		"RefreshToken": {func(ctx context.Context) (any, error) {
			return e.d.RefreshToken(ctx, dispatch.RefreshTokenInput{Token: delivery.NewToken().Reveal()})
		}},
		"SignOut": {func(ctx context.Context) (any, error) {
			a := e.resident
			a.Session = "01890000-0000-7000-8000-000000000000"
			_, err := e.d.SignOut(ctx, a, dispatch.SignOutInput{Everywhere: true}) // says that it is done
			return &dispatch.EndPayload{UserErrors: []*delivery.Error{{}}}, err
		}},
	} {
		for i, call := range calls {
			within, cancel := context.WithTimeout(ctx, 20*time.Second)
			p, err := call(within)
			cancel()
			if err != nil {
				t.Errorf("%s, call %d: waits for a lock: %v", verb, i, err)
			} else if !refusedWhole(p) {
				t.Errorf("%s, call %d: is not refused: %+v", verb, i, p)
			}
		}
		covered[verb] = true
	}
	for m := range reflect.TypeOf(e.d).Methods() {
		if last := m.Type.In(m.Type.NumIn() - 1).Name(); strings.HasSuffix(last, "Input") && !covered[m.Name] {
			t.Errorf("%s is not tried", m.Name)
		}
	}
	// A call that is not refused does wait.
	within, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if _, err := e.d.AdvanceOrders(within, e.commander, advanceAll([]delivery.ID{mine}, delivery.AtGate)); err == nil {
		t.Error("a move went past locked tables")
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, why := e.refresh(token); why != "" {
		t.Errorf("refresh: %s", why)
	}
}

// does is one call of a verb.
func does[I, P any](verb func(context.Context, delivery.Actor, I) (P, error), a delivery.Actor, in I) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) { return verb(ctx, a, in) }
}

func itoa(n int32) string { return strconv.Itoa(int(n)) }

// refusedWhole reports whether a call was refused as a whole.
func refusedWhole(p any) bool {
	switch p := p.(type) {
	case *dispatch.MovePayload:
		return p.Moved() == 0
	case *dispatch.HoldPayload:
		return !slices.ContainsFunc(p.Results, func(r *dispatch.HoldResult) bool { return r.HoldID != nil })
	case *dispatch.CodesPayload:
		return !slices.ContainsFunc(p.Results, func(r *dispatch.CodeResult) bool { return r.CodeID != nil })
	case *dispatch.EndPayload:
		return !slices.ContainsFunc(p.Results, func(r *dispatch.EndResult) bool { return r.Ended })
	case *dispatch.TokenPayload:
		return p.Token == nil
	case *dispatch.PlaceOrderPayload:
		return p.OrderID == nil
	case *dispatch.RevealContactPayload:
		return len(p.Looks) == 0
	case *dispatch.RevealRoundPayload:
		return len(p.Looks) == 0
	case interface{ Saved() int }:
		return p.Saved() == 0
	}
	return false
}

// A call locks rows in id order, not in the order of its input. Another session holds the row with the lower id: the call
// waits for that row and must not hold the other yet.
func TestEveryVerbLocksInIDOrder(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	far := e.another()
	ctx := t.Context()
	down := func(ids ...delivery.ID) []delivery.ID { // from the highest id to the lowest
		ids = slices.Clone(ids)
		slices.SortFunc(ids, func(a, b delivery.ID) int {
			return cmp.Or(cmp.Compare(b.Community, a.Community), cmp.Compare(b.UUID, a.UUID))
		})
		return ids
	}
	buildings, units, homes, suppliers := down(e.buildings...), down(e.units...), down(e.homes[0], e.homes[4]), down(e.suppliers...)
	team := down(e.team["S01"], e.team["S02"])
	orders := down(e.place(e.homes[0]), e.place(e.homes[4]))
	moved := down(e.place(e.homes[0]), e.place(e.homes[4]))
	must(e.d.AdvanceOrders(ctx, e.commander, advanceAll(moved, delivery.AtGate)))
	var undo dispatch.UndoMoveInput
	for _, id := range moved {
		undo.Orders = append(undo.Orders, &dispatch.OrderUndoInput{OrderID: id, ExpectedVersion: e.row(id).Version})
	}
	var moves []*dispatch.OrderMoveInput
	for _, id := range orders {
		moves = append(moves, &dispatch.OrderMoveInput{OrderID: id})
	}
	onOrders := down(e.hold(nil, e.place(e.homes[0]), e.place(e.homes[1]))...)
	var cards []delivery.ID
	for _, r := range must(e.d.IssueCards(ctx, e.commander, dispatch.IssueCardsInput{HouseholdIds: homes})).Results {
		cards = append(cards, *r.CodeID)
		_, _ = e.redeem(*r.Secret)
		_, _ = e.redeem(*r.Secret)
	}
	cards = down(cards...)
	var sessions []delivery.ID
	for _, id := range e.column("select id from sessions order by id desc") {
		sessions = append(sessions, delivery.ID{UUID: delivery.UUID(id)})
	}
	communities := down(e.community, far.community)

	conn := must(sql.Open("postgres", e.dsn))
	defer conn.Close()
	type locking struct {
		name  string
		table string
		rows  []delivery.ID // from the highest id to the lowest
		do    func(context.Context) (any, error)
	}
	cases := []locking{
		{"advanceOrders", "orders", orders, does(e.d.AdvanceOrders, e.commander, advanceAll(orders, delivery.AtGate))},
		{"cancelOrder", "orders", orders, does(e.d.CancelOrder, e.commander, dispatch.CancelOrderInput{Orders: moves, Reason: delivery.MoveUnpaid})},
		{"undoMove", "buildings", buildings, does(e.d.UndoMove, e.commander, undo)},
		{"undoMove", "orders", moved, does(e.d.UndoMove, e.commander, undo)},
		{"placeHold", "buildings", buildings, does(e.d.PlaceHold, e.lead, dispatch.PlaceHoldInput{SubjectIds: buildings, Reason: delivery.HoldSealed})},
		{"placeHold", "orders", orders, does(e.d.PlaceHold, e.lead, dispatch.PlaceHoldInput{SubjectIds: orders, Reason: delivery.HoldSealed})},
		{"placeHold", "orders", orders, does(e.d.PlaceHold, e.lead, dispatch.PlaceHoldInput{SubjectIds: buildings, Reason: delivery.HoldSealed})},
		{"releaseHold", "holds", onOrders, does(e.d.ReleaseHold, e.lead, dispatch.ReleaseHoldInput{HoldIds: onOrders})},
		{"updateCommunities", "communities", communities, does(e.d.UpdateCommunities, e.admin, dispatch.UpdateCommunitiesInput{Communities: []*dispatch.CommunityPatchInput{{ID: communities[0], Name: ptr("x")}, {ID: communities[1], Name: ptr("y")}}})},
		{"updateCommunities", "feeds", communities, does(e.d.UpdateCommunities, e.admin, dispatch.UpdateCommunitiesInput{Communities: []*dispatch.CommunityPatchInput{{ID: communities[0], Name: ptr("x")}, {ID: communities[1], Name: ptr("y")}}})},
		{"updateBuildings", "buildings", buildings, does(e.d.UpdateBuildings, e.commander, dispatch.UpdateBuildingsInput{Buildings: []*dispatch.BuildingPatchInput{{ID: buildings[0], Code: ptr("X0")}, {ID: buildings[1], Code: ptr("X1")}}})},
		{"updateBuildings", "households", homes, does(e.d.UpdateBuildings, e.commander, dispatch.UpdateBuildingsInput{Buildings: []*dispatch.BuildingPatchInput{{ID: buildings[0], Code: ptr("X0")}, {ID: buildings[1], Code: ptr("X1")}}})},
		{"updateUnits", "units", units, does(e.d.UpdateUnits, e.commander, dispatch.UpdateUnitsInput{Units: []*dispatch.UnitPatchInput{{ID: units[0], Number: ptr(5)}, {ID: units[1], Number: ptr(6)}}})},
		{"updateHouseholds", "households", homes, does(e.d.UpdateHouseholds, e.commander, dispatch.UpdateHouseholdsInput{Households: []*dispatch.HouseholdPatchInput{{ID: homes[0], People: ptr(5)}, {ID: homes[1], People: ptr(5)}}})},
		{"updateSuppliers", "suppliers", suppliers, does(e.d.UpdateSuppliers, e.commander, dispatch.UpdateSuppliersInput{Suppliers: []*dispatch.SupplierPatchInput{{ID: suppliers[0], Name: ptr("x")}, {ID: suppliers[1], Name: ptr("y")}}})},
		{"updateVolunteers", "volunteers", team, does(e.d.UpdateVolunteers, e.commander, dispatch.UpdateVolunteersInput{Volunteers: []*dispatch.VolunteerPatchInput{{ID: team[0], Code: ptr("Y1")}, {ID: team[1], Code: ptr("Y2")}}})},
		{"updateVolunteers", "orders", orders, does(e.d.UpdateVolunteers, e.commander, dispatch.UpdateVolunteersInput{Volunteers: []*dispatch.VolunteerPatchInput{{ID: team[0], Reachable: ptr(false)}}})},
		{"issueCards", "codes", cards, does(e.d.IssueCards, e.commander, dispatch.IssueCardsInput{HouseholdIds: homes})},
		{"issueCards", "sessions", sessions, does(e.d.IssueCards, e.commander, dispatch.IssueCardsInput{HouseholdIds: homes})},
		{"revokeCodes", "codes", cards, does(e.d.RevokeCodes, e.commander, dispatch.RevokeCodesInput{CodeIds: cards})},
		{"endSessions", "sessions", sessions, does(e.d.EndSessions, e.commander, dispatch.EndSessionsInput{SubjectIds: homes})},
		{"releaseHold", "buildings", buildings, nil},
	}
	for _, c := range cases {
		if c.do == nil { // last: nothing moves any more where holds stand on the buildings
			c.do = does(e.d.ReleaseHold, e.lead, dispatch.ReleaseHoldInput{HoldIds: e.hold(nil, buildings...)})
		}
		key := "id"
		if c.table == "communities" || c.table == "feeds" {
			key = "community_id"
		}
		text := func(id delivery.ID) string {
			if key == "id" {
				return string(id.UUID)
			}
			return itoa(id.Community)
		}
		low, high := text(c.rows[len(c.rows)-1]), text(c.rows[0])
		holder := must(conn.BeginTx(ctx, nil))
		var pid int
		if err := holder.QueryRowContext(ctx, "select pg_backend_pid() from "+c.table+" where cast("+key+" as text) = $1 for update", low).Scan(&pid); err != nil {
			t.Fatalf("%s, %s: %v", c.name, c.table, err)
		}
		within, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() {
			_, err := c.do(within)
			done <- err
		}()
		waits := false
		for deadline := time.Now().Add(20 * time.Second); !waits && time.Now().Before(deadline) && len(done) == 0; {
			if err := conn.QueryRowContext(ctx, "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))", pid).Scan(&waits); err != nil {
				t.Fatal(err)
			}
		}
		free := e.column("select cast("+key+" as text) from "+c.table+" where cast("+key+" as text) = $1 for update skip locked", high)
		if !waits {
			t.Errorf("%s does not lock %s", c.name, c.table)
		} else if len(free) == 0 {
			t.Errorf("%s locks the higher id of %s first", c.name, c.table)
		}
		cancel()
		<-done
		if err := holder.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}
