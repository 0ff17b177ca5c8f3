//go:build soak

package main

import (
	"testing"
	"time"
)

// The page's stream with the production settings.
func TestSignInPageInABrowserIsQuietForOverAMinute(t *testing.T) {
	t.Parallel()
	quietPage(t, 0, 70*time.Second)
}
