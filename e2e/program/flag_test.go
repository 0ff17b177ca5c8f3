package program_test

import (
	"strings"
)

// flag is the name that kong gives a field: a word starts at a capital after a small letter or before one.
func flag(field string) string {
	var b strings.Builder
	b.WriteString("--")
	capital := func(i int) bool { return i < len(field) && field[i] >= 'A' && field[i] <= 'Z' }
	for i, r := range field {
		if i > 0 && capital(i) && (!capital(i-1) || i+1 < len(field) && !capital(i+1)) {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
