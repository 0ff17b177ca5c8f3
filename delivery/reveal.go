package delivery

import "time"

// MaxReason is the longest reason for a reveal, in characters.
const MaxReason = 200

// The daily allowances of households that may count against a member of the team. A building's volunteer places about a
// dozen orders by telephone (200 households, 0.33 orders a day, 18 % of them by telephone); a caller of the phone desk makes
// about a hundred calls.
const (
	OwnReveals  = 12
	DeskReveals = 100
)

// MaxRevealAllowance and MaxRaise are the highest allowance that the commander can set, and the longest time.
const (
	MaxRevealAllowance = 1000
	MaxRaise           = 31 * 24 * time.Hour
)

// UnusualReveals is the number of households in one day from which an actor is logged and counted. It is 1.5 times as many as
// the busiest building's volunteer hands over to.
const UnusualReveals = 150

// Contact is a household's whole name and phone. Only a reveal returns it.
type Contact struct {
	Household   *Household
	Name, Phone string
}

// Contact returns the whole name and phone. Call it only from a verb that records the reading.
func (h *Household) Contact() *Contact {
	return &Contact{Household: h, Name: h.ContactName.Reveal(), Phone: h.Phone.Reveal()}
}

// Reveal is one reading of a household's name and phone: reader, time, reason and order.
type Reveal struct {
	CommunityID   int32     `db:"community_id"`
	UUID          UUID      `db:"id"`
	HouseholdUUID UUID      `db:"household_id"`
	OrderUUID     *UUID     `db:"order_id"`
	ByRole        Role      `db:"by_role"`
	ByUUID        *UUID     `db:"by_id"`
	Reason        string    `db:"reason"`
	At            time.Time `db:"at"`         // business time
	ChargedTo     *UUID     `db:"charged_to"` // the volunteer whose allowance it counts against; nil for none
}

// NewReveal returns the record that the actor saw the household's contact for the order, which may be nil.
func NewReveal(id UUID, a Actor, h *Household, o *OrderSnapshot, reason string, at time.Time) *Reveal {
	r := &Reveal{CommunityID: h.CommunityID, UUID: id, HouseholdUUID: h.UUID, ByRole: a.Role, ByUUID: uuidOrNil(a.UUID), Reason: reason, At: at, ChargedTo: a.Charge(o)}
	if o != nil {
		r.OrderUUID = &o.UUID
	}
	return r
}

// By is the actor who read them.
func (r *Reveal) By() *Ref {
	ref := &Ref{Role: r.ByRole, Community: r.CommunityID}
	if r.ByUUID != nil {
		ref.UUID = *r.ByUUID
	}
	return ref
}

// OrderID is the order it was for, nil if it was for none.
func (r *Reveal) OrderID() *ID {
	if r.OrderUUID == nil {
		return nil
	}
	return &ID{KindOrder, r.CommunityID, *r.OrderUUID}
}

// The refusals of showing a name and phone.
var (
	ReasonNotNeededNow = NewReason("NOT_NEEDED_NOW", CodeForbidden,
		"A name and phone are shown only where they are needed now: for an open order at the building or on the stairs, to the building's volunteers; for an open errand, to the volunteer who runs it; and to the phone desk and the command centre.",
		"只有当前需要的人才能查看姓名和电话：订单已到楼栋或投递中时的本楼队员、正在办理的代购代办队员、话务和指挥。")
	ReasonNameOrder = NewReason("NAME_ORDER", CodeBadUserInput,
		"Name the order that the contact is needed for.",
		"请指明因哪个订单需要联系。")
)

// CanReveal refuses a household's name and phone to an actor who does not need them now. A lead or volunteer needs an open
// order of the household in their care. Administrators, the commander and the phone desk may see every household in sight. It
// fails with NOT_FOUND for a household or order out of sight, else with FORBIDDEN.
func (a Actor) CanReveal(h *Household, o *OrderSnapshot) *Error {
	scope := a.Scope()
	switch {
	case !scope.Sees(h.Keys()):
		return Refuse(ReasonNoSuch, KindHousehold.String()).At("householdId")
	case o != nil && (o.HouseholdUUID != h.UUID || !scope.Sees(o.Keys())):
		return Refuse(ReasonNoSuch, KindOrder.String()).At("orderId")
	case a.mayCallAll():
		return nil
	case a.Role != RoleLead && a.Role != RoleVolunteer:
		return Refuse(ReasonNotNeededNow)
	case o == nil:
		return Refuse(ReasonNameOrder).At("orderId")
	case a.cares(o):
		return nil
	}
	return Refuse(ReasonNotNeededNow)
}

// cares reports whether the order is open and in the actor's care. It is if it is at the building or on the stairs and the
// actor hands over there, or if it is a BUY_FOR or ERRAND that the actor runs.
func (a Actor) cares(o *OrderSnapshot) bool {
	switch {
	case o.Stage.Final():
		return false
	case o.Stage == AtBuilding || o.Stage == OutForDelivery:
		return a.Fills(PostBuilding, o) || a.fills(PostTaker, o)
	}
	return a.fills(PostTaker, o)
}

// Charge returns the member of the team whose daily allowance a reveal for the order counts against, or nil. Three kinds count:
// a reveal by the phone desk without an order in its care; one for an order that the actor placed; and one for a BUY_FOR or
// ERRAND that another member placed, which counts against that member. Such orders reach a volunteer's care without passing
// other hands. Reveals by the commander and administrators do not count.
func (a Actor) Charge(o *OrderSnapshot) *UUID {
	switch {
	case a.Role != RoleLead && a.Role != RoleVolunteer:
		return nil
	case o == nil || !a.cares(o):
		return &a.UUID
	case o.PlacedByUUID == nil || o.PlacedByRole == RoleResident:
		return nil
	case *o.PlacedByUUID == a.UUID:
		return &a.UUID
	case o.Channel.RunByVolunteer() && (o.PlacedByRole == RoleLead || o.PlacedByRole == RoleVolunteer):
		return o.PlacedByUUID
	}
	return nil
}

// RevealsPerDay returns how many households may count against the volunteer in one day, and until when the commander raised
// that, or nil if not.
func (v *Volunteer) RevealsPerDay(now time.Time) (n int, raised *time.Time) {
	switch {
	case v.RevealAllowance != nil && v.RevealAllowanceUntil != nil && now.Before(*v.RevealAllowanceUntil):
		return *v.RevealAllowance, v.RevealAllowanceUntil
	case v.Squad == SquadPersuasion:
		return DeskReveals, nil
	}
	return OwnReveals, nil
}

// RevealCount is the commander's view of one member of the team: how many households' contacts they were given today, how many
// of them count against their allowance, and the allowance.
type RevealCount struct {
	Volunteer   *Volunteer
	Today       int
	Counted     int
	Allowance   int
	RaisedUntil *time.Time
}

// CanCountReveals reports whether the actor may see the team's numbers of reveals.
func (a Actor) CanCountReveals(community int32) bool { return a.CanSetUp(community) }

// mayCallAll reports whether the actor may see the contact of every household in sight.
func (a Actor) mayCallAll() bool {
	return a.Role == RoleAdmin || a.Role == RoleCommander || a.AtPhoneDesk()
}

// RoundOf returns the buildings of the actor's round: those that a supply volunteer serves, or the given one. The supply
// lead, the phone desk, the commander and administrators serve every building they see, so they must give one.
func (a Actor) RoundOf(community int32, building *UUID) ([]UUID, *Error) {
	if !a.Scope().SeesCommunity(community) {
		return nil, Refuse(ReasonNoSuch, KindCommunity.String()).At("communityId")
	}
	own := []UUID(nil)
	if a.Squad == SquadSupply && (a.Role == RoleVolunteer || a.Role == RoleLead) {
		own = a.Buildings
	}
	anywhere := a.mayCallAll() || (a.Role == RoleLead && a.Squad == SquadSupply)
	switch {
	case building == nil && len(own) > 0:
		return own, nil
	case building == nil && anywhere:
		return nil, Refuse(ReasonMissing).At("buildingId")
	case building == nil:
		return nil, Refuse(ReasonNotNeededNow)
	}
	for _, b := range own {
		if b == *building {
			return []UUID{b}, nil
		}
	}
	if anywhere && a.Scope().Sees(Keys{Community: community, Building: *building}) {
		return []UUID{*building}, nil
	}
	return nil, Refuse(ReasonNotNeededNow).At("buildingId")
}

// SeesReveals reports whether the actor may see the reveals of a household in sight. The household itself, the commander and
// administrators may.
func (a Actor) SeesReveals() bool {
	return a.Role == RoleAdmin || a.Role == RoleCommander || a.Role == RoleResident
}
