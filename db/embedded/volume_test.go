//go:build !soak

package embedded

import "time"

// momentStep is the time between two moments at which a start is cancelled. That of `go test -tags soak` is in
// volume_soak_test.go.
const momentStep = 17 * time.Millisecond
