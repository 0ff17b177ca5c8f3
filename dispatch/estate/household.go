package estate

import (
	"context"
	"slices"
	"strconv"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// NewHouseholdInput is a household to add.
type NewHouseholdInput struct {
	UnitID      delivery.ID
	Room        string
	Floor       int
	ContactName delivery.PersonName
	Phone       delivery.Phone
	People      int
	Needs       []delivery.Need
}

// CreateHouseholdsInput lists households to add.
type CreateHouseholdsInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Households       []*NewHouseholdInput
	Atomic           bool
}

// HouseholdPatchInput holds the corrections of one household.
type HouseholdPatchInput struct {
	ID              delivery.ID
	ExpectedVersion *int64
	Room            *string
	Floor           *int
	ContactName     *delivery.PersonName
	Phone           *delivery.Phone
	People          *int
	Needs           []delivery.Need
	Archived        *bool
}

// UpdateHouseholdsInput lists households to correct.
type UpdateHouseholdsInput struct {
	ClientMutationID *string
	Households       []*HouseholdPatchInput
	Atomic           bool
}

// HouseholdsPayload is the outcome of saving households: a result per item, in the order given.
type HouseholdsPayload struct {
	dispatch.BulkOf[HouseholdResult]
}

// HouseholdResult is the outcome of one household.
type HouseholdResult struct{ *dispatch.ItemOutcome }

var householdNoun = dispatch.Noun[*delivery.Household]{
	Kind: delivery.KindHousehold, Event: delivery.HouseholdSaved, List: "households", May: delivery.Actor.CanSetUp,
	Keys: func(r *delivery.Household) delivery.Keys {
		return delivery.Keys{Building: r.BuildingUUID, Household: r.UUID}
	},
	Table: (*db.Tx).Households, InPart: true,
	Name:      func(r *delivery.Household) string { return string(r.UnitUUID) + "-" + r.Room },
	NameShown: func(r *delivery.Household) string { return r.Address },
	NameField: "room",
	Orders:    db.OrderHousehold, SignsIn: true, Linked: (*db.Tx).LinkedOrders,
}

// CreateHouseholds adds households to units: administrators and the commander.
func (v *Verbs) CreateHouseholds(ctx context.Context, a delivery.Actor, in CreateHouseholdsInput) (*HouseholdsPayload, error) {
	s := householdNoun.Creation(dispatch.Call{Actor: a, Mutation: "createHouseholds", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Households), in.Atomic)
	return dispatch.Save[HouseholdsPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Household]) error {
		book, err := addressBookOf(ctx, s.Tx, s.Community)
		if err != nil {
			return err
		}
		of := make([]delivery.UUID, len(in.Households))
		for i, n := range in.Households {
			of[i] = n.UnitID.UUID
		}
		neighbours, err := s.Tx.HouseholdsOf(ctx, s.Community, nil, of)
		if err != nil {
			return err
		}
		s.Known(nil, neighbours)
		for _, n := range in.Households {
			h := &delivery.Household{Row: s.NewRow(), UnitUUID: n.UnitID.UUID, Floor: n.Floor, Room: delivery.NormalCode(n.Room),
				ContactName: delivery.PersonName(delivery.Trimmed(n.ContactName.Reveal())), Phone: n.Phone.Normal(), People: n.People, Needs: n.Needs}
			refusal := dispatch.Parent(n.UnitID, delivery.KindUnit, s.Community, book.units, "unitId")
			if refusal == nil {
				book.address(h)
				refusal = checkHousehold(h)
			}
			s.Add(h, refusal)
		}
		return nil
	})
}

// UpdateHouseholds corrects or archives households: administrators and the commander. One with open orders cannot be archived.
func (v *Verbs) UpdateHouseholds(ctx context.Context, a delivery.Actor, in UpdateHouseholdsInput) (*HouseholdsPayload, error) {
	s := householdNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateHouseholds", ID: in.ClientMutationID, Input: in},
		dispatch.IDs(in.Households, func(n *HouseholdPatchInput) delivery.ID { return n.ID }), in.Atomic)
	return dispatch.Save[HouseholdsPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Household]) error {
		book, err := addressBookOf(ctx, s.Tx, s.Community)
		if err != nil {
			return err
		}
		named, err := s.Tx.HouseholdsOf(ctx, s.Community, dispatch.UUIDs(s.IDs), nil)
		if err != nil {
			return err
		}
		var of []delivery.UUID
		for _, h := range named {
			of = append(of, h.UnitUUID)
		}
		neighbours, err := s.Tx.HouseholdsOf(ctx, s.Community, nil, of)
		if err != nil {
			return err
		}
		s.Known(named, neighbours)
		for _, n := range in.Households {
			s.Correct(n.ID, n.ExpectedVersion, n.Archived, func(h *delivery.Household) *delivery.Error {
				dispatch.SetCode(&h.Room, n.Room)
				dispatch.Set(&h.Floor, n.Floor)
				dispatch.SetName(&h.ContactName, n.ContactName)
				dispatch.SetPhone(&h.Phone, n.Phone)
				dispatch.Set(&h.People, n.People)
				if n.Needs != nil {
					h.Needs = n.Needs
				}
				book.address(h)
				return checkHousehold(h)
			})
		}
		return nil
	})
}

// addressBook holds the places that an address is made of.
type addressBook struct {
	buildings map[delivery.UUID]*delivery.Building
	units     map[delivery.UUID]*delivery.Unit
}

func addressBookOf(ctx context.Context, t *db.Tx, community int32) (*addressBook, error) {
	buildings, err := t.Buildings().All(ctx, community)
	if err != nil {
		return nil, err
	}
	units, err := t.Units().All(ctx, community)
	return &addressBook{dispatch.ByUUID(buildings), dispatch.ByUUID(units)}, err
}

// address fills in where the household's unit is.
func (d *addressBook) address(h *delivery.Household) {
	unit := d.units[h.UnitUUID]
	building := d.buildings[unit.BuildingUUID]
	h.BuildingUUID, h.Address = building.UUID, delivery.Address(building.Code, unit.Number, h.Room)
}

func checkHousehold(h *delivery.Household) *delivery.Error {
	if h.Needs == nil {
		h.Needs = delivery.Needs{}
	}
	if len(h.Needs) > delivery.MaxNeeds {
		return delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxNeeds, len(h.Needs)).At("needs")
	}
	for i, n := range h.Needs {
		if slices.Contains(h.Needs[:i], n) {
			return delivery.Refuse(dispatch.ReasonRepeated).At("needs", strconv.Itoa(i))
		}
	}
	return dispatch.First(dispatch.Field("room", delivery.CheckCode(h.Room)), dispatch.Within("floor", h.Floor, delivery.MinFloor, delivery.MaxFloors), dispatch.Within("people", h.People, 1, delivery.MaxPeople),
		dispatch.Text("contactName", h.ContactName.Reveal(), delivery.MaxName, false), dispatch.Field("phone", h.Phone.Check()))
}
