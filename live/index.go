package live

import (
	"slices"

	"baogong/delivery"
)

// topic is one key that an event may carry; with SeesAll, every event of the community.
type topic struct {
	class delivery.Class
	key   delivery.UUID
}

// listener is told, under the feed's lock, of each event that carries one of its topics.
type listener interface {
	hear(e *delivery.Event)
}

// index finds who is concerned by an event without asking those who are not.
type index map[topic]map[listener]struct{}

func (x index) add(l listener, topics []topic) {
	for _, t := range topics {
		if x[t] == nil {
			x[t] = map[listener]struct{}{}
		}
		x[t][l] = struct{}{}
	}
}

func (x index) remove(l listener, topics []topic) {
	for _, t := range topics {
		delete(x[t], l)
		if len(x[t]) == 0 {
			delete(x, t)
		}
	}
}

func (x index) tell(e *delivery.Event) {
	k := e.Keys()
	for _, t := range [...]topic{
		{delivery.SeesAll, ""}, {delivery.SeesBuildings, k.Building}, {delivery.SeesHousehold, k.Household},
		{delivery.SeesSupplier, k.Supplier}, {delivery.SeesOrder, k.Order},
	} {
		for l := range x[t] {
			l.hear(e)
		}
	}
}

// topicsOf are topics of one class, the narrowest known, that cover all the scope sees and the filter matches, and
// whether they are exact: every event of an order that has one of them is seen and matched.
func topicsOf(s delivery.Scope, f *delivery.EventFilter) (of []topic, exact bool) {
	one := []delivery.UUID{s.UUID}
	for _, by := range [...]struct {
		class delivery.Class
		keys  []delivery.UUID
		seen  []delivery.UUID
	}{
		{delivery.SeesOrder, f.Orders, one},
		{delivery.SeesHousehold, f.Households, one},
		{delivery.SeesBuildings, f.Buildings, s.Buildings},
		{delivery.SeesSupplier, f.Suppliers, one},
	} {
		switch {
		case len(by.keys) > 0:
			return topics(by.class, by.keys), s.Class == delivery.SeesAll && f.Conditions() == 1
		case s.Class == by.class:
			return topics(by.class, by.seen), f.Conditions() == 0 && !slices.Contains(by.seen, "")
		}
	}
	return []topic{{class: delivery.SeesAll}}, s.Class == delivery.SeesAll && f.Conditions() == 0
}

func topics(class delivery.Class, keys []delivery.UUID) []topic {
	out := make([]topic, len(keys))
	for i, key := range keys {
		out[i] = topic{class, key}
	}
	return out
}
