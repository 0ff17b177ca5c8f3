package db

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Timeouts of the network. Contexts do not interrupt the driver's reads, so every read has a deadline. The kernel's timers
// in the second group end connections whose peer does not even acknowledge.
const (
	connectLimit = 3 * time.Second        // connecting, with the sign-in to PostgreSQL
	cancelLimit  = 350 * time.Millisecond // sending a cancel request
	grace        = 400 * time.Millisecond // from the end of a context to the end of its connection, for PostgreSQL to confirm that it cancelled the statement
	readSlack    = time.Second            // how much longer than the statement timeout a read may take
	silentAfter  = 5 * time.Second        // a statement unanswered for this long is abandoned once another connection is found silent
	closeLimit   = 500 * time.Millisecond // closing connections politely

	userTimeout       = 6 * time.Second // sent bytes without an acknowledgement
	keepAliveIdle     = 5 * time.Second
	keepAliveInterval = 2 * time.Second
	keepAliveCount    = 2
)

// lines are the network connections of one process to one database. When one is found silent, the others are not trusted
// until they receive something, since they use the same path.
type lines struct {
	life  context.Context // ends dialling
	stop  context.CancelFunc
	limit time.Duration // deadline of one read or write; 0: none

	silent   atomic.Int64 // when a line was last found silent, UnixNano
	silences atomic.Int64 // how often

	mu   sync.Mutex
	open map[*line]struct{}
}

func newLines(limit time.Duration) *lines {
	l := &lines{limit: limit, open: map[*line]struct{}{}}
	l.life, l.stop = context.WithCancel(context.Background())
	return l
}

// close ends dialling, and ends the open lines after closeLimit.
func (l *lines) close() {
	l.stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range l.open {
		line.endAt(time.Now().Add(closeLimit))
	}
}

// cut ends dialling and all lines at once.
func (l *lines) cut() {
	l.stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range l.open {
		line.endAt(time.Now())
	}
}

// markSilent notes that a line is silent, and ends the other lines whose statement has been unanswered for silentAfter.
func (l *lines) markSilent(now time.Time) {
	l.silent.Store(now.UnixNano())
	l.silences.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range l.open {
		if asked := line.asked.Load(); asked > line.heard.Load() && asked < now.Add(-silentAfter).UnixNano() {
			line.endAt(now)
		}
	}
}

// dial makes a line. kept registers it until it is closed, as for connections of the pool but not for cancel requests.
func (l *lines) dial(ctx context.Context, network, address string, within time.Duration, kept bool) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	defer context.AfterFunc(l.life, cancel)()
	d := net.Dialer{Control: setUserTimeout, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount}}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	out := &line{Conn: c, lines: l}
	if kept {
		l.mu.Lock()
		l.open[out] = struct{}{}
		l.mu.Unlock()
	}
	if l.life.Err() != nil {
		out.endAt(time.Now())
	}
	return out, nil
}

// line is one network connection. A read or write renews its deadline, but never beyond the line's end.
type line struct {
	net.Conn
	lines    *lines
	signedIn atomic.Bool  // PostgreSQL has answered the sign-in; only after that does silence count
	end      atomic.Int64 // UnixNano; 0 while it has none
	set      atomic.Int64 // current deadline, UnixNano
	asked    atomic.Int64 // when something was last sent, UnixNano
	heard    atomic.Int64 // when something was last received
}

// expire ends the line after grace. It is called when the context of the line's user ends.
func (l *line) expire() { l.endAt(time.Now().Add(grace)) }

// endAt sets the line's end. A later call counts only if its time is earlier.
func (l *line) endAt(t time.Time) {
	for at := t.UnixNano(); ; {
		old := l.end.Load()
		if old != 0 && old <= at {
			return
		}
		if l.end.CompareAndSwap(old, at) {
			_ = l.Conn.SetDeadline(t)
			return
		}
	}
}

// ended reports whether the line has an end.
func (l *line) ended() bool { return l.end.Load() != 0 }

// trusted reports whether this line has received something since any line was last found silent, and has no end.
func (l *line) trusted() bool { return !l.ended() && l.heard.Load() >= l.lines.silent.Load() }

// renew extends the deadline, at most once a second.
func (l *line) renew(now time.Time) {
	limit := l.lines.limit
	if limit == 0 {
		return
	}
	at := now.Add(limit)
	if at.UnixNano()-l.set.Load() < int64(min(time.Second, limit/4)) {
		return
	}
	l.set.Store(at.UnixNano())
	_ = l.Conn.SetDeadline(at)
	if end := l.end.Load(); end != 0 && end < at.UnixNano() { // set concurrently; it wins
		_ = l.Conn.SetDeadline(time.Unix(0, end))
	}
}

func (l *line) Read(b []byte) (int, error) {
	l.renew(time.Now())
	n, err := l.Conn.Read(b)
	now := time.Now()
	if n > 0 {
		l.heard.Store(now.UnixNano())
	}
	if err != nil && errors.Is(err, os.ErrDeadlineExceeded) && l.signedIn.Load() && l.lines.life.Err() == nil {
		l.lines.markSilent(now)
	}
	return n, err
}

func (l *line) Write(b []byte) (int, error) {
	now := time.Now()
	l.asked.Store(now.UnixNano())
	l.renew(now)
	return l.Conn.Write(b)
}

// SetDeadline does nothing: the line manages its own deadlines. The driver calls it for connect_timeout.
func (l *line) SetDeadline(time.Time) error { return nil }

func (l *line) Close() error {
	l.lines.mu.Lock()
	delete(l.lines.open, l)
	l.lines.mu.Unlock()
	return l.Conn.Close()
}

// dialer dials for the driver's connector. For a connection of the pool the context carries a pendingLine, which receives the
// line. Without one the connection is for a cancel request.
type dialer struct{ lines *lines }

type pendingLineKey struct{}

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	place, _ := ctx.Value(pendingLineKey{}).(*pendingLine)
	if place == nil {
		l, err := d.lines.dial(ctx, network, address, cancelLimit, false)
		if err != nil {
			return nil, err
		}
		l.endAt(time.Now().Add(cancelLimit))
		return l, nil
	}
	l, err := d.lines.dial(ctx, network, address, connectLimit, true)
	if err != nil {
		return nil, err
	}
	place.put(l)
	return l, nil
}

func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d dialer) DialTimeout(network, address string, _ time.Duration) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// pendingLine receives the line of a connection that is being made, and ends it if connecting times out.
type pendingLine struct {
	mu   sync.Mutex
	line *line
	over bool // the context of connecting has ended
}

func (p *pendingLine) put(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.line = l; p.over {
		l.endAt(time.Now())
	}
}

func (p *pendingLine) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over = true; p.line != nil {
		p.line.endAt(time.Now())
	}
}

// listenDialer dials for a listener. Every byte received extends the deadline of its lines.
type listenDialer struct{ lines *lines }

func (h listenDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	l, err := h.lines.dial(ctx, network, address, connectLimit, true)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (h listenDialer) Dial(network, address string) (net.Conn, error) {
	return h.DialContext(context.Background(), network, address)
}

func (h listenDialer) DialTimeout(network, address string, _ time.Duration) (net.Conn, error) {
	return h.DialContext(context.Background(), network, address)
}
