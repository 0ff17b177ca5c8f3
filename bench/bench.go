package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/verbs"
)

// Options configure a run.
type Options struct {
	Program    string   // of which the servers and loads are processes
	DSN        string   // of an empty database, migrated, that nothing else uses
	Version    string   // PostgreSQL's
	Journal    string   // the file of PostgreSQL's log
	Postmaster int      // the process id of PostgreSQL's first process
	Pgbench    string   // empty where there is none
	Env        []string // by which pgbench finds the database
	Only       []string // names of trials; empty: all, those of Full only with Full
	Full       bool
	Rounds     int     // how often each figure is measured; its median counts
	Scale      float64 // of sockets, orders and times; 1 is what the table asks for
	Out        io.Writer
	Terminal   bool // show progress
}

// bench is one run.
type bench struct {
	Options
	db       *db.DB
	careless *db.DB // does not wait for the disk
	keys     *delivery.Keyring
	founder  *verbs.All // makes estates, and wakes no replica
	notifier *db.Notifier
	progress progress

	mu       sync.Mutex
	children []*child
	known    map[string]*scene
}

// trial measures some figures that belong together.
type trial struct {
	name, about string
	full        bool // only with --full, or by name
	run         func(context.Context, *bench) ([]Figure, error)
}

// trials are in the order of the table.
func trials() []trial {
	return []trial{
		{"delivery", "一次投递的开销 what a delivery costs", false, deliveries},
		{"own", "各看各的订单 each socket its own order", false, ownOrders},
		{"memory", "空闲连接的内存 memory of idle sockets", false, memory},
		{"moves", "单个移动 single moves", false, moves},
		{"bulk", "成批移动 moves in bulk", false, bulk},
		{"chain", "门口、分拣与入户 gate, sorting and doors", false, chain},
		{"people", "话务、到岗与通知 the phone desk, presence and notices", false, people},
		{"imports", "导入订单 imports of orders", false, imports},
		{"webhooks", "推送 webhooks", false, webhooks},
		{"rehearsal", "流程模拟 rehearsals", false, rehearsals},
		{"needs", "需求分析 needs analysis", true, needs},
		{"board", "看板 boards", false, boards},
		{"page", "浏览器里的页面 pages in a browser", true, pages},
		{"squads", "各小分队的状态 states of squads", true, squads},
		{"latency", "从提交到客户端 from the commit to the client", false, latency},
		{"city", "一城之峰值 a city's peak", true, city},
		{"growth", "十倍之增长 growth", true, growth},
		{"prices", "价格与开销 prices and measured costs", true, prices},
	}
}

// Names are the trials' names, in the order of the table.
func Names() []string {
	var out []string
	for _, t := range trials() {
		out = append(out, t.name)
	}
	return out
}

// Check reports whether the options are valid.
func (o Options) Check() error {
	for _, name := range o.Only {
		if !slices.Contains(Names(), name) {
			return fmt.Errorf("--only %s is nothing to measure; there is %s", name, strings.Join(Names(), ", "))
		}
	}
	if o.Scale <= 0 || o.Scale > 10 {
		return fmt.Errorf("--scale must be above 0 and up to 10; got %v", o.Scale)
	}
	if o.Rounds < 1 || o.Rounds > 100 {
		return fmt.Errorf("--rounds must be from 1 to 100; got %d", o.Rounds)
	}
	return nil
}

// Run measures. It ends every process that it started before it returns.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	b := &bench{Options: o, known: map[string]*scene{}}
	b.progress = progress{out: o.Out, terminal: o.Terminal}
	defer b.endAll()
	closeAll, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	defer closeAll()

	r := &Report{Machine: machine(ctx, o.Version), Revision: revision(), At: time.Now().UTC().Truncate(time.Second), Rounds: o.Rounds, Scale: o.Scale}
	began := time.Now()
	for _, t := range trials() {
		if len(o.Only) > 0 && !slices.Contains(o.Only, t.name) || len(o.Only) == 0 && t.full && !o.Full {
			continue
		}
		b.progress.begin(t.about)
		figures, err := t.run(ctx, b)
		b.endAll()
		b.progress.done()
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", t.name, err)
		}
		for _, f := range figures {
			if f.Name = t.name; o.Scale != 1 { // by which the goals say nothing
				f.Reached = nil
			}
			r.Figures = append(r.Figures, f)
		}
	}
	r.Took = time.Since(began).Round(time.Second)
	return r, nil
}

// open connects to the database twice: as the program does, and for what is only made ready.
func (b *bench) open(ctx context.Context) (closeAll func(), err error) {
	if b.db, err = db.Open(ctx, b.DSN, db.Options{Connections: b.connections()}); err != nil {
		return nil, err
	}
	if b.careless, err = db.Open(ctx, b.DSN+" synchronous_commit=off", db.Options{Connections: b.connections()}); err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	if b.keys, err = b.db.UnscopedKeyring(ctx, time.Now()); err != nil {
		return nil, errors.Join(err, b.db.Close(), b.careless.Close())
	}
	b.founder = verbs.New(&dispatch.Engine{DB: b.careless, Keys: b.keys, Now: time.Now, Machine: time.Now})
	b.notifier = b.db.NewNotifier()
	b.db.Committed = b.onCommit
	ringing, stop := context.WithCancel(ctx)
	rung := make(chan struct{})
	go func() {
		defer close(rung)
		b.notifier.Run(ringing)
	}()
	return func() {
		stop()
		<-rung
		_ = b.careless.Close()
		_ = b.db.Close()
	}, nil
}

// endAll ends the processes that still run, the last started first.
func (b *bench) endAll() {
	b.mu.Lock()
	children := b.children
	b.children = nil
	b.mu.Unlock()
	for _, c := range slices.Backward(children) {
		c.end()
	}
}

// scaled is n at this run's scale, and at least least.
func (b *bench) scaled(n, least int) int { return max(int(math.Round(float64(n)*b.Scale)), least) }

// connections returns the size of each connection pool at this run's scale: enough for its clients. At a tiny scale a new connection costs
// PostgreSQL more CPU than what is measured.
func (b *bench) connections() int { return b.scaled(40, 4) }

// estateOnce makes an estate, or gives the one that was made for an earlier trial.
func (b *bench) estateOnce(ctx context.Context, p plan) (*scene, error) {
	if e := b.known[p.code]; e != nil {
		return e, nil
	}
	all, err := b.estates(ctx, p)
	if err != nil {
		return nil, err
	}
	b.known[p.code] = all[0]
	return all[0], nil
}
