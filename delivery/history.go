package delivery

import "time"

// OrderNote is what somebody wrote when they moved an order, or what their device's clock said. It may hold personal
// data, so it stands beside the event.
type OrderNote struct {
	CommunityID int32      `db:"community_id"`
	OrderUUID   UUID       `db:"order_id"`
	Version     int64      `db:"version"` // that the move made
	At          time.Time  `db:"at"`
	ByRole      Role       `db:"by_role"`
	ByUUID      *UUID      `db:"by_id"`
	Note        string     `db:"note"`
	DeviceTime  *time.Time `db:"device_time"`
}

// By is who wrote it.
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

// StageTimes tells from an order's events, oldest first, when it entered each stage it has been at: the last
// time it did, in the order of the chain. Moves that were undone do not count.
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
		entered[e.Body.Order.Stage] = e.At
	}
	out := []*StageTime{}
	for _, stage := range Stages {
		if at, ok := entered[stage]; ok {
			out = append(out, &StageTime{stage, at})
		}
	}
	return out
}
