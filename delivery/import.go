package delivery

import (
	"slices"
	"time"
)

// Import is a file or a pasted list whose rows become orders (导入).
type Import struct {
	CommunityID  int32      `db:"community_id"`
	UUID         UUID       `db:"id"`
	Kind         ImportKind `db:"kind"`
	Name         string     `db:"name"` // of the file, or what the caller calls the list
	SupplierUUID UUID       `db:"supplier_id"`
	WindowUUID   *UUID      `db:"window_id"`
	BuildingUUID *UUID      `db:"building_id"` // of the chat group, whose entries leave it out
	Day          string     `db:"day"`         // of the community, when it started: 2022-04-12
	FileUUID     *UUID      `db:"file_id"`     // nil for a pasted list
	StartedAt    time.Time  `db:"started_at"`
	ByRole       Role       `db:"by_role"`
	ByUUID       *UUID      `db:"by_id"`
	ImportTally
	Next       int        `db:"next"`        // how many entries of the source have their outcome
	Total      int        `db:"total"`       // how many entries the source has
	PassedOver int        `db:"passed_over"` // rows of the file that are no orders, such as titles and totals
	RetryAt    *time.Time `db:"retry_at"`    // by machine time: when the clock worker may go on with it
	DoneAt     *time.Time `db:"done_at"`
	Stopped    string     `db:"stopped"` // why it was given up; empty for most
	Version    int64      `db:"version"`
}

// ImportTally counts the rows of an import by outcome.
type ImportTally struct {
	Rows      int `db:"rows" json:"rows"`
	Placed    int `db:"placed" json:"placed"`
	Changed   int `db:"changed" json:"changed"`
	Unchanged int `db:"unchanged" json:"unchanged"`
	InReview  int `db:"in_review" json:"inReview"`
	Refused   int `db:"refused" json:"refused"`
	Dropped   int `db:"dropped" json:"dropped"`
}

// count returns the counter of an outcome.
func (t *ImportTally) count(o ImportOutcome) *int {
	switch o {
	case RowPlaced:
		return &t.Placed
	case RowChanged:
		return &t.Changed
	case RowUnchanged:
		return &t.Unchanged
	case RowInReview:
		return &t.InReview
	case RowRefused:
		return &t.Refused
	}
	return &t.Dropped
}

// Of is how many rows have the outcome.
func (t *ImportTally) Of(o ImportOutcome) int { return *t.count(o) }

// Add counts a row with an outcome.
func (t *ImportTally) Add(o ImportOutcome) {
	t.Rows++
	*t.count(o)++
}

// Settle counts a row whose outcome changed.
func (t *ImportTally) Settle(from, to ImportOutcome) {
	*t.count(from)--
	*t.count(to)++
}

// ID is the import's opaque id.
func (i *Import) ID() ID { return ID{KindImport, i.CommunityID, i.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Import) IsNode() {}

// By is the actor who began the import.
func (i *Import) By() *Ref {
	return &Ref{Role: i.ByRole, Community: i.CommunityID, UUID: orEmpty(i.ByUUID)}
}

// SupplierID is the opaque id of the supplier of its orders.
func (i *Import) SupplierID() ID { return ID{KindSupplier, i.CommunityID, i.SupplierUUID} }

// WindowID is the opaque id of the order window that its orders are in, nil if they are in none.
func (i *Import) WindowID() *ID {
	if i.WindowUUID == nil {
		return nil
	}
	return &ID{KindWindow, i.CommunityID, *i.WindowUUID}
}

// BuildingID is the opaque id of the building of the chat group, nil if it was not named.
func (i *Import) BuildingID() *ID {
	if i.BuildingUUID == nil {
		return nil
	}
	return &ID{KindBuilding, i.CommunityID, *i.BuildingUUID}
}

// Finished reports whether the import is done: every row has its outcome, or it was given up.
func (i *Import) Finished() bool { return i.DoneAt != nil }

// StoppedOrNil is Stopped, nil if it was not given up.
func (i *Import) StoppedOrNil() *string { return valueOrNil(i.Stopped) }

// ImportKind is the kind of an import's source.
type ImportKind string

// The kinds of import.
const (
	ImportCSV     ImportKind = "CSV" // also separated by tabs or semicolons
	ImportXLSX    ImportKind = "XLSX"
	ImportJielong ImportKind = "JIELONG" // a numbered list of a chat group
)

// ImportKinds lists the kinds.
var ImportKinds = []ImportKind{ImportCSV, ImportXLSX, ImportJielong}

// Channel returns the channel of the orders that an import of the kind brings from a supplier: those of a chat group's list are a group
// purchase, those of a package scheme packages, and others were placed by the households themselves in the platform's own app.
func (k ImportKind) Channel(s SupplierKind) Channel {
	switch {
	case s == SupplierPackage:
		return ChannelPackage
	case k == ImportJielong:
		return ChannelGroupBuy
	}
	return ChannelApp
}

// ImportOutcome is the outcome of a row of an import.
type ImportOutcome string

// The outcomes.
const (
	RowPlaced    ImportOutcome = "PLACED"
	RowChanged   ImportOutcome = "CHANGED"
	RowUnchanged ImportOutcome = "UNCHANGED"
	RowInReview  ImportOutcome = "REVIEW"
	RowRefused   ImportOutcome = "REFUSED"
	RowDropped   ImportOutcome = "DROPPED"
)

// ImportOutcomes lists the outcomes.
var ImportOutcomes = []ImportOutcome{RowPlaced, RowChanged, RowUnchanged, RowInReview, RowRefused, RowDropped}

// ImportRow is one row of an import: one order of a file, or one entry of a list.
type ImportRow struct {
	CommunityID   int32         `db:"community_id"`
	UUID          UUID          `db:"id"`
	ImportUUID    UUID          `db:"import_id"`
	Row           int           `db:"row"` // 1 is the first
	FileRows      []int         `db:"-"`   // the numbers of its rows in the file
	Number        string        `db:"number"`
	Key           string        `db:"key"` // window or day, and door; empty where Number is the key
	Text          string        `db:"text"`
	Place         string        `db:"place"` // the part of Text that says where the household lives
	PlaceKey      *string       `db:"-"`     // the normal form of Place, once a person has said what it means; only written
	Goods         []ImportGood  `db:"-"`
	Note          string        `db:"note"`
	Outcome       ImportOutcome `db:"outcome"`
	Reason        string        `db:"reason"`
	Remarks       []string      `db:"-"`
	Guesses       []UUID        `db:"-"` // households that could be meant
	BuildingUUID  *UUID         `db:"building_id"`
	HouseholdUUID *UUID         `db:"household_id"`
	OrderUUID     *UUID         `db:"order_id"`
	SettledAt     *time.Time    `db:"settled_at"`
	SettledByRole *Role         `db:"settled_by_role"`
	SettledByUUID *UUID         `db:"settled_by_id"`
}

// ImportGood is one good of a row, as the database keeps it until the row is decided.
type ImportGood struct {
	Item         string   `json:"item"`
	Quantity     Quantity `json:"quantity"`
	Unit         string   `json:"unit"`
	UnitPriceFen int64    `json:"price,omitempty"`
	Substitute   string   `json:"substitute,omitempty"`
	Package      string   `json:"package,omitempty"` // the code of the package that it names
}

// MenuItem is a good that a list may ask for.
type MenuItem struct {
	Code         string   `json:"code,omitempty"` // the letter by which entries name it
	Item         string   `json:"item"`
	Aliases      []string `json:"aliases,omitempty"`
	Unit         string   `json:"unit,omitempty"`
	UnitPriceFen int64    `json:"price,omitempty"`
}

// ImportID is the opaque id of the row's import.
func (r *ImportRow) ImportID() ID { return ID{KindImport, r.CommunityID, r.ImportUUID} }

// OrderID is the opaque id of the order that the row became or is about, nil if there is none.
func (r *ImportRow) OrderID() *ID {
	if r.OrderUUID == nil {
		return nil
	}
	return &ID{KindOrder, r.CommunityID, *r.OrderUUID}
}

// GuessIDs are the opaque ids of the households that the row could mean: the one that was read, or those that fit.
func (r *ImportRow) GuessIDs() []*ID {
	var out []*ID
	if r.HouseholdUUID != nil && r.Outcome == RowInReview {
		out = append(out, &ID{KindHousehold, r.CommunityID, *r.HouseholdUUID})
	}
	for _, g := range r.Guesses {
		out = append(out, &ID{KindHousehold, r.CommunityID, g})
	}
	return out
}

// SettledBy is the actor who decided the row, nil if no one has.
func (r *ImportRow) SettledBy() *Ref {
	if r.SettledByRole == nil {
		return nil
	}
	return &Ref{Role: *r.SettledByRole, Community: r.CommunityID, UUID: orEmpty(r.SettledByUUID)}
}

// Settle gives the row its outcome by a person, and removes what was kept for the decision.
func (r *ImportRow) Settle(a Actor, outcome ImportOutcome, order *UUID, reason string, at time.Time) {
	r.Outcome, r.Reason = outcome, reason
	if order != nil {
		r.OrderUUID = order
	}
	r.Clear()
	role := a.Role
	r.SettledAt, r.SettledByRole, r.SettledByUUID = &at, &role, uuidOrNil(a.UUID)
}

// Kept is how many bytes of QuotaText the row uses beside those of its order: its text while it waits or is refused, and RowBytes.
func (r *ImportRow) Kept() int {
	n := RowBytes + len(r.Text) + len(r.Place) + len(r.Note)
	for _, g := range r.Goods {
		n += len(g.Item) + len(g.Unit)
	}
	return n
}

// RowBytes is how much of QuotaText a row of an import uses without any text.
const RowBytes = 64

// Clear removes what is kept of a row for a decision.
func (r *ImportRow) Clear() { r.Text, r.Place, r.Note, r.Goods, r.Guesses = "", "", "", nil, nil }

// Bounds of imports.
const (
	MaxImportText = 100_000             // characters of a pasted list
	MaxMenu       = 100                 // goods of a list
	MaxRowPlace   = 240                 // characters of its address
	MaxRowText    = 4000                // characters of a row's text that are kept
	ImportChunk   = 500                 // rows placed in one transaction
	ImportKept    = 14 * 24 * time.Hour // how long the text of a row waits for a decision
)

// ReasonImportNotYours refuses an import by another supplier or squad.
var ReasonImportNotYours = NewReason("IMPORT_NOT_YOURS", CodeForbidden,
	"Only the supplier itself, the supply squad, the phone desk and the commander may import its orders.",
	"只有供货商本身、保供小分队、电话台和指挥可以导入其订单。")

// CanImport refuses an actor who may not import orders of a supplier: the supplier itself may, members and leads of the supply squad and the
// phone desk, the commander and administrators. It fails with NOT_FOUND outside the community.
func (a Actor) CanImport(community int32, supplier UUID) *Error {
	switch {
	case !a.Scope().SeesCommunity(community):
		return Refuse(ReasonNoSuch, KindCommunity.String())
	case a.Role == RoleSupplier && a.UUID == supplier, a.CanSettle(community):
		return nil
	}
	return Refuse(ReasonImportNotYours)
}

// CanSettle reports whether the actor may decide which door a row of an import means, and read the rows that wait: members and leads of the
// supply squad and the phone desk for rows in sight, the commander and administrators. Suppliers read their own rows only.
func (a Actor) CanSettle(community int32) bool {
	if a.CanSetUp(community) {
		return true
	}
	return (a.Role == RoleLead || a.Role == RoleVolunteer) && a.Community == community && slices.Contains([]Squad{SquadSupply, SquadPersuasion}, a.Squad)
}

// CanReadRows refuses an actor who may not read the rows of an import. Actors who may decide rows read them, and a supplier reads those of the imports that
// it sent itself. It fails with NOT_FOUND outside the community.
func (a Actor) CanReadRows(i *Import) *Error {
	switch {
	case !a.Scope().SeesCommunity(i.CommunityID):
		return Refuse(ReasonNoSuch, KindImport.String())
	case a.CanSettle(i.CommunityID), a.Role == RoleSupplier && a.UUID == i.SupplierUUID && i.ByRole == RoleSupplier:
		return nil
	}
	return Refuse(ReasonNotYours)
}

// CanSendSheets refuses an actor who may not send sheets to import.
func (a Actor) CanSendSheets(community int32) *Error {
	return a.CanImport(community, a.UUID)
}

// SameGoods reports whether lines and goods say the same. Prices and substitutes count; the order in which they are listed does not.
func SameGoods(a, b []*Line) bool {
	type good struct {
		item, unit string
		price      int64
	}
	sum := map[good]Quantity{}
	for _, l := range a {
		sum[good{Key(l.Item), Key(l.Unit), l.UnitPriceFen}] += l.Quantity
	}
	for _, l := range b {
		sum[good{Key(l.Item), Key(l.Unit), l.UnitPriceFen}] -= l.Quantity
	}
	for _, q := range sum {
		if q != 0 {
			return false
		}
	}
	return true
}

// AddressAlias is a word of an estate: what people call a door, a building or the estate, a landmark, or a word that says nothing.
type AddressAlias struct {
	CommunityID   int32     `db:"community_id"`
	UUID          UUID      `db:"id"`
	Kind          AliasKind `db:"kind"`
	Text          string    `db:"text"`
	TextKey       string    `db:"text_key"` // the normal form that reading/address compares
	BuildingUUID  *UUID     `db:"building_id"`
	HouseholdUUID *UUID     `db:"household_id"`
	At            time.Time `db:"at"`
	ByRole        Role      `db:"by_role"`
	ByUUID        *UUID     `db:"by_id"`
}

// AliasKind is what a word of an estate stands for.
type AliasKind string

// The kinds of words.
const (
	AliasBuilding AliasKind = "BUILDING"
	AliasDoor     AliasKind = "DOOR"
	AliasEstate   AliasKind = "ESTATE"   // another name of the estate
	AliasNoise    AliasKind = "NOISE"    // a word that says nothing about the door
	AliasLandmark AliasKind = "LANDMARK" // a place that has no door
)

// AliasKinds lists the kinds.
var AliasKinds = []AliasKind{AliasBuilding, AliasDoor, AliasEstate, AliasNoise, AliasLandmark}
