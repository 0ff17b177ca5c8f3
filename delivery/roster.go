package delivery

import "slices"

// Roster is who can hold the orders of a community now: read after the orders are locked, so that a change
// of the team and a move of an order cannot miss each other.
type Roster struct {
	Primary   map[UUID][]UUID // reachable volunteers by building, in order of code
	Backup    map[UUID][]UUID
	Leads     map[Squad]UUID  // a reachable lead of the squad
	Commander UUID            // a reachable commander, empty if there is none
	Reachable map[UUID]bool   // volunteers who took orders
	Anywhere  map[UUID]bool   // those of them who see every building
	Serves    map[UUID][]UUID // and the buildings that the others see
	Anybody   UUID            // somebody reachable, a lead before a member; empty if nobody is
}

// Sees reports that a reachable volunteer sees the orders of the building, as Actor.Scope does.
func (r *Roster) Sees(volunteer, building UUID) bool {
	return r.Anywhere[volunteer] || slices.Contains(r.Serves[volunteer], building)
}

// Holder names who holds an order at a stage: the supplier; the volunteer who took it; the lead who answers for
// the sorting tables or the carts; the building's primary volunteer, else a backup. Both are nil if nobody reachable does.
func (r *Roster) Holder(s *OrderSnapshot) (volunteer, supplier *UUID) {
	switch s.ActsNext() {
	case PostSupplier:
		return nil, s.SupplierUUID
	case PostTaker:
		if s.TakerUUID != nil && r.Reachable[*s.TakerUUID] && r.Sees(*s.TakerUUID, s.BuildingUUID) {
			return s.TakerUUID, nil
		}
		return r.ofBuilding(s.BuildingUUID), nil
	case PostSorting:
		return uuidOrNil(r.Leads[SquadDuty]), nil
	case PostTransport:
		return uuidOrNil(r.Leads[SquadTransport]), nil
	case PostBuilding:
		return r.ofBuilding(s.BuildingUUID), nil
	}
	return nil, nil
}

// Reach names the person to turn to for an order that is not final: its holder, else the lead of the squad that
// answers for its post, else the commander, else anybody reachable. Both are nil only where the team has nobody
// reachable at all.
func (r *Roster) Reach(s *OrderSnapshot) (volunteer, supplier *UUID) {
	if s.Stage.Final() {
		return nil, nil
	}
	if s.HolderVolunteer != nil || s.HolderSupplier != nil {
		return s.HolderVolunteer, s.HolderSupplier
	}
	if lead := r.Leads[s.ActsNext().Squad()]; lead != "" {
		return &lead, nil
	}
	if r.Commander != "" {
		return &r.Commander, nil
	}
	return uuidOrNil(r.Anybody), nil
}

func (r *Roster) ofBuilding(building UUID) *UUID {
	for _, of := range []map[UUID][]UUID{r.Primary, r.Backup} {
		if who := of[building]; len(who) > 0 {
			return &who[0]
		}
	}
	return nil
}

// assign sets the snapshot's holder.
func (r *Roster) assign(s *OrderSnapshot) {
	s.HolderVolunteer, s.HolderSupplier = r.Holder(s)
}
