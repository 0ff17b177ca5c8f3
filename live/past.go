package live

import (
	"context"
	"sync"
	"time"

	"baogong/delivery"
)

// Limits of reading past events from the table. After an outage many streams read, and a read may be long: a filter that
// matches nothing scans the whole feed. So few reads run at once, in a fair queue between accounts. Each covers a stretch of
// positions that adapts to take some milliseconds, however few events it finds. A long read is followed by a rest. A stream
// never reads a stretch twice.
const (
	pastsAtOnce = 4 // reads at once
	pastShare   = 2 // of those, for one account
	pastRest    = 3 // rest after a long read, in its multiples; the read's place stays taken

	leastStretch  = 500     // positions of one read, at least
	firstStretch  = 2000    // initially
	narrowStretch = 50_000  // initially, if an index serves the stream's filter
	mostStretch   = 200_000 // at most
	briefReading  = 20 * time.Millisecond
	longReading   = 100 * time.Millisecond
)

// stretched returns how many positions the next read covers, given the last read's stretch and duration.
func stretched(stretch int64, took time.Duration) int64 {
	switch {
	case took < briefReading:
		stretch *= 4
	case took > longReading:
		stretch /= 4
	}
	return min(max(stretch, leastStretch), mostStretch)
}

// indexed reports whether an index serves the reading of a stream whose topics have the class. Those of buildings and suppliers have only
// events of orders.
func indexed(class delivery.Class, f *delivery.EventFilter) bool {
	return class != delivery.SeesAll && (!f.Activities || class == delivery.SeesHousehold)
}

// catchUps counts the streams that are catching up from the table, by account.
type catchUps struct {
	mu  sync.Mutex
	all int
	by  map[string]int
}

// maxCatchUps is how many streams may catch up at once, over all accounts: the default limit of connections.
const maxCatchUps = 20_000

// join counts one more stream of an account. It reports false if the account has limit already; 0 is no limit.
func (b *catchUps) join(account string, limit int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all >= maxCatchUps || limit > 0 && b.by[account] >= limit {
		return false
	}
	if b.by == nil {
		b.by = map[string]int{}
	}
	b.all++
	b.by[account]++
	return true
}

func (b *catchUps) leave(account string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all--
	if b.by[account]--; b.by[account] == 0 {
		delete(b.by, account)
	}
}

// caughtUp removes the stream from the count of streams that catch up. Must hold the feed's mu.
func (s *Stream) caughtUp() {
	if s.catchingUp {
		s.catchingUp = false
		s.feed.hub.catchUps.leave(accountOf(s.actor))
	}
}

// accountOf returns the fair queue's key of an actor. All sign-ins of the actor share it.
func accountOf(a *delivery.Actor) string { return a.Ref().Key() }

// readPast waits for the stream's turn and reads a page of past events.
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
