package house

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

// ArrivalView is an arrival as tests read it.
type ArrivalView struct {
	ID                                                                                               string
	Number, BagsAnnounced, BagsReceived, BagsMissing, BagsStray, BagsDamaged, Orders, OrdersReceived int
	OrdersSorted, Version                                                                            int
	State, Vehicle, DriverPhone                                                                      string
	BagsCounted, Dock                                                                                *int
	SlotAt, SettleUntil                                                                              *time.Time
	Late                                                                                             bool
	Supplier                                                                                         struct{ ID, Code string }
}

// ArrivalFields is the selection of an ArrivalView.
const ArrivalFields = `id number state vehicle driverPhone slotAt dock late settleUntil supplier { id code } bagsAnnounced bagsCounted bagsReceived bagsMissing bagsStray
	bagsDamaged orders ordersReceived ordersSorted version`

// GateAnswer is the payload of a verb at the gate.
type GateAnswer struct {
	Arrival *ArrivalView
	Results []struct {
		OrderID    string
		Bags       *int
		Stray      *struct{ ID, State string }
		UserErrors []UserError
	}
	Moved           int
	WaitingIds      []string
	IncidentsOpened int
	UserErrors      []UserError
}

// gateVerbs are the selections of the verbs at the gate.
var gateVerbs = map[string]string{
	"announceArrival": `arrival { ` + ArrivalFields + ` } results { orderId bags userErrors { ` + gateRefusal + ` } } userErrors { ` + gateRefusal + ` }`,
	"arrive":          `arrival { ` + ArrivalFields + ` } userErrors { ` + gateRefusal + ` }`,
	"cancelArrival":   `arrival { ` + ArrivalFields + ` } userErrors { ` + gateRefusal + ` }`,
	"receiveArrival": `arrival { ` + ArrivalFields + ` } results { orderId bags userErrors { ` + gateRefusal + ` } } moved waitingIds incidentsOpened
		userErrors { ` + gateRefusal + ` }`,
	"logStrays":   `results { stray { id state } userErrors { ` + gateRefusal + ` } } userErrors { ` + gateRefusal + ` }`,
	"closeStrays": `results { stray { id state } userErrors { ` + gateRefusal + ` } } userErrors { ` + gateRefusal + ` }`,
}

// gateRefusal is RefusalFields and what the gate's refusals say besides.
const gateRefusal = RefusalFields + ` details { free bags }`

// TryGate calls a verb at the gate.
func (e *Estate) TryGate(actor, verb string, in obj) (a GateAnswer, err error) {
	kind := map[string]string{"announceArrival": "AnnounceArrival", "arrive": "Arrive", "cancelArrival": "CancelArrival", "receiveArrival": "ReceiveArrival", "logStrays": "LogStrays",
		"closeStrays": "CloseStrays"}[verb]
	answer, err := e.Try(actor, fmt.Sprintf(`mutation ($in: %sInput!) { did: %s(input: $in) { %s } }`, kind, verb, gateVerbs[verb]), obj{"in": in})
	if err == nil && len(answer.Errors) > 0 {
		err = fmt.Errorf("%s: %v", verb, answer.Errors)
	}
	if err != nil {
		return a, err
	}
	var got struct{ Did GateAnswer }
	err = json.Unmarshal(answer.Data, &got)
	return got.Did, err
}

// Gate calls a verb at the gate, and fails the test if anything is refused.
func (e *Estate) Gate(actor, verb string, in obj) GateAnswer {
	e.T.Helper()
	a, err := e.TryGate(actor, verb, in)
	if err != nil {
		e.T.Fatal(err)
	}
	if len(a.UserErrors) > 0 {
		e.T.Fatalf("%s: %+v", verb, a.UserErrors[0])
	}
	for _, r := range a.Results {
		if len(r.UserErrors) > 0 {
			e.T.Fatalf("%s: %+v", verb, r.UserErrors[0])
		}
	}
	return a
}

// GateRefused calls a verb at the gate, and returns why the call or its first refused item was refused.
func (e *Estate) GateRefused(actor, verb string, in obj) UserError {
	e.T.Helper()
	a, err := e.TryGate(actor, verb, in)
	if err != nil {
		e.T.Fatal(err)
	}
	for _, r := range a.Results {
		a.UserErrors = append(a.UserErrors, r.UserErrors...)
	}
	for _, no := range a.UserErrors {
		if no.Reason != "ATOMIC" {
			return no
		}
	}
	e.T.Fatalf("%s by %s: got %+v, want it refused", verb, actor, a)
	return UserError{}
}

// Announce announces an arrival of caiban with the orders, one bag each, an hour from now.
func (e *Estate) Announce(orders ...string) *ArrivalView {
	e.T.Helper()
	return e.Gate(e.As("caiban"), "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "expectedAt": e.Clock.Now().Add(time.Hour), "vehicle": "鄂E·12345",
		"driverPhone": "13612345678", "orders": Each(orders, func(id string) obj { return obj{"orderId": id} })}).Arrival
}

// CancelArrivals cancels the open arrivals of a day, as the commander.
func (e *Estate) CancelArrivals(day string) {
	e.T.Helper()
	var got struct{ Arrivals []ArrivalView }
	e.Must(e.As("C01"), `query ($c: ID!, $day: String!) { arrivals(communityId: $c, day: $day) { id state } }`, obj{"c": e.Community, "day": day}, &got)
	for _, a := range got.Arrivals {
		if a.State == "ANNOUNCED" || a.State == "ARRIVED" {
			e.Gate(e.As("C01"), "cancelArrival", obj{"arrivalId": a.ID})
		}
	}
}

// Text reads one value from the database.
func (e *Estate) Text(query string) (out string) {
	e.T.Helper()
	if err := e.Database().QueryRow(query).Scan(&out); err != nil {
		e.T.Fatal(err)
	}
	return out
}

// UUID returns the row that an opaque id names.
func UUID(t testing.TB, id string) string {
	t.Helper()
	parsed, err := delivery.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	return string(parsed.UUID)
}

// WithUUID returns the id of another row of the same noun and community.
func WithUUID(t testing.TB, id, row string) string {
	t.Helper()
	parsed, err := delivery.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	parsed.UUID = delivery.UUID(row)
	return parsed.String()
}

// Load has T01 put sorted orders on the cart of a run and returns the run.
func (e *Estate) Load(orders ...string) string {
	e.T.Helper()
	var started struct {
		Did struct{ Run struct{ ID string } }
	}
	e.Must(e.As("T01"), `mutation ($c: ID!, $n: Int!) { did: startRun(input: { communityId: $c, capacity: $n }) { run { id } } }`, obj{"c": e.Community, "n": len(orders)}, &started)
	run := started.Did.Run.ID
	e.do("T01", `mutation ($run: ID!, $orders: [ID!]!) { did: loadRun(input: { runId: $run, orderIds: $orders }) { userErrors { `+RefusalFields+` } } }`,
		obj{"run": run, "orders": orders})
	return run
}

// Finish has T01 end a run.
func (e *Estate) Finish(run string) {
	e.T.Helper()
	e.do("T01", `mutation ($run: ID!) { did: finishRun(input: { runId: $run }) { userErrors { `+RefusalFields+` } } }`, obj{"run": run})
}

// StartRound has a volunteer take orders out for delivery.
func (e *Estate) StartRound(actor string, orders ...string) {
	e.T.Helper()
	e.do(actor, `mutation ($orders: [ID!]!) { did: startRound(input: { orderIds: $orders, confirmQuietHours: true }) { userErrors { `+RefusalFields+` } } }`, obj{"orders": orders})
}

// do sends a mutation under the alias did, and fails the test if it is refused.
func (e *Estate) do(actor, mutation string, variables obj) {
	e.T.Helper()
	var got struct {
		Did struct{ UserErrors []UserError }
	}
	if !strings.Contains(actor, "@") {
		actor = e.As(actor)
	}
	e.Must(actor, mutation, variables, &got)
	if len(got.Did.UserErrors) > 0 {
		e.T.Fatalf("%s: %v", mutation, got.Did.UserErrors)
	}
}

// CarryTo has T01 carry sorted orders, one bag each, to their building in a run of their own.
func (e *Estate) CarryTo(building string, orders ...string) {
	e.T.Helper()
	run := e.Load(orders...)
	e.do("T01", `mutation ($run: ID!, $building: ID!, $n: Int!) {
		did: dropAtBuilding(input: { runId: $run, buildingId: $building, bags: $n }) { userErrors { `+RefusalFields+` } } }`,
		obj{"run": run, "building": e.Buildings[building], "n": len(orders)})
	e.Finish(run)
}

// CountDrop has an actor count what the newest run left at a building.
func (e *Estate) CountDrop(actor, building string, bags int) {
	e.T.Helper()
	var got struct {
		Runs struct{ Nodes []struct{ ID string } }
	}
	e.Must(e.As(actor), `query ($c: ID!) { runs(communityId: $c, first: 1) { nodes { id } } }`, obj{"c": e.Community}, &got)
	e.do(actor, `mutation ($run: ID!, $building: ID!, $n: Int!) {
		did: acceptDrop(input: { runId: $run, buildingId: $building, bags: $n }) { userErrors { `+RefusalFields+` } } }`,
		obj{"run": got.Runs.Nodes[0].ID, "building": e.Buildings[building], "n": bags})
}
