package resolvers

import (
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"pgregory.net/rapid"

	"baogong/delivery"
	"baogong/dispatch/plan"
	"baogong/dispatch/verbs"
	"baogong/live"
)

// ends is a source with one community and no events.
type ends struct{}

func (ends) Heads(context.Context) ([]live.Head, error) {
	return []live.Head{{Community: 1, Epoch: 77, Seq: 9, Oldest: 1}}, nil
}

func (ends) Events(context.Context, int32, int64, int) ([]*delivery.Event, live.Head, error) {
	return nil, live.Head{Community: 1, Epoch: 77, Seq: 9, Oldest: 1}, nil
}

func (ends) Past(context.Context, delivery.Scope, int32, delivery.EventFilter, int64, int64, int) ([]*delivery.Event, error) {
	return nil, nil
}

// answering returns a resolver whose hub knows community 1, and an executor.
func answering(t testing.TB) (*Resolver, *executor.Executor) {
	t.Helper()
	hub := live.New(ends{}, live.Options{Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- hub.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	for {
		hub.Wake()
		if _, known := hub.Head(1); known {
			break
		}
	}
	keys, err := delivery.NewKeyring(1, map[byte][]byte{1: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	r := New(Options{Verbs: &verbs.All{Plan: &plan.Verbs{}}, Hub: hub, Keys: keys, Log: slog.New(slog.DiscardHandler)})
	return r, executor.New(r.Schema())
}

// begun returns a shared execution of a subscription.
func begun(t rapid.TB, x *executor.Executor, query string, scope delivery.Scope) (*graphql.OperationContext, func(*delivery.Event) string) {
	t.Helper()
	ctx, inlet := live.WithInjector(graphql.StartOperationTrace(WithView(context.Background(), nil, scope)))
	op, errs := x.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: map[string]any{"c": delivery.ID{Kind: delivery.KindCommunity, Community: 1}.String(), "yes": true}})
	if errs != nil {
		t.Fatalf("%s: %v", query, errs)
	}
	respond, ctx := x.DispatchOperation(ctx, op)
	return op, func(e *delivery.Event) string {
		if !inlet.Give(e) {
			t.Fatal("the execution takes no value")
		}
		response := respond(ctx)
		text, err := json.Marshal(response)
		if err != nil || len(response.Errors) > 0 {
			t.Fatalf("%s: %v %v", query, err, response.Errors)
		}
		return string(text)
	}
}

// A plan writes the same bytes as the executor for every selection, event and viewer.
func TestPlanIsTheExecutor(t *testing.T) {
	t.Parallel()
	r, x := answering(t)
	rapid.Check(t, func(rt *rapid.T) {
		scope := rapid.SampledFrom([]delivery.Scope{{Class: delivery.SeesAll, Community: 1}, {Class: delivery.SeesOrder, Community: 1, UUID: someUUID},
			{Class: delivery.SeesBuildings, Community: 1, Buildings: []delivery.UUID{someUUID}}}).Draw(rt, "scope")
		query := "subscription($c:ID!){" + rapid.SampledFrom([]string{"", "e:"}).Draw(rt, "alias") + "orderEvents(communityId:$c)" + selection(rt, "OrderEvent", eventParts) + "}" +
			" fragment onEvent on OrderEvent{kind order{stage}}"
		if !strings.Contains(query, "...onEvent") {
			query, _, _ = strings.Cut(query, " fragment")
		}
		if strings.Contains(query, "$yes") {
			query = strings.Replace(query, "$c:ID!", "$c:ID! $yes:Boolean!", 1)
		}
		op, answer := begun(rt, x, query, scope)
		plan := r.Plan(op)
		if plan == nil {
			rt.Fatalf("%s: no plan", query)
		}
		for range 5 {
			e := event(rt)
			text, ok := plan([]byte(`{"data":`), e, &scope)
			if !ok {
				rt.Fatalf("%s: the plan leaves %+v to the executor", query, e)
			}
			if want := answer(e); string(text)+"}" != want {
				rt.Fatalf("%s\ngot  %s}\nwant %s", query, text, want)
			}
		}
	})
}

// The bodies of webhooks are what the executor answers to their document, for events of every kind and viewer.
func TestActivityPlanIsTheExecutor(t *testing.T) {
	t.Parallel()
	r, x := answering(t)
	body, err := r.ActivityBody()
	if err != nil {
		t.Fatal(err)
	}
	document := strings.Replace(strings.Replace(ActivityDocument, "$communityId: ID!, $kinds: [ActivityKind!], $after: String", "$c: ID!", 1),
		"communityId: $communityId, kinds: $kinds, after: $after", "communityId: $c", 1)
	rapid.Check(t, func(rt *rapid.T) {
		scope := rapid.SampledFrom([]delivery.Scope{{Class: delivery.SeesAll, Community: 1}, {Class: delivery.SeesSupplier, Community: 1, UUID: someUUID},
			{Class: delivery.SeesHousehold, Community: 1, UUID: someUUID}}).Draw(rt, "scope")
		query := document
		if rapid.Bool().Draw(rt, "any selection") {
			query = "subscription($c:ID!){events(communityId:$c)" + selection(rt, "Activity", activityParts) + "}"
			if strings.Contains(query, "$yes") {
				query = strings.Replace(query, "$c:ID!", "$c:ID! $yes:Boolean!", 1)
			}
		}
		op, answer := begun(rt, x, query, scope)
		plan := r.Plan(op)
		if plan == nil {
			rt.Fatalf("%s: no plan", query)
		}
		for range 5 {
			e := event(rt)
			if rapid.Bool().Draw(rt, "of no order") {
				e = other(rt)
			}
			text, ok := plan([]byte(`{"data":`), e, &scope)
			if !ok {
				rt.Fatalf("%s: the plan leaves %+v to the executor", query, e)
			}
			want := answer(e)
			if string(text)+"}" != want {
				rt.Fatalf("%s\ngot  %s}\nwant %s", query, text, want)
			}
			if query == document {
				if text, ok := body(e, &scope); !ok || `{"data":{"events":`+string(text)+"}}" != want {
					rt.Fatalf("got the body\n%s, want that of\n%s", text, want)
				}
			}
		}
	})
	for typename, known := range map[string]parts{"Activity": activityParts, "ActivityNumber": numberParts, "OrderSnapshot": snapshotParts, "Actor": actorParts} {
		for _, f := range r.Schema().Schema().Types[typename].Fields {
			if !strings.HasPrefix(f.Name, "__") && (known[f.Name] == nil || !regexp.MustCompile(`\b`+f.Name+`\b`).MatchString(ActivityDocument)) {
				t.Errorf("the plan or the document of webhooks does not know %s.%s", typename, f.Name)
			}
		}
	}
}

// other is an event of no order.
func other(rt *rapid.T) *delivery.Event {
	at := time.Unix(rapid.Int64Range(1, 4e9).Draw(rt, "at"), 0)
	e := delivery.NewEvent(delivery.SupplierSaved, delivery.System(1), at, delivery.Keys{Community: 1, Supplier: someUUID}, &delivery.NounBody{Noun: someUUID})
	switch rapid.IntRange(0, 2).Draw(rt, "noun") {
	case 0:
		e = delivery.StartDay(1, "2022-04-12", at)
	case 1:
		e = delivery.NewEvent(delivery.ArrivalWasReceived, delivery.Actor{Role: delivery.RoleSupplier, Community: 1, UUID: someUUID}, at, delivery.Keys{Community: 1, Supplier: someUUID},
			&delivery.ArrivalBody{Arrival: someUUID, BagsAnnounced: 30, BagsCounted: 29})
	}
	e.Seq = rapid.Int64Range(1, 1e12).Draw(rt, "seq")
	return e
}

const someUUID delivery.UUID = "01926f3e-7c1a-7000-8000-00000000abcd"

// directives decide whether their field is selected.
var directives = []string{"", "", "", " @include(if:true)", " @skip(if:false)", " @skip(if:true)", " @include(if:$yes)", " @skip(if:$yes)", " @include(if:true) @skip(if:$yes)"}

// selection selects some of a type's fields, some twice, some under another name, some with a directive.
func selection(rt *rapid.T, typename string, from parts) string {
	names := []string{"__typename"}
	for name := range from {
		names = append(names, name)
	}
	var b strings.Builder
	b.WriteString("{")
	for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 1, 12).Draw(rt, typename) {
		if rapid.IntRange(0, 3).Draw(rt, "renamed") == 0 {
			b.WriteString(" x" + strings.Trim(name, "_") + ":")
		}
		b.WriteString(" " + name + rapid.SampledFrom(directives).Draw(rt, "directive"))
		if sub, ok := from[name].(inner); ok {
			b.WriteString(selection(rt, sub.typename, sub.parts))
		}
	}
	if typename == "OrderEvent" && rapid.Bool().Draw(rt, "fragments") {
		b.WriteString(" ...onEvent" + rapid.SampledFrom(directives).Draw(rt, "of the spread") +
			" ...on OrderEvent" + rapid.SampledFrom(directives).Draw(rt, "of the fragment") + "{at by{role}} ..." + rapid.SampledFrom(directives).Draw(rt, "of no type") + "{from}")
	}
	return b.String() + "}"
}

func event(rt *rapid.T) *delivery.Event {
	when := func(name string) time.Time {
		return time.Unix(rapid.Int64Range(1, 4e9).Draw(rt, name), 1000*rapid.Int64Range(0, 999_999).Draw(rt, name)).In(rapid.SampledFrom([]*time.Location{time.UTC, time.FixedZone("", 8*3600)}).Draw(rt, "zone"))
	}
	maybe := func(name string) *time.Time {
		if rapid.Bool().Draw(rt, name+" is") {
			at := when(name)
			return &at
		}
		return nil
	}
	uuid := func(name string) *delivery.UUID {
		if rapid.Bool().Draw(rt, name+" is") {
			u := someUUID
			return &u
		}
		return nil
	}
	s := &delivery.OrderSnapshot{CommunityID: 1, UUID: someUUID, Number: rapid.Int64().Draw(rt, "number"), Stage: rapid.SampledFrom(append(delivery.Stages, "")).Draw(rt, "stage"),
		StageSince: when("since"), Version: rapid.Int64().Draw(rt, "version"), Channel: rapid.SampledFrom(delivery.Channels).Draw(rt, "channel"), PlacedAt: when("placed"),
		MovedAt: when("moved"), DeliveredAt: maybe("delivered"), OpenHolds: rapid.IntRange(0, 2).Draw(rt, "holds"), HolderVolunteer: uuid("volunteer"),
		HolderSupplier: uuid("supplier holds"), BuildingUUID: someUUID, UnitUUID: someUUID, HouseholdUUID: someUUID, SupplierUUID: uuid("supplier"), TotalFen: rapid.Int64().Draw(rt, "fen")}
	e := &delivery.Event{CommunityID: 1, Seq: rapid.Int64Range(1, 1e12).Draw(rt, "seq"), Kind: rapid.SampledFrom(append([]delivery.EventKind{`ODD"<KIND>`}, delivery.OrderEventKinds()...)).Draw(rt, "kind"), At: when("at"),
		ByRole: rapid.SampledFrom([]delivery.Role{delivery.RoleAdmin, delivery.RoleSystem, delivery.RoleLead, delivery.RoleSupplier, delivery.RoleResident}).Draw(rt, "role"), ByUUID: uuid("by"), OrderUUID: &s.UUID}
	e.Order = s
	switch rapid.IntRange(0, 5).Draw(rt, "body") {
	case 0:
		e.Body = &delivery.MoveBody{From: delivery.Placed, Reason: rapid.SampledFrom([]delivery.MoveReason{"", "ABSENT"}).Draw(rt, "reason")}
	case 1:
		e.Body = &delivery.UndoBody{From: delivery.Placed, Undoes: 3}
	case 2:
		e.Body = &delivery.HoldBody{Reason: delivery.HoldSealed, Until: maybe("until")}
	case 3: // a newer release's has members of each
		newer := &delivery.Event{Kind: "NEWER"}
		if err := newer.UnmarshalBody(`{"v": 1, "from": "PLACED", "reason": "ABSENT", "undoes": 3, "holdReason": "SEALED", "until": "2020-02-18T09:30:05.5Z"}`); err != nil {
			rt.Fatal(err)
		}
		e.Body = newer.Body
	case 4:
		e.Body = &delivery.MoveBody{}
	}
	return e
}

// The executor answers what a plan cannot.
func TestPlanLeavesTheRest(t *testing.T) {
	t.Parallel()
	r, x := answering(t)
	scope := delivery.Scope{Class: delivery.SeesAll, Community: 1}
	for _, query := range []string{
		"subscription($c:ID!){board(communityId:$c){open}}",
	} {
		if op, _ := begun(t, x, query, scope); r.Plan(op) != nil {
			t.Errorf("%s has a plan", query)
		}
	}
	op, _ := begun(t, x, "subscription($c:ID!){orderEvents(communityId:$c){kind}}", scope)
	if _, ok := r.Plan(op)(nil, &delivery.Event{CommunityID: 1, Order: &delivery.OrderSnapshot{}}, &scope); ok {
		t.Error("an event without its times has an answer")
	}
	if _, ok := r.Plan(op)(nil, &delivery.Event{CommunityID: 2, At: time.Now()}, &scope); ok {
		t.Error("an event of no order has an answer")
	}
}

// Every field of an event's types is among the parts. Otherwise selections of a new field would have no plan.
func TestPlanKnowsEveryField(t *testing.T) {
	t.Parallel()
	schema := new(Resolver).Schema().Schema()
	for typename, known := range map[string]parts{"OrderEvent": eventParts, "Actor": actorParts, "OrderSnapshot": snapshotParts} {
		for _, f := range schema.Types[typename].Fields {
			if !strings.HasPrefix(f.Name, "__") && known[f.Name] == nil {
				t.Errorf("the plan does not know %s.%s", typename, f.Name)
			}
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	r, x := answering(b)
	scope := delivery.Scope{Class: delivery.SeesAll, Community: 1}
	const query = "subscription($c:ID!){orderEvents(communityId:$c){cursor kind at order{orderId number stage version movedAt}}}"
	e := rapid.Custom(event).Example(1)
	rt := b
	b.Run("executor", func(b *testing.B) {
		_, answer := begun(rt, x, query, scope)
		b.ReportAllocs()
		for b.Loop() {
			answer(e)
		}
	})
	b.Run("plan", func(b *testing.B) {
		op, _ := begun(rt, x, query, scope)
		plan := r.Plan(op)
		b.ReportAllocs()
		for b.Loop() {
			plan(make([]byte, 0, 512), e, &scope)
		}
	})
}
