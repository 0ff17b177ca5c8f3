package jielong

import (
	"regexp"
	"strings"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
	"baogong/reading/amount"
)

// share is a door's share of an item, in a list by item.
type share struct {
	text string // the door
	with string // how much
}

// countInBrackets is a quantity behind a door or a good: 1203(2).
var countInBrackets = regexp.MustCompile(`\((\d{1,2})\)([^单栋号楼门室层幢座#\d-]|$)`)

// inBrackets writes quantities in brackets as 1203 ×2.
func inBrackets(s string) string { return countInBrackets.ReplaceAllString(s, " ×$1 $2") }

// byItem reads a line of a list by item: 蔬菜包：1203 两份，801 一份，共3份. It reports whether the line is one. A line that names one door after a good
// without a colon is an ordinary entry.
func (p *pages) byItem(i int, raw, body string) bool {
	choice, left, ok := p.headOf(inBrackets(body))
	if !ok {
		return false
	}
	before, left := p.headTotal(left)
	colon := strings.HasPrefix(left, ":")
	left = strings.TrimLeft(left, ":- ")
	shares, total := p.shares(left)
	if total == nil {
		total = before
	}
	if len(shares) == 0 || (!colon && len(shares) < 2 && total == nil && p.item < 0) || !p.hasRoom(shares[0].text) {
		return false
	}
	p.end()
	p.item = choice
	p.keep(i, raw, shares)
	if total != nil {
		p.state(i, choice, total)
	}
	return true
}

// keep keeps the shares of a line as entries of the good above.
func (p *pages) keep(i int, raw string, shares []share) {
	p.started = true
	for _, s := range shares {
		e, ok := p.read(&draft{rows: []int{p.rows[i]}, lines: []string{raw}, bodies: []string{s.text + " " + s.with}, item: p.item})
		switch {
		case !ok:
		case p.item >= 0:
			p.together(e)
		default:
			p.entry(e)
		}
	}
}

// severalDoors reads a line without a number that names several doors, each with its quantity: 1203两份，801一份. It reports whether the line is one.
func (p *pages) severalDoors(i int, raw, body string) bool {
	if p.item < 0 && len(p.menu.choices) != 1 {
		return false
	}
	shares, total := p.shares(cleaned(inBrackets(body)))
	if len(shares) < 2 {
		return false
	}
	for _, s := range shares {
		if !p.hasRoom(s.text) {
			return false
		}
	}
	p.end()
	p.keep(i, raw, shares)
	if total != nil {
		p.state(i, max(p.item, 0), total)
	}
	return true
}

// headTotal takes the total off that stands right behind a good, before the colon or alone: 蔬菜包（共5份）：.
func (p *pages) headTotal(left string) (*bit, string) {
	text := []rune(left)
	l := p.menu.lex(text)
	if len(l.bits) == 0 || l.bits[0].from > 0 || (l.bits[0].kind != quantityBit && l.bits[0].kind != totalBit) {
		return nil, left
	}
	if rest := strings.TrimSpace(string(text[l.bits[0].to:])); rest == "" || rest[0] == ':' {
		return &l.bits[0], rest
	}
	return nil, left
}

// shares cuts the text behind a good into doors with their quantities: each quantity ends a share, and one after 各 is for all doors before it.
func (p *pages) shares(left string) (out []share, total *bit) {
	text := []rune(left)
	l := p.menu.lex(text)
	at := 0
	var open []string // doors that wait for a quantity
	first := ""       // a quantity that stands before its door: 2份1203
	flush := func(with string) {
		for k, door := range open {
			w := ""
			if k == len(open)-1 || strings.HasPrefix(with, "各") {
				w = strings.TrimPrefix(with, "各")
			}
			out = append(out, share{text: door, with: w})
		}
		open = nil
	}
	take := func(to int) {
		for _, door := range strings.FieldsFunc(string(text[at:to]), func(r rune) bool { return strings.ContainsRune(",、;\n", r) }) {
			door = strings.TrimSpace(door)
			switch _, rest := address.Phones(door); {
			case door == "":
			case strings.ContainsFunc(rest, func(r rune) bool { return isDigit(r) || amount.NumeralDigit(r) >= 0 }):
				open = append(open, door)
			case len(open) > 0:
				open[len(open)-1] += " " + door
			case len(out) > 0:
				out[len(out)-1].text += " " + door // a telephone number or a remark
			}
		}
	}
	each := ""
	for k := range l.bits {
		b := &l.bits[k]
		take(b.from)
		at = b.to
		switch b.kind {
		case totalBit:
			flush(first)
			first, total = "", b
		case eachBit:
			each = "各"
		case quantityBit, unclearBit:
			with := each + string(text[b.from:b.to])
			each = ""
			if len(open) == 0 && len(out) == 0 || first != "" {
				flush(first)
				first = with
				continue
			}
			flush(with)
		default:
			return nil, nil // another good: an ordinary entry
		}
	}
	take(len(text))
	flush(first)
	return out, total
}

// statedTotal is a total that the list states.
type statedTotal struct {
	row      int
	choice   int // -1 for the sum of all goods
	doors    bool
	orAll    bool // it may as well be the sum of all goods
	quantity delivery.Quantity
	unit     string
}

// state notes a stated total of one good.
func (p *pages) state(i, choice int, b *bit) {
	a, err := amount.Quantity(b.number, "")
	if err != nil {
		return
	}
	unit := b.unit
	if choice >= 0 {
		unit = p.menu.choices[choice].Unit
		if c, err := p.menu.choices[choice].convert(b); err == nil {
			a.Quantity = c.Quantity
		}
	}
	p.totals = append(p.totals, statedTotal{row: p.rows[i], choice: choice, quantity: a.Quantity, unit: unit})
}

// stated reads a line of totals: 合计：A 7份，B 3份; 共12板; 共9户.
func (p *pages) stated(i int, s string) {
	p.skip(i, TotalRow)
	text := []rune(cleaned(money.ReplaceAllString(s, " ")))
	for k := 0; k < len(text); k++ {
		if end := digitsEnd(text, k); end > k {
			if at := skipSpace(text, end); at < len(text) && strings.ContainsRune("户家人位", text[at]) {
				if a, err := amount.Quantity(string(text[k:end]), ""); err == nil {
					p.totals = append(p.totals, statedTotal{row: p.rows[i], choice: -1, doors: true, quantity: a.Quantity, unit: string(text[at])})
				}
				for ; k <= at; k++ {
					text[k] = ' '
				}
			}
			k = max(k, end) - 1
		}
	}
	if strings.ContainsRune(string(text), '+') {
		return
	}
	l := p.menu.lex(text)
	only := -1
	switch {
	case p.item >= 0:
		only = p.item
	case len(p.menu.choices) == 1:
		only = 0
	}
	named := false
	for _, o := range l.bind(0) {
		if o.quantity != nil {
			p.state(i, o.choice, o.quantity)
			named = true
		}
	}
	for k := range l.bits {
		b := &l.bits[k]
		if !b.bound && (b.kind == quantityBit || b.kind == totalBit) && (!named || b.kind == totalBit) {
			p.state(i, only, b)
			if k := len(p.totals) - 1; k >= 0 && p.totals[k].row == p.rows[i] {
				p.totals[k].orAll = p.item >= 0
			}
			return
		}
	}
}

// compareTotals compares what the list states with what was counted.
func (r *listReader) compareTotals() {
	for _, t := range r.totals {
		total := Total{Row: t.row, Unit: t.unit, Stated: t.quantity}
		if t.choice >= 0 {
			total.Item = r.menu.choices[t.choice].Item
		}
		total.Counted = r.counted(total.Item, t.doors)
		if all := r.counted("", false); t.orAll && total.Differs() && all == total.Stated {
			total.Item, total.Counted = "", all
		}
		r.list.Totals = append(r.list.Totals, total)
	}
}

// counted returns the sum of a good, or of all goods, or the number of entries. Those that are taken back or refused do not count.
func (r *listReader) counted(item string, doors bool) (sum delivery.Quantity) {
	for i := range r.list.Entries {
		e := &r.list.Entries[i]
		switch {
		case e.Asks != reading.Place && e.Asks != reading.Review:
		case doors:
			sum += 1000
		default:
			for _, g := range e.Goods {
				if item == "" || g.Item == item {
					sum += g.Quantity
				}
			}
		}
	}
	return sum
}
