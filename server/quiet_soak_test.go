//go:build soak

package server

import (
	"testing"
	"time"
)

// With the times that are served with: a comment comes every 15 s, and after more than 70 s of quiet an event.
func TestQuietEventStreamsForOverAMinute(t *testing.T) {
	t.Parallel()
	quietStreams(t, 5, 70*time.Second, func(*Options) {})
}
