package amount

import (
	"strings"
	"unicode/utf8"
)

// Numeral returns the whole number that a Chinese numeral means. It reads numerals by place (一二零三 is 1203, 二〇二 is 202) and by value (十二,
// 一百零二, 一千二百零三, 两万, 廿三), also with the characters of bills (壹贰叁拾佰仟). As in speech, a last digit without its unit counts in the next
// lower one: 一百二 is 120, 三万二 is 32,000. 两 means two alone and before 百, 千, 万 and 亿; elsewhere it is a weight, as in 二两.
//
// The text must be the numeral alone, without digits, white space or units. Numeral reports false for other texts, for numerals that are not
// well-formed (十十, 一万一万, 百二), and for numbers of more than 16 digits.
func Numeral(text string) (int64, bool) {
	if text == "" || utf8.RuneCountInString(text) > maxNumeral {
		return 0, false
	}
	if strings.ContainsFunc(text, func(r rune) bool { return numeralUnit(r) > 0 || r == '廿' || r == '卅' }) {
		return byValue([]rune(text))
	}
	return byPlace(text)
}

// maxNumeral is the largest number of characters of a numeral; 一千二百三十四万五千六百七十八 has 15.
const maxNumeral = 31

// IsNumeral reports whether a character can be part of a Chinese numeral.
func IsNumeral(r rune) bool {
	return NumeralDigit(r) >= 0 || numeralUnit(r) > 0 || r == '两' || r == '廿' || r == '卅'
}

// NumeralDigit returns the value of a Chinese digit from 零 to 九, and -1 for other characters; 两 is no digit.
func NumeralDigit(r rune) int64 {
	switch r {
	case '零', '〇', '○':
		return 0
	case '一', '壹', '幺':
		return 1
	case '二', '贰', '貳':
		return 2
	case '三', '叁', '參':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆', '陸':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
}

// numeralUnit returns 10 for 十 up to 100,000,000 for 亿, and 0 for other characters.
func numeralUnit(r rune) int64 {
	switch r {
	case '十', '拾':
		return 10
	case '百', '佰':
		return 100
	case '千', '仟':
		return 1000
	case '万', '萬':
		return 10_000
	case '亿', '億':
		return 100_000_000
	}
	return 0
}

func byPlace(text string) (int64, bool) {
	if text == "两" {
		return 2, true
	}
	var n, places int64
	for _, r := range text {
		d := NumeralDigit(r)
		if places++; d < 0 || places > 16 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// byValue reads a numeral with units: groups of up to 9,999, each followed by 亿, 万 or the end.
func byValue(text []rune) (int64, bool) {
	var total int64
	above := int64(1_000_000_000_000) // the units of groups fall from left to right
	for len(text) > 0 {
		end, unit := len(text), int64(1)
		for i, r := range text {
			if u := numeralUnit(r); u >= 10_000 {
				end, unit = i, u
				break
			}
		}
		group, rest := text[:end], text[min(end+1, len(text)):]
		var n int64
		var ok bool
		if d, single := oneDigit(group); single && unit == 1 && total > 0 {
			n, ok = d*above/10, true // 三万二
		} else {
			n, ok = groupValue(group, total > 0)
			n *= unit
		}
		if !ok || unit >= above {
			return 0, false
		}
		total, above, text = total+n, unit, rest
	}
	return total, true
}

// oneDigit returns the digit of a group that is a digit alone.
func oneDigit(group []rune) (int64, bool) {
	if len(group) != 1 {
		return 0, false
	}
	d := NumeralDigit(group[0])
	return d, d > 0
}

// groupValue reads a group below 10,000: 一千二百零三, 十二, 廿三, 一百二. A group after another may begin with 零.
func groupValue(group []rune, after bool) (int64, bool) {
	var total int64
	below := int64(10_000)
	digit, zero := int64(-1), false
	for i, r := range group {
		if r == '廿' || r == '卅' {
			if digit >= 0 || below <= 10 {
				return 0, false
			}
			if total, below = total+20, 10; r == '卅' {
				total += 10
			}
			continue
		}
		if u := numeralUnit(r); u > 0 {
			switch {
			case digit == 2 && group[i-1] == '两' && u < 100, u >= below:
				return 0, false
			case digit < 0 && u == 10 && (i == 0 || zero): // 十二, and 一百零十 in some mouths
				digit = 1
			case digit < 0:
				return 0, false
			}
			total, below, digit, zero = total+digit*u, u, -1, false
			continue
		}
		d := NumeralDigit(r)
		if r == '两' {
			d = 2
		}
		switch {
		case d < 0 || digit >= 0:
			return 0, false
		case d == 0:
			if zero || (i == 0 && !after) {
				return 0, false
			}
			zero = true
		default:
			digit = d
		}
	}
	switch {
	case digit < 0 && !zero:
		return total, len(group) > 0
	case digit < 0, len(group) > 1 && group[len(group)-1] == '两':
		return 0, false
	case zero || below == 10 || below == 10_000:
		return total + digit, true
	}
	return total + digit*below/10, true // 一百二
}
