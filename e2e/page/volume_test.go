//go:build !soak

package page_test

// The widths in CSS pixels at which cards are looked at. `go test -tags soak` has more.
var cardWidths = []string{"320", "1280"}
