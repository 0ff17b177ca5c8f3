package delivery

import "slices"

// EventFilter narrows a community's events. An event must match every list that is not empty.
type EventFilter struct {
	Activities bool // events of every noun (Scope.Follows); false: of orders only

	Kinds      []EventKind
	Stages     []Stage // of the order right after the event
	Channels   []Channel
	Buildings  []UUID
	Households []UUID
	Suppliers  []UUID
	Orders     []UUID
}

// Shows reports whether viewers with the scope see the event, and the filter matches it. It allocates nothing.
func (f *EventFilter) Shows(s *Scope, e *Event) bool {
	if f.Activities {
		return s.Follows(e) && f.Matches(e)
	}
	return e.OfOrder() && s.SeesEvent(e) && f.Matches(e)
}

// Matches reports whether an event matches the filter; one that is of no order only if the filter has Activities and names at most kinds. It
// allocates nothing.
func (f *EventFilter) Matches(e *Event) bool {
	s := e.Order
	if s == nil {
		return f.Activities && f.Conditions() == min(len(f.Kinds), 1) && in(f.Kinds, e.Kind)
	}
	return in(f.Kinds, e.Kind) && in(f.Stages, s.Stage) && in(f.Channels, s.Channel) &&
		in(f.Buildings, s.BuildingUUID) && in(f.Households, s.HouseholdUUID) && in(f.Orders, s.UUID) &&
		(len(f.Suppliers) == 0 || (s.SupplierUUID != nil && slices.Contains(f.Suppliers, *s.SupplierUUID)))
}

// Conditions returns how many lists of the filter are not empty.
func (f *EventFilter) Conditions() int {
	n := 0
	for _, list := range [...]int{len(f.Kinds), len(f.Stages), len(f.Channels), len(f.Buildings), len(f.Households), len(f.Orders), len(f.Suppliers)} {
		if list > 0 {
			n++
		}
	}
	return n
}

func in[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }
