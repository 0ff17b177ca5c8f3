package live_test

import (
	"slices"
	"strings"
	"sync"
	"time"

	"baogong/e2e/house"
)

// The evening of the day: what the people end before they go home, and what must be true then.

// close lets it be six in the evening. The commander publishes a notice, the desks answer who still waits, the lead sees to it that each building has
// a volunteer, and then the errands end.
func (d *day) close() {
	left := time.Date(2020, 2, 18, 10, 0, 0, 0, time.UTC).Sub(d.e.Clock.Now()) // until 18:00 in Yichang
	d.e.Clock.Pass(max(left, 20*time.Minute))                                  // a long day is over later; the last holds end
	house.WaitFor(d.t, "the leases and holds that have ended", func() bool {
		return len(d.lines(`select 'a lease' from enquiries where state = 'TAKEN' and next_at <= '`+d.now()+`'
			union all select 'a hold' from holds where ended_at is null and until <= '`+d.now()+`'`)) == 0
	})
	d.announce()
	for _, acts := range [][]func(){d.evenings, d.nights} {
		var all sync.WaitGroup
		for _, act := range acts {
			all.Go(act)
		}
		all.Wait()
	}
	d.serves[daySpare] = d.illBuilding
}

// checkEvening checks what must be true at the end, by what the API answers and by the tables.
func (d *day) checkEvening() {
	d.checkShifts()
	d.checkDesk()
	d.checkErrands()
	d.checkNotice()
	d.checkMoney() // lets two days pass
}

// read asks the program as a member of the team.
func (d *day) read(name, query string, to any) {
	d.t.Helper()
	d.program.Load().Must(d.e.As(name), query, obj{"c": d.e.Community, "n": d.notice}, to)
}

// same compares lines of what the API answers with those of the tables.
func (d *day) same(what string, got []string, query string) {
	d.t.Helper()
	slices.Sort(got)
	if want := d.lines(query); !slices.Equal(got, want) {
		d.t.Errorf("%s: the API answers\n%s\nthe tables hold\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// now is the time in the estate, for SQL.
func (d *day) now() string { return d.e.Clock.Now().Format(time.RFC3339Nano) }
