package live_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/delivery"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// follower is one stream of one viewer, with the events received and those expected from the events table and the scope at each
// position.
type follower struct {
	row    string // of the viewer
	e      *house.Estate
	scope  func() delivery.Scope // as the database has it now
	filter delivery.EventFilter
	in     *house.Inbox

	scopes []scopeFrom // by position, the first from the subscription on
	ends   int64       // the position where access is lost; 0 if never
}

// scopeFrom is a viewer's scope from a position on.
type scopeFrom struct {
	after int64
	scope delivery.Scope
}

// at returns the scope for an event at the position.
func (f *follower) at(seq int64) delivery.Scope {
	var scope delivery.Scope
	for _, s := range f.scopes {
		if seq > s.after {
			scope = s.scope
		}
	}
	return scope
}

// sightHouse is two estates in one program whose orders move while every actor watches.
type sightHouse struct {
	one, two  *house.Estate
	followers []*follower
	orders    map[*house.Estate][]string
}

// rowOfID is the row an id names.
func rowOfID(t testing.TB, id string) delivery.UUID {
	t.Helper()
	parsed, err := delivery.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.UUID
}

// changed notes that the access of an actor is about to change, does it, and tells the followers from where on.
func (s *sightHouse) changed(t *testing.T, e *house.Estate, row string, change func()) {
	t.Helper()
	before := e.Events()
	change()
	id, err := delivery.ParseID(e.Community)
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := e.Store.UnscopedEvents(t.Context(), id.Community, before, 5000)
	if err != nil {
		t.Fatal(err)
	}
	var at int64
	for _, v := range events {
		if v.Kind == delivery.AccessChanged && delivery.BodyOf[delivery.AccessBody](v).Row == rowOfID(t, row) {
			at = v.Seq
		}
	}
	if at == 0 {
		t.Fatal("the feed does not say that access changed")
	}
	for _, f := range s.followers {
		if f.e == e && f.row == row {
			scope := f.scope()
			f.scopes = append(f.scopes, scopeFrom{at, scope})
			if scope.Class == delivery.SeesNothing {
				f.ends = at
			}
		}
	}
}

// TestSightOfStreams moves the orders of two communities, 2,000 times in CI and 480 times elsewhere, while residents, volunteers, suppliers and commanders watch
// all they can name and roles change: every actor gets every event that they may see at its position, in order, once, and
// nothing else.
func TestSightOfStreams(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	one := house.NewEstate(t)
	s := &sightHouse{one: one, two: one.Program.Estate("XILING", one.Clock), orders: map[*house.Estate][]string{}}
	estates := []*house.Estate{s.one, s.two}
	for _, e := range estates {
		for n := range volume.InCI(6, 25) {
			for _, door := range []string{"E6-1-1403", "E6-1-1103", "E7-1-1103", "E2-1-1103"} {
				supplier := []string{"caiban", "yiyao"}[n%2]
				s.orders[e] = append(s.orders[e], e.Place(door, obj{"supplierId": e.Suppliers[supplier]}))
			}
		}
	}

	// Who watches: the row is whose access may change.
	card := one.Card(one.Homes["E6-1-1103"])
	var states []*house.Inbox
	for _, w := range []struct {
		e          *house.Estate
		dev, token string
		row        string
	}{
		{one, "E6-1-1403", "", one.Homes["E6-1-1403"]}, {one, "E6-1-1103", one.SignIn(card), one.Homes["E6-1-1103"]},
		{one, "S01", "", one.Team["S01"]}, {one, "S07", "", one.Team["S07"]},
		{one, "caiban", "", one.Suppliers["caiban"]}, {one, "yiyao", one.SignIn(one.Invite(one.Suppliers["yiyao"])), one.Suppliers["yiyao"]},
		{one, "C01", "", one.Team["C01"]}, {s.two, "C01", "", s.two.Team["C01"]},
	} {
		token := w.token
		if token == "" {
			token = w.e.As(w.dev)
		}
		session, err := one.Identity().Authenticate(t.Context(), house.Bearer(token))
		if err != nil {
			t.Fatal(err)
		}
		scope := func() delivery.Scope {
			fresh, err := one.Store.UnscopedActor(t.Context(), session.Actor, one.Clock.Now())
			if delivery.AsError(err) == nil && err != nil {
				t.Fatal(err)
			}
			return fresh.Scope()
		}
		p := one.Dial(t, token, "")
		e6, e7, order := one.Buildings["E6"], one.Buildings["E7"], s.orders[one][3]
		if w.e == s.two {
			e6, e7, order = s.two.Buildings["E6"], s.two.Buildings["E7"], s.orders[s.two][3]
		}
		for _, filter := range []struct {
			in  obj
			out delivery.EventFilter
		}{
			{nil, delivery.EventFilter{}},
			{obj{"stages": []string{"AT_GATE", "SORTED"}}, delivery.EventFilter{Stages: []delivery.Stage{delivery.AtGate, delivery.Sorted}}},
			{obj{"buildingIds": []string{e6, e7}}, delivery.EventFilter{Buildings: []delivery.UUID{rowOfID(t, e6), rowOfID(t, e7)}}},
			{obj{"orderIds": []string{order}}, delivery.EventFilter{Orders: []delivery.UUID{rowOfID(t, order)}}},
			{nil, delivery.EventFilter{Activities: true}},
		} {
			f := &follower{row: w.row, e: w.e, scope: scope, filter: filter.out}
			f.scopes = []scopeFrom{{w.e.Events(), scope()}}
			if filter.out.Activities {
				f.in = p.Operate(activities, obj{"c": w.e.Community, "a": w.e.Cursor()})
			} else {
				f.in = p.After(w.e, w.e.Cursor(), filter.in)
			}
			s.followers = append(s.followers, f)
		}
		// Orders outside the scope are NOT_FOUND; the others are watched too.
		for _, foreign := range estates {
			if foreign != w.e {
				if f := p.Follow(foreign, nil).Refused(); f.Extensions["code"] != "NOT_FOUND" {
					t.Errorf("%s: events of another community: got %v, want NOT_FOUND", w.dev, f)
				}
			}
		}
		for _, id := range s.orders[one][:4] {
			first := p.Operate(house.WatchOrder, obj{"id": id}).First()
			o := orderKeys(one, t, id)
			if sees := scope().Sees(o); (len(first.Errors) == 0) != sees {
				t.Errorf("%s: order %s: got %s %v, want it seen: %t", w.dev, id, first.Data, first.Errors, sees)
			}
		}
		// The team has alerts, and no one else (TestAlerts says which).
		if first := p.Operate(`subscription ($c: ID!) { alerts(communityId: $c) { id } }`, obj{"c": w.e.Community}).First(); (len(first.Errors) == 0) != scope().Sight().Team {
			t.Errorf("%s: alerts: got %s %v, want them: %t", w.dev, first.Data, first.Errors, scope().Sight().Team)
		}
		// The phone desk has its queue, and the commander (TestCallQueue says what is in it).
		if first := p.Operate(`subscription ($c: ID!) { callQueue(communityId: $c) { waiting } }`, obj{"c": w.e.Community}).First(); (len(first.Errors) == 0) != (w.dev == "C01") {
			t.Errorf("%s: callQueue: got %s %v", w.dev, first.Data, first.Errors)
		}
		states = append(states, p.Operate(`subscription ($c: ID!) { board(communityId: $c) { open } }`, obj{"c": w.e.Community}))
	}

	// Moves in calls of various sizes, over both communities at once, while roles change.
	began := time.Now()
	both := func(change func(), stages ...string) {
		t.Helper()
		var group errgroup.Group
		for i, e := range estates {
			group.Go(func() error { return s.move(e, uint64(i), stages) })
		}
		change()
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	volunteer := func(code string, change obj) func() {
		change["id"] = one.Team[code]
		return func() {
			s.changed(t, one, one.Team[code], func() { one.Update(one.As("C01"), "volunteer", change) })
		}
	}
	both(volunteer("S01", obj{"services": one.Services("E7")}), "DISPATCHED", "AT_GATE", "SORTED")
	both(func() { // a new card ends the one they came with
		s.changed(t, one, one.Homes["E6-1-1103"], func() { one.Card(one.Homes["E6-1-1103"]) })
	}, "AT_BUILDING", "OUT_FOR_DELIVERY", again)
	both(volunteer("S07", obj{"archived": true}), "OUT_FOR_DELIVERY", again, "OUT_FOR_DELIVERY", "DELIVERED")
	s.changed(t, one, one.Suppliers["yiyao"], func() { one.Update(one.As("C01"), "supplier", obj{"id": one.Suppliers["yiyao"], "archived": true}) })
	for _, e := range estates { // and some more, which yiyao and others must not see
		e.Undo(e.As("C01"), s.orders[e][:4]...)
		e.Place("E6-1-1403")
	}
	t.Logf("%d moves in %v", 20*len(s.orders[one]), time.Since(began).Round(time.Millisecond))

	shown := 0
	for _, f := range s.followers {
		shown += s.check(t, f)
	}
	for _, f := range s.followers { // by now it would have come
		if m, ok := f.in.Within(0); ok && m.Type != "error" {
			t.Errorf("%s %+v: got one more: %s", f.row, f.filter, m.Payload)
		}
	}
	t.Logf("%d streams showed %d events", len(s.followers), shown)
	for _, in := range states {
		in.First()
	}
}

// activities is the subscription to every event of any noun.
const activities = `subscription ($c: ID!, $a: String) { events(communityId: $c, after: $a) { cursor kind subjectId } }`

// again stands for a failed attempt at the door.
const again = "AT_BUILDING again"

// move takes every order of an estate through the stages, in calls of various sizes.
func (s *sightHouse) move(e *house.Estate, seed uint64, stages []string) error {
	chance := rand.New(rand.NewPCG(seed, seed))
	for _, stage := range stages {
		for rest := s.orders[e]; len(rest) > 0; {
			n := min(len(rest), []int{1, 3, 10, 40, 100}[chance.IntN(5)])
			in := house.MoveTo(stage, rest[:n]...)
			if stage == again {
				in["to"], in["reason"] = "AT_BUILDING", "ABSENT"
			}
			got, err := e.TryAdvance(e.As("C01"), in)
			if err != nil {
				return err
			}
			for _, r := range got.Results {
				if !r.Moved {
					return fmt.Errorf("%s: %v", stage, r.UserErrors)
				}
			}
			rest = rest[n:]
		}
	}
	return nil
}

// orderKeys are the keys that decide who sees the order.
func orderKeys(e *house.Estate, t *testing.T, id string) delivery.Keys {
	t.Helper()
	parsed, err := delivery.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := e.Store.OrdersByID(t.Context(), delivery.Scope{Class: delivery.SeesAll}, []delivery.ID{parsed})
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	return rows[0].Keys()
}

// check compares the events received by a follower with those that the table has for them, and counts them.
func (s *sightHouse) check(t *testing.T, f *follower) int {
	t.Helper()
	id, err := delivery.ParseID(f.e.Community)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for after := f.scopes[0].after; ; {
		events, _, err := f.e.Store.UnscopedEvents(t.Context(), id.Community, after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, v := range events {
			after = v.Seq
			scope := f.at(v.Seq)
			switch {
			case !f.filter.Shows(&scope, v):
			case f.filter.Activities:
				want = append(want, fmt.Sprintf("%d %s %s", v.Seq, v.Kind, v.SubjectID()))
			default:
				want = append(want, fmt.Sprintf("%d %s v%d", v.Seq, v.Order.OrderID(), v.Order.Version))
			}
		}
	}
	var got []string
	for f.ends != 0 || len(got) < len(want) {
		m, ok := f.in.Within(house.Timeout)
		if !ok {
			t.Errorf("%s %+v: got %d events, want %d; the next is %s", f.row, f.filter, len(got), len(want), append(want, "the end")[min(len(got), len(want))])
			return len(got)
		}
		if m.Type == "error" {
			var faults []house.GraphQLError
			if err := json.Unmarshal(m.Payload, &faults); err != nil || faults[0].Extensions["code"] != "NOT_FOUND" || f.ends == 0 {
				t.Errorf("%s: got %s, want the end only where access is lost, with NOT_FOUND", f.row, m.Payload)
			}
			break
		}
		var v struct {
			Data struct {
				OrderEvents house.OrderEvent
				Events      struct{ Cursor, Kind, SubjectID string }
			}
		}
		if err := json.Unmarshal(m.Payload, &v); err != nil {
			t.Fatal(err)
		}
		at, err := f.e.Root.Keys.ParseFeedCursor(v.Data.OrderEvents.Cursor + v.Data.Events.Cursor)
		if err != nil {
			t.Fatal(err)
		}
		if f.filter.Activities {
			got = append(got, fmt.Sprintf("%d %s %s", at.Seq, v.Data.Events.Kind, v.Data.Events.SubjectID))
			continue
		}
		got = append(got, fmt.Sprintf("%d %s v%d", at.Seq, v.Data.OrderEvents.Order.OrderID, v.Data.OrderEvents.Order.Version))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s %+v: got %d events, want %d; they differ from %d on", f.row, f.filter, len(got), len(want), firstDifference(got, want))
	}
	return len(got)
}

func firstDifference(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
