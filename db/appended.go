package db

import (
	"time"

	"baogong/delivery"
)

// Appended is what one transaction appended to one community's feed.
type Appended struct {
	Community   int32
	Epoch       int64
	First, Last int64

	events []delivery.Event // without bodies
	bodies []string
}

// appendedOf copies the events as they are now: the orders in them change further.
func appendedOf(community int32, epoch int64, events []*delivery.Event, bodies []string) Appended {
	a := Appended{Community: community, Epoch: epoch, First: events[0].Seq, Last: events[len(events)-1].Seq, bodies: bodies,
		events: make([]delivery.Event, len(events))}
	for i, e := range events {
		a.events[i] = delivery.Event{CommunityID: community, Seq: e.Seq, Kind: e.Kind, At: e.At, ByRole: e.ByRole, ByUUID: copied(e.ByUUID),
			BuildingUUID: copied(e.BuildingUUID), HouseholdUUID: copied(e.HouseholdUUID), SupplierUUID: copied(e.SupplierUUID), OrderUUID: copied(e.OrderUUID)}
	}
	return a
}

func copied(id *delivery.UUID) *delivery.UUID {
	if id == nil {
		return nil
	}
	same := *id
	return &same
}

// Events returns the events as a read of the table would.
func (a Appended) Events() ([]*delivery.Event, error) {
	out := make([]*delivery.Event, len(a.events))
	for i := range out {
		e := a.events[i]
		e.At = e.At.Round(time.Microsecond) // the precision of timestamptz
		if err := e.UnmarshalBody(a.bodies[i]); err != nil {
			return nil, err
		}
		out[i] = &e
	}
	return out, nil
}
