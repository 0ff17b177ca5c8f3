package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/webp"
)

// secret stands for everything that a picture says beside its pixels.
const secret = "Wang Fang's phone, 30.7N 111.3E"

// exifWith returns TIFF of a camera: a maker's name, the orientation, and a place.
func exifWith(orientation int) []byte {
	out := binary.LittleEndian.AppendUint32([]byte("II*\x00"), 8)
	out = binary.LittleEndian.AppendUint16(out, 3)
	entry := func(tag, kind uint16, count, value uint32) {
		out = binary.LittleEndian.AppendUint16(out, tag)
		out = binary.LittleEndian.AppendUint16(out, kind)
		out = binary.LittleEndian.AppendUint32(out, count)
		out = binary.LittleEndian.AppendUint32(out, value)
	}
	entry(0x010f, 2, uint32(len(secret)), 50)
	entry(tagOrientation, typeShort, 1, uint32(orientation))
	entry(0x8825, 4, 1, 50) // GPS
	out = binary.LittleEndian.AppendUint32(out, 0)
	return append(out, secret...)
}

// scene is a picture in which no two columns and rows are alike.
func scene() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 33, 17))
	for x := range 33 {
		for y := range 17 {
			m.Set(x, y, color.RGBA{uint8(x * 7), uint8(y * 14), uint8(x * y), 255})
		}
	}
	return m
}

func bareJPEG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, scene(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func barePNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, scene()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func stored(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// talkativeJPEG adds to a JPEG what cameras and programs add.
func talkativeJPEG(data []byte, orientation int) []byte {
	thumbnail := append([]byte(jfifMark+"\x01\x02\x00\x00\x48\x00\x48\x0b\x01"), secret+"--"...)
	out := jpegSegment([]byte{0xff, markerSOI}, markerAPP0, thumbnail)
	out = jpegSegment(out, markerAPP1, append([]byte(exifMark), exifWith(orientation)...))
	out = append(out, 0xff, 0xff) // before the next marker's own
	out = jpegSegment(out, markerAPP1, []byte("http://ns.adobe.com/xap/1.0/\x00"+secret))
	out = jpegSegment(out, markerAPP2, []byte(iccMark+"\x01\x01profile"))
	out = jpegSegment(out, markerAPP2, []byte("MPF\x00"+secret))
	out = jpegSegment(out, 0xed, []byte("Photoshop 3.0\x00"+secret))
	out = jpegSegment(out, markerCOM, []byte(secret))
	out = append(out, data[2:]...)
	return append(out, "PK\x03\x04"+secret...) // a second file
}

// talkativePNG adds to a PNG what cameras and programs add.
func talkativePNG(data []byte, orientation int) []byte {
	head := len(pngSignature) + pngOverhead + pngIHDR
	out := slices.Clone(data[:head])
	for name, body := range map[string]string{"tEXt": "Author\x00" + secret, "iTXt": "XML:com.adobe.xmp\x00" + secret, "tIME": "\x07\xe4\x02\x12\x08\x00\x00", "prVt": secret} {
		out = append(out, pngChunk(name, []byte(body))...)
	}
	out = append(out, pngChunk("gAMA", []byte{0, 0, 0xb1, 0x8f})...)
	out = append(out, pngChunk("eXIf", exifWith(orientation))...)
	return append(append(out, data[head:]...), secret...)
}

// talkativeWebP adds to a WebP what cameras and programs add.
func talkativeWebP(data []byte, orientation int) []byte {
	c := webpCopy{out: slices.Clone(data)}
	c.chunk("EXIF", exifWith(orientation))
	c.chunk("XMP ", []byte(secret))
	c.chunk("PRIV", []byte(secret+"."))
	binary.LittleEndian.PutUint32(c.out[4:], uint32(len(c.out)-riffChunk))
	c.out[20] |= webpEXIF | 0x04
	return append(c.out, secret...)
}

// parts walks through a picture and returns the names of its segments or chunks.
func parts(t *testing.T, data []byte) string {
	t.Helper()
	var out []string
	switch Type(data) {
	case JPEG:
		for at := 2; data[at+1] != markerSOS; at += 2 + int(binary.BigEndian.Uint16(data[at+2:])) {
			out = append(out, map[byte]string{markerAPP0: "APP0", markerAPP1: "EXIF", markerAPP2: "ICC", markerAPP14: "Adobe"}[data[at+1]])
			if data[at] != 0xff || data[at+1]&0xf0 == 0xe0 && out[len(out)-1] == "" || data[at+1] == markerCOM {
				t.Errorf("got the segment %x, want none", data[at+1])
			}
		}
	case PNG:
		for at := len(pngSignature); at < len(data); at += pngOverhead + int(binary.BigEndian.Uint32(data[at:])) {
			out = append(out, string(data[at+4:at+8]))
		}
	case WebP:
		for at := riffHeader; at < len(data); {
			size := int(binary.LittleEndian.Uint32(data[at+4:]))
			out = append(out, string(data[at:at+4]))
			at += riffChunk + size + size%2
		}
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), " ")
}

func pixels(t *testing.T, data []byte) *image.NRGBA {
	t.Helper()
	decode := map[string]func(*bytes.Reader) (image.Image, error){
		JPEG: func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) },
		PNG:  func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) },
		WebP: func(r *bytes.Reader) (image.Image, error) { return webp.Decode(r) },
	}[Type(data)]
	m, err := decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(m.Bounds())
	for x := range m.Bounds().Dx() {
		for y := range m.Bounds().Dy() {
			out.Set(x, y, m.At(x, y))
		}
	}
	return out
}

func TestPicturesLoseTheirMetadataAndKeepTheirPixels(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data []byte
		left string // parts of a picture that is turned
	}{
		"baseline JPEG":    {talkativeJPEG(bareJPEG(t), 6), "APP0 EXIF ICC"},
		"progressive JPEG": {talkativeJPEG(stored(t, "progressive.jpeg"), 6), "APP0 EXIF ICC"},
		"JPEG in RGB":      {talkativeJPEG(stored(t, "adobe.jpeg"), 6), "APP0 EXIF ICC Adobe"},
		"JPEG of restarts": {talkativeJPEG(stored(t, "restarts.jpeg"), 6), "APP0 EXIF ICC"},
		"PNG":              {talkativePNG(barePNG(t), 6), "IHDR eXIf gAMA IDAT IEND"},
		"lossy WebP":       {talkativeWebP(stored(t, "lossy.webp"), 6), "VP8X ICCP VP8  EXIF"},
		"lossless WebP":    {talkativeWebP(stored(t, "lossless.webp"), 6), "VP8X ICCP VP8L EXIF"},
		"transparent WebP": {talkativeWebP(stored(t, "transparent.webp"), 6), "VP8X ICCP ALPH VP8  EXIF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(c.data)
			p, err := Clean(c.data)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(c.data, before) {
				t.Error("the input was changed")
			}
			if got := parts(t, p.Data); got != c.left {
				t.Errorf("got the parts %s, want %s", got, c.left)
			}
			for word := range strings.SplitSeq(secret, " ") {
				if bytes.Contains(p.Data, []byte(word)) {
					t.Errorf("%q is still there", word)
				}
			}
			want, got := pixels(t, c.data), pixels(t, p.Data)
			if !slices.Equal(got.Pix, want.Pix) || got.Rect.Dx() != p.Width || got.Rect.Dy() != p.Height {
				t.Errorf("the pixels differ, or the size %d×%d", p.Width, p.Height)
			}
			again, err := Clean(p.Data)
			if err != nil || !bytes.Equal(again.Data, p.Data) {
				t.Errorf("cleaned twice it differs, or %v", err)
			}
		})
	}
}

func TestOrientationIsKept(t *testing.T) {
	t.Parallel()
	find := map[string]string{JPEG: exifMark, PNG: "eXIf", WebP: "EXIF\x1a\x00\x00\x00"}
	for turned := range 10 {
		for _, data := range [][]byte{talkativeJPEG(bareJPEG(t), turned), talkativePNG(barePNG(t), turned), talkativeWebP(stored(t, "lossy.webp"), turned)} {
			p, err := Clean(data)
			if err != nil {
				t.Fatal(err)
			}
			_, exif, found := bytes.Cut(p.Data, []byte(find[Type(data)]))
			if want := turned > upright && turned <= 8; found != want {
				t.Errorf("%s turned by %d: got EXIF %t, want %t", Type(data), turned, found, want)
			} else if want && orientation(exif) != turned {
				t.Errorf("%s turned by %d: got %d", Type(data), turned, orientation(exif))
			}
		}
	}
}

func TestUnfitPicturesAreRefused(t *testing.T) {
	t.Parallel()
	// changed returns data with other bytes from where find begins.
	changed := func(data []byte, find, other string) []byte {
		at := bytes.Index(data, []byte(find))
		if at < 0 {
			t.Fatalf("no %q", find)
		}
		return slices.Concat(data[:at], []byte(other), data[at+len(other):])
	}
	jpg, pic, web := bareJPEG(t), barePNG(t), stored(t, "lossy.webp")
	wide := func(width uint32) []byte {
		header := binary.BigEndian.AppendUint32(nil, width)
		header = binary.BigEndian.AppendUint32(header, 17)
		return slices.Concat(pic[:8], pngChunk("IHDR", append(header, 8, 2, 0, 0, 0)), pic[8+pngOverhead+pngIHDR:])
	}
	scans := slices.Clone(jpg[:len(jpg)-2])
	sos := jpg[bytes.Index(jpg, []byte{0xff, markerSOS}) : len(jpg)-2]
	for range maxScans {
		scans = append(scans, sos...)
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing":                         {nil, ErrMalformed},
		"a page":                          {[]byte("<script>alert(1)</script>"), ErrMalformed},
		"a GIF":                           {[]byte("GIF89a\x01\x00\x01\x00"), ErrMalformed},
		"a JPEG without frame":            {append(slices.Clone(jpg[:2]), 0xff, markerEOI), ErrMalformed},
		"a JPEG without end":              {jpg[:len(jpg)-2], ErrMalformed},
		"a JPEG with two frames":          {slices.Concat(jpg[:len(jpg)-2], jpg[max(0, bytes.Index(jpg, []byte{0xff, markerSOF0})):]), ErrMalformed},
		"a lossless JPEG":                 {changed(jpg, "\xff\xc0", "\xff\xc3"), ErrMalformed},
		"a JPEG too high":                 {changed(jpg, "\xff\xc0\x00\x11\x08", "\xff\xc0\x00\x11\x08\x2e\xe1"), ErrTooLarge},
		"a JPEG without height":           {changed(jpg, "\xff\xc0\x00\x11\x08", "\xff\xc0\x00\x11\x08\x00\x00"), ErrMalformed},
		"a JPEG of endless scans":         {append(scans, 0xff, markerEOI), ErrMalformed},
		"a PNG too wide":                  {wide(MaxSide + 1), ErrTooLarge},
		"a PNG of four thousand millions": {wide(0xffffffff), ErrTooLarge},
		"a PNG without width":             {wide(0), ErrMalformed},
		"a PNG with a wrong checksum":     {changed(pic, "IHDR\x00\x00\x00\x21", "IHDR\x00\x00\x00\x20"), ErrMalformed},
		"a PNG without end":               {pic[:len(pic)-pngOverhead], ErrMalformed},
		"a PNG without pixels":            {slices.Concat(pic[:8+pngOverhead+pngIHDR], pic[len(pic)-pngOverhead:]), ErrMalformed},
		"a PNG with an unknown part":      {slices.Concat(pic[:8+pngOverhead+pngIHDR], pngChunk("QQQQ", nil), pic[8+pngOverhead+pngIHDR:]), ErrMalformed},
		"an animated WebP":                {changed(web, "VP8X\x0a\x00\x00\x00", "VP8X\x0a\x00\x00\x00\x02"), ErrAnimated},
		"a WebP on another canvas":        {changed(web, "VP8X\x0a\x00\x00\x00 \x00\x00\x00 ", "VP8X\x0a\x00\x00\x00 \x00\x00\x00!"), ErrMalformed},
		"a WebP longer than it is":        {web[:len(web)-10], ErrMalformed},
		"a WebP without picture":          {[]byte("RIFF\x04\x00\x00\x00WEBP"), ErrMalformed},
		"a WebP shorter than its header":  {[]byte("RIFF\x00\x00\x00\x00WEBP"), ErrMalformed},
	} {
		if p, err := Clean(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v and %d bytes, want %v", name, err, len(p.Data), c.want)
		}
	}
}

// FuzzClean feeds Clean arbitrary files. What it accepts is of the same type, hardly longer, and its own copy.
func FuzzClean(f *testing.F) {
	for _, data := range [][]byte{talkativeJPEG(bareJPEG(f), 6), stored(f, "progressive.jpeg"), talkativePNG(barePNG(f), 3), talkativeWebP(stored(f, "lossy.webp"), 8), stored(f, "lossless.webp"), stored(f, "transparent.webp")} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Clean(data)
		if err != nil {
			return
		}
		if Type(p.Data) != Type(data) || len(p.Data) > len(data)+64 {
			t.Errorf("got %d bytes of %q from %d of %q", len(p.Data), Type(p.Data), len(data), Type(data))
		}
		again, err := Clean(p.Data)
		if err != nil || !bytes.Equal(again.Data, p.Data) {
			t.Errorf("cleaned twice it differs, or %v", err)
		}
	})
}
