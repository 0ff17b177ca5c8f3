package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/order"
	"baogong/dispatch/team"
	"baogong/dispatch/verbs"
)

// chain is who may make which move besides the commander and administrators, told once more: by the codes they sign in
// with, for goods a supplier brings and for errands. "-" is a move that is not possible.
var chain = map[string]struct{ goods, errands string }{
	"PLACED DISPATCHED":            {"caiban S00", "P02 S00"},
	"PLACED AT_GATE":               {"caiban S00 D00 D01", "P02 S00 D00 D01"},
	"PLACED CANCELLED":             {"caiban S00 S01 S02 E6-1-1103", "P02 S00 S01 S02 E6-1-1103"},
	"DISPATCHED AT_GATE":           {"caiban S00 D00 D01", "P02 S00 D00 D01"},
	"DISPATCHED OUT_FOR_DELIVERY":  {"-", "P02 S00"},
	"DISPATCHED DELIVERED":         {"-", "P02 S00"},
	"DISPATCHED CANCELLED":         {"caiban S00 S01 S02", "P02 S00 S01 S02"},
	"AT_GATE SORTED":               {"D00 D01 S00 S01 S02", "D00 D01 S00 S01 S02"},
	"AT_GATE RETURNED":             {"D00 D01 S00 S01 S02", "D00 D01 S00 S01 S02"},
	"SORTED AT_BUILDING":           {"T00 T01 S00 S01 S02", "T00 T01 S00 S01 S02"},
	"SORTED RETURNED":              {"D00 D01 T00 T01 S00 S01 S02", "D00 D01 T00 T01 S00 S01 S02"},
	"AT_BUILDING OUT_FOR_DELIVERY": {"S00 S01 S02", "P02 S00 S01 S02"},
	"AT_BUILDING DELIVERED":        {"S00 S01 S02", "P02 S00 S01 S02"},
	"AT_BUILDING RETURNED":         {"S00 S01 S02", "P02 S00 S01 S02"},
	"OUT_FOR_DELIVERY DELIVERED":   {"S00 S01 S02", "P02 S00 S01 S02"},
	"OUT_FOR_DELIVERY AT_BUILDING": {"S00 S01 S02", "P02 S00 S01 S02"},
	"OUT_FOR_DELIVERY RETURNED":    {"S00 S01 S02", "P02 S00 S01 S02"},
}

// seers are the actors who see an order of the first household.
const seers = "C01 S00 D00 T00 D01 T01 S01 S02 P02 caiban E6-1-1103"

func TestEveryMoveByEverybody(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	stranger := e.another().commander
	var ids []delivery.ID
	of := map[delivery.ID]struct {
		stage   delivery.Stage
		channel delivery.Channel
	}{}
	for _, channel := range []delivery.Channel{"APP", "BUY_FOR", "ERRAND"} {
		for _, stage := range delivery.Stages {
			id := e.at(stage, channel)
			if channel == delivery.ChannelErrand {
				e.answer(id)
			}
			ids = append(ids, id)
			of[id] = struct {
				stage   delivery.Stage
				channel delivery.Channel
			}{stage, channel}
		}
	}
	people := []delivery.Actor{e.admin, stranger, {Name: "no member", Role: delivery.RoleVolunteer, Community: e.community.Community, UUID: e.supply.UUID, Squad: delivery.SquadSupply}}
	for name := range strings.FieldsSeq("C01 S00 D00 T00 D01 T01 S01 S02 S03 P01 P02 caiban yiyao E6-1-1103 E7-1-1103") {
		people = append(people, e.actor(name))
	}
	for _, a := range people {
		top := a.Role == delivery.RoleAdmin || a.Name == "C01" && a.Community == e.community.Community
		for _, to := range delivery.Stages {
			// A failed attempt needs a reason and the way to the building takes none: two calls.
			for _, reason := range []*delivery.MoveReason{nil, new(delivery.MoveAbsent), new(delivery.MoveHouseholdAsked), new(delivery.MoveRefused)} {
				in := order.AdvanceOrdersInput{To: to, Reason: reason}
				for _, id := range ids {
					if reasonFor(of[id].stage, to) == valueOf(reason) {
						in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: id})
					}
				}
				if len(in.Orders) == 0 {
					continue
				}
				var moved []delivery.ID
				for _, r := range must(e.d.Order.AdvanceOrders(t.Context(), a, in)).Results {
					o := of[r.OrderID]
					may := chain[string(o.stage)+" "+string(to)].goods
					if o.channel.RunByVolunteer() {
						may = chain[string(o.stage)+" "+string(to)].errands
					}
					want := delivery.Code("")
					switch {
					case !top && (a.Name == stranger.Name && a.Community == stranger.Community || !slices.Contains(strings.Fields(seers), a.Name)):
						want = delivery.CodeNotFound
					case may == "" || may == "-":
						want = delivery.CodeConflict
					case !top && !slices.Contains(strings.Fields(may), a.Name):
						want = delivery.CodeForbidden
					}
					got := delivery.Code("")
					if len(r.UserErrors) > 0 {
						got = r.UserErrors[0].Code()
					}
					if got != want || r.Moved != (want == "") {
						t.Errorf("%s %s → %s by %s: got %q, want %q", o.channel, o.stage, to, a.Name, got, want)
					}
					if r.Moved {
						moved = append(moved, r.OrderID)
					}
				}
				if len(moved) == 0 {
					continue
				}
				back := order.UndoMoveInput{Atomic: true}
				for _, o := range must(e.db.OrdersByID(t.Context(), e.admin.Scope(), moved)) {
					back.Orders = append(back.Orders, &order.OrderUndoInput{OrderID: o.ID(), ExpectedVersion: o.Version})
				}
				if n := must(e.d.Order.UndoMove(t.Context(), e.commander, back)).Moved(); n != len(moved) {
					t.Fatalf("undone: got %d, want %d", n, len(moved))
				}
			}
		}
	}
	e.checkNeverLost()
}

func reasonFor(from, to delivery.Stage) delivery.MoveReason {
	switch {
	case to == delivery.Cancelled:
		return delivery.MoveHouseholdAsked
	case to == delivery.Returned:
		return delivery.MoveRefused
	case to == delivery.AtBuilding && from == delivery.OutForDelivery:
		return delivery.MoveAbsent
	}
	return ""
}

func valueOf(r *delivery.MoveReason) delivery.MoveReason {
	if r == nil {
		return ""
	}
	return *r
}

func TestTwoVolunteersAtOnce(t *testing.T) {
	t.Parallel()
	stage, version := delivery.AtBuilding, int64(4)
	for name, expect := range map[string]func(*order.OrderMoveInput){
		"expecting the stage":   func(in *order.OrderMoveInput) { in.ExpectedStage = &stage },
		"expecting the version": func(in *order.OrderMoveInput) { in.ExpectedVersion = &version },
		"expecting nothing":     func(*order.OrderMoveInput) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			for range 5 {
				id := e.at(delivery.AtBuilding, delivery.ChannelApp)
				e.pass(time.Minute)
				before := len(e.feed())
				out := make([]*delivery.Error, 2)
				both := []delivery.Actor{e.supply, e.backup}
				var done sync.WaitGroup
				for i, a := range both {
					done.Go(func() {
						one := &order.OrderMoveInput{OrderID: id}
						expect(one)
						out[i] = refusal(must(e.d.Order.AdvanceOrders(t.Context(), a, order.AdvanceOrdersInput{Orders: []*order.OrderMoveInput{one}, To: delivery.OutForDelivery})))
					})
				}
				done.Wait()
				late := slices.IndexFunc(out, func(r *delivery.Error) bool { return r != nil })
				if late < 0 || out[1-late] != nil {
					t.Fatalf("got %v, want one success and one refusal", out)
				}
				d := out[late].Details
				if out[late].Code() != delivery.CodeConflict || d == nil || d.Stage != delivery.OutForDelivery || d.Version != 5 ||
					*d.MovedBy != both[1-late].Ref() || !d.MovedAt.Equal(e.time()) {
					t.Errorf("got %v with %+v", out[late], d)
				}
				if got := e.since(before); len(got) != 1 {
					t.Errorf("got events %v, want one", got)
				}
			}
			e.checkNeverLost()
		})
	}
}

func TestBulkMoves(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	placed, final, held := e.place(e.homes[0]), e.at(delivery.Cancelled, delivery.ChannelApp), e.place(e.homes[1])
	e.hold(nil, held)
	there := e.another()
	gone := delivery.ID{Kind: delivery.KindOrder, Community: e.community.Community, UUID: there.place(there.homes[0]).UUID}
	before := len(e.feed())
	in := order.AdvanceOrdersInput{To: delivery.AtGate, Atomic: true}
	for _, id := range []delivery.ID{final, placed, held, gone} {
		in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: id})
	}
	codes := func(p *order.MovePayload) (out []string) {
		for i, r := range p.Results {
			if r.OrderID != in.Orders[i].OrderID {
				t.Errorf("result %d is of another order", i)
			}
			code := "moved"
			if len(r.UserErrors) > 0 {
				code = r.UserErrors[0].Reason.String()
				if want := []string{"orders", fmt.Sprint(i)}; !slices.Equal(r.UserErrors[0].Field, want) {
					t.Errorf("result %d: got path %v, want %v", i, r.UserErrors[0].Field, want)
				}
			}
			out = append(out, code)
		}
		return out
	}
	if got, want := codes(must(e.d.Order.AdvanceOrders(t.Context(), e.commander, in))), []string{"FINAL_STAGE", "ATOMIC", "HELD_OPEN", "NO_SUCH"}; !slices.Equal(got, want) {
		t.Errorf("all or none: got %v, want %v", got, want)
	}
	if got := e.since(before); len(got) != 0 || e.row(placed).Stage != delivery.Placed {
		t.Errorf("all or none: got events %v", got)
	}
	woken := e.woken.Load()
	in.Atomic = false
	if got, want := codes(must(e.d.Order.AdvanceOrders(t.Context(), e.commander, in))), []string{"FINAL_STAGE", "moved", "HELD_OPEN", "NO_SUCH"}; !slices.Equal(got, want) {
		t.Errorf("what can: got %v, want %v", got, want)
	}
	if got := e.since(before); !slices.Equal(got, []delivery.EventKind{delivery.OrderMoved}) || e.woken.Load() != woken+1 {
		t.Errorf("what can: got events %v, woken %d times", got, e.woken.Load()-woken)
	}
	e.checkNeverLost()
}

// A single order is moved by what was read without a lock. A change between the reading and the update is noticed.
func TestMoveNoticesChangesSinceItsReading(t *testing.T) {
	t.Parallel()
	for claim, c := range map[string]struct {
		change func(e *house, id delivery.ID)
		want   delivery.Reason
		holder string
	}{
		"nothing": {func(*house, delivery.ID) {}, none, "S01"},
		"the order is moved": {func(e *house, id delivery.ID) {
			must(e.d.Order.AdvanceOrders(e.t.Context(), e.commander, advanceAll([]delivery.ID{id}, delivery.AtBuilding)))
		}, delivery.ReasonStageChanged, "S01"},
		"the order is held":      {func(e *house, id delivery.ID) { e.hold(nil, id) }, delivery.ReasonHeldOpen, ""},
		"its building is sealed": {func(e *house, _ delivery.ID) { e.hold(nil, e.buildings[0]) }, delivery.ReasonHeldOpen, ""},
		"the next holder cannot be reached": {func(e *house, _ delivery.ID) {
			must(e.d.Team.UpdateVolunteers(e.t.Context(), e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{
				{ID: e.team["S01"], Reachable: new(false)}}}))
		}, none, "S02"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			id := e.at(delivery.Sorted, delivery.ChannelApp)
			e.at(delivery.AtBuilding, delivery.ChannelApp) // which reads the team
			readings := 0
			late := verbs.New(&dispatch.Engine{DB: e.db, Machine: e.clock, Keys: e.d.Keys, Now: func() time.Time {
				if readings++; readings == 3 { // twice in the look, and then before the change
					c.change(e, id)
				}
				return e.d.Now()
			}})
			p := must(late.Order.AdvanceOrders(t.Context(), e.commander, advanceAll([]delivery.ID{id}, delivery.AtBuilding)))
			got := none
			if errs := p.Results[0].UserErrors; len(errs) > 0 {
				got = errs[0].Reason
			}
			if got != c.want || p.Results[0].Moved != (c.want == none) {
				t.Errorf("got %q, moved %v, want %q", got, p.Results[0].Moved, c.want)
			}
			o := must(e.db.OrdersByID(t.Context(), e.admin.Scope(), []delivery.ID{id}))[0]
			if got, want := o.HolderID(), e.team[c.holder]; c.holder != "" && (got == nil || *got != want) {
				t.Errorf("got holder %v, want %s", got, c.holder)
			}
			e.checkNeverLost()
		})
	}
}
