package db_test

import (
	"errors"
	"testing"

	"baogong/db"
	"baogong/delivery"
)

// A roster that is not read again is still the team's: after every change of it, and after one that was rolled back.
func TestRosterFollowsTheTeam(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(9), 5, 4, 0)
	v := of(w.volunteers, 1)[0]
	reachable := func() bool {
		t.Helper()
		var r *delivery.Roster
		if err := w.db.InTx(t.Context(), func(tx *db.Tx) (err error) { r, err = tx.Roster(t.Context(), 1); return err }); err != nil {
			t.Fatal(err)
		}
		return r.Reachable[v.UUID]
	}
	change := func(to bool, keep error) {
		t.Helper()
		err := w.db.InTx(t.Context(), func(tx *db.Tx) error {
			next := *v
			next.Reachable, next.ArchivedAt, next.Version = to, nil, v.Version+1
			if err := tx.SaveVolunteers(t.Context(), []*delivery.Volunteer{&next}); err != nil {
				return err
			}
			if r, err := tx.Roster(t.Context(), 1); err != nil || r.Reachable[v.UUID] != to {
				t.Fatalf("within its own change: got %v, %v", r, err)
			}
			if keep == nil {
				v = &next
			}
			return keep
		})
		if keep == nil && err != nil || keep != nil && !errors.Is(err, keep) {
			t.Fatal(err)
		}
	}
	change(true, nil)
	for _, to := range []bool{true, false, true} {
		change(!to, errors.New("no"))
		change(to, nil)
		for range 2 {
			if got := reachable(); got != to {
				t.Fatalf("got reachable %v, want %v", got, to)
			}
		}
		change(!to, errors.New("no"))
		if got := reachable(); got != to {
			t.Fatalf("after a change that was rolled back: got reachable %v, want %v", got, to)
		}
	}
}
