package server

import (
	"time"

	"baogong/live"
)

// batch is what goes to one connection in one write: frames, and when the answers in them came to be.
type batch struct {
	frames  []byte
	answers int64 // of subscriptions
	dated   []dated
	recent  recent // stays when the batch is emptied
}

// dated are answers in a row that came to be at one moment, as those of one bulk call do.
type dated struct {
	moment  live.Moment
	answers int64
}

// begin empties the batch, to be filled from the buffer on.
func (b *batch) begin(buffer []byte) {
	b.frames, b.answers, b.dated, b.recent.made = buffer[:0], 0, b.dated[:0], 0
}

// room reports whether the write may take more. The executor's answers are slow, so a connection with many of them goes
// back to the end of the queue after passMade.
func (b *batch) room() bool { return len(b.frames) < passSize && b.recent.made < passMade }

// answered counts one answer into the batch.
func (b *batch) answered(m live.Moment) {
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

// written counts how long the answers were on their way, once all frames are written.
func (c *counts) written(answers []dated) {
	if len(answers) == 0 {
		return
	}
	now := time.Now()
	for _, a := range answers {
		if a.moment.Read() {
			c.readToSocket.Add(a.answers, a.moment.Until(now))
		} else {
			c.commitToSocket.Add(a.answers, a.moment.Until(now))
		}
	}
}
