package server

import "sync"

// tally counts what each account or address holds at once, at most limit; any number if that is 0.
type tally struct {
	limit int
	mu    sync.Mutex
	held  map[string]int // nobody who holds nothing
}

// take fails if the key holds as many as it may. Whoever takes must give back. "" is nobody, who is not counted.
func (t *tally) take(key string) bool {
	if t.limit == 0 || key == "" {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held[key] >= t.limit {
		return false
	}
	if t.held == nil {
		t.held = map[string]int{}
	}
	t.held[key]++
	return true
}

func (t *tally) give(key string) {
	if t.limit == 0 || key == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held[key]--
	if t.held[key] == 0 {
		delete(t.held, key)
	}
}
