package resolvers

import (
	"context"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"baogong/db"
	"baogong/delivery"
)

// loaders gather the reads of one response into one statement a noun. They live as long as the response.
type loaders struct {
	actor    delivery.Actor // of the response; the zero Actor in a shared execution
	scope    delivery.Scope // what the actor sees
	sight    delivery.Sight // how much of a row in scope is shown
	siblings sync.Map       // rows to the *siblings they were read with

	db   *db.DB
	made sync.Map // rows of loaders to their *dataloader.Loader
}

func newLoaders(d *db.DB, a delivery.Actor, s delivery.Scope) *loaders {
	return &loaders{actor: a, scope: s, sight: s.Sight(), db: d}
}

// loader declares how one kind of rows is loaded, in the file of its noun. Each response makes its own dataloader of it at
// the first use.
type loader[K comparable, V any] struct {
	read func(ctx context.Context, l *loaders, keys []K) (map[K]V, error)
}

// in returns the response's dataloader.
func (r *loader[K, V]) in(l *loaders) *dataloader.Loader[K, V] { return made(l, r, r.read) }

// made returns the response's dataloader under a key, or makes it.
func made[K comparable, V any](l *loaders, key any, read func(context.Context, *loaders, []K) (map[K]V, error)) *dataloader.Loader[K, V] {
	if known, ok := l.made.Load(key); ok {
		return known.(*dataloader.Loader[K, V])
	}
	now, _ := l.made.LoadOrStore(key, batched(func(ctx context.Context, keys []K) (map[K]V, error) { return read(ctx, l, keys) }))
	return now.(*dataloader.Loader[K, V])
}

// windowed declares how a window of rows is loaded, such as the last ten.
type windowed[W comparable, V any] struct {
	read func(ctx context.Context, l *loaders, ids []delivery.ID, window W) (map[delivery.ID]V, error)
}

// in returns the response's dataloader of a window. Fields with equal windows share it.
func (r *windowed[W, V]) in(l *loaders, window W) *dataloader.Loader[delivery.ID, V] {
	type key struct {
		row    *windowed[W, V]
		window W
	}
	return made(l, key{r, window}, func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]V, error) {
		return r.read(ctx, l, ids, window)
	})
}

// wait is how long a loader gathers before it reads.
const wait = time.Millisecond

// byID loads rows by their own id; nil if a row does not exist or is out of sight.
func byID[T delivery.Node](read func(*db.DB, context.Context, delivery.Scope, []delivery.ID) ([]T, error)) *loader[delivery.ID, T] {
	return &loader[delivery.ID, T]{func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]T, error) {
		rows, err := read(l.db, ctx, l.scope, ids)
		relate(l, rows)
		out := make(map[delivery.ID]T, len(rows))
		for _, r := range rows {
			out[r.ID()] = r
		}
		return out, err
	}}
}

// belonging loads the rows that belong to an id, in the order of the statement.
func belonging[T any](read func(*db.DB, context.Context, delivery.Scope, []delivery.ID) ([]T, error), to func(T) delivery.ID) *loader[delivery.ID, []T] {
	return &loader[delivery.ID, []T]{func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID][]T, error) {
		rows, err := read(l.db, ctx, l.scope, ids)
		return grouped(l, ids, rows, to), err
	}}
}

// spanned loads a span of the rows that belong to an id, in the order of the statement.
func spanned[T any](read func(*db.DB, context.Context, delivery.Scope, []delivery.ID, db.Span) ([]T, error), to func(T) delivery.ID) *windowed[db.Span, []T] {
	return &windowed[db.Span, []T]{func(ctx context.Context, l *loaders, ids []delivery.ID, span db.Span) (map[delivery.ID][]T, error) {
		rows, err := read(l.db, ctx, l.scope, ids, span)
		return grouped(l, ids, rows, to), err
	}}
}

// grouped gathers the rows of each id; an id without rows gets an empty list.
func grouped[T any](l *loaders, ids []delivery.ID, rows []T, to func(T) delivery.ID) map[delivery.ID][]T {
	relate(l, rows)
	out := make(map[delivery.ID][]T, len(ids))
	for _, id := range ids {
		out[id] = []T{}
	}
	for _, r := range rows {
		out[to(r)] = append(out[to(r)], r)
	}
	return out
}

func batched[K comparable, V any](read func(context.Context, []K) (map[K]V, error)) *dataloader.Loader[K, V] {
	return dataloader.NewBatchedLoader(func(ctx context.Context, keys []K) []*dataloader.Result[V] {
		found, err := read(ctx, keys)
		out := make([]*dataloader.Result[V], len(keys))
		for i, k := range keys {
			out[i] = &dataloader.Result[V]{Data: found[k], Error: err}
		}
		return out
	}, dataloader.WithWait[K, V](wait))
}

func load(ctx context.Context) *loaders { return ctx.Value(loaderKey{}).(func() *loaders)() }

// get waits for one value.
func get[K comparable, V any](ctx context.Context, l *dataloader.Loader[K, V], key K) (V, error) {
	return l.Load(ctx, key)()
}

// maybe waits for the value of an id that may be absent.
func maybe[V any](ctx context.Context, l *dataloader.Loader[delivery.ID, V], id *delivery.ID) (none V, err error) {
	if id == nil {
		return none, nil
	}
	return get(ctx, l, *id)
}

// refOf returns the id of the row that another refers to, or nil.
func refOf(kind delivery.Kind, community int32, id *delivery.UUID) *delivery.ID {
	if id == nil {
		return nil
	}
	return &delivery.ID{Kind: kind, Community: community, UUID: *id}
}
