package clients_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/db/dbtest"
	"baogong/db/embedded"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// TestChaos has subscribers of every role follow chaosRate moves a second through two replicas over one PostgreSQL, while
// these are killed, restarted, drained and made deaf. After each fault what every subscriber got is compared with the event
// table.
func TestChaos(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	c := newChaos(t)
	t.Run("kill -9 of a replica", func(t *testing.T) {
		c.under(t, func() { c.replica(0).Kill() }, func() { c.revive(0) }, func() { c.replica(1).Kill() }, func() { c.revive(1) })
	})
	t.Run("a restart of PostgreSQL", func(t *testing.T) {
		c.under(t, func() { c.restart(t.Context()) }, c.crash)
	})
	t.Run("a cut LISTEN connection", func(t *testing.T) {
		cut := 0
		deafen := func() { cut += c.deafen(t) }
		c.under(t, slices.Repeat([]func(){deafen}, deafened)...)
		if cut < len(c.replicas) {
			t.Errorf("cut %d listeners, want at least one of each replica", cut)
		}
	})
	t.Run("a drain while the other takes over", func(t *testing.T) {
		ends := c.under(t, func() { c.replica(0).Drain() }, func() { c.revive(0) }, func() { c.replica(1).Drain() }, func() { c.revive(1) })
		if ends["1012"] < len(c.members) {
			t.Errorf("connections ended with %v, want at least %d told to come back (1012)", ends, len(c.members))
		}
	})
}

// chaos is two replicas over one PostgreSQL, with their clients.
type chaos struct {
	t        testing.TB
	options  embedded.Options
	postgres *embedded.Postgres
	dsn      string // good for every start of PostgreSQL
	socket   string // the link in dsn
	calls    *balancer
	sockets  *balancer
	quarter  *quarter
	movers   []*pusher
	members  []member
	crowd    *crowd
	ledger   *ledger

	mu       sync.Mutex
	replicas []*house.Process
}

func newChaos(t testing.TB) *chaos {
	t.Helper()
	dir, err := os.MkdirTemp("", "bg") // short: paths of sockets may not be long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	c := &chaos{t: t, socket: filepath.Join(dir, "socket"), options: embedded.Options{Dir: filepath.Join(dir, "postgres"), Log: slog.New(slog.DiscardHandler)}}
	dbtest.Cluster(t, c.options.Dir)
	c.start(t.Context())
	t.Cleanup(func() {
		if err := c.postgres.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	c.calls, c.sockets = newBalancer(t), newBalancer(t)
	c.replicas = make([]*house.Process, 2)
	for i := range c.replicas {
		c.revive(i)
	}
	c.quarter = newQuarter(t, c.calls.url, 240)
	for part := range slices.Chunk(c.quarter.orders, len(c.quarter.orders)/4) {
		c.movers = append(c.movers, &pusher{q: c.quarter, name: fmt.Sprint(len(c.movers)), at: map[string][]string{"PLACED": part}})
	}
	c.members = c.quarter.members()
	c.ledger = &ledger{t: t, dsn: c.dsn}
	c.ledger.next() // before any client listens
	c.crowd = newCrowd(t, c.sockets.url, c.members)
	return c
}

// start brings PostgreSQL up and leads the link to it.
func (c *chaos) start(ctx context.Context) {
	c.t.Helper()
	server, err := embedded.Start(ctx, c.options)
	if err != nil {
		c.t.Error(err)
		return
	}
	dsn := server.DSN("postgres")
	_, rest, _ := strings.Cut(dsn, "host='")
	folder, rest, _ := strings.Cut(rest, "'")
	_ = os.Remove(c.socket)
	if err := os.Symlink(folder, c.socket); err != nil {
		c.t.Error(err)
	}
	c.postgres, c.dsn = server, "host='"+c.socket+"'"+rest
}

// restart asks PostgreSQL to go, and starts it again.
func (c *chaos) restart(ctx context.Context) {
	if err := c.postgres.Stop(ctx); err != nil {
		c.t.Error(err)
	}
	c.start(ctx)
}

// crash ends PostgreSQL without asking, so that it must recover.
func (c *chaos) crash() {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = c.postgres.Stop(now)
	c.start(context.Background())
}

// listeners is the condition of a replica's listening connection: its last statement is LISTEN, or the empty one of its pings.
const listeners = `backend_type = 'client backend' and (query ilike 'listen %' or query = '')`

// deafen waits until every replica listens, ends the connections that listen, and returns how many it ended. A listener that lost
// its connection in a fault before waits for its back-off, so without the wait there may be none to end.
func (c *chaos) deafen(t *testing.T) (n int) {
	conn, err := sql.Open("postgres", c.dsn)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer conn.Close()
	house.WaitFor(t, "a listener of each replica", func() bool {
		if err := conn.QueryRow(`select count(*) from pg_stat_activity where ` + listeners).Scan(&n); err != nil {
			t.Error(err)
			return true
		}
		return n >= len(c.replicas)
	})
	if err := conn.QueryRow(`
		select count(*)
		  from (select pg_terminate_backend(pid)
		          from pg_stat_activity
		         where ` + listeners + `) cut`).Scan(&n); err != nil {
		t.Error(err)
	}
	return n
}

func (c *chaos) replica(i int) *house.Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.replicas[i]
}

// revive starts a replica again and sends connections to it.
func (c *chaos) revive(i int) {
	p := serve(c.t, "", "--database-url", c.dsn, "--drain", "3s", "--log-level", "error", "--account-sockets", "0", "--address-sockets", "0", "--address-waiting", "0")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replicas[i] = p
	var running []*house.Process
	for _, p := range c.replicas {
		if p != nil {
			running = append(running, p)
		}
	}
	c.calls.lead(running...)
	c.sockets.lead(running...)
}

// under makes chaosRate moves a second, one fault after the other meanwhile, and then compares. It returns how connections
// ended.
func (c *chaos) under(t *testing.T, faults ...func()) map[string]int {
	c.deal(t)
	l := &load{t: t, rate: chaosRate, began: time.Now(), tick: make(chan struct{})}
	var movers sync.WaitGroup
	for _, m := range c.movers {
		movers.Go(func() { m.push(l) })
	}
	for i := 0; l.more(int(chaosRate*chaosPause/time.Second), chaosPause) && i < len(faults); i++ {
		faults[i]()
	}
	l.end()
	movers.Wait()
	took := time.Since(l.began)
	if t.Failed() {
		t.FailNow()
	}

	table := c.ledger.next()
	if len(table) != l.done {
		t.Errorf("the table has %d events of %d moves that were answered", len(table), l.done)
	}
	counts := make([]int, len(c.members))
	for i, m := range c.members {
		for _, e := range table {
			if m.sees(e) {
				counts[i]++
			}
		}
		m := &c.members[i]
		m.got += counts[i]
		counts[i] = m.got
	}
	over := time.Now()
	c.crowd.t = t
	c.crowd.do(obj{"reach": counts}, nil)
	last := time.Since(over)
	c.crowd.do(obj{"settle": true}, nil)
	said := c.crowd.report()
	for _, fault := range said.Faults {
		t.Error(fault)
	}
	deliveries := check(t, c.members, said.Events, table)
	t.Logf("%d moves at %.0f/s in %d calls, %d of them repeated; %d deliveries, the last %v after the last move; connections ended: %v",
		l.done, float64(l.done)/took.Seconds(), l.calls, l.repeated, deliveries, last.Round(time.Millisecond), said.Ends)
	return said.Ends
}

// deal cuts all subscribers off until both replicas have their share.
func (c *chaos) deal(t *testing.T) {
	c.sockets.cut()
	late := time.After(patient)
	for {
		open, changed := c.sockets.open()
		all, least := 0, len(c.members)
		for _, p := range c.replicas {
			n := open[p.Host]
			all, least = all+n, min(least, n)
		}
		if all == len(c.members) && least > all/3 {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("subscribers are connected so: %v", open)
		}
	}
}

// load is moves at a rate, until it ends.
type load struct {
	t     testing.TB
	rate  int // a second
	began time.Time

	mu       sync.Mutex
	ended    bool
	taken    int // begun
	done     int // answered
	calls    int
	repeated int
	tick     chan struct{} // closed and replaced at each answer
}

// take waits until it is time for so many moves more. It is false at the end.
func (l *load) take(n int) bool {
	l.mu.Lock()
	due := l.began.Add(time.Duration(l.taken) * time.Second / time.Duration(l.rate))
	if l.taken += n; l.ended {
		n = 0
	}
	l.mu.Unlock()
	if n > 0 {
		<-time.After(time.Until(due))
	}
	return n > 0
}

func (l *load) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
}

func (l *load) answered(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	l.done += n
	close(l.tick)
	l.tick = make(chan struct{})
}

// more waits until n moves more have been answered; where the machine is too slow for that in the given time, at
// least a few of them.
func (l *load) more(n int, within time.Duration) bool {
	const few = 20
	slow, late := time.After(within), time.After(patient)
	from := -1
	for {
		l.mu.Lock()
		done, tick := l.done, l.tick
		l.mu.Unlock()
		if from < 0 {
			from = done
		}
		if done >= from+n {
			return true
		}
		select {
		case <-tick:
		case <-slow:
			n, slow = few, nil
		case <-late:
			l.t.Errorf("only %d moves more were made", done-from)
			return false
		}
	}
}

// pusher moves orders of its own, in calls of random sizes, and calls again until it is answered.
type pusher struct {
	q     *quarter
	name  string
	at    map[string][]string // orders by stage
	calls int
}

func (p *pusher) push(l *load) {
	for {
		n := 1 + rand.IntN(19)
		if !l.take(n) {
			return
		}
		for n > 0 {
			k, err := p.call(l, n)
			if err != nil {
				l.t.Error(err)
				return
			}
			l.answered(k)
			n -= k
		}
	}
}

// call moves up to n orders that stand at one stage and says how many.
func (p *pusher) call(l *load, n int) (int, error) {
	from := ""
	for stage, orders := range p.at { // map order is as good as dice
		if len(orders) > 0 {
			from = stage
			break
		}
	}
	orders := p.at[from]
	n = min(n, len(orders))
	p.calls++
	in := obj{"clientMutationId": fmt.Sprint("pusher ", p.name, " ", p.calls), "to": ways[from], "atomic": true}
	if from == "OUT_FOR_DELIVERY" {
		in["reason"] = "ABSENT"
	}
	var list []obj
	for _, o := range orders[:n] {
		list = append(list, obj{"orderId": o, "expectedStage": from})
	}
	in["orders"] = list
	p.at[from], p.at[ways[from]] = orders[n:], append(p.at[ways[from]], orders[:n]...)

	late, again := time.After(patient), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for {
		err := advance(p.q.Program, in)
		if err == nil {
			return n, nil
		}
		l.mu.Lock()
		l.repeated++
		l.mu.Unlock()
		select {
		case <-again.C: // the outcome of the call is unknown
		case <-late:
			return 0, fmt.Errorf("call %d of pusher %s is not answered: %w", p.calls, p.name, err)
		case <-l.t.Context().Done():
			return 0, errors.New("the test is over")
		}
	}
}
