package db

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lib/pq"

	"baogong/delivery"
)

// importRow is a row of an import in the form that the driver reads.
type importRow struct {
	delivery.ImportRow
	FileRows pq.Int64Array  `db:"file_rows"`
	Goods    []byte         `db:"goods"`
	Remarks  pq.StringArray `db:"remarks"`
	Guesses  pq.StringArray `db:"guesses"`
}

func (r *importRow) read() (*delivery.ImportRow, error) {
	out := &r.ImportRow
	for _, n := range r.FileRows {
		out.FileRows = append(out.FileRows, int(n))
	}
	for _, id := range r.Guesses {
		out.Guesses = append(out.Guesses, delivery.UUID(id))
	}
	out.Remarks = r.Remarks
	if err := json.Unmarshal(r.Goods, &out.Goods); err != nil {
		return nil, fmt.Errorf("read the goods of an imported row: %w", err)
	}
	return out, nil
}

func readImportRows(rows []*importRow, err error) ([]*delivery.ImportRow, error) {
	out := make([]*delivery.ImportRow, len(rows))
	for k := 0; k < len(rows) && err == nil; k++ {
		out[k], err = rows[k].read()
	}
	return out, err
}

// importRows are seen like what they are about: by viewers of the community, and by volunteers of the building if that is known. A supplier sees
// those that it sent itself: what the team pastes from a chat group has telephone numbers and words that are not for suppliers.
var importRows = noun[importRow]{
	table: "import_rows", alias: "r",
	from: `import_rows r
  join imports i on i.community_id = r.community_id and i.id = r.import_id`,
	columns: []string{"community_id", "id", "import_id", "row", "file_rows", "number", "key", "text", "place", "goods", "note", "outcome", "reason", "remarks", "guesses",
		"building_id", "household_id", "order_id", "settled_at", "settled_by_role", "settled_by_id"},
	visible: func(w *where, s delivery.Scope) {
		w.scope(s, keyColumns{community: "r.community_id", building: "r.building_id", supplier: "i.supplier_id"})
		if s.Class == delivery.SeesSupplier {
			w.and("i.by_role = 'SUPPLIER'")
		}
	},
	sorting: sorting{columns: []sortColumn{{"r.import_id", "uuid"}, {"r.row", "int"}}},
}

// ImportRowFilter narrows a list of the rows of imports.
type ImportRowFilter struct {
	Import   *delivery.UUID
	Outcomes []delivery.ImportOutcome // nil: all
}

// ImportRows reads a page of the rows of a community's imports that the scope sees, by import and row.
func (d *DB) ImportRows(ctx context.Context, s delivery.Scope, community int32, f ImportRowFilter, p Range) (*Rows[delivery.ImportRow], error) {
	var w where
	w.and("r.community_id = ?", community)
	if f.Import != nil {
		w.and("r.import_id = cast(? as uuid)", *f.Import)
	}
	if len(f.Outcomes) == 1 && f.Outcomes[0] == delivery.RowInReview {
		w.and("r.outcome = 'REVIEW'") // as its index says it
	} else {
		w.in("r.outcome", "text", texts(f.Outcomes))
	}
	rows, err := importRows.page(ctx, d, s, w, p)
	if err != nil {
		return nil, err
	}
	items, err := readImportRows(rows.Items, nil)
	return &Rows[delivery.ImportRow]{Items: items, Keys: rows.Keys, More: rows.More, Total: rows.Total, Exact: rows.Exact}, err
}

// InsertImportRows inserts the rows of a locked import.
func (t *Tx) InsertImportRows(ctx context.Context, community int32, rows []*delivery.ImportRow) error {
	if len(rows) == 0 {
		return nil
	}
	n := len(rows)
	ids, of, numbers, keys, written, goods, notes := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	outcomes, reasons, remarks, guesses, fileRows := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	buildings, households, orders := make([]*string, n), make([]*string, n), make([]*string, n)
	where, places := make([]string, n), make([]int64, n)
	for k, r := range rows {
		ids[k], of[k], places[k], numbers[k], keys[k], written[k], notes[k] = string(r.UUID), string(r.ImportUUID), int64(r.Row), r.Number, r.Key, r.Text, r.Note
		outcomes[k], reasons[k], where[k] = string(r.Outcome), r.Reason, r.Place
		remarks[k], guesses[k], fileRows[k] = arrayText(r.Remarks), arrayText(texts(r.Guesses)), arrayText(wide(r.FileRows))
		buildings[k], households[k], orders[k] = (*string)(r.BuildingUUID), (*string)(r.HouseholdUUID), (*string)(r.OrderUUID)
		var err error
		if goods[k], err = goodsText(r.Goods); err != nil {
			return err
		}
	}
	_, err := t.exec(ctx, "insert the rows of an import", `
		insert into import_rows (community_id, id, import_id, row, file_rows, number, key, text, goods, note, outcome, reason, remarks, guesses, building_id, household_id, order_id, place)
		select $1, n.id, n.import_id, n.row, cast(n.file_rows as int[]), n.number, n.key, n.text, cast(n.goods as jsonb), n.note, n.outcome, n.reason,
		       cast(n.remarks as text[]), cast(n.guesses as uuid[]), n.building_id, n.household_id, n.order_id, n.place
		  from unnest(cast($2 as uuid[]), cast($3 as uuid[]), cast($4 as int[]), cast($5 as text[]), cast($6 as text[]), cast($7 as text[]), cast($8 as text[]),
		              cast($9 as text[]), cast($10 as text[]), cast($11 as text[]), cast($12 as text[]), cast($13 as text[]), cast($14 as text[]),
		              cast($15 as uuid[]), cast($16 as uuid[]), cast($17 as uuid[]), cast($18 as text[]))
		       as n (id, import_id, row, file_rows, number, key, text, goods, note, outcome, reason, remarks, guesses, building_id, household_id, order_id, place)`,
		community, arrayText(ids), arrayText(of), arrayText(places), arrayText(fileRows), arrayText(numbers), arrayText(keys), arrayText(written), arrayText(goods),
		arrayText(notes), arrayText(outcomes), arrayText(reasons), arrayText(remarks), arrayText(guesses), arrayText(buildings), arrayText(households), arrayText(orders),
		arrayText(where))
	return err
}

// goodsText writes goods as JSON.
func goodsText(goods []delivery.ImportGood) (string, error) {
	if len(goods) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(goods)
	if err != nil {
		return "", fmt.Errorf("write the goods of an imported row: %w", err)
	}
	return string(b), nil
}

func wide(list []int) []int64 {
	out := make([]int64, len(list))
	for k, n := range list {
		out[k] = int64(n)
	}
	return out
}

// ImportRowsOf reads rows of a locked import, by row, as far as the scope sees them.
func (t *Tx) ImportRowsOf(ctx context.Context, s delivery.Scope, community int32, id delivery.UUID, rows []int) ([]*delivery.ImportRow, error) {
	var w where
	w.and("r.community_id = ?", community)
	w.and("r.import_id = cast(? as uuid)", id)
	w.and("r.row = any(cast(? as int[]))", arrayText(wide(rows)))
	importRows.visible(&w, s)
	return readImportRows(listTx[*importRow](ctx, t, "read rows of an import", "select "+importRows.flat()+"\n  from "+importRows.from+"\n "+w.String()+"\n order by r.row", w.args...))
}

// KeysOfImport reads the keys of the rows of a locked import.
func (t *Tx) KeysOfImport(ctx context.Context, community int32, id delivery.UUID) ([]string, error) {
	return listTx[string](ctx, t, "read the keys of an import", `
		select r.key
		  from import_rows r
		 where r.community_id = $1 and r.import_id = $2 and r.key <> ''`, community, id)
}

// SaveImportRows writes the outcomes of rows of a locked import.
func (t *Tx) SaveImportRows(ctx context.Context, community int32, rows []*delivery.ImportRow) error {
	if len(rows) == 0 {
		return nil
	}
	n := len(rows)
	ids, keys, written, goods, notes, outcomes, reasons := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	remarks, guesses, placeKeys := make([]string, n), make([]string, n), make([]*string, n)
	buildings, households, orders, at, roles, by := make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n)
	for k, r := range rows {
		ids[k], keys[k], written[k], notes[k], outcomes[k], reasons[k] = string(r.UUID), r.Key, r.Text, r.Note, string(r.Outcome), r.Reason
		remarks[k], guesses[k] = arrayText(r.Remarks), arrayText(texts(r.Guesses))
		buildings[k], households[k], orders[k], placeKeys[k] = (*string)(r.BuildingUUID), (*string)(r.HouseholdUUID), (*string)(r.OrderUUID), r.PlaceKey
		at[k], roles[k], by[k] = instantOrNil(r.SettledAt), (*string)(r.SettledByRole), (*string)(r.SettledByUUID)
		var err error
		if goods[k], err = goodsText(r.Goods); err != nil {
			return err
		}
	}
	_, err := t.exec(ctx, "save rows of an import", `
		update import_rows r
		   set key = n.key, text = n.text, place = case when n.text = '' then '' else r.place end, goods = cast(n.goods as jsonb), note = n.note, outcome = n.outcome, reason = n.reason, remarks = cast(n.remarks as text[]),
		       guesses = cast(n.guesses as uuid[]), building_id = n.building_id, household_id = n.household_id, order_id = n.order_id, settled_at = n.at,
		       settled_by_role = n.role, settled_by_id = n.by, place_key = n.place_key
		  from unnest(cast($2 as uuid[]), cast($3 as text[]), cast($4 as text[]), cast($5 as text[]), cast($6 as text[]), cast($7 as text[]), cast($8 as text[]),
		              cast($9 as text[]), cast($10 as text[]), cast($11 as uuid[]), cast($12 as uuid[]), cast($13 as uuid[]), cast($14 as timestamptz[]),
		              cast($15 as text[]), cast($16 as uuid[]), cast($17 as text[]))
		       as n (id, key, text, goods, note, outcome, reason, remarks, guesses, building_id, household_id, order_id, at, role, by, place_key)
		 where r.community_id = $1 and r.id = n.id`,
		community, arrayText(ids), arrayText(keys), arrayText(written), arrayText(goods), arrayText(notes), arrayText(outcomes), arrayText(reasons), arrayText(remarks),
		arrayText(guesses), arrayText(buildings), arrayText(households), arrayText(orders), arrayText(at), arrayText(roles), arrayText(by),
		arrayText(placeKeys))
	return err
}

// sameList is the condition that the import p is a posting of the same list as another: one of the supplier $2, building $3, and window $4, or day $5 without
// a window.
const sameList = `p.community_id = $1 and p.supplier_id = $2 and p.kind = 'JIELONG' and p.building_id is not distinct from cast($3 as uuid)
			   and p.window_id is not distinct from cast($4 as uuid) and (p.window_id is not null or p.day = $5)`

// ListRow is a row of an earlier posting of a list: one that a person decided, by the normal form of its place, or one that waits, by its place.
type ListRow struct {
	Import    delivery.UUID  `db:"import_id"`
	PlaceKey  *string        `db:"place_key"` // nil if it waits
	Place     string         `db:"place"`
	Household *delivery.UUID `db:"household_id"`
}

// UnscopedRowsOfList reads the rows of other postings of the same list as an import that persons decided, and those that wait: the newest, at most limit. What
// suppliers decided counts only for their own imports.
func (d *DB) UnscopedRowsOfList(ctx context.Context, i *delivery.Import, limit int) ([]ListRow, error) {
	return list[ListRow](ctx, d, "read what persons decided about the rows of a list", `
		select r.import_id, r.place_key, r.place, r.household_id
		  from imports p
		  join import_rows r on r.community_id = p.community_id and r.import_id = p.id
		 where `+sameList+` and p.id is distinct from cast(nullif($6, '') as uuid)
		   and (r.place_key is not null and (r.settled_by_role <> 'SUPPLIER' or $7 = 'SUPPLIER') or r.outcome = 'REVIEW' and r.place <> '')
		 order by r.place_key is null, r.id desc
		 limit $8`, i.CommunityID, i.SupplierUUID, i.BuildingUUID, i.WindowUUID, i.Day, i.UUID, i.ByRole, limit)
}

// GoneRow is an entry of an earlier list that the newest one lacks.
type GoneRow struct {
	Key       string         `db:"key"`
	Number    string         `db:"number"`
	Order     delivery.UUID  `db:"order_id"`
	Household delivery.UUID  `db:"household_id"`
	Building  delivery.UUID  `db:"building_id"`
	Stage     delivery.Stage `db:"stage"`
}

// GoneFrom reads what earlier imports of the same list as a locked one became an open order, if it has no such entry itself and no person has
// been asked about that since. Orders of doors that a row of the import which waits could mean are left out: that row is decided first.
func (t *Tx) GoneFrom(ctx context.Context, i *delivery.Import) ([]GoneRow, error) {
	return listTx[GoneRow](ctx, t, "find the entries that a list lacks", `
		select x.key, o.external_number as number, o.id as order_id, o.household_id, o.building_id, o.stage
		  from (
			select distinct on (r.key) r.key, r.import_id, r.outcome, r.order_id
			  from imports p
			  join import_rows r on r.community_id = p.community_id and r.import_id = p.id
			 where `+sameList+` and r.key <> ''
			 order by r.key, r.id desc) x
		  join orders o on o.community_id = $1 and o.id = x.order_id
		 where x.import_id <> $6 and x.outcome in ('PLACED', 'CHANGED', 'UNCHANGED') and `+openOrder+`
		   and not exists (
			select
			  from import_rows w
			 where w.community_id = $1 and w.import_id = $6 and w.outcome = 'REVIEW' and (w.household_id = o.household_id or o.household_id = any(w.guesses)))
		 order by o.number`, i.CommunityID, i.SupplierUUID, i.BuildingUUID, i.WindowUUID, i.Day, i.UUID)
}
