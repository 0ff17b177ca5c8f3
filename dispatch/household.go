package dispatch

import (
	"context"
	"slices"
	"strconv"

	"baogong/db"
	"baogong/delivery"
)

// CreateHouseholds adds households to units: administrators and the commander.
func (d *Dispatch) CreateHouseholds(ctx context.Context, a delivery.Actor, in CreateHouseholdsInput) (*HouseholdsPayload, error) {
	s := creation(a, "createHouseholds", in.CommunityID, in.ClientMutationID, in, "households", len(in.Households), in.Atomic)
	s.kind, s.event = delivery.KindHousehold, delivery.HouseholdSaved
	return save[HouseholdsPayload](ctx, d, s, func(s *saving) (func() error, error) {
		doors, err := doorsOf(ctx, s.tx, s.community)
		if err != nil {
			return nil, err
		}
		of := make([]delivery.UUID, len(in.Households))
		for i, n := range in.Households {
			of[i] = n.UnitID.UUID
		}
		there, err := s.tx.Households(ctx, s.community, nil, of)
		if err != nil {
			return nil, err
		}
		rooms := namesOf(there, roomName)
		var rows []*delivery.Household
		for _, n := range in.Households {
			h := &delivery.Household{CommunityID: s.community, UUID: newUUID(), UnitUUID: n.UnitID.UUID, Floor: n.Floor, Room: delivery.NormalCode(n.Room),
				ContactName: delivery.PersonName(delivery.Trimmed(n.ContactName.Reveal())), Phone: n.Phone.Normal(), People: n.People, Needs: n.Needs, Version: 1, CreatedAt: s.at}
			refusal := parent(n.UnitID, delivery.KindUnit, s.community, doors.units, func(u *delivery.Unit) bool { return u.ArchivedAt != nil }, "unitId")
			if refusal == nil {
				doors.address(h)
				refusal = checkHousehold(h, "", rooms)
			}
			if s.item(h.ID(), &delivery.Keys{Building: h.BuildingUUID, Household: h.UUID}, refusal) {
				rows = append(rows, h)
			}
		}
		return func() error { return s.tx.InsertHouseholds(ctx, rows) }, nil
	})
}

// UpdateHouseholds corrects or archives households: administrators and the commander. One with open orders cannot be archived.
func (d *Dispatch) UpdateHouseholds(ctx context.Context, a delivery.Actor, in UpdateHouseholdsInput) (*HouseholdsPayload, error) {
	s := correction(a, "updateHouseholds", in.ClientMutationID, in, "households", in.Households, func(n *HouseholdPatchInput) delivery.ID { return n.ID }, in.Atomic)
	s.kind, s.event = delivery.KindHousehold, delivery.HouseholdSaved
	return save[HouseholdsPayload](ctx, d, s, func(s *saving) (func() error, error) {
		doors, err := doorsOf(ctx, s.tx, s.community)
		if err != nil {
			return nil, err
		}
		named, err := s.tx.Households(ctx, s.community, uuids(s.ids), nil)
		if err != nil {
			return nil, err
		}
		var of []delivery.UUID
		for _, h := range named {
			of = append(of, h.UnitUUID)
		}
		there, err := s.tx.Households(ctx, s.community, nil, of)
		if err != nil {
			return nil, err
		}
		inUse, err := s.tx.OpenOrdersOf(ctx, s.community, db.OrderHousehold, uuids(s.ids))
		if err != nil {
			return nil, err
		}
		byID, rooms := byUUID(named), namesOf(there, roomName)
		var rows []*delivery.Household
		for _, n := range in.Households {
			next := correct(s, byID[n.ID.UUID], func(h *delivery.Household) *int64 { return &h.Version }, n.ExpectedVersion, n.ID,
				func(h *delivery.Household) delivery.Keys {
					return delivery.Keys{Building: h.BuildingUUID, Household: h.UUID}
				},
				func(h *delivery.Household) (bool, *delivery.Error) {
					setCode(&h.Room, n.Room)
					set(&h.Floor, n.Floor)
					setName(&h.ContactName, n.ContactName)
					setPhone(&h.Phone, n.Phone)
					set(&h.People, n.People)
					if n.Needs != nil {
						h.Needs = n.Needs
					}
					if archive(&h.ArchivedAt, n.Archived, s.at) && inUse[h.UUID] {
						return false, delivery.Refuse(delivery.ReasonInUse).At("archived")
					}
					doors.address(h)
					return false, checkHousehold(h, roomName(byID[n.ID.UUID]), rooms)
				})
			if next == nil {
				continue
			}
			rows = append(rows, next)
			if was := byID[n.ID.UUID]; (was.ArchivedAt == nil) != (next.ArchivedAt == nil) {
				s.accessChanged(next.UUID)
				s.archived(next.UUID, was.ArchivedAt, next.ArchivedAt)
			}
		}
		return func() error { return s.tx.SaveHouseholds(ctx, rows) }, nil
	})
}

// doors are the places an address is made of.
type doors struct {
	buildings map[delivery.UUID]*delivery.Building
	units     map[delivery.UUID]*delivery.Unit
}

func doorsOf(ctx context.Context, t *db.Tx, community int32) (*doors, error) {
	buildings, err := t.Buildings(ctx, community)
	if err != nil {
		return nil, err
	}
	units, err := t.Units(ctx, community)
	return &doors{byUUID(buildings), byUUID(units)}, err
}

// address fills in where the household's unit is.
func (d *doors) address(h *delivery.Household) {
	unit := d.units[h.UnitUUID]
	building := d.buildings[unit.BuildingUUID]
	h.BuildingUUID, h.Address = building.UUID, delivery.Address(building.Code, unit.Number, h.Room)
}

func roomName(h *delivery.Household) string { return string(h.UnitUUID) + "-" + h.Room }

func checkHousehold(h *delivery.Household, was string, rooms names) *delivery.Error {
	if h.Needs == nil {
		h.Needs = delivery.Needs{}
	}
	if len(h.Needs) > delivery.MaxNeeds {
		return delivery.Refuse(delivery.ReasonTooMany, delivery.MaxNeeds, len(h.Needs)).At("needs")
	}
	for i, n := range h.Needs {
		if slices.Contains(h.Needs[:i], n) {
			return delivery.Refuse(delivery.ReasonRepeated).At("needs", strconv.Itoa(i))
		}
	}
	if refusal := first(fieldCheck{"room", delivery.CheckCode(h.Room)}, within("floor", h.Floor, -3, 120), within("people", h.People, 1, 50),
		text("contactName", h.ContactName.Reveal(), delivery.MaxName, false), fieldCheck{"phone", h.Phone.Check()}); refusal != nil {
		return refusal
	}
	if refusal := rooms.claim(roomName(h), was, h.ID()); refusal != nil {
		refusal.Args = []any{h.Address}
		return refusal.At("room")
	}
	return nil
}
