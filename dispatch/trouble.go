package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// ErrOpenedMeanwhile says that another transaction opened the same incident first. The transaction is tried again.
var ErrOpenedMeanwhile = MarkRetryable(errors.New("the incident was opened meanwhile"))

// about identifies an open incident: its kind and its subject.
type about struct {
	kind    delivery.IncidentKind
	subject delivery.UUID
}

func aboutOf(i *delivery.Incident) about { return about{i.Kind, i.SubjectID().UUID} }

// OpenIncidents opens incidents of one community (delivery.NewIncident) and returns the events to append. It gives each its
// number, and an id if it has none. If an incident of the kind is open on the subject already, that one takes the number of bags, and
// the given one stays as it was, without a number. Lock the subjects, orders and others, before, and no row but the feed after. It ends
// a look.
func OpenIncidents(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, incidents []*delivery.Incident) ([]*delivery.Event, error) {
	if len(incidents) == 0 {
		return nil, nil
	}
	if err := t.Decided(); err != nil {
		return nil, err
	}
	community := incidents[0].CommunityID
	kinds, subjects := kindsAndSubjects(incidents)
	open, err := t.LockOpenIncidents(ctx, community, kinds, subjects)
	if err != nil {
		return nil, err
	}
	known := make(map[about]*delivery.Incident, len(open))
	for _, i := range open {
		known[aboutOf(i)] = i
	}
	var events []*delivery.Event
	var fresh, recounted []*delivery.Incident
	for _, i := range incidents {
		was := known[aboutOf(i)]
		switch {
		case was == nil:
			known[aboutOf(i)] = i
			fresh = append(fresh, i)
		case slices.Contains(fresh, was):
			return nil, fmt.Errorf("open an incident %s twice on one subject", i.Kind)
		default:
			if e := was.Recount(a, i.Bags, at); e != nil {
				events, recounted = append(events, e), append(recounted, was)
			}
		}
	}
	if err := t.SaveIncidents(ctx, community, recounted); err != nil {
		return nil, err
	}
	if len(fresh) == 0 {
		return events, nil
	}
	number, err := t.NextNumbers(ctx, community, db.NumberIncident, len(fresh))
	if err != nil {
		return nil, err
	}
	// Incidents are opened only under the counter's lock, so what is open now stays all that is open.
	if n, err := t.CountOpenIncidents(ctx, community, kinds, subjects); err != nil || n != len(open) {
		return nil, errors.Join(err, ErrOpenedMeanwhile)
	}
	for k, i := range fresh {
		if i.Number = number + int64(k); i.UUID == "" {
			i.UUID = NewUUID()
		}
		events = append(events, i.Open(a, at))
	}
	return events, t.InsertIncidents(ctx, fresh)
}

// ResolveIncidents resolves the open incidents of the kinds on the subjects, because their cause is gone, and returns the events to
// append. Its locks are those of OpenIncidents.
func ResolveIncidents(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, community int32, how delivery.Resolution, subjects []delivery.UUID,
	kinds ...delivery.IncidentKind) ([]*delivery.Event, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	open, err := t.LockOpenIncidents(ctx, community, kinds, subjects)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	if err := t.Decided(); err != nil {
		return nil, err
	}
	events := make([]*delivery.Event, len(open))
	for k, i := range open {
		events[k] = i.Close(a, how, at)
	}
	return events, t.SaveIncidents(ctx, community, open)
}

// kindsAndSubjects returns each kind and each subject of the incidents once.
func kindsAndSubjects(incidents []*delivery.Incident) ([]delivery.IncidentKind, []delivery.UUID) {
	var kinds []delivery.IncidentKind
	var subjects []delivery.UUID
	for _, i := range incidents {
		kinds, subjects = append(kinds, i.Kind), append(subjects, i.SubjectID().UUID)
	}
	slices.Sort(kinds)
	slices.Sort(subjects)
	return slices.Compact(kinds), slices.Compact(subjects)
}
