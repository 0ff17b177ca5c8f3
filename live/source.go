package live

import (
	"context"
	"log/slog"
	"time"

	"baogong/delivery"
)

// Head is the end of a community's feed. Its numbers count only within an epoch.
type Head struct {
	Community int32
	Epoch     uint64
	Seq       int64 // number of the last event; 0 before the first
	Oldest    int64 // the lowest number still kept in the table, 1 from the start
	Server    int64 // identifies the database server, to detect a failover; set by Heads only
}

// Source is where events come from: the table, or later a bus in front of it. Its methods are called concurrently; each call
// has a deadline.
type Source interface {
	// Heads returns the head of every community's feed.
	Heads(ctx context.Context) ([]Head, error)
	// Events returns at most limit events after a position, unfiltered and in order, with the head and the epoch of the same
	// snapshot.
	Events(ctx context.Context, community int32, after int64, limit int) ([]*delivery.Event, Head, error)
	// Past returns at most limit events, of orders unless the filter has Activities, with after < Seq ≤ upTo that the scope sees and the filter
	// matches, in order.
	Past(ctx context.Context, scope delivery.Scope, community int32, filter delivery.EventFilter, after, upTo int64, limit int) ([]*delivery.Event, error)
}

// Options are the hub's settings; zero fields take the default.
type Options struct {
	Ring int           // most events that a community keeps in memory; 32,768
	Poll time.Duration // interval at which the heads are read without a hint; 1 s
	// Stale is how long a feed may be unreadable before its streams end with ErrStale and new ones are refused: 5 s, and at
	// least five times Poll.
	Stale time.Duration

	Tick time.Duration // least time between two states of a watch; 250 ms
	Log  *slog.Logger  // nil: no log

	// Resumes is how many streams of one account may be catching up from the table at once. More are refused with
	// UNAVAILABLE. 0: no limit.
	Resumes int

	// Cursor encodes a position for clients (Stream.Cursor).
	Cursor func(delivery.Position) string

	// Notified is called when the events of a followed commit (Committed) have been given to all listeners. It runs on the
	// feed's goroutine and must not wait. May be nil.
	Notified func(CommitTrace)

	// Rescope reads an actor again: when a stream starts, since the actor may be as old as its connection, and after each
	// ACCESS_CHANGED. A refusal ends the actor's streams with NOT_FOUND. After any other error it is retried, and no event
	// is shown meanwhile. If nil, actors never change.
	Rescope func(context.Context, delivery.Actor) (delivery.Actor, error)
}

const (
	chunk      = 2000             // events of one read of the feed
	page       = 500              // events of one read of the past
	firstLimit = 2 * time.Second  // the first try of a source call that is retried
	readLimit  = 10 * time.Second // one call of the source, a scope or a load
	workers    = 8                // scopes and states read at once
	keep       = 5 * time.Minute  // how long events stay in the ring at least; at most twice as long
)

func (o Options) withDefaults() Options {
	if o.Ring <= 0 {
		o.Ring = 32768
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.Stale <= 0 {
		o.Stale = max(5*time.Second, 5*o.Poll)
	}
	if o.Tick <= 0 {
		o.Tick = 250 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rescope == nil {
		o.Rescope = func(_ context.Context, a delivery.Actor) (delivery.Actor, error) { return a, nil }
	}
	return o
}

// backoff returns the pause after a number of failures in a row.
func backoff(tries int) time.Duration {
	return min(250*time.Millisecond<<min(tries, 8), 5*time.Second)
}

// refusal returns err if it is final, and nil if a retry may succeed.
func refusal(err error) *delivery.Error {
	e := delivery.AsError(err)
	if e == nil || e.Code() == delivery.CodeUnavailable || e.Code() == delivery.CodeInternal {
		return nil
	}
	return e
}

func noCommunity() *delivery.Error {
	return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
}
