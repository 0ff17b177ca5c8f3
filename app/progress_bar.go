package app

import (
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
)

// progressBar shows on a terminal how far a command is. Elsewhere it shows nothing. Call end.
type progressBar struct {
	tracker *progress.Tracker // nil without a terminal
	drawn   chan struct{}     // closed when the last drawing is done
}

func newProgressBar(out io.Writer, terminal bool, name string) *progressBar {
	b := &progressBar{}
	if !terminal {
		return b
	}
	w := progress.NewWriter()
	w.SetOutputWriter(out)
	w.SetUpdateFrequency(50 * time.Millisecond)
	w.SetAutoStop(true)
	b.tracker, b.drawn = &progress.Tracker{Message: name, Total: 1}, make(chan struct{})
	w.AppendTracker(b.tracker)
	go func() {
		defer close(b.drawn)
		w.Render()
	}()
	return b
}

// set notes that so much of all is done.
func (b *progressBar) set(done, total int) {
	if b.tracker != nil {
		b.tracker.UpdateTotal(int64(total))
		b.tracker.SetValue(int64(done))
	}
}

// end ends the bar and waits until it is drawn.
func (b *progressBar) end(err error) {
	if b.tracker == nil {
		return
	}
	if err != nil {
		b.tracker.MarkAsErrored()
	} else {
		b.tracker.MarkAsDone()
	}
	<-b.drawn
}
