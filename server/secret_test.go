package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// ledger is a log that tests read.
type ledger struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *ledger) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *ledger) read() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// No log holds a credential, at any place where a client may send it and for any answer.
func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	log := &ledger{}
	b := setup(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Pages = map[string]http.Handler{
			"/link/{code}": http.NotFoundHandler(),
			"/boom/{code}": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }),
		}
	})
	const secret = "stranger" // what the bench refuses, repeating it to the client
	b.post(t, "{me}", "Authorization", "Bearer "+secret)
	b.post(t, "{me}", "Authorization", secret)
	b.post(t, `{hello(name:"`+secret+`")}`)
	b.post(t, secret)
	b.do(t, "POST", b.url+"?token="+secret, query("{hello}"), "Content-Type", "application/json")
	b.do(t, "GET", b.url+"?"+url.Values{"query": {"{hello}"}, "token": {secret}, "variables": {secret}}.Encode(), nil, "Cookie", "token="+secret)
	b.do(t, "GET", "http://"+b.host+"/link/"+secret, nil)
	b.do(t, "GET", "http://"+b.host+"/boom/"+secret, nil)
	b.do(t, "GET", "http://"+b.host+"/"+secret, nil)
	b.knocks(t, "Origin", "https://"+secret+".example")
	for _, text := range []string{
		`{"type":"connection_init","payload":{"Authorization":"Bearer ` + secret + `"}}`,
		`{"type":"connection_init","payload":{"Authorization":["` + secret + `"]}}`,
		`{"type":"` + secret + `"}`,
		secret,
	} {
		p := b.dial(t, "Authorization", "Bearer "+secret)
		p.send(text)
		if _, _, err := p.ReadMessage(); err == nil {
			t.Errorf("%s: the socket stays open", text)
		}
	}
	p := b.greeted(t, "")
	p.subscribe(secret, "subscription{feed}")
	await(t, "the subscription", b.entered)
	p.subscribe(secret, "{hello}")
	p.closes(4409)
	raw := b.tcp(t)
	_, _ = raw.Write([]byte("GET /" + secret + " HTTP/9\r\nAuthorization: " + secret + "\r\n\r\n"))
	_, _ = readAll(raw)
	b.stop()
	b.served <- await(t, "the drain", b.served)

	text := log.read()
	if !strings.Contains(text, "route=/graphql") || !strings.Contains(text, "websocket closed") || !strings.Contains(text, "panic") {
		t.Errorf("the log does not tell what happened:\n%s", text)
	}
	for line := range strings.Lines(text) {
		if strings.Contains(line, secret) {
			t.Errorf("the log holds the credential: %s", line)
		}
	}
}
