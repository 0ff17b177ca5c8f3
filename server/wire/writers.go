package wire

import (
	"runtime"
	"sync"
	"time"
)

// Writers write the output of any number of connections, with goroutines that live only while output waits. A connection
// gets one pass, and goes to the end of the queue if it has more. Frames that arrive meanwhile go out together in its next
// pass. One writer is the cheapest: two contend for the streams, the system's queues and the processors on which peers are
// woken. When the queue has not been empty for helpAfter, more writers help, up to one for each processor.
type Writers struct {
	stats       *DeliveryStats
	mu          sync.Mutex
	first, last *Outbox // linked by their behind
	working     int
	since       time.Time   // when the queue was last begun
	watch       *time.Timer // calls help while a writer works; nil until it is first set
	watched     bool        // it is set
}

// NewWriters makes writers that count what they write.
func NewWriters(counts *DeliveryStats) *Writers { return &Writers{stats: counts} }

// Working returns how many goroutines write.
func (w *Writers) Working() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.working
}

// helpAfter is how long one writer works alone: a little longer than it needs for 2,000 connections.
const helpAfter = 20 * time.Millisecond

// push queues an outbox, which must not be queued already.
func (w *Writers) push(o *Outbox) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.behind = nil; w.first == nil {
		w.first, w.since = o, time.Now()
	} else {
		w.last.behind = o
	}
	w.last = o
	if w.working == 0 {
		w.start()
		w.look(helpAfter)
	}
}

// start starts a writer. Must hold mu.
func (w *Writers) start() {
	w.working++
	go w.work()
}

// look sets the timer that calls help. Must hold mu.
func (w *Writers) look(in time.Duration) {
	switch {
	case w.watched:
		return
	case w.watch == nil:
		w.watch = time.AfterFunc(in, w.help)
	default:
		w.watch.Reset(in)
	}
	w.watched = true
}

// help starts more writers if the queue has not been empty for too long.
func (w *Writers) help() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watched = false; w.working == 0 {
		return
	}
	in := helpAfter
	if w.first != nil {
		if in -= time.Since(w.since); in <= 0 {
			for w.working < runtime.GOMAXPROCS(0) {
				w.start()
			}
			in = helpAfter
		}
	}
	w.look(in)
}

func (w *Writers) work() {
	p := passes.Get().(*pass)
	for o := w.pop(); o != nil; o = w.pop() {
		o.pass(p)
	}
	if p.batch.Memo != nil {
		p.batch.Memo.Forget()
	}
	passes.Put(p)
}

// pop removes and returns the first outbox of the queue. If there is none it uncounts the goroutine.
func (w *Writers) pop() *Outbox {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.first
	if o == nil {
		w.working--
		return nil
	}
	if w.first = o.behind; w.first == nil {
		w.last = nil
	}
	o.behind = nil
	return o
}

var passes = sync.Pool{New: func() any {
	p := &pass{buffer: make([]byte, 0, passSize+passSize/4)}
	p.write = p.writeTo
	return p
}}

// pass holds the buffers of one writer.
type pass struct {
	buffer []byte
	batch  Batch
	write  func(fd uintptr) // writeTo, bound once

	left []byte // not written yet
	err  error
}

const passSize = 64 << 10 // bytes from which on nothing more is put into one write

const passSlow = 16 // answers in one pass that took long to make; then the connection goes to the end of the queue

// attempt writes as much as the connection takes without waiting, and returns the rest.
func (p *pass) attempt(o *Outbox, frames []byte) (rest []byte, err error) {
	p.left, p.err = frames, nil
	if err := o.raw.Control(p.write); err != nil {
		return nil, err
	}
	rest, p.left = p.left, nil
	return rest, p.err
}
