package rehearsal

import (
	"slices"
	"time"
)

// class is the order in which a post serves.
type class uint8

const (
	medicine class = iota
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

// order is one order of one replication.
type order struct {
	unit  int32
	floor int16 // above the ground floor
	class class
	bags  int32
	work  [works]time.Duration

	came    time.Duration // to the gate
	entered time.Duration // into its present link
}

// line is a queue: first come, first served within a class.
type line struct {
	waiting [classes][]int32
	head    [classes]int
	length  int
}

func (l *line) clear() {
	for c := range l.waiting {
		l.waiting[c], l.head[c] = l.waiting[c][:0], 0
	}
	l.length = 0
}

func (l *line) push(o int32, c class) {
	l.waiting[c] = append(l.waiting[c], o)
	l.length++
}

// peek returns the next order. The line must not be empty.
func (l *line) peek() int32 {
	for c := range l.waiting {
		if l.head[c] < len(l.waiting[c]) {
			return l.waiting[c][l.head[c]]
		}
	}
	panic("rehearsal: the line is empty")
}

// pop removes the next order. The line must not be empty.
func (l *line) pop() int32 {
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
	panic("rehearsal: the line is empty")
}

// back puts an order that was just taken in front of its class again.
func (l *line) back(o int32, c class) {
	if l.head[c] > 0 {
		l.head[c]--
		l.waiting[c][l.head[c]] = o
	} else {
		l.waiting[c] = slices.Insert(l.waiting[c], 0, o)
	}
	l.length++
}

// oldest returns when the order that waits longest entered. The line must not be empty.
func (l *line) oldest(orders []order) time.Duration {
	first := never
	for c := range l.waiting {
		if l.head[c] < len(l.waiting[c]) {
			first = min(first, orders[l.waiting[c][l.head[c]]].entered)
		}
	}
	return first
}
