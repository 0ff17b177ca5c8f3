package dispatch

import (
	"context"
	"strings"

	"baogong/db"
	"baogong/delivery"
)

// CreateBuildings adds buildings: administrators and the commander.
func (d *Dispatch) CreateBuildings(ctx context.Context, a delivery.Actor, in CreateBuildingsInput) (*BuildingsPayload, error) {
	s := creation(a, "createBuildings", in.CommunityID, in.ClientMutationID, in, "buildings", len(in.Buildings), in.Atomic)
	s.kind, s.event = delivery.KindBuilding, delivery.BuildingSaved
	return save[BuildingsPayload](ctx, d, s, func(s *saving) (func() error, error) {
		there, err := s.tx.Buildings(ctx, s.community)
		if err != nil {
			return nil, err
		}
		codes := buildingCodes(there)
		var rows []*delivery.Building
		for _, n := range in.Buildings {
			b := &delivery.Building{CommunityID: s.community, UUID: newUUID(), Code: delivery.NormalCode(n.Code), Name: delivery.Trimmed(n.Name), HasLift: n.HasLift,
				AccessNote: n.AccessNote, Version: 1, CreatedAt: s.at}
			if s.item(b.ID(), &delivery.Keys{Building: b.UUID}, checkBuilding(b, "", codes)) {
				rows = append(rows, b)
			}
		}
		return func() error { return s.tx.InsertBuildings(ctx, rows) }, nil
	})
}

// UpdateBuildings corrects or archives buildings: administrators and the commander. One with open orders cannot be archived.
func (d *Dispatch) UpdateBuildings(ctx context.Context, a delivery.Actor, in UpdateBuildingsInput) (*BuildingsPayload, error) {
	s := correction(a, "updateBuildings", in.ClientMutationID, in, "buildings", in.Buildings, func(n *BuildingPatchInput) delivery.ID { return n.ID }, in.Atomic)
	s.kind, s.event = delivery.KindBuilding, delivery.BuildingSaved
	return save[BuildingsPayload](ctx, d, s, func(s *saving) (func() error, error) {
		there, err := s.tx.Buildings(ctx, s.community)
		if err != nil {
			return nil, err
		}
		inUse, err := s.tx.OpenOrdersOf(ctx, s.community, db.OrderBuilding, uuids(s.ids))
		if err != nil {
			return nil, err
		}
		byID, codes, moved := byUUID(there), buildingCodes(there), false
		var rows []*delivery.Building
		for _, n := range in.Buildings {
			next := correct(s, byID[n.ID.UUID], func(b *delivery.Building) *int64 { return &b.Version }, n.ExpectedVersion, n.ID,
				func(b *delivery.Building) delivery.Keys { return delivery.Keys{Building: b.UUID} },
				func(b *delivery.Building) (bool, *delivery.Error) {
					setCode(&b.Code, n.Code)
					setName(&b.Name, n.Name)
					set(&b.HasLift, n.HasLift)
					set(&b.AccessNote, n.AccessNote)
					if archive(&b.ArchivedAt, n.Archived, s.at) && inUse[b.UUID] {
						return false, delivery.Refuse(delivery.ReasonInUse).At("archived")
					}
					return false, checkBuilding(b, byID[n.ID.UUID].Code, codes)
				})
			if next != nil {
				moved = moved || next.Code != byID[n.ID.UUID].Code
				rows = append(rows, next)
			}
		}
		return func() error {
			if err := s.tx.SaveBuildings(ctx, rows); err != nil || !moved {
				return err
			}
			return s.tx.SaveAddresses(ctx, s.community)
		}, nil
	})
}

func buildingCodes(rows []*delivery.Building) names {
	return namesOf(rows, func(b *delivery.Building) string { return b.Code })
}

// checkBuildingCode refuses "-" too, which separates the parts of an address: building 6-1 would make two homes of 6-1-1-2.
func checkBuildingCode(code string) *delivery.Error {
	if refusal := delivery.CheckCode(code); refusal != nil {
		return refusal
	}
	if strings.Contains(delivery.Key(code), "-") {
		return delivery.Refuse(delivery.ReasonBadValue)
	}
	return nil
}

func checkBuilding(b *delivery.Building, was string, codes names) *delivery.Error {
	if b.Name == "" {
		b.Name = b.Code
	}
	if refusal := first(fieldCheck{"code", checkBuildingCode(b.Code)}, text("name", b.Name, delivery.MaxName, true),
		text("accessNote", b.AccessNote, delivery.MaxNote, false)); refusal != nil {
		return refusal
	}
	return first(fieldCheck{"code", codes.claim(b.Code, was, b.ID())})
}
