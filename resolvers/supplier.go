package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/supplier"
	"baogong/graph"
)

var supplierByID = noun(delivery.KindSupplier, (*db.DB).SuppliersByID)

func (r mutationResolver) CreateSuppliers(ctx context.Context, input supplier.CreateSuppliersInput) (*supplier.SuppliersPayload, error) {
	return r.Verbs.Supplier.CreateSuppliers(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateSuppliers(ctx context.Context, input supplier.UpdateSuppliersInput) (*supplier.SuppliersPayload, error) {
	return r.Verbs.Supplier.UpdateSuppliers(ctx, ActorFrom(ctx), input)
}

// SupplierResult returns the resolver of SupplierResult.
func (r *Resolver) SupplierResult() graph.SupplierResultResolver { return resultResolver{r} }

func (resultResolver) Supplier(ctx context.Context, i *supplier.SupplierResult) (*delivery.Supplier, error) {
	return maybe(ctx, supplierByID.in(load(ctx)), i.ID)
}

type supplierResolver struct{ *Resolver }

// Supplier returns the resolver of Supplier.
func (r *Resolver) Supplier() graph.SupplierResolver { return supplierResolver{r} }

func (supplierResolver) Holds(ctx context.Context, s *delivery.Supplier) ([]*delivery.Hold, error) {
	return of(ctx, holdsOn.in(load(ctx)), s, by((*delivery.Supplier).ID))
}

func (r queryResolver) Suppliers(ctx context.Context, communityID delivery.ID, includeArchived bool, first *int, after *string, last *int, before *string) (*graph.SupplierConnection, error) {
	rows, err := listed[graph.SupplierEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("suppliers", communityID, includeArchived),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Supplier], error) {
			return r.DB.Suppliers(ctx, s, communityID.Community, includeArchived, p)
		})
	return (*graph.SupplierConnection)(rows), err
}
