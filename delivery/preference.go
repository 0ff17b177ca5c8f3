package delivery

import (
	"iter"
	"strings"
)

// Preferred is one element of a header such as Accept-Language, in lower case, with its parameters but without q.
type Preferred struct {
	Value  string
	Weight int // 0 to 1000; 0 refuses it
}

// mostPreferred is how many elements of a header are read. Those that browsers send have fewer than twenty.
const mostPreferred = 64

// Preferences reads the elements of a header such as Accept, Accept-Language or Accept-Encoding (RFC 9110, section 12.4.2).
// One whose weight is malformed is left out; parameters other than q are dropped.
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

// parseWeight reads a number from 0 to 1 with a point and digits, in thousandths. More than three digits are more than the
// specification has, and are rounded up, so that only zero is none.
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
