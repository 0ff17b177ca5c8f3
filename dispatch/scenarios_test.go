package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/plan"
	"baogong/rehearsal"
)

// scenario is a scenario to save under a name.
func (e *house) scenario(name string) plan.SaveScenarioInput {
	return plan.SaveScenarioInput{CommunityID: e.community, Name: name, Scenario: &rehearsal.ScenarioInput{CommunityID: e.community, Orders: new(1230), Replications: 100, Compare: true}}
}

// saveScenario saves a scenario, or fails the test.
func (e *house) saveScenario(in plan.SaveScenarioInput) delivery.ID {
	e.t.Helper()
	p := must(e.d.Plan.SaveScenario(e.t.Context(), e.commander, in))
	if len(p.UserErrors) > 0 {
		e.t.Fatal(p.UserErrors[0])
	}
	return *p.ScenarioID
}

func TestSaveScenario(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	stored := func() string {
		t.Helper()
		return strings.Join(e.column(`select s.name || ' ' || s.version || ' ' || (s.scenario ->> 'orders') || case when s.archived_at is null then '' else ' archived' end from scenarios s order by s.id`), "\n")
	}
	reason := func(p *plan.SaveScenarioPayload, err error) string {
		t.Helper()
		if err != nil {
			return string(delivery.CodeOf(err))
		}
		if len(p.UserErrors) == 0 {
			return ""
		}
		return p.UserErrors[0].Reason.String() + " " + strings.Join(p.UserErrors[0].Field, ".")
	}

	in := e.scenario(" 雨天 ")
	in.ClientMutationID = new("s1")
	id := e.saveScenario(in)
	if again := e.saveScenario(in); again != id {
		t.Errorf("a retry: got %v, want %v", again, id)
	}
	if got := stored(); got != "雨天 1 1230" {
		t.Errorf("got %q", got)
	}
	head := len(e.feed())

	t.Run("the same again changes nothing", func(t *testing.T) {
		same := e.scenario("雨天")
		same.ID, same.ExpectedVersion = &id, new(int64(1))
		e.saveScenario(same)
		if got := stored(); got != "雨天 1 1230" || len(e.feed()) != head {
			t.Errorf("got %q and %d events more", got, len(e.feed())-head)
		}
	})
	t.Run("a change needs the version that was seen", func(t *testing.T) {
		next := e.scenario("大雨")
		next.Scenario.Orders = new(2200)
		next.ID, next.ExpectedVersion = &id, new(int64(1))
		e.saveScenario(next)
		if got := stored(); got != "大雨 2 2200" {
			t.Errorf("got %q", got)
		}
		if last := e.feed()[len(e.feed())-1]; last.Kind != delivery.ScenarioSaved {
			t.Errorf("got the event %s", last.Kind)
		}
		if got := reason(e.d.Plan.SaveScenario(ctx, e.commander, next)); got != "VERSION_CHANGED expectedVersion" {
			t.Errorf("the first version again: got %q", got)
		}
	})
	t.Run("refusals", func(t *testing.T) {
		building := delivery.ID{Kind: delivery.KindBuilding, Community: e.community.Community, UUID: dispatch.NewUUID()}
		tomorrow := e.time().Add(24 * time.Hour)
		for want, change := range map[string]func(*plan.SaveScenarioInput){
			"MISSING name":                            func(in *plan.SaveScenarioInput) { in.Name = "  " },
			"TOO_LONG name":                           func(in *plan.SaveScenarioInput) { in.Name = strings.Repeat("字", 61) },
			"SCENARIO_OUT_OF_RANGE scenario.orders":   func(in *plan.SaveScenarioInput) { in.Scenario.Orders = new(0) },
			"BAD_VALUE scenario.day":                  func(in *plan.SaveScenarioInput) { in.Scenario.Day = new("2022-13-01") },
			"SCENARIO_ELSEWHERE scenario.communityId": func(in *plan.SaveScenarioInput) { in.Scenario.CommunityID.Community++ },
			"NO_SUCH id": func(in *plan.SaveScenarioInput) {
				in.ID = &delivery.ID{Kind: delivery.KindScenario, Community: e.community.Community, UUID: dispatch.NewUUID()}
			},
			"SCENARIO_BUILDING scenario.heldBuildings.0.buildingId": func(in *plan.SaveScenarioInput) {
				in.Scenario.HeldBuildings = []*rehearsal.HeldInput{{BuildingID: building, From: tomorrow, Until: tomorrow.Add(time.Hour)}}
			},
			"NO_SUCH communityId": func(in *plan.SaveScenarioInput) { in.CommunityID.Community += 7 },
		} {
			bad := e.scenario("x")
			change(&bad)
			if got := reason(e.d.Plan.SaveScenario(ctx, e.commander, bad)); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		for _, a := range []delivery.Actor{e.resident, e.shop, e.supply} {
			if got := reason(e.d.Plan.SaveScenario(ctx, a, e.scenario("x"))); !strings.HasPrefix(got, "NOT_YOURS") {
				t.Errorf("%s: got %q", a.Role, got)
			}
		}
		if got := stored(); got != "大雨 2 2200" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("archived once, and not changed then", func(t *testing.T) {
		for range 2 {
			if p := must(e.d.Plan.ArchiveScenario(ctx, e.lead, plan.ArchiveScenarioInput{ScenarioID: id})); len(p.UserErrors) > 0 {
				t.Fatal(p.UserErrors[0])
			}
		}
		if got := stored(); got != "大雨 3 2200 archived" {
			t.Errorf("got %q", got)
		}
		next := e.scenario("x")
		next.ID = &id
		if got := reason(e.d.Plan.SaveScenario(ctx, e.commander, next)); got != "ARCHIVED id" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a hundred, and no more", func(t *testing.T) {
		var ids []delivery.ID
		for i := range delivery.MaxScenarios {
			ids = append(ids, e.saveScenario(e.scenario(fmt.Sprintf("预案%03d", i))))
		}
		if got := reason(e.d.Plan.SaveScenario(ctx, e.commander, e.scenario("x"))); got != "TOO_MANY_SCENARIOS " {
			t.Errorf("got %q", got)
		}
		rows := must(e.db.Scenarios(ctx, e.commander.Scope(), e.community.Community, false))
		if len(rows) != delivery.MaxScenarios || !slices.IsSortedFunc(rows, func(a, b *delivery.SavedScenario) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("got %d rows", len(rows))
		}
		must(e.d.Plan.ArchiveScenario(ctx, e.commander, plan.ArchiveScenarioInput{ScenarioID: ids[0]}))
		e.saveScenario(e.scenario("x"))
	})
}
