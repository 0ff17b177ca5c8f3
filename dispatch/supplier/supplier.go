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
type SuppliersPayload struct {
	dispatch.BulkOf[SupplierResult]
}

// SupplierResult is the outcome of one supplier.
type SupplierResult struct{ *dispatch.ItemOutcome }

var supplierNoun = dispatch.Noun[*delivery.Supplier]{
	Kind: delivery.KindSupplier, Event: delivery.SupplierSaved, List: "suppliers", May: delivery.Actor.CanSetUp,
	Keys:   func(r *delivery.Supplier) delivery.Keys { return delivery.Keys{Supplier: r.UUID} },
	Table:  (*db.Tx).Suppliers,
	Name:   func(r *delivery.Supplier) string { return r.Code },
	Orders: db.OrderSupplier, SignsIn: true,
}

// CreateSuppliers adds suppliers: administrators and the commander.
func (v *Verbs) CreateSuppliers(ctx context.Context, a delivery.Actor, in CreateSuppliersInput) (*SuppliersPayload, error) {
	s := supplierNoun.Creation(dispatch.Call{Actor: a, Mutation: "createSuppliers", ID: in.ClientMutationID, Input: in}, in.CommunityID, len(in.Suppliers), in.Atomic)
	return dispatch.Save[SuppliersPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Supplier]) error {
		for _, n := range in.Suppliers {
			row := &delivery.Supplier{Row: s.NewRow(), Code: delivery.NormalCode(n.Code), Name: delivery.Trimmed(n.Name), Kind: n.Kind, Phone: n.Phone.Normal()}
			s.Add(row, checkSupplier(row))
		}
		return nil
	})
}

// UpdateSuppliers corrects or archives suppliers: administrators and the commander. One with open orders cannot be archived.
func (v *Verbs) UpdateSuppliers(ctx context.Context, a delivery.Actor, in UpdateSuppliersInput) (*SuppliersPayload, error) {
	s := supplierNoun.Correction(dispatch.Call{Actor: a, Mutation: "updateSuppliers", ID: in.ClientMutationID, Input: in},
		dispatch.IDs(in.Suppliers, func(n *SupplierPatchInput) delivery.ID { return n.ID }), in.Atomic)
	return dispatch.Save[SuppliersPayload](ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Supplier]) error {
		for _, n := range in.Suppliers {
			s.Correct(n.ID, n.ExpectedVersion, n.Archived, func(r *delivery.Supplier) *delivery.Error {
				dispatch.SetCode(&r.Code, n.Code)
				dispatch.SetName(&r.Name, n.Name)
				dispatch.Set(&r.Kind, n.Kind)
				dispatch.SetPhone(&r.Phone, n.Phone)
				return checkSupplier(r)
			})
		}
		return nil
	})
}

func checkSupplier(s *delivery.Supplier) *delivery.Error {
	return dispatch.First(dispatch.Field("code", delivery.CheckCode(s.Code)), dispatch.Text("name", s.Name, delivery.MaxName, true),
		dispatch.Field("phone", s.Phone.Check()))
}
