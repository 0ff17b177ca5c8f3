package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// imports are seen by the team, and by a supplier if they are of its own orders.
var imports = noun[delivery.Import]{
	table: "imports", alias: "i",
	columns: []string{"community_id", "id", "kind", "name", "supplier_id", "window_id", "building_id", "day", "file_id", "started_at", "by_role", "by_id",
		"rows", "placed", "changed", "unchanged", "in_review", "refused", "dropped", "next", "total", "passed_over", "retry_at", "done_at", "stopped", "version"},
	visible: visibleImport,
	sorting: sorting{columns: []sortColumn{{"i.id", "uuid"}}, desc: true},
}

func visibleImport(w *where, s delivery.Scope) {
	if s.Class == delivery.SeesSupplier {
		w.scope(s, keyColumns{community: "i.community_id", supplier: "i.supplier_id"})
		return
	}
	w.seesTeam(s, "i.community_id")
}

// Imports reads a page of a community's imports that the scope sees, newest first.
func (d *DB) Imports(ctx context.Context, s delivery.Scope, community int32, p Range) (*Rows[delivery.Import], error) {
	var w where
	w.and("i.community_id = ?", community)
	return imports.page(ctx, d, s, w, p)
}

// ImportsByID reads the imports with the ids that the scope sees, in no order.
func (d *DB) ImportsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Import, error) {
	return imports.byIDs(ctx, d, s, ids)
}

// UnscopedImport reads an import for the clock worker and the command. It fails with NOT_FOUND if there is none.
func (d *DB) UnscopedImport(ctx context.Context, id delivery.ID) (*delivery.Import, error) {
	rows, err := list[*delivery.Import](ctx, d, "read an import", "select "+imports.flat()+"\n  from imports i\n where i.community_id = $1 and i.id = cast($2 as uuid)", id.Community, id.UUID)
	return one(rows, err, delivery.KindImport)
}

// ImportSource is what an import keeps of its source until it is done, and of the columns of a file.
type ImportSource struct {
	Text    string // of a pasted list
	Menu    []delivery.MenuItem
	Headers []string
}

// UnscopedImportSource reads the source of an import.
func (d *DB) UnscopedImportSource(ctx context.Context, id delivery.ID) (*ImportSource, error) {
	rows, err := list[struct {
		Text    string         `db:"text"`
		Menu    []byte         `db:"menu"`
		Headers pq.StringArray `db:"headers"`
	}](ctx, d, "read the source of an import", `select text, menu, headers from imports where community_id = $1 and id = cast($2 as uuid)`, id.Community, id.UUID)
	row, err := one(rows, err, delivery.KindImport)
	if err != nil {
		return nil, err
	}
	out := &ImportSource{Text: row.Text, Headers: row.Headers}
	if err := json.Unmarshal(row.Menu, &out.Menu); err != nil {
		return nil, fmt.Errorf("read the goods of a list: %w", err)
	}
	return out, nil
}

// UnscopedUnfinishedImports reads the imports that the clock worker may go on with at an instant of machine time, the one that waits longest
// first.
func (d *DB) UnscopedUnfinishedImports(ctx context.Context, at time.Time, limit int) ([]*delivery.Import, error) {
	return list[*delivery.Import](ctx, d, "read the imports to go on with", "select "+imports.flat()+`
		  from imports i
		 where i.done_at is null and i.retry_at <= $1
		 order by i.retry_at
		 limit $2`, at, limit)
}

// InsertImport inserts an import with its source.
func (t *Tx) InsertImport(ctx context.Context, i *delivery.Import, from ImportSource) error {
	menu, err := json.Marshal(append([]delivery.MenuItem{}, from.Menu...))
	if err != nil {
		return fmt.Errorf("write the goods of a list: %w", err)
	}
	return t.named(ctx, "insert an import", `
		insert into imports (community_id, id, kind, name, supplier_id, window_id, building_id, day, text, menu, headers, file_id, started_at, by_role, by_id, rows, placed,
			changed, unchanged, in_review, refused, dropped, next, total, passed_over, retry_at, done_at, stopped, version)
		values (:community_id, :id, :kind, :name, :supplier_id, :window_id, :building_id, :day, :text, cast(:menu as jsonb), cast(:headers as text[]), :file_id, :started_at, :by_role, :by_id,
			:rows, :placed, :changed, :unchanged, :in_review, :refused, :dropped, :next, :total, :passed_over, :retry_at, :done_at, :stopped, :version)`,
		struct {
			*delivery.Import
			Text    string `db:"text"`
			Menu    string `db:"menu"`
			Headers string `db:"headers"`
		}{i, from.Text, string(menu), arrayText(from.Headers)})
}

// LockImport locks an import. It fails with NOT_FOUND if the scope sees none. Lock it before the counter of order numbers.
func (t *Tx) LockImport(ctx context.Context, s delivery.Scope, community int32, id delivery.UUID) (*delivery.Import, error) {
	var w where
	w.and("i.community_id = ?", community)
	w.and("i.id = cast(? as uuid)", id)
	visibleImport(&w, s)
	rows, err := listTx[*delivery.Import](ctx, t, "lock an import", "select "+imports.flat()+"\n  from imports i\n "+w.String()+t.locking("for no key update of i"), w.args...)
	return one(rows, err, delivery.KindImport)
}

// SaveImport writes how far a locked import has come. The text of one that is done is removed.
func (t *Tx) SaveImport(ctx context.Context, i *delivery.Import) error {
	return t.named(ctx, "save an import", `
		update imports
		   set rows = :rows, placed = :placed, changed = :changed, unchanged = :unchanged, in_review = :in_review, refused = :refused, dropped = :dropped,
		       next = :next, total = :total, passed_over = :passed_over, retry_at = :retry_at, done_at = :done_at, stopped = :stopped, version = :version,
		       text = case when cast(:done_at as timestamptz) is null then text else '' end
		 where community_id = :community_id and id = :id`, i)
}

// UnscopedForgetImportTexts removes the texts of rows of imports that began before an instant, and returns their number.
func (d *DB) UnscopedForgetImportTexts(ctx context.Context, before time.Time) (int64, error) {
	return d.forget(ctx, func(t *Tx) (int64, error) {
		return t.exec(ctx, "remove old texts of imported rows", `
			update import_rows
			   set text = '', place = '', place_key = null, note = '', goods = '[]'
			 where (community_id, id) in (
				select r.community_id, r.id
				  from imports i
				  join import_rows r on r.community_id = i.community_id and r.import_id = i.id
				 where i.started_at < $1
				   and (r.outcome in ('REVIEW', 'REFUSED') and (r.text <> '' or r.place <> '' or r.note <> '' or r.goods <> '[]') or r.place_key is not null)
				 order by r.community_id, r.id
				 limit $2
				   for no key update of r skip locked)`, before, purgeBatch)
	})
}
