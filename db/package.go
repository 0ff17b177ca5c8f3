package db

import (
	"context"
	"strconv"

	"baogong/delivery"
)

var packages = noun[delivery.Package]{
	table: "packages", alias: "p",
	columns: []string{"community_id", "id", "supplier_id", "code", "name", "unit", "price_fen", "marks", "version", "created_at", "archived_at"},
	fixed:   []string{"supplier_id"},
	visible: func(w *where, s delivery.Scope) { w.seesDirectory(s, "p.community_id") },
	written: func(p *delivery.Package) delivery.Node { return writtenPackage{p, p.Marks.Array()} },
}

// writtenPackage is a package in the form that the driver can write.
type writtenPackage struct {
	*delivery.Package
	Marks string `db:"marks"`
}

// PackagesOf reads the packages of a supplier, by code, at most delivery.MaxPackages.
func (d *DB) PackagesOf(ctx context.Context, s delivery.Scope, supplier delivery.ID, archived bool) ([]*delivery.Package, error) {
	w := ofCommunity("p", supplier.Community, archived)
	w.and("p.supplier_id = ?", supplier.UUID)
	packages.visible(&w, s)
	return list[*delivery.Package](ctx, d, "read the packages of a supplier", "select "+packages.flat()+"\n  from packages p\n "+w.String()+
		"\n order by length(p.code), p.code\n limit "+strconv.Itoa(delivery.MaxPackages), w.args...)
}

// PackagesByID reads the packages with the ids that the scope enters, in no order.
func (d *DB) PackagesByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Package, error) {
	return packages.byIDs(ctx, d, s, ids)
}

// Packages is the table of packages.
func (t *Tx) Packages() Table[*delivery.Package] {
	return table[delivery.Package, *delivery.Package]{t, packages}
}

// PackagesOf reads the packages of a supplier in a locked community, archived ones too.
func (t *Tx) PackagesOf(ctx context.Context, community int32, supplier delivery.UUID) ([]*delivery.Package, error) {
	return listTx[*delivery.Package](ctx, t, "read a supplier's packages", "select "+packages.flat()+`
		  from packages p
		 where p.community_id = $1 and p.supplier_id = $2`, community, supplier)
}

// PackagesOnOffer returns which packages of a supplier are on offer in a window that no one has decided.
func (t *Tx) PackagesOnOffer(ctx context.Context, community int32, supplier delivery.UUID) (map[delivery.UUID]bool, error) {
	rows, err := listTx[delivery.UUID](ctx, t, "read which packages are on offer", `
		select distinct f.package_id
		  from order_windows w
		  join offers f on f.community_id = w.community_id and f.window_id = w.id
		 where w.community_id = $1 and w.supplier_id = $2 and w.decision is null`, community, supplier)
	out := make(map[delivery.UUID]bool, len(rows))
	for _, id := range rows {
		out[id] = true
	}
	return out, err
}
