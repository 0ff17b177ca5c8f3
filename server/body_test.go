package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// holds waits until an address has reserved at least n bytes, or none if n is 0.
func (b *bench) holds(t *testing.T, address string, least int) int {
	t.Helper()
	deadline := time.Now().Add(patient)
	for {
		held := b.server.bodies.Held(address)
		if least == 0 && held == 0 || least > 0 && held >= least {
			return held
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s holds %d bytes, want %d", address, held, least)
		}
		time.Sleep(time.Millisecond)
	}
}

// Slow bodies and messages take a bounded amount of memory, one address cannot take all of it, and it is returned.
func TestSlowBodiesAreBounded(t *testing.T) {
	t.Parallel()
	const total, size, sent = 8 << 20, 900_000, 890_000
	b := setup(t, func(o *Options) {
		o.Limits.Bodies = total
		o.Limits.RequestTimeout, o.Limits.WriteTimeout = 2*patient, 2*patient
		o.Proxies = prefixes("127.0.0.0/8")
	})
	elsewhere := func() {
		t.Helper()
		if got := b.post(t, `{hello(name:"`+strings.Repeat("x", 400<<10)+`")}`, "X-Forwarded-For", "203.0.113.9"); got.status != 200 || got.code != "" {
			t.Errorf("another address: got %d %.200s", got.status, got.body)
		}
	}
	t.Run("over HTTP", func(t *testing.T) {
		const here = "203.0.113.1"
		var conns []net.Conn
		refused := 0
		for held := 0; refused == 0; {
			if len(conns) > 20 {
				t.Fatalf("%d bodies of %d bytes were taken", len(conns), sent)
			}
			conn := b.tcp(t)
			conns = append(conns, conn)
			_, _ = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: "+here+"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat(" ", sent))
			answered := make(chan *http.Response, 1)
			go func() {
				if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
					answered <- answer
				}
			}()
			for before := held; held < before+sent && refused == 0; {
				held = b.server.bodies.Held(here)
				select {
				case answer := <-answered:
					refused++
					text, _ := io.ReadAll(answer.Body)
					if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" || !strings.Contains(string(text), "RATE_LIMITED") {
						t.Fatalf("got %s %s, want 429", answer.Status, text)
					}
				case <-time.After(time.Millisecond):
				}
			}
		}
		if held := b.holds(t, here, size); held > total/2 {
			t.Errorf("%d bytes are held by one address, want %d at most", held, total/2)
		}
		elsewhere()
		for _, conn := range conns {
			_ = conn.Close()
		}
		b.holds(t, here, 0)
	})
	t.Run("over WebSockets", func(t *testing.T) {
		const here = "203.0.113.2"
		var peers []*rawPeer
		var frames []string
		for i := range 8 {
			p := rawDial(t, b.host, protocol, "X-Forwarded-For: "+here)
			p.send(rawMessage(`{"type":"connection_init"}`))
			p.hear("connection_ack")
			frame := rawMessage(fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":{"query":"{hello}%s"}}`, i, strings.Repeat(" ", size)))
			p.send(frame[:sent])
			peers, frames = append(peers, p), append(frames, frame)
			if i < 3 {
				b.holds(t, here, (i+1)*sent)
			}
		}
		elsewhere()
		served, refused := 0, 0
		for i, p := range peers {
			p.send(frames[i][sent:])
			switch heard := p.hear("complete|error"); heard[len(heard)-1] {
			case "complete " + itoa(i):
				served++
			case "error " + itoa(i):
				refused++
			default:
				t.Errorf("got %q", heard)
			}
		}
		if served < 3 || refused < 1 {
			t.Errorf("got %d served and %d refused, want some of each", served, refused)
		}
		b.holds(t, here, 0)
	})
}

// Each 16 KiB of a body must arrive within WriteTimeout.
func TestTricklingBodyIsCut(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.WriteTimeout = 200 * time.Millisecond })
	conn := b.tcp(t)
	_, _ = io.WriteString(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n")
	go func() {
		for {
			if _, err := conn.Write([]byte(" ")); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusBadRequest {
		t.Errorf("got %v, %v, want 400", answer, err)
	}
	b.holds(t, "127.0.0.1", 0)
}

// A body is refused for its headers before it is read.
func TestMediaTypes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for headers, want := range map[string]int{
		"application/json":                              200,
		"application/json; charset=utf-8":               200,
		"application/json;charset=UTF-8":                200,
		"application/json; charset=utf8":                200,
		`application/json; charset="UTF8"`:              200,
		"application/json; charset=gbk":                 415,
		"application/json; charset=utf-16":              415,
		"application/json|identity":                     200,
		"application/json|Identity, identity":           200,
		"application/json|gzip":                         415,
		"application/json|identity, br":                 415,
		"application/json|GZIP":                         415,
		"application/json|x-unknown":                    415,
		"application/json|":                             200,
		"application/graphql":                           415,
		"application/json; charset=utf-8; charset=utf8": 415,
	} {
		kind, coding, has := strings.Cut(headers, "|")
		all := []string{"Content-Type", kind}
		if has {
			all = append(all, "Content-Encoding", coding)
		}
		got := b.do(t, "POST", b.url, query("{hello}"), all...)
		if got.status != want {
			t.Errorf("%s: got %d %s, want %d", headers, got.status, got.body, want)
		}
		if has && want == 415 && got.header.Get("Accept-Encoding") != "identity" {
			t.Errorf("%s: got %v, want Accept-Encoding: identity", headers, got.header)
		}
	}
	if got := b.do(t, "GET", b.url+"?query={hello}"+strings.Repeat("&a=1", 60), nil); got.status != 400 {
		t.Errorf("a URL with many parameters: got %d", got.status)
	}
}
