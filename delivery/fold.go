package delivery

import (
	"fmt"
	"reflect"
	"time"
)

// Fold replays all events of one order and returns the last snapshot. It applies the rule of each event, and fails if the
// result differs from the event's own snapshot or version, or if the move is not an edge. A failure means that an event was
// lost or invented.
func Fold(events []*Event) (*OrderSnapshot, error) {
	var s *OrderSnapshot
	for i, e := range events {
		if e.Body.Order == nil {
			return nil, fmt.Errorf("event %d (%s) carries no order", e.Seq, e.Kind)
		}
		if (i == 0) != (e.Kind == OrderPlaced) {
			return nil, fmt.Errorf("event %d (%s) is number %d of its order", e.Seq, e.Kind, i+1)
		}
		next, err := step(s, e)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", e.Seq, err)
		}
		if !next.Equal(e.Body.Order) {
			return nil, fmt.Errorf("event %d (%s) says %+v, folding says %+v", e.Seq, e.Kind, *e.Body.Order, *next)
		}
		s = next
	}
	if s == nil {
		return nil, fmt.Errorf("no events")
	}
	return s, nil
}

func step(s *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	told := e.Body.Order
	if e.Kind == OrderPlaced {
		if told.Version != 1 || told.Stage != Placed {
			return nil, fmt.Errorf("placed at version %d, stage %s", told.Version, told.Stage)
		}
		return told.clone(), nil
	}
	next := s.clone()
	next.Version++
	// The holder depends on the team at that moment, so it is taken from the event.
	next.HolderVolunteer, next.HolderSupplier = told.HolderVolunteer, told.HolderSupplier
	switch e.Kind {
	case OrderMoved:
		if _, ok := EdgeOf(s.Stage, told.Stage, s.Channel); !ok || e.Body.From != s.Stage || s.Held() {
			return nil, fmt.Errorf("moved from %s to %s while at %s with %d holds", e.Body.From, told.Stage, s.Stage, s.OpenHolds)
		}
		next.Stage, next.StageSince = told.Stage, e.At
		next.MovedAt, next.MovedByRole, next.MovedByUUID = e.At, e.ByRole, e.ByUUID
		if next.Stage == Delivered {
			next.DeliveredAt = &e.At
		}
	case MoveUndone:
		if e.Body.From != s.Stage || e.Body.Undoes != s.Version {
			return nil, fmt.Errorf("undoes version %d at %s while at version %d, %s", e.Body.Undoes, e.Body.From, s.Version, s.Stage)
		}
		if _, ok := EdgeOf(told.Stage, s.Stage, s.Channel); !ok {
			return nil, fmt.Errorf("undone from %s back to %s", s.Stage, told.Stage)
		}
		next.Stage, next.StageSince, next.DeliveredAt = told.Stage, told.StageSince, nil
		next.MovedAt, next.MovedByRole, next.MovedByUUID = e.At, e.ByRole, e.ByUUID
	case HoldStarted:
		next.OpenHolds++
	case HoldEnded:
		if next.OpenHolds--; next.OpenHolds < 0 {
			return nil, fmt.Errorf("more holds ended than started")
		}
	case HolderChanged:
	default:
		return nil, fmt.Errorf("%s is no event of an order", e.Kind)
	}
	return next, nil
}

// Equal compares two snapshots; times are equal when they are the same instant.
func (s *OrderSnapshot) Equal(o *OrderSnapshot) bool {
	a, b := s.instants(), o.instants()
	return reflect.DeepEqual(a, b)
}

func (s *OrderSnapshot) instants() OrderSnapshot {
	out := *s
	utc := func(t time.Time) time.Time { return t.UTC().Round(0) }
	out.PlacedAt, out.MovedAt, out.StageSince = utc(s.PlacedAt), utc(s.MovedAt), utc(s.StageSince)
	if s.DeliveredAt != nil {
		at := utc(*s.DeliveredAt)
		out.DeliveredAt = &at
	}
	return out
}
