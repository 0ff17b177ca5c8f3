package delivery

import (
	"slices"
	"time"
)

// Roster is the people who can hold the orders of a community now, and the targets of its stages. It is read after the orders are locked, so that a change
// of the team and a move of an order cannot miss each other.
type Roster struct {
	Primary   map[UUID][]UUID // reachable volunteers by building, in order of code
	Backup    map[UUID][]UUID
	Leads     map[Squad]UUID  // a reachable lead of the squad
	Commander UUID            // a reachable commander, empty if there is none
	Reachable map[UUID]bool   // volunteers who took orders
	Anywhere  map[UUID]bool   // the subset of Reachable that sees every building
	Serves    map[UUID][]UUID // the buildings that the rest of Reachable sees
	AnyMember UUID            // any reachable volunteer, leads before members; empty if there is none
	Targets   *Targets        // by which moves are measured; nil: there are none
	Proofs    ProofPolicy     // of the community; nil: not read
}

// Sees reports whether a reachable volunteer sees the orders of the building. It follows the rules of Actor.Scope.
func (r *Roster) Sees(volunteer, building UUID) bool {
	return r.Anywhere[volunteer] || slices.Contains(r.Serves[volunteer], building)
}

// Holder returns the holder of an order at its stage: the supplier; the volunteer who took it; the lead responsible for the
// sorting tables or the carts; or the building's primary volunteer, else a backup. Both are nil if no such person is
// reachable.
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

// Reach returns the person to contact about an order that is not final: its holder, else the lead of the squad responsible
// for its post, else the commander, else any reachable volunteer. Both are nil only if no member of the team is reachable.
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
	return uuidOrNil(r.AnyMember), nil
}

func (r *Roster) ofBuilding(building UUID) *UUID {
	for _, of := range []map[UUID][]UUID{r.Primary, r.Backup} {
		if volunteers := of[building]; len(volunteers) > 0 {
			return &volunteers[0]
		}
	}
	return nil
}

// assign sets the snapshot's holder.
func (r *Roster) assign(s *OrderSnapshot) {
	s.HolderVolunteer, s.HolderSupplier = r.Holder(s)
}

// HolderChanged is the kind of an order's holder changing because the team changed.
const HolderChanged EventKind = "HOLDER_CHANGED"

var _ = addKind(eventSpec{kind: HolderChanged, fold: foldHolder})

// Reassign sets the holder after a change of the team. It returns nil if the holder stays the same.
func (s *OrderSnapshot) Reassign(a Actor, at time.Time, roster *Roster) *Event {
	next := s.clone()
	roster.assign(next)
	if same(next.HolderVolunteer, s.HolderVolunteer) && same(next.HolderSupplier, s.HolderSupplier) {
		return nil
	}
	next.Version++
	return newEvent(HolderChanged, a, at, next, nil)
}

func foldHolder(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) { return before.after(e), nil }
