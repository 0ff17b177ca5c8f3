package address

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Words are what people write around the doors of one estate.
type Words struct {
	Name          string            // the estate's name
	Lane          string            // the number before 弄, in estates that have one: 88
	Names         []string          // other names of the estate
	Noise         []string          // cities, districts and streets, which say nothing about the door
	BuildingNames map[string]string // names of buildings, and their codes: 小白楼 is E13
	Landmarks     []string          // places of the estate that are no doors: 南门保安室
}

// Meaning is what a person has said that a text means: a door, or a building if Door is negative.
type Meaning struct {
	Door     int    // the index of the door, or -1
	Building string // the building's code
}

// Book is the address book of one estate. It never changes and is safe for concurrent use.
type Book struct {
	doors     []Door
	units     []string // the normal form of each door's unit
	rooms     []string // of each door's room
	buildings []building
	byCode    map[string]int     // the normal form of a building's code
	byNumber  map[int][]int      // the number in a code
	prefixes  map[string]bool    // the letters before it
	maxRoom   int                // the length of the longest room
	byRoom    map[string][]int   // doors of the whole estate
	phones    map[string][]int   // doors by PhoneKey
	tails     map[string]bool    // the last four digits of the numbers
	aliases   map[string]Meaning // by Normal
	words     map[rune][]wordOf  // what may begin with this character, the longest first
	lane      string             // digits

	settled map[string]int // see Settled

	may func(number string, unclear bool) bool // see LookingUp; nil: all numbers
}

type building struct {
	code   string
	doors  []int
	units  []string // normal forms, in the book's order
	byRoom map[string][]int
}

type wordKind int

const (
	noiseWord wordKind = iota
	estateWord
	landmarkWord
	buildingWord
)

type wordOf struct {
	text     []rune
	kind     wordKind
	building int
}

// NewBook makes the address book of an estate. The doors are in the order in which candidates are listed; their field Index is set to their
// place. phones gives the indexes of the doors of a telephone number, and aliases the meaning of a text by its Normal form; both may be nil.
// Names and aliases of buildings that have no door are left out.
func NewBook(w Words, doors []Door, phones map[string][]int, aliases map[string]Meaning) *Book {
	b := &Book{
		doors: slices.Clone(doors), units: make([]string, len(doors)), rooms: make([]string, len(doors)),
		byCode: map[string]int{}, byNumber: map[int][]int{}, prefixes: map[string]bool{}, byRoom: map[string][]int{},
		phones: make(map[string][]int, len(phones)), tails: make(map[string]bool, len(phones)), aliases: make(map[string]Meaning, len(aliases)), words: map[rune][]wordOf{},
		lane: numberText(strings.TrimSuffix(string(clean(w.Lane)), "弄")),
	}
	for i := range b.doors {
		d := &b.doors[i]
		d.Index = i
		b.units[i], b.rooms[i] = unitKey(d.Unit), roomKey(d.Room)
		b.maxRoom = max(b.maxRoom, len(b.rooms[i]))
		at, known := b.byCode[buildingKey(d.Building)]
		if !known {
			at = len(b.buildings)
			b.addBuilding(d.Building)
		}
		home := &b.buildings[at]
		home.doors = append(home.doors, i)
		if !slices.Contains(home.units, b.units[i]) {
			home.units = append(home.units, b.units[i])
		}
		home.byRoom[b.rooms[i]] = append(home.byRoom[b.rooms[i]], i)
		b.byRoom[b.rooms[i]] = append(b.byRoom[b.rooms[i]], i)
	}
	for number, of := range phones {
		if key := PhoneKey(number); key != "" {
			b.phones[key] = append(b.phones[key], of...)
			b.tails[key[max(0, len(key)-4):]] = true
		}
	}
	b.addWords(w, aliases)
	return b
}

func (b *Book) addBuilding(code string) {
	key := buildingKey(code)
	at := len(b.buildings)
	b.byCode[key] = at
	b.buildings = append(b.buildings, building{code: code, byRoom: map[string][]int{}})
	letters := strings.TrimRight(key, "0123456789")
	if n, err := strconv.Atoi(key[len(letters):]); err == nil {
		b.byNumber[n] = append(b.byNumber[n], at)
	}
	if letters == key || strings.ContainsFunc(letters, func(r rune) bool { return !isLatin(r) }) {
		b.addWord(key, buildingWord, at) // A, 东6, 甲
		return
	}
	if letters != "" {
		b.prefixes[letters] = true
	}
}

func (b *Book) addWords(w Words, aliases map[string]Meaning) {
	for _, text := range append([]string{w.Name}, w.Names...) {
		b.addWord(text, estateWord, 0)
	}
	for _, text := range w.Noise {
		b.addWord(text, noiseWord, 0)
	}
	for _, text := range w.Landmarks {
		b.addWord(text, landmarkWord, 0)
	}
	for text, code := range w.BuildingNames {
		if at, known := b.byCode[buildingKey(code)]; known {
			b.addWord(text, buildingWord, at)
		}
	}
	for text, m := range aliases {
		if m.Door >= 0 && m.Door < len(b.doors) {
			b.aliases[text] = m
			continue
		}
		if at, known := b.byCode[buildingKey(m.Building)]; known && m.Door < 0 {
			b.aliases[text] = m
			if key := []rune(text); len(key) > 1 && !slices.ContainsFunc(key, func(r rune) bool { return !isHan(r) }) {
				b.addWord(text, buildingWord, at)
			}
		}
	}
	for _, list := range b.words {
		slices.SortFunc(list, func(x, y wordOf) int {
			return cmp.Or(len(y.text)-len(x.text), int(y.kind)-int(x.kind), x.building-y.building)
		})
	}
}

func (b *Book) addWord(text string, kind wordKind, at int) {
	if key := clean(text); len(key) > 0 {
		b.words[key[0]] = append(b.words[key[0]], wordOf{text: key, kind: kind, building: at})
	}
}

// wordAt returns the longest word of the estate that the text begins with.
func (b *Book) wordAt(s []rune) *wordOf {
	list := b.words[s[0]]
	for i := range list {
		w := &list[i]
		if n := len(w.text); n <= len(s) && slices.Equal(s[:n], w.text) {
			if isLatin(w.text[n-1]) && n < len(s) && (isLatin(s[n]) || isDigit(s[n])) {
				continue // a building A is not the beginning of anna
			}
			return w
		}
	}
	return nil
}

// Settled returns the book for the postings of one list, in which persons have said which door a text means, by its Normal form. Unlike an alias a
// text may be a bare number, and the door need not be among those that the text could mean by itself.
func (b *Book) Settled(doors map[string]int) *Book {
	out := *b
	out.settled = doors
	return &out
}

// LookingUp returns the book with a guard of its telephone numbers. It is told each whole number that a text or its context has, and whether
// the text is unclear without it, and reports whether the number may be looked up. One that may not is read as if it were not there. Who may read
// texts but no telephone numbers could else find out whose a number is by trying many.
func (b *Book) LookingUp(may func(number string, unclear bool) bool) *Book {
	guarded := *b
	guarded.may = may
	return &guarded
}

// knows reports whether a household has the number.
func (b *Book) knows(phone string) bool { return len(b.phones[phone]) > 0 }

// HasBuilding reports whether the book has a building of this code, such as E6.
func (b *Book) HasBuilding(code string) bool {
	_, known := b.byCode[buildingKey(code)]
	return known
}

// building returns the buildings that letters and a number can mean: E6 exactly, and 6 the building of that code, or else those whose code has
// that number after letters.
func (b *Book) building(letters, digits string) []int {
	digits = numberText(digits)
	if at, known := b.byCode[letters+digits]; known {
		return []int{at}
	}
	if letters != "" || digits == "" {
		return nil
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return nil
	}
	return b.byNumber[n]
}

func buildingKey(code string) string {
	key := string(clean(code))
	for _, word := range []string{"号楼", "号", "栋", "幢", "座", "楼", "#"} {
		if rest, ok := strings.CutSuffix(key, word); ok && rest != "" && (isDigit(rune(rest[len(rest)-1])) || isLatin(rune(rest[len(rest)-1]))) {
			key = rest
			break
		}
	}
	digits := strings.TrimLeft(key, "abcdefghijklmnopqrstuvwxyz")
	if letters := key[:len(key)-len(digits)]; digits != "" && numberText(digits) != "" {
		return letters + numberText(digits)
	}
	return key
}

func unitKey(code string) string {
	key := string(clean(code))
	for _, word := range []string{"单元", "门", "号"} {
		key = strings.TrimSuffix(key, word)
	}
	if n := numberText(key); n != "" {
		return n
	}
	return key
}

func roomKey(code string) string {
	key := string(clean(code))
	for _, word := range []string{"室", "号", "房"} {
		key = strings.TrimSuffix(key, word)
	}
	if n := numberText(key); n != "" {
		return n
	}
	return key
}

// numberText returns digits without leading zeros, "" if the text is not of digits alone.
func numberText(s string) string {
	for i := range len(s) {
		if !isDigit(rune(s[i])) {
			return ""
		}
	}
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}
