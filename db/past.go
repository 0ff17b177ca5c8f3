package db

import (
	"context"
	"slices"

	"github.com/lib/pq"

	"baogong/delivery"
)

// Events reads a community's events that the scope sees and the filter matches, after one position up to another, in order,
// at most limit. If the scope or the filter names orders, households, buildings or suppliers, it reads only their events,
// however long the feed is between the positions.
func (d *DB) Events(ctx context.Context, s delivery.Scope, community int32, f delivery.EventFilter, after, upTo int64, limit int) ([]*delivery.Event, error) {
	var w where
	w.and("e.community_id = ?", community)
	w.and("e.seq > ?", after)
	w.and("e.seq <= ?", upTo)
	if !f.Activities {
		w.and("e.order_id is not null")
	} else {
		w.and("(e.order_id is not null or e.kind = any(cast(? as text[])))", pq.StringArray(texts(s.Activities())))
	}
	w.scopeOfEvents(s)
	narrow := func(column, as string, list []string) {
		if len(list) > 0 {
			w.in(column, as, list)
		}
	}
	narrow("e.kind", "text", texts(f.Kinds))
	narrow("e.body -> 'order' ->> 'stage'", "text", texts(f.Stages))
	narrow("e.body -> 'order' ->> 'channel'", "text", texts(f.Channels))
	narrow("e.building_id", "uuid", texts(f.Buildings))
	narrow("e.household_id", "uuid", texts(f.Households))
	narrow("e.supplier_id", "uuid", texts(f.Suppliers))
	narrow("e.order_id", "uuid", texts(f.Orders))
	column, keys := narrowest(s, f)
	if column == "" {
		return eventsIn(listOf[*eventRow](ctx, d, "read past events", "select "+eventColumns+"\n  from events e\n "+w.String()+"\n order by e.seq\n limit "+w.arg(limit), w.args...))
	}
	// The events of each key, in order, from an index; then all keys merged.
	w.and(column + " = k.id")
	most := w.arg(limit)
	return eventsIn(listOf[*eventRow](ctx, d, "read past events by key", `
		select `+eventColumns+`
		  from unnest(cast(`+w.arg(pq.StringArray(texts(keys)))+` as uuid[])) as k (id)
		 cross join lateral (
			select `+eventColumns+`
			  from events e
			 `+w.String()+`
			 order by e.seq
			 limit `+most+`) e
		 order by e.seq
		 limit `+most, w.args...))
}

// narrowest returns the column by which the scope and the filter probably leave the fewest events, and the distinct keys
// they name in it; "" if they name none.
func narrowest(s delivery.Scope, f delivery.EventFilter) (column string, keys []delivery.UUID) {
	if f.Activities && s.Class != delivery.SeesHousehold { // the other indexes have only events of orders
		return "", nil
	}
	for _, by := range []struct {
		column string
		asked  []delivery.UUID
		class  delivery.Class
		seen   []delivery.UUID
	}{
		{eventKeys.order, f.Orders, delivery.SeesOrder, []delivery.UUID{s.UUID}},
		{eventKeys.household, f.Households, delivery.SeesHousehold, []delivery.UUID{s.UUID}},
		{eventKeys.building, f.Buildings, delivery.SeesBuildings, s.Buildings},
		{eventKeys.supplier, f.Suppliers, delivery.SeesSupplier, []delivery.UUID{s.UUID}},
	} {
		switch {
		case len(by.asked) > 0:
			keys = by.asked
		case s.Class == by.class:
			keys = by.seen
		default:
			continue
		}
		keys = slices.Compact(slices.Sorted(slices.Values(keys)))
		return by.column, slices.DeleteFunc(keys, func(k delivery.UUID) bool { return k == "" })
	}
	return "", nil
}
