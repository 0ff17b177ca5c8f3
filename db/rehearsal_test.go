package db_test

import (
	"testing"
	"time"

	"baogong/db"
	"baogong/db/crowd"
)

// TestMeasuredFrom finds the events since an instant by their times, however many came before, and says from when on they are read if there are too many.
func TestMeasuredFrom(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, crowd.Size{Orders: 500, Open: 10, Households: 50, Buildings: 2})
	begin := time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC)
	at := func(seq int) time.Time { return begin.Add(time.Duration(seq) * time.Minute) }
	if _, err := c.ExecContext(t.Context(), `update events set at = cast($2 as timestamptz) + seq * interval '1 minute' where community_id = $1`, c.community, begin); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ExecContext(t.Context(), `delete from events where community_id = $1 and seq <= 100`, c.community); err != nil { // as if they were before a backup
		t.Fatal(err)
	}
	d := open(t, c.dsn, db.Options{})
	for name, want := range map[string]struct {
		since time.Time
		most  int
		after int64
		from  time.Time
	}{
		"the last hour":                {at(940), 2000, 940, at(940)},
		"between two events":           {at(500).Add(30 * time.Second), 2000, 500, at(500).Add(30 * time.Second)},
		"all there are":                {begin.AddDate(-1, 0, 0), 2000, 100, begin.AddDate(-1, 0, 0)},
		"none":                         {at(1000), 2000, 1000, at(1000)},
		"as many as there may be":      {at(900), 100, 900, at(900)},
		"more than there may be":       {at(500), 100, 900, at(900)},
		"one more than there may be":   {at(899), 100, 900, at(900)},
		"far more than there may be":   {begin.AddDate(-1, 0, 0), 300, 700, at(700)},
		"a window that has just begun": {at(999), 2000, 999, at(999)},
	} {
		after, from, err := d.UnscopedMeasuredFrom(t.Context(), c.community, want.since, want.most)
		if err != nil || after != want.after || !from.Equal(want.from) {
			t.Errorf("%s: got the events after %d, from %v, %v; want after %d, from %v", name, after, from, err, want.after, want.from)
		}
	}
	if after, from, err := d.UnscopedMeasuredFrom(t.Context(), c.community+1, begin, 100); err != nil || after != 0 || !from.Equal(begin) {
		t.Errorf("without a feed: got %d, %v, %v", after, from, err)
	}
}
