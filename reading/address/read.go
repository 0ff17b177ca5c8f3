package address

import (
	"slices"
	"strconv"
	"strings"
)

// Context is what is known about a text beside the text.
type Context struct {
	Building string // the code of the building whose chat group the text is from
	Phone    string // a telephone number from elsewhere, such as another column; one that is not whole is ignored
}

// Read reads what a text says about a door. It is a match only where exactly one door fits:
//
//   - Buildings, units, floors and rooms are understood with and without their words, in any of the usual styles. The building's letters may be
//     left out (6号楼 is E6) if one building has that number.
//   - The building of a chat group completes a text that names none.
//   - Digits without separators are cut in every way that the address book knows. If two doors are possible, they are shown.
//   - A whole telephone number decides between the doors that the text could mean, and contradicts a text that names another door. Four digits
//     do neither.
//   - A door that does not exist is never replaced by the nearest.
//   - An alias explains a text that matches no door by itself; it never leads away from one that does. What a bare number meant in the group of one
//     building is not taken for another's.
func (b *Book) Read(s string, c Context) Reading {
	r := b.readText(s, c)
	r.Text = s
	return r
}

func (b *Book) readText(s string, c Context) Reading {
	text := clean(s)
	if len(text) > MaxText {
		return Reading{Status: Review, Why: TextTooLong}
	}
	known := b.knows
	if b.may != nil {
		known = nil
	}
	phones := findPhones(text, known)
	if c.Phone != "" {
		phones = append(phones, PhoneKey(c.Phone))
	}
	home := b.home(c.Building)
	plain := b.plain(text, home, ByContext)
	if b.may != nil {
		phones = slices.DeleteFunc(phones, func(n string) bool { return !strings.HasPrefix(n, "*") && !b.may(n, plain.why != "") })
	}
	if d, known := b.settled[Normal(s)]; known && plain.why != "" {
		return b.withPhones(finding{doors: []int{d}, by: ByAlias}, phones)
	}
	if plain.why == "" || len(b.aliases) == 0 {
		return b.withPhones(plain, phones)
	}
	if m, known := b.aliases[Normal(s)]; known {
		switch {
		case m.Door < 0:
			plain = b.plain(text, b.home(m.Building), ByAlias)
		case len(plain.doors) > 0 && !slices.Contains(plain.doors, m.Door), home != nil && !slices.ContainsFunc([]rune(Normal(s)), isHan) && !b.in(m.Door, home):
			plain.doors = append(plain.doors, m.Door) // what was meant in another building's group may not be meant here
		default:
			plain = finding{doors: []int{m.Door}, by: ByAlias}
		}
	}
	return b.withPhones(plain, phones)
}

// plain reads a text without the aliases of whole texts.
func (b *Book) plain(text []rune, home []int, by By) finding {
	p := b.scan(text)
	p.grouped = home != nil
	p.join()
	return p.read(home, by)
}

// in reports whether the door is in one of the buildings.
func (b *Book) in(door int, buildings []int) bool {
	at, known := b.byCode[buildingKey(b.doors[door].Building)]
	return known && slices.Contains(buildings, at)
}

// home returns the building of a code, nil if the book has none.
func (b *Book) home(code string) []int {
	if at, known := b.byCode[buildingKey(code)]; known {
		return []int{at}
	}
	return nil
}

// finding is what was read before telephone numbers are looked at.
type finding struct {
	doors []int // one door and no reason is a match
	by    By
	why   Why
	wide  []int // doors that could be meant, but are too many to be shown; a telephone number may decide between them
}

// withPhones lets whole telephone numbers decide or contradict.
func (b *Book) withPhones(r finding, phones []string) Reading {
	var of []int
	for _, number := range phones {
		of = append(of, b.phones[number]...)
	}
	slices.Sort(of)
	of = slices.Compact(of)
	if len(of) > 0 {
		between := r.doors
		if r.wide != nil {
			between = r.wide
		}
		var both []int
		for _, d := range of {
			if slices.Contains(between, d) {
				both = append(both, d)
			}
		}
		decides := r.why == UnitMissing || r.why == RunTogether || r.why == BuildingMissing || r.why == RoomMissing
		switch {
		case decides && len(both) == 1:
			return Reading{Status: Match, Door: b.doors[both[0]], By: ByPhone}
		case len(both) == 0 && (r.why == "" || (decides && len(between) > 0)):
			r = finding{doors: append(slices.Clone(r.doors), of...), why: PhoneSaysOther}
		case len(both) == 0 && len(r.doors) == 0 && r.why != OtherEstate:
			r.doors = of
		case r.wide != nil && len(both) > 0:
			r.doors = both
		}
	}
	if r.why == "" {
		return Reading{Status: Match, Door: b.doors[r.doors[0]], By: r.by}
	}
	slices.Sort(r.doors)
	r.doors = slices.Compact(r.doors)
	out := Reading{Status: Review, Why: r.why}
	if len(r.doors) <= MaxDoors {
		for _, d := range r.doors {
			out.Doors = append(out.Doors, b.doors[d])
		}
	}
	return out
}

// attempt is a set of roles given to numbers.
type attempt struct {
	named     bool // a building is given
	buildings []int
	unit      string
	floor     int // 0 if none
	room      string
	door      int // on its floor, 0 if none
	lane      bool
	again     bool // the unit is said twice
}

// doors returns the doors that fit.
func (p *lexer) doors(a *attempt) []int {
	var fit []int
	for _, at := range a.buildings {
		rooms := p.b.buildings[at].byRoom
		list := rooms[a.room]
		if a.room == "" && a.door > 0 && a.floor > 0 {
			list = rooms[strconv.Itoa(a.floor*100+a.door)]
		}
		for _, d := range list {
			if (a.unit == "" || p.b.units[d] == a.unit) && (a.floor == 0 || a.room == "" || floorOf(p.b.rooms[d]) == a.floor) {
				fit = append(fit, d)
			}
		}
	}
	return fit
}

// floorOf returns the floor of a room such as 1203, 0 if the room does not tell.
func floorOf(room string) int {
	if len(room) < 3 {
		return 0
	}
	n, err := strconv.Atoi(room[:len(room)-2])
	if err != nil {
		return 0
	}
	return n
}

// join settles what a word that has two meanings counts, and drops a building's name that is said twice.
func (p *lexer) join() {
	for k := 0; k+1 < len(p.tokens); k++ { // 小白楼E13
		x, y := &p.tokens[k], &p.tokens[k+1]
		if x.explicit() && y.explicit() && y.gap < text && slices.Equal(p.buildingsOf(x), p.buildingsOf(y)) && len(p.buildingsOf(x)) == 1 {
			p.tokens = slices.Delete(p.tokens, k+1, k+2)
			k--
		}
	}
	explicit := slices.ContainsFunc(p.tokens, func(t token) bool { return t.explicit() })
	for k := range p.tokens {
		t := &p.tokens[k]
		if t.explicit() {
			continue
		}
		switch t.label {
		case storeyNo:
			t.label = p.storey(k, explicit)
		case plainNo:
			t.label = p.plain(k, explicit)
		}
		explicit = explicit || t.label == buildingNo
	}
}

// next returns the number after token k, nil if there is none that belongs to it.
func (p *lexer) next(k int) *token {
	if k+1 < len(p.tokens) && p.tokens[k+1].gap < another {
		return &p.tokens[k+1]
	}
	return nil
}

// storey says what 楼 counts: the building where the room is on another floor (6楼1203) or a unit follows, and the floor where they agree (6楼603)
// or the building is given. explicit reports whether it is.
func (p *lexer) storey(k int, explicit bool) label {
	t, next := &p.tokens[k], p.next(k)
	if explicit || (k > 0 && (p.tokens[k-1].label == unitNo || p.tokens[k-1].label == plainNo)) {
		return floorNo
	}
	if next == nil {
		if k > 0 && floorOf(p.tokens[k-1].digits) > 0 && floorOf(p.tokens[k-1].digits) != t.number() {
			return buildingNo // 1203，6楼
		}
		return floorNo
	}
	switch {
	case next.label != none && next.label != roomNo && next.label != plainNo:
		return buildingNo
	case len(next.digits) <= 2 && k+2 < len(p.tokens) && p.tokens[k+2].gap < text && len(p.tokens[k+2].digits) >= 3:
		return buildingNo // 6楼1-1203
	case len(next.digits) <= 2, floorOf(next.digits) == t.number():
		return floorNo
	}
	return buildingNo
}

// plain says what 号 counts: the building behind a lane, where a number follows or a room came before, and alone in an estate that is a lane; else the
// room.
func (p *lexer) plain(k int, explicit bool) label {
	t, next := &p.tokens[k], p.next(k)
	switch {
	case !explicit && k > 0 && p.tokens[k-1].label == laneNo && t.gap < text:
		return buildingNo // 88弄101号, also where a room has that number
	case explicit || len(t.digits) > 3 || (k > 0 && p.tokens[k-1].label == unitNo):
		return roomNo
	case next != nil && next.label != buildingNo && (len(p.b.building("", t.digits)) > 0 || !p.isRoom(t)):
		return buildingNo
	case slices.ContainsFunc(p.tokens[:k], func(t token) bool { return t.label == roomNo }):
		return buildingNo // 402室，12号
	case k == 0 && next == nil && p.b.lane != "" && !p.grouped && !p.landmark && len(p.b.building("", t.digits)) > 0:
		return buildingNo // 101号, also where a room has that number
	case k > 0 && (p.tokens[k-1].label == floorNo || p.tokens[k-1].label == storeyNo) || p.landmark || p.isRoom(t):
		return roomNo
	case next == nil && len(p.b.building("", t.digits)) > 0:
		return buildingNo // 12号
	}
	return roomNo
}

// isRoom reports whether the estate has a room of that number.
func (p *lexer) isRoom(t *token) bool {
	room := t.room()
	return t.letters == "" && len(p.b.byRoom[room]) > 0
}

func (t *token) room() string {
	room := numberText(t.digits)
	if t.tail != "" || t.letters != "" {
		return t.letters + t.digits + t.tail
	}
	return room
}

func (p *lexer) buildingsOf(t *token) []int {
	if t.buildings != nil {
		return t.buildings
	}
	if t.tail != "" {
		return p.b.building(t.letters, t.digits+t.tail)
	}
	return p.b.building(t.letters, t.digits)
}
