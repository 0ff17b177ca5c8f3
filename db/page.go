package db

import (
	"context"
	"strconv"
	"strings"

	"baogong/delivery"
)

// Page is which part of a sorted list to read. After and Before are the Keys of rows read before; rows between
// them are read, from the front, or from the back when Last is set.
type Page struct {
	Limit  int
	Last   bool
	After  []string
	Before []string
	Count  bool // whether to count all rows too
}

// Rows is one page: rows in the list's order, each with the key that a later Page can start from.
type Rows[T any] struct {
	Items []*T
	Keys  [][]string
	More  bool // whether rows follow in the direction of reading
	Total int  // of all rows, if it was asked for
}

// sortColumn is one column a list is sorted by.
type sortColumn struct{ expr, as string }

// sorting is what a list is sorted by. The columns together are unique, so that no row is skipped or repeated.
type sorting struct {
	columns []sortColumn
	desc    bool
}

func (s sorting) tuple() string {
	exprs := make([]string, len(s.columns))
	for i, c := range s.columns {
		exprs[i] = c.expr
	}
	return "(" + strings.Join(exprs, ", ") + ")"
}

// key selects the sort key as text, which casts back to the very same values.
func (s sorting) key() string {
	exprs := make([]string, len(s.columns))
	for i, c := range s.columns {
		exprs[i] = "cast(" + c.expr + " as text)"
	}
	return "array[" + strings.Join(exprs, ", ") + "]"
}

func (s sorting) past(w *where, sign string, key []string) error {
	if len(key) != len(s.columns) {
		return delivery.Refuse(delivery.ReasonBadCursor)
	}
	values := make([]string, len(key))
	for i, c := range s.columns {
		values[i] = "cast(" + w.arg(key[i]) + " as " + c.as + ")"
	}
	w.clauses = append(w.clauses, s.tuple()+" "+sign+" ("+strings.Join(values, ", ")+")")
	return nil
}

// pageQuery is the text that reads one page, with one row more than the page holds to tell whether more follow.
func pageQuery(columns, from string, w where, s sorting, p Page) (string, []any, error) {
	ahead, behind := ">", "<"
	if s.desc {
		ahead, behind = behind, ahead
	}
	if p.After != nil {
		if err := s.past(&w, ahead, p.After); err != nil {
			return "", nil, err
		}
	}
	if p.Before != nil {
		if err := s.past(&w, behind, p.Before); err != nil {
			return "", nil, err
		}
	}
	direction := " asc"
	if s.desc != p.Last {
		direction = " desc"
	}
	order := make([]string, len(s.columns))
	for i, c := range s.columns {
		order[i] = c.expr + direction
	}
	return "select " + columns + ",\n       " + s.key() + " as sort_key\n  from " + from + "\n " + w.String() +
		"\n order by " + strings.Join(order, ", ") + "\n limit " + strconv.Itoa(p.Limit+1), w.args, nil
}

// pageOf turns the rows that pageQuery read into the page.
func pageOf[R, T any](rows []R, p Page, split func(*R) (*T, []string)) *Rows[T] {
	out := &Rows[T]{Items: []*T{}, More: len(rows) > p.Limit}
	if out.More {
		rows = rows[:p.Limit]
	}
	for i := range rows {
		at := i
		if p.Last {
			at = len(rows) - 1 - i
		}
		item, key := split(&rows[at])
		out.Items, out.Keys = append(out.Items, item), append(out.Keys, key)
	}
	return out
}

// total counts all rows of a list.
func total(ctx context.Context, d *DB, from string, w where) (int, error) {
	rows, err := listOf[int](ctx, d, "select count(*) from "+from+"\n "+w.String(), w.args...)
	if err != nil {
		return 0, err
	}
	return rows[0], nil
}
