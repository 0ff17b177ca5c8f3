package export

import (
	"context"
	"strconv"

	"baogong/db"
	"baogong/delivery"
)

// incidents writes a row for each incident, the newest first.
func (t *tableWriter) incidents(ctx context.Context, p db.Range) ([]string, bool, error) {
	s := t.actor.Scope()
	rows, err := t.DB.Incidents(ctx, s, t.CommunityID, db.IncidentFilter{}, p)
	if err != nil {
		return nil, false, err
	}
	var buildings, orders, owners []delivery.ID
	for _, i := range rows.Items {
		buildings, orders, owners = with(buildings, i.BuildingID()), with(orders, i.OrderID()), with(owners, i.OwnerID())
	}
	if err := t.readBuildings(ctx, buildings); err != nil {
		return nil, false, err
	}
	if err := named(ctx, &t.members, owners, t.DB.VolunteersByID, s, func(v *delivery.Volunteer) (delivery.UUID, string) { return v.UUID, v.Code }); err != nil {
		return nil, false, err
	}
	var numbers map[delivery.UUID]string
	if err := named(ctx, &numbers, orders, t.DB.OrdersByID, s, func(o *delivery.Order) (delivery.UUID, string) { return o.UUID, strconv.FormatInt(o.Number, 10) }); err != nil {
		return nil, false, err
	}
	kinds, severities, levels, states, resolutions := delivery.IncidentWords()
	of := func(names map[delivery.UUID]string, id *delivery.UUID) string {
		if id == nil {
			return ""
		}
		return names[*id]
	}
	sight := s.Sight()
	for _, i := range rows.Items {
		note, resolutionNote := "", "" // shown as the fields of an incident show them
		if sight.Reads(i) {
			note = i.Note
		}
		if sight.Team {
			resolutionNote = i.ResolutionNote
		}
		resolution := ""
		if i.Resolution != nil {
			resolution = t.say(resolutions[*i.Resolution])
		}
		bags := ""
		if i.Bags > 0 {
			bags = strconv.Itoa(i.Bags)
		}
		if err := t.add(strconv.FormatInt(i.Number, 10), t.say(kinds[i.Kind]), t.say(severities[i.Severity]), t.say(levels[i.Level]), t.say(states[i.State]),
			of(t.buildings, i.SeenBuilding), of(numbers, i.OrderUUID), bags, t.time(&i.OpenedAt), note, t.time(i.TakenAt), of(t.members, i.OwnerUUID),
			t.time(i.ResolvedAt), resolution, resolutionNote); err != nil {
			return nil, false, err
		}
	}
	return lastKey(rows)
}
