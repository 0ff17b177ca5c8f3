//go:build soak

package embedded

import "time"

const momentStep = 7 * time.Millisecond
