//go:build race

package cpu

// Dearer is how many times more CPU the race detector costs.
const Dearer = 4
