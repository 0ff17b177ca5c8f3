// Package jielong reads the lists that people post in chat groups: a numbered entry for each household (接龙), and the list of a group leader by
// item. It reads what was written and says what is unclear; it never fills a gap silently.
package jielong

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
)

// Sale is what is known about a list beside its text.
type Sale struct {
	Building string   // the code of the building whose chat group the list is from, "" if it is not one building's
	Menu     []Choice // the goods; with one good, entries need not name it
}

// Choice is a good of the menu.
type Choice struct {
	Code     string // the letter by which entries name it, "" if there is none
	Item     string
	Aliases  []string // other names
	Unit     string
	PriceFen int64 // 0 if it is not known
}

// List is what was read.
type List struct {
	Entries []reading.Entry
	Totals  []Total  // the totals that the list states, in its order
	Skipped []Passed // the lines that are no entries
}

// Total is a total that the list states, beside what was counted.
type Total struct {
	Row             int
	Item            string // "" for the sum over all goods, and for a number of households
	Unit            string
	Stated, Counted delivery.Quantity
}

// Differs reports whether the stated total is not the counted one. Nothing is changed by it.
func (t Total) Differs() bool { return t.Stated != t.Counted }

// Passed is a line that is no entry.
type Passed struct {
	Row int
	Why PassedWhy
}

// PassedWhy says why a line is no entry.
type PassedWhy string

// Why lines are passed over.
const (
	Heading  PassedWhy = "HEADING" // what is written above the first entry: the goods, prices and times
	Chat     PassedWhy = "CHAT"    // senders, times, pictures, messages that are no entries
	Quote    PassedWhy = "QUOTE"   // a message that another one answers
	Sample   PassedWhy = "SAMPLE"  // 例: how to write an entry
	NoText   PassedWhy = "NO_TEXT" // a number without an entry
	TotalRow PassedWhy = "TOTALS"  // a stated total
)

// Problems of entries that only lists have.
const (
	SameDoorTwice reading.Problem = "SAME_DOOR_TWICE" // an entry above is for the same door
	NotOnMenu     reading.Problem = "NOT_ON_MENU"     // it asks for more than was understood
)

// Bounds of a list. A chat message has at most some thousand characters; a list pasted from several is longer.
const (
	MaxBytes   = 256 << 10
	MaxEntries = 1000
)

// The refusals of lists.
var (
	ReasonListTooLong = delivery.NewReason("LIST_TOO_LONG", delivery.CodeBadUserInput,
		"The list is too long: at most %d KB of text are read at once.",
		"接龙内容过长：一次最多读取 %d KB 文字。")
	ReasonListTooMany = delivery.NewReason("LIST_TOO_MANY_ENTRIES", delivery.CodeBadUserInput,
		"The list has too many entries: at most %d are read at once.",
		"接龙条目过多：一次最多读取 %d 条。")
	ReasonListEmpty = delivery.NewReason("LIST_WITHOUT_ENTRIES", delivery.CodeBadUserInput,
		"No entry was found in this list: an entry begins with a number, and names a room.",
		"没有找到任何接龙条目：每条应以序号开头，并写明房号。")
)

// Read reads a list. It fails with a delivery.Error for a list that is too long, has too many entries, or has none.
//
// Numbers of entries are no keys: people renumber and leave gaps. The key is the door, so two entries for one door are both kept and the second
// is told. An entry may run over several lines. In a list by item, the goods of a door are one entry.
func Read(text string, b *address.Book, s Sale) (List, error) {
	if len(text) > MaxBytes {
		return List{}, delivery.Refuse(ReasonListTooLong, MaxBytes>>10)
	}
	r := &listReader{book: b, sale: s, menu: newMenu(s.Menu, b)}
	r.lines(strings.ToValidUTF8(text, "�"))
	switch {
	case r.tooMany:
		return List{}, delivery.Refuse(ReasonListTooMany, MaxEntries)
	case len(r.list.Entries) == 0:
		return List{}, delivery.Refuse(ReasonListEmpty)
	}
	r.twice()
	r.compareTotals()
	return r.list, nil
}

// listReader reads one list.
type listReader struct {
	book    *address.Book
	sale    Sale
	menu    *menu
	list    List
	doors   map[int]int // in a list by item: the entry of a door
	totals  []statedTotal
	tooMany bool
}

// twice tells the second entry for a door.
func (r *listReader) twice() {
	seen := map[int]bool{}
	for i := range r.list.Entries {
		e := &r.list.Entries[i]
		if e.Address.Status != address.Match {
			continue
		}
		if seen[e.Address.Door.Index] {
			add(e, SameDoorTwice)
		}
		seen[e.Address.Door.Index] = true
	}
}

// add tells a problem once.
func add(e *reading.Entry, p reading.Problem) {
	if !slices.Contains(e.Problems, p) {
		e.Problems = append(e.Problems, p)
	}
}

// entry keeps an entry.
func (r *listReader) entry(e reading.Entry) {
	if len(r.list.Entries) >= MaxEntries {
		r.tooMany = true
		return
	}
	r.list.Entries = append(r.list.Entries, e)
}

// setNote keeps the notes of an entry, at most as long as notes may be.
func setNote(e *reading.Entry, notes []string) {
	var said []string
	for _, n := range notes {
		if n != "" && !slices.Contains(said, n) {
			said = append(said, n)
		}
	}
	note := strings.Join(said, "；")
	if utf8.RuneCountInString(note) > delivery.MaxNote {
		note = string([]rune(note)[:delivery.MaxNote])
		add(e, reading.NoteCut)
	}
	e.Note = note
}

// number64 writes a printed number.
func number64(n int64) string { return strconv.FormatInt(n, 10) }
