package db

import (
	"context"
	"strings"

	"github.com/lib/pq"

	"baogong/delivery"
)

// noun describes how the rows of one noun are read: the tables, the columns, and the condition for rows that a scope sees.
type noun[T any] struct {
	kind    delivery.Kind
	read    string // purpose of reading rows, for errors
	from    string // table and alias, with joins
	alias   string
	columns []string
	visible func(*where, delivery.Scope)
	sorting sorting
}

// keyed is a row with its sort key, from which a page can start.
type keyed[T any] struct {
	Item T              `db:"item"`
	Key  pq.StringArray `db:"sort_key"`
}

func (n noun[T]) flat() string {
	out := make([]string, len(n.columns))
	for i, c := range n.columns {
		out[i], _ = n.column(c)
	}
	return strings.Join(out, ", ")
}

func (n noun[T]) nested() string {
	out := make([]string, len(n.columns))
	for i, c := range n.columns {
		from, name := n.column(c)
		out[i] = from + ` as "item.` + name + `"`
	}
	return strings.Join(out, ", ")
}

// column returns the table alias and name of a column: the noun's own table, or the joined one that the column names.
func (n noun[T]) column(c string) (from, name string) {
	if _, name, joined := strings.Cut(c, "."); joined {
		return c, name
	}
	return n.alias + "." + c, c
}

// byIDs reads the rows with the ids that the scope sees, in no order.
func (n noun[T]) byIDs(ctx context.Context, d *DB, s delivery.Scope, ids []delivery.ID) ([]*T, error) {
	var w where
	w.ids(n.alias+".community_id, "+n.alias+".id", ids)
	n.visible(&w, s)
	return list[*T](ctx, d, n.read, "select "+n.flat()+"\n  from "+n.from+"\n "+w.String(), w.args...) // one text for each class of scope
}

// page reads one page of the rows that meet w and that the scope sees.
func (n noun[T]) page(ctx context.Context, d *DB, s delivery.Scope, w where, p Page) (_ *Rows[T], err error) {
	n.visible(&w, s)
	query, args, err := pageQuery(n.nested(), n.from, w, n.sorting, p)
	if err != nil {
		return nil, err
	}
	ctx, done, err := d.bounded(ctx, pages)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	rows, err := listOf[keyed[T]](ctx, d, n.read, query, args...)
	if err != nil {
		return nil, err
	}
	out := pageOf(rows, p, func(r *keyed[T]) (*T, []string) { return &r.Item, r.Key })
	if p.Count {
		err = out.count(ctx, d, n.from, w)
	}
	return out, err
}

// byCode sorts codes in natural order: E6 before E10.
func byCode(alias string) []sortColumn {
	return []sortColumn{{"length(" + alias + ".code)", "int"}, {alias + ".code", "text"}}
}
