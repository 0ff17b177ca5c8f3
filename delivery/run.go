package delivery

import (
	"errors"
	"reflect"
	"slices"
	"time"
)

// RunState is where a run stands in its course.
type RunState string

// The states of a run. DONE and CANCELLED are final.
const (
	RunLoading   RunState = "LOADING"   // 装车中
	RunUnderway  RunState = "UNDERWAY"  // 运送中
	RunDone      RunState = "DONE"      // 已完成
	RunCancelled RunState = "CANCELLED" // 已取消, only from LOADING
)

// RunStates lists every state of a run.
var RunStates = []RunState{RunLoading, RunUnderway, RunDone, RunCancelled}

// MaxCapacity is how many bags a run may have room for.
const MaxCapacity = 10_000

// Run is one trip of a cart from the gate to the buildings (车次). A volunteer has at most one open run.
type Run struct {
	CommunityID   int32      `db:"community_id"`
	UUID          UUID       `db:"id"`
	Number        int64      `db:"number"` // the number that people read; counts up in the community
	VolunteerUUID UUID       `db:"volunteer_id"`
	Capacity      int        `db:"capacity"` // in bags, 1 … MaxCapacity
	State         RunState   `db:"state"`
	StartedAt     time.Time  `db:"started_at"`
	DepartedAt    *time.Time `db:"departed_at"`
	EndedAt       *time.Time `db:"ended_at"` // when it was done or cancelled
	Version       int64      `db:"version"`
	Bags          int        `db:"bags"` // on the cart now
}

// ID is the run's opaque id.
func (r *Run) ID() ID { return ID{KindRun, r.CommunityID, r.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Run) IsNode() {}

// Open reports whether the run is neither done nor cancelled.
func (r *Run) Open() bool { return r.State == RunLoading || r.State == RunUnderway }

// Drop is the bags that one run left at one building, as counted by both sides (卸点).
type Drop struct {
	CommunityID  int32      `db:"community_id"`
	RunUUID      UUID       `db:"run_id"`
	BuildingUUID UUID       `db:"building_id"`
	BagsLoaded   int        `db:"bags_loaded"`   // of all orders that the run carried for the building, without those that went back into a bin
	BagsLeft     *int       `db:"bags_left"`     // nil until some were left there
	LeftAt       *time.Time `db:"left_at"`       // when the first were
	BagsAccepted *int       `db:"bags_accepted"` // the building's own count, nil until it has counted
	AcceptedBy   *UUID      `db:"accepted_by"`
	AcceptedAt   *time.Time `db:"accepted_at"`
}

// RunID is the opaque id of the run.
func (d *Drop) RunID() ID { return ID{KindRun, d.CommunityID, d.RunUUID} }

// BuildingID is the opaque id of the building.
func (d *Drop) BuildingID() ID { return ID{KindBuilding, d.CommunityID, d.BuildingUUID} }

// Waits reports whether bags were left at the building and not counted there yet.
func (d *Drop) Waits() bool { return d.BagsAccepted == nil && d.BagsLeft != nil && *d.BagsLeft > 0 }

// Difference is by how many bags the two counts of the drop differ, 0 until both have counted.
func (d *Drop) Difference() int {
	if d.BagsLeft == nil || d.BagsAccepted == nil {
		return 0
	}
	return max(*d.BagsLeft-*d.BagsAccepted, *d.BagsAccepted-*d.BagsLeft)
}

// The kinds of event of a run. They carry no key but the community, so only viewers who see all of it see them.
const (
	RunStarted   EventKind = "RUN_STARTED"
	RunDeparted  EventKind = "RUN_DEPARTED"
	DropLeft     EventKind = "DROP_LEFT"
	DropAccepted EventKind = "DROP_ACCEPTED"
	RunEnded     EventKind = "RUN_ENDED"
)

var (
	_ = addKind(eventSpec{kind: RunStarted, body: reflect.TypeFor[RunBody](), about: KindRun, row: rowOf(runRow)})
	_ = addKind(eventSpec{kind: RunDeparted, body: reflect.TypeFor[RunBody](), about: KindRun, row: rowOf(runRow)})
	_ = addKind(eventSpec{kind: DropLeft, body: reflect.TypeFor[RunBody](), about: KindRun, row: rowOf(runRow)})
	_ = addKind(eventSpec{kind: DropAccepted, body: reflect.TypeFor[RunBody](), about: KindRun, row: rowOf(runRow)})
	_ = addKind(eventSpec{kind: RunEnded, body: reflect.TypeFor[RunBody](), about: KindRun, row: rowOf(runRow)})
)

// RunBody is the body of the events of a run.
type RunBody struct {
	Run      UUID     `json:"run,omitempty"`
	State    RunState `json:"runState,omitempty"`
	Building UUID     `json:"runBuilding,omitempty"` // of a drop
	Bags     int      `json:"runBags,omitempty"`     // loaded at departure, left at or accepted by the building, back in the bins at the end
}

func runRow(b *RunBody) (UUID, []ActivityNumber) {
	return b.Run, []ActivityNumber{{"bags", b.Bags}}
}

// Event returns an event of the run; building is empty unless it is of a drop.
func (r *Run) Event(kind EventKind, a Actor, at time.Time, building UUID, bags int) *Event {
	return NewEvent(kind, a, at, Keys{Community: r.CommunityID}, &RunBody{Run: r.UUID, State: r.State, Building: building, Bags: bags})
}

// The refusals of runs.
var (
	ReasonRunOver = NewReason("RUN_OVER", CodeConflict,
		"This run has ended.",
		"该车次已经结束。")
	ReasonNotYourRun = NewReason("NOT_YOUR_RUN", CodeForbidden,
		"Only the run's volunteer, a lead of the transport squad or the commander may do this.",
		"只有该车次的队员、运输队队长或指挥可以操作。")
	ReasonOverCapacity = NewReason("OVER_CAPACITY", CodeConflict,
		"The cart has room for %d bags and carries %d.",
		"推车最多装 %d 件，现已装 %d 件。")
	ReasonOnARun = NewReason("ON_A_RUN", CodeConflict,
		"This order is on a cart already.",
		"该订单已装上推车。")
	ReasonNotInABin = NewWordedReason("NOT_IN_A_BIN", CodeConflict,
		"This order is at %s and stands in no bin.",
		"订单处于“%s”环节，不在分拣格中。")
)

// CanCarry reports whether the actor may start runs of their own: a member of the transport squad.
func (a Actor) CanCarry(community int32) bool {
	return a.Community == community && a.Squad == SquadTransport && a.UUID != ""
}

// LeadsTransport reports whether the actor may act for every run: leads of the transport squad, the commander and administrators.
func (a Actor) LeadsTransport(community int32) bool {
	return a.CanSetUp(community) || a.Role == RoleLead && a.Community == community && a.Squad == SquadTransport
}

// ReceivesAt reports whether the actor may count what a run left at the building: its supply volunteers, leads of the supply squad,
// the commander and administrators.
func (a Actor) ReceivesAt(community int32, building UUID) bool {
	switch {
	case a.CanSetUp(community):
		return true
	case a.Community != community || a.Squad != SquadSupply:
		return false
	}
	return a.Role == RoleLead || slices.Contains(a.Buildings, building)
}

// Volunteer is the actor's row if they act as a volunteer, nil for others.
func (a Actor) Volunteer() *UUID {
	if a.Squad == "" {
		return nil
	}
	return uuidOrNil(a.UUID)
}

// MayDrive refuses an actor who may not act for the run, or a run that has ended.
func (r *Run) MayDrive(a Actor) *Error {
	switch {
	case !(a.CanCarry(r.CommunityID) && a.UUID == r.VolunteerUUID) && !a.LeadsTransport(r.CommunityID):
		return Refuse(ReasonNotYourRun)
	case !r.Open():
		return Refuse(ReasonRunOver)
	}
	return nil
}

// CarriedBags is how many bags of the order a cart carries: those that were counted, or all if none were.
func (s *OrderSnapshot) CarriedBags() int {
	if s.BagsIn > 0 {
		return s.BagsIn
	}
	return s.Bags()
}

// Load returns the event of an order that is put on the cart of the run, which carries bags already. It fails with CONFLICT for an
// order that is not SORTED, is on a cart, or finds no room, and HELD while a hold is open.
func (r *Run) Load(a Actor, s *OrderSnapshot, bags int, at time.Time, holds []*Hold) (*Event, *Error) {
	switch {
	case s.Stage != Sorted:
		return nil, Refuse(ReasonNotInABin, s.Stage).With(s.Where())
	case s.RunUUID != nil:
		return nil, Refuse(ReasonOnARun).With(Details{ConflictingID: &ID{KindRun, s.CommunityID, *s.RunUUID}})
	case s.Held():
		return nil, Refusal(holds, s.Where())
	case bags+s.CarriedBags() > r.Capacity:
		return nil, Refuse(ReasonOverCapacity, r.Capacity, bags).With(Details{Limit: int64(r.Capacity), Bags: bags})
	}
	next := s.clone()
	next.Version++
	next.BinUUID, next.RunUUID = nil, &r.UUID
	return newEvent(OrderLoaded, a, at, next, &BinnedBody{FromBin: orEmpty(s.BinUUID)}), nil
}

// TakeBack changes the event of an order that an undo brings back to SORTED so that it stands on the cart, if there is room.
func (r *Run) TakeBack(e *Event) {
	if n := e.Order.CarriedBags(); e.Order.Stage == Sorted && r.Bags+n <= r.Capacity {
		r.Bags += n
		e.Order.BinUUID, e.Order.RunUUID = nil, &r.UUID
	}
}

// Unload returns the event of an order that goes back from the cart into a bin; nil for the default bin of its building.
func (s *OrderSnapshot) Unload(a Actor, bin *UUID, at time.Time) *Event {
	next := s.clone()
	next.Version++
	next.putInto(bin)
	return newEvent(OrderUnloaded, a, at, next, &LoadBody{FromRun: orEmpty(s.RunUUID)})
}

// The kinds of event of a SORTED order that gets onto the cart of a run, and from there back into a bin.
const (
	OrderLoaded   EventKind = "ORDER_LOADED"
	OrderUnloaded EventKind = "ORDER_UNLOADED"
)

var (
	_ = addKind(eventSpec{kind: OrderLoaded, body: reflect.TypeFor[BinnedBody](), fold: foldLoaded, team: true})
	_ = addKind(eventSpec{kind: OrderUnloaded, body: reflect.TypeFor[LoadBody](), fold: foldUnloaded, team: true})
)

// LoadBody is the body of ORDER_UNLOADED.
type LoadBody struct {
	FromRun UUID `json:"fromRun,omitempty"`
}

func foldLoaded(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	if before.Stage != Sorted || before.RunUUID != nil || e.Order.RunUUID == nil {
		return nil, errors.New("loaded while it stands in no bin")
	}
	next := before.after(e)
	next.BinUUID, next.RunUUID = nil, e.Order.RunUUID
	return next, nil
}

func foldUnloaded(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	if before.RunUUID == nil {
		return nil, errors.New("unloaded while it is on no cart")
	}
	next := before.after(e)
	next.putInto(e.Order.BinUUID)
	return next, nil
}
