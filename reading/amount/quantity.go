package amount

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"baogong/delivery"
)

// Amount is how much of a good is asked for.
type Amount struct {
	Quantity delivery.Quantity
	Unit     string // 斤, as the text or the column of units says it
	Note     string // what stood beside the quantity: 24瓶 of 一箱（24瓶）
}

// Why a text is no amount.
var (
	ErrUnclear     = errors.New("the quantity can be read in several ways or in none")
	ErrNotPositive = errors.New("the quantity is zero or less")
)

// DefaultUnit is the unit where neither the text nor a column names one.
const DefaultUnit = "份"

// Quantity reads an amount such as 2, 1.5kg, 两盒, 2斤半, 半斤, x3 or 一箱（24瓶）. The unit is what a column of units or a menu
// says, "" if none does. A text that names another unit than that is ErrUnclear, and so is one of several units (一斤二两), a
// range (2-3个), an estimate (若干), a number in scientific notation, one with separated thousands, and one with more than three
// decimals. 最多2 is two with a note.
func Quantity(text, unit string) (Amount, error) {
	unit = UnitWord(unit)
	s := plain(text)
	s, note := cutBrackets(s)
	if s == "" || takenBack.MatchString(s) || takenBack.MatchString(note) {
		return Amount{}, ErrUnclear
	}
	if m := atMost.FindString(s); m != "" {
		note = joined(s, note)
		s = strings.TrimSpace(s[len(m):])
	}
	s = strings.TrimSpace(leading.ReplaceAllString(s, ""))

	negative := strings.HasPrefix(s, "-")
	q, rest, err := number(strings.TrimSpace(strings.TrimPrefix(s, "-")))
	if err != nil {
		return Amount{}, err
	}
	rest = strings.TrimSpace(rest)
	if word, ok := strings.CutSuffix(rest, "半"); ok && word != "" && IsUnit(word) && q%1000 == 0 {
		q, rest = q+500, word // 2斤半
	}
	written := UnitWord(rest)
	switch {
	case written == "" && unit == "":
		unit = DefaultUnit
	case written == "", written == unit:
	case unit == "" && IsUnit(written), sameUnit(written, unit):
		unit = written
	default:
		return Amount{}, ErrUnclear
	}
	if negative || q <= 0 {
		return Amount{}, ErrNotPositive
	}
	if q > delivery.MaxQuantity || utf8.RuneCountInString(unit) > delivery.MaxUnitWord {
		return Amount{}, ErrUnclear
	}
	return Amount{Quantity: q, Unit: unit, Note: note}, nil
}

var (
	takenBack = regexp.MustCompile(`取消|不要了|退[货掉款]|作废`)
	atMost    = regexp.MustCompile(`^(?:最多|不超过|至多)`)
	leading   = regexp.MustCompile(`^(?:数量|共|计|订|要|买|来)?[:\s]*[xX×*✕+]?\s*`)
	digits    = regexp.MustCompile(`^(\d{0,9})(?:\.(\d+))?`)
	fraction  = regexp.MustCompile(`^(\d{1,3})[/⁄](\d{1,3})`)
	brackets  = regexp.MustCompile(`^(.*?)\s*[(\[【]([^()\[\]【】]*)[)\]】]\s*$`)
)

// number reads the number at the beginning of a text.
func number(s string) (delivery.Quantity, string, error) {
	if rest, ok := strings.CutPrefix(s, "半"); ok {
		return 500, rest, nil // 半斤
	}
	if m := fraction.FindStringSubmatch(s); m != nil {
		over, err1 := delivery.ParseQuantity(m[1])
		under, err2 := delivery.ParseQuantity(m[2])
		if err1 != nil || err2 != nil || under == 0 || over*1000%under != 0 {
			return 0, "", ErrUnclear
		}
		return over * 1000 / under, s[len(m[0]):], nil
	}
	if m := digits.FindStringSubmatch(s); m[0] != "" {
		rest := s[len(m[0]):]
		whole, decimals := m[1], strings.TrimRight(m[2], "0")
		if whole == "" {
			whole = "0"
		}
		if decimals != "" {
			whole += "." + decimals
		}
		q, err := delivery.ParseQuantity(whole)
		if err != nil || strings.HasPrefix(rest, ".") || startsWithDigit(rest) {
			return 0, "", ErrUnclear
		}
		return q, rest, nil
	}
	// The longest Chinese numeral wins, but 两 after another numeral is the unit: 二两 is two 两, 两百克 two hundred grams.
	end := 0
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !IsNumeral(r) || r == '两' && end > 0 {
			break
		}
		end += size
	}
	head, rest := s[:end], s[end:]
	if word, ok := strings.CutSuffix(head, "千"); ok && word != "" && strings.HasPrefix(rest, "克") {
		head, rest = word, "千"+rest
	}
	n, ok := spoken(head)
	if !ok || n > int64(delivery.MaxQuantity/1000) {
		return 0, "", ErrUnclear
	}
	return delivery.Quantity(n) * 1000, rest, nil
}

// spoken reads a numeral by value. Two digits side by side are an estimate: 三五个 is three to five.
func spoken(s string) (int64, bool) {
	if utf8.RuneCountInString(s) > 1 && !strings.ContainsAny(s, "十百千万拾佰仟廿卅") {
		return 0, false
	}
	return Numeral(s)
}

// cutBrackets cuts a bracketed remark off the end of a text: 一箱(24瓶) is 一箱, 24瓶.
func cutBrackets(s string) (string, string) {
	m := brackets.FindStringSubmatch(s)
	if m == nil || m[1] == "" {
		return s, ""
	}
	return m[1], strings.TrimSpace(m[2])
}

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }
