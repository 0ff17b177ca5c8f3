package estate

import (
	"context"
	"strings"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// NewBuildingInput is a building to add.
type NewBuildingInput struct {
	Code       string
	Name       string
	HasLift    bool
	AccessNote string
}

// CreateBuildingsInput is buildings to add.
type CreateBuildingsInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Buildings        []*NewBuildingInput
	Atomic           bool
}

// BuildingPatchInput is what to correct about a building.
type BuildingPatchInput struct {
	ID              delivery.ID
	ExpectedVersion *int64
	Code            *string
	Name            *string
	HasLift         *bool
	AccessNote      *string
	Archived        *bool
}

// UpdateBuildingsInput is buildings to correct.
type UpdateBuildingsInput struct {
	ClientMutationID *string
	Buildings        []*BuildingPatchInput
	Atomic           bool
}

// BuildingsPayload is the outcome of saving buildings: a result per item, in the order given.
type BuildingsPayload struct{ dispatch.BulkOutcome }

// Results are the outcomes by item.
func (p *BuildingsPayload) Results() []*BuildingResult {
	return dispatch.Results[BuildingResult](p.BulkOutcome)
}

// BuildingResult is the outcome of one building.
type BuildingResult struct{ *dispatch.ItemOutcome }

var buildingNoun = dispatch.Noun[delivery.Building]{
	Kind: delivery.KindBuilding, Event: delivery.BuildingSaved, List: "buildings", May: delivery.Actor.CanSetUp,
	Version: func(r *delivery.Building) *int64 { return &r.Version },
	Keys:    func(r *delivery.Building) delivery.Keys { return delivery.Keys{Building: r.UUID} },
}

// CreateBuildings adds buildings: administrators and the commander.
func (v *Verbs) CreateBuildings(ctx context.Context, a delivery.Actor, in CreateBuildingsInput) (*BuildingsPayload, error) {
	s := buildingNoun.Creation(dispatch.Call{Actor: a, Mutation: "createBuildings", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Buildings), in.Atomic)
	return dispatch.Save[BuildingsPayload](ctx, v.Engine, s, func(s *dispatch.Saving) (func() error, error) {
		there, err := s.Tx.Buildings(ctx, s.Community)
		if err != nil {
			return nil, err
		}
		codes := buildingCodes(there)
		var rows []*delivery.Building
		for _, n := range in.Buildings {
			b := &delivery.Building{Row: delivery.NewRow(s.Community, dispatch.NewUUID(), s.At), Code: delivery.NormalCode(n.Code), Name: delivery.Trimmed(n.Name), HasLift: n.HasLift,
				AccessNote: n.AccessNote}
			if buildingNoun.Create(s, b.ID(), b, checkBuilding(b, "", codes)) {
				rows = append(rows, b)
			}
		}
		return func() error { return s.Tx.InsertBuildings(ctx, rows) }, nil
	})
}

// UpdateBuildings corrects or archives buildings: administrators and the commander. One with open orders cannot be archived.
func (v *Verbs) UpdateBuildings(ctx context.Context, a delivery.Actor, in UpdateBuildingsInput) (*BuildingsPayload, error) {
	s := buildingNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateBuildings", ID: in.ClientMutationID, Input: in},
		dispatch.IDs(in.Buildings, func(n *BuildingPatchInput) delivery.ID { return n.ID }), in.Atomic)
	return dispatch.Save[BuildingsPayload](ctx, v.Engine, s, func(s *dispatch.Saving) (func() error, error) {
		there, err := s.Tx.Buildings(ctx, s.Community)
		if err != nil {
			return nil, err
		}
		inUse, err := s.Tx.OpenOrdersOf(ctx, s.Community, db.OrderBuilding, dispatch.UUIDs(s.IDs))
		if err != nil {
			return nil, err
		}
		byID, codes, moved := dispatch.ByUUID(there), buildingCodes(there), false
		var rows []*delivery.Building
		for _, n := range in.Buildings {
			next := buildingNoun.Correct(s, byID[n.ID.UUID], n.ExpectedVersion, n.ID,
				func(b *delivery.Building) (bool, *delivery.Error) {
					dispatch.SetCode(&b.Code, n.Code)
					dispatch.SetName(&b.Name, n.Name)
					dispatch.Set(&b.HasLift, n.HasLift)
					dispatch.Set(&b.AccessNote, n.AccessNote)
					if dispatch.Archive(&b.ArchivedAt, n.Archived, s.At) && inUse[b.UUID] {
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
			if err := s.Tx.SaveBuildings(ctx, rows); err != nil || !moved {
				return err
			}
			return s.Tx.SaveAddresses(ctx, s.Community)
		}, nil
	})
}

func buildingCodes(rows []*delivery.Building) dispatch.Names {
	return dispatch.NamesOf(rows, func(b *delivery.Building) string { return b.Code })
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

func checkBuilding(b *delivery.Building, was string, codes dispatch.Names) *delivery.Error {
	if b.Name == "" {
		b.Name = b.Code
	}
	if refusal := dispatch.First(dispatch.Field("code", checkBuildingCode(b.Code)), dispatch.Text("name", b.Name, delivery.MaxName, true),
		dispatch.Text("accessNote", b.AccessNote, delivery.MaxNote, false)); refusal != nil {
		return refusal
	}
	return dispatch.First(dispatch.Field("code", codes.Claim(b.Code, was, b.ID())))
}
