package answer

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/live"
)

// executorCounters holds totals of answers since the start.
type executorCounters struct {
	alone      atomic.Uint64 // subscriptions so far whose answers are not shared
	executions atomic.Int64  // answers of subscriptions made

	queries, mutations live.Delays

	mu         sync.Mutex
	operations map[OperationEnd]int64
}

// OperationEnd is one way in which operations of one kind end.
type OperationEnd struct {
	Kind string // query, mutation or subscription; none for what was refused before it was read
	Code string // OK, that of the first error, or GONE if the client had gone
}

// The outcomes that are not error codes.
const (
	codeOK   = "OK"
	codeGone = "GONE"
	noKind   = "none"
)

func (c *executorCounters) ended(kind, code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.operations == nil {
		c.operations = map[OperationEnd]int64{}
	}
	c.operations[OperationEnd{kind, code}]++
}

// Finish counts how the operation ended, and ends its trace. Only the first call counts.
func (x *Execution) Finish(code string) {
	if x.counted {
		return
	}
	x.counted = true
	took, counts := x.executor.opt.Now().Sub(x.began), &x.executor.counters
	switch x.op.Operation.Operation {
	case ast.Query:
		counts.queries.Add(1, took)
	case ast.Mutation:
		counts.mutations.Add(1, took)
	}
	counts.ended(string(x.op.Operation.Operation), code)
	if x.traced != nil {
		x.traced(code)
	}
}

// CodeOf returns the code of the first error, which is one of a fixed list.
func CodeOf(errs gqlerror.List) string {
	if len(errs) == 0 {
		return codeOK
	}
	return fmt.Sprint(errs[0].Extensions["code"])
}

// GroupBounds are the least sizes of the classes in which Counts tells how large groups are.
var GroupBounds = [...]int{1, 2, 10, 100, 1000}

// ExecutorStats holds totals of answers since the start, and the sizes of the present groups.
type ExecutorStats struct {
	Groups             [len(GroupBounds)]int // executions shared by at least so many subscriptions, and fewer than the next
	Executions         int64
	Queries, Mutations live.DelayCounts
	Operations         map[OperationEnd]int64
}

// Stats reads the counts, with a short look at each group.
func (e *Executor) Stats() ExecutorStats {
	c := &e.counters
	out := ExecutorStats{Executions: c.executions.Load(), Queries: c.queries.Read(), Mutations: c.mutations.Read(), Groups: e.groups.sizes()}
	c.mu.Lock()
	defer c.mu.Unlock()
	out.Operations = maps.Clone(c.operations)
	return out
}

// Refused counts an operation that was refused before it was read.
func (e *Executor) Refused(code string) { e.counters.ended(noKind, code) }

// sizes counts the groups by the class of their size.
func (gs *groups) sizes() (classes [len(GroupBounds)]int) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	for _, g := range gs.by {
		class := 0
		for class+1 < len(GroupBounds) && int(g.size.Load()) >= GroupBounds[class+1] {
			class++
		}
		classes[class]++
	}
	return classes
}
