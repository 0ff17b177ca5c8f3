package demo

import (
	"container/heap"
	"context"
	"time"
)

// agenda holds tasks by due time, in business time. Tasks due at the same instant run in the order they were added.
type agenda struct{ items items }

type item struct {
	at    time.Time
	order int
	do    func(context.Context) error
}

func (a *agenda) add(at time.Time, do func(context.Context) error) {
	a.items.added++
	heap.Push(&a.items, item{at, a.items.added, do})
}

// next takes the earliest item. The agenda never runs empty: the squads' look and the next day are always on it.
func (a *agenda) next() item { return heap.Pop(&a.items).(item) }

// due returns when the earliest item is due.
func (a *agenda) due() time.Time { return a.items.list[0].at }

type items struct {
	list  []item
	added int
}

func (l items) Len() int { return len(l.list) }
func (l items) Less(i, j int) bool {
	if l.list[i].at.Equal(l.list[j].at) {
		return l.list[i].order < l.list[j].order
	}
	return l.list[i].at.Before(l.list[j].at)
}
func (l items) Swap(i, j int) { l.list[i], l.list[j] = l.list[j], l.list[i] }
func (l *items) Push(x any)   { l.list = append(l.list, x.(item)) }
func (l *items) Pop() any {
	last := l.list[len(l.list)-1]
	l.list = l.list[:len(l.list)-1]
	return last
}
