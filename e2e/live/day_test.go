package live_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/cpu"
	"baogong/internal/proxy"
	"baogong/internal/volume"
)

// daySize is how much of a day TestDay plays.
type daySize struct {
	buildings, residents, suppliers, gateHands, sorters, drivers, desks, runners int

	calls   int           // enquiries, besides residents' complaints
	points  int           // of the patrol
	placed  int           // orders of residents and volunteers
	hour    time.Duration // how long an hour of the day takes
	morning time.Duration // in which the orders are placed
	evening time.Duration // in which what is left is delivered, at most
	enough  int           // percent of the orders, after which the day ends
	pace    time.Duration // from one act of a client to the next, on average
	bytes   int64         // that a connection carries on average until it is cut
}

// clients is how many people take part.
func (s daySize) clients() int {
	return s.residents + s.suppliers + s.gateHands + s.sorters + s.drivers + s.desks + s.runners + 2*s.buildings + len(leading) + 2 // the spare volunteer and the patrol
}

// leading are the commander and the lead of each squad.
var leading = []string{"C01", "S00", "D00", "T00", "P00", "Q00"}

// theDay is the size of this run's day.
func theDay() daySize {
	size := daySize{buildings: 26, residents: 50, suppliers: 4, gateHands: 8, sorters: 10, drivers: 10, desks: 5, runners: 3, calls: 40, points: 12, placed: 100,
		hour: 30 * time.Second, morning: 10 * time.Second, evening: 26 * time.Second, enough: 60, pace: 800 * time.Millisecond, bytes: 50_000}
	if dayLong != (daySize{}) {
		size.placed, size.calls, size.hour, size.morning, size.evening, size.enough, size.pace = dayLong.placed, dayLong.calls, dayLong.hour, dayLong.morning, dayLong.evening, dayLong.enough, dayLong.pace
	}
	return size
}

// TestDay plays a day of the estate: residents, suppliers, the squads at the gate, the tables, the carts, the doors and the phones, leads and the commander,
// each a client of its own that sees what its streams show and sends what comes next. Connections are cut, and another program takes over. In the
// end the streams show what a fresh subscription shows, which is what the tables hold; every client has had each event of its scope once, in order;
// and each call that was answered is in the tables once. In the evening every order is final or held by a person who can be reached, every fen is
// settled or on an open incident, every document is back or lost with an incident, every enquiry is closed or waits for its time, and every household
// has seen the notice, was told or is listed. It is not parallel: it is most of a machine's load.
func TestDay(t *testing.T) {
	volume.OnlyInCI(t)
	d := newDay(t, theDay())
	began, spent := time.Now(), cpu.Spent(t)
	d.play()
	d.close()
	d.check()
	d.checkEvening()
	d.leave()
	d.report(time.Since(began), cpu.Spent(t)-spent)
}

// day is one day of an estate.
type day struct {
	t       *testing.T
	e       *house.Estate
	size    daySize
	seed    uint64
	proxy   *proxy.Proxy
	program atomic.Pointer[house.Program] // that the proxy leads to
	raw     *sql.DB

	buildings []string          // codes
	doors     []dayDoor         // homes in those buildings
	suppliers []string          // ids
	serves    map[string]string // the building of a volunteer
	start     string            // cursor of the feed's end before the first client

	ctx     context.Context // ends with the evening
	evening context.CancelFunc
	online  context.Context // ends with the connections
	hangUp  context.CancelFunc
	wires   sync.WaitGroup
	acting  sync.WaitGroup
	began   time.Time
	whole   bool // enough was delivered: a busy machine may not get so far

	clients                   []*dayClient
	acts                      []func()
	byResidents, byVolunteers atomic.Int64 // orders so far
	rung                      atomic.Int64 // enquiries so far
	codes                     sync.Map     // door codes that residents have said, by order
	cuts                      atomic.Int64 // connections that ended

	runners          []string               // who run errands
	lost             atomic.Bool            // a document
	forgotten        atomic.Pointer[string] // the errand whose money is not settled
	ill              []string               // volunteers of illBuilding
	illBuilding      string
	covered          atomic.Bool // illBuilding, by the spare volunteer
	notice           string
	seen, told       sync.Map // households, by id
	announce         func()   // the commander publishes the notice of the evening
	evenings, nights []func() // what clients do at the end of the day: all of the evenings, and then all of the nights
}

// newDay sets up the estate and its people.
func newDay(t *testing.T, size daySize) *day {
	d := &day{t: t, size: size, seed: uint64(time.Now().UnixNano()), serves: map[string]string{}}
	d.e = house.NewEstate(t, func(s *app.ServerSettings) {
		s.Ring = 256        // so that clients that come back read the table too
		s.AddressFactor = 0 // all clients have one address
		s.Drain = house.Timeout
	})
	d.program.Store(d.e.Program)
	d.raw = d.e.Database()
	d.proxy = proxy.New(t, d.e.Addr().String())
	d.ctx, d.evening = context.WithCancel(t.Context())
	d.online, d.hangUp = context.WithCancel(t.Context())
	t.Cleanup(func() { // before the proxy and the program end, if the test fails
		d.evening()
		d.hangUp()
		d.acting.Wait()
		d.wires.Wait()
	})
	d.build()
	d.plan()
	d.start = d.e.Cursor()
	d.invite()
	if len(d.clients) != size.clients() {
		t.Fatalf("got %d clients, want %d", len(d.clients), size.clients())
	}
	return d
}

func (d *day) url() string { return d.proxy.URL + "/graphql" }

// build adds buildings, homes, suppliers and people to the small estate.
func (d *day) build() {
	e, admin := d.e, "admin"
	in := obj{"communityId": e.Community}
	e.Update(admin, "community", obj{"id": e.Community, "docks": 6})
	var added []string
	for i := range d.size.buildings {
		code := fmt.Sprint("E", i+1)
		if d.buildings = append(d.buildings, code); e.Buildings[code] == "" {
			added = append(added, code)
		}
	}
	for i, id := range e.Create(admin, "building", in, house.Each(added, func(c string) obj { return obj{"code": c} })...) {
		e.Buildings[added[i]] = id
	}
	var units []obj
	for i, code := range added {
		units = append(units, obj{"buildingId": e.Buildings[code], "number": 1, "floors": 18})
		if i < 8 { // 35 units in 26 buildings
			units = append(units, obj{"buildingId": e.Buildings[code], "number": 2, "floors": 18})
		}
	}
	var homes []obj
	for _, unit := range e.Create(admin, "unit", in, units...) {
		for floor := 11; floor <= 14; floor++ {
			homes = append(homes, obj{"unitId": unit, "room": fmt.Sprint(floor, "03"), "floor": floor, "contactName": "王秀英", "phone": "13800001234"})
		}
	}
	e.Create(admin, "household", in, homes...)
	for i := 2; i < d.size.suppliers; i++ {
		code := fmt.Sprint("shop", i)
		e.Suppliers[code] = e.Create(admin, "supplier", in, obj{"code": code, "name": code, "kind": "SHOP", "phone": "13900005678"})[0]
	}
	var team []obj
	var codes []string
	join := func(code, squad, rank string, serves ...string) {
		if e.Team[code] == "" {
			codes = append(codes, code)
			team = append(team, obj{"code": code, "name": "赵敏敏", "phone": "13700004321", "squad": squad, "rank": rank, "services": e.Services(serves...)})
		}
	}
	for i := range d.size.gateHands + d.size.sorters {
		join(fmt.Sprintf("D%02d", i+1), "DUTY", "MEMBER")
	}
	for i := range d.size.drivers {
		join(fmt.Sprintf("T%02d", i+1), "TRANSPORT", "MEMBER")
	}
	for i := range d.size.desks {
		join(fmt.Sprintf("Q%02d", i+1), "PERSUASION", "MEMBER")
	}
	join(daySpare, "SUPPLY", "MEMBER")
	backup := func(buildings []string) []obj {
		return house.Each(buildings, func(b string) obj { return obj{"buildingId": e.Buildings[b], "duty": "BACKUP"} })
	}
	for i := range d.size.runners {
		d.runners = append(d.runners, fmt.Sprintf("R%02d", i+1))
		join(d.runners[i], "SUPPLY", "MEMBER")
	}
	for i, code := range codes {
		switch code[0] {
		case 'Q':
			team[i]["services"] = backup(d.buildings)
		case 'R':
			team[i]["services"] = backup(d.buildings[:len(d.buildings)-1]) // the last one is to be without a volunteer
		}
	}
	join("P00", "PATROL", "LEAD")
	join("Q00", "PERSUASION", "LEAD")
	for _, building := range d.buildings {
		first := map[string]string{"E6": "S01", "E7": "S07"}[building]
		if first == "" {
			first = "S1" + building
			join(first, "SUPPLY", "MEMBER", building)
		}
		d.serves[first] = building
		second := "S2" + building
		codes = append(codes, second)
		team = append(team, obj{"code": second, "name": "赵敏敏", "phone": "13700004321", "squad": "SUPPLY", "rank": "MEMBER",
			"services": []obj{{"buildingId": e.Buildings[building], "duty": "BACKUP"}}})
		d.serves[second] = building
	}
	for i, id := range e.Create(admin, "volunteer", in, team...) {
		e.Team[codes[i]] = id
	}
}

// invite makes the clients.
func (d *day) invite() {
	var got struct {
		Households struct {
			Nodes []struct {
				ID, Address string
				Building    struct{ Code string }
			}
		}
	}
	d.e.Must(d.e.As("C01"), `query ($c: ID!) { households(communityId: $c, first: 200) { nodes { id address building { code } } } }`, obj{"c": d.e.Community}, &got)
	var addresses []string
	without := map[string][]dayDoor{} // homes that order by telephone
	for _, h := range got.Households.Nodes {
		if slices.Contains(d.buildings, h.Building.Code) {
			d.doors, addresses = append(d.doors, dayDoor{h.ID, h.Building.Code}), append(addresses, h.Address)
		}
	}
	for code := range d.e.Suppliers {
		if len(d.suppliers) < d.size.suppliers {
			d.suppliers = append(d.suppliers, d.e.Suppliers[code])
			d.supplier(code)
		}
	}
	step := len(d.doors) / d.size.residents
	for i, home := range d.doors {
		if i%step == 0 && i/step < d.size.residents {
			d.resident(addresses[i], home)
		} else {
			without[home.building] = append(without[home.building], home)
		}
	}
	for i := range d.size.gateHands {
		d.gateHand(fmt.Sprintf("D%02d", i+1))
	}
	for i := range d.size.sorters {
		d.sorter(fmt.Sprintf("D%02d", d.size.gateHands+i+1))
	}
	for i := range d.size.drivers {
		d.driver(fmt.Sprintf("T%02d", i+1))
	}
	for name, building := range d.serves {
		d.volunteer(name, building, without[building])
	}
	var homes []dayDoor // that telephone; the runners do not see those of the last building
	for _, building := range d.buildings[:len(d.buildings)-1] {
		homes = append(homes, without[building]...)
	}
	for i := range d.size.desks {
		d.desk(fmt.Sprintf("Q%02d", i+1), homes)
	}
	for _, name := range d.runners {
		d.runner(name)
	}
	d.spare(daySpare)
	d.patrol("P01")
	for _, name := range leading {
		d.lead(name)
	}
}

// act has a client do something again and again, at its pace, until the evening ends.
func (d *day) act(c *dayClient, do func()) {
	d.acts = append(d.acts, func() {
		for c.pause() {
			do()
		}
	})
}

// orderLeft reports whether one more order is to be placed now, and counts it: both kinds of people place theirs evenly over the morning.
func (d *day) orderLeft(placed *atomic.Int64) bool {
	part := min(1, float64(time.Since(d.began))/float64(d.size.morning))
	n := placed.Load()
	return float64(n) < part*float64(d.size.placed)*0.5 && placed.CompareAndSwap(n, n+1)
}

// play lets the day pass.
func (d *day) play() {
	d.began = time.Now()
	d.proxy.CutEvery(d.size.bytes)
	for _, c := range d.clients {
		d.wires.Go(func() { c.wire.run(d.online) })
	}
	for _, act := range d.acts {
		d.acting.Go(act)
	}
	passing, still := context.WithCancel(d.ctx)
	defer still()
	d.acting.Go(func() {
		const look = 50 * time.Millisecond
		for tick := time.Tick(look); ; {
			select {
			case <-tick:
				d.e.Clock.Pass(time.Duration(float64(time.Hour) * float64(look) / float64(d.size.hour)))
			case <-passing.Done():
				return
			}
		}
	})
	time.Sleep(d.size.morning / 2)
	d.restart()
	for late := d.began.Add(d.size.morning + d.size.evening); time.Now().Before(late); time.Sleep(100 * time.Millisecond) {
		var open, over int
		if err := d.raw.QueryRow(`select count(*) filter (where stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')), count(*) filter (where stage = 'DELIVERED') from orders`).
			Scan(&open, &over); err != nil {
			d.t.Fatal(err)
		}
		if time.Since(d.began) > d.size.morning && over > d.size.enough*(open+over)/100 {
			d.whole = true
			break
		}
	}
	d.evening()
	d.acting.Wait()
}

// restart starts another program on the same database, leads new connections there, and has the first one drain.
func (d *day) restart() {
	next := house.Build(d.t, d.e.DSN, house.Setup{Now: d.e.Clock.Now, Change: func(s *app.ServerSettings) {
		s.Ring, s.AddressFactor, s.Drain = 256, 0, house.Timeout
	}})
	house.WaitFor(d.t, "the second program is ready", next.Hub.Ready)
	d.proxy.Aim(next.Addr().String())
	d.program.Store(next)
	if err := d.e.Stop(); err != nil {
		d.t.Errorf("the first program stops: %v", err)
	}
}

// leave hangs up all clients: the program keeps no connection and no subscription of theirs.
func (d *day) leave() {
	d.hangUp()
	d.wires.Wait()
	site := strings.TrimSuffix(d.program.Load().URL, "/graphql")
	house.ScrapeUntil(d.t, site+"/metrics", house.Scraped{`baogong_sockets{transport="websocket"}`: 0, `baogong_sockets{transport="events"}`: 0, "baogong_subscriptions": 0})
}

// report logs the day's figures.
func (d *day) report(took, spent time.Duration) {
	calls, queries, retried, lost, taken, begun, refusals := 0, 0, 0, 0, 0, 0, map[string]int{}
	for _, c := range d.clients {
		calls, queries, retried, lost = calls+c.calls, queries+c.queries, retried+c.retried, lost+c.lost
		for _, s := range c.streams {
			taken, begun = taken+s.taken, begun+s.begun
		}
		for why, n := range c.refused {
			refusals[why] += n
		}
	}
	total := 0
	var why []string
	for name, n := range refusals {
		total += n
		why = append(why, fmt.Sprint(name, " ", n))
	}
	slices.Sort(why)
	d.t.Logf("%d clients: %d calls, %d sent again, %d queries, %d answers lost, %d deliveries over %d subscriptions, %d connections ended; %v, %v CPU",
		len(d.clients), calls, retried, queries, lost, taken, begun, d.cuts.Load(), took.Round(time.Millisecond), spent.Round(time.Millisecond))
	d.t.Logf("%s", d.e.Text(`select string_agg(x.noun || ' ' || x.n, ', ') from (
		select 'events' as noun, count(*) as n from events union all select 'orders ' || stage, count(*) from orders group by stage union all
		select 'arrivals', count(*) from arrivals union all select 'strays', count(*) from strays union all select 'runs', count(*) from runs union all
		select 'drops', count(*) from drops union all select 'rounds', count(*) from rounds union all select 'proofs', count(*) from proofs union all
		select 'enquiries ' || kind, count(*) from enquiries group by kind union all select 'entries of money', count(*) from money union all
		select 'documents', count(*) from documents union all select 'tasks ' || state, count(*) from tasks group by state union all
		select 'holds', count(*) from holds union all select 'incidents ' || kind, count(*) from incidents group by kind) x`))
	d.t.Logf("%d refusals: %s", total, strings.Join(why, ", "))
}
