package db

import (
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// givenRows returns the rows that a statement is given in its parameters, from $first on: one parameter for each of the types. Each is
// an array with one element for each row; or, for a single row, its value. PostgreSQL takes an array of unknown length for ten rows, and
// plans the statement again for each call with a single one, which costs more than to run it.
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

// givenColumn returns the parameter with one column of the rows of givenRows.
func givenColumn[T any](single bool, column []T) any {
	if single {
		return column[0]
	}
	return pq.Array(column)
}
