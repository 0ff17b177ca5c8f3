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

type requestActor struct {
	delivery.Actor
	since time.Time // when the actor was read; machine time
}

// WithActor returns a context with the caller.
func WithActor(ctx context.Context, a delivery.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, requestActor{a, time.Now()})
}

// ActorFrom returns the context's caller, or the zero Actor if there is none.
func ActorFrom(ctx context.Context) delivery.Actor {
	c, _ := ctx.Value(actorKey{}).(requestActor)
	return c.Actor
}

// WithLocale returns a context with the caller's language.
func WithLocale(ctx context.Context, l delivery.Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// LocaleFrom returns the context's language, or English if there is none.
func LocaleFrom(ctx context.Context) delivery.Locale {
	if l, ok := ctx.Value(localeKey{}).(delivery.Locale); ok {
		return l
	}
	return delivery.English
}

// WithView returns a context for a shared execution, with the scope of all its subscribers. If an answer depends on the
// person (PerViewerFields), asker is the context of that subscriber; else asker is nil.
func WithView(ctx, asker context.Context, scope delivery.Scope) context.Context {
	if asker != nil {
		c, _ := asker.Value(actorKey{}).(requestActor)
		ctx = context.WithValue(ctx, actorKey{}, c)
	}
	return context.WithValue(ctx, scopeKey{}, sharedView{scope, scope.Sight()})
}

type sharedView struct {
	scope delivery.Scope
	sight delivery.Sight
}

// sight returns how much of a row in scope is shown.
func sight(ctx context.Context) delivery.Sight {
	if s, ok := ctx.Value(scopeKey{}).(sharedView); ok {
		return s.sight
	}
	return load(ctx).sight
}

// PerViewerFields lists the fields whose answer depends on the person, not only on the View.
var PerViewerFields = map[string]bool{"Order.allowedMoves": true, "Order.doorCode": true, "Order.purse": true, "Notice.seenAt": true, "Household.needs": true, "Enquiry.phone": true, "Enquiry.text": true, "Enquiry.answer": true, "Household.reveals": true}

// signedIn returns the caller. It fails with UNAUTHENTICATED if the caller is not signed in.
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

// stale is the greatest age of an actor when an operation starts. A WebSocket keeps the actor of its first message.
const stale = time.Second

// AroundOperations reads the actor again if it is older than stale, so that current permissions apply. The hub reads the
// actors of subscriptions again.
func (r *Resolver) AroundOperations(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	ctx = r.inTurn(ctx)
	c, _ := ctx.Value(actorKey{}).(requestActor)
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
	switch s, shared := ctx.Value(scopeKey{}).(sharedView); {
	case a.SignedIn():
		return db.InTurn(ctx, fmt.Sprint(a.Role, a.Community, a.UUID, a.Name), stream)
	case shared:
		return db.InTurn(ctx, fmt.Sprint(s.scope.View()), stream)
	}
	return db.InTurn(ctx, r.Caller(ctx).Address, stream)
}

// AroundResponses makes new loaders for every response, at their first use. In a subscription that is after the wait for its
// event, so rows and permissions are current.
func (r *Resolver) AroundResponses(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	return next(context.WithValue(ctx, loaderKey{}, sync.OnceValue(func() *loaders {
		if s, ok := ctx.Value(scopeKey{}).(sharedView); ok {
			return newLoaders(r.DB, r.answered(ctx), s.scope)
		}
		a := r.answered(ctx)
		return newLoaders(r.DB, a, a.Scope())
	})))
}

// answered returns the actor whom a response is for. In a subscription it is read again, and is the zero Actor if it no
// longer exists. If the read fails it is the old actor: the rows of the response were already read for them.
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
