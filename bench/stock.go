package bench

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
)

// Stock is what the yardstick of gqlgen's own transport is made of: our schema and resolvers.
type Stock struct {
	Schema           graphql.ExecutableSchema
	Authenticate     func(ctx context.Context, credential string) (context.Context, error) // of connection_init
	ErrorPresenter   graphql.ErrorPresenterFunc
	AroundOperations graphql.OperationMiddleware
	AroundResponses  graphql.ResponseMiddleware
}

// Serve answers WebSockets by gqlgen's own transport over gorilla, with a query cache. It says on out where it listens,
// and ends with in or ctx.
func (s Stock) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	manyFiles()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h := handler.New(s.Schema)
	h.AddTransport(transport.Websocket{
		Implementation: gorilla{websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}},
		InitTimeout:    waitTime, PingPongInterval: 20 * time.Second,
		InitFunc: func(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
			ctx, err := s.Authenticate(ctx, payload.Authorization())
			return ctx, nil, err
		},
	})
	h.SetQueryCache(&queries{})
	h.SetErrorPresenter(s.ErrorPresenter)
	h.AroundOperations(s.AroundOperations)
	h.AroundResponses(s.AroundResponses)
	server := &http.Server{Handler: h}
	defer server.Close()
	go func() { _ = server.Serve(listener) }()
	if err := announce(out, listener); err != nil {
		return err
	}
	return talk(ctx, in, out, func(context.Context, ask) (answer, error) { return answer{}, errors.New("nothing is answered here") })
}

// queries keeps every document that was parsed: the benchmark has few.
type queries struct{ all sync.Map }

func (q *queries) Get(_ context.Context, key string) (*ast.QueryDocument, bool) {
	v, ok := q.all.Load(key)
	d, _ := v.(*ast.QueryDocument)
	return d, ok
}

func (q *queries) Add(_ context.Context, key string, d *ast.QueryDocument) { q.all.Store(key, d) }

// gorilla is gorilla/websocket as gqlgen's transport takes it.
type gorilla struct{ upgrader websocket.Upgrader }

func (g gorilla) Accept(w http.ResponseWriter, r *http.Request, o transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	u := g.upgrader
	u.Subprotocols = o.Subprotocols
	ws, err := u.Upgrade(w, r, o.ResponseHeader)
	if err != nil {
		return nil, err
	}
	return gorillaConn{ws}, nil
}

// gorillaConn inherits what it takes to limit reads and to set deadlines.
type gorillaConn struct{ *websocket.Conn }

func (c gorillaConn) NextReader() (int, io.Reader, error) {
	kind, r, err := c.Conn.NextReader()
	if websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseNoStatusReceived) {
		err = transport.ErrWebsocketClosed
	}
	return kind, r, err
}

func (c gorillaConn) WriteClose(code int, message string) error {
	return c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(code, message))
}
