//go:build soak

package page_test

var cardWidths = []string{"320", "390", "740", "1280"}

const (
	loadSeconds = 60
	leastRate   = 285
)
