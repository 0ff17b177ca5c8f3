package demo

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
)

// bar shows how far one step of the loading is; without a terminal it says so in one line at the end.
type bar struct {
	out     io.Writer
	name    string
	writer  progress.Writer // nil without a terminal
	tracker *progress.Tracker
	count   atomic.Int64
	drawn   chan struct{} // closed when the last drawing is done
	began   time.Time
}

func newBar(out io.Writer, terminal bool, name string) *bar {
	b := &bar{out: out, name: name, began: time.Now()}
	if !terminal {
		return b
	}
	b.writer = progress.NewWriter()
	b.writer.SetOutputWriter(out)
	b.writer.SetUpdateFrequency(50 * time.Millisecond)
	b.writer.SetAutoStop(true)
	b.tracker = &progress.Tracker{Message: name, Total: 1}
	b.writer.AppendTracker(b.tracker)
	b.drawn = make(chan struct{})
	go func() {
		defer close(b.drawn)
		b.writer.Render()
	}()
	return b
}

func (b *bar) total(n int) {
	if b.tracker != nil {
		b.tracker.UpdateTotal(int64(n))
	}
}

func (b *bar) add(n int) {
	b.count.Add(int64(n))
	if b.tracker != nil {
		b.tracker.Increment(int64(n))
	}
}

// end ends the bar and waits until it is drawn. A step that failed is not shown as done.
func (b *bar) end(err error) {
	switch {
	case b.writer == nil && err != nil:
	case b.writer == nil:
		fmt.Fprintf(b.out, "%s: %d (%.1f s)\n", b.name, b.count.Load(), time.Since(b.began).Seconds())
	case err != nil:
		b.tracker.MarkAsErrored()
		<-b.drawn
	default:
		b.tracker.MarkAsDone()
		<-b.drawn
	}
}
