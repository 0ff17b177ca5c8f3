package resolvers

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/incident"
	"baogong/graph"
)

var targetsOfCommunity = belonging((*db.DB).TargetsOf, func(t *delivery.StageTarget) delivery.ID {
	return delivery.ID{Kind: delivery.KindCommunity, Community: t.CommunityID}
})

func (r mutationResolver) SetTargets(ctx context.Context, input incident.SetTargetsInput) (*incident.SetTargetsPayload, error) {
	return r.Verbs.Incident.SetTargets(ctx, ActorFrom(ctx), input)
}

type targetsSetResolver struct{ *Resolver }

// SetTargetsPayload returns the resolver of SetTargetsPayload.
func (r *Resolver) SetTargetsPayload() graph.SetTargetsPayloadResolver { return targetsSetResolver{r} }

func (targetsSetResolver) Community(ctx context.Context, p *incident.SetTargetsPayload) (*delivery.Community, error) {
	return maybe(ctx, communityByID.in(load(ctx)), p.CommunityID)
}

type communityResolver struct{ *Resolver }

// Community returns the resolver of Community.
func (r *Resolver) Community() graph.CommunityResolver { return communityResolver{r} }

func (communityResolver) Targets(ctx context.Context, c *delivery.Community) ([]*delivery.StageTarget, error) {
	l := load(ctx)
	if !l.scope.SeesCommunity(c.CommunityID) {
		return []*delivery.StageTarget{}, nil
	}
	rows, err := of(ctx, targetsOfCommunity.in(l), c, by((*delivery.Community).ID))
	if err != nil {
		return nil, err
	}
	return delivery.NewTargets(c.TimeZone, rows).InForce(), nil
}

func (orderResolver) TargetAt(ctx context.Context, o *delivery.Order) (*time.Time, error) {
	return sight(ctx).TargetOf(&o.OrderSnapshot), nil
}

func (orderResolver) LateLevel(ctx context.Context, o *delivery.Order) (*delivery.EscalationLevel, error) {
	return sight(ctx).LatenessOf(&o.OrderSnapshot), nil
}

func (snapshotResolver) TargetAt(ctx context.Context, s *delivery.OrderSnapshot) (*time.Time, error) {
	return sight(ctx).TargetOf(s), nil
}

func (snapshotResolver) LateLevel(ctx context.Context, s *delivery.OrderSnapshot) (*delivery.EscalationLevel, error) {
	return sight(ctx).LatenessOf(s), nil
}

var _ = snapshotParts.add(parts{
	"targetAt":  func(b []byte, p *part) []byte { return maybeInstant(b, p.sight.TargetOf(p.order)) },
	"lateLevel": func(b []byte, p *part) []byte { return maybeText(b, p.sight.LatenessOf(p.order)) },
})
