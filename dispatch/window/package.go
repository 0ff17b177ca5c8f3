package window

import (
	"context"
	"errors"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// PackageInput is a package to add, or to correct if it has an id.
type PackageInput struct {
	ID              *delivery.ID
	ExpectedVersion *int64
	Code            string
	Name            string
	Unit            string
	PriceFen        int64
	Marks           []delivery.Mark
	Archived        bool
}

// SavePackagesInput is packages of one supplier to add and to correct.
type SavePackagesInput struct {
	ClientMutationID *string
	SupplierID       delivery.ID
	Packages         []*PackageInput
	Atomic           bool
}

// SavePackagesPayload is the outcome of saving packages: a result per item, in the order given.
type SavePackagesPayload struct{ dispatch.BulkOf[PackageResult] }

// PackageResult is the outcome of one package.
type PackageResult struct{ *dispatch.ItemOutcome }

// The refusals of packages.
var (
	ReasonOnOffer = delivery.NewReason("ON_OFFER", delivery.CodeConflict,
		"This package is on offer in a window that is not decided yet.",
		"该套餐还在未结束的接单时段中。")
	ReasonTooManyPackages = delivery.NewReason("TOO_MANY_PACKAGES", delivery.CodeConflict,
		"A supplier can have at most %d packages.",
		"每个供货商最多可有 %d 个套餐。")
)

// packageNoun is the packages of one supplier.
func packageNoun(supplier delivery.UUID) *dispatch.Noun[*delivery.Package] {
	return &dispatch.Noun[*delivery.Package]{
		Kind: delivery.KindPackage, Event: delivery.PackageSaved, List: "packages",
		May:  func(a delivery.Actor, community int32) bool { return a.CanSell(community, supplier) },
		Keys: func(p *delivery.Package) delivery.Keys { return delivery.Keys{Supplier: p.SupplierUUID} },
		Name: func(p *delivery.Package) string { return p.Code },
	}
}

// SavePackages adds, corrects and archives packages of a supplier: the supplier itself, leads of the supply squad, the commander and
// administrators. One that is on offer cannot be archived.
func (v *Verbs) SavePackages(ctx context.Context, a delivery.Actor, in SavePackagesInput) (*SavePackagesPayload, error) {
	s := packageNoun(in.SupplierID.UUID).Saving(dispatch.Call{Actor: a, Mutation: "savePackages", Community: in.SupplierID.Community, ID: in.ClientMutationID, Input: in},
		len(in.Packages), in.Atomic)
	if refusal := checkSupplier(a, in.SupplierID); refusal != nil {
		s.RefuseCall(refusal)
	}
	return dispatch.Save[SavePackagesPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Package]) error {
		if err := supplierExists(ctx, s.Tx, in.SupplierID); err != nil {
			return err
		}
		rows, err := s.Tx.PackagesOf(ctx, s.Community, in.SupplierID.UUID)
		if err != nil {
			return err
		}
		offered, err := s.Tx.PackagesOnOffer(ctx, s.Community, in.SupplierID.UUID)
		if err != nil {
			return err
		}
		s.Known(rows, rows)
		var added, corrected []*delivery.Package
		for _, n := range in.Packages {
			switch {
			case n.ID != nil:
				if next := n.correct(s, offered); next != nil {
					corrected = append(corrected, next)
				}
			default:
				row := &delivery.Package{Row: s.NewRow(), SupplierUUID: in.SupplierID.UUID}
				n.fill(row)
				dispatch.Archive(&row.ArchivedAt, &n.Archived, s.At)
				refusal := checkPackage(row)
				if refusal == nil && len(rows)+len(added) >= delivery.MaxPackages {
					refusal = delivery.Refuse(ReasonTooManyPackages, delivery.MaxPackages).With(delivery.Details{Limit: delivery.MaxPackages})
				}
				if s.Add(row, refusal) {
					added = append(added, row)
				}
			}
		}
		s.Around(func(func() error) error {
			return errors.Join(s.Tx.Packages().Save(ctx, corrected), s.Tx.Packages().Insert(ctx, added))
		})
		return nil
	})
}

// correct judges the correction of a package, and returns it as it is to be written, nil if it is not.
func (n *PackageInput) correct(s *dispatch.Saving[*delivery.Package], offered map[delivery.UUID]bool) *delivery.Package {
	if refusal := dispatch.CheckID(*n.ID, delivery.KindPackage, s.Community); refusal != nil {
		s.Refuse(refusal.At("id"))
		return nil
	}
	_, next := s.Correct(*n.ID, n.ExpectedVersion, &n.Archived, func(p *delivery.Package) *delivery.Error {
		if n.Archived && offered[p.UUID] {
			return delivery.Refuse(ReasonOnOffer).At("archived")
		}
		n.fill(p)
		return checkPackage(p)
	})
	return next
}

func (n *PackageInput) fill(p *delivery.Package) {
	p.Code, p.Name, p.Unit, p.PriceFen, p.Marks = delivery.NormalCode(n.Code), delivery.Trimmed(n.Name), delivery.Trimmed(n.Unit), n.PriceFen, delivery.NewMarks(n.Marks)
}

func checkPackage(p *delivery.Package) *delivery.Error {
	var price *delivery.Error
	if p.PriceFen < 0 || p.PriceFen > delivery.MaxPriceFen {
		price = delivery.Refuse(dispatch.ReasonOutOfRange, 0, delivery.MaxPriceFen)
	}
	return dispatch.First(dispatch.Field("code", delivery.CheckCode(p.Code)), dispatch.Text("name", p.Name, delivery.MaxName, true),
		dispatch.Text("unit", p.Unit, delivery.MaxUnitWord, true), dispatch.Field("priceFen", price))
}

// checkSupplier refuses the id of a supplier that is none, or out of the actor's sight, and an actor who may not sell its goods.
func checkSupplier(a delivery.Actor, id delivery.ID) *delivery.Error {
	if refusal := dispatch.CheckID(id, delivery.KindSupplier, 0); refusal != nil {
		return refusal.At("supplierId")
	}
	if !a.Scope().SeesDirectory(id.Community) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindSupplier.String()).At("supplierId")
	}
	if !a.CanSell(id.Community, id.UUID) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// supplierExists refuses a supplier that does not exist or is archived. The community is locked.
func supplierExists(ctx context.Context, t *db.Tx, id delivery.ID) error {
	suppliers, err := t.Suppliers().All(ctx, id.Community)
	if err != nil {
		return err
	}
	if refusal := dispatch.Parent(id, delivery.KindSupplier, id.Community, dispatch.ByUUID(suppliers), "supplierId"); refusal != nil {
		return refusal
	}
	return nil
}
