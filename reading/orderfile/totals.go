package orderfile

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/amount"
	"baogong/reading/sheet"
)

// totals counts what the rows of a sheet hold, to compare it with the totals that the sheet states. A total may be that of all rows or of
// those since the last one. A difference is told and changes nothing.
type totals struct {
	o          *Orders
	p          *orderSheet
	all, since tally
	orders     []statedCount // 共3单, above the header
}

// tally is the sum of some rows.
type tally struct {
	quantity delivery.Quantity
	fen      int64
	goods    map[int]delivery.Quantity // of a cross table
	unclear  bool                      // a quantity was not read, so that no total can be checked
	unpriced bool
}

type statedCount struct {
	row   int
	count int
}

func newTotals(o *Orders, p *orderSheet) *totals {
	return &totals{o: o, p: p, all: tally{goods: map[int]delivery.Quantity{}}, since: tally{goods: map[int]delivery.Quantity{}}}
}

var ordersStated = regexp.MustCompile(`共\s*(\d{1,7})\s*(?:单|个?订单)`)

// title reads a row above the header.
func (t *totals) title(row sheet.Record) {
	for _, c := range row.Cells {
		if m := ordersStated.FindStringSubmatch(norm.NFKC.String(c.Text)); m != nil && c.Kind != sheet.Beside {
			if n, err := strconv.Atoi(m[1]); err == nil {
				t.orders = append(t.orders, statedCount{row.Number, n})
			}
		}
	}
}

// add counts a row.
func (t *totals) add(r sheetRow) {
	if t.p.goods != nil {
		for i, c := range r.Cells {
			good, ok := t.p.goods[i]
			if !ok || blank(c.Text) {
				continue
			}
			a, err := amount.Quantity(c.Text, good.unit)
			t.each(func(s *tally) {
				if err != nil || c.Kind != sheet.Plain {
					s.unclear = true
					return
				}
				s.goods[i] += a.Quantity
				s.quantity += a.Quantity
				s.fen += (int64(a.Quantity)*good.fen + 500) / 1000
				s.unpriced = s.unpriced || good.fen == 0
			})
		}
		return
	}
	a, err := amount.Quantity(r.text(quantity), r.text(measure))
	fen, ok := amount.Price(r.text(sum))
	if !t.p.has(sum) || r.cell(sum).Kind != sheet.Plain {
		ok = false
	}
	if !ok && err == nil && t.p.has(price) && r.cell(price).Kind == sheet.Plain {
		if fen, ok = amount.Price(r.text(price)); ok {
			fen = (int64(a.Quantity)*fen + 500) / 1000
		}
	}
	t.each(func(s *tally) {
		s.unclear = s.unclear || err != nil
		s.quantity += a.Quantity
		s.unpriced = s.unpriced || !ok
		s.fen += fen
	})
}

func (t *totals) each(f func(*tally)) {
	f(&t.all)
	f(&t.since)
}

// compare compares a row of totals with what was counted.
func (t *totals) compare(r sheetRow) {
	check := func(c sheet.Cell, of func(tally) (int64, bool), read func(string) (int64, bool), write func(int64) string) {
		stated, ok := read(c.Text)
		if !ok || c.Text == "" || c.Kind != sheet.Plain {
			return
		}
		all, known := of(t.all)
		since, _ := of(t.since)
		if known && stated != all && stated != since {
			t.tell(r.Number, write(stated), write(all))
		}
	}
	quantities := func(s string) (int64, bool) {
		q, err := delivery.ParseQuantity(strings.TrimSpace(norm.NFKC.String(s)))
		return int64(q), err == nil
	}
	quantityText := func(n int64) string { return delivery.Quantity(n).String() }
	if t.p.goods != nil {
		for i := range r.Cells {
			if _, ok := t.p.goods[i]; ok {
				check(r.Cells[i], func(s tally) (int64, bool) { return int64(s.goods[i]), !s.unclear }, quantities, quantityText)
			}
		}
	} else {
		check(r.cell(quantity), func(s tally) (int64, bool) { return int64(s.quantity), !s.unclear }, quantities, quantityText)
		check(r.cell(sum), func(s tally) (int64, bool) { return s.fen, !s.unpriced }, amount.Price, func(n int64) string {
			return strconv.FormatFloat(float64(n)/100, 'f', 2, 64)
		})
	}
	for _, c := range r.Cells {
		if m := ordersStated.FindStringSubmatch(norm.NFKC.String(c.Text)); m != nil && c.Kind != sheet.Beside {
			if n, err := strconv.Atoi(m[1]); err == nil {
				t.orders = append(t.orders, statedCount{r.Number, n})
			}
		}
	}
	t.since = tally{goods: map[int]delivery.Quantity{}}
}

// end compares the numbers of orders that the sheet states. It counts the orders of all sheets so far.
func (t *totals) end() {
	for _, s := range t.orders {
		if len(t.o.pages) == 1 && s.count != t.o.Len() {
			t.tell(s.row, strconv.Itoa(s.count), strconv.Itoa(t.o.Len()))
		}
	}
}

func (t *totals) tell(row int, stated, counted string) {
	if len(t.o.Remarks) < MaxSkipped {
		t.o.Remarks = append(t.o.Remarks, Remark{t.p.Name, row, reading.TotalDiffers, stated, counted})
	}
}
