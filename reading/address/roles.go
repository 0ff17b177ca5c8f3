package address

import (
	"slices"
)

// role is a part of an address, in the order in which people write them.
type role int

const (
	laneRole role = iota + 1
	buildingRole
	unitRole
	floorRole
	roomRole // or the door on a floor
)

// matcher gives the numbers of a span their roles in every way that the order and the words allow, and keeps the ways that fit doors of the book.
type matcher struct {
	*lexer
	from, to int
	home     []int
	by       By
	cut      bool // digits may be cut
	best     piece
	rank     int // of the best ways, the lowest first
	cuts     int
}

// maxSpan is the largest number of numbers in one address: lane, building, unit, floor, door, and one spare.
const maxSpan = 6

// longest returns the address that begins at token i and takes in most numbers.
func (p *lexer) longest(i int, home []int, by By) (piece, bool) {
	end := i + 1
	for end < len(p.tokens) && end < i+maxSpan && p.tokens[end].gap != another {
		t := &p.tokens[end]
		if before := &p.tokens[end-1]; t.gap == text && (before.short() || t.short() || t.nickname) {
			break
		}
		end++
	}
	for _, cut := range []bool{false, true} {
		for to := end; to > i; to-- {
			q := matcher{lexer: p, from: i, to: to, home: home, by: by, cut: cut}
			q.step(i, 0, 0, 0, attempt{})
			if q.best.doors != nil {
				q.best.from, q.best.to = i, to
				t := &p.tokens[i]
				q.best.lone = to == i+1 && !t.explicit() && q.cuts == 0
				return q.best, true
			}
		}
	}
	return piece{}, false
}

// step gives a role to the digits of token k from off on. last is the highest role given so far, loose the highest given to a number without a
// word that stands before the building.
func (q *matcher) step(k, off int, last, loose role, a attempt) {
	if k == q.to {
		q.visit(a, loose)
		return
	}
	t := &q.tokens[k]
	if off == 0 {
		q.give(k, t, last, loose, a)
	}
	if !q.cut || !q.mayCut(t, k) {
		return
	}
	for end := off + 1; end <= len(t.digits); end++ {
		if (off == 0 && end == len(t.digits)) || t.digits[off] == '0' {
			continue
		}
		q.cuts++
		q.giveCut(k, t, off, end, last, loose, a)
		q.cuts--
	}
}

// mayCut reports whether the digits may be several numbers: those without a word of their own that are no room by their length, and those
// glued to the letters of a building that does not exist.
func (q *matcher) mayCut(t *token, k int) bool {
	switch {
	case t.buildings != nil || t.tail != "" || len(t.digits) < 2 || len(t.digits) > 10:
		return false
	case t.letters != "":
		return t.label == none && len(q.buildingsOf(t)) == 0
	case t.label != none && t.label != roomNo:
		return false
	case k > q.from && len(t.digits) <= q.b.maxRoom && len(t.digits) > 2:
		return false
	}
	return len(q.b.byRoom[t.room()]) == 0
}

// give tries every role that the word of the token allows.
func (q *matcher) give(k int, t *token, last, loose role, a attempt) {
	digits := t.digits
	next := func(r role, a attempt) {
		l := loose
		if !a.named && t.label == none {
			l = max(l, r)
		}
		q.step(k+1, 0, max(last, r), l, a)
	}
	may := func(r role, of ...label) bool {
		return slices.Contains(of, t.label) || (t.label == none && r > last)
	}
	if t.explicit() {
		if !a.named && (loose < unitRole || loose == roomRole) {
			b := a
			b.named, b.buildings = true, q.buildingsOf(t)
			next(buildingRole, b)
		}
		if t.letters != "" && t.label != buildingNo && a.room == "" && len(q.b.byRoom[t.room()]) > 0 && last < roomRole {
			b := a
			b.room = t.room()
			next(roomRole, b)
		}
		return
	}
	if !a.lane && q.b.lane != "" && may(laneRole, laneNo) && numberText(digits) == q.b.lane {
		b := a
		b.lane = true
		next(laneRole, b)
	}
	if !a.named && may(buildingRole) {
		b := a
		b.named, b.buildings = true, q.buildingsOf(t)
		next(buildingRole, b)
	}
	if a.unit != "" && t.label == unitNo && a.unit == t.unit() { // 1-1203（1单元）
		b := a
		b.again = true
		next(unitRole, b)
	}
	if a.unit == "" && may(unitRole, unitNo) {
		b := a
		b.unit = t.unit()
		next(unitRole, b)
	}
	q.giveFloor(k, t, last, a, next)
	if a.room != "" || a.door > 0 || !may(roomRole, roomNo, plainNo) {
		return
	}
	if len(digits) <= 2 && a.floor > 0 {
		b := a
		b.door = t.number()
		next(roomRole, b)
	}
	if len(q.b.byRoom[t.room()]) > 0 {
		b := a
		b.room = t.room()
		next(roomRole, b)
	}
}

// giveFloor tries a number as the floor: with its word, or before the number of a door on it.
func (q *matcher) giveFloor(k int, t *token, last role, a attempt, next func(role, attempt)) {
	loose := t.label == none && last < floorRole && k+1 < q.to && len(q.tokens[k+1].digits) <= 2 && !q.tokens[k+1].labelled()
	if n := t.number(); a.floor == 0 && n > 0 && len(t.digits) <= 2 && (t.label == floorNo || t.label == storeyNo || loose) {
		a.floor = n
		next(floorRole, a)
	}
}

// giveCut gives a role to a piece of a token's digits.
func (q *matcher) giveCut(k int, t *token, off, end int, last, loose role, a attempt) {
	piece := t.digits[off:end]
	next := func(r role, a attempt) {
		if end == len(t.digits) {
			q.step(k+1, 0, max(last, r), loose, a)
			return
		}
		q.step(k, end, max(last, r), loose, a)
	}
	letters := t.letters != "" && off == 0
	if !a.named && last < buildingRole {
		var found []int
		if letters {
			found = q.b.building(t.letters, piece)
		} else if t.letters == "" {
			found = q.b.building("", piece)
		}
		if len(found) > 0 {
			b := a
			b.named, b.buildings = true, found
			next(buildingRole, b)
		}
	}
	if letters {
		return
	}
	if a.unit == "" && last < unitRole && len(piece) <= 2 {
		b := a
		b.unit = piece
		next(unitRole, b)
	}
	if a.room == "" && a.door == 0 && last < roomRole && end == len(t.digits) && len(q.b.byRoom[piece]) > 0 {
		b := a
		b.room = piece
		next(roomRole, b)
	}
}

// goesOn reports whether the number behind the span belongs to it, so that the way is wrong: in 1204 E6-1-1203 the room follows the building, and
// in 6 1 1 1203 the last number is the room, not a door on a floor.
func (q *matcher) goesOn(a *attempt, loose role) bool {
	if q.to == len(q.tokens) || q.tokens[q.to].gap >= text || q.tokens[q.to].labelled() {
		return false
	}
	return (loose == roomRole && a.named) || (a.door > 0 && len(q.tokens[q.to].digits) > 2)
}

// visit keeps a complete way.
func (q *matcher) visit(a attempt, loose role) {
	if (a.room == "" && a.door == 0) || q.goesOn(&a, loose) {
		return
	}
	by, rank := ByText, 3
	explicit := slices.ContainsFunc(q.tokens[q.from:q.to], func(t token) bool { return t.explicit() })
	switch {
	case !a.named && (q.home == nil || a.lane):
		return
	case !a.named:
		a.buildings, by, rank = q.home, q.by, 2
		switch {
		case q.cut:
			rank = 0
		case a.again: // the first number may be the building as well
			rank = 1
		}
	case explicit:
		rank = 0
	case a.unit != "" || a.lane || q.cut:
		rank = 1
	}
	doors := q.doors(&a)
	if len(doors) == 0 {
		return
	}
	// 2801 may be 2-801, or a room that does not exist.
	unsure := q.cut && by == ByContext && len(q.tokens[q.from].digits) <= q.b.maxRoom && q.to == q.from+1
	switch {
	case q.best.doors == nil || rank < q.rank:
		q.best, q.rank = piece{doors: doors, ways: 1, by: by, a: a, unsure: unsure}, rank
	case rank == q.rank && !(len(doors) == len(q.best.doors) && len(intersection(doors, q.best.doors)) == len(doors)):
		q.best.ways++
		for _, d := range doors {
			if !slices.Contains(q.best.doors, d) {
				q.best.doors = append(q.best.doors, d)
			}
		}
	}
}
