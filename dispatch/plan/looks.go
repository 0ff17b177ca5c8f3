package plan

import (
	"slices"
	"sync"
	"time"

	"baogong/delivery"
)

// looks says whose turn it is to be looked at: at most one community at each tick of the clock, in the order in which they became due.
type looks struct {
	mu      sync.Mutex
	last    map[int32]time.Time // business time of the last look, also one that failed
	failing map[int32]bool
	waiting []int32        // due, the longest first
	seen    map[int32]bool // at this tick
	tick    time.Time
	taken   bool // this tick has its look
}

// begin reports whether the community is looked at now, and counts that as its look. The clock asks once for each community at each tick.
func (l *looks) begin(community int32, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last, l.failing, l.seen = map[int32]time.Time{}, map[int32]bool{}, map[int32]bool{}
	}
	if !now.Equal(l.tick) || l.seen[community] { // another tick
		if len(l.seen) > 0 { // a community that is gone delays no other one
			l.waiting = slices.DeleteFunc(l.waiting, func(c int32) bool { return !l.seen[c] })
		}
		clear(l.seen)
		l.tick, l.taken = now, false
	}
	l.seen[community] = true
	if last, looked := l.last[community]; looked {
		if since := now.Sub(last); since >= 0 && since < delivery.PresentEvery {
			return false
		}
	}
	if !slices.Contains(l.waiting, community) {
		l.waiting = append(l.waiting, community)
	}
	if l.taken || l.waiting[0] != community {
		return false
	}
	l.waiting, l.taken = l.waiting[1:], true
	l.last[community] = now
	return true
}

// failed notes how a look ended, and reports whether it is the first that failed since one that succeeded.
func (l *looks) failed(community int32, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.failing[community]
	l.failing[community] = err != nil
	return err != nil && !was
}
