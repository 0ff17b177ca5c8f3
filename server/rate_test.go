package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"baogong/server/limit"
)

// few lets three operations through at once.
var few = limit.Rate{PerSecond: 1, Burst: 3}

// until asks again and again, at most 50 times, and returns the first refusal.
func until(t *testing.T, ask func() result) result {
	t.Helper()
	var got result
	for n := 0; got.code == ""; n++ {
		if n == 50 {
			t.Fatal("50 operations went through")
		}
		got = ask()
	}
	return got
}

func TestOperationsPerSecond(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.AccountOperations = few })
	const like = "application/graphql-response+json"
	li := func() result {
		return b.post(t, "{hello}", "Authorization", "Bearer li", "Accept", like, "Accept-Language", "zh")
	}
	for i := range 3 {
		if got := li(); got.code != "" {
			t.Fatalf("operation %d: got %s", i+1, got.body)
		}
	}
	t.Run("over HTTP", func(t *testing.T) {
		got := until(t, li)
		if got.status != 429 || got.code != "RATE_LIMITED" || got.header.Get("Retry-After") != "1" || got.err != "请求过于频繁，请在 1 秒后再试。" || !strings.Contains(got.body, `"retryAfterSeconds":1`) {
			t.Errorf("got %d %v %s", got.status, got.header, got.body)
		}
	})
	t.Run("as application/json", func(t *testing.T) {
		got := until(t, func() result { return b.post(t, "{hello}", "Authorization", "Bearer li") })
		if got.status != 200 || got.code != "RATE_LIMITED" || got.header.Get("Retry-After") != "1" {
			t.Errorf("got %d %v %s", got.status, got.header, got.body)
		}
	})
	t.Run("over a WebSocket, which stays open", func(t *testing.T) {
		p := b.greeted(t, `{"Authorization":"Bearer li"}`)
		refused := false
		for i := 0; i < 50 && !refused; i++ {
			p.subscribe(itoa(i), "{hello}")
			if refused = strings.HasPrefix(p.read(), `{"id":"`+itoa(i)+`","type":"error","payload":[{"message":"Too many or too costly requests; please try again in 1 s.","extensions":{"code":"RATE_LIMITED","retryAfterSeconds":1}}]}`); !refused {
				p.read()
			}
		}
		if !refused {
			t.Error("50 operations went through")
		}
		p.send(`{"type":"ping"}`)
		p.want(`{"type":"pong"}`)
	})
	t.Run("over an event stream", func(t *testing.T) {
		until(t, func() result {
			_, lines := b.stream(t, "{hello}", "Authorization", "Bearer li")
			got := result{}
			for line := range lines {
				if data, ok := strings.CutPrefix(line, "data: {"); ok {
					got = parse(t, []byte("{"+data))
				}
			}
			return got
		})
	})
	t.Run("while others are served, and so are anonymous clients", func(t *testing.T) {
		for _, who := range []string{"Bearer wang", ""} {
			for range 3 {
				if got := b.post(t, "{hello}", "Authorization", who); got.code != "" {
					t.Errorf("%q: got %s", who, got.body)
				}
			}
		}
	})
}

func TestOperationsPerAddress(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Limits.AddressOperations = few
		o.Proxies = prefixes("127.0.0.0/8")
	})
	from := func(address, who string) result {
		return b.post(t, "{hello}", "X-Forwarded-For", address, "Authorization", who)
	}
	n := 0
	refused := until(t, func() result { n++; return from("203.0.113.9", "Bearer "+itoa(n)) })
	if refused.code != "RATE_LIMITED" || refused.header.Get("Retry-After") != "1" {
		t.Errorf("got %s %v", refused.body, refused.header)
	}
	if got := until(t, func() result { return from("203.0.113.9", "Bearer stranger") }); got.code != "UNAUTHENTICATED" && got.code != "RATE_LIMITED" {
		t.Errorf("got %s", got.body)
	}
	if got := from("203.0.113.10", ""); got.code != "" {
		t.Errorf("another address: got %s", got.body)
	}
	t.Run("a greeting counts too", func(t *testing.T) {
		for range 50 {
			p := b.dial(t, "X-Forwarded-For", "203.0.113.11")
			p.send(`{"type":"connection_init"}`)
			if _, _, err := p.ReadMessage(); err != nil {
				if want := "websocket: close 1013: Too many or too costly requests; please try again in 1 s."; err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
				return
			}
		}
		t.Error("50 greetings went through")
	})
}

func TestCostPerSecond(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Limits.AccountCost = limit.Rate{PerSecond: 1, Burst: 1000}
		o.Limits.AddressCost = limit.Rate{PerSecond: 10, Burst: 10_000}
	})
	ask := func(who, query string) result { return b.post(t, query, "Authorization", who) }
	t.Run("answers say what is left", func(t *testing.T) {
		if got := ask("Bearer li", "{items(first:100){name}}"); !strings.HasSuffix(got.body, `,"extensions":{"cost":{"requested":101,"remaining":899}}}`) {
			t.Errorf("got %s", got.body)
		}
		if got := ask("Bearer li", "{refused}"); !strings.Contains(got.body, `"extensions":{"cost":{"requested":1,`) {
			t.Errorf("a refused field: got %s", got.body)
		}
		if got := ask("", "{hello}"); !strings.HasSuffix(got.body, `"remaining":9897}}}`) && !strings.HasSuffix(got.body, `"remaining":9898}}}`) && !strings.HasSuffix(got.body, `"remaining":9899}}}`) {
			t.Errorf("an anonymous client: want the rest of its address, got %s", got.body)
		}
	})
	t.Run("resolvers know", func(t *testing.T) {
		got := ask("Bearer zhao", "{left}")
		if got.data["left"] != "1000 1 999 later" {
			t.Errorf("got %s", got.body)
		}
	})
	t.Run("a subscription says it once", func(t *testing.T) {
		p := b.greeted(t, `{"Authorization":"Bearer zhang"}`)
		p.subscribe("1", "subscription{count(to:2)}")
		p.want(`{"id":"1","type":"next","payload":{"data":{"count":"0"},"extensions":{"cost":{"requested":1,"remaining":999}}}}`)
		p.want(`{"id":"1","type":"next","payload":{"data":{"count":"1"}}}`)
	})
	t.Run("an account without points waits on every transport, and others do not", func(t *testing.T) {
		const large = "{items(first:400){name}}"
		got := until(t, func() result { return ask("Bearer li", large) })
		var wait int
		if _, err := fmt.Sscanf(got.err, "Too many or too costly requests; please try again in %d s.", &wait); err != nil || wait < 2 || wait > 400 || got.header.Get("Retry-After") != itoa(wait) {
			t.Errorf("got %s %v", got.body, got.header)
		}
		p := b.greeted(t, `{"Authorization":"Bearer li"}`)
		p.subscribe("1", large)
		if got := p.read(); !strings.Contains(got, "RATE_LIMITED") {
			t.Errorf("got %s", got)
		}
		p.subscribe("2", "{hello}") // cheap ones go on
		if got := p.read(); !strings.Contains(got, `"data"`) {
			t.Errorf("got %s", got)
		}
		if got := ask("Bearer wang", large); got.code != "" {
			t.Errorf("another account: got %s", got.body)
		}
	})
	t.Run("what costs more than a bucket holds takes a full one", func(t *testing.T) {
		if got := ask("Bearer zhou", "{items(first:1500){name}}"); got.code != "" || !strings.Contains(got.body, `"remaining":0`) {
			t.Errorf("got %s", got.body)
		}
	})
}

// A page that loads thirty operations and watches twenty things is never told to wait by the usual limits.
func TestDashboardIsNotLimited(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		l := &o.Limits
		l.AccountOperations, l.AccountCost = limit.Rate{PerSecond: 50, Burst: 200}, limit.Rate{PerSecond: 20_000, Burst: 100_000}
		l.AddressOperations, l.AddressCost = l.AccountOperations.Times(4), l.AccountCost.Times(4)
	})
	for range 2 { // and reloads at once
		p := b.greeted(t, `{"Authorization":"Bearer li"}`)
		for i := range 20 {
			p.subscribe(itoa(i), "subscription{feed}")
			if got := p.read(); !strings.Contains(got, "after") {
				t.Fatalf("subscription %d: got %s", i, got)
			}
		}
		for i := range 30 {
			if got := b.post(t, "{items(first:50){name children(first:10){name}}}", "Authorization", "Bearer li"); got.code != "" {
				t.Fatalf("operation %d: got %s", i, got.body)
			}
		}
	}
}

// A URL is charged for its bytes and values like a body, before its JSON is decoded.
func TestURLsAreCharged(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.AddressCost = limit.Rate{PerSecond: 1, Burst: 2000} })
	for name, list := range map[string]string{"plain": strings.Repeat("1,", 9000) + "1", "escaped": strings.Repeat("1%2C", 6000) + "1"} {
		refused := 0
		for range 10 {
			if got := b.do(t, "GET", b.url+"?query={hello}&variables={%22a%22:["+list+"]}", nil); got.code == "RATE_LIMITED" {
				refused++
			}
		}
		if refused < 4 {
			t.Errorf("%s: %d of 10 were refused", name, refused)
		}
	}
}

// The lines of a document are charged beside its bytes: a block string is split into lines.
func TestLinesAreCharged(t *testing.T) {
	t.Parallel()
	answered := func(end string, times int) (n int) {
		b := setup(t, func(o *Options) { o.Limits.AddressCost = limit.Rate{PerSecond: 1, Burst: 2000} })
		for i := range 6 { // 300 to 460 points each for bytes, and 10 for each 1,000 lines
			if got := b.post(t, fmt.Sprintf("query Q%d {hello}", i)+strings.Repeat(end, times)); got.code != "RATE_LIMITED" {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		end         string
		times, want int
	}{{"\n", 40_000, 2}, {"\r", 40_000, 2}, {"\r\n", 20_000, 3}, {" ", 40_000, 6}} {
		if got := answered(c.end, c.times); got != c.want {
			t.Errorf("%d times %q: %d of 6 were answered, want %d", c.times, c.end, got, c.want)
		}
	}
}

// Every message of a WebSocket is charged for its bytes and values before its JSON is decoded. It is refused by the id of its
// operation if it has one, else with a close frame on which clients reconnect.
func TestMessagesAreCharged(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.AddressCost = limit.Rate{PerSecond: 1, Burst: 2000} })
	values := `{"a":[` + strings.Repeat("1,", 9000) + `1]}`
	for name, text := range map[string]string{
		"a greeting":                 `{"type":"connection_init","payload":` + values + `}`,
		"a subscribe before it":      `{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":` + values + `}}`,
		"a message of no known type": `{"type":"x","payload":` + values + `}`,
	} {
		refused := 0
		for range 10 {
			p := b.dial(t)
			p.send(text)
			if _, _, err := p.ReadMessage(); websocket.IsCloseError(err, 1013) {
				refused++
			}
			_ = p.Close()
		}
		if refused < 4 {
			t.Errorf("%s: %d of 10 were refused", name, refused)
		}
	}
	p := b.greeted(t, "")
	for i := range 2 {
		p.send(`{"type":"subscribe","id":"` + itoa(i) + `","payload":{"query":"{hello}","variables":` + values + `}}`)
		if got := p.read(); !strings.HasPrefix(got, `{"id":"`+itoa(i)+`","type":"error","payload":[{"message":"Too many or too costly requests`) || !strings.Contains(got, "RATE_LIMITED") {
			t.Errorf("got %s, want RATE_LIMITED for the operation", got)
		}
	}
}
