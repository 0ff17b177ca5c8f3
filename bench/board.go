package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"baogong/db"
	"baogong/dispatch/verbs"
)

// overview is the board as a command centre asks for it.
const overview = `query ($community: ID!) {
  board(communityId: $community) {
    feedCursor open held withoutHolder deliveredToday stages { stage count oldestSince } buildings { building { code } open stages { stage count } }
  }
}`

// boards measures how many boards of a large community are read in a second.
func boards(ctx context.Context, b *bench) ([]Figure, error) {
	n := b.scaled(liveOrders, leastOrders)
	e, err := b.town(ctx, largest, n)
	if err != nil {
		return nil, err
	}
	clients := b.scaled(askers, 4)
	b.progress.expect(2 * b.Rounds)
	pg, err := b.pgbenchBoard(ctx, e)
	if err != nil {
		return nil, err
	}
	if pg != nil {
		defer pg.close()
	}
	var got, same []float64
	for range b.Rounds {
		rate, err := b.httpBoards(ctx, e, clients)
		if err != nil {
			return nil, err
		}
		got = append(got, rate)
		b.progress.step()
		if pg != nil {
			rate, err := pg.rate(ctx, clients, b.lasting(moveFor), pg.files...)
			if err != nil {
				return nil, err
			}
			same = append(same, rate)
		}
		b.progress.step()
	}
	return noted(pg, figure(fmt.Sprintf("boards of a community with %s live orders, %d clients", grouped(int64(n)), clients), "/s",
		Goal{MinRatio: 0.5}, got, "pgbench, the same SQL", same)), nil
}

// boardOf is the request for the estate's board, and what its answer must hold.
func (e *scene) boardOf(s *server) (request []byte, mark string) {
	return s.request("C01@"+e.code, overview, map[string]any{"community": e.id}), fmt.Sprintf(`"open":%d,`, len(e.orders))
}

func (b *bench) httpBoards(ctx context.Context, e *scene, clients int) (float64, error) {
	s, err := b.product(ctx)
	if err != nil {
		return 0, err
	}
	defer b.endAll()
	request, mark := e.boardOf(s)
	return s.rate(ctx, clients, b.lasting(moveFor), func(_ int, c *client) error { return c.do(request, mark) })
}

// pgbenchBoard makes pgbench ready to send what the server sends for one board: the statements that stand in each of several
// recordings of one. The server's clock stands by meanwhile, since it sends many for each community.
func (b *bench) pgbenchBoard(ctx context.Context, e *scene) (*pgbenchRun, error) {
	if b.Pgbench == "" {
		return nil, nil
	}
	resume, err := b.stopClocks(ctx)
	if err != nil {
		return nil, err
	}
	defer resume()
	s, err := b.productOn(ctx, b.DSN+loud)
	if err != nil {
		return nil, err
	}
	defer b.endAll()
	c, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	heard, err := b.eavesdrop(ctx) // for its marks
	if err != nil {
		return nil, err
	}
	defer func() { _ = heard.close() }()
	request, mark := e.boardOf(s)
	if err := c.do(request, mark); err != nil { // prepares what is kept
		return nil, err
	}
	var recordings [][]statement
	for range 20 {
		sent, err := heard.of(ctx, func(*verbs.All) error { return c.do(request, mark) })
		if err != nil {
			return nil, err
		}
		recordings = append(recordings, sent)
	}
	sent, err := common(recordings)
	if err != nil {
		return nil, err
	}
	return b.preparePgbench(ctx, script{clients: [][]statement{sent}})
}

// stopClocks holds the lease of the clock worker, so that no server's clock works until resume is called.
func (b *bench) stopClocks(ctx context.Context) (resume func(), err error) {
	ctx, stop := context.WithCancel(ctx)
	leads, ended := make(chan struct{}), make(chan error, 1)
	var led sync.Once
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		var err error
		for err == nil && ctx.Err() == nil { // a server that was killed leaves its lease behind
			err = b.db.Lead(ctx, db.ClockWorker, func(context.Context) error { led.Do(func() { close(leads) }); return nil }, tick.C)
			if err == nil {
				err = pause(ctx, 100*time.Millisecond)
			}
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		ended <- err
	}()
	select {
	case <-leads:
		return func() {
			stop()
			<-ended //nolint:errcheck // it says that the context is over
		}, nil
	case err := <-ended:
		stop()
		return nil, fmt.Errorf("stop the clocks: %w", err)
	}
}

// common returns the first recording's statements that stand in every other as often, in its order.
func common(recordings [][]statement) (out []statement, err error) {
	left := make([]map[string]int, len(recordings))
	for i, sent := range recordings {
		left[i] = map[string]int{}
		for _, s := range sent {
			left[i][s.text]++
		}
	}
	for _, s := range recordings[0] {
		everywhere := true
		for _, l := range left {
			everywhere = everywhere && l[s.text] > 0
			l[s.text]--
		}
		if everywhere {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		err = fmt.Errorf("%d recordings have no statement in common", len(recordings))
	}
	return out, err
}
