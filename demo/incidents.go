package demo

import (
	"context"
	"iter"
	"slices"
	"time"

	"baogong/delivery"
	"baogong/dispatch/incident"
)

const (
	noticed    = 6 * time.Minute  // until an incident is taken
	settled    = 20 * time.Minute // until its owner has resolved it
	oneIgnored = 7                // of so many incidents, one waits until the clock has raised it to the commander
)

// endings are how incidents of a kind end.
var endings = map[delivery.IncidentKind][]delivery.Resolution{
	delivery.IncidentMissing:      {delivery.ResolutionFound, delivery.ResolutionReplaced, delivery.ResolutionRefunded},
	delivery.IncidentShort:        {delivery.ResolutionReplaced, delivery.ResolutionRefunded, delivery.ResolutionFound},
	delivery.IncidentDamaged:      {delivery.ResolutionReplaced, delivery.ResolutionRefunded, delivery.ResolutionDisposed},
	delivery.IncidentNotReceived:  {delivery.ResolutionFound, delivery.ResolutionReplaced},
	delivery.IncidentWrongPlace:   {delivery.ResolutionFound},
	delivery.IncidentCountDiffers: {delivery.ResolutionFound},
}

// trouble has the team take open incidents and resolve those that were taken. Few are left until the clock has raised them to the commander.
func (e *Simulation) trouble(ctx context.Context) error {
	if !e.troubled {
		return nil
	}
	open, err := e.DB.OpenIncidents(ctx, e.commander.Scope(), e.community.Community, delivery.LevelCommand)
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	var take, resolve []*delivery.Incident
	for _, i := range open {
		switch {
		case i.Number%oneIgnored == 0 && i.Level != delivery.LevelCommand:
		case i.State == delivery.IncidentOpen && now.Sub(i.OpenedAt) >= noticed:
			take = append(take, i)
		case i.State == delivery.IncidentTaken && now.Sub(*i.TakenAt) >= settled && !i.Kind.ClosesItself():
			resolve = append(resolve, i)
		}
	}
	for level, ids := range grouped(take, func(i *delivery.Incident) delivery.EscalationLevel { return i.Level }) {
		p, err := e.Verbs.Incident.TakeIncidents(ctx, e.at(level), incident.TakeIncidentsInput{Ids: ids})
		if err != nil {
			return err
		}
		for _, r := range p.Results {
			e.report.Refused += len(r.UserErrors)
		}
	}
	how := func(i *delivery.Incident) delivery.Resolution {
		if known := endings[i.Kind]; len(known) > 0 {
			return known[int(i.Number)%len(known)]
		}
		return delivery.ResolutionAnswered
	}
	for resolution, ids := range grouped(resolve, how) {
		p, err := e.Verbs.Incident.ResolveIncidents(ctx, e.lead(delivery.SquadSupply), incident.ResolveIncidentsInput{Ids: ids, Resolution: resolution})
		if err != nil {
			return err
		}
		for _, r := range p.Results {
			e.report.Refused += len(r.UserErrors)
		}
	}
	return nil
}

// at returns a member of the team at the level who sees the whole community.
func (e *Simulation) at(level delivery.EscalationLevel) delivery.Actor {
	switch level {
	case delivery.LevelVolunteer:
		return e.hand(delivery.SquadDuty)
	case delivery.LevelLead:
		return e.lead(delivery.SquadSupply)
	}
	return e.commander
}

// grouped returns the ids of incidents by a key, in the order of the keys' first incidents.
func grouped[K comparable](list []*delivery.Incident, key func(*delivery.Incident) K) iter.Seq2[K, []delivery.ID] {
	return func(yield func(K, []delivery.ID) bool) {
		var keys []K
		ids := map[K][]delivery.ID{}
		for _, i := range list {
			k := key(i)
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
			ids[k] = append(ids[k], i.ID())
		}
		for _, k := range keys {
			if !yield(k, ids[k]) {
				return
			}
		}
	}
}

// reportOne has a member of the patrol report something by hand.
func (e *Simulation) reportOne(ctx context.Context) error {
	if len(e.households) == 0 {
		return nil
	}
	h := pick(e.random, e.households)
	building := delivery.ID{Kind: delivery.KindBuilding, Community: h.CommunityID, UUID: h.BuildingUUID}
	in := pick(e.random, []incident.IncidentInput{
		{Kind: delivery.IncidentSafety, Severity: delivery.SeverityHigh, SubjectID: building, Note: "电梯停运"},
		{Kind: delivery.IncidentBadAddress, Severity: delivery.SeverityNormal, SubjectID: h.ID(), Note: "门牌与登记不符"},
		{Kind: delivery.IncidentOther, Severity: delivery.SeverityNormal, SubjectID: building, Note: "单元门打不开"},
	})
	p, err := e.Verbs.Incident.ReportIncidents(ctx, e.hand(delivery.SquadPatrol), incident.ReportIncidentsInput{Incidents: []*incident.IncidentInput{&in}})
	if err != nil {
		return err
	}
	e.troubled = true
	e.report.Refused += len(p.UserErrors)
	return nil
}
