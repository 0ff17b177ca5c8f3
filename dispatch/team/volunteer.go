package team

import (
	"context"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ServiceInput is a duty at a building.
type ServiceInput struct {
	BuildingID delivery.ID
	Duty       delivery.Duty
}

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

// VolunteersPayload is the outcome of saving volunteers: a result per item, in the order given.
type VolunteersPayload struct {
	dispatch.BulkOf[VolunteerResult]
}

// VolunteerResult is the outcome of one volunteer.
type VolunteerResult struct{ *dispatch.ItemOutcome }

var volunteerNoun = dispatch.Noun[*delivery.Volunteer]{
	Kind: delivery.KindVolunteer, Event: delivery.VolunteerSaved, List: "volunteers", May: delivery.Actor.CanLeadTeam,
	Keys:  func(*delivery.Volunteer) delivery.Keys { return delivery.Keys{} },
	Table: (*db.Tx).Volunteers, InPart: true,
	SignsIn: true,
}

type saving = dispatch.Saving[*delivery.Volunteer]

// CreateVolunteers adds members of the team: administrators, the commander and leads.
func (v *Verbs) CreateVolunteers(ctx context.Context, a delivery.Actor, in CreateVolunteersInput) (*VolunteersPayload, error) {
	s := volunteerNoun.Creation(dispatch.Call{Actor: a, Mutation: "createVolunteers", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Volunteers), in.Atomic)
	return dispatch.Save[VolunteersPayload](ctx, v.Engine, s, func(s *saving) error {
		team, err := teamOf(ctx, s)
		if err != nil {
			return err
		}
		for _, n := range in.Volunteers {
			v := &delivery.Volunteer{Row: s.NewRow(), Code: delivery.NormalCode(n.Code),
				Name: delivery.PersonName(delivery.Trimmed(n.Name.Reveal())), Phone: n.Phone.Normal(),
				HomeOrganisation: delivery.Trimmed(n.HomeOrganisation), Squad: n.Squad, Rank: n.Rank, Reachable: n.Reachable}
			services, refusal := team.check(v, &delivery.Volunteer{Rank: delivery.RankMember}, n.Services)
			if s.Add(v, refusal) {
				team.serve(v, services)
			}
		}
		s.Around(team.write(ctx, s))
		return nil
	})
}

// UpdateVolunteers corrects or archives members of the team: administrators, the commander and leads. Orders whose
// holder changes by it are given to the next in line in the same transaction.
func (v *Verbs) UpdateVolunteers(ctx context.Context, a delivery.Actor, in UpdateVolunteersInput) (*VolunteersPayload, error) {
	s := volunteerNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateVolunteers", ID: in.ClientMutationID, Input: in},
		dispatch.IDs(in.Volunteers, func(n *VolunteerPatchInput) delivery.ID { return n.ID }), in.Atomic)
	return dispatch.Save[VolunteersPayload](ctx, v.Engine, s, func(s *saving) error {
		team, err := teamOf(ctx, s)
		if err != nil {
			return err
		}
		for _, n := range in.Volunteers {
			was := team.volunteers[n.ID.UUID]
			served := team.services[n.ID.UUID]
			moved := false
			_, next := s.Correct(n.ID, n.ExpectedVersion, n.Archived, func(v *delivery.Volunteer) *delivery.Error {
				dispatch.SetCode(&v.Code, n.Code)
				dispatch.SetName(&v.Name, n.Name)
				dispatch.SetPhone(&v.Phone, n.Phone)
				dispatch.SetName(&v.HomeOrganisation, n.HomeOrganisation)
				dispatch.Set(&v.Squad, n.Squad)
				dispatch.Set(&v.Rank, n.Rank)
				dispatch.Set(&v.Reachable, n.Reachable)
				if refusal := raise(s, v, n); refusal != nil {
					return refusal
				}
				services, refusal := team.check(v, was, n.Services)
				if refusal != nil {
					return refusal
				}
				if moved = n.Services != nil && !slices.Equal(served, services); moved {
					s.Beside()
					team.serve(v, services)
				}
				return nil
			})
			if next != nil && next.Archived() && !was.Archived() {
				team.archived = append(team.archived, n.ID.UUID)
			}
			if next != nil && next.Archived() == was.Archived() && (moved || next.Squad != was.Squad || next.Rank != was.Rank) {
				s.AccessChanged(next.UUID)
			}
		}
		s.Around(team.write(ctx, s))
		return nil
	})
}

// raise sets the volunteer's daily allowance of reveals until an instant. Administrators and the commander may.
func raise(s *saving, v *delivery.Volunteer, n *VolunteerPatchInput) *delivery.Error {
	switch {
	case n.RevealsPerDay == nil && n.RevealsUntil == nil:
		return nil
	case !s.Actor.CanSetUp(v.CommunityID):
		return delivery.Refuse(delivery.ReasonNotYours).At("revealsPerDay")
	case n.RevealsPerDay == nil:
		return delivery.Refuse(delivery.ReasonMissing).At("revealsPerDay")
	case n.RevealsUntil == nil:
		return delivery.Refuse(delivery.ReasonMissing).At("revealsUntil")
	case *n.RevealsPerDay < 0 || *n.RevealsPerDay > delivery.MaxRevealAllowance:
		return delivery.Refuse(dispatch.ReasonOutOfRange, 0, delivery.MaxRevealAllowance).At("revealsPerDay")
	}
	until := *dispatch.Instant(n.RevealsUntil)
	if refusal := delivery.CheckFuture(until, s.At); refusal != nil {
		return refusal.At("revealsUntil")
	}
	if until.Sub(s.At) > delivery.MaxRaise {
		return delivery.Refuse(dispatch.ReasonOutOfRange, s.At.Format(time.RFC3339), s.At.Add(delivery.MaxRaise).Format(time.RFC3339)).At("revealsUntil")
	}
	if v.RevealAllowance == nil || *v.RevealAllowance != *n.RevealsPerDay || !v.RevealAllowanceUntil.Equal(until) {
		v.RevealAllowance, v.RevealAllowanceUntil = n.RevealsPerDay, &until
	}
	return nil
}

// team is the volunteers of a community, what they serve, and the changes of one call.
type team struct {
	actor      delivery.Actor
	community  int32
	volunteers map[delivery.UUID]*delivery.Volunteer
	buildings  map[delivery.UUID]*delivery.Building
	codes      dispatch.Names
	services   map[delivery.UUID][]delivery.Service // as the call leaves them
	changed    []delivery.UUID                      // whose services the call sets
	left       map[delivery.UUID]bool               // commanders who give up the post in this call
	archived   []delivery.UUID                      // by this call
}

func teamOf(ctx context.Context, s *saving) (*team, error) {
	there, err := s.Tx.Volunteers().All(ctx, s.Community)
	if err != nil {
		return nil, err
	}
	buildings, err := s.Tx.Buildings().All(ctx, s.Community)
	if err != nil {
		return nil, err
	}
	served, err := s.Tx.Services(ctx, s.Community)
	if err != nil {
		return nil, err
	}
	s.Known(there, there)
	t := &team{actor: s.Actor, community: s.Community, volunteers: dispatch.ByUUID(there), buildings: dispatch.ByUUID(buildings),
		codes: dispatch.NamesOf(there, func(v *delivery.Volunteer) string { return v.Code }), services: map[delivery.UUID][]delivery.Service{}, left: map[delivery.UUID]bool{}}
	for _, x := range served {
		t.services[x.VolunteerUUID] = append(t.services[x.VolunteerUUID], *x)
	}
	return t, nil
}

// check refuses what is wrong with a volunteer, and what the actor may not make of them, and returns the services in
// order of the building's id. Only what is not refused takes its code.
func (t *team) check(v, was *delivery.Volunteer, services []*ServiceInput) ([]delivery.Service, *delivery.Error) {
	if field := t.actor.MayNotMake(v, was); field != "" {
		return nil, delivery.Refuse(delivery.ReasonNotYours).At(field)
	}
	if refusal := dispatch.First(dispatch.Field("code", delivery.CheckCode(v.Code)), dispatch.Text("name", v.Name.Reveal(), delivery.MaxName, true),
		dispatch.Text("homeOrganisation", v.HomeOrganisation, delivery.MaxName, false), dispatch.Field("phone", v.Phone.Check())); refusal != nil {
		return nil, refusal
	}
	set, refusal := t.servicesOf(v, services)
	if refusal != nil {
		return nil, refusal
	}
	if services != nil && !t.actor.CanServe(v) && !slices.Equal(t.services[v.UUID], set) {
		return nil, delivery.Refuse(delivery.ReasonNotYours).At("services")
	}
	if refusal := t.leaves(v, was); refusal != nil {
		return nil, refusal
	}
	return set, dispatch.First(dispatch.Field("code", t.codes.Claim(v.Code, was.Code, v.ID())))
}

// reasonLastCommander refuses to leave a community without a commander.
var reasonLastCommander = delivery.NewReason("LAST_COMMANDER", delivery.CodeConflict,
	"This is the community's last commander; make another first, or ask an administrator.",
	"这是小区唯一的指挥，请先任命另一名指挥，或联系管理员。")

// leaves notes that a commander gives up the post. It refuses that for the last commander, without whom an order may have no
// reachable person; an administrator may do it, since they can make another commander.
func (t *team) leaves(v, was *delivery.Volunteer) *delivery.Error {
	commands := func(v *delivery.Volunteer) bool { return v.Rank == delivery.RankCommander && v.ArchivedAt == nil }
	if !commands(was) || commands(v) {
		return nil
	}
	if t.actor.Role != delivery.RoleAdmin {
		for id, other := range t.volunteers {
			if id != v.UUID && commands(other) && !t.left[id] {
				t.left[v.UUID] = true
				return nil
			}
		}
		field := "rank"
		if v.ArchivedAt != nil {
			field = "archived"
		}
		return delivery.Refuse(reasonLastCommander).At(field)
	}
	return nil
}

func (t *team) servicesOf(v *delivery.Volunteer, services []*ServiceInput) ([]delivery.Service, *delivery.Error) {
	if len(services) > delivery.MaxBuildings {
		return nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxBuildings, len(services)).At("services")
	}
	set := make([]delivery.Service, 0, len(services))
	for i, x := range services {
		at := func(e *delivery.Error) *delivery.Error { return e.At("services", strconv.Itoa(i)) }
		if refusal := dispatch.Parent(x.BuildingID, delivery.KindBuilding, t.community, t.buildings, "buildingId"); refusal != nil {
			return nil, at(refusal)
		}
		if slices.ContainsFunc(set, func(s delivery.Service) bool { return s.BuildingUUID == x.BuildingID.UUID }) {
			return nil, at(delivery.Refuse(dispatch.ReasonRepeated).At("buildingId"))
		}
		set = append(set, delivery.Service{CommunityID: t.community, VolunteerUUID: v.UUID, BuildingUUID: x.BuildingID.UUID, Duty: x.Duty})
	}
	slices.SortFunc(set, func(a, b delivery.Service) int {
		if a.BuildingUUID < b.BuildingUUID {
			return -1
		}
		return 1
	})
	return set, nil
}

// serve sets which buildings the volunteer serves.
func (t *team) serve(v *delivery.Volunteer, services []delivery.Service) {
	t.services[v.UUID] = services
	t.changed = append(t.changed, v.UUID)
}

// write saves the volunteers and their services, names the holders of the open orders again, and closes the incidents of buildings that are
// covered again. Volunteers who leave the team are taken off their shifts.
func (t *team) write(ctx context.Context, s *saving) func(write func() error) error {
	return func(write func() error) error {
		events, err := dispatch.ChangeTeam(ctx, s.Tx, s.Actor, s.At, s.Community, func() error {
			if err := write(); err != nil {
				return err
			}
			var rows []*delivery.Service
			for _, id := range t.changed {
				for i := range t.services[id] {
					rows = append(rows, &t.services[id][i])
				}
			}
			return s.Tx.ReplaceServices(ctx, s.Community, t.changed, rows)
		})
		if err != nil {
			return err
		}
		left, err := dispatch.LeaveShifts(ctx, s.Tx, s.Actor, s.At, s.Community, t.archived)
		for _, e := range append(events, left...) {
			s.Append(e)
		}
		return err
	}
}
