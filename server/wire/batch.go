package wire

import (
	"sync/atomic"
	"time"

	"baogong/live"
)

// Batch is what goes to one connection in one write: frames, and when the answers in them came to be.
type Batch struct {
	Frames []byte
	Slow   int  // answers in it that took long to make
	Memo   Memo // of the sources; nil until one sets it. It stays when the batch is emptied

	answers int64 // of subscriptions
	dated   []dated
}

// Memo is what sources remember from one batch to the next. Forget drops it when no batch follows for a while.
type Memo interface{ Forget() }

// dated are answers in a row that came to be at one moment, as those of one bulk call do.
type dated struct {
	moment  live.Moment
	answers int64
}

// Begin empties the batch, to be filled from the buffer on.
func (b *Batch) Begin(buffer []byte) {
	b.Frames, b.Slow, b.answers, b.dated = buffer[:0], 0, 0, b.dated[:0]
}

// Room reports whether the write may take more. Answers that took long to make count too, so a connection with many of
// them goes back to the end of the queue after passSlow.
func (b *Batch) Room() bool { return len(b.Frames) < passSize && b.Slow < passSlow }

// Answered counts one answer into the batch.
func (b *Batch) Answered(m live.Moment) {
	b.answers++
	if !m.Known() {
		return
	}
	if n := len(b.dated); n > 0 && b.dated[n-1].moment == m {
		b.dated[n-1].answers++
		return
	}
	b.dated = append(b.dated, dated{m, 1})
}

// DeliveryStats are how many answers were taken for writing, and how long they were on their way. They are counted once for all that goes
// out in one write.
type DeliveryStats struct {
	Deliveries                   atomic.Int64
	CommitToSocket, ReadToSocket live.Delays // of events, see live.Moment
}

// Filled counts the answers of a batch, once it is filled.
func (c *DeliveryStats) Filled(b *Batch) {
	if b.answers > 0 {
		c.Deliveries.Add(b.answers)
	}
}

// Written counts how long the answers of a batch were on their way, once all its frames are written.
func (c *DeliveryStats) Written(b *Batch) {
	if len(b.dated) == 0 {
		return
	}
	now := time.Now()
	for _, a := range b.dated {
		if a.moment.Read() {
			c.ReadToSocket.Add(a.answers, a.moment.Until(now))
		} else {
			c.CommitToSocket.Add(a.answers, a.moment.Until(now))
		}
	}
}
