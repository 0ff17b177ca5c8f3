package resolvers

import (
	"context"

	"baogong/graph"
)

type mutationResolver struct{ *Resolver }

// Mutation returns the resolver of Mutation.
func (r *Resolver) Mutation() graph.MutationResolver { return mutationResolver{r} }

// Payloads hold ids. The rows are read again under current permissions.

// together loads the rows of all results of a payload at once.
func together[P, R any](ctx context.Context, results func(P) []R) func(P, error) (P, error) {
	return func(p P, err error) (P, error) {
		if err == nil {
			relate(load(ctx), results(p))
		}
		return p, err
	}
}

type resultResolver struct{ *Resolver }
