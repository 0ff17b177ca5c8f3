package live

import (
	"cmp"
	"slices"

	"baogong/delivery"
)

// topic is one key that an event may carry. With the class SeesAll it covers every event of the community.
type topic struct {
	class delivery.Class
	key   delivery.UUID
}

// listener hears of each event that carries one of its topics. hear is called under the feed's lock.
type listener interface {
	hear(e *delivery.Event)
}

// index finds the listeners of an event without visiting the others. The listeners of a topic are in order of arrival, in
// which their memory was mostly allocated too: notifying thousands is mostly waiting for memory.
type index struct {
	lastID int64
	by     map[topic][]registration
}

// registration is a listener with its place, a unique number.
type registration struct {
	id int64
	listener
}

// add adds a listener and returns its place, by which it is removed.
func (x *index) add(l listener, topics []topic) (place int64) {
	if x.by == nil {
		x.by = map[topic][]registration{}
	}
	x.lastID++
	for _, t := range topics {
		if all := x.by[t]; len(all) == 0 || all[len(all)-1].id != x.lastID { // otherwise the topic was named twice
			x.by[t] = append(all, registration{x.lastID, l})
		}
	}
	return x.lastID
}

func (x *index) remove(place int64, topics []topic) {
	for _, t := range topics {
		all := x.by[t]
		i, there := slices.BinarySearchFunc(all, place, func(p registration, place int64) int { return cmp.Compare(p.id, place) })
		switch {
		case !there:
		case len(all) == 1:
			delete(x.by, t)
		default:
			x.by[t] = slices.Delete(all, i, i+1)
		}
	}
}

// notify notifies the listeners of an event. Listeners must not come or go during the call.
func (x *index) notify(e *delivery.Event) {
	k := e.Keys()
	for _, t := range [...]topic{
		{delivery.SeesAll, ""}, {delivery.SeesBuildings, k.Building}, {delivery.SeesHousehold, k.Household},
		{delivery.SeesSupplier, k.Supplier}, {delivery.SeesOrder, k.Order},
	} {
		for _, p := range x.by[t] {
			p.hear(e)
		}
	}
}

// topicsOf returns topics of the narrowest class that cover everything the scope sees and the filter matches. It also
// reports whether they are exact: the scope sees and the filter matches every event of an order that has one of them.
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
			return topics(by.class, by.seen), f.Conditions() == 0 && !slices.Contains(by.seen, "") && len(s.HiddenKinds()) == 0
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
