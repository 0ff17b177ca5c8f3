package jielong

import (
	"slices"
	"strings"
	"unicode"

	"baogong/delivery"
	"baogong/reading/address"
	"baogong/reading/amount"
)

// menu finds goods in a text.
type menu struct {
	choices []Choice
	names   []goodName // longest first
	units   [][]rune   // of the menu, longest first
	book    *address.Book
}

// goodName is a name or a code of a good, without white space.
type goodName struct {
	text   []rune
	choice int
	code   bool
}

func newMenu(choices []Choice, b *address.Book) *menu {
	m := &menu{choices: choices, book: b}
	short := map[string]int{} // names without the size of the package
	for i, c := range choices {
		for _, name := range append([]string{c.Item}, c.Aliases...) {
			m.name(name, i, false)
			if s := withoutSize(key(name)); s != "" {
				if _, taken := short[s]; taken {
					short[s] = -1
				} else {
					short[s] = i
				}
			}
		}
		m.name(c.Code, i, true)
		if u := []rune(key(c.Unit)); len(u) > 0 {
			m.units = append(m.units, u)
		}
	}
	for s, i := range short {
		if i >= 0 && !slices.ContainsFunc(m.names, func(n goodName) bool { return string(n.text) == s }) {
			m.name(s, i, false)
		}
	}
	slices.SortStableFunc(m.names, func(x, y goodName) int {
		if len(x.text) != len(y.text) {
			return len(y.text) - len(x.text)
		}
		return strings.Compare(string(x.text), string(y.text))
	})
	slices.SortStableFunc(m.units, func(x, y []rune) int { return len(y) - len(x) })
	return m
}

func (m *menu) name(text string, choice int, code bool) {
	if k := []rune(key(text)); len(k) > 0 {
		m.names = append(m.names, goodName{text: k, choice: choice, code: code})
	}
}

// key is the form in which goods and units are compared: as texts are cleaned, without white space.
func key(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, cleaned(text))
}

// cleaned returns a text as it is read: NFKC, lower case, plain dashes, brackets and separators.
func cleaned(text string) string { return strings.TrimSpace(address.Clean(text)) }

// withoutSize returns a name without the size of its package: 大米 of 大米10斤. It is empty if the name has none.
func withoutSize(name string) string {
	at := strings.IndexFunc(name, func(r rune) bool { return r >= '0' && r <= '9' })
	if at <= 0 {
		return ""
	}
	a, err := amount.Quantity(name[at:], "")
	if err != nil || a.Unit == amount.DefaultUnit && !strings.HasSuffix(name, amount.DefaultUnit) {
		return ""
	}
	return name[:at]
}

// at returns the good that is named at s[i:] and where its name ends. after reports whether another good's name ends at i.
func (m *menu) at(s []rune, i int, after bool) (choice, end int, ok bool) {
	for k := range m.names {
		n := &m.names[k]
		if n.code {
			if end := m.codeAt(s, i, n, after); end > 0 {
				return n.choice, end, true
			}
			continue
		}
		if end := spelled(s, i, n.text); end > 0 && !(isLatin(n.text[0]) && i > 0 && isLatin(s[i-1])) && !(isLatin(n.text[len(n.text)-1]) && end < len(s) && isLatin(s[end])) {
			return n.choice, end, true
		}
	}
	return 0, 0, false
}

// spelled returns where a name ends that begins at s[i], 0 if it does not. White space inside it does not matter.
func spelled(s []rune, i int, name []rune) int {
	for k := 0; k < len(name); {
		switch {
		case i >= len(s):
			return 0
		case s[i] == name[k]:
			k++
		case s[i] != ' ' || k == 0:
			return 0
		}
		i++
	}
	return i
}

// setWords stand before or behind a code.
var setWords = wordList("号套餐", "套餐", "组合", "款", "餐", "类")

// codeAt returns where a code ends that stands at s[i], 0 if there is none. A letter that belongs to a building (A座, E6-1) is no code.
func (m *menu) codeAt(s []rune, i int, n *goodName, after bool) int {
	from := i
	before := prefix(s[i:], setWords)
	i += before
	if i+len(n.text) > len(s) || !slices.Equal(s[i:i+len(n.text)], n.text) {
		return 0
	}
	end := i + len(n.text)
	set := prefix(s[end:], setWords)
	if isDigit(n.text[0]) { // a number is a code only beside such a word
		if before+set == 0 || (from > 0 && isDigit(s[from-1])) || (end < len(s) && isDigit(s[end])) {
			return 0
		}
		return end + set
	}
	if before == 0 && from > 0 && isLatin(s[from-1]) && !after {
		return 0
	}
	end += set
	switch {
	case end >= len(s) || (set > 0 && !isLatin(s[end])):
		return end
	case isLatin(s[end]):
		if _, _, ok := m.at(s, end, true); !ok {
			return 0
		}
	case m.ofBuilding(s, end, string(n.text)):
		return 0
	}
	return end
}

// buildingWords stand behind the letter or the number of a building.
var buildingWords = wordList("栋", "幢", "座", "楼", "号", "#", "单元")

// ofBuilding reports whether what follows a letter makes it part of an address: a座, e6栋, e-6-1-1203, e6 1 1203.
func (m *menu) ofBuilding(s []rune, end int, letter string) bool {
	to := digitsEnd(s, end)
	switch {
	case prefix(s[end:], buildingWords) > 0:
		return true
	case s[end] == '-':
		to = digitsEnd(s, end+1)
		return to > end+1 && to < len(s) && s[to] == '-'
	case to == end:
		return false
	case to-end > 3 || prefix(s[to:], buildingWords) > 0:
		return true
	case to+1 >= len(s) || !isDigit(s[to+1]):
		return false
	case strings.ContainsRune("-/.", s[to]):
		return true
	}
	return s[to] == ' ' && m.book != nil && m.book.HasBuilding(letter+string(s[end:to]))
}

// unitAt returns the length of the unit at s[i:], 0 if there is none. many says that the number before it has three digits or more, and may be
// a room: only clear units follow one.
func (m *menu) unitAt(s []rune, i int, many bool) int {
	if i >= len(s) {
		return 0
	}
	n := prefix(s[i:], m.units)
	if n == 0 {
		n = prefix(s[i:], clearUnits)
	}
	if n == 0 && !many {
		n = prefix(s[i:], looseUnits)
	}
	if n == 0 {
		return 0
	}
	last, next := s[i+n-1], rune(' ')
	if i+n < len(s) {
		next = s[i+n]
	}
	switch {
	case isLatin(last) && (isLatin(next) || isDigit(next)):
		return 0
	case last == '单' && (next == '元' || isDigit(next) || amount.NumeralDigit(next) >= 0):
		return 0
	case last == '个' && strings.ContainsRune("人月小孩星钟", next):
		return 0
	case last == '两' && n == 1 && (prefix(s[i+1:], m.units) > 0 || prefix(s[i+1:], clearUnits) > 0 || prefix(s[i+1:], looseUnits) > 0):
		return 0 // 两箱 is two crates
	}
	return n
}

// The units of lists. After a room only clear units count: the others are surnames and verbs too.
var (
	clearUnits = wordList("公斤", "千克", "毫升", "kg", "ml", "份", "箱", "斤", "袋", "盒", "瓶", "桶", "枚", "板", "克", "g")
	looseUnits = wordList("大袋", "小袋", "大箱", "小箱", "大包", "小包", "大盒", "小盒", "个", "只", "包", "条", "块", "把", "棵", "颗", "头", "提", "罐", "串", "捆", "套", "件", "筐", "篮",
		"打", "双", "卷", "支", "枝", "根", "张", "碗", "听", "壶", "扎", "升", "两", "单", "盘", "片", "朵", "l")
)

// convert returns the amount of a good that was written, in the good's own unit.
func (c *Choice) convert(w *bit) (amount.Amount, error) {
	own, tail := amount.UnitWord(c.Unit), ""
	if w.half {
		tail = "半"
	}
	if own == "" {
		return amount.Quantity(w.number+w.unit+tail, "")
	}
	if w.unit == "" || w.unit == own || c.counts(w.unit, own) {
		a, err := amount.Quantity(w.number+amount.DefaultUnit+tail, amount.DefaultUnit)
		a.Unit = c.Unit
		return a, err
	}
	a, err := amount.Quantity(w.number+w.unit+tail, own)
	if err == nil {
		a.Unit = c.Unit
		return a, nil
	}
	from, to := grams[w.unit], grams[own]
	if from == 0 || to == 0 {
		return a, err
	}
	a, err = amount.Quantity(w.number+w.unit+tail, w.unit)
	if err != nil || int64(a.Quantity)*from%to != 0 {
		return a, amount.ErrUnclear
	}
	a.Quantity, a.Unit = a.Quantity*delivery.Quantity(from)/delivery.Quantity(to), c.Unit
	return a, nil
}

// counts reports whether so many of a unit are as many of the good's own: 份 and 单 say how often, in any unit; 个 and 件 do where the good is
// sold by the share or the set; and 2包 of 蔬菜包 are two.
func (c *Choice) counts(unit, own string) bool {
	switch unit {
	case "份", "单", "套":
		return true
	case "个", "件":
		if own == "份" || own == "套" || own == "件" || own == "个" {
			return true
		}
	}
	before, ends := strings.CutSuffix(key(c.Item), unit)
	return ends && before != "" && !isDigit(rune(before[len(before)-1]))
}

// grams are the weights of units that can be turned into each other exactly.
var grams = map[string]int64{"克": 1, "g": 1, "斤": 500, "市斤": 500, "公斤": 1000, "千克": 1000, "kg": 1000}

func wordList(list ...string) [][]rune {
	out := make([][]rune, len(list))
	for i, w := range list {
		out[i] = []rune(w)
	}
	return out
}

// prefix returns the length of the first of these words that the text begins with.
func prefix(s []rune, list [][]rune) int {
	for _, w := range list {
		if len(w) <= len(s) && slices.Equal(s[:len(w)], w) {
			return len(w)
		}
	}
	return 0
}

func digitsEnd(s []rune, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' }

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
