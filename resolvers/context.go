package resolvers

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/db"
	"baogong/delivery"
)

type (
	actorKey  struct{}
	localeKey struct{}
	loaderKey struct{}
	scopeKey  struct{}
)

type caller struct {
	delivery.Actor
	since time.Time // when the actor was read; machine time
}

// WithActor puts who calls into the context.
func WithActor(ctx context.Context, a delivery.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, caller{a, time.Now()})
}

// ActorFrom is who calls; nobody if the context does not say.
func ActorFrom(ctx context.Context) delivery.Actor {
	c, _ := ctx.Value(actorKey{}).(caller)
	return c.Actor
}

// WithLocale puts the reader's language into the context.
func WithLocale(ctx context.Context, l delivery.Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// LocaleFrom is the reader's language, English if the context does not say.
func LocaleFrom(ctx context.Context) delivery.Locale {
	if l, ok := ctx.Value(localeKey{}).(delivery.Locale); ok {
		return l
	}
	return delivery.English
}

// WithView puts into a context what a shared execution answers by: the scope of all its subscribers, and only where an
// answer depends on the person (Personal) who that is, from the context of one of them; else asker is nil.
func WithView(ctx context.Context, scope delivery.Scope, asker context.Context) context.Context {
	if asker != nil {
		c, _ := asker.Value(actorKey{}).(caller)
		ctx = context.WithValue(ctx, actorKey{}, c)
	}
	return context.WithValue(ctx, scopeKey{}, shared{scope, scope.Sight()})
}

type shared struct {
	scope delivery.Scope
	sight delivery.Sight
}

// sight is how much is shown of what is seen.
func sight(ctx context.Context) delivery.Sight {
	if s, ok := ctx.Value(scopeKey{}).(shared); ok {
		return s.sight
	}
	return load(ctx).sight
}

// Personal are the fields whose answer depends on the person and not only on the View.
var Personal = map[string]bool{"Order.allowedMoves": true, "Household.needs": true, "Household.reveals": true}

// signedIn is who calls, or UNAUTHENTICATED.
func signedIn(ctx context.Context) (delivery.Actor, error) {
	a := ActorFrom(ctx)
	switch {
	case a.SignedIn():
		return a, nil
	case a.Subject != "":
		return a, delivery.Refuse(delivery.ReasonNoAccount)
	}
	return a, delivery.Refuse(delivery.ReasonSignIn)
}

// stale is how old an actor may be when an operation starts. A WebSocket carries the actor of its first message.
const stale = time.Second

// AroundOperations reads the actor again if the connection is older than a moment, so that what somebody may do
// is judged by what they are now. Subscriptions are read again by the hub.
func (r *Resolver) AroundOperations(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	ctx = r.inTurn(ctx)
	c, _ := ctx.Value(actorKey{}).(caller)
	if !c.SignedIn() || time.Since(c.since) < stale || graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription {
		return next(ctx)
	}
	fresh, err := r.DB.UnscopedActor(db.OutOfTurn(ctx), c.Actor, r.now())
	if err != nil {
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			err = delivery.Refuse(delivery.ReasonSignIn)
		}
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{r.Present(ctx, err)}})
	}
	return next(WithActor(ctx, fresh))
}

// inTurn puts an operation's reads and transactions into the database's fair queue, under the row or account that signed in,
// else under the address. Subscriptions wait without a limit. A shared execution queues under its View.
func (r *Resolver) inTurn(ctx context.Context) context.Context {
	op := graphql.GetOperationContext(ctx).Operation.Operation
	a, stream := ActorFrom(ctx), op == ast.Subscription
	switch s, shared := ctx.Value(scopeKey{}).(shared); {
	case a.SignedIn():
		return db.InTurn(ctx, fmt.Sprint(a.Role, a.Community, a.UUID, a.Name), stream)
	case shared:
		return db.InTurn(ctx, fmt.Sprint(s.scope.View()), stream)
	}
	return db.InTurn(ctx, r.Caller(ctx).Address, stream)
}

// AroundResponses makes the loaders anew for every response when it is first needed, which in a subscription is after
// the wait for its event: rows and permission are those of then.
func (r *Resolver) AroundResponses(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	return next(context.WithValue(ctx, loaderKey{}, sync.OnceValue(func() *loaders {
		if s, ok := ctx.Value(scopeKey{}).(shared); ok {
			return newLoaders(r.DB, r.answered(ctx), s.scope)
		}
		a := r.answered(ctx)
		return newLoaders(r.DB, a, a.Scope())
	})))
}

// answered is whom a response is for: in a subscription, which may be older than what they are now, as read again:
// nobody if they are no more. If that cannot be read it is what they were; what the response shows was read for them
// already.
func (r *Resolver) answered(ctx context.Context) delivery.Actor {
	a := ActorFrom(ctx)
	if !a.SignedIn() || graphql.GetOperationContext(ctx).Operation.Operation != ast.Subscription {
		return a
	}
	fresh, err := r.DB.UnscopedActor(ctx, a, r.now())
	switch {
	case err == nil:
		return fresh
	case delivery.AsError(err) != nil:
		return delivery.Actor{}
	}
	return a
}
