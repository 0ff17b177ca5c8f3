package jielong

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
	"baogong/reading/amount"
)

// maxEntry is the length of the longest entry that is read, in characters. A longer one waits.
const maxEntry = 2000

// draft is an entry before it is read.
type draft struct {
	number string
	rows   []int
	lines  []string // as written
	bodies []string // without the number
	item   int      // the good under whose heading the entry stands, -1 if none
	at     int      // its first line in the list
}

var (
	remarkInBrackets = regexp.MustCompile(`\(([^()0-9]*)\)`)
	money            = regexp.MustCompile(`[¥￥$]\s*\d+(?:\.\d+)?|\d+(?:\.\d+)?\s*(?:元|块钱|rmb)(?:/[^\s,;、\d]{1,2})?`)
	takenBack        = regexp.MustCompile(`取消|不要了|不用了|不需要了|不接了|不买了|不订了|不拼了|退了|退单|退掉|退出接龙|作废|撤销|撤回|划掉|删除|删掉`)
	ifMissing        = regexp.MustCompile(`(?:如果|要是|如|若)?(?:没有|没货|缺货|没了|无货|卖完|断货)[^\n,;、\d]{0,10}?(?:就|的话|可以|请|则)*\s?(?:(?:换|用|拿|给)(?:成|为)?\s?|打电话|电话|问|联系|说|告诉|不要|不换|算了|取消|退|随便|都行|就)[^\n,;、\s]*|` +
		`(?:不要|不可以|不可|不能|不接受|不)(?:替换|替代|换)[^\n,;、\s]*|(?:可以|可|接受)(?:替换|替代|换)[^\n,;、\s]*`)
	notAGood = regexp.MustCompile(`^(?:如果|要是|如|若)?没有(?:人|门铃|电梯|门禁|门牌)`)
	never    = regexp.MustCompile(`不要|算了|取消|退|不换|不(?:要|可以|可|能|接受)?(?:替换|替代|换)`)
	asks     = regexp.MustCompile(`问|电话|联系|说一声|说下|告诉`)
	anything = regexp.MustCompile(`随便|别的|其他|其它|都行|都可以|同类|类似|^(?:可以|可|接受)(?:替换|替代|换)$`)
	wishes   = regexp.MustCompile(`放|麻烦|请|别|勿|挑|选|敲|急|新鲜|留|轻|晚|早|帮忙`)
	behalf   = regexp.MustCompile(`(?:代|替|帮)([^代替帮\n]*?\d[^\n]*?)(?:接龙|接|下单|订|买|拼|登记|报名)`)
	lastBare = regexp.MustCompile(`^(.*\S)(?:\s+|\s*[-:,、;]\s*)(\d{1,3}|[一二两三四五六七八九十]{1,3})((?:[\s,;、]|谢|麻烦|请|放)[^\d]*)?$`)
)

// read reads one entry. It returns false for a draft without text.
func (r *listReader) read(d *draft) (reading.Entry, bool) {
	e := reading.Entry{Rows: d.rows, Number: d.number, Text: strings.Join(d.lines, "\n")}
	var notes, phones []string
	var text []string
	for _, line := range d.bodies {
		line = inBrackets(delivery.Key(strings.Map(withoutPicture, line)))
		for _, m := range remarkInBrackets.FindAllStringSubmatch(line, -1) {
			if remark := strings.TrimSpace(m[1]); remark != "" && !takenBack.MatchString(remark) && !ifMissing.MatchString(remark) && !r.menu.says(remark) {
				notes = append(notes, remark)
				line = strings.Replace(line, m[0], " ", 1)
			}
		}
		found, rest := address.Phones(line)
		phones = append(phones, found...)
		text = append(text, rest)
	}
	s := strings.TrimSpace(strings.Join(text, "\n"))
	if !strings.ContainsFunc(s, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) && len(phones) == 0 {
		return e, false
	}
	whole := slices.IndexFunc(phones, func(n string) bool { return n[0] != '*' })
	switch {
	case whole >= 0:
		e.Phone = phones[whole]
	case len(phones) > 0:
		e.Phone = phones[0]
	}
	if utf8.RuneCountInString(s) > maxEntry {
		e.Address = address.Reading{Status: address.Review, Why: address.TextTooLong}
		e.Asks = reading.Review
		return e, true
	}
	g := goodsReader{listReader: r, e: &e, item: d.item}
	s = g.substitutes(s)
	cancel := takenBack.MatchString(s)
	s = spaces(money, spaces(takenBack, s))
	rest := g.read(s)
	notes = append(notes, g.notes...)
	for _, clause := range strings.FieldsFunc(rest, func(c rune) bool { return strings.ContainsRune("\n,;、 ", c) }) {
		if wishes.MatchString(clause) && !strings.ContainsAny(clause, "0123456789") {
			notes = append(notes, clause)
		}
	}
	e.Address = r.address(rest, phones)
	if g.total != nil {
		g.checkTotal()
	}
	setNote(&e, notes)
	e.Asks = asked(&e, cancel)
	return e, true
}

// withoutPicture turns emoji and their like into white space.
func withoutPicture(r rune) rune {
	enclosed := r >= 0x2460 && r <= 0x24ff || r >= 0x3200 && r <= 0x33ff // Ⓐ, ㈱
	if unicode.In(r, unicode.So, unicode.Sk) && !enclosed {
		return ' '
	}
	return r
}

// address reads the rest of an entry. An entry on behalf of another door (代 1203 接) is for that door.
func (r *listReader) address(rest string, phones []string) address.Reading {
	if m := behalf.FindStringSubmatch(rest); m != nil {
		rest = m[1]
	}
	c := address.Context{Building: r.sale.Building}
	for _, n := range phones {
		if n[0] != '*' {
			c.Phone = n
			break
		}
	}
	return r.book.Read(rest, c)
}

// asked says what an entry asks for.
func asked(e *reading.Entry, cancel bool) reading.Ask {
	has := func(p reading.Problem) bool { return slices.Contains(e.Problems, p) }
	switch {
	case has(reading.QuantityNotPositive):
		return reading.Refuse
	case e.Address.Status != address.Match:
		return reading.Review
	case cancel:
		return reading.Cancel
	case has(reading.QuantityUnclear) || has(reading.NothingOrdered) || has(NotOnMenu):
		return reading.Review
	}
	return reading.Place
}

// goodsReader finds the goods of an entry.
type goodsReader struct {
	*listReader
	e     *reading.Entry
	item  int // the good under whose heading the entry stands, -1 if none
	notes []string
	subs  []substitute
	total *bit
}

// substitute is what to do if a good is missing: the one that the phrase names, else the last one before it.
type substitute struct {
	at     int // characters before it
	choice int // -1 if it names none
	what   string
}

// substitutes cuts out what is said for the case that a good is missing. The good that would replace it is not ordered.
func (g *goodsReader) substitutes(s string) string {
	var out strings.Builder
	last, at := 0, 0 // bytes, characters
	for _, found := range ifMissing.FindAllStringIndex(s, -1) {
		phrase := s[found[0]:found[1]]
		if notAGood.MatchString(phrase) {
			continue
		}
		out.WriteString(s[last:found[0]])
		at += utf8.RuneCountInString(s[last:found[0]])
		g.subs = append(g.subs, substitute{at, g.namedIn(phrase), whatInstead(phrase)})
		g.notes = append(g.notes, strings.TrimSpace(phrase))
		n := utf8.RuneCountInString(phrase)
		out.WriteString(strings.Repeat(" ", n))
		last, at = found[1], at+n
	}
	return out.String() + s[last:]
}

// namedIn returns the good that a phrase says may be missing, -1 if it names none.
func (g *goodsReader) namedIn(phrase string) int {
	if _, good, ok := strings.Cut(phrase, "没有"); ok && good != "" {
		if choice, _, ok := g.menu.at([]rune(good), 0, false); ok {
			return choice
		}
	}
	return -1
}

// whatInstead says what a phrase asks for: no other good, a question first, or any other good. One that names another good is a question,
// because that good may be missing too.
func whatInstead(phrase string) string {
	switch {
	case never.MatchString(phrase):
		return "NEVER"
	case !asks.MatchString(phrase) && anything.MatchString(strings.TrimSpace(phrase)):
		return "ANY"
	}
	return "ASK"
}

// choices are the goods that entries choose among.
func (g *goodsReader) choices() []Choice {
	return g.menu.choices
}

// only returns the one good that is meant without being named, -1 if there are several.
func (g *goodsReader) only() int {
	switch {
	case g.item >= 0:
		return g.item
	case len(g.choices()) == 1:
		return 0
	}
	return -1
}

// wish is a good with the bit that says how much, nil if none does.
type wish struct {
	choice   int
	quantity *bit
	from     int
}

// read adds the goods to the entry and returns the text without them.
func (g *goodsReader) read(s string) string {
	text := []rune(s)
	l := g.menu.lex(text)
	if len(g.choices()) == 0 {
		return g.free(text, l)
	}
	l.dropRepeated()
	l.dropUnwanted(g)
	orders := l.bind(len(g.choices()))
	var left []*bit // quantities of nothing
	for k := range l.bits {
		b := &l.bits[k]
		switch {
		case b.kind == totalBit:
			g.total = b
		case (b.kind == quantityBit || b.kind == unclearBit) && !b.bound:
			left = append(left, b)
		}
	}
	rest := blank(text, l.bits)
	if only := g.only(); only >= 0 && len(orders) == 0 {
		orders, rest = g.onlyGood(only, left, rest)
		left = nil
	} else if open := withoutQuantity(orders); len(open) == 1 && len(left) == 1 {
		open[0].quantity, left = left[0], nil
	}
	for _, o := range orders {
		again := slices.ContainsFunc(orders, func(other *wish) bool { return other.choice == o.choice && other.quantity != nil })
		if o.quantity != nil || !again { // a good that is named again, in a remark, is not ordered again
			g.add(o)
		}
	}
	g.setSubstitutes(orders)
	unclear := slices.ContainsFunc(left, func(b *bit) bool { return b.kind == unclearBit })
	switch {
	case unclear || l.twoA:
		add(g.e, reading.QuantityUnclear)
	case len(left) > 0 && len(g.e.Goods) > 0:
		add(g.e, NotOnMenu)
	}
	if len(g.e.Goods) == 0 && len(orders) == 0 && !unclear {
		add(g.e, reading.NothingOrdered)
	}
	return rest
}

// onlyGood reads the quantity in a list of one good: none means one, and several are unclear.
func (g *goodsReader) onlyGood(only int, left []*bit, rest string) ([]*wish, string) {
	o := &wish{choice: only}
	switch len(left) {
	case 0:
		if m := lastBare.FindStringSubmatch(rest); m != nil { // 1-1203 2
			before := g.book.Read(m[1], address.Context{Building: g.sale.Building})
			all := g.book.Read(rest, address.Context{Building: g.sale.Building})
			same := all.Status == before.Status && all.Door == before.Door && all.Why == before.Why
			if complete := before.Status == address.Match || before.Why == address.UnitMissing; complete && (same || (len(m[2]) <= 2 && all.Status != address.Match)) {
				o.quantity, rest = &bit{kind: quantityBit, number: m[2]}, m[1]+" "+m[3]
			}
		}
	case 1:
		o.quantity = left[0]
	default:
		o.quantity = &bit{kind: unclearBit}
	}
	return []*wish{o}, rest
}

func withoutQuantity(orders []*wish) []*wish {
	var open []*wish
	for _, o := range orders {
		if o.quantity == nil {
			open = append(open, o)
		}
	}
	return open
}

// add adds one good to the entry.
func (g *goodsReader) add(o *wish) {
	c := &g.choices()[o.choice]
	q := o.quantity
	if q == nil {
		add(g.e, reading.QuantityAssumed)
		q = &bit{kind: quantityBit, number: "1"}
	}
	if q.kind == unclearBit {
		add(g.e, reading.QuantityUnclear)
		return
	}
	a, err := c.convert(q)
	switch {
	case errors.Is(err, amount.ErrNotPositive):
		add(g.e, reading.QuantityNotPositive)
		return
	case err != nil:
		add(g.e, reading.QuantityUnclear)
		return
	}
	switch {
	case q.atMost:
		g.notes = append(g.notes, c.Item+"最多"+q.number+a.Unit)
	case q.about:
		g.notes = append(g.notes, c.Item+"约"+q.number+a.Unit)
	}
	for k := range g.e.Goods {
		if g.e.Goods[k].Item == c.Item {
			g.e.Goods[k].Quantity += a.Quantity
			return
		}
	}
	g.e.Goods = append(g.e.Goods, reading.Good{Item: c.Item, Quantity: a.Quantity, Unit: a.Unit, UnitPriceFen: c.PriceFen})
}

// setSubstitutes adds what was said for the case that a good is missing.
func (g *goodsReader) setSubstitutes(orders []*wish) {
	for _, s := range g.subs {
		choice := s.choice
		for _, o := range orders {
			if s.choice < 0 && (choice < 0 || o.from < s.at) {
				choice = o.choice
			}
		}
		if choice < 0 {
			continue
		}
		for k := range g.e.Goods {
			if good := &g.e.Goods[k]; good.Item == g.choices()[choice].Item {
				good.Substitute = s.what
			}
		}
	}
}

// spaces replaces what a pattern finds by as many spaces, so that places stay.
func spaces(pattern *regexp.Regexp, s string) string {
	return pattern.ReplaceAllStringFunc(s, func(found string) string { return strings.Repeat(" ", len([]rune(found))) })
}

// checkTotal compares a total in an entry (共3份) with what was counted.
func (g *goodsReader) checkTotal() {
	a, err := amount.Quantity(g.total.number, "")
	if err != nil {
		return
	}
	var sum delivery.Quantity
	for _, good := range g.e.Goods {
		sum += good.Quantity
	}
	if sum != a.Quantity {
		add(g.e, reading.TotalDiffers)
	}
}

// free reads goods without a menu: the word before a quantity is the good, or the word behind it.
func (g *goodsReader) free(text []rune, l *cutter) string {
	var cut []bit
	done := 0
	for k := range l.bits {
		b := l.bits[k]
		switch b.kind {
		case totalBit:
			g.total = &l.bits[k]
			fallthrough
		case eachBit:
			cut = append(cut, b)
			continue
		}
		name := g.freeName(text, &b, done)
		done = b.to
		cut = append(cut, b)
		c := Choice{Item: name}
		a, err := c.convert(&b)
		switch {
		case name == "":
			add(g.e, reading.ItemMissing)
		case b.kind == unclearBit:
			add(g.e, reading.QuantityUnclear)
		case errors.Is(err, amount.ErrNotPositive):
			add(g.e, reading.QuantityNotPositive)
		case err != nil:
			add(g.e, reading.QuantityUnclear)
		default:
			g.e.Goods = append(g.e.Goods, reading.Good{Item: name, Quantity: a.Quantity, Unit: a.Unit})
		}
	}
	if len(g.e.Goods) == 0 && !slices.Contains(g.e.Problems, reading.QuantityUnclear) {
		add(g.e, reading.NothingOrdered)
	}
	return blank(text, cut)
}

// freeName returns the word before a quantity, or behind it, and makes it part of the bit.
func (g *goodsReader) freeName(text []rune, b *bit, done int) string {
	end := b.from
	if end > done && text[end-1] == ' ' {
		end--
	}
	from := end
	for from > done && isGoodLetter(text[from-1]) {
		from--
	}
	if name := string(text[from:end]); name != "" && !notGoods.MatchString(name) {
		b.from = from
		return name
	}
	from, end = b.to, b.to
	for end < len(text) && isGoodLetter(text[end]) {
		end++
	}
	if name := string(text[from:end]); name != "" && !notGoods.MatchString(name) {
		b.to = end
		return name
	}
	return ""
}

// notGoods are words beside a number that name no good.
var notGoods = regexp.MustCompile(`^(?:室|号|房|户|单元|栋|楼|幢|座|号楼|层|门|要|来|订|买|共|各|一共|麻烦|谢谢|请)$|放|谢`)

func isGoodLetter(r rune) bool { return isHan(r) || isLatin(r) }

// blank returns a text with its bits replaced by spaces.
func blank(text []rune, bits []bit) string {
	out := slices.Clone(text)
	for _, b := range bits {
		for k := b.from; k < b.to; k++ {
			out[k] = ' '
		}
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(string(out), "\n", " ; ")), " ")
}

// says reports whether a remark in brackets orders something: it has a quantity, or is a good and nothing else.
func (m *menu) says(text string) bool {
	s := []rune(cleaned(text))
	l := m.lex(s)
	return slices.ContainsFunc(l.bits, func(b bit) bool { return b.kind != goodBit }) || (len(l.bits) > 0 && strings.Trim(blank(s, l.bits), " ,、;") == "")
}

// dropRepeated drops a code beside the name of the same good: B 肉蛋包 is one good.
func (l *cutter) dropRepeated() {
	for k := len(l.bits) - 2; k >= 0; k-- {
		a, b := &l.bits[k], &l.bits[k+1]
		if a.kind == goodBit && b.kind == goodBit && a.choice == b.choice && l.near(a.to, b.from) && string(l.s[a.from:a.to]) != string(l.s[b.from:b.to]) {
			b.from = a.from
			l.bits = slices.Delete(l.bits, k, k+1)
		}
	}
}

// dropUnwanted drops goods that are named to be left out: 不要A.
func (l *cutter) dropUnwanted(g *goodsReader) {
	l.bits = slices.DeleteFunc(l.bits, func(b bit) bool {
		if b.kind != goodBit {
			return false
		}
		before := string(l.s[max(0, b.from-2):b.from])
		if before != "不要" && before != "别要" && before != "不加" {
			return false
		}
		g.notes = append(g.notes, before+string(l.s[b.from:b.to]))
		for k := b.from - 2; k < b.to; k++ {
			l.s[k] = ' '
		}
		return true
	})
}

// bind gives quantities to goods: the one right behind a good, or right before it; one after 各 to all goods before it.
func (l *cutter) bind(choices int) []*wish {
	var orders []*wish
	of := map[int]*wish{} // by the bit of the good
	for k := range l.bits {
		if b := &l.bits[k]; b.kind == goodBit {
			o := &wish{choice: b.choice, from: b.from}
			orders = append(orders, o)
			of[k] = o
		}
	}
	for k := range l.bits {
		if l.bits[k].kind == eachBit {
			orders = append(orders, l.each(k, of, choices)...)
		}
	}
	for k := range l.bits {
		b := &l.bits[k]
		if b.bound || (b.kind != quantityBit && b.kind != unclearBit) {
			continue
		}
		back, forward := of[k-1], of[k+1]
		if back != nil && (back.quantity != nil || !l.near(l.bits[k-1].to, b.from)) {
			back = nil
		}
		if forward != nil && (forward.quantity != nil || !l.near(b.to, l.bits[k+1].from)) {
			forward = nil
		}
		if back != nil && forward != nil && l.bits[k-1].to < b.from && l.bits[k+1].from == b.to {
			back = nil // A 2份C
		}
		switch {
		case back != nil:
			back.quantity, b.bound = b, true
		case forward != nil:
			forward.quantity, b.bound = b, true
		}
	}
	return orders
}

// near reports whether nothing but white space and small words stand between two bits.
func (l *cutter) near(from, to int) bool {
	switch strings.Trim(string(l.s[from:to]), " :") {
	case "", "要", "来", "订", "买", "拿", "要了", "共":
		return true
	}
	return false
}

// each gives the quantity behind 各 to the goods before it, else to those behind it, else to every good of the menu.
func (l *cutter) each(k int, of map[int]*wish, choices int) []*wish {
	if k+1 >= len(l.bits) || (l.bits[k+1].kind != quantityBit && l.bits[k+1].kind != unclearBit) || !l.near(l.bits[k].to, l.bits[k+1].from) {
		return nil
	}
	q := &l.bits[k+1]
	var group []*wish
	for at := k - 1; at >= 0 && of[at] != nil && of[at].quantity == nil && l.joined(l.bits[at].to, l.bits[at+1].from); at-- {
		group = append(group, of[at])
	}
	for at := k + 2; len(group) == 0 && at < len(l.bits) && of[at] != nil && l.joined(l.bits[at-1].to, l.bits[at].from); at++ {
		for ; at < len(l.bits) && of[at] != nil && l.joined(l.bits[at-1].to, l.bits[at].from); at++ {
			group = append(group, of[at])
		}
	}
	var more []*wish
	if len(group) == 0 && len(of) == 0 && choices > 1 {
		for c := range choices {
			more = append(more, &wish{choice: c, quantity: q, from: l.bits[k].from})
		}
		q.bound = true
		return more
	}
	for _, o := range group {
		o.quantity, q.bound = q, true
	}
	return nil
}

// joined reports whether goods stand side by side: A、C, A和C, A+C.
func (l *cutter) joined(from, to int) bool {
	switch strings.Trim(string(l.s[from:to]), " ,、+&/;") {
	case "", "和", "与", "及", "跟", "要", "都":
		return true
	}
	return false
}

// entryNumberOf returns the printed number of a line as text, without leading zeros.
func entryNumberOf(digits string) string {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return digits
	}
	return strconv.Itoa(n)
}
