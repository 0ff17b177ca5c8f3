// Package estatefile reads the workbook of an estate: its buildings and units, households, volunteers with their buildings, suppliers, and the words of
// its addresses. It returns what the rows state and what is wrong with each cell. dispatch/workbook decides what they change.
//
// A cell that is empty states nothing, and so changes nothing. "无", "-" or "none" states that there is nothing, and clears what was there.
package estatefile

import (
	"baogong/delivery"
	"baogong/reading/sheet"
)

// SheetKind says what the rows of a sheet are.
type SheetKind string

// The kinds of sheets, in the order in which they depend on each other.
const (
	SheetBuildings  SheetKind = "BUILDINGS"
	SheetUnits      SheetKind = "UNITS"
	SheetHouseholds SheetKind = "HOUSEHOLDS"
	SheetSuppliers  SheetKind = "SUPPLIERS"
	SheetVolunteers SheetKind = "VOLUNTEERS"
	SheetEstate     SheetKind = "ESTATE" // words with which people write addresses
)

// SheetKinds lists the kinds in their order.
var SheetKinds = []SheetKind{SheetBuildings, SheetUnits, SheetHouseholds, SheetSuppliers, SheetVolunteers, SheetEstate}

// Grid is one sheet of a file.
type Grid struct {
	Name string
	Rows []sheet.Record // those that have text, in their order
	Long bool           // there are more rows than a sheet may have; Rows are only the first
}

// Workbook is what a file states about an estate.
type Workbook struct {
	Words      []*WordRow
	Buildings  []*BuildingRow
	Units      []*UnitRow
	Households []*HouseholdRow
	Suppliers  []*SupplierRow
	Volunteers []*VolunteerRow

	Sheets  []SheetKind // that the file has, in the order of SheetKinds
	Errors  []CellError // what is wrong, in the file's order
	Remarks []CellError // what was left out on purpose, such as a column that is not known
}

// CellError says what is wrong with a cell. It never repeats a name, a phone or a need.
type CellError struct {
	Sheet   string          `json:"sheet"`
	Cell    string          `json:"cell,omitempty"` // C7; empty for the whole sheet
	Refusal *delivery.Error `json:"refusal"`
}

// CellOrNil is Cell, nil for the whole sheet.
func (e CellError) CellOrNil() *string {
	if e.Cell == "" {
		return nil
	}
	return &e.Cell
}

// Origin is where a row stands in its file.
type Origin struct {
	Kind   SheetKind
	Sheet  string
	Number int  // of the row, from 1
	Wrong  bool // one of its cells is wrong, so the row must not be used

	columns map[string]int
}

// Error returns what is wrong with the row's cell of a field.
func (o *Origin) Error(field string, refusal *delivery.Error) CellError {
	return CellError{o.Sheet, o.cell(field), refusal}
}

// cell is the name of the row's cell of a field, or of its first cell if the sheet has no such column.
func (o *Origin) cell(field string) string { return cellName(o.columns[field], o.Number) }

// The rows. A field that is nil is not stated. Fields of one name are at the column of that name.

// PlaceName is a building as a cell names it.
type PlaceName struct {
	Written string // 6栋, E6
	Code    string // without the word for building: 6, E6
}

// BuildingRow is a row of the sheet of buildings.
type BuildingRow struct {
	Origin
	Building   PlaceName
	Name       *string
	HasLift    *bool
	AccessNote *string
}

// UnitRow is a unit, from the sheet of units or the number of units of a building.
type UnitRow struct {
	Origin
	Building PlaceName
	Number   int
	Floors   *int
}

// HouseholdRow is a row of the sheet of households.
type HouseholdRow struct {
	Origin
	Building    PlaceName
	Unit        int // 0: the building's only one
	Room        string
	Floor       *int // written, or from the room
	FromRoom    bool // the floor is from the room
	ContactName *delivery.PersonName
	Phone       *delivery.Phone
	People      *int
	Needs       *delivery.Needs
}

// VolunteerRow is a row of the sheet of volunteers. Without a code the phone says who it is.
type VolunteerRow struct {
	Origin
	Code             string
	Name             *delivery.PersonName
	Phone            *delivery.Phone
	HomeOrganisation *string
	Squad            *delivery.Squad
	Rank             *delivery.Rank
	Reachable        *bool
	Services         *[]ServedBuilding
}

// ServedBuilding is a building that a volunteer serves.
type ServedBuilding struct {
	Building PlaceName
	Duty     delivery.Duty
}

// SupplierRow is a row of the sheet of suppliers.
type SupplierRow struct {
	Origin
	Code  string
	Name  *string
	Kind  *delivery.SupplierKind
	Phone *delivery.Phone
}

// WordRow is a row of the sheet of the estate: a word with which people write addresses. A cell of several words makes several rows.
type WordRow struct {
	Origin
	Kind     WordKind
	Text     string
	Building PlaceName // of a BuildingWord
}

// WordKind says what a word of the estate means.
type WordKind string

// The kinds of words.
const (
	LaneWord     WordKind = "LANE"     // the number before 弄
	EstateWord   WordKind = "ESTATE"   // another name of the estate
	NoiseWord    WordKind = "NOISE"    // a city, a district or a street, which says nothing about the door
	LandmarkWord WordKind = "LANDMARK" // a place of the estate that has no door
	BuildingWord WordKind = "BUILDING" // another name of a building
)
