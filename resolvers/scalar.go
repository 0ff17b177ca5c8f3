package resolvers

import (
	"encoding/json"
	"strconv"
)

// Scalars coerce input values of the schema's custom scalars, from literals and variables equally.
var Scalars = map[string]func(value any) (any, bool){
	"DateTime":   text,
	"PersonName": text,
	"Phone":      text,
	"Quantity":   decimal,
	"Fen":        fen,
}

// PrivateScalars are the scalars that hold personal data.
var PrivateScalars = map[string]bool{"PersonName": true, "Phone": true}

// text accepts strings. Their content is checked where it is used.
func text(value any) (any, bool) {
	s, ok := value.(string)
	return s, ok
}

// decimal accepts strings and numbers. It expands exponents, so that 1e1 is 10 as a literal and as a variable.
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

// mostFen is the largest integer that a JavaScript number holds exactly (53 bits).
const mostFen = 1<<53 - 1

// fen accepts whole numbers.
func fen(value any) (any, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	i, err := strconv.ParseInt(n.String(), 10, 64)
	return i, err == nil && i >= -mostFen && i <= mostFen
}
