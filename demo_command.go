package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"baogong/demo"
	"baogong/web"
)

// Run starts everything with the demonstration estate and runs until ctx is done or the days are over.
func (c *demoCommand) Run(ctx context.Context, p *program) (err error) {
	speed, err := parseSpeed(c.Speed)
	if err != nil {
		return err
	}
	if err := loopback(c.Addr); err != nil {
		return err
	}
	c.DevActors = true
	files, err := c.files(p.log)
	if err != nil {
		return err
	}
	st, err := p.open(ctx, c.databaseSettings, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	clock, err := demoClock(ctx, st, speed)
	if err != nil {
		return err
	}
	h, err := p.build(ctx, st, c.serverSettings, clock.Now)
	if err != nil {
		return err
	}
	h.files = files
	estate, err := demo.Load(ctx, demo.Options{DB: st.DB, Dispatch: h.dispatch, Clock: clock, Seed: c.Seed, Days: c.Days, Out: p.out, Terminal: p.terminal, Log: p.log})
	if err != nil {
		return err
	}
	ops, actors, err := handout(ctx, estate)
	if err != nil {
		return err
	}
	listener, err := h.listenAt()
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, "Sign in as (Authorization: Bearer dev:<name>) 可用身份：")
	for _, a := range actors {
		fmt.Fprintf(p.out, "  %-12s %-10s %s\n", a.Name, a.Role, a.About)
	}
	fmt.Fprintln(p.out, "Open /graphiql there and press ▶ 打开 /graphiql 并点击 ▶")
	return h.serve(ctx, listener, pages(ops, actors, true), func(ctx context.Context) error {
		report, err := estate.Run(ctx)
		if err != nil || c.Days == 0 {
			return err
		}
		fmt.Fprint(p.out, report.String())
		return errDone
	})
}

// demoClock is the business clock: it starts at the later of now and the last event, so that time never goes back.
func demoClock(ctx context.Context, st *store, speed float64) (*demo.Clock, error) {
	clocks, err := st.UnscopedClocks(ctx)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	for _, c := range clocks {
		if c.Last != nil && c.Last.After(start) {
			start = *c.Last
		}
	}
	return demo.NewClock(start, speed), nil
}

// handout is what a visitor finds ready on the page: operations about this estate, and people to be.
func handout(ctx context.Context, e *demo.Estate) (ops []web.Operation, actors []web.Actor, err error) {
	examples, err := e.Examples(ctx)
	if err != nil {
		return nil, nil, err
	}
	ops = web.WithCommunity(web.Operations(), e.Community().String())
	for i := range ops {
		for name, id := range examples {
			ops[i].Variables = strings.ReplaceAll(ops[i].Variables, name, id)
		}
	}
	for _, a := range e.Actors() {
		actors = append(actors, web.Actor{Name: a.Name, Role: a.Role, About: a.About})
	}
	return ops, actors, nil
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

// loopback refuses addresses that other machines can reach: in the demonstration anybody can be anybody.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("--addr must be host:port; got %q", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("the demonstration lets anybody be anybody, so it listens on this machine only; got --addr %s", addr)
	}
	return nil
}
