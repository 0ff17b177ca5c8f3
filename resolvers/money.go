package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/money"
	"baogong/graph"
)

var (
	purseOfOrder   = belonging((*db.DB).PursesOfOrders, (*delivery.Purse).OrderID)
	entriesOfOrder = belonging((*db.DB).EntriesOfOrders, (*delivery.MoneyEntry).OrderID)
)

func (r mutationResolver) RecordMoney(ctx context.Context, input money.RecordMoneyInput) (*money.RecordMoneyPayload, error) {
	return r.Verbs.Money.RecordMoney(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) SettleMoney(ctx context.Context, input money.SettleMoneyInput) (*money.SettleMoneyPayload, error) {
	return r.Verbs.Money.SettleMoney(ctx, ActorFrom(ctx), input)
}

// RecordMoneyPayload returns the resolver of RecordMoneyPayload.
func (*Resolver) RecordMoneyPayload() graph.RecordMoneyPayloadResolver { return recordedMoney{} }

type recordedMoney struct{}

func (recordedMoney) Order(ctx context.Context, p *money.RecordMoneyPayload) (*delivery.Order, error) {
	return maybe(ctx, orderByID.in(load(ctx)), p.OrderID)
}

// Purse is the order's money, nil for viewers who may not see it.
func (orderResolver) Purse(ctx context.Context, o *delivery.Order) (*delivery.Purse, error) {
	if !ActorFrom(ctx).SeesPurse(&o.OrderSnapshot) {
		return nil, nil
	}
	found, err := of(ctx, purseOfOrder.in(load(ctx)), o, by((*delivery.Order).ID))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

type purseResolver struct{}

// Purse returns the resolver of Purse.
func (*Resolver) Purse() graph.PurseResolver { return purseResolver{} }

// Entries needs no permission of its own: it is a field of a purse that is shown.
func (purseResolver) Entries(ctx context.Context, p *delivery.Purse) ([]*delivery.MoneyEntry, error) {
	return of(ctx, entriesOfOrder.in(load(ctx)), p, by((*delivery.Purse).OrderID))
}

type entryResolver struct{ *Resolver }

// MoneyEntry returns the resolver of MoneyEntry.
func (r *Resolver) MoneyEntry() graph.MoneyEntryResolver { return entryResolver{r} }

func (r entryResolver) ReceiptURL(_ context.Context, m *delivery.MoneyEntry) (*string, error) {
	return r.photoURL(m.CommunityID, m.FileUUID), nil
}

func (r queryResolver) OrdersWithMoneyOwed(ctx context.Context, communityID delivery.ID, first *int, after *string, last *int, before *string) (*graph.OrderConnection, error) {
	args, bound := paging{first, last, after, before}, boundTo("ordersWithMoneyOwed", communityID)
	p, scope, err := r.list(ctx, communityID, args, bound)
	if err != nil {
		return nil, err
	}
	owing := db.OwingFor(ActorFrom(ctx))
	if owing == nil {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	rows, err := r.DB.Orders(ctx, scope, communityID.Community, db.OrderFilter{Owing: owing}, db.SortPlacedAt, true, p)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	page := connection[graph.OrderEdge](ctx, r.Resolver, args, rows.Rows, bound)
	return &graph.OrderConnection{Edges: page.Edges, Nodes: page.Nodes, PageInfo: page.PageInfo, TotalCount: page.TotalCount, TotalCountExact: page.TotalCountExact,
		FeedCursor: r.Keys.ReadCursor(rows.Position)}, nil
}

// ShoppingList joins the lines of orders: those that a volunteer is to shop for, or those that are named.
func (r queryResolver) ShoppingList(ctx context.Context, communityID delivery.ID, takerID, supplierID *delivery.ID, orderIds []*delivery.ID) ([]*delivery.ShoppingItem, error) {
	if _, err := r.inTeam(ctx, communityID); err != nil {
		return nil, err
	}
	a := ActorFrom(ctx)
	orders, err := r.ordersToShop(ctx, a, communityID.Community, takerID, supplierID, orderIds)
	if err != nil || len(orders) == 0 {
		return []*delivery.ShoppingItem{}, err
	}
	ids := make([]delivery.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID()
	}
	lines, err := r.DB.LinesOfOrders(ctx, a.Scope(), ids)
	if err != nil {
		return nil, err
	}
	relate(load(ctx), orders)
	return delivery.NewShoppingList(orders, lines), nil
}

func (r queryResolver) ordersToShop(ctx context.Context, a delivery.Actor, community int32, takerID, supplierID *delivery.ID, orderIds []*delivery.ID) ([]*delivery.Order, error) {
	var supplier *delivery.UUID
	if supplierID != nil {
		if refusal := dispatch.CheckID(*supplierID, delivery.KindSupplier, community); refusal != nil {
			return nil, refusal.At("supplierId")
		}
		supplier = &supplierID.UUID
	}
	if orderIds != nil {
		if n := len(orderIds); n > delivery.MaxShopping {
			return nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxShopping, n).At("orderIds").With(delivery.Details{Limit: delivery.MaxShopping})
		}
		if _, err := named(orderIds, community, "orderIds", delivery.KindOrder); err != nil {
			return nil, err
		}
		ids := make([]delivery.ID, len(orderIds))
		for i, id := range orderIds {
			ids[i] = *id
		}
		orders, err := r.DB.OrdersByID(ctx, a.Scope(), ids)
		return ofSupplier(orders, supplier), err
	}
	taker := a.Volunteer()
	if takerID != nil {
		if refusal := dispatch.CheckID(*takerID, delivery.KindVolunteer, community); refusal != nil {
			return nil, refusal.At("takerId")
		}
		if !a.CanShopFor(community, takerID.UUID) {
			return nil, delivery.Refuse(delivery.ReasonNotYours).At("takerId")
		}
		taker = &takerID.UUID
	}
	if taker == nil {
		return nil, delivery.Refuse(delivery.ReasonMissing).At("takerId")
	}
	return r.DB.OrdersToShop(ctx, a.Scope(), community, *taker, supplier, delivery.MaxShopping)
}

// ofSupplier returns the orders of a supplier, all of them for nil.
func ofSupplier(orders []*delivery.Order, supplier *delivery.UUID) (out []*delivery.Order) {
	for _, o := range orders {
		if supplier == nil || o.SupplierUUID != nil && *o.SupplierUUID == *supplier {
			out = append(out, o)
		}
	}
	return out
}
