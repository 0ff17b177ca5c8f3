package walk

import (
	"baogong/delivery"
	"baogong/dispatch/incident"
)

func (w *Walker) reportIncidents() *Act {
	subject := choose(w, w.buildings...)
	if ids := w.orders(1); len(ids) > 0 && !w.some(3) {
		subject = ids[0]
	}
	return &Act{By: choose(w, w.everyone...), Input: &incident.ReportIncidentsInput{Incidents: []*incident.IncidentInput{
		{Kind: choose(w, delivery.IncidentKinds...), Severity: choose(w, delivery.Severities...), SubjectID: subject, Bags: w.rng.IntN(2)}}}}
}

// trouble returns some incidents that are not resolved.
func (w *Walker) trouble() []delivery.ID {
	return w.ids(2, delivery.KindIncident, "incidents where state <> 'RESOLVED' order by number")
}

func (w *Walker) takeIncidents() *Act {
	return &Act{By: w.by(choose(w, w.leads...), w.commander, choose(w, w.supply...)), Input: &incident.TakeIncidentsInput{Ids: w.trouble()}}
}

func (w *Walker) resolveIncidents() *Act {
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &incident.ResolveIncidentsInput{Ids: w.trouble(), Resolution: choose(w, delivery.Resolutions...)}}
}

func (w *Walker) setTargets() *Act {
	target := &incident.TargetInput{}
	if !w.some(3) {
		target.Stage = new(choose(w, delivery.AtGate, delivery.Sorted, delivery.AtBuilding, delivery.OutForDelivery))
	}
	if target.Stage == nil || w.some(3) {
		target.Mark = new(choose(w, delivery.MarkMedicine, delivery.MarkCold, delivery.MarkHeavy))
	}
	switch w.rng.IntN(4) {
	case 0:
		target.None = true
	case 1:
		target.TimeOfDay = new(choose(w, "12:00", "20:00"))
	default:
		target.Minutes = new(1 + w.rng.IntN(90))
	}
	return &Act{By: w.by(w.commander), Input: &incident.SetTargetsInput{CommunityID: w.community, Targets: []*incident.TargetInput{target}, Atomic: w.some(4)}}
}
