package resolvers

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/delivery"
)

// kin is rows that were read together. What a field needs for one of them it needs for all, so the first to ask asks
// for all: one statement for a page of any length, however late a busy machine lets the others ask.
type kin[P any] struct {
	rows []P

	mu    sync.Mutex
	asked map[question]bool
}

type question struct {
	field  *ast.Field
	loader any
}

// relate notes that the rows were read together.
func relate[P any](l *loaders, rows []P) {
	k := &kin[P]{rows: rows, asked: map[question]bool{}}
	for _, r := range rows {
		l.kin.Store(r, k)
	}
}

// want has the loader read what the current field needs for the row and its kin, without waiting for it.
func want[P, V any](ctx context.Context, l *dataloader.Loader[delivery.ID, V], row P, ids func(P) []*delivery.ID) {
	related, ok := load(ctx).kin.Load(row)
	if !ok {
		return
	}
	k, q := related.(*kin[P]), question{graphql.GetFieldContext(ctx).Field.Field, l}
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

// of waits for what the current field loads for a row, by the id that key gives; nothing if that is nil.
func of[P, V any](ctx context.Context, l *dataloader.Loader[delivery.ID, V], row P, key func(P) *delivery.ID) (none V, err error) {
	want(ctx, l, row, func(r P) []*delivery.ID { return []*delivery.ID{key(r)} })
	id := key(row)
	if id == nil {
		return none, nil
	}
	return get(ctx, l, *id)
}

// by makes a key of a method that always gives an id.
func by[P any](id func(P) delivery.ID) func(P) *delivery.ID {
	return func(r P) *delivery.ID {
		i := id(r)
		return &i
	}
}
