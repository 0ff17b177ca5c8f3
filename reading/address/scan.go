package address

import (
	"slices"
	"strconv"
	"strings"

	"baogong/reading/amount"
)

// label is the word that says what a number counts.
type label int

const (
	none          label = iota
	buildingNo          // 栋, 号楼, 幢, 座
	unitNo              // 单元, 门, 梯, 甲乙丙丁
	floorNo             // 层
	roomNo              // 室, 房
	laneNo              // 弄
	storeyNo            // 楼: a building or a floor
	plainNo             // 号, #: a building, a room or a door on its floor
	somethingElse       // no part of an address
)

// gap is what stands between a number and the one before it.
type gap int

const (
	glued   gap = iota
	dash        // one of - / . : or several
	space       // white space only
	list        // a comma or the like
	text        // words
	another     // 或, 和 and the like: what follows is another address
)

// token is a number in a text, with the letters and words that belong to it.
type token struct {
	letters   string // before it: e of e6
	digits    string // as written, "" for the name of a building
	tail      string // a letter behind it: a of 1203a
	label     label
	gap       gap
	buildings []int // of a building's name
	house     bool  // a word such as 家 or 门口 stands behind it
	nickname  bool  // it is glued to the end of a Latin word
}

// number returns the value, -1 if there is none.
func (t *token) number() int {
	if len(t.digits) > 9 {
		return -1
	}
	n, err := strconv.Atoi(t.digits)
	if err != nil {
		return -1
	}
	return n
}

// explicit reports whether the token names a building by its name, its letters or its label.
func (t *token) explicit() bool {
	return t.label == buildingNo || t.buildings != nil || (t.letters != "" && t.label != unitNo && t.label != roomNo)
}

// short reports whether the token is a number of one or two digits without a word. Apart from other numbers it is no part of an address:
// 2宝妈 1单元101.
func (t *token) short() bool { return !t.labelled() && t.label == none && len(t.digits) < 3 }

// labelled reports whether a word or a letter says what the number is.
func (t *token) labelled() bool { return t.explicit() || (t.label != none && t.label != plainNo) }

// lexer is what was found in a text.
type lexer struct {
	b           *Book
	s           []rune
	tokens      []token
	own         bool // the estate is named
	grouped     bool // the building of the chat group is known
	landmark    bool
	otherEstate bool
	basement    bool
	basementAt  int // the number of tokens before it
	gapFrom     int // where the text between the numbers begins
	ahead       label
}

// maxTokens bounds the numbers of one text that are looked at.
const maxTokens = 24

func (b *Book) scan(s []rune) *lexer {
	p := &lexer{b: b, s: s}
	p.findOtherEstate()
	for i := 0; i < len(s) && len(p.tokens) < maxTokens; {
		i = p.step(i)
	}
	return p
}

func (p *lexer) step(i int) int {
	r := p.s[i]
	if len(p.b.words[r]) > 0 && (i == 0 || !isDigit(r) || !isDigit(p.s[i-1])) && (i == 0 || !isLatin(r) || !isLatin(p.s[i-1])) {
		if w := p.b.wordAt(p.s[i:]); w != nil {
			return p.word(i, w)
		}
	}
	switch {
	case isDigit(r):
		return p.digits(i, "")
	case isLatin(r):
		return p.latin(i)
	case r == '一' && p.isDash(i):
		p.s[i] = '-' // 6一1一1203
		return i + 1
	case amount.IsNumeral(r) && r != '两':
		return p.numeral(i, "")
	case strings.ContainsRune("甲乙丙丁", r):
		return p.ordinal(i)
	case r == '负' || r == '地':
		return p.below(i)
	case isHan(r):
		return p.labelAhead(i)
	}
	return i + 1
}

// isDash reports whether an 一 stands between digits.
func (p *lexer) isDash(i int) bool {
	from, to := i-1, skip(p.s, i+1, " ")
	for from > 0 && p.s[from] == ' ' {
		from--
	}
	return from >= 0 && to < len(p.s) && isDigit(p.s[from]) && isDigit(p.s[to]) && p.gapFrom <= from+1
}

// word handles a word of the estate.
func (p *lexer) word(i int, w *wordOf) int {
	end := i + len(w.text)
	switch w.kind {
	case estateWord:
		p.own = true
	case landmarkWord:
		p.landmark = true
	case buildingWord:
		t := token{buildings: []int{w.building}, gap: p.gapBefore(i)}
		at := skip(p.s, end, " ")
		if n := prefixOf(p.s[at:], buildingLabels); n > 0 {
			end = at + n
		}
		p.add(t, end)
		return end
	}
	for k := i; k < end; k++ {
		p.s[k] = ' '
	}
	return end
}

func (p *lexer) add(t token, end int) {
	p.tokens = append(p.tokens, t)
	p.gapFrom, p.ahead = end, none
}

// gapBefore says what stands between the last number and the position.
func (p *lexer) gapBefore(at int) gap {
	if len(p.tokens) == 0 {
		return text
	}
	between := p.s[p.gapFrom:at]
	if len(between) == 0 {
		return glued
	}
	g := space
	for _, r := range between {
		switch r {
		case ' ':
		case '-', '.', ':', '*', '#':
			g = max(g, space)
			if g == space {
				g = dash
			}
		case '/', ',', '、', ';', '&':
			g = list
		default:
			if anotherWord(between) {
				return another
			}
			return text
		}
	}
	return g
}

// anotherWord reports whether the text between two numbers joins two addresses.
func anotherWord(between []rune) bool {
	switch strings.Trim(string(between), " ,、;-") {
	case "或", "或者", "和", "与", "及", "以及", "跟", "还有":
		return true
	}
	return false
}

// digits reads a number that begins with an ASCII digit. Zeros, and digits inside it, may be Chinese: 12〇3, 1二03.
func (p *lexer) digits(i int, letters string) int {
	end := i
	var digits strings.Builder
	for end < len(p.s) {
		r := p.s[end]
		switch d := amount.NumeralDigit(r); {
		case r == '零' || r == '〇':
			r = '0'
		case d > 1 && end > i && end+1 < len(p.s) && isDigit(p.s[end+1]): // 1二03; 一 would be a dash
			r = '0' + rune(d)
		}
		if !isDigit(r) {
			break
		}
		digits.WriteRune(r)
		end++
	}
	t := token{letters: letters, digits: digits.String(), label: p.ahead}
	from := i - len([]rune(letters))
	if end < len(p.s) && isLatin(p.s[end]) && (end+1 == len(p.s) || !isLatin(p.s[end+1]) && (!isDigit(p.s[end+1]) || p.s[end] == 'f')) {
		if p.s[end] == 'f' {
			t.label = floorNo
			end++
		} else if p.s[end] != 'x' && !p.measured(end, t.digits) {
			t.tail = string(p.s[end])
			end++
		}
	}
	return p.finish(t, from, end)
}

// finish reads the words after a number and keeps it, unless they say that it counts something else.
func (p *lexer) finish(t token, from, end int) int {
	t.gap = p.gapBefore(from)
	if before := p.before(from); strings.ContainsRune("×+¥$", before) || p.date(from, end) || (strings.ContainsRune("路街道巷", before) && end < len(p.s) && (p.s[end] == '号' || p.s[end] == '-')) {
		return p.drop(end)
	}
	if p.measured(end, t.digits) || p.clock(from, end) {
		return p.drop(end)
	}
	if n, l := p.labelAfter(end, &t); n > 0 {
		end += n
		if l == somethingElse {
			return p.drop(end)
		}
		t.label = l
	}
	t.house = end < len(p.s) && prefixOf(p.s[end:], houseWords) > 0
	p.add(t, end)
	return end
}

// date reports whether the number is part of a date such as 2022-04-01 or 2022/4/1.
func (p *lexer) date(from, end int) bool {
	if end-from == 4 && string(p.s[from:from+2]) == "20" {
		month := digitsEnd(p.s, end+1)
		day := digitsEnd(p.s, month+1)
		if end < len(p.s) && month > end+1 && month <= end+3 && month < len(p.s) && p.s[month] == p.s[end] && day > month+1 && day <= month+3 && strings.ContainsRune("-/.", p.s[end]) {
			for k := end; k < day; k++ {
				p.s[k] = ' '
			}
			return true
		}
	}
	return false
}

// drop passes over a number that is no part of an address. What it was joined to stays apart from what follows.
func (p *lexer) drop(end int) int {
	p.ahead = none
	return end
}

func (p *lexer) before(at int) rune {
	if at == 0 {
		return ' '
	}
	return p.s[at-1]
}

// The words around numbers, longer ones first. measureWords say that a number counts goods, money or time.
var (
	buildingLabels = words("号楼", "号栋", "号幢", "号座", "#楼", "#栋", "栋楼", "栋", "幢", "座")
	unitLabels     = words("单元楼", "单元门", "单元", "门洞", "梯")
	roomLabels     = words("号房间", "号房", "号室", "房间", "室", "房", "户")
	elseLabels     = words("号院", "号地块", "期", "区", "组", "队", "村", "支弄", "路", "号线", "年")
	notDoors       = words("门口", "门前", "门外", "门卫", "门把", "门铃", "门边", "门上", "门旁", "门放", "门挂")
	measureWords   = words("公斤", "千克", "毫升", "分钟", "小时", "kg", "ml", "份", "箱", "斤", "克", "袋", "盒", "瓶", "桶", "枚", "元", "g", "l", "%", "℃")
	// Surnames and verbs too: in 1203张女士 and 1203打电话 they measure nothing.
	looseMeasures = words("个", "只", "包", "板", "条", "块", "把", "棵", "颗", "头", "提", "罐", "串", "捆", "套", "件", "筐", "篮", "打", "双", "卷", "支", "张", "碗", "听", "壶", "排",
		"角", "毛", "分", "点", "时", "天", "日", "月", "岁", "人", "次", "位", "升", "两")
	moneyWords = words("元", "毫升", "公斤", "kg")
	houseWords = words("门口", "门前", "门外", "家", "住户", "业主")
	aheadWords = []struct {
		text  []rune
		label label
	}{
		{[]rune("门牌号码"), roomNo}, {[]rune("门牌号"), roomNo}, {[]rune("房间号"), roomNo}, {[]rune("房号"), roomNo}, {[]rune("室号"), roomNo}, {[]rune("房间"), roomNo}, {[]rune("门牌"), roomNo},
		{[]rune("单元号"), unitNo}, {[]rune("单元"), unitNo}, {[]rune("楼栋号"), buildingNo}, {[]rune("楼栋"), buildingNo}, {[]rune("楼号"), buildingNo}, {[]rune("栋号"), buildingNo},
		{[]rune("幢号"), buildingNo}, {[]rune("楼层"), floorNo}, {[]rune("房"), roomNo}, {[]rune("室"), roomNo}, {[]rune("栋"), buildingNo}, {[]rune("幢"), buildingNo},
	}
)

// measured reports whether the text after a number of so many digits goes on with a word for goods, money or time.
func (p *lexer) measured(at int, digits string) bool {
	end := skip(p.s, at, " ")
	if len(digits) > 2 && (end > at || len(p.b.byRoom[numberText(digits)]) > 0) && prefixOf(p.s[end:], moneyWords) == 0 {
		return end == at && prefixOf(p.s[at:], measureWords) > 0
	}
	n := prefixOf(p.s[end:], measureWords)
	if n == 0 && end == at {
		if n = prefixOf(p.s[at:], looseMeasures); n > 0 && p.s[at] == '两' {
			return prefixOf(p.s[at+1:], measureWords) == 0 && prefixOf(p.s[at+1:], looseMeasures) == 0 // in 1203两箱 it is two
		}
	}
	if n == 0 {
		return false
	}
	last := p.s[end+n-1]
	return !isLatin(last) || end+n == len(p.s) || !isLatin(p.s[end+n])
}

// clock reports whether the number is part of a time such as 18:30.
func (p *lexer) clock(from, end int) bool {
	if end-from > 2 {
		return false
	}
	if end+2 < len(p.s) && p.s[end] == ':' && isDigit(p.s[end+1]) && isDigit(p.s[end+2]) && digitsEnd(p.s, end+1) == end+3 {
		return from == 0 || p.s[from-1] != ':'
	}
	return end-from == 2 && from >= 2 && p.s[from-1] == ':' && isDigit(p.s[from-2]) && (len(p.tokens) == 0 || p.gapFrom < from-1)
}

// labelAfter reads the word behind a number and returns its length.
func (p *lexer) labelAfter(end int, t *token) (int, label) {
	at := skip(p.s, end, " ")
	n, l := p.labelAt(at, t)
	if n == 0 {
		return 0, none
	}
	if at > end && (l == unitNo || l == roomNo || l == buildingNo) {
		// In 6 单元1 the word belongs to the number behind it.
		if next, _ := p.aheadAt(at); next > 0 && (t.label != none || t.letters != "" || p.s[next-1] == ':') {
			return 0, none
		}
	}
	return at - end + n, l
}

func (p *lexer) labelAt(at int, t *token) (int, label) {
	if at >= len(p.s) {
		return 0, none
	}
	s := p.s[at:]
	switch {
	case !isHan(s[0]) && s[0] != '#':
		return 0, none
	case prefixOf(s, elseLabels) > 0:
		return prefixOf(s, elseLabels), somethingElse
	case prefixOf(s, buildingLabels) > 0:
		return prefixOf(s, buildingLabels), buildingNo
	case prefixOf(s, unitLabels) > 0:
		return prefixOf(s, unitLabels), unitNo
	case prefixOf(s, notDoors) > 0:
		return 0, none
	case prefixOf(s, roomLabels) > 0:
		return prefixOf(s, roomLabels), roomNo
	case s[0] == '弄':
		return 1, laneNo
	case s[0] == '门' && len(t.digits) <= 2:
		return 1, unitNo
	case s[0] == '层':
		return 1, floorNo
	case s[0] == '楼':
		return 1, storeyNo
	case s[0] == '号', s[0] == '#':
		return 1, plainNo
	case s[0] == '单' && len(t.digits) <= 2 && len(s) > 1 && (isDigit(s[1]) || amount.NumeralDigit(s[1]) >= 0 || s[1] == ' ' || s[1] == '-'):
		return 1, unitNo
	}
	return 0, none
}

// aheadAt returns where the number begins that a word at this place announces, 0 if there is none.
func (p *lexer) aheadAt(i int) (int, label) {
	for _, w := range aheadWords {
		if len(w.text) > len(p.s)-i || !slices.Equal(p.s[i:i+len(w.text)], w.text) {
			continue
		}
		at := skip(p.s, i+len(w.text), ": 号")
		if at < len(p.s) && (isDigit(p.s[at]) || amount.NumeralDigit(p.s[at]) >= 0 || (isLatin(p.s[at]) && w.label == buildingNo)) {
			return at, w.label
		}
		return 0, none
	}
	return 0, none
}

// labelAhead reads a word before a number: 房号1203.
func (p *lexer) labelAhead(i int) int {
	at, l := p.aheadAt(i)
	if at == 0 {
		return i + 1
	}
	for k := i; k < at; k++ {
		p.s[k] = ' '
	}
	p.ahead = l
	return at
}

// latinLabels are English words before a number.
var latinLabels = map[string]label{
	"no": none, "building": buildingNo, "bldg": buildingNo, "block": buildingNo, "blk": buildingNo, "unit": unitNo, "room": roomNo, "rm": roomNo, "apt": roomNo, "flat": roomNo,
	"floor": floorNo, "lane": laneNo,
}

// latin reads a Latin word, and the number behind it.
func (p *lexer) latin(i int) int {
	end := i
	for end < len(p.s) && isLatin(p.s[end]) {
		end++
	}
	word := string(p.s[i:end])
	if l, known := latinLabels[word]; known {
		if at := skip(p.s, end, ". :"); at < len(p.s) && (isDigit(p.s[at]) || isLatin(p.s[at])) {
			for k := i; k < at; k++ {
				p.s[k] = ' '
			}
			p.ahead = l
			return at
		}
		return end
	}
	if p.ahead == somethingElse {
		p.ahead = none
	}
	isPrefix := p.b.prefixes[word]
	if !isPrefix && len(word) > 1 {
		return p.afterNickname(end)
	}
	at := end
	if at < len(p.s) && !isDigit(p.s[at]) && isPrefix { // e-6, e 6, e区6
		at = skip(p.s, at, " -区座")
	}
	switch {
	case at >= len(p.s):
		return end
	case word == "x" && !isPrefix && isDigit(p.s[at]):
		return digitsEnd(p.s, at) // x2
	case isDigit(p.s[at]):
		if word == "b" && !isPrefix && p.isBasement(at) {
			p.basement, p.basementAt = true, len(p.tokens)
			return digitsEnd(p.s, at)
		}
		for k := end; k < at; k++ {
			p.s[k] = ' '
		}
		next := p.digits(at, word)
		return next
	case amount.NumeralDigit(p.s[at]) >= 0 || p.s[at] == '十':
		return p.numeral(at, word)
	case !isPrefix && end == at && (prefixOf(p.s[at:], buildingLabels) > 0 || prefixOf(p.s[at:], unitLabels) > 0):
		t := token{letters: word}
		return p.finish(t, i, end)
	}
	return end
}

// isBasement reports whether b1 is a floor below the ground, not a building.
func (p *lexer) isBasement(at int) bool {
	end := digitsEnd(p.s, at)
	if len(p.tokens) > 0 {
		return end-at == 1
	}
	return end < len(p.s) && (p.s[end] == '层' || p.s[end] == '楼' || p.s[end] == '库')
}

// afterNickname passes over digits at the end of a Latin word, such as lucy88, unless they go on as an address.
func (p *lexer) afterNickname(end int) int {
	if end >= len(p.s) || !isDigit(p.s[end]) {
		return end
	}
	to := digitsEnd(p.s, end)
	var t token
	if n, _ := p.labelAt(to, &t); n == 0 && (to >= len(p.s) || (p.s[to] != '-' && p.s[to] != '/' && p.s[to] != '.')) {
		return to
	}
	return end
}

// numeral reads a Chinese numeral. Without a word that says what it counts, it is taken for a number if it is a room by its length, or if no
// other word is glued to it, because names have numerals too (张三).
func (p *lexer) numeral(i int, letters string) int {
	end := i
	for end < len(p.s) && amount.IsNumeral(p.s[end]) && p.s[end] != '两' {
		end++
	}
	digits := numeralDigits(string(p.s[i:end]))
	from := i - len(letters)
	if digits == "" {
		return end
	}
	t := token{letters: letters, digits: digits, label: p.ahead}
	labelled := false
	if n, _ := p.labelAt(skip(p.s, end, " "), &t); n > 0 {
		labelled = true
	}
	if !labelled && p.ahead == none && letters == "" && len(digits) < 3 {
		before, after := p.before(i), ' '
		if end < len(p.s) {
			after = p.s[end]
		}
		if (isHan(before) && (len(p.tokens) == 0 || p.gapFrom != i)) || isLatin(before) || isHan(after) || isLatin(after) {
			return end
		}
	}
	return p.finish(t, from, end)
}

// numeralDigits returns the digits that a numeral stands for: 一二零三 and 一千二百零三 are 1203, 十二零三 is floor 12 and door 03, 零三 stays 03.
func numeralDigits(text string) string {
	if n, ok := amount.Numeral(text); ok {
		digits := strconv.FormatInt(n, 10)
		if strings.HasPrefix(text, "零") || strings.HasPrefix(text, "〇") {
			digits = "0" + digits
		}
		if text == "零" || text == "〇" {
			return ""
		}
		return digits
	}
	for _, zero := range []string{"零", "〇"} {
		floor, door, both := strings.Cut(text, zero)
		f, okF := amount.Numeral(floor)
		d, okD := amount.Numeral(door)
		if both && okF && okD && f > 0 && f < 100 && d > 0 && d < 10 {
			return strconv.FormatInt(f*100+d, 10)
		}
	}
	return ""
}

// ordinal reads 甲, 乙, 丙 or 丁, which count units.
func (p *lexer) ordinal(i int) int {
	t := token{digits: strconv.Itoa(strings.Index("甲乙丙丁", string(p.s[i]))/3 + 1), label: unitNo}
	end := i + 1
	if n := prefixOf(p.s[skip(p.s, end, " "):], unitLabels); n > 0 {
		return p.finish(t, i, end)
	}
	if end < len(p.s) && (p.s[end] == '单' || p.s[end] == '门') {
		return p.finish(t, i, end)
	}
	before, after := p.before(i), ' '
	if end < len(p.s) {
		after = p.s[end]
	}
	if (isHan(before) && p.gapFrom != i) || isLatin(before) || isHan(after) && amount.NumeralDigit(after) < 0 || isLatin(after) || (len(p.tokens) == 0 && !isDigit(after)) {
		return end
	}
	t.gap = p.gapBefore(i)
	p.add(t, end)
	return end
}

// below reads 负一楼, 负1层, 地下室 and 地下一层.
func (p *lexer) below(i int) int {
	s := p.s[i:]
	switch {
	case prefixOf(s, words("地下")) > 0:
		p.basement, p.basementAt = true, len(p.tokens)
		at := i + 2
		for at < len(p.s) && (isDigit(p.s[at]) || amount.IsNumeral(p.s[at])) {
			at++
		}
		return at + prefixOf(p.s[at:], words("层", "楼", "室"))
	case s[0] == '负' && len(s) > 1 && (isDigit(s[1]) || amount.NumeralDigit(s[1]) > 0):
		at := i + 1
		for at < len(p.s) && (isDigit(p.s[at]) || amount.IsNumeral(p.s[at])) {
			at++
		}
		p.basement, p.basementAt = true, len(p.tokens)
		return at + prefixOf(p.s[at:], words("层", "楼"))
	}
	return i + 1
}

// estateSuffixes end the names of estates, notNames precede them in other phrases, such as 放到小区门口.
var (
	estateSuffixes = words("小区", "花园", "家园", "公寓", "新村", "花苑", "嘉苑", "雅苑", "名苑", "嘉园", "山庄", "名都", "华庭", "豪庭")
	notNames       = "到进在放本我们咱该整个同一出回于自入至从往离的区号栋楼元室内外送给请烦是和与跟附近这那"
)

// findOtherEstate looks for the name of another estate: two or more characters before a word such as 花园, where the estate itself is not
// named. A name of the estate that goes on otherwise, 东辰花园 for 东辰, is another estate too.
func (p *lexer) findOtherEstate() {
	run := 0 // characters of words before the position
	for i := 0; i < len(p.s); i++ {
		r := p.s[i]
		if !isHan(r) {
			run = 0
			continue
		}
		if w := p.b.wordAt(p.s[i:]); w != nil && (w.kind == noiseWord || w.kind == estateWord) {
			end := i + len(w.text)
			if w.kind == estateWord {
				if n := prefixOf(p.s[end:], estateSuffixes); n > 0 && string(p.s[end:end+n]) != "小区" && !slices.Equal(w.text[max(0, len(w.text)-n):], p.s[end:end+n]) {
					p.otherEstate = true
				}
				p.own = true
			}
			i, run = end-1, 0
			continue
		}
		if n := prefixOf(p.s[i:], estateSuffixes); n > 0 {
			if run >= 2 && !strings.ContainsRune(notNames, p.s[i-1]) {
				p.otherEstate = p.otherEstate || !p.own
			}
			i, run = i+n-1, 0
			continue
		}
		run++
	}
}
