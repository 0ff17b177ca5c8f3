package live

import (
	"context"
	"errors"
	"slices"
	"time"

	"baogong/delivery"
)

var errClosed = errors.New("live: the stream is closed")

// Stream is one reader's way through a community's feed: a position in the ring, not a queue of copies. The
// feed notes from where to where something may concern the reader and rings; the reader takes for itself. Older
// events come from the table, a page at a time, until the ring joins on. It is a Flow.
//
// The feed's mu guards all but what a stream is begun with: the feed, the epoch, the actor and the filter.
type Stream struct {
	// What one event takes, told to thousands of streams, stands first and together: two lines of memory.
	feed   *feed
	bell   Ringer // told that there is something to take; nil before Listen
	lo, hi int64  // look at lo ≤ seq ≤ hi next; nothing else up to the head concerns the reader
	sure   int64  // an event that was found to concern the reader, while nothing was fenced
	fenced int64  // if not 0, scope holds up to here and fresh, once it is known, from here on
	exact  bool   // every event of an order with one of the topics concerns the reader
	joined bool   // was in the ring: the table is left behind

	scope   *delivery.Scope   // another one when what it shows is another
	old     int64             // events up to here were there before the stream: how long they took to come is nobody's delay
	page    []*delivery.Event // read from the table and not yet taken, of lo ≤ seq ≤ pageEnd
	pageEnd int64
	stretch int64 // positions of the next read of the table
	resumes bool  // is counted in the hub's behind
	err     error // why it ended

	ended  int64           // and where
	fresh  *delivery.Scope // the zero Scope: access is lost
	topics []topic
	place  int64           // in the index; 0 while it is not there
	actor  *delivery.Actor // who subscribed
	filter delivery.EventFilter
	epoch  uint64
}

// Subscribe starts a stream of the community's order events that the actor may see and the filter matches:
// those after a position, or from now on. NOT_FOUND if the community is not the actor's, BAD_USER_INPUT for
// another community's position, RESYNC_REQUIRED for one of another epoch, past the head or before the oldest
// event, UNAVAILABLE if the source cannot be read. Close the stream.
func (h *Hub) Subscribe(ctx context.Context, actor delivery.Actor, community int32, filter delivery.EventFilter, after *delivery.Position) (*Stream, error) {
	f, head, err := h.enter(ctx, actor, community)
	if err != nil {
		return nil, err
	}
	seq := head.Seq
	if after != nil {
		switch seq = after.Seq; {
		case after.Community != community:
			return nil, delivery.Refuse(delivery.ReasonBadFeedCursor)
		case after.Epoch != head.Epoch, seq > head.Seq, seq < head.Oldest-1:
			h.counts.resumed[resumedFromNothing].Add(1)
			return nil, delivery.Refuse(delivery.ReasonResync)
		}
	}
	s := &Stream{feed: f, actor: &actor, filter: filter, epoch: head.Epoch, scope: &delivery.Scope{}, lo: seq + 1, hi: seq, ended: seq}
	scope, err := f.admit(ctx, &actor, s)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.err == nil && seq+1 < f.ring.first {
		if s.resumes = h.behind.join(accountOf(&actor), h.options.Resumes); !s.resumes {
			h.counts.resumed[resumedFromNothing].Add(1)
			s.end(delivery.Refuse(delivery.ReasonManyResumes))
		}
	}
	if s.err == nil && f.epoch != s.epoch { // anew between the look and the admission
		s.reset()
	}
	if s.err != nil {
		return nil, s.err
	}
	s.scope, s.lo, s.hi, s.old = &scope, seq+1, f.ring.head(), f.ring.head()
	if s.fresh == nil {
		s.find(scope)
	}
	switch {
	case after == nil:
	case s.lo < f.ring.first:
		h.counts.resumed[resumedFromTable].Add(1)
	default:
		h.counts.resumed[resumedFromRing].Add(1)
	}
	return s, nil
}

// Take gives the next event that the reader may see. Each comes once, in order, and none is left out. It ends with
// ErrSlow, RESYNC_REQUIRED (the feed starts anew), NOT_FOUND (access is lost) or UNAVAILABLE (the hub stops).
func (s *Stream) Take() Taken {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	switch s.look() {
	case over:
		return Taken{Step: Over, Err: s.err}
	case older:
		return Taken{Step: Behind}
	case nothing:
		s.caughtUp()
		return Taken{Step: Idle}
	}
	var e *delivery.Event
	var since Moment
	if len(s.page) > 0 {
		e, s.page = s.page[0], s.page[1:]
	} else if e = s.feed.ring.at(s.lo); s.lo > s.old {
		since = s.feed.ring.moment(s.lo)
	}
	s.lo = e.Seq + 1
	s.turned()
	last := s.lo > s.hi && s.fenced == 0 && len(s.page) == 0
	if s.joined = s.joined || last; s.resumes && s.joined {
		s.caughtUp()
	}
	return Taken{Step: Got, Value: e, Number: e.Seq, Scope: s.scope, Since: since, Last: last}
}

// Fetch turns to the next page of the past, however often it must try.
func (s *Stream) Fetch(ctx context.Context) {
	h, failing := s.feed.hub, false
	defer func() { h.past.note(&failing, nil) }()
	for tries := 0; ; tries++ {
		err := s.turn(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		if h.life.Err() != nil { // the stream has ended, or does so in a moment
			return
		}
		h.past.note(&failing, err, "community", s.feed.community)
		select {
		case <-time.After(backoff(tries)):
		case <-h.life.Done():
		case <-ctx.Done():
			return
		}
	}
}

// Excuse notes that the server keeps the reader waiting. Events that leave the ring meanwhile are read from the table; the
// reader is not ended as too slow.
func (s *Stream) Excuse() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.joined = false
}

// Listen has the reader rung when there may be something to take.
func (s *Stream) Listen(r Ringer) {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if s.bell = r; s.err != nil || s.fresh != nil || s.lo <= s.hi {
		r.Ring()
	}
}

// Scope is what the next event is shown by.
func (s *Stream) Scope() *delivery.Scope {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.scope
}

// Era tells the feed's epochs apart, in which numbers repeat.
func (s *Stream) Era() uint64 { return s.epoch }

// Position is where another stream would go on: after the last event that Next returned and everything since
// that does not concern this reader.
func (s *Stream) Position() delivery.Position {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return delivery.Position{Community: s.feed.community, Epoch: s.epoch, Seq: s.seq()}
}

// Cursor returns the feed cursor right after an event of the stream.
func (s *Stream) Cursor(event any) string {
	return s.feed.hub.options.Cursor(delivery.Position{Community: s.feed.community, Epoch: s.epoch, Seq: event.(*delivery.Event).Seq})
}

// Close ends the stream, also under a waiting Next.
func (s *Stream) Close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.end(errClosed)
}

// All below holds the feed's mu, except turn, which takes it.

type found int

const (
	nothing found = iota // until the feed rings
	ready                // an event, first of the page or at lo
	older                // lo is only in the table
	over                 // the stream has ended
)

// look passes over what does not concern the reader and says what comes next.
func (s *Stream) look() found {
	for {
		switch {
		case s.err != nil:
			return over
		case s.fenced != 0 && s.lo > s.fenced:
			if s.fresh == nil {
				return nothing
			}
			fresh := s.fresh
			s.fenced, s.fresh = 0, nil
			if fresh.Class == delivery.SeesNothing {
				s.end(noCommunity())
			} else if fresh.View() != s.scope.View() {
				s.scope = fresh
			}
		case len(s.page) > 0:
			return ready
		case s.lo > s.hi:
			s.joined = true
			return nothing
		case s.lo >= s.feed.ring.first:
			s.joined = true
			if s.lo == s.sure || s.sees(s.feed.ring.at(s.lo)) {
				return ready
			}
			s.lo++
		case s.joined:
			s.end(ErrSlow) // the ring has passed the reader
		default:
			return older
		}
	}
}

func (s *Stream) sees(e *delivery.Event) bool {
	return e.OfOrder() && s.scope.Sees(e.Keys()) && s.filter.Matches(e)
}

// turn reads the next page from the table. It fails if that should be tried again.
func (s *Stream) turn(ctx context.Context) (err error) {
	s.feed.mu.Lock()
	scope, lo, end := *s.scope, s.lo, min(s.hi, s.feed.ring.first-1)
	if s.fenced != 0 {
		end = min(end, s.fenced)
	}
	if s.stretch == 0 {
		if s.stretch = firstStretch; len(s.topics) > 0 && s.topics[0].class != delivery.SeesAll {
			s.stretch = narrowStretch
		}
	}
	end = min(end, lo-1+s.stretch)
	s.feed.mu.Unlock()

	events, took, err := s.readPast(ctx, scope, lo-1, end)
	if err == nil && len(events) < page || err != nil && took > longReading {
		s.stretch = stretched(s.stretch, took)
	}
	if err == nil {
		// The page carries no epoch: it counts only if the feed is still the same after it was read.
		within, cancel := context.WithTimeout(ctx, readLimit)
		defer cancel()
		err = s.feed.bell.wait(within, s.feed.hub.life)
	}
	if err != nil {
		return err
	}
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if lo < s.feed.oldest {
		s.end(delivery.Refuse(delivery.ReasonResync)) // purged under the reader
	}
	if s.pageEnd = end; len(events) == page {
		s.pageEnd = events[page-1].Seq
	}
	s.page = slices.DeleteFunc(events, func(e *delivery.Event) bool { return !s.sees(e) })
	s.turned()
	return nil
}

// turned goes on after the page when all of it is taken.
func (s *Stream) turned() {
	if len(s.page) == 0 && s.pageEnd >= s.lo {
		s.lo, s.page = s.pageEnd+1, nil
	}
}

// hear notes that an event may concern the reader.
func (s *Stream) hear(e *delivery.Event) {
	if s.lo > s.hi {
		if s.fenced == 0 {
			if !(s.exact && e.OfOrder()) && !s.sees(e) {
				return
			}
			s.sure = e.Seq
		}
		s.lo = e.Seq
		s.ring()
	}
	s.hi = e.Seq
}

// ring tells the reader that there may be something to take.
func (s *Stream) ring() {
	if s.bell != nil {
		s.bell.Ring()
	}
}

func (s *Stream) seq() int64 {
	switch {
	case s.err != nil:
		return s.ended
	case s.fenced != 0:
		return min(s.at(), s.fenced)
	}
	return s.at()
}

func (s *Stream) at() int64 {
	if s.lo <= s.hi {
		return s.lo - 1
	}
	return s.feed.ring.head()
}

// find enters the stream in the index for what the scope may show.
func (s *Stream) find(scope delivery.Scope) {
	s.feed.index.remove(s.place, s.topics)
	s.topics, s.exact = topicsOf(scope, &s.filter)
	s.place = s.feed.index.add(s, s.topics)
}

// fence keeps the reader from what comes after seq until the scope is known. Changes that overtake the reader
// are one: what lies between them is shown with the later scope.
func (s *Stream) fence(seq int64) {
	s.fresh = nil
	if s.fenced == 0 {
		s.fenced = seq
	}
}

func (s *Stream) settle(scope delivery.Scope) {
	if s.fenced == 0 {
		return // it came after the change
	}
	s.fresh = &scope
	s.find(scope)
	if s.lo > min(s.hi, s.fenced) {
		s.lo = s.fenced + 1
	}
	s.hi = s.feed.ring.head()
	s.ring()
}

func (s *Stream) reset() { s.end(delivery.Refuse(delivery.ReasonResync)) }

func (s *Stream) end(err error) {
	if s.err != nil {
		return
	}
	s.ended, s.err, s.page = s.seq(), err, nil
	s.caughtUp()
	s.feed.index.remove(s.place, s.topics)
	s.feed.leave(s.actor, s)
	s.ring()
}
