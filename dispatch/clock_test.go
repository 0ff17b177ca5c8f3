package dispatch_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/hold"
	"baogong/dispatch/verbs"
	"baogong/internal/proxy"
	"baogong/internal/volume"
)

func (e *house) tick() {
	e.t.Helper()
	if err := e.d.Tick(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

func TestTick(t *testing.T) {
	t.Parallel()
	t.Run("ends the holds whose time has come, and moves nothing", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		soon, late := e.time().Add(time.Hour), e.time().Add(2*time.Hour)
		e.hold(&soon, id)
		e.hold(&soon, e.buildings[0])
		e.hold(&late, id)
		n := len(e.feed())
		e.pass(time.Hour - time.Microsecond)
		e.tick()
		if got := e.since(n); len(got) != 0 {
			t.Fatalf("too early: got %v", got)
		}
		e.pass(time.Microsecond)
		e.tick()
		got := e.since(n)
		slices.Sort(got)
		if want := []delivery.EventKind{delivery.BuildingFreed, delivery.HoldEnded, delivery.HoldEnded}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for _, ev := range e.feed()[n:] {
			if ev.ByRole != delivery.RoleSystem || ev.ByUUID != nil || !ev.At.Equal(e.time()) {
				t.Errorf("got %+v, want it by the clock, now", ev)
			}
		}
		if o := e.row(id); o.OpenHolds != 1 || o.Stage != delivery.AtGate || o.MovedBy().Role != delivery.RoleCommander {
			t.Errorf("got %+v", o.OrderSnapshot)
		}
		if refused := e.advance(e.duty, id, delivery.Sorted); refused == nil || !refused.Details.HeldUntil.Equal(late) {
			t.Errorf("got %v, want HELD until %s", refused, late)
		}
		e.pass(24 * time.Hour)
		e.tick()
		e.move(e.duty, id, delivery.Sorted)
		e.checkNeverLost()
	})
	t.Run("starts every calendar day of the community's own zone once", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t) // nine o'clock in the morning in Shanghai
		n := len(e.feed())
		days := func() (out []string) {
			for _, ev := range e.feed()[n:] {
				if ev.Kind == delivery.DayStarted {
					out = append(out, delivery.BodyOf[delivery.DayBody](ev).Day)
				}
			}
			return out
		}
		e.tick()
		e.pass(15*time.Hour - time.Microsecond)
		e.tick()
		if got := days(); len(got) != 0 {
			t.Fatalf("before midnight: got %v", got)
		}
		e.pass(time.Microsecond)
		e.tick()
		e.tick()
		e.pass(23 * time.Hour)
		e.tick()
		if got, want := days(), []string{"2020-02-19"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		e.pass(72 * time.Hour) // the clock worker stood still for days
		e.tick()
		e.pass(-24 * time.Hour) // a clock that is set back
		e.tick()
		if got, want := days(), []string{"2020-02-19", "2020-02-22"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("starts a day once, also where two look at the same moment", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		n := len(e.feed())
		for range 20 {
			e.pass(24 * time.Hour)
			atOnce(e.tick, e.tick, e.tick)
		}
		if got := e.since(n); len(got) != 20 {
			t.Errorf("got %d starts of 20 days", len(got))
		}
	})
	t.Run("leaves a hold that was released meanwhile alone", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place(e.homes[0])
		for range 10 {
			until := e.time().Add(time.Hour)
			holds := e.hold(&until, id, e.buildings[0])
			e.pass(time.Hour)
			atOnce(e.tick, e.tick, func() {
				must(e.d.Hold.ReleaseHold(t.Context(), e.lead, hold.ReleaseHoldInput{HoldIds: holds}))
			})
			if e.row(id).Held() {
				t.Fatal("still held")
			}
		}
		e.checkNeverLost()
	})
}

// Two programs over one database: one clock works, the other takes over when it stops.
func TestClockOfTwoPrograms(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	var open [2]*db.DB
	for i := range open {
		open[i] = must(db.Open(t.Context(), dsn, db.Options{}))
		t.Cleanup(func() { _ = open[i].Close() })
	}
	e := settle(t, open[0], "dongchen")
	woken := make(chan int32, 100)
	for _, d := range open {
		d.Committed = func(_ context.Context, a db.Appended) { woken <- a.Community }
	}
	var running sync.WaitGroup
	defer running.Wait()
	var stop [2]context.CancelFunc
	for i := range open {
		var ctx context.Context
		ctx, stop[i] = context.WithCancel(t.Context())
		defer stop[i]()
		d := verbs.New(&dispatch.Engine{DB: open[i], Now: e.d.Now, Machine: e.d.Machine})
		clock := d.Clock(2*time.Millisecond, slog.New(slog.DiscardHandler))
		running.Go(func() { clock.Run(ctx) })
	}
	wait := func() {
		t.Helper()
		select {
		case <-woken:
		case <-time.After(10 * time.Second):
			t.Fatal("the clock has stopped")
		}
	}
	id := e.place(e.homes[0])
	<-woken
	n := len(e.feed())
	for i := range 6 {
		until := e.time().Add(time.Hour)
		e.hold(&until, id)
		<-woken
		e.pass(time.Hour)
		wait()
		if i == 2 {
			stop[0]()
		}
	}
	e.pass(9 * time.Hour) // midnight in Shanghai
	wait()
	stop[1]()
	running.Wait()
	var want []delivery.EventKind
	for range 6 {
		want = append(want, delivery.HoldStarted, delivery.HoldEnded)
	}
	if got := e.since(n); !slices.Equal(got, append(want, delivery.DayStarted)) {
		t.Errorf("got %v", got)
	}
	e.checkNeverLost()
}

// A leader whose path to PostgreSQL goes silent, even in a transaction, does not stop holds from ending: another program takes
// over when the lease expires. No hold ends twice.
func TestClockOfASilentLeader(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	dsn := dbtest.DSN(t)
	line, through := proxy.Postgres(t, dsn)
	const lease = 300 * time.Millisecond
	var open [2]*db.DB
	for i, at := range []string{through, dsn} {
		open[i] = must(db.Open(t.Context(), at, db.Options{Lease: lease}))
		t.Cleanup(func() { _ = open[i].Close() })
	}
	e := settle(t, open[1], "dongchen")
	ended := make(chan struct{}, 100)
	open[1].Committed = func(context.Context, db.Appended) { ended <- struct{}{} }
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	run := func(d *db.DB) {
		clock := verbs.New(&dispatch.Engine{DB: d, Now: e.d.Now, Machine: e.d.Machine}).Clock(20*time.Millisecond, slog.New(slog.DiscardHandler))
		running.Go(func() { clock.Run(ctx) })
	}
	run(open[0])
	id := e.place(e.homes[0])
	until := e.time().Add(time.Hour)
	e.hold(&until, id)
	for range 2 {
		<-ended
	}
	n := len(e.feed())
	run(open[1])
	line.All(proxy.Silent)
	began := time.Now()
	e.pass(time.Hour)
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the hold has not ended")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v, want 5s at most", took)
	}
	if got, want := e.since(n), []delivery.EventKind{delivery.HoldEnded}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	e.checkNeverLost()
}

// TestClockAside: no tick waits for a job that is done aside. One runs at a time, and the clock ends it when it stops.
func TestClockAside(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ticks, begun, let := make(chan struct{}), make(chan struct{}, 10), make(chan struct{})
	var ended atomic.Bool
	clock := &dispatch.ClockWorker{
		Engine: e.d.Engine, Every: time.Millisecond, Log: slog.New(slog.DiscardHandler),
		Jobs: []dispatch.Job{func(db.CommunityClock, time.Time) func(context.Context) error {
			return func(ctx context.Context) error {
				select {
				case ticks <- struct{}{}:
				case <-ctx.Done():
				}
				return nil
			}
		}},
		Aside: []dispatch.Job{func(db.CommunityClock, time.Time) func(context.Context) error {
			return func(ctx context.Context) error {
				begun <- struct{}{}
				select {
				case <-let:
				case <-ctx.Done():
					ended.Store(true)
				}
				return ctx.Err()
			}
		}},
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		clock.Run(ctx)
	}()
	await := func(of <-chan struct{}, what string) {
		t.Helper()
		select {
		case <-of:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s does not come", what)
		}
	}
	for range 5 {
		await(ticks, "a tick")
	}
	await(begun, "the job")
	if n := len(begun); n > 0 {
		t.Errorf("%d more jobs run beside the first", n)
	}
	let <- struct{}{}
	for len(begun) == 0 {
		await(ticks, "a tick after the job")
	}
	<-begun
	stop()
	await(stopped, "the end of the clock")
	if !ended.Load() {
		t.Error("the clock ended before its job")
	}
}
