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

// Fault is a network fault of a connection through a FaultProxy.
type Fault int

// The faults.
const (
	Pass   Fault = iota // none: bytes and FINs are passed on
	Freeze              // nothing is read or passed on until the fault ends; then everything is
	Silent              // bytes and FINs of both sides are lost silently, as when a host has vanished
)

// FaultProxy is a TCP proxy for tests that imitates network faults between a client and a server: connections that freeze, drop
// bytes silently, delay them, split them into single bytes, half close or reset. All methods may be called at any time. It
// ends with the test.
type FaultProxy struct {
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

// address holds the arguments of net.Dial.
type address struct{ network, host string }

// pair holds the two ends of one connection through a proxy.
type pair struct {
	client, server net.Conn
	fault          Fault
}

// NewFaultProxy starts a proxy in front of a server at an address of a network ("tcp" or "unix").
func NewFaultProxy(t testing.TB, network, host string) *FaultProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &FaultProxy{Address: listener.Addr().String(), listener: listener, target: address{network, host}, over: make(chan struct{}),
		pairs: map[*pair]struct{}{}, changed: make(chan struct{})}
	l.running.Go(l.accept)
	t.Cleanup(l.end)
	return l
}

var hostAndPort = regexp.MustCompile(`host=('[^']*'|\S+) port=(\S+)`)

// Postgres starts a proxy in front of the PostgreSQL of a connection string (host=… port=…), and returns the string that
// connects through the proxy.
func Postgres(t testing.TB, dsn string) (*FaultProxy, string) {
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
	l := NewFaultProxy(t, network, target)
	host, port, _ = net.SplitHostPort(l.Address)
	return l, hostAndPort.ReplaceAllLiteralString(dsn, fmt.Sprintf("host=%s port=%s", host, port))
}

// Established puts a fault on the open connections only.
func (l *FaultProxy) Established(f Fault) { l.change(f, false) }

// All puts a fault on all connections, later ones included.
func (l *FaultProxy) All(f Fault) { l.change(f, true) }

func (l *FaultProxy) change(f Fault, later bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = Pass
	if later {
		l.fault = f
	}
	for p := range l.pairs {
		if p.fault != Silent { // bytes are missing, so the rest of the connection is useless
			p.fault = f
		}
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// Delay delays every byte by a duration, in each direction.
func (l *FaultProxy) Delay(by time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = by
}

// ByteWise passes on one byte at a time.
func (l *FaultProxy) ByteWise(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.single = on
}

// Aim sends later connections to another server.
func (l *FaultProxy) Aim(network, host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.target = address{network, host}
}

// Cut ends every connection, with an RST if reset is set.
func (l *FaultProxy) Cut(reset bool) {
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

// HalfClose sends the clients a FIN, and still passes on their bytes.
func (l *FaultProxy) HalfClose() {
	for _, p := range l.present() {
		closeWrite(p[0])
	}
}

// Opened returns how many connections have been accepted.
func (l *FaultProxy) Opened() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened
}

// present returns both ends of every connection, the client's first. The server's is nil until the proxy has connected.
func (l *FaultProxy) present() [][2]net.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	ends := make([][2]net.Conn, 0, len(l.pairs))
	for p := range l.pairs {
		ends = append(ends, [2]net.Conn{p.client, p.server})
	}
	return ends
}

func (l *FaultProxy) end() {
	close(l.over)
	_ = l.listener.Close()
	l.Cut(false)
	l.running.Wait()
}

func (l *FaultProxy) accept() {
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

// carry passes a connection on until both directions have ended.
func (l *FaultProxy) carry(p *pair, to address) {
	defer func() {
		l.mu.Lock()
		delete(l.pairs, p)
		l.mu.Unlock()
		_ = p.client.Close()
	}()
	if !l.wait(p) { // an unreachable server: connecting to the proxy works, but no answer comes
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

// wait waits while the connection is frozen. It reports false when the proxy ends first.
func (l *FaultProxy) wait(p *pair) bool {
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

func (l *FaultProxy) faultOf(p *pair) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	return p.fault
}

// chunk is a chunk of bytes with its time of arrival.
type chunk struct {
	bytes []byte
	due   time.Time
}

// pass copies bytes from one end to the other.
func (l *FaultProxy) pass(p *pair, to, from net.Conn) {
	under := make(chan chunk, 1024)
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
			under <- chunk{append([]byte(nil), buffer[at:min(at+step, n)]...), time.Now().Add(delay)}
		}
	}
	close(under)
	sending.Wait()
	if l.faultOf(p) == Silent { // drop the FIN
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
