package server

import (
	"net/url"
	"strings"
	"testing"
)

// All transports refuse the same values.
func TestEveryWayInCoercesAlike(t *testing.T) {
	t.Parallel()
	const document = "query($b:Boolean=true){__typename @skip(if:$b)}"
	const variables = `{"b":null}`
	const sent = `{"query":"` + document + `","variables":` + variables + `}`
	const want = "$b must be Boolean!; got null"
	b := setup(t, func(o *Options) {
		o.Rules.Trusted = mustTrust(t, `{"kept": "`+document+`", "hello": "query($n:String){hello(name:$n)}", "me": "{__typename}"}`)
	})
	refused := func(name, got string) {
		t.Helper()
		if !strings.Contains(got, want) || strings.Contains(got, `"data"`) {
			t.Errorf("%s: got %s", name, got)
		}
	}
	address := b.url + "?query=" + url.QueryEscape(document) + "&variables=" + url.QueryEscape(variables)
	const stream = "text/event-stream"
	refused("POST", b.do(t, "POST", b.url, strings.NewReader(sent), "Content-Type", "application/json").body)
	refused("GET", b.do(t, "GET", address, nil).body)
	refused("events by POST", b.do(t, "POST", b.url, strings.NewReader(sent), "Content-Type", "application/json", "Accept", stream).body)
	refused("events by GET", b.do(t, "GET", address, nil, "Accept", stream).body)
	kept := `{"documentId":"kept","variables":` + variables + `}`
	refused("a document that is kept", b.do(t, "POST", b.url, strings.NewReader(kept), "Content-Type", "application/json").body)
	p := b.greeted(t, "")
	for id, payload := range map[string]string{"1": sent, "2": kept} {
		p.send(`{"id":"` + id + `","type":"subscribe","payload":` + payload + `}`)
		got := p.read()
		if refused("WebSocket", got); !strings.Contains(got, `"type":"error"`) {
			t.Errorf("WebSocket: got %s", got)
		}
	}

	// A lone surrogate ends the operation and not the socket.
	p.send(`{"id":"3","type":"subscribe","payload":{"query":"query($n:String){hello(name:$n)}","variables":{"n":"\ud83d"}}}`)
	if got := p.read(); !strings.HasPrefix(got, `{"id":"3","type":"error"`) {
		t.Errorf("got %s", got)
	}
	p.send(`{"id":"5","type":"subscribe","payload":{"query":"{__typename}"}}`)
	if got := p.read(); !strings.HasPrefix(got, `{"id":"5","type":"next"`) {
		t.Errorf("got %s", got)
	}
}
