package answer

import (
	"context"

	"baogong/delivery"
	"baogong/server/limit"
)

type clientKey struct{}

// Address returns the address of an operation's client, as limits count it.
func Address(ctx context.Context) string {
	client, _ := ctx.Value(clientKey{}).(limit.Client)
	return client.Address
}

type rateLimitKey struct{}

// RateLimit returns the caller's points when the operation began; nil where cost is not limited.
func RateLimit(ctx context.Context) *delivery.RateLimit {
	r, _ := ctx.Value(rateLimitKey{}).(*delivery.RateLimit)
	return r
}

type lastEventKey struct{}

// LastEventID is the id of the last event that an event stream's client has seen, "" if it has seen none. A
// client that reconnects by itself sends its first variables again, so this goes before an `after` argument.
func LastEventID(ctx context.Context) string {
	id, _ := ctx.Value(lastEventKey{}).(string)
	return id
}

// WithLastEventID puts the id of the last event that a client has seen into a context.
func WithLastEventID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, lastEventKey{}, id)
}
