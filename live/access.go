package live

import (
	"context"
	"time"

	"baogong/delivery"
)

// subscriber is one stream or watcher of an actor that must follow changes of the actor's access. All methods must hold the
// feed's mu.
type subscriber interface {
	fence(seq int64)             // show no value after seq until settle
	settle(fresh delivery.Actor) // continue with this actor's scope; end with NOT_FOUND if it is zero
	reset()                      // the feed has restarted
	end(err error)               // leave the feed, and report the error to the reader
}

// identity identifies one sign-in or link: the comparable part of an actor.
type identity struct {
	name    string
	ref     delivery.Ref
	session delivery.UUID
	link    delivery.UUID
	issuer  string
	subject string
}

func identityOf(a delivery.Actor) identity {
	return identity{a.Name, a.Ref(), a.Session, a.Link, a.Issuer, a.Subject}
}

// admit registers m as a subscriber and only then reads the actor again, so that no change of access is missed in between. When
// it fails, m is not registered.
func (f *feed) admit(ctx context.Context, actor *delivery.Actor, m subscriber) (delivery.Actor, error) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return delivery.Actor{}, delivery.Refuse(delivery.ReasonUnavailable)
	}
	if f.subscribers[actor.UUID] == nil {
		f.subscribers[actor.UUID] = map[subscriber]*delivery.Actor{}
	}
	f.subscribers[actor.UUID][m] = actor
	f.mu.Unlock()

	fresh, err := f.hub.reread(ctx, *actor, f.community)
	if err == nil {
		return fresh, nil
	}
	f.mu.Lock()
	f.leave(actor, m)
	f.mu.Unlock()
	if refusal(err) == nil && ctx.Err() == nil {
		if f.hub.life.Err() == nil { // otherwise the hub's end causes the failure
			f.hub.options.Log.Error("live: "+f.hub.scopes.what+" fails", "err", err)
		}
		err = unavailable(ctx)
	}
	return delivery.Actor{}, err
}

// leave removes m. Must hold mu.
func (f *feed) leave(actor *delivery.Actor, m subscriber) {
	delete(f.subscribers[actor.UUID], m)
	if len(f.subscribers[actor.UUID]) == 0 {
		delete(f.subscribers, actor.UUID)
	}
}

// accessChanged hides everything after seq from the actor's subscribers and starts reading its scope, once for each sign-in.
// Must hold mu.
func (f *feed) accessChanged(row delivery.UUID, seq int64) {
	for m, actor := range f.subscribers[row] {
		m.fence(seq)
		if _, running := f.checks[identityOf(*actor)]; !running {
			f.hub.pool.do(func() { f.check(actor, 0, new(bool)) })
		}
		f.checks[identityOf(*actor)] = seq
	}
}

// check reads an actor's scope and settles its subscribers. If the access changed again during the read, it reads again. If the
// read fails, it retries later while there are subscribers.
func (f *feed) check(actor *delivery.Actor, tries int, failing *bool) {
	w := identityOf(*actor)
	f.mu.Lock()
	began := f.checks[w]
	f.mu.Unlock()
	fresh, err := f.hub.rescope(f.hub.life, *actor, f.community)
	if f.hub.life.Err() != nil {
		return
	}
	trouble := err
	if refusal(err) != nil {
		fresh, trouble = delivery.Actor{}, nil
	}

	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.subscribers[actor.UUID]) == 0 {
		trouble = nil
	}
	f.hub.scopes.note(failing, trouble)
	switch {
	case trouble != nil:
		time.AfterFunc(backoff(tries), func() { f.hub.pool.do(func() { f.check(actor, tries+1, failing) }) })
		return
	case f.checks[w] != began:
		f.hub.pool.do(func() { f.check(actor, 0, failing) })
		return
	}
	delete(f.checks, w)
	for m, its := range f.subscribers[actor.UUID] {
		if identityOf(*its) == w {
			m.settle(fresh)
		}
	}
}
