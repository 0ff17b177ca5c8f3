package resolvers

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/db"
	"baogong/delivery"
	"baogong/graph"
)

// Present returns the error that the client may see: a refusal in the caller's language with its code, or an error of the
// document or of a value in it. Every other error is logged here, once, and becomes INTERNAL.
func (r *Resolver) Present(ctx context.Context, err error) *gqlerror.Error {
	at := graphql.GetPath(ctx)
	var out *gqlerror.Error // gqlgen wraps every error
	if !errors.As(err, &out) {
		out = &gqlerror.Error{Path: at}
	}
	refusal := delivery.AsError(err)
	switch {
	case refusal != nil:
	case out.Extensions["code"] != nil: // gqlgen's own, about the document
		return out
	case len(out.Path) > len(at): // below the resolved field: a value of its arguments
		refusal = delivery.Refuse(delivery.ReasonBadValue)
	case errors.Is(ctx.Err(), context.Canceled) && db.Unavailable(err): // the caller has gone, which cancelled the reads
		refusal = delivery.Refuse(delivery.ReasonUnavailable)
	case db.Ended(err): // the server stops
		r.Log.DebugContext(ctx, "ended", "err", err, "path", out.Path.String())
		refusal = delivery.Refuse(delivery.ReasonUnavailable)
	case db.Unavailable(err):
		r.Log.WarnContext(ctx, "unavailable", "err", err, "path", out.Path.String())
		refusal = delivery.Refuse(delivery.ReasonUnavailable)
	default:
		r.Log.ErrorContext(ctx, "fault", "err", err, "path", out.Path.String())
		refusal = delivery.Refuse(delivery.ReasonInternal)
	}
	extensions := map[string]any{"code": refusal.Code(), "reason": refusal.Reason}
	switch {
	case len(refusal.Field) > 0:
		extensions["field"] = refusal.Field
	case len(out.Path) > len(at):
		extensions["field"] = argument(out.Path[len(at):])
	}
	if refusal.Reason == delivery.ReasonTooFast && len(refusal.Args) == 1 {
		extensions["retryAfterSeconds"] = refusal.Args[0]
	}
	return &gqlerror.Error{Message: refusal.Message(LocaleFrom(ctx)), Path: out.Path, Locations: out.Locations, Extensions: extensions}
}

// argument returns the path of a value below a resolved field as refusals carry it: argument, members, and indexes as text.
func argument(path ast.Path) []string {
	out := make([]string, len(path))
	for i, step := range path {
		out[i] = fmt.Sprint(step)
	}
	return out
}

// about adds the argument's path to a refusal that has none. It returns other errors unchanged.
func about(err error, argument ...string) error {
	if refusal := delivery.AsError(err); refusal != nil && len(refusal.Field) == 0 {
		return refusal.At(argument...)
	}
	return err
}

// missing adds the argument's path to NOT_FOUND. It returns other errors unchanged.
func missing(err error, argument ...string) error {
	if delivery.CodeOf(err) == delivery.CodeNotFound {
		return about(err, argument...)
	}
	return err
}

// Recover logs a panic and returns INTERNAL.
func (r *Resolver) Recover(ctx context.Context, panicked any) error {
	r.Log.ErrorContext(ctx, "panic", "panic", panicked, "stack", string(debug.Stack()))
	return delivery.Refuse(delivery.ReasonInternal)
}

// actorResolver resolves the actor of a change, in fields, events and refusals.
type actorResolver struct{}

// Actor returns the resolver of Actor.
func (*Resolver) Actor() graph.ActorResolver { return actorResolver{} }

func (actorResolver) ID(ctx context.Context, by *delivery.Ref) (*delivery.ID, error) {
	return sight(ctx).Doer(by), nil
}

type userErrorResolver struct{}

// UserError returns the resolver of UserError.
func (*Resolver) UserError() graph.UserErrorResolver { return userErrorResolver{} }

func (userErrorResolver) Message(ctx context.Context, e *delivery.Error) (string, error) {
	return e.Message(LocaleFrom(ctx)), nil
}

func (userErrorResolver) Reason(_ context.Context, e *delivery.Error) (string, error) {
	return e.Reason.String(), nil
}
