package delivery

// Supplier is a shop, a platform, a pharmacy or a package programme, one row a community (商超/平台).
type Supplier struct {
	Row
	Code  string       `db:"code"` // unique in the community; the name to sign in with
	Name  string       `db:"name"`
	Kind  SupplierKind `db:"kind"`
	Phone Phone        `db:"phone"`
}

// ID is the supplier's opaque id.
func (s *Supplier) ID() ID { return s.id(KindSupplier) }

// IsHolder marks the type as a Holder of orders.
func (*Supplier) IsHolder() {}

// SupplierSaved is the kind of event of a supplier that was created or changed.
const SupplierSaved EventKind = "SUPPLIER_SAVED"

var _ = savedKind(SupplierSaved, KindSupplier, everyBoard)

// SupplierKind is the kind of a supplier.
type SupplierKind string

// The kinds of supplier.
const (
	SupplierShop     SupplierKind = "SHOP"
	SupplierPlatform SupplierKind = "PLATFORM"
	SupplierPharmacy SupplierKind = "PHARMACY"
	SupplierPackage  SupplierKind = "PACKAGE" // a government or donated package
)
