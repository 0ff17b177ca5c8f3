package delivery

import "time"

// MaxReason is the longest reason for a reveal, in characters.
const MaxReason = 200

// lookback is how long after its end an order still needs its household's contact.
const lookback = 24 * time.Hour

// Contact is a household's name and phone, whole. It comes only of a reveal.
type Contact struct {
	Household   *Household
	Name, Phone string
}

// Contact gives the name and phone whole. Call it only from an act that is recorded.
func (h *Household) Contact() *Contact {
	return &Contact{Household: h, Name: h.ContactName.Reveal(), Phone: h.Phone.Reveal()}
}

// Reveal is one time that somebody looked at a household's name and phone: who, when, why, and for which order.
type Reveal struct {
	CommunityID   int32     `db:"community_id"`
	UUID          UUID      `db:"id"`
	HouseholdUUID UUID      `db:"household_id"`
	OrderUUID     *UUID     `db:"order_id"`
	ByRole        Role      `db:"by_role"`
	ByUUID        *UUID     `db:"by_id"`
	Reason        string    `db:"reason"`
	At            time.Time `db:"at"` // business time
}

// NewReveal notes that the actor looks at the household.
func NewReveal(id UUID, a Actor, h *Household, order *UUID, reason string, at time.Time) *Reveal {
	return &Reveal{CommunityID: h.CommunityID, UUID: id, HouseholdUUID: h.UUID, OrderUUID: order, ByRole: a.Role, ByUUID: uuidOrNil(a.UUID), Reason: reason, At: at}
}

// By is who looked.
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

// CanReveal refuses a household's name and phone to whoever does not need them now. An administrator, the commander and
// the phone desk do for any household they see; who hands over at the door does for an order of the household from
// AT_BUILDING on until a day after DELIVERED; whoever runs a BUY_FOR or ERRAND does while it is open and until a day
// after. Of a household or order out of sight it says NOT_FOUND.
func (a Actor) CanReveal(h *Household, o *OrderSnapshot, now time.Time) *Error {
	scope := a.Scope()
	switch {
	case !scope.Sees(h.Keys()):
		return Refuse(ReasonNoSuch, KindHousehold.String()).At("householdId")
	case o != nil && (o.HouseholdUUID != h.UUID || !scope.Sees(o.Keys())):
		return Refuse(ReasonNoSuch, KindOrder.String()).At("orderId")
	case a.callsAnybody():
		return nil
	case a.Role != RoleLead && a.Role != RoleVolunteer:
		return Refuse(ReasonNotNeededNow)
	case o == nil:
		return Refuse(ReasonNameOrder).At("orderId")
	case a.Fills(PostBuilding, o) && o.nearDoor(now), o.Channel.RunByVolunteer() && a.member(PostTaker, o) && o.recent(now):
		return nil
	}
	return Refuse(ReasonNotNeededNow)
}

// callsAnybody reports that the actor may need any household that they see.
func (a Actor) callsAnybody() bool {
	return a.Role == RoleAdmin || a.Role == RoleCommander || a.AtPhoneDesk()
}

// nearDoor reports that the order waits to be handed over, or was within a day.
func (s *OrderSnapshot) nearDoor(now time.Time) bool {
	return s.Stage == AtBuilding || s.Stage == OutForDelivery || (s.Stage == Delivered && s.recent(now))
}

// recent reports that the order is open, or ended within a day.
func (s *OrderSnapshot) recent(now time.Time) bool {
	return !s.Stage.Final() || now.Before(s.StageSince.Add(lookback))
}

// RoundOf is the buildings of the actor's round: those a supply volunteer serves, or the one that is named. The supply
// lead, the phone desk, the commander and an administrator, who serve any building they see, must name one.
func (a Actor) RoundOf(community int32, building *UUID) ([]UUID, *Error) {
	if !a.Scope().Enters(community) {
		return nil, Refuse(ReasonNoSuch, KindCommunity.String()).At("communityId")
	}
	own := []UUID(nil)
	if a.Squad == SquadSupply && (a.Role == RoleVolunteer || a.Role == RoleLead) {
		own = a.Buildings
	}
	anywhere := a.callsAnybody() || (a.Role == RoleLead && a.Squad == SquadSupply)
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

// SeesReveals reports whether who looked at a household that the actor sees may be shown: to the household itself, the
// commander and an administrator.
func (a Actor) SeesReveals() bool {
	return a.Role == RoleAdmin || a.Role == RoleCommander || a.Role == RoleResident
}
