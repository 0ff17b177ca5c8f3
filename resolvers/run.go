package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/transport"
	"baogong/graph"
	"baogong/live"
)

var (
	runByID    = noun(delivery.KindRun, (*db.DB).RunsByID)
	stopsOfRun = belonging((*db.DB).DropsOfRuns, (*delivery.Drop).RunID)
)

func (r queryResolver) Runs(ctx context.Context, communityID delivery.ID, open bool, first *int, after *string, last *int, before *string) (*graph.RunConnection, error) {
	rows, err := listed[graph.RunEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("runs", communityID, open),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Run], error) {
			return r.DB.Runs(ctx, s, communityID.Community, open, p)
		})
	return (*graph.RunConnection)(rows), err
}

func (r mutationResolver) StartRun(ctx context.Context, input transport.StartRunInput) (*transport.StartRunPayload, error) {
	return r.Verbs.Transport.StartRun(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) LoadRun(ctx context.Context, input transport.LoadRunInput) (*transport.LoadRunPayload, error) {
	return r.Verbs.Transport.LoadRun(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) DepartRun(ctx context.Context, input transport.DepartRunInput) (*transport.DepartRunPayload, error) {
	return r.Verbs.Transport.DepartRun(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) DropAtBuilding(ctx context.Context, input transport.DropAtBuildingInput) (*transport.DropAtBuildingPayload, error) {
	return r.Verbs.Transport.DropAtBuilding(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) AcceptDrop(ctx context.Context, input transport.AcceptDropInput) (*transport.AcceptDropPayload, error) {
	return r.Verbs.Transport.AcceptDrop(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) FinishRun(ctx context.Context, input transport.FinishRunInput) (*transport.FinishRunPayload, error) {
	return r.Verbs.Transport.FinishRun(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CancelRun(ctx context.Context, input transport.CancelRunInput) (*transport.CancelRunPayload, error) {
	return r.Verbs.Transport.CancelRun(ctx, ActorFrom(ctx), input)
}

// runOf resolves the run of a payload.
type runOf[P interface{ Ran() *delivery.ID }] struct{}

func (runOf[P]) Run(ctx context.Context, p P) (*delivery.Run, error) {
	return maybe(ctx, runByID.in(load(ctx)), p.Ran())
}

// StartRunPayload returns the resolver of StartRunPayload.
func (*Resolver) StartRunPayload() graph.StartRunPayloadResolver {
	return runOf[*transport.StartRunPayload]{}
}

// LoadRunPayload returns the resolver of LoadRunPayload.
func (*Resolver) LoadRunPayload() graph.LoadRunPayloadResolver {
	return runOf[*transport.LoadRunPayload]{}
}

// DepartRunPayload returns the resolver of DepartRunPayload.
func (*Resolver) DepartRunPayload() graph.DepartRunPayloadResolver {
	return runOf[*transport.DepartRunPayload]{}
}

// DropAtBuildingPayload returns the resolver of DropAtBuildingPayload.
func (*Resolver) DropAtBuildingPayload() graph.DropAtBuildingPayloadResolver {
	return runOf[*transport.DropAtBuildingPayload]{}
}

// AcceptDropPayload returns the resolver of AcceptDropPayload.
func (*Resolver) AcceptDropPayload() graph.AcceptDropPayloadResolver {
	return runOf[*transport.AcceptDropPayload]{}
}

// FinishRunPayload returns the resolver of FinishRunPayload.
func (*Resolver) FinishRunPayload() graph.FinishRunPayloadResolver {
	return runOf[*transport.FinishRunPayload]{}
}

// CancelRunPayload returns the resolver of CancelRunPayload.
func (*Resolver) CancelRunPayload() graph.CancelRunPayloadResolver {
	return runOf[*transport.CancelRunPayload]{}
}

type runResolver struct{ *Resolver }

// Run returns the resolver of Run.
func (r *Resolver) Run() graph.RunResolver { return runResolver{r} }

func (runResolver) Volunteer(ctx context.Context, r *delivery.Run) (*delivery.Volunteer, error) {
	return get(ctx, volunteerByID.in(load(ctx)), *refOf(delivery.KindVolunteer, r.CommunityID, &r.VolunteerUUID))
}

func (runResolver) Stops(ctx context.Context, r *delivery.Run) ([]*delivery.Drop, error) {
	return of(ctx, stopsOfRun.in(load(ctx)), r, by((*delivery.Run).ID))
}

// Drop returns the resolver of Drop.
func (r *Resolver) Drop() graph.DropResolver { return dropResolver{r} }

type dropResolver struct{ *Resolver }

func (dropResolver) Building(ctx context.Context, d *delivery.Drop) (*delivery.Building, error) {
	return get(ctx, buildingByID.in(load(ctx)), d.BuildingID())
}

// DropResult returns the resolver of DropResult.
func (r *Resolver) DropResult() graph.DropResultResolver { return dropResultResolver{r} }

type dropResultResolver struct{ *Resolver }

func (dropResultResolver) Order(ctx context.Context, d *transport.DropResult) (*delivery.Order, error) {
	return get(ctx, orderByID.in(load(ctx)), d.OrderID)
}

func (r boardResolver) Runs(ctx context.Context, b *delivery.Board) ([]*delivery.Run, error) {
	l := load(ctx)
	if !l.sight.Team {
		return []*delivery.Run{}, nil
	}
	rows, err := r.DB.OpenRuns(ctx, l.scope, b.CommunityID)
	relate(l, rows)
	return rows, err
}

type readyResolver struct{ *Resolver }

// ReadyBin returns the resolver of ReadyBin.
func (r *Resolver) ReadyBin() graph.ReadyBinResolver { return readyResolver{r} }

func (readyResolver) Bin(ctx context.Context, b *delivery.ReadyBin) (*delivery.Bin, error) {
	return get(ctx, binByID.in(load(ctx)), b.BinID())
}

// ReadyBuildings streams the bins that a cart can be loaded from, now and after changes.
func (r subscriptionResolver) ReadyBuildings(ctx context.Context, communityID delivery.ID) (<-chan []*delivery.ReadyBin, error) {
	return live.Subscribe[[]*delivery.ReadyBin](ctx, func() (live.Flow, error) {
		if _, err := r.inTeam(ctx, communityID); err != nil {
			return nil, err
		}
		ready, err := watch(ctx, r.ready, ActorFrom(ctx), live.Target{Community: communityID.Community}, delivery.KindCommunity)
		return ready, missing(err, "communityId")
	})
}

// loadReady reads the bins once for all their subscribers with one View.
func (r *Resolver) loadReady(ctx context.Context, k live.StateKey) ([]*delivery.ReadyBin, error) {
	rows, err := r.DB.ReadyBins(ctx, k.Scope, k.Community)
	return rows, missing(err, "communityId")
}

// changesReady reports whether the event may change the bins that can be loaded.
func changesReady(e *delivery.Event, k *live.StateKey) bool {
	return e.OfBins() && e.MayChange(&k.Scope)
}
