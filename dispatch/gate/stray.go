package gate

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// LogStrays records bags that no order is found for, in an arrival or elsewhere at the gate.
func (v *Verbs) LogStrays(ctx context.Context, a delivery.Actor, in LogStraysInput) (*StraysPayload, error) {
	community := in.CommunityID.Community
	c := dispatch.Call{Actor: a, Mutation: "logStrays", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *StraysPayload) (bool, error) {
		if refusal := in.check(a); refusal != nil {
			return false, refusal
		}
		switch estate, err := t.LockCommunity(ctx, community, false); {
		case err != nil:
			return false, err
		case estate.Archived():
			return false, delivery.Refuse(dispatch.ReasonArchived).At("communityId")
		}
		arrival, err := in.lockArrival(ctx, t, a)
		if err != nil {
			return false, err
		}
		photos, err := v.LockFiles(ctx, t, community, in.photos())
		if err != nil {
			return false, err
		}
		strays, refused := in.judge(a, arrival, photos, out)
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "strays")
			return false, nil
		}
		if len(strays) == 0 {
			return false, nil
		}
		if err := t.Decided(); err != nil {
			return false, err
		}
		if err := photos.Save(ctx, t); err != nil {
			return false, err
		}
		number, err := t.NextNumbers(ctx, community, db.NumberStray, len(strays))
		if err != nil {
			return false, err
		}
		var events []*delivery.Event
		var incidents []*delivery.Incident
		for i, s := range strays {
			t.Spend(delivery.QuotaText, len(s.Label)+len(s.Place))
			s.Number = number + int64(i)
			events = append(events, s.Find(a, at))
			incident := delivery.NewIncident(delivery.IncidentStray, s.ID(), s.Keys())
			incident.Bags = 1
			incidents = append(incidents, incident)
		}
		if err := t.InsertStrays(ctx, strays); err != nil {
			return false, err
		}
		if arrival != nil {
			before, err := t.StraysOfArrival(ctx, community, arrival.UUID)
			if err != nil {
				return false, err
			}
			events = append(events, arrival.Found(a, len(strays), before, at))
			if err := t.SaveArrivals(ctx, []*delivery.Arrival{arrival}); err != nil {
				return false, err
			}
		}
		opened, err := dispatch.OpenIncidents(ctx, t, a, at, incidents)
		if err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, append(events, opened...))
	})
}

func (in *LogStraysInput) check(a delivery.Actor) *delivery.Error {
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return refusal.At("communityId")
	}
	if refusal := dispatch.CheckCount(len(in.Strays), "strays"); refusal != nil {
		return refusal
	}
	return mayWork(a, in.CommunityID.Community, "communityId")
}

// lockArrival locks the arrival in which the strays were found, nil for none. The truck must be there, or have been.
func (in *LogStraysInput) lockArrival(ctx context.Context, t *db.Tx, a delivery.Actor) (*delivery.Arrival, error) {
	if in.ArrivalID == nil {
		return nil, nil //nolint:nilnil // strays can be found elsewhere
	}
	if refusal := dispatch.CheckID(*in.ArrivalID, delivery.KindArrival, in.CommunityID.Community); refusal != nil {
		return nil, refusal.At("arrivalId")
	}
	arrival, err := lockArrival(ctx, t, a, *in.ArrivalID)
	if err != nil {
		return nil, err
	}
	if refusal := arrival.NotHere(); refusal != nil {
		return nil, refusal.At("arrivalId")
	}
	return arrival, nil
}

// photos are the photos that the items name.
func (in *LogStraysInput) photos() (ids []delivery.ID) {
	for _, item := range in.Strays {
		if item.PhotoID != nil {
			ids = append(ids, *item.PhotoID)
		}
	}
	return ids
}

func (in *LogStraysInput) judge(a delivery.Actor, arrival *delivery.Arrival, photos *dispatch.Attaching, out *StraysPayload) (strays []*delivery.Stray, refused bool) {
	for i, item := range in.Strays {
		s := &delivery.Stray{CommunityID: in.CommunityID.Community, UUID: dispatch.NewUUID(), Label: delivery.Trimmed(item.Label), Place: delivery.Trimmed(item.Place)}
		result := &StrayResult{}
		out.Results = append(out.Results, result)
		refusal := dispatch.First(dispatch.Text("label", s.Label, delivery.MaxStrayLabel, false), dispatch.Text("place", s.Place, delivery.MaxPlace, true))
		if refusal == nil && item.PhotoID != nil {
			s.FileUUID = &item.PhotoID.UUID
			if refusal = photos.Attach(a, *item.PhotoID, s.Keys()); refusal != nil {
				refusal = refusal.At("photoId")
			}
		}
		if refusal != nil {
			refused = true
			result.Refuse("strays", i, refusal)
			continue
		}
		if arrival != nil {
			s.ArrivalUUID = &arrival.UUID
		}
		id := s.ID()
		result.StrayID = &id
		strays = append(strays, s)
	}
	return strays, refused
}
