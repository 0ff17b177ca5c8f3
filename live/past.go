package live

import (
	"context"
	"sync"
	"time"

	"baogong/delivery"
)

// Readings of the table's past are many after an outage and each may be long: a filter that matches nothing has all of a
// community's feed read. So few run at once, accounts in turn; each covers a stretch of positions that takes some
// milliseconds, however few events it finds, and a long one is followed by a rest. A stream keeps what it has covered.
const (
	pastsAtOnce = 4 // readings of the past at once
	pastShare   = 2 // of those, of one account
	pastRest    = 3 // how many times as long as a long reading the rest after it is, its place still taken

	leastStretch  = 500     // positions that one reading covers
	firstStretch  = 2000    // at first
	narrowStretch = 50_000  // at first, of a stream that an index leads to its events
	mostStretch   = 200_000 // at most
	briefReading  = 20 * time.Millisecond
	longReading   = 100 * time.Millisecond
)

// stretched is how many positions the next reading covers, after one of so many that took so long.
func stretched(stretch int64, took time.Duration) int64 {
	switch {
	case took < briefReading:
		stretch *= 4
	case took > longReading:
		stretch /= 4
	}
	return min(max(stretch, leastStretch), mostStretch)
}

// behind counts the streams that catch up from the table, by account.
type behind struct {
	mu  sync.Mutex
	all int
	by  map[string]int
}

// mostBehind is how many streams may catch up at once in all: as many as there may be connections.
const mostBehind = 20_000

// join counts one more stream of an account. It fails if there are limit already, unless that is 0.
func (b *behind) join(account string, limit int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all >= mostBehind || limit > 0 && b.by[account] >= limit {
		return false
	}
	if b.by == nil {
		b.by = map[string]int{}
	}
	b.all++
	b.by[account]++
	return true
}

func (b *behind) leave(account string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all--
	if b.by[account]--; b.by[account] == 0 {
		delete(b.by, account)
	}
}

// caughtUp counts the stream out of those that catch up. Must hold the feed's mu.
func (s *Stream) caughtUp() {
	if s.resumes {
		s.resumes = false
		s.feed.hub.behind.leave(accountOf(s.actor))
	}
}

// accountOf names the account of an actor: all its sign-ins take turns together.
func accountOf(a *delivery.Actor) string { return a.Ref().Key() }

// readPast reads a page of the past when it is the stream's turn.
func (s *Stream) readPast(ctx context.Context, scope delivery.Scope, after, upTo int64) (events []*delivery.Event, took time.Duration, err error) {
	h := s.feed.hub
	done, err := h.pasts.Wait(ctx, accountOf(s.actor))
	if err != nil {
		return nil, 0, err
	}
	defer func() {
		if took < briefReading {
			done()
		} else {
			time.AfterFunc(pastRest*min(took, longReading), done)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	defer recovered(&err)
	began := time.Now()
	defer func() { took = time.Since(began) }()
	events, err = h.source.Past(ctx, scope, s.feed.community, s.filter, after, upTo, page)
	return events, took, err
}
