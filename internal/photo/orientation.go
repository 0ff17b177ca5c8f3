package photo

import (
	"bytes"
	"encoding/binary"
)

// exifMark begins the EXIF of a JPEG, and of some WebP pictures. TIFF follows.
const exifMark = "Exif\x00\x00"

// The parts of TIFF that say how a picture is to be turned.
const (
	tiffHeader     = 8 // byte order, 42, offset of the first directory
	tiffEntry      = 12
	tagOrientation = 0x0112
	typeShort      = 3
	upright        = 1 // the orientation of a picture that is shown as it is stored
)

// orientation returns how a picture is to be turned, 1 to 8, by its EXIF: TIFF, with or without exifMark. Without a valid
// orientation it returns upright.
func orientation(exif []byte) int {
	exif = bytes.TrimPrefix(exif, []byte(exifMark))
	if len(exif) < tiffHeader {
		return upright
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := uint64(order.Uint32(exif[4:]))
	if at+2 > uint64(len(exif)) {
		return upright
	}
	entries := int(order.Uint16(exif[at:]))
	exif = exif[at+2:]
	for ; entries > 0 && len(exif) >= tiffEntry; entries, exif = entries-1, exif[tiffEntry:] {
		if order.Uint16(exif) != tagOrientation {
			continue
		}
		if turned := int(order.Uint16(exif[8:])); order.Uint16(exif[2:]) == typeShort && turned >= 1 && turned <= 8 {
			return turned
		}
		return upright
	}
	return upright
}

// tiffOf returns TIFF that holds an orientation and nothing else.
func tiffOf(orientation int) []byte {
	out := []byte("MM\x00*")
	out = binary.BigEndian.AppendUint32(out, tiffHeader)
	out = binary.BigEndian.AppendUint16(out, 1) // entries
	out = binary.BigEndian.AppendUint16(out, tagOrientation)
	out = binary.BigEndian.AppendUint16(out, typeShort)
	out = binary.BigEndian.AppendUint32(out, 1) // values
	out = binary.BigEndian.AppendUint16(out, uint16(orientation))
	out = binary.BigEndian.AppendUint16(out, 0)
	return binary.BigEndian.AppendUint32(out, 0) // no further directory
}
