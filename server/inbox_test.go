package server

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"

	"baogong/server/limit"
)

// bigMessage returns a subscribe message of at least n bytes, with its members in the given order.
func bigMessage(order string, size int) string {
	members := map[rune]string{'i': `"id":"b\u0041"`, 't': `"type":"subscribe"`, 'p': `"payload":{"id":"no","type":"no","query":"{hello}","variables":{"x":["` + strings.Repeat(`\"}`, size/3) + `"]}}`}
	var text []string
	for _, m := range order {
		text = append(text, members[m])
	}
	return "{" + strings.Join(text, ",") + "}"
}

// A WebSocket accepts messages as large as HTTP bodies. A larger message ends one operation and not the socket.
func TestBigMessages(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.Body = 400 << 10 })
	const tooBig = 500 << 10
	refusal := `{"id":"bA","type":"error","payload":[{"message":"The request is larger than the limit of 409600 bytes.","extensions":{"code":"BAD_USER_INPUT"}}]}`
	t.Run("a message as large as a body is answered", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, "")
		p.send(bigMessage("itp", 380<<10))
		p.want(`{"id":"bA","type":"next","payload":{"data":{"hello":null}}}`)
	})
	for _, order := range []string{"itp", "tip", "pit", "ipt", "tpi", "pti"} {
		t.Run("a larger message is refused by its id and streams go on: "+order, func(t *testing.T) {
			t.Parallel()
			p := b.greeted(t, "")
			p.subscribe("s", "subscription{belt}")
			await(t, "the subscription", b.entered)
			for _, text := range []string{bigMessage(order, tooBig), bigMessage(order, 4<<20)} {
				p.send(text) // in fragments of 4 KiB, as gorilla's client does
				p.want(refusal)
			}
			raw := &rawPeer{t: t, conn: p.NetConn()}
			raw.send(rawMessage(bigMessage(order, tooBig))) // in one frame
			p.want(refusal)
			p.send(`{"type":"ping"}`)
			p.want(`{"type":"pong"}`)
		})
	}
	for claim, c := range map[string]struct {
		text string
		code int
	}{
		"under an id in use":          {strings.Replace(bigMessage("itp", tooBig), `b\u0041`, "s", 1), 4409},
		"that subscribes to no id":    {bigMessage("tp", tooBig), 1009},
		"whose id is too long":        {strings.Replace(bigMessage("itp", tooBig), `b\u0041`, strings.Repeat("x", 129), 1), 1009},
		"whose id is no string":       {strings.Replace(bigMessage("itp", tooBig), `"b\u0041"`, "7", 1), 1009},
		"whose id is a list":          {strings.Replace(bigMessage("itp", tooBig), `"b\u0041"`, `["x"]`, 1), 1009},
		"that is another type":        {strings.Replace(bigMessage("itp", tooBig), "subscribe", "complete", 1), 1009},
		"that is a list":              {"[" + bigMessage("itp", tooBig) + "]", 1009},
		"that goes on":                {bigMessage("itp", tooBig) + "{}", 1009},
		"that is cut":                 {strings.TrimSuffix(bigMessage("itp", tooBig), "}"), 1009},
		"that is a number":            {strings.Repeat("7", tooBig), 1009},
		"that is a greeting":          {`{"type":"connection_init","payload":{"x":"` + strings.Repeat("x", tooBig) + `"}}`, 1009},
		"that is too big to skip it":  {bigMessage("itp", 7<<20), 1009},
		"whose id is replaced by one": {strings.TrimSuffix(bigMessage("itp", tooBig), "}") + `,"id":"s"}`, 4409},
	} {
		t.Run("a larger message "+claim, func(t *testing.T) {
			t.Parallel()
			p := b.greeted(t, "")
			p.subscribe("s", "subscription{belt}")
			await(t, "the subscription", b.entered)
			raw := &rawPeer{t: t, conn: p.NetConn()}
			raw.send(rawMessage(c.text))
			p.closes(c.code)
		})
	}
	t.Run("a larger message before the greeting", func(t *testing.T) {
		t.Parallel()
		p := b.dial(t)
		p.send(bigMessage("itp", tooBig))
		p.closes(4401)
	})
}

// The outline of a message equals the parsed message, for every split into pieces.
func TestOutline(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"id":"1","type":"subscribe"}`, ` { "type" : "subscribe" , "payload" : { "id" : "2" } , "id" : "1" } `, `{"id":"\"\\\u4fdd","type":"subscribe"}`,
		`{"id":"1","id":"2","type":"subscribe"}`, `{"id":"1","type":"subscribe","id":null}`, `{"id":"1","id":{"id":"3"},"type":"subscribe"}`,
		`{"payload":"id","id":"type","type":"subscribe"}`, `{"id":"1","type":"subscribe","type":[["subscribe"]]}`, `{"a":{"b":[{"c":"}]"}]},"id":"1","type":"subscribe"}`,
		`{"a":-1.5e3,"b":true,"id":"1","type":"subscribe"}`, `{"\u0069d":"1","ty\u0070e":"subscribe"}`, `{"ID":"1","type":"subscribe"}`, `{}`,
	} {
		var whole map[string]any
		if err := json.Unmarshal([]byte(text), &whole); err != nil {
			t.Fatal(err)
		}
		wantID, _ := whole["id"].(string)
		want := wantID != "" && whole["type"] == "subscribe"
		for size := 1; size <= len(text); size++ {
			o := &outline{}
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				o.Feed([]byte(rest[:n]))
				rest = rest[n:]
			}
			if id, ok := o.subscribes(); ok != want || ok && id != wantID {
				t.Errorf("%s in pieces of %d: got %q %v, want %q %v", text, size, id, ok, wantID, want)
			}
		}
	}
	for _, text := range []string{``, `"x"`, `[]`, `{"id":"1","type":"subscribe"`, `{"id":"1","type":"subscribe"}}`, `{"id":"1","type":"subscribe"} x`, `{"id":"1","type":"subscribe`} {
		o := &outline{}
		o.Feed([]byte(text))
		if _, ok := o.subscribes(); ok {
			t.Errorf("%s was taken for a subscribe message", text)
		}
	}
}

// setupStopped sets up a server whose clock stands still, so that the bucket of idle frames does not refill on a slow machine.
// Deadlines of the connection, which use the kernel's clock, are an hour away.
func setupStopped(t *testing.T, adapt ...func(*Options)) *bench {
	t.Helper()
	b := setup(t, append(adapt, func(o *Options) { o.Limits.RequestTimeout, o.Limits.WriteTimeout = time.Hour, time.Hour })...)
	at := time.Now()
	b.server.now = func() time.Time { return at }
	return b
}

// A peer that floods the server with idle frames of any kind is closed; a peer that sends some is not.
func TestIdleFrames(t *testing.T) {
	t.Parallel()
	b := setupStopped(t, func(o *Options) {
		o.Limits.AddressOperations, o.Proxies = limit.Rate{PerSecond: 1, Burst: 20}, prefixes("127.0.0.0/8")
	})
	always := func(frame string) func(int) string { return func(int) string { return frame } }
	for claim, c := range map[string]struct {
		first string
		each  func(i int) string
	}{
		"empty fragments":                 {rawFrame(rawText, ""), always(rawFrame(rawMore, ""))},
		"fragments of a byte":             {rawFrame(rawText, "{"), always(rawFrame(rawMore, " "))},
		"small fragments":                 {rawFrame(rawText, "{"), always(rawFrame(rawMore, strings.Repeat(" ", 100)))},
		"control pings":                   {"", always(rawFrame(rawFinal|rawPing, "x"))},
		"control pongs":                   {"", always(rawFrame(rawFinal|rawPong, ""))},
		"control pings between fragments": {rawFrame(rawText, "{"), always(rawFrame(rawFinal|rawPing, "x"))},
		"pings":                           {"", always(rawMessage(`{"type":"ping"}`))},
		"pongs":                           {"", always(rawMessage(`{"type":"pong"}`))},
		"completes of no operation":       {"", always(rawMessage(`{"type":"complete","id":"x"}`))},
		"operations that are refused": {"", func(i int) string {
			return rawMessage(`{"type":"subscribe","id":"` + itoa(i) + `","payload":{"query":"{hello}"}}`)
		}},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			p := rawDial(t, b.host, protocol, "X-Forwarded-For: 10.0.0."+itoa(len(claim))) // each its own
			p.send(rawMessage(`{"type":"connection_init"}`))
			if heard := p.hear("connection_ack"); heard[len(heard)-1] != "connection_ack" {
				t.Fatalf("got %q", heard)
			}
			closed := make(chan []string, 1)
			sent := 0
			frames := func(n int) string {
				var text strings.Builder
				for range n {
					text.WriteString(c.each(sent))
					sent++
				}
				return text.String()
			}
			p.send(c.first + frames(1900))
			go func() { closed <- p.hear("closed") }()
			select {
			case heard := <-closed:
				t.Fatalf("after 1,900: got %q", heard[len(heard)-1])
			case <-time.After(50 * time.Millisecond): // still open
			}
			for late := time.After(patient); ; { // a slow server takes longer to be flooded
				select {
				case heard := <-closed:
					if last := heard[len(heard)-1]; last != "closed 1008" {
						t.Errorf("got %q, want closed 1008", last)
					}
					return
				case <-late:
					t.Fatal("the flood is taken")
				default:
					p.send(frames(200))
				}
			}
		})
	}
}

// A message must arrive before its deadline once it has begun.
func TestSlowMessageIsCut(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.RequestTimeout = 300 * time.Millisecond })
	for claim, begun := range map[string]string{
		"half a frame":       rawMessage(bigMessage("itp", 100<<10))[:50<<10],
		"half a small frame": rawMessage(`{"type":"connection_init"}`)[:12],
		"a fragment":         rawFrame(rawText, `{"type"`),
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			p := rawDial(t, b.host, protocol)
			p.send(begun)
			for !strings.HasPrefix(strings.Join(p.hear("closed"), " "), "closed 1013") {
				t.Fatal("the message was waited for")
			}
		})
	}
}

// Large messages that start no operation count by their length, in every member.
func TestLargeIdleMessages(t *testing.T) {
	t.Parallel()
	b := setupStopped(t, func(o *Options) { o.Proxies = prefixes("127.0.0.0/8") })
	large := strings.Repeat("x", 900<<10)
	for claim, text := range map[string]string{
		"a complete of no operation": `{"type":"complete","id":"x","x":"` + large + `"}`,
	} {
		t.Run(claim, func(t *testing.T) {
			p := rawDial(t, b.host, protocol, "X-Forwarded-For: 10.1.0."+itoa(len(claim)))
			p.send(rawMessage(`{"type":"connection_init"}`))
			p.hear("connection_ack")
			// 10,000 at once, and none after that while the clock stands. What is left pays for four of the large messages, 226 each.
			p.send(strings.Repeat(rawMessage(`{"type":"pong"}`), 8998) + rawMessage(`{"type":"ping"}`))
			p.hear("pong")
			closed := make(chan []string, 1)
			go func() { closed <- p.hear("closed") }()
			for range 5 {
				p.send(rawMessage(text))
			}
			select {
			case heard := <-closed:
				if last := heard[len(heard)-1]; !strings.Contains(last, "closed") {
					t.Errorf("got %q", last)
				}
			case <-time.After(patient):
				t.Error("five large messages that ask for nothing do not close the socket")
			}
		})
	}
}

// A message of many small fragments is copied a few times as it grows, and not once for each fragment.
func TestSmallFragmentsAreNotCopiedAgainAndAgain(t *testing.T) {
	b := setup(t)
	p := rawDial(t, b.host, protocol)
	p.send(rawMessage(`{"type":"connection_init"}`))
	p.hear("connection_ack")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p.send(rawFrame(rawText, `{"type":"ping"`) + strings.Repeat(rawFrame(rawMore, strings.Repeat(" ", 100)), 9000) + rawFrame(rawFinal|rawMore, "}"))
	if heard := p.hear("pong"); heard[len(heard)-1] != "pong" {
		t.Fatalf("got %q, want a pong", heard)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("a message of 900 KB took %d MB of memory, one after the other", took>>20)
	}
}
