//go:build !soak

package volume

const soak = false
