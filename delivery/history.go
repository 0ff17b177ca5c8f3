package delivery

import "time"

// OrderNote is the note and the device time that an actor gave with a move. It may hold personal data, so it is stored
// beside the event.
type OrderNote struct {
	CommunityID int32      `db:"community_id"`
	OrderUUID   UUID       `db:"order_id"`
	Version     int64      `db:"version"` // after the move
	At          time.Time  `db:"at"`
	ByRole      Role       `db:"by_role"`
	ByUUID      *UUID      `db:"by_id"`
	Note        string     `db:"note"`
	DeviceTime  *time.Time `db:"device_time"`
}

// By is the actor who wrote the note.
func (n *OrderNote) By() *Ref {
	r := &Ref{Role: n.ByRole, Community: n.CommunityID}
	if n.ByUUID != nil {
		r.UUID = *n.ByUUID
	}
	return r
}

// StageTime is when an order entered a stage.
type StageTime struct {
	Stage Stage
	At    time.Time
}

// StageTimes returns when an order last entered each of its stages, in the order of the chain. The events must be sorted,
// oldest first. Moves that were undone do not count.
func StageTimes(events []*Event) []*StageTime {
	var moves []*Event
	for _, e := range events {
		if !e.OfOrder() { // of a newer release
			continue
		}
		switch e.Kind {
		case OrderPlaced, OrderMoved:
			moves = append(moves, e)
		case MoveUndone:
			if len(moves) > 0 {
				moves = moves[:len(moves)-1]
			}
		}
	}
	entered := map[Stage]time.Time{}
	for _, e := range moves {
		entered[e.Order.Stage] = e.At
	}
	out := []*StageTime{}
	for _, stage := range Stages {
		if at, ok := entered[stage]; ok {
			out = append(out, &StageTime{stage, at})
		}
	}
	return out
}
