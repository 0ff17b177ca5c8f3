package live_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"baogong/delivery"
	"baogong/e2e/house"
)

// check compares what the clients saw and what they were answered with the tables.
func (d *day) check() {
	d.quiet()
	d.checkStates()     // of subscriptions that lasted
	d.proxy.CutEvery(0) // all clients come back at once
	d.checkEvents()
	d.checkCalls()
}

// quiet waits until nothing happens any more: the clock stands, but its worker may still have something to do.
func (d *day) quiet() {
	for before := ""; ; time.Sleep(1500 * time.Millisecond) {
		now := d.lines("select cast(head as text) from feeds")[0]
		if now == before {
			return
		}
		before = now
	}
}

// checkEvents compares each client's events with those of the table that its scope sees: all of them, in order, each once.
func (d *day) checkEvents() {
	d.t.Helper()
	ctx, program := d.t.Context(), d.program.Load()
	id, err := delivery.ParseID(d.e.Community)
	if err != nil {
		d.t.Fatal(err)
	}
	from, err := program.Root.Keys.ParseFeedCursor(d.start)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []*delivery.Event
	for at := from.Seq; ; at = all[len(all)-1].Seq {
		some, _, err := program.Store.UnscopedEvents(ctx, id.Community, at, 5000)
		if err != nil {
			d.t.Fatal(err)
		}
		if len(some) == 0 {
			break
		}
		all = append(all, some...)
	}
	d.t.Logf("%d events", len(all))
	for _, c := range d.clients {
		actor, err := program.Store.UnscopedActorNamed(ctx, c.name, d.e.Code)
		if err != nil {
			d.t.Fatal(err)
		}
		scope := actor.Scope()
		for _, s := range c.streams {
			if !s.events {
				continue
			}
			var want []*delivery.Event
			for _, e := range all {
				if s.field == "events" && scope.Follows(e) || s.field == "orderEvents" && e.Order != nil && scope.SeesEvent(e) {
					want = append(want, e)
				}
			}
			d.compareEvents(s, want)
		}
	}
}

func (d *day) compareEvents(s *dayStream, want []*delivery.Event) {
	for late := time.Now().Add(house.Timeout); s.length() < len(want) && time.Now().Before(late); {
		time.Sleep(5 * time.Millisecond)
	}
	s.mu.Lock()
	got := slices.Clone(s.got)
	s.mu.Unlock()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			d.t.Errorf("%s: %s: got %d events, want %d", s.client.name, s.field, len(got), len(want))
			return
		}
		at, err := d.program.Load().Root.Keys.ParseFeedCursor(got[i].Cursor)
		same := err == nil && at.Seq == want[i].Seq && got[i].Kind == string(want[i].Kind) && (got[i].Order != nil) == (want[i].Order != nil)
		if o := want[i].Order; same && o != nil {
			same = got[i].Order.OrderID == o.OrderID().String() && got[i].Order.Version == o.Version && got[i].Order.Stage == string(o.Stage)
		}
		if same && s.field == "events" {
			same = got[i].SubjectID == want[i].SubjectID().String()
		}
		if !same {
			d.t.Errorf("%s: %s: event %d of %d: got %+v at %d, want %s at %d", s.client.name, s.field, i, len(want), got[i], at.Seq, want[i].Kind, want[i].Seq)
			return
		}
	}
}

// checkStates compares the last state of each stream with the first state of a fresh subscription, and that with the tables.
func (d *day) checkStates() {
	d.t.Helper()
	for _, c := range d.clients {
		if !slices.ContainsFunc(c.streams, func(s *dayStream) bool { return !s.events }) {
			continue
		}
		peer := d.program.Load().Dial(d.t, d.e.As(c.name), "")
		for _, s := range c.streams {
			if s.events {
				continue
			}
			var fresh, last string
			for late := time.Now().Add(house.Timeout); ; time.Sleep(20 * time.Millisecond) {
				var got struct{ It json.RawMessage }
				if err := json.Unmarshal(peer.Operate(s.query, s.variables()).First().Data, &got); err != nil {
					d.t.Fatal(err)
				}
				s.mu.Lock()
				fresh, last = string(got.It), string(s.newest)
				s.mu.Unlock()
				if fresh == last || time.Now().After(late) {
					break
				}
			}
			if fresh != last {
				d.t.Errorf("%s: %s shows\n%s, a fresh one\n%s", c.name, s.field, last, fresh)
			}
			text, sql := d.inTables(c, s.field, []byte(fresh))
			if want := d.lines(sql); !slices.Equal(text, want) {
				d.t.Errorf("%s: %s shows\n%s\nthe tables\n%s", c.name, s.field, strings.Join(text, "\n"), strings.Join(want, "\n"))
			}
		}
		_ = peer.Conn.Close()
	}
}

// lines reads one text a row, sorted.
func (d *day) lines(query string) []string {
	d.t.Helper()
	rows, err := d.raw.QueryContext(d.t.Context(), query)
	if err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	out := []string{}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			d.t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// inTables writes a state as lines of text, and returns the SQL that writes the same of the tables.
func (d *day) inTables(c *dayClient, field string, state []byte) (text []string, sql string) {
	d.t.Helper()
	read := func(to any) {
		if err := json.Unmarshal(state, to); err != nil {
			d.t.Fatalf("%s: %v in %s", field, err, state)
		}
	}
	add := func(format string, args ...any) { text = append(text, fmt.Sprintf(format, args...)) }
	text = []string{}
	building := ""
	if code := d.serves[c.name]; code != "" {
		building = house.UUID(d.t, d.e.Buildings[code])
	}
	switch field {
	case "board":
		var b struct {
			Open, Held, Late, Incidents, DeliveredToday int
			Buildings                                   []struct {
				Building struct{ Code string }
				Stages   []struct {
					Stage             string
					Count, Held, Late int
				}
			}
			Runs     []struct{ Number, Bags int }
			Arrivals []struct {
				Number int
				State  string
			}
			OnShift []struct {
				Squad               string
				On, Planned, Absent int
			}
		}
		read(&b)
		for _, s := range b.OnShift {
			if s.On+s.Planned+s.Absent > 0 {
				add("%s: %d on, %d planned, %d absent", s.Squad, s.On, s.Planned, s.Absent)
			}
		}
		add("open %d, held %d, late %d, incidents %d, delivered %d", b.Open, b.Held, b.Late, b.Incidents, b.DeliveredToday)
		for _, at := range b.Buildings {
			for _, s := range at.Stages {
				if s.Count > 0 {
					add("%s %s %d, held %d, late %d", at.Building.Code, s.Stage, s.Count, s.Held, s.Late)
				}
			}
		}
		for _, r := range b.Runs {
			add("run %d with %d", r.Number, r.Bags)
		}
		for _, a := range b.Arrivals {
			add("arrival %d %s", a.Number, a.State)
		}
		const open = "o.stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')"
		sql = `select format('open %s, held %s, late %s, incidents %s, delivered %s', count(*) filter (where ` + open + `), count(*) filter (where ` + open + ` and o.open_holds > 0),
			       count(*) filter (where o.late_level > 0), (select count(*) from incidents where state <> 'RESOLVED'), count(*) filter (where o.stage = 'DELIVERED'))
			  from orders o
			union all
			select format('%s %s %s, held %s, late %s', b.code, o.stage, count(*), count(*) filter (where o.open_holds > 0), count(*) filter (where o.late_level > 0))
			  from orders o join buildings b on b.id = o.building_id where ` + open + ` group by b.code, o.stage
			union all
			select format('run %s with %s', r.number, coalesce((select sum(x.bags) from run_orders x where x.run_id = r.id and x.outcome is null), 0))
			  from runs r where r.state in ('LOADING', 'UNDERWAY')
			union all
			select format('arrival %s %s', a.number, a.state) from arrivals a
			union all
			select format('%s: %s on, %s planned, %s absent', f.squad, count(*) filter (where m.state = 'ON'), count(*) filter (where m.state = 'PLANNED'), count(*) filter (where m.state = 'ABSENT'))
			  from shifts f join shift_members m on m.shift_id = f.id group by f.squad`
	case "callQueue":
		var q struct {
			Waiting, Taken, Urgent int
			Enquiries              []struct {
				Number, Attempts int
				State            string
			}
		}
		read(&q)
		add("%d waiting, %d taken, %d urgent", q.Waiting, q.Taken, q.Urgent)
		for _, e := range q.Enquiries {
			add("%d %s %d", e.Number, e.State, e.Attempts)
		}
		sql = `select format('%s waiting, %s taken, %s urgent', count(*) filter (where state = 'WAITING'), count(*) filter (where state = 'TAKEN'), count(*) filter (where urgent)) from enquiries where state <> 'CLOSED'
			union all
			select format('%s %s %s', number, state, attempts) from enquiries where state <> 'CLOSED'`
	case "tasks":
		var tasks []struct {
			Number int
			Title  string
		}
		read(&tasks)
		for _, k := range tasks {
			add("%d %s", k.Number, k.Title)
		}
		sql = `select format('%s %s', number, title) from tasks where squad = 'PATROL' and state = 'TODO'`
	case "notices":
		var notices []struct {
			Number int
			Title  string
		}
		read(&notices)
		for _, n := range notices {
			add("%d %s", n.Number, n.Title)
		}
		sql = `select format('%s %s', number, title) from notices where ended_at is null`
	case "arrivals":
		var arrivals []struct {
			Number, BagsAnnounced, BagsReceived, BagsStray, Orders, OrdersSorted, Version int
			BagsCounted                                                                   *int
			State                                                                         string
		}
		read(&arrivals)
		for _, a := range arrivals {
			counted := 0
			if a.BagsCounted != nil {
				counted = *a.BagsCounted
			}
			add("%d %s v%d: %d orders, %d announced, %d counted, %d received, %d strays, %d sorted", a.Number, a.State, a.Version, a.Orders, a.BagsAnnounced, counted,
				a.BagsReceived, a.BagsStray, a.OrdersSorted)
		}
		of := "true"
		if supplier := d.e.Suppliers[c.name]; supplier != "" {
			of = "a.supplier_id = '" + house.UUID(d.t, supplier) + "'"
		}
		sql = `select format('%s %s v%s: %s orders, %s announced, %s counted, %s received, %s strays, %s sorted', a.number, a.state, a.version, count(x.order_id), a.bags_announced,
			       coalesce(a.bags_counted, 0), coalesce(sum(coalesce(x.received, x.counted)), 0), (select count(*) from strays s where s.arrival_id = a.id),
			       count(*) filter (where x.received > 0 and o.stage in ('SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY', 'DELIVERED')))
			  from arrivals a left join arrival_orders x on x.arrival_id = a.id left join orders o on o.id = x.order_id where ` + of + ` group by a.community_id, a.id`
	case "sortingProgress":
		var p struct {
			Buildings []struct {
				Building                           struct{ Code string }
				Expected, AtGate, Sorted, Settling int
			}
		}
		read(&p)
		for _, b := range p.Buildings {
			add("%s: %d expected, %d at the gate, %d sorted, %d settling", b.Building.Code, b.Expected, b.AtGate, b.Sorted, b.Settling)
		}
		sql = `with n as (
			select o.*, exists (select from arrival_orders a where a.order_id = o.id and a.open) as announced, exists (select from arrival_orders a where a.order_id = o.id and a.held) as settling
			  from orders o)
			select format('%s: %s expected, %s at the gate, %s sorted, %s settling', b.code, count(*) filter (where n.stage in ('PLACED', 'DISPATCHED')),
			       count(*) filter (where n.stage = 'AT_GATE'), count(*) filter (where n.stage = 'SORTED'), count(*) filter (where n.stage = 'AT_GATE' and n.settling and n.open_holds > 0))
			  from n join buildings b on b.id = n.building_id
			 where n.stage in ('DISPATCHED', 'AT_GATE', 'SORTED') or n.stage = 'PLACED' and n.announced
			 group by b.code`
	case "readyBuildings":
		var ready []struct {
			Bin                struct{ Building struct{ Code string } }
			Orders, Bags, Held int
		}
		read(&ready)
		for _, b := range ready {
			add("%s: %d orders, %d bags, %d held", b.Bin.Building.Code, b.Orders, b.Bags, b.Held)
		}
		sql = `select format('%s: %s orders, %s bags, %s held', b.code, count(*) filter (where o.open_holds = 0),
			       sum(case when o.bags_in > 0 then o.bags_in else o.bags end) filter (where o.open_holds = 0), count(*) filter (where o.open_holds > 0))
			  from orders o join buildings b on b.id = o.building_id where o.bin_id is not null group by b.code, o.bin_id having count(*) filter (where o.open_holds = 0) > 0`
	case "myRound":
		var mine struct {
			Round *struct {
				Doors []struct{ Orders []struct{ Number int } }
			}
			Waiting []struct{ Number int }
		}
		read(&mine)
		if mine.Round != nil {
			for _, door := range mine.Round.Doors {
				for _, o := range door.Orders {
					add("out %d", o.Number)
				}
			}
		}
		for _, o := range mine.Waiting {
			add("waiting %d", o.Number)
		}
		sql = `select 'out ' || o.number from orders o join rounds r on r.id = o.round_id where r.ended_at is null and r.volunteer_id = '` + house.UUID(d.t, d.e.Team[c.name]) + `'
			union all
			select 'waiting ' || o.number from orders o where o.stage = 'AT_BUILDING' and o.open_holds = 0 and o.building_id = '` + building + `'`
	case "alerts":
		var alerts []struct {
			Number             int
			Kind, State, Level string
		}
		read(&alerts)
		for _, i := range alerts {
			add("%d %s %s %s", i.Number, i.Kind, i.State, i.Level)
		}
		seen, level := "true", 2
		if building != "" {
			seen, level = "i.seen_building_id = '"+building+"'", 1
		} else if c.name == "C01" {
			level = 3
		}
		sql = fmt.Sprintf(`select format('%%s %%s %%s %%s', i.number, i.kind, i.state, (array['VOLUNTEER', 'LEAD', 'COMMAND'])[i.level])
			  from incidents i where i.state <> 'RESOLVED' and i.level <= %d and %s order by i.level desc, i.number limit 500`, level, seen)
	default:
		d.t.Fatalf("no SQL for %s", field)
	}
	slices.Sort(text)
	return text, sql
}

// checkCalls looks for each answered call that changed something: it is stored once, and what it made is there once.
func (d *day) checkCalls() {
	d.t.Helper()
	stored := map[dayCall]int{}
	for _, line := range d.lines("select mutation || '|' || client_mutation_id from calls where client_mutation_id like '% %'") {
		verb, key, _ := strings.Cut(line, "|")
		stored[dayCall{verb, key}]++
	}
	made := map[string]int{}
	for _, c := range d.clients {
		for _, call := range c.done {
			made[call.verb]++
			if stored[call] != 1 {
				d.t.Errorf("%s %q was answered and is stored %d times", call.verb, call.key, stored[call])
			}
		}
	}
	if d.whole {
		for _, verb := range []string{"placeOrder", "announceArrival", "arrive", "receiveArrival", "sortOrders", "startRun", "loadRun", "departRun", "dropAtBuilding", "acceptDrop",
			"finishRun", "startRound", "handOver", "endRound", "confirmReceipt", "placeHold", "resolveIncidents", "logEnquiry", "takeEnquiry", "postponeEnquiry", "closeEnquiry",
			"recordMoney", "takeDocuments", "returnDocuments", "answerErrand", "createTasks", "finishTasks", "publishNotice", "updateVolunteers"} {
			if made[verb] == 0 {
				d.t.Errorf("a day without one %s", verb)
			}
		}
	}
	for verb, count := range map[string]string{
		"placeOrder":      "select cast(count(*) as text) from orders where external_number <> ''",
		"announceArrival": "select cast(count(*) as text) from arrivals",
		"startRun":        "select cast(count(*) as text) from runs",
	} {
		if got := d.lines(count)[0]; got != fmt.Sprint(made[verb]) {
			d.t.Errorf("%s: %d were answered, and there are %s", verb, made[verb], got)
		}
	}
}
