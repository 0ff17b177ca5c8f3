package dispatch_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/order"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
)

var long = strings.Repeat("长", 501)

// results are a payload's refusals item by item, each as reason and path; "" stands for an item that was saved.
func results(b dispatch.BulkOutcome) (out []string) {
	if len(b.UserErrors) > 0 {
		return []string{describe(b.UserErrors)}
	}
	for _, i := range b.Items {
		out = append(out, describe(i.UserErrors))
	}
	return out
}

// expect compares an outcome with reasons and paths, item by item.
func expect(t *testing.T, name string, b dispatch.BulkOutcome, want ...string) {
	t.Helper()
	if got := results(b); !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

func TestNounsWithBadInput(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	there := e.another()
	n := len(e.feed())
	ctx := t.Context()
	t.Run("communities", func(t *testing.T) {
		good := estate.NewCommunityInput{Code: "x", Name: "x", TimeZone: "UTC"}
		items := []struct {
			change func(*estate.NewCommunityInput)
			want   string
		}{
			{func(c *estate.NewCommunityInput) { c.Code = " " }, "MISSING at communities.0.code"},
			{func(c *estate.NewCommunityInput) { c.Code = strings.Repeat("x", 33) }, "TOO_LONG at communities.0.code"},
			{func(c *estate.NewCommunityInput) { c.Code = "dongchen\u202e" }, "BAD_TEXT at communities.0.code"},
			{func(c *estate.NewCommunityInput) { c.Code = "dongchen" }, "TAKEN at communities.0.code"},
			{func(c *estate.NewCommunityInput) { c.Code = "ＤｏｎｇＣｈｅｎ" }, "TAKEN at communities.0.code"},
			{func(c *estate.NewCommunityInput) { c.Name = "\u200b" }, "MISSING at communities.0.name"},
			{func(c *estate.NewCommunityInput) { c.Name = "" }, "MISSING at communities.0.name"},
			{func(c *estate.NewCommunityInput) { c.Name = long }, "TOO_LONG at communities.0.name"},
			{func(c *estate.NewCommunityInput) { c.Name = "\xff" }, "BAD_TEXT at communities.0.name"},
			{func(c *estate.NewCommunityInput) { c.TimeZone = "Asia/Yichang" }, "BAD_TIME_ZONE at communities.0.timeZone"},
			{func(c *estate.NewCommunityInput) { c.TimeZone = "Local" }, "BAD_TIME_ZONE at communities.0.timeZone"},
			{func(c *estate.NewCommunityInput) { c.TimeZone = "../../etc/passwd" }, "BAD_TIME_ZONE at communities.0.timeZone"},
			{func(c *estate.NewCommunityInput) { c.TimeZone = "Asia/\x00" }, "BAD_TEXT at communities.0.timeZone"},
			{func(c *estate.NewCommunityInput) { c.TimeZone = "" }, "MISSING at communities.0.timeZone"},
		}
		for _, i := range items {
			c := good
			i.change(&c)
			expect(t, i.want, must(e.d.Estate.CreateCommunities(ctx, e.admin, estate.CreateCommunitiesInput{Communities: []*estate.NewCommunityInput{&c}})).BulkOutcome, i.want)
			patch := &estate.CommunityPatchInput{ID: there.community, Code: &c.Code, Name: &c.Name, TimeZone: &c.TimeZone}
			expect(t, i.want, must(e.d.Estate.UpdateCommunities(ctx, e.admin, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{patch}})).BulkOutcome, i.want)
		}
	})
	t.Run("buildings", func(t *testing.T) {
		for _, i := range []struct {
			code, name, note, want string
		}{{"", "", "", "MISSING at buildings.0.code"}, {strings.Repeat("栋", 33), "", "", "TOO_LONG at buildings.0.code"}, {"E6", "", "", "TAKEN at buildings.0.code"},
			{"e6", "", "", "TAKEN at buildings.0.code"}, {"Ｅ６", "", "", "TAKEN at buildings.0.code"},
			{"E6–1", "", "", "BAD_VALUE at buildings.0.code"}, {"E6－1", "", "", "BAD_VALUE at buildings.0.code"}, {"E6-1", "", "", "BAD_VALUE at buildings.0.code"}, {"E9\n", "", "", "BAD_TEXT at buildings.0.code"}, {"E\u200b6", "", "", "BAD_TEXT at buildings.0.code"},
			{"E9", long, "", "TOO_LONG at buildings.0.name"}, {"E9", "", long, "TOO_LONG at buildings.0.accessNote"}, {"E9", "", "\x00", "BAD_TEXT at buildings.0.accessNote"}} {
			expect(t, i.want, must(e.d.Estate.CreateBuildings(ctx, e.commander, estate.CreateBuildingsInput{CommunityID: e.community,
				Buildings: []*estate.NewBuildingInput{{Code: i.code, Name: i.name, AccessNote: i.note}}})).BulkOutcome, i.want)
			expect(t, i.want, must(e.d.Estate.UpdateBuildings(ctx, e.commander, estate.UpdateBuildingsInput{
				Buildings: []*estate.BuildingPatchInput{{ID: e.buildings[1], Code: &i.code, Name: &i.name, AccessNote: &i.note}}})).BulkOutcome, i.want)
		}
	})
	t.Run("units", func(t *testing.T) {
		for _, i := range []struct {
			building       delivery.ID
			number, floors int
			want           string
		}{{e.buildings[0], 0, 1, "OUT_OF_RANGE at units.0.number"}, {e.buildings[0], 100, 1, "OUT_OF_RANGE at units.0.number"}, {e.buildings[0], 2, 0, "OUT_OF_RANGE at units.0.floors"},
			{e.buildings[0], 2, 121, "OUT_OF_RANGE at units.0.floors"}, {e.buildings[0], 1, 1, "TAKEN at units.0.number"}, {e.units[0], 2, 1, "WRONG_KIND at units.0.buildingId"},
			{there.buildings[0], 2, 1, "TWO_COMMUNITIES at units.0.buildingId"}, {delivery.ID{Kind: delivery.KindBuilding, Community: e.community.Community, UUID: e.units[0].UUID}, 2, 1, "NO_SUCH at units.0.buildingId"}} {
			expect(t, i.want, must(e.d.Estate.CreateUnits(ctx, e.commander, estate.CreateUnitsInput{CommunityID: e.community,
				Units: []*estate.NewUnitInput{{BuildingID: i.building, Number: i.number, Floors: i.floors}}})).BulkOutcome, i.want)
			if strings.HasPrefix(i.want, "OUT") {
				expect(t, i.want, must(e.d.Estate.UpdateUnits(ctx, e.commander, estate.UpdateUnitsInput{
					Units: []*estate.UnitPatchInput{{ID: e.units[0], Number: &i.number, Floors: &i.floors}}})).BulkOutcome, i.want)
			}
		}
	})
	t.Run("households", func(t *testing.T) {
		good := estate.NewHouseholdInput{UnitID: e.units[0], Room: "901", Floor: 9, People: 1}
		for _, i := range []struct {
			change func(*estate.NewHouseholdInput)
			want   string
		}{
			{func(h *estate.NewHouseholdInput) { h.Room = "" }, "MISSING at households.0.room"},
			{func(h *estate.NewHouseholdInput) { h.Room = strings.Repeat("9", 33) }, "TOO_LONG at households.0.room"},
			{func(h *estate.NewHouseholdInput) { h.Room = "1203 " }, "BAD_TEXT at households.0.room"},
			{func(h *estate.NewHouseholdInput) { h.Room = "1203" }, "TAKEN at households.0.room"},
			{func(h *estate.NewHouseholdInput) { h.Room = "１２０３" }, "TAKEN at households.0.room"},
			{func(h *estate.NewHouseholdInput) { h.Floor = -4 }, "OUT_OF_RANGE at households.0.floor"},
			{func(h *estate.NewHouseholdInput) { h.Floor = 121 }, "OUT_OF_RANGE at households.0.floor"},
			{func(h *estate.NewHouseholdInput) { h.People = 0 }, "OUT_OF_RANGE at households.0.people"},
			{func(h *estate.NewHouseholdInput) { h.People = 51 }, "OUT_OF_RANGE at households.0.people"},
			{func(h *estate.NewHouseholdInput) { h.ContactName = delivery.PersonName(long) }, "TOO_LONG at households.0.contactName"},
			{func(h *estate.NewHouseholdInput) { h.Phone = "ring twice" }, "BAD_PHONE at households.0.phone"},
			{func(h *estate.NewHouseholdInput) { h.Phone = "\xff12345" }, "BAD_PHONE at households.0.phone"},
			{func(h *estate.NewHouseholdInput) { h.Needs = []delivery.Need{"PET", "INFANT", "PET"} }, "REPEATED at households.0.needs.2"},
			{func(h *estate.NewHouseholdInput) { h.Needs = slices.Repeat([]delivery.Need{"PET"}, 21) }, "TOO_MANY at households.0.needs"},
		} {
			h := good
			i.change(&h)
			expect(t, i.want, must(e.d.Estate.CreateHouseholds(ctx, e.commander, estate.CreateHouseholdsInput{CommunityID: e.community, Households: []*estate.NewHouseholdInput{&h}})).BulkOutcome, i.want)
			patch := &estate.HouseholdPatchInput{ID: e.homes[0], Room: &h.Room, Floor: &h.Floor, ContactName: &h.ContactName, Phone: &h.Phone, People: &h.People, Needs: h.Needs}
			expect(t, i.want, must(e.d.Estate.UpdateHouseholds(ctx, e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{patch}})).BulkOutcome, i.want)
		}
		for want, unit := range map[string]delivery.ID{"WRONG_KIND": e.homes[0], "TWO_COMMUNITIES": there.units[0],
			"NO_SUCH": {Kind: delivery.KindUnit, Community: e.community.Community, UUID: e.homes[0].UUID}} {
			h := good
			h.UnitID = unit
			expect(t, want, must(e.d.Estate.CreateHouseholds(ctx, e.commander, estate.CreateHouseholdsInput{CommunityID: e.community, Households: []*estate.NewHouseholdInput{&h}})).BulkOutcome, want+" at households.0.unitId")
		}
	})
	t.Run("volunteers", func(t *testing.T) {
		good := team.NewVolunteerInput{Code: "X01", Name: "新人", Squad: delivery.SquadSupply, Rank: delivery.RankMember}
		serve := func(ids ...delivery.ID) (out []*team.ServiceInput) {
			for _, id := range ids {
				out = append(out, &team.ServiceInput{BuildingID: id, Duty: delivery.DutyPrimary})
			}
			return out
		}
		for _, i := range []struct {
			change func(*team.NewVolunteerInput)
			want   string
		}{
			{func(v *team.NewVolunteerInput) { v.Code = "" }, "MISSING at volunteers.0.code"},
			{func(v *team.NewVolunteerInput) { v.Code = " S01" }, "BAD_TEXT at volunteers.0.code"},
			{func(v *team.NewVolunteerInput) { v.Code = long }, "TOO_LONG at volunteers.0.code"},
			{func(v *team.NewVolunteerInput) { v.Code = "S01" }, "TAKEN at volunteers.0.code"},
			{func(v *team.NewVolunteerInput) { v.Name = "" }, "MISSING at volunteers.0.name"},
			{func(v *team.NewVolunteerInput) { v.Name = delivery.PersonName(long) }, "TOO_LONG at volunteers.0.name"},
			{func(v *team.NewVolunteerInput) { v.Phone = "1234" }, "BAD_PHONE at volunteers.0.phone"},
			{func(v *team.NewVolunteerInput) { v.HomeOrganisation = long }, "TOO_LONG at volunteers.0.homeOrganisation"},
			{func(v *team.NewVolunteerInput) { v.Services = serve(e.buildings[0], e.units[0]) }, "WRONG_KIND at volunteers.0.services.1.buildingId"},
			{func(v *team.NewVolunteerInput) { v.Services = serve(there.buildings[0]) }, "TWO_COMMUNITIES at volunteers.0.services.0.buildingId"},
			{func(v *team.NewVolunteerInput) {
				v.Services = serve(e.buildings[0], e.buildings[1], e.buildings[0])
			}, "REPEATED at volunteers.0.services.2.buildingId"},
			{func(v *team.NewVolunteerInput) { v.Services = slices.Repeat(serve(e.buildings[0]), 51) }, "TOO_MANY at volunteers.0.services"},
		} {
			v := good
			i.change(&v)
			expect(t, i.want, must(e.d.Team.CreateVolunteers(ctx, e.lead, team.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*team.NewVolunteerInput{&v}})).BulkOutcome, i.want)
			patch := &team.VolunteerPatchInput{ID: e.team["P01"], Code: &v.Code, Name: &v.Name, Phone: &v.Phone, HomeOrganisation: &v.HomeOrganisation, Services: v.Services}
			expect(t, i.want, must(e.d.Team.UpdateVolunteers(ctx, e.lead, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{patch}})).BulkOutcome, i.want)
		}
	})
	t.Run("suppliers", func(t *testing.T) {
		for _, i := range []struct {
			code, name string
			phone      delivery.Phone
			want       string
		}{{"", "店", "", "MISSING at suppliers.0.code"}, {long, "店", "", "TOO_LONG at suppliers.0.code"}, {"cai\u2060ban", "店", "", "BAD_TEXT at suppliers.0.code"}, {"caiban", "店", "", "TAKEN at suppliers.0.code"}, {"ＣａｉＢａｎ", "店", "", "TAKEN at suppliers.0.code"}, {"x", "", "", "MISSING at suppliers.0.name"},
			{"x", long, "", "TOO_LONG at suppliers.0.name"}, {"x", "店", "+86 138+", "BAD_PHONE at suppliers.0.phone"}, {"x", "店", delivery.Phone(strings.Repeat("1", 21)), "BAD_PHONE at suppliers.0.phone"}} {
			expect(t, i.want, must(e.d.Supplier.CreateSuppliers(ctx, e.commander, supplier.CreateSuppliersInput{CommunityID: e.community,
				Suppliers: []*supplier.NewSupplierInput{{Code: i.code, Name: i.name, Phone: i.phone, Kind: delivery.SupplierShop}}})).BulkOutcome, i.want)
			expect(t, i.want, must(e.d.Supplier.UpdateSuppliers(ctx, e.commander, supplier.UpdateSuppliersInput{
				Suppliers: []*supplier.SupplierPatchInput{{ID: e.suppliers[0], Code: &i.code, Name: &i.name, Phone: &i.phone}}})).BulkOutcome, i.want)
		}
	})
	t.Run("lists and ids", func(t *testing.T) {
		patch := func(ids ...delivery.ID) dispatch.BulkOutcome {
			in := estate.UpdateBuildingsInput{}
			for _, id := range ids {
				in.Buildings = append(in.Buildings, &estate.BuildingPatchInput{ID: id, Name: new("新")})
			}
			return must(e.d.Estate.UpdateBuildings(ctx, e.admin, in)).BulkOutcome
		}
		expect(t, "nothing", patch(), "EMPTY_LIST at buildings")
		expect(t, "too many", patch(slices.Repeat(e.buildings[:1], 1001)...), "TOO_MANY at buildings")
		expect(t, "another kind", patch(e.units[0]), "WRONG_KIND at buildings.0.id")
		expect(t, "twice", patch(e.buildings[0], e.buildings[0]), "REPEATED at buildings.1.id")
		expect(t, "two communities", patch(e.buildings[0], there.buildings[0]), "TWO_COMMUNITIES at buildings.1.id")
		expect(t, "not there", patch(delivery.ID{Kind: delivery.KindBuilding, Community: e.community.Community, UUID: e.units[0].UUID}), "NO_SUCH at buildings.0.id")
		create := func(a delivery.Actor, community delivery.ID, n int) dispatch.BulkOutcome {
			return must(e.d.Estate.CreateBuildings(ctx, a, estate.CreateBuildingsInput{CommunityID: community, Buildings: slices.Repeat([]*estate.NewBuildingInput{{Code: "Z1"}}, n)})).BulkOutcome
		}
		expect(t, "create nothing", create(e.admin, e.community, 0), "EMPTY_LIST at buildings")
		expect(t, "create too many", create(e.admin, e.community, 5000), "TOO_MANY at buildings")
		expect(t, "create in a building", create(e.admin, e.buildings[0], 1), "WRONG_KIND at communityId")
		expect(t, "create nowhere", create(e.admin, delivery.ID{Kind: delivery.KindCommunity, Community: 9999}, 1), "NO_SUCH at communityId")
		expect(t, "create in no community", create(e.admin, delivery.ID{Kind: delivery.KindCommunity}, 1), "NO_SUCH at communityId")
		twice := estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community}, {ID: e.community}}}
		expect(t, "the same community twice", must(e.d.Estate.UpdateCommunities(ctx, e.admin, twice)).BulkOutcome, "", "REPEATED at communities.1.id")
	})
	if got := e.since(n); len(got) != 0 {
		t.Errorf("got events %v", got)
	}
}

func TestNounsTwiceInOneCall(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx, n := t.Context(), len(e.feed())
	for _, atomic := range []bool{true, false} {
		first := ""
		if atomic {
			first = "ATOMIC at %.0"
		}
		check := func(list, second string, b dispatch.BulkOutcome) {
			t.Helper()
			expect(t, list, b, strings.Replace(first, "%", list, 1), "TAKEN at "+list+".1."+second)
		}
		check("communities", "code", must(e.d.Estate.CreateCommunities(ctx, e.admin, estate.CreateCommunitiesInput{Atomic: atomic, Communities: []*estate.NewCommunityInput{
			{Code: "c", Name: "c", TimeZone: "UTC"}, {Code: "c", Name: "d", TimeZone: "UTC"}}})).BulkOutcome)
		check("buildings", "code", must(e.d.Estate.CreateBuildings(ctx, e.admin, estate.CreateBuildingsInput{CommunityID: e.community, Atomic: atomic,
			Buildings: []*estate.NewBuildingInput{{Code: "Z1"}, {Code: "Z1"}}})).BulkOutcome)
		check("units", "number", must(e.d.Estate.CreateUnits(ctx, e.admin, estate.CreateUnitsInput{CommunityID: e.community, Atomic: atomic,
			Units: []*estate.NewUnitInput{{BuildingID: e.buildings[0], Number: 9, Floors: 1}, {BuildingID: e.buildings[0], Number: 9, Floors: 1}}})).BulkOutcome)
		check("households", "room", must(e.d.Estate.CreateHouseholds(ctx, e.admin, estate.CreateHouseholdsInput{CommunityID: e.community, Atomic: atomic,
			Households: []*estate.NewHouseholdInput{{UnitID: e.units[0], Room: "901", People: 1}, {UnitID: e.units[0], Room: "901", People: 1}}})).BulkOutcome)
		check("suppliers", "code", must(e.d.Supplier.CreateSuppliers(ctx, e.admin, supplier.CreateSuppliersInput{CommunityID: e.community, Atomic: atomic,
			Suppliers: []*supplier.NewSupplierInput{{Code: "s", Name: "s", Kind: delivery.SupplierShop}, {Code: "s", Name: "s", Kind: delivery.SupplierShop}}})).BulkOutcome)
		check("volunteers", "code", must(e.d.Team.CreateVolunteers(ctx, e.admin, team.CreateVolunteersInput{CommunityID: e.community, Atomic: atomic,
			Volunteers: []*team.NewVolunteerInput{{Code: "v", Name: "v", Squad: delivery.SquadDuty, Rank: delivery.RankMember}, {Code: "v", Name: "v", Squad: delivery.SquadDuty, Rank: delivery.RankMember}}})).BulkOutcome)
		if atomic {
			if got := e.since(n); len(got) != 0 {
				t.Errorf("all or none: got events %v", got)
			}
		}
	}
	if got := e.since(n); len(got) != 5 {
		t.Errorf("got events %v, want one for each noun but the community", got)
	}
	t.Run("what is refused takes no name", func(t *testing.T) {
		p := must(e.d.Team.CreateVolunteers(ctx, e.admin, team.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*team.NewVolunteerInput{
			{Code: "w", Name: "w", Squad: delivery.SquadDuty, Rank: delivery.RankMember, Services: []*team.ServiceInput{{BuildingID: e.units[0]}}},
			{Code: "w", Name: "w", Squad: delivery.SquadDuty, Rank: delivery.RankMember}}}))
		expect(t, "volunteers", p.BulkOutcome, "WRONG_KIND at volunteers.0.services.0.buildingId", "")
	})
	t.Run("a name that is taken names who has it", func(t *testing.T) {
		p := must(e.d.Estate.CreateBuildings(ctx, e.admin, estate.CreateBuildingsInput{CommunityID: e.community, Buildings: []*estate.NewBuildingInput{{Code: "E6"}}}))
		if d := p.Items[0].UserErrors[0].Details; d == nil || *d.ConflictingID != e.buildings[0] {
			t.Errorf("got %+v", d)
		}
	})
}

// patches correct one row of every noun, each with the version they expect.
func patches(e *house, a delivery.Actor, version *int64, change string, archived *bool) map[string]dispatch.BulkOutcome {
	ctx := context.WithoutCancel(e.t.Context())
	floors := 20 + len(change)
	return map[string]dispatch.BulkOutcome{
		"communities": must(e.d.Estate.UpdateCommunities(ctx, a, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, ExpectedVersion: version, Name: &change}}})).BulkOutcome,
		"buildings": must(e.d.Estate.UpdateBuildings(ctx, a, estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{
			{ID: e.buildings[0], ExpectedVersion: version, Name: &change, Archived: archived}}})).BulkOutcome,
		"units": must(e.d.Estate.UpdateUnits(ctx, a, estate.UpdateUnitsInput{Units: []*estate.UnitPatchInput{{ID: e.units[0], ExpectedVersion: version, Floors: &floors, Archived: archived}}})).BulkOutcome,
		"households": must(e.d.Estate.UpdateHouseholds(ctx, a, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{
			{ID: e.homes[0], ExpectedVersion: version, ContactName: new(delivery.PersonName(change)), Archived: archived}}})).BulkOutcome,
		"suppliers": must(e.d.Supplier.UpdateSuppliers(ctx, a, supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{
			{ID: e.suppliers[1], ExpectedVersion: version, Name: &change, Archived: archived}}})).BulkOutcome,
		"volunteers": must(e.d.Team.UpdateVolunteers(ctx, a, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{
			{ID: e.team["P01"], ExpectedVersion: version, HomeOrganisation: &change, Archived: archived}}})).BulkOutcome,
	}
}

func TestCorrections(t *testing.T) {
	t.Parallel()
	t.Run("need the version they expect, and make the next", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		n := len(e.feed())
		for list, b := range patches(e, e.commander, new(int64(2)), "甲", nil) {
			expect(t, list, b, "VERSION_CHANGED at "+list+".0.expectedVersion")
			if d := b.Items[0].UserErrors[0].Details; d == nil || d.Version != 1 {
				t.Errorf("%s: got details %+v", list, d)
			}
		}
		if got := e.since(n); len(got) != 0 {
			t.Errorf("got events %v", got)
		}
		for list, b := range patches(e, e.commander, new(int64(1)), "甲", nil) {
			expect(t, list, b, "")
		}
		if got := e.since(n); len(got) != 6 {
			t.Errorf("got events %v, want one each", got)
		}
		for list, b := range patches(e, e.commander, new(int64(2)), "甲", nil) {
			expect(t, list+" as they are", b, "")
		}
		if got := e.since(n); len(got) != 6 {
			t.Errorf("what stays as it is: got events %v", got[6:])
		}
	})
	t.Run("are for actors who set up, and volunteers' for leads too", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		n, stranger := len(e.feed()), e.another().commander
		for _, a := range []delivery.Actor{e.supply, e.duty, e.transport, e.patrol, e.shop, e.resident} {
			for list, b := range patches(e, a, nil, "甲", nil) {
				if list == "communities" {
					expect(t, list+" by "+a.Name, b, "NOT_YOURS at communities.0")
				} else {
					expect(t, list+" by "+a.Name, b, "NOT_YOURS at ")
				}
			}
		}
		for list, b := range patches(e, stranger, nil, "甲", nil) {
			expect(t, list+" by a stranger", b, "NO_SUCH at "+list+".0.id")
		}
		for list, b := range patches(e, e.supply, new(int64(7)), "甲", nil) { // a caller without permission must not learn the version
			if got := results(b)[0]; !strings.HasPrefix(got, "NOT_YOURS") {
				t.Errorf("%s: got %s, want NOT_YOURS", list, got)
			}
		}
		if got := e.since(n); len(got) != 0 {
			t.Errorf("got events %v", got)
		}
		for list, b := range patches(e, e.lead, nil, "甲", nil) {
			switch list {
			case "volunteers":
				expect(t, list+" by a lead", b, "")
			case "communities":
				expect(t, list+" by a lead", b, "NOT_YOURS at communities.0")
			default:
				expect(t, list+" by a lead", b, "NOT_YOURS at ")
			}
		}
	})
	t.Run("and additions are for actors who set up", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		all := mutations(e)
		n := len(e.feed())
		for _, c := range []struct {
			who delivery.Actor
			may []string
		}{
			{e.commander, []string{"createBuildings", "createUnits", "createHouseholds", "createVolunteers", "createSuppliers"}},
			{e.lead, []string{"createVolunteers"}}, {e.supply, nil}, {e.duty, nil}, {e.shop, nil}, {e.resident, nil},
		} {
			for _, v := range all {
				if !strings.HasPrefix(v.name, "create") {
					continue
				}
				_, refused := said(v.call(c.who, "k-"+c.who.Name, c.who.Name == "S00"))
				want := delivery.CodeForbidden
				if slices.Contains(c.may, v.name) {
					want, n = "", n+1
				}
				if got := codeOf(refused); got != want {
					t.Errorf("%s by %s: got %q, want %q", v.name, c.who.Name, got, want)
				}
			}
		}
		if got := e.since(n); len(got) != 0 {
			t.Errorf("got %d events more than calls that succeeded", len(got))
		}
	})
	t.Run("archive nothing that has open orders, and bring back what was archived", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place(e.homes[0])
		for list, b := range patches(e, e.commander, nil, "甲", new(true)) {
			if list == "communities" || list == "volunteers" {
				expect(t, list, b, "")
			} else {
				expect(t, list, b, "IN_USE at "+list+".0.archived")
			}
		}
		e.move(e.commander, id, delivery.Cancelled)
		e.pass(time.Minute)
		for list, b := range patches(e, e.commander, nil, "乙", new(true)) {
			expect(t, list, b, "")
		}
		p := must(e.d.Order.PlaceOrder(t.Context(), e.commander, orderInput(e)))
		if got := describe(p.UserErrors); got != "ARCHIVED at householdId" {
			t.Errorf("ordering for an archived household: got %s", got)
		}
		if refused := e.undo(e.commander, id); refused == nil || refused.Reason != dispatch.ReasonArchived {
			t.Errorf("bringing an order back there: got %v", refused)
		}
		for list, b := range patches(e, e.commander, nil, "丙", new(false)) {
			expect(t, list, b, "")
		}
		e.place(e.homes[0])
		e.checkNeverLost()
	})
	t.Run("of a building's code or a unit's number rewrite the addresses", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place(e.homes[1])
		for _, c := range []struct {
			do   func() dispatch.BulkOutcome
			want string
		}{
			{func() dispatch.BulkOutcome {
				return must(e.d.Estate.UpdateBuildings(t.Context(), e.commander, estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{{ID: e.buildings[0], Code: new("甲6")}}})).BulkOutcome
			}, "甲6-1-1203"},
			{func() dispatch.BulkOutcome {
				return must(e.d.Estate.UpdateUnits(t.Context(), e.commander, estate.UpdateUnitsInput{Units: []*estate.UnitPatchInput{{ID: e.units[0], Number: new(42)}}})).BulkOutcome
			}, "甲6-42-1203"},
			{func() dispatch.BulkOutcome {
				return must(e.d.Estate.UpdateHouseholds(t.Context(), e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[1], Room: new("1208")}}})).BulkOutcome
			}, "甲6-42-1208"},
		} {
			expect(t, c.want, c.do(), "")
			if got := e.row(id).Address; got != c.want {
				t.Errorf("got address %s, want %s", got, c.want)
			}
		}
		if got := e.actor("甲6-42-1103").UUID; got != e.resident.UUID {
			t.Errorf("signed in as %s, want %s", got, e.resident.UUID)
		}
		if got := e.row(e.place(e.homes[4])).Address; got != "E7-1-1103" {
			t.Errorf("another building: got address %s", got)
		}
	})
}

// orderInput is an order of the first household that can be placed.
func orderInput(e *house) order.PlaceOrderInput {
	return order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelPhone, SupplierID: &e.suppliers[1], ConsentBy: new(delivery.ConsentHousehold), ReadBack: true,
		Lines: []*order.LineInput{{Item: "米", Quantity: 1000, Unit: "袋", UnitPriceFen: 4500}}}
}

func TestTeam(t *testing.T) {
	t.Parallel()
	t.Run("changes give its orders to the next in line", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		door, errand, gate := e.at(delivery.AtBuilding, delivery.ChannelApp), e.at(delivery.Placed, delivery.ChannelErrand), e.at(delivery.AtGate, delivery.ChannelApp)
		n := len(e.feed())
		holder := func(id delivery.ID, want string) {
			t.Helper()
			got := e.row(id).HolderID()
			if want == "" && got == nil || got != nil && *got == e.team[want] {
				return
			}
			t.Errorf("held by %v, want %s %v", got, want, e.team[want])
		}
		holder(door, "S01")
		holder(errand, "P02")
		holder(gate, "D00")
		e.reach("S01", false)
		holder(door, "S02")
		e.reach("P02", false)
		holder(errand, "S02")
		if got, want := e.since(n), []delivery.EventKind{delivery.VolunteerSaved, delivery.HolderChanged, delivery.VolunteerSaved, delivery.HolderChanged}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		e.move(e.backup, errand, delivery.Dispatched) // for the taker who is away
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["S02"], Services: []*team.ServiceInput{}})
		holder(door, "")
		if v, _ := must(e.db.Roster(t.Context(), e.commander.Scope(), e.community.Community)).Reach(&e.row(door).OrderSnapshot); v == nil || *v != e.team["S00"].UUID {
			t.Errorf("reaches %v, want the lead", v)
		}
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["S01"], Reachable: new(true)})
		holder(door, "S01")
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["S01"], Squad: new(delivery.SquadPatrol)})
		holder(door, "")
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["D00"], Archived: new(true)})
		holder(gate, "")
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["D01"], Rank: new(delivery.RankLead)})
		holder(gate, "D01")
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["P02"], Reachable: new(true)})
		holder(errand, "P02")
		saved(t, must(e.d.Team.CreateVolunteers(t.Context(), e.lead, team.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*team.NewVolunteerInput{
			{Code: "A01", Name: "新人", Squad: delivery.SquadSupply, Rank: delivery.RankMember, Reachable: true, Services: []*team.ServiceInput{{BuildingID: e.buildings[0], Duty: delivery.DutyPrimary}}}}})).BulkOutcome)
		if got := e.row(door).HolderID(); got == nil {
			t.Error("the new volunteer holds nothing")
		}
		e.checkNeverLost()
	})
	t.Run("changes of what an actor may see are in the feed", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.team["S02"]
		for name, c := range map[string]struct {
			patch team.VolunteerPatchInput
			want  bool
		}{
			"squad":       {team.VolunteerPatchInput{Squad: new(delivery.SquadDuty)}, true},
			"rank":        {team.VolunteerPatchInput{Rank: new(delivery.RankLead)}, true},
			"buildings":   {team.VolunteerPatchInput{Services: []*team.ServiceInput{{BuildingID: e.buildings[1], Duty: delivery.DutyBackup}}}, true},
			"archived":    {team.VolunteerPatchInput{Archived: new(true)}, true},
			"name":        {team.VolunteerPatchInput{Name: new(delivery.PersonName("孙二丽"))}, false},
			"unreachable": {team.VolunteerPatchInput{Reachable: new(false)}, false},
		} {
			n := len(e.feed())
			c.patch.ID = id
			e.volunteer(&c.patch)
			events := e.feed()[n:]
			i := slices.IndexFunc(events, func(ev *delivery.Event) bool { return ev.Kind == delivery.AccessChanged })
			if (i >= 0) != c.want || i >= 0 && delivery.BodyOf[delivery.AccessBody](events[i]).Row != id.UUID {
				t.Errorf("%s: got %v", name, e.since(n))
			}
		}
		for name, b := range map[string]dispatch.BulkOutcome{
			"household": must(e.d.Estate.UpdateHouseholds(t.Context(), e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[7], Archived: new(true)}}})).BulkOutcome,
			"supplier":  must(e.d.Supplier.UpdateSuppliers(t.Context(), e.commander, supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{{ID: e.suppliers[0], Archived: new(true)}}})).BulkOutcome,
		} {
			expect(t, name, b, "")
		}
		n := 0
		for _, k := range e.since(0) {
			if k == delivery.AccessChanged {
				n++
			}
		}
		if n != 6 {
			t.Errorf("got %d changes of access, want 6", n)
		}
	})
	t.Run("has commanders only by the commander's or an administrator's hand", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		create := func(a delivery.Actor, code string) dispatch.BulkOutcome {
			return must(e.d.Team.CreateVolunteers(t.Context(), a, team.CreateVolunteersInput{CommunityID: e.community, Volunteers: []*team.NewVolunteerInput{
				{Code: code, Name: "新人", Squad: delivery.SquadDuty, Rank: delivery.RankCommander}}})).BulkOutcome
		}
		change := func(a delivery.Actor, patch team.VolunteerPatchInput) dispatch.BulkOutcome {
			return must(e.d.Team.UpdateVolunteers(t.Context(), a, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{&patch}})).BulkOutcome
		}
		expect(t, "a lead makes one", create(e.lead, "C02"), "NOT_YOURS at volunteers.0.rank")
		expect(t, "a lead becomes one", change(e.lead, team.VolunteerPatchInput{ID: e.team["S00"], Rank: new(delivery.RankCommander)}), "NOT_YOURS at volunteers.0.rank")
		expect(t, "a lead puts one down", change(e.lead, team.VolunteerPatchInput{ID: e.team["C01"], Rank: new(delivery.RankMember)}), "NOT_YOURS at volunteers.0.rank")
		expect(t, "a lead makes another", change(e.lead, team.VolunteerPatchInput{ID: e.team["S01"], Rank: new(delivery.RankLead)}), "NOT_YOURS at volunteers.0.rank")
		expect(t, "a lead fills the phone desk", change(e.lead, team.VolunteerPatchInput{ID: e.team["S01"], Squad: new(delivery.SquadPersuasion)}), "NOT_YOURS at volunteers.0.squad")
		expect(t, "a lead changes the own squad", change(e.lead, team.VolunteerPatchInput{ID: e.team["S00"], Squad: new(delivery.SquadDuty)}), "NOT_YOURS at volunteers.0.squad")
		expect(t, "a lead archives one", change(e.lead, team.VolunteerPatchInput{ID: e.team["C01"], Archived: new(true)}), "NOT_YOURS at volunteers.0.rank")
		for who, id := range map[string]delivery.ID{"another lead": e.team["D00"], "the phone desk": e.team["P01"]} {
			if who == "the phone desk" {
				e.volunteer(&team.VolunteerPatchInput{ID: id, Squad: new(delivery.SquadPersuasion)})
				expect(t, "a lead gives it a building", change(e.lead, team.VolunteerPatchInput{ID: id, Services: []*team.ServiceInput{{BuildingID: e.buildings[0], Duty: delivery.DutyBackup}}}), "NOT_YOURS at volunteers.0.services")
			}
			expect(t, "a lead moves "+who, change(e.lead, team.VolunteerPatchInput{ID: id, Squad: new(delivery.SquadPatrol)}), "NOT_YOURS at volunteers.0.squad")
			expect(t, "a lead archives "+who, change(e.lead, team.VolunteerPatchInput{ID: id, Archived: new(true)}), "NOT_YOURS at volunteers.0.archived")
			expect(t, "the commander does", change(e.commander, team.VolunteerPatchInput{ID: id, Archived: new(true)}), "")
			expect(t, "a lead brings back "+who, change(e.lead, team.VolunteerPatchInput{ID: id, Archived: new(false)}), "NOT_YOURS at volunteers.0.archived")
		}
		expect(t, "a lead archives themselves", change(e.lead, team.VolunteerPatchInput{ID: e.team["S00"], Archived: new(true)}), "NOT_YOURS at volunteers.0.archived")
		expect(t, "a lead archives a member", change(e.lead, team.VolunteerPatchInput{ID: e.team["S03"], Archived: new(true)}), "")
		expect(t, "the commander makes one", create(e.commander, "C02"), "")
		expect(t, "an administrator makes one", change(e.admin, team.VolunteerPatchInput{ID: e.team["S01"], Rank: new(delivery.RankCommander)}), "")
	})
}

// Who looks at a page of a directory sees what was saved.
func TestSavedNounsAreRead(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	h := must(e.db.HouseholdsByID(t.Context(), e.supply.Scope(), e.homes[:1]))[0]
	if h.Address != "E6-1-1103" || h.People != 3 || h.ContactName.Reveal() != "王秀英" || len(h.Needs) != 0 || h.Version != 1 {
		t.Errorf("got %+v", h)
	}
	v := must(e.db.Volunteers(t.Context(), e.supply.Scope(), e.community.Community, db.VolunteerFilter{Squads: []delivery.Squad{delivery.SquadTransport}}, db.Range{Limit: 10}))
	if len(v.Items) != 2 || v.Items[0].Code != "T00" || v.Items[0].Rank != delivery.RankLead {
		t.Errorf("got %+v", v.Items)
	}
}
