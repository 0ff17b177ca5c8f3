package dispatch_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/hold"
	"baogong/dispatch/order"
	"baogong/dispatch/supplier"
)

func TestHolds(t *testing.T) {
	t.Parallel()
	t.Run("keep an order where it is, and say until when", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id, until := e.at(delivery.AtGate, delivery.ChannelApp), e.time().Add(2*time.Hour)
		n := len(e.feed())
		holds := e.hold(&until, id)
		if o := e.row(id); !o.Held() || o.Stage != delivery.AtGate || o.Version != 3 || o.MovedBy().Role != delivery.RoleCommander {
			t.Errorf("got %+v", o.OrderSnapshot)
		}
		for _, a := range []delivery.Actor{e.duty, e.commander, e.admin} {
			refused := e.advance(a, id, delivery.Sorted)
			if refused == nil || refused.Code() != delivery.CodeHeld || refused.Details.HoldReason != delivery.HoldTesting || !refused.Details.HeldUntil.Equal(until) {
				t.Errorf("by %s: got %v", a.Name, refused)
			}
		}
		e.release(holds...)
		if got, want := e.since(n), []delivery.EventKind{delivery.HoldStarted, delivery.HoldEnded}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		e.move(e.duty, id, delivery.Sorted)
		p := must(e.d.Hold.ReleaseHold(t.Context(), e.lead, hold.ReleaseHoldInput{HoldIds: holds}))
		if r := p.Results[0]; r.HoldID != nil || r.UserErrors[0].Reason != hold.ReasonHoldEnded {
			t.Errorf("released twice: got %+v", r)
		}
		e.checkNeverLost()
	})
	t.Run("keep a whole building, and what is ordered there meanwhile", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		inside, beside, over := e.place(e.homes[0]), e.place(e.homes[4]), e.at(delivery.Delivered, delivery.ChannelApp)
		n := len(e.feed())
		holds := e.hold(nil, e.buildings[0])
		if got, want := e.since(n), []delivery.EventKind{delivery.BuildingHeld, delivery.HoldStarted}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		late := e.place(e.homes[1])
		for id, want := range map[delivery.ID]int{inside: 1, late: 1, beside: 0, over: 0} {
			if got := e.row(id).OpenHolds; got != want {
				t.Errorf("order at %s: got %d holds, want %d", e.row(id).Stage, got, want)
			}
		}
		if refused := e.advance(e.commander, late, delivery.AtGate); refused == nil || refused.Code() != delivery.CodeHeld || refused.Details.HeldUntil != nil {
			t.Errorf("got %v", refused)
		}
		e.move(e.commander, beside, delivery.AtGate)
		n = len(e.feed())
		e.release(holds...)
		if got, want := e.since(n), []delivery.EventKind{delivery.BuildingFreed, delivery.HoldEnded, delivery.HoldEnded}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		e.move(e.commander, late, delivery.AtGate)
		e.checkNeverLost()
	})
	t.Run("of both kinds count one by one", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place(e.homes[0])
		holds := e.hold(nil, e.buildings[0], id, e.buildings[1])
		more := e.hold(nil, id)
		if got := e.row(id).OpenHolds; got != 3 {
			t.Errorf("got %d holds, want 3", got)
		}
		e.checkNeverLost()
		e.release(append(holds, more...)...)
		if o := e.row(id); o.Held() || o.Version != 7 {
			t.Errorf("got %+v", o.OrderSnapshot)
		}
		e.checkNeverLost()
	})
	t.Run("are placed and ended all or none when that is asked", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id, over := e.place(e.homes[0]), e.at(delivery.Returned, delivery.ChannelApp)
		n := len(e.feed())
		in := hold.PlaceHoldInput{SubjectIds: []delivery.ID{id, over}, Reason: delivery.HoldOther, Atomic: true}
		p := must(e.d.Hold.PlaceHold(t.Context(), e.lead, in))
		if p.Results[0].UserErrors[0].Reason != dispatch.ReasonAtomic || p.Results[1].UserErrors[0].Reason != delivery.ReasonFinalStage || len(e.since(n)) != 0 {
			t.Errorf("got %v, %v", p.Results[0].UserErrors, p.Results[1].UserErrors)
		}
		in.Atomic = false
		p = must(e.d.Hold.PlaceHold(t.Context(), e.lead, in))
		if p.Results[0].HoldID == nil || p.Results[1].HoldID != nil || len(e.since(n)) != 1 {
			t.Errorf("got %+v", p)
		}
		gone := delivery.ID{Kind: delivery.KindHold, Community: e.community.Community, UUID: id.UUID}
		out := hold.ReleaseHoldInput{HoldIds: []delivery.ID{*p.Results[0].HoldID, gone}, Atomic: true}
		if p := must(e.d.Hold.ReleaseHold(t.Context(), e.lead, out)); p.Results[0].UserErrors[0].Reason != dispatch.ReasonAtomic || p.Results[1].UserErrors[0].Reason != delivery.ReasonNoSuch || !e.row(id).Held() {
			t.Errorf("got %+v", p)
		}
		out.Atomic = false
		if p := must(e.d.Hold.ReleaseHold(t.Context(), e.lead, out)); p.Results[0].HoldID == nil || e.row(id).Held() {
			t.Errorf("got %+v", p)
		}
		e.checkNeverLost()
	})
	t.Run("stand at most 20 at once on one order or building", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id, beside := e.place(e.homes[0]), e.place(e.homes[0])
		for _, subject := range []delivery.ID{id, e.buildings[0]} {
			var holds []delivery.ID
			for range delivery.MaxHolds {
				holds = append(holds, e.hold(nil, subject)...)
			}
			n := len(e.feed())
			in := hold.PlaceHoldInput{SubjectIds: []delivery.ID{subject, e.buildings[1]}, Reason: delivery.HoldOther, Atomic: true}
			p := must(e.d.Hold.PlaceHold(t.Context(), e.lead, in))
			if got := describe(p.Results[0].UserErrors); got != "MANY_HOLDS at subjectIds.0" || p.Results[0].UserErrors[0].Details.Limit != 20 || len(e.since(n)) != 0 {
				t.Errorf("%s: got %q and %v", subject.Kind, got, e.since(n))
			}
			e.release(holds[0])
			e.hold(nil, subject) // there is room for one again
			if subject == id {
				e.hold(nil, beside) // and what stands on one order is not counted on another
			}
		}
		e.checkNeverLost()
	})
	t.Run("are not more than 20 however many ask at once", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place(e.homes[0])
		var placed atomic.Int32
		var group errgroup.Group
		for range delivery.MaxHolds + 10 {
			group.Go(func() error {
				p, err := e.d.Hold.PlaceHold(t.Context(), e.lead, hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Reason: delivery.HoldOther})
				if err == nil && p.Results[0].HoldID != nil {
					placed.Add(1)
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if got := e.row(id).OpenHolds; got != delivery.MaxHolds || int(placed.Load()) != got {
			t.Errorf("got %d holds and %d placed, want %d", got, placed.Load(), delivery.MaxHolds)
		}
	})
	t.Run("are for administrators, the commander and leads", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place(e.homes[0])
		holds := e.hold(nil, e.place(e.homes[0]))
		for _, c := range []struct {
			who  delivery.Actor
			want delivery.Code
		}{{e.admin, ""}, {e.commander, ""}, {e.actor("T00"), ""}, {e.supply, delivery.CodeForbidden}, {e.duty, delivery.CodeForbidden}, {e.shop, delivery.CodeForbidden},
			{e.resident, delivery.CodeForbidden}, {e.another().commander, delivery.CodeNotFound}} {
			placed := must(e.d.Hold.PlaceHold(t.Context(), c.who, hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Reason: delivery.HoldOther}))
			ended := must(e.d.Hold.ReleaseHold(t.Context(), c.who, hold.ReleaseHoldInput{HoldIds: holds}))
			if got := codeOf(placed.UserErrors); got != c.want {
				t.Errorf("%s places: got %q, want %q", c.who.Name, got, c.want)
			}
			if got := codeOf(ended.UserErrors); got != c.want {
				t.Errorf("%s releases: got %q, want %q", c.who.Name, got, c.want)
			}
			if c.want == "" {
				e.release(held(t, placed)...)
				holds = e.hold(nil, id)
			}
		}
	})
	t.Run("with bad input are refused and change nothing", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id, there := e.place(e.homes[0]), e.another()
		n := len(e.feed())
		at := func(after time.Duration) *time.Time { return new(e.time().Add(after)) }
		many := slices.Repeat([]delivery.ID{id}, 1001)
		for name, c := range map[string]struct {
			in    hold.PlaceHoldInput
			want  delivery.Reason
			field string
		}{
			"nothing":         {hold.PlaceHoldInput{}, dispatch.ReasonEmptyList, "subjectIds"},
			"too many":        {hold.PlaceHoldInput{SubjectIds: many}, dispatch.ReasonTooMany, "subjectIds"},
			"twice":           {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id, id}}, dispatch.ReasonRepeated, "subjectIds.1"},
			"a unit":          {hold.PlaceHoldInput{SubjectIds: []delivery.ID{e.units[0]}}, delivery.ReasonWrongKind, "subjectIds.0"},
			"two communities": {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id, there.buildings[0]}}, dispatch.ReasonTwoCommunities, "subjectIds.1"},
			"the past":        {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Until: at(-time.Second)}, delivery.ReasonNotFuture, "until"},
			"now":             {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Until: at(0)}, delivery.ReasonNotFuture, "until"},
			"an instant":      {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Until: at(400)}, delivery.ReasonNotFuture, "until"},
			"the year 0":      {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Until: new(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))}, delivery.ReasonBadTime, "until"},
			"the year 2100":   {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Until: new(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))}, delivery.ReasonBadTime, "until"},
			"a long note":     {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Note: strings.Repeat("长", 501)}, delivery.ReasonTooLong, "note"},
			"a broken note":   {hold.PlaceHoldInput{SubjectIds: []delivery.ID{id}, Note: "\xc3\x28"}, delivery.ReasonBadText, "note"},
		} {
			c.in.Reason = delivery.HoldOther
			p := must(e.d.Hold.PlaceHold(t.Context(), e.lead, c.in))
			if got := describe(p.UserErrors); got != c.want.String()+" at "+c.field {
				t.Errorf("%s: got %s, want %s at %s", name, got, c.want, c.field)
			}
		}
		for name, c := range map[string]struct {
			ids  []delivery.ID
			want string
		}{"nothing": {nil, "EMPTY_LIST at holdIds"}, "an order": {[]delivery.ID{id}, "WRONG_KIND at holdIds.0"}} {
			if got := describe(must(e.d.Hold.ReleaseHold(t.Context(), e.lead, hold.ReleaseHoldInput{HoldIds: c.ids})).UserErrors); got != c.want {
				t.Errorf("releasing %s: got %s, want %s", name, got, c.want)
			}
		}
		if got := e.since(n); len(got) != 0 {
			t.Errorf("got events %v", got)
		}
	})
}

// codeOf is the code of the first refusal, empty if there is none.
func codeOf(refused []*delivery.Error) delivery.Code {
	if len(refused) == 0 {
		return ""
	}
	return refused[0].Code()
}

// describe is the first refusal's reason and path, empty if there is none.
func describe(refused []*delivery.Error) string {
	if len(refused) == 0 {
		return ""
	}
	return refused[0].Reason.String() + " at " + strings.Join(refused[0].Field, ".")
}

// A hold on a household or a supplier stands on all its open orders, those that come later too.
func TestHoldsOnHouseholdsAndSuppliers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject     func(e *house) delivery.ID
		home        int // of orders under the hold, beside an order of the other home and supplier
		held, freed delivery.EventKind
	}{
		"household": {func(e *house) delivery.ID { return e.homes[0] }, 0, delivery.HouseholdHeld, delivery.HouseholdFreed},
		"supplier":  {func(e *house) delivery.ID { return e.suppliers[1] }, 1, delivery.SupplierHeld, delivery.SupplierFreed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			subject := c.subject(e)
			before, beside := e.place(e.homes[c.home]), e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[2], Channel: delivery.ChannelApp, SupplierID: &e.suppliers[0]})
			over := e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelApp})
			for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding, delivery.Delivered} {
				e.move(e.commander, over, to)
			}
			n, until := len(e.feed()), e.time().Add(time.Hour)
			holds := e.hold(&until, subject)
			if got, want := e.since(n), []delivery.EventKind{c.held, delivery.HoldStarted}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			after := e.place(e.homes[c.home])
			for _, id := range []delivery.ID{before, after} {
				refused := e.advance(e.commander, id, delivery.AtGate)
				if refused == nil || refused.Code() != delivery.CodeHeld || !refused.Details.HeldUntil.Equal(until) || refused.Details.HoldID == nil || *refused.Details.HoldID != holds[0] {
					t.Errorf("got %v, want HELD by %s", refused, holds[0])
				}
			}
			e.move(e.commander, beside, delivery.AtGate)
			if refused := e.undo(e.commander, over); refused == nil || refused.Code() != delivery.CodeHeld {
				t.Errorf("an order that would come under the hold: got %v, want HELD", refused)
			}
			e.checkRuns()
			// The previous release places orders and brings them back without counting such a hold.
			for what, change := range map[string]string{
				"an order that is placed": `insert into orders (community_id, id, number, building_id, unit_id, household_id, supplier_id, channel, stage, stage_since, version, open_holds,
						placed_at, placed_by_role, moved_at, moved_by_role, total_fen, note, external_number)
					select community_id, gen_random_uuid(), 1000, building_id, unit_id, household_id, supplier_id, channel, 'PLACED', stage_since, 1, 0, placed_at, placed_by_role,
					       moved_at, moved_by_role, 0, '', '' from orders where id = $1`,
				"an order that comes back": `update orders set stage = 'AT_BUILDING', delivered_at = null where id = $1`,
			} {
				if _, err := e.direct.ExecContext(t.Context(), change, over.UUID); db.Constraint(err) != "orders_count_holds" {
					t.Errorf("%s: got %v, want orders_count_holds to refuse it", what, err)
				}
			}
			n = len(e.feed())
			e.pass(time.Hour)
			e.tick()
			late := func(k delivery.EventKind) bool { return k == delivery.OrderLate || k == delivery.IncidentOpened } // the order that is not held
			if got, want := slices.DeleteFunc(e.since(n), late), []delivery.EventKind{c.freed, delivery.HoldEnded, delivery.HoldEnded}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			e.move(e.commander, after, delivery.AtGate)
			if refused := e.undo(e.commander, over); refused != nil {
				t.Error(refused)
			}
			e.checkRuns()
		})
	}
	t.Run("are placed and ended by who may", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		n := len(e.feed())
		subjects := []delivery.ID{e.homes[0], e.suppliers[0]}
		for name, c := range map[string]struct {
			who  delivery.Actor
			want []string // by subject, or of the whole call
		}{
			"an administrator":                   {e.admin, []string{"", ""}},
			"the commander":                      {e.commander, []string{"", ""}},
			"a lead of the supply squad":         {e.lead, []string{"", ""}},
			"a lead of another squad":            {e.actor("T00"), []string{"", "NOT_YOURS at subjectIds.1"}},
			"a volunteer of the building":        {e.supply, []string{"NOT_YOURS at "}},
			"the household":                      {e.resident, []string{"NOT_YOURS at "}},
			"the supplier":                       {e.pharmacy, []string{"NOT_YOURS at "}},
			"the commander of another community": {e.another().commander, []string{"NO_SUCH at subjectIds"}},
		} {
			p := must(e.d.Hold.PlaceHold(t.Context(), c.who, hold.PlaceHoldInput{SubjectIds: subjects, Reason: delivery.HoldOther}))
			got := []string{describe(p.UserErrors)}
			if len(p.UserErrors) == 0 {
				got = nil
				for _, r := range p.Results {
					if got = append(got, describe(r.UserErrors)); r.HoldID != nil {
						e.release(*r.HoldID)
					}
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
		}
		held := e.hold(nil, e.suppliers[0])
		p := must(e.d.Hold.ReleaseHold(t.Context(), e.actor("T00"), hold.ReleaseHoldInput{HoldIds: held}))
		if got := describe(p.Results[0].UserErrors); got != "NOT_YOURS at holdIds.0" {
			t.Errorf("ended by a lead of another squad: got %q", got)
		}
		saved(t, must(e.d.Supplier.UpdateSuppliers(t.Context(), e.admin, supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{{ID: e.suppliers[0], Archived: new(true)}}})).BulkOutcome)
		gone := delivery.ID{Kind: delivery.KindHousehold, Community: e.community.Community, UUID: e.buildings[0].UUID}
		q := must(e.d.Hold.PlaceHold(t.Context(), e.admin, hold.PlaceHoldInput{SubjectIds: []delivery.ID{e.suppliers[0], gone}, Reason: delivery.HoldOther}))
		if got := []string{describe(q.Results[0].UserErrors), describe(q.Results[1].UserErrors)}; !slices.Equal(got, []string{"ARCHIVED at subjectIds.0", "NO_SUCH at subjectIds.1"}) {
			t.Errorf("got %q", got)
		}
		if len(e.since(n)) == 0 {
			t.Error("got no events")
		}
		e.checkRuns()
	})
	t.Run("count every order that is placed at the same moment", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		for range 6 {
			var ids [2]delivery.ID
			var holds [2][]delivery.ID
			atOnce(func() { ids[0] = e.place(e.homes[0]) }, func() { holds[0] = e.hold(nil, e.homes[0]) },
				func() { ids[1] = e.place(e.homes[1]) }, func() { holds[1] = e.hold(nil, e.suppliers[1]) })
			e.checkRuns()
			e.release(slices.Concat(holds[0], holds[1])...)
			for _, id := range ids {
				e.move(e.commander, id, delivery.AtGate)
			}
		}
		e.checkRuns()
	})
}
