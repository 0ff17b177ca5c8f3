package dispatch

import (
	"time"

	"baogong/delivery"
)

// The inputs and payloads of the verbs on nouns, as the schema describes them. In a patch, nil leaves a value as it is.

// ServiceInput is a duty at a building.
type ServiceInput struct {
	BuildingID delivery.ID
	Duty       delivery.Duty
}

// NewCommunityInput is a community to add.
type NewCommunityInput struct {
	Code     string
	Name     string
	TimeZone string
}

// CreateCommunitiesInput is communities to add.
type CreateCommunitiesInput struct {
	ClientMutationID *string
	Communities      []*NewCommunityInput
	Atomic           bool
}

// CommunityPatchInput is what to correct about a community.
type CommunityPatchInput struct {
	ID              delivery.ID
	ExpectedVersion *int64
	Code            *string
	Name            *string
	TimeZone        *string
	ClosureEndedAt  *time.Time
	ClosureReopened *bool
	Archived        *bool
}

// UpdateCommunitiesInput is communities to correct.
type UpdateCommunitiesInput struct {
	ClientMutationID *string
	Communities      []*CommunityPatchInput
	Atomic           bool
}

// CommunitiesPayload is what came of saving communities: a result per item, in the order given.
type CommunitiesPayload struct{ BulkOutcome }

// Results are the outcomes by item.
func (p *CommunitiesPayload) Results() []*CommunityResult {
	return each(p.Items, func(i *ItemOutcome) *CommunityResult { return &CommunityResult{i} })
}

// CommunityResult is what came of one community.
type CommunityResult struct{ *ItemOutcome }

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

// BuildingsPayload is what came of saving buildings: a result per item, in the order given.
type BuildingsPayload struct{ BulkOutcome }

// Results are the outcomes by item.
func (p *BuildingsPayload) Results() []*BuildingResult {
	return each(p.Items, func(i *ItemOutcome) *BuildingResult { return &BuildingResult{i} })
}

// BuildingResult is what came of one building.
type BuildingResult struct{ *ItemOutcome }

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

// UnitsPayload is what came of saving units: a result per item, in the order given.
type UnitsPayload struct{ BulkOutcome }

// Results are the outcomes by item.
func (p *UnitsPayload) Results() []*UnitResult {
	return each(p.Items, func(i *ItemOutcome) *UnitResult { return &UnitResult{i} })
}

// UnitResult is what came of one unit.
type UnitResult struct{ *ItemOutcome }

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

// CreateHouseholdsInput is households to add.
type CreateHouseholdsInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Households       []*NewHouseholdInput
	Atomic           bool
}

// HouseholdPatchInput is what to correct about a household.
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

// UpdateHouseholdsInput is households to correct.
type UpdateHouseholdsInput struct {
	ClientMutationID *string
	Households       []*HouseholdPatchInput
	Atomic           bool
}

// HouseholdsPayload is what came of saving households: a result per item, in the order given.
type HouseholdsPayload struct{ BulkOutcome }

// Results are the outcomes by item.
func (p *HouseholdsPayload) Results() []*HouseholdResult {
	return each(p.Items, func(i *ItemOutcome) *HouseholdResult { return &HouseholdResult{i} })
}

// HouseholdResult is what came of one household.
type HouseholdResult struct{ *ItemOutcome }

// NewVolunteerInput is a volunteer to add.
type NewVolunteerInput struct {
	Code             string
	Name             delivery.PersonName
	Phone            delivery.Phone
	HomeOrganisation string
	Squad            delivery.Squad
	Rank             delivery.Rank
	Reachable        bool
	Services         []*ServiceInput
}

// CreateVolunteersInput is volunteers to add.
type CreateVolunteersInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Volunteers       []*NewVolunteerInput
	Atomic           bool
}

// VolunteerPatchInput is what to correct about a volunteer.
type VolunteerPatchInput struct {
	ID               delivery.ID
	ExpectedVersion  *int64
	Code             *string
	Name             *delivery.PersonName
	Phone            *delivery.Phone
	HomeOrganisation *string
	Squad            *delivery.Squad
	Rank             *delivery.Rank
	Reachable        *bool
	Services         []*ServiceInput
	Archived         *bool
	RevealsPerDay    *int       `json:",omitempty"` // omitted from the input hash if absent, as in earlier releases
	RevealsUntil     *time.Time `json:",omitempty"`
}

// UpdateVolunteersInput is volunteers to correct.
type UpdateVolunteersInput struct {
	ClientMutationID *string
	Volunteers       []*VolunteerPatchInput
	Atomic           bool
}

// VolunteersPayload is what came of saving volunteers: a result per item, in the order given.
type VolunteersPayload struct{ BulkOutcome }

// Results are the outcomes by item.
func (p *VolunteersPayload) Results() []*VolunteerResult {
	return each(p.Items, func(i *ItemOutcome) *VolunteerResult { return &VolunteerResult{i} })
}

// VolunteerResult is what came of one volunteer.
type VolunteerResult struct{ *ItemOutcome }

// NewSupplierInput is a supplier to add.
type NewSupplierInput struct {
	Code  string
	Name  string
	Kind  delivery.SupplierKind
	Phone delivery.Phone
}

// CreateSuppliersInput is suppliers to add.
type CreateSuppliersInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Suppliers        []*NewSupplierInput
	Atomic           bool
}

// SupplierPatchInput is what to correct about a supplier.
type SupplierPatchInput struct {
	ID              delivery.ID
	ExpectedVersion *int64
	Code            *string
	Name            *string
	Kind            *delivery.SupplierKind
	Phone           *delivery.Phone
	Archived        *bool
}

// UpdateSuppliersInput is suppliers to correct.
type UpdateSuppliersInput struct {
	ClientMutationID *string
	Suppliers        []*SupplierPatchInput
	Atomic           bool
}

// SuppliersPayload is what came of saving suppliers: a result per item, in the order given.
type SuppliersPayload struct{ BulkOutcome }

// Results are the outcomes by item.
func (p *SuppliersPayload) Results() []*SupplierResult {
	return each(p.Items, func(i *ItemOutcome) *SupplierResult { return &SupplierResult{i} })
}

// SupplierResult is what came of one supplier.
type SupplierResult struct{ *ItemOutcome }
