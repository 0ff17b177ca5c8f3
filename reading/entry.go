package reading

import (
	"baogong/delivery"
	"baogong/reading/address"
)

// Entry is one order as a file or a list states it: the rows of a file with the same number, or one entry of a list.
type Entry struct {
	Rows    []int  // the file's own row numbers, 1 is the first; for a list the numbers of its lines
	Number  string // the supplier's own number of the order, "" if there is none; in a list the printed number, which is no key
	Text    string // the rows as they were written; personal data
	Address address.Reading
	Phone   string // digits only; "*0603" if only the last four were written, "" if none
	Goods   []Good
	Note    string // at most delivery's limit of notes; NOTE_CUT says that it was longer
	Asks    Ask

	Problems []Problem // why it waits or is refused, and remarks; in the order in which they were found, each once
}

// Good is one good of an entry.
type Good struct {
	Item         string
	Quantity     delivery.Quantity
	Unit         string
	UnitPriceFen int64  // 0 if the price is not known
	Substitute   string // NEVER, ASK or ANY, "" if the file does not say
}

// Ask is what an entry asks for.
type Ask string

// What entries ask for.
const (
	Place  Ask = "PLACE"  // an order to place, or to change if it is known already
	Cancel Ask = "CANCEL" // an order that is taken back; a person confirms it
	Review Ask = "REVIEW" // a person must decide
	Refuse Ask = "REFUSE" // it cannot be used as it is
)

// Problem is a stable name for a reason or a remark about an entry, such as QUANTITY_UNCLEAR. An address has reasons of its own.
type Problem string
