package db

import (
	"context"

	"baogong/delivery"
)

var suppliers = noun[delivery.Supplier]{
	table: "suppliers", alias: "s",
	columns: []string{"community_id", "id", "code", "name", "kind", "phone", "version", "created_at", "archived_at"},
	visible: func(w *where, s delivery.Scope) { w.seesDirectory(s, "s.community_id") },
	sorting: sorting{columns: byCode("s")},
}

// Suppliers reads a page of a community's suppliers, by code.
func (d *DB) Suppliers(ctx context.Context, s delivery.Scope, community int32, archived bool, p Range) (*Rows[delivery.Supplier], error) {
	return suppliers.page(ctx, d, s, ofCommunity("s", community, archived), p)
}

// SuppliersByID reads the suppliers with the ids that the scope enters, in no order.
func (d *DB) SuppliersByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Supplier, error) {
	return suppliers.byIDs(ctx, d, s, ids)
}

// Suppliers is the table of suppliers.
func (t *Tx) Suppliers() Table[*delivery.Supplier] {
	return table[delivery.Supplier, *delivery.Supplier]{t, suppliers}
}
