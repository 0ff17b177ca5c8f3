package estate

import (
	"context"
	"strconv"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// NewUnitInput is a unit to add.
type NewUnitInput struct {
	BuildingID delivery.ID
	Number     int
	Floors     int
}

// CreateUnitsInput is units to add.
type CreateUnitsInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Units            []*NewUnitInput
	Atomic           bool
}

// UnitPatchInput is what to correct about a unit.
type UnitPatchInput struct {
	ID              delivery.ID
	ExpectedVersion *int64
	Number          *int
	Floors          *int
	Archived        *bool
}

// UpdateUnitsInput is units to correct.
type UpdateUnitsInput struct {
	ClientMutationID *string
	Units            []*UnitPatchInput
	Atomic           bool
}

// UnitsPayload is the outcome of saving units: a result per item, in the order given.
type UnitsPayload struct{ dispatch.BulkOf[UnitResult] }

// UnitResult is the outcome of one unit.
type UnitResult struct{ *dispatch.ItemOutcome }

var unitNoun = dispatch.Noun[*delivery.Unit]{
	Kind: delivery.KindUnit, Event: delivery.UnitSaved, List: "units", May: delivery.Actor.CanSetUp,
	Keys:      func(r *delivery.Unit) delivery.Keys { return delivery.Keys{Building: r.BuildingUUID} },
	Table:     (*db.Tx).Units,
	Name:      func(r *delivery.Unit) string { return string(r.BuildingUUID) + "-" + strconv.Itoa(r.Number) },
	NameShown: func(r *delivery.Unit) string { return strconv.Itoa(r.Number) },
	NameField: "number",
	Orders:    db.OrderUnit,
}

// CreateUnits adds units to buildings: administrators and the commander.
func (v *Verbs) CreateUnits(ctx context.Context, a delivery.Actor, in CreateUnitsInput) (*UnitsPayload, error) {
	s := unitNoun.Creation(dispatch.Call{Actor: a, Mutation: "createUnits", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Units), in.Atomic)
	return dispatch.Save[UnitsPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Unit]) error {
		buildings, err := s.Tx.Buildings().All(ctx, s.Community)
		if err != nil {
			return err
		}
		byID := dispatch.ByUUID(buildings)
		for _, n := range in.Units {
			u := &delivery.Unit{Row: s.NewRow(), BuildingUUID: n.BuildingID.UUID, Number: n.Number, Floors: n.Floors}
			refusal := dispatch.Parent(n.BuildingID, delivery.KindBuilding, s.Community, byID, "buildingId")
			if refusal == nil {
				refusal = checkUnit(u)
			}
			s.Add(u, refusal)
		}
		return nil
	})
}

// UpdateUnits corrects or archives units: administrators and the commander. One with open orders cannot be archived.
func (v *Verbs) UpdateUnits(ctx context.Context, a delivery.Actor, in UpdateUnitsInput) (*UnitsPayload, error) {
	s := unitNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateUnits", ID: in.ClientMutationID, Input: in},
		dispatch.IDs(in.Units, func(n *UnitPatchInput) delivery.ID { return n.ID }), in.Atomic)
	return dispatch.Save[UnitsPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Unit]) error {
		moved := false
		for _, n := range in.Units {
			was, next := s.Correct(n.ID, n.ExpectedVersion, n.Archived, func(u *delivery.Unit) *delivery.Error {
				dispatch.Set(&u.Number, n.Number)
				dispatch.Set(&u.Floors, n.Floors)
				return checkUnit(u)
			})
			moved = moved || next != nil && next.Number != was.Number
		}
		s.Around(withAddresses(ctx, s.Tx, s.Community, moved))
		return nil
	})
}

func checkUnit(u *delivery.Unit) *delivery.Error {
	return dispatch.First(dispatch.Within("number", u.Number, 1, delivery.MaxUnitNumber), dispatch.Within("floors", u.Floors, 1, delivery.MaxFloors))
}
