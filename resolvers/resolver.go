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
	"baogong/dispatch/access"
	"baogong/dispatch/verbs"
	"baogong/graph"
	"baogong/live"
)

// Options are the parts that the resolvers call. Every field but Root is required.
type Options struct {
	DB    *db.DB
	Verbs *verbs.All
	Hub   *live.Hub
	Keys  *delivery.Keyring
	Log   *slog.Logger
	// LastEventID returns the cursor of a reconnecting event stream's Last-Event-ID, or "".
	LastEventID func(context.Context) string
	// Caller returns the edge's data about the caller who signs in.
	Caller func(context.Context) access.Requester
	// Extend extends the connection of a context until the instant, because its token was replaced.
	Extend func(ctx context.Context, until time.Time)
	// PublicURL is the server's address for people. The URLs of codes and links begin with it.
	PublicURL string
	// Root is the path of PublicURL, without a final slash. The paths of photos begin with it.
	Root string
	// RateLimit returns the caller's budget when the operation began, or nil if cost is not limited.
	RateLimit func(context.Context) *delivery.RateLimit
}

// Resolver is the root of all resolvers.
type Resolver struct {
	Options
	orders  *live.States[*delivery.Order]
	boards  *live.States[*delivery.Board]
	sorting *live.States[*delivery.SortingProgress]

	arrivals *live.States[[]*delivery.Arrival]
	alerts   *live.States[[]*delivery.Incident]
	ready    *live.States[[]*delivery.ReadyBin]
	mine     *live.States[*delivery.MyRound]
	windows  *live.States[*delivery.OrderWindow]
	tasks    *live.States[[]*delivery.Task]
	queues   *live.States[*delivery.CallQueue]
	notices  *live.States[[]*delivery.Notice]
	plans    *live.States[*delivery.PlanAgainstActual]

	paces     paces
	cityPlans *loader[int32, *delivery.DayPlan]

	rehearsing chan struct{} // holds the turn of the rehearsal that runs
}

// New makes the resolvers.
func New(o Options) *Resolver {
	r := &Resolver{Options: o, rehearsing: o.Verbs.Plan.Asked}
	r.orders = live.NewStates(o.Hub, live.MayChange, r.loadOrder)
	r.boards = live.NewStates(o.Hub, live.MayChange, r.loadBoard)
	r.sorting = live.NewStates(o.Hub, live.MayChange, r.loadSortingProgress)
	r.arrivals = live.NewStates(o.Hub, changesArrivals, r.loadArrivals)
	r.alerts = live.NewStatesBy(o.Hub, delivery.Actor.AlertScope, live.ChangesAlerts, r.loadAlerts)
	r.ready = live.NewStates(o.Hub, changesReady, r.loadReady)
	r.mine = live.NewStates(o.Hub, changesMine, r.loadMine)
	r.notices = live.NewStatesBy(o.Hub, delivery.Actor.NoticeScope, changesNotices, r.loadNotices)
	r.cityPlans = readCityPlans(r.now)
	r.plans = live.NewStates(o.Hub, changesPlan, r.loadPlan)
	r.tasks = live.NewStates(o.Hub, changesTasks, r.loadTasks)
	r.queues = live.NewStates(o.Hub, changesQueue, r.loadQueue)
	r.windows = live.NewStatesBy(o.Hub, delivery.Actor.WindowScope, changesWindow, r.loadWindow)
	return r
}

// Schema is the executable schema.
func (r *Resolver) Schema() graphql.ExecutableSchema {
	return graph.NewExecutableSchema(graph.Config{Resolvers: r})
}

// WithActor calls the function WithActor, for the edge.
func (*Resolver) WithActor(ctx context.Context, a delivery.Actor) context.Context {
	return WithActor(ctx, a)
}

// WithLocale calls the function WithLocale, for the edge.
func (*Resolver) WithLocale(ctx context.Context, l delivery.Locale) context.Context {
	return WithLocale(ctx, l)
}

// WithView calls the function WithView, for the edge.
func (*Resolver) WithView(ctx, asker context.Context, scope delivery.Scope) context.Context {
	return WithView(ctx, asker, scope)
}

func (r *Resolver) now() time.Time { return r.Verbs.Now() }
