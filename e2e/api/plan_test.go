package api_test

import (
	"testing"
	"time"

	"baogong/e2e/house"
)

// TestPlanAgainstActualFollowsTheOrders hands over an order while the commander and the gate watch, and compares the board.
func TestPlanAgainstActualFollowsTheOrders(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	order := e.Place("E6-1-1103")
	type against struct {
		Day                           string
		Planned, Low, High            int
		Actual, Orders, BehindMinutes int
		LeftOutOrders                 *int
		Band                          []struct{ Median int }
	}
	const fields = `{ day planned low high actual orders leftOutOrders behindMinutes band { median } }`
	var got struct{ PlanAgainstActual *against }
	e.Must(e.As("C01"), `query ($c: ID!) { planAgainstActual(communityId: $c) `+fields+` }`, obj{"c": e.Community}, &got)
	if got.PlanAgainstActual != nil {
		t.Fatalf("without a plan: got %+v", got.PlanAgainstActual)
	}
	e.Plan(11)
	in := e.Dial(t, e.As("D01"), "").Operate(`subscription ($c: ID!) { planAgainstActual(communityId: $c) `+fields+` }`, obj{"c": e.Community})
	in.Value(&got)
	if p := got.PlanAgainstActual; p == nil || p.Planned != 11 || p.Low != 10 || p.High != 11 || p.Actual != 0 || p.Orders != 11 || p.BehindMinutes != 120 || len(p.Band) != 2 {
		t.Fatalf("got %+v", p)
	}
	if n := got.PlanAgainstActual.LeftOutOrders; n == nil || *n != 0 {
		t.Errorf("got %v orders left out, want 0", n)
	}
	e.Bring(order, "DELIVERED")
	in.Value(&got)
	if p := got.PlanAgainstActual; p.Actual != 1 || p.BehindMinutes != 119 {
		t.Errorf("after a hand-over: got %+v", p)
	}
	var board struct {
		Board struct {
			DeliveredToday  int
			ExpectedClearAt *time.Time
			Plan            *against
		}
	}
	e.Must(e.As("C01"), `query ($c: ID!) { board(communityId: $c) { deliveredToday expectedClearAt plan `+fields+` } }`, obj{"c": e.Community}, &board)
	if b := board.Board; b.Plan == nil || b.Plan.Actual != b.DeliveredToday || b.DeliveredToday != 1 {
		t.Errorf("got %+v, want the same number", b)
	}
	for who, sees := range map[string]bool{"D01": true, "S01": false, "caiban": false, "E6-1-1103": false} {
		board.Board.Plan = nil
		e.Must(e.As(who), `query ($c: ID!) { board(communityId: $c) { plan { day } } }`, obj{"c": e.Community}, &board)
		if (board.Board.Plan != nil) != sees {
			t.Errorf("%s: got the plan %+v on the board", who, board.Board.Plan)
		}
	}
	e.SQL(`update plans set now_at = '` + e.Clock.Now().Add(10*time.Minute).Format(time.RFC3339) + `', clear_now = '` + e.Clock.Now().Add(66*time.Minute).Format(time.RFC3339) + `'`)
	_ = e.Place("E6-1-1103")
	e.Must(e.As("C01"), `query ($c: ID!) { board(communityId: $c) { expectedClearAt } }`, obj{"c": e.Community}, &board)
	if at := board.Board.ExpectedClearAt; at == nil || !at.Equal(e.Clock.Now().Add(70*time.Minute)) {
		t.Errorf("got %v, want 10:10", at)
	}
}

// TestPlanDay plans tomorrow by hand.
func TestPlanDay(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	var got struct {
		PlanDay struct {
			Plan *struct {
				Day           string
				Orders        int
				ByHand        bool
				ClearAtNow    *time.Time
				ChanceAllBy   float64
				WrongTimes    []struct{ Step string }
				BehindMinutes *int
			}
			UserErrors []struct{ Reason string }
		}
	}
	const plan = `mutation ($in: PlanDayInput!) { planDay(input: $in) { plan { day orders byHand clearAtNow chanceAllBy wrongTimes { step } behindMinutes } userErrors { reason } } }`
	in := obj{"clientMutationId": "1", "communityId": e.Community, "scenario": obj{"communityId": e.Community, "orders": 100, "replications": 20}}
	for range 2 { // and again, as a retry
		e.Must(e.As("S00"), plan, obj{"in": in}, &got)
		if p := got.PlanDay.Plan; p == nil || p.Day != "2020-02-19" || p.Orders < 95 || p.Orders > 105 || !p.ByHand || p.ClearAtNow != nil || p.BehindMinutes != nil || len(p.WrongTimes) > 0 {
			t.Fatalf("got %+v", got)
		}
	}
	if n := e.Text(`select count(*) from events where kind = 'PLAN_CHANGED'`); n != "1" {
		t.Errorf("got %s events, want one", n)
	}
	in["clientMutationId"], in["scenario"] = "2", obj{"communityId": e.Community, "day": "2020-02-18", "replications": 20}
	got.PlanDay.Plan, got.PlanDay.UserErrors = nil, nil
	e.Must(e.As("C01"), plan, obj{"in": in}, &got)
	if len(got.PlanDay.UserErrors) != 1 || got.PlanDay.UserErrors[0].Reason != "PLAN_BEGUN" || got.PlanDay.Plan != nil {
		t.Errorf("today: got %+v", got)
	}
}
