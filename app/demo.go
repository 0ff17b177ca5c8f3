package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"baogong/delivery"
	"baogong/demo"
	"baogong/web"
)

// Run starts everything with the demonstration estate and runs until ctx is done or the days are over.
func (c *demoCommand) Run(ctx context.Context, p *program) (err error) {
	speed, err := parseSpeed(c.Speed)
	if err != nil {
		return err
	}
	if err := c.onlyLoopback("in the demonstration every visitor can act as any actor"); err != nil {
		return err
	}
	c.DevActors, c.WebhookPrivateTargets = true, true // the receiver of webhooks is the demonstration's own
	files, err := c.files(p.log)
	if err != nil {
		return err
	}
	entry, err := p.listen(ctx, c.ServerSettings)
	if err != nil {
		return err
	}
	defer entry.close()
	listener := entry.public
	st, err := p.open(ctx, c.databaseSettings, toShow)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	clock, err := demoClock(ctx, st, speed)
	if err != nil {
		return starting(ctx, err)
	}
	c.PublicURL = entry.url
	h, err := p.build(ctx, st, c.ServerSettings, clock.Now)
	if err != nil {
		return starting(ctx, err)
	}
	h.files, h.private = files, entry.private
	if err := st.publish(entry.url); err != nil {
		return starting(ctx, err)
	}
	estate, err := demo.Load(ctx, demo.Options{DB: st.DB, Verbs: h.Verbs, Clock: clock, Seed: c.Seed, Days: c.Days, Out: p.out, Terminal: p.terminal, Log: p.log})
	if err != nil {
		return starting(ctx, err)
	}
	if speed > 0 { // days at maximum speed have no reader
		stop, err := receive(ctx, estate)
		if err != nil {
			return starting(ctx, err)
		}
		defer stop()
	}
	desk, err := p.desk(ctx, estate)
	if err != nil {
		return starting(ctx, err)
	}
	return h.serve(ctx, listener, Pages(desk, true), func(ctx context.Context) error {
		fmt.Fprintln(p.out, "Sign in as (Authorization: Bearer dev:<name>) 可用身份：")
		links, link := h.ways(ctx, estate, desk)
		for _, a := range desk.Actors {
			fmt.Fprintf(p.out, "  %-12s %-10s %s\n", a.Name, a.Role, a.About)
			if path := links[a.Name]; path != "" {
				fmt.Fprintf(p.out, "  %-12s %s\n", "", h.at(listener)+path)
			}
		}
		if link != "" {
			fmt.Fprintf(p.out, "  %-12s %-10s 订单跟踪链接 the tracking link of one order\n  %-12s %s\n", "", delivery.RoleLink, "", h.at(listener)+link)
		}
		fmt.Fprintln(p.out, "Open /sign-in there and choose whom to be; /graphiql has queries to try. 打开 /sign-in 选一个身份；/graphiql 里有可以试的查询。")
		report, err := estate.Run(ctx)
		if err != nil || c.Days == 0 {
			return err
		}
		fmt.Fprint(p.out, report.String())
		return errDone
	})
}

// receive serves the receiver of the estate's webhooks until stop is called, and has them sent to it.
func receive(ctx context.Context, e *demo.Simulation) (stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	s := &http.Server{Handler: demo.Warehouse(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Serve(listener) // ends with stop
	}()
	stop = func() {
		_ = s.Close()
		<-ended
	}
	if err := e.SendTo(ctx, "http://"+listener.Addr().String()+"/"); err != nil {
		stop()
		return nil, fmt.Errorf("set the estate's webhooks: %w", err)
	}
	return stop, nil
}

// ways returns the paths at which a visitor signs in and watches an order. They are empty if visitors have changed the
// estate so that there are none.
func (h *System) ways(ctx context.Context, e *demo.Simulation, desk web.Desk) (links map[string]string, link string) {
	links, err := h.SignInLinks(ctx, desk.Actors)
	if err == nil {
		link, err = h.TrackLink(ctx, e.Community().Community, demo.Door)
	}
	if err != nil {
		h.log.Warn("no ready sign-in", "err", err)
	}
	return links, link
}

// demoClock is the business clock. An estate goes on at its last event, so that a night does not pass while the program is stopped; a new one
// is set to its morning by demo.Load.
func demoClock(ctx context.Context, st *store, speed float64) (*demo.Clock, error) {
	clocks, err := st.UnscopedClocks(ctx)
	if err != nil {
		return nil, err
	}
	var last time.Time
	for _, c := range clocks {
		if c.Last != nil && c.Last.After(last) {
			last = *c.Last
		}
	}
	if last.IsZero() {
		last = time.Now()
	}
	return demo.NewClock(last, speed), nil
}

// desk returns the contents of GraphiQL for a visitor: operations about this estate, and actors to act as.
func (p *program) desk(ctx context.Context, e *demo.Simulation) (web.Desk, error) {
	fill := func(ctx context.Context) ([]web.Operation, error) {
		examples, err := e.Examples(ctx)
		return web.Filled(web.Operations(), examples), err
	}
	actors, err := e.Actors(ctx)
	if err != nil {
		return web.Desk{}, err
	}
	desk := web.Desk{TimeOfDay: e.TimeOfDay, Clock: func() web.EstateClock { return web.EstateClock{At: e.Clock.Now(), Speed: e.Clock.Speed()} }}
	if desk.Operations, err = fill(ctx); err != nil {
		return web.Desk{}, err
	}
	for _, a := range actors {
		desk.Actors = append(desk.Actors, web.DeskActor{Name: a.Name, Role: a.Role, About: a.About(), Chinese: a.Chinese, English: a.English})
	}
	desk.Fresh = func(ctx context.Context) []web.Operation {
		ops, err := fill(ctx)
		if err != nil {
			p.log.Warn("GraphiQL opens with the examples of the start", "err", err)
			return desk.Operations
		}
		return ops
	}
	return desk, nil
}

// parseSpeed reads a speed; 0 stands for max.
func parseSpeed(s string) (float64, error) {
	if s == "max" {
		return 0, nil
	}
	speed, err := strconv.ParseFloat(strings.TrimSuffix(s, "x"), 64)
	if err != nil || speed <= 0 || speed > 10_000 {
		return 0, fmt.Errorf("--speed must be a number above 0 and up to 10000, or max; got %q", s)
	}
	return speed, nil
}
