package server

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/internal/certificate"
	"baogong/live"
)

// belt is values that all its flows pass by, one number after another.
type belt struct {
	mu    sync.Mutex
	count int
	flows map[*passer]struct{}
}

// add puts n more values on the belt.
func (b *belt) add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count += n
	for f := range b.flows {
		if f.waker != nil {
			f.waker.Wake()
		}
	}
}

// passer is one place at a belt.
type passer struct {
	belt  *belt
	at    int
	scope *delivery.Scope
	waker live.Waker
	over  bool
}

func (b *belt) enter(scope *delivery.Scope) *passer {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := &passer{belt: b, at: b.count, scope: scope}
	if b.flows == nil {
		b.flows = map[*passer]struct{}{}
	}
	b.flows[f] = struct{}{}
	return f
}

func (f *passer) Take() live.Result {
	f.belt.mu.Lock()
	defer f.belt.mu.Unlock()
	switch {
	case f.over:
		return live.Result{Step: live.Over}
	case f.at == f.belt.count:
		return live.Result{}
	}
	f.at++
	return live.Result{Step: live.Got, Value: fmt.Sprint(f.at), Number: int64(f.at), Scope: f.scope, Last: f.at == f.belt.count && !f.over}
}

func (f *passer) Fetch(context.Context) {}
func (f *passer) Era() uint64           { return 0 }

func (f *passer) Scope() *delivery.Scope {
	f.belt.mu.Lock()
	defer f.belt.mu.Unlock()
	return f.scope
}

func (f *passer) Listen(r live.Waker) {
	f.belt.mu.Lock()
	defer f.belt.mu.Unlock()
	f.waker = r
	r.Wake()
}

func (f *passer) Close() {
	f.belt.mu.Lock()
	defer f.belt.mu.Unlock()
	f.over = true
	delete(f.belt.flows, f)
	f.waker.Wake()
}

// see gives every flow at the belt another scope.
func (b *belt) see(scope *delivery.Scope) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for f := range b.flows {
		f.scope = scope
	}
}

// grouped waits until so many subscriptions are in groups, and gives their sizes. A subscription joins after its
// resolver has begun, which is what join waits for.
func (b *bench) grouped(t *testing.T, members int) []int {
	t.Helper()
	for deadline := time.Now().Add(patient); ; runtime.Gosched() {
		sizes, sum := b.server.answers.Subscribers(), 0
		for _, n := range sizes {
			sum += n
		}
		if sum == members {
			return sizes
		}
		if time.Now().After(deadline) {
			t.Fatalf("got groups of %v, want %d members", sizes, members)
		}
	}
}

const onBelt = `{"id":"1","type":"subscribe","payload":{"query":%q,"variables":{"a":%q,"x":%q}}}`

// join subscribes to the belt and waits until that is so.
func (p *peer) join(b *bench, query, after, x string) {
	p.t.Helper()
	p.send(fmt.Sprintf(onBelt, query, after, x))
	await(p.t, "the subscription", b.entered)
}

const belted = "subscription($a:String,$x:String){belt(after:$a,of:$x)}"

func TestSharing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		second func(p *peer, b *bench)
		want   int
	}{
		"the same": {func(p *peer, b *bench) { p.join(b, belted, "c1", "y") }, 1},
		"written otherwise": {func(p *peer, b *bench) {
			p.join(b, "subscription ( $a : String $x: String ) {\n# so\nbelt(after: $a, of: $x) }", "c1", "y")
		}, 1},
		"gone on from elsewhere": {func(p *peer, b *bench) { p.join(b, belted, "c2", "y") }, 1},
		"other variables":        {func(p *peer, b *bench) { p.join(b, belted, "c1", "z") }, 2},
		"another selection":      {func(p *peer, b *bench) { p.join(b, strings.Replace(belted, "{belt", "{other:belt", 1), "c1", "y") }, 2},
		"where to go on is used elsewhere": {func(p *peer, b *bench) {
			p.join(b, "subscription($a:String){belt(after:$a,of:$a)}", "c2", "y")
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			first, second := b.greeted(t, ""), b.greeted(t, "")
			first.join(b, belted, "c1", "y")
			c.second(second, b)
			b.grouped(t, 2)
			const events = 20
			for range events {
				b.belt.add(1)
				first.read()
				second.read()
			}
			if got := int(b.server.Stats().Executions); got != events*c.want {
				t.Errorf("got %d executions of %d events, want %d", got, events, events*c.want)
			}
			if got := int(b.server.deliveries.Deliveries.Load()); got != 2*events {
				t.Errorf("got %d deliveries, want %d", got, 2*events)
			}
		})
	}
	t.Run("not two languages", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.greeted(t, `{"locale":"zh-CN"}`).join(b, belted, "", "")
		b.greeted(t, `{"locale":"en"}`).join(b, belted, "", "")
		if got := b.grouped(t, 2); len(got) != 2 {
			t.Errorf("got groups of %v, want two", got)
		}
	})
	t.Run("not two sign-ins, where an answer depends on the person", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(o *Options) { o.Rules.PerViewer = map[string]bool{"Subscription.belt": true} })
		for _, who := range []string{"li", "wang", "li"} {
			b.greeted(t, `{"Authorization":"Bearer `+who+`"}`).join(b, "subscription{...f} fragment f on Subscription{belt}", "", "")
		}
		if got := b.grouped(t, 3); len(got) != 3 {
			t.Errorf("got groups of %v, want three of one", got)
		}
	})
}

func TestGroupFollowsScope(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, other := b.greeted(t, ""), b.greeted(t, "")
	p.join(b, belted, "", "")
	b.belt.add(1)
	p.want(`{"id":"1","type":"next","payload":{"data":{"belt":"1"}}}`)
	b.belt.see(&delivery.Scope{Class: delivery.SeesAll, Community: 7})
	b.belt.add(1)
	p.want(`{"id":"1","type":"next","payload":{"data":{"belt":"2 of 7"}}}`)
	other.join(b, belted, "", "") // sees what the flow says, which is the first scope
	b.belt.add(1)
	p.want(`{"id":"1","type":"next","payload":{"data":{"belt":"3 of 7"}}}`)
	other.want(`{"id":"1","type":"next","payload":{"data":{"belt":"3"}}}`)
	if got := b.grouped(t, 2); len(got) != 2 {
		t.Errorf("got groups of %v, want two of one", got)
	}
}

// Sockets join a group, leave it and come back at random while values pass: each gets every value from where it
// joined, in order and once, and the group ends with the last.
func TestGroupChurn(t *testing.T) {
	t.Parallel()
	t.Run("TCP", func(t *testing.T) { t.Parallel(); churn(t, setup(t)) })
	t.Run("TLS", func(t *testing.T) {
		t.Parallel()
		cert, key := certificate.Write(t, t.TempDir(), 1)
		c, err := LoadCertificate(cert, key, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		churn(t, setup(t, func(o *Options) { o.TLS = c.Config() }))
	})
}

func churn(t *testing.T, b *bench) {
	var members sync.WaitGroup
	wanted := make(chan struct{}, 1) // a member wants a value
	want := func() {
		select {
		case wanted <- struct{}{}:
		default:
		}
	}
	for range 40 {
		members.Go(func() {
			p := b.greeted(t, "")
			for range 12 {
				p.join(b, belted, "", "")
				last := -1
				want()
				for range 1 + rand.IntN(30) {
					var n int
					text := p.read()
					if _, err := fmt.Sscanf(text, `{"id":"1","type":"next","payload":{"data":{"belt":"%d"`, &n); err != nil || last >= 0 && n != last+1 {
						t.Errorf("got %s after %d", text, last)
						return
					}
					last = n
					want()
				}
				p.send(`{"id":"1","type":"complete"}`)
				p.send(`{"type":"ping"}`)
				for p.read() != `{"type":"pong"}` { // what had crossed
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { members.Wait(); close(done) }()
	for over := false; !over; {
		select {
		case <-wanted:
			b.belt.add(1 + rand.IntN(3))
		case <-done:
			over = true
		}
	}
	b.grouped(t, 0) // when all have left
	t.Logf("%d values, %d executions, %d deliveries", b.belt.count, b.server.Stats().Executions, b.server.deliveries.Deliveries.Load())
}

// TestNewsWhileAnAnswerIsMade has more happen while an answer that waits for something is made: it was the last when it
// was taken, and is not when it is written.
func TestNewsWhileAnAnswerIsMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		news func(*bench)
		then string
	}{
		"a newer value": {func(b *bench) { b.belt.add(1) }, `{"id":"1","type":"next","payload":{"data":{"belt":"2"}}}`},
		"the end":       {func(b *bench) { b.belt.end() }, `{"id":"1","type":"complete"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(o *Options) { o.Rules.Inline = nil })
			p := b.greeted(t, "")
			p.join(b, belted, "", "")
			b.grouped(t, 1)
			b.making.Lock() // so that the making takes long
			b.belt.add(1)
			inTime(t, "the answer is being made", func() bool { return b.made.Load() == 1 })
			c.news(b)
			// The localCommits are heard before the answer is made.
			inTime(t, "no writer works", func() bool { return b.server.wire.Writers.Working() == 0 })
			b.making.Unlock()
			p.want(`{"id":"1","type":"next","payload":{"data":{"belt":"1"}}}`)
			p.want(c.then)
		})
	}
}

// end ends every flow at the belt.
func (b *belt) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for f := range b.flows {
		f.over = true
		f.waker.Wake()
	}
}

// inTime waits until something is so.
func inTime(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patient); !is(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("in vain until %s", what)
		}
	}
}
