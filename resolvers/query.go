package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/graph"
)

type queryResolver struct{ *Resolver }

// Query returns the resolver of Query.
func (r *Resolver) Query() graph.QueryResolver { return queryResolver{r} }

// enter refuses callers who are not signed in or do not belong to the community of the argument.
func (r *Resolver) enter(ctx context.Context, community delivery.ID, argument ...string) error {
	a, err := signedIn(ctx)
	if err != nil {
		return err
	}
	return inCommunity(a, community, argument...)
}

// list returns the page of a community's list and the caller's scope. It refuses as enter and page do.
func (r *Resolver) list(ctx context.Context, community delivery.ID, args paging, bound string) (db.Range, delivery.Scope, error) {
	if err := r.enter(ctx, community, "communityId"); err != nil {
		return db.Range{}, delivery.Scope{}, err
	}
	p, err := r.page(ctx, args, bound)
	return p, ActorFrom(ctx).Scope(), err
}

// there returns a function that refuses a nil row with NOT_FOUND.
func there[T any](row *T, err error) func(delivery.Kind) (*T, error) {
	return func(k delivery.Kind) (*T, error) {
		if row == nil && err == nil {
			return nil, delivery.Refuse(delivery.ReasonNoSuch, k.String())
		}
		return row, err
	}
}

func single[T any](rows []*T, err error) (*T, error) {
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}
