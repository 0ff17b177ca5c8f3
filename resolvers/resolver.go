// Package resolvers translates between GraphQL and the verbs and reads: thin methods by noun, loaders made fresh for
// every response, and the one place where errors are presented.
package resolvers

import (
	"context"
	"log/slog"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/graph"
	"baogong/live"
)

// Options is what the resolvers translate to. Every field is needed.
type Options struct {
	DB       *db.DB
	Dispatch *dispatch.Dispatch
	Hub      *live.Hub
	Keys     *delivery.Keyring
	Log      *slog.Logger
	// LastEventID is the cursor that a reconnecting event stream named outside its variables, empty if none.
	LastEventID func(context.Context) string
	// Caller is what the edge knows of whoever signs in.
	Caller func(context.Context) dispatch.Caller
	// Extend lets the connection of a context go on until the instant, because its token was replaced.
	Extend func(ctx context.Context, until time.Time)
	// PublicURL is where people reach the server, without a path; codes and links are printed with it.
	PublicURL string
	// RateLimit is where the caller stood when the operation began, nil where nothing is limited.
	RateLimit func(context.Context) *delivery.RateLimit
}

// Resolver is the root of all resolvers.
type Resolver struct {
	Options
	orders *live.Watch[*delivery.Order]
	boards *live.Watch[*delivery.Board]
}

// New makes the resolvers.
func New(o Options) *Resolver {
	r := &Resolver{Options: o}
	r.orders = live.NewWatch(o.Hub, r.loadOrder)
	r.boards = live.NewWatch(o.Hub, r.loadBoard)
	return r
}

// Schema is the executable schema.
func (r *Resolver) Schema() graphql.ExecutableSchema {
	return graph.NewExecutableSchema(graph.Config{Resolvers: r})
}

// WithActor is the function of that name, for the edge.
func (*Resolver) WithActor(ctx context.Context, a delivery.Actor) context.Context {
	return WithActor(ctx, a)
}

// WithLocale is the function of that name, for the edge.
func (*Resolver) WithLocale(ctx context.Context, l delivery.Locale) context.Context {
	return WithLocale(ctx, l)
}

// WithView is the function of that name, for the edge.
func (*Resolver) WithView(ctx context.Context, scope delivery.Scope, asker context.Context) context.Context {
	return WithView(ctx, scope, asker)
}

func (r *Resolver) now() time.Time { return r.Dispatch.Now() }

// Actor and the rest are the resolvers by type.
func (r *Resolver) Actor() graph.ActorResolver                         { return actorResolver{} }
func (r *Resolver) Board() graph.BoardResolver                         { return boardResolver{r} }
func (r *Resolver) BoardBuilding() graph.BoardBuildingResolver         { return boardResolver{r} }
func (r *Resolver) Building() graph.BuildingResolver                   { return buildingResolver{r} }
func (r *Resolver) BuildingResult() graph.BuildingResultResolver       { return resultResolver{r} }
func (r *Resolver) CodeResult() graph.CodeResultResolver               { return codeResultResolver{r} }
func (r *Resolver) CommunityResult() graph.CommunityResultResolver     { return resultResolver{r} }
func (r *Resolver) Hold() graph.HoldResolver                           { return holdResolver{r} }
func (r *Resolver) HoldResult() graph.HoldResultResolver               { return resultResolver{r} }
func (r *Resolver) Household() graph.HouseholdResolver                 { return householdResolver{r} }
func (r *Resolver) HouseholdResult() graph.HouseholdResultResolver     { return resultResolver{r} }
func (r *Resolver) MoveResult() graph.MoveResultResolver               { return moveResultResolver{r} }
func (r *Resolver) Mutation() graph.MutationResolver                   { return mutationResolver{r} }
func (r *Resolver) Order() graph.OrderResolver                         { return orderResolver{r} }
func (r *Resolver) OrderEvent() graph.OrderEventResolver               { return eventResolver{r} }
func (r *Resolver) PlaceOrderPayload() graph.PlaceOrderPayloadResolver { return placedResolver{r} }
func (r *Resolver) Query() graph.QueryResolver                         { return queryResolver{r} }
func (r *Resolver) Reveal() graph.RevealResolver                       { return revealResolver{r} }
func (r *Resolver) Service() graph.ServiceResolver                     { return serviceResolver{r} }
func (r *Resolver) Subscription() graph.SubscriptionResolver           { return subscriptionResolver{r} }
func (r *Resolver) SupplierResult() graph.SupplierResultResolver       { return resultResolver{r} }
func (r *Resolver) Unit() graph.UnitResolver                           { return unitResolver{r} }
func (r *Resolver) UnitResult() graph.UnitResultResolver               { return resultResolver{r} }
func (r *Resolver) UserError() graph.UserErrorResolver                 { return userErrorResolver{} }
func (r *Resolver) Viewer() graph.ViewerResolver                       { return viewerResolver{r} }
func (r *Resolver) Volunteer() graph.VolunteerResolver                 { return volunteerResolver{r} }
func (r *Resolver) VolunteerResult() graph.VolunteerResultResolver     { return resultResolver{r} }
