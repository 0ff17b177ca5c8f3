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

func (resultResolver) Supplier(ctx context.Context, i *supplier.SupplierResult) (*delivery.Supplier, error) {
	return maybe(ctx, supplierByID.in(load(ctx)), i.ID)
}

func (r queryResolver) Suppliers(ctx context.Context, communityID delivery.ID, includeArchived bool, first *int, after *string, last *int, before *string) (*graph.SupplierConnection, error) {
	args, bound := paging{first, last, after, before}, boundTo("suppliers", communityID, includeArchived)
	p, scope, err := r.list(ctx, communityID, args, bound)
	if err != nil {
		return nil, err
	}
	rows, err := r.DB.Suppliers(ctx, scope, communityID.Community, includeArchived, p)
	if err != nil {
		return nil, err
	}
	edges, info := connection(ctx, r.Resolver, args, rows, bound, func(c string, n *delivery.Supplier) *graph.SupplierEdge {
		return &graph.SupplierEdge{Cursor: c, Node: n}
	})
	return &graph.SupplierConnection{Edges: edges, Nodes: rows.Items, PageInfo: info, TotalCount: rows.Total, TotalCountExact: rows.Exact}, nil
}
