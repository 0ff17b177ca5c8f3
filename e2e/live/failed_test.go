package live_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// TestFailedStates makes the reads of answers fail for a while: by a lock that outlasts an answer's timeout, and by cut
// connections. No subscriber of any state sees the failure, and all get the current value in the end.
func TestFailedStates(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.RequestTime = 1500 * time.Millisecond })
	raw, id := e.Database(), e.Place("E6-1-1103")
	path := e.Share(id)
	const (
		lines    = `subscription ($id: ID!) { order(id: $id) { version lines { id } } }`
		personal = `subscription ($id: ID!) { order(id: $id) { version lines { id } allowedMoves { to } } }`
		boards   = `subscription ($c: ID!) { board(communityId: $c) { open stages { stage count } buildings { building { id holds { id } } } } }`
	)
	type state struct {
		Order struct {
			Version int
			Lines   []struct{ ID string }
		}
	}
	// until takes states until one has the version. Each must be complete.
	until := func(in *house.Inbox, version int) {
		t.Helper()
		for {
			var s state
			in.Value(&s)
			switch {
			case len(s.Order.Lines) == 0:
				t.Fatalf("got %+v, want the lines in every state", s)
			case s.Order.Version == version:
				return
			case s.Order.Version > version:
				t.Fatalf("got version %d, want %d", s.Order.Version, version)
			}
		}
	}
	version := e.Order("C01", id).Version
	var watching []*house.Inbox
	for _, actor := range []string{"C01", "E6-1-1103"} {
		for _, query := range []string{lines, personal} {
			in := e.Dial(t, actor, "").Operate(query, obj{"id": id})
			until(in, version)
			watching = append(watching, in)
		}
	}
	stream := e.Listen(t, "C01", "", lines, obj{"id": id})
	streamed := func(version int) {
		t.Helper()
		for {
			sent, ok := stream.Next()
			var s state
			if err := json.Unmarshal(sent.Answer.Data, &s); !ok || err != nil || len(sent.Answer.Errors) > 0 || len(s.Order.Lines) == 0 {
				t.Fatalf("got %+v, %v, want a whole state", sent, err)
			}
			if s.Order.Version == version {
				return
			}
		}
	}
	streamed(version)

	t.Run("by a lock that outlasts the answer", func(t *testing.T) {
		tx, err := raw.Begin()
		if err == nil {
			_, err = tx.Exec(`lock table order_lines in access exclusive mode`)
		}
		if err != nil {
			t.Fatal(err)
		}
		first := e.Dial(t, "S01", "").Operate(lines, obj{"id": id}) // whose very first answer fails
		e.Advance("C01", "DISPATCHED", id)
		version++
		waiting := func() (n int) {
			if err := raw.QueryRow(`select count(*) from pg_locks where not granted and relation = cast('order_lines' as regclass)`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		most := 0 // answers that wait for the lock together
		for deadline := time.Now().Add(house.Timeout); ; time.Sleep(10 * time.Millisecond) {
			n := waiting()
			if most = max(most, n); most >= 4 && n < most { // one was given up; others are about to be
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d of %d answers wait for the lock without a limit", n, most)
			}
		}
		for _, in := range append(watching, first) {
			if m, ok := in.Within(0); ok {
				t.Errorf("got %s %s while it could not be read", m.Type, m.Payload)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		for _, in := range append(watching, first) {
			until(in, version)
		}
		streamed(version)
	})

	t.Run("by connections that are cut", func(t *testing.T) {
		tracked := e.Tracks(path)
		tracked.Stage()
		board := e.Dial(t, "C01", "").Operate(boards, obj{"c": e.Community})
		var opened struct{}
		board.Value(&opened) // opening a stream may fail with UNAVAILABLE; an open stream must survive the cuts
		var cutting errgroup.Group
		cutting.Go(func() error {
			for range 15 {
				time.Sleep(40 * time.Millisecond)
				_, err := raw.Exec(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
				if err != nil && !strings.Contains(err.Error(), "57P01") {
					return err
				}
			}
			return nil
		})
		moved := 0
		for _, stage := range []string{"AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY"} {
			if err := through(e, stage, id); err != nil {
				t.Fatal(err)
			}
			moved++
		}
		if err := cutting.Wait(); err != nil {
			t.Fatal(err)
		}
		version += moved
		for _, in := range watching {
			until(in, version)
		}
		streamed(version)
		for tracked.Stage() != "OUT_FOR_DELIVERY" {
		}
		for {
			var got struct {
				Board struct {
					boardView
					Buildings []struct {
						Building struct{ ID string }
					}
				}
			}
			board.Value(&got)
			if len(got.Board.Buildings) != 4 || got.Board.Buildings[0].Building.ID == "" {
				t.Fatalf("got %+v, want all of the board", got)
			}
			if slots := got.Board.Stages; len(slots) == 6 && slots[5].Count == 1 {
				break
			}
		}
	})
}

// through moves an order, and retries the call until it succeeds.
func through(e *house.Estate, stage, id string) error {
	for deadline := time.Now().Add(house.Timeout); ; {
		if _, err := e.TryAdvance("C01", house.MoveTo(stage, id)); err == nil && stageOf(e, id) == stage {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("the order does not come to " + stage)
		}
	}
}

// stageOf returns the stage of an order, or "" if it cannot be read now.
func stageOf(e *house.Estate, id string) string {
	a, err := e.Try("C01", `query ($id: ID!) { order(id: $id) { stage } }`, obj{"id": id})
	var got struct{ Order struct{ Stage string } }
	if err != nil || len(a.Errors) > 0 || json.Unmarshal(a.Data, &got) != nil {
		return ""
	}
	return got.Order.Stage
}
