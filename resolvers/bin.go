package resolvers

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/sorting"
	"baogong/graph"
)

var binByID = noun(delivery.KindBin, (*db.DB).BinsByID)

var binsOfBuilding = belonging((*db.DB).BinsOfBuildings, func(b *delivery.Bin) delivery.ID {
	return delivery.ID{Kind: delivery.KindBuilding, Community: b.CommunityID, UUID: b.BuildingUUID}
})

var contentsOfBin = &loader[delivery.ID, delivery.BinContents]{func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]delivery.BinContents, error) {
	rows, err := l.db.ContentsOfBins(ctx, l.scope, ids)
	out := make(map[delivery.ID]delivery.BinContents, len(rows))
	for _, r := range rows {
		out[delivery.ID{Kind: delivery.KindBin, Community: r.CommunityID, UUID: r.UUID}] = r.BinContents
	}
	return out, err
}}

func (r mutationResolver) CreateBins(ctx context.Context, input sorting.CreateBinsInput) (*sorting.BinsPayload, error) {
	return r.Verbs.Sorting.CreateBins(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateBins(ctx context.Context, input sorting.UpdateBinsInput) (*sorting.BinsPayload, error) {
	return r.Verbs.Sorting.UpdateBins(ctx, ActorFrom(ctx), input)
}

// BinResult returns the resolver of BinResult.
func (r *Resolver) BinResult() graph.BinResultResolver { return resultResolver{r} }

func (resultResolver) Bin(ctx context.Context, i *sorting.BinResult) (*delivery.Bin, error) {
	return maybe(ctx, binByID.in(load(ctx)), i.ID)
}

type binResolver struct{ *Resolver }

// Bin returns the resolver of Bin.
func (r *Resolver) Bin() graph.BinResolver { return binResolver{r} }

func (binResolver) Building(ctx context.Context, b *delivery.Bin) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), b, func(b *delivery.Bin) *delivery.ID {
		return refOf(delivery.KindBuilding, b.CommunityID, &b.BuildingUUID)
	})
}

func (binResolver) Unit(ctx context.Context, b *delivery.Bin) (*delivery.Unit, error) {
	return of(ctx, unitByID.in(load(ctx)), b, func(b *delivery.Bin) *delivery.ID { return refOf(delivery.KindUnit, b.CommunityID, b.UnitUUID) })
}

func (binResolver) contents(ctx context.Context, b *delivery.Bin) (delivery.BinContents, error) {
	return of(ctx, contentsOfBin.in(load(ctx)), b, by((*delivery.Bin).ID))
}

func (r binResolver) Orders(ctx context.Context, b *delivery.Bin) (int, error) {
	c, err := r.contents(ctx, b)
	return c.Orders, err
}

func (r binResolver) Bags(ctx context.Context, b *delivery.Bin) (int, error) {
	c, err := r.contents(ctx, b)
	return c.Bags, err
}

func (r binResolver) OldestSince(ctx context.Context, b *delivery.Bin) (*time.Time, error) {
	c, err := r.contents(ctx, b)
	return c.OldestSince, err
}

func (buildingResolver) Bins(ctx context.Context, b *delivery.Building) ([]*delivery.Bin, error) {
	return of(ctx, binsOfBuilding.in(load(ctx)), b, by((*delivery.Building).ID))
}

func (orderResolver) Bin(ctx context.Context, o *delivery.Order) (*delivery.Bin, error) {
	if !sight(ctx).Team {
		return nil, nil
	}
	return of(ctx, binByID.in(load(ctx)), o, func(o *delivery.Order) *delivery.ID { return o.BinID() })
}

type snapshotResolver struct{ *Resolver }

// OrderSnapshot returns the resolver of OrderSnapshot.
func (r *Resolver) OrderSnapshot() graph.OrderSnapshotResolver { return snapshotResolver{r} }

func (snapshotResolver) BinID(ctx context.Context, s *delivery.OrderSnapshot) (*delivery.ID, error) {
	if !sight(ctx).Team {
		return nil, nil
	}
	return s.BinID(), nil
}

var _ = snapshotParts.add(parts{
	"binId": func(b []byte, p *part) []byte {
		if !p.sight.Team {
			return append(b, null...)
		}
		return maybeID(b, p.order.BinID())
	},
})

func (r queryResolver) Bins(ctx context.Context, communityID delivery.ID, includeArchived bool, first *int, after *string, last *int, before *string) (*graph.BinConnection, error) {
	rows, err := listed[graph.BinEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("bins", communityID, includeArchived),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Bin], error) {
			return r.DB.Bins(ctx, s, communityID.Community, includeArchived, p)
		})
	return (*graph.BinConnection)(rows), err
}
