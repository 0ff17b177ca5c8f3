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

// How long the network may keep us waiting. Contexts do not interrupt the driver's reads, so every read has a deadline
// of its own; the system's timers below end connections whose other side does not even acknowledge.
const (
	connectLimit = 3 * time.Second        // for a connection to be made, the sign-in to PostgreSQL included
	cancelLimit  = 350 * time.Millisecond // for a request to cancel a statement
	grace        = 400 * time.Millisecond // between the end of a context and that of the connection, for PostgreSQL to answer that it cancelled the statement
	readSlack    = time.Second            // by which a read may outlast the longest statement
	doubtAfter   = 5 * time.Second        // a statement without an answer for so long is given up once another connection is found silent
	closeLimit   = 500 * time.Millisecond // for taking leave of PostgreSQL

	userTimeout       = 6 * time.Second // for bytes that are sent and not acknowledged
	keepAliveIdle     = 5 * time.Second
	keepAliveInterval = 2 * time.Second
	keepAliveCount    = 2
)

// lines are the network connections of one process to one database. When one is found silent, the others that have
// not been heard since are not trusted: they lead over the same path.
type lines struct {
	life  context.Context // dialling ends with it
	stop  context.CancelFunc
	limit time.Duration // of one read or write; 0: none

	silent   atomic.Int64 // when a line was last found silent, UnixNano
	silences atomic.Int64 // how often that was

	mu   sync.Mutex
	open map[*line]struct{}
}

func newLines(limit time.Duration) *lines {
	l := &lines{limit: limit, open: map[*line]struct{}{}}
	l.life, l.stop = context.WithCancel(context.Background())
	return l
}

// close ends dialling, and gives the lines that are left a moment to take leave.
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

// doubt notes that a line is silent, and gives up the statements that have waited for long on others.
func (l *lines) doubt(now time.Time) {
	l.silent.Store(now.UnixNano())
	l.silences.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range l.open {
		if asked := line.asked.Load(); asked > line.heard.Load() && asked < now.Add(-doubtAfter).UnixNano() {
			line.endAt(now)
		}
	}
}

// dial makes a line. One of the pool is kept in mind until it is closed; one that only cancels a statement is not.
func (l *lines) dial(ctx context.Context, network, address string, within time.Duration, kept bool) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	defer context.AfterFunc(l.life, cancel)()
	d := net.Dialer{Control: patient, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount}}
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
	lines *lines
	well  atomic.Bool  // PostgreSQL has answered to the sign-in: silence after that is worth a doubt
	end   atomic.Int64 // UnixNano; 0 while it has none
	set   atomic.Int64 // the deadline that is set, UnixNano
	asked atomic.Int64 // when something was last sent, UnixNano
	heard atomic.Int64 // when something was last received
}

// expire ends the line shortly, for the context of what it is used for is over.
func (l *line) expire() { l.endAt(time.Now().Add(grace)) }

// endAt gives the line its end; only an earlier one counts after that.
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

// ended reports that the line has an end.
func (l *line) ended() bool { return l.end.Load() != 0 }

// trusted reports that no line was found silent since this one was heard.
func (l *line) trusted() bool { return !l.ended() && l.heard.Load() >= l.lines.silent.Load() }

// renew sets the deadline anew, at most once a second.
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
	if end := l.end.Load(); end != 0 && end < at.UnixNano() { // came meanwhile, and counts
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
	if err != nil && errors.Is(err, os.ErrDeadlineExceeded) && l.well.Load() && l.lines.life.Err() == nil {
		l.lines.doubt(now)
	}
	return n, err
}

func (l *line) Write(b []byte) (int, error) {
	now := time.Now()
	l.asked.Store(now.UnixNano())
	l.renew(now)
	return l.Conn.Write(b)
}

// SetDeadline does nothing: the line sees to its deadlines itself. The driver calls it for connect_timeout.
func (l *line) SetDeadline(time.Time) error { return nil }

func (l *line) Close() error {
	l.lines.mu.Lock()
	delete(l.lines.open, l)
	l.lines.mu.Unlock()
	return l.Conn.Close()
}

// dialer is how the driver's connector dials. A connection of the pool is dialled with a place in the context to put its
// line; what is dialled without one only cancels a statement.
type dialer struct{ lines *lines }

type placeKey struct{}

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	place, _ := ctx.Value(placeKey{}).(*place)
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

// place is where a dialer puts the line of a connection that is being made, which ends with the connecting.
type place struct {
	mu   sync.Mutex
	line *line
	over bool // the context of connecting
}

func (p *place) put(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.line = l; p.over {
		l.endAt(time.Now())
	}
}

func (p *place) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over = true; p.line != nil {
		p.line.endAt(time.Now())
	}
}

// hearing is how a listener dials: its lines are read for as long as they are heard now and then.
type hearing struct{ lines *lines }

func (h hearing) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	l, err := h.lines.dial(ctx, network, address, connectLimit, true)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (h hearing) Dial(network, address string) (net.Conn, error) {
	return h.DialContext(context.Background(), network, address)
}

func (h hearing) DialTimeout(network, address string, _ time.Duration) (net.Conn, error) {
	return h.DialContext(context.Background(), network, address)
}
