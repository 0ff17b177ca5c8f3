package delivery

import (
	"reflect"
	"slices"
)

// Scope returns what the actor may see: the whole community for actors who work in all of it, else their buildings, their
// own orders or their own household. The zero Actor sees nothing.
func (a Actor) Scope() Scope {
	switch a.Role {
	case RoleAdmin:
		return Scope{Class: SeesAll}
	case RoleCity:
		return Scope{Class: SeesNumbers, Communities: a.Communities}
	case RoleCommander, RoleLead, RoleSystem:
		return Scope{Class: SeesAll, Community: a.Community}
	case RoleVolunteer:
		if a.Squad == SquadDuty || a.Squad == SquadTransport {
			return Scope{Class: SeesAll, Community: a.Community} // the gate and the carts serve every building
		}
		return Scope{Class: SeesBuildings, Community: a.Community, Buildings: a.Buildings, Squad: a.Squad}
	case RoleSupplier:
		return Scope{Class: SeesSupplier, Community: a.Community, UUID: a.UUID}
	case RoleResident:
		return Scope{Class: SeesHousehold, Community: a.Community, UUID: a.UUID}
	case RoleLink:
		return Scope{Class: SeesOrder, Community: a.Community, UUID: a.UUID}
	}
	return Scope{}
}

// Fills reports whether the actor fills a post of the order. A commander fills every post of the community,
// a lead those of the squad.
func (a Actor) Fills(post Post, s *OrderSnapshot) bool {
	if !a.Scope().Sees(s.Keys()) {
		return false
	}
	switch a.Role {
	case RoleAdmin, RoleCommander:
		return post != PostNone
	case RoleSupplier:
		return post == PostSupplier && !s.Channel.RunByVolunteer() && same(s.SupplierUUID, &a.UUID)
	case RoleResident:
		return post == PostHousehold && s.HouseholdUUID == a.UUID
	case RoleLead:
		if post.Squad() == a.Squad {
			return true
		}
		return a.fills(post, s)
	case RoleVolunteer:
		return a.fills(post, s)
	}
	return false
}

func (a Actor) fills(post Post, s *OrderSnapshot) bool {
	switch post {
	case PostTaker: // while the taker is away, the holder of the errand continues it
		return s.Channel.RunByVolunteer() && (same(s.TakerUUID, &a.UUID) || same(s.HolderVolunteer, &a.UUID))
	case PostGate:
		return a.Squad == SquadDuty
	case PostSorting:
		return a.Squad == SquadDuty || a.Squad == SquadSupply
	case PostTransport:
		return a.Squad == SquadTransport
	case PostBuilding:
		return a.Squad == SquadSupply && slices.Contains(a.Buildings, s.BuildingUUID)
	}
	return false
}

// CanMove reports whether the actor may make the move of the edge.
func (a Actor) CanMove(s *OrderSnapshot, edge Edge) bool {
	return slices.ContainsFunc(edge.By, func(p Post) bool { return a.Fills(p, s) })
}

// AllowedMoves lists the stages the actor may move the order to now, forward moves first; none while it is held.
func (a Actor) AllowedMoves(s *OrderSnapshot) []Edge {
	out := []Edge{}
	if s.Held() {
		return out
	}
	for _, e := range EdgesFrom(s.Stage, s.Channel) {
		if a.CanMove(s, e) {
			out = append(out, e)
		}
	}
	return out
}

// outranks reports whether the actor may take back every move, at any time.
func (a Actor) outranks() bool {
	return a.Role == RoleAdmin || a.Role == RoleCommander || a.Role == RoleLead
}

// CanSetUp reports whether the actor may set up and correct the nouns of a community.
// Only an administrator may add communities.
func (a Actor) CanSetUp(community int32) bool {
	return a.Role == RoleAdmin || (a.Role == RoleCommander && a.Community == community)
}

// CanLeadTeam reports whether the actor may change volunteers' squads, buildings and reachability.
func (a Actor) CanLeadTeam(community int32) bool {
	return a.CanSetUp(community) || (a.Role == RoleLead && a.Community == community)
}

// CanArrangeBins reports whether the actor may add, correct and archive bins: the commander, administrators, and the leads of the
// squads that sort.
func (a Actor) CanArrangeBins(community int32) bool {
	return a.CanSetUp(community) || a.Role == RoleLead && a.Community == community && (a.Squad == SquadDuty || a.Squad == SquadSupply)
}

// MayNotMake returns the name of a field of v that the actor may not change from was, or "" if the actor may make all the
// changes. For a new volunteer, was is a member without a squad. Only the commander makes, moves, archives or brings back
// commanders, leads and the phone desk, which sees needs and phones. No member of the team archives themselves or changes
// their own rank, and no lead changes their own squad.
func (a Actor) MayNotMake(v, was *Volunteer) string {
	own := a.Role != RoleAdmin && v.UUID == a.UUID
	archives := (v.ArchivedAt == nil) != (was.ArchivedAt == nil)
	moves := v.Squad != was.Squad
	desk := v.Squad == SquadPersuasion || was.Squad == SquadPersuasion
	switch {
	case own && archives:
		return "archived"
	case own && v.Rank != was.Rank:
		return "rank"
	case a.CanSetUp(v.CommunityID):
		return ""
	case was.Rank == RankCommander || v.Rank != was.Rank:
		return "rank"
	case moves && (desk || was.Rank != RankMember):
		return "squad"
	case archives && (desk || was.Rank != RankMember):
		return "archived"
	}
	return ""
}

// CanServe reports whether the actor may change which buildings the volunteer serves. For the phone desk only the commander
// may: the buildings decide whose needs it sees.
func (a Actor) CanServe(v *Volunteer) bool {
	return a.CanSetUp(v.CommunityID) || (a.CanLeadTeam(v.CommunityID) && v.Squad != SquadPersuasion)
}

// CanHold reports whether the actor may place and release holds in the community.
func (a Actor) CanHold(community int32) bool { return a.CanLeadTeam(community) }

// CanHoldSupplier reports whether the actor may hold all that a supplier brings: leads of the supply squad, the commander and administrators.
func (a Actor) CanHoldSupplier(community int32) bool {
	return a.CanSetUp(community) || a.Role == RoleLead && a.Community == community && a.Squad == SquadSupply
}

// ReasonChannelNotYours refuses an order through a channel that is closed to the actor.
var ReasonChannelNotYours = NewReason("CHANNEL_NOT_YOURS", CodeForbidden,
	"You may not place orders through this channel.",
	"您不能使用该渠道下单。")

// CanPlace refuses an order that the actor may not place. A resident orders for their own household through APP, GROUP_BUY
// or PACKAGE; a volunteer orders for households in sight, through every channel but APP; leads and commanders use every
// channel; suppliers place no orders. It fails with NOT_FOUND for a household out of sight.
func (a Actor) CanPlace(h *Household, c Channel) *Error {
	if !a.Scope().Sees(h.Keys()) {
		return Refuse(ReasonNoSuch, KindHousehold.String())
	}
	ok := false
	switch a.Role {
	case RoleAdmin, RoleCommander, RoleLead:
		ok = true
	case RoleVolunteer:
		ok = c != ChannelApp
	case RoleResident:
		ok = c == ChannelApp || c == ChannelGroupBuy || c == ChannelPackage
	}
	if !ok {
		return Refuse(ReasonChannelNotYours)
	}
	return nil
}

// OfTeam reports whether the actor belongs to the support team or sets up communities.
func (a Actor) OfTeam() bool {
	switch a.Role {
	case RoleAdmin, RoleCommander, RoleLead, RoleVolunteer, RoleSystem:
		return true
	}
	return false
}

// CanIssue reports whether the actor may issue and revoke invitations and cards, and end sign-ins.
func (a Actor) CanIssue(community int32) bool { return a.CanSetUp(community) }

// CanShare refuses a tracking link to an actor who may not issue one. The household may for its own order, and members of
// the team may for orders in sight. It fails with NOT_FOUND for an order out of sight, else with FORBIDDEN.
func (a Actor) CanShare(k Keys) *Error {
	switch {
	case !a.Scope().Sees(k):
		return Refuse(ReasonNoSuch, KindOrder.String())
	case a.Role != RoleResident && !a.OfTeam():
		return Refuse(ReasonNotYours)
	}
	return nil
}

// CanCount reports whether the actor may see the numbers of many communities at once.
func (a Actor) CanCount() bool { return a.Role == RoleAdmin || a.Role == RoleCity }

// AccessChanged is the kind of event that says that the scope of the actors of a row changes at this position.
const AccessChanged EventKind = "ACCESS_CHANGED"

var _ = addKind(eventSpec{kind: AccessChanged, body: reflect.TypeFor[AccessBody](), board: noBoard, hidden: true})

// AccessBody is the body of ACCESS_CHANGED.
type AccessBody struct {
	Row UUID `json:"noun,omitempty"` // of the actors
}
