package photo

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	pngOverhead  = 12 // bytes of a chunk around its data: length, name and checksum
	pngIHDR      = 13 // bytes of the header's data
)

// pngKept are the chunks that change how the picture is shown, header and end aside.
var pngKept = []string{"PLTE", "IDAT", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "iCCP", "cICP", "pHYs", "bKGD"}

// cleanPNG keeps the chunks of pngKept. It drops the others, and what follows the end; of an animation the first picture stays.
func cleanPNG(data []byte) (Picture, error) {
	in, out := data[len(pngSignature):], append(make([]byte, 0, len(data)+64), pngSignature...)
	var p Picture
	head, turned, pixels := 0, upright, false
	for {
		if len(in) < pngOverhead {
			return Picture{}, ErrMalformed
		}
		n, name := uint64(binary.BigEndian.Uint32(in)), string(in[4:8])
		if n+pngOverhead > uint64(len(in)) {
			return Picture{}, ErrMalformed
		}
		chunk, body := in[:n+pngOverhead], in[8:8+n]
		in = in[n+pngOverhead:]
		if (p.Width == 0) != (name == "IHDR") || crc32.ChecksumIEEE(chunk[4:8+n]) != binary.BigEndian.Uint32(chunk[8+n:]) {
			return Picture{}, ErrMalformed
		}
		switch {
		case name == "IHDR":
			if n != pngIHDR {
				return Picture{}, ErrMalformed
			}
			width, height := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			p.Width, p.Height = int(min(width, MaxSide+1)), int(min(height, MaxSide+1))
			if err := checkSides(p.Width, p.Height); err != nil {
				return Picture{}, err
			}
			out = append(out, chunk...)
			head = len(out)
		case name == "IEND":
			if !pixels || n != 0 {
				return Picture{}, ErrMalformed
			}
			out = append(out, chunk...)
			if turned != upright {
				out = slices.Insert(out, head, pngChunk("eXIf", tiffOf(turned))...)
			}
			p.Data = out
			return p, nil
		case name == "eXIf":
			turned = orientation(body)
		case slices.Contains(pngKept, name):
			pixels = pixels || name == "IDAT"
			out = append(out, chunk...)
		case name[0]&0x20 == 0: // a chunk that a decoder must understand
			return Picture{}, ErrMalformed
		}
	}
}

// pngChunk returns a chunk.
func pngChunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}
