package server

import (
	"runtime"
	"sync"
)

// writers write what waits on any number of connections, with as many goroutines as there are processors, which live
// only while something waits. Each connection has one pass at a time, and those that have more go to the end of the
// queue; so frames that come while others are passed over go out together.
type writers struct {
	counts      *counts
	mu          sync.Mutex
	first, last *outbox // linked by their behind
	working     int
}

// push queues an outbox, which must not be queued already.
func (w *writers) push(o *outbox) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.behind = nil; w.first == nil {
		w.first = o
	} else {
		w.last.behind = o
	}
	w.last = o
	if w.working < runtime.GOMAXPROCS(0) {
		w.working++
		go w.work()
	}
}

func (w *writers) work() {
	p := passes.Get().(*pass)
	defer passes.Put(p)
	for o := w.pop(); o != nil; o = w.pop() {
		o.pass(p)
	}
}

// pop takes the first of the queue, or counts the goroutine out.
func (w *writers) pop() *outbox {
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

// pass is what one writer works with.
type pass struct {
	buffer []byte
	batch  batch
	write  func(fd uintptr) // writeTo, bound once

	left []byte // not written yet
	err  error
}

const passSize = 64 << 10 // bytes from which on nothing more is put into one write

// attempt writes as much as the connection takes without waiting, and returns the rest.
func (p *pass) attempt(o *outbox, frames []byte) (rest []byte, err error) {
	p.left, p.err = frames, nil
	if err := o.raw.Control(p.write); err != nil {
		return nil, err
	}
	rest, p.left = p.left, nil
	return rest, p.err
}
