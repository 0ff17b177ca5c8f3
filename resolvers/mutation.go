package resolvers

import (
	"context"
)

type mutationResolver struct{ *Resolver }

// The payloads hold ids; the rows are read again, under the permission of now.

// together has what all results of a payload name read at once.
func together[P, R any](ctx context.Context, results func(P) []R) func(P, error) (P, error) {
	return func(p P, err error) (P, error) {
		if err == nil {
			relate(load(ctx), results(p))
		}
		return p, err
	}
}

type resultResolver struct{ *Resolver }
