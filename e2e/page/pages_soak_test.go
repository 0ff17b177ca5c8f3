//go:build soak

package page_test

import (
	"testing"
	"time"
)

// The page's stream with the production settings.
func TestTrackPageInABrowserIsQuietForOverAMinute(t *testing.T) {
	t.Parallel()
	quietPage(t, 0, 70*time.Second)
}
