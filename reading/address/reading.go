// Package address reads addresses as people write them against the address book of one estate. It never guesses: a reading matches only
// where exactly one door fits.
package address

// Door is one door of an estate's address book.
type Door struct {
	Building string // the building's code: E6, 12
	Unit     string // the unit's code in the building: 1
	Room     string // 1203
	Index    int    // its place in the list that the Book was made from
}

// String returns the door as the estate's address book writes it: E6-1-1203.
func (d Door) String() string { return d.Building + "-" + d.Unit + "-" + d.Room }

// Reading is what a text says about a door.
type Reading struct {
	Status Status
	Door   Door   // the one door that fits, if Status is Match
	By     By     // what decided, if Status is Match
	Why    Why    // why it waits, if Status is Review
	Text   string // what was read; an alias is kept under its Normal form
	Doors  []Door // the doors that could be meant, if Status is Review; in the address book's order, at most MaxDoors
}

// MaxDoors is the largest number of doors that a reading lists. Where more could be meant it lists none, because a list that was cut could
// lack the right one.
const MaxDoors = 12

// Status says whether a text names one door.
type Status string

// The statuses.
const (
	Match  Status = "MATCH"
	Review Status = "REVIEW"
)

// By says what decided which door is meant.
type By string

// What decides.
const (
	ByText    By = "EXACT"   // the text names the building, the unit where there are several, and the room
	ByContext By = "CONTEXT" // the building of the chat group completed it
	ByPhone   By = "PHONE"   // of the doors that the text could mean, exactly one has the whole phone number
	ByAlias   By = "ALIAS"   // a person has said what this text means
)

// Why says why a text does not name one door.
type Why string

// The reasons.
const (
	NoSuchBuilding  Why = "NO_SUCH_BUILDING"
	NoSuchUnit      Why = "NO_SUCH_UNIT"
	NoSuchRoom      Why = "NO_SUCH_ROOM"
	BuildingMissing Why = "BUILDING_MISSING" // no building is named, or several have the number
	UnitMissing     Why = "UNIT_MISSING"
	RoomMissing     Why = "ROOM_MISSING"
	RunTogether     Why = "RUN_TOGETHER" // digits without separators can be cut in several ways
	TwoAddresses    Why = "TWO_ADDRESSES"
	OtherEstate     Why = "OTHER_ESTATE"     // it names another estate or lane
	PhoneSaysOther  Why = "PHONE_SAYS_OTHER" // the phone belongs to another door than the text
	Landmark        Why = "LANDMARK"         // it names a place of the estate that is no door
	TextTooLong     Why = "TEXT_TOO_LONG"    // only texts of up to MaxText characters are read
)

// MaxText is the length of the longest text that is read, in characters.
const MaxText = 500
