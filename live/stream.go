package live

import (
	"context"
	"errors"
	"slices"
	"time"

	"baogong/delivery"
)

var errClosed = errors.New("live: the stream is closed")

// Stream is one reader's position in a community's feed. It queues no copies of events. The feed records the range in which
// an event may concern the reader and wakes it; the reader takes the events itself. Older events come from the table, a page at
// a time, until the stream reaches the ring. It implements Flow.
//
// The feed's mu guards all fields but those set at the start: the feed, the epoch, the actor and the filter.
type Stream struct {
	// The fields that one event touches come first and together, because thousands of streams may get it: they fill two
	// cache lines.
	feed   *feed
	waker  Waker // notified that there may be a value to take; nil before Listen
	lo, hi int64 // look at lo ≤ seq ≤ hi next; no other event up to the head concerns the reader
	sure   int64 // an event that was found to concern the reader while there was no fence
	fenced int64 // if not 0, scope is valid up to here, and fresh, once known, after it
	exact  bool  // every event of an order with one of the topics concerns the reader
	joined bool  // has reached the ring: the table is not read any more

	scope      *delivery.Scope   // the pointer changes only with what the scope shows
	old        int64             // events up to here are older than the stream: their age is not a delay of delivery
	page       []*delivery.Event // read from the table and not taken yet, of lo ≤ seq ≤ pageEnd
	pageEnd    int64
	stretch    int64 // positions of the next read of the table
	catchingUp bool  // is counted in the hub's behind
	err        error // why the stream ended

	ended  int64           // the position at which it ended
	fresh  *delivery.Scope // the zero Scope means that access is lost
	topics []topic
	place  int64           // in the index; 0 while not in it
	actor  *delivery.Actor // the subscriber
	filter delivery.EventFilter
	epoch  uint64
}

// The refusals of a stream that resumes after a cursor.
var (
	ReasonResync = delivery.NewReason("RESYNC", delivery.CodeResyncRequired,
		"The events after this cursor are no longer available; read the list again and subscribe after its feedCursor.",
		"无法从该游标继续，请重新读取列表，并从其 feedCursor 之后订阅。")
	ReasonManyResumes = delivery.NewReason("MANY_RESUMES", delivery.CodeUnavailable,
		"Too many of your streams are catching up at once; please try again shortly.",
		"您有过多的订阅正在补收动态，请稍后再试。")
)

// Subscribe starts a stream of the community's events that the actor may see and the filter matches: those after a
// position, or from now on. It fails with NOT_FOUND if the community is not the actor's; BAD_USER_INPUT for another
// community's position; RESYNC_REQUIRED for a position of another epoch, past the head or before the oldest event;
// UNAVAILABLE if the source cannot be read. The caller must close the stream.
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
			h.counters.resumed[resumedFromNothing].Add(1)
			return nil, delivery.Refuse(ReasonResync)
		}
	}
	s := &Stream{feed: f, actor: &actor, filter: filter, epoch: head.Epoch, scope: &delivery.Scope{}, lo: seq + 1, hi: seq, ended: seq}
	fresh, err := f.admit(ctx, &actor, s)
	if err != nil {
		return nil, err
	}
	scope := fresh.Scope()
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.err == nil && seq+1 < f.ring.first {
		if s.catchingUp = h.catchUps.join(accountOf(&actor), h.options.Resumes); !s.catchingUp {
			h.counters.resumed[resumedFromNothing].Add(1)
			s.end(delivery.Refuse(ReasonManyResumes))
		}
	}
	if s.err == nil && f.epoch != s.epoch { // the feed restarted between the look and the admission
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
		h.counters.resumed[resumedFromTable].Add(1)
	default:
		h.counters.resumed[resumedFromRing].Add(1)
	}
	return s, nil
}

// Take returns the next event that the reader may see: each once, in order, without gaps. The stream ends with ErrSlow,
// RESYNC_REQUIRED (the feed restarted), NOT_FOUND (access is lost) or UNAVAILABLE (the hub stops).
func (s *Stream) Take() Result {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	switch s.look() {
	case over:
		return Result{Step: Over, Err: s.err}
	case older:
		return Result{Step: Behind}
	case nothing:
		s.caughtUp()
		return Result{Step: Idle}
	}
	var e *delivery.Event
	var since Moment
	if len(s.page) > 0 {
		e, s.page = s.page[0], s.page[1:]
	} else if e = s.feed.ring.at(s.lo); s.lo > s.old {
		since = s.feed.ring.moment(s.lo)
	}
	s.lo = e.Seq + 1
	s.finishPage()
	last := s.lo > s.hi && s.fenced == 0 && len(s.page) == 0
	if s.joined = s.joined || last; s.catchingUp && s.joined {
		s.caughtUp()
	}
	return Result{Step: Got, Value: e, Number: e.Seq, Scope: s.scope, Since: since, Last: last}
}

// Fetch reads the next page of past events, and retries until it succeeds.
func (s *Stream) Fetch(ctx context.Context) {
	h, failing := s.feed.hub, false
	defer func() { h.past.note(&failing, nil) }()
	for tries := 0; ; tries++ {
		err := s.fetchPage(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		if h.life.Err() != nil { // the stream has ended, or is about to
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

// AllowLag records that the server delays the reader. Events that leave the ring meanwhile are read from the table, and the
// stream does not end as too slow.
func (s *Stream) AllowLag() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.joined = false
}

// Listen sets the Waker that is called when there may be an event to take.
func (s *Stream) Listen(r Waker) {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if s.waker = r; s.err != nil || s.fresh != nil || s.lo <= s.hi {
		r.Wake()
	}
}

// Scope returns the scope by which the next event is shown.
func (s *Stream) Scope() *delivery.Scope {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.scope
}

// Era returns the feed's epoch. Numbers repeat only across epochs.
func (s *Stream) Era() uint64 { return s.epoch }

// Position returns where another stream would resume: after the last event that Next returned and all later ones that do not
// concern this reader.
func (s *Stream) Position() delivery.Position {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return delivery.Position{Community: s.feed.community, Epoch: s.epoch, Seq: s.seq()}
}

// Cursor returns the feed cursor right after an event of the stream.
func (s *Stream) Cursor(event any) string {
	return s.feed.hub.options.Cursor(delivery.Position{Community: s.feed.community, Epoch: s.epoch, Seq: event.(*delivery.Event).Seq})
}

// Close ends the stream. It may be called during a Next.
func (s *Stream) Close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.end(errClosed)
}

// The methods below must hold the feed's mu, except turn, which takes it.

type lookResult int

const (
	nothing lookResult = iota // until the waker is called
	ready                     // an event: the first of the page, or the one at lo
	older                     // lo is only in the table
	over                      // the stream has ended
)

// look skips events that do not concern the reader and returns what comes next.
func (s *Stream) look() lookResult {
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
			s.end(ErrSlow) // the reader fell behind the ring
		default:
			return older
		}
	}
}

func (s *Stream) sees(e *delivery.Event) bool { return s.filter.Shows(s.scope, e) }

// fetchPage reads the next page from the table. It fails if the read should be retried.
func (s *Stream) fetchPage(ctx context.Context) (err error) {
	s.feed.mu.Lock()
	scope, lo, end := *s.scope, s.lo, min(s.hi, s.feed.ring.first-1)
	if s.fenced != 0 {
		end = min(end, s.fenced)
	}
	if s.stretch == 0 {
		if s.stretch = firstStretch; len(s.topics) > 0 && indexed(s.topics[0].class, &s.filter) {
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
		// A page carries no epoch: it counts only if the feed has not restarted during the read.
		within, cancel := context.WithTimeout(ctx, readLimit)
		defer cancel()
		err = s.feed.trigger.wait(within, s.feed.hub.life)
	}
	if err != nil {
		return err
	}
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if lo < s.feed.oldest {
		s.end(delivery.Refuse(ReasonResync)) // purged during the read
	}
	if s.pageEnd = end; len(events) == page {
		s.pageEnd = events[page-1].Seq
	}
	s.page = slices.DeleteFunc(events, func(e *delivery.Event) bool { return !s.sees(e) })
	s.finishPage()
	return nil
}

// finishPage moves past the page when all of it is taken.
func (s *Stream) finishPage() {
	if len(s.page) == 0 && s.pageEnd >= s.lo {
		s.lo, s.page = s.pageEnd+1, nil
	}
}

// hear records that an event may concern the reader.
func (s *Stream) hear(e *delivery.Event) {
	if s.lo > s.hi {
		if s.fenced == 0 {
			if !(s.exact && e.OfOrder()) && !s.sees(e) {
				return
			}
			s.sure = e.Seq
		}
		s.lo = e.Seq
		s.wake()
	}
	s.hi = e.Seq
}

// wake notifies the reader that there may be an event to take.
func (s *Stream) wake() {
	if s.waker != nil {
		s.waker.Wake()
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

// find puts the stream into the index for what the scope may show.
func (s *Stream) find(scope delivery.Scope) {
	s.feed.index.remove(s.place, s.topics)
	s.topics, s.exact = topicsOf(scope, &s.filter)
	s.place = s.feed.index.add(s, s.topics)
}

// fence hides what comes after seq from the reader until the scope is known. Changes that arrive before that count as one:
// events between them are shown by the later scope.
func (s *Stream) fence(seq int64) {
	s.fresh = nil
	if s.fenced == 0 {
		s.fenced = seq
	}
}

func (s *Stream) settle(fresh delivery.Actor) {
	if s.fenced == 0 {
		return // the stream began after the change
	}
	scope := fresh.Scope()
	s.fresh = &scope
	s.find(scope)
	if s.lo > min(s.hi, s.fenced) {
		s.lo = s.fenced + 1
	}
	s.hi = s.feed.ring.head()
	s.wake()
}

func (s *Stream) reset() { s.end(delivery.Refuse(ReasonResync)) }

func (s *Stream) end(err error) {
	if s.err != nil {
		return
	}
	s.ended, s.err, s.page = s.seq(), err, nil
	s.caughtUp()
	s.feed.index.remove(s.place, s.topics)
	s.feed.leave(s.actor, s)
	s.wake()
}
