package delivery_test

import (
	"testing"
	"time"

	"baogong/delivery"
)

// dayOfSteps is a pace whose steps are all known.
func dayOfSteps(at time.Time) *delivery.Pace {
	step := func(from, to delivery.Stage, minutes int) delivery.PaceStep {
		return delivery.PaceStep{From: from, To: to, Moves: delivery.EnoughMoves, Median: time.Duration(minutes) * time.Minute}
	}
	return &delivery.Pace{At: at, Steps: []delivery.PaceStep{step("PLACED", "DISPATCHED", 60), step("DISPATCHED", "AT_GATE", 45), step("AT_GATE", "SORTED", 20),
		step("SORTED", "AT_BUILDING", 15), step("AT_BUILDING", "OUT_FOR_DELIVERY", 30), step("OUT_FOR_DELIVERY", "DELIVERED", 10),
		{From: "AT_BUILDING", To: "DELIVERED", Moves: delivery.EnoughMoves - 1, Median: time.Minute}}}
}

func TestExpectedAt(t *testing.T) {
	t.Parallel()
	now := time.Date(2020, 2, 18, 1, 0, 0, 0, time.UTC)
	p := dayOfSteps(now)
	for _, c := range []struct {
		claim   string
		stage   delivery.Stage
		channel delivery.Channel
		since   int // minutes ago
		held    bool
		want    string
	}{
		{"just at the gate: 20 + 15 + 30 + 10", "AT_GATE", "APP", 0, false, "02:15"},
		{"ten minutes of it have passed", "AT_GATE", "APP", 10, false, "02:05"},
		{"overdue: from now on", "AT_GATE", "APP", 300, false, "01:55"},
		{"up to five minutes", "AT_GATE", "APP", 1, false, "02:15"},
		{"from the beginning", "PLACED", "APP", 0, false, "04:00"},
		{"on the stairs", "OUT_FOR_DELIVERY", "APP", 4, false, "01:10"},
		{"never earlier than now", "OUT_FOR_DELIVERY", "APP", 40, false, "01:00"},
		{"held", "AT_GATE", "APP", 0, true, ""},
		{"final", "DELIVERED", "APP", 0, false, ""},
		{"an errand has no chain to compare with", "DISPATCHED", "ERRAND", 0, false, ""},
		{"an errand on the stairs", "OUT_FOR_DELIVERY", "ERRAND", 0, false, "01:10"},
	} {
		o := standing(c.stage, c.channel)
		o.StageSince = now.Add(-time.Duration(c.since) * time.Minute)
		if c.held {
			o.OpenHolds = 1
		}
		got := ""
		if at := p.ExpectedAt(o, now); at != nil {
			got = at.Format("15:04")
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.claim, got, c.want)
		}
	}
	p.Steps[3].Moves = delivery.EnoughMoves - 1
	o := standing("AT_GATE", "APP")
	if at := p.ExpectedAt(o, now); at != nil {
		t.Errorf("with a step that is not known: got %v", at)
	}
	p = dayOfSteps(now)
	p.Steps[6].Moves = 9 // where most are handed over without a round
	o.Stage, o.StageSince = "AT_BUILDING", now
	if at := p.ExpectedAt(o, now); at == nil || !at.Equal(now.Add(5*time.Minute)) {
		t.Errorf("by the usual way: got %v", at)
	}
}

func TestClearAt(t *testing.T) {
	t.Parallel()
	now := time.Date(2020, 2, 18, 1, 2, 0, 0, time.UTC)
	const near, far delivery.UUID = "b6", "b7"
	all := delivery.Scope{Class: delivery.SeesAll, Community: community}
	for _, c := range []struct {
		claim     string
		buildings []delivery.PaceBuilding
		scope     delivery.Scope
		want      string
	}{
		{"120 at 60 an hour", []delivery.PaceBuilding{{near, "DELIVERED", 40}, {far, "DELIVERED", 20}, {near, "AT_GATE", 100}, {far, "AT_BUILDING", 20}}, all, "03:05"},
		{"one at the gate still has the whole way", []delivery.PaceBuilding{{near, "DELIVERED", 60}, {near, "AT_GATE", 1}}, all, "02:20"},
		{"one building of them", []delivery.PaceBuilding{{near, "DELIVERED", 40}, {far, "DELIVERED", 20}, {near, "AT_GATE", 100}, {far, "AT_BUILDING", 60}},
			delivery.Scope{Class: delivery.SeesBuildings, Community: community, Buildings: []delivery.UUID{far}}, "04:05"},
		{"no building", []delivery.PaceBuilding{{near, "DELIVERED", 40}, {near, "AT_GATE", 1}}, delivery.Scope{Class: delivery.SeesBuildings, Community: community}, ""},
		{"too few were handed over", []delivery.PaceBuilding{{near, "DELIVERED", 4}, {near, "AT_GATE", 1}}, all, ""},
		{"nothing waits", []delivery.PaceBuilding{{near, "DELIVERED", 40}}, all, ""},
		{"a supplier", []delivery.PaceBuilding{{near, "DELIVERED", 40}, {near, "AT_GATE", 1}}, delivery.Scope{Class: delivery.SeesSupplier, Community: community, UUID: near}, ""},
	} {
		p := dayOfSteps(now)
		p.Buildings = c.buildings
		got := ""
		if at := p.ClearAt(c.scope); at != nil {
			got = at.Format("15:04")
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.claim, got, c.want)
		}
	}
}
