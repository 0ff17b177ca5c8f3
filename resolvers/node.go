package resolvers

import (
	"context"

	"github.com/graph-gophers/dataloader/v7"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

func (r queryResolver) Node(ctx context.Context, id delivery.ID) (delivery.Node, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	return node(ctx, id)()
}

// maxNodes is the most ids of one `nodes` call.
const maxNodes = 100

func (r queryResolver) Nodes(ctx context.Context, ids []*delivery.ID) ([]delivery.Node, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	if len(ids) > maxNodes {
		return nil, delivery.Refuse(dispatch.ReasonTooMany, maxNodes, len(ids)).At("ids")
	}
	loading := make([]func() (delivery.Node, error), len(ids))
	for i, id := range ids {
		loading[i] = node(ctx, *id)
	}
	out := make([]delivery.Node, len(ids))
	var err error
	for i := range ids {
		if out[i], err = loading[i](); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// node starts to load a noun by its id. The function it returns waits for the row, and returns nil if it does not exist or
// is out of sight.
func node(ctx context.Context, id delivery.ID) func() (delivery.Node, error) {
	l := load(ctx)
	if !l.sight.Finds(id.Kind) {
		return func() (delivery.Node, error) { return nil, nil }
	}
	find, known := nodes[id.Kind]
	if !known {
		return func() (delivery.Node, error) { return nil, nil }
	}
	return find(ctx, l, id)
}

// nodes are the functions that start to load a Node, by the kind of its id. Each noun adds its own (noun).
var nodes = map[delivery.Kind]func(context.Context, *loaders, delivery.ID) func() (delivery.Node, error){}

// noun declares the loader of a noun's rows by id, and adds it to nodes.
func noun[T any, P interface {
	*T
	delivery.Node
}](kind delivery.Kind, read func(*db.DB, context.Context, delivery.Scope, []delivery.ID) ([]P, error)) *loader[delivery.ID, P] {
	return guardedNoun(kind, read, func(delivery.Actor, delivery.ID) bool { return true })
}

// guardedNoun is like noun, but Query.node finds the rows only for permitted actors.
func guardedNoun[T any, P interface {
	*T
	delivery.Node
}](kind delivery.Kind, read func(*db.DB, context.Context, delivery.Scope, []delivery.ID) ([]P, error), may func(delivery.Actor, delivery.ID) bool) *loader[delivery.ID, P] {
	rows := byID(read)
	nodes[kind] = func(ctx context.Context, l *loaders, id delivery.ID) func() (delivery.Node, error) {
		if !may(l.actor, id) {
			return func() (delivery.Node, error) { return nil, nil }
		}
		return found(rows.in(l).Load(ctx, id))
	}
	return rows
}

// found returns a nil Node for a nil pointer.
func found[T any, P interface {
	*T
	delivery.Node
}](load dataloader.Thunk[P]) func() (delivery.Node, error) {
	return func() (delivery.Node, error) {
		row, err := load()
		if row == nil || err != nil {
			return nil, err
		}
		return row, nil
	}
}
