package intake

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/reading"
	"baogong/reading/address"
)

// judge decides what each entry of an import asks for, as far as that follows from the entry, the address book and who imports. It is given
// the entries in their order, also those that are placed already: a second entry of a door is told by the first.
type judge struct {
	actor delivery.Actor
	imp   *delivery.Import
	book  *HomeBook
	row   int
	seen  map[string][][]*delivery.Line // what the entries of a key say
}

func newJudge(a delivery.Actor, i *delivery.Import, b *HomeBook) *judge {
	return &judge{actor: a, imp: i, book: b, seen: map[string][][]*delivery.Line{}}
}

// judged is one entry with its row. The row has no outcome yet if that depends on the orders that are there.
type judged struct {
	row    *delivery.ImportRow
	lines  []*delivery.Line // without their order
	note   string
	marks  delivery.Marks
	cancel bool // it takes an order back
}

// clone returns a copy that a transaction which may be retried can change.
func (x *judged) clone() *judged {
	out, row := *x, *x.row
	out.row = &row
	return &out
}

// decide gives the row an outcome, and removes what is kept for a decision if none is needed.
func (x *judged) decide(o delivery.ImportOutcome, reason string, order *delivery.UUID) {
	x.row.Outcome, x.row.Reason, x.row.OrderUUID = o, reason, order
	switch o {
	case delivery.RowInReview, delivery.RowRefused:
	default:
		x.row.Clear()
	}
}

// judge returns the item of the next entry.
func (j *judge) judge(e *reading.Entry) *judged {
	j.row++
	row := &delivery.ImportRow{CommunityID: j.imp.CommunityID, UUID: dispatch.NewUUID(), ImportUUID: j.imp.UUID, Row: j.row, FileRows: e.Rows,
		Text: kept(e.Text, delivery.MaxRowText), Place: kept(e.Address.Text, delivery.MaxRowPlace), Note: kept(delivery.Trimmed(e.Note), delivery.MaxNote)}
	x := &judged{row: row, note: row.Note, cancel: e.Asks == reading.Cancel}
	if j.imp.Kind != delivery.ImportJielong {
		row.Number = delivery.Trimmed(e.Number)
	}
	j.place(row, e.Address)
	for _, g := range e.Goods {
		row.Goods = append(row.Goods, delivery.ImportGood{Item: kept(delivery.Trimmed(g.Item), delivery.MaxName), Quantity: g.Quantity,
			Unit: kept(delivery.Trimmed(g.Unit), delivery.MaxUnitWord), UnitPriceFen: g.UnitPriceFen, Substitute: g.Substitute})
	}
	var whole bool
	x.lines, whole = lines(j.imp.CommunityID, row.Goods)
	reason := ""
	switch {
	case delivery.CheckText(row.Number, delivery.MaxName, false) != nil:
		row.Number, reason = "", reasonNumber
		x.decide(delivery.RowRefused, reason, nil)
	case e.Asks == reading.Refuse:
		reason = reasonOf(e)
		x.decide(delivery.RowRefused, reason, nil)
	case e.Asks == reading.Review || e.Address.Status != address.Match:
		reason = reasonOf(e)
		x.decide(delivery.RowInReview, reason, nil)
	case !j.sees(row):
		reason = reasonOutOfSight
		x.decide(delivery.RowInReview, reason, nil)
	case !x.cancel && len(x.lines) == 0:
		reason = reasonNoGoods
		x.decide(delivery.RowInReview, reason, nil)
	case !x.cancel && !whole:
		reason = reasonGoods
		x.decide(delivery.RowInReview, reason, nil)
	case row.Number == "":
		reason = j.again(x)
	}
	for _, p := range e.Problems {
		if string(p) != reason {
			row.Remarks = append(row.Remarks, string(p))
		}
	}
	return x
}

// place notes the doors that the address means.
func (j *judge) place(row *delivery.ImportRow, a address.Reading) {
	if a.Status == address.Match {
		home := j.book.home(a.Door)
		row.HouseholdUUID, row.BuildingUUID = &home.Household, &home.Building
		return
	}
	for _, d := range a.Doors {
		row.Guesses = append(row.Guesses, j.book.home(d).Household)
	}
	if row.BuildingUUID = j.book.building(a.Doors); row.BuildingUUID == nil {
		row.BuildingUUID = j.imp.BuildingUUID
	}
}

// sees reports whether the importer may place an order for the door: suppliers for every door, the team for those in sight.
func (j *judge) sees(row *delivery.ImportRow) bool {
	return j.actor.Role == delivery.RoleSupplier || j.actor.Scope().Sees(delivery.Keys{Community: row.CommunityID, Building: *row.BuildingUUID, Household: *row.HouseholdUUID})
}

// again gives an entry without a number its key. A second entry of a door that says something else is a second order; one that says the same
// waits, because it may be meant.
func (j *judge) again(x *judged) (reason string) {
	key := rowKey(j.imp, *x.row.HouseholdUUID)
	before := j.seen[key]
	j.seen[key] = append(before, x.lines)
	if !x.cancel && slices.ContainsFunc(before, func(l []*delivery.Line) bool { return delivery.SameGoods(l, x.lines) }) {
		x.decide(delivery.RowInReview, reasonTwice, nil)
		return reasonTwice
	}
	x.row.Key = nthKey(key, len(before)+1)
	if x.cancel {
		x.row.Key = key // it takes back what the door ordered, whichever entry that was
	}
	return ""
}

// rowKey returns the key of an entry without a number: window, or supplier and day, and door.
func rowKey(i *delivery.Import, household delivery.UUID) string {
	if i.WindowUUID != nil {
		return "W:" + string(*i.WindowUUID) + ":" + string(household)
	}
	return "D:" + string(i.SupplierUUID) + ":" + i.Day + ":" + string(household)
}

// nthKey returns the key of the nth entry of a door.
func nthKey(key string, n int) string {
	if n == 1 {
		return key
	}
	return key + "#" + strconv.Itoa(n)
}

// lines returns the lines that goods become. It reports false if one cannot be stored as it is.
func lines(community int32, goods []delivery.ImportGood) ([]*delivery.Line, bool) {
	if len(goods) > delivery.MaxLines {
		return nil, false
	}
	out, total := make([]*delivery.Line, 0, len(goods)), int64(0)
	for k, g := range goods {
		if g.Unit == "" {
			g.Unit = anyUnit
		}
		l := &delivery.Line{CommunityID: community, Position: k + 1, Item: g.Item, Quantity: g.Quantity, Unit: g.Unit, UnitPriceFen: g.UnitPriceFen}
		if delivery.CheckText(l.Item, delivery.MaxName, true) != nil || delivery.CheckText(l.Unit, delivery.MaxUnitWord, true) != nil ||
			l.Quantity <= 0 || l.Quantity > delivery.MaxQuantity || l.UnitPriceFen < 0 || l.UnitPriceFen > delivery.MaxPriceFen {
			return out, false
		}
		if total += l.TotalFen(); total > delivery.MaxTotalFen {
			return out, false
		}
		out = append(out, l)
	}
	return out, true
}

// anyUnit is the unit of a good that names none: one portion.
const anyUnit = "份"

// kept returns a text as the database can keep it, of at most limit characters.
func kept(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || (r < ' ' && r != '\n' && r != '\t') {
			return -1
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > limit {
		s = string([]rune(s)[:limit])
	}
	return s
}
