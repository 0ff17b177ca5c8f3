package dispatch

import (
	"time"

	"baogong/delivery"
)

// A patch changes a row's values where it has one; nil leaves a value as it is.

// Set sets a value.
func Set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// SetCode sets a code, in its normal form.
func SetCode(to *string, from *string) {
	if from != nil {
		*to = delivery.NormalCode(*from)
	}
}

// SetName sets a name, trimmed.
func SetName[T ~string](to *T, from *T) {
	if from != nil {
		*to = T(delivery.Trimmed(string(*from)))
	}
}

// SetPhone sets a telephone number, in its normal form.
func SetPhone(to *delivery.Phone, from *delivery.Phone) {
	if from != nil {
		*to = from.Normal()
	}
}

// Archive sets or clears when a row was archived. It reports whether it archives the row now.
func Archive(at **time.Time, archived *bool, now time.Time) (archives bool) {
	switch {
	case archived == nil:
	case *archived && *at == nil:
		*at = &now
		return true
	case !*archived:
		*at = nil
	}
	return false
}
