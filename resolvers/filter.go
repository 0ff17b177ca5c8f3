package resolvers

import (
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/graph"
)

func orderFilter(f *graph.OrderFilter, community int32) (out db.OrderFilter, err error) {
	if f == nil {
		return out, nil
	}
	out = db.OrderFilter{Stages: f.Stages, Open: f.Open, Channels: f.Channels, WithoutHolder: f.WithoutHolder, Held: f.Held,
		PlacedFrom: f.PlacedFrom, PlacedUntil: f.PlacedUntil, MovedFrom: f.MovedFrom, MovedUntil: f.MovedUntil}
	for field, at := range map[string]*time.Time{"placedFrom": f.PlacedFrom, "placedUntil": f.PlacedUntil, "movedFrom": f.MovedFrom, "movedUntil": f.MovedUntil} {
		if at != nil {
			if refusal := delivery.CheckTime(*at); refusal != nil {
				return out, refusal.At("filter", field)
			}
		}
	}
	if out.Text, err = textFilter(f.Text); err != nil {
		return out, err
	}
	for _, ids := range []struct {
		to    *[]delivery.UUID
		from  []*delivery.ID
		field string
		kinds []delivery.Kind
	}{
		{&out.Buildings, f.BuildingIds, "buildingIds", []delivery.Kind{delivery.KindBuilding}},
		{&out.Units, f.UnitIds, "unitIds", []delivery.Kind{delivery.KindUnit}},
		{&out.Households, f.HouseholdIds, "householdIds", []delivery.Kind{delivery.KindHousehold}},
		{&out.Suppliers, f.SupplierIds, "supplierIds", []delivery.Kind{delivery.KindSupplier}},
		{&out.Holders, f.HolderIds, "holderIds", []delivery.Kind{delivery.KindVolunteer, delivery.KindSupplier}},
	} {
		if *ids.to, err = named(ids.from, community, ids.field, ids.kinds...); err != nil {
			return out, err
		}
	}
	return out, nil
}

// householdFilter refuses a filter by needs to whoever may not see them: what it lets through would tell them.
func householdFilter(a delivery.Actor, f *graph.HouseholdFilter, community int32) (out db.HouseholdFilter, err error) {
	if f == nil {
		return out, nil
	}
	if f.Needs != nil && !a.SeesNeeds() {
		return out, delivery.Refuse(delivery.ReasonNeedsNotYours).At("filter", "needs")
	}
	out = db.HouseholdFilter{Needs: f.Needs, Archived: f.IncludeArchived}
	if out.Text, err = textFilter(f.Text); err != nil {
		return out, err
	}
	if out.Buildings, err = named(f.BuildingIds, community, "buildingIds", delivery.KindBuilding); err != nil {
		return out, err
	}
	out.Units, err = named(f.UnitIds, community, "unitIds", delivery.KindUnit)
	return out, err
}

func volunteerFilter(f *graph.VolunteerFilter, community int32) (out db.VolunteerFilter, err error) {
	if f == nil {
		return out, nil
	}
	out = db.VolunteerFilter{Squads: f.Squads, Reachable: f.Reachable, Archived: f.IncludeArchived}
	if out.Text, err = textFilter(f.Text); err != nil {
		return out, err
	}
	out.Buildings, err = named(f.BuildingIds, community, "buildingIds", delivery.KindBuilding)
	return out, err
}

func eventFilter(f *graph.OrderEventFilter, community int32) (out delivery.EventFilter, err error) {
	if f == nil {
		return out, nil
	}
	out = delivery.EventFilter{Kinds: f.Kinds, Stages: f.Stages, Channels: f.Channels}
	for _, ids := range []struct {
		to    *[]delivery.UUID
		from  []*delivery.ID
		field string
		kind  delivery.Kind
	}{
		{&out.Buildings, f.BuildingIds, "buildingIds", delivery.KindBuilding},
		{&out.Households, f.HouseholdIds, "householdIds", delivery.KindHousehold},
		{&out.Suppliers, f.SupplierIds, "supplierIds", delivery.KindSupplier},
		{&out.Orders, f.OrderIds, "orderIds", delivery.KindOrder},
	} {
		if *ids.to, err = named(ids.from, community, ids.field, ids.kind); err != nil {
			return out, err
		}
	}
	// An empty list would be taken for no filter at all.
	for field, empty := range map[string]bool{"kinds": none(f.Kinds), "stages": none(f.Stages), "channels": none(f.Channels),
		"buildingIds": none(f.BuildingIds), "householdIds": none(f.HouseholdIds), "supplierIds": none(f.SupplierIds), "orderIds": none(f.OrderIds)} {
		if empty {
			return out, delivery.Refuse(delivery.ReasonEmptyList).At("filter", field)
		}
	}
	return out, nil
}

func none[T any](list []T) bool { return list != nil && len(list) == 0 }

func textFilter(text *string) (string, error) {
	if text == nil {
		return "", nil
	}
	if refusal := delivery.CheckSearch(*text); refusal != nil {
		return "", refusal.At("filter", "text")
	}
	return *text, nil
}
