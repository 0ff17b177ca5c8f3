package delivery

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// MaxRound is how many orders a round may take at once.
const MaxRound = 200

// Round is one climb of a volunteer with a basket (投递轮次). A volunteer has at most one open round.
type Round struct {
	CommunityID   int32      `db:"community_id"`
	UUID          UUID       `db:"id"`
	Number        int64      `db:"number"`       // the number that people read; counts up in the community
	VolunteerUUID *UUID      `db:"volunteer_id"` // nil for moves by an official where no volunteer holds the order
	Implicit      bool       `db:"implicit"`     // opened by a move that named no round; it ends when its volunteer starts one, or at the end of the day
	StartedAt     time.Time  `db:"started_at"`
	EndedAt       *time.Time `db:"ended_at"`
	Version       int64      `db:"version"`
	Taken         int        `db:"taken"` // orders, each as often as it was taken
	Delivered     int        `db:"delivered"`
	Failed        int        `db:"failed"`
	Out           int        `db:"out"`
}

// ID is the round's opaque id.
func (r *Round) ID() ID { return ID{KindRound, r.CommunityID, r.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Round) IsNode() {}

// Open reports whether the round has not ended.
func (r *Round) Open() bool { return r.EndedAt == nil }

// VolunteerID is the opaque id of the round's volunteer, nil if it has none.
func (r *Round) VolunteerID() *ID {
	if r.VolunteerUUID == nil {
		return nil
	}
	return &ID{KindVolunteer, r.CommunityID, *r.VolunteerUUID}
}

// The kinds of event of a round. Each carries the key of one building: a round through several buildings has one event for each.
const (
	RoundStarted EventKind = "ROUND_STARTED"
	RoundEnded   EventKind = "ROUND_ENDED"
)

var (
	_ = addKind(eventSpec{kind: RoundStarted, body: reflect.TypeFor[RoundBody](), board: boardsThatSee, about: KindRound, row: rowOf(roundRow)})
	_ = addKind(eventSpec{kind: RoundEnded, body: reflect.TypeFor[RoundBody](), board: boardsThatSee, about: KindRound, row: rowOf(roundRow)})
)

// RoundBody is the body of the events of a round.
type RoundBody struct {
	Round  UUID `json:"round,omitempty"`
	Orders int  `json:"roundOrders,omitempty"` // of the building, taken or brought back
}

func roundRow(b *RoundBody) (UUID, []ActivityNumber) {
	return b.Round, []ActivityNumber{{"orders", b.Orders}}
}

// Events returns an event of the round for each building, by id, with the number of its orders.
func (r *Round) Events(kind EventKind, a Actor, at time.Time, orders map[UUID]int) (out []*Event) {
	for _, building := range slices.Sorted(maps.Keys(orders)) {
		body := &RoundBody{Round: r.UUID, Orders: orders[building]}
		out = append(out, NewEvent(kind, a, at, Keys{Community: r.CommunityID, Building: building}, body))
	}
	return out
}

// The refusals of rounds.
var (
	ReasonRoundOver = NewReason("ROUND_OVER", CodeConflict,
		"This round has ended.",
		"该轮次已经结束。")
	ReasonNotYourRound = NewReason("NOT_YOUR_ROUND", CodeForbidden,
		"Only the round's volunteer, a lead of the supply squad or the commander may end it.",
		"只有该轮次的队员、保供队队长或指挥可以结束。")
)

// MayEnd refuses an actor who may not end the round, or a round that has ended.
func (r *Round) MayEnd(a Actor) *Error {
	own := same(r.VolunteerUUID, a.Volunteer()) && a.Community == r.CommunityID && r.VolunteerUUID != nil
	switch {
	case !own && !a.CanSetUp(r.CommunityID) && (a.Role != RoleLead || a.Community != r.CommunityID || a.Squad != SquadSupply):
		return Refuse(ReasonNotYourRound)
	case !r.Open():
		return Refuse(ReasonRoundOver)
	}
	return nil
}

// MyRound is what a volunteer has to do at the doors: the open round, nil if there is none, and the orders that wait for the next.
type MyRound struct {
	Round   *Round
	Waiting []*Order
}

// CanWatchRound reports whether the actor may watch the round of the volunteer: its own, and leads of the supply squad, the commander and
// administrators those of others.
func (a Actor) CanWatchRound(community int32, volunteer UUID) bool {
	own := a.Volunteer()
	return a.CanSetUp(community) || a.Community == community && (a.Role == RoleLead && a.Squad == SquadSupply || own != nil && *own == volunteer)
}

// OfRounds reports whether the event may change a round or what waits for one: that of an order that is at its building or out for delivery,
// or was, of a round, and of a saved household or volunteer, whose needs and buildings are part of it. Those of unknown kinds may.
func (e *Event) OfRounds() bool {
	if e.OrderUUID != nil {
		from := e.From()
		return e.Order == nil || e.Order.Stage.AtDoors() || from != nil && from.AtDoors()
	}
	switch e.Kind {
	case RoundStarted, RoundEnded, HouseholdSaved, VolunteerSaved, UnitSaved, BuildingSaved:
		return true
	}
	return eventSpecs[e.Kind] == nil
}

// AtDoors reports whether orders at the stage wait for a round, or are out with one.
func (s Stage) AtDoors() bool { return s == AtBuilding || s == OutForDelivery }

// ComeBack changes the event of an order that an undo brings back to OUT_FOR_DELIVERY. If its round is open, the order is out with
// it again. If the round has ended, the order stands on the shelf of its building; an undo of a failed attempt, which brought it there,
// is then refused with ROUND_OVER. round is nil for a round that a move had opened by itself: such orders get a new round.
func (e *Event) ComeBack(round *Round, roster *Roster) *Error {
	s := e.Order
	switch undo := BodyOf[UndoBody](e); {
	case s.Stage != OutForDelivery || round == nil || undo == nil || round.Implicit && !round.Open():
	case round.Open():
		s.RoundUUID = &round.UUID
	case undo.From == AtBuilding:
		return Refuse(ReasonRoundOver).With(s.Where())
	default:
		s.Stage, s.StageSince = AtBuilding, undo.FromSince
		roster.assign(s)
		s.retarget(roster)
	}
	return nil
}
