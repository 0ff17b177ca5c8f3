package dispatch

import (
	"context"
	"fmt"
	"sync"
)

// Slots bounds how many imported files are read at once, because a workbook can take hundreds of MB of memory while it is read. Each account reads one
// file at a time, so that an account with many files does not keep the others waiting. A nil Slots is no bound.
type Slots struct {
	all chan struct{}

	mu       sync.Mutex
	accounts map[string]*turn // that read or wait
}

// turn is the one slot of an account.
type turn struct {
	taken chan struct{}
	users int // callers that have it or wait for it; guarded by Slots.mu
}

// NewSlots returns n slots.
func NewSlots(n int) *Slots { return &Slots{all: make(chan struct{}, n), accounts: map[string]*turn{}} }

// Take waits for a slot for an account and returns the function that gives it back, which may be called again. It fails when ctx ends first.
func (s *Slots) Take(ctx context.Context, account string) (release func(), err error) {
	if s == nil {
		return func() {}, nil
	}
	t := s.enter(account)
	if err = occupy(ctx, t.taken); err == nil {
		if err = occupy(ctx, s.all); err != nil {
			<-t.taken
		}
	}
	if err != nil {
		s.leave(account, t)
		return nil, fmt.Errorf("wait to read an imported file: %w", err)
	}
	return sync.OnceFunc(func() {
		<-s.all
		<-t.taken
		s.leave(account, t)
	}), nil
}

func (s *Slots) enter(account string) *turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.accounts[account]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		s.accounts[account] = t
	}
	t.users++
	return t
}

func (s *Slots) leave(account string, t *turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.users--; t.users == 0 {
		delete(s.accounts, account)
	}
}

func occupy(ctx context.Context, slot chan<- struct{}) error {
	select {
	case slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
