//go:build soak

package server

import (
	"testing"
	"time"
)

// With the production settings a comment comes every 15 s, and an event arrives after more than 70 s of silence.
func TestQuietEventStreamsForOverAMinute(t *testing.T) {
	t.Parallel()
	quietStreams(t, 5, 70*time.Second, func(*Options) {})
}
