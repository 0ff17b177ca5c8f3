package delivery

import "slices"

// Keys decide who may see a row or an event: the community and whichever of the rest it belongs to.
type Keys struct {
	Community int32
	Building  UUID
	Household UUID
	Supplier  UUID
	Order     UUID
}

// Class says which key a Scope looks at.
type Class string

// The classes of Scope. The zero class sees nothing.
const (
	SeesNothing   Class = ""
	SeesAll       Class = "ALL"
	SeesBuildings Class = "BUILDINGS"
	SeesHousehold Class = "HOUSEHOLD"
	SeesSupplier  Class = "SUPPLIER"
	SeesOrder     Class = "ORDER"
	SeesNumbers   Class = "NUMBERS" // how many, of whole communities; no row and no event
)

// Scope is what somebody may see, as data: asked in memory for events (Sees) and as a where-clause for rows
// (db's where); a property test holds the two together. The zero Scope sees nothing.
type Scope struct {
	Class     Class
	Community int32 // 0 means every community, only with SeesAll
	Buildings []UUID
	UUID      UUID // the household, supplier or order

	Communities []int32 // with SeesNumbers; 0 among them means every one
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

// Enters reports whether a community itself may be shown.
func (s Scope) Enters(community int32) bool {
	if s.Class == SeesNumbers {
		return false
	}
	return s.Class != SeesNothing && (s.Community == community || (s.Class == SeesAll && s.Community == 0))
}

// Meets reports whether the lists of a community may be asked for, and its directory be shown (buildings, units, suppliers
// and team, which carry no resident's data): to all that enter it but a link, which shows the building of its order only.
func (s Scope) Meets(community int32) bool { return s.Class != SeesOrder && s.Enters(community) }

// Counts reports whether the numbers of a community, and its name, may be shown.
func (s Scope) Counts(community int32) bool {
	if s.Class == SeesNumbers {
		return slices.Contains(s.Communities, 0) || slices.Contains(s.Communities, community)
	}
	return s.Enters(community)
}
