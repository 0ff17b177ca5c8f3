package dispatch_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"baogong/db"
	"baogong/delivery"
)

// offered is what was told of commits. It is compared with the table in the end, or once before a test closes the
// database: feeds take it for that.
type offered struct {
	t    testing.TB
	db   *db.DB
	mu   sync.Mutex
	told []db.Appended
	done bool // compared
}

func (o *offered) note(a db.Appended) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, a)
}

// place is where an event stands.
type place struct {
	community int32
	seq       int64
}

func (o *offered) check() {
	if o.done {
		return
	}
	o.done = true
	table, epochs := map[place]string{}, map[int32]int64{}
	for _, a := range o.told {
		if _, read := epochs[a.Community]; read {
			continue
		}
		for after, whole := int64(0), false; !whole; {
			events, head, err := o.db.UnscopedEvents(context.Background(), a.Community, after, 1000)
			if err != nil {
				o.t.Error(err)
				return
			}
			for _, e := range events {
				table[place{a.Community, e.Seq}] = o.text(e)
				after = e.Seq
			}
			whole, epochs[a.Community] = len(events) == 0 || after >= head.Seq, head.Epoch
		}
	}
	last := map[place]string{} // one test winds a feed back
	for _, a := range o.told {
		events, err := a.Events()
		if err != nil || int64(len(events)) != a.Last-a.First+1 || a.Epoch != epochs[a.Community] {
			o.t.Errorf("got %d events of epoch %d, %v, want those from %d to %d of epoch %d", len(events), a.Epoch, err, a.First, a.Last, epochs[a.Community])
		}
		for i, e := range events {
			last[place{a.Community, a.First + int64(i)}] = o.text(e)
		}
	}
	for at, got := range last {
		if want, there := table[at]; there && got != want { // some tests delete events
			o.t.Errorf("an event was told of as %s, but stands in the table as %s", got, want)
		}
	}
}

func (o *offered) text(e *delivery.Event) string {
	same := *e
	same.At = same.At.UTC()
	text, err := json.Marshal(same)
	if err != nil {
		o.t.Error(err)
	}
	return string(text)
}
