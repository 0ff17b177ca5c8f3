package estatefile

import (
	"io"
	"slices"

	"baogong/delivery"
	"baogong/reading/sheet"
)

// The name under which the template is kept, and its media type.
const (
	TemplateName = "baogong-estate.xlsx"
	TemplateType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// examples are two rows of each sheet of the template, by field.
var examples = map[SheetKind][2]map[string]string{
	SheetBuildings: {
		{"building": "E6", "name": "E6栋", "units": "2", "floors": "27", "hasLift": "有", "accessNote": "从东门进，沿环路走"},
		{"building": "12", "name": "Block 12", "units": "1", "floors": "6", "hasLift": "no", "accessNote": "by the north gate"},
	},
	SheetUnits: {{"building": "E6", "number": "2", "floors": "18"}, {"building": "12", "number": "1", "floors": "6"}},
	SheetHouseholds: {
		{"building": "E6", "unit": "1", "room": "1203", "floor": "", "contactName": "王芳", "phone": "13800001203", "people": "2", "needs": "独居老人、慢性病用药"},
		{"building": "12", "unit": "1", "room": "302", "floor": "3", "contactName": "Li Lei", "phone": "0717-6000302", "people": "4", "needs": "infant, pet"},
	},
	SheetVolunteers: {
		{"code": "S01", "name": "张伟", "phone": "13900000001", "homeOrganisation": "区发改局", "squad": "保供", "rank": "队员", "buildings": "E6", "backups": "E7、12", "reachable": "是"},
		{"code": "", "name": "Han Mei", "phone": "13900000002", "homeOrganisation": "", "squad": "duty", "rank": "lead", "buildings": "", "backups": "", "reachable": "yes"},
	},
	SheetSuppliers: {
		{"code": "jiangcheng", "name": "江城超市", "kind": "商超", "phone": "0717-6000000"},
		{"code": "kangmin", "name": "Kangmin Pharmacy", "kind": "pharmacy", "phone": ""},
	},
	SheetEstate: {{"kind": "别名", "text": "东辰、心语"}, {"kind": "building name", "text": "小白楼", "building": "E6"}},
}

// Template writes a workbook for an estate to fill in: each sheet has its headers, a row that explains them, and two examples. Read leaves out the rows of notes and
// examples, so that a file with them imports nothing.
func Template(w io.Writer) error {
	var forms []sheet.Form
	for _, l := range layouts {
		f := sheet.Form{Name: l.name.Chinese, Rows: [][]string{nil, nil, nil, nil}}
		for _, h := range l.headings {
			if h.note.Chinese == "" { // a column that files may have and the template does not teach
				continue
			}
			cells := []string{h.name.Chinese + " " + h.name.English, h.note.Chinese + " " + h.note.English, examples[l.kind][0][h.field], examples[l.kind][1][h.field]}
			if len(f.Rows[0]) == 0 {
				cells[1], cells[2], cells[3] = "说明："+cells[1], "例："+cells[2], "例："+cells[3]
			}
			for i, c := range cells {
				f.Rows[i] = append(f.Rows[i], c)
			}
		}
		forms = append(forms, f)
	}
	return sheet.WriteForms(w, forms)
}

// SheetName returns the name of a kind of sheet in both languages.
func SheetName(kind SheetKind) delivery.Bilingual {
	i := slices.IndexFunc(layouts, func(l *layout) bool { return l.kind == kind })
	return layouts[i].name
}
