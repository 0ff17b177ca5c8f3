package resolvers

import (
	"context"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"baogong/db"
	"baogong/delivery"
	"baogong/graph"
)

type queryResolver struct{ *Resolver }

func (r queryResolver) Me(ctx context.Context) (*delivery.Actor, error) {
	a, err := signedIn(ctx)
	return &a, err
}

// RateLimit is where the caller stands. It shadows the option of that name.
func (r queryResolver) RateLimit(ctx context.Context) (*delivery.RateLimit, error) {
	return r.Options.RateLimit(ctx), nil
}

func (r queryResolver) Node(ctx context.Context, id delivery.ID) (delivery.Node, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	return node(ctx, id)()
}

// maxNodes is how many ids `nodes` takes at once.
const maxNodes = 100

func (r queryResolver) Nodes(ctx context.Context, ids []*delivery.ID) ([]delivery.Node, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	if len(ids) > maxNodes {
		return nil, delivery.Refuse(delivery.ReasonTooMany, maxNodes, len(ids)).At("ids")
	}
	loading := make([]func() (delivery.Node, error), len(ids))
	for i, id := range ids {
		loading[i] = node(ctx, *id)
	}
	out := make([]delivery.Node, len(ids))
	var err error
	for i := range ids {
		if out[i], err = loading[i](); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// node begins to load any noun by its id; what it returns waits for it, and gives nil if it is not there or not visible.
func node(ctx context.Context, id delivery.ID) func() (delivery.Node, error) {
	l := load(ctx)
	if !l.sight.Finds(id.Kind) {
		return func() (delivery.Node, error) { return nil, nil }
	}
	switch id.Kind {
	case delivery.KindCommunity:
		return found(l.communities.Load(ctx, id))
	case delivery.KindBuilding:
		return found(l.buildings.Load(ctx, id))
	case delivery.KindUnit:
		return found(l.units.Load(ctx, id))
	case delivery.KindHousehold:
		return found(l.households.Load(ctx, id))
	case delivery.KindVolunteer:
		return found(l.volunteers.Load(ctx, id))
	case delivery.KindSupplier:
		return found(l.suppliers.Load(ctx, id))
	case delivery.KindOrder:
		return found(l.orders.Load(ctx, id))
	case delivery.KindHold:
		return found(l.holds.Load(ctx, id))
	case delivery.KindCode:
		if !l.actor.CanIssue(id.Community) {
			break
		}
		return found(l.codes.Load(ctx, id))
	}
	return func() (delivery.Node, error) { return nil, nil }
}

// found keeps a nil pointer from becoming a Node that is not nil.
func found[T any, P interface {
	*T
	delivery.Node
}](load dataloader.Thunk[P]) func() (delivery.Node, error) {
	return func() (delivery.Node, error) {
		row, err := load()
		if row == nil || err != nil {
			return nil, err
		}
		return row, nil
	}
}

func (r queryResolver) Communities(ctx context.Context, first *int, after *string, last *int, before *string) (*graph.CommunityConnection, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	args, bound := paging{first, last, after, before}, boundTo("communities")
	p, err := r.page(ctx, args, bound)
	if err != nil {
		return nil, err
	}
	rows, err := r.DB.Communities(ctx, a.Scope(), p)
	if err != nil {
		return nil, err
	}
	edges, info := connection(ctx, r.Resolver, args, rows, bound, func(c string, n *delivery.Community) *graph.CommunityEdge {
		return &graph.CommunityEdge{Cursor: c, Node: n}
	})
	return &graph.CommunityConnection{Edges: edges, Nodes: rows.Items, PageInfo: info, TotalCount: rows.Total, TotalCountExact: rows.Exact}, nil
}

func (r queryResolver) Community(ctx context.Context, id delivery.ID) (*delivery.Community, error) {
	if err := r.enter(ctx, id, "id"); err != nil {
		return nil, err
	}
	c, err := there(get(ctx, load(ctx).communities, id))(delivery.KindCommunity)
	return c, missing(err, "id")
}

func (r queryResolver) Buildings(ctx context.Context, communityID delivery.ID, includeArchived bool, first *int, after *string, last *int, before *string) (*graph.BuildingConnection, error) {
	args, bound := paging{first, last, after, before}, boundTo("buildings", communityID, includeArchived)
	p, scope, err := r.list(ctx, communityID, args, bound)
	if err != nil {
		return nil, err
	}
	rows, err := r.DB.Buildings(ctx, scope, communityID.Community, includeArchived, p)
	if err != nil {
		return nil, err
	}
	edges, info := connection(ctx, r.Resolver, args, rows, bound, func(c string, n *delivery.Building) *graph.BuildingEdge {
		return &graph.BuildingEdge{Cursor: c, Node: n}
	})
	return &graph.BuildingConnection{Edges: edges, Nodes: rows.Items, PageInfo: info, TotalCount: rows.Total, TotalCountExact: rows.Exact}, nil
}

func (r queryResolver) Households(ctx context.Context, communityID delivery.ID, filter *graph.HouseholdFilter, first *int, after *string, last *int, before *string) (*graph.HouseholdConnection, error) {
	args, bound := paging{first, last, after, before}, boundTo("households", communityID, filter)
	p, scope, err := r.list(ctx, communityID, args, bound)
	if err != nil {
		return nil, err
	}
	f, err := householdFilter(ActorFrom(ctx), filter, communityID.Community)
	if err != nil {
		return nil, err
	}
	rows, err := r.DB.Households(ctx, scope, communityID.Community, f, p)
	if err != nil {
		return nil, err
	}
	edges, info := connection(ctx, r.Resolver, args, rows, bound, func(c string, n *delivery.Household) *graph.HouseholdEdge {
		return &graph.HouseholdEdge{Cursor: c, Node: n}
	})
	return &graph.HouseholdConnection{Edges: edges, Nodes: rows.Items, PageInfo: info, TotalCount: rows.Total, TotalCountExact: rows.Exact}, nil
}

func (r queryResolver) Volunteers(ctx context.Context, communityID delivery.ID, filter *graph.VolunteerFilter, first *int, after *string, last *int, before *string) (*graph.VolunteerConnection, error) {
	args, bound := paging{first, last, after, before}, boundTo("volunteers", communityID, filter)
	p, scope, err := r.list(ctx, communityID, args, bound)
	if err != nil {
		return nil, err
	}
	f, err := volunteerFilter(filter, communityID.Community)
	if err != nil {
		return nil, err
	}
	rows, err := r.DB.Volunteers(ctx, scope, communityID.Community, f, p)
	if err != nil {
		return nil, err
	}
	edges, info := connection(ctx, r.Resolver, args, rows, bound, func(c string, n *delivery.Volunteer) *graph.VolunteerEdge {
		return &graph.VolunteerEdge{Cursor: c, Node: n}
	})
	return &graph.VolunteerConnection{Edges: edges, Nodes: rows.Items, PageInfo: info, TotalCount: rows.Total, TotalCountExact: rows.Exact}, nil
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

func (r queryResolver) Order(ctx context.Context, id delivery.ID) (*delivery.Order, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	if refusal := ofKind(id, delivery.KindOrder); refusal != nil {
		return nil, refusal.At("id")
	}
	o, err := there(get(ctx, load(ctx).orders, id))(delivery.KindOrder)
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
	edges, info := connection(ctx, r.Resolver, args, rows.Rows, bound, func(c string, n *delivery.Order) *graph.OrderEdge {
		return &graph.OrderEdge{Cursor: c, Node: n}
	})
	return &graph.OrderConnection{Edges: edges, Nodes: rows.Items, PageInfo: info, TotalCount: rows.Total, TotalCountExact: rows.Exact, FeedCursor: r.Keys.ReadCursor(rows.Position)}, nil
}

func (r queryResolver) Board(ctx context.Context, communityID delivery.ID) (*delivery.Board, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	b, err := r.readBoard(ctx, ActorFrom(ctx).Scope(), communityID.Community)
	return b, missing(err, "communityId")
}

// readBoard reads the board of the community's day.
func (r *Resolver) readBoard(ctx context.Context, scope delivery.Scope, community int32) (*delivery.Board, error) {
	c, err := there(single(r.DB.CommunitiesByID(ctx, scope, []delivery.ID{{Kind: delivery.KindCommunity, Community: community}})))(delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	now := r.now().Truncate(time.Microsecond)
	from, until := c.Today(now)
	return r.DB.Board(ctx, scope, community, now, from, until)
}

// RevealCounts resolves how many contacts each member of the team was given today.
func (r queryResolver) RevealCounts(ctx context.Context, communityID delivery.ID) ([]*delivery.RevealCount, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	counts, err := r.Dispatch.RevealCountsOf(ctx, ActorFrom(ctx), communityID)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	members := make([]*delivery.Volunteer, len(counts))
	for i, c := range counts {
		members[i] = c.Volunteer
	}
	relate(load(ctx), members)
	return counts, nil
}

// CityBoard is numbers only, so whoever may count needs to enter nothing.
func (r queryResolver) CityBoard(ctx context.Context) (*delivery.CityBoard, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if !a.CanCount() {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	return r.DB.CityBoard(ctx, a.Scope(), r.now().Truncate(time.Microsecond))
}

// enter refuses whoever is nobody or does not belong to the community that the argument names.
func (r *Resolver) enter(ctx context.Context, community delivery.ID, argument string) error {
	a, err := signedIn(ctx)
	if err != nil {
		return err
	}
	return inCommunity(a, community, argument)
}

// list is what every list of a community starts with: who asks, and which page.
func (r *Resolver) list(ctx context.Context, community delivery.ID, args paging, bound string) (db.Page, delivery.Scope, error) {
	if err := r.enter(ctx, community, "communityId"); err != nil {
		return db.Page{}, delivery.Scope{}, err
	}
	p, err := r.page(ctx, args, bound)
	return p, ActorFrom(ctx).Scope(), err
}

// there turns a row that is not there into NOT_FOUND.
func there[T any](row *T, err error) func(delivery.Kind) (*T, error) {
	return func(k delivery.Kind) (*T, error) {
		if row == nil && err == nil {
			return nil, delivery.Refuse(delivery.ReasonNoSuch, k.String())
		}
		return row, err
	}
}

func single[T any](rows []*T, err error) (*T, error) {
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}
