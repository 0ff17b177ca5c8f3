// Package wire moves bytes over connections: it tunes and upgrades them, reads frames into messages, and writes frames by
// writers that many connections share. It knows no GraphQL; what an answer is, its sources know.
package wire

import "encoding/binary"

// The frames a server writes (RFC 6455, section 5.2): final, unmasked, uncompressed.
const (
	frameText  = 0x1
	frameClose = 0x8
	framePing  = 0x9
	framePong  = 0xA
)

// AppendText appends one text message whose payload is the parts put together.
func AppendText(b []byte, parts ...[]byte) []byte { return appendFrame(b, frameText, parts...) }

// appendFrame appends one frame whose payload is the parts put together.
func appendFrame(b []byte, kind byte, parts ...[]byte) []byte {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	b = append(b, 0x80|kind)
	switch {
	case size < 126:
		b = append(b, byte(size))
	case size < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(size))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(size))
	}
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// appendClose appends a close frame. Code 0 means a frame without a code, the answer to a peer that sent none.
func appendClose(b []byte, code int, reason string) []byte {
	if code == 0 {
		return appendFrame(b, frameClose)
	}
	return appendFrame(b, frameClose, binary.BigEndian.AppendUint16(nil, uint16(code)), []byte(reason))
}
