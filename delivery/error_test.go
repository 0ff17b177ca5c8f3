package delivery

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// reasonRange fills in numbers as %v does.
var reasonRange = NewReason("TEST_RANGE", CodeBadUserInput, "This must be between %v and %v.", "此处必须在 %v 与 %v 之间。")

func TestError(t *testing.T) {
	t.Parallel()
	t.Run("reads the same after it was stored", func(t *testing.T) {
		t.Parallel()
		at := time.Date(2020, 2, 18, 4, 0, 0, 123000, time.UTC)
		other := ID{KindBuilding, 7, "00000000-0000-7000-8000-000000000001"}
		for _, e := range []*Error{
			Refuse(ReasonVersionChanged, int64(9_007_199_254_740_993)).At("orders", "3"),
			Refuse(ReasonTooLong, MaxNote, 501),
			Refuse(reasonRange, 0, MaxTotalFen),
			Refuse(ReasonIllegalMove, Placed, Delivered).With(Details{Stage: Placed, Version: 3, MovedBy: &Ref{Role: RoleLead, Community: 7}, MovedAt: &at}),
			Refuse(ReasonMalformedID, "E6").With(Details{ConflictingID: &other, Limit: 5}),
			Refuse(ReasonMissing),
		} {
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			var again Error
			if err := json.Unmarshal(b, &again); err != nil {
				t.Fatal(err)
			}
			for _, l := range []Locale{English, Chinese} {
				if got, want := again.Message(l), e.Message(l); got != want || strings.Contains(got, "%!") {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			if again.Code() != e.Code() || !slices.Equal(again.Field, e.Field) {
				t.Errorf("got %+v, want %+v", again, *e)
			}
			if b2, _ := json.Marshal(&again); string(b2) != string(b) {
				t.Errorf("got %s, want %s", b2, b)
			}
		}
	})
	t.Run("is found behind what was being done", func(t *testing.T) {
		t.Parallel()
		e := Refuse(ReasonHeld, "noon")
		wrapped := fmt.Errorf("move order 7: %w", e)
		if AsError(wrapped) != e || CodeOf(wrapped) != CodeHeld {
			t.Errorf("got %v, %s", AsError(wrapped), CodeOf(wrapped))
		}
		if internal := errors.New("broken pipe"); AsError(internal) != nil || CodeOf(internal) != CodeInternal {
			t.Error("an internal error passes for a refusal")
		}
	})
	t.Run("of an unknown reason says no more than that something went wrong", func(t *testing.T) {
		t.Parallel()
		if got := (&Error{Reason: Reason{"FROM_THE_FUTURE"}}).Error(); got != "Something went wrong." {
			t.Errorf("got %q", got)
		}
	})
	t.Run("paths grow outwards and leave the original as it is", func(t *testing.T) {
		t.Parallel()
		e := Refuse(ReasonMissing).At("room")
		if got := e.At("households", "2").Field; !slices.Equal(got, []string{"households", "2", "room"}) || len(e.Field) != 1 {
			t.Errorf("got %v from %v", got, e.Field)
		}
	})
}

func TestDeclare(t *testing.T) {
	t.Parallel()
	refused := func(what string, declare func()) {
		t.Run("refuses "+what, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("declared")
				}
			}()
			declare()
		})
	}
	refused("a name that is taken", func() { NewReason(ReasonHeld.String(), CodeHeld, "No.", "不。") })
	refused("a reason without a name", func() { NewReason("", CodeHeld, "No.", "不。") })
	refused("a reason without a code", func() { NewReason("TEST", "", "No.", "不。") })
	refused("a reason without English", func() { NewReason("TEST", CodeHeld, "", "不。") })
	refused("a reason without Chinese", func() { NewWordedReason("TEST", CodeHeld, "No.", "") })
}
