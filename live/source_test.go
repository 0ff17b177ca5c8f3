package live_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"baogong/delivery"
	"baogong/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const estate int32 = 1

var errDown = errors.New("the table is down")

// table is a source in memory: it promises what db's event table does, and can be made to fail.
type table struct {
	mu     sync.Mutex
	feeds  map[int32]*rows
	calls  map[string]int
	broken func(call string, community int32) error // nil: nothing is
	silent int                                      // so many calls of Heads and Events get no answer; -1: all
	slow   chan struct{}                            // if not nil, Events waits for it when it has read

	reading func(scope delivery.Scope, after, upTo int64) // if not nil, Past waits for it before it reads
	looking func(limit int) error                         // if not nil, Events waits for it before it reads, and may fail
}

type rows struct {
	epoch  uint64
	oldest int64
	server int64
	first  int64 // number of events[0]
	events []*delivery.Event
}

func newTable(communities ...int32) *table {
	t := &table{feeds: map[int32]*rows{}, calls: map[string]int{}}
	for _, c := range communities {
		t.feeds[c] = &rows{epoch: 7, oldest: 1, first: 1}
	}
	return t
}

func (t *table) append(events ...*delivery.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range events {
		r := t.feeds[e.CommunityID]
		e.Seq = r.first + int64(len(r.events))
		r.events = append(r.events, e)
	}
}

func (t *table) breaks(broken func(call string, community int32) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken = broken
}

// breaksEvents makes every read of one community's events fail.
func (t *table) breaksEvents(broken int32) {
	t.breaks(func(call string, community int32) error {
		if call == "events" && community == broken {
			return errDown
		}
		return nil
	})
}

func (t *table) count(call string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls[call]
}

// restore does what a restore from backup and the command after it do.
func (t *table) restore(community int32, keep int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.feeds[community]
	r.events = slices.Clone(r.events[:keep])
	r.epoch++
}

func (t *table) purge(community int32, oldest int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.feeds[community].oldest = oldest
}

func (t *table) called(ctx context.Context, call string, community int32) error {
	t.calls[call]++
	if t.broken != nil {
		if err := t.broken(call, community); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *rows) head(community int32) live.Head {
	return live.Head{Community: community, Epoch: r.epoch, Seq: r.first + int64(len(r.events)) - 1, Oldest: r.oldest, Server: r.server}
}

func (r *rows) after(seq int64) []*delivery.Event {
	from := max(seq+1, r.oldest)
	return r.events[min(from-r.first, int64(len(r.events))):]
}

// falls makes this many calls from now on wait until their contexts end; -1 for all.
func (t *table) falls(silent int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.silent = silent
}

func (t *table) hush(ctx context.Context) error {
	t.mu.Lock()
	silent := t.silent != 0
	t.silent = max(t.silent-1, min(t.silent, 0))
	t.mu.Unlock()
	if silent {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (t *table) Heads(ctx context.Context) ([]live.Head, error) {
	if err := t.hush(ctx); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.called(ctx, "heads", 0); err != nil {
		return nil, err
	}
	var out []live.Head
	for c, r := range t.feeds {
		out = append(out, r.head(c))
	}
	return out, nil
}

func (t *table) Events(ctx context.Context, community int32, after int64, limit int) ([]*delivery.Event, live.Head, error) {
	if t.looking != nil {
		if err := t.looking(limit); err != nil {
			return nil, live.Head{}, err
		}
	}
	if err := t.hush(ctx); err != nil {
		return nil, live.Head{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.called(ctx, "events", community); err != nil {
		return nil, live.Head{}, err
	}
	r := t.feeds[community]
	events := r.after(after)
	events, head := slices.Clone(events[:min(limit, len(events))]), r.head(community)
	if slow := t.slow; slow != nil {
		t.mu.Unlock()
		<-slow
		t.mu.Lock()
	}
	return events, head, nil
}

func (t *table) Past(ctx context.Context, scope delivery.Scope, community int32, filter delivery.EventFilter, after, upTo int64, limit int) ([]*delivery.Event, error) {
	if t.reading != nil {
		t.reading(scope, after, upTo)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.called(ctx, "past", community); err != nil {
		return nil, err
	}
	var out []*delivery.Event
	for _, e := range t.feeds[community].after(after) {
		if e.Seq > upTo || len(out) == limit {
			break
		}
		if e.OfOrder() && scope.Sees(e.Keys()) && filter.Matches(e) {
			out = append(out, e)
		}
	}
	return out, nil
}

// moved is an event of an order.
func moved(community int32, building, household, order delivery.UUID) *delivery.Event {
	return &delivery.Event{CommunityID: community, Kind: delivery.OrderMoved, BuildingUUID: &building, HouseholdUUID: &household,
		OrderUUID: &order, Order: &delivery.OrderSnapshot{CommunityID: community, UUID: order,
			BuildingUUID: building, HouseholdUUID: household, Stage: delivery.AtGate, Channel: delivery.ChannelApp}}
}

// some returns n events of an order in E6.
func some(n int) []*delivery.Event {
	out := make([]*delivery.Event, n)
	for i := range out {
		out[i] = moved(estate, "E6", "1203", "o1")
	}
	return out
}

func accessChanged(row delivery.UUID) *delivery.Event {
	return &delivery.Event{CommunityID: estate, Kind: delivery.AccessChanged, Body: &delivery.AccessBody{Row: row}}
}

var (
	commander = delivery.Actor{Name: "wang", Role: delivery.RoleCommander, Community: estate, UUID: "wang"}
	stranger  = delivery.Actor{Name: "li", Role: delivery.RoleCommander, Community: 99, UUID: "li"}
)

func volunteer(name delivery.UUID, buildings ...delivery.UUID) delivery.Actor {
	return delivery.Actor{Name: string(name), Role: delivery.RoleVolunteer, Community: estate, UUID: name, Squad: delivery.SquadSupply, Buildings: buildings}
}

func resident(household delivery.UUID) delivery.Actor {
	return delivery.Actor{Name: string(household), Role: delivery.RoleResident, Community: estate, UUID: household}
}

// people are the actors as the database has them.
type people struct {
	mu    sync.Mutex
	by    map[delivery.UUID]delivery.Actor
	reads map[delivery.UUID]int
	err   error
	slow  chan struct{} // if not nil, the next reading waits for it when it has read
}

func (p *people) set(a delivery.Actor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.by[a.UUID] = a
}

func (p *people) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

// delay makes the next reading wait until the channel is closed.
func (p *people) delay() chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = make(chan struct{})
	return p.slow
}

func (p *people) read(row delivery.UUID) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reads[row]
}

func (p *people) rescope(_ context.Context, a delivery.Actor) (delivery.Actor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reads[a.UUID]++
	if p.err != nil {
		return delivery.Actor{}, p.err
	}
	if fresh, ok := p.by[a.UUID]; ok {
		a = fresh
	}
	if slow := p.slow; slow != nil {
		p.slow = nil
		p.mu.Unlock()
		<-slow
		p.mu.Lock()
	}
	return a, nil
}

// house is a running hub over a table in memory.
type house struct {
	*live.Hub
	*table
	people *people
	stop   func()
}

// inBubble runs a test under a clock of its own, with a hub that ends before the bubble does.
func inBubble(t *testing.T, o live.Options, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := run(o, newTable(estate))
		defer h.stop()
		synctest.Wait()
		test(t, h)
	})
}

func run(o live.Options, source *table) *house {
	h := &house{table: source, people: &people{by: map[delivery.UUID]delivery.Actor{}, reads: map[delivery.UUID]int{}}}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Rescope = h.people.rescope
	h.Hub = live.New(source, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- h.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	return h
}

func (h *house) add(events ...*delivery.Event) {
	h.append(events...)
	h.Wake(events[0].CommunityID)
}

// offer returns the commit of events that were appended.
func (h *house) offer(events []*delivery.Event) live.Commit {
	head, _ := h.Head(estate)
	return live.Commit{Community: estate, Epoch: head.Epoch, First: events[0].Seq, Last: events[len(events)-1].Seq,
		Events: func() ([]*delivery.Event, error) { return events, nil }}
}

func (h *house) mustSubscribe(t *testing.T, actor delivery.Actor, filter delivery.EventFilter, after *delivery.Position) *live.Stream {
	t.Helper()
	s, err := h.Subscribe(t.Context(), actor, estate, filter, after)
	if err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

func at(seq int64) *delivery.Position {
	return &delivery.Position{Community: estate, Epoch: 7, Seq: seq}
}

// drain takes the events that the stream has now.
func drain(t *testing.T, s *live.Stream) ([]int64, error) {
	t.Helper()
	got := []int64{}
	for {
		ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
		e, err := s.Next(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		got = append(got, e.Seq)
	}
}

func mustDrain(t *testing.T, s *live.Stream, want ...int64) {
	t.Helper()
	got, err := drain(t, s)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("got events %v, error %v; want %v", got, err, want)
	}
}

func wantReason(t *testing.T, err error, want delivery.Reason) {
	t.Helper()
	if e := delivery.AsError(err); e == nil || e.Reason != want {
		t.Fatalf("got %v, want a refusal because of %s", err, want)
	}
}

func upTo(from, to int64) []int64 {
	out := []int64{}
	for ; from <= to; from++ {
		out = append(out, from)
	}
	return out
}

func name(kind string, n int) delivery.UUID { return delivery.UUID(fmt.Sprint(kind, n)) }
