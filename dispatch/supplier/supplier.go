package supplier

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// NewSupplierInput is a supplier to add.
type NewSupplierInput struct {
	Code  string
	Name  string
	Kind  delivery.SupplierKind
	Phone delivery.Phone
}

// CreateSuppliersInput is suppliers to add.
type CreateSuppliersInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Suppliers        []*NewSupplierInput
	Atomic           bool
}

// SupplierPatchInput is what to correct about a supplier.
type SupplierPatchInput struct {
	ID              delivery.ID
	ExpectedVersion *int64
	Code            *string
	Name            *string
	Kind            *delivery.SupplierKind
	Phone           *delivery.Phone
	Archived        *bool
}

// UpdateSuppliersInput is suppliers to correct.
type UpdateSuppliersInput struct {
	ClientMutationID *string
	Suppliers        []*SupplierPatchInput
	Atomic           bool
}

// SuppliersPayload is the outcome of saving suppliers: a result per item, in the order given.
type SuppliersPayload struct{ dispatch.BulkOutcome }

// Results are the outcomes by item.
func (p *SuppliersPayload) Results() []*SupplierResult {
	return dispatch.Results[SupplierResult](p.BulkOutcome)
}

// SupplierResult is the outcome of one supplier.
type SupplierResult struct{ *dispatch.ItemOutcome }

var supplierNoun = dispatch.Noun[delivery.Supplier]{
	Kind: delivery.KindSupplier, Event: delivery.SupplierSaved, List: "suppliers", May: delivery.Actor.CanSetUp,
	Version: func(r *delivery.Supplier) *int64 { return &r.Version },
	Keys:    func(r *delivery.Supplier) delivery.Keys { return delivery.Keys{Supplier: r.UUID} },
}

// CreateSuppliers adds suppliers: administrators and the commander.
func (v *Verbs) CreateSuppliers(ctx context.Context, a delivery.Actor, in CreateSuppliersInput) (*SuppliersPayload, error) {
	s := supplierNoun.Creation(dispatch.Call{Actor: a, Mutation: "createSuppliers", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Suppliers), in.Atomic)
	return dispatch.Save[SuppliersPayload](ctx, v.Engine, s, func(s *dispatch.Saving) (func() error, error) {
		there, err := s.Tx.Suppliers(ctx, s.Community)
		if err != nil {
			return nil, err
		}
		codes := supplierCodes(there)
		var rows []*delivery.Supplier
		for _, n := range in.Suppliers {
			row := &delivery.Supplier{Row: delivery.NewRow(s.Community, dispatch.NewUUID(), s.At), Code: delivery.NormalCode(n.Code), Name: delivery.Trimmed(n.Name), Kind: n.Kind, Phone: n.Phone.Normal()}
			if supplierNoun.Create(s, row.ID(), row, checkSupplier(row, "", codes)) {
				rows = append(rows, row)
			}
		}
		return func() error { return s.Tx.InsertSuppliers(ctx, rows) }, nil
	})
}

// UpdateSuppliers corrects or archives suppliers: administrators and the commander. One with open orders cannot be archived.
func (v *Verbs) UpdateSuppliers(ctx context.Context, a delivery.Actor, in UpdateSuppliersInput) (*SuppliersPayload, error) {
	s := supplierNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateSuppliers", ID: in.ClientMutationID, Input: in},
		dispatch.IDs(in.Suppliers, func(n *SupplierPatchInput) delivery.ID { return n.ID }), in.Atomic)
	return dispatch.Save[SuppliersPayload](ctx, v.Engine, s, func(s *dispatch.Saving) (func() error, error) {
		there, err := s.Tx.Suppliers(ctx, s.Community)
		if err != nil {
			return nil, err
		}
		inUse, err := s.Tx.OpenOrdersOf(ctx, s.Community, db.OrderSupplier, dispatch.UUIDs(s.IDs))
		if err != nil {
			return nil, err
		}
		byID, codes := dispatch.ByUUID(there), supplierCodes(there)
		var rows []*delivery.Supplier
		for _, n := range in.Suppliers {
			next := supplierNoun.Correct(s, byID[n.ID.UUID], n.ExpectedVersion, n.ID,
				func(r *delivery.Supplier) (bool, *delivery.Error) {
					dispatch.SetCode(&r.Code, n.Code)
					dispatch.SetName(&r.Name, n.Name)
					dispatch.Set(&r.Kind, n.Kind)
					dispatch.SetPhone(&r.Phone, n.Phone)
					if dispatch.Archive(&r.ArchivedAt, n.Archived, s.At) && inUse[r.UUID] {
						return false, delivery.Refuse(delivery.ReasonInUse).At("archived")
					}
					return false, checkSupplier(r, byID[n.ID.UUID].Code, codes)
				})
			if next == nil {
				continue
			}
			rows = append(rows, next)
			if was := byID[n.ID.UUID]; (was.ArchivedAt == nil) != (next.ArchivedAt == nil) {
				s.AccessChanged(next.UUID)
				s.Archived(next.UUID, was.ArchivedAt, next.ArchivedAt)
			}
		}
		return func() error { return s.Tx.SaveSuppliers(ctx, rows) }, nil
	})
}

func supplierCodes(rows []*delivery.Supplier) dispatch.Names {
	return dispatch.NamesOf(rows, func(s *delivery.Supplier) string { return s.Code })
}

func checkSupplier(s *delivery.Supplier, was string, codes dispatch.Names) *delivery.Error {
	if refusal := dispatch.First(dispatch.Field("code", delivery.CheckCode(s.Code)), dispatch.Text("name", s.Name, delivery.MaxName, true),
		dispatch.Field("phone", s.Phone.Check())); refusal != nil {
		return refusal
	}
	return dispatch.First(dispatch.Field("code", codes.Claim(s.Code, was, s.ID())))
}
