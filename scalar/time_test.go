package scalar

import (
	"strings"
	"testing"
	"time"
)

// TestDateTime checks that an instant of another zone is written in UTC.
func TestDateTime(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time]string{
		time.Date(2020, 2, 18, 9, 30, 0, 500, time.FixedZone("", 8*60*60)): `"2020-02-18T01:30:00.0000005Z"`,
		time.Date(2020, 2, 18, 1, 30, 0, 0, time.UTC):                      `"2020-02-18T01:30:00Z"`,
		{}: "null",
	} {
		var b strings.Builder
		if MarshalDateTime(at).MarshalGQL(&b); b.String() != want {
			t.Errorf("got %s, want %s", b.String(), want)
		}
	}
}
