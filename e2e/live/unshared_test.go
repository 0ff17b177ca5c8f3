package live_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/cpu"
	"baogong/internal/volume"
)

// made returns how many answers of subscriptions the server has made.
func made(h *house.Program) (n int) {
	h.T.Helper()
	res, err := http.Get(h.BaseURL() + "/metrics")
	if err != nil {
		h.T.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	found := regexp.MustCompile(`(?m)^baogong_executions_total (\S+)`).FindSubmatch(text)
	if err != nil || found == nil {
		h.T.Fatalf("got metrics %s, %v", text, err)
	}
	f, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		h.T.Fatal(err)
	}
	return int(f)
}

// flood is one account with as many unshared subscriptions as it may have, whose states then all change.
type flood struct {
	sockets, each int // subscriptions of each of so many connections
	orders, holds int
	cost, burst   int // what the account may spend
}

// TestUnsharedStates has one account watch orders with fields that depend on the viewer, and changes them all with holds. The
// account's cost limits the answers made for it, and other accounts see their orders move at once.
func TestUnsharedStates(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	flood{8, 20, 20, 6, 2000, 10_000}.states(t)
}

func (f flood) states(t *testing.T) {
	const price = 300
	e := house.NewEstate(t, func(s *app.ServerSettings) {
		s.Cost, s.CostBurst, s.Operations, s.AccountStreams = f.cost, f.burst, 1000, 256
	})
	var ids []string
	for i := range f.orders {
		ids = append(ids, e.Place(fmt.Sprintf("E6-1-1%d03", 1+i%4)))
	}
	other := e.Place("E7-1-1103")
	victim := e.Dial(t, "E7-1-1103", "").Operate(house.WatchOrder, obj{"id": other})
	type state struct{ Order house.OrderView }
	var first state
	victim.Value(&first)

	before, spent, begun := made(e.Program), cpu.Spent(t), time.Now()
	refused, opened := 0, 0
	var inboxes []*house.Inbox
	for range f.sockets {
		p := e.Dial(t, "S01", "")
		for range f.each {
			query := `subscription ($id: ID!) { order(id: $id) { version allowedMoves { to } holds { reason } lines { id } } }`
			inboxes = append(inboxes, p.Operate(query, obj{"id": ids[opened%len(ids)]}))
			opened++
		}
	}
	var slowest time.Duration
	for i := range f.holds {
		e.Hold(obj{"subjectIds": []string{e.Buildings["E6"]}, "reason": "TESTING", "until": e.Clock.Now().Add(time.Duration(i+1) * time.Hour).Format(time.RFC3339)})
		asked := time.Now()
		stage := []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY", "DELIVERED"}
		if i < len(stage) {
			e.Advance("C01", stage[i], other)
			for s := first; s.Order.Stage != stage[i]; victim.Value(&s) {
			}
			slowest = max(slowest, time.Since(asked))
		}
	}
	took := time.Since(begun)
	made, cpuOf := made(e.Program)-before, cpu.Spent(t)-spent
	for _, in := range inboxes {
		in.Mu.Lock()
		for _, m := range in.Got {
			if m.Type == "error" && strings.Contains(string(m.Payload), "RATE_LIMITED") {
				refused++
			} else if m.Type == "error" {
				t.Errorf("got %s", m.Payload)
			}
		}
		in.Mu.Unlock()
	}
	most := (f.burst/2+int(took.Seconds()*float64(f.cost)))/price + 20 // and the victim's
	if made > most {
		t.Errorf("%d answers were made in %v, want at most %d", made, took, most)
	}
	if slowest > 3*time.Second {
		t.Errorf("a resident saw a move after %v", slowest)
	}
	t.Logf("%d subscriptions (%d refused), %d holds: %d answers, %v CPU in %v; a resident saw a move after %v at most", opened, refused, f.holds, made, cpuOf, took, slowest)
}

// TestRelativesAreMadeOnce subscribes to events with many equivalent documents. Each event's answer is made once, by the plan,
// and all subscribers get the same bytes.
func TestRelativesAreMadeOnce(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	id := e.Place("E6-1-1103")
	p := e.Dial(t, "C01", "")
	var inboxes []*house.Inbox
	for _, query := range []string{
		`subscription ($c: ID!) { orderEvents(communityId: $c) { kind order { stage } } }`,
		`subscription Named ($other: ID!) { orderEvents(communityId: $other) { kind order { stage } } }`,
		`subscription ($c: ID!) { orderEvents(communityId: $c) { kind @include(if: true) order { stage } } }`,
		`subscription ($c: ID!) { orderEvents(communityId: $c) { kind order @skip(if: false) { stage @include(if: true) @skip(if: false) } } }`,
		`subscription ($c: ID!, $yes: Boolean = true) { orderEvents(communityId: $c) @include(if: $yes) { kind order { stage } } }`,
		`subscription ($c: ID!, $no: Boolean! = false) { orderEvents(communityId: $c) { ...f @skip(if: $no) } } fragment f on OrderEvent { kind order { ...s } } fragment s on OrderSnapshot { stage }`,
		`subscription ($c: ID!) { orderEvents(communityId: $c) { ... on OrderEvent @include(if: true) { kind } ... { order { stage stage } } kind at @skip(if: true) } }`,
		`subscription ($c: ID!, $a: String) { orderEvents(communityId: $c, after: $a) { kind: kind order { stage: stage } } }`,
	} {
		variables := obj{"c": e.Community}
		if strings.Contains(query, "$other") {
			variables = obj{"other": e.Community}
		}
		inboxes = append(inboxes, p.Operate(query, variables))
	}
	for _, in := range inboxes { // each is open when an event has come to it
		for done := false; !done; {
			if err := e.BackAndForth("caiban", id, 1); err != nil {
				t.Fatal(err)
			}
			_, done = in.Within(time.Second)
		}
	}
	for _, in := range inboxes {
		for ok := true; ok; _, ok = in.Within(100 * time.Millisecond) {
		}
	}
	before := made(e.Program)
	if err := e.BackAndForth("caiban", id, 5); err != nil {
		t.Fatal(err)
	}
	const events = 10
	for n := range events {
		want := inboxes[0].Take()
		for i, in := range inboxes[1:] {
			if got := in.Take(); got.Type != "next" || string(got.Payload[:40]) != string(want.Payload[:40]) {
				t.Errorf("event %d: got %s %s for spelling %d, want %s", n, got.Type, got.Payload, i+1, want.Payload)
			}
		}
	}
	if made := made(e.Program) - before; made != events {
		t.Errorf("got %d answers made of %d events for %d spellings, want one of each event", made, events, len(inboxes))
	}
}
