package live

import (
	"context"
	"time"

	"baogong/delivery"
)

// member is something of one actor that must follow changes of its access. All methods hold the feed's mu.
type member interface {
	fence(seq int64)             // show nothing after seq until told
	settle(scope delivery.Scope) // go on with this scope; end with NOT_FOUND if it is zero
	reset()                      // the feed starts anew
	end(err error)               // leave, and tell the reader why
}

// who is one sign-in or link: the comparable part of an actor.
type who struct {
	name    string
	ref     delivery.Ref
	session delivery.UUID
	link    delivery.UUID
	issuer  string
	subject string
}

func whoOf(a delivery.Actor) who {
	return who{a.Name, a.Ref(), a.Session, a.Link, a.Issuer, a.Subject}
}

// admit makes m a member and only then reads the actor again, so that no change of access falls between.
// When it fails, m is no member.
func (f *feed) admit(ctx context.Context, actor *delivery.Actor, m member) (delivery.Scope, error) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return delivery.Scope{}, delivery.Refuse(delivery.ReasonUnavailable)
	}
	if f.members[actor.UUID] == nil {
		f.members[actor.UUID] = map[member]*delivery.Actor{}
	}
	f.members[actor.UUID][m] = actor
	f.mu.Unlock()

	fresh, err := f.hub.reread(ctx, *actor, f.community)
	if err == nil {
		return fresh.Scope(), nil
	}
	f.mu.Lock()
	f.leave(actor, m)
	f.mu.Unlock()
	if refusal(err) == nil && ctx.Err() == nil {
		if f.hub.life.Err() == nil { // else the hub is ending, which causes the failure
			f.hub.options.Log.Error("live: "+f.hub.scopes.what, "err", err)
		}
		err = unavailable(ctx)
	}
	return delivery.Scope{}, err
}

// leave must hold mu.
func (f *feed) leave(actor *delivery.Actor, m member) {
	delete(f.members[actor.UUID], m)
	if len(f.members[actor.UUID]) == 0 {
		delete(f.members, actor.UUID)
	}
}

// accessChanged holds back everything of the actor after seq and has its scope read, once for each sign-in.
// Must hold mu.
func (f *feed) accessChanged(row delivery.UUID, seq int64) {
	for m, actor := range f.members[row] {
		m.fence(seq)
		if _, running := f.checks[whoOf(*actor)]; !running {
			f.hub.pool.do(func() { f.check(actor, 0, new(bool)) })
		}
		f.checks[whoOf(*actor)] = seq
	}
}

// check reads an actor's scope and settles its members. If the access changed again while it read, it reads
// again; if it cannot read, it tries later, as long as there is a member.
func (f *feed) check(actor *delivery.Actor, tries int, failing *bool) {
	w := whoOf(*actor)
	f.mu.Lock()
	began := f.checks[w]
	f.mu.Unlock()
	fresh, err := f.hub.rescope(f.hub.life, *actor, f.community)
	if f.hub.life.Err() != nil {
		return
	}
	scope, trouble := fresh.Scope(), err
	if refusal(err) != nil {
		scope, trouble = delivery.Scope{}, nil
	}

	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.members[actor.UUID]) == 0 {
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
	for m, its := range f.members[actor.UUID] {
		if whoOf(*its) == w {
			m.settle(scope)
		}
	}
}
