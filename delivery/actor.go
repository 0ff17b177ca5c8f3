package delivery

// Role is an actor's role in a community. A credential only identifies the actor; the role is read from the database.
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
	RoleLink      Role = "LINK" // one order, by a tracking link
	RoleSystem    Role = "SYSTEM"
)

// Roles lists the roles a person can have.
var Roles = []Role{RoleAdmin, RoleCity, RoleCommander, RoleLead, RoleVolunteer, RoleSupplier, RoleResident, RoleLink}

// Acts reports whether rows and events can name the role. CITY and LINK only read.
func (r Role) Acts() bool { return r != RoleCity && r != RoleLink }

// Actor is the caller. Every verb and every read takes one. The zero Actor is anonymous and has no permissions.
type Actor struct {
	Name      string // how they signed in
	Role      Role
	Community int32  // 0 for an administrator and the city
	UUID      UUID   // of the volunteer, supplier, household or order row; of the account for an administrator and the city
	Session   UUID   // the sign-in; empty for development actors and the issuer's
	Link      UUID   // the code by which a link is watched without a sign-in; empty for others
	Issuer    string // the issuer that signed them in; empty for sign-ins by a code
	Subject   string // the issuer's name for them. An actor with a Subject and no Role has signed in but has no account yet
	Squad     Squad  // of a volunteer, lead or commander
	Buildings []UUID // served by a volunteer
	Building  UUID   // where a resident lives

	Communities []int32 // counted by CITY; 0 stands for all
}

// Ref names the actor in rows and events: a role and an id, never a name.
func (a Actor) Ref() Ref { return Ref{Role: a.Role, Community: a.Community, UUID: a.UUID} }

// SignedIn reports whether the actor is not anonymous.
func (a Actor) SignedIn() bool { return a.Role != "" }

// System returns the actor of changes caused by time alone.
func System(community int32) Actor { return Actor{Role: RoleSystem, Community: community} }

// Ref names the actor of a change: the role they acted in and their row. It carries no personal data.
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

// Key names the actor within a community, for the idempotency row. It stays the same if a member of the team is promoted
// between two tries of a call.
func (r Ref) Key() string {
	role := r.Role
	if role == RoleLead || role == RoleCommander {
		role = RoleVolunteer
	}
	return string(role) + ":" + string(r.UUID)
}
