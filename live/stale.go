package live

import (
	"maps"
	"slices"
	"time"
)

// patience is how long the next call of the source may take after so many that failed in a row. The first failure on a
// silent connection must come soon, for the next try to have another; a source that is only slow gets the time it needs.
func patience(tries int) time.Duration {
	return min(firstLimit<<min(tries, 8), readLimit)
}

// watchOver ends the streams of feeds that have gone stale.
func (h *Hub) watchOver() {
	tick := time.NewTicker(max(h.options.Stale/10, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-h.life.Done():
			return
		}
		h.mu.Lock()
		feeds := slices.Collect(maps.Values(h.feeds))
		h.mu.Unlock()
		all := h.stale()
		for _, f := range feeds {
			if all || f.stale() {
				f.forsake()
			}
		}
	}
}

// stale reports that the heads have not been read for Options.Stale; not before they were read for the first time.
func (h *Hub) stale() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.polled.IsZero() && h.now().Sub(h.polled) >= h.options.Stale
}

// stale reports that a look at the feed has been failing, or has not ended, for Options.Stale.
func (f *feed) stale() bool { return f.unread() >= f.hub.options.Stale }

// unread is for how long a look has been failing or under way, 0 if there is none.
func (f *feed) unread() time.Duration {
	if since := f.since.Load(); since != 0 {
		return f.hub.now().Sub(time.Unix(0, since))
	}
	return 0
}

// forsake ends what members the feed has: they hear nothing here.
func (f *feed) forsake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	ended := 0
	f.each(func(m member) { m.end(ErrStale); ended++ })
	if ended > 0 {
		f.hub.options.Log.Warn("live: a feed cannot be read, its streams are closed", "community", f.community, "streams", ended)
	}
}
