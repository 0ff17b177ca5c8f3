package delivery

import (
	"cmp"
	"slices"
	"time"
)

// MostMedicines is how many medicines that are due are listed.
const MostMedicines = 500

// NeedsCount is how many households have a need.
type NeedsCount struct {
	BuildingUUID *UUID `db:"building_id"` // nil: of all buildings
	Need         *Need `db:"need"`        // nil: any need
	Households   int   `db:"households"`
}

// MedicineDue is an open order with medicine.
type MedicineDue struct {
	CommunityID   int32     `db:"community_id"`
	OrderUUID     UUID      `db:"id"`
	HouseholdUUID UUID      `db:"household_id"`
	Number        int64     `db:"number"`
	PlacedAt      time.Time `db:"placed_at"`
	Waiting       int       `db:"waiting"` // all open orders with medicine that the caller sees

	DueAt   *time.Time `db:"-"` // nil if the community has no target for medicine
	Overdue bool       `db:"-"`
}

// NeedsFacts holds the rows from which the needs of households are shown.
type NeedsFacts struct {
	Counts    []*NeedsCount  // by building, in the order in which they are shown
	Medicines []*MedicineDue // those that wait longest, at most MostMedicines
}

// HouseholdNeeds is how many households have which needs, and the medicines that are due (需求与药品).
type HouseholdNeeds struct {
	Households   int // with a need
	Needs        []*NeedHouseholds
	Buildings    []*BuildingNeeds // with such households, by code
	MedicinesDue int
	Medicines    []*MedicineDue // those that wait longest first, at most MostMedicines
}

// NeedHouseholds is how many households have one need.
type NeedHouseholds struct {
	Need       Need
	Households int
}

// BuildingNeeds is the needs of the households of a building.
type BuildingNeeds struct {
	CommunityID  int32
	BuildingUUID UUID
	Households   int // with a need
	Needs        []*NeedHouseholds
}

// NewHouseholdNeeds returns the needs as they are shown at an instant.
func NewHouseholdNeeds(community int32, f *NeedsFacts, t *Targets, at time.Time) *HouseholdNeeds {
	out := &HouseholdNeeds{Buildings: []*BuildingNeeds{}, Needs: []*NeedHouseholds{}, Medicines: f.Medicines}
	of := map[UUID]*BuildingNeeds{}
	for _, c := range f.Counts {
		var b *BuildingNeeds
		if c.BuildingUUID != nil {
			if b = of[*c.BuildingUUID]; b == nil {
				b = &BuildingNeeds{CommunityID: community, BuildingUUID: *c.BuildingUUID, Needs: []*NeedHouseholds{}}
				of[b.BuildingUUID] = b
				out.Buildings = append(out.Buildings, b)
			}
		}
		switch {
		case b == nil && c.Need == nil:
			out.Households = c.Households
		case b == nil:
			out.Needs = append(out.Needs, &NeedHouseholds{*c.Need, c.Households})
		case c.Need == nil:
			b.Households = c.Households
		default:
			b.Needs = append(b.Needs, &NeedHouseholds{*c.Need, c.Households})
		}
	}
	inOrder := func(a, b *NeedHouseholds) int {
		return cmp.Compare(slices.Index(AllNeeds, a.Need), slices.Index(AllNeeds, b.Need))
	}
	slices.SortFunc(out.Needs, inOrder)
	for _, b := range out.Buildings {
		slices.SortFunc(b.Needs, inOrder)
	}
	for _, m := range out.Medicines {
		out.MedicinesDue = m.Waiting
		m.DueAt = t.MedicineBy(m.PlacedAt)
		m.Overdue = m.DueAt != nil && !at.Before(*m.DueAt)
	}
	return out
}

// OrderID is the opaque id of the order.
func (m *MedicineDue) OrderID() ID { return ID{KindOrder, m.CommunityID, m.OrderUUID} }

// BuildingID is the building's opaque id.
func (b *BuildingNeeds) BuildingID() ID { return ID{KindBuilding, b.CommunityID, b.BuildingUUID} }

// MedicineBy returns by when medicine that was ordered at an instant should be at the door, by the community's target for medicine at every stage: at its time
// of the same day, or of the next if that has passed. It is nil if the community has taken the target away.
func (t *Targets) MedicineBy(ordered time.Time) *time.Time {
	for _, target := range t.list {
		if target.Stage != "" || target.Mark != MarkMedicine || target.None() {
			continue
		}
		at := target.after(ordered, t.zone)
		if !at.After(ordered) {
			y, m, d := ordered.In(t.zone).Date()
			at = target.after(time.Date(y, m, d+1, 12, 0, 0, 0, t.zone), t.zone)
		}
		return &at
	}
	return nil
}
