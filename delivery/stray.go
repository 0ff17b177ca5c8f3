package delivery

import (
	"fmt"
	"reflect"
	"time"
)

// Stray is a bag that cannot be matched to an order yet (无主件).
type Stray struct {
	CommunityID  int32      `db:"community_id"`
	UUID         UUID       `db:"id"`
	Number       int64      `db:"number"` // the number that people read; counts up in the community
	ArrivalUUID  *UUID      `db:"arrival_id"`
	Label        string     `db:"label"`   // what can be read on it
	Place        string     `db:"place"`   // where it stands
	FileUUID     *UUID      `db:"file_id"` // a photo of it
	State        StrayState `db:"state"`
	OrderUUID    *UUID      `db:"order_id"` // that it was matched to
	FoundAt      time.Time  `db:"found_at"`
	FoundByRole  Role       `db:"found_by_role"`
	FoundByUUID  *UUID      `db:"found_by_id"`
	ClosedAt     *time.Time `db:"closed_at"`
	ClosedByRole *Role      `db:"closed_by_role"`
	ClosedByUUID *UUID      `db:"closed_by_id"`
	Version      int64      `db:"version"`
}

// StrayState is what became of a stray.
type StrayState string

// The states of a stray.
const (
	StrayOpen     StrayState = "OPEN"     // 待认领
	StrayMatched  StrayState = "MATCHED"  // 已认领
	StrayReturned StrayState = "RETURNED" // 已退回
	StrayDisposed StrayState = "DISPOSED" // 已处置
)

// StrayStates lists the states.
var StrayStates = []StrayState{StrayOpen, StrayMatched, StrayReturned, StrayDisposed}

// Limits of the texts of a stray.
const (
	MaxStrayLabel = 300
	MaxPlace      = 80
)

// ID is the stray's opaque id.
func (s *Stray) ID() ID { return ID{KindStray, s.CommunityID, s.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Stray) IsNode() {}

// ArrivalID is the opaque id of the arrival that the stray was found in, nil for one found elsewhere.
func (s *Stray) ArrivalID() *ID { return s.named(KindArrival, s.ArrivalUUID) }

// OrderID is the opaque id of the order that the stray was matched to, nil for others.
func (s *Stray) OrderID() *ID { return s.named(KindOrder, s.OrderUUID) }

func (s *Stray) named(k Kind, u *UUID) *ID {
	if u == nil {
		return nil
	}
	return &ID{k, s.CommunityID, *u}
}

// Goods is the item of the order that a stray becomes.
func (s *Stray) Goods() string { return fmt.Sprintf("无主件 %d 号", s.Number) }

// Resolution is how the incident of a stray ends with its state. An open stray has none.
func (s StrayState) Resolution() Resolution {
	switch s {
	case StrayMatched:
		return ResolutionFound
	case StrayReturned:
		return ResolutionReturned
	case StrayDisposed:
		return ResolutionDisposed
	}
	return ""
}

// Keys decide who may see the stray and its events: the team that works in the whole community.
func (s *Stray) Keys() Keys { return Keys{Community: s.CommunityID} }

// The kinds of event of a stray.
const (
	StrayFound     EventKind = "STRAY_FOUND"
	StrayWasClosed EventKind = "STRAY_CLOSED"
)

var (
	_ = addKind(eventSpec{kind: StrayFound, body: reflect.TypeFor[StrayBody](), board: noBoard, about: KindStray, row: rowOf(strayRow)})
	_ = addKind(eventSpec{kind: StrayWasClosed, body: reflect.TypeFor[StrayBody](), board: noBoard, about: KindStray, row: rowOf(strayRow)})
)

// StrayBody is the body of the events of a stray. It has neither label nor place.
type StrayBody struct {
	Stray        UUID       `json:"stray,omitempty"`
	StrayNumber  int64      `json:"strayNumber,omitempty"`
	StrayState   StrayState `json:"strayState,omitempty"`
	StrayArrival UUID       `json:"strayArrival,omitempty"`
}

func strayRow(b *StrayBody) (UUID, []ActivityNumber) { return b.Stray, nil }

// Find records a new stray. The caller has set its id and number.
func (s *Stray) Find(by Actor, at time.Time) *Event {
	s.State, s.Version = StrayOpen, 1
	s.FoundAt, s.FoundByRole, s.FoundByUUID = at, by.Role, uuidOrNil(by.UUID)
	return s.event(StrayFound, by, at)
}

// Close says what became of an open stray. The order is set only for MATCHED.
func (s *Stray) Close(by Actor, state StrayState, order *UUID, at time.Time) *Event {
	s.State, s.OrderUUID = state, order
	s.ClosedAt, s.ClosedByRole, s.ClosedByUUID = &at, &by.Role, uuidOrNil(by.UUID)
	s.Version++
	return s.event(StrayWasClosed, by, at)
}

func (s *Stray) event(kind EventKind, by Actor, at time.Time) *Event {
	return NewEvent(kind, by, at, s.Keys(), &StrayBody{Stray: s.UUID, StrayNumber: s.Number, StrayState: s.State, StrayArrival: orEmpty(s.ArrivalUUID)})
}
