package photo

import (
	"encoding/binary"
	"slices"
)

const (
	riffHeader = 12 // bytes: RIFF, the length, WEBP
	riffChunk  = 8  // bytes of a chunk before its data: name and length
	webpVP8X   = 10 // bytes of the extended header's data
)

// The flags of the extended header, VP8X.
const (
	webpAnimated = 0x02
	webpEXIF     = 0x08
	webpAlpha    = 0x10
	webpProfile  = 0x20
)

// webpCopy is a WebP as it is copied.
type webpCopy struct {
	out           []byte
	extended      int // where the extended header's data is in out; 0 without one
	width, height int // of the canvas, as the extended header says
	turned        int
	p             Picture
}

// cleanWebP keeps the extended header, the colour profile, the transparency and the picture. It drops every other chunk, and what follows
// the end.
func cleanWebP(data []byte) (Picture, error) {
	n := uint64(binary.LittleEndian.Uint32(data[4:])) + riffChunk
	if n > uint64(len(data)) || n < riffHeader {
		return Picture{}, ErrMalformed
	}
	in := data[riffHeader:n]
	c := webpCopy{out: append(make([]byte, 0, n+64), data[:riffHeader]...), turned: upright}
	for len(in) > 0 {
		if len(in) < riffChunk {
			return Picture{}, ErrMalformed
		}
		name, size := string(in[:4]), uint64(binary.LittleEndian.Uint32(in[4:]))
		if size+riffChunk > uint64(len(in)) {
			return Picture{}, ErrMalformed
		}
		body := in[riffChunk : riffChunk+size]
		in = in[min(riffChunk+size+size%2, uint64(len(in))):] // a last chunk without its padding is common
		if err := c.keep(name, body); err != nil {
			return Picture{}, err
		}
	}
	return c.end()
}

// keep copies a chunk, or drops it.
func (c *webpCopy) keep(name string, body []byte) error {
	switch name {
	case "VP8X":
		if len(body) != webpVP8X || len(c.out) != riffHeader {
			return ErrMalformed
		}
		if body[0]&webpAnimated != 0 {
			return ErrAnimated
		}
		c.width, c.height = 1+uint24(body[4:]), 1+uint24(body[7:])
		c.extended = len(c.out) + riffChunk
		c.chunk(name, body)
		c.out[c.extended] &= webpAlpha | webpProfile
	case "ICCP", "ALPH":
		if c.extended == 0 || c.p.Width != 0 {
			return ErrMalformed
		}
		c.chunk(name, body)
	case "VP8 ", "VP8L":
		width, height, ok := webpSides(name, body)
		if !ok || c.p.Width != 0 || c.extended != 0 && (width != c.width || height != c.height) {
			return ErrMalformed
		}
		c.p.Width, c.p.Height = width, height
		c.chunk(name, body)
		return checkSides(width, height)
	case "ANIM", "ANMF":
		return ErrAnimated
	case "EXIF":
		c.turned = orientation(body)
	}
	return nil
}

// end completes the copy. Only an extended header can announce an orientation.
func (c *webpCopy) end() (Picture, error) {
	if c.p.Width == 0 {
		return Picture{}, ErrMalformed
	}
	if c.turned != upright && c.extended != 0 {
		c.chunk("EXIF", tiffOf(c.turned))
		c.out[c.extended] |= webpEXIF
	}
	binary.LittleEndian.PutUint32(c.out[4:], uint32(len(c.out)-riffChunk))
	c.p.Data = slices.Clip(c.out)
	return c.p, nil
}

// chunk appends a chunk with its padding.
func (c *webpCopy) chunk(name string, body []byte) {
	c.out = append(c.out, name...)
	c.out = binary.LittleEndian.AppendUint32(c.out, uint32(len(body)))
	c.out = append(c.out, body...)
	if len(body)%2 == 1 {
		c.out = append(c.out, 0)
	}
}

// webpSides returns the size that a picture's own header says (RFC 9649, sections 2.5 and 2.6).
func webpSides(name string, body []byte) (width, height int, ok bool) {
	const start = "\x9d\x01\x2a" // of a key frame
	switch {
	case name == "VP8 " && len(body) >= 10 && body[0]&1 == 0 && string(body[3:6]) == start:
		return int(binary.LittleEndian.Uint16(body[6:])) & 0x3fff, int(binary.LittleEndian.Uint16(body[8:])) & 0x3fff, true
	case name == "VP8L" && len(body) >= 5 && body[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(body[1:])
		return 1 + int(bits&0x3fff), 1 + int(bits>>14&0x3fff), true
	}
	return 0, 0, false
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
