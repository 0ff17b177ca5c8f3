package bench

import (
	"context"
	"fmt"
	"time"
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

// pgbenchBoard makes pgbench ready to send what the server sends for one board: the statements that come as often as
// boards are asked for, which is more often than anything that the server does by itself meanwhile.
func (b *bench) pgbenchBoard(ctx context.Context, e *scene) (*pgbenchRun, error) {
	if b.Pgbench == "" {
		return nil, nil
	}
	s, err := b.productOn(ctx, b.DSN+loud, "BAOGONG_NO_PLANS=true") // whose clock sends many statements
	if err != nil {
		return nil, err
	}
	defer b.endAll()
	c, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	request, mark := e.boardOf(s)
	if err := c.do(request, mark); err != nil { // prepares what is kept
		return nil, err
	}
	if err := pause(ctx, 500*time.Millisecond); err != nil { // until that is in the log
		return nil, err
	}
	at, err := size(b.Journal)
	if err != nil {
		return nil, err
	}
	const asked = 20
	for range asked {
		if err := c.do(request, mark); err != nil {
			return nil, err
		}
	}
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return nil, err
	}
	log, err := since(b.Journal, at)
	if err != nil {
		return nil, err
	}
	sent, err := repeated(statements(log), asked)
	if err != nil {
		return nil, err
	}
	return b.preparePgbench(ctx, script{clients: [][]statement{sent}})
}

// repeated returns the statements that were sent at least a number of times, in order of first appearance.
func repeated(all []statement, times int) (out []statement, err error) {
	count := map[string]int{}
	for _, s := range all {
		count[s.text]++
	}
	for _, s := range all {
		if count[s.text] >= times {
			out = append(out, s)
			count[s.text] = 0
		}
	}
	if len(out) == 0 {
		err = fmt.Errorf("none of %d statements comes %d times", len(all), times)
	}
	return out, err
}
