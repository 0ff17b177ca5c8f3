package main

import "context"

// Run placeholder replaced when the demonstration lands.
func (c *demoCommand) Run(ctx context.Context, p *program) error { return nil }
