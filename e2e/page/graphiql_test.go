package page_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"baogong/e2e/house"
	"baogong/internal/tool"
	"baogong/resolvers"
	"baogong/web"
)

// TestGraphiQLInABrowser uses GraphiQL as a reader does, over an API that answers with the caller's name and notes what it is sent.
func TestGraphiQLInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	schema := house.ReadSchema(t)
	introspect := exec.CommandContext(t.Context(), tool.Node(t), "e2e/page/browser/introspection.mjs")
	introspect.Stdin = strings.NewReader(resolvers.Contract())
	introspection, err := introspect.Output()
	if err != nil {
		t.Fatalf("introspect: %v", err)
	}

	ops := web.Filled(web.Operations(), map[string]string{"COMMUNITY_ID": "Y29tbXVuaXR5"})
	names := []string{}
	for _, op := range ops {
		doc, err := gqlparser.LoadQueryWithRules(schema, op.Query, rules.NewDefaultRules())
		if err != nil {
			t.Fatalf("%s: %v", op.Name, err)
		}
		names = append(names, doc.Operations[0].Name)
	}

	actors := []web.DeskActor{
		{Name: "C01", Role: "COMMANDER", About: "指挥部"},
		{Name: "S01", Role: "VOLUNTEER", About: "保供队员，E6"},
		{Name: "E6-1-1203", Role: "RESIDENT", About: "住户"},
	}
	api := &fakeAPI{schema: schema, introspection: introspection, streams: map[*stream]bool{}}
	mux := http.NewServeMux()
	page := web.GraphiQL(web.Desk{Operations: ops, Actors: actors})
	mux.Handle("/graphiql", page)
	mux.Handle("/graphiql/", page)
	mux.Handle("/elsewhere/", http.StripPrefix("/elsewhere", web.GraphiQL(web.Desk{})))
	mux.Handle("/{$}", web.Index(web.IndexInfo{Version: "1.2.3", Demo: true, Actors: actors, Links: []web.Link{{Href: "/graphiql", Chinese: "查询与订阅", English: "GraphiQL"}}}))
	mux.Handle("/graphql", api)
	mux.Handle("/elsewhere/graphql", api) // behind a prefix
	server := httptest.NewServer(mux)
	defer server.Close()
	browse(t, func(what string) {
		switch what {
		case "push":
			api.push()
		case "drop":
			api.drop()
		}
	}, "graphiql.mjs", append([]string{server.URL}, names...)...)

	api.mu.Lock()
	defer api.mu.Unlock()
	want := []string{"Bearer dev:C01", "Bearer dev:C01", "Bearer dev:S01", "Bearer dev:stranger", "Bearer dev:C01"}
	if !slices.Equal(api.inits, want) {
		t.Errorf("connections were opened by %q, want %q", api.inits, want)
	}
	if want := []string{"", "c2", "", ""}; !slices.Equal(api.afters, want) {
		t.Errorf("subscriptions started after %q, want %q", api.afters, want)
	}
}

// fakeAPI speaks GraphQL over HTTP and graphql-transport-ws, and answers with the caller's name. The schema is the real one.
type fakeAPI struct {
	schema        *ast.Schema
	introspection []byte

	mu      sync.Mutex
	inits   []string // the Authorization of each connection_init
	afters  []string // $after of each subscription
	streams map[*stream]bool
}

// stream is one subscription to orderEvents. Its fields belong to fakeAPI.mu.
type stream struct {
	conn *websocket.Conn
	id   string
	n    int
}

type message struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`
	Payload any    `json:"payload,omitempty"`
}

func (a *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if websocket.IsWebSocketUpgrade(r) {
		a.serveSocket(w, r)
		return
	}
	var body struct{ Query, OperationName string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if body.OperationName == "IntrospectionQuery" {
		_, _ = w.Write(a.introspection)
		return
	}
	if _, err := gqlparser.LoadQueryWithRules(a.schema, body.Query, rules.NewDefaultRules()); err != nil {
		_ = json.NewEncoder(w).Encode(map[string]any{"errors": err})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"me": map[string]any{"name": r.Header.Get("Authorization")}}})
}

func (a *fakeAPI) serveSocket(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"graphql-transport-ws"}}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	defer a.forget(conn)
	for {
		var m struct {
			ID, Type string
			Payload  struct {
				Authorization string
				Query         string
				Variables     struct{ CommunityID, After string }
			}
		}
		if conn.ReadJSON(&m) != nil || !a.receive(conn, m.ID, m.Type, m.Payload.Authorization, m.Payload.Query, m.Payload.Variables.After) {
			return
		}
	}
}

// receive answers one message. It reports false when the connection is over.
func (a *fakeAPI) receive(conn *websocket.Conn, id, kind, authorization, query, after string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch kind {
	case "connection_init":
		a.inits = append(a.inits, authorization)
		if authorization == "Bearer dev:stranger" {
			_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4403, "You may not"))
			return false
		}
		_ = conn.WriteJSON(message{Type: "connection_ack"})
	case "subscribe":
		a.afters = append(a.afters, after)
		doc, err := gqlparser.LoadQueryWithRules(a.schema, query, rules.NewDefaultRules())
		if err != nil {
			_ = conn.WriteJSON(message{ID: id, Type: "error", Payload: err})
			return true
		}
		if doc.Operations[0].SelectionSet[0].(*ast.Field).Name != "orderEvents" {
			_ = conn.WriteJSON(message{ID: id, Type: "error", Payload: []map[string]any{{
				"message": "There is no such community.", "extensions": map[string]any{"code": "NOT_FOUND"}}}})
			return true
		}
		s := &stream{conn: conn, id: id}
		if after != "" {
			s.n = int(after[1] - '0')
		}
		a.streams[s] = true
		s.next()
	case "complete":
		for s := range a.streams {
			if s.conn == conn && s.id == id {
				delete(a.streams, s)
			}
		}
	case "ping":
		_ = conn.WriteJSON(message{Type: "pong"})
	}
	return true
}

func (s *stream) next() {
	s.n++
	event := map[string]any{"cursor": "c" + string(rune('0'+s.n)), "kind": "ORDER_MOVED", "order": map[string]any{"number": s.n, "stage": "AT_GATE"}}
	_ = s.conn.WriteJSON(message{ID: s.id, Type: "next", Payload: map[string]any{"data": map[string]any{"orderEvents": event}}})
}

func (a *fakeAPI) push() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range a.streams {
		s.next()
	}
}

// drop closes every connection as a server does before it is replaced.
func (a *fakeAPI) drop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range a.streams {
		_ = s.conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseServiceRestart, "Back soon"))
	}
}

func (a *fakeAPI) forget(conn *websocket.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range a.streams {
		if s.conn == conn {
			delete(a.streams, s)
		}
	}
}
