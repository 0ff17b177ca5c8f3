package push

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/webhook"
	"baogong/internal/tool"
)

// TestSignaturesByTheReference has the npm package of Standard Webhooks verify what is sent.
func TestSignaturesByTheReference(t *testing.T) {
	t.Parallel()
	now := time.Now()
	secret := func(b byte, ends *time.Time) *delivery.WebhookSecret {
		return &delivery.WebhookSecret{Secret: bytes.Repeat([]byte{b}, delivery.WebhookSecretSize), EndsAt: ends}
	}
	current, old, ended := secret(1, nil), secret(2, new(now.Add(time.Minute))), secret(3, new(now.Add(-time.Minute)))
	body := []byte(`{"kind":"ORDER_MOVED","at":"2022-04-12T01:00:00Z","note":"好"}`)
	sent := headers("msg_0192_1_7", now, body, []*delivery.WebhookSecret{current, old, ended})
	late := headers("msg_0192_1_7", now.Add(-time.Hour), body, []*delivery.WebhookSecret{current})

	var in bytes.Buffer
	var want []string
	add := func(by *delivery.WebhookSecret, h http.Header, body string, says string) {
		plain := map[string]string{}
		for name := range h {
			plain[strings.ToLower(name)] = h.Get(name)
		}
		line, err := json.Marshal(map[string]any{"secret": by.String(), "headers": plain, "body": body})
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
		want = append(want, says)
	}
	add(current, sent, string(body), "ok")
	add(old, sent, string(body), "ok")
	add(ended, sent, string(body), "No matching signature found")
	add(current, sent, string(body)+" ", "No matching signature found")
	add(current, late, string(body), "Message timestamp too old")
	cmd := exec.CommandContext(t.Context(), tool.Node(t), "webhook.mjs")
	cmd.Dir, cmd.Stdin = "../server/npm", &in
	out, err := cmd.CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != strings.Join(want, "\n") {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, strings.Join(want, "\n"))
	}
}

// resolving answers every question for an IPv4 address with one address.
func resolving(t *testing.T, to netip.Addr) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for buffer := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			question := buffer[12:n]
			end := bytes.IndexByte(question, 0) + 5 // the name, its type and class
			answer := append([]byte{}, buffer[:2]...)
			answer = append(answer, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
			answer = append(answer, question[:end]...)
			if binary.BigEndian.Uint16(question[end-4:]) == 1 { // A
				answer[7] = 1
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4)
				answer = append(answer, to.AsSlice()...)
			}
			_, _ = server.WriteTo(answer, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// TestTargetsAreCheckedWhenDialed: no connection begins to an address inside a private network, by any name.
func TestTargetsAreCheckedWhenDialed(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	send := func(private bool, url string) delivery.WebhookProblem {
		s := New(Options{Verbs: &webhook.Verbs{PrivateTargets: private}, Resolver: resolving(t, netip.MustParseAddr("127.0.0.1"))})
		defer s.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return s.attempt(ctx, cancel, url, http.Header{}, []byte("{}")).Problem
	}
	for _, host := range []string{"127.0.0.1", "hooks.example.com", "[::1]", "[::ffff:127.0.0.1]"} {
		if got := send(false, "http://"+host+":"+port); got != delivery.ProblemPrivate {
			t.Errorf("%s: got %q, want %s", host, got, delivery.ProblemPrivate)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("got %d requests at a private address", n)
	}
	if got := send(true, "http://hooks.example.com:"+port); got != "" || reached.Load() != 1 {
		t.Errorf("where private targets are allowed: got %q and %d requests", got, reached.Load())
	}
}

// TestAttempts covers what receivers answer.
func TestAttempts(t *testing.T) {
	t.Parallel()
	var redirected atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the context end with the connection
		switch r.URL.Path {
		case "/ok":
			w.WriteHeader(http.StatusNoContent)
		case "/long":
			_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		case "/endless":
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "/away":
			http.Redirect(w, r, "/target", http.StatusTemporaryRedirect)
		case "/target":
			redirected.Add(1)
		case "/busy":
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/bad":
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusBadRequest)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/hangs":
			<-r.Context().Done()
		case "/header":
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		default: // closes before an answer
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}
	}))
	defer receiver.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it says that its certificate is not trusted
	secure.StartTLS()
	defer secure.Close()
	s := New(Options{Verbs: &webhook.Verbs{PrivateTargets: true}})
	defer s.client.CloseIdleConnections()
	for _, c := range []struct {
		url  string
		want delivery.DeliveryAttempt
	}{
		{receiver.URL + "/ok", delivery.DeliveryAttempt{Status: 204}},
		{receiver.URL + "/long", delivery.DeliveryAttempt{Status: 200}},
		{receiver.URL + "/endless", delivery.DeliveryAttempt{Status: 200}},
		{receiver.URL + "/away", delivery.DeliveryAttempt{Status: 307, Problem: delivery.ProblemRedirected}},
		{receiver.URL + "/busy", delivery.DeliveryAttempt{Status: 503, Problem: delivery.ProblemRefused, RetryAfter: 7 * time.Second}},
		{receiver.URL + "/bad", delivery.DeliveryAttempt{Status: 400, Problem: delivery.ProblemRefused}},
		{receiver.URL + "/gone", delivery.DeliveryAttempt{Status: 410, Problem: delivery.ProblemRefused}},
		{receiver.URL + "/hangs", delivery.DeliveryAttempt{Problem: delivery.ProblemTimedOut}},
		{receiver.URL + "/header", delivery.DeliveryAttempt{Problem: delivery.ProblemNotReached}},
		{receiver.URL + "/closes", delivery.DeliveryAttempt{Problem: delivery.ProblemNotReached}},
		{secure.URL, delivery.DeliveryAttempt{Problem: delivery.ProblemNotTrusted}},
		{"http://127.0.0.1:1", delivery.DeliveryAttempt{Problem: delivery.ProblemNotReached}},
	} {
		limit := 10 * time.Second
		if c.want.Problem == delivery.ProblemTimedOut {
			limit = 200 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		if got := s.attempt(ctx, cancel, c.url, http.Header{}, []byte("{}")); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.url, got, c.want)
		}
		cancel()
	}
	if redirected.Load() > 0 {
		t.Error("a redirect was followed")
	}
}

// Endpoints whose receivers never answer take half of the slots, so that deliveries to others go on.
func TestSlowReceiversHoldUpNoOther(t *testing.T) {
	t.Parallel()
	waiting := make(chan struct{}, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the context end with the connection
		if r.URL.Path == "/hangs" {
			waiting <- struct{}{}
			<-r.Context().Done()
		}
	}))
	defer receiver.Close()
	s := New(Options{Verbs: &webhook.Verbs{Engine: &dispatch.Engine{Machine: time.Now}, PrivateTargets: true}, AtOnce: 4, Timeout: time.Minute})
	defer s.client.CloseIdleConnections()
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	defer done.Wait()
	defer stop()
	to := func(path string) *worker {
		return s.newWorker(ctx, &db.HeldWebhook{Webhook: delivery.Webhook{URL: receiver.URL + path, LastProblem: new(delivery.ProblemTimedOut)}})
	}
	for range 8 {
		done.Go(func() { to("/hangs").post("msg", []byte("{}")) })
	}
	for range 2 {
		<-waiting
	}
	quick := to("/ok")
	quick.slow = false // as it is after an attempt that was answered at once
	for range 3 {
		if a, sent := quick.post("msg", []byte("{}")); !sent || !a.Taken() || quick.slow {
			t.Fatalf("got %+v, %v", a, sent)
		}
	}
	if n := len(waiting); n > 0 {
		t.Errorf("%d more of the attempts that hang have begun, want two at once", n)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2022, 4, 12, 1, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"": 0, "x": 0, "-5": 0, "120": 2 * time.Minute, " 3 ": 3 * time.Second, "99999999": time.Hour,
		"Tue, 12 Apr 2022 01:00:30 GMT": 30 * time.Second, "Tue, 12 Apr 2022 00:00:00 GMT": 0} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	if got := fmt.Sprint(headers("a", now, nil, nil)["Webhook-Timestamp"]); got != "[1649725200]" {
		t.Errorf("got the time %s", got)
	}
}
