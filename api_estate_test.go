package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch/order"
)

// estate is a small community set up through the API itself: E6 with two units, E2, E7 and E10 with one, four floors
// each, and somebody for every post. S01 serves E6, S07 serves E7; E2 and E10 have nobody.
type estate struct {
	*testHouse
	clock     *businessClock
	code      string
	community string
	buildings map[string]string // by code
	units     map[string]string // by address: E6-1
	homes     map[string]string // by address: E6-1-1103
	suppliers map[string]string // by code
	team      map[string]string // by code
}

// businessClock stands still unless a test moves it.
type businessClock struct{ at atomic.Int64 }

func (c *businessClock) now() time.Time       { return time.UnixMicro(c.at.Load()).UTC() }
func (c *businessClock) pass(d time.Duration) { c.at.Add(d.Microseconds()) }

var opened = time.Date(2020, 2, 18, 1, 0, 0, 0, time.UTC) // 09:00 in Yichang

func newEstate(t testing.TB, change ...func(*serverSettings)) *estate {
	t.Helper()
	clock := &businessClock{}
	clock.at.Store(opened.UnixMicro())
	h := buildHouse(t, dbtest.DSN(t), site{now: clock.now, change: func(s *serverSettings) {
		for _, c := range change {
			c(s)
		}
	}})
	return h.estate("DCXY", clock)
}

// newSlowEstate is one where the machine clock of what is issued is behind by as much as is stored in slow.
func newSlowEstate(t testing.TB) (e *estate, slow *atomic.Int64) {
	t.Helper()
	clock, slow := &businessClock{}, &atomic.Int64{}
	clock.at.Store(opened.UnixMicro())
	machine := func() time.Time { return time.Now().Add(-time.Duration(slow.Load())) }
	return buildHouse(t, dbtest.DSN(t), site{now: clock.now, machine: machine}).estate("DCXY", clock), slow
}

// estate sets up a community.
func (h *testHouse) estate(code string, clock *businessClock) *estate {
	h.t.Helper()
	e := &estate{testHouse: h, clock: clock, code: code}
	e.community = e.create("admin", "community", nil, obj{"code": code, "name": "东辰心语"})[0]
	e.buildings = named([]string{"E2", "E6", "E7", "E10"}, func(codes []string) []string {
		return e.create("admin", "building", obj{"communityId": e.community}, each(codes, func(c string) obj { return obj{"code": c, "hasLift": c != "E7"} })...)
	})
	e.units = named([]string{"E2-1", "E6-1", "E6-2", "E7-1", "E10-1"}, func(at []string) []string {
		return e.create("admin", "unit", obj{"communityId": e.community}, each(at, func(a string) obj {
			building, number, _ := strings.Cut(a, "-")
			return obj{"buildingId": e.buildings[building], "number": int(number[0] - '0'), "floors": 18}
		})...)
	})
	var doors []string
	for _, unit := range slices.Sorted(maps.Keys(e.units)) {
		for floor := 11; floor <= 14; floor++ {
			doors = append(doors, fmt.Sprintf("%s-%d03", unit, floor))
		}
	}
	e.homes = named(doors, func(at []string) []string {
		return e.create("admin", "household", obj{"communityId": e.community}, each(at, func(a string) obj {
			unit, room := a[:strings.LastIndex(a, "-")], a[strings.LastIndex(a, "-")+1:]
			in := obj{"unitId": e.units[unit], "room": room, "floor": 10*int(room[0]-'0') + int(room[1]-'0'), "contactName": "王秀英", "phone": "13800001234", "people": 3}
			if room == "1403" {
				in["needs"] = []string{"ELDERLY_ALONE", "QUARANTINED"}
			}
			return in
		})...)
	})
	e.suppliers = named([]string{"caiban", "yiyao"}, func(codes []string) []string {
		return e.create("admin", "supplier", obj{"communityId": e.community}, each(codes, func(c string) obj {
			return obj{"code": c, "name": c, "kind": map[string]string{"caiban": "PLATFORM", "yiyao": "PHARMACY"}[c], "phone": "13900005678"}
		})...)
	})
	member := func(code, squad, rank string, serves ...string) obj {
		return obj{"code": code, "name": "赵敏敏", "phone": "13700004321", "squad": squad, "rank": rank, "services": e.services(serves...)}
	}
	team := []obj{member("C01", "SUPPLY", "COMMANDER"), member("S00", "SUPPLY", "LEAD"), member("D00", "DUTY", "LEAD"), member("T00", "TRANSPORT", "LEAD"),
		member("D01", "DUTY", "MEMBER"), member("T01", "TRANSPORT", "MEMBER"), member("S01", "SUPPLY", "MEMBER", "E6"), member("S07", "SUPPLY", "MEMBER", "E7"),
		member("P01", "PATROL", "MEMBER")}
	e.team = named(each(team, func(m obj) string { return m["code"].(string) }), func([]string) []string {
		return e.create("admin", "volunteer", obj{"communityId": e.community}, team...)
	})
	return e
}

type obj = map[string]any

func each[T, V any](list []T, f func(T) V) []V {
	out := make([]V, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// named makes one thing for each name and keeps their ids by it.
func named(names []string, make func([]string) []string) map[string]string {
	out := map[string]string{}
	for i, id := range make(names) {
		out[names[i]] = id
	}
	return out
}

func (e *estate) services(buildings ...string) []obj {
	return each(buildings, func(b string) obj { return obj{"buildingId": e.buildings[b], "duty": "PRIMARY"} })
}

var plurals = map[string]string{"community": "communities", "building": "buildings", "unit": "units", "household": "households", "supplier": "suppliers", "volunteer": "volunteers"}

// create adds items of one noun through its mutation and returns their ids.
func (h *testHouse) create(actor, noun string, input obj, items ...obj) []string {
	h.t.Helper()
	return h.save(actor, "create", noun, input, items...)
}

// update corrects items of one noun.
func (h *testHouse) update(actor, noun string, items ...obj) {
	h.t.Helper()
	h.save(actor, "update", noun, nil, items...)
}

func (h *testHouse) save(actor, verb, noun string, input obj, items ...obj) []string {
	h.t.Helper()
	many := plurals[noun]
	name := verb + strings.ToUpper(many[:1]) + many[1:]
	in := obj{many: items}
	maps.Copy(in, input)
	var got map[string]struct {
		UserErrors []refusal
		Results    []struct {
			It         *struct{ ID string }
			UserErrors []refusal
		}
	}
	h.must(actor, fmt.Sprintf(`mutation ($in: %s!) { %s(input: $in) { userErrors { %s } results { it: %s { id } userErrors { %s } } } }`,
		strings.ToUpper(name[:1])+name[1:]+"Input", name, asked, noun, asked), obj{"in": in}, &got)
	if refused := got[name].UserErrors; len(refused) > 0 {
		h.t.Fatalf("%s: %v", name, refused)
	}
	ids := make([]string, len(items))
	for i, r := range got[name].Results {
		if r.It == nil {
			h.t.Fatalf("%s: item %d: %v", name, i, r.UserErrors)
		}
		ids[i] = r.It.ID
	}
	return ids
}

// refusal is a userError.
type refusal struct {
	Field   []string
	Code    string
	Reason  string
	Message string
	Details *details
}

type details struct {
	Stage      string
	Version    int
	MovedBy    *who
	MovedAt    *time.Time
	HeldUntil  *time.Time
	HoldReason string
	Limit      int
}

type who struct {
	Role string
	ID   string
}

const asked = `code reason message field details { stage version movedBy { role id } movedAt heldUntil holdReason limit }`

// goods are the lines of an order that asks for nothing special.
var goods = []obj{{"item": "上海青", "quantity": "1.5", "unit": "斤", "unitPriceFen": 350}, {"item": "大米", "quantity": 1, "unit": "袋", "unitPriceFen": 5990}}

const placeOrder = `mutation ($in: PlaceOrderInput!) { placeOrder(input: $in) { order { id } userErrors { ` + asked + ` } } }`

// place places an order from caiban for the door, as the commander, or fails the test. more, if any, changes the input.
func (e *estate) place(door string, more ...obj) string {
	e.t.Helper()
	in := obj{"householdId": e.homes[door], "channel": "APP", "supplierId": e.suppliers["caiban"], "lines": goods}
	for _, m := range more {
		maps.Copy(in, m)
	}
	return e.placeAs(e.as("C01"), in)
}

// placeAs places an order as the actor.
func (e *estate) placeAs(actor string, in obj) string {
	e.t.Helper()
	var got struct {
		PlaceOrder struct {
			Order      *struct{ ID string }
			UserErrors []refusal
		}
	}
	e.must(actor, placeOrder, obj{"in": in}, &got)
	if got.PlaceOrder.Order == nil {
		e.t.Fatalf("place: %v", got.PlaceOrder.UserErrors)
	}
	return got.PlaceOrder.Order.ID
}

// bought is an order that S01 goes for.
func (e *estate) bought(door string) string {
	e.t.Helper()
	return e.place(door, obj{"channel": "BUY_FOR", "takerId": e.team["S01"]})
}

// fill places n orders from caiban, door after door, by the verb itself and several at once.
func (e *estate) fill(n int) []string {
	e.t.Helper()
	doors := slices.Sorted(maps.Keys(e.homes))
	id := func(s string) delivery.ID {
		id, err := delivery.ParseID(s)
		if err != nil {
			e.t.Fatal(err)
		}
		return id
	}
	supplier := id(e.suppliers["caiban"])
	admin := delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}
	ids := make([]string, n)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range ids {
		in := order.PlaceOrderInput{HouseholdID: id(e.homes[doors[i%len(doors)]]), Channel: delivery.ChannelApp, SupplierID: &supplier,
			Lines: []*order.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}}
		group.Go(func() error {
			p, err := e.verbs.Order.PlaceOrder(e.t.Context(), admin, in)
			if err != nil {
				return err
			}
			if p.OrderID == nil {
				return p.UserErrors[0]
			}
			ids[i] = p.OrderID.String()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		e.t.Fatal(err)
	}
	return ids
}

// moveResult is what came of one order.
type moveResult struct {
	OrderID    string
	Moved      bool
	UserErrors []refusal
	Order      *orderView
}

// orderView is an order as a client reads it.
type orderView struct {
	ID           string
	Number       int
	Stage        string
	Version      int
	Held         bool
	Address      string
	Holder       *who
	Reach        *who
	AllowedMoves []struct {
		To      string
		Reasons []string
	}
	Household *struct{ ID string }
}

const orderFields = `id number stage version held address`

const advanceOrders = `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { userErrors { ` + asked + ` } results { orderId moved userErrors { ` + asked + ` } order { ` + orderFields + ` } } } }`

type movePayload struct {
	Results    []moveResult
	UserErrors []refusal
}

// to is the input that moves orders to a stage.
func to(stage string, ids ...string) obj {
	return obj{"to": stage, "orders": each(ids, func(id string) obj { return obj{"orderId": id} })}
}

// tryAdvance asks for a move; any goroutine may call it.
func (e *estate) tryAdvance(actor string, in obj) (movePayload, error) {
	a, err := e.try(actor, advanceOrders, obj{"in": in})
	if err != nil {
		return movePayload{}, err
	}
	if len(a.Errors) > 0 {
		return movePayload{}, fmt.Errorf("advanceOrders: %v", a.Errors)
	}
	var got struct{ AdvanceOrders movePayload }
	err = json.Unmarshal(a.Data, &got)
	return got.AdvanceOrders, err
}

// advance moves orders, or fails the test.
func (e *estate) advance(actor, stage string, ids ...string) {
	e.t.Helper()
	e.advanceAs(actor, to(stage, ids...))
}

func (e *estate) advanceAs(actor string, in obj) {
	e.t.Helper()
	got, err := e.tryAdvance(actor, in)
	if err != nil {
		e.t.Fatal(err)
	}
	if len(got.UserErrors) > 0 {
		e.t.Fatalf("advance: %v", got.UserErrors)
	}
	for _, r := range got.Results {
		if !r.Moved {
			e.t.Fatalf("advance %s: %v", r.OrderID, r.UserErrors)
		}
	}
}

// bring moves an order along the chain to a stage, as the commander.
func (e *estate) bring(id, stage string) {
	e.t.Helper()
	for _, s := range delivery.Stages[1:7] {
		e.advance(e.as("C01"), string(s), id)
		if string(s) == stage {
			return
		}
	}
}

// refused is why one order does not move, and fails the test if it does.
func (e *estate) refused(actor string, in obj) refusal {
	e.t.Helper()
	got, err := e.tryAdvance(actor, in)
	switch {
	case err != nil:
		e.t.Fatal(err)
	case len(got.UserErrors) > 0:
		return got.UserErrors[0]
	case len(got.Results[0].UserErrors) == 0:
		e.t.Fatalf("moved, want a refusal: %v", in)
	}
	return got.Results[0].UserErrors[0]
}

// order is one order, and nil if it is NOT_FOUND.
func (e *estate) order(actor, id string) *orderView {
	e.t.Helper()
	a := e.ask(actor, `query ($id: ID!) { order(id: $id) { `+orderFields+` household { id } holder { ...who } reach { ...who } allowedMoves { to reasons } } }
		fragment who on Holder { role: __typename ... on Volunteer { id } ... on Supplier { id } }`, obj{"id": id})
	if a.code() == "NOT_FOUND" {
		return nil
	}
	if len(a.Errors) > 0 {
		e.t.Fatal(a.Errors)
	}
	var got struct{ Order *orderView }
	if err := json.Unmarshal(a.Data, &got); err != nil {
		e.t.Fatal(err)
	}
	return got.Order
}

// events counts what the community's feed holds.
func (e *estate) events() int64 {
	e.t.Helper()
	return e.feed().Seq
}

// feed is the end of the community's feed.
func (e *estate) feed() delivery.Position {
	e.t.Helper()
	id, err := delivery.ParseID(e.community)
	if err != nil {
		e.t.Fatal(err)
	}
	p, err := e.store.FeedEnd(e.t.Context(), delivery.Scope{Class: delivery.SeesAll}, id.Community)
	if err != nil {
		e.t.Fatal(err)
	}
	return p
}

// cursor is a feed cursor of the end of the community's feed.
func (e *estate) cursor() string {
	e.t.Helper()
	return e.root.Keys.FeedCursor(e.feed())
}

// as is the sign-in of somebody of this estate, where the house has others too.
func (e *estate) as(name string) string { return name + "@" + e.code }

// sql changes the database behind the house's back.
func (e *estate) sql(change string) {
	e.t.Helper()
	raw, err := sql.Open("postgres", e.store.dsn)
	if err != nil {
		e.t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(change); err != nil {
		e.t.Fatal(err)
	}
}
