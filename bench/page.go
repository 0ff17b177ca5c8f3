package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/dispatch/verbs"
)

// The busy community whose pages are measured.
const (
	pageBuildings = 26
	pageOrders    = 3000
	pageRate      = 300 // events a second
	pageCall      = 10  // orders moved by one call
	pageTraces    = 5
	pageTrace     = 10 * time.Second
	pageWarm      = 5 * time.Second // under load, before anything counts
	wallHours     = 24
)

// pages measures the board under load, a wall over a day, and the resident's page on a slow phone, in Chromium. It needs the repository with its
// npm packages, Node and Chromium.
func pages(ctx context.Context, b *bench) ([]Figure, error) {
	scripts, err := b.scripts()
	if err != nil {
		return nil, err
	}
	e, err := b.estateOnce(ctx, plan{code: "page", buildings: b.scaled(pageBuildings, 2), households: b.scaled(780, 4), orders: b.scaled(pageOrders, 2*pageCall)})
	if err != nil {
		return nil, err
	}
	s, err := b.product(ctx)
	if err != nil {
		return nil, err
	}
	defer b.endAll()
	base := "http://" + s.host()
	b.progress.expect(2 + b.Rounds)

	var board struct {
		Long, Longest             []float64
		Twice, Differ, Grown, Out float64
	}
	rate, err := scripts.underLoad(ctx, b.mover(), e, &board, "bench-board.mjs", base, "dev:C01@"+e.code, e.id.String(),
		pageTraces, b.lasting(pageTrace).Milliseconds(), b.lasting(pageWarm).Milliseconds())
	if err != nil {
		return nil, err
	}
	b.progress.step()
	note := ""
	if rate < 0.95*pageRate {
		note = fmt.Sprintf("the load reached %.0f events/s", rate)
	}
	what := fmt.Sprintf("the board with %s open orders and %d events/s: ", grouped(int64(len(e.orders))), pageRate)
	out := []Figure{
		figure(what+fmt.Sprintf("tasks longer than 50 ms in %.0f s", b.lasting(pageTrace).Seconds()), "", Goal{Zero: true}, board.Long, "", nil),
		figure("… its longest task", "ms", Goal{Max: 50}, board.Longest, "", nil),
		figure("… frames drawn more than once", "", Goal{Zero: true}, []float64{board.Twice}, "", nil),
		figure("… numbers that differ from the tables at the end", "", Goal{Zero: true}, []float64{board.Differ}, "", nil),
		figure("… growth of the JavaScript heap meanwhile", "KiB", Goal{Max: 1024}, []float64{board.Grown / 1024}, "", nil),
	}
	out[0].Note = note

	hours := b.scaled(wallHours, 1)
	var wall struct{ Grown, Nodes float64 }
	if _, err = scripts.underLoad(ctx, b.mover(), e, &wall, "bench-wall.mjs", base, "dev:C01@"+e.code, e.id.String(), hours); err != nil {
		return nil, err
	}
	b.progress.step()
	out = append(out, figure(fmt.Sprintf("the wall over the last %d of %d hours of its clock, under the same load: growth of the JavaScript heap", hours-min(6, hours/2), hours), "KiB", Goal{Max: 1024}, []float64{wall.Grown / 1024}, "", nil),
		figure("… growth of the page", "elements", Goal{Max: 100}, []float64{wall.Nodes}, "", nil))

	var phone []float64
	for range b.Rounds {
		var got struct{ Readable float64 } // ms
		err := scripts.run(ctx, "slow.mjs", func(said string) error { return json.Unmarshal([]byte(said), &got) }, base, "dev:"+e.homes[0].Address+"@"+e.code)
		if err != nil {
			return nil, err
		}
		phone = append(phone, got.Readable/1000)
		b.progress.step()
	}
	return append(out, figure("a resident's sentence is readable on a slow phone (CPU ×6, 400 kbit/s, 400 ms) after", "s", Goal{Max: 4}, phone, "", nil)), nil
}

// scripts is the process that runs scripts of e2e/page/browser in Chromium. visits.mjs describes its lines.
type scripts struct{ *child }

func (b *bench) scripts() (*scripts, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("find Node: %w", err)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if browser, err := exec.LookPath(name); err == nil {
			c, err := b.startOther(node, "the browser", nil, "e2e/page/browser/visits.mjs", browser, "")
			return &scripts{c}, err
		}
	}
	return nil, errors.New("find a browser: chromium is not on the PATH")
}

// run runs a script and passes what it says to said.
func (s *scripts) run(ctx context.Context, script string, said func(string) error, args ...any) error {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = fmt.Sprint(a)
	}
	tell := func(line any) error { return json.NewEncoder(s.in).Encode(line) }
	if err := tell(map[string]any{"id": 1, "script": script, "args": list}); err != nil {
		return s.failed(err)
	}
	for {
		var line struct {
			Please string
			Ended  *string
		}
		read := make(chan error, 1)
		go func() {
			text, err := s.out.ReadBytes('\n')
			if err == nil {
				err = json.Unmarshal(text, &line)
			}
			read <- err
		}()
		select {
		case err := <-read:
			if err != nil {
				return s.failed(fmt.Errorf("%s: %w", script, err))
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if line.Ended != nil {
			if *line.Ended != "" {
				return fmt.Errorf("%s: %s", script, *line.Ended)
			}
			return nil
		}
		if err := said(line.Please); err != nil {
			return fmt.Errorf("%s: %w", script, err)
		}
		if err := tell(map[string]any{"id": 1}); err != nil {
			return s.failed(err)
		}
	}
}

// underLoad runs a script that says "begin", "end" and then what it measured as JSON. In between the orders of the scene go out and come back.
// It returns how many events there were in a second.
func (s *scripts) underLoad(ctx context.Context, d *verbs.All, e *scene, measured any, script string, args ...any) (rate float64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var moving *traffic
	err = s.run(ctx, script, func(said string) error {
		switch said {
		case "begin":
			moving = e.traffic(ctx, d)
			return nil
		case "end":
			rate, err = moving.stop()
			return err
		}
		return json.Unmarshal([]byte(said), measured)
	}, args...)
	return rate, err
}

// traffic moves the orders of a scene at a steady rate, until it is stopped.
type traffic struct {
	stopped chan struct{}
	ended   chan error
	moved   int
	began   time.Time
}

func (e *scene) traffic(ctx context.Context, d *verbs.All) *traffic {
	t := &traffic{stopped: make(chan struct{}), ended: make(chan error, 1), began: time.Now()}
	go func() {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(4)
		type call struct {
			sync.Mutex // one of them at a time
			orders     []*parcel
		}
		var calls []*call
		for some := range chunks(e.orders, pageCall) {
			calls = append(calls, &call{orders: some})
		}
		beat := time.NewTicker(time.Second * pageCall / pageRate)
		defer beat.Stop()
		for n := 0; ; n++ {
			select {
			case <-beat.C:
				next := calls[n%len(calls)]
				group.Go(func() error {
					next.Lock()
					defer next.Unlock()
					return e.move(ctx, d, next.orders...)
				})
				t.moved += len(next.orders)
				continue
			case <-t.stopped:
			case <-ctx.Done():
			}
			t.ended <- group.Wait()
			return
		}
	}()
	return t
}

// stop waits for the last move and returns how many there were in a second.
func (t *traffic) stop() (float64, error) {
	close(t.stopped)
	err := <-t.ended
	return float64(t.moved) / time.Since(t.began).Seconds(), err
}
