package jielong

import (
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

// Forms of the number before an entry: 1. 1、 1) (1) 1： No.4 #4, and 一、. Circled numbers are read apart, because in the normal form of a text ①
// is 1.
var (
	dotted     = regexp.MustCompile(`^(\d{1,4})\s*[.、):。,]\s*`)
	bracketed  = regexp.MustCompile(`^[(\[【]\s*(\d{1,4})\s*[)\]】]\s*[.、:]?\s*`)
	withNo     = regexp.MustCompile(`^(?:no\.?|nr\.?|#)\s*(\d{1,4})\s*[.、):]?\s+`)
	chinese    = regexp.MustCompile(`^([一二三四五六七八九十]{1,3})\s*[、.]\s*`)
	spaced     = regexp.MustCompile(`^(\d{1,4})\s+`)
	decimal    = regexp.MustCompile(`^\d{1,4}\.\d{1,2}\s*(?:公斤|千克|kg|斤|克|升|l|元|折|g)`)
	clockTime  = regexp.MustCompile(`^\d{1,2}:\d{2}(?:\D|$)`)
	commaParts = regexp.MustCompile(`^\d{1,4},\s*\d`)
)

// entryNumber takes the number of an entry off a line.
func entryNumber(line string) (number, rest string, ok bool) {
	line = strings.TrimLeftFunc(line, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.So, unicode.Sk, unicode.Variation_Selector) && r != '🔟' || r == '•' || r == '·'
	})
	if n, rest, ok := circled(line); ok {
		return n, rest, true
	}
	s := delivery.Key(line)
	for _, form := range []*regexp.Regexp{bracketed, withNo, dotted, chinese} {
		m := form.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		if form == dotted && (decimal.MatchString(s) || clockTime.MatchString(s) || commaParts.MatchString(s)) {
			continue
		}
		digits := m[1]
		if form == chinese {
			n, ok := amount.Numeral(m[1])
			if !ok {
				continue
			}
			digits = number64(n)
		}
		return entryNumberOf(digits), s[len(m[0]):], true
	}
	return "", line, false
}

// circles are the ranges of circled numbers, and the number that each begins with.
var circles = []struct {
	from, to rune
	first    int64
}{{'①', '⑳', 1}, {'㉑', '㉟', 21}, {'㊱', '㊿', 36}, {'❶', '❿', 1}, {'⓫', '⓴', 11}, {'➀', '➉', 1}, {'➊', '➓', 1}, {'⑴', '⒇', 1}, {'⒈', '⒛', 1}, {'㈠', '㈩', 1}}

func isCircled(r rune) bool {
	return r > 0x2000 && slices.ContainsFunc(circles, func(c struct {
		from, to rune
		first    int64
	}) bool {
		return r >= c.from && r <= c.to
	})
}

// circled reads ①, ⑴, ⒈, ❶, 1️⃣ and their like.
func circled(line string) (number, rest string, ok bool) {
	first, size := utf8.DecodeRuneInString(line)
	for _, c := range circles {
		if first >= c.from && first <= c.to {
			return number64(int64(first-c.from) + c.first), strings.TrimLeft(line[size:], ".、):。 　"), true
		}
	}
	digits, at := "", 0
	for at < len(line) && line[at] >= '0' && line[at] <= '9' {
		rest := strings.TrimPrefix(line[at+1:], "\ufe0f")
		after, keycap := strings.CutPrefix(rest, "\u20e3")
		if !keycap {
			break
		}
		digits += line[at : at+1]
		at = len(line) - len(after)
	}
	if digits != "" {
		return entryNumberOf(digits), strings.TrimLeft(line[at:], ".、):。 　"), true
	}
	if after, ten := strings.CutPrefix(line, "🔟"); ten {
		return "10", strings.TrimLeft(after, ".、):。 　"), true
	}
	return "", line, false
}

// Lines of a chat that are no entries.
var (
	sentAt    = regexp.MustCompile(`(?:^|\s)(?:\d{2,4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?\s*|\d{1,2}月\d{1,2}日\s*)?(?:(?:上午|下午|凌晨|晚上|早上|中午|昨天|前天|今天|星期.|周.)\s*)*\d{1,2}:\d{2}(?::\d{2})?\s*(?:am|pm)?$`)
	sentFirst = regexp.MustCompile(`^\[?\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?\s+\d{1,2}:\d{2}(?::\d{2})?\]?\s*(?:[^:\d]{1,30}:)?\s*`)
	picture   = regexp.MustCompile(`^(?:\[[^\[\]]{1,12}\]\s*)+$`)
	notices   = regexp.MustCompile(`撤回了?一条消息|recalled a message|加入了?群聊|加入群|拍了拍|移出群聊|修改群名|开启了|红包`)
	ruler     = regexp.MustCompile(`^[-—=_*~.·+\s]+$`)
	sample    = regexp.MustCompile(`^(?:\(|\[|【|「)?\s*(?:例如|例子|例|示例|样例|范例|举例|格式|模板|参考|比如|example|e\.g\.?|sample)\s*(?:\)|\]|】|」)?(?:[\s:.、,0-9]|$)|^如:`)
	title     = regexp.MustCompile(`^#\s*(?:\D|$)`)
	call      = regexp.MustCompile(`^@`)
	totalLine = regexp.MustCompile(`^(?:总计|合计|共计|总共|一共|统计|汇总|小计|总数|总量|共)[^\n]*\d|^(?:总计|合计|共计|总共|一共|统计|汇总|小计|总数|总量|共)[\s:]*[一二三四五六七八九十两百]`)
)

// lines reads a list line by line.
func (r *listReader) lines(text string) {
	p := &pages{listReader: r, item: -1}
	for i, line := range strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n") {
		for _, part := range apart(line) {
			p.raw, p.rows = append(p.raw, part), append(p.rows, i+1)
		}
	}
	p.form = p.formOf()
	for i := range p.raw {
		p.line(i)
	}
	p.end()
}

// apart cuts a line with several circled numbers before each of them: ①1203 2份 ②801 1份.
func apart(line string) []string {
	var at []int
	for i, r := range line {
		if isCircled(r) {
			at = append(at, i)
		}
	}
	if len(at) < 2 {
		return []string{line}
	}
	var parts []string
	if strings.TrimSpace(line[:at[0]]) == "" {
		at[0] = 0
	} else {
		parts = append(parts, line[:at[0]])
	}
	for k, from := range at {
		to := len(line)
		if k+1 < len(at) {
			to = at[k+1]
		}
		parts = append(parts, line[from:to])
	}
	return parts
}

// numbering says how entries begin.
type numbering int

const (
	numbered   numbering = iota // 1. …
	numberOnly                  // 1 …, one after the other
	unnumbered                  // a line is an entry if it names a room
)

// pages walks through the lines of a list.
type pages struct {
	*listReader
	raw        []string
	rows       []int // the row of each line
	last       int   // the number of the last entry
	form       numbering
	current    *draft
	started    bool // an entry was read
	quoting    bool
	sampleNext bool  // the line before announces an example
	item       int   // the good of the heading above, in a list by item
	heads      []int // rows of such headings, found before
}

// formOf looks at all lines to see how entries begin.
func (p *pages) formOf() numbering {
	next, in := 1, 0
	for _, line := range p.raw {
		if p.chrome(delivery.Key(line)) != "" {
			continue
		}
		if n, rest, ok := entryNumber(line); ok && p.mayFollow(n) {
			if s := delivery.Key(rest); s != "" && !p.isMenuLine(s) {
				p.findHeads()
				return numbered
			}
		}
		if m := spaced.FindStringSubmatch(delivery.Key(line)); m != nil && entryNumberOf(m[1]) == number64(int64(next)) {
			next, in = next+1, in+1
		}
	}
	p.findHeads()
	if in >= 2 {
		return numberOnly
	}
	return unnumbered
}

// findHeads finds the headings of a list by item: lines that name a good and nothing else, right above a line that names a room and no good.
// One such line is a heading only if it ends in a colon, because a menu stands above the entries too.
func (p *pages) findHeads() {
	if len(p.menu.choices) < 2 {
		return
	}
	var heads []int
	colon := false
	for i, line := range p.raw {
		_, rest, _ := p.number(line)
		s := delivery.Key(rest)
		_, left, ok := p.headOf(s)
		if !ok {
			continue
		}
		if _, left = p.headTotal(left); strings.Trim(left, " :-") != "" {
			continue
		}
		k := i + 1
		for k < len(p.raw) && strings.TrimSpace(p.raw[k]) == "" {
			k++
		}
		if k == len(p.raw) {
			continue
		}
		_, next, _ := p.number(p.raw[k])
		clean := []rune(cleaned(next))
		l := p.menu.lex(clean)
		if slices.ContainsFunc(l.bits, func(b bit) bool { return b.kind == goodBit }) || !p.hasRoom(blank(clean, l.bits)) {
			continue
		}
		heads = append(heads, i)
		colon = colon || strings.HasSuffix(strings.TrimRight(s, " "), ":")
	}
	if len(heads) > 1 || (len(heads) == 1 && colon) {
		p.heads = heads
	}
}

// headOf returns the good at the beginning of a line and what follows it. A price between them is passed over.
func (p *pages) headOf(s string) (choice int, left string, ok bool) {
	text := []rune(cleaned(strings.TrimLeft(s, "【[*-·•「 ")))
	if len(text) == 0 {
		return 0, "", false
	}
	choice, end, ok := p.menu.at(text, 0, false)
	if !ok {
		return 0, "", false
	}
	// A套餐 蔬菜包 is one good, named twice.
	if at := skipSpace(text, end); at < len(text) {
		if again, to, ok := p.menu.at(text, at, true); ok && again == choice {
			end = to
		}
	}
	left = strings.TrimSpace(string(text[end:]))
	if at := money.FindStringIndex(left); at != nil && strings.Trim(left[:at[0]], " :") == "" {
		left = strings.TrimSpace(left[at[1]:])
	}
	return choice, left, true
}

// hasRoom reports whether a text names a room, of any building.
func (p *pages) hasRoom(text string) bool {
	_, text = address.Phones(text)
	read := p.book.Read(text, address.Context{Building: p.sale.Building})
	if read.Status == address.Match {
		return true
	}
	switch read.Why {
	case address.RoomMissing, address.Landmark, address.TextTooLong:
		return false
	case address.BuildingMissing, address.NoSuchBuilding, address.OtherEstate:
		return threeDigits.MatchString(text)
	}
	return true
}

var threeDigits = regexp.MustCompile(`\d{3}|[一二三四五六七八九][零〇一二三四五六七八九]{2}`)

// isMenuLine reports whether a line of the heading states a good, or a good and its price, and no room.
func (p *pages) isMenuLine(s string) bool {
	_, left, ok := p.headOf(s)
	if !ok {
		return false
	}
	if len(p.menu.choices) > 1 && strings.Trim(left, " :-") == "" {
		return true
	}
	return money.MatchString(s) && !p.hasRoom(money.ReplaceAllString(left, " "))
}

// chrome says why a line is no part of any entry, "" if it may be.
func (p *pages) chrome(s string) PassedWhy {
	switch {
	case sample.MatchString(s):
		return Sample
	case title.MatchString(s), ruler.MatchString(s):
		return Heading
	case notices.MatchString(s), picture.MatchString(s):
		return Chat
	case strings.HasPrefix(s, ">"):
		return Quote
	}
	return ""
}

func (p *pages) skip(i int, why PassedWhy) {
	p.list.Skipped = append(p.list.Skipped, Passed{Row: p.rows[i], Why: why})
}

// line reads line i.
func (p *pages) line(i int) {
	raw := p.raw[i]
	s := delivery.Key(raw)
	if p.quoting || strings.HasPrefix(s, "「") {
		p.quote(i, raw)
		return
	}
	if s == "" {
		p.end()
		return
	}
	if p.sampleNext {
		p.sampleNext = false
		p.skip(i, Sample)
		return
	}
	if why := p.chrome(s); why != "" {
		p.sampleNext = why == Sample && !strings.ContainsAny(s, "0123456789")
		if why != Heading || p.started {
			p.end()
		}
		p.skip(i, why)
		return
	}
	if at := sentFirst.FindString(s); at != "" {
		p.end()
		if raw = s[len(at):]; strings.TrimSpace(raw) == "" {
			p.skip(i, Chat)
			return
		}
		s = raw
	}
	p.content(i, raw, s)
}

// content reads a line that is not empty and not plainly something else.
func (p *pages) content(i int, raw, s string) {
	n, rest, ok := p.number(raw)
	body := delivery.Key(rest)
	switch {
	case ok && strings.Trim(body, " -.:") == "":
		p.end()
		p.skip(i, NoText)
	case !ok && sentAt.MatchString(s) && !p.orders(s):
		p.end()
		p.skip(i, Chat)
	case totalLine.MatchString(body) && (p.started || ok):
		p.end()
		p.stated(i, body)
	case slices.Contains(p.heads, i):
		p.end()
		choice, left, _ := p.headOf(body)
		if total, _ := p.headTotal(left); total != nil {
			p.state(i, choice, total)
		}
		p.item = choice
		p.skip(i, Heading)
	case p.byItem(i, raw, body):
	case p.isMenuLine(body) && !p.started:
		p.end()
		p.skip(i, Heading)
	case (p.item >= 0 || !ok && p.form == unnumbered) && p.severalDoors(i, raw, body):
	case ok:
		p.last, _ = strconv.Atoi(n)
		p.begin(i, n, raw, rest)
	default:
		p.unnumbered(i, raw, s)
	}
}

// unnumbered reads a line without a number: it goes on with the entry above, or is an entry of its own, or none. Where both are complete, it is an
// entry.
func (p *pages) unnumbered(i int, raw, s string) {
	own := p.form == unnumbered && p.orders(s) || p.item >= 0 && p.hasRoom(s)
	switch {
	case p.current != nil && !(own && p.current.number == "") && !(p.orders(s) && p.orders(delivery.Key(strings.Join(p.current.bodies, " ")))):
		p.current.rows = append(p.current.rows, p.rows[i])
		p.current.lines = append(p.current.lines, raw)
		p.current.bodies = append(p.current.bodies, raw)
	case call.MatchString(s):
		p.skip(i, Chat)
	case own || p.started && p.orders(s):
		p.begin(i, "", raw, raw)
	case p.started:
		p.skip(i, Chat)
	default:
		p.skip(i, Heading)
	}
}

// number takes the number of an entry off a line, in the form that this list has.
func (p *pages) number(raw string) (n, rest string, ok bool) {
	if n, rest, ok = entryNumber(raw); ok && !p.mayFollow(n) {
		return "", raw, false
	}
	if ok || p.form != numberOnly {
		return n, rest, ok
	}
	s := delivery.Key(raw)
	if m := spaced.FindStringSubmatch(s); m != nil {
		return entryNumberOf(m[1]), s[len(m[0]):], true
	}
	return "", raw, false
}

// mayFollow reports whether a number can be that of an entry: below 100, or near the number before. 1203：2份 begins with a room.
func (p *pages) mayFollow(n string) bool {
	number, err := strconv.Atoi(n)
	return err == nil && (number < 100 || (p.last > 0 && number < p.last+50 && number > p.last-50))
}

// orders reports whether a line without a number is an entry: it names a room, and a quantity or a good.
func (p *pages) orders(s string) bool {
	text := []rune(cleaned(s))
	l := p.menu.lex(text)
	if len(l.bits) == 0 && !(p.form == unnumbered && len(p.menu.choices) == 1) {
		return false
	}
	return p.hasRoom(money.ReplaceAllString(blank(text, l.bits), " "))
}

// quote passes over a message that another one answers: 「…」, and the line below it.
func (p *pages) quote(i int, raw string) {
	if !p.quoting {
		p.end()
	}
	_, after, closed := strings.Cut(raw, "」")
	p.quoting = !closed
	p.skip(i, Quote)
	if closed && strings.TrimSpace(after) != "" {
		p.raw[i] = after
		p.list.Skipped = p.list.Skipped[:len(p.list.Skipped)-1]
		p.line(i)
	}
}

func (p *pages) begin(i int, n, raw, body string) {
	p.end()
	p.started = true
	p.current = &draft{number: n, rows: []int{p.rows[i]}, lines: []string{raw}, bodies: []string{body}, item: p.item, at: i}
}

// end reads the entry that the lines before have given.
func (p *pages) end() {
	d := p.current
	if p.current = nil; d == nil {
		return
	}
	e, ok := p.read(d)
	switch {
	case !ok:
		p.skip(d.at, NoText)
	case p.item >= 0:
		p.together(e)
	default:
		p.entry(e)
	}
}

// together keeps an entry of a list by item: the goods of one door are one entry.
func (p *pages) together(e reading.Entry) {
	if p.doors == nil {
		p.doors = map[int]int{}
	}
	if e.Address.Status != address.Match || e.Asks != reading.Place {
		e.Number = ""
		p.entry(e)
		return
	}
	at, known := p.doors[e.Address.Door.Index]
	if !known {
		e.Number = ""
		p.doors[e.Address.Door.Index] = len(p.list.Entries)
		p.entry(e)
		return
	}
	first := &p.list.Entries[at]
	first.Rows = slices.Compact(append(first.Rows, e.Rows...))
	if !strings.Contains(first.Text, e.Text) {
		first.Text += "\n" + e.Text
	}
	if first.Phone == "" {
		first.Phone = e.Phone
	}
	for _, good := range e.Goods {
		k := slices.IndexFunc(first.Goods, func(g reading.Good) bool { return g.Item == good.Item })
		if k < 0 {
			first.Goods = append(first.Goods, good)
			continue
		}
		first.Goods[k].Quantity += good.Quantity
		add(first, SameDoorTwice)
	}
	for _, problem := range e.Problems {
		add(first, problem)
	}
	if e.Note != first.Note {
		setNote(first, []string{first.Note, e.Note})
	}
}
