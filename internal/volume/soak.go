//go:build soak

package volume

const soak = true
