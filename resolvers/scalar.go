package resolvers

import (
	"encoding/json"
	"strconv"
)

// Scalars are how the schema's own scalars take input, whether it is a literal or a variable.
var Scalars = map[string]func(value any) (any, bool){
	"DateTime":   text,
	"PersonName": text,
	"Phone":      text,
	"Quantity":   decimal,
	"Fen":        fen,
}

// PrivateScalars are those that hold personal data.
var PrivateScalars = map[string]bool{"PersonName": true, "Phone": true}

// text takes strings. What they say is read where they are used.
func text(value any) (any, bool) {
	s, ok := value.(string)
	return s, ok
}

// decimal takes strings and numbers, and gives numbers without an exponent, so that 1e1 is 10 however it comes.
func decimal(value any) (any, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return text(value)
	}
	f, err := n.Float64()
	if err != nil {
		return nil, false
	}
	if s := n.String(); isPlain(s) {
		return s, true
	}
	return strconv.FormatFloat(f, 'f', -1, 64), true
}

func isPlain(number string) bool {
	for i := range len(number) {
		if c := number[i]; c == 'e' || c == 'E' {
			return false
		}
	}
	return true
}

// mostFen is what 53 bits hold: as much as a JavaScript number keeps exactly.
const mostFen = 1<<53 - 1

// fen takes whole numbers.
func fen(value any) (any, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	i, err := strconv.ParseInt(n.String(), 10, 64)
	return i, err == nil && i >= -mostFen && i <= mostFen
}
