package order

import (
	"context"

	"baogong/db"
	"baogong/delivery"
)

// moveContext is what a step needs to know besides the order, read after the orders were locked.
type moveContext struct {
	roster *delivery.Roster
	open   []*delivery.Hold
	last   map[delivery.UUID]*delivery.Event
	gone   map[delivery.UUID]bool // archived places and suppliers, where a final order is to be brought back
}

// archived reports that what the order builds on takes no orders any more.
func (s *moveContext) archived(o *delivery.OrderSnapshot) bool {
	return s.gone[o.BuildingUUID] || s.gone[o.UnitUUID] || s.gone[o.HouseholdUUID] || (o.SupplierUUID != nil && s.gone[*o.SupplierUUID])
}

// holdsOn returns the holds that stand on the order or its building.
func (s *moveContext) holdsOn(o *delivery.OrderSnapshot) []*delivery.Hold {
	var out []*delivery.Hold
	for _, h := range s.open {
		if (h.OrderUUID != nil && *h.OrderUUID == o.UUID) || (h.BuildingUUID != nil && *h.BuildingUUID == o.BuildingUUID) {
			out = append(out, h)
		}
	}
	return out
}

// archived names what is archived of a community's buildings, units, suppliers and the households.
func archived(ctx context.Context, t *db.Tx, community int32, households []delivery.UUID) (map[delivery.UUID]bool, error) {
	buildings, err := t.Buildings().All(ctx, community)
	if err != nil {
		return nil, err
	}
	units, err := t.Units().All(ctx, community)
	if err != nil {
		return nil, err
	}
	suppliers, err := t.Suppliers().All(ctx, community)
	if err != nil {
		return nil, err
	}
	homes, err := t.HouseholdsOf(ctx, community, households, nil)
	if err != nil {
		return nil, err
	}
	gone := map[delivery.UUID]bool{}
	for _, r := range buildings {
		gone[r.UUID] = r.ArchivedAt != nil
	}
	for _, r := range units {
		gone[r.UUID] = r.ArchivedAt != nil
	}
	for _, r := range suppliers {
		gone[r.UUID] = r.ArchivedAt != nil
	}
	for _, r := range homes {
		gone[r.UUID] = r.ArchivedAt != nil
	}
	return gone, nil
}
