package resolvers

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/order"
	"baogong/graph"
	"baogong/live"
)

var orderByID = noun(delivery.KindOrder, (*db.DB).OrdersByID)

var linesOfOrder = belonging((*db.DB).LinesOfOrders, func(l *delivery.Line) delivery.ID {
	return delivery.ID{Kind: delivery.KindOrder, Community: l.CommunityID, UUID: l.OrderUUID}
})

type orderResolver struct{ *Resolver }

// Order returns the resolver of Order.
func (r *Resolver) Order() graph.OrderResolver { return orderResolver{r} }

func (orderResolver) Building(ctx context.Context, o *delivery.Order) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), o, by((*delivery.Order).BuildingID))
}

func (orderResolver) Unit(ctx context.Context, o *delivery.Order) (*delivery.Unit, error) {
	if !sight(ctx).Whole {
		return nil, nil
	}
	return of(ctx, unitByID.in(load(ctx)), o, by((*delivery.Order).UnitID))
}

func (orderResolver) Household(ctx context.Context, o *delivery.Order) (*delivery.Household, error) {
	return of(ctx, householdByID.in(load(ctx)), o, by((*delivery.Order).HouseholdID))
}

func (orderResolver) Supplier(ctx context.Context, o *delivery.Order) (*delivery.Supplier, error) {
	return of(ctx, supplierByID.in(load(ctx)), o, (*delivery.Order).SupplierID)
}

func (orderResolver) Taker(ctx context.Context, o *delivery.Order) (*delivery.Volunteer, error) {
	return of(ctx, volunteerByID.in(load(ctx)), o, func(o *delivery.Order) *delivery.ID {
		return refOf(delivery.KindVolunteer, o.CommunityID, o.TakerUUID)
	})
}

func (orderResolver) Lines(ctx context.Context, o *delivery.Order) ([]*delivery.Line, error) {
	if !sight(ctx).Whole {
		return []*delivery.Line{}, nil
	}
	return of(ctx, linesOfOrder.in(load(ctx)), o, by((*delivery.Order).ID))
}

// Address is the order's address, and only the building's code for viewers who follow a link.
func (orderResolver) Address(ctx context.Context, o *delivery.Order) (string, error) {
	return sight(ctx).Door(o), nil
}

// Label is the text to print on a bag. It is empty for viewers who follow a link.
func (orderResolver) Label(ctx context.Context, o *delivery.Order) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	return o.Label(), nil
}

// Labels is the texts to print on its bags. It is empty for viewers who follow a link.
func (r orderResolver) Labels(ctx context.Context, o *delivery.Order) ([]string, error) {
	if !sight(ctx).Whole {
		return []string{}, nil
	}
	supplier, err := r.Supplier(ctx, o)
	if err != nil {
		return nil, err
	}
	return o.Labels(supplier), nil
}

// BagLabels is the labels with their QR codes. It is empty for viewers who follow a link.
func (r orderResolver) BagLabels(ctx context.Context, o *delivery.Order) ([]*delivery.BagLabel, error) {
	if !sight(ctx).Whole {
		return []*delivery.BagLabel{}, nil
	}
	supplier, err := r.Supplier(ctx, o)
	if err != nil {
		return nil, err
	}
	return o.BagLabels(supplier), nil
}

func (orderResolver) Bags(ctx context.Context, o *delivery.Order) (int, error) {
	if !sight(ctx).Whole {
		return 0, nil
	}
	return o.Bags(), nil
}

func (orderResolver) BagsIn(ctx context.Context, o *delivery.Order) (int, error) {
	if !sight(ctx).Whole {
		return 0, nil
	}
	return o.BagsIn, nil
}

func (orderResolver) Marks(ctx context.Context, o *delivery.Order) ([]delivery.Mark, error) {
	if !sight(ctx).Whole {
		return []delivery.Mark{}, nil
	}
	return append([]delivery.Mark{}, o.Marks...), nil
}

func (orderResolver) TotalFen(ctx context.Context, o *delivery.Order) (int64, error) {
	if !sight(ctx).Whole {
		return 0, nil
	}
	return o.TotalFen, nil
}

func (orderResolver) Note(ctx context.Context, o *delivery.Order) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	return o.Note, nil
}

func (orderResolver) ExternalNumber(ctx context.Context, o *delivery.Order) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	return o.ExternalNumber, nil
}

func (orderResolver) Holds(ctx context.Context, o *delivery.Order) ([]*delivery.Hold, error) {
	if !o.Held() {
		return []*delivery.Hold{}, nil
	}
	l := holdsOn.in(load(ctx))
	subjects := func(o *delivery.Order) []*delivery.ID {
		if !o.Held() {
			return nil
		}
		out := []*delivery.ID{new(o.ID()), new(o.BuildingID()), new(o.HouseholdID())}
		if o.SupplierUUID != nil {
			out = append(out, o.SupplierID())
		}
		return out
	}
	want(ctx, l, o, subjects)
	var on []func() ([]*delivery.Hold, error)
	for _, id := range subjects(o) {
		on = append(on, l.Load(ctx, *id))
	}
	holds := []*delivery.Hold{}
	for _, of := range on {
		more, err := of()
		if err != nil {
			return nil, err
		}
		holds = append(holds, more...)
	}
	if o.ArrivalUUID == nil {
		return holds, nil
	}
	settling, err := get(ctx, holdsOfArrivals.in(load(ctx)), o.ID())
	return append(holds, settling...), err
}

func (orderResolver) Holder(ctx context.Context, o *delivery.Order) (delivery.Holder, error) {
	return holder(ctx, o, func(o *delivery.Order) (volunteer, supplier *delivery.UUID) {
		return o.HolderVolunteer, o.HolderSupplier
	})
}

func (orderResolver) Reach(ctx context.Context, o *delivery.Order) (delivery.Holder, error) {
	if !sight(ctx).Whole {
		return nil, nil
	}
	roster, err := get(ctx, rosterOfCommunity.in(load(ctx)), o.CommunityID)
	if err != nil {
		return nil, err
	}
	return holder(ctx, o, func(o *delivery.Order) (volunteer, supplier *delivery.UUID) { return roster.Reach(&o.OrderSnapshot) })
}

// holder waits for the volunteer or supplier that choose returns for the order.
func holder(ctx context.Context, o *delivery.Order, choose func(*delivery.Order) (volunteer, supplier *delivery.UUID)) (delivery.Holder, error) {
	v, err := of(ctx, volunteerByID.in(load(ctx)), o, func(o *delivery.Order) *delivery.ID {
		volunteer, _ := choose(o)
		return refOf(delivery.KindVolunteer, o.CommunityID, volunteer)
	})
	if err != nil {
		return nil, err
	}
	if v != nil {
		return v, nil
	}
	s, err := of(ctx, supplierByID.in(load(ctx)), o, func(o *delivery.Order) *delivery.ID {
		_, supplier := choose(o)
		return refOf(delivery.KindSupplier, o.CommunityID, supplier)
	})
	if s == nil {
		return nil, err
	}
	return s, err
}

func orderFilter(f *graph.OrderFilter, community int32) (out db.OrderFilter, err error) {
	if f == nil {
		return out, nil
	}
	out = db.OrderFilter{Stages: f.Stages, Open: f.Open, Channels: f.Channels, WithoutHolder: f.WithoutHolder, Held: f.Held, Late: f.Late,
		PlacedFrom: f.PlacedFrom, PlacedUntil: f.PlacedUntil, MovedFrom: f.MovedFrom, MovedUntil: f.MovedUntil}
	for _, bound := range []struct {
		field string
		at    *time.Time
	}{{"placedFrom", f.PlacedFrom}, {"placedUntil", f.PlacedUntil}, {"movedFrom", f.MovedFrom}, {"movedUntil", f.MovedUntil}} {
		if bound.at != nil {
			if refusal := delivery.CheckTime(*bound.at); refusal != nil {
				return out, refusal.At("filter", bound.field)
			}
		}
	}
	if out.Text, err = textFilter(f.Text); err != nil {
		return out, err
	}
	for _, ids := range []struct {
		to    *[]delivery.UUID
		from  []*delivery.ID
		field string
		kinds []delivery.Kind
	}{
		{&out.Buildings, f.BuildingIds, "buildingIds", []delivery.Kind{delivery.KindBuilding}},
		{&out.Units, f.UnitIds, "unitIds", []delivery.Kind{delivery.KindUnit}},
		{&out.Households, f.HouseholdIds, "householdIds", []delivery.Kind{delivery.KindHousehold}},
		{&out.Suppliers, f.SupplierIds, "supplierIds", []delivery.Kind{delivery.KindSupplier}},
		{&out.Holders, f.HolderIds, "holderIds", []delivery.Kind{delivery.KindVolunteer, delivery.KindSupplier}},
	} {
		if *ids.to, err = named(ids.from, community, ids.field, ids.kinds...); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (r mutationResolver) PlaceOrder(ctx context.Context, input order.PlaceOrderInput) (*order.PlaceOrderPayload, error) {
	return r.Verbs.Order.PlaceOrder(ctx, ActorFrom(ctx), input)
}

type placedResolver struct{ *Resolver }

// PlaceOrderPayload returns the resolver of PlaceOrderPayload.
func (r *Resolver) PlaceOrderPayload() graph.PlaceOrderPayloadResolver { return placedResolver{r} }

func (placedResolver) Order(ctx context.Context, p *order.PlaceOrderPayload) (*delivery.Order, error) {
	return maybe(ctx, orderByID.in(load(ctx)), p.OrderID)
}

func (r queryResolver) Order(ctx context.Context, id delivery.ID) (*delivery.Order, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	if refusal := ofKind(id, delivery.KindOrder); refusal != nil {
		return nil, refusal.At("id")
	}
	o, err := there(get(ctx, orderByID.in(load(ctx)), id))(delivery.KindOrder)
	return o, missing(err, "id")
}

func (r queryResolver) Orders(ctx context.Context, communityID delivery.ID, filter *graph.OrderFilter, orderBy *graph.OrderOrder, first *int, after *string, last *int, before *string) (*graph.OrderConnection, error) {
	args, bound := paging{first, last, after, before}, boundTo("orders", communityID, filter, orderBy)
	p, scope, err := r.list(ctx, communityID, args, bound)
	if err != nil {
		return nil, err
	}
	f, err := orderFilter(filter, communityID.Community)
	if err != nil {
		return nil, err
	}
	by, desc := db.SortPlacedAt, true
	if orderBy != nil {
		by, desc = db.OrderSort(orderBy.Field), orderBy.Direction == graph.DirectionDesc
	}
	rows, err := r.DB.Orders(ctx, scope, communityID.Community, f, by, desc, p)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	page := connection[graph.OrderEdge](ctx, r.Resolver, args, rows.Rows, bound)
	return &graph.OrderConnection{Edges: page.Edges, Nodes: page.Nodes, PageInfo: page.PageInfo, TotalCount: page.TotalCount, TotalCountExact: page.TotalCountExact,
		FeedCursor: r.Keys.ReadCursor(rows.Position)}, nil
}

// Order streams the order's state, now and after changes.
func (r subscriptionResolver) Order(ctx context.Context, id delivery.ID) (<-chan *delivery.Order, error) {
	return live.Subscribe[*delivery.Order](ctx, func() (live.Flow, error) {
		a, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		if refusal := ofKind(id, delivery.KindOrder); refusal != nil {
			return nil, refusal.At("id")
		}
		orders, err := watch(ctx, r.orders, a, live.Target{Community: id.Community, Order: id.UUID}, delivery.KindOrder)
		return orders, missing(err, "id")
	})
}

// loadOrder reads an order once for all its subscribers with one View.
func (r *Resolver) loadOrder(ctx context.Context, k live.StateKey) (*delivery.Order, error) {
	id := delivery.ID{Kind: delivery.KindOrder, Community: k.Community, UUID: k.Order}
	o, err := there(single(r.DB.OrdersByID(ctx, k.Scope, []delivery.ID{id})))(delivery.KindOrder)
	return o, missing(err, "id")
}
