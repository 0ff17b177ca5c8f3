// Package server is the edge: routes, the authentication seam, the WebSocket, event-stream and plain HTTP
// transports, limits and drain. It knows no verb and no table; everything arrives as Options.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"baogong/delivery"
	"baogong/live"
	"baogong/server/limit"
)

// Options is what a Server is made of. Schema, Authenticate, WithActor, WithLocale, WithView and ErrorPresenter are needed.
type Options struct {
	Schema graphql.ExecutableSchema

	// Authenticate says who holds a credential: the Authorization header's value, or the member of that name
	// in connection_init; "" when there is none, which should give the zero Session. Its errors are presented
	// like any other; a WebSocket closes with 4403 if the code is UNAUTHENTICATED or FORBIDDEN, else with 1013.
	Authenticate func(ctx context.Context, credential string) (Session, error)

	WithActor  func(context.Context, delivery.Actor) context.Context
	WithLocale func(context.Context, delivery.Locale) context.Context

	ErrorPresenter   graphql.ErrorPresenterFunc  // the one place where internal errors are logged and hidden
	Recover          graphql.RecoverFunc         // nil: the panic is logged and presented as INTERNAL
	AroundOperations graphql.OperationMiddleware // a refusal must be a graphql.OneShot
	AroundResponses  graphql.ResponseMiddleware  // runs for every response: loaders belong here
	Extensions       []graphql.HandlerExtension

	// Trace is told of each operation that is about to be carried out, of a subscription until it is open: query, mutation
	// or subscription, and its root fields. done is called once with the code it ended with, OK if with none. nil: nobody is.
	Trace func(ctx context.Context, kind string, fields []string) (traced context.Context, done func(code string))
	// Around is put around all routes; nil: nothing.
	Around func(http.Handler) http.Handler

	// WithView puts into a context what a shared execution may answer by: what its subscribers see, and, only where
	// something depends on the person, who that is, from the context of one of them; else asker is nil.
	WithView func(ctx context.Context, scope delivery.Scope, asker context.Context) context.Context
	Prompt   map[string]bool // subscriptions whose answers wait for nothing, and are made by whoever writes
	Personal map[string]bool // fields whose answer depends on the person and not only on the view, as "Type.field"

	NoIntrospection bool // __schema and __type are refused, and errors do not guess what was meant

	// Items is about how many objects a list that has no pages holds, by "Type.field" or the field's name alone; 10
	// where it does not say. What is selected below a list costs that many times as much.
	Items map[string]int
	// Points are prices of fields without their selections, by "Type.field". Points of "Type.field(path)" are added if the
	// argument is given, and points of "Type.field(path:VALUE)" if it has the value.
	Points map[string]int

	// Plan may compile a subscription: what it returns appends to a buffer the data of the answer to a value that is shown
	// by a scope, just as the executor would, or reports false where the executor must. Nil where that cannot be.
	Plan func(*graphql.OperationContext) func(buffer []byte, value any, scope *delivery.Scope) ([]byte, bool)

	// Scalars convert input values of custom scalars, by scalar name, to what the Go type decodes. They report false for a
	// value that is not valid. They get JSON values (string, json.Number, bool, []any, map[string]any, never nil), from literals
	// and variables equally. A scalar without a function accepts any value.
	Scalars map[string]func(value any) (any, bool)
	Private map[string]bool // scalars whose values refusals must not quote, by name

	Ready    func(context.Context) error // nil: ready until the drain
	Pages    map[string]http.Handler     // further routes, by http.ServeMux pattern
	Metrics  http.Handler                // answers GET /metrics to this machine only; nil: there is no such route
	Tracking *Tracking                   // nil: links show nothing
	Loopback bool                        // requests that name another host than this machine are refused
	Origins  []string                    // whose pages may ask, beside the same origin and loopback
	Trusted  *Trusted                    // nil: any operation runs
	Proxies  limit.Proxies               // whose X-Forwarded-For is believed
	TLS      *tls.Config                 // nil: Serve speaks plain HTTP
	Limits   limit.Limits
	Log      *slog.Logger
}

// Session is whom a credential names and until when. The zero Session is nobody; zero Expires is never. Limits count
// by Account, which is the same for every credential of one person, and "" for nobody.
type Session struct {
	Account string
	Actor   delivery.Actor
	Expires time.Time
}

// Server answers GraphQL at /graphql, health at /healthz and /readyz, and the pages it was given.
type Server struct {
	opt       Options
	exec      *executor.Executor
	documents documents
	groups    groups
	writers   writers
	forms     forms
	makers    *live.FairQueue // makes answers that must wait for the database
	rates     *limit.Rates
	budgets   *limit.Budgets
	refusals  limit.Refusals
	routes    http.Handler
	streams   roster
	counts    counts
	now       func() time.Time

	byAccount, byAddress limit.Tally    // WebSockets and event streams
	waiting              limit.Tally    // WebSockets without connection_ack, by address
	unacknowledged       waitingSockets // the same WebSockets, oldest first
	anonymous            limit.Tally    // WebSockets and event streams without an account, by address
	connections          limit.Tally    // WebSockets excluded, by address
	refused              sync.Map       // connections above the limit, until they are closed
	bodies               limit.Tally    // bytes of requests being read or answered, by address
}

// makersAtOnce is how many subscription answers that read rows are made at once, at most a quarter of them for one account.
// It is less than the number of database connections.
const makersAtOnce = 12

// New makes a Server. It fails if a needed option is missing or an extension does not fit the schema.
func New(o Options) (*Server, error) {
	switch {
	case o.Schema == nil:
		return nil, errors.New("server: no schema")
	case o.Authenticate == nil || o.WithActor == nil || o.WithLocale == nil || o.WithView == nil:
		return nil, errors.New("server: Authenticate, WithActor, WithLocale and WithView are needed")
	case o.ErrorPresenter == nil:
		return nil, errors.New("server: no error presenter")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Recover == nil {
		o.Recover = logPanic(o.Log)
	}
	o.Limits.Fill()
	for i, origin := range o.Origins {
		if i == 0 {
			o.Origins = slices.Clone(o.Origins)
		}
		parsed, err := ParseOrigin(origin)
		if err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
		o.Origins[i] = parsed
	}

	s := &Server{opt: o, exec: executor.New(o.Schema), now: time.Now}
	s.groups.server, s.writers.counts = s, &s.counts
	s.makers = live.NewFairQueue(makersAtOnce, makersAtOnce/4)
	s.streams.limit, s.streams.watch = o.Limits.Sockets, s.watch
	s.byAccount.Limit, s.byAddress.Limit, s.waiting.Limit = o.Limits.AccountSockets, o.Limits.AddressSockets, o.Limits.AddressWaiting
	share := max(o.Limits.Sockets*o.Limits.AnonymousShare/100, 1)
	s.connections.Limit = o.Limits.AddressConnections
	s.waiting.Total, s.unacknowledged.limit = math.MaxInt, share // no total: a new socket evicts the oldest
	s.anonymous.Limit, s.anonymous.Total, s.bodies.Total = o.Limits.AddressWaiting, share, o.Limits.Bodies
	s.rates = limit.NewRates(o.Limits, &s.refusals, func() time.Time { return s.now() })
	s.budgets = limit.NewBudgets(o.Limits, s.rates)
	s.exec.SetErrorPresenter(o.ErrorPresenter)
	s.exec.SetRecoverFunc(o.Recover)
	s.exec.SetParserTokenLimit(o.Limits.Tokens)
	s.exec.SetDisableSuggestion(o.NoIntrospection)
	s.exec.SetQueryCache(&s.documents)
	for _, e := range append([]graphql.HandlerExtension{&guard{limits: o.Limits, items: o.Items, points: o.Points, closed: o.NoIntrospection}}, o.Extensions...) {
		if err := e.Validate(o.Schema); err != nil {
			return nil, fmt.Errorf("server: extension %s: %w", e.ExtensionName(), err)
		}
		s.exec.Use(e)
	}
	if o.AroundOperations != nil {
		s.exec.AroundOperations(o.AroundOperations)
	}
	if o.AroundResponses != nil {
		s.exec.AroundResponses(o.AroundResponses)
	}
	s.routes = s.route()
	return s, nil
}

// Handler answers every route. Streams opened through it end with their peers; Serve also ends them itself.
func (s *Server) Handler() http.Handler { return s.routes }
