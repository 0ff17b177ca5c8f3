package house

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch/order"
)

// Estate is a small community set up through the API itself: E6 with two units, E2, E7 and E10 with one, four floors
// each, and a person for every post. S01 serves E6, S07 serves E7; E2 and E10 have no supply member.
type Estate struct {
	*Program
	Clock     *ManualClock
	Code      string
	Community string
	Buildings map[string]string // by code
	Units     map[string]string // by address: E6-1
	Homes     map[string]string // by address: E6-1-1103
	Suppliers map[string]string // by code
	Team      map[string]string // by code
}

// ManualClock stands still unless a test moves it.
type ManualClock struct{ at atomic.Int64 }

// NewClock returns a clock that shows Opened.
func NewClock() *ManualClock {
	c := &ManualClock{}
	c.at.Store(Opened.UnixMicro())
	return c
}

// Now returns the time that the clock shows.
func (c *ManualClock) Now() time.Time { return time.UnixMicro(c.at.Load()).UTC() }

// Pass moves the clock on.
func (c *ManualClock) Pass(d time.Duration) { c.at.Add(d.Microseconds()) }

// Opened is when the clock of a new estate starts.
var Opened = time.Date(2020, 2, 18, 1, 0, 0, 0, time.UTC) // 09:00 in Yichang

// settled describes the community in the template database, which every new estate copies.
var settled *Estate

// NewEstate starts the program over a database of its own, in which a community is set up, and returns when it is ready. change,
// if any, alters the settings first. At the end of the test the equations of the chain must hold.
func NewEstate(t testing.TB, change ...func(*app.ServerSettings)) *Estate {
	t.Helper()
	return newEstate(t, nil, change...)
}

// NewSlowEstate returns an estate whose issuing clock is behind the machine's by the duration in slow.
func NewSlowEstate(t testing.TB, change ...func(*app.ServerSettings)) (e *Estate, slow *atomic.Int64) {
	t.Helper()
	slow = &atomic.Int64{}
	return newEstate(t, func() time.Time { return time.Now().Add(-time.Duration(slow.Load())) }, change...), slow
}

func newEstate(t testing.TB, machine func() time.Time, change ...func(*app.ServerSettings)) *Estate {
	t.Helper()
	dsn := dbtest.Filled(t, "template_estate", func(dsn string) {
		clock := NewClock()
		h, end := open(t, dsn, Setup{Now: clock.Now})
		e := h.Estate("DCXY", clock)
		if err := end(); err != nil {
			t.Fatal(err)
		}
		settled = e
	})
	if settled == nil {
		t.Fatal("the first estate was not set up")
	}
	clock := NewClock()
	h := Build(t, dsn, Setup{Now: clock.Now, Machine: machine, Change: func(s *app.ServerSettings) {
		for _, c := range change {
			c(s)
		}
	}})
	WaitFor(t, "the program is ready", h.Hub.Ready)
	t.Cleanup(func() {
		if !t.Skipped() {
			Equations(t, dsn)
		}
	})
	return &Estate{Program: h, Clock: clock, Code: settled.Code, Community: settled.Community, Buildings: maps.Clone(settled.Buildings),
		Units: maps.Clone(settled.Units), Homes: maps.Clone(settled.Homes), Suppliers: maps.Clone(settled.Suppliers), Team: maps.Clone(settled.Team)}
}

// Estate sets up a community.
func (h *Program) Estate(code string, clock *ManualClock) *Estate {
	h.T.Helper()
	e := &Estate{Program: h, Clock: clock, Code: code}
	e.Community = e.Create("admin", "community", nil, obj{"code": code, "name": "东辰心语", "deskPhone": "0717-6688110"})[0]
	e.Buildings = named([]string{"E2", "E6", "E7", "E10"}, func(codes []string) []string {
		return e.Create("admin", "building", obj{"communityId": e.Community}, Each(codes, func(c string) obj { return obj{"code": c, "hasLift": c != "E7"} })...)
	})
	e.Units = named([]string{"E2-1", "E6-1", "E6-2", "E7-1", "E10-1"}, func(at []string) []string {
		return e.Create("admin", "unit", obj{"communityId": e.Community}, Each(at, func(a string) obj {
			building, number, _ := strings.Cut(a, "-")
			return obj{"buildingId": e.Buildings[building], "number": int(number[0] - '0'), "floors": 18}
		})...)
	})
	var doors []string
	for _, unit := range slices.Sorted(maps.Keys(e.Units)) {
		for floor := 11; floor <= 14; floor++ {
			doors = append(doors, fmt.Sprintf("%s-%d03", unit, floor))
		}
	}
	e.Homes = named(doors, func(at []string) []string {
		return e.Create("admin", "household", obj{"communityId": e.Community}, Each(at, func(a string) obj {
			unit, room := a[:strings.LastIndex(a, "-")], a[strings.LastIndex(a, "-")+1:]
			in := obj{"unitId": e.Units[unit], "room": room, "floor": 10*int(room[0]-'0') + int(room[1]-'0'), "contactName": "王秀英", "phone": "13800001234", "people": 3}
			if room == "1403" {
				in["needs"] = []string{"DISABLED", "QUARANTINED"}
			}
			return in
		})...)
	})
	e.Suppliers = named([]string{"caiban", "yiyao"}, func(codes []string) []string {
		return e.Create("admin", "supplier", obj{"communityId": e.Community}, Each(codes, func(c string) obj {
			return obj{"code": c, "name": c, "kind": map[string]string{"caiban": "PLATFORM", "yiyao": "PHARMACY"}[c], "phone": "13900005678"}
		})...)
	})
	member := func(code, squad, rank string, serves ...string) obj {
		return obj{"code": code, "name": "赵敏敏", "phone": "13700004321", "squad": squad, "rank": rank, "services": e.Services(serves...)}
	}
	team := []obj{member("C01", "SUPPLY", "COMMANDER"), member("S00", "SUPPLY", "LEAD"), member("D00", "DUTY", "LEAD"), member("T00", "TRANSPORT", "LEAD"),
		member("D01", "DUTY", "MEMBER"), member("T01", "TRANSPORT", "MEMBER"), member("S01", "SUPPLY", "MEMBER", "E6"), member("S07", "SUPPLY", "MEMBER", "E7"),
		member("P01", "PATROL", "MEMBER")}
	e.Team = named(Each(team, func(m obj) string { return m["code"].(string) }), func([]string) []string {
		return e.Create("admin", "volunteer", obj{"communityId": e.Community}, team...)
	})
	return e
}

type obj = map[string]any

// Each returns the results of f for each item.
func Each[T, V any](list []T, f func(T) V) []V {
	out := make([]V, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// named makes one thing for each name and keeps their ids by it.
func named(names []string, create func([]string) []string) map[string]string {
	out := map[string]string{}
	for i, id := range create(names) {
		out[names[i]] = id
	}
	return out
}

// Services returns the input that makes a volunteer the first for buildings.
func (e *Estate) Services(buildings ...string) []map[string]any {
	return Each(buildings, func(b string) obj { return obj{"buildingId": e.Buildings[b], "duty": "PRIMARY"} })
}

// Create adds items of one noun through its mutation and returns their ids.
func (h *Program) Create(actor, noun string, input obj, items ...obj) []string {
	h.T.Helper()
	return h.save(actor, "create", noun, input, items...)
}

// Update corrects items of one noun.
func (h *Program) Update(actor, noun string, items ...obj) {
	h.T.Helper()
	h.save(actor, "update", noun, nil, items...)
}

func (h *Program) save(actor, verb, noun string, input obj, items ...obj) []string {
	h.T.Helper()
	many := noun + "s"
	if noun == "community" {
		many = "communities"
	}
	name := verb + strings.ToUpper(many[:1]) + many[1:]
	in := obj{many: items}
	maps.Copy(in, input)
	var got map[string]struct {
		UserErrors []UserError
		Results    []struct {
			It         *struct{ ID string }
			UserErrors []UserError
		}
	}
	h.Must(actor, fmt.Sprintf(`mutation ($in: %s!) { %s(input: $in) { userErrors { %s } results { it: %s { id } userErrors { %s } } } }`,
		strings.ToUpper(name[:1])+name[1:]+"Input", name, RefusalFields, noun, RefusalFields), obj{"in": in}, &got)
	if refused := got[name].UserErrors; len(refused) > 0 {
		h.T.Fatalf("%s: %v", name, refused)
	}
	ids := make([]string, len(items))
	for i, r := range got[name].Results {
		if r.It == nil {
			h.T.Fatalf("%s: item %d: %v", name, i, r.UserErrors)
		}
		ids[i] = r.It.ID
	}
	return ids
}

// UserError is a userError.
type UserError struct {
	Field   []string
	Code    string
	Reason  string
	Message string
	Details *details
}

type details struct {
	Stage      string
	Version    int
	MovedBy    *HolderView
	MovedAt    *time.Time
	HeldUntil  *time.Time
	HoldReason string
	Limit      int
	Free       []time.Time
	Bags       int
}

// HolderView is a volunteer or supplier, as errors and orders name one.
type HolderView struct {
	Role string
	ID   string
}

// RefusalFields is the selection of a Refusal, which the previous release has as well.
const RefusalFields = `code reason message field details { stage version movedBy { role id } movedAt heldUntil holdReason limit }`

// Goods holds the lines of an ordinary order.
var Goods = []obj{{"item": "上海青", "quantity": "1.5", "unit": "斤", "unitPriceFen": 350}, {"item": "大米", "quantity": 1, "unit": "袋", "unitPriceFen": 5990}}

// PlaceOrder is the mutation that places an order.
const PlaceOrder = `mutation ($in: PlaceOrderInput!) { placeOrder(input: $in) { order { id } userErrors { ` + RefusalFields + ` } } }`

// Place places an order from caiban for the door, as the commander, or fails the test. more, if any, changes the input.
func (e *Estate) Place(door string, more ...obj) string {
	e.T.Helper()
	in := obj{"householdId": e.Homes[door], "channel": "APP", "supplierId": e.Suppliers["caiban"], "lines": Goods}
	for _, m := range more {
		maps.Copy(in, m)
	}
	return e.PlaceAs(e.As("C01"), in)
}

// agreed adds to an order by telephone that the household agreed and that it was read back, unless the order says otherwise.
func agreed(in obj) {
	if _, said := in["consentBy"]; in["channel"] == "PHONE" && !said {
		in["consentBy"], in["readBack"] = "HOUSEHOLD", true
	}
}

// PlaceAs places an order as the actor.
func (e *Estate) PlaceAs(actor string, in obj) string {
	e.T.Helper()
	agreed(in)
	var got struct {
		PlaceOrder struct {
			Order      *struct{ ID string }
			UserErrors []UserError
		}
	}
	e.Must(actor, PlaceOrder, obj{"in": in}, &got)
	if got.PlaceOrder.Order == nil {
		e.T.Fatalf("place: %v", got.PlaceOrder.UserErrors)
	}
	return got.PlaceOrder.Order.ID
}

// Bought places an order that S01 goes shopping for.
func (e *Estate) Bought(door string) string {
	e.T.Helper()
	return e.Place(door, obj{"channel": "BUY_FOR", "takerId": e.Team["S01"]})
}

// PlaceMany places n orders, door after door and several at once, through the API. more, if any, changes the input.
func (e *Estate) PlaceMany(n int, more ...obj) []string {
	e.T.Helper()
	doors := slices.Sorted(maps.Keys(e.Homes))
	ids := make([]string, n)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range ids {
		in := obj{"householdId": e.Homes[doors[i%len(doors)]], "channel": "APP", "supplierId": e.Suppliers["caiban"], "lines": Goods[:1]}
		for _, m := range more {
			maps.Copy(in, m)
		}
		group.Go(func() error {
			a, err := e.Try(e.As("C01"), PlaceOrder, obj{"in": in})
			var got struct {
				PlaceOrder struct{ Order *struct{ ID string } }
			}
			if err == nil {
				err = json.Unmarshal(a.Data, &got)
			}
			if err != nil || got.PlaceOrder.Order == nil {
				return fmt.Errorf("place: %w, %v %s", err, a.Errors, a.Data)
			}
			ids[i] = got.PlaceOrder.Order.ID
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		e.T.Fatal(err)
	}
	return ids
}

// Fill places n orders from caiban, door after door, by the verb itself and several at once.
func (e *Estate) Fill(n int) []string {
	e.T.Helper()
	doors := slices.Sorted(maps.Keys(e.Homes))
	id := func(s string) delivery.ID {
		id, err := delivery.ParseID(s)
		if err != nil {
			e.T.Fatal(err)
		}
		return id
	}
	supplier := id(e.Suppliers["caiban"])
	admin := delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}
	ids := make([]string, n)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range ids {
		in := order.PlaceOrderInput{HouseholdID: id(e.Homes[doors[i%len(doors)]]), Channel: delivery.ChannelApp, SupplierID: &supplier,
			Lines: []*order.LineInput{{Item: "上海青", Quantity: 1500, Unit: "斤", UnitPriceFen: 350}}}
		group.Go(func() error {
			p, err := e.Verbs.Order.PlaceOrder(e.T.Context(), admin, in)
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
		e.T.Fatal(err)
	}
	return ids
}

// moveResult is the outcome of one order.
type moveResult struct {
	OrderID    string
	Moved      bool
	UserErrors []UserError
	Order      *OrderView
}

// OrderView is an order as a client reads it.
type OrderView struct {
	ID           string
	Number       int
	Stage        string
	Version      int
	Held         bool
	Bags, BagsIn int
	Address      string
	Holder       *HolderView
	Reach        *HolderView
	AllowedMoves []struct {
		To      string
		Reasons []string
	}
	Household *struct{ ID string }
}

const orderFields = `id number stage version held address`

// AdvanceOrders is the mutation that moves orders.
const AdvanceOrders = `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { userErrors { ` + RefusalFields + ` } results { orderId moved userErrors { ` + RefusalFields + ` } order { ` + orderFields + ` } } } }`

// MoveAnswer is the payload of AdvanceOrders and undoMove.
type MoveAnswer struct {
	Results    []moveResult
	UserErrors []UserError
}

// MoveTo returns the input that moves orders to a stage.
func MoveTo(stage string, ids ...string) map[string]any {
	return obj{"to": stage, "orders": Each(ids, func(id string) obj { return obj{"orderId": id} })}
}

// TryAdvance asks for a move; any goroutine may call it.
func (e *Estate) TryAdvance(actor string, in obj) (MoveAnswer, error) {
	a, err := e.Try(actor, AdvanceOrders, obj{"in": in})
	if err != nil {
		return MoveAnswer{}, err
	}
	if len(a.Errors) > 0 {
		return MoveAnswer{}, fmt.Errorf("advanceOrders: %v", a.Errors)
	}
	var got struct{ AdvanceOrders MoveAnswer }
	err = json.Unmarshal(a.Data, &got)
	return got.AdvanceOrders, err
}

// Advance moves orders, or fails the test.
func (e *Estate) Advance(actor, stage string, ids ...string) {
	e.T.Helper()
	e.AdvanceAs(actor, MoveTo(stage, ids...))
}

// AdvanceAs moves orders as the input says, or fails the test.
func (e *Estate) AdvanceAs(actor string, in obj) {
	e.T.Helper()
	got, err := e.TryAdvance(actor, in)
	if err != nil {
		e.T.Fatal(err)
	}
	if len(got.UserErrors) > 0 {
		e.T.Fatalf("advance: %v", got.UserErrors)
	}
	for _, r := range got.Results {
		if !r.Moved {
			e.T.Fatalf("advance %s: %v", r.OrderID, r.UserErrors)
		}
	}
}

// DefaultBin returns the id of the building's default bin.
func (e *Estate) DefaultBin(building string) string {
	e.T.Helper()
	id, err := delivery.ParseID(e.Buildings[building])
	if err != nil {
		e.T.Fatal(err)
	}
	id.Kind = delivery.KindBin
	return id.String()
}

// Bring moves an order along the chain to a stage, as the commander.
func (e *Estate) Bring(id, stage string) {
	e.T.Helper()
	for _, s := range delivery.Stages[1:7] {
		e.Advance(e.As("C01"), string(s), id)
		if string(s) == stage {
			return
		}
	}
}

// Refused returns why one order does not move, and fails the test if it moves.
func (e *Estate) Refused(actor string, in obj) UserError {
	e.T.Helper()
	got, err := e.TryAdvance(actor, in)
	switch {
	case err != nil:
		e.T.Fatal(err)
	case len(got.UserErrors) > 0:
		return got.UserErrors[0]
	case len(got.Results[0].UserErrors) == 0:
		e.T.Fatalf("moved, want a refusal: %v", in)
	}
	return got.Results[0].UserErrors[0]
}

// Order returns an order, or nil if it is NOT_FOUND.
func (e *Estate) Order(actor, id string) *OrderView {
	e.T.Helper()
	a := e.Ask(actor, `query ($id: ID!) { order(id: $id) { `+orderFields+` bags bagsIn household { id } holder { ...who } reach { ...who } allowedMoves { to reasons } } }
		fragment who on Holder { role: __typename ... on Volunteer { id } ... on Supplier { id } }`, obj{"id": id})
	if a.Code() == "NOT_FOUND" {
		return nil
	}
	if len(a.Errors) > 0 {
		e.T.Fatal(a.Errors)
	}
	var got struct{ Order *OrderView }
	if err := json.Unmarshal(a.Data, &got); err != nil {
		e.T.Fatal(err)
	}
	return got.Order
}

// Events returns the number of events in the community's feed.
func (e *Estate) Events() int64 {
	e.T.Helper()
	return e.Feed().Seq
}

// Feed returns the end of the community's feed.
func (e *Estate) Feed() delivery.Position {
	e.T.Helper()
	id, err := delivery.ParseID(e.Community)
	if err != nil {
		e.T.Fatal(err)
	}
	p, err := e.Store.FeedEnd(e.T.Context(), delivery.Scope{Class: delivery.SeesAll}, id.Community)
	if err != nil {
		e.T.Fatal(err)
	}
	return p
}

// Cursor returns a cursor of the end of the community's feed.
func (e *Estate) Cursor() string {
	e.T.Helper()
	return e.Root.Keys.FeedCursor(e.Feed())
}

// As returns the development sign-in of an actor of this estate, for a program with several estates.
func (e *Estate) As(name string) string { return name + "@" + e.Code }

// SQL changes the database without the program.
func (e *Estate) SQL(change string) {
	e.T.Helper()
	d := e.Database()
	defer d.Close() // tests change much in this way, and the cluster has few connections
	if _, err := d.Exec(change); err != nil {
		e.T.Fatal(err)
	}
}

// RefusedWith finds the code of the first refusal of an answer.
var RefusedWith = regexp.MustCompile(`"userErrors":\[\{"code":"(\w+)"`)

// Desk adds a phone desk to the team.
func (e *Estate) Desk() {
	e.T.Helper()
	member := func(code, rank string, serves ...string) obj {
		return obj{"code": code, "name": "赵敏敏", "phone": "13700004321", "squad": "PERSUASION", "rank": rank, "services": e.Services(serves...)}
	}
	ids := e.Create(e.As("C01"), "volunteer", obj{"communityId": e.Community}, member("Q00", "LEAD"), member("Q01", "MEMBER", "E6"))
	e.Team["Q00"], e.Team["Q01"] = ids[0], ids[1]
}

// Database returns a connection to the server's database that bypasses the program.
func (h *Program) Database() *sql.DB {
	h.T.Helper()
	d, err := sql.Open("postgres", h.DSN)
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() { _ = d.Close() })
	return d
}

// BackAndForth moves an order to DISPATCHED and back n times, which makes two events each.
func (e *Estate) BackAndForth(actor, id string, n int) error {
	view := e.Order(actor, id)
	for i := range n {
		if _, err := e.TryAdvance(actor, MoveTo("DISPATCHED", id)); err != nil {
			return err
		}
		a, err := e.Try(actor, `mutation ($in: UndoMoveInput!) { undoMove(input: $in) { results { moved } } }`, obj{"in": obj{"orders": []obj{{"orderId": id, "expectedVersion": view.Version + 2*i + 1}}}})
		if err != nil || len(a.Errors) > 0 {
			return err
		}
	}
	return nil
}
