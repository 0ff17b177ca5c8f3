package db

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/lib/pq"

	"baogong/delivery"
)

// noun describes the rows of one noun: the tables, the columns, and the condition for rows that a scope sees. The purpose of
// each statement names the table.
type noun[T any] struct {
	table   string
	alias   string
	from    string // table and alias, with joins; empty: without
	columns []string
	fixed   []string // those that a correction never changes, beside the key and created_at
	visible func(*where, delivery.Scope)
	sorting sorting
	written func(*T) delivery.Node // the form of a row that the driver can write; nil: the row itself
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

// tables returns the noun's table and alias, with joins.
func (n noun[T]) tables() string { return cmp.Or(n.from, n.table+" "+n.alias) }

// byIDs reads the rows with the ids that the scope sees, in no order.
func (n noun[T]) byIDs(ctx context.Context, d *DB, s delivery.Scope, ids []delivery.ID) ([]*T, error) {
	var w where
	w.ids(n.alias+".community_id, "+n.alias+".id", ids)
	n.visible(&w, s)
	purpose := "read " + n.table
	return list[*T](ctx, d, purpose, "select "+n.flat()+"\n  from "+n.tables()+"\n "+w.String(), w.args...) // one text for each class of scope
}

// page reads one page of the rows that meet w and that the scope sees.
func (n noun[T]) page(ctx context.Context, d *DB, s delivery.Scope, w where, p Range) (_ *Rows[T], err error) {
	n.visible(&w, s)
	query, args, err := pageQuery(n.nested(), n.tables(), w, n.sorting, p)
	if err != nil {
		return nil, err
	}
	ctx, done, err := d.bounded(ctx, pages)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	purpose := "read " + n.table
	rows, err := listOf[keyed[T]](ctx, d, purpose, query, args...)
	if err != nil {
		return nil, err
	}
	out := pageOf(rows, p, func(r *keyed[T]) (*T, []string) { return &r.Item, r.Key })
	if p.Count {
		err = out.count(ctx, d, n.tables(), w)
	}
	return out, err
}

// Table is the rows of one noun in a transaction.
type Table[P any] interface {
	// All reads all rows of a locked community, archived ones too.
	All(ctx context.Context, community int32) ([]P, error)
	// Insert inserts rows.
	Insert(ctx context.Context, rows []P) error
	// Save writes the columns that a correction may change, of rows in a locked community.
	Save(ctx context.Context, rows []P) error
}

// table is the Table of a noun. P is the pointer to its row.
type table[T any, P interface {
	*T
	delivery.Node
}] struct {
	t    *Tx
	noun noun[T]
}

func (r table[T, P]) All(ctx context.Context, community int32) ([]P, error) {
	n := r.noun
	purpose := "read a community's " + n.table
	return listTx[P](ctx, r.t, purpose, "select "+n.flat()+"\n  from "+n.table+" "+n.alias+"\n where "+n.alias+".community_id = $1", community)
}

func (r table[T, P]) Insert(ctx context.Context, rows []P) error {
	n := r.noun
	r.t.touch(n.table)
	purpose := "insert " + n.table
	return insertAll(ctx, r.t, purpose, "insert into "+n.table+" ("+strings.Join(n.columns, ", ")+")\n"+
		"values (:"+strings.Join(n.columns, ", :")+")", r.written(rows))
}

func (r table[T, P]) Save(ctx context.Context, rows []P) error {
	n := r.noun
	r.t.touch(n.table)
	purpose := "save " + n.table
	var sets []string
	for _, c := range n.columns {
		if !slices.Contains([]string{"community_id", "id", "created_at"}, c) && !slices.Contains(n.fixed, c) {
			sets = append(sets, c+" = :"+c)
		}
	}
	return saveEach(ctx, r.t, purpose, "update "+n.table+"\n   set "+strings.Join(sets, ",\n       ")+"\n where community_id = :community_id and id = :id", r.written(rows))
}

// written returns the rows in the form that the driver writes.
func (r table[T, P]) written(rows []P) []delivery.Node {
	out := make([]delivery.Node, len(rows))
	for i, row := range rows {
		if out[i] = row; r.noun.written != nil {
			out[i] = r.noun.written(row)
		}
	}
	return out
}

// byCode sorts codes in natural order: E6 before E10.
func byCode(alias string) []sortColumn {
	return []sortColumn{{"length(" + alias + ".code)", "int"}, {alias + ".code", "text"}}
}

func ofCommunity(alias string, community int32, archived bool) where {
	var w where
	w.and(alias+".community_id = ?", community)
	if !archived {
		w.and(alias + ".archived_at is null")
	}
	return w
}

// insertAll inserts rows a few hundred at a time, within PostgreSQL's limit of 65,535 parameters. A single row is inserted by a prepared
// statement, so that PostgreSQL does not parse and plan the text for each order that is placed.
func insertAll[T any](ctx context.Context, t *Tx, purpose, query string, rows []T) error {
	if len(rows) == 1 {
		return t.named(ctx, purpose, query, rows[0])
	}
	const chunk = 500
	for len(rows) > 0 {
		n := min(chunk, len(rows))
		if err := t.named(ctx, purpose, query, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// compareIDs orders ids as PostgreSQL orders the keys.
func compareIDs(a, b delivery.ID) int {
	return cmp.Or(cmp.Compare(a.Community, b.Community), cmp.Compare(a.UUID, b.UUID))
}

// saveEach updates rows one by one in id order, with one prepared statement. That of a single row is kept for later transactions. The order prevents deadlocks: callers name rows
// in any order, and some transactions lock such rows without the community's lock.
func saveEach[T delivery.Node](ctx context.Context, t *Tx, purpose, query string, rows []T) (err error) {
	if err := t.Decided(); err != nil || len(rows) == 0 {
		return err
	}
	if len(rows) == 1 {
		return t.named(ctx, purpose, query, rows[0])
	}
	rows = slices.SortedFunc(slices.Values(rows), func(a, b T) int { return compareIDs(a.ID(), b.ID()) })
	ctx = t.within(ctx)
	s, err := t.tx.PrepareNamedContext(ctx, query)
	if err != nil {
		return forPurpose(purpose, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, row := range rows {
		t.db.statements.Add(1)
		if _, err := s.ExecContext(ctx, row); err != nil {
			return forPurpose(purpose, err)
		}
	}
	return nil
}
