package jielong

import (
	"strings"
	"unicode"

	"baogong/reading/amount"
)

// bitKind says what a bit of a text is.
type bitKind int

const (
	goodBit     bitKind = iota // the name or the code of a good
	quantityBit                // 2份, x2, 半斤
	unclearBit                 // 若干, 2-3个, 有就要
	eachBit                    // 各
	totalBit                   // 共3份
)

// bit is a piece of an entry that speaks of goods.
type bit struct {
	kind     bitKind
	from, to int
	choice   int    // of a good
	number   string // of a quantity, as written
	unit     string
	half     bool // 2斤半
	atMost   bool // 最多2: a note
	about    bool // 2斤左右: a note
	bound    bool
}

// The words around quantities.
var (
	eachWords    = wordList("每样各", "各来", "各要", "各订", "各拿", "各种", "每样", "每种", "分别", "全部来", "全部要", "全要", "都要", "都来", "各")
	atMostWords  = wordList("最多", "至多", "不超过", "不多于", "顶多")
	atLeastWords = wordList("至少", "最少", "起码", "不少于")
	aboutWords   = wordList("大概", "大约", "差不多", "约")
	countWords   = wordList("数量", "份数", "件数")
	unclearWords = wordList("若干", "适量", "少许", "有就要", "有多少要多少", "看着办", "看着给", "越多越好", "多少都行", "随便来点", "来点", "来一点", "来一些", "要一点", "要一些")
	totalWords   = wordList("总共", "一共", "共计", "合计", "总计", "小计", "共")
)

// cutter cuts a cleaned text into bits. Text that is no bit is left to be read as an address.
type cutter struct {
	m    *menu
	s    []rune
	bits []bit
	twoA bool // 2A1B: the numbers may belong to either letter
}

func (m *menu) lex(s []rune) *cutter {
	s = s[:min(len(s), maxEntry)]
	l := &cutter{m: m, s: s}
	for i := 0; i < len(s); {
		if n := l.step(i); n > i {
			i = n
			continue
		}
		i++
	}
	return l
}

// before returns the character before a place, a space at the beginning.
func (l *cutter) before(i int) rune {
	if i == 0 {
		return ' '
	}
	return l.s[i-1]
}

// afterGood reports whether the name of a good ends at i.
func (l *cutter) afterGood(i int) bool {
	k := len(l.bits) - 1
	return k >= 0 && l.bits[k].kind == goodBit && l.bits[k].to == i
}

func (l *cutter) keep(b bit) int {
	l.bits = append(l.bits, b)
	return b.to
}

func (l *cutter) step(i int) int {
	s := l.s
	if choice, end, ok := l.m.at(s, i, l.afterGood(i)); ok && !l.insideWord(i, end) {
		end = l.keep(bit{kind: goodBit, from: i, to: end, choice: choice})
		return l.bare(end)
	}
	if n := prefix(s[i:], unclearWords); n > 0 {
		return l.keep(bit{kind: unclearBit, from: i, to: i + n})
	}
	if n := prefix(s[i:], eachWords); n > 0 && !(i+n < len(s) && s[i+n] == '位') {
		end := l.keep(bit{kind: eachBit, from: i, to: i + n})
		if b, ok := l.quantity(skipSpace(s, end), true); ok {
			return l.keep(b)
		}
		return end
	}
	if n := prefix(s[i:], totalWords); n > 0 && l.before(i) != '公' {
		at := i + n
		for at < len(s) && (s[at] == ' ' || s[at] == ':' || s[at] == '计') {
			at++
		}
		if b, ok := l.quantity(at, true); ok {
			b.kind, b.from = totalBit, i
			return l.keep(b)
		}
	}
	if n := l.qualified(i); n > 0 {
		return n
	}
	if n := l.few(i); n > 0 {
		return l.keep(bit{kind: unclearBit, from: i, to: n})
	}
	if n := l.times(i); n > 0 {
		return n
	}
	if b, ok := l.quantity(i, false); ok {
		return l.keep(l.around(b))
	}
	return l.otherNumber(i)
}

// otherNumber passes over a number that is no quantity.
func (l *cutter) otherNumber(i int) int {
	s := l.s
	if end := digitsEnd(s, i); end > i {
		if end-i <= 2 && l.before(i) != '-' && !isDigit(l.before(i)) && end < len(s) && isLatin(s[end]) && s[end] != 'x' {
			if _, _, ok := l.m.at(s, end, true); ok {
				l.twoA = true
			}
		}
		return end
	}
	return i
}

// qualified reads a quantity behind a word that says more about it: 最多2, 至少2, 约2斤, 数量：2.
func (l *cutter) qualified(i int) int {
	s := l.s
	for _, words := range [][][]rune{atMostWords, atLeastWords, aboutWords, countWords} {
		n := prefix(s[i:], words)
		if n == 0 {
			continue
		}
		at := i + n
		for at < len(s) && (s[at] == ' ' || s[at] == ':') {
			at++
		}
		b, ok := l.quantity(at, true)
		if !ok {
			continue
		}
		b.from = i
		switch {
		case &words[0] == &atLeastWords[0]:
			b.kind = unclearBit
		case &words[0] == &atMostWords[0]:
			b.atMost = true
		case &words[0] == &aboutWords[0]:
			b.about = true
		}
		return l.keep(b)
	}
	return 0
}

// insideWord reports whether the name of a good stands in the middle of another word, as in a nickname such as 爱吃土豆的猫.
func (l *cutter) insideWord(i, end int) bool {
	if end >= len(l.s) || !isHan(l.s[end]) || !isHan(l.before(i)) || l.s[end-1] == ' ' {
		return false
	}
	if k := len(l.bits) - 1; k >= 0 && l.bits[k].to == i {
		return false
	}
	if _, ok := l.quantity(end, false); ok {
		return false
	}
	_, _, next := l.m.at(l.s, end, true)
	return !next && prefix(l.s[end:], eachWords) == 0 && strings.ContainsRune("的子妈爸哥姐妹弟家", l.s[end])
}

// bare reads a number without a unit right behind the name of a good: A2, 馒头 20, 蔬菜包(2). One that goes on as an address is none.
func (l *cutter) bare(end int) int {
	s := l.s
	at := end
	for at < len(s) && (s[at] == ' ' || s[at] == ':') && at < end+2 {
		at++
	}
	if at == end && at < len(s) && s[at] == '-' && isLatin(s[end-1]) {
		at++
	}
	to := digitsEnd(s, at)
	if to == at || to-at > 3 || (to-at == 3 && at == end && isHan(s[end-1])) || (to-at == 3 && at > end && s[at-1] == ' ') {
		return end
	}
	if _, ok := l.quantity(at, false); ok {
		return end
	}
	next := skipSpace(s, to)
	switch {
	case to < len(s) && strings.ContainsRune("栋幢座楼单门室层弄#号梯~", s[to]):
		return end
	case to+1 < len(s) && strings.ContainsRune("-/.", s[to]) && isDigit(s[to+1]):
		return end
	case at > end && next > to && next < len(s) && isDigit(s[next]):
		return end // a 2 801
	case to < len(s) && isLatin(s[to]):
		if _, _, ok := l.m.at(s, to, true); !ok {
			return end
		}
	}
	return l.keep(bit{kind: quantityBit, from: end, to: to, number: string(s[at:to])})
}

// maxNumber is the length of the longest numeral that is read.
const maxNumber = 20

// few reads 几个, 十几斤 and 两三个.
func (l *cutter) few(i int) int {
	s := l.s
	at := i
	for at < len(s) && at < i+maxNumber && (amount.IsNumeral(s[at]) || isDigit(s[at])) {
		at++
	}
	if isDigit(l.before(i)) || (at > i && amount.IsNumeral(l.before(i))) {
		return 0
	}
	if at < len(s) && s[at] == '几' {
		if n := l.m.unitAt(s, skipSpace(s, at+1), false); n > 0 {
			return skipSpace(s, at+1) + n
		}
		return 0
	}
	// Two digits side by side are an estimate, 两三个; an address has three or more.
	if at-i == 2 && amount.IsNumeral(s[i]) && amount.IsNumeral(s[i+1]) {
		first, second := value(s[i]), amount.NumeralDigit(s[i+1])
		if first > 0 && second > 0 {
			if n := l.m.unitAt(s, at, false); n > 0 {
				return at + n
			}
		}
	}
	return 0
}

// value returns the value of a Chinese digit, also of 两.
func value(r rune) int64 {
	if r == '两' {
		return 2
	}
	return amount.NumeralDigit(r)
}

// times reads x2, ×2份, *2 and +1.
func (l *cutter) times(i int) int {
	s := l.s
	if !strings.ContainsRune("x×*✕+", s[i]) || (s[i] == 'x' && isLatin(l.before(i)) && !l.afterGood(i)) || (s[i] == '*' && isHan(l.before(i)) && !l.afterGood(i) && !l.afterBit(i)) {
		return 0
	}
	at := skipSpace(s, i+1)
	if s[i] == '*' && (at > i+1 || l.before(i) == '*') { // the end of a masked name
		return 0
	}
	b, ok := l.quantity(at, true)
	if !ok || (b.unit == "" && b.to+1 < len(s) && strings.ContainsRune("-/.", s[b.to]) && isDigit(s[b.to+1])) {
		return 0
	}
	b.from = i
	return l.keep(l.around(b))
}

func (l *cutter) afterBit(i int) bool { return len(l.bits) > 0 && l.bits[len(l.bits)-1].to == i }

// quantity reads a number with its unit at i; bare says that it needs none.
func (l *cutter) quantity(i int, bare bool) (bit, bool) {
	s := l.s
	if i >= len(s) {
		return bit{}, false
	}
	b := bit{kind: quantityBit, from: i}
	end, digits := l.numberAt(i, bare)
	if end == i {
		return bit{}, false
	}
	b.number = string(s[i:end])
	if to, ok := l.rangeTo(end, digits); ok {
		b.kind, b.to = unclearBit, to
		return b, true
	}
	at := skipSpace(s, end)
	if at > end && digits > 2 {
		at = end // 1203 份 is a room
	}
	n := l.m.unitAt(s, at, digits > 2)
	switch {
	case n > 0:
		b.unit, b.to = string(s[at:at+n]), at+n
	case bare && (end >= len(s) || !strings.ContainsRune("栋幢座楼门室层弄#号", s[end])):
		b.to = end
		return b, true
	default:
		return bit{}, false
	}
	if b.to < len(s) && s[b.to] == '半' {
		b.half = true
		b.to++
	}
	if sub, _ := l.numberAt(b.to, true); sub > b.to && prefix(s[sub:], wordList("两", "克", "g", "钱")) > 0 && prefix(s[sub+1:], clearUnits) == 0 { // 一斤二两
		b.kind, b.to = unclearBit, sub+1
	}
	return b, true
}

// numberAt returns where a number ends that begins at i, and how many ASCII digits it has. A number that goes on from another one, or from the
// letters of a word, is none.
func (l *cutter) numberAt(i int, bare bool) (end, digits int) {
	s := l.s
	if i >= len(s) {
		return i, 0
	}
	before := l.before(i)
	switch r := s[i]; {
	case r == '半':
		if amount.IsNumeral(before) || isDigit(before) {
			return i, 0
		}
		return i + 1, 0
	case isDigit(r):
		if !bare {
			switch {
			case isDigit(before), before == '.', isLatin(before) && !l.afterGood(i):
				return i, 0
			case before == '-' && i > 1 && isDigit(s[i-2]) && !l.longBefore(i-1):
				return i, 0 // 2-801, 2-3个
			}
		}
		end = digitsEnd(s, i)
		digits = end - i
		if end+1 < len(s) && s[end] == '.' && isDigit(s[end+1]) && digits <= 4 {
			if to := digitsEnd(s, end+1); to-end <= 4 {
				end = to
			}
		}
		if end+1 < len(s) && s[end] == '/' && isDigit(s[end+1]) && digits == 1 { // 1/2斤
			if to := digitsEnd(s, end+1); to == end+2 {
				end = to
			}
		}
		if digits > 5 {
			return i, 0
		}
		return end, digits
	case amount.IsNumeral(r):
		if amount.IsNumeral(before) && !bare {
			return i, 0
		}
		end = i + 1
		for end < len(s) && end < i+maxNumber && amount.IsNumeral(s[end]) && s[end] != '两' {
			end++
		}
		return end, 0
	}
	return i, 0
}

// longBefore reports whether a number of three digits or more ends at i: after a room, a dash separates the quantity.
func (l *cutter) longBefore(i int) bool {
	from := i
	for from > 0 && isDigit(l.s[from-1]) {
		from--
	}
	return i-from >= 3
}

// rangeTo reads the rest of 2-3个 and 1到2份 after the first number.
func (l *cutter) rangeTo(end, digits int) (int, bool) {
	s := l.s
	if digits > 2 || end >= len(s) || !strings.ContainsRune("-至到或", s[end]) {
		return 0, false
	}
	to, more := l.numberAt(end+1, true)
	if to == end+1 || more > 2 {
		return 0, false
	}
	n := l.m.unitAt(s, skipSpace(s, to), false)
	if n == 0 {
		return 0, false
	}
	return skipSpace(s, to) + n, true
}

// around takes in the words behind an estimate: 2斤左右, 2份以内; 2份起 is unclear.
func (l *cutter) around(b bit) bit {
	s := l.s[b.to:]
	switch {
	case prefix(s, wordList("左右", "上下")) > 0:
		b.about, b.to = true, b.to+2
	case prefix(s, wordList("以内", "封顶")) > 0:
		b.atMost, b.to = true, b.to+2
	case prefix(s, wordList("以上", "起")) > 0:
		b.kind, b.to = unclearBit, b.to+prefix(s, wordList("以上", "起"))
	case len(s) > 0 && s[0] == '多' && (len(s) == 1 || s[1] != '谢'):
		b.kind, b.to = unclearBit, b.to+1
	}
	return b
}

func skipSpace(s []rune, i int) int {
	for i < len(s) && unicode.IsSpace(s[i]) {
		i++
	}
	return i
}
