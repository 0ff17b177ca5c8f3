//go:build soak

package demo

import "time"

const (
	dayLasts  = 24 * time.Hour
	dayOrders = 1230 // a day's
)
