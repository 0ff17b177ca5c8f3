//go:build race

package cpu

// dearer is how many times more CPU the race detector costs.
const dearer = 4
