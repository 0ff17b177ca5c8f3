package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"baogong/delivery"
	"baogong/dispatch/gate"
	"baogong/dispatch/round"
	"baogong/dispatch/sorting"
	"baogong/dispatch/verbs"
)

// How the work between two moves is measured: one call after the other, each for orders that have not been there.
const (
	callsEach  = 12 // the least calls in a round
	yardsticks = 12 // how often pgbench does a job in a round
	recorded   = 20 // the most calls of a job that pgbench sends
	doors      = 40
	atOnce     = 50 // labels in a call
)

// job is work on the orders of a scene: the calls as requests, and the same calls by the verbs.
type job struct {
	e     *scene
	size  int
	asks  []asked
	calls []func(context.Context, *verbs.All) error
}

// asked is a GraphQL operation, and what its answer holds.
type asked struct {
	query     string
	variables map[string]any
	mark      string
}

// chainRow is one figure: the plan of each job's scene, and what is done there.
type chainRow struct {
	what    string
	code    string
	calls   int // of a job
	plan    plan
	prepare func(context.Context, *bench, *scene) (*job, error)

	shared  bool     // all jobs are in one scene, those of pgbench in another
	changed []string // tables beside orders whose rows a job changes
	added   []string // tables to which a job adds rows, those that refer to others first
}

// chain measures the gate, sorting and hand-over.
func chain(ctx context.Context, b *bench) ([]Figure, error) {
	n, many, homes := b.scaled(truck, 2), b.scaled(atOnce, 2), b.scaled(doors, 2)
	var out []Figure
	for _, row := range []chainRow{
		{what: fmt.Sprintf("an arrival of %d bags received, two calls: bags", n), code: "gate", calls: 2, plan: plan{households: n, orders: n, until: delivery.Placed}, prepare: arrivals},
		{what: fmt.Sprintf("%d orders sorted by label, calls of 1", n), code: "sort-1", calls: n, plan: plan{households: n, orders: n, until: delivery.AtGate}, prepare: sorts(1)},
		{what: fmt.Sprintf("%d orders sorted by label, calls of %d", n, many), code: "sort-many", calls: (n + many - 1) / many, plan: plan{households: n, orders: n, until: delivery.AtGate}, prepare: sorts(many)},
		{what: fmt.Sprintf("a round of %d doors handed over in one call: doors", homes), code: "doors", calls: 1, plan: plan{households: homes, orders: homes}, prepare: handOvers},
	} {
		f, err := b.chainRow(ctx, row)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.what, err)
		}
		out = append(out, f...)
	}
	return out, nil
}

func (b *bench) chainRow(ctx context.Context, row chainRow) ([]Figure, error) {
	of := func(calls int) int { return (b.scaled(calls, 1) + row.calls - 1) / row.calls } // jobs
	each, warm := of(callsEach), of(settled)
	jobs, err := b.jobs(ctx, row, 2+warm+b.Rounds*each)
	if err != nil {
		return nil, err
	}
	b.progress.expect(2 * b.Rounds)
	pg, sent, orders, err := b.pgbenchJob(ctx, row, jobs[:2])
	if err != nil {
		return nil, err
	}
	if pg != nil {
		defer pg.close()
	}
	s, err := b.product(ctx)
	if err != nil {
		return nil, err
	}
	defer b.endAll()
	if _, err := s.jobs(ctx, jobs[2:2+warm]); err != nil {
		return nil, err
	}
	jobs = jobs[2+warm:]
	var got, same []float64
	for i := range b.Rounds {
		rate, err := s.jobs(ctx, jobs[i*each:(i+1)*each])
		if err != nil {
			return nil, err
		}
		got = append(got, rate)
		b.progress.step()
		if pg != nil {
			took, err := pg.took(ctx, b.scaled(yardsticks, 2), sent)
			if err != nil {
				return nil, err
			}
			same = append(same, orders/took.Seconds())
		}
		b.progress.step()
	}
	return noted(pg, figure(row.what, "/s", Goal{MinRatio: 0.5}, got, "pgbench, the same statements", same)), nil
}

// jobs makes scenes with jobs. The first two jobs are for pgbench.
func (b *bench) jobs(ctx context.Context, row chainRow, n int) ([]*job, error) {
	plans := make([]plan, n)
	if row.shared {
		plans = plans[:2]
	}
	for i := range plans {
		plans[i] = row.plan
		plans[i].code, plans[i].buildings = fmt.Sprintf("%s-%d", row.code, i), max(row.plan.buildings, 1)
	}
	scenes, err := b.estates(ctx, plans...)
	if err != nil {
		return nil, err
	}
	out := make([]*job, n)
	for i := range out {
		e := scenes[min(i, len(scenes)-1)]
		if row.shared && i < 2 {
			e = scenes[0]
		}
		if out[i], err = row.prepare(ctx, b, e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// jobs returns how many orders a second the server handles for one client.
func (s *server) jobs(ctx context.Context, jobs []*job) (float64, error) {
	c, err := s.client(ctx)
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	var took time.Duration
	orders := 0
	for _, j := range jobs {
		requests := make([][]byte, len(j.asks))
		for i, a := range j.asks {
			requests[i] = s.request("C01@"+j.e.code, a.query, a.variables)
		}
		began := time.Now()
		for i, r := range requests {
			if err := c.do(r, j.asks[i].mark); err != nil {
				return 0, s.failed(err)
			}
		}
		took += time.Since(began)
		orders += j.size
	}
	return float64(orders) / took.Seconds(), nil
}

// pgbenchJob makes pgbench ready to send what the verbs send for a job, or for its first calls, and returns how many statements these are,
// and of how many orders; nil where there is no pgbench. Two jobs are recorded: the first prepares the statements.
func (b *bench) pgbenchJob(ctx context.Context, row chainRow, jobs []*job) (_ *pgbenchRun, sent int, orders float64, err error) {
	if b.Pgbench == "" {
		return nil, 0, 0, nil
	}
	e, err := b.eavesdrop(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	var all []statement
	for _, j := range jobs {
		if err := b.remember(ctx, j.e, row); err != nil {
			return nil, 0, 0, err
		}
		all = nil
		calls := j.calls[:min(len(j.calls), recorded)]
		for _, call := range calls {
			some, err := e.of(ctx, func(d *verbs.All) error { return call(ctx, d) })
			if err != nil {
				return nil, 0, 0, err
			}
			all = append(all, some...)
		}
		orders = float64(j.size*len(calls)) / float64(len(j.calls))
	}
	before, err := b.restore(ctx, jobs[len(jobs)-1].e, row)
	if err != nil {
		return nil, 0, 0, err
	}
	pg, err := b.preparePgbench(ctx, script{clients: [][]statement{append(before, all...)}})
	return pg, len(all), orders, err
}

// remember copies the scene's rows that a job changes.
func (b *bench) remember(ctx context.Context, e *scene, row chainRow) error {
	var text strings.Builder
	text.WriteString("drop schema if exists remembered cascade;\ncreate schema remembered;\n")
	for _, table := range slices.Concat([]string{"orders", "round_orders"}, row.changed, row.added) {
		fmt.Fprintf(&text, "create table remembered.%[1]s as select * from %[1]s where community_id = %[2]d;\n", table, e.id.Community)
	}
	text.WriteString("alter table remembered.orders add primary key (community_id, id);\nanalyze")
	_, err := b.db.Pool().ExecContext(ctx, text.String())
	return err
}

// restore returns the statements that bring the remembered rows of the scene back. They are not part of what is measured.
func (b *bench) restore(ctx context.Context, e *scene, row chainRow) ([]statement, error) {
	var out []statement
	add := func(text string, args ...any) { out = append(out, statement{text: fmt.Sprintf(text, args...)}) }
	for _, table := range slices.Concat([]string{"orders"}, row.changed, row.added) {
		var sets, same string
		if err := b.db.Pool().QueryRowContext(ctx, `
			select string_agg(format('%1$I = %2$s', c.column_name, case c.column_name when 'booked_version' then 'b.version' else format('b.%I', c.column_name) end), ', ' order by c.ordinal_position)
			       filter (where k.column_name is null),
			       string_agg(format('o.%1$I = b.%1$I', c.column_name), ' and ' order by c.ordinal_position) filter (where k.column_name is not null)
			  from information_schema.columns c
			  left join information_schema.key_column_usage k
			    on k.table_schema = current_schema and k.constraint_name = $1 || '_pkey' and k.table_name = $1 and k.column_name = c.column_name
			 where c.table_schema = 'remembered' and c.table_name = $1`, table).Scan(&sets, &same); err != nil {
			return nil, err
		}
		if slices.Contains(row.added, table) {
			add("delete from %[1]s o where o.community_id = %[2]d and not exists (select from remembered.%[1]s b where %[3]s)", table, e.id.Community, same)
		} else {
			add("update %[1]s o set %[2]s from remembered.%[1]s b where %[3]s", table, sets, same)
		}
	}
	add("delete from proofs p using remembered.orders b where p.community_id = b.community_id and p.order_id = b.id")
	add("delete from round_orders x using remembered.orders b where x.community_id = b.community_id and x.order_id = b.id")
	add("insert into round_orders select * from remembered.round_orders")
	if tables := slices.Concat(row.changed, row.added); len(tables) > 0 { // the server's jobs find no versions of rows that earlier jobs left
		add("vacuum %s", strings.Join(append(tables, "orders"), ", "))
	}
	return out, nil
}

// arrivals prepares an arrival of all orders: it is at the gate, and all its bags are there.
func arrivals(ctx context.Context, b *bench, e *scene) (*job, error) {
	in := gate.AnnounceArrivalInput{SupplierID: e.supplier, ExpectedAt: new(time.Now().Add(time.Hour).Truncate(time.Second))}
	for _, o := range e.orders {
		in.Orders = append(in.Orders, &gate.AnnouncedOrderInput{OrderID: o.id})
	}
	p, err := b.founder.Gate.AnnounceArrival(ctx, e.commander, in)
	switch {
	case err != nil:
		return nil, err
	case len(p.UserErrors) > 0:
		return nil, p.UserErrors[0]
	}
	id := *p.ArrivalID
	return &job{e: e, size: len(e.orders),
		asks: []asked{
			{`mutation ($in: ArriveInput!) { arrive(input: $in) { arrival { state } userErrors { code } } }`,
				map[string]any{"in": map[string]any{"arrivalId": id}}, `"ARRIVED"`},
			{`mutation ($in: ReceiveArrivalInput!) { receiveArrival(input: $in) { arrival { state } userErrors { code } } }`,
				map[string]any{"in": map[string]any{"arrivalId": id, "allButListed": true, "complete": true}}, `"RECEIVED"`},
		},
		calls: []func(context.Context, *verbs.All) error{
			func(ctx context.Context, d *verbs.All) error {
				p, err := d.Gate.Arrive(ctx, e.commander, gate.ArriveInput{ArrivalID: id})
				return firstRefusal(err, func() []*delivery.Error { return p.UserErrors })
			},
			func(ctx context.Context, d *verbs.All) error {
				p, err := d.Gate.ReceiveArrival(ctx, e.commander, gate.ReceiveArrivalInput{ArrivalID: id, AllButListed: true, Complete: true})
				return firstRefusal(err, func() []*delivery.Error { return p.UserErrors })
			},
		}}, nil
}

// sorts prepares calls that sort so many orders each, by the QR codes of their labels.
func sorts(each int) func(context.Context, *bench, *scene) (*job, error) {
	return func(_ context.Context, _ *bench, e *scene) (*job, error) {
		bin := delivery.ID{Kind: delivery.KindBin, Community: e.id.Community, UUID: e.buildings[0].UUID}
		j := &job{e: e, size: len(e.orders)}
		for some := range chunks(e.orders, each) {
			var labels []string
			for _, o := range some {
				labels = append(labels, o.id.String()+"/1")
			}
			j.asks = append(j.asks, asked{`mutation ($in: SortOrdersInput!) { sortOrders(input: $in) { sorted userErrors { code } } }`,
				map[string]any{"in": map[string]any{"binId": bin, "labels": labels, "atomic": true}}, fmt.Sprintf(`"sorted":%d,`, len(some))})
			j.calls = append(j.calls, func(ctx context.Context, d *verbs.All) error {
				p, err := d.Sorting.SortOrders(ctx, e.commander, sorting.SortOrdersInput{BinID: bin, Labels: labels, Atomic: true})
				return firstRefusal(err, func() []*delivery.Error { return p.UserErrors })
			})
		}
		return j, nil
	}
}

// handOvers prepares a round of all orders, each at a door of its own.
func handOvers(ctx context.Context, b *bench, e *scene) (*job, error) {
	ids := make([]delivery.ID, len(e.orders))
	in := round.HandOverInput{Atomic: true}
	var list []map[string]any
	for i, o := range e.orders {
		ids[i] = o.id
		in.Doors = append(in.Doors, &round.HandOverDoorInput{OrderIds: []delivery.ID{o.id}, Proof: delivery.ProofAttested})
		list = append(list, map[string]any{"orderIds": []delivery.ID{o.id}, "proof": delivery.ProofAttested})
	}
	p, err := b.founder.Round.StartRound(ctx, e.commander, round.StartRoundInput{OrderIds: ids, Most: len(ids), ConfirmQuietHours: true})
	if err := firstRefusal(err, func() []*delivery.Error { return p.UserErrors }); err != nil {
		return nil, err
	}
	return &job{e: e, size: len(ids),
		asks: []asked{{`mutation ($in: HandOverInput!) { handOver(input: $in) { results { delivered } userErrors { code } } }`,
			map[string]any{"in": map[string]any{"doors": list, "atomic": true}}, `"delivered":true`}},
		calls: []func(context.Context, *verbs.All) error{func(ctx context.Context, d *verbs.All) error {
			p, err := d.Round.HandOver(ctx, e.commander, in)
			return firstRefusal(err, func() []*delivery.Error { return p.UserErrors })
		}}}, nil
}

// firstRefusal returns the error, or the first refusal of a call that has none.
func firstRefusal(err error, refusals func() []*delivery.Error) error {
	if err != nil {
		return err
	}
	if list := refusals(); len(list) > 0 {
		return list[0]
	}
	return nil
}
