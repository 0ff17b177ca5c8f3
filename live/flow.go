package live

import (
	"context"

	"baogong/delivery"
)

// Flow is a sequence of values for one subscriber. Values are taken without waiting, so that a waiting subscriber needs no
// goroutine. Stream and Watcher are flows. One reader at a time may call Take or Fetch; the other methods may be called at
// any time.
type Flow interface {
	// Take returns the next step. It takes locks, and waits for nothing else.
	Take() Result
	// Fetch does the reading that Take could not do, after a Result with the step Behind. It returns when Take may be called
	// again, or ctx ends.
	Fetch(ctx context.Context)
	// Listen sets the Waker that is called whenever there may be a value to take. It is called at once if there may be one now.
	Listen(Waker)
	// Scope returns the scope by which values are shown now, as in Result.
	Scope() *delivery.Scope
	// Era identifies a range of flows in which a number always means the same value.
	Era() uint64
	// Close ends the flow.
	Close()
}

// CursorFlow is a Flow that another flow can resume from any value of. A Stream is one.
type CursorFlow interface {
	Flow
	// Cursor returns the cursor right after a value that Take returned.
	Cursor(value any) string
}

// Waker is notified that there may be a value to take. Ring is called under locks of the flow: it must not wait or call the
// flow.
type Waker interface{ Wake() }

// WakerFunc is a function that implements Waker.
type WakerFunc func()

// Wake calls the function.
func (f WakerFunc) Wake() { f() }

// Result is the result of one Take.
type Result struct {
	Step   Step
	Value  any
	Number int64           // identifies the value: flows of one era and scope that return the same number return the same value
	Scope  *delivery.Scope // what the value may show; the pointer changes only with the scope
	Since  Moment          // when the value came to be, if known
	State  bool            // a newer value replaces this one, so it may be skipped
	Last   bool            // no value followed at the time of Take: the flow wakes the reader when one comes
	Err    error           // why the flow has ended
}

// Step is the kind of a Result.
type Step int

// The steps.
const (
	Idle   Step = iota // no value until the flow wakes the reader
	Got                // a value
	Behind             // call Fetch
	Over               // the flow has ended
)
