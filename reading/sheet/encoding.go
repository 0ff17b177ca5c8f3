package sheet

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// charset is how a text file is written.
type charset struct {
	bom    int               // bytes of the mark at its beginning
	wide   bool              // two bytes a character: UTF-16
	big    bool              // the high byte first
	decode encoding.Encoding // nil for UTF-8
}

// findCharset finds the encoding of a text file. A mark at the beginning decides. Without one, zero bytes show UTF-16; what is UTF-8 but
// for a few bytes is UTF-8; everything else is GB18030.
func findCharset(r io.ReaderAt, size int64) (charset, error) {
	head := make([]byte, min(size, 64<<10))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return charset{}, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return charset{bom: 3}, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return utf16(2, false), nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16(2, true), nil
	}
	if even, odd := zeros(head); odd > 4*even && odd*10 > len(head) {
		return utf16(0, false), nil
	} else if even > 4*odd && even*10 > len(head) {
		return utf16(0, true), nil
	}
	good, bad, err := countUTF8(r, size)
	if err != nil {
		return charset{}, err
	}
	if bad*20 <= good {
		return charset{}, nil
	}
	return charset{decode: simplifiedchinese.GB18030}, nil
}

func utf16(bom int, big bool) charset {
	order := unicode.LittleEndian
	if big {
		order = unicode.BigEndian
	}
	return charset{bom: bom, wide: true, big: big, decode: unicode.UTF16(order, unicode.IgnoreBOM)}
}

// zeros counts the zero bytes at even and at odd places. Separators, digits and line breaks have one each in UTF-16.
func zeros(b []byte) (even, odd int) {
	for i, c := range b {
		if c == 0 {
			if i%2 == 0 {
				even++
			} else {
				odd++
			}
		}
	}
	return even, odd
}

// countUTF8 counts the characters of several bytes, and the bytes that belong to none.
func countUTF8(r io.ReaderAt, size int64) (good, bad int, err error) {
	buf, kept := make([]byte, 64<<10), 0
	for at := int64(0); at < size; {
		n, err := r.ReadAt(buf[kept:min(int64(len(buf)), int64(kept)+size-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, 0, err
		}
		if n == 0 {
			break
		}
		at += int64(n)
		b := buf[:kept+n]
		for len(b) > 0 && (at >= size || utf8.FullRune(b)) {
			c, width := utf8.DecodeRune(b)
			switch {
			case c == utf8.RuneError && width == 1:
				bad++
			case width > 1:
				good++
			}
			b = b[width:]
		}
		kept = copy(buf, b)
	}
	return good, bad, nil
}
