package api_test

import (
	"testing"
	"time"

	"baogong/e2e/house"
)

// TestEstimates carries orders to the door at a steady pace and asks where the later ones are in the queue and when they will be there, as each
// viewer.
func TestEstimates(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	stages := []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY", "DELIVERED"}
	type shown struct {
		Order struct {
			Ahead      *int
			ExpectedAt *time.Time
		}
		Board struct{ ExpectedClearAt *time.Time }
	}
	ask := func(token, order string) (got shown) {
		t.Helper()
		e.Must(token, `query ($o: ID!) { order(id: $o) { ahead expectedAt } }`, obj{"o": order}, &got)
		return got
	}
	clearAt := func(who string) *time.Time {
		t.Helper()
		var got shown
		e.Must(e.As(who), `query ($c: ID!) { board(communityId: $c) { expectedClearAt } }`, obj{"c": e.Community}, &got)
		return got.Board.ExpectedClearAt
	}
	minutes := func(at *time.Time) int {
		if at == nil {
			return -1
		}
		return int(at.Sub(e.Clock.Now()).Round(5*time.Minute) / time.Minute)
	}
	ahead := func(claim, who, order string, want int) {
		t.Helper()
		if got := ask(e.As(who), order).Order.Ahead; got == nil != (want < 0) || got != nil && *got != want {
			t.Errorf("%s: got %v ahead for %s, want %d", claim, got, who, want)
		}
	}

	first := e.Place("E6-1-1403")
	if got := ask(e.As("C01"), first); got.Order.Ahead != nil || got.Order.ExpectedAt != nil || clearAt("C01") != nil {
		t.Errorf("before anything moved: got %+v", got)
	}
	past := []string{first}
	for range 4 {
		past = append(past, e.Place("E6-1-1103"))
	}
	for _, stage := range stages {
		e.Clock.Pass(10 * time.Minute)
		e.Advance(e.As("C01"), stage, past...)
	}
	ahead("at the door", "C01", first, -1)

	// Three at the gate: the first in E7, then the resident's, then a neighbour's.
	far, mine, next := e.Place("E7-1-1103"), e.Place("E6-1-1403"), e.Place("E6-1-1103")
	e.Advance(e.As("C01"), "DISPATCHED", far, mine, next)
	ahead("before the gate", "C01", mine, -1)
	for _, id := range []string{far, mine, next} {
		e.Clock.Pass(time.Minute)
		e.Advance(e.As("C01"), "AT_GATE", id)
	}
	for who, token := range map[string]string{"C01": e.As("C01"), "S01": e.As("S01"), "the resident": e.As("E6-1-1403")} {
		got := ask(token, mine)
		if got.Order.Ahead == nil || *got.Order.Ahead != 1 || minutes(got.Order.ExpectedAt) != 40 {
			t.Errorf("at the gate, %s: got %v ahead, in %d minutes, want 1 and 40", who, got.Order.Ahead, minutes(got.Order.ExpectedAt))
		}
	}
	if got := ask(e.SignIn(e.Link(mine)), mine); got.Order.Ahead != nil || got.Order.ExpectedAt != nil {
		t.Errorf("a link: got %+v, want neither", got)
	}
	for who, want := range map[string]int{"C01": 40, "S01": 40, "S07": -1, "caiban": -1, "E6-1-1403": -1} {
		if got := minutes(clearAt(who)); got != want {
			t.Errorf("the board of %s: clear in %d minutes, want %d", who, got, want)
		}
	}
	e.Hold(obj{"subjectIds": []string{far}, "reason": "TESTING"})
	ahead("a held one is not ahead", "C01", mine, 0)
	if got := ask(e.As("C01"), far); got.Order.ExpectedAt != nil {
		t.Errorf("held: got %v, want no estimate", got.Order.ExpectedAt)
	}

	// In a round by the doors: the top floor first, not the order that came first.
	for _, stage := range []string{"SORTED", "AT_BUILDING"} {
		e.Advance(e.As("C01"), stage, next)
		e.Clock.Pass(time.Minute)
		e.Advance(e.As("C01"), stage, mine)
	}
	ahead("on the shelf", "C01", mine, 1)
	e.Must(e.As("S01"), `mutation ($a: ID!, $b: ID!) { startRound(input: { orderIds: [$a, $b] }) { userErrors { message } } }`, obj{"a": mine, "b": next}, &struct{}{})
	ahead("the top floor", "E6-1-1403", mine, 0)
	ahead("a floor below", "S01", next, 1)
}
