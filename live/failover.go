package live

import (
	"context"
	"fmt"
	"time"

	"baogong/delivery"
)

// leastChunk is the fewest events that one read of the feed asks for.
const leastChunk = 20

// read reads the events after a position. The chunk shrinks after a slow read, so that reads succeed over a slow link, and
// grows again after quick reads.
func (f *feed) read(after int64) ([]*delivery.Event, Head, error) {
	limit := callTimeout(f.tries)
	ctx, cancel := context.WithTimeout(f.hub.life, limit)
	defer cancel()
	began := f.hub.now()
	events, head, err := f.hub.source.Events(ctx, f.community, after, f.step)
	switch took := f.hub.now().Sub(began); {
	case took > max(limit/2, readLimit/4), err != nil && took >= limit:
		f.step = max(f.step/4, leastChunk)
	case err == nil && len(events) == f.step && took < readLimit/20:
		f.step = min(f.step*2, chunk)
	}
	if err != nil {
		return nil, Head{}, fmt.Errorf("read events after %d: %w", after, err)
	}
	f.since.Store(f.hub.now().UnixNano()) // progress
	return events, head, nil
}

// noteServer notes which database server answered. After a failover the new primary may lack the last events, and have
// others with the same numbers. Must hold mu.
func (f *feed) noteServer(h Head) {
	switch seen := min(f.ring.head(), h.Seq); {
	case h.Server != f.server:
		f.server, f.unsure = h.Server, true
	case !f.unsure && h.Epoch == f.epoch && seen >= f.ring.first:
		f.known = f.ring.at(seen)
	}
}

// compare compares the table with the ring after a failover, from the last event that the previous server is known to have
// had. If they differ it restarts the feed from the table.
func (f *feed) compare() error {
	f.mu.Lock()
	unsure, known, next := f.unsure, f.known, int64(0)
	if known != nil {
		next = known.Seq
	}
	f.mu.Unlock()
	for unsure && known != nil {
		events, head, err := f.read(next - 1)
		if err != nil {
			return err
		}
		f.mu.Lock()
		for _, e := range events {
			ours := known
			if e.Seq >= f.ring.first && e.Seq <= f.ring.head() {
				ours = f.ring.at(e.Seq)
			}
			switch {
			case e.Seq > f.ring.head():
				unsure = false
			case e.Seq == ours.Seq && !sameEvent(e, ours):
				f.hub.options.Log.Error("live: the database has lost events that were delivered; run the command epoch to invalidate their cursors",
					"community", f.community, "at", e.Seq)
				f.restart(head)
				unsure = false
			}
			if !unsure {
				break
			}
			next = e.Seq + 1
		}
		unsure = unsure && len(events) > 0 && next <= f.ring.head()
		f.mu.Unlock()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unsure = false
	return nil
}

// sameEvent reports whether two events with the same number are the same event.
func sameEvent(a, b *delivery.Event) bool {
	return a.Kind == b.Kind && a.At.Truncate(time.Microsecond).Equal(b.At.Truncate(time.Microsecond)) && a.ByRole == b.ByRole &&
		same(a.ByUUID, b.ByUUID) && same(a.OrderUUID, b.OrderUUID) && same(a.HouseholdUUID, b.HouseholdUUID)
}

func same(a, b *delivery.UUID) bool { return a == b || a != nil && b != nil && *a == *b }
