package resolvers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/graph"
)

// paging is the arguments of a connection.
type paging struct {
	first, last   *int
	after, before *string
}

// The refusals of the arguments of a page.
var (
	reasonFirstAndLast = delivery.NewReason("FIRST_AND_LAST", delivery.CodeBadUserInput,
		"Give first or last, not both.",
		"请只用 first 或 last 之一。")
	reasonBadPage = delivery.NewReason("BAD_PAGE", delivery.CodeBadUserInput,
		"%s must be from 0 to %d; got %d.",
		"%s 必须在 0 至 %d 之间，收到的是 %d。")
)

// page opens the cursors, which are valid only for the same field and arguments, and reports whether to count.
func (r *Resolver) page(ctx context.Context, p paging, bound string) (db.Range, error) {
	out := db.Range{Limit: delivery.DefaultPage, Last: p.last != nil, Count: selected(ctx, "totalCount") || selected(ctx, "totalCountExact")}
	size, name := p.first, "first"
	if p.last != nil {
		size, name = p.last, "last"
	}
	if size != nil {
		out.Limit = *size
	}
	switch {
	case p.first != nil && p.last != nil:
		return out, delivery.Refuse(reasonFirstAndLast).At(name)
	case out.Limit < 0 || out.Limit > delivery.MaxPage:
		return out, delivery.Refuse(reasonBadPage, name, delivery.MaxPage, out.Limit).At(name)
	}
	var err error
	if out.After, err = r.openCursor("after", p.after, bound); err == nil {
		out.Before, err = r.openCursor("before", p.before, bound)
	}
	return out, err
}

func (r *Resolver) openCursor(name string, cursor *string, bound string) ([]string, error) {
	if cursor == nil {
		return nil, nil
	}
	plain, ok := r.Keys.Open(delivery.PurposePage, bound, *cursor)
	var key []string
	if !ok || json.Unmarshal(plain, &key) != nil {
		return nil, delivery.Refuse(db.ReasonBadCursor).At(name)
	}
	return key, nil
}

func (r *Resolver) sealCursor(key []string, bound string) string {
	plain, err := json.Marshal(key)
	if err != nil { // strings always marshal
		panic(err)
	}
	return r.Keys.Seal(delivery.PurposePage, bound, plain)
}

// boundTo returns the binding of a page cursor: the field and the arguments that decide which rows the list has.
func boundTo(field string, args ...any) string {
	b, err := json.Marshal(append([]any{field}, args...))
	if err != nil { // filters always marshal
		panic(err)
	}
	sum := sha256.Sum256(b)
	return string(sum[:])
}

// selected reports whether the current field selects a field of the name, so that it is worth reading.
func selected(ctx context.Context, name string) bool {
	return slices.ContainsFunc(graphql.CollectFieldsCtx(ctx, nil), func(f graphql.CollectedField) bool { return f.Name == name })
}

// connectionOf has the fields of the generated connections, which convert from it.
type connectionOf[T, E any] struct {
	Edges           []*E            `json:"edges"`
	Nodes           []*T            `json:"nodes"`
	PageInfo        *graph.PageInfo `json:"pageInfo"`
	TotalCount      int             `json:"totalCount"`
	TotalCountExact bool            `json:"totalCountExact"`
}

// edgeOf is the generated edges of a noun.
type edgeOf[T any] interface {
	~struct {
		Cursor string `json:"cursor"`
		Node   *T     `json:"node"`
	}
}

// connection returns the rows as edges and nodes, with the page's info.
func connection[E edgeOf[T], T any](ctx context.Context, r *Resolver, p paging, rows *db.Rows[T], bound string) *connectionOf[T, E] {
	relate(load(ctx), rows.Items)
	edges := make([]*E, len(rows.Items))
	// The cursor's own row is outside the page.
	info := &graph.PageInfo{HasNextPage: p.before != nil, HasPreviousPage: p.after != nil}
	if p.last != nil {
		info.HasPreviousPage = info.HasPreviousPage || rows.More
	} else {
		info.HasNextPage = info.HasNextPage || rows.More
	}
	for i, item := range rows.Items {
		cursor := r.sealCursor(rows.Keys[i], bound)
		edges[i] = &E{Cursor: cursor, Node: item}
		if i == 0 {
			info.StartCursor = &cursor
		}
		if i == len(rows.Items)-1 {
			info.EndCursor = &cursor
		}
	}
	return &connectionOf[T, E]{Edges: edges, Nodes: rows.Items, PageInfo: info, TotalCount: rows.Total, TotalCountExact: rows.Exact}
}

// listed returns a page of a community's list, which read reads in the caller's scope. It refuses as list does.
func listed[E edgeOf[T], T any](ctx context.Context, r *Resolver, community delivery.ID, args paging, bound string, read func(delivery.Scope, db.Range) (*db.Rows[T], error)) (*connectionOf[T, E], error) {
	p, scope, err := r.list(ctx, community, args, bound)
	if err != nil {
		return nil, err
	}
	rows, err := read(scope, p)
	if err != nil {
		return nil, err
	}
	return connection[E](ctx, r, args, rows, bound), nil
}

// inCommunity refuses an id of another kind, and a community that the actor does not belong to, at the argument of the id.
func inCommunity(a delivery.Actor, id delivery.ID, argument ...string) error {
	if refusal := ofKind(id, delivery.KindCommunity); refusal != nil {
		return refusal.At(argument...)
	}
	if !a.Scope().SeesDirectory(id.Community) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At(argument...)
	}
	return nil
}

func ofKind(id delivery.ID, kind delivery.Kind) *delivery.Error {
	if id.Kind != kind {
		return id.WrongKind(kind)
	}
	return nil
}

// named returns the row ids of a filter's ids, or nil without such a filter.
func named(ids []*delivery.ID, community int32, field string, kinds ...delivery.Kind) ([]delivery.UUID, error) {
	if ids == nil {
		return nil, nil
	}
	if len(ids) > delivery.MaxBulk {
		return nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxBulk, len(ids)).At("filter", field)
	}
	out := make([]delivery.UUID, len(ids))
	for i, id := range ids {
		switch at := strconv.Itoa(i); {
		case !slices.Contains(kinds, id.Kind):
			return nil, id.WrongKind(kinds[0]).At("filter", field, at)
		case id.Community != community:
			return nil, delivery.Refuse(dispatch.ReasonTwoCommunities).At("filter", field, at)
		}
		out[i] = id.UUID
	}
	return out, nil
}
