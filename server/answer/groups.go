package answer

import (
	"context"
	"crypto/sha256"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"baogong/delivery"
)

// shareKey is what two subscriptions have in common whose answers to one value are the same bytes.
type shareKey struct {
	asks     [sha256.Size]byte // hash of the selection's shape and the arguments
	view     delivery.View
	era      uint64 // of the flow, in which a number names a value
	locale   delivery.Locale
	unshared uint64 // unique if answers depend on the viewer, so that the group is not shared; else 0
}

// groups holds the executions under way.
type groups struct {
	executor *Executor
	mu       sync.Mutex
	by       map[[sha256.Size]byte]*group // by the hash of their key, which is smaller
}

// groupSpec holds the data to begin a group with.
type groupSpec struct {
	form  form
	asked graphql.RawParams // the operation
}

// join counts one more subscription into the group with the key, which it begins if there is none. asker is the context
// of the subscriber if answers depend on the person, else nil. A subscription that joined must leave.
func (gs *groups) join(asker context.Context, key shareKey, from groupSpec, scope *delivery.Scope) *group {
	id := key.hash()
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if g := gs.by[id]; g != nil {
		g.size.Add(1)
		return g
	}
	o := gs.executor.opt
	g := &group{groups: gs, id: id, key: key, groupSpec: from}
	g.ctx, g.cancel = context.WithCancel(o.Schema.WithView(o.Schema.WithLocale(context.Background(), key.locale), asker, *scope))
	g.size.Store(1)
	if gs.by == nil {
		gs.by = map[[sha256.Size]byte]*group{}
	}
	gs.by[id] = g
	return g
}

// hash returns the key's hash. Different keys have different hashes.
func (s shareKey) hash() [sha256.Size]byte {
	return hashOf(string(s.asks[:]), string(s.view.Class), strconv.Itoa(int(s.view.Community)), s.view.Keys, string(s.view.Level),
		strconv.FormatUint(s.era, 10), string(s.locale), strconv.FormatUint(s.unshared, 10))
}

func hashOf(texts ...string) [sha256.Size]byte {
	h := sha256.New()
	for _, text := range texts {
		_, _ = h.Write(strconv.AppendInt(nil, int64(len(text)), 10)) // never fails
		_, _ = io.WriteString(h, ":"+text)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// rest makes groups drop answers that no subscription asked for since the last call but one, and executions that were
// not used since the last call.
func (gs *groups) rest() {
	gs.mu.Lock()
	all := make([]*group, 0, len(gs.by))
	for _, g := range gs.by {
		all = append(all, g)
	}
	gs.mu.Unlock()
	for _, g := range all {
		if g.mu.TryLock() { // else an answer is being made; do not wait for it
			g.kept.age()
			if !g.used {
				g.forget()
			}
			g.used = false
			g.mu.Unlock()
		}
		g.waiting.Lock()
		g.made.age()
		g.waiting.Unlock()
	}
}

// RestEvery is how often Rest is to be called.
const RestEvery = 10 * time.Second
