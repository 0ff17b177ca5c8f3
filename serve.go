package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/live"
	"baogong/resolvers"
	"baogong/server"
	"baogong/web"
)

// Run starts the server and runs until ctx is done.
func (c *serveCommand) Run(ctx context.Context, p *program) (err error) {
	files, err := c.files(p.log)
	if err != nil {
		return err
	}
	st, err := p.open(ctx, c.databaseSettings, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	h, err := p.build(ctx, st, c.serverSettings, time.Now)
	if err != nil {
		return err
	}
	h.files = files
	listener, err := h.listenAt()
	if err != nil {
		return err
	}
	return h.serve(ctx, listener, pages(web.Operations(), nil, false), nil)
}

// house is everything wired together: what is below main in design.md's map.
type house struct {
	*program
	settings serverSettings
	files    edgeFiles
	store    *store
	dispatch *dispatch.Dispatch
	hub      *live.Hub
	bell     *db.Bell
	root     *resolvers.Resolver
}

// build wires the rooms to each other. now is the business clock.
func (p *program) build(ctx context.Context, st *store, s serverSettings, now func() time.Time) (*house, error) {
	keys, err := st.UnscopedKeyring(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	h := &house{program: p, settings: s, store: st, bell: st.NewBell()}
	h.hub = live.New(source{st.DB}, live.Options{Ring: s.Ring, Poll: s.Poll, SlowAfter: s.SlowAfter, Log: p.log, Rescope: st.UnscopedActor})
	h.dispatch = &dispatch.Dispatch{DB: st.DB, Now: now, Machine: time.Now, Wake: func(community int32) {
		h.hub.Wake(community)
		h.bell.Ring(community)
	}}
	h.root = resolvers.New(resolvers.Options{DB: st.DB, Dispatch: h.dispatch, Hub: h.hub, Keys: keys, Log: p.log, LastEventID: server.LastEventID, RateLimit: server.RateLimit})
	return h, nil
}

// edge makes the server with its pages.
func (h *house) edge(pages map[string]http.Handler) (*server.Server, error) {
	s := h.settings
	return server.New(server.Options{
		Schema: h.root.Schema(), Authenticate: h.authenticate, WithActor: resolvers.WithActor, WithLocale: resolvers.WithLocale,
		ErrorPresenter: h.root.Present, Recover: h.root.Recover, AroundOperations: h.root.AroundOperations, AroundResponses: h.root.AroundResponses,
		Ready: h.ready, Pages: pages, Origins: s.Origins, Proxies: s.Proxies, Items: resolvers.Items, TLS: h.files.tls,
		Trusted: h.files.trusted, NoIntrospection: s.NoIntrospection, Log: h.log, Limits: s.limits(),
	})
}

// pages are those that people open in a browser.
func pages(ops []web.Operation, actors []web.Actor, demo bool) map[string]http.Handler {
	graphiql := web.GraphiQL(ops, actors)
	return map[string]http.Handler{
		"/graphiql": graphiql, "/graphiql/": graphiql,
		"/{$}": web.Index(web.IndexInfo{Version: version(), Demo: demo, Actors: actors}),
	}
}

// listenAt opens the address to serve at and tells people.
func (h *house) listenAt() (net.Listener, error) {
	listener, err := net.Listen("tcp", h.settings.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", h.settings.Addr, err)
	}
	host, _, err := net.SplitHostPort(h.settings.Addr)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if err != nil || host == "" {
		host = "localhost"
	}
	scheme := "http"
	if h.files.tls != nil {
		scheme = "https"
	}
	fmt.Fprintf(h.out, "Baogong listens at %s://%s 保供已启动\n", scheme, net.JoinHostPort(host, port))
	return listener, nil
}

// serve runs every room until ctx is done or one of them fails: first the edge drains, then the rest stops. work,
// if any, runs beside them and ends with the edge.
func (h *house) serve(ctx context.Context, listener net.Listener, pages map[string]http.Handler, work func(context.Context) error) error {
	edge, err := h.edge(pages)
	if err != nil {
		return errors.Join(err, listener.Close())
	}

	// What is below the edge must outlive its drain.
	below, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	rooms, below := errgroup.WithContext(below)
	rooms.Go(func() error { return h.hub.Run(below) })
	rooms.Go(func() error { h.bell.Run(below); return nil })
	rooms.Go(func() error { return h.listen(below) })
	rooms.Go(func() error {
		(&dispatch.Clock{Dispatch: h.dispatch, Every: time.Second, Log: h.log}).Run(below)
		return nil
	})
	above, ctx := errgroup.WithContext(ctx)
	above.Go(func() error { return edge.Serve(ctx, listener) })
	above.Go(func() error {
		select {
		case <-h.store.gone():
			return errors.New("PostgreSQL has stopped; see its log")
		case <-below.Done(): // a room failed
			return context.Cause(below)
		case <-ctx.Done():
			return nil
		}
	})
	if work != nil {
		above.Go(func() error { return work(ctx) })
	}
	err = above.Wait()
	if errors.Is(err, errDone) {
		err = nil
	}
	stop()
	return errors.Join(err, rooms.Wait())
}

// errDone ends serve because the work beside it is done.
var errDone = errors.New("done")

// listen hears other replicas; without it the poll finds their events.
func (h *house) listen(ctx context.Context) error {
	if err := db.Listen(ctx, h.store.listen, h.hub.Wake); err != nil {
		h.log.Warn("other replicas are heard only by polling", "error", err)
	}
	return nil
}

// ready reports why requests should go elsewhere, if they should.
func (h *house) ready(ctx context.Context) error {
	if !h.hub.Ready() {
		return errors.New("the feed is not running")
	}
	return h.store.Ping(ctx)
}

// source is the table as the feed reads it.
type source struct{ *db.DB }

func (s source) Heads(ctx context.Context) ([]live.Head, error) {
	heads, err := s.UnscopedHeads(ctx)
	out := make([]live.Head, len(heads))
	for i, h := range heads {
		out[i] = headOf(h)
	}
	return out, err
}

func (s source) Events(ctx context.Context, community int32, after int64, limit int) ([]*delivery.Event, live.Head, error) {
	events, head, err := s.UnscopedEvents(ctx, community, after, limit)
	return events, headOf(head), err
}

func (s source) Past(ctx context.Context, scope delivery.Scope, community int32, f delivery.EventFilter, after, upTo int64, limit int) ([]*delivery.Event, error) {
	return s.DB.Events(ctx, scope, community, f, after, upTo, limit)
}

func headOf(h db.Head) live.Head {
	return live.Head{Community: h.Community, Epoch: uint64(h.Epoch), Seq: h.Seq, Oldest: h.Oldest}
}
