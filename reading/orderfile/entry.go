package orderfile

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
	"baogong/reading/amount"
	"baogong/reading/sheet"
)

// order collects an entry from its rows.
type order struct {
	reading.Entry
	waits, refused, takenBack bool
	notes                     []string
}

func (e *order) problem(p reading.Problem) {
	if !slices.Contains(e.Problems, p) {
		e.Problems = append(e.Problems, p)
	}
	switch p {
	case reading.QuantityNotPositive:
		e.refused = true
	case reading.PriceUnclear, reading.NoteCut, reading.QuantityAssumed, reading.TotalDiffers:
	case reading.SameRowAgain:
		e.waits = e.waits || e.Number == "" // without a number it may be meant
	default:
		e.waits = true
	}
}

func (e *order) note(text string) {
	text = strings.TrimSpace(oneLine(text))
	if text != "" && !slices.Contains(e.notes, text) {
		e.notes = append(e.notes, text)
	}
}

// entry makes an entry of the rows of one order.
func (o *Orders) entry(lines []sheetRow) reading.Entry {
	e := &order{}
	var text []string
	seen := map[string]bool{}  // rows without their addresses
	whole := map[string]bool{} // rows with them
	for _, r := range lines {
		e.Rows = append(e.Rows, r.Number)
		text = append(text, r.written())
		if n, unclear := r.number(); unclear {
			e.problem(reading.NumberUnclear)
		} else if e.Number == "" {
			e.Number = n
		}
		if e.Phone == "" {
			e.Phone = r.phone()
		}
		if e.Phone == "" {
			if numbers, _ := address.Phones(r.address()); len(numbers) == 1 {
				e.Phone = numbers[0]
			}
		}
		if r.nested {
			e.problem(reading.AddressFromAbove)
		}
		if cancelled.MatchString(r.text(state)) {
			e.takenBack = true
		}
		goods, rest := r.same()
		if seen[goods] {
			if whole[goods+"\x00"+rest] {
				e.problem(reading.SameRowAgain)
			}
			continue
		}
		seen[goods], whole[goods+"\x00"+rest] = true, true
		r.formulas(e)
		if r.page.goods != nil {
			r.crossGoods(e)
		} else {
			r.listGoods(e)
		}
		if c := r.cell(note); c.Kind != sheet.Above || len(lines) == 1 || !slices.Contains(e.notes, c.Text) {
			e.note(c.Text)
		}
	}
	e.Text = strings.Join(text, "\n")
	o.readAddress(e, lines)
	e.Note = strings.Join(e.notes, "；")
	if r := []rune(e.Note); len(r) > delivery.MaxNote {
		e.Note = strings.TrimSpace(string(r[:delivery.MaxNote]))
		e.problem(reading.NoteCut)
	}
	if len(e.Goods) == 0 && !e.waits && !e.refused {
		e.problem(reading.NothingOrdered)
	}
	if len(e.Goods) > delivery.MaxLines {
		e.waits = true
	}
	switch {
	case e.refused:
		e.Asks = reading.Refuse
	case e.takenBack:
		e.Asks = reading.Cancel
	case e.waits || e.Address.Status != address.Match:
		e.Asks = reading.Review
	default:
		e.Asks = reading.Place
	}
	return e.Entry
}

var cancelled = regexp.MustCompile(`取消|退款|已退|退货|关闭|作废|撤销|(?i:cancel|refund|void)`)

// readAddress reads the addresses of the rows. Rows that name different doors wait.
func (o *Orders) readAddress(e *order, lines []sheetRow) {
	var texts []string
	first := true
	for _, r := range lines {
		key := delivery.Key(r.address())
		if key == "" || slices.Contains(texts, key) {
			continue
		}
		texts = append(texts, key)
		read := o.door(r.page, r)
		switch {
		case first:
			e.Address, first = read, false
		case read.Status == address.Match && e.Address.Status == address.Match && read.Door.Index == e.Address.Door.Index:
		default:
			doors := append(doorsOf(e.Address), doorsOf(read)...)
			slices.SortFunc(doors, func(a, b address.Door) int { return a.Index - b.Index })
			doors = slices.CompactFunc(doors, func(a, b address.Door) bool { return a.Index == b.Index })
			e.Address = address.Reading{Status: address.Review, Why: address.TwoAddresses, Doors: doors}
			e.problem(reading.TwoAddresses)
		}
		if len(texts) >= maxAddresses {
			break
		}
	}
	if first {
		e.Address = o.door(lines[0].page, lines[0])
	}
	if e.Address.Status != address.Match {
		e.problem(reading.Problem(e.Address.Why))
	}
}

// maxAddresses is how many addresses of one order are looked at.
const maxAddresses = 12

func doorsOf(r address.Reading) []address.Door {
	if r.Status == address.Match {
		return []address.Door{r.Door}
	}
	return r.Doors
}

// same returns what makes two rows the same, and their addresses apart: goods that one order names twice with two addresses count once.
// Numbers of rows and times are left out.
func (r sheetRow) same() (goods, where string) {
	var a, b strings.Builder
	for i, c := range r.Cells {
		f := other
		if i < len(r.page.of) {
			f = r.page.of[i]
		}
		switch f {
		case index:
		case place, building, unit, floor, room:
			b.WriteString(delivery.Key(c.Text) + "\x00")
		default:
			a.WriteString(delivery.Key(c.Text) + "\x00")
		}
	}
	return strings.TrimRight(a.String(), "\x00"), b.String()
}

// formulas tells of formulas in cells that are read. A price that is computed is only not known.
func (r sheetRow) formulas(e *order) {
	for i, c := range r.Cells {
		if c.Kind != sheet.Formula || i >= len(r.page.of) {
			continue
		}
		_, good := r.page.goods[i]
		switch r.page.of[i] {
		case other:
			if good {
				e.problem(reading.HasFormula)
			}
		case index, person, price, sum, phone:
		default:
			e.problem(reading.HasFormula)
		}
	}
}

// listGoods reads the good of a row of a list.
func (r sheetRow) listGoods(e *order) {
	name, count := r.cell(item), r.cell(quantity)
	if name.Kind == sheet.Formula || count.Kind == sheet.Formula {
		return
	}
	if count.Text == "" && name.Text != "" {
		goods, notes, problems := goodsOf(name.Text)
		if len(goods) > 0 || slices.Contains(problems, reading.QuantityNotPositive) {
			for i := range goods {
				goods[i].Substitute = substituteOf(r.text(substitute))
			}
			if len(goods) == 1 {
				r.price(e, &goods[0])
			}
			e.Goods = append(e.Goods, goods...)
			for _, n := range notes {
				e.note(n)
			}
			for _, p := range problems {
				e.problem(p)
			}
			return
		}
	}
	if name.Text == "" && count.Text == "" {
		return
	}
	if strings.ContainsAny(name.Text, "、，,;；\n") {
		if goods, _, problems := goodsOf(name.Text); len(goods) > 1 && len(problems) == 0 {
			e.problem(reading.QuantityUnclear) // each good has its quantity, and so has the row
			return
		}
	}
	unitText := r.text(measure)
	if r.cell(measure).Kind != sheet.Plain && r.cell(measure).Kind != sheet.Above {
		unitText = ""
	}
	a, err := amount.Quantity(count.Text, unitText)
	if unitText == "" && r.page.inUnit != "" {
		if b, also := amount.Quantity(count.Text, r.page.inUnit); also == nil {
			a, err = b, nil
		}
	}
	switch {
	case count.Kind == sheet.Date, count.Kind == sheet.Above, count.Below: // a date was a range, and one quantity of several rows is that of none
		e.problem(reading.QuantityUnclear)
		return
	case errors.Is(err, amount.ErrNotPositive):
		e.problem(reading.QuantityNotPositive)
		return
	case err != nil:
		e.problem(reading.QuantityUnclear)
		return
	case name.Text == "":
		e.problem(reading.ItemMissing)
		return
	}
	good := reading.Good{Item: oneLine(strings.TrimSpace(norm.NFC.String(name.Text))), Quantity: a.Quantity, Unit: a.Unit, Substitute: substituteOf(r.text(substitute))}
	if s := r.cell(spec); s.Text != "" && s.Kind != sheet.Formula && !strings.Contains(good.Item, s.Text) {
		good.Item += " " + oneLine(s.Text)
	}
	if a.Note != "" {
		e.note(a.Note)
	}
	r.price(e, &good)
	e.Goods = append(e.Goods, good)
}

// price reads the unit price, or works it out of the row's sum.
func (r sheetRow) price(e *order, good *reading.Good) {
	one, whole := r.cell(price), r.cell(sum)
	if one.Text != "" {
		fen, ok := amount.Price(one.Text)
		if r.page.inFen {
			fen /= 100
		}
		if ok && one.Kind == sheet.Plain || one.Kind == sheet.Above && ok {
			good.UnitPriceFen = fen
			return
		}
		e.problem(reading.PriceUnclear)
		return
	}
	if whole.Text == "" || whole.Kind == sheet.Above || whole.Below {
		return
	}
	fen, ok := amount.Price(whole.Text)
	if r.page.inFen {
		fen /= 100
	}
	if !ok || whole.Kind != sheet.Plain || fen*1000%int64(good.Quantity) != 0 || fen*1000/int64(good.Quantity) > delivery.MaxPriceFen {
		e.problem(reading.PriceUnclear)
		return
	}
	good.UnitPriceFen = fen * 1000 / int64(good.Quantity)
}

// crossGoods reads the goods of a row of a cross table.
func (r sheetRow) crossGoods(e *order) {
	for i, c := range r.Cells {
		good, ok := r.page.goods[i]
		if !ok || blank(c.Text) || c.Kind == sheet.Formula {
			continue
		}
		a, err := amount.Quantity(c.Text, "")
		if good.unit != "" {
			if b, also := amount.Quantity(c.Text, good.unit); also == nil {
				a, err = b, nil
			}
		}
		switch {
		case c.Kind != sheet.Plain, c.Below:
			e.problem(reading.QuantityUnclear)
		case errors.Is(err, amount.ErrNotPositive):
			e.problem(reading.QuantityNotPositive)
		case err != nil:
			e.problem(reading.QuantityUnclear)
		default:
			if a.Note != "" {
				e.note(a.Note)
			}
			e.Goods = append(e.Goods, reading.Good{Item: good.item, Quantity: a.Quantity, Unit: a.Unit, UnitPriceFen: good.fen})
		}
	}
}
