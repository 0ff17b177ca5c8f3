package live

import (
	"context"

	"baogong/delivery"
)

// Flow is what one subscriber reads: values, one after another, taken without waiting, so that whoever waits is no
// goroutine. A Stream and a Watcher are flows. One reader at a time may Take or Fetch; the rest may be called at any
// time.
type Flow interface {
	// Take gives what is next. It takes locks, and waits for nothing else.
	Take() Taken
	// Fetch waits for what Take could not give, after a Taken that says Behind. It returns when Take may be called
	// again, or ctx is over.
	Fetch(ctx context.Context)
	// Listen has the reader rung whenever there may be something to take, now too if that is so.
	Listen(Ringer)
	// Scope is what values are shown by now, as Taken has it.
	Scope() *delivery.Scope
	// Era tells flows apart in which the same number means another value.
	Era() uint64
	// Close ends the flow.
	Close()
}

// CursorFlow is a Flow from whose values another may go on. A Stream is one.
type CursorFlow interface {
	Flow
	// Cursor returns the cursor right after a value that Take gave.
	Cursor(value any) string
}

// Ringer is told that there may be something to take, under locks of the flow: Ring must not wait, nor call the flow.
type Ringer interface{ Ring() }

// RingerFunc is a function that is a Ringer.
type RingerFunc func()

// Ring calls the function.
func (f RingerFunc) Ring() { f() }

// Taken is one step of a flow.
type Taken struct {
	Step   Step
	Value  any
	Number int64           // names the value: flows of one era and scope that give the same number give the same value
	Scope  *delivery.Scope // what the value may show; the same pointer until it is another one
	Since  Moment          // when the value came to be, where that is known
	State  bool            // a newer value replaces it, so it may be skipped
	Last   bool            // at the time of Take there was nothing after this value: the flow rings when there is
	Err    error           // why the flow is over
}

// Step is what Take found.
type Step int

// The steps.
const (
	Idle   Step = iota // nothing until it rings
	Got                // a value
	Behind             // call Fetch
	Over               // nothing any more
)
