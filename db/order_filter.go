package db

import (
	"slices"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// OrderFilter narrows a list of orders. An absent list does not narrow; an empty one lets nothing through.
type OrderFilter struct {
	Stages        []delivery.Stage
	Open          *bool
	Buildings     []delivery.UUID
	Units         []delivery.UUID
	Households    []delivery.UUID
	Suppliers     []delivery.UUID
	Channels      []delivery.Channel
	Holders       []delivery.UUID // volunteers and suppliers
	WithoutHolder *bool
	Held          *bool
	Late          *bool
	PlacedFrom    *time.Time
	PlacedUntil   *time.Time
	MovedFrom     *time.Time
	MovedUntil    *time.Time
	Text          string // part of the number, the platform's number or the address: delivery.NewSearch
	Owing         *Owing
}

const (
	openOrder     = "o.stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')"
	withoutHolder = "(" + openOrder + " and o.holder_volunteer_id is null and o.holder_supplier_id is null)"
)

func (f OrderFilter) where(community int32) where {
	var w where
	w.and("o.community_id = ?", community)
	w.in("o.stage", "text", texts(f.Stages))
	w.in("o.building_id", "uuid", texts(f.Buildings))
	if f.Units != nil { // units have no index of their own, but are in few buildings
		units := pq.StringArray(texts(f.Units))
		w.and("o.building_id in (select u.building_id from units u where u.community_id = ? and u.id = any(cast(? as uuid[])))", community, units)
		w.and("o.unit_id = any(cast(? as uuid[]))", units)
	}
	w.in("o.household_id", "uuid", texts(f.Households))
	w.in("o.supplier_id", "uuid", texts(f.Suppliers))
	w.in("o.channel", "text", texts(f.Channels))
	if f.Holders != nil {
		w.and("(o.holder_volunteer_id = any(cast(? as uuid[])) or o.holder_supplier_id = any(cast(? as uuid[])))",
			pq.StringArray(texts(f.Holders)), pq.StringArray(texts(f.Holders)))
	}
	flag := func(clause string, want *bool) {
		if want != nil && *want {
			w.and(clause)
		} else if want != nil {
			w.and("not " + clause)
		}
	}
	flag("("+openOrder+")", f.Open)
	if f.Stages != nil && !slices.ContainsFunc(f.Stages, delivery.Stage.Final) {
		w.and(openOrder) // redundant, but selects the index of open orders
	}
	if f.WithoutHolder != nil {
		w.and(openOrder)
		flag(withoutHolder, f.WithoutHolder)
	}
	flag("(o.open_holds > 0)", f.Held)
	if f.Late != nil && *f.Late {
		w.and(openOrder) // redundant, but selects the index of open orders
	}
	flag("(o.late_level > 0)", f.Late)
	span := func(clause string, at *time.Time) {
		if at != nil {
			w.and(clause, *at)
		}
	}
	span("o.placed_at >= ?", f.PlacedFrom)
	span("o.placed_at < ?", f.PlacedUntil)
	span("o.moved_at >= ?", f.MovedFrom)
	span("o.moved_at < ?", f.MovedUntil)
	if f.Owing != nil {
		w.owing(f.Owing)
	}
	return w
}

// few reports whether the filter and the scope always leave few orders: those of some households or of a holder, held ones,
// those whose money is not settled, or those with a text, for which search bounds the rows it reads.
func (f OrderFilter) few(s delivery.Scope) bool {
	return f.Owing != nil || f.Households != nil || f.Holders != nil || f.Text != "" || f.Held != nil && *f.Held ||
		s.Class == delivery.SeesHousehold || s.Class == delivery.SeesOrder || s.Class == delivery.SeesNothing
}

// bounded reports whether an index bounds the orders that the filter leaves: open orders, a few buildings, or a span of
// time.
func (f OrderFilter) bounded(s delivery.Scope) bool {
	return f.few(s) || f.Buildings != nil || f.Units != nil || s.Class == delivery.SeesBuildings || f.WithoutHolder != nil ||
		f.Open != nil && *f.Open || f.Late != nil && *f.Late || f.Stages != nil && !slices.ContainsFunc(f.Stages, delivery.Stage.Final) ||
		f.PlacedFrom != nil && f.PlacedUntil != nil || f.MovedFrom != nil && f.MovedUntil != nil
}

// all reports whether the filter leaves every order, or all orders between two instants.
func (f OrderFilter) all() bool {
	return f.Stages == nil && f.Open == nil && f.Buildings == nil && f.Units == nil && f.Suppliers == nil && f.Channels == nil &&
		f.WithoutHolder == nil && f.Held == nil && f.Late == nil && f.PlacedFrom == nil && f.PlacedUntil == nil && f.MovedFrom == nil && f.MovedUntil == nil && f.Text == "" && f.Owing == nil
}

// stages returns the stages that the filter may leave.
func (f OrderFilter) stages() []delivery.Stage {
	return slices.DeleteFunc(slices.Clone(delivery.Stages), func(s delivery.Stage) bool {
		return f.Stages != nil && !slices.Contains(f.Stages, s) || f.Open != nil && *f.Open == s.Final() ||
			s.Final() && (f.WithoutHolder != nil || f.Held != nil && *f.Held || f.Late != nil && *f.Late || f.Holders != nil)
	})
}
