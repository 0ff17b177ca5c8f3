package server

import (
	"sync"
	"sync/atomic"
)

// counts are what the server has done since it began, and what it holds now.
type counts struct {
	alone         atomic.Uint64 // subscriptions so far whose answers nobody shares
	subscriptions atomic.Int64  // open now
	executions    atomic.Int64  // answers of subscriptions made
	deliveries    atomic.Int64  // answers of subscriptions handed on

	mu     sync.Mutex
	closes map[int]int64 // WebSockets closed, by code
}

func (c *counts) closed(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closes == nil {
		c.closes = map[int]int64{}
	}
	c.closes[code]++
}
