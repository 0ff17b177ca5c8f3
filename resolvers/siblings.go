package resolvers

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/delivery"
)

// siblings is the rows of one page. If a field loads a related row for one of them, it needs the same for all. So the first
// request loads them for all rows in one statement, even if a busy machine delays the requests of the other rows.
type siblings[P any] struct {
	rows []P

	mu    sync.Mutex
	asked map[siblingsKey]bool
}

type siblingsKey struct {
	field  *ast.Field
	loader any
}

// relate records the rows as siblings.
func relate[P any](l *loaders, rows []P) {
	k := &siblings[P]{rows: rows, asked: map[siblingsKey]bool{}}
	for _, r := range rows {
		l.siblings.Store(r, k)
	}
}

// want starts to load the current field's related rows for the row and its siblings, without waiting.
func want[P, V any](ctx context.Context, l *dataloader.Loader[delivery.ID, V], row P, ids func(P) []*delivery.ID) {
	related, ok := load(ctx).siblings.Load(row)
	if !ok {
		return
	}
	k, q := related.(*siblings[P]), siblingsKey{graphql.GetFieldContext(ctx).Field.Field, l}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.asked[q] {
		return
	}
	k.asked[q] = true
	for _, r := range k.rows {
		for _, id := range ids(r) {
			if id != nil {
				l.Load(ctx, *id)
			}
		}
	}
}

// of waits for the current field's related row, by the id that key returns. If the id is nil it returns the zero value.
func of[P, V any](ctx context.Context, l *dataloader.Loader[delivery.ID, V], row P, key func(P) *delivery.ID) (none V, err error) {
	want(ctx, l, row, func(r P) []*delivery.ID { return []*delivery.ID{key(r)} })
	id := key(row)
	if id == nil {
		return none, nil
	}
	return get(ctx, l, *id)
}

// by returns a key of a method that never returns nil.
func by[P any](id func(P) delivery.ID) func(P) *delivery.ID {
	return func(r P) *delivery.ID {
		i := id(r)
		return &i
	}
}
