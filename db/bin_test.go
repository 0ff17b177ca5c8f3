package db_test

import (
	"testing"
)

// The previous release moves orders without naming a bin.
func TestMovesThatNameNoBinFindTheDefaultOne(t *testing.T) {
	t.Parallel()
	d := raw(t, newPossible(t))
	const home = "00000000-0000-0000-0000-0000000000b1"
	for _, step := range []struct {
		stage string
		want  []string
	}{{"AT_GATE", []string{""}}, {"SORTED", []string{home}}, {"AT_BUILDING", []string{""}}, {"SORTED", []string{home}}, {"RETURNED", []string{""}}} {
		if _, err := d.ExecContext(t.Context(), `update orders set stage = $1`, step.stage); err != nil {
			t.Fatalf("move to %s: %v", step.stage, err)
		}
		if got := column[string](t, d, `select coalesce(cast(bin_id as text), '') from orders`); got[0] != step.want[0] {
			t.Errorf("at %s: got the bin %q, want %q", step.stage, got[0], step.want[0])
		}
	}
}

func TestEachBuildingHasADefaultBinOfItsCode(t *testing.T) {
	t.Parallel()
	d := raw(t, newPossible(t))
	code := func() string {
		return column[string](t, d, `select code from bins where id = '00000000-0000-0000-0000-0000000000b1'`)[0]
	}
	if got := code(); got != "E6" {
		t.Fatalf("got a default bin %q, want E6", got)
	}
	for _, step := range []struct{ statement, want string }{
		{`update buildings set code = 'F6' where code = 'E6'`, "F6"},
		{`update buildings set code = '冷' where code = 'F6'`, "F6"}, // another bin of the building has that code
	} {
		if _, err := d.ExecContext(t.Context(), step.statement); err != nil {
			t.Fatal(err)
		}
		if got := code(); got != step.want {
			t.Errorf("after %s: got the code %q, want %q", step.statement, got, step.want)
		}
	}
}
