package db_test

import (
	"testing"

	"baogong/db"
	"baogong/db/dbtest"
)

// TestZones: an unknown name leaves the transaction usable, and the known names beside it are found.
func TestZones(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	known, err := db.InTx(t.Context(), d, func(tx *db.Tx) (map[string]bool, error) {
		return tx.Zones(t.Context(), []string{"Asia/Shanghai", "Mars/Olympus", "America/Havana", "Mars/Olympus", "UTC"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(known) != 3 || !known["Asia/Shanghai"] || !known["America/Havana"] || !known["UTC"] {
		t.Errorf("got %v, want three zones", known)
	}
}
