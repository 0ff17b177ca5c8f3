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

// BuildingPatchInput holds the corrections of one building.
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
type BuildingsPayload struct {
	dispatch.BulkOf[BuildingResult]
}

// BuildingResult is the outcome of one building.
type BuildingResult struct{ *dispatch.ItemOutcome }

var buildingNoun = dispatch.Noun[*delivery.Building]{
	Kind: delivery.KindBuilding, Event: delivery.BuildingSaved, List: "buildings", May: delivery.Actor.CanSetUp,
	Keys:   func(r *delivery.Building) delivery.Keys { return delivery.Keys{Building: r.UUID} },
	Table:  (*db.Tx).Buildings,
	Name:   func(r *delivery.Building) string { return r.Code },
	Orders: db.OrderBuilding,
}

// CreateBuildings adds buildings: administrators and the commander.
func (v *Verbs) CreateBuildings(ctx context.Context, a delivery.Actor, in CreateBuildingsInput) (*BuildingsPayload, error) {
	s := buildingNoun.Creation(dispatch.Call{Actor: a, Mutation: "createBuildings", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Buildings), in.Atomic)
	return dispatch.Save[BuildingsPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Building]) error {
		for _, n := range in.Buildings {
			b := &delivery.Building{Row: s.NewRow(), Code: delivery.NormalCode(n.Code), Name: delivery.Trimmed(n.Name), HasLift: n.HasLift, AccessNote: n.AccessNote}
			s.Add(b, checkBuilding(b))
		}
		return nil
	})
}

// UpdateBuildings corrects or archives buildings: administrators and the commander. One with open orders cannot be archived.
func (v *Verbs) UpdateBuildings(ctx context.Context, a delivery.Actor, in UpdateBuildingsInput) (*BuildingsPayload, error) {
	s := buildingNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateBuildings", ID: in.ClientMutationID, Input: in},
		dispatch.IDs(in.Buildings, func(n *BuildingPatchInput) delivery.ID { return n.ID }), in.Atomic)
	return dispatch.Save[BuildingsPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Building]) error {
		moved := false
		for _, n := range in.Buildings {
			was, next := s.Correct(n.ID, n.ExpectedVersion, n.Archived, func(b *delivery.Building) *delivery.Error {
				dispatch.SetCode(&b.Code, n.Code)
				dispatch.SetName(&b.Name, n.Name)
				dispatch.Set(&b.HasLift, n.HasLift)
				dispatch.Set(&b.AccessNote, n.AccessNote)
				return checkBuilding(b)
			})
			moved = moved || next != nil && next.Code != was.Code
		}
		s.Around(withAddresses(ctx, s.Tx, s.Community, moved))
		return nil
	})
}

// withAddresses returns what rewrites the addresses of households after the rows that they are made of, if such a part changed.
func withAddresses(ctx context.Context, t *db.Tx, community int32, moved bool) func(write func() error) error {
	return func(write func() error) error {
		if err := write(); err != nil || !moved {
			return err
		}
		return t.SaveAddresses(ctx, community)
	}
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

func checkBuilding(b *delivery.Building) *delivery.Error {
	if b.Name == "" {
		b.Name = b.Code
	}
	return dispatch.First(dispatch.Field("code", checkBuildingCode(b.Code)), dispatch.Text("name", b.Name, delivery.MaxName, true),
		dispatch.Text("accessNote", b.AccessNote, delivery.MaxNote, false))
}
