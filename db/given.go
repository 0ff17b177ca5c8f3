package db

import (
	"fmt"
	"strings"

	"github.com/lib/pq"
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

// givenColumn returns the parameter with one column of the rows of givenRows.
func givenColumn[T any](single bool, column []T) any {
	if single {
		return column[0]
	}
	return pq.Array(column)
}
