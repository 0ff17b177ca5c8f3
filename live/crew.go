package live

import (
	"context"
	"log/slog"
	"sync"
)

// crew counts the hub's goroutines, so that Run can wait for the last.
type crew struct {
	mu     sync.Mutex
	closed bool
	group  sync.WaitGroup
}

// start runs work on a goroutine of its own. It does nothing and reports false once the crew is dismissed.
func (c *crew) start(work func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.group.Go(work)
	return true
}

// dismiss takes no more work and waits until all is done.
func (c *crew) dismiss() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.group.Wait()
}

// pool does tasks on a few goroutines, which end when there is nothing to do. Whoever asks sees to it that the
// same thing is not asked for twice, so the queue is bounded by the number of things.
type pool struct {
	crew    *crew
	mu      sync.Mutex
	tasks   []func()
	running int
}

func (p *pool) do(task func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tasks = append(p.tasks, task)
	if p.running < workers && p.crew.start(p.work) {
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

// bell asks a loop for a look at the source. Rings that come while it looks are one.
type bell struct {
	rung    chan struct{} // one slot
	mu      sync.Mutex
	waiting []chan error
}

func newBell() bell { return bell{rung: make(chan struct{}, 1)} }

func (b *bell) ring() { signal(b.rung) }

// wait returns when a look that began after the call is over, with its error.
func (b *bell) wait(ctx, hub context.Context) error {
	done := make(chan error, 1)
	b.mu.Lock()
	b.waiting = append(b.waiting, done)
	b.mu.Unlock()
	b.ring()
	select {
	case err := <-done:
		return err
	case <-hub.Done():
		return context.Cause(hub)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer does the look and tells those who waited for it. Only the loop may call it.
func (b *bell) answer(look func() error) {
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

// outage logs the first failure and the end of a trouble that many may share, and nothing in between.
type outage struct {
	what string
	log  *slog.Logger
	mu   sync.Mutex
	down int
}

// note remembers in failing whether this one of the many fails now.
func (o *outage) note(failing *bool, err error, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err != nil && !*failing:
		if o.down++; o.down == 1 {
			o.log.Error("live: "+o.what, append(args, "err", err)...)
		}
	case err == nil && *failing:
		if o.down--; o.down == 0 {
			o.log.Info("live: "+o.what+" works again", args...)
		}
	}
	*failing = err != nil
}
