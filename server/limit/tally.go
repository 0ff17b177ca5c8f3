package limit

import "sync"

// Tally counts units in use by account or address. One key may hold at most Limit, and all keys at most Total; 0 is no
// bound. Under a total a key may hold at most as much as stays free: the first key a half, the next half of the rest.
type Tally struct {
	Limit, Total int // set before use
	mu           sync.Mutex
	sum          int
	held         map[string]int // without zeros
}

// Take takes one unit for a key. It reports false if the limit or the total is reached. The caller must give the unit back.
// The key "" is not counted.
func (t *Tally) Take(key string) bool { return t.takeMany(key, 1) }

// takeMany takes n units, or none.
func (t *Tally) takeMany(key string, n int) bool {
	if t.Limit == 0 && t.Total == 0 || key == "" || n == 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	after := t.held[key] + n
	if t.Limit > 0 && after > t.Limit || t.Total > 0 && after > t.Total-t.sum {
		return false
	}
	if t.held == nil {
		t.held = map[string]int{}
	}
	t.held[key] = after
	t.sum += n
	return true
}

// Give gives back one unit of a key.
func (t *Tally) Give(key string) { t.giveMany(key, 1) }

func (t *Tally) giveMany(key string, n int) {
	if t.Limit == 0 && t.Total == 0 || key == "" || n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum -= n
	if t.held[key] -= n; t.held[key] == 0 {
		delete(t.held, key)
	}
}

// All returns the units held by all keys.
func (t *Tally) All() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}

// Held returns the units that a key holds.
func (t *Tally) Held(key string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held[key]
}

// Keys returns how many keys hold units.
func (t *Tally) Keys() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.held)
}
