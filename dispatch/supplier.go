package dispatch

import (
	"context"

	"baogong/db"
	"baogong/delivery"
)

// CreateSuppliers adds suppliers: administrators and the commander.
func (d *Dispatch) CreateSuppliers(ctx context.Context, a delivery.Actor, in CreateSuppliersInput) (*SuppliersPayload, error) {
	s := creation(a, "createSuppliers", in.CommunityID, in.ClientMutationID, in, "suppliers", len(in.Suppliers), in.Atomic)
	s.kind, s.event = delivery.KindSupplier, delivery.SupplierSaved
	return save[SuppliersPayload](ctx, d, s, func(s *saving) (func() error, error) {
		there, err := s.tx.Suppliers(ctx, s.community)
		if err != nil {
			return nil, err
		}
		codes := supplierCodes(there)
		var rows []*delivery.Supplier
		for _, n := range in.Suppliers {
			row := &delivery.Supplier{CommunityID: s.community, UUID: newUUID(), Code: delivery.NormalCode(n.Code), Name: delivery.Trimmed(n.Name), Kind: n.Kind, Phone: n.Phone.Normal(),
				Version: 1, CreatedAt: s.at}
			if s.item(row.ID(), &delivery.Keys{Supplier: row.UUID}, checkSupplier(row, "", codes)) {
				rows = append(rows, row)
			}
		}
		return func() error { return s.tx.InsertSuppliers(ctx, rows) }, nil
	})
}

// UpdateSuppliers corrects or archives suppliers: administrators and the commander. One with open orders cannot be archived.
func (d *Dispatch) UpdateSuppliers(ctx context.Context, a delivery.Actor, in UpdateSuppliersInput) (*SuppliersPayload, error) {
	s := correction(a, "updateSuppliers", in.ClientMutationID, in, "suppliers", in.Suppliers, func(n *SupplierPatchInput) delivery.ID { return n.ID }, in.Atomic)
	s.kind, s.event = delivery.KindSupplier, delivery.SupplierSaved
	return save[SuppliersPayload](ctx, d, s, func(s *saving) (func() error, error) {
		there, err := s.tx.Suppliers(ctx, s.community)
		if err != nil {
			return nil, err
		}
		inUse, err := s.tx.OpenOrdersOf(ctx, s.community, db.OrderSupplier, uuids(s.ids))
		if err != nil {
			return nil, err
		}
		byID, codes := byUUID(there), supplierCodes(there)
		var rows []*delivery.Supplier
		for _, n := range in.Suppliers {
			next := correct(s, byID[n.ID.UUID], func(r *delivery.Supplier) *int64 { return &r.Version }, n.ExpectedVersion, n.ID,
				func(r *delivery.Supplier) delivery.Keys { return delivery.Keys{Supplier: r.UUID} },
				func(r *delivery.Supplier) (bool, *delivery.Error) {
					setCode(&r.Code, n.Code)
					setName(&r.Name, n.Name)
					set(&r.Kind, n.Kind)
					setPhone(&r.Phone, n.Phone)
					if archive(&r.ArchivedAt, n.Archived, s.at) && inUse[r.UUID] {
						return false, delivery.Refuse(delivery.ReasonInUse).At("archived")
					}
					return false, checkSupplier(r, byID[n.ID.UUID].Code, codes)
				})
			if next == nil {
				continue
			}
			rows = append(rows, next)
			if was := byID[n.ID.UUID]; (was.ArchivedAt == nil) != (next.ArchivedAt == nil) {
				s.accessChanged(next.UUID)
				s.archived(next.UUID, was.ArchivedAt, next.ArchivedAt)
			}
		}
		return func() error { return s.tx.SaveSuppliers(ctx, rows) }, nil
	})
}

func supplierCodes(rows []*delivery.Supplier) names {
	return namesOf(rows, func(s *delivery.Supplier) string { return s.Code })
}

func checkSupplier(s *delivery.Supplier, was string, codes names) *delivery.Error {
	if refusal := first(fieldCheck{"code", delivery.CheckCode(s.Code)}, text("name", s.Name, delivery.MaxName, true),
		fieldCheck{"phone", s.Phone.Check()}); refusal != nil {
		return refusal
	}
	return first(fieldCheck{"code", codes.claim(s.Code, was, s.ID())})
}
