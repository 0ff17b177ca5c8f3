//go:build soak

package server

import (
	"testing"
	"time"
)

// With the times that are served with: a comment comes every 15 s, and after 75 s of quiet an event.
func TestQuietEventStreamsForOverAMinute(t *testing.T) {
	t.Parallel()
	began := time.Now()
	t.Cleanup(func() {
		if took := time.Since(began); took < 70*time.Second || took > 90*time.Second {
			t.Errorf("five comments came within %v, want one every 15 s", took)
		}
	})
	quietStreams(t, 5, func(*Options) {})
}
