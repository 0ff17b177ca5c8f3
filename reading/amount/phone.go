package amount

import (
	"regexp"
	"strings"
)

// Phone returns the digits of the first telephone number in a text, without the prefix of the country: 138 0000 1203 and
// +86-138-0000-1203 are 13800001203. An extension is appended to its land line. If only the last four digits are known
// (138****0603, 尾号0603) it returns *0603. It returns "" for a text without a number, and for a number that a spreadsheet has
// rounded (1.38E+10).
func Phone(text string) string {
	s := plain(text)
	if m := scientific.FindStringSubmatch(s); m != nil {
		return unrounded(m[1], m[2], m[3])
	}
	s = pointZero.ReplaceAllString(s, "$1")
	if m := mobile.FindStringSubmatch(s); m != nil {
		return onlyDigits(m[1])
	}
	if m := masked.FindStringSubmatch(s); m != nil {
		return "*" + m[1]
	}
	if m := lastFour.FindStringSubmatch(s); m != nil {
		return "*" + m[1]
	}
	if m := landLine.FindStringSubmatch(s); m != nil {
		return onlyDigits(m[1])
	}
	if m := anyNumber.FindStringSubmatch(s); m != nil {
		d := onlyDigits(m[1])
		switch {
		case len(d) == 4:
			return "*" + d
		case len(d) >= 5 && len(d) <= 20:
			return d
		}
	}
	return ""
}

var (
	scientific = regexp.MustCompile(`^(\d)(?:\.(\d*))?[eE]\+?(\d{1,2})$`)
	pointZero  = regexp.MustCompile(`^(\d{5,20})\.0+$`)
	mobile     = regexp.MustCompile(`(?:^|[^\d])(?:\+?(?:00)?86[ -]?)?(1[3-9]\d(?:[ -]?\d){8})(?:[^\d]|$)`)
	masked     = regexp.MustCompile(`1\d{1,2}[*xX×•·#.]{3,6}(\d{4})(?:[^\d]|$)`)
	lastFour   = regexp.MustCompile(`(?:尾号|尾数|后四位|末四位|后4位)[:\s]*(?:是|为)?(\d{4})(?:[^\d]|$)`)
	landLine   = regexp.MustCompile(`(?:^|[^\d])(\(?0\d{2,3}\)?[ -]?\d{3,4}[ -]?\d{4}(?:\s*(?:转|分机|ext\.?|#|-)\s*\d{1,6})?)(?:[^\d]|$)`)
	anyNumber  = regexp.MustCompile(`^[^\d+]*\+?(\d[\d ()-]*\d)[^\d]*$`)
)

// unrounded returns the whole number that 1.3800001203E+10 stands for, "" if digits are missing.
func unrounded(first, decimals, exponent string) string {
	places := 0
	for _, r := range exponent {
		places = places*10 + int(r-'0')
	}
	if len(decimals) != places || places < 4 || places > 19 {
		return ""
	}
	return first + decimals
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
