package address

import (
	"slices"
)

// piece is what a run of numbers says.
type piece struct {
	from, to int // its tokens
	doors    []int
	why      Why // "" if the doors fit, of which there may be several
	ways     int // how many different readings fit
	by       By
	a        attempt
	lone     bool // a single number without a word
	unsure   bool // only one way fits, but the text may as well be wrong
}

// read returns what the whole text says. home is the building of the chat group.
func (p *lexer) read(home []int, by By) finding {
	if p.otherEstate || slices.ContainsFunc(p.tokens, func(t token) bool { return t.label == laneNo && numberText(t.digits) != p.b.lane }) {
		return finding{why: OtherEstate}
	}
	var whole, broken []piece
	var strays []int
	for i := 0; i < len(p.tokens); {
		near := home
		if k := len(whole) - 1; k >= 0 && whole[k].a.named && len(p.homes(whole[k].doors)) == 1 {
			near = p.homes(whole[k].doors) // 3号楼1-101、1-102
		}
		if g, ok := p.longest(i, near, by); ok {
			whole = append(whole, g)
			i = g.to
			continue
		}
		if p.isStray(i) || p.isListNumber(i) {
			strays = append(strays, i)
			i++
			continue
		}
		g := p.diagnose(i, home)
		broken = append(broken, g)
		i = g.to
	}
	for k, g := range slices.Backward(whole) { // a lone number beside an address is a second room, or no part of an address
		if g.lone && (k > 0 || slices.ContainsFunc(whole, func(g piece) bool { return !g.lone })) {
			strays = append(strays, g.from)
			whole = slices.Delete(whole, k, k+1)
		}
	}
	if len(whole) == 0 {
		return p.incomplete(broken, strays, home)
	}
	return p.together(whole, broken, strays)
}

// isStray reports whether the number at i stands alone, so that what follows is read without it.
func (p *lexer) isStray(i int) bool {
	t := &p.tokens[i]
	return !t.explicit() && t.label == none && (i+1 == len(p.tokens) || p.tokens[i+1].gap >= text || p.tokens[i+1].explicit())
}

// isListNumber reports whether the text begins with a number that is no part of the address behind it: 1 6-1-1203.
func (p *lexer) isListNumber(i int) bool {
	if i > 0 || !p.tokens[0].short() || len(p.tokens) < 4 || p.tokens[1].gap != space {
		return false
	}
	for _, t := range p.tokens[2:4] {
		if t.gap != dash {
			return false
		}
	}
	g, ok := p.longest(1, nil, ByText)
	return ok && g.a.named && g.a.unit != "" && g.to >= 4
}

// together returns what the complete addresses of a text say together.
func (p *lexer) together(whole, broken []piece, strays []int) finding {
	first := whole[0]
	doors := first.doors
	for _, g := range whole[1:] {
		both := intersection(doors, g.doors)
		if len(both) == 0 {
			return finding{doors: union(whole), why: TwoAddresses}
		}
		if len(g.doors) < len(first.doors) {
			first = g
		}
		doors = both
	}
	for _, g := range broken {
		switch {
		case !g.a.named && g.a.unit != "" && g.a.room == "":
			if other := p.otherUnit(doors, g.a.unit); other != nil {
				return finding{doors: append(slices.Clone(doors), other...), why: TwoAddresses}
			}
		case !g.a.named:
		case g.why == NoSuchBuilding && g.a.room == "":
			return finding{why: NoSuchBuilding} // a letter and a number that are no building of the estate
		case g.a.room != "" || len(intersection(g.a.buildings, p.homes(doors))) == 0:
			return finding{doors: append(slices.Clone(doors), g.doors...), why: TwoAddresses}
		}
	}
	if p.basementBefore(first) {
		return finding{why: NoSuchRoom}
	}
	for _, k := range strays {
		if k > 0 && p.tokens[k].gap == glued && p.tokens[k].label == none {
			return finding{doors: doors, why: RunTogether} // digits that nothing explains
		}
		if second := p.secondRoom(k, doors); second != nil {
			return finding{doors: append(slices.Clone(doors), second...), why: TwoAddresses}
		}
	}
	switch {
	case len(doors) == 1 && !first.unsure:
		return finding{doors: doors, by: first.by}
	case first.ways > 1 || first.unsure:
		return finding{doors: doors, why: RunTogether}
	case len(p.homes(doors)) > 1:
		return finding{doors: doors, why: BuildingMissing}
	}
	return finding{doors: doors, why: UnitMissing}
}

// otherUnit returns the same rooms in a unit that is said beside an address, nil if the unit is the address's own or does not exist.
func (p *lexer) otherUnit(doors []int, unit string) []int {
	var other []int
	for _, at := range p.homes(doors) {
		for _, d := range doors {
			if p.b.units[d] == unit {
				return nil
			}
			other = append(other, p.doors(&attempt{buildings: []int{at}, unit: unit, room: p.b.rooms[d]})...)
		}
	}
	return other
}

// basementBefore reports whether a floor below the ground is named before the room.
func (p *lexer) basementBefore(g piece) bool {
	return p.basement && p.basementAt > g.from && p.basementAt < g.to
}

// homes returns the buildings of doors.
func (p *lexer) homes(doors []int) []int {
	var out []int
	for _, d := range doors {
		if at := p.b.byCode[buildingKey(p.b.doors[d].Building)]; !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// secondRoom returns the doors that a number beside an address means, if it is another room of the building. Four digits apart from the address
// with which the number of a household ends mean nothing.
func (p *lexer) secondRoom(k int, doors []int) []int {
	t := &p.tokens[k]
	g := t.gap
	if k == 0 || (g == text && k+1 < len(p.tokens)) {
		g = text
		if k+1 < len(p.tokens) && p.tokens[k+1].gap < text {
			g = p.tokens[k+1].gap
		}
	}
	if len(t.digits) < 3 || (p.b.tails[t.digits] && (g == space || g == text) && !t.house && t.label == none) {
		return nil
	}
	var all, near []int
	for _, at := range p.homes(doors) {
		all = append(all, p.b.buildings[at].byRoom[t.room()]...)
	}
	for _, d := range all {
		if slices.ContainsFunc(doors, func(o int) bool { return p.b.units[o] == p.b.units[d] }) {
			near = append(near, d)
		}
	}
	if len(near) > 0 {
		all = near
	}
	if len(intersection(all, doors)) > 0 {
		return nil
	}
	return all
}

// incomplete returns why a text without a complete address waits.
func (p *lexer) incomplete(broken []piece, strays, home []int) finding {
	best := -1
	for k, g := range broken {
		if best < 0 || weight(&g) > weight(&broken[best]) {
			best = k
		}
	}
	if best >= 0 {
		g := broken[best]
		if p.basement && g.why == RoomMissing {
			g.why = NoSuchRoom
		}
		if g.why != BuildingMissing || len(p.b.byRoom[g.a.room]) > 0 || !p.landmark {
			return p.missing(&g)
		}
	}
	for _, k := range strays {
		if t := &p.tokens[k]; len(t.digits) >= 3 || len(p.b.byRoom[t.room()]) > 0 && !p.landmark {
			g := piece{a: attempt{buildings: home, room: t.room()}, why: NoSuchRoom}
			if home == nil {
				g.why = BuildingMissing
			}
			return p.missing(&g)
		}
	}
	switch {
	case p.landmark:
		return finding{why: Landmark}
	case home != nil && p.basement:
		return finding{why: NoSuchRoom}
	case home != nil:
		return p.missing(&piece{a: attempt{buildings: home}, why: RoomMissing})
	}
	return finding{why: BuildingMissing}
}

// weight ranks incomplete addresses: one that names a building tells most.
func weight(g *piece) int {
	n := 0
	if g.a.named {
		n += 4
	}
	if g.a.room != "" {
		n += 2
	}
	if g.a.unit != "" {
		n++
	}
	return n
}

// missing adds the doors between which a telephone number may decide.
func (p *lexer) missing(g *piece) finding {
	r := finding{doors: g.doors, why: g.why}
	switch g.why {
	case BuildingMissing:
		for _, d := range p.b.byRoom[g.a.room] {
			if g.a.unit == "" || p.b.units[d] == g.a.unit {
				r.wide = append(r.wide, d)
			}
		}
	case RoomMissing:
		for _, at := range g.a.buildings {
			for _, d := range p.b.buildings[at].doors {
				if (g.a.unit == "" || p.b.units[d] == g.a.unit) && (g.a.floor == 0 || floorOf(p.b.rooms[d]) == g.a.floor) {
					r.wide = append(r.wide, d)
				}
			}
		}
	}
	return r
}

// diagnose says what is wrong with the numbers from i on, none of which begin a door of the book.
func (p *lexer) diagnose(i int, home []int) piece {
	g := piece{from: i, to: i}
	a := &g.a
	var rest []*token
	for k := i; k < len(p.tokens); k++ {
		t := &p.tokens[k]
		if k > i && (t.gap == another || (t.gap == text && !t.labelled() && len(t.digits) < 3)) || (t.explicit() && a.named) {
			break
		}
		g.to = k + 1
		switch {
		case t.explicit():
			a.named, a.buildings = true, p.buildingsOf(t)
		case t.label == unitNo:
			a.unit = t.unit()
		case t.label == floorNo || t.label == storeyNo:
			a.floor = max(t.number(), 0)
		case t.label == laneNo:
			a.lane = true
		case (t.label == roomNo || t.label == plainNo) && len(t.digits) <= 2 && a.floor > 0:
			a.door = t.number()
		case t.label == roomNo || t.label == plainNo:
			a.room = t.room()
		default:
			rest = append(rest, t)
		}
	}
	p.fill(a, rest, home)
	g.why = p.reason(&g, home)
	return g
}

// fill gives numbers without words the roles that are left, in the usual order.
func (p *lexer) fill(a *attempt, rest []*token, home []int) {
	if !a.named && len(rest) > 0 && p.beginsWithBuilding(a, rest, home) {
		a.named, a.buildings, rest = true, p.buildingsOf(rest[0]), rest[1:]
	}
	if !a.named {
		a.buildings = home
	}
	if len(rest) == 2 && a.unit != "" && a.room == "" && len(rest[1].digits) <= 2 {
		a.floor, a.door = max(rest[0].number(), 0), rest[1].number()
		return
	}
	for k, t := range rest {
		last := k == len(rest)-1
		switch {
		case a.room == "" && last && len(t.digits) <= 2 && a.floor > 0 && a.door == 0 && (a.unit != "" || !p.hasUnit(a, t.unit())):
			a.door = t.number()
		case a.unit == "" && (!last || a.room != "" || (len(t.digits) <= 2 && p.hasUnit(a, t.unit()))):
			a.unit = t.unit()
		case a.room == "" && last:
			a.room = t.room()
		}
	}
}

// beginsWithBuilding reports whether the first of the numbers without words is the building.
func (p *lexer) beginsWithBuilding(a *attempt, rest []*token, home []int) bool {
	want := 2 // numbers that are still to be said beside the building
	if a.unit != "" {
		want--
	}
	if a.room != "" || a.door > 0 {
		want--
	}
	switch {
	case home == nil && len(rest) > 1, len(rest) > want:
		return true
	case home == nil || len(rest) != 2:
		return false
	}
	return !slices.Contains(p.b.buildings[home[0]].units, rest[0].unit()) && len(p.buildingsOf(rest[0])) > 0
}

func (p *lexer) hasUnit(a *attempt, unit string) bool {
	return slices.ContainsFunc(a.buildings, func(at int) bool { return slices.Contains(p.b.buildings[at].units, unit) })
}

// reason says which part of an address does not fit, and adds the doors that could be meant: the same room in other units.
func (p *lexer) reason(g *piece, home []int) Why {
	a := &g.a
	switch {
	case a.named && len(a.buildings) == 0:
		return NoSuchBuilding
	case !a.named && home == nil:
		return BuildingMissing
	case a.unit != "" && !p.hasUnit(a, a.unit):
		g.doors = p.doors(&attempt{buildings: a.buildings, room: a.room, floor: a.floor, door: a.door})
		return NoSuchUnit
	case a.room == "" && a.door == 0:
		return RoomMissing
	}
	g.doors = p.doors(&attempt{buildings: a.buildings, room: a.room, door: a.door, floor: a.floor})
	if a.room != "" && len(g.doors) == 0 && a.floor > 0 { // 11楼1203
		g.doors = p.doors(&attempt{buildings: a.buildings, unit: a.unit, room: a.room})
	}
	return NoSuchRoom
}

func (t *token) unit() string {
	if t.letters != "" || t.tail != "" {
		return t.letters + t.digits + t.tail
	}
	return numberText(t.digits)
}

func intersection(a, b []int) []int {
	var both []int
	for _, d := range a {
		if slices.Contains(b, d) {
			both = append(both, d)
		}
	}
	return both
}

func union(parts []piece) []int {
	var all []int
	for _, g := range parts {
		all = append(all, g.doors...)
	}
	return all
}
