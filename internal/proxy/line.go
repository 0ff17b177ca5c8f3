package proxy

import (
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Fault is what a line does to the bytes of a connection.
type Fault int

// The faults.
const (
	Pass   Fault = iota // none: bytes and ends are passed on
	Freeze              // nothing is read or passed on until the fault is over: then all of it is
	Silent              // what either side sends is lost, its end too, and the other side is told nothing: a host that has vanished
)

// Line stands between a client and a server in tests, as Proxy does, and imitates faults of the network between them:
// connections that freeze, lose what is sent without a word, are late, come in single bytes, are half closed or cut.
// All methods may be called at any time. It ends with the test.
type Line struct {
	Address  string // host:port that clients connect to
	listener net.Listener
	running  sync.WaitGroup
	over     chan struct{}

	mu      sync.Mutex
	target  address
	fault   Fault // of connections to come
	pairs   map[*pair]struct{}
	delay   time.Duration
	single  bool
	changed chan struct{} // closed when a fault changes
	opened  int
}

// address is what net.Dial takes.
type address struct{ network, host string }

// pair is the two ends of one connection through a line.
type pair struct {
	client, server net.Conn
	fault          Fault
}

// NewLine starts a line before a server at a network ("tcp" or "unix") and an address of it.
func NewLine(t testing.TB, network, host string) *Line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Line{Address: listener.Addr().String(), listener: listener, target: address{network, host}, over: make(chan struct{}),
		pairs: map[*pair]struct{}{}, changed: make(chan struct{})}
	l.running.Go(l.accept)
	t.Cleanup(l.end)
	return l
}

var hostAndPort = regexp.MustCompile(`host=('[^']*'|\S+) port=(\S+)`)

// Postgres starts a line before the PostgreSQL that a connection string (host=… port=…) leads to, and returns the string
// that leads there through the line.
func Postgres(t testing.TB, dsn string) (*Line, string) {
	t.Helper()
	found := hostAndPort.FindStringSubmatch(dsn)
	if found == nil {
		t.Fatal("the connection string names no host and port")
	}
	host, port := found[1], found[2]
	if host[0] == '\'' {
		host = host[1 : len(host)-1]
	}
	network, target := "tcp", net.JoinHostPort(host, port)
	if host[0] == '/' {
		network, target = "unix", host+"/.s.PGSQL."+port
	}
	l := NewLine(t, network, target)
	host, port, _ = net.SplitHostPort(l.Address)
	return l, hostAndPort.ReplaceAllLiteralString(dsn, fmt.Sprintf("host=%s port=%s", host, port))
}

// Established puts a fault on the connections that there are. Those that begin later are well.
func (l *Line) Established(f Fault) { l.change(f, false) }

// All puts a fault on every connection, those that begin later too.
func (l *Line) All(f Fault) { l.change(f, true) }

func (l *Line) change(f Fault, later bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = Pass
	if later {
		l.fault = f
	}
	for p := range l.pairs {
		if p.fault != Silent { // what was lost makes no sense of what comes after it
			p.fault = f
		}
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// Delay makes every byte late by so much, each way.
func (l *Line) Delay(by time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = by
}

// ByteWise passes on one byte at a time.
func (l *Line) ByteWise(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.single = on
}

// Aim leads connections that begin from now on to another server.
func (l *Line) Aim(network, host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.target = address{network, host}
}

// Cut ends every connection, with a reset if that is asked for.
func (l *Line) Cut(reset bool) {
	for _, p := range l.present() {
		for _, c := range p {
			if c == nil {
				continue
			}
			if tcp, ok := c.(*net.TCPConn); ok && reset {
				_ = tcp.SetLinger(0)
			}
			_ = c.Close()
		}
	}
}

// HalfClose tells the clients that the server sends nothing more, and goes on passing on what they send.
func (l *Line) HalfClose() {
	for _, p := range l.present() {
		closeWrite(p[0])
	}
}

// Opened is how many connections have begun.
func (l *Line) Opened() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened
}

// present are both ends of every connection, the client's first; the server's is nil before the line has reached it.
func (l *Line) present() [][2]net.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	ends := make([][2]net.Conn, 0, len(l.pairs))
	for p := range l.pairs {
		ends = append(ends, [2]net.Conn{p.client, p.server})
	}
	return ends
}

func (l *Line) end() {
	close(l.over)
	_ = l.listener.Close()
	l.Cut(false)
	l.running.Wait()
}

func (l *Line) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		p := &pair{client: client, fault: l.fault}
		l.pairs[p] = struct{}{}
		l.opened++
		target := l.target
		l.mu.Unlock()
		l.running.Go(func() { l.carry(p, target) })
	}
}

// carry passes a connection on until both ways of it are over.
func (l *Line) carry(p *pair, to address) {
	defer func() {
		l.mu.Lock()
		delete(l.pairs, p)
		l.mu.Unlock()
		_ = p.client.Close()
	}()
	if !l.wait(p) { // a server that cannot be reached answers nothing; connecting to the line itself still works
		return
	}
	server, err := net.Dial(to.network, to.host)
	if err != nil {
		return
	}
	defer server.Close()
	l.mu.Lock()
	p.server = server
	l.mu.Unlock()
	select {
	case <-l.over:
		return
	default:
	}
	var both sync.WaitGroup
	both.Go(func() { l.pass(p, server, p.client) })
	both.Go(func() { l.pass(p, p.client, server) })
	both.Wait()
}

// wait waits while the connection is frozen. It reports false when the line ends first.
func (l *Line) wait(p *pair) bool {
	for {
		l.mu.Lock()
		fault, changed := p.fault, l.changed
		l.mu.Unlock()
		if fault != Freeze {
			return true
		}
		select {
		case <-changed:
		case <-l.over:
			return false
		}
	}
}

func (l *Line) faultOf(p *pair) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	return p.fault
}

// parcel is bytes under way, and when they arrive.
type parcel struct {
	bytes []byte
	due   time.Time
}

// pass passes on what one end sends to the other.
func (l *Line) pass(p *pair, to, from net.Conn) {
	under := make(chan parcel, 1024)
	var sending sync.WaitGroup
	sending.Go(func() {
		for b := range under {
			if pause := time.Until(b.due); pause > 0 {
				select {
				case <-time.After(pause):
				case <-l.over:
				}
			}
			if !l.wait(p) || l.faultOf(p) == Silent {
				continue
			}
			_, _ = to.Write(b.bytes)
		}
	})
	buffer := make([]byte, 32<<10)
	var err error
	for err == nil {
		if !l.wait(p) {
			break
		}
		var n int
		n, err = from.Read(buffer)
		l.mu.Lock()
		step, delay := max(n, 1), l.delay
		if l.single {
			step = 1
		}
		l.mu.Unlock()
		for at := 0; at < n; at += step {
			under <- parcel{append([]byte(nil), buffer[at:min(at+step, n)]...), time.Now().Add(delay)}
		}
	}
	close(under)
	sending.Wait()
	if l.faultOf(p) == Silent { // the other side is not told
		<-l.over
		return
	}
	if errors.Is(err, io.EOF) {
		closeWrite(to)
		return
	}
	_ = to.Close()
}

func closeWrite(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}
