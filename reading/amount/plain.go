package amount

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// vulgar are the fractions that Unicode would take apart: 1½ would become 11⁄2.
var vulgar = strings.NewReplacer("½", ".5", "¼", ".25", "¾", ".75")

// plain returns a text with full-width characters made plain, any dash as -, white space collapsed, and without invisible
// characters.
func plain(s string) string {
	s = norm.NFKC.String(vulgar.Replace(s))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == '−' || r == 'ー' || r > 0x7f && unicode.Is(unicode.Pd, r):
			return '-'
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
