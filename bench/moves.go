package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"baogong/delivery"
	"baogong/dispatch/verbs"
)

// How moves are measured.
const (
	askers      = 32
	communities = 50
	choices     = 4 // orders a client moves by turns, each in another community
	truck       = 300
	trucks      = 8 // and as many clients, each with its own truck in a community of its own
	moveFor     = 5 * time.Second
)

const advance = `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { moved userErrors { code } } }`

// requests are the two that move them, there and back.
func (h hand) requests(s *server) (out, back []byte) {
	list := make([]map[string]any, len(h.orders))
	for i, o := range h.orders {
		list[i] = map[string]any{"orderId": o.id}
	}
	in := func(to delivery.Stage, reason *delivery.MoveReason) []byte {
		return s.request("C01@"+h.e.code, advance, map[string]any{"in": map[string]any{"orders": list, "to": to, "reason": reason, "atomic": true}})
	}
	return in(delivery.OutForDelivery, nil), in(delivery.AtBuilding, &absent)
}

// moves measures single moves over HTTP.
func moves(ctx context.Context, b *bench) ([]Figure, error) {
	many, clients := b.scaled(communities, 4), b.scaled(askers, 4)
	ours, err := b.hands(ctx, "moves", clients, choices, many, 1)
	if err != nil {
		return nil, err
	}
	theirs, err := b.hands(ctx, "rows", clients, choices, many, 1)
	if err != nil {
		return nil, err
	}
	b.progress.expect(2 * b.Rounds)
	var got, same, least []float64
	pg, err := b.pgbenchMoves(ctx, theirs)
	if err != nil {
		return nil, err
	}
	if pg != nil {
		defer pg.close()
		if err := pg.once(ctx, makeFixed); err != nil {
			return nil, err
		}
	}
	for range b.Rounds {
		rate, err := b.httpMoves(ctx, ours)
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
			same = append(same, 2*rate) // a round is there and back
			file, err := pg.write("fixed.sql", fixedScript)
			if err != nil {
				return nil, err
			}
			if rate, err = pg.rate(ctx, clients, b.lasting(moveFor), file); err != nil {
				return nil, err
			}
			least = append(least, rate)
		}
		b.progress.step()
	}
	what := fmt.Sprintf("single moves over HTTP, %d clients, %d communities", clients, many)
	return noted(pg,
		figure(what, "/s", Goal{MinRatio: 0.5}, got, "pgbench, the same statements", same),
		figure("… the same moves", "/s", Goal{MinRatio: 0.3}, got, "pgbench, one update, one insert, one commit", least)), nil
}

// bulk measures moves of whole trucks.
func bulk(ctx context.Context, b *bench) ([]Figure, error) {
	n, many := b.scaled(truck, 10), b.scaled(trucks, 2)
	ours, err := b.hands(ctx, "trucks", many, 1, many, n)
	if err != nil {
		return nil, err
	}
	theirs, err := b.hands(ctx, "truck-rows", many, 1, many, n)
	if err != nil {
		return nil, err
	}
	b.progress.expect(2 * b.Rounds)
	pg, err := b.pgbenchMoves(ctx, theirs)
	if err != nil {
		return nil, err
	}
	if pg != nil {
		defer pg.close()
	}
	var got, same []float64
	for range b.Rounds {
		rate, err := b.httpMoves(ctx, ours)
		if err != nil {
			return nil, err
		}
		got = append(got, rate*float64(n))
		b.progress.step()
		if pg != nil {
			rate, err := pg.rate(ctx, many, b.lasting(moveFor), pg.files...)
			if err != nil {
				return nil, err
			}
			same = append(same, 2*rate*float64(n))
		}
		b.progress.step()
	}
	return noted(pg, figure(fmt.Sprintf("orders moved in bulk calls of %d, %d clients", n, many), "/s", Goal{MinRatio: 0.6}, got,
		"pgbench, the same bulk statements", same)), nil
}

// noted says of figures without a yardstick why there is none.
func noted(pg *pgbenchRun, figures ...Figure) []Figure {
	if pg == nil {
		for i := range figures {
			figures[i].Note = noPgbench
		}
	}
	return figures
}

// briefest is how long a measurement lasts at the least, at any scale.
const briefest = 100 * time.Millisecond

// lasting is a time at this run's scale.
func (b *bench) lasting(d time.Duration) time.Duration {
	return max(time.Duration(float64(d)*b.Scale), min(d, briefest))
}

// hands makes estates, and gives each client as many choices, each of size orders in one of them.
func (b *bench) hands(ctx context.Context, code string, clients, choices, communities, size int) ([][]hand, error) {
	each := (clients*choices + communities - 1) / communities // hands in a community
	var plans []plan
	for i := range communities {
		plans = append(plans, plan{code: fmt.Sprintf("%s-%d", code, i), buildings: 1, households: 10, orders: each * size})
	}
	all, err := b.estates(ctx, plans...)
	if err != nil {
		return nil, err
	}
	out := make([][]hand, clients)
	for i := range clients * choices {
		e, nth := all[i%communities], i/communities
		out[i%clients] = append(out[i%clients], hand{e, e.orders[nth*size : (nth+1)*size]})
	}
	return out, nil
}

// httpMoves is how many calls in a second a fresh server answers. Each client moves one of its hands, chosen by chance,
// there and back.
func (b *bench) httpMoves(ctx context.Context, hands [][]hand) (float64, error) {
	s, err := b.product(ctx)
	if err != nil {
		return 0, err
	}
	defer b.endAll()
	type pair struct{ out, back []byte }
	ready := make([][]pair, len(hands))
	for i, list := range hands {
		for _, h := range list {
			out, back := h.requests(s)
			ready[i] = append(ready[i], pair{out, back})
		}
	}
	chosen := make([]*pair, len(hands)) // that is out
	mark := fmt.Sprintf(`"moved":%d,`, len(hands[0][0].orders))
	rate, err := s.rate(ctx, len(hands), b.lasting(moveFor), func(nth int, c *client) error {
		if p := chosen[nth]; p != nil {
			chosen[nth] = nil
			return c.do(p.back, mark)
		}
		chosen[nth] = &ready[nth][rand.IntN(len(ready[nth]))]
		return c.do(chosen[nth].out, mark)
	})
	if err != nil {
		return 0, err
	}
	for nth, p := range chosen {
		if p == nil {
			continue
		}
		c, err := s.client(ctx)
		if err != nil {
			return 0, err
		}
		err = c.do(p.back, mark)
		c.conn.Close()
		if err != nil {
			return 0, fmt.Errorf("bring back what client %d moved: %w", nth, err)
		}
	}
	return rate, nil
}

// sameVersions lets a round take the same order with the same version more than once: the key of its lines becomes an index that costs
// as much.
const sameVersions = `
	alter table round_orders drop constraint if exists round_orders_pkey;
	create index if not exists round_orders_pkey on round_orders (community_id, round_id, order_id, taken_version)`

// ifUnchanged is the condition of a single move that its order still has the version that was read.
const ifUnchanged = " and o.version = n.version - 1"

// pgbenchMoves makes pgbench ready to send what the verbs send for the moves of each client, and nil where there is
// no pgbench. The estates are good for nothing else afterwards: pgbench writes the same versions again and again, so the statements of
// single moves go without their condition.
func (b *bench) pgbenchMoves(ctx context.Context, hands [][]hand) (*pgbenchRun, error) {
	if b.Pgbench == "" {
		return nil, nil
	}
	if _, err := b.db.Pool().ExecContext(ctx, sameVersions); err != nil {
		return nil, err
	}
	e, err := b.eavesdrop(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = e.close() }()
	warm := map[*scene]bool{} // communities; a first move prepares statements and reads the team
	for _, list := range hands {
		for _, h := range list {
			for i := 0; i < 2 && !warm[h.e]; i++ {
				if err := h.e.move(ctx, e.All, h.orders...); err != nil {
					return nil, err
				}
			}
			warm[h.e] = true
		}
	}
	scripts := make([]script, len(hands[0]))
	for _, list := range hands {
		for choice, h := range list {
			var like []statement
			if before := scripts[choice].clients; len(before) > 0 {
				like = before[0]
			}
			sent, err := agreed(like, func() ([]statement, error) { return e.thereAndBack(ctx, h) })
			if err != nil {
				return nil, err
			}
			scripts[choice].clients = append(scripts[choice].clients, sent)
		}
	}
	return b.preparePgbench(ctx, scripts...)
}

// thereAndBack returns the statements of two moves.
func (e *eavesdropper) thereAndBack(ctx context.Context, h hand) (sent []statement, err error) {
	for range 2 {
		some, err := e.of(ctx, func(d *verbs.All) error { return h.e.move(ctx, d, h.orders...) })
		if err != nil {
			return nil, err
		}
		changed := false
		for i, st := range some {
			some[i].text = strings.ReplaceAll(st.text, ifUnchanged, "")
			changed = changed || some[i].text != st.text
		}
		if single := len(h.orders) == 1; single != changed {
			return nil, fmt.Errorf("the statements of a move have the condition %q: %v", ifUnchanged, changed)
		}
		sent = append(sent, some...)
	}
	return sent, nil
}
