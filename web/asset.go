package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"

	"baogong/internal/coding"
)

// asset is a file that pages load, compressed once by brotli and gzip, and plain for the rare client without either.
type asset struct {
	contentType  string
	tag          string
	forever      bool          // the content of its address never changes
	plain        func() []byte // as it is
	brotli, gzip func() []byte // nil for a small file, or one that is compressed in itself
}

// newAsset returns the asset of an embedded file; a name that ends in .gz means that it is compressed. It panics on a bad
// file.
func newAsset(file, contentType string) *asset {
	b, err := files.ReadFile(file)
	if err != nil {
		panic(err)
	}
	a := assetOf(b, contentType)
	if strings.HasSuffix(file, ".gz") {
		a.gzip, a.brotli = func() []byte { return b }, nil
		a.plain = sync.OnceValue(func() []byte {
			r, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				panic(fmt.Errorf("unpack %s: %w", file, err))
			}
			out, err := io.ReadAll(r)
			if err != nil {
				panic(fmt.Errorf("unpack %s: %w", file, err))
			}
			return out
		})
	}
	return a
}

// assetOf returns the asset of plain bytes. Larger ones are compressed at the first request.
func assetOf(b []byte, contentType string) *asset {
	a := &asset{contentType: contentType, tag: fmt.Sprintf("%x", sha256.Sum256(b))[:24], plain: func() []byte { return b }}
	if len(b) > packedFrom {
		a.gzip = sync.OnceValue(func() []byte {
			var out bytes.Buffer
			w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // cannot fail: the level is valid
			_, _ = w.Write(b)                                       // cannot fail for a buffer
			_ = w.Close()
			return out.Bytes()
		})
		a.brotli = sync.OnceValue(func() []byte {
			var out bytes.Buffer
			w := brotli.NewWriterLevel(&out, brotliLevel)
			_, _ = w.Write(b) // cannot fail for a buffer
			_ = w.Close()
			return out.Bytes()
		})
	}
	return a
}

const (
	packedFrom  = 1400 // bytes
	brotliLevel = 9    // of 11; the highest takes twenty times as long for 4 % less
)

func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-cache") // clients may keep it, but must ask whether it has changed
	if a.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", `"`+a.tag+`"`)
	body := a.plain
	if a.gzip != nil {
		h.Set("Vary", "Accept-Encoding")
		accept := r.Header.Get("Accept-Encoding")
		switch {
		case a.brotli != nil && coding.Accepts(accept, "br"):
			h.Set("Content-Encoding", "br")
			h.Set("ETag", `"`+a.tag+`-br"`)
			body = a.brotli
		case coding.Accepts(accept, "gzip"):
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+a.tag+`-gz"`)
			body = a.gzip
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body()))
}
