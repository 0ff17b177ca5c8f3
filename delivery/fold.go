package delivery

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Fold replays all events of one order and returns the last snapshot. It applies the fold rule of each event's kind, and fails if the
// result differs from the event's own snapshot or version, or if the move is not an edge. A failure means that an event was
// lost or invented.
func Fold(events []*Event) (*OrderSnapshot, error) {
	var s *OrderSnapshot
	for i, e := range events {
		if e.Order == nil {
			return nil, fmt.Errorf("event %d (%s) carries no order", e.Seq, e.Kind)
		}
		if (i == 0) != (e.Kind == OrderPlaced) {
			return nil, fmt.Errorf("event %d (%s) is number %d of its order", e.Seq, e.Kind, i+1)
		}
		spec := eventSpecs[e.Kind]
		if spec == nil || spec.fold == nil {
			return nil, fmt.Errorf("event %d: %s is no event of an order", e.Seq, e.Kind)
		}
		next, err := spec.fold(s, e)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", e.Seq, err)
		}
		if e.Order.TargetAt == nil { // an event of the previous release, which knows no targets, ends the order's
			next.TargetAt, next.LateLevel, next.HeldSince = nil, "", nil
		}
		said := *e.Order
		if said.WindowUUID == nil { // an event of the previous release, which knows no windows
			said.WindowUUID = next.WindowUUID
		}
		if !next.Equal(&said) {
			return nil, fmt.Errorf("event %d (%s) says %+v, folding says %+v", e.Seq, e.Kind, said, *next)
		}
		s = next
	}
	if s == nil {
		return nil, errors.New("no events")
	}
	return s, nil
}

// after returns the snapshot for a fold rule to change: with the version after the event, and with its holder, which depends
// on the team at that moment.
func (s *OrderSnapshot) after(e *Event) *OrderSnapshot {
	next := s.clone()
	next.Version++
	next.HolderVolunteer, next.HolderSupplier = e.Order.HolderVolunteer, e.Order.HolderSupplier
	return next
}

// movedBy sets who moved the order, and when.
func (s *OrderSnapshot) movedBy(e *Event) {
	s.MovedAt, s.MovedByRole, s.MovedByUUID = e.At, e.ByRole, e.ByUUID
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
	for _, at := range []**time.Time{&out.DeliveredAt, &out.ConfirmedAt, &out.TargetAt, &out.HeldSince} {
		if *at != nil {
			*at = new(utc(**at))
		}
	}
	return out
}
