package live

import "time"

// Moment is when a value came to be, as far as this process knows: an event that was committed here, at its commit;
// one that was committed elsewhere, or that the feed had read before the commit was told of, when the feed read it.
// The zero Moment is not known: of states, and of what was there before the stream, or comes from the table.
type Moment int64 // UnixNano, and less than 0 for one that was read

func committedAt(t time.Time) Moment { return Moment(t.UnixNano()) }
func readAt(t time.Time) Moment      { return Moment(-t.UnixNano()) }

// Known reports that the moment is known.
func (m Moment) Known() bool { return m != 0 }

// Read reports that the moment is that of reading, not of the commit.
func (m Moment) Read() bool { return m < 0 }

// Until is how long after the moment an instant is.
func (m Moment) Until(t time.Time) time.Duration {
	return time.Duration(t.UnixNano() - max(int64(m), -int64(m)))
}
