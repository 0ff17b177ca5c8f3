package live

import "time"

// Moment is when a value came to be, as far as this process knows. An event committed by this process has the moment of its
// commit. One of another process, or one that the feed read before Committed was called, has the moment of reading. The zero
// Moment means unknown: states, events from before the stream, and events from the table.
type Moment int64 // UnixNano; negative for a moment of reading

func committedAt(t time.Time) Moment { return Moment(t.UnixNano()) }
func readAt(t time.Time) Moment      { return Moment(-t.UnixNano()) }

// Known reports whether the moment is known.
func (m Moment) Known() bool { return m != 0 }

// Read reports whether the moment is one of reading rather than of a commit.
func (m Moment) Read() bool { return m < 0 }

// Until returns the time from the moment to an instant.
func (m Moment) Until(t time.Time) time.Duration {
	return time.Duration(t.UnixNano() - max(int64(m), -int64(m)))
}
