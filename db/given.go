package db

import (
	"fmt"
	"strconv"
	"strings"
)

// givenRows returns the SQL of rows that a statement takes from its parameters, from $first on: one parameter for each of the types. Each
// parameter is an array with one element for each row or, for a single row, its value. PostgreSQL estimates ten rows for an array of
// unknown length, and plans the statement again for each call with a single row, which costs more than running it.
func givenRows(single bool, first int, types ...string) string {
	casts := make([]string, len(types))
	for i, as := range types {
		if !single {
			as += "[]"
		}
		casts[i] = fmt.Sprintf("cast($%d as %s)", first+i, as)
	}
	if single {
		return "(select " + strings.Join(casts, ", ") + ")"
	}
	return "unnest(" + strings.Join(casts, ", ") + ")"
}

// given is what a column of the rows of givenRows holds.
type given interface {
	string | *string | int64 | bool
}

// givenColumn returns the parameter with one column of the rows of givenRows.
func givenColumn[T given](single bool, column []T) any {
	if single {
		return column[0]
	}
	return arrayText(column)
}

// arrayText returns a column in the text form of an array of PostgreSQL. pq.Array looks up the type of each element by reflection and
// searches each text for every next quote, a twelfth of the server's CPU in a move of many orders.
func arrayText[T given](column []T) string {
	b := []byte{'{'}
	for i := range column {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := any(&column[i]).(type) {
		case *string:
			b = appendQuoted(b, *v)
		case **string:
			if *v == nil {
				b = append(b, "NULL"...)
			} else {
				b = appendQuoted(b, **v)
			}
		case *int64:
			b = strconv.AppendInt(b, *v, 10)
		case *bool:
			b = strconv.AppendBool(b, *v)
		}
	}
	return string(append(b, '}'))
}

// appendQuoted appends a text as an element of an array.
func appendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	for i := range len(text) {
		if c := text[i]; c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, text[i])
	}
	return append(b, '"')
}
