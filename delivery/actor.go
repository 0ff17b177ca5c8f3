package delivery

// Role is what somebody is to a community. The credential says only who; the role is read from the database.
type Role string

// The roles. ADMIN sets up communities; CITY reads numbers over many and never rows; SYSTEM is the clock worker, never a person.
const (
	RoleAdmin     Role = "ADMIN"
	RoleCity      Role = "CITY"
	RoleCommander Role = "COMMANDER" // one community, everything
	RoleLead      Role = "LEAD"      // a squad
	RoleVolunteer Role = "VOLUNTEER"
	RoleSupplier  Role = "SUPPLIER"
	RoleResident  Role = "RESIDENT"
	RoleLink      Role = "LINK" // one order, by a link that a household passed on
	RoleSystem    Role = "SYSTEM"
)

// Roles lists the roles a person can have.
var Roles = []Role{RoleAdmin, RoleCity, RoleCommander, RoleLead, RoleVolunteer, RoleSupplier, RoleResident, RoleLink}

// Acts reports that rows and events can name the role: CITY and LINK only read.
func (r Role) Acts() bool { return r != RoleCity && r != RoleLink }

// Actor is whoever calls: every verb and every read takes one. The zero Actor is nobody and may nothing.
type Actor struct {
	Name      string // how they signed in
	Role      Role
	Community int32  // 0 for an administrator and the city
	UUID      UUID   // of the volunteer, supplier, household or order row; of the account for an administrator and the city
	Session   UUID   // the sign-in; empty for development actors and the issuer's
	Link      UUID   // the code by which a link is watched without a sign-in; empty for others
	Issuer    string // who vouches for them; empty for who signs in by a code
	Subject   string // how the issuer calls them. Who has a Subject and no Role is known and belongs to no community yet
	Squad     Squad  // of a volunteer, lead or commander
	Buildings []UUID // served by a volunteer
	Building  UUID   // where a resident lives

	Communities []int32 // that CITY counts; 0 stands for every one
}

// Ref names the actor in rows and events: a role and an id, never a name.
func (a Actor) Ref() Ref { return Ref{Role: a.Role, Community: a.Community, UUID: a.UUID} }

// SignedIn reports that the actor is somebody.
func (a Actor) SignedIn() bool { return a.Role != "" }

// System is the actor of things that time alone causes.
func System(community int32) Actor { return Actor{Role: RoleSystem, Community: community} }

// Ref is who did something: the role they acted in and the row they are. It carries no personal data.
type Ref struct {
	Role      Role  `json:"role"`
	Community int32 `json:"community,omitempty"`
	UUID      UUID  `json:"uuid,omitempty"`
}

// ID is the opaque id of the volunteer, supplier or household, and nil for others.
func (r Ref) ID() *ID {
	if r.UUID == "" {
		return nil
	}
	kind := KindVolunteer
	switch r.Role {
	case RoleAdmin, RoleCity:
		return nil
	case RoleSupplier:
		kind = KindSupplier
	case RoleResident:
		kind = KindHousehold
	case RoleLink:
		kind = KindOrder
	}
	return &ID{Kind: kind, Community: r.Community, UUID: r.UUID}
}

// Key names the actor within a community, for the idempotency row. A member of the team who is promoted between two
// tries of a call is still who made it.
func (r Ref) Key() string {
	role := r.Role
	if role == RoleLead || role == RoleCommander {
		role = RoleVolunteer
	}
	return string(role) + ":" + string(r.UUID)
}
