package delivery

import "slices"

// Keys decide who may see a row or an event: its community, and the building, household, supplier and order that it belongs
// to, if any.
type Keys struct {
	Community int32
	Building  UUID
	Household UUID
	Supplier  UUID
	Order     UUID
}

// Class is the kind of a Scope: the key that it compares.
type Class string

// The classes of Scope. The zero class sees nothing.
const (
	SeesNothing   Class = ""
	SeesAll       Class = "ALL"
	SeesBuildings Class = "BUILDINGS"
	SeesHousehold Class = "HOUSEHOLD"
	SeesSupplier  Class = "SUPPLIER"
	SeesOrder     Class = "ORDER"
	SeesNumbers   Class = "NUMBERS" // numbers of whole communities; no row and no event
)

// Scope is what an actor may see, as data. It is evaluated in memory for events (Sees) and as a where clause for rows (db's
// where); a property test compares the two. The zero Scope sees nothing.
type Scope struct {
	Class     Class
	Community int32 // 0 means every community, only with SeesAll
	Buildings []UUID
	UUID      UUID // the household, supplier or order

	Squad Squad // of the viewer, with SeesBuildings: the squad's tasks that are about no household are shown as well (SeesTask)

	Communities []int32 // with SeesNumbers; a 0 means all communities

	Level EscalationLevel // of alerts only (Actor.AlertScope): incidents above it are not shown
}

// Sees reports whether rows and events with the keys may be shown. It allocates nothing and reads nothing.
func (s Scope) Sees(k Keys) bool {
	if s.Class == SeesAll && s.Community == 0 {
		return true
	}
	if s.Community == 0 || k.Community != s.Community {
		return false
	}
	switch s.Class {
	case SeesAll:
		return true
	case SeesBuildings:
		return k.Building != "" && slices.Contains(s.Buildings, k.Building)
	case SeesHousehold:
		return s.UUID != "" && k.Household == s.UUID
	case SeesSupplier:
		return s.UUID != "" && k.Supplier == s.UUID
	case SeesOrder:
		return s.UUID != "" && k.Order == s.UUID
	}
	return false
}

// SeesEvent reports whether the event of an order may be shown: the scope sees its keys, and the kind is none of HiddenKinds. It allocates
// nothing.
func (s Scope) SeesEvent(e *Event) bool {
	return s.Sees(e.Keys()) && (!s.hidesKinds() || !s.Sight().hides(e.Kind))
}

// HiddenKinds lists the kinds of events of orders that are not shown, sorted by name. Only the team sees where within its stage an
// order is (its bin, its cart) and that it is late. A link shows the order's moves, its holds and its holder.
func (s Scope) HiddenKinds() []EventKind {
	if !s.hidesKinds() {
		return nil
	}
	return slices.DeleteFunc(OrderEventKinds(), func(k EventKind) bool { return !s.Sight().hides(k) })
}

// hidesKinds reports whether kinds of events of orders are not shown.
func (s Scope) hidesKinds() bool { return s.Class != SeesAll && s.Class != SeesBuildings }

// SeesCommunity reports whether the community itself may be shown.
func (s Scope) SeesCommunity(community int32) bool {
	if s.Class == SeesNumbers {
		return false
	}
	return s.Class != SeesNothing && (s.Community == community || (s.Class == SeesAll && s.Community == 0))
}

// SeesDirectory reports whether the community's lists and its directory (buildings, units, suppliers and team, without data of
// residents) may be shown. They may for every scope that enters it except a link, which shows only the building of its
// order.
func (s Scope) SeesDirectory(community int32) bool {
	return s.Class != SeesOrder && s.SeesCommunity(community)
}

// SeesNumbersOf reports whether the numbers of a community, and its name, may be shown.
func (s Scope) SeesNumbersOf(community int32) bool {
	if s.Class == SeesNumbers {
		return slices.Contains(s.Communities, 0) || slices.Contains(s.Communities, community)
	}
	return s.SeesCommunity(community)
}
