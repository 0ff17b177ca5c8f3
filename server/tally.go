package server

import "sync"

// tally counts units in use by account or address. One key may hold at most limit, and all keys at most total; 0 is no
// bound. Under a total a key may hold at most as much as stays free: the first key a half, the next half of the rest.
type tally struct {
	limit, total int
	mu           sync.Mutex
	sum          int
	held         map[string]int // without zeros
}

// take takes one unit for a key. It reports false if the limit or the total is reached. The caller must give the unit back.
// The key "" is not counted.
func (t *tally) take(key string) bool { return t.takeMany(key, 1) }

// takeMany takes n units, or none.
func (t *tally) takeMany(key string, n int) bool {
	if t.limit == 0 && t.total == 0 || key == "" || n == 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	after := t.held[key] + n
	if t.limit > 0 && after > t.limit || t.total > 0 && after > t.total-t.sum {
		return false
	}
	if t.held == nil {
		t.held = map[string]int{}
	}
	t.held[key] = after
	t.sum += n
	return true
}

func (t *tally) give(key string) { t.giveMany(key, 1) }

func (t *tally) giveMany(key string, n int) {
	if t.limit == 0 && t.total == 0 || key == "" || n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum -= n
	if t.held[key] -= n; t.held[key] == 0 {
		delete(t.held, key)
	}
}

// all returns the units held by all keys.
func (t *tally) all() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}
