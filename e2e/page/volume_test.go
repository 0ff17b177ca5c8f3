//go:build !soak

package page_test

// The widths in CSS pixels at which cards are looked at. `go test -tags soak` has more.
var cardWidths = []string{"320", "1280"}

const (
	loadSeconds = 8 // of events at the board; even
	leastRate   = 0 // events/s: other tests keep the machine busy
)
