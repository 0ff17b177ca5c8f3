package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/team"
)

// The team: 150 people in five squads. Each building has one primary and one or two backups of the supply squad.
var squads = []struct {
	letter string
	squad  delivery.Squad
	people int
}{
	{"S", delivery.SquadSupply, 66}, // and the commander
	{"D", delivery.SquadDuty, 44},
	{"T", delivery.SquadTransport, 15},
	{"P", delivery.SquadPatrol, 12},
	{"Q", delivery.SquadPersuasion, 12},
}

// desks is how many members of the persuasion squad work at the phone desk. The first is left to visitors.
const desks = 5

func (e *Simulation) loadVolunteers(ctx context.Context, b *bar) error {
	rows, err := e.DB.Volunteers(ctx, e.admin.Scope(), e.community.Community, db.VolunteerFilter{Archived: true}, db.Range{Limit: 1000})
	if err != nil {
		return err
	}
	have, here := map[string]bool{}, 0
	for _, v := range rows.Items {
		have[v.Code] = true
		if v.ArchivedAt == nil {
			here++
		}
	}
	if e.whole {
		b.total(here)
		b.add(here)
		return e.readTeam(ctx)
	}
	var people []*team.NewVolunteerInput
	join := func(code string, squad delivery.Squad, rank delivery.Rank) *team.NewVolunteerInput {
		v := &team.NewVolunteerInput{Code: code, Name: person(e.random), Phone: phone(e.random), HomeOrganisation: pick(e.random, organisations),
			Squad: squad, Rank: rank, Reachable: true}
		people = append(people, v)
		return v
	}
	join("C01", delivery.SquadSupply, delivery.RankCommander)
	var supply []*team.NewVolunteerInput
	for _, s := range squads {
		join(s.letter+"00", s.squad, delivery.RankLead)
		for i := 1; i < s.people; i++ {
			v := join(fmt.Sprintf("%s%02d", s.letter, i), s.squad, delivery.RankMember)
			switch {
			case s.squad == delivery.SquadSupply:
				supply = append(supply, v)
			case s.squad == delivery.SquadPersuasion && i <= desks:
				for _, b := range e.buildings { // whose households they call
					v.Services = append(v.Services, &team.ServiceInput{BuildingID: b, Duty: delivery.DutyBackup})
				}
			}
		}
	}
	e.assign(supply)
	b.total(len(people))
	in := team.CreateVolunteersInput{CommunityID: e.community}
	for _, v := range people {
		if !have[v.Code] {
			in.Volunteers = append(in.Volunteers, v)
		}
	}
	if len(in.Volunteers) > 0 {
		p, err := e.Verbs.Team.CreateVolunteers(ctx, e.admin, in)
		if err != nil {
			return err
		}
		if err := complain(&p.BulkOutcome); err != nil {
			return err
		}
	}
	b.add(len(people))
	return e.readTeam(ctx)
}

// assign gives the volunteers their buildings: E6 first, so that S01 looks after it.
func (e *Simulation) assign(supply []*team.NewVolunteerInput) {
	first := min(5, len(e.buildings)-1)
	for i, v := range supply {
		duty := delivery.DutyBackup
		if i < len(e.buildings) {
			duty = delivery.DutyPrimary
		}
		v.Services = []*team.ServiceInput{{BuildingID: e.buildings[(first+i)%len(e.buildings)], Duty: duty}}
	}
}

// readTeam reads the acting members of the team from their rows. Without a commander the administrator acts.
func (e *Simulation) readTeam(ctx context.Context) (err error) {
	there, err := e.DB.Volunteers(ctx, e.admin.Scope(), e.community.Community, db.VolunteerFilter{}, db.Range{Limit: 1000})
	if err != nil {
		return err
	}
	e.commander, e.squads, e.leads = e.admin, map[delivery.Squad][]delivery.Actor{}, map[delivery.Squad]delivery.Actor{}
	squads := map[delivery.UUID]delivery.Squad{}
	for _, v := range there.Items {
		squads[v.UUID] = v.Squad
		switch {
		case v.Rank == delivery.RankCommander && (e.commander.Role == delivery.RoleAdmin || v.Code == "C01"):
			e.commander = delivery.Actor{Name: v.Code, Role: delivery.RoleCommander, Community: v.CommunityID, UUID: v.UUID, Squad: v.Squad}
		case v.Rank == delivery.RankLead:
			e.leads[v.Squad] = delivery.Actor{Role: delivery.RoleLead, Community: v.CommunityID, UUID: v.UUID, Squad: v.Squad}
		case v.Code == visitor:
		case v.Rank == delivery.RankMember && v.Reachable:
			e.squads[v.Squad] = append(e.squads[v.Squad], delivery.Actor{Role: delivery.RoleVolunteer, Community: v.CommunityID, UUID: v.UUID, Squad: v.Squad})
		}
	}
	bins, err := e.DB.Bins(ctx, e.commander.Scope(), e.community.Community, false, db.Range{Limit: 1000})
	if err != nil {
		return err
	}
	e.bins, e.cold = map[delivery.UUID]delivery.ID{}, map[delivery.UUID]delivery.ID{}
	for _, b := range bins.Items {
		switch {
		case b.Default():
			e.bins[b.BuildingUUID] = b.ID()
		case b.Cold && b.UnitUUID == nil:
			e.cold[b.BuildingUUID] = b.ID()
		}
	}
	services, err := e.DB.ServicesOfBuildings(ctx, e.commander.Scope(), e.buildings)
	if err != nil {
		return err
	}
	e.desks = nil
	e.volunteers, e.primary = map[delivery.UUID]delivery.Actor{}, map[delivery.UUID]delivery.UUID{}
	for _, s := range services {
		v, known := e.volunteers[s.VolunteerUUID]
		if !known {
			v = delivery.Actor{Role: delivery.RoleVolunteer, Community: s.CommunityID, UUID: s.VolunteerUUID, Squad: squads[s.VolunteerUUID]}
		}
		v.Buildings = append(v.Buildings, s.BuildingUUID)
		e.volunteers[s.VolunteerUUID] = v
		if s.Duty == delivery.DutyPrimary && e.primary[s.BuildingUUID] == "" {
			e.primary[s.BuildingUUID] = s.VolunteerUUID
		}
	}
	for _, v := range there.Items {
		if a := e.volunteers[v.UUID]; a.Squad == delivery.SquadPersuasion && v.Rank == delivery.RankMember && v.Code != firstDesk {
			e.desks = append(e.desks, a)
		}
	}
	return nil
}

// visitor is the code of the member of the transport squad whom the demonstration leaves free: a volunteer has one open run, and visitors want
// to start theirs.
const visitor = "T01"

// firstDesk is the code of the member of the phone desk whom the demonstration leaves free, likewise.
const firstDesk = "Q01"

// lead returns a squad's lead, and the commander if there is none.
func (e *Simulation) lead(s delivery.Squad) delivery.Actor {
	if a, known := e.leads[s]; known {
		return a
	}
	return e.commander
}

// hand returns one member of a squad that serves every building, and the commander if there is none.
func (e *Simulation) hand(s delivery.Squad) delivery.Actor {
	if there := e.squads[s]; len(there) > 0 {
		return pick(e.random, there)
	}
	return e.commander
}

// holder returns the order's holder at the building, and the commander if there is none.
func (e *Simulation) holder(o *delivery.Order) delivery.Actor {
	if o.HolderVolunteer != nil {
		if v, known := e.volunteers[*o.HolderVolunteer]; known {
			return v
		}
	}
	return e.commander
}

// volunteer returns a building's primary volunteer, and the commander if there is none.
func (e *Simulation) volunteer(building delivery.UUID) delivery.Actor {
	if v, known := e.volunteers[e.primary[building]]; known {
		return v
	}
	return e.commander
}

// callRoll makes unreachable members reachable again, also those from before a restart, and reads a changed team.
func (e *Simulation) callRoll(ctx context.Context) error {
	if err := e.readTeam(ctx); err != nil { // the commander of yesterday may have left
		return err
	}
	yes, no := true, false
	away, err := e.DB.Volunteers(ctx, e.commander.Scope(), e.community.Community, db.VolunteerFilter{Reachable: &no}, db.Range{Limit: 1000})
	if err != nil {
		return err
	}
	var in team.UpdateVolunteersInput
	for _, v := range away.Items {
		in.Volunteers = append(in.Volunteers, &team.VolunteerPatchInput{ID: v.ID(), Reachable: &yes})
	}
	if len(in.Volunteers) > 0 {
		if _, err := e.Verbs.Team.UpdateVolunteers(ctx, e.commander, in); err != nil {
			return err
		}
	}
	return e.readTeam(ctx)
}

// Persona is an actor that a visitor can sign in as, described in both languages.
type Persona struct{ Name, Role, Chinese, English string }

// About returns both descriptions as one.
func (p Persona) About() string { return p.Chinese + " " + p.English }

// Actors are one for each role, by the names that development actors have; without those that a visitor archived or
// gave another name.
func (e *Simulation) Actors(ctx context.Context) ([]Persona, error) {
	var out []Persona
	for _, a := range []Persona{
		{"C01", string(delivery.RoleCommander), "指挥长：看到整个小区", "commander: the whole community"},
		{"S00", string(delivery.RoleLead), "保供队队长", "lead of the supply squad"},
		{"S01", string(delivery.RoleVolunteer), "E6 栋保供队员", "supply volunteer of building E6"},
		{"D01", string(delivery.RoleVolunteer), "值守队员：门口收货、分拣", "at the gate and the sorting tables"},
		{"T01", string(delivery.RoleVolunteer), "运输队员：门口到楼栋", "from the bins to the buildings"},
		{firstDesk, string(delivery.RoleVolunteer), "劝导队员：电话台", "the phone desk"},
		{pharmacy, string(delivery.RoleSupplier), "康民大药房", "the pharmacy: its own orders"},
		{Door, string(delivery.RoleResident), "E6 栋 1 单元 1203 住户", "a household: its own orders"},
	} {
		_, err := e.DB.UnscopedActorNamed(ctx, a.Name, Code)
		var refusal *delivery.Error
		switch {
		case errors.As(err, &refusal): // the name was removed or changed
		case err != nil:
			return nil, err
		default:
			out = append(out, a)
		}
	}
	return append(out, Persona{"admin", string(delivery.RoleAdmin), "管理员：设置小区", "sets up communities"},
		Persona{"city", string(delivery.RoleCity), "街道与市级：只看数字", "the street and the city: numbers only"}), nil
}

// Door is the household that a visitor can act as.
const Door = "E6-1-1203"

// Examples are ids that a visitor's first operations can name, by the placeholders they stand for: such that the
// operation can be done now. The estate goes on moving, so ask again for each visitor.
func (e *Simulation) Examples(ctx context.Context) (map[string]string, error) {
	out := map[string]string{"COMMUNITY_ID": e.community.String()}
	scope, community := e.admin.Scope(), e.community.Community
	doors, err := e.DB.Households(ctx, scope, community, db.HouseholdFilter{Text: Door}, db.Range{Limit: 10})
	if err != nil {
		return nil, err
	}
	for _, h := range doors.Items {
		if h.Address == Door {
			out["HOUSEHOLD_ID"] = h.ID().String()
		}
	}
	if err := e.listExample(ctx, out); err != nil {
		return nil, err
	}
	shops, err := e.DB.Suppliers(ctx, scope, community, false, db.Range{Limit: 1000})
	if err != nil {
		return nil, err
	}
	var chemist delivery.UUID
	for _, s := range shops.Items {
		if s.Code == pharmacy {
			chemist = s.UUID
		}
		if out["SUPPLIER_ID"] == "" || s.Code == market {
			out["SUPPLIER_ID"] = s.ID().String()
		}
	}
	if out["BUILDING_ID"], err = e.freeBuilding(ctx); err != nil {
		return nil, err
	}
	if err := e.peopleExamples(ctx, out); err != nil {
		return nil, err
	}
	held := false
	for _, example := range []struct {
		name   string
		stages []delivery.Stage
		fits   func(*delivery.Order) bool
	}{
		// The newest are the last to be fetched by the next truck. Each has its own, so that one leaves the other its order.
		{"GATE_ORDER_ID", []delivery.Stage{delivery.Placed, delivery.Dispatched}, func(o *delivery.Order) bool { return o.SupplierUUID == nil || *o.SupplierUUID != chemist }},
		{"SHOP_ORDER_ID", []delivery.Stage{delivery.Placed}, func(o *delivery.Order) bool { return o.SupplierUUID != nil && *o.SupplierUUID == chemist }},
	} {
		rows, err := e.DB.Orders(ctx, scope, community, db.OrderFilter{Stages: example.stages, Channels: trucked, Held: &held}, db.SortNumber, true, db.Range{Limit: 200})
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(rows.Items, example.fits); i >= 0 {
			out[example.name] = rows.Items[i].ID().String()
		}
	}
	return out, nil
}

// peopleExamples adds the examples of the squads' own work: a call that waits, a volunteer who has not come, a task and the newest notice.
func (e *Simulation) peopleExamples(ctx context.Context, out map[string]string) error {
	scope, community := e.admin.Scope(), e.community.Community
	waiting, err := e.DB.Enquiries(ctx, scope, community, db.EnquiryFilter{States: []delivery.EnquiryState{delivery.EnquiryWaiting}}, db.Range{Limit: 50})
	if err != nil {
		return err
	}
	// The newest that is not urgent is the last that the desk takes.
	if i := slices.IndexFunc(waiting.Items, func(c *delivery.Enquiry) bool { return !c.Urgent && c.Attempts == 0 }); i >= 0 {
		out["ENQUIRY_ID"] = waiting.Items[i].ID().String()
	}
	tasks, err := e.DB.Tasks(ctx, scope, community, db.TaskFilter{Squad: delivery.SquadPatrol, States: []delivery.TaskState{delivery.TaskToDo}}, db.Range{Limit: 1})
	if err != nil {
		return err
	}
	for _, row := range tasks.Items {
		out["TASK_ID"] = row.ID().String()
	}
	notices, err := e.DB.NoticesInForce(ctx, scope, community, e.Clock.Now())
	if err != nil {
		return err
	}
	for _, row := range notices[:min(1, len(notices))] {
		out["NOTICE_ID"] = row.ID().String()
	}
	id, members, err := e.dutyOf(ctx, 0, e.today())
	if err != nil || id == nil || len(members) == 0 {
		return err
	}
	out["SHIFT_ID"], out["LATE_VOLUNTEER_ID"] = id.String(), members[len(members)-1].String() // the one who does not come
	return nil
}

// freeBuilding is a building to hold: one without a hold, and not E6, where a visitor wants to see orders move.
func (e *Simulation) freeBuilding(ctx context.Context) (id string, err error) {
	rows, err := e.DB.Buildings(ctx, e.admin.Scope(), e.community.Community, false, db.Range{Limit: 1000})
	if err != nil {
		return "", err
	}
	ids := make([]delivery.ID, len(rows.Items))
	for i, row := range rows.Items {
		ids[i] = row.ID()
	}
	holds, err := e.DB.OpenHolds(ctx, e.admin.Scope(), ids)
	if err != nil {
		return "", err
	}
	for _, row := range rows.Items {
		held := slices.ContainsFunc(holds, func(h *delivery.Hold) bool { return h.BuildingUUID != nil && *h.BuildingUUID == row.UUID })
		if id = row.ID().String(); !held && row.Code != buildingCode(6) {
			return id, nil
		}
	}
	return id, nil
}
