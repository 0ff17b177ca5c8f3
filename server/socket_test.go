package server

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestSocket(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("answers queries, mutations and subscriptions", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, "")
		p.subscribe("1", `{hello(name:"李")}`)
		p.want(`{"id":"1","type":"next","payload":{"data":{"hello":"李"}}}`)
		p.want(`{"id":"1","type":"complete"}`)
		p.subscribe("1", "mutation{bump}")
		p.want(`{"id":"1","type":"next","payload":{"data":{"bump":1}}}`)
		p.want(`{"id":"1","type":"complete"}`)
		p.subscribe(`\"1`, "subscription{count(to:2)}")
		p.want(`{"id":"\"1","type":"next","payload":{"data":{"count":"0"}}}`)
		p.want(`{"id":"\"1","type":"next","payload":{"data":{"count":"1"}}}`)
		p.want(`{"id":"\"1","type":"complete"}`)
	})
	t.Run("admits whom connection_init names, in their language", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, `{"Authorization":"Bearer li","locale":"zh-CN"}`)
		p.subscribe("1", "{me locale refused}")
		p.want(`{"id":"1","type":"next","payload":{"errors":[{"message":"您没有权限进行此操作。","extensions":{"code":"FORBIDDEN"}}],"data":{"locale":"zh-CN","me":"li","refused":null}}}`)
	})
	t.Run("falls back on the handshake's headers", func(t *testing.T) {
		t.Parallel()
		p := b.dial(t, "Authorization", "Bearer wang", "Accept-Language", "zh")
		p.send(`{"type":"connection_init"}`)
		p.want(`{"type":"connection_ack"}`)
		p.subscribe("1", "{me locale}")
		p.want(`{"id":"1","type":"next","payload":{"data":{"locale":"zh-CN","me":"wang"}}}`)
	})
	t.Run("answers pings, before the greeting too, with their payload", func(t *testing.T) {
		t.Parallel()
		p := b.dial(t)
		p.send(`{"type":"ping"}`)
		p.want(`{"type":"pong"}`)
		p.send(`{"type":"pong"}`)
		p.send(`{"type":"ping","payload":{"n":1}}`)
		p.want(`{"type":"pong","payload":{"n":1}}`)
	})
	t.Run("answers control pings", func(t *testing.T) {
		t.Parallel()
		p := b.dial(t)
		got := make(chan string, 1)
		p.SetPongHandler(func(data string) error { got <- data; return nil })
		_ = p.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Second))
		p.send(`{"type":"ping"}`)
		p.want(`{"type":"pong"}`)
		if data := await(t, "pong", got); data != "x" {
			t.Errorf("got %q, want x", data)
		}
	})
	t.Run("ends an operation that is invalid", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, "")
		p.subscribe("1", "{nope}")
		if got := p.read(); !strings.HasPrefix(got, `{"id":"1","type":"error","payload":[{"message":`) || !strings.Contains(got, "GRAPHQL_VALIDATION_FAILED") {
			t.Errorf("got %s", got)
		}
		p.subscribe("1", "{") // the id is free again
		if got := p.read(); !strings.Contains(got, "GRAPHQL_PARSE_FAILED") {
			t.Errorf("got %s", got)
		}
	})
	t.Run("ends a subscription that is refused", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, "")
		p.subscribe("1", "subscription{denied}")
		p.want(`{"id":"1","type":"error","payload":[{"message":"There is no such order.","extensions":{"code":"NOT_FOUND"}}]}`)
	})
	t.Run("ends a stream that cannot go on with an error", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, `{"locale":"zh-CN"}`)
		p.subscribe("1", `subscription{feed(end:"resync")}`)
		p.want(`{"id":"1","type":"next","payload":{"data":{"feed":"after "}}}`)
		p.want(`{"id":"1","type":"error","payload":[{"message":"无法从该游标继续，请重新读取列表，并从其 feedCursor 之后订阅。","extensions":{"code":"RESYNC_REQUIRED"}}]}`)
	})
	t.Run("survives a panic", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, "")
		for _, q := range []string{"subscription{boom}", "{boom}"} {
			p.subscribe("1", q)
			p.want(`{"id":"1","type":"error","payload":[{"message":"Something went wrong.","extensions":{"code":"INTERNAL"}}]}`)
		}
	})
}

func TestCompleteCancels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.greeted(t, "")
	p.subscribe("1", "subscription{feed}")
	p.want(`{"id":"1","type":"next","payload":{"data":{"feed":"after "}}}`)
	await(t, "the subscription", b.entered)
	p.send(`{"id":"1","type":"complete"}`)
	await(t, "the resolver to end", b.idle)
	p.subscribe("1", "{hello}")
	p.want(`{"id":"1","type":"next","payload":{"data":{"hello":null}}}`)
}

func TestPartingCancels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, how := range []string{"close frame", "no word"} {
		p := b.greeted(t, "")
		p.subscribe("1", "subscription{feed}")
		await(t, "the subscription", b.entered)
		if how == "close frame" {
			_ = p.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, "bye"), time.Now().Add(time.Second))
			p.closes(1000)
		}
		p.Close()
		await(t, "the resolver to end after "+how, b.idle)
	}
}

func TestCloseCodes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	short := setup(t, func(o *Options) { o.Limits.InitTimeout = 100 * time.Millisecond })
	silent := setup(t, func(o *Options) { o.Limits.PingEvery, o.Limits.PongWait = 50*time.Millisecond, 50*time.Millisecond })
	for _, c := range []struct {
		claim string
		code  int
		do    func(*peer)
	}{
		{"not JSON", 4400, func(p *peer) { p.send("{") }},
		{"a list", 4400, func(p *peer) { p.send("[]") }},
		{"two messages in one", 4400, func(p *peer) { p.send(`{"type":"ping"}{"type":"ping"}`) }},
		{"an unknown type", 4400, func(p *peer) { p.send(`{"type":"start"}`) }},
		{"a message of ours", 4400, func(p *peer) { p.send(`{"type":"next","id":"1"}`) }},
		{"no type", 4400, func(p *peer) { p.send(`{}`) }},
		{"binary", 4400, func(p *peer) { _ = p.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"ping"}`)) }},
		{"broken UTF-8", 1007, func(p *peer) { p.send("{\"type\":\"ping\",\"payload\":{\"a\":\"\xff\"}}") }},
		{"a ping that carries no object", 4400, func(p *peer) { p.send(`{"type":"ping","payload":7}`) }},
		{"a greeting that is no object", 4400, func(p *peer) { p.send(`{"type":"connection_init","payload":[1]}`) }},
		{"a greeting of wrong types", 4400, func(p *peer) { p.send(`{"type":"connection_init","payload":{"Authorization":1}}`) }},
		{"subscribe without id", 4400, func(p *peer) { greet(p); p.send(`{"type":"subscribe","payload":{"query":"{hello}"}}`) }},
		{"subscribe with a long id", 4400, func(p *peer) { greet(p); p.subscribe(strings.Repeat("x", 129), "{hello}") }},
		{"subscribe without payload", 4400, func(p *peer) { greet(p); p.send(`{"id":"1","type":"subscribe"}`) }},
		{"subscribe without query", 4400, func(p *peer) { greet(p); p.send(`{"id":"1","type":"subscribe","payload":{}}`) }},
		{"subscribe with wrong variables", 4400, func(p *peer) {
			greet(p)
			p.send(`{"id":"1","type":"subscribe","payload":{"query":"{hello}","variables":[]}}`)
		}},
		{"subscribe before the greeting", 4401, func(p *peer) { p.subscribe("1", "{hello}") }},
		{"a bad credential", 4403, func(p *peer) { p.send(`{"type":"connection_init","payload":{"Authorization":"Bearer stranger"}}`) }},
		{"a session that is over", 4403, func(p *peer) { p.send(`{"type":"connection_init","payload":{"Authorization":"Bearer over"}}`) }},
		{"a session that ends", 4403, func(p *peer) {
			p.send(`{"type":"connection_init","payload":{"Authorization":"Bearer brief"}}`)
			p.want(`{"type":"connection_ack"}`)
			p.subscribe("1", "subscription{feed}")
		}},
		{"a fault of ours while admitting", 1013, func(p *peer) { p.send(`{"type":"connection_init","payload":{"Authorization":"Bearer broken"}}`) }},
		{"a panic while admitting", 1013, func(p *peer) { p.send(`{"type":"connection_init","payload":{"Authorization":"Bearer panic"}}`) }},
		{"the same id twice", 4409, func(p *peer) { greet(p); p.subscribe("1", "subscription{feed}"); p.subscribe("1", "{hello}") }},
		{"a second greeting", 4429, func(p *peer) { greet(p); p.send(`{"type":"connection_init"}`) }},
		{"a message too big that names no operation", 1009, func(p *peer) {
			greet(p)
			p.send(`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 2<<20) + `"}}`)
		}},
		{"a frame that breaks the protocol", 1002, func(p *peer) { _, _ = p.NetConn().Write([]byte{0xF3, 0x80, 0, 0, 0, 0}) }},
		{"a stream that is too slow", 1013, func(p *peer) { greet(p); p.subscribe("1", `subscription{feed(end:"slow")}`) }},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			p := b.dial(t)
			c.do(p)
			t.Logf("%d %s", c.code, p.closes(c.code))
		})
	}
	t.Run("no greeting in time", func(t *testing.T) {
		t.Parallel()
		short.dial(t).closes(4408)
	})
	t.Run("no answer to pings", func(t *testing.T) {
		t.Parallel()
		p := silent.dial(t)
		p.SetPingHandler(func(string) error { return nil })
		p.closes(1013)
	})
	for _, other := range []string{"graphql-ws", ""} {
		t.Run("another subprotocol "+other, func(t *testing.T) {
			t.Parallel()
			dialer := websocket.Dialer{}
			if other != "" {
				dialer.Subprotocols = []string{other}
			}
			conn, _, err := dialer.Dial("ws://"+b.host+"/graphql", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			(&peer{conn, t}).closes(4406)
		})
	}
	t.Run("both subprotocols offered", func(t *testing.T) {
		t.Parallel()
		p := b.dial(t, "Sec-WebSocket-Protocol", "graphql-ws, "+protocol)
		if p.Subprotocol() != protocol {
			t.Errorf("got %q", p.Subprotocol())
		}
	})
}

func greet(p *peer) {
	p.send(`{"type":"connection_init"}`)
	p.want(`{"type":"connection_ack"}`)
}

func TestPingsKeepAlive(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.PingEvery, o.Limits.PongWait = 50*time.Millisecond, 400*time.Millisecond })
	p := b.greeted(t, "")
	pings, closed := make(chan struct{}, 100), make(chan error, 1)
	answer := p.PingHandler()
	p.SetPingHandler(func(data string) error { pings <- struct{}{}; return answer(data) })
	go func() { _, _, err := p.ReadMessage(); closed <- err }()
	for range 20 { // a second, twice what a silent peer has
		await(t, "a ping", pings)
	}
	p.Close()
	await(t, "the end", closed)
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Origins = []string{"https://board.example"} })
	for origin, want := range map[string]int{
		"":                        101,
		"https://board.example":   101,
		"http://" + b.host:        101,
		"http://localhost:3000":   101,
		"http://[::1]:3000":       101,
		"https://evil.example":    403,
		"https://localhost.evil":  403,
		"null":                    403,
		"https://board.example.x": 403,
		"::":                      403,
	} {
		t.Run(origin, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			if origin != "" {
				h.Set("Origin", origin)
			}
			dialer := websocket.Dialer{Subprotocols: []string{protocol}}
			conn, answer, err := dialer.Dial("ws://"+b.host+"/graphql", h)
			if err == nil {
				conn.Close()
			}
			if answer == nil || answer.StatusCode != want {
				t.Errorf("got %v %v, want %d", answer, err, want)
			}
		})
	}
}

func TestSocketLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.Sockets, o.Limits.SubscriptionsPerSocket = 2, 3 })
	p := b.greeted(t, `{"Authorization":"Bearer li"}`)
	for i := range 3 {
		p.subscribe(itoa(i), "subscription{feed}")
		await(t, "a subscription", b.entered)
		p.read()
	}
	p.subscribe("x", "{hello}")
	p.want(`{"id":"x","type":"error","payload":[{"message":"At most 3 subscriptions are allowed on one connection.","extensions":{"code":"RATE_LIMITED"}}]}`)

	b.greeted(t, `{"Authorization":"Bearer li"}`)
	_, answer, err := websocket.DefaultDialer.Dial("ws://"+b.host+"/graphql", nil)
	if err == nil || answer.StatusCode != 503 {
		t.Errorf("a third connection: got %v, %v, want 503", answer, err)
	}
	if got := b.post(t, "subscription{count(to:1)}", "Accept", "text/event-stream"); got.status != 503 {
		t.Errorf("an event stream: got %d, want 503", got.status)
	}
}

// A peer that stops reading must not hold the resolver beyond a few messages, nor the connection beyond the
// write deadline.
func TestStalledPeer(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.WriteTimeout = 300 * time.Millisecond })
	p := b.greeted(t, "")
	_ = p.NetConn().(interface{ SetReadBuffer(int) error }).SetReadBuffer(4096)
	began := time.Now()
	p.subscribe("1", "subscription{count(to:1000000,size:10000)}")
	await(t, "the resolver to end", b.idle)
	t.Logf("dropped after %v", time.Since(began))
	if took := time.Since(began); took > patient {
		t.Errorf("dropped after %v", took)
	}
	for {
		if _, _, err := p.ReadMessage(); err != nil {
			if fault, ok := errors.AsType[net.Error](err); ok && fault.Timeout() {
				t.Error("the connection is still there")
			}
			break
		}
	}
}

// A stalled peer slows only itself.
func TestStalledPeerSlowsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stalled, other := b.greeted(t, ""), b.greeted(t, "")
	stalled.subscribe("1", "subscription{count(to:100000,size:10000)}")
	for range 100 {
		began := time.Now()
		other.subscribe("1", "{hello}")
		other.read()
		other.read()
		if took := time.Since(began); took > patient {
			t.Fatalf("an answer took %v", took)
		}
	}
}

func TestManyMessagesArriveWholeAndInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.greeted(t, "")
	for i := range 8 {
		p.subscribe(itoa(i), "subscription{count(to:500,size:"+itoa([]int{0, 1, 100, 120, 126, 2000, 65500, 70000}[i]/2)+")}")
	}
	seen := map[string]int{}
	for len(seen) < 8 || min8(seen) <= 500 {
		var id, kind string
		text := p.read()
		if _, err := fmt.Sscanf(text, `{"id":%q,"type":%q`, &id, &kind); err != nil {
			t.Fatalf("got %.100s: %v", text, err)
		}
		if kind == "next" && !strings.HasSuffix(text, itoa(seen[id]%10)+`"}}}`) {
			t.Fatalf("got …%s, want number %d", text[len(text)-10:], seen[id])
		}
		seen[id]++
	}
}

func min8(seen map[string]int) int {
	least := 1 << 30
	for _, n := range seen {
		least = min(least, n)
	}
	return least
}
