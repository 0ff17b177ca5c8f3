package photo

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// The markers of JPEG (ITU-T T.81, table B.1) that matter here.
const (
	markerSOF0  = 0xc0 // frames: baseline, extended and progressive
	markerSOF2  = 0xc2
	markerDHT   = 0xc4
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

const (
	jfifMark  = "JFIF\x00"
	jfifSize  = 14 // bytes up to the thumbnail
	iccMark   = "ICC_PROFILE\x00"
	adobeMark = "Adobe"
	adobeSize = 12 // bytes of Adobe's segment, which says how colours are stored

	maxScans = 100 // a progressive picture of a camera has about ten; each makes a decoder pass over all of the picture
)

// jpegCopy is a JPEG as it is copied.
type jpegCopy struct {
	in     []byte // not yet read
	out    []byte
	head   int // bytes of out up to the place of EXIF: after SOI and JFIF
	turned int
	p      Picture
	scans  int
}

// cleanJPEG keeps the JFIF header without its thumbnail, colour profiles, Adobe's colour transform, tables, frame and scans. It
// drops every other application segment, comments, and what follows the end, such as a second picture.
func cleanJPEG(data []byte) (Picture, error) {
	c := jpegCopy{in: data[2:], out: append(make([]byte, 0, len(data)+64), 0xff, markerSOI), head: 2, turned: upright}
	for {
		marker, ok := c.marker()
		if !ok {
			return Picture{}, ErrMalformed
		}
		if marker == markerEOI {
			break
		}
		body, ok := c.segment()
		if !ok {
			return Picture{}, ErrMalformed
		}
		if err := c.keep(marker, body); err != nil {
			return Picture{}, err
		}
	}
	if c.scans == 0 {
		return Picture{}, ErrMalformed
	}
	c.out = append(c.out, 0xff, markerEOI)
	if c.turned != upright {
		exif := jpegSegment(nil, markerAPP1, append([]byte(exifMark), tiffOf(c.turned)...))
		c.out = slices.Insert(c.out, c.head, exif...)
	}
	c.p.Data = c.out
	return c.p, nil
}

// marker reads the next marker. Any number of 0xff may stand before it.
func (c *jpegCopy) marker() (byte, bool) {
	if len(c.in) < 2 || c.in[0] != 0xff {
		return 0, false
	}
	for len(c.in) > 0 && c.in[0] == 0xff {
		c.in = c.in[1:]
	}
	if len(c.in) == 0 || c.in[0] == 0 {
		return 0, false
	}
	marker := c.in[0]
	c.in = c.in[1:]
	return marker, true
}

// segment reads the body of a segment.
func (c *jpegCopy) segment() ([]byte, bool) {
	if len(c.in) < 2 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint16(c.in))
	if n < 2 || n > len(c.in) {
		return nil, false
	}
	body := c.in[2:n]
	c.in = c.in[n:]
	return body, true
}

// keep copies a segment, or drops it. It copies a scan with its data.
func (c *jpegCopy) keep(marker byte, body []byte) error {
	switch {
	case marker == markerAPP0 && bytes.HasPrefix(body, []byte(jfifMark)) && len(body) >= jfifSize && len(c.out) == c.head && c.head == 2:
		jfif := slices.Clone(body[:jfifSize])
		jfif[jfifSize-2], jfif[jfifSize-1] = 0, 0 // width and height of the thumbnail
		c.out = jpegSegment(c.out, marker, jfif)
		c.head = len(c.out)
	case marker == markerAPP1 && bytes.HasPrefix(body, []byte(exifMark)):
		if c.turned == upright {
			c.turned = orientation(body)
		}
	case marker == markerAPP2 && bytes.HasPrefix(body, []byte(iccMark)):
		c.out = jpegSegment(c.out, marker, body)
	case marker == markerAPP14 && bytes.HasPrefix(body, []byte(adobeMark)) && len(body) >= adobeSize:
		c.out = jpegSegment(c.out, marker, body[:adobeSize])
	case marker >= markerAPP0 && marker <= markerAPP15, marker == markerCOM:
	case marker >= markerSOF0 && marker <= markerSOF2:
		return c.frame(marker, body)
	case marker == markerDHT, marker == markerDQT, marker == markerDRI:
		c.out = jpegSegment(c.out, marker, body)
	case marker == markerSOS:
		return c.scan(body)
	default: // other frames, which browsers do not show, and what may stand in a scan alone
		return ErrMalformed
	}
	return nil
}

// frame copies the picture's frame, which says how large it is.
func (c *jpegCopy) frame(marker byte, body []byte) error {
	if len(body) < 6 || len(body) != 6+3*int(body[5]) || c.p.Width != 0 {
		return ErrMalformed
	}
	c.p.Height, c.p.Width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	c.out = jpegSegment(c.out, marker, body)
	return checkSides(c.p.Width, c.p.Height)
}

// scan copies a scan's header and its data, up to the next marker that is no restart.
func (c *jpegCopy) scan(body []byte) error {
	if c.scans++; c.p.Width == 0 || c.scans > maxScans || len(body) < 4 || len(body) != 4+2*int(body[0]) {
		return ErrMalformed
	}
	c.out = jpegSegment(c.out, markerSOS, body)
	end := 0
	for {
		next := bytes.IndexByte(c.in[end:], 0xff)
		if next < 0 || end+next+1 >= len(c.in) {
			return ErrMalformed
		}
		end += next
		if after := c.in[end+1]; after != 0 && (after < markerRST0 || after > markerRST7) {
			break
		}
		end += 2
	}
	c.out = append(c.out, c.in[:end]...)
	c.in = c.in[end:]
	return nil
}

// jpegSegment appends a segment.
func jpegSegment(out []byte, marker byte, body []byte) []byte {
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(out, body...)
}
