package live

import "time"

// callTimeout returns the timeout of the next source call after a number of failures in a row. It starts short, so that a
// silent connection is soon replaced by another, and doubles up to readLimit, so that a slow source is given enough time.
func callTimeout(tries int) time.Duration {
	return min(firstLimit<<min(tries, 8), readLimit)
}

// closeStale ends the streams of stale feeds, until the hub ends.
func (h *Hub) closeStale() {
	h.regularly(max(h.options.Stale/10, time.Millisecond), func(feeds []*feed) {
		all := h.stale()
		for _, f := range feeds {
			if all || f.stale() {
				f.closeStreams()
			}
		}
	})
}

// stale reports whether the last read of the heads is older than Options.Stale. It is false before the first read.
func (h *Hub) stale() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.polled.IsZero() && h.now().Sub(h.polled) >= h.options.Stale
}

// stale reports whether looks at the feed have failed, or one has been under way, for Options.Stale.
func (f *feed) stale() bool { return f.unread() >= f.hub.options.Stale }

// unread returns for how long looks have failed or one has been under way, or 0.
func (f *feed) unread() time.Duration {
	if since := f.since.Load(); since != 0 {
		return f.hub.now().Sub(time.Unix(0, since))
	}
	return 0
}

// closeStreams ends the feed's streams with ErrStale.
func (f *feed) closeStreams() {
	f.mu.Lock()
	defer f.mu.Unlock()
	ended := 0
	f.each(func(m subscriber) { m.end(ErrStale); ended++ })
	if ended > 0 {
		f.hub.options.Log.Warn("live: a feed cannot be read, its streams are closed", "community", f.community, "streams", ended)
	}
}
