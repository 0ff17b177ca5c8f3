package delivery

import "time"

// Squad is one of the support team's squads (小分队).
type Squad string

// The squads.
const (
	SquadPersuasion Squad = "PERSUASION" // 劝导
	SquadSupply     Squad = "SUPPLY"     // 保供
	SquadTransport  Squad = "TRANSPORT"  // 运输
	SquadDuty       Squad = "DUTY"       // 值守: the gate, and the sorting tables behind it
	SquadPatrol     Squad = "PATROL"     // 巡查
)

// Squads lists every squad.
var Squads = []Squad{SquadPersuasion, SquadSupply, SquadTransport, SquadDuty, SquadPatrol}

// Rank is a volunteer's rank in the team.
type Rank string

// The ranks. If a member is away, the squad's lead stands in, else the commander.
const (
	RankMember    Rank = "MEMBER"
	RankLead      Rank = "LEAD"
	RankCommander Rank = "COMMANDER"
)

// Volunteer is a member of the support team (队员). The name and phone are always masked in output.
type Volunteer struct {
	Row
	Code             string     `db:"code"` // unique in the community; the name to sign in with
	Name             PersonName `db:"name"`
	Phone            Phone      `db:"phone"`
	HomeOrganisation string     `db:"home_organisation"` // the organisation that seconded them
	Squad            Squad      `db:"squad"`
	Rank             Rank       `db:"rank"`
	Reachable        bool       `db:"reachable"` // false while ill or off shift: their orders go to the next in line

	RevealAllowance      *int       `db:"reveal_allowance"`       // households a day that may count against them; nil: the default
	RevealAllowanceUntil *time.Time `db:"reveal_allowance_until"` // until when
}

// ID is the volunteer's opaque id.
func (v *Volunteer) ID() ID { return v.id(KindVolunteer) }

// IsHolder marks the type as a Holder of orders.
func (*Volunteer) IsHolder() {}

// VolunteerSaved is the kind of event of a volunteer that was created or changed.
const VolunteerSaved EventKind = "VOLUNTEER_SAVED"

var _ = savedKind(VolunteerSaved, KindVolunteer, everyBoard)

// Role is the role the volunteer acts in.
func (v *Volunteer) Role() Role {
	switch v.Rank {
	case RankCommander:
		return RoleCommander
	case RankLead:
		return RoleLead
	}
	return RoleVolunteer
}

// Duty says how a volunteer serves a building.
type Duty string

// The duties.
const (
	DutyPrimary Duty = "PRIMARY" // holds what arrives there
	DutyBackup  Duty = "BACKUP"  // does when the primary cannot
)

// Service is one volunteer's duty at one building.
type Service struct {
	CommunityID   int32 `db:"community_id"`
	VolunteerUUID UUID  `db:"volunteer_id"`
	BuildingUUID  UUID  `db:"building_id"`
	Duty          Duty  `db:"duty"`
}

// Holder must act next on an order: a volunteer or a supplier (责任人).
type Holder interface{ IsHolder() }

// MaskedName returns the masked name. It is a String in the schema, as a supplier's name is, so that a document can select the
// name of every kind of holder.
func (v *Volunteer) MaskedName() string { return v.Name.Mask() }
