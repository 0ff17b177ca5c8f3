package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// Sockets is a process that holds sockets and counts what comes. It reads questions from in and answers to out until
// in ends or ctx does; then its sockets are gone.
func Sockets(ctx context.Context, in io.Reader, out io.Writer) error {
	manyFiles()
	l := &load{signal: make(chan struct{}, 1)}
	go l.beat(ctx)
	return talk(ctx, in, out, l.answer)
}

// heartbeat is the interval of each socket's unsolicited pongs, as clients on bad networks send them: a server that is busy
// writing to the socket may have no time for pings, and must not consider it dead.
const heartbeat = 25 * time.Second

// beat runs until ctx ends.
func (l *load) beat(ctx context.Context) {
	for pause(ctx, heartbeat) == nil {
		l.mu.Lock()
		all := l.all
		l.mu.Unlock()
		for _, h := range all {
			_ = h.ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)) // its reader learns of a failure
		}
	}
}

// load is the sockets of one process.
type load struct {
	got    atomic.Int64
	warm   atomic.Int64 // sockets that have had a delivery
	target atomic.Int64 // the value of got at which signal is sent
	signal chan struct{}

	mu      sync.Mutex
	all     []*held
	failure error
	sample  []byte
	arrived []arrival
}

// held is one socket.
type held struct {
	load     *load
	ws       *websocket.Conn
	follow   bool
	instant  bool
	tally    socketTally      // its reader's alone until asked for, which is when nothing comes
	versions map[string]int64 // by order
	mu       sync.Mutex
}

func (l *load) answer(ctx context.Context, q ask) (answer, error) {
	switch q.Do {
	case "open":
		return l.open(ctx, q)
	case "await":
		return l.wait(ctx, q.Within, func() bool { return l.got.Load() >= q.Count }, q.Count)
	case "warm":
		l.mu.Lock()
		n := int64(len(l.all))
		l.mu.Unlock()
		a, err := l.wait(ctx, q.Within, func() bool { return l.warm.Load() >= n }, 0)
		if errors.Is(err, errLate) {
			return a, nil // the question is how many are cold
		}
		return a, err
	case "count":
		return l.counted()
	case "arrived":
		l.mu.Lock()
		defer l.mu.Unlock()
		a := answer{Arrived: l.arrived}
		l.arrived = nil
		return a, l.failure
	case "tallies":
		l.mu.Lock()
		defer l.mu.Unlock()
		a := answer{Tallies: make([]socketTally, len(l.all))}
		for i, h := range l.all {
			h.mu.Lock()
			a.Tallies[i] = h.tally
			h.mu.Unlock()
		}
		return a, l.failure
	}
	return answer{}, fmt.Errorf("unknown question %q", q.Do)
}

// counted is how many deliveries there are so far.
func (l *load) counted() (answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return answer{Count: l.got.Load(), Cold: int64(len(l.all)) - l.warm.Load(), Sample: l.sample}, l.failure
}

var errLate = errors.New("deliveries are missing")

// wait waits until it is so. The target only says at which delivery to look again at once.
func (l *load) wait(ctx context.Context, within time.Duration, so func() bool, target int64) (answer, error) {
	l.target.Store(target)
	late := time.NewTimer(within)
	defer late.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		a, err := l.counted()
		if err != nil {
			return answer{}, err
		}
		if so() {
			a.Count = l.got.Load()
			return a, nil
		}
		select {
		case <-l.signal:
		case <-again.C:
		case <-late.C:
			return a, fmt.Errorf("%w: %d of %d came", errLate, a.Count, target)
		case <-ctx.Done():
			return answer{}, context.Cause(ctx)
		}
	}
}

// dialing is how many sockets are opened at once.
const dialing = 32

var writeBuffers sync.Pool

func (l *load) open(ctx context.Context, q ask) (answer, error) {
	dialer := &websocket.Dialer{HandshakeTimeout: waitTime, ReadBufferSize: 4096, WriteBufferSize: 1024, WriteBufferPool: &writeBuffers}
	if q.Query != "" {
		dialer.Subprotocols = []string{"graphql-transport-ws"}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(dialing)
	for _, p := range q.Peers {
		if p.Query == "" {
			p.Query = q.Query
		}
		for range p.Sockets {
			h := &held{load: l, follow: q.Follow, instant: q.Instant}
			if h.follow {
				h.versions = map[string]int64{}
			}
			group.Go(func() error {
				if err := h.dial(ctx, dialer, q.URL, p); err != nil {
					return err
				}
				l.mu.Lock()
				l.all = append(l.all, h)
				l.mu.Unlock()
				go h.read() // at once, because pings want an answer
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return answer{}, fmt.Errorf("open sockets: %w", err)
	}
	return l.counted()
}

// dial connects, and subscribes unless the socket is bare. Whether the server has got the subscription only its first
// event will show.
func (h *held) dial(ctx context.Context, d *websocket.Dialer, url string, p peer) error {
	ws, _, err := d.DialContext(ctx, url, http.Header{})
	if err != nil {
		return err
	}
	h.ws = ws
	if p.Query == "" {
		return nil
	}
	greeting := map[string]any{"type": "connection_init", "payload": map[string]string{"Authorization": "Bearer dev:" + p.Actor}}
	if err := ws.WriteJSON(greeting); err != nil {
		return err
	}
	_, text, err := ws.ReadMessage()
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte(`"connection_ack"`)) {
		return fmt.Errorf("got %s, want connection_ack", text)
	}
	payload := map[string]any{"query": p.Query, "variables": p.Variables}
	if p.Variables == nil {
		delete(payload, "variables")
	}
	return ws.WriteJSON(map[string]any{"id": rand.Text()[:21], "type": "subscribe", "payload": payload})
}

var texts = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// read counts what comes until the socket is over, which is a failure.
func (h *held) read() {
	for {
		_, r, err := h.ws.NextReader()
		if err != nil {
			h.load.fail(fmt.Errorf("a socket ended: %w", err))
			return
		}
		at := time.Now()
		text := texts.Get().(*bytes.Buffer)
		text.Reset()
		if _, err := text.ReadFrom(r); err != nil {
			h.load.fail(fmt.Errorf("read a frame: %w", err))
			return
		}
		h.hear(text.Bytes(), at)
		texts.Put(text)
	}
}

func (l *load) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == nil {
		l.failure = err
	}
}

func (h *held) hear(text []byte, at time.Time) {
	l := h.load
	if !bytes.Contains(text, []byte(`"type":"next"`)) {
		switch {
		case bytes.Contains(text, []byte(`"type":"error"`)), bytes.Contains(text, []byte(`"type":"complete"`)):
			l.fail(fmt.Errorf("a subscription ended: %.300s", text))
		case bytes.Contains(text, []byte(`"type":"ping"`)):
			_ = h.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"pong"}`)) // else the socket ends soon
		}
		return
	}
	if bytes.Contains(text, []byte(`"errors":`)) {
		l.fail(fmt.Errorf("an event has errors: %.300s", text))
		return
	}
	h.note(text, at)
	switch n := l.got.Add(1); n {
	case 1:
		l.mu.Lock()
		l.sample = bytes.Clone(text)
		l.mu.Unlock()
	case l.target.Load():
		select {
		case l.signal <- struct{}{}:
		default:
		}
	}
}

func (h *held) note(text []byte, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tally.Got++; h.tally.Got == 1 {
		h.load.warm.Add(1)
	}
	if !h.follow && !h.instant {
		return
	}
	order, version := eventOf(text)
	if order == "" {
		return // a state
	}
	if h.follow {
		switch before := h.versions[order]; {
		case before != 0 && version <= before:
			h.tally.Twice++
		case before != 0 && version > before+1:
			h.tally.Lost += version - before - 1
		}
		h.versions[order] = max(version, h.versions[order])
	}
	if h.instant {
		h.load.mu.Lock()
		h.load.arrived = append(h.load.arrived, arrival{order, version, at.UnixNano()})
		h.load.mu.Unlock()
	}
}

// eventOf is the order of an event and its version, empty if the frame has none.
func eventOf(text []byte) (order string, version int64) {
	order = string(after(text, `"orderId":"`, '"'))
	version, _ = strconv.ParseInt(string(after(text, `"version":`, ',')), 10, 64)
	return order, version
}

// after is what stands between a mark and the next end, or a closing brace.
func after(text []byte, mark string, end byte) []byte {
	i := bytes.Index(text, []byte(mark))
	if i < 0 {
		return nil
	}
	rest := text[i+len(mark):]
	for j, c := range rest {
		if c == end || c == '}' {
			return rest[:j]
		}
	}
	return nil
}

// variables writes the variables of a subscription.
func variables(v map[string]any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only strings and lists of them
	}
	return text
}
