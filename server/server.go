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

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
	"baogong/server/wire"
)

// Options holds the parts of a Server. Schema and Identity are required.
type Options struct {
	Schema answer.Schema // executes the operations
	Rules  answer.Rules

	Identity Identity // authenticates clients
	Observer Observer // nil: nothing is traced
	Links    Links    // opens the links of orders; nil: there are none
	Files    Files    // keeps photos; nil: there are none
	Exports  Exports  // writes tables; nil: there are none

	Ready    func(context.Context) error // nil: ready until the drain
	Pages    map[string]http.Handler     // further routes, by http.ServeMux pattern
	Root     string                      // the path below which a proxy serves all routes, such as /baogong; "" at the root of its host
	NotFound http.Handler                // answers paths without a route; nil for http.NotFound
	Metrics  http.Handler                // answers GET /metrics to this machine only; nil: there is no such route
	Loopback bool                        // requests that name another host than this machine are refused
	Origins  []string                    // whose pages may ask, beside the same origin and loopback
	Proxies  limit.Proxies               // whose X-Forwarded-For is believed
	TLS      *tls.Config                 // nil: Serve speaks plain HTTP
	Limits   limit.Limits
	Log      *slog.Logger
}

// Identity authenticates clients.
type Identity interface {
	// Authenticate returns the session of a credential: the Authorization header's value, or the member of that
	// name in connection_init. "" means that there is none and should give the zero Session. Errors are presented
	// like any other. A WebSocket closes with 4403 if the code is UNAUTHENTICATED or FORBIDDEN, else with 1013.
	Authenticate(ctx context.Context, credential string) (Session, error)
}

// Observer traces what a Server does.
type Observer interface {
	answer.Tracer
	// Around is put around all routes.
	Around(routes http.Handler) http.Handler
}

// Session is the actor that a credential names, and when it expires. The zero Session is anonymous; zero Expires is
// never. Limits count by Account, which is the same for all credentials of one person, and "" for an anonymous client.
type Session struct {
	Account string
	Actor   delivery.Actor
	Expires time.Time
}

// Server answers GraphQL at /graphql, health at /healthz and /readyz, and the pages it was given.
type Server struct {
	opt        Options
	answers    *answer.Executor
	wire       wire.Options // of its WebSockets
	deliveries wire.DeliveryStats
	rates      *limit.Rates
	refusals   limit.Refusals
	routes     http.Handler
	streams    connectionSet
	counters   serverCounters
	now        func() time.Time

	byAccount, byAddress limit.Tally    // WebSockets and event streams
	waiting              limit.Tally    // WebSockets without connection_ack, by address
	unacknowledged       waitingSockets // the same WebSockets, oldest first
	anonymous            limit.Tally    // WebSockets and event streams without an account, by address
	connections          limit.Tally    // WebSockets excluded, by address
	refused              sync.Map       // connections above the limit, until they are closed
	bodies               limit.Tally    // bytes of requests being read or answered, by address
	fileBytes            limit.Tally    // bytes of files being sent or received, by address
	fileUploads          limit.Tally    // files being received, by account
	fileWork             chan struct{}  // holds a token for each file being cleaned, stored or read
	exports              limit.Tally    // tables being exported, by account
}

// New makes a Server. It fails if a needed option is missing or an extension does not fit the schema.
func New(o Options) (*Server, error) {
	switch {
	case o.Schema == nil:
		return nil, errors.New("server: no schema")
	case o.Identity == nil:
		return nil, errors.New("server: no authentication")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
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

	s := &Server{opt: o, now: time.Now}
	s.wire = wire.Options{Writers: wire.NewWriters(&s.deliveries), Limits: &s.opt.Limits, Bodies: &s.bodies, Refusals: &s.refusals,
		Skim: func() wire.Skimmer { return &outline{} }, Now: func() time.Time { return s.now() }}
	s.streams.limit, s.streams.monitor = o.Limits.Sockets, s.monitor
	s.byAccount.Limit, s.byAddress.Limit, s.waiting.Limit = o.Limits.AccountSockets, o.Limits.AddressSockets, o.Limits.AddressWaiting
	s.fileBytes.Total, s.fileUploads.Limit, s.fileWork = o.Limits.Files, o.Limits.AccountFiles, make(chan struct{}, o.Limits.FilesAtOnce)
	s.exports.Limit, s.exports.Total = o.Limits.AccountExports, o.Limits.Exports
	share := max(o.Limits.Sockets*o.Limits.AnonymousShare/100, 1)
	s.connections.Limit = o.Limits.AddressConnections
	s.waiting.Total, s.unacknowledged.limit = math.MaxInt, share // no total: a new socket evicts the oldest
	s.anonymous.Limit, s.anonymous.Total, s.bodies.Total = o.Limits.AddressWaiting, share, o.Limits.Bodies
	s.rates = limit.NewRates(o.Limits, &s.refusals, s.wire.Now)
	var tracer answer.Tracer
	if o.Observer != nil {
		tracer = o.Observer
	}
	var err error
	s.answers, err = answer.New(answer.Options{Tracer: tracer, Schema: o.Schema, Rules: o.Rules, Limits: &s.opt.Limits, Rates: s.rates, Now: s.wire.Now, Log: o.Log})
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s.routes = s.route()
	return s, nil
}

// Handler answers every route. Streams opened through it end with their peers; Serve also ends them itself.
func (s *Server) Handler() http.Handler { return s.routes }
