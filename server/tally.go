package server

import "sync"

// tally counts what each account or address holds at once: one key at most limit, and all of them at most total. Of a
// total a key may hold at most as much as is still free: the first one half, the next one half of the rest. 0 is no bound.
type tally struct {
	limit, total int
	mu           sync.Mutex
	sum          int
	held         map[string]int // without those who hold nothing
}

// take fails if the key holds as many as it may. What was taken must be given back. The key "" is not counted.
func (t *tally) take(key string) bool { return t.takeMany(key, 1) }

// takeMany takes all or nothing.
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

// all is how many are held by all keys.
func (t *tally) all() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}
