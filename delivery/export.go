package delivery

import "time"

// Export is one download of a table: by whom, when, and how many rows.
type Export struct {
	CommunityID int32        `db:"community_id"`
	UUID        UUID         `db:"id"`
	Noun        ExportNoun   `db:"noun"`
	Format      ExportFormat `db:"format"`
	Contacts    bool         `db:"contacts"`  // with whole names and phones
	RowCount    int          `db:"row_count"` // rows sent; 0 while it is running
	ByRole      Role         `db:"by_role"`
	ByUUID      *UUID        `db:"by_id"`
	At          time.Time    `db:"at"`       // business time
	EndedAt     *time.Time   `db:"ended_at"` // nil while it is running, and if it was interrupted
}

// ExportNoun is what the rows of an export are.
type ExportNoun string

// What can be exported.
const (
	ExportOrders     ExportNoun = "ORDERS"
	ExportHouseholds ExportNoun = "HOUSEHOLDS"
	ExportVolunteers ExportNoun = "VOLUNTEERS"
	ExportIncidents  ExportNoun = "INCIDENTS"
	ExportImportRows ExportNoun = "IMPORT_ROWS" // those that wait or were refused
	ExportNotice     ExportNoun = "NOTICE"      // a telephone number and the text for each household that it has not reached
	ExportDays       ExportNoun = "DAYS"        // the daily reports
	ExportDemand     ExportNoun = "DEMAND"      // what was ordered, by day
	ExportForecast   ExportNoun = "FORECAST"    // of one day
	ExportGap        ExportNoun = "GAP"         // of the packages of an order window
	ExportReach      ExportNoun = "REACH"       // of households, by building
	ExportNeeds      ExportNoun = "NEEDS"       // of households, by building and need
	ExportUnmet      ExportNoun = "UNMET"       // demand that was not met, by day
	ExportMedicines  ExportNoun = "MEDICINES"   // that are due
	ExportSoldOut    ExportNoun = "SOLD_OUT"    // offers of which nothing was left, with the time
	ExportHands      ExportNoun = "HANDS"       // that a day needs, by post
	ExportScores     ExportNoun = "SCORES"      // of the stored forecasts, by series
)

// ExportNouns lists what can be exported.
var ExportNouns = []ExportNoun{ExportOrders, ExportHouseholds, ExportVolunteers, ExportIncidents, ExportImportRows, ExportNotice, ExportDays,
	ExportDemand, ExportForecast, ExportGap, ExportReach, ExportNeeds, ExportUnmet, ExportMedicines, ExportSoldOut, ExportHands, ExportScores}

// ExportFormat is the form of an export.
type ExportFormat string

// The formats.
const (
	ExportCSV  ExportFormat = "CSV"
	ExportXLSX ExportFormat = "XLSX"
)

// ExportFormats lists the formats.
var ExportFormats = []ExportFormat{ExportCSV, ExportXLSX}

// ReasonContactsNotYours refuses an export with whole names and phones.
var ReasonContactsNotYours = NewReason("CONTACTS_NOT_YOURS", CodeForbidden,
	"Only the commander and administrators may export households with whole names and phones, with a reason, and each household is recorded.",
	"只有指挥和管理员可以导出含完整姓名和电话的住户表，须写明原因，每一户都会留下记录。")

// mayExport reports whether the actor may export the rows, besides those that a list does not show. The caller checks those of a window.
func (a Actor) mayExport(community int32, noun ExportNoun) bool {
	switch noun {
	case ExportNotice:
		return a.OfTeam()
	case ExportDays, ExportDemand, ExportForecast, ExportUnmet, ExportSoldOut, ExportHands, ExportScores:
		return a.CanReadReports(community)
	case ExportReach:
		return a.CanReadReach(community)
	case ExportNeeds, ExportMedicines:
		return a.AtDesk(community)
	}
	return true
}

// NewExport returns the record of a download that begins now. The caller sets its id. It fails with SIGN_IN or NOT_FOUND as a list does, with NOT_YOURS
// for the text of a notice outside the team and for reports and numbers that the actor may not read, and with CONTACTS_NOT_YOURS if it is to have whole
// contacts and the actor may not export them.
func NewExport(a Actor, community int32, noun ExportNoun, format ExportFormat, contacts bool, at time.Time) (*Export, *Error) {
	switch {
	case !a.SignedIn():
		return nil, Refuse(ReasonSignIn)
	case !a.Role.Acts() || !a.Scope().SeesCommunity(community):
		return nil, Refuse(ReasonNoSuch, KindCommunity.String()).At("communityId")
	case !a.mayExport(community, noun):
		return nil, Refuse(ReasonNotYours)
	case contacts && (noun != ExportHouseholds && noun != ExportNotice || a.Role != RoleCommander && a.Role != RoleAdmin):
		return nil, Refuse(ReasonContactsNotYours)
	}
	return &Export{CommunityID: community, Noun: noun, Format: format, Contacts: contacts, ByRole: a.Role, ByUUID: uuidOrNil(a.UUID), At: at}, nil
}

// By is the actor who downloaded it.
func (e *Export) By() *Ref {
	return &Ref{Role: e.ByRole, Community: e.CommunityID, UUID: orEmpty(e.ByUUID)}
}

// CanReadExports reports whether the actor may see who exported what.
func (a Actor) CanReadExports(community int32) bool { return a.CanSetUp(community) }
