package export

import (
	"context"
	"strings"

	"baogong/db"
	"baogong/delivery"
)

// volunteers writes a row for each member of the team. Names and phones are masked for all.
func (t *tableWriter) volunteers(ctx context.Context, p db.Range) ([]string, bool, error) {
	s := t.actor.Scope()
	rows, err := t.DB.Volunteers(ctx, s, t.CommunityID, db.VolunteerFilter{}, p)
	if err != nil {
		return nil, false, err
	}
	var ids, buildings []delivery.ID
	for _, v := range rows.Items {
		ids = append(ids, v.ID())
	}
	services, err := t.DB.ServicesOfVolunteers(ctx, s, ids)
	if err != nil {
		return nil, false, err
	}
	served := map[delivery.UUID][]delivery.UUID{}
	for _, x := range services {
		served[x.VolunteerUUID] = append(served[x.VolunteerUUID], x.BuildingUUID)
		buildings = append(buildings, delivery.ID{Kind: delivery.KindBuilding, Community: x.CommunityID, UUID: x.BuildingUUID})
	}
	if err := t.readBuildings(ctx, buildings); err != nil {
		return nil, false, err
	}
	for _, v := range rows.Items {
		var codes []string
		for _, b := range served[v.UUID] {
			if code := t.buildings[b]; code != "" {
				codes = append(codes, code)
			}
		}
		organisation := ""
		if s.Sight().Team {
			organisation = v.HomeOrganisation
		}
		if err := t.add(v.Code, v.Name.Mask(), v.Phone.Mask(), t.word(string(v.Squad), squadWords[v.Squad]), t.word(string(v.Rank), rankWords[v.Rank]),
			strings.Join(codes, "、"), organisation, t.yes(v.Reachable)); err != nil {
			return nil, false, err
		}
	}
	return lastKey(rows)
}
