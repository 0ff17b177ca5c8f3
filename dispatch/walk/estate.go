package walk

import (
	"fmt"

	"baogong/dispatch/estate"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
)

func (w *Walker) updateVolunteers() *Act {
	patch := &team.VolunteerPatchInput{ID: w.team[choose(w, choose(w, w.takers...), choose(w, w.duty...), choose(w, w.transport...))], Reachable: new(!w.some(3))}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{patch}}}
}

func (w *Walker) updateCommunities() *Act {
	quiet := choose(w, []string{"22:00", "06:00"}, []string{"09:00", "09:30"})
	patch := &estate.CommunityPatchInput{ID: w.community, Docks: new(1 + w.rng.IntN(4)), QuietFrom: &quiet[0], QuietUntil: &quiet[1]}
	if closed := w.Column("select cast(closure_ended_at is null as text) from communities")[0] == "true"; closed && w.some(6) {
		patch.ClosureEndedAt = w.in(60)
	} else if !closed && w.some(2) {
		patch.ClosureReopened = new(true)
	}
	return &Act{By: w.by(w.commander), Input: &estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{patch}}}
}

func (w *Walker) updateBuildings() *Act {
	return &Act{By: w.by(w.commander), Input: &estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{
		{ID: choose(w, w.buildings...), HasLift: new(w.some(2)), Archived: new(w.some(8))}}}}
}

func (w *Walker) updateHouseholds() *Act {
	return &Act{By: w.by(w.commander), Input: &estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{
		{ID: choose(w, w.homes...), People: new(1 + w.rng.IntN(5)), Archived: new(w.some(4))}}}}
}

func (w *Walker) updateSuppliers() *Act {
	return &Act{By: w.by(w.commander), Input: &supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{
		{ID: w.suppliers[choose(w, w.shops...)], Name: new(fmt.Sprint("商家", w.rng.IntN(9))), Archived: new(w.some(6))}}}}
}
