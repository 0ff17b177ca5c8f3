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
type UnitsPayload struct{ dispatch.BulkOutcome }

// Results are the outcomes by item.
func (p *UnitsPayload) Results() []*UnitResult {
	return dispatch.Results[UnitResult](p.BulkOutcome)
}

// UnitResult is the outcome of one unit.
type UnitResult struct{ *dispatch.ItemOutcome }

var unitNoun = dispatch.Noun[delivery.Unit]{
	Kind: delivery.KindUnit, Event: delivery.UnitSaved, List: "units", May: delivery.Actor.CanSetUp,
	Version: func(r *delivery.Unit) *int64 { return &r.Version },
	Keys:    func(r *delivery.Unit) delivery.Keys { return delivery.Keys{Building: r.BuildingUUID} },
}

// CreateUnits adds units to buildings: administrators and the commander.
func (v *Verbs) CreateUnits(ctx context.Context, a delivery.Actor, in CreateUnitsInput) (*UnitsPayload, error) {
	s := unitNoun.Creation(dispatch.Call{Actor: a, Mutation: "createUnits", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Units), in.Atomic)
	return dispatch.Save[UnitsPayload](ctx, v.Engine, s, func(s *dispatch.Saving) (func() error, error) {
		buildings, err := s.Tx.Buildings(ctx, s.Community)
		if err != nil {
			return nil, err
		}
		there, err := s.Tx.Units(ctx, s.Community)
		if err != nil {
			return nil, err
		}
		byID, numbers := dispatch.ByUUID(buildings), unitNumbers(there)
		var rows []*delivery.Unit
		for _, n := range in.Units {
			u := &delivery.Unit{Row: delivery.NewRow(s.Community, dispatch.NewUUID(), s.At), BuildingUUID: n.BuildingID.UUID, Number: n.Number, Floors: n.Floors}
			refusal := dispatch.Parent(n.BuildingID, delivery.KindBuilding, s.Community, byID, func(b *delivery.Building) bool { return b.ArchivedAt != nil }, "buildingId")
			if refusal == nil {
				refusal = checkUnit(u, numbers)
			}
			if unitNoun.Create(s, u.ID(), u, refusal) {
				rows = append(rows, u)
			}
		}
		return func() error { return s.Tx.InsertUnits(ctx, rows) }, nil
	})
}

// UpdateUnits corrects or archives units: administrators and the commander. One with open orders cannot be archived.
func (v *Verbs) UpdateUnits(ctx context.Context, a delivery.Actor, in UpdateUnitsInput) (*UnitsPayload, error) {
	s := unitNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateUnits", ID: in.ClientMutationID, Input: in},
		dispatch.IDs(in.Units, func(n *UnitPatchInput) delivery.ID { return n.ID }), in.Atomic)
	return dispatch.Save[UnitsPayload](ctx, v.Engine, s, func(s *dispatch.Saving) (func() error, error) {
		there, err := s.Tx.Units(ctx, s.Community)
		if err != nil {
			return nil, err
		}
		inUse, err := s.Tx.OpenOrdersOf(ctx, s.Community, db.OrderUnit, dispatch.UUIDs(s.IDs))
		if err != nil {
			return nil, err
		}
		byID, numbers, moved := dispatch.ByUUID(there), unitNumbers(there), false
		var rows []*delivery.Unit
		for _, n := range in.Units {
			next := unitNoun.Correct(s, byID[n.ID.UUID], n.ExpectedVersion, n.ID,
				func(u *delivery.Unit) (bool, *delivery.Error) {
					dispatch.Set(&u.Number, n.Number)
					dispatch.Set(&u.Floors, n.Floors)
					if dispatch.Archive(&u.ArchivedAt, n.Archived, s.At) && inUse[u.UUID] {
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
			if err := s.Tx.SaveUnits(ctx, rows); err != nil || !moved {
				return err
			}
			return s.Tx.SaveAddresses(ctx, s.Community)
		}, nil
	})
}

func unitNumbers(rows []*delivery.Unit) dispatch.Names { return dispatch.NamesOf(rows, unitName) }

func unitName(u *delivery.Unit) string { return string(u.BuildingUUID) + "-" + strconv.Itoa(u.Number) }

func checkUnit(u *delivery.Unit, numbers dispatch.Names) *delivery.Error {
	if refusal := dispatch.First(dispatch.Within("number", u.Number, 1, 99), dispatch.Within("floors", u.Floors, 1, 120)); refusal != nil {
		return refusal
	}
	if refusal := numbers.Claim(unitName(u), "", u.ID()); refusal != nil {
		refusal.Args = []any{strconv.Itoa(u.Number)}
		return refusal.At("number")
	}
	return nil
}
