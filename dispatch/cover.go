package dispatch

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// Uncover opens an incident UNCOVERED on each building that no reachable volunteer of the supply squad serves any more, and returns
// the events to append. Locks are those of OpenIncidents.
func Uncover(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, community int32) ([]*delivery.Event, error) {
	changed, err := t.Coverage(ctx, community, at)
	if err != nil {
		return nil, err
	}
	var incidents []*delivery.Incident
	for _, c := range changed {
		if c.Uncovered {
			id := delivery.ID{Kind: delivery.KindBuilding, Community: community, UUID: c.Building}
			i := delivery.NewIncident(delivery.IncidentUncovered, id, delivery.Keys{Community: community, Building: c.Building})
			i.Level = delivery.LevelLead // no volunteer of the building is there to see it
			incidents = append(incidents, i)
		}
	}
	return OpenIncidents(ctx, t, a, at, incidents)
}

// Cover closes the incidents UNCOVERED of the buildings that are covered again, and returns the events to append.
func Cover(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, community int32) ([]*delivery.Event, error) {
	changed, err := t.Coverage(ctx, community, at)
	if err != nil {
		return nil, err
	}
	var covered []delivery.UUID
	for _, c := range changed {
		if !c.Uncovered {
			covered = append(covered, c.Building)
		}
	}
	return ResolveIncidents(ctx, t, a, at, community, delivery.ResolutionMovedOn, covered, delivery.IncidentUncovered)
}
