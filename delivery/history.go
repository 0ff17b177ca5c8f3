package delivery

import "time"

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
