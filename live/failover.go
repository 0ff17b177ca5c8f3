package live

import (
	"context"
	"fmt"
	"time"

	"baogong/delivery"
)

// leastChunk is the least that one read of the feed asks for.
const leastChunk = 20

// read reads what comes after a position. It asks for less after a read that took long, so that a slow link does not make
// every read of a full chunk fail, and for more again after quick ones.
func (f *feed) read(after int64) ([]*delivery.Event, Head, error) {
	limit := patience(f.tries)
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
	f.since.Store(f.hub.now().UnixNano()) // it comes on
	return events, head, nil
}

// meet notes which server has the table. A server that took over from another may have lost the last events of it, and
// have got new ones under their numbers. Must hold mu.
func (f *feed) meet(h Head) {
	switch seen := min(f.ring.head(), h.Seq); {
	case h.Server != f.server:
		f.server, f.unsure = h.Server, true
	case !f.unsure && h.Epoch == f.epoch && seen >= f.ring.first:
		f.known = f.ring.at(seen)
	}
}

// compare compares, where another server has taken over, what it has with what was handed on from the last event on that
// the one before it had. Where they differ the feed starts anew.
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
				f.hub.options.Log.Error("live: the database has lost events that were handed on; run the command epoch, so that no cursor of theirs is followed",
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

// sameEvent reports that two events of one number are one.
func sameEvent(a, b *delivery.Event) bool {
	return a.Kind == b.Kind && a.At.Truncate(time.Microsecond).Equal(b.At.Truncate(time.Microsecond)) && a.ByRole == b.ByRole &&
		same(a.ByUUID, b.ByUUID) && same(a.OrderUUID, b.OrderUUID) && same(a.HouseholdUUID, b.HouseholdUUID)
}

func same(a, b *delivery.UUID) bool { return a == b || a != nil && b != nil && *a == *b }
