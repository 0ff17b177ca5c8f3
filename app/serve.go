package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/access"
	"baogong/dispatch/contact"
	"baogong/dispatch/verbs"
	"baogong/issuer"
	"baogong/live"
	"baogong/push"
	"baogong/reading/estatefile"
	"baogong/resolvers"
	"baogong/server"
	"baogong/server/answer"
	"baogong/telemetry"
	"baogong/web"
)

// Run starts the server and runs until ctx is done.
func (c *serveCommand) Run(ctx context.Context, p *program) (err error) {
	files, err := c.files(p.log)
	if err != nil {
		return err
	}
	if c.DevActors {
		if err := c.onlyLoopback("with --dev-actors every caller can act as any actor"); err != nil {
			return err
		}
	}
	entry, err := p.listen(ctx, c.ServerSettings)
	if err != nil {
		return err
	}
	defer entry.close()
	st, err := p.open(ctx, c.databaseSettings, toServe)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	c.PublicURL = entry.url
	h, err := p.build(ctx, st, c.ServerSettings, time.Now)
	if err != nil {
		return err
	}
	h.files, h.private = files, entry.private
	h.warn()
	if err := errors.Join(st.publish(entry.url), h.firstSteps(ctx, c.databaseSettings)); err != nil {
		return err
	}
	return h.serve(ctx, entry.public, Pages(web.Desk{Operations: web.PlainOperations(), Hint: hint(c.DevActors)}, false), nil)
}

// System is the whole program wired together: all packages below main in the README's map.
type System struct {
	*program
	Settings   ServerSettings
	files      edgeFiles
	private    net.Listener // of --metrics-addr; nil without it
	entry      entry        // set by Wire alone
	metrics    *telemetry.Metrics
	Store      *store
	Verbs      *verbs.All
	Hub        *live.Hub
	notifier   *db.Notifier
	Root       *resolvers.Resolver
	limitedLog *telemetry.LimitedLog // of the program's log
	keys       *delivery.Keyring
	migrated   atomic.Bool      // seen to be
	issuer     *issuer.Verifier // nil without one
	sender     *push.Sender     // of webhooks; nil without one
}

// build wires the rooms to each other. now is the business clock.
func (p *program) build(ctx context.Context, st *store, s ServerSettings, now func() time.Time) (*System, error) {
	limited := telemetry.NewLimitedLog(p.log.Handler())
	served := *p
	served.log = slog.New(limited) // clients can provoke its lines
	p = &served
	keys, err := st.UnscopedKeyring(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	tokens, err := s.verifier(p.log)
	if err != nil {
		return nil, err
	}
	h := &System{program: p, limitedLog: limited, Settings: s, Store: st, notifier: st.NewNotifier(), issuer: tokens, keys: keys, metrics: telemetry.NewMetrics()}
	h.Hub = live.New(source{st.DB}, live.Options{Ring: s.Ring, Poll: s.Poll, Cursor: keys.FeedCursor, Resumes: (s.AccountStreams + 3) / 4, Log: p.log, Notified: p.traces.Notified(),
		Rescope: func(ctx context.Context, a delivery.Actor) (delivery.Actor, error) {
			return st.UnscopedActor(ctx, a, now())
		}})
	st.Committed = func(ctx context.Context, a db.Appended) {
		h.Hub.Committed(live.Commit{Community: a.Community, Epoch: uint64(a.Epoch), First: a.First, Last: a.Last, Events: a.Events, Trace: p.traces.Mark(ctx)})
		h.notifier.Notify(a.Community, a.Last)
	}
	h.Verbs = verbs.New(&dispatch.Engine{DB: st.DB, Keys: keys, Now: now, Machine: time.Now, Quota: s.Quota, StaffTokenLife: s.StaffSignIn})
	h.Verbs.Plan.Off = s.NoPlans
	h.Verbs.Contact.Unusual = func(ctx context.Context, u contact.UnusualReveals) {
		p.log.WarnContext(ctx, "many contacts revealed", "community", u.By.Community, "role", u.By.Role, "by", u.By.UUID, "today", u.Households, "allowance_spent", u.Spent)
	}
	h.Root = resolvers.New(resolvers.Options{DB: st.DB, Verbs: h.Verbs, Hub: h.Hub, Keys: keys, Log: p.log, LastEventID: answer.LastEventID, RateLimit: answer.RateLimit,
		Caller: requester, Extend: server.Extend, PublicURL: s.PublicURL, Root: pathOf(s.PublicURL)})
	h.Verbs.Webhook.PrivateTargets = s.WebhookPrivateTargets
	if !s.NoWebhooks {
		body, err := h.Root.ActivityBody()
		if err != nil {
			return nil, err
		}
		h.sender = push.New(push.Options{Verbs: h.Verbs.Webhook, Hub: h.Hub, Body: body, Log: h.log, Timeout: s.WebhookTime})
	}
	return h, nil
}

// requester returns the edge's knowledge of the client that signs in.
func requester(ctx context.Context) access.Requester {
	a := resolvers.ActorFrom(ctx)
	return access.Requester{Address: answer.Address(ctx), Issuer: a.Issuer, Subject: a.Subject}
}

// edge makes the server with its pages.
func (h *System) edge(pages map[string]http.Handler) (*server.Server, error) {
	s := h.Settings
	var metrics http.Handler
	if h.private == nil {
		metrics = h.metrics.Handler()
	}
	o := server.Options{
		Schema: h.Root, Rules: h.rules(), Identity: h.Identity(), Links: trackLinks{h.Verbs}, Files: h.Verbs.File, Exports: h.Verbs.Export,
		Ready: h.ready, Pages: pages, NotFound: web.NotFound(), Loopback: s.DevActors, Origins: s.Origins, Proxies: s.Proxies,
		TLS: h.files.tls, Log: h.log, Limits: s.limits(), Root: pathOf(s.PublicURL),
		Metrics: metrics,
	}
	if h.traces != nil {
		o.Observer = h.traces
	}
	edge, err := server.New(o)
	if err == nil {
		h.metrics.Register(edge, h.Hub, h.Store.DB, h.Verbs.Contact, h.sender)
	}
	return edge, err
}

// Identity returns the authentication of the API's clients.
func (h *System) Identity() *server.Bearer {
	b := &server.Bearer{Accounts: h.Verbs.Access, Issuer: h.issuer}
	if h.Settings.DevActors {
		b.DevActors = h.Store
	}
	return b
}

// rules returns the facts about the schema that the edge needs beyond its types.
func (h *System) rules() answer.Rules {
	return answer.Rules{
		Inline: resolvers.InlineSubscriptions, PerViewer: resolvers.PerViewerFields, ListLengths: resolvers.ListLengths, Prices: resolvers.Prices,
		Scalars: resolvers.Scalars, Private: resolvers.PrivateScalars,
		NoIntrospection: h.Settings.NoIntrospection, Trusted: h.files.trusted,
	}
}

// Pages are those that people open in a browser.
func Pages(desk web.Desk, demo bool) map[string]http.Handler {
	graphiql := web.GraphiQL(desk)
	pages := map[string]http.Handler{
		"/graphiql": graphiql, "/graphiql/": graphiql,
		"/schema.graphql":                       web.Text(resolvers.Contract()),
		"/app/":                                 web.AppFiles(),
		"/templates/" + estatefile.TemplateName: web.Download(estatefile.TemplateName, estatefile.TemplateType, estateTemplate),
		"/{$}":                                  web.Index(web.IndexInfo{Version: version(), Demo: demo, Actors: desk.Actors, Links: links, TimeOfDay: desk.TimeOfDay}),
	}
	apps := appPages(desk)
	for path, page := range apps {
		pages[path] = page
	}
	pages["/sw.js"] = web.OfflineWorker(apps)
	pages["/manifest.webmanifest"] = web.Installation(apps)
	maps.Copy(pages, web.Icons())
	return pages
}

// estateTemplate returns the workbook in which an estate is filled in.
func estateTemplate() []byte {
	var b bytes.Buffer
	if err := estatefile.Template(&b); err != nil { // cannot happen: its sheets are ours
		panic(fmt.Errorf("write the template of an estate: %w", err))
	}
	return b.Bytes()
}

// hint returns which tokens are accepted, where that is no secret.
func hint(devActors bool) string {
	if devActors {
		return "dev:<name>, dev:C01"
	}
	return ""
}

// links lead on from the front page.
var links = []web.Link{
	{Href: "sign-in", Chinese: "登录：住户卡、邀请码", English: "sign in by a card or an invitation"},
	{Href: "board", Chinese: "指挥台：整个小区一目了然（指挥、队长）", English: "board: the whole community at a glance (commander, leads)"},
	{Href: "city", Chinese: "全市：各小区对比（街道与市级）", English: "city: communities compared (street and city)"},
	{Href: "my", Chinese: "我的订单：住户查看进度、下单", English: "my orders: residents follow and place orders"},
	{Href: "supplier", Chinese: "供货：商家发货、预告、导入", English: "supply: suppliers send, announce and import orders"},
	{Href: "gate", Chinese: "门口收货：到车、清点、无主件", English: "the gate: trucks, counts and strays"},
	{Href: "sorting", Chinese: "分拣：扫码看楼栋", English: "sorting: scan a bag, see its building"},
	{Href: "cart", Chinese: "运输：装车、卸楼", English: "the cart: load and leave at buildings"},
	{Href: "round", Chinese: "上楼投递：队员的一轮，无网络也能用", English: "a volunteer's round, also without a network"},
	{Href: "setup", Chinese: "小区设置：导入表格、邀请队员和商超", English: "set-up: the estate from a spreadsheet, invitations of the team"},
	{Href: "desk", Chinese: "电话台：接电话、代下单", English: "phone desk: calls, and orders by telephone"},
	{Href: "cards", Chinese: "住户卡：按楼栋发卡并打印", English: "household cards: issue and print a building's"},
	{Href: "print/manifest", Chinese: "分拣单：按楼栋、楼层打印", English: "sorting manifest: to print, by building and floor"},
	{Href: "print/labels", Chinese: "标签：每袋一张，带二维码", English: "labels: one for each bag, with its QR code"},
	{Href: "shopping", Chinese: "购物清单：一次买齐多户所需，可打印", English: "shopping list: what to buy for several households, to print"},
	{Href: "report", Chinese: "日报：某一天的数字，可打印", English: "daily report: the numbers of a day, to print"},
	{Href: "rehearsal", Chinese: "流程模拟：前一晚模拟明天，可保存、对比、打印预案", English: "rehearsal: simulate tomorrow on the evening before; save, compare and print scenarios"},
	{Href: "needs", Chinese: "需求：已下的订单与预测", English: "needs: what was ordered, and what is expected"},
	{Href: "templates/" + estatefile.TemplateName, Chinese: "小区资料模板：楼栋、住户、队员、商超", English: "template of an estate: buildings, households, the team, suppliers"},
	{Href: "graphiql", Chinese: "GraphiQL：查询、操作与订阅", English: "GraphiQL: query, act and subscribe"},
	{Href: "schema.graphql", Chinese: "接口定义", English: "the schema, every type and field described"},
	{Href: "healthz", Chinese: "是否在运行", English: "is it running"},
	{Href: "readyz", Chinese: "是否可以接受请求", English: "is it ready for requests"},
}

// announce tells people where the server is.
func (h *System) announce(listener net.Listener) {
	fmt.Fprintf(h.out, "Baogong listens at %s 保供已启动\n", h.at(listener))
}

// at is the address of the server as this machine reaches it.
func (h *System) at(listener net.Listener) string {
	url, err := publicURL("", h.Settings.Addr, portOf(listener), h.files.tls != nil)
	if err != nil { // cannot happen: the settings are valid
		return "http://" + listener.Addr().String()
	}
	return url
}

// warn prints a warning if other machines cannot follow the server's links, or tokens cross the network unencrypted.
func (h *System) warn() {
	if url := h.Settings.PublicURL; onlyHere(url) {
		fmt.Fprintf(h.out, "Links and QR codes lead to %s, which opens on this machine only; set --public-url. 链接与二维码指向 %[1]s，只能在本机打开；请设置 --public-url。\n", url)
	} else if inTheClear(url) {
		fmt.Fprintf(h.out, "Tokens cross the network to %s unencrypted; use --tls-cert and --tls-key, or a proxy with https. 登录凭证以明文传到 %[1]s；请使用 --tls-cert 和 --tls-key，或带 https 的代理。\n", url)
	}
}

// onlyLoopback fails if other machines can reach the server, also through a proxy. It is for modes in which every caller can act
// as any actor.
func (s ServerSettings) onlyLoopback(why string) error {
	host, _, err := splitAddr(s.Addr, "--addr")
	if err != nil {
		return err
	}
	if len(s.Proxies) > 0 {
		return fmt.Errorf("%s, so it serves no proxy; got --proxies %s", why, s.Proxies[0])
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s, so it listens on this machine only; got --addr %s", why, s.Addr)
	}
	return nil
}

// serve runs every room until ctx is done or one of them fails: first the edge drains, then the rest stops. work,
// if any, runs beside them and ends with the edge.
func (h *System) serve(ctx context.Context, listener net.Listener, pages map[string]http.Handler, work func(context.Context) error) error {
	defer h.limitedLog.Close()
	edge, err := h.edge(pages)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	h.announce(listener)

	// What is below the edge must outlive its drain.
	below, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	rooms, below := errgroup.WithContext(below)
	rooms.Go(func() error { return h.Hub.Run(below) })
	rooms.Go(func() error { h.notifier.Run(below); return nil })
	rooms.Go(func() error { return h.followKeys(below) })
	rooms.Go(func() error { return h.listen(below) })
	if h.private != nil {
		rooms.Go(func() error { return telemetry.Private(below, h.private, h.metrics.Handler(), h.log) })
	}
	if h.issuer != nil {
		rooms.Go(func() error { h.issuer.Run(below); return nil })
	}
	if h.sender != nil {
		rooms.Go(func() error { h.sender.Run(below); return nil })
	}
	rooms.Go(func() error {
		h.Verbs.Clock(time.Second, h.log).Run(below)
		return nil
	})
	above, ctx := errgroup.WithContext(ctx)
	above.Go(func() error { return edge.Serve(ctx, listener) })
	above.Go(func() error {
		select {
		case <-h.Store.gone():
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
	return errors.Join(err, h.leave(rooms))
}

// leaveLimit is how long the goroutines below the edge may take to end after the drain. After that the private PostgreSQL is
// stopped even if some still hang.
const leaveLimit = 3 * time.Second

// leave waits for the rooms to end, at most for leaveLimit.
func (h *System) leave(rooms *errgroup.Group) error {
	ended := make(chan error, 1)
	go func() { ended <- rooms.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(leaveLimit):
		h.log.Warn("some goroutines still wait for PostgreSQL; stopping without them")
		return nil
	}
}

// errDone ends serve because the work beside it is done.
var errDone = errors.New("done")

// listen receives the notifications of other replicas. While it has no connection, the poll finds their events.
func (h *System) listen(ctx context.Context) error {
	const again = 10 * time.Second
	for logged := false; ; logged = true {
		err := db.Listen(ctx, h.Store.listen, db.ListenLimit, func(grown map[int32]int64) {
			if grown == nil {
				h.Hub.Wake()
			}
			for community, seq := range grown {
				h.Hub.Grown(community, seq)
			}
		})
		if err == nil {
			return nil
		}
		if !logged {
			h.log.Warn("other replicas are heard only by polling", "err", err)
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return nil
		}
	}
}

// ready returns an error if requests should go to another replica.
func (h *System) ready(ctx context.Context) error {
	if !h.Hub.Ready() {
		return errors.New("the feed is not running")
	}
	if !h.migrated.Load() {
		switch done, err := db.Migrated(ctx, h.Store.dsn); {
		case err != nil:
			return err
		case !done:
			return errors.New("the schema is not migrated")
		}
		h.migrated.Store(true)
	}
	return h.Store.Ping(ctx)
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

func headOf(h db.FeedHead) live.Head {
	return live.Head{Community: h.Community, Epoch: uint64(h.Epoch), Seq: h.Seq, Oldest: h.Oldest, Server: h.Server}
}
