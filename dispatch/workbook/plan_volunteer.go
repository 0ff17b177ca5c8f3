package workbook

import (
	"fmt"
	"maps"

	"baogong/delivery"
	"baogong/dispatch/team"
	"baogong/reading/estatefile"
)

// The refusals of volunteers.
var (
	reasonSameVolunteer = delivery.NewReason("SAME_VOLUNTEER", delivery.CodeBadUserInput,
		"Row %d is about the same volunteer.",
		"与第 %d 行是同一名队员。")
	reasonPhoneOfAnother = delivery.NewReason("PHONE_OF_ANOTHER", delivery.CodeConflict,
		"The volunteer %q has this phone already; write that code, or another phone.",
		"队员“%s”已使用该电话，请填写该编号，或更换电话。")
	reasonPhoneOfSeveral = delivery.NewReason("PHONE_OF_SEVERAL", delivery.CodeConflict,
		"Several volunteers have this phone; write the code.",
		"有多名队员使用该电话，请填写编号。")
)

func (p *planner) compareVolunteers() {
	for _, r := range p.file.Volunteers {
		if r.Code != "" {
			p.pending[delivery.Key(r.Code)] = true
		}
	}
	for _, r := range p.file.Volunteers {
		has, refusal := p.volunteer(r)
		switch {
		case refusal != nil:
			if p.read(&r.Origin) {
				p.refuse(&r.Origin, "phone", refusal)
			}
		case has != nil:
			p.compareVolunteer(r, has)
		case p.read(&r.Origin):
			p.addVolunteer(r)
		}
	}
}

// volunteer returns the volunteer of the book whom a row means, nil for a new one: the code says who it is, else the phone. It refuses a new code with the
// phone of another volunteer, who may be the same person.
func (p *planner) volunteer(r *estatefile.VolunteerRow) (*delivery.Volunteer, *delivery.Error) {
	if r.Code != "" {
		if has := p.book.volunteers[delivery.Key(r.Code)]; has != nil {
			return has, nil
		}
	}
	if r.Phone == nil || *r.Phone == "" {
		return nil, nil
	}
	switch same := p.book.phones[digitsOf(*r.Phone)]; {
	case len(same) == 0:
		return nil, nil
	case r.Code != "":
		return nil, delivery.Refuse(reasonPhoneOfAnother, same[0].Code)
	case len(same) > 1:
		return nil, delivery.Refuse(reasonPhoneOfSeveral)
	default:
		return same[0], nil
	}
}

// serves checks the buildings that a row lists.
func (p *planner) serves(r *estatefile.VolunteerRow) bool {
	for _, s := range valueOr(r.Services, nil) {
		if _, refusal := p.building(s.Building); refusal != nil {
			p.refuse(&r.Origin, "buildings", refusal)
			return false
		}
	}
	return true
}

func (p *planner) addVolunteer(r *estatefile.VolunteerRow) {
	switch {
	case valueOr(r.Name, "") == "":
		p.refuse(&r.Origin, "name", delivery.Refuse(delivery.ReasonMissing))
		return
	case r.Squad == nil:
		p.refuse(&r.Origin, "squad", delivery.Refuse(delivery.ReasonMissing))
		return
	case !p.serves(r):
		return
	}
	code := r.Code
	if code == "" {
		code = p.freeCode(*r.Squad)
	}
	p.newVolunteers = append(p.newVolunteers, planned[*team.NewVolunteerInput]{origin: &r.Origin, services: valueOr(r.Services, nil), item: &team.NewVolunteerInput{Code: code, Name: *r.Name,
		Phone: valueOr(r.Phone, ""), HomeOrganisation: valueOr(r.HomeOrganisation, ""), Squad: *r.Squad, Rank: valueOr(r.Rank, delivery.RankMember), Reachable: valueOr(r.Reachable, true)}})
	p.report.sheet(r.Kind).New++
}

// squadLetters begin the codes of volunteers whose file gives them none.
var squadLetters = map[delivery.Squad]string{delivery.SquadSupply: "S", delivery.SquadDuty: "D", delivery.SquadTransport: "T", delivery.SquadPatrol: "P", delivery.SquadPersuasion: "Q"}

// freeCode returns a code that no volunteer has: S01.
func (p *planner) freeCode(squad delivery.Squad) string {
	for i := 1; ; i++ {
		code := fmt.Sprintf("%s%02d", squadLetters[squad], i)
		if key := delivery.Key(code); p.book.volunteers[key] == nil && !p.pending[key] {
			p.pending[key] = true
			return code
		}
	}
}

func (p *planner) compareVolunteer(r *estatefile.VolunteerRow, has *delivery.Volunteer) {
	if first, twice := p.met[has.UUID]; twice {
		p.refuse(&r.Origin, "phone", delivery.Refuse(reasonSameVolunteer, first))
		return
	}
	p.met[has.UUID] = r.Number
	if !p.meet(&r.Origin, estatefile.SheetVolunteers, "code", has.Archived()) || !p.serves(r) {
		return
	}
	patch, changed := &team.VolunteerPatchInput{ID: has.ID(), ExpectedVersion: &has.Version}, false
	differ(&patch.Name, r.Name, is(has.Name), &changed)
	differ(&patch.Phone, r.Phone, samePhone(has.Phone), &changed)
	differ(&patch.HomeOrganisation, r.HomeOrganisation, is(has.HomeOrganisation), &changed)
	differ(&patch.Squad, r.Squad, is(has.Squad), &changed)
	differ(&patch.Rank, r.Rank, is(has.Rank), &changed)
	differ(&patch.Reachable, r.Reachable, is(has.Reachable), &changed)
	if r.Services != nil && !p.servesAlready(has, *r.Services) {
		patch.Services, changed = []*team.ServiceInput{}, true // filled in from services before it is saved
	}
	if p.judge(&r.Origin, changed) {
		p.volunteers = append(p.volunteers, planned[*team.VolunteerPatchInput]{origin: &r.Origin, item: patch, services: valueOr(r.Services, nil)})
	}
}

// servesAlready reports whether a volunteer serves the buildings of a list, and no others.
func (p *planner) servesAlready(has *delivery.Volunteer, stated []estatefile.ServedBuilding) bool {
	want, have := map[delivery.UUID]delivery.Duty{}, map[delivery.UUID]delivery.Duty{}
	for _, s := range p.book.services[has.UUID] {
		have[s.BuildingUUID] = s.Duty
	}
	for _, s := range stated {
		b := p.book.buildings[p.book.key(s.Building)]
		if b == nil { // it is saved first
			return false
		}
		want[b.UUID] = s.Duty
	}
	return maps.Equal(want, have)
}
