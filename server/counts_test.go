package server

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"baogong/server/answer"
	"baogong/server/limit"
)

// until waits for the counts to be as they must be.
func (b *bench) until(t *testing.T, what string, done func(Stats) bool) {
	t.Helper()
	for late := time.Now().Add(patient); !done(b.server.Stats()); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%s: %+v", what, b.server.Stats())
		}
	}
}

func TestCountsOfEndings(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.InitTimeout = 50 * time.Millisecond })
	b.dial(t) // says nothing
	b.until(t, "no connection_init", func(c Stats) bool { return c.Closes[Closing{"websocket", 4408, "init"}] == 1 })
	for _, code := range []int{1000, 3333} { // a peer may think of any code
		p := b.greeted(t, "")
		if err := p.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(patient)); err != nil {
			t.Fatal(err)
		}
	}
	bad := b.greeted(t, "")
	bad.send(`{"type":"nonsense"}`)
	bad.closes(4400)
	_ = b.greeted(t, "").NetConn().Close()
	b.until(t, "endings", func(c Stats) bool {
		return maps.Equal(c.Closes, map[Closing]int64{{"websocket", 4408, "init"}: 1, {"websocket", 1000, "peer"}: 1, {"websocket", 0, "peer"}: 1,
			{"websocket", 4400, "protocol"}: 1, {"websocket", 0, "gone"}: 1})
	})
}

func TestCountsOfOperations(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.AddressOperations = limit.Rate{PerSecond: 1, Burst: 6} })
	b.post(t, "{hello}")
	b.post(t, "{refused}")
	b.post(t, "{nothing}")
	b.post(t, "mutation{bump}")
	b.post(t, "subscription{count(to:1)}", "Accept", "text/event-stream")
	b.post(t, "subscription{count(to:1)}")
	b.post(t, "{hello}") // one too many
	c := b.server.Stats()
	want := map[answer.OperationEnd]int64{{Kind: "query", Code: "OK"}: 1, {Kind: "query", Code: "FORBIDDEN"}: 1, {Kind: "none", Code: "GRAPHQL_VALIDATION_FAILED"}: 1, {Kind: "mutation", Code: "OK"}: 1,
		{Kind: "subscription", Code: "OK"}: 1, {Kind: "subscription", Code: "BAD_USER_INPUT"}: 1}
	if !maps.Equal(c.Operations, want) {
		t.Errorf("got %v, want %v", c.Operations, want)
	}
	if c.Queries.Count != 2 || c.Mutations.Count != 1 || c.Limited[limit.AddressOperations] != 1 || c.Deliveries != 1 {
		t.Errorf("got %+v", c)
	}
	b.until(t, "the event stream's end", func(c Stats) bool { return c.EventStreams == 0 && c.Closes[Closing{"events", 0, "complete"}] == 1 })
}

func TestCountsOfAStuckPeer(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.SlowAfter, o.Limits.WriteTimeout = time.Second, 2*time.Second })
	p := b.greeted(t, "")
	_ = p.NetConn().(interface{ SetReadBuffer(int) error }).SetReadBuffer(4096)
	p.subscribe("1", "subscription{count(to:1000000,size:10000)}")
	b.until(t, "a stuck peer", func(c Stats) bool {
		return c.Stuck == 1 && c.Rest > 0 && c.WebSockets == 1 && c.Subscriptions == 1 && c.Groups[0] == 1
	})
	b.until(t, "its end", func(c Stats) bool {
		return c.Closes[Closing{"websocket", 1013, "slow"}] == 1 && c.Stuck == 0 && c.Rest == 0 && c.WebSockets == 0 && c.Subscriptions == 0
	})
}

func TestMetricsAreForThisMachine(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	})
	s := b.server
	for _, c := range []struct {
		claim, peer, host string
		header            string
		proxies           string
		want              bool
	}{
		{"a program here", "127.0.0.1:9", "localhost:8080", "", "10.0.0.0/8", true},
		{"by IPv6", "[::1]:9", "[::1]:8080", "", "10.0.0.0/8", true},
		{"by IPv4 in IPv6", "[::ffff:127.0.0.1]:9", "127.0.0.1", "", "10.0.0.0/8", true},
		{"another machine", "192.168.1.7:9", "localhost", "", "10.0.0.0/8", false},
		{"another machine that claims to be this one", "192.168.1.7:9", "localhost", "X-Forwarded-For", "192.168.0.0/16", false},
		{"for another client", "127.0.0.1:9", "localhost", "X-Forwarded-For", "10.0.0.0/8", false},
		{"for another client, by the other header", "127.0.0.1:9", "localhost", "Forwarded", "10.0.0.0/8", false},
		{"a proxy here", "127.0.0.1:9", "localhost", "", "127.0.0.0/8", false},
		{"a page whose name was pointed here", "127.0.0.1:9", "evil.example:8080", "", "10.0.0.0/8", false},
		{"no address", "@", "localhost", "", "10.0.0.0/8", false},
	} {
		s := &Server{opt: s.opt}
		s.opt.Proxies = prefixes(c.proxies)
		r := &http.Request{RemoteAddr: c.peer, Host: c.host, Header: http.Header{}}
		if c.header != "" {
			r.Header.Set(c.header, "127.0.0.1")
		}
		if got := s.near(r); got != c.want {
			t.Errorf("%s: got %t, want %t", c.claim, got, c.want)
		}
	}
	if got := b.do(t, "GET", "http://"+b.host+"/metrics", nil); got.status != http.StatusTeapot {
		t.Errorf("from here: got %d", got.status)
	}
	if got := b.do(t, "GET", "http://"+b.host+"/metrics", nil, "X-Forwarded-For", "127.0.0.1"); got.status != http.StatusForbidden {
		t.Errorf("forwarded: got %d", got.status)
	}
	other := setup(t)
	if got := other.do(t, "GET", "http://"+other.host+"/metrics", nil); got.status != http.StatusNotFound {
		t.Errorf("without metrics: got %d", got.status)
	}
}
