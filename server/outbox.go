package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

const lingering = time.Second // how long a peer has to answer the close frame

const writeStep = 16 << 10 // bytes a peer must take within WriteTimeout

var errClosed = errors.New("server: the connection is closed")

// outbox is the frames that wait to be written to one connection. Frames that come while others are being
// written go out together; the goroutine that writes lives only while there is something to write.
type outbox struct {
	conn    net.Conn
	timeout time.Duration
	limit   int           // bytes from which on push waits
	done    chan struct{} // closed when nothing more will be written

	mu      sync.Mutex
	waiting []byte
	room    chan struct{} // closed when waiting was taken; nil if nobody waits for that
	writing bool
	closing bool      // the close frame is in waiting, or was
	until   time.Time // once closing: when writing must have ended
	failed  bool
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// push queues one frame, waiting for room. It fails if ctx ends or the connection closes first.
func (o *outbox) push(ctx context.Context, kind byte, parts ...[]byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.closing && !o.failed && len(o.waiting) >= o.limit && ctx.Err() == nil {
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
	o.waiting = appendFrame(o.buffer(), kind, parts...)
	o.wake()
	return nil
}

// ping queues a ping unless frames are waiting, which will show as well whether the peer lives.
func (o *outbox) ping() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing && !o.failed && len(o.waiting) == 0 {
		o.waiting = appendFrame(o.buffer(), framePing)
		o.wake()
	}
}

// close queues the close frame behind what is waiting; nothing can be pushed after it. Only the first call
// counts, and reports true.
func (o *outbox) close(code int, reason string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing || o.failed {
		return false
	}
	o.closing, o.until = true, time.Now().Add(o.timeout)
	o.waiting = appendClose(o.buffer(), code, reason)
	o.release()
	o.wake()
	return true
}

// closed reports that a close frame was queued or writing failed.
func (o *outbox) closed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing || o.failed
}

// buffer is waiting, from the pool if there is none. Must hold mu.
func (o *outbox) buffer() []byte {
	if o.waiting == nil {
		o.waiting = (*buffers.Get().(*[]byte))[:0]
	}
	return o.waiting
}

// wake must hold mu.
func (o *outbox) wake() {
	if !o.writing {
		o.writing = true
		go o.flush()
	}
}

// release lets those who wait for room go on. Must hold mu.
func (o *outbox) release() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// flush writes until nothing waits. It ends because every write has a deadline.
func (o *outbox) flush() {
	for {
		o.mu.Lock()
		batch := o.waiting
		o.waiting = nil
		o.release()
		if len(batch) == 0 {
			o.writing = false
			if o.closing {
				_ = o.conn.SetReadDeadline(time.Now().Add(lingering))
				close(o.done)
			}
			o.mu.Unlock()
			return
		}
		o.mu.Unlock()
		if err := o.write(batch); err != nil {
			o.fail()
			return
		}
		if cap(batch) <= 64<<10 {
			buffers.Put(&batch)
		}
	}
}

func (o *outbox) write(b []byte) error {
	for len(b) > 0 {
		step := b[:min(len(b), writeStep)]
		if err := o.conn.SetWriteDeadline(o.deadline()); err != nil {
			return err
		}
		if _, err := o.conn.Write(step); err != nil {
			return err
		}
		b = b[len(step):]
	}
	return nil
}

func (o *outbox) deadline() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return o.until
	}
	return time.Now().Add(o.timeout)
}

// expect lets the peer stay silent for so long; while closing it has what lingering says.
func (o *outbox) expect(silence time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing && !o.failed {
		_ = o.conn.SetReadDeadline(time.Now().Add(silence))
	}
}

// fail closes the connection at once: after part of a frame nothing can be said any more.
func (o *outbox) fail() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed, o.waiting = true, nil
	o.release()
	close(o.done)
	conn := o.conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // the system would keep what the peer did not read for minutes
	}
	_ = o.conn.Close()
}
