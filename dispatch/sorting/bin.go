package sorting

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// NewBinInput is a bin to add.
type NewBinInput struct {
	BuildingID delivery.ID
	UnitID     *delivery.ID
	Code       string
	Cold       bool
}

// CreateBinsInput is bins to add.
type CreateBinsInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Bins             []*NewBinInput
	Atomic           bool
}

// BinPatchInput is what to correct about a bin.
type BinPatchInput struct {
	ID              delivery.ID
	ExpectedVersion *int64
	Code            *string
	Cold            *bool
	Archived        *bool
}

// UpdateBinsInput is bins to correct.
type UpdateBinsInput struct {
	ClientMutationID *string
	Bins             []*BinPatchInput
	Atomic           bool
}

// BinsPayload is the outcome of saving bins: a result per item, in the order given.
type BinsPayload struct{ dispatch.BulkOf[BinResult] }

// BinResult is the outcome of one bin.
type BinResult struct{ *dispatch.ItemOutcome }

var binNoun = dispatch.Noun[*delivery.Bin]{
	Kind: delivery.KindBin, Event: delivery.BinSaved, List: "bins", May: delivery.Actor.CanArrangeBins,
	Keys:      func(r *delivery.Bin) delivery.Keys { return delivery.Keys{Building: r.BuildingUUID} },
	Table:     (*db.Tx).Bins,
	Name:      func(r *delivery.Bin) string { return string(r.BuildingUUID) + " " + r.Code },
	NameShown: func(r *delivery.Bin) string { return r.Code },
}

// CreateBins adds bins to buildings: administrators, the commander, and the leads of the duty and supply squads.
func (v *Verbs) CreateBins(ctx context.Context, a delivery.Actor, in CreateBinsInput) (*BinsPayload, error) {
	s := binNoun.Creation(dispatch.Call{Actor: a, Mutation: "createBins", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Bins), in.Atomic)
	return dispatch.Save[BinsPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Bin]) error {
		buildings, err := s.Tx.Buildings().All(ctx, s.Community)
		if err != nil {
			return err
		}
		units, err := s.Tx.Units().All(ctx, s.Community)
		if err != nil {
			return err
		}
		buildingByID, unitByID := dispatch.ByUUID(buildings), dispatch.ByUUID(units)
		for _, n := range in.Bins {
			row := &delivery.Bin{Row: s.NewRow(), BuildingUUID: n.BuildingID.UUID, Code: delivery.NormalCode(n.Code), Cold: n.Cold}
			refusal := dispatch.Parent(n.BuildingID, delivery.KindBuilding, s.Community, buildingByID, "buildingId")
			if refusal == nil && n.UnitID != nil {
				row.UnitUUID = &n.UnitID.UUID
				refusal = dispatch.Parent(*n.UnitID, delivery.KindUnit, s.Community, unitByID, "unitId")
				if refusal == nil && unitByID[n.UnitID.UUID].BuildingUUID != row.BuildingUUID {
					refusal = delivery.Refuse(delivery.ReasonNoSuch, delivery.KindUnit.String()).At("unitId")
				}
			}
			if refusal == nil {
				refusal = dispatch.First(dispatch.Field("code", delivery.CheckCode(row.Code)))
			}
			s.Add(row, refusal)
		}
		return nil
	})
}

// reasonDefaultBin refuses to archive a default bin or to make it cold.
var reasonDefaultBin = delivery.NewReason("DEFAULT_BIN", delivery.CodeConflict,
	"This is the default bin of its building, which takes all its orders: it cannot be cold or archived.",
	"这是楼栋的默认分拣格，接收该楼全部订单，不能设为冷藏或归档。")

// UpdateBins corrects or archives bins: administrators, the commander, and the leads of the duty and supply squads. One with orders in it cannot be
// archived, and a default one neither archived nor made cold.
func (v *Verbs) UpdateBins(ctx context.Context, a delivery.Actor, in UpdateBinsInput) (*BinsPayload, error) {
	ids := dispatch.IDs(in.Bins, func(n *BinPatchInput) delivery.ID { return n.ID })
	s := binNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateBins", ID: in.ClientMutationID, Input: in}, ids, in.Atomic)
	return dispatch.Save[BinsPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Bin]) error {
		filled, err := fullBins(ctx, s)
		if err != nil {
			return err
		}
		for _, n := range in.Bins {
			s.Correct(n.ID, n.ExpectedVersion, n.Archived, func(b *delivery.Bin) *delivery.Error {
				dispatch.SetCode(&b.Code, n.Code)
				dispatch.Set(&b.Cold, n.Cold)
				switch {
				case b.Default() && b.Archived():
					return delivery.Refuse(reasonDefaultBin).At("archived")
				case b.Default() && b.Cold:
					return delivery.Refuse(reasonDefaultBin).At("cold")
				case b.Archived() && filled[b.UUID]:
					return delivery.Refuse(dispatch.ReasonInUse).At("archived")
				}
				return dispatch.First(dispatch.Field("code", delivery.CheckCode(b.Code)))
			})
		}
		return nil
	})
}

// fullBins locks the bins of a correction and returns which of them have orders in them. Orders are put into a bin only while it is
// share-locked, so none comes in afterwards.
func fullBins(ctx context.Context, s *dispatch.Saving[*delivery.Bin]) (map[delivery.UUID]bool, error) {
	ids := dispatch.UUIDs(s.IDs)
	if _, err := s.Tx.LockBins(ctx, s.Community, ids); err != nil {
		return nil, err
	}
	return s.Tx.OpenOrdersOf(ctx, s.Community, db.OrderBin, ids)
}
