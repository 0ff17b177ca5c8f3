package delivery

// Package is goods that a supplier sells under one name and price (套餐).
type Package struct {
	Row
	SupplierUUID UUID   `db:"supplier_id"`
	Code         string `db:"code"` // unique among the supplier's
	Name         string `db:"name"`
	Unit         string `db:"unit"`
	PriceFen     int64  `db:"price_fen"` // of one unit
	Marks        Marks  `db:"marks"`     // the handling that it needs
}

// MaxPackages is how many packages a supplier may have, archived ones included.
const MaxPackages = 500

// ID is the package's opaque id.
func (p *Package) ID() ID { return p.id(KindPackage) }

// SupplierID is the supplier's opaque id.
func (p *Package) SupplierID() ID { return ID{KindSupplier, p.CommunityID, p.SupplierUUID} }

// PackageSaved is the kind of event of a package that was created or changed.
const PackageSaved EventKind = "PACKAGE_SAVED"

var _ = savedKind(PackageSaved, KindPackage, noBoard)

// CanSell reports whether the actor may save packages of the supplier, and open and decide its windows: the supplier itself, leads of the
// supply squad, the commander and administrators.
func (a Actor) CanSell(community int32, supplier UUID) bool {
	return a.CanSetUp(community) || a.Community == community &&
		(a.Role == RoleLead && a.Squad == SquadSupply || a.Role == RoleSupplier && a.UUID == supplier)
}
