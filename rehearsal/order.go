package rehearsal

import (
	"slices"
	"time"
)

// urgency is the class of an order. A post serves lower classes first.
type urgency uint8

const (
	medicine urgency = iota
	cold
	other
	classes
)

// The posts with hands whose time differs by order.
const (
	workGate = iota
	workSort
	workDoor
	works
)

// playedOrder is an order of a replication.
type playedOrder struct {
	unit  int32
	floor int16 // above the ground floor
	class urgency
	bags  int32
	work  [works]time.Duration
	lost  time.Duration // how long it is overlooked

	came    time.Duration // to the gate
	entered time.Duration // into its present link
}

// classQueue is a queue: first come, first served within a class.
type classQueue struct {
	waiting [classes][]int32
	head    [classes]int
	length  int
}

func (l *classQueue) clear() {
	for c := range l.waiting {
		l.waiting[c], l.head[c] = l.waiting[c][:0], 0
	}
	l.length = 0
}

func (l *classQueue) push(o int32, c urgency) {
	l.waiting[c] = append(l.waiting[c], o)
	l.length++
}

// peek returns the next order. The queue must not be empty.
func (l *classQueue) peek() int32 {
	for c := range l.waiting {
		if l.head[c] < len(l.waiting[c]) {
			return l.waiting[c][l.head[c]]
		}
	}
	panic("rehearsal: the queue is empty")
}

// pop removes the next order. The queue must not be empty.
func (l *classQueue) pop() int32 {
	for c := range l.waiting {
		if l.head[c] < len(l.waiting[c]) {
			o := l.waiting[c][l.head[c]]
			l.head[c]++
			if l.head[c] == len(l.waiting[c]) {
				l.waiting[c], l.head[c] = l.waiting[c][:0], 0
			}
			l.length--
			return o
		}
	}
	panic("rehearsal: the queue is empty")
}

// back returns an order that was just taken to the front of its class.
func (l *classQueue) back(o int32, c urgency) {
	if l.head[c] > 0 {
		l.head[c]--
		l.waiting[c][l.head[c]] = o
	} else {
		l.waiting[c] = slices.Insert(l.waiting[c], 0, o)
	}
	l.length++
}

// oldest returns when the order that waits longest entered. The queue must not be empty.
func (l *classQueue) oldest(orders []playedOrder) time.Duration {
	first := never
	for c := range l.waiting {
		if l.head[c] < len(l.waiting[c]) {
			first = min(first, orders[l.waiting[c][l.head[c]]].entered)
		}
	}
	return first
}
