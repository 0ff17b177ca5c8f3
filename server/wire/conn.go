package wire

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"baogong/server/limit"
)

// Options is what all connections of a server share.
type Options struct {
	Writers  *Writers
	Limits   *limit.Limits
	Bodies   *limit.Tally // bytes of messages being read or answered
	Refusals *limit.Refusals
	Skim     func() Skimmer // makes the skimmer of a message that is skipped
	Now      func() time.Time
}

// Conn is one WebSocket connection. Its methods read messages; its Outbox writes frames. While the peer is silent a reader
// waits in Wait with the smallest stack.
type Conn struct {
	Outbox
	options *Options
	input   *bufio.Reader
	idled   int64        // token bucket of idle frames: UnixNano at which it is full again; of the reading goroutine
	alive   atomic.Int64 // when the peer was last heard, UnixNano
}

// IsUpgrade reports whether a request asks for a WebSocket.
func IsUpgrade(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Handshake is a connection that was upgraded, for NewConn.
type Handshake struct {
	Agreed bool // on the subprotocol
	conn   net.Conn
	input  *bufio.Reader
}

// Upgrade answers a WebSocket handshake, so that net/http's buffers are freed once the handler returns. The caller has
// checked the Origin. refuse answers a handshake that cannot be. It fails if there is no connection then.
func Upgrade(w http.ResponseWriter, r *http.Request, subprotocol string, refuse func(w http.ResponseWriter, r *http.Request, status int)) (Handshake, error) {
	upgrader := websocket.Upgrader{
		WriteBufferPool: &unused, // gorilla would otherwise keep a write buffer for each connection
		Subprotocols:    []string{subprotocol},
		CheckOrigin:     func(*http.Request) bool { return true }, // done
		Error: func(w http.ResponseWriter, r *http.Request, status int, _ error) {
			w.Header().Set("Sec-WebSocket-Version", "13")
			refuse(w, r, status)
		},
	}
	hijacker := &hijacker{ResponseWriter: w}
	ws, err := upgrader.Upgrade(hijacker, r, nil)
	if err != nil {
		return Handshake{}, err
	}
	return Handshake{Agreed: ws.Subprotocol() == subprotocol, conn: hijacker.conn, input: hijacker.input}, nil
}

var unused sync.Pool

// hijacker passes gorilla the connection for the handshake, with the small buffer that the socket will read through.
type hijacker struct {
	http.ResponseWriter
	conn  net.Conn
	input *bufio.Reader
}

const inputSize = 288 // bytes; more than a control frame has, and gorilla takes none below 257

// Hijack gives gorilla the connection.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = conn
	if buffered.Reader.Buffered() == 0 { // else gorilla refuses the handshake
		h.input = bufio.NewReaderSize(conn, inputSize)
		buffered.Reader = h.input
	}
	return conn, buffered, nil
}

// NewConn makes the connection of a handshake.
func NewConn(o *Options, h Handshake) Conn {
	return Conn{Outbox: Outbox{writers: o.Writers, conn: h.conn, raw: rawOf(h.conn), timeout: o.Limits.WriteTimeout, limit: o.Limits.Queue,
		done: make(chan struct{})}, options: o, input: h.input}
}

// Heard notes that the peer was heard.
func (c *Conn) Heard(now time.Time) { c.alive.Store(now.UnixNano()) }

// LastHeard returns the UnixNano at which the peer was last heard, or took something that it had not taken at once.
func (c *Conn) LastHeard() int64 { return max(c.alive.Load(), c.lastTaken().UnixNano()) }

// CanPark reports that nothing is left to read, and that Wait can tell when there is.
func (c *Conn) CanPark() bool { return c.input.Buffered() == 0 && c.raw != nil }

// Wait waits until the peer sends something or the connection is over.
func (c *Conn) Wait() {
	_ = c.raw.Read(readable) // reading fails with the same error
}

// Cut closes the connection at once.
func (c *Conn) Cut() { _ = c.conn.Close() }

// Linger reads and drops what the peer still sends, at most so many bytes, until the deadline behind the close frame: the peer
// would lose our close frame if we closed under it.
func (c *Conn) Linger(most int64) { _, _ = io.CopyN(io.Discard, c.conn, most) }

// NetConn returns the connection underneath.
func (c *Conn) NetConn() net.Conn { return c.conn }
