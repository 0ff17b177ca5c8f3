//go:build !race

package cpu

// dearer is how many times more CPU the race detector costs; it is off.
const dearer = 1
