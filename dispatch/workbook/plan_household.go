package workbook

import (
	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/reading/estatefile"
)

// The refusals of households.
var (
	reasonNoUnit = delivery.NewReason("NO_UNIT", delivery.CodeNotFound,
		"The building %q has no unit %d, neither in the file nor in the community.",
		"楼栋“%s”没有 %d 单元：文件和现有资料中都没有。")
	reasonWhichUnit = delivery.NewReason("WHICH_UNIT", delivery.CodeBadUserInput,
		"The building %q has %d units; say which one.",
		"楼栋“%s”有 %d 个单元，请填写单元。")
	reasonFloorTooHigh = delivery.NewReason("FLOOR_TOO_HIGH", delivery.CodeBadUserInput,
		"By its room this household is on floor %d, but the unit has %d floors; write its floor in the column for floors.",
		"按房号应在 %d 层，而该单元只有 %d 层；请在“楼层”一列填写。")
	reasonFloorNeeded = delivery.NewReason("FLOOR_NEEDED", delivery.CodeBadUserInput,
		"The floor cannot be told from this room; write it in the column for floors.",
		"无法从房号得出楼层，请在“楼层”一列填写。")
	reasonSameDoor = delivery.NewReason("SAME_DOOR", delivery.CodeBadUserInput,
		"Row %d is about the same door.",
		"与第 %d 行是同一户。")
)

// unit returns the unit of a household's row. It refuses the row if there is none.
func (p *planner) unit(r *estatefile.HouseholdRow, building string) (unitKey, *delivery.Error) {
	if r.Unit > 0 {
		at := unitKey{building, r.Unit}
		if _, there := p.floors[at]; !there {
			return at, delivery.Refuse(reasonNoUnit, r.Building.Code, r.Unit)
		}
		return at, nil
	}
	var only unitKey
	n := 0
	for at := range p.floors {
		if at.building == building {
			only = at
			n++
		}
	}
	if n != 1 {
		return only, delivery.Refuse(reasonWhichUnit, r.Building.Code, n)
	}
	return only, nil
}

func (p *planner) compareHouseholds() {
	for _, r := range p.file.Households {
		building, refusal := p.building(r.Building)
		field := "building"
		var at unitKey
		if refusal == nil {
			at, refusal = p.unit(r, building)
			field = "unit"
		}
		if refusal != nil {
			if p.read(&r.Origin) {
				p.refuse(&r.Origin, field, refusal)
			}
			continue
		}
		door := doorKey{at, delivery.Key(r.Room)}
		if first, twice := p.doors[door]; twice && !r.Wrong {
			p.refuse(&r.Origin, "room", delivery.Refuse(reasonSameDoor, first))
			continue
		}
		p.doors[door] = r.Number
		if has := p.book.households[door]; has != nil {
			p.compareHousehold(r, has)
		} else if p.read(&r.Origin) {
			p.addHousehold(r, at)
		}
	}
}

func (p *planner) addHousehold(r *estatefile.HouseholdRow, at unitKey) {
	if r.Floor == nil {
		p.refuse(&r.Origin, "room", delivery.Refuse(reasonFloorNeeded))
		return
	}
	if top := p.floors[at]; r.FromRoom && *r.Floor > top {
		p.refuse(&r.Origin, "room", delivery.Refuse(reasonFloorTooHigh, *r.Floor, top))
		return
	}
	p.newHouseholds = append(p.newHouseholds, planned[*estate.NewHouseholdInput]{origin: &r.Origin, unit: at, item: &estate.NewHouseholdInput{Room: r.Room, Floor: *r.Floor,
		ContactName: valueOr(r.ContactName, ""), Phone: valueOr(r.Phone, ""), People: valueOr(r.People, 1), Needs: valueOr(r.Needs, delivery.Needs{})}})
	p.report.sheet(r.Kind).New++
}

func (p *planner) compareHousehold(r *estatefile.HouseholdRow, has *delivery.Household) {
	if !p.meet(&r.Origin, estatefile.SheetHouseholds, "room", has.Archived()) {
		return
	}
	patch, changed := &estate.HouseholdPatchInput{ID: has.ID(), ExpectedVersion: &has.Version}, false
	if !r.FromRoom { // a floor that was written once stands
		differ(&patch.Floor, r.Floor, is(has.Floor), &changed)
	}
	differ(&patch.ContactName, r.ContactName, is(has.ContactName), &changed)
	differ(&patch.Phone, r.Phone, samePhone(has.Phone), &changed)
	differ(&patch.People, r.People, is(has.People), &changed)
	if r.Needs != nil && !sameNeeds(*r.Needs, has.Needs) {
		patch.Needs, changed = *r.Needs, true
	}
	if p.judge(&r.Origin, changed) {
		p.households = append(p.households, planned[*estate.HouseholdPatchInput]{origin: &r.Origin, item: patch})
	}
}

// samePhone compares phones by their digits.
func samePhone(have delivery.Phone) func(delivery.Phone) bool {
	return func(p delivery.Phone) bool { return digitsOf(p) == digitsOf(have) }
}
