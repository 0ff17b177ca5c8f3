package delivery

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Search is what a text filter looks for. An order or a household is found if any needle is part of its words, which the
// database keeps (order_texts, households.words): each form of its number or address on a line of its own.
type Search struct {
	Needles []string
	Number  int64 // the text is this order's number and nothing else; 0: it is not
}

// The ends of a form of an address, for needles that must begin or end there.
const lineEnd = "\n"

// NewSearch reads what was typed: a part of an order's number, also after a #, of a platform's number, or of an address,
// also as people write it (6栋1单元1203室, E6栋1203, 25号, e6 1 1203). A text in which nothing can be seen gives no needles.
func NewSearch(text string) Search {
	key := Key(text)
	if key == "" {
		return Search{}
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
	for _, needle := range doorNeedles(key) {
		if !slices.Contains(s.Needles, needle) {
			s.Needles = append(s.Needles, needle)
		}
	}
	return s
}

// CheckSearch refuses what CheckText does, but not the invisible characters that a key leaves out: what is copied from a
// list of contacts or a chat comes with marks of direction around it.
func CheckSearch(text string) *Error {
	return CheckText(strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, text), MaxName, false)
}

// partEnd is what ended a part of an address.
type partEnd int

const (
	endPlain    partEnd = iota // white space, a hyphen, another sign, or the end of the text
	endBuilding                // 栋, 幢, 座, 号楼, 楼, #
	endUnit                    // 单元, 门
	endRoom                    // 室, 房, 户
	endNumber                  // 号, of a building or a room
)

// placeWords are the words after a part of an address, the longer ones first.
var placeWords = []struct {
	word string
	end  partEnd
}{{"单元", endUnit}, {"号楼", endBuilding}, {"号栋", endBuilding}, {"号幢", endBuilding}, {"栋", endBuilding}, {"幢", endBuilding}, {"座", endBuilding}, {"楼", endBuilding},
	{"#", endBuilding}, {"门", endUnit}, {"室", endRoom}, {"房", endRoom}, {"户", endRoom}, {"号", endNumber}}

const separators = "- /,、.·_ー"

// doorNeedles are the needles for a text that is an address, or a part of one, none for one that can only be looked for
// as it is.
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
	if i := slices.Index(ends, endBuilding); i >= 0 { // what stands before it is the estate's name or a street
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

// isName reports a text of Chinese characters that is long enough for the name of an estate or a street.
func isName(s string) bool {
	return utf8.RuneCountInString(s) >= shortestName && strings.IndexFunc(s, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) < 0
}

// shortestName is how many characters the name of an estate or a street has at least. A shorter text may be part of a
// building's code, as 南 is of 南6.
const shortestName = 3

// withoutName is a building's code without the name of the estate or the street that was written before it: 6 of 东辰心语6
// and of 第6.
func withoutName(part string) string {
	code := strings.TrimLeftFunc(part, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if before := strings.TrimSuffix(part, code); code != "" && (before == "第" || isName(before)) {
		return code
	}
	return part
}

// doorParts splits an address where its words and signs are; worded says that there is another sign than the hyphen.
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
