package resolvers

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/notice"
	"baogong/graph"
	"baogong/live"
)

var noticeByID = noun(delivery.KindNotice, (*db.DB).NoticesByID)

// seenByOwn loads how the caller's household was reached by notices.
var seenByOwn = &loader[delivery.ID, *delivery.NoticeReach]{func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]*delivery.NoticeReach, error) {
	rows, err := l.db.OwnReach(ctx, l.actor.Scope(), ids)
	out := make(map[delivery.ID]*delivery.NoticeReach, len(rows))
	for _, r := range rows {
		out[r.NoticeID()] = r
	}
	return out, err
}}

func (r mutationResolver) PublishNotice(ctx context.Context, input notice.PublishNoticeInput) (*notice.PublishNoticePayload, error) {
	return r.Verbs.Notice.PublishNotice(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) MarkNoticesSeen(ctx context.Context, input notice.MarkNoticesSeenInput) (*notice.MarkNoticesSeenPayload, error) {
	return together(ctx, func(p *notice.MarkNoticesSeenPayload) []*notice.SeenResult { return p.Results })(r.Verbs.Notice.MarkNoticesSeen(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) MarkNoticeTold(ctx context.Context, input notice.MarkNoticeToldInput) (*notice.MarkNoticeToldPayload, error) {
	return together(ctx, func(p *notice.MarkNoticeToldPayload) []*notice.ToldResult { return p.Results })(r.Verbs.Notice.MarkNoticeTold(ctx, ActorFrom(ctx), input))
}

type publishedResolver struct{}

// PublishNoticePayload returns the resolver of PublishNoticePayload.
func (*Resolver) PublishNoticePayload() graph.PublishNoticePayloadResolver {
	return publishedResolver{}
}

func (publishedResolver) Notice(ctx context.Context, p *notice.PublishNoticePayload) (*delivery.Notice, error) {
	return maybe(ctx, noticeByID.in(load(ctx)), p.NoticeID)
}

type toldResolver struct{}

// MarkNoticeToldPayload returns the resolver of MarkNoticeToldPayload.
func (*Resolver) MarkNoticeToldPayload() graph.MarkNoticeToldPayloadResolver { return toldResolver{} }

func (toldResolver) Notice(ctx context.Context, p *notice.MarkNoticeToldPayload) (*delivery.Notice, error) {
	return maybe(ctx, noticeByID.in(load(ctx)), p.NoticeID)
}

type seenResultResolver struct{}

// SeenResult returns the resolver of SeenResult.
func (*Resolver) SeenResult() graph.SeenResultResolver { return seenResultResolver{} }

func (seenResultResolver) Notice(ctx context.Context, r *notice.SeenResult) (*delivery.Notice, error) {
	return of(ctx, noticeByID.in(load(ctx)), r, func(r *notice.SeenResult) *delivery.ID { return r.NoticeID })
}

type toldResultResolver struct{}

// ToldResult returns the resolver of ToldResult.
func (*Resolver) ToldResult() graph.ToldResultResolver { return toldResultResolver{} }

func (toldResultResolver) Household(ctx context.Context, r *notice.ToldResult) (*delivery.Household, error) {
	return of(ctx, householdByID.in(load(ctx)), r, func(r *notice.ToldResult) *delivery.ID { return r.HouseholdID })
}

type noticeResolver struct{ *Resolver }

// Notice returns the resolver of Notice.
func (r *Resolver) Notice() graph.NoticeResolver { return noticeResolver{r} }

func (noticeResolver) Buildings(ctx context.Context, n *delivery.Notice) ([]*delivery.Building, error) {
	ids := make([]delivery.ID, len(n.BuildingUUIDs))
	for i, b := range n.BuildingUUIDs {
		ids[i] = delivery.ID{Kind: delivery.KindBuilding, Community: n.CommunityID, UUID: b}
	}
	rows, errs := buildingByID.in(load(ctx)).LoadMany(ctx, ids)()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// Reach is how many households the notice has reached. It is nil outside the team.
func (noticeResolver) Reach(ctx context.Context, n *delivery.Notice) (*delivery.Reach, error) {
	if !sight(ctx).Team {
		return nil, nil
	}
	return &n.Reach, nil
}

// SeenAt is when the caller's household has seen the notice.
func (noticeResolver) SeenAt(ctx context.Context, n *delivery.Notice) (*time.Time, error) {
	if ActorFrom(ctx).Role != delivery.RoleResident {
		return nil, nil
	}
	r, err := get(ctx, seenByOwn.in(load(ctx)), n.ID())
	if r == nil || err != nil {
		return nil, err
	}
	return r.SeenAt, nil
}

// ClosureLevel is how strictly the community is closed now.
func (r communityResolver) ClosureLevel(ctx context.Context, c *delivery.Community) (*delivery.ClosureLevel, error) {
	l := load(ctx)
	now := r.now()
	closed, err := get(ctx, made(l, "closures", func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]*db.Closure, error) {
		rows, err := l.db.ClosuresOf(ctx, l.scope, ids, now)
		out := make(map[delivery.ID]*db.Closure, len(rows))
		for _, row := range rows {
			out[delivery.ID{Kind: delivery.KindCommunity, Community: row.CommunityID}] = row
		}
		return out, err
	}), c.ID())
	if closed == nil || err != nil {
		return nil, err
	}
	return &closed.Level, nil
}

func (r queryResolver) Notices(ctx context.Context, communityID delivery.ID, kinds []delivery.NoticeKind, inForce bool, first *int, after *string, last *int, before *string) (*graph.NoticeConnection, error) {
	rows, err := listed[graph.NoticeEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("notices", communityID, kinds, inForce),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Notice], error) {
			var at time.Time
			if inForce {
				at = r.now()
			}
			return r.DB.Notices(ctx, s, communityID.Community, kinds, at, p)
		})
	return (*graph.NoticeConnection)(rows), err
}

// Notices streams the notices in force that address the viewer, now and after each that is published.
func (r subscriptionResolver) Notices(ctx context.Context, communityID delivery.ID) (<-chan []*delivery.Notice, error) {
	return live.Subscribe[[]*delivery.Notice](ctx, func() (live.Flow, error) {
		if err := r.enter(ctx, communityID, "communityId"); err != nil {
			return nil, err
		}
		notices, err := watch(ctx, r.notices, ActorFrom(ctx), live.Target{Community: communityID.Community}, delivery.KindCommunity)
		return notices, missing(err, "communityId")
	})
}

// loadNotices reads the notices once for all their subscribers with one View: the households of a building share one.
func (r *Resolver) loadNotices(ctx context.Context, k live.StateKey) ([]*delivery.Notice, error) {
	return r.DB.NoticesInForce(ctx, k.Scope, k.Community, r.now())
}

// changesNotices reports whether the event may change the notices of the key.
func changesNotices(e *delivery.Event, k *live.StateKey) bool { return e.OfNotices(&k.Scope) }
