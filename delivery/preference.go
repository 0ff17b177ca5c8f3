package delivery

import (
	"iter"
	"strings"
)

// Preferred is one element of a header such as Accept-Language, in lower case, with its parameters but without q.
type Preferred struct {
	Value  string
	Weight int // q in thousandths, 0 to 1000; 0 means "not acceptable"
}

// mostPreferred is the most elements of a header that are read. Browsers send fewer than twenty.
const mostPreferred = 64

// Preferences parses the elements of a header such as Accept, Accept-Language or Accept-Encoding (RFC 9110, section 12.4.2).
// It skips elements with a malformed weight.
func Preferences(header string) iter.Seq[Preferred] {
	return func(yield func(Preferred) bool) {
		read := 0
		for part := range strings.SplitSeq(header, ",") {
			if read++; read > mostPreferred {
				return
			}
			value, params, _ := strings.Cut(strings.ToLower(part), ";")
			p, ok := Preferred{strings.TrimSpace(value), 1000}, true
			for param := range strings.SplitSeq(params, ";") {
				if name, weight, _ := strings.Cut(param, "="); strings.TrimSpace(name) == "q" {
					p.Weight, ok = parseWeight(strings.Trim(weight, " \t\""))
				}
			}
			if ok && p.Value != "" && !yield(p) {
				return
			}
		}
	}
}

// parseWeight parses a decimal from 0 to 1 and returns it in thousandths. Digits beyond the specification's three are rounded
// up, so that only zero becomes 0.
func parseWeight(text string) (int, bool) {
	whole, digits, _ := strings.Cut(text, ".")
	if whole != "0" && whole != "1" && (whole != "" || digits == "") {
		return 0, false
	}
	weight, unit := 0, 100
	if whole == "1" {
		weight = 1000
	}
	for _, d := range digits {
		switch {
		case d < '0' || d > '9':
			return 0, false
		case unit > 0:
			weight += int(d-'0') * unit
			unit /= 10
		case d != '0' && weight == 0:
			weight = 1
		}
	}
	return weight, weight <= 1000
}
