// Package limit bounds what one peer can take: operations and points per second by account and by address, connections and
// bytes at once, and the subscriptions of an account. It knows no GraphQL and no HTTP.
package limit

import "time"

// Limits bounds the resources that one peer can take. A zero field means its default, or no limit where the field says so.
type Limits struct {
	Body       int64 // bytes of a request body, and of a WebSocket message: 1 MiB
	Bodies     int   // bytes of request bodies and WebSocket messages being read or answered: 64 MiB; one address may hold at most as much as is free
	Tokens     int   // tokens of a document, counted before anything is validated: 1,500
	Depth      int   // levels of fields in an operation, introspection aside: 15
	Fields     int   // root fields of an operation: 30
	Complexity int   // cost of an operation; fields with first or last count once for each item: 20,000

	// How fast an account, and a client address, may ask; HTTP, event streams and WebSockets count alike. A caller
	// without an account is counted by address only. Zero: no limit.
	AccountOperations, AddressOperations Rate
	AccountCost, AddressCost             Rate // as Complexity counts

	Sockets                int // WebSockets and event streams together: 20,000
	AccountSockets         int // of those, for one account; 0: only the total limits
	AddressSockets         int // and from one address; 0: only the total limits
	AddressConnections     int // connections of one address, WebSockets excluded: AddressSockets + 500; no limit if that is 0
	AddressWaiting         int // and from one address without an account: unacknowledged WebSockets, and as many anonymous connections; 0: no limit
	AnonymousShare         int // percent of Sockets for unacknowledged WebSockets, where a new one evicts the oldest, and as many again for anonymous connections: 20
	AccountSubscriptions   int // subscriptions of one account, on all its connections; 0: no limit
	AccountRetained        int // bytes of the arguments that those keep, as JSON: 1 MiB
	SubscriptionsPerSocket int // operations at once on one WebSocket: 64
	Queue                  int // bytes waiting to be written to one WebSocket before its streams must wait: 16 KiB

	Files        int           // bytes of files being received or sent: 64 MiB; one address may hold at most as much as is free
	FilesAtOnce  int           // files being cleaned, stored or read from the database: 4, each with up to 20 MB for a moment
	AccountFiles int           // files that one account may be sending: 2
	FileTimeout  time.Duration // for receiving, and for sending, a file: 2 min

	Exports        int           // tables being exported: 4
	AccountExports int           // of those, for one account: 1
	ExportTimeout  time.Duration // for one table: 10 min

	InitTimeout    time.Duration // from the handshake to connection_init: 10 s
	SlowAfter      time.Duration // how long a peer may take nothing while something waits for it: 5 s
	WriteTimeout   time.Duration // for every 16 KiB a peer is sent: 10 s
	PingEvery      time.Duration // between pings to a WebSocket; event streams get a comment at 3/4 of it: 20 s
	PongWait       time.Duration // how long past PingEvery a WebSocket may stay silent: 20 s
	RequestTimeout time.Duration // for a query or mutation, and for reading a request: 30 s
	Drain          time.Duration // from the order to stop to the last connection cut: 10 s
}

// Fill sets the fields that are zero to their defaults.
func (l *Limits) Fill() {
	or(&l.Body, 1<<20)
	or(&l.Bodies, max(64<<20, 4*int(l.Body)))
	or(&l.Tokens, 1500)
	or(&l.Depth, 15)
	or(&l.Fields, 30)
	or(&l.Complexity, 20_000)
	or(&l.Sockets, 20_000)
	or(&l.AccountRetained, 1<<20)
	if l.AddressSockets > 0 {
		or(&l.AddressConnections, l.AddressSockets+500)
	}
	or(&l.AnonymousShare, 20)
	or(&l.SubscriptionsPerSocket, 64)
	or(&l.Queue, 16<<10)
	or(&l.Files, 64<<20)
	or(&l.FilesAtOnce, 4)
	or(&l.AccountFiles, 2)
	or(&l.FileTimeout, 2*time.Minute)
	or(&l.Exports, 4)
	or(&l.AccountExports, 1)
	or(&l.ExportTimeout, 10*time.Minute)
	or(&l.InitTimeout, 10*time.Second)
	or(&l.SlowAfter, 5*time.Second)
	or(&l.WriteTimeout, 10*time.Second)
	or(&l.PingEvery, 20*time.Second)
	or(&l.PongWait, 20*time.Second)
	or(&l.RequestTimeout, 30*time.Second)
	or(&l.Drain, 10*time.Second)
}

func or[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
