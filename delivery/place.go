package delivery

import (
	"fmt"
	"time"
)

// Community is a closed estate (小区): the unit of data, permission and events.
type Community struct {
	CommunityID int32  `db:"community_id"`
	Code        string `db:"code"` // unique, such as DCXY
	Name        string `db:"name"`
	TimeZone    string `db:"time_zone"`    // IANA name; "today" is its calendar day
	Docks       int    `db:"docks"`        // how many trucks the gate receives in one slot, 1 … MaxDocks
	DeskPhone   string `db:"desk_phone"`   // number of the phone desk, which everyone may call; empty if there is none
	WelfareDays int    `db:"welfare_days"` // after how many days without a sign the phone desk calls, 1 … MaxWelfareDays
	Versioned

	Proofs         ProofPolicy `db:"accepted_proofs"` // of a hand-over
	QuietFrom      *ClockTime  `db:"quiet_from"`      // with QuietUntil: runs and rounds begin in between only if it is confirmed
	QuietUntil     *ClockTime  `db:"quiet_until"`
	ClosureEndedAt *time.Time  `db:"closure_ended_at"` // when people could go out again; the time until the purge counts from it
	PurgeBeganAt   *time.Time  `db:"purge_began_at"`   // from then on personal data is neither stored nor returned
	PurgedAt       *time.Time  `db:"purged_at"`        // when the last personal data was removed
}

// Purged reports whether the community's personal data was removed or is being removed.
func (c *Community) Purged() bool { return c.PurgeBeganAt != nil }

// Ended reports whether the closure has ended at an instant. An end that is announced for later has not come yet.
func (c *Community) Ended(at time.Time) bool {
	return c.ClosureEndedAt != nil && !c.ClosureEndedAt.After(at)
}

// ID is the community's opaque id.
func (c *Community) ID() ID { return ID{Kind: KindCommunity, Community: c.CommunityID} }

// CommunitySaved is the kind of event of a community that was created or changed.
const CommunitySaved EventKind = "COMMUNITY_SAVED"

var _ = addKind(eventSpec{kind: CommunitySaved, team: true})

// Bounds of places, as the database has them.
const (
	MaxUnitNumber = 99
	MaxFloors     = 120
	MinFloor      = -3
	MaxPeople     = 50 // of one household
)

// Building is one block of a community (楼栋), such as E6.
type Building struct {
	Row
	Code       string `db:"code"` // unique in the community
	Name       string `db:"name"`
	HasLift    bool   `db:"has_lift"`
	AccessNote string `db:"access_note"` // how a cart gets there
}

// ID is the building's opaque id.
func (b *Building) ID() ID { return b.id(KindBuilding) }

// BuildingSaved is the kind of event of a building that was created or changed.
const BuildingSaved EventKind = "BUILDING_SAVED"

var _ = savedKind(BuildingSaved, KindBuilding, everyBoard)

// Unit is one staircase of a building (单元).
type Unit struct {
	Row
	BuildingUUID UUID `db:"building_id"`
	Number       int  `db:"number"` // 1 … 99, unique in the building
	Floors       int  `db:"floors"`
}

// ID is the unit's opaque id.
func (u *Unit) ID() ID { return u.id(KindUnit) }

// UnitSaved is the kind of event of a unit that was created or changed.
const UnitSaved EventKind = "UNIT_SAVED"

var _ = savedKind(UnitSaved, KindUnit, everyBoard)

// Household is the people who live behind one door (住户). Its name and phone are always masked in output.
type Household struct {
	Row
	BuildingUUID UUID       `db:"building_id"`
	UnitUUID     UUID       `db:"unit_id"`
	Address      string     `db:"address"` // E6-1-1203: building, unit, room
	Floor        int        `db:"floor"`   // -3 … 120
	Room         string     `db:"room"`    // unique in the unit
	ContactName  PersonName `db:"contact_name"`
	Phone        Phone      `db:"phone"`
	People       int        `db:"people"` // how many live there, 1 … 50
	Needs        Needs      `db:"needs"`
}

// ID is the household's opaque id.
func (h *Household) ID() ID { return h.id(KindHousehold) }

// HouseholdSaved is the kind of event of a household that was created or changed.
const HouseholdSaved EventKind = "HOUSEHOLD_SAVED"

var _ = savedKind(HouseholdSaved, KindHousehold, boardsThatSee)

// Keys decide who may see the household.
func (h *Household) Keys() Keys {
	return Keys{Community: h.CommunityID, Building: h.BuildingUUID, Household: h.UUID}
}

// Address formats an address: building, unit, room.
func Address(building string, unit int, room string) string {
	return fmt.Sprintf("%s-%d-%s", building, unit, room)
}

// AcceptedProofs are the kinds of proof of a hand-over that suffice in the community.
func (c *Community) AcceptedProofs() []ProofKind { return c.Proofs }
