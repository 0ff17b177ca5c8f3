package dispatch

import (
	"context"
	"strconv"

	"baogong/db"
	"baogong/delivery"
)

// CreateUnits adds units to buildings: administrators and the commander.
func (d *Dispatch) CreateUnits(ctx context.Context, a delivery.Actor, in CreateUnitsInput) (*UnitsPayload, error) {
	s := creation(a, "createUnits", in.CommunityID, in.ClientMutationID, in, "units", len(in.Units), in.Atomic)
	s.kind, s.event = delivery.KindUnit, delivery.UnitSaved
	return save[UnitsPayload](ctx, d, s, func(s *saving) (func() error, error) {
		buildings, err := s.tx.Buildings(ctx, s.community)
		if err != nil {
			return nil, err
		}
		there, err := s.tx.Units(ctx, s.community)
		if err != nil {
			return nil, err
		}
		byID, numbers := byUUID(buildings), unitNumbers(there)
		var rows []*delivery.Unit
		for _, n := range in.Units {
			u := &delivery.Unit{CommunityID: s.community, UUID: newUUID(), BuildingUUID: n.BuildingID.UUID, Number: n.Number, Floors: n.Floors,
				Version: 1, CreatedAt: s.at}
			refusal := parent(n.BuildingID, delivery.KindBuilding, s.community, byID, func(b *delivery.Building) bool { return b.ArchivedAt != nil }, "buildingId")
			if refusal == nil {
				refusal = checkUnit(u, numbers)
			}
			if s.item(u.ID(), &delivery.Keys{Building: u.BuildingUUID}, refusal) {
				rows = append(rows, u)
			}
		}
		return func() error { return s.tx.InsertUnits(ctx, rows) }, nil
	})
}

// UpdateUnits corrects or archives units: administrators and the commander. One with open orders cannot be archived.
func (d *Dispatch) UpdateUnits(ctx context.Context, a delivery.Actor, in UpdateUnitsInput) (*UnitsPayload, error) {
	s := correction(a, "updateUnits", in.ClientMutationID, in, "units", in.Units, func(n *UnitPatchInput) delivery.ID { return n.ID }, in.Atomic)
	s.kind, s.event = delivery.KindUnit, delivery.UnitSaved
	return save[UnitsPayload](ctx, d, s, func(s *saving) (func() error, error) {
		there, err := s.tx.Units(ctx, s.community)
		if err != nil {
			return nil, err
		}
		inUse, err := s.tx.OpenOrdersOf(ctx, s.community, db.OrderUnit, uuids(s.ids))
		if err != nil {
			return nil, err
		}
		byID, numbers, moved := byUUID(there), unitNumbers(there), false
		var rows []*delivery.Unit
		for _, n := range in.Units {
			next := correct(s, byID[n.ID.UUID], func(u *delivery.Unit) *int64 { return &u.Version }, n.ExpectedVersion, n.ID,
				func(u *delivery.Unit) delivery.Keys { return delivery.Keys{Building: u.BuildingUUID} },
				func(u *delivery.Unit) (bool, *delivery.Error) {
					set(&u.Number, n.Number)
					set(&u.Floors, n.Floors)
					if archive(&u.ArchivedAt, n.Archived, s.at) && inUse[u.UUID] {
						return false, delivery.Refuse(delivery.ReasonInUse).At("archived")
					}
					return false, checkUnit(u, numbers)
				})
			if next != nil {
				moved = moved || next.Number != byID[n.ID.UUID].Number
				rows = append(rows, next)
			}
		}
		return func() error {
			if err := s.tx.SaveUnits(ctx, rows); err != nil || !moved {
				return err
			}
			return s.tx.SaveAddresses(ctx, s.community)
		}, nil
	})
}

func unitNumbers(rows []*delivery.Unit) names { return namesOf(rows, unitName) }

func unitName(u *delivery.Unit) string { return string(u.BuildingUUID) + "-" + strconv.Itoa(u.Number) }

func checkUnit(u *delivery.Unit, numbers names) *delivery.Error {
	if refusal := first(within("number", u.Number, 1, 99), within("floors", u.Floors, 1, 120)); refusal != nil {
		return refusal
	}
	if refusal := numbers.claim(unitName(u), "", u.ID()); refusal != nil {
		refusal.Args = []any{strconv.Itoa(u.Number)}
		return refusal.At("number")
	}
	return nil
}
