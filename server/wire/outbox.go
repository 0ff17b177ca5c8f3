package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"baogong/server/limit"
)

// Lingering is how long a peer has to answer the close frame.
const Lingering = time.Second

var errClosed = errors.New("server: the connection is closed")

// Outbox holds the output that waits for one connection: frames that were pushed, and sources with answers to take. It is
// in one of four states:
//
//	idle     nothing waits
//	queued   it waits for a writer
//	writing  a writer gathers what waits and writes it, as far as the connection takes it without waiting
//	stuck    the connection took only part: a goroutine writes the rest, under a deadline, and then goes on
//
// Only the goroutine that made it writing or stuck may gather and write. A connection that cannot be asked to write without
// waiting (TLS) is stuck whenever something waits.
type Outbox struct {
	// The fields that the delivery of one answer uses come first, close together for the processor's cache.
	writers     *Writers
	behind      *Outbox         // in the writers' queue; guarded by the writers' mu
	raw         syscall.RawConn // nil: always stuck
	mu          sync.Mutex      // innermost but for the writers'; guards what follows, down to rest
	state       outboxState
	closing     bool // the close frame is in frames, or was
	failed      bool
	first, last *Slot         // of sources that may have answers to take, linked by their behind
	frames      []byte        // pushed
	room        chan struct{} // closed when frames were gathered; nil if no push waits for that
	until       time.Time     // once closing: when writing must have ended
	taken       time.Time     // when it was last stuck, or the peer took something then
	rest        int           // bytes that a stuck connection has not taken of what was gathered

	conn    net.Conn
	timeout time.Duration
	limit   int           // bytes from which on push waits
	done    chan struct{} // closed when nothing more will be written
}

// Filler makes the frames of answers.
type Filler interface {
	// Fill appends frames to the batch until there are none or the batch has no room. It reports whether there may be more.
	// Only one goroutine at a time calls it, and it must not wait for a peer.
	Fill(b *Batch) (more bool)
}

// Slot is a source's place in the list of its outbox.
type Slot struct {
	Filler Filler
	behind *Slot // guarded by the outbox's mu, as listed
	listed bool
}

type outboxState byte

const (
	idle outboxState = iota
	queued
	writing
	stuck
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// memos pools the memos of batches that no writer fills. A memo may come from another server's sources, which replace it.
var memos sync.Pool

// recycle gives a buffer back to the pool. It is a function of its own so that the slice goes to the heap only here, and not
// whenever something is gathered.
func recycle(buffer []byte) { buffers.Put(&buffer) }

// Push queues one frame, which frame appends, waiting for room. It fails if ctx ends or the connection closes first.
func (o *Outbox) Push(ctx context.Context, frame func(buffer []byte) []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.closing && !o.failed && len(o.frames) >= o.limit && ctx.Err() == nil {
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
		}
		o.mu.Lock()
	}
	if o.closing || o.failed {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	o.frames = frame(o.buffer())
	o.schedule()
	return nil
}

// Wake lists a source that may have answers to take. It never waits.
func (o *Outbox) Wake(t *Slot) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing || o.failed {
		return
	}
	o.list(t)
	o.schedule()
}

// list appends a turn. Must hold mu.
func (o *Outbox) list(t *Slot) {
	if t.listed {
		return
	}
	if t.listed = true; o.first == nil {
		o.first = t
	} else {
		o.last.behind = t
	}
	o.last = t
}

// unlist removes and returns the first turn, or nil. Must hold mu.
func (o *Outbox) unlist() *Slot {
	t := o.first
	if t == nil {
		return nil
	}
	if o.first = t.behind; o.first == nil {
		o.last = nil
	}
	t.behind, t.listed = nil, false
	return t
}

// Ping queues a ping and reports whether it did. It does not while output waits for the peer: a pong would come late, and
// reading proves as well that the peer is alive.
func (o *Outbox) Ping() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing || o.failed || o.state == stuck {
		return false
	}
	o.frames = appendFrame(o.buffer(), framePing)
	o.schedule()
	return true
}

// Close queues the close frame behind the frames that wait; nothing can be pushed after it, and answers that were not
// gathered are dropped. Only the first call counts, and reports true.
func (o *Outbox) Close(code int, reason string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing || o.failed {
		return false
	}
	o.closing, o.until = true, time.Now().Add(o.timeout)
	for o.unlist() != nil {
	}
	o.frames = appendClose(o.buffer(), code, reason)
	if o.state == stuck {
		_ = o.conn.SetWriteDeadline(o.until)
	}
	o.release()
	o.schedule()
	return true
}

// Closed reports whether a close frame was queued or writing failed.
func (o *Outbox) Closed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing || o.failed
}

// readUntil sets the read deadline; the zero time is none. It does nothing once the connection is closing, which has a
// deadline of its own.
func (o *Outbox) readUntil(t time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing && !o.failed {
		_ = o.conn.SetReadDeadline(t)
	}
}

// lastTaken returns when the peer last took output that was stuck.
func (o *Outbox) lastTaken() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.taken
}

// Waiting returns the bytes of frames that were pushed and the bytes that a stuck peer has not taken, and whether it is
// stuck.
func (o *Outbox) Waiting() (pushed, rest int, isStuck bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.frames), o.rest, o.rest > 0
}

// Stalled reports whether output has waited since the instant, or longer, and the peer took none of it.
func (o *Outbox) Stalled(since time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.state == stuck && !o.closing && !o.failed && !o.taken.After(since)
}

// buffer returns frames, or an empty buffer of the pool if there are none. Must hold mu.
func (o *Outbox) buffer() []byte {
	if o.frames == nil {
		o.frames = (*buffers.Get().(*[]byte))[:0]
	}
	return o.frames
}

// schedule queues the outbox for writing, or starts the goroutine of a stuck one. Must hold mu.
func (o *Outbox) schedule() {
	switch {
	case o.state != idle:
	case o.raw != nil:
		o.state = queued
		o.writers.push(o)
	default:
		o.state, o.taken = stuck, time.Now()
		go o.persist(Batch{})
	}
}

// release wakes the goroutines that wait for room. Must hold mu.
func (o *Outbox) release() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// pass writes the output that waits, once.
func (o *Outbox) pass(p *pass) {
	b := &p.batch
	b.Begin(p.buffer)
	o.gather(b)
	rest, err := p.attempt(o, b.Frames)
	if err != nil {
		o.fail()
		return
	}
	if len(rest) > 0 {
		o.mu.Lock()
		o.state, o.taken, o.rest = stuck, time.Now(), len(rest)
		o.mu.Unlock()
		go o.persist(Batch{Frames: append([]byte(nil), rest...), dated: slices.Clone(b.dated)})
		return
	}
	o.writers.stats.Written(b)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state = idle
	o.settle()
}

// persist writes the rest of a pass, and then all frames that wait, however long that takes. It ends because every write
// has a deadline.
func (o *Outbox) persist(b Batch) {
	buffer := (*buffers.Get().(*[]byte))[:0]
	b.Memo, _ = memos.Get().(Memo)
	defer func() {
		buffers.Put(&buffer)
		if b.Memo != nil {
			b.Memo.Forget()
			memos.Put(b.Memo)
		}
	}()
	for len(b.Frames) > 0 || o.waits() {
		if len(b.Frames) == 0 {
			b.Begin(buffer)
			o.gather(&b)
			buffer = b.Frames
		}
		if err := o.write(b.Frames); err != nil {
			o.fail()
			return
		}
		o.writers.stats.Written(&b)
		if b.Begin(nil); o.raw != nil {
			break // the peer takes again: back to the writers
		}
	}
	_ = o.conn.SetWriteDeadline(time.Time{}) // a deadline that passed would refuse what does not wait, too
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state = idle
	o.settle()
}

// waits reports whether there is output to gather.
func (o *Outbox) waits() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.frames) > 0 || o.first != nil
}

// settle goes on if something waits, and ends writing behind the close frame. Must hold mu.
func (o *Outbox) settle() {
	switch {
	case len(o.frames) > 0 || o.first != nil:
		o.schedule()
	case o.closing && !o.failed:
		_ = o.conn.SetReadDeadline(time.Now().Add(Lingering))
		close(o.done)
	}
}

// gather appends the frames that wait, and after them answers of the sources in turn, until that is enough for one
// write.
func (o *Outbox) gather(b *Batch) {
	defer o.writers.stats.Filled(b)
	o.mu.Lock()
	if o.state == queued {
		o.state = writing
	}
	frames := o.frames
	o.frames = nil
	o.release()
	if len(frames) > passSize {
		o.mu.Unlock()
		b.Frames = frames // rather than copy them
		return
	}
	if frames != nil {
		b.Frames = append(b.Frames, frames...)
		recycle(frames)
	}
	t := o.unlist()
	others := o.first != nil
	o.mu.Unlock()
	for t != nil {
		more := t.Filler.Fill(b)
		if !more && !others {
			return // a source that woke meanwhile is found once this is written
		}
		o.mu.Lock()
		if more && !o.closing {
			o.list(t)
		}
		if t = nil; b.Room() {
			t = o.unlist()
		}
		others = o.first != nil
		o.mu.Unlock()
	}
}

func (o *Outbox) write(b []byte) error {
	o.mu.Lock()
	o.rest = len(b)
	o.mu.Unlock()
	for len(b) > 0 {
		step := b[:min(len(b), limit.Step)]
		if err := o.conn.SetWriteDeadline(o.deadline()); err != nil {
			return err
		}
		if _, err := o.conn.Write(step); err != nil {
			return err
		}
		b = b[len(step):]
		o.mu.Lock()
		o.taken, o.rest = time.Now(), len(b)
		o.mu.Unlock()
	}
	return nil
}

func (o *Outbox) deadline() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return o.until
	}
	return time.Now().Add(o.timeout)
}

// fail closes the connection at once, since no frame can follow a part of one. Only the writer may call it.
func (o *Outbox) fail() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed, o.frames, o.rest = true, nil, 0
	for o.unlist() != nil {
	}
	o.release()
	close(o.done)
	conn := o.conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // else the system keeps unread output for minutes
	}
	_ = o.conn.Close()
}

// Done returns a channel that is closed when nothing more will be written.
func (o *Outbox) Done() <-chan struct{} { return o.done }
