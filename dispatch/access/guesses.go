package access

import (
	"sync"
	"time"
)

// The limits on wrong codes within guessWindow. A code's row is locked for the address that guesses at it, and for
// no other, so its rightful holder gets in from anywhere else at any time.
const (
	guessWindow     = 15 * time.Minute
	guessesAtCode   = 5
	guessesAtAll    = 30     // from one address; after that only a right code is answered
	guessesKept     = 20_000 // addresses and codes remembered
	guessesRounding = time.Minute
)

// guesses counts wrong codes by address, and by address and selector. The zero value is ready.
type guesses struct {
	mu    sync.Mutex
	wrong map[string]guess
}

type guess struct {
	count int
	until time.Time // when it is forgotten
}

// locked is how long the address must wait before this code is looked at; 0 if it need not.
func (g *guesses) locked(address, selector string, now time.Time) time.Duration {
	return g.over(address+" "+selector, guessesAtCode, now)
}

// slowed is how long the address must wait before another wrong code is answered as such; 0 if it need not.
func (g *guesses) slowed(address string, now time.Time) time.Duration {
	return g.over(address, guessesAtAll, now)
}

func (g *guesses) over(key string, limit int, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	w, known := g.wrong[key]
	if !known || w.count < limit || !now.Before(w.until) {
		return 0
	}
	return w.until.Sub(now)
}

// note counts a wrong code.
func (g *guesses) note(address, selector string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wrong == nil {
		g.wrong = map[string]guess{}
	}
	if len(g.wrong) >= guessesKept {
		g.forget(now)
	}
	for _, key := range []string{address, address + " " + selector} {
		w := g.wrong[key]
		if !now.Before(w.until) {
			w = guess{until: now.Add(guessWindow)}
		}
		w.count++
		g.wrong[key] = w
	}
}

// forget makes room: first what is over, and if that is not enough, half of the rest. Must hold mu.
func (g *guesses) forget(now time.Time) {
	for key, w := range g.wrong {
		if !now.Before(w.until) {
			delete(g.wrong, key)
		}
	}
	for key := range g.wrong {
		if len(g.wrong) < guessesKept/2 {
			return
		}
		delete(g.wrong, key)
	}
}
