package resolvers

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/gate"
	"baogong/graph"
	"baogong/live"
)

var (
	arrivalByID = noun(delivery.KindArrival, (*db.DB).ArrivalsByID)
	strayByID   = noun(delivery.KindStray, (*db.DB).StraysByID)
)

// arrivalOfOrder loads the arrival of an order.
var arrivalOfOrder = &loader[delivery.ID, *delivery.Arrival]{func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]*delivery.Arrival, error) {
	rows, err := l.db.ArrivalsOfOrders(ctx, l.scope, ids)
	out := make(map[delivery.ID]*delivery.Arrival, len(rows))
	arrivals := make([]*delivery.Arrival, len(rows))
	for i, r := range rows {
		arrivals[i] = &r.Arrival
		out[delivery.ID{Kind: delivery.KindOrder, Community: r.CommunityID, UUID: r.OrderUUID}] = arrivals[i]
	}
	relate(l, arrivals)
	return out, err
}}

// holdsOfArrivals loads the holds on arrivals that stand on an order.
var holdsOfArrivals = &loader[delivery.ID, []*delivery.Hold]{func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID][]*delivery.Hold, error) {
	rows, err := l.db.ArrivalHoldsOf(ctx, l.scope, ids)
	out := make(map[delivery.ID][]*delivery.Hold, len(rows))
	for _, r := range rows {
		id := delivery.ID{Kind: delivery.KindOrder, Community: r.CommunityID, UUID: r.OrderUUID}
		out[id] = append(out[id], &r.Hold)
	}
	return out, err
}}

func (r mutationResolver) AnnounceArrival(ctx context.Context, input gate.AnnounceArrivalInput) (*gate.AnnounceArrivalPayload, error) {
	return together(ctx, func(p *gate.AnnounceArrivalPayload) []*gate.ArrivalOrderResult { return p.Results })(r.Verbs.Gate.AnnounceArrival(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) Arrive(ctx context.Context, input gate.ArriveInput) (*gate.ArrivalPayload, error) {
	return r.Verbs.Gate.Arrive(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CancelArrival(ctx context.Context, input gate.CancelArrivalInput) (*gate.ArrivalPayload, error) {
	return r.Verbs.Gate.CancelArrival(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ReceiveArrival(ctx context.Context, input gate.ReceiveArrivalInput) (*gate.ReceiveArrivalPayload, error) {
	return together(ctx, func(p *gate.ReceiveArrivalPayload) []*gate.ArrivalOrderResult { return p.Results })(r.Verbs.Gate.ReceiveArrival(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) LogStrays(ctx context.Context, input gate.LogStraysInput) (*gate.StraysPayload, error) {
	return together(ctx, func(p *gate.StraysPayload) []*gate.StrayResult { return p.Results })(r.Verbs.Gate.LogStrays(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) CloseStrays(ctx context.Context, input gate.CloseStraysInput) (*gate.StraysPayload, error) {
	return together(ctx, func(p *gate.StraysPayload) []*gate.StrayResult { return p.Results })(r.Verbs.Gate.CloseStrays(ctx, ActorFrom(ctx), input))
}

type arrivalPayloadResolver struct{ *Resolver }

// ArrivalPayload returns the resolver of ArrivalPayload.
func (r *Resolver) ArrivalPayload() graph.ArrivalPayloadResolver { return arrivalPayloadResolver{r} }

func (arrivalPayloadResolver) Arrival(ctx context.Context, p *gate.ArrivalPayload) (*delivery.Arrival, error) {
	return maybe(ctx, arrivalByID.in(load(ctx)), p.ArrivalID)
}

type announcedResolver struct{ *Resolver }

// AnnounceArrivalPayload returns the resolver of AnnounceArrivalPayload.
func (r *Resolver) AnnounceArrivalPayload() graph.AnnounceArrivalPayloadResolver {
	return announcedResolver{r}
}

func (announcedResolver) Arrival(ctx context.Context, p *gate.AnnounceArrivalPayload) (*delivery.Arrival, error) {
	return maybe(ctx, arrivalByID.in(load(ctx)), p.ArrivalID)
}

type receivedResolver struct{ *Resolver }

// ReceiveArrivalPayload returns the resolver of ReceiveArrivalPayload.
func (r *Resolver) ReceiveArrivalPayload() graph.ReceiveArrivalPayloadResolver {
	return receivedResolver{r}
}

func (receivedResolver) Arrival(ctx context.Context, p *gate.ReceiveArrivalPayload) (*delivery.Arrival, error) {
	return maybe(ctx, arrivalByID.in(load(ctx)), p.ArrivalID)
}

type arrivalOrderResultResolver struct{ *Resolver }

// ArrivalOrderResult returns the resolver of ArrivalOrderResult.
func (r *Resolver) ArrivalOrderResult() graph.ArrivalOrderResultResolver {
	return arrivalOrderResultResolver{r}
}

func (arrivalOrderResultResolver) Order(ctx context.Context, p *gate.ArrivalOrderResult) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), p, func(p *gate.ArrivalOrderResult) *delivery.ID { return p.OrderID })
}

// StrayResult returns the resolver of StrayResult.
func (r *Resolver) StrayResult() graph.StrayResultResolver { return resultResolver{r} }

func (resultResolver) Stray(ctx context.Context, p *gate.StrayResult) (*delivery.Stray, error) {
	return of(ctx, strayByID.in(load(ctx)), p, func(p *gate.StrayResult) *delivery.ID { return p.StrayID })
}

type arrivalResolver struct{ *Resolver }

// Arrival returns the resolver of Arrival.
func (r *Resolver) Arrival() graph.ArrivalResolver { return arrivalResolver{r} }

func (arrivalResolver) Supplier(ctx context.Context, a *delivery.Arrival) (*delivery.Supplier, error) {
	return of(ctx, supplierByID.in(load(ctx)), a, by((*delivery.Arrival).SupplierID))
}

type arrivalOrderResolver struct{ *Resolver }

// ArrivalOrder returns the resolver of ArrivalOrder.
func (r *Resolver) ArrivalOrder() graph.ArrivalOrderResolver { return arrivalOrderResolver{r} }

func (arrivalOrderResolver) Order(ctx context.Context, o *delivery.ArrivalOrder) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), o, by((*delivery.ArrivalOrder).OrderID))
}

type strayResolver struct{ *Resolver }

// Stray returns the resolver of Stray.
func (r *Resolver) Stray() graph.StrayResolver { return strayResolver{r} }

func (strayResolver) Arrival(ctx context.Context, s *delivery.Stray) (*delivery.Arrival, error) {
	return of(ctx, arrivalByID.in(load(ctx)), s, (*delivery.Stray).ArrivalID)
}

func (r strayResolver) PhotoURL(_ context.Context, s *delivery.Stray) (*string, error) {
	return r.photoURL(s.CommunityID, s.FileUUID), nil
}

func (strayResolver) Order(ctx context.Context, s *delivery.Stray) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), s, (*delivery.Stray).OrderID)
}

// Arrival is the order's arrival. It is null for residents and viewers who follow a link.
func (orderResolver) Arrival(ctx context.Context, o *delivery.Order) (*delivery.Arrival, error) {
	if !sight(ctx).Arrivals {
		return nil, nil
	}
	return of(ctx, arrivalOfOrder.in(load(ctx)), o, by((*delivery.Order).ID))
}

func (holdResolver) ArrivalID(ctx context.Context, h *delivery.Hold) (*delivery.ID, error) {
	if !sight(ctx).Team {
		return nil, nil
	}
	return h.ArrivalID(), nil
}

func (r boardResolver) Arrivals(ctx context.Context, b *delivery.Board) ([]*delivery.Arrival, error) {
	l := load(ctx)
	if !l.sight.Arrivals {
		return []*delivery.Arrival{}, nil
	}
	rows, err := r.readArrivals(ctx, l.scope, b.CommunityID, "")
	relate(l, rows)
	return rows, err
}

func (r queryResolver) Arrivals(ctx context.Context, communityID delivery.ID, day *string) ([]*delivery.Arrival, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	of := ""
	if day != nil {
		if of = *day; of == "" {
			return nil, delivery.Refuse(delivery.ReasonBadValue).At("day")
		}
	}
	rows, err := r.readArrivals(ctx, ActorFrom(ctx).Scope(), communityID.Community, of)
	relate(load(ctx), rows)
	return rows, missing(err, "communityId")
}

// readArrivals reads the arrivals of a day, or of today and the open ones of earlier days if the day is empty.
func (r *Resolver) readArrivals(ctx context.Context, scope delivery.Scope, community int32, day string) ([]*delivery.Arrival, error) {
	c, err := there(single(r.DB.CommunitiesByID(ctx, scope, []delivery.ID{{Kind: delivery.KindCommunity, Community: community}})))(delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	now := r.now().Truncate(time.Microsecond)
	from, until := c.Today(now)
	if day != "" {
		var refusal *delivery.Error
		if from, until, refusal = c.DayOf(day); refusal != nil {
			return nil, refusal.At("day")
		}
	}
	return r.DB.Arrivals(ctx, scope, community, from, until, day == "")
}

func (r queryResolver) ArrivalList(ctx context.Context, arrivalID delivery.ID) ([]*delivery.ArrivalOrder, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if refusal := ofKind(arrivalID, delivery.KindArrival); refusal != nil {
		return nil, refusal.At("arrivalId")
	}
	if _, err := there(single(r.DB.ArrivalsByID(ctx, a.Scope(), []delivery.ID{arrivalID})))(delivery.KindArrival); err != nil {
		return nil, missing(err, "arrivalId")
	}
	rows, err := r.DB.OrdersOfArrivals(ctx, a.Scope(), []delivery.ID{arrivalID})
	relate(load(ctx), rows)
	return rows, err
}

func (r queryResolver) Strays(ctx context.Context, communityID delivery.ID, states []delivery.StrayState) ([]*delivery.Stray, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	rows, err := r.DB.Strays(ctx, ActorFrom(ctx).Scope(), communityID.Community, states)
	relate(load(ctx), rows)
	return rows, err
}

// Arrivals streams today's arrivals, now and after changes.
func (r subscriptionResolver) Arrivals(ctx context.Context, communityID delivery.ID) (<-chan []*delivery.Arrival, error) {
	return live.Subscribe[[]*delivery.Arrival](ctx, func() (live.Flow, error) {
		if err := r.enter(ctx, communityID, "communityId"); err != nil {
			return nil, err
		}
		arrivals, err := watch(ctx, r.arrivals, ActorFrom(ctx), live.Target{Community: communityID.Community}, delivery.KindCommunity)
		return arrivals, missing(err, "communityId")
	})
}

// loadArrivals reads today's arrivals once for all subscribers with one View.
func (r *Resolver) loadArrivals(ctx context.Context, k live.StateKey) ([]*delivery.Arrival, error) {
	rows, err := r.readArrivals(ctx, k.Scope, k.Community, "")
	return rows, missing(err, "communityId")
}

// changesArrivals reports whether the event may change today's arrivals: those of arrivals and of their orders, and a new day.
func changesArrivals(e *delivery.Event, k *live.StateKey) bool {
	return e.OfArrivals() && e.MayChange(&k.Scope)
}
