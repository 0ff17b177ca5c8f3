package server

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// phase is how far a connection has come when a stimulus reaches the server.
type phase int

const (
	opened     phase = iota // nothing said yet
	greeted                 // acknowledged
	subscribed              // a stream runs under the id s
	completed               // the client has ended that stream
	answered                // the server has ended an operation under the id s
	closing                 // the server has sent a close frame, and the client none yet
	phases
)

func (p phase) String() string {
	return [...]string{"opened", "greeted", "subscribed", "completed", "answered", "closing"}[p]
}

// stimulus is something a client sends, and what must come of it: the messages, in words, and then "open" if the
// connection lives on, "closed" and a code if the server has closed it. While the connection is closing nothing may.
type stimulus struct {
	claim   string
	send    string
	until   string // the last of what is told, if that takes the server a while
	before  string // what comes of it before the greeting
	after   string // and from then on; "" is the same
	running string // and while the stream s runs; "" is the same as after
}

const (
	bad       = "closed 4400"
	broken    = "closed 1002"
	mangled   = "closed 1007"
	stranger  = "closed 4401"
	secondOne = "closed 4429"
)

// shape is a message that the protocol does not know in any phase.
func shape(claim, text string) stimulus {
	return stimulus{claim: claim, send: rawMessage(text), before: bad}
}

// tear is bytes that break the WebSocket protocol in any phase.
func tear(claim, bytes string) stimulus {
	return stimulus{claim: claim, send: bytes, before: broken}
}

// ask is an operation under the id x, good or bad.
func ask(claim, payload, until, after string) stimulus {
	return stimulus{claim: claim, send: rawMessage(`{"id":"x","type":"subscribe","payload":` + payload + `}`), until: until, before: stranger, after: after}
}

// stimuli are the rows of the matrix.
var stimuli = []stimulus{
	// What the protocol is made of.
	{claim: "connection_init", send: rawMessage(`{"type":"connection_init"}`), before: "connection_ack, open", after: secondOne},
	{claim: "connection_init with an empty payload", send: rawMessage(`{"type":"connection_init","payload":{}}`), before: "connection_ack, open", after: secondOne},
	{claim: "connection_init with a payload of null", send: rawMessage(`{"type":"connection_init","payload":null}`), before: "connection_ack, open", after: secondOne},
	{claim: "connection_init with members of later versions", send: rawMessage(`{"type":"connection_init","id":"1","more":[]}`), before: "connection_ack, open", after: secondOne},
	{claim: "ping", send: rawMessage(`{"type":"ping"}`), before: "pong, open"},
	{claim: "ping with a payload", send: rawMessage(`{"type":"ping","payload":{"n":[1,"二"]}}`), before: `pong {"n":[1,"二"]}, open`},
	{claim: "ping with a payload of null", send: rawMessage(`{"type":"ping","payload":null}`), before: "pong, open"},
	{claim: "ping with members of later versions", send: rawMessage(`{"type":"ping","id":"7","more":{}}`), before: "pong, open"},
	{claim: "an unsolicited pong", send: rawMessage(`{"type":"pong"}`), before: "open"},
	{claim: "pong with a payload", send: rawMessage(`{"type":"pong","payload":{"n":1}}`), before: "open"},
	ask("a query", `{"query":"{hello}"}`, "complete", "next x, complete x, open"),
	ask("a mutation", `{"query":"mutation{bump}"}`, "complete", "next x, complete x, open"),
	ask("a subscription that ends", `{"query":"subscription{count(to:2)}"}`, "complete", "next x, next x, complete x, open"),
	ask("a subscription that goes on", `{"query":"subscription{feed}"}`, "next", "next x, open"),
	ask("all members, null where they may be", `{"query":"query A{hello}","operationName":null,"variables":null,"extensions":null}`, "complete", "next x, complete x, open"),
	ask("all members", `{"query":"query A{hello} query B{hello}","operationName":"B","variables":{},"extensions":{}}`, "complete", "next x, complete x, open"),
	ask("a subscription that is refused", `{"query":"subscription{denied}"}`, "error|complete", "error x, open"),
	ask("a document that does not fit the schema", `{"query":"{nope}"}`, "error", "error x, open"),
	ask("a document that does not parse", `{"query":"{"}`, "error", "error x, open"),
	ask("an empty document", `{"query":""}`, "error", "error x, open"),
	ask("an operation that is not in the document", `{"query":"query A{hello}","operationName":"B"}`, "error", "error x, open"),
	{claim: "subscribe under an id of the past or of now", send: rawMessage(`{"id":"s","type":"subscribe","payload":{"query":"{hello}"}}`), until: "complete", before: stranger,
		after: "next s, complete s, open", running: "closed 4409"},
	{claim: "two streams under one id at once", send: strings.Repeat(rawMessage(`{"id":"x","type":"subscribe","payload":{"query":"subscription{feed}"}}`), 2), until: "closed", before: stranger,
		after: "closed 4409"},
	{claim: "complete", send: rawMessage(`{"id":"s","type":"complete"}`), before: "open"},
	{claim: "complete twice", send: strings.Repeat(rawMessage(`{"id":"s","type":"complete"}`), 2), before: "open"},
	{claim: "complete and the same id again", send: rawMessage(`{"id":"s","type":"complete"}`) + rawMessage(`{"id":"s","type":"subscribe","payload":{"query":"subscription{feed}"}}`), until: "next", before: stranger, after: "next s, open"},
	{claim: "complete of an id never heard of", send: rawMessage(`{"id":"never","type":"complete"}`), before: "open"},
	{claim: "complete with a payload", send: rawMessage(`{"id":"never","type":"complete","payload":{}}`), before: "open"},

	// Messages of the wrong shape.
	shape("nothing", ""),
	shape("not JSON", "{"),
	shape("JSON that goes on", `{"type":"ping"}{"type":"ping"}`),
	shape("a byte order mark", "\ufeff"+`{"type":"ping"}`),
	shape("JavaScript", `{type:"ping"}`),
	shape("null", "null"),
	shape("a number", "7"),
	shape("a string", `"ping"`),
	shape("a list", `[{"type":"ping"}]`),
	shape("an empty object", "{}"),
	shape("type null", `{"type":null}`),
	shape("type 7", `{"type":7}`),
	shape("an empty type", `{"type":""}`),
	shape("an unknown type", `{"type":"start","id":"x"}`),
	shape("a type of the old protocol", `{"type":"GQL_CONNECTION_TERMINATE"}`),
	shape("a type in capitals", `{"type":"PING"}`),
	shape("a member in capitals", `{"Type":"ping"}`),
	{claim: "white space around", send: rawMessage(" \t\r\n{ \"type\" : \"ping\" }\n"), before: "pong, open"},
	{claim: "a member twice: the last counts", send: rawMessage(`{"type":"start","type":"ping"}`), before: "pong, open"},
	{claim: "escapes", send: rawMessage(`{"\u0074ype":"p\u0069ng"}`), before: "pong, open"},
	{claim: "half a surrogate", send: rawMessage(`{"type":"ping","payload":{"a":"\ud83d"}}`), before: `pong {"a":"\ud83d"}, open`},
	shape("a ping with a number", `{"type":"ping","payload":7}`),
	shape("a ping with a list", `{"type":"ping","payload":[]}`),
	shape("a ping with a string", `{"type":"ping","payload":"x"}`),
	shape("a pong with false", `{"type":"pong","payload":false}`),
	shape("a greeting with a list", `{"type":"connection_init","payload":[1]}`),
	shape("a greeting with a string", `{"type":"connection_init","payload":"Bearer li"}`),
	{claim: "a greeting whose Authorization is a number", send: rawMessage(`{"type":"connection_init","payload":{"Authorization":1}}`), before: bad, after: secondOne},
	shape("a message of the server's: next", `{"id":"s","type":"next","payload":{"data":null}}`),
	shape("a message of the server's: error", `{"id":"s","type":"error","payload":[{"message":"no"}]}`),
	shape("a message of the server's: connection_ack", `{"type":"connection_ack"}`),
	shape("complete without id", `{"type":"complete"}`),
	shape("complete with an empty id", `{"type":"complete","id":""}`),
	shape("complete with a number for an id", `{"type":"complete","id":7}`),
	shape("subscribe without id", `{"type":"subscribe","payload":{"query":"{hello}"}}`),
	shape("subscribe with an empty id", `{"type":"subscribe","id":"","payload":{"query":"{hello}"}}`),
	shape("subscribe with an id of null", `{"type":"subscribe","id":null,"payload":{"query":"{hello}"}}`),
	shape("subscribe with a number for an id", `{"type":"subscribe","id":7,"payload":{"query":"{hello}"}}`),
	{claim: "subscribe with a very long id", send: rawMessage(`{"type":"subscribe","id":"` + strings.Repeat("x", 129) + `","payload":{"query":"{hello}"}}`), until: "complete", before: bad},
	{claim: "subscribe with a long id", send: rawMessage(`{"type":"subscribe","id":"` + strings.Repeat("x", 128) + `","payload":{"query":"{hello}"}}`), until: "complete", before: stranger,
		after: "next xxxxxxxxxx, complete xxxxxxxxxx, open"},
	shape("subscribe without payload", `{"type":"subscribe","id":"x"}`),
	shape("subscribe with a payload of null", `{"type":"subscribe","id":"x","payload":null}`),
	shape("subscribe with a list for a payload", `{"type":"subscribe","id":"x","payload":[]}`),
	shape("subscribe with a string for a payload", `{"type":"subscribe","id":"x","payload":"{hello}"}`),
	shape("subscribe without query", `{"type":"subscribe","id":"x","payload":{}}`),
	shape("subscribe with a query of null", `{"type":"subscribe","id":"x","payload":{"query":null}}`),
	shape("subscribe with a number for a query", `{"type":"subscribe","id":"x","payload":{"query":7}}`),
	shape("subscribe with a list for variables", `{"type":"subscribe","id":"x","payload":{"query":"{hello}","variables":[]}}`),
	shape("subscribe with a string for variables", `{"type":"subscribe","id":"x","payload":{"query":"{hello}","variables":"{}"}}`),
	shape("subscribe with a number for operationName", `{"type":"subscribe","id":"x","payload":{"query":"{hello}","operationName":7}}`),
	shape("subscribe with a list for extensions", `{"type":"subscribe","id":"x","payload":{"query":"{hello}","extensions":[]}}`),

	// Frames.
	{claim: "text in three fragments", send: rawFrame(rawText, `{"type"`) + rawFrame(rawMore, `:"pi`) + rawFrame(rawFinal|rawMore, `ng"}`), before: "pong, open"},
	{claim: "text in fragments, some of them empty", send: rawFrame(rawText, "") + rawFrame(rawMore, `{"type":"ping"}`) + rawFrame(rawFinal|rawMore, ""), before: "pong, open"},
	{claim: "a character cut by fragments", send: rawFrame(rawText, `{"type":"ping","payload":{"a":"`+"\xe4\xbf") + rawFrame(rawFinal|rawMore, "\x9d"+`"}}`), before: `pong {"a":"保"}, open`},
	{claim: "a control ping between fragments", send: rawFrame(rawText, `{"type"`) + rawFrame(rawFinal|rawPing, "!") + rawFrame(rawFinal|rawMore, `:"ping"}`), before: `PONG "!", pong, open`},
	{claim: "a control ping", send: rawFrame(rawFinal|rawPing, ""), before: `PONG "", open`},
	{claim: "a control ping as big as may be", send: rawFrame(rawFinal|rawPing, strings.Repeat("x", 125)), before: `PONG "` + strings.Repeat("x", 125) + `", open`},
	{claim: "an unsolicited control pong", send: rawFrame(rawFinal|rawPong, "x"), before: "open"},
	{claim: "a message as big as may be", send: rawMessage(`{"type":"pong","payload":{"x":"` + strings.Repeat("x", 256<<10-34) + `"}}`), before: "open"},
	{claim: "a message too big", send: rawMessage(strings.Repeat(" ", 256<<10+1)), before: "closed 1009"},
	{claim: "a message too big, in fragments", send: rawFrame(rawText, strings.Repeat(" ", 200<<10)) + rawFrame(rawFinal|rawMore, strings.Repeat(" ", 100<<10)), before: "closed 1009"},
	{claim: "a frame that says it is so big that it is not skipped", send: "\x81\xff\x00\x00\x00\x00\x00\x40\x00\x01\x00\x00\x00\x00", before: "closed 1009"},
	{claim: "a frame that says it has a gigabyte", send: "\x81\xff\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00", before: "closed 1009"},
	{claim: "a frame that says it has more than there can be", send: "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", before: "closed 1009"},
	{claim: "binary", send: rawFrame(rawFinal|rawBinary, `{"type":"ping"}`), before: bad},
	{claim: "text that is no UTF-8", send: rawMessage(`{"type":"ping","payload":{"a":"` + "\xff" + `"}}`), before: mangled},
	{claim: "text that ends within a character", send: rawMessage(`{"type":"ping","payload":{"a":"` + "\xe4\xbf" + `"}}`), before: mangled},
	{claim: "text that is no UTF-8, in fragments", send: rawFrame(rawText, `{"type":"ping","payload":{"a":"`+"\xe4\xbf") + rawFrame(rawFinal|rawMore, `"}}`), before: mangled},
	tear("a frame without a mask", "\x81\x0f"+`{"type":"ping"}`),
	tear("a reserved bit", rawFrame(rawFinal|0x40|rawText, `{"type":"ping"}`)),
	tear("another reserved bit", rawFrame(rawFinal|0x10|rawText, `{"type":"ping"}`)),
	tear("a reserved opcode", rawFrame(rawFinal|0x3, `{"type":"ping"}`)),
	tear("a reserved control opcode", rawFrame(rawFinal|0xB, "")),
	tear("a control ping too big", rawFrame(rawFinal|rawPing, strings.Repeat("x", 126))),
	tear("a control ping in fragments", rawFrame(rawPing, "x")),
	tear("a continuation of nothing", rawFrame(rawFinal|rawMore, `{"type":"ping"}`)),
	tear("a message within another", rawFrame(rawText, `{"type"`)+rawMessage(`{"type":"ping"}`)),
	tear("HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
	tear("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
	{claim: "close without a word", send: rawFrame(rawFinal|rawClose, ""), before: "closed"},
	{claim: "close 1000", send: rawGoodbye(1000, ""), before: "closed 1000"},
	{claim: "close 1001 with a reason", send: rawGoodbye(1001, "leaving 再见"), before: "closed 1001"},
	{claim: "close 4999", send: rawGoodbye(4999, ""), before: "closed 4999"},
	tear("close 999", rawGoodbye(999, "")),
	tear("close 1005, which is never sent", rawGoodbye(1005, "")),
	tear("close 1006, which is never sent", rawGoodbye(1006, "")),
	tear("close 5000", rawGoodbye(5000, "")),
	tear("close with half a code", rawFrame(rawFinal|rawClose, "\x03")),
	{claim: "close with a reason that is no UTF-8", send: rawGoodbye(1000, "\xff"), before: mangled},
	{claim: "close with a reason that ends within a character", send: rawGoodbye(3000, "\xe4\xbf"), before: mangled},
	tear("close 0", rawGoodbye(0, "")),
	tear("close 1004, which is reserved", rawGoodbye(1004, "")),
	tear("close 1015, which is never sent", rawGoodbye(1015, "")),
	tear("close 2999, which is reserved", rawGoodbye(2999, "")),
	{claim: "close 3000", send: rawGoodbye(3000, ""), before: "closed 3000"},
	tear("a close frame in fragments", rawFrame(rawClose, "")),
	{claim: "text that is no UTF-8 between fragments that are", send: rawFrame(rawText, `{"type":"ping","payload":{"a":"`) + rawFrame(rawMore, "\xed\xa0\x80") + rawFrame(rawFinal|rawMore, `"}}`), before: mangled},
}

// difference is where we do on purpose what the reference does not.
type difference struct {
	claims []string
	in     []phase
	theirs string // what comes of it there
	why    string
}

var (
	anyOpen     = []phase{opened, greeted, subscribed, completed, answered}
	onceGreeted = anyOpen[1:]
)

// differences are all there are.
var differences = []difference{
	{[]string{"a document that does not parse", "an empty document"}, onceGreeted, "closed 4500",
		"a slip in one operation need not end the others on its socket; the protocol has error messages for it"},
	{[]string{"a subscription that is refused"}, onceGreeted, "next x, complete x, open",
		"graphql-js makes a refused subscription a result; clients should not have to look for the end of a stream in its results"},
	{[]string{"complete and the same id again"}, []phase{subscribed}, "complete s, next s, open",
		"there the first operation's end is told under the second one's name"},
	{[]string{"a message of the server's: next", "a message of the server's: error", "a message of the server's: connection_ack"}, anyOpen, "closed 4500",
		"the fault is the client's, and the protocol's code for that is 4400"},
	{[]string{"a greeting whose Authorization is a number"}, []phase{opened}, "connection_ack, open",
		"there nothing reads it"},
	{[]string{"subscribe with a very long id"}, []phase{opened}, stranger,
		"we limit ids, which are kept and repeated with every event"},
	{[]string{"subscribe with a very long id"}, onceGreeted, "next xxxxxxxxxx, complete xxxxxxxxxx, open",
		"we limit ids, which are kept and repeated with every event"},
	{[]string{"binary"}, anyOpen, "pong, open",
		"the protocol's messages are text"},
}

// want is what must come of a stimulus in a phase.
func (s stimulus) want(in phase) string {
	switch {
	case in == closing:
		return "gone"
	case in == opened || s.after == "":
		return s.before
	case in == subscribed && s.running != "":
		return s.running
	}
	return s.after
}

// reach brings a fresh connection to a phase.
func reach(t *testing.T, host string, in phase) *rawPeer {
	t.Helper()
	p := rawDial(t, host, "graphql-transport-ws")
	must := func(send, until, want string) {
		t.Helper()
		p.send(rawMessage(send))
		if got := strings.Join(p.hear(until), ", "); got != want {
			t.Fatalf("on the way to %s: got %s, want %s", in, got, want)
		}
	}
	if in == closing {
		must(`{"type":"start"}`, "closed", bad)
		return p
	}
	if in >= greeted {
		must(`{"type":"connection_init"}`, "connection_ack", "connection_ack")
	}
	switch in {
	case subscribed, completed:
		must(`{"id":"s","type":"subscribe","payload":{"query":"subscription{feed}"}}`, "next", "next s")
	case answered:
		must(`{"id":"s","type":"subscribe","payload":{"query":"{hello}"}}`, "complete", "next s, complete s")
	}
	if in == completed {
		p.send(rawMessage(`{"id":"s","type":"complete"}`))
		must(rawProbe, "open", "open")
	}
	return p
}

// outcome sends a stimulus in a phase and returns the server's reaction.
func (s stimulus) outcome(t *testing.T, host string, in phase) string {
	t.Helper()
	p := reach(t, host, in)
	p.send(s.send)
	var heard []string
	if in == closing { // after any stimulus, the server closes in good order
		return strings.Join(p.part(), ", ")
	}
	ended := func() bool {
		return len(heard) > 0 && (strings.HasPrefix(heard[len(heard)-1], "closed") || heard[len(heard)-1] == "gone")
	}
	if s.until != "" {
		heard = p.hear(s.until)
	}
	if !ended() {
		p.send(rawMessage(rawProbe))
		heard = append(heard, p.hear("open")...)
	}
	if ended() { // and nothing more after the close
		if more := p.part(); !slices.Equal(more, []string{"gone"}) {
			heard = append(heard, more...)
		}
	}
	return strings.Join(heard, ", ")
}

// TestProtocolMatrix sends everything a client may send, and much that it may not, in every phase of a connection.
func TestProtocolMatrix(t *testing.T) {
	t.Parallel()
	claims := map[string]stimulus{}
	for _, s := range stimuli {
		claims[s.claim] = s
	}
	for _, d := range differences {
		for _, claim := range d.claims {
			for _, in := range d.in {
				if s, ok := claims[claim]; !ok || s.want(in) == d.theirs {
					t.Errorf("%s: listed as a difference in %s, and is none", claim, in)
				}
			}
		}
	}
	b := setup(t, func(o *Options) { o.Limits.Body = 256 << 10 })
	heed(t, b)
	t.Run("ours", func(t *testing.T) {
		for _, s := range stimuli {
			t.Run(s.claim, func(t *testing.T) {
				t.Parallel()
				for in := range phases {
					got, want := s.outcome(t, b.host, in), s.want(in)
					if got != want {
						t.Errorf("%s: got %s, want %s", in, got, want)
					}
				}
			})
		}
	})
	if got, want := b.bumped(), len(onceGreeted); got != want {
		t.Errorf("the mutation ran %d times, want %d: not before the greeting, nor after our close", got, want)
	}
	t.Run("the reference", func(t *testing.T) {
		host, _ := reference(t)
		for _, s := range stimuli {
			t.Run(s.claim, func(t *testing.T) {
				t.Parallel()
				for in := range phases {
					want := s.want(in)
					for _, d := range differences {
						if slices.Contains(d.claims, s.claim) && slices.Contains(d.in, in) {
							want = d.theirs
						}
					}
					if got := s.outcome(t, host, in); got != want {
						t.Errorf("%s: the reference says %s, want %s; we say %s", in, got, want, s.want(in))
					}
				}
			})
		}
	})
}

// TestHandshakes offers subprotocols, and then says nothing, or nothing that counts.
func TestHandshakes(t *testing.T) {
	t.Parallel()
	long, short := setup(t), setup(t, func(o *Options) { o.Limits.InitTimeout = 100 * time.Millisecond })
	check := func(host, hasty string) func(*testing.T) {
		return func(t *testing.T) {
			for offered, want := range map[string]string{
				"graphql-transport-ws":             "open",
				"graphql-ws, graphql-transport-ws": "open",
				"graphql-transport-ws, graphql-ws": "open",
				"":                                 "closed 4406, gone",
				"graphql-ws":                       "closed 4406, gone",
				"graphql-transport-ws2":            "closed 4406, gone",
				"GraphQL-Transport-WS":             "closed 4406, gone",
			} {
				t.Run("offers "+offered, func(t *testing.T) {
					t.Parallel()
					p, answer := rawHandshake(t, host, offered)
					chosen := answer.Header.Get("Sec-WebSocket-Protocol")
					p.send(rawMessage(rawProbe))
					heard := p.hear("open")
					if heard[0] != "open" {
						heard = append(heard, p.part()...)
					}
					if got := strings.Join(heard, ", "); got != want || (want == "open") != (chosen == "graphql-transport-ws") {
						t.Errorf("got %s with the subprotocol %q, want %s", got, chosen, want)
					}
				})
			}
			for claim, said := range map[string]string{
				"nothing":                 "",
				"a ping":                  rawMessage(rawProbe),
				"half a message":          rawFrame(rawText, `{"type":"connection`),
				"half a frame":            rawMessage(`{"type":"connection_init"}`)[:9],
				"a control ping and pong": rawFrame(rawFinal|rawPing, "") + rawFrame(rawFinal|rawPong, ""),
			} {
				t.Run("says "+claim+" and no greeting", func(t *testing.T) {
					t.Parallel()
					p := rawDial(t, hasty, "graphql-transport-ws")
					p.send(said)
					heard := p.hear("closed")
					if got := heard[len(heard)-1]; got != "closed 4408" {
						t.Errorf("got %s, want closed 4408", got)
					}
				})
			}
		}
	}
	t.Run("ours", check(long.host, short.host))
	t.Run("the reference", func(t *testing.T) { check(reference(t))(t) })
}

// TestHastyGreeting sends an operation right behind the greeting. The protocol closes with 4401 before the
// acknowledgement; a server that handles one message after the other may as well have acknowledged by then. Either
// way nothing is answered before it.
func TestHastyGreeting(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := rawDial(t, b.host, "graphql-transport-ws")
	p.send(rawMessage(`{"type":"connection_init"}`) + rawMessage(`{"id":"x","type":"subscribe","payload":{"query":"mutation{bump}"}}`))
	switch got := strings.Join(p.hear("complete"), ", "); got {
	case "connection_ack, next x, complete x":
		if n := b.bumped(); n != 1 {
			t.Errorf("the mutation ran %d times, want once", n)
		}
	case "closed 4401", "connection_ack, closed 4401":
		if n := b.bumped(); n != 0 {
			t.Errorf("the mutation ran %d times, want not at all", n)
		}
	default:
		t.Errorf("got %s", got)
	}
}

// heed takes note of subscriptions that begin, as long as the test runs, so that none waits for that.
func heed(t *testing.T, b *bench) {
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	go func() {
		for {
			select {
			case <-b.entered:
			case <-done:
				return
			}
		}
	}()
}

func (e *stub) bumped() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bumps
}

// reference starts the graphql-ws server and returns where it listens, and where one that waits for a greeting for
// 100 ms only.
func reference(t *testing.T) (host, hasty string) {
	t.Helper()
	cmd := node(t, "reference.mjs")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	var a, b int
	if _, bad := fmt.Sscan(line, &a, &b); err != nil || bad != nil {
		t.Fatalf("the reference said %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return fmt.Sprint("127.0.0.1:", a), fmt.Sprint("127.0.0.1:", b)
}
