package workbook

import (
	"slices"
	"strings"

	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
	"baogong/reading/estatefile"
)

// savePlan is what must be saved so that the book has what a file states.
type savePlan struct {
	report *EstateReport

	newBuildings  []planned[*estate.NewBuildingInput]
	buildings     []planned[*estate.BuildingPatchInput]
	newUnits      []planned[*estate.NewUnitInput]
	units         []planned[*estate.UnitPatchInput]
	newHouseholds []planned[*estate.NewHouseholdInput]
	households    []planned[*estate.HouseholdPatchInput]
	newSuppliers  []planned[*supplier.NewSupplierInput]
	suppliers     []planned[*supplier.SupplierPatchInput]
	newVolunteers []planned[*team.NewVolunteerInput]
	volunteers    []planned[*team.VolunteerPatchInput]
	words         []plannedWord
}

// planned is one row to save. The parents that it names may not be saved yet, so ids are filled in just before.
type planned[T any] struct {
	origin   *estatefile.Origin
	item     T
	unit     unitKey // of a unit or a household
	services []estatefile.ServedBuilding
}

// The refusals of rows that do not fit the book.
var (
	reasonNoBuilding = delivery.NewReason("NO_BUILDING", delivery.CodeNotFound,
		"There is no building %q, neither in the sheet of buildings nor in the community.",
		"没有楼栋“%s”：楼栋表和现有资料中都没有。")
	reasonBuildingWrong = delivery.NewReason("BUILDING_WRONG", delivery.CodeConflict,
		"The row of the building %q has an error; correct that first.",
		"楼栋“%s”所在行有误，请先更正。")
	reasonRowArchived = delivery.NewReason("ROW_ARCHIVED", delivery.CodeConflict,
		"This is archived. Restore it first, or remove the row.",
		"该对象已归档，请先恢复，或删除此行。")
)

// planner compares a file with a book.
type planner struct {
	*savePlan
	book *book
	file *estatefile.Workbook

	rows    map[string]*estatefile.BuildingRow // of the file, by key
	floors  map[unitKey]int                    // of the units that are or will be there
	doors   map[doorKey]int                    // rows of the file
	known   map[estatefile.SheetKind]int       // rows of the book, not archived, that the file has
	pending map[string]bool                    // codes of volunteers that the file gives or takes
	met     map[delivery.UUID]int              // rows of the file, by the volunteer that they mean
}

// compare returns what must be saved.
func compare(b *book, w *estatefile.Workbook) *savePlan {
	p := &planner{savePlan: &savePlan{report: &EstateReport{}}, book: b, file: w, rows: map[string]*estatefile.BuildingRow{}, floors: map[unitKey]int{}, doors: map[doorKey]int{},
		known: map[estatefile.SheetKind]int{}, pending: map[string]bool{}, met: map[delivery.UUID]int{}}
	for _, e := range w.Errors {
		p.report.refuse(e)
	}
	p.report.Remarks = w.Remarks[:min(MaxCellErrors, len(w.Remarks))]
	p.compareBuildings()
	p.compareUnits()
	p.compareHouseholds()
	p.compareSuppliers()
	p.compareVolunteers()
	p.compareWords()
	for _, kind := range w.Sheets {
		p.report.sheet(kind).Missing = p.present(kind) - p.known[kind]
	}
	slices.SortFunc(p.report.Sheets, func(a, b *SheetReport) int {
		return slices.Index(estatefile.SheetKinds, a.Kind) - slices.Index(estatefile.SheetKinds, b.Kind)
	})
	return p.savePlan
}

// present counts the rows of the book that are not archived.
func (p *planner) present(kind estatefile.SheetKind) int {
	switch kind {
	case estatefile.SheetBuildings:
		return active(p.book.buildings)
	case estatefile.SheetUnits:
		return active(p.book.units)
	case estatefile.SheetHouseholds:
		return active(p.book.households)
	case estatefile.SheetSuppliers:
		return active(p.book.suppliers)
	case estatefile.SheetVolunteers:
		return active(p.book.volunteers)
	default: // what people call places has no end
		return p.known[kind]
	}
}

// active counts the rows that are not archived.
func active[K comparable, P interface{ Archived() bool }](rows map[K]P) int {
	n := 0
	for _, r := range rows {
		if !r.Archived() {
			n++
		}
	}
	return n
}

// refuse notes what is wrong with a row, which is not saved.
func (p *planner) refuse(o *estatefile.Origin, field string, refusal *delivery.Error) {
	p.report.refuse(o.Error(field, refusal))
	p.report.sheet(o.Kind).Wrong++
}

// meet notes that the file has a row of the book. It reports whether the row is to be compared: it was read without errors and is not archived.
func (p *planner) meet(o *estatefile.Origin, kind estatefile.SheetKind, field string, archived bool) bool {
	if !archived {
		p.known[kind]++
	}
	switch {
	case o.Wrong:
		p.report.sheet(o.Kind).Wrong++
		return false
	case archived:
		p.refuse(o, field, delivery.Refuse(reasonRowArchived))
		return false
	}
	return true
}

// read reports whether a row that the book does not have was read without errors.
func (p *planner) read(o *estatefile.Origin) bool {
	if o.Wrong {
		p.report.sheet(o.Kind).Wrong++
	}
	return !o.Wrong
}

// judge counts a row of the book as changed or unchanged, and reports whether it changed.
func (p *planner) judge(o *estatefile.Origin, changed bool) bool {
	if s := p.report.sheet(o.Kind); changed {
		s.Changed++
	} else {
		s.Unchanged++
	}
	return changed
}

// differ sets a field of a patch if the file states another value than the book has.
func differ[T any](to **T, stated *T, same func(T) bool, changed *bool) {
	if stated != nil && !same(*stated) {
		*to, *changed = stated, true
	}
}

// is compares with a value.
func is[T comparable](have T) func(T) bool { return func(v T) bool { return v == have } }

// valueOr returns what is stated, or another value.
func valueOr[T any](stated *T, other T) T {
	if stated == nil {
		return other
	}
	return *stated
}

func (p *planner) compareBuildings() {
	for _, r := range p.file.Buildings {
		key := p.book.key(r.Building)
		p.rows[key] = r
		has := p.book.buildings[key]
		if has == nil {
			if p.read(&r.Origin) {
				name := r.Building.Written
				p.newBuildings = append(p.newBuildings, planned[*estate.NewBuildingInput]{origin: &r.Origin, item: &estate.NewBuildingInput{Code: r.Building.Code,
					Name: valueOr(r.Name, name), HasLift: valueOr(r.HasLift, true), AccessNote: valueOr(r.AccessNote, "")}})
				p.report.sheet(r.Kind).New++
			}
			continue
		}
		if !p.meet(&r.Origin, estatefile.SheetBuildings, "building", has.Archived()) {
			continue
		}
		patch, changed := &estate.BuildingPatchInput{ID: has.ID(), ExpectedVersion: &has.Version}, false
		differ(&patch.Name, r.Name, func(name string) bool { return name == has.Name || name == "" && has.Name == has.Code }, &changed)
		differ(&patch.HasLift, r.HasLift, is(has.HasLift), &changed)
		differ(&patch.AccessNote, r.AccessNote, is(has.AccessNote), &changed)
		if p.judge(&r.Origin, changed) {
			p.buildings = append(p.buildings, planned[*estate.BuildingPatchInput]{origin: &r.Origin, item: patch})
		}
	}
}

// building returns the key of the building that a row names. It refuses the row if there is none.
func (p *planner) building(name estatefile.PlaceName) (string, *delivery.Error) {
	key := p.book.key(name)
	has, row := p.book.buildings[key], p.rows[key]
	switch {
	case has != nil && has.Archived():
		return key, delivery.Refuse(reasonRowArchived)
	case has != nil:
		return key, nil
	case row == nil:
		return key, delivery.Refuse(reasonNoBuilding, name.Code)
	case row.Wrong:
		return key, delivery.Refuse(reasonBuildingWrong, name.Code)
	}
	return key, nil
}

// statedUnits returns the file's units in its order, each once: what the sheet of units says goes before what the row of the building says.
func (p *planner) statedUnits() []estatefile.UnitRow {
	key := func(r *estatefile.UnitRow) unitKey { return unitKey{p.book.key(r.Building), r.Number} }
	own, floors := map[unitKey]bool{}, map[unitKey]*int{}
	for _, r := range p.file.Units {
		if r.Kind == estatefile.SheetUnits {
			own[key(r)] = true
		} else {
			floors[key(r)] = r.Floors
		}
	}
	var out []estatefile.UnitRow
	for _, r := range p.file.Units {
		if r.Kind == estatefile.SheetBuildings && (r.Wrong || own[key(r)]) { // what is wrong is counted at the building
			continue
		}
		u := *r
		u.Kind = estatefile.SheetUnits // also a unit that the row of its building states
		if u.Floors == nil {
			u.Floors = floors[key(r)]
		}
		out = append(out, u)
	}
	return out
}

func (p *planner) compareUnits() {
	for key, u := range p.book.units {
		if !u.Archived() {
			p.floors[key] = u.Floors
		}
	}
	for _, r := range p.statedUnits() {
		o := r.Origin
		key, refusal := p.building(r.Building)
		if refusal != nil && !o.Wrong {
			p.refuse(&o, "building", refusal)
			continue
		}
		at := unitKey{key, r.Number}
		has := p.book.units[at]
		if has == nil {
			if !p.read(&o) {
				continue
			}
			if r.Floors == nil {
				p.refuse(&o, "floors", delivery.Refuse(delivery.ReasonMissing))
				continue
			}
			p.floors[at] = *r.Floors
			p.newUnits = append(p.newUnits, planned[*estate.NewUnitInput]{origin: &o, unit: at, item: &estate.NewUnitInput{Number: r.Number, Floors: *r.Floors}})
			p.report.sheet(o.Kind).New++
			continue
		}
		if !p.meet(&o, estatefile.SheetUnits, "number", has.Archived()) {
			continue
		}
		patch, changed := &estate.UnitPatchInput{ID: has.ID(), ExpectedVersion: &has.Version}, false
		differ(&patch.Floors, r.Floors, is(has.Floors), &changed)
		if p.judge(&o, changed) {
			p.floors[at] = *r.Floors
			p.units = append(p.units, planned[*estate.UnitPatchInput]{origin: &o, item: patch, unit: at})
		}
	}
}

func (p *planner) compareSuppliers() {
	for _, r := range p.file.Suppliers {
		has := p.book.suppliers[delivery.Key(r.Code)]
		if has == nil {
			switch {
			case !p.read(&r.Origin):
			case valueOr(r.Name, "") == "":
				p.refuse(&r.Origin, "name", delivery.Refuse(delivery.ReasonMissing))
			case r.Kind == nil:
				p.refuse(&r.Origin, "kind", delivery.Refuse(delivery.ReasonMissing))
			default:
				p.newSuppliers = append(p.newSuppliers, planned[*supplier.NewSupplierInput]{origin: &r.Origin,
					item: &supplier.NewSupplierInput{Code: r.Code, Name: *r.Name, Kind: *r.Kind, Phone: valueOr(r.Phone, "")}})
				p.report.sheet(r.Origin.Kind).New++
			}
			continue
		}
		if !p.meet(&r.Origin, estatefile.SheetSuppliers, "code", has.Archived()) {
			continue
		}
		patch, changed := &supplier.SupplierPatchInput{ID: has.ID(), ExpectedVersion: &has.Version}, false
		differ(&patch.Name, r.Name, is(has.Name), &changed)
		differ(&patch.Kind, r.Kind, is(has.Kind), &changed)
		differ(&patch.Phone, r.Phone, samePhone(has.Phone), &changed)
		if p.judge(&r.Origin, changed) {
			p.suppliers = append(p.suppliers, planned[*supplier.SupplierPatchInput]{origin: &r.Origin, item: patch})
		}
	}
}

// columnOf returns the column that a refusal of a verb is about. Its path is the list, the item's index, and the field.
func columnOf(refusal *delivery.Error) string {
	if len(refusal.Field) < 3 {
		return ""
	}
	switch field := refusal.Field[2]; field {
	case "buildingId":
		return "building"
	case "unitId":
		return "unit"
	case "services":
		return "buildings"
	default:
		return strings.TrimSuffix(field, "Id")
	}
}
