package dispatch

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// Record saves the orders as the events leave them, resolves the incidents LATE of those that moved, and appends the events.
func Record(ctx context.Context, t *db.Tx, community int32, events []*delivery.Event) error {
	if len(events) == 0 {
		return nil
	}
	newest := map[delivery.UUID]int{}
	repacked := map[delivery.UUID]bool{}
	var saved []db.SavedOrder
	for _, e := range events {
		o := e.Order
		if o == nil || e.Kind == delivery.OrderPlaced {
			continue
		}
		if e.Repacks() {
			repacked[o.UUID] = true
		}
		if at, again := newest[o.UUID]; again {
			saved[at] = db.SavedOrder{OrderSnapshot: o}
			continue
		}
		newest[o.UUID] = len(saved)
		saved = append(saved, savedBy(e))
	}
	if len(saved) > 0 {
		if err := t.SaveOrders(ctx, community, saved); err != nil {
			return err
		}
		var packed []*delivery.OrderSnapshot
		for _, o := range saved {
			if repacked[o.UUID] {
				packed = append(packed, o.OrderSnapshot)
			}
		}
		if err := t.SavePackings(ctx, community, packed); err != nil {
			return err
		}
	}
	resolved, err := resolveLate(ctx, t, community, events)
	if err != nil {
		return err
	}
	return t.Append(ctx, community, append(events, resolved...))
}

// resolveLate resolves the incidents LATE of orders that moved, and returns the events to append. It sends no statement if none was late. The orders
// are locked, or saved.
func resolveLate(ctx context.Context, t *db.Tx, community int32, events []*delivery.Event) ([]*delivery.Event, error) {
	var late []delivery.UUID
	var by *delivery.Event
	for _, e := range events {
		if e.WasLate {
			late, by = append(late, e.Order.UUID), e
		}
	}
	if by == nil {
		return nil, nil
	}
	return ResolveIncidents(ctx, t, by.Author(), by.At, community, delivery.ResolutionMovedOn, late, delivery.IncidentLate)
}

// savedBy returns the order as its only event leaves it.
func savedBy(e *delivery.Event) db.SavedOrder {
	out := db.SavedOrder{OrderSnapshot: e.Order}
	if e.Kind == delivery.OrderMoved {
		out.Move = delivery.BodyOf[delivery.MoveBody](e)
	}
	return out
}

// AccessLost returns the events which say that callers who act as the rows may act no longer.
func AccessLost(by delivery.Actor, community int32, rows []delivery.UUID, at time.Time) []*delivery.Event {
	var events []*delivery.Event
	for _, row := range rows {
		events = append(events, accessChanged(by, community, row, at))
	}
	return events
}

// accessChanged returns the event that marks where in the feed the scope of the row's callers changes.
func accessChanged(by delivery.Actor, community int32, row delivery.UUID, at time.Time) *delivery.Event {
	return delivery.NewEvent(delivery.AccessChanged, by, at, delivery.Keys{Community: community}, &delivery.AccessBody{Row: row})
}

// CodesEvent returns the event that codes were issued or ended.
func CodesEvent(kind delivery.EventKind, by delivery.Actor, community int32, at time.Time) *delivery.Event {
	return delivery.NewEvent(kind, by, at, delivery.Keys{Community: community}, nil)
}

// CodeUUIDs returns the ids of the codes.
func CodeUUIDs(codes []*delivery.AccessCode) []delivery.UUID {
	out := make([]delivery.UUID, len(codes))
	for i, c := range codes {
		out[i] = c.UUID
	}
	return out
}
