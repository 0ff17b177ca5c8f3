package db

import (
	"context"
	"strconv"
	"strings"

	"baogong/delivery"
)

// Range selects a part of a sorted list. After and Before are the Keys of rows read before; the rows between them are read,
// from the front, or from the back if Last is set.
type Range struct {
	Limit  int
	Last   bool
	After  []string
	Before []string
	Count  bool // whether to count all rows too
}

// Rows is one page of a list: rows in the list's order, each with its key for a later Range.
type Rows[T any] struct {
	Items []*T
	Keys  [][]string
	More  bool // whether rows follow in the direction of reading
	Total int  // all rows, if the caller asked for it, but at most CountMost
	Exact bool // whether Total is all of them
}

// CountMost is the most rows that are counted. Counting 300,000 orders took 250 ms, as long as reading a thousand pages.
const CountMost = 10_000

// sortColumn is one column of a sort order.
type sortColumn struct{ expr, as string }

// sorting is the sort order of a list. The columns together are unique, so that no row is skipped or repeated.
type sorting struct {
	columns []sortColumn
	desc    bool
	apart   bool // matches no index, so that the planner finds rows by the filter's index and then sorts
}

// unindexed returns the same order in a form that matches no index.
func (s sorting) unindexed() sorting {
	s.apart = true
	return s
}

func (s sorting) tuple() string {
	exprs := make([]string, len(s.columns))
	for i, c := range s.columns {
		exprs[i] = c.expr
	}
	return "(" + strings.Join(exprs, ", ") + ")"
}

// key selects the sort key as text, which casts back to exactly the same values.
func (s sorting) key() string {
	exprs := make([]string, len(s.columns))
	for i, c := range s.columns {
		exprs[i] = "cast(" + c.expr + " as text)"
	}
	return "array[" + strings.Join(exprs, ", ") + "]"
}

// ReasonBadCursor refuses a cursor of another list.
var ReasonBadCursor = delivery.NewReason("BAD_CURSOR", delivery.CodeBadUserInput,
	"This cursor does not belong to this list with this sorting and filter.",
	"该游标不属于当前列表、排序和筛选条件。")

func (s sorting) past(w *where, sign string, key []string) error {
	if len(key) != len(s.columns) {
		return delivery.Refuse(ReasonBadCursor)
	}
	values := make([]string, len(key))
	for i, c := range s.columns {
		values[i] = "cast(" + w.arg(key[i]) + " as " + c.as + ")"
	}
	w.clauses = append(w.clauses, s.tuple()+" "+sign+" ("+strings.Join(values, ", ")+")")
	return nil
}

// pageQuery returns the text that reads one page, with one row more than the page holds to tell whether more follow.
func pageQuery(columns, from string, w where, s sorting, p Range) (string, []any, error) {
	if err := s.between(&w, p); err != nil {
		return "", nil, err
	}
	return "select " + columns + ",\n       " + s.key() + " as sort_key\n  from " + from + "\n " + w.String() +
		"\n order by " + s.by(p) + "\n limit " + strconv.Itoa(p.Limit+1), w.args, nil
}

// between restricts the rows to those between the page's cursors.
func (s sorting) between(w *where, p Range) error {
	ahead, behind := s.signs()
	if p.After != nil {
		if err := s.past(w, ahead, p.After); err != nil {
			return err
		}
	}
	if p.Before != nil {
		return s.past(w, behind, p.Before)
	}
	return nil
}

// signs returns the comparison operators for rows ahead of a cursor and behind it.
func (s sorting) signs() (ahead, behind string) {
	if s.desc {
		return "<", ">"
	}
	return ">", "<"
}

// direction returns the sort direction in which the page is read.
func (s sorting) direction(p Range) string {
	if s.desc != p.Last {
		return " desc"
	}
	return " asc"
}

// by returns the columns of the order by clause.
func (s sorting) by(p Range) string {
	order := make([]string, len(s.columns))
	for i, c := range s.columns {
		order[i] = c.expr + s.direction(p)
		switch {
		case s.apart && c.as == "bigint":
			order[i] = "(" + c.expr + " + 0)" + s.direction(p)
		case s.apart && c.as == "timestamptz":
			order[i] = "(" + c.expr + " + interval '0')" + s.direction(p)
		}
	}
	return strings.Join(order, ", ")
}

// pageOf turns the rows that pageQuery read into the page.
func pageOf[R, T any](rows []R, p Range, split func(*R) (*T, []string)) *Rows[T] {
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

// count counts all rows of a list, up to CountMost.
func (r *Rows[T]) count(ctx context.Context, d *DB, from string, w where) error {
	rows, err := listOf[int](ctx, d, "count the rows of a list", "select count(*) from (select from "+from+"\n "+w.String()+"\n limit "+strconv.Itoa(CountMost+1)+") x", w.args...)
	if err == nil {
		r.counted(rows[0])
	}
	return err
}

// counted sets Total and Exact from a count that stopped at CountMost + 1.
func (r *Rows[T]) counted(found int) { r.Total, r.Exact = min(found, CountMost), found <= CountMost }
