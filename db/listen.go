package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"
)

// channel is the NOTIFY channel that names the communities whose feeds have grown, and how far: "7:1204 9:88".
const channel = "baogong_feed"

// Notifier tells other replicas which feeds have grown, outside any business transaction. Calls during a NOTIFY are coalesced
// into the next one. It is only a hint: polling finds the events that it loses.
type Notifier struct {
	db   *DB
	wake chan struct{}

	mu    sync.Mutex
	grown map[int32]int64
}

// NewNotifier returns a Notifier. It sends once Run runs.
func (d *DB) NewNotifier() *Notifier {
	return &Notifier{db: d, wake: make(chan struct{}, 1), grown: map[int32]int64{}}
}

// Notify records that the community's feed has grown up to a number. It never blocks.
func (b *Notifier) Notify(community int32, seq int64) {
	b.mu.Lock()
	b.grown[community] = max(b.grown[community], seq)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// The notifier's pauses between two NOTIFYs and after a failed one, and the timeout of one.
const (
	notifyPause = 5 * time.Millisecond
	notifyRetry = time.Second
	notifyLimit = 2 * time.Second
)

// Run sends the recorded growth until ctx ends.
func (b *Notifier) Run(ctx context.Context) {
	for {
		select {
		case <-b.wake:
		case <-ctx.Done():
			return
		}
		pause := notifyPause
		if err := b.send(ctx); err != nil {
			pause = notifyRetry
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func (b *Notifier) send(ctx context.Context) error {
	b.mu.Lock()
	var names []string
	for community, seq := range b.grown {
		names = append(names, fmt.Sprintf("%d:%d", community, seq))
	}
	clear(b.grown)
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, notifyLimit)
	defer cancel()
	const most = 250 // names in one payload, below its limit of 8,000 bytes
	for len(names) > 0 {
		n := min(most, len(names))
		b.db.statements.Add(1)
		if _, err := b.db.feeding.sqlx.ExecContext(ctx, `select pg_notify($1, $2)`, channel, strings.Join(names[:n], " ")); err != nil {
			return fmt.Errorf("notify other replicas: %w", err)
		}
		names = names[n:]
	}
	return nil
}

// ListenLimit is how long a listener's connection may be silent. The listener pings twice in that time, so a longer silence
// means that notifications are lost too.
const ListenLimit = 5 * time.Second

// Listen calls heard with the communities named by any replica, this one included, and the heads of their feeds. After a
// reconnection it calls heard with nil, since notifications may be lost. It runs until ctx ends and retries while the
// database is away. It needs a direct connection, not one through a pooler. It replaces a connection that is silent for
// limit, such as ListenLimit.
func Listen(ctx context.Context, dsn string, limit time.Duration, heard func(grown map[int32]int64)) error {
	lines := newLines(limit)
	l := pq.NewDialListener(listenDialer{lines}, dsn, 100*time.Millisecond, 2*time.Second, nil)
	// Close ends the listener's goroutine and closes its channel; it waits for calls that use the lines.
	defer l.Close()
	defer lines.cut()
	listening := make(chan error, 1)
	go func() { listening <- l.Listen(channel) }()
	var pings sync.WaitGroup
	defer pings.Wait()
	defer lines.cut() // before waiting for the pings
	ping := time.NewTicker(limit * 2 / 5)
	defer ping.Stop()
	pinging := make(chan struct{}, 1)
	for {
		select {
		case err := <-listening:
			if err != nil {
				return err
			}
			heard(nil)
			listening = nil
		case n := <-l.Notify:
			if n == nil { // reconnected: notifications may be lost
				heard(nil)
				continue
			}
			heard(parseNames(n.Extra))
		case <-ping.C:
			select {
			case pinging <- struct{}{}:
				pings.Go(func() {
					_ = l.Ping() // a failure ends the connection, and the listener reconnects
					<-pinging
				})
			default: // the last ping is still unanswered
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func parseNames(payload string) map[int32]int64 {
	out := map[int32]int64{}
	for name := range strings.FieldsSeq(payload) {
		community, seq, _ := strings.Cut(name, ":")
		c, err := strconv.ParseInt(community, 10, 32)
		s, bad := strconv.ParseInt(seq, 10, 64)
		if err == nil && bad == nil {
			out[int32(c)] = s
		}
	}
	return out
}
