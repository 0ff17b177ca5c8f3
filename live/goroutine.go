package live

import (
	"context"
	"log/slog"
	"sync"
)

// goroutines counts the hub's goroutines, so that Run can wait for the last.
type goroutines struct {
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// start runs work on a new goroutine. It does nothing and reports false after stop.
func (c *goroutines) start(work func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.running.Go(work)
	return true
}

// stop accepts no more work and waits until all work has ended.
func (c *goroutines) stop() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.running.Wait()
}

// pool runs tasks on a few goroutines, which end when the queue is empty. Callers must not queue a task for the same thing
// twice, so the queue is bounded by the number of things.
type pool struct {
	goroutines *goroutines
	mu         sync.Mutex
	tasks      []func()
	running    int
}

func (p *pool) do(task func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tasks = append(p.tasks, task)
	if p.running < workers && p.goroutines.start(p.work) {
		p.running++
	}
}

func (p *pool) work() {
	for {
		p.mu.Lock()
		if len(p.tasks) == 0 {
			p.tasks = nil
			p.running--
			p.mu.Unlock()
			return
		}
		task := p.tasks[0]
		p.tasks[0], p.tasks = nil, p.tasks[1:]
		p.mu.Unlock()
		task()
	}
}

// trigger asks a loop to look at the source. Requests that arrive during a look are served by one further look.
type trigger struct {
	fired   chan struct{} // one slot
	mu      sync.Mutex
	waiting []chan error
}

func newTrigger() trigger { return trigger{fired: make(chan struct{}, 1)} }

func (b *trigger) fire() { signal(b.fired) }

// wait waits for a look that begins after the call, and returns the look's error.
func (b *trigger) wait(ctx, hub context.Context) error {
	done := make(chan error, 1)
	b.mu.Lock()
	b.waiting = append(b.waiting, done)
	b.mu.Unlock()
	b.fire()
	select {
	case err := <-done:
		return err
	case <-hub.Done():
		return context.Cause(hub)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// serve runs a look and reports its error to those waiting. Only the loop may call it.
func (b *trigger) serve(look func() error) {
	b.mu.Lock()
	waiting := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	err := look()
	for _, done := range waiting {
		done <- err
	}
}

// signal fills a one-slot channel and never blocks.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// outage logs the first failure and the recovery of something that many feeds share, and nothing in between.
type outage struct {
	what string
	log  *slog.Logger
	mu   sync.Mutex
	down int
}

// note records whether one user of it fails now; failing holds that user's previous state.
func (o *outage) note(failing *bool, err error, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err != nil && !*failing:
		if o.down++; o.down == 1 {
			o.log.Error("live: "+o.what+" fails", append(args, "err", err)...)
		}
	case err == nil && *failing:
		if o.down--; o.down == 0 {
			o.log.Info("live: "+o.what+" works again", args...)
		}
	}
	*failing = err != nil
}
