package bench

import (
	"fmt"
	"io"
	"time"

	bars "github.com/jedib0t/go-pretty/v6/progress"
)

// progress shows how far a trial is; without a terminal it says so in one line at the end.
type progress struct {
	out      io.Writer
	terminal bool

	name    string
	began   time.Time
	writer  bars.Writer // nil without a terminal
	tracker *bars.Tracker
	total   int64
	drawn   chan struct{}
}

// begin starts a trial.
func (p *progress) begin(name string) {
	p.name, p.began, p.total = name, time.Now(), 0
	if !p.terminal {
		return
	}
	p.writer = bars.NewWriter()
	p.writer.SetOutputWriter(p.out)
	p.writer.SetUpdateFrequency(100 * time.Millisecond)
	p.writer.SetAutoStop(true)
	p.tracker = &bars.Tracker{Message: name, Total: 1}
	p.writer.AppendTracker(p.tracker)
	p.drawn = make(chan struct{})
	go func(w bars.Writer, drawn chan struct{}) {
		defer close(drawn)
		w.Render()
	}(p.writer, p.drawn)
}

// expect says that so many further steps will come.
func (p *progress) expect(steps int) {
	p.total += int64(steps)
	if p.tracker != nil {
		p.tracker.UpdateTotal(p.total)
	}
}

// step is one of them. Any goroutine may take it.
func (p *progress) step() {
	if p.tracker != nil {
		p.tracker.Increment(1)
	}
}

// done ends the trial, and waits until that is drawn.
func (p *progress) done() {
	if p.writer == nil {
		fmt.Fprintf(p.out, "%s (%.1f s)\n", p.name, time.Since(p.began).Seconds())
		return
	}
	p.tracker.MarkAsDone()
	<-p.drawn
	p.writer, p.tracker = nil, nil
}
