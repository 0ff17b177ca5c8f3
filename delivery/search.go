package delivery

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Search is a parsed text filter. It matches an order or household if any needle is part of its words. The database keeps
// these (order_texts, households.words): each form of the number or address on a line of its own.
type Search struct {
	Needles []string
	Number  int64 // the whole text as an order number; 0 if it is not one
}

// lineEnd begins and ends each form of an address, for needles that must match there.
const lineEnd = "\n"

// NewSearch parses a typed text: a part of an order's number, also after a #, of a platform's number, or of an address, also
// as people write it (6栋1单元1203室, E6栋1203, 25号, e6 1 1203). A text without visible characters gives no needles.
func NewSearch(text string) Search {
	key := Key(text)
	if key == "" {
		return Search{}
	}
	if bare := strings.Trim(key, quotes+" "); bare != "" {
		key = bare
	}
	s := Search{Needles: []string{key}}
	digits := key
	for _, sign := range []string{"#", "no.", "no", "订单号", "订单"} { // № has become no
		if rest, ok := strings.CutPrefix(key, sign); ok {
			digits = strings.TrimLeft(rest, " :")
			break
		}
	}
	if number, err := strconv.ParseInt(digits, 10, 64); err == nil && number > 0 && digits[0] != '+' {
		s.Number = number
		s.Needles[0] = digits // "#258" finds what 258 finds
	}
	for _, needle := range doorNeedles(traditional.Replace(key)) {
		if !slices.Contains(s.Needles, needle) {
			s.Needles = append(s.Needles, needle)
		}
	}
	return s
}

// CheckSearch refuses the same texts as CheckText, but allows the invisible characters that Key removes: text copied from a
// chat or a contact list comes with direction marks around it.
func CheckSearch(text string) *Error {
	return CheckText(strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, text), MaxName, false)
}

// partEnd is the kind of separator after a part of an address.
type partEnd int

const (
	endPlain    partEnd = iota // white space, a hyphen, another sign, or the end of the text
	endBuilding                // 栋, 幢, 座, 号楼, 楼, #
	endUnit                    // 单元, 门
	endRoom                    // 室, 房, 户
	endNumber                  // 号, of a building or a room
)

// placeWords are the words that end a part of an address, longer words first.
var placeWords = []struct {
	word string
	end  partEnd
}{{"单元", endUnit}, {"号楼", endBuilding}, {"号栋", endBuilding}, {"号幢", endBuilding}, {"栋", endBuilding}, {"幢", endBuilding}, {"座", endBuilding}, {"楼", endBuilding},
	{"#", endBuilding}, {"门", endUnit}, {"室", endRoom}, {"房", endRoom}, {"户", endRoom}, {"号", endNumber}}

const separators = "- /,、.·_ー"

// traditional maps the traditional characters of placeWords, as people from Taiwan or Hong Kong type them.
var traditional = strings.NewReplacer("棟", "栋", "單", "单", "號", "号", "樓", "楼", "門", "门", "戶", "户")

// quotes are removed around a text: people copy them along.
const quotes = "\"'“”‘’「」『』《》"

// doorNeedles returns the needles for a text that is an address or part of one, or none if the text can only be searched
// literally.
func doorNeedles(key string) []string {
	parts, ends, worded := doorParts(key)
	if len(parts) == 0 {
		return nil
	}
	last := len(parts) - 1
	if ends[last] == endNumber && (last == 0 || last == 1 && isName(parts[0])) {
		number := withoutName(parts[last])
		return []string{lineEnd + number + "-", "-" + number + lineEnd} // the building, or the room
	}
	for i, end := range ends {
		switch {
		case end == endNumber && i < last:
			ends[i] = endBuilding
		case end == endNumber:
			ends[i] = endRoom
		}
	}
	start, finish := "", ""
	if i := slices.Index(ends, endBuilding); i >= 0 { // a name of an estate or a street precedes it
		parts, ends = parts[i:], ends[i:]
		parts[0] = withoutName(parts[0])
	}
	if ends[0] == endBuilding {
		start = lineEnd
	}
	if ends[len(ends)-1] == endRoom {
		finish = lineEnd
	}
	switch len(parts) {
	case 1:
		switch ends[0] {
		case endBuilding:
			return []string{start + parts[0] + "-"}
		case endUnit:
			return []string{"-" + parts[0] + "-"}
		case endRoom:
			return []string{"-" + parts[0] + finish}
		}
		return nil
	case 2:
		if ends[1] == endUnit {
			return []string{start + parts[0] + "-" + parts[1] + "-"}
		}
		if ends[0] == endUnit {
			return []string{"-" + parts[0] + "-" + parts[1] + finish}
		}
		var out []string
		if worded && ends[0] != endBuilding {
			out = append(out, parts[0]+"-"+parts[1]+finish)
		}
		if ends[0] == endBuilding || len(parts[1]) >= 3 && strings.Trim(parts[1], "0123456789") == "" {
			out = append(out, start+parts[0]+"/"+parts[1]+finish) // the room without its unit
		}
		return out
	}
	if !worded {
		return nil
	}
	return []string{start + strings.Join(parts, "-") + finish}
}

// isName reports whether a text consists of Chinese characters and is long enough to be the name of an estate or a street.
func isName(s string) bool {
	return utf8.RuneCountInString(s) >= shortestName && strings.IndexFunc(s, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) < 0
}

// shortestName is the fewest characters of the name of an estate or a street. A shorter text may be part of a building's code,
// as 南 is of 南6.
const shortestName = 3

// withoutName removes the name of the estate or street before a building's code: 东辰心语6 and 第6 both become 6.
func withoutName(part string) string {
	code := strings.TrimLeftFunc(part, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if before := strings.TrimSuffix(part, code); code != "" && (before == "第" || isName(before)) {
		return code
	}
	return part
}

// doorParts splits an address at its words and signs. worded reports whether there is a separator other than the hyphen.
func doorParts(key string) (parts []string, ends []partEnd, worded bool) {
	part := ""
	cut := func(end partEnd) {
		switch {
		case part != "":
			parts, ends, part = append(parts, part), append(ends, end), ""
		case end != endPlain && len(ends) > 0 && ends[len(ends)-1] == endPlain: // "6 栋"
			ends[len(ends)-1] = end
		}
	}
next:
	for key != "" {
		for _, w := range placeWords {
			if rest, ok := strings.CutPrefix(key, w.word); ok {
				cut(w.end)
				key, worded = rest, true
				continue next
			}
		}
		r, size := utf8.DecodeRuneInString(key)
		if strings.ContainsRune(separators, r) {
			cut(endPlain)
			worded = worded || r != '-'
		} else {
			part += key[:size]
		}
		key = key[size:]
	}
	cut(endPlain)
	return parts, ends, worded
}
