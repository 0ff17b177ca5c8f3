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
)

// asset is a file that pages load, compressed once, and plain for the rare client without gzip.
type asset struct {
	contentType   string
	tag           string
	packed, plain func() []byte // packed is nil for a small file
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
		a.packed = func() []byte { return b }
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
		a.packed = sync.OnceValue(func() []byte {
			var out bytes.Buffer
			w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // cannot fail: the level is valid
			_, _ = w.Write(b)                                       // cannot fail for a buffer
			_ = w.Close()
			return out.Bytes()
		})
	}
	return a
}

const packedFrom = 1400 // bytes

func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-cache") // clients may keep it, but must ask whether it has changed
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", `"`+a.tag+`"`)
	body := a.plain
	if a.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+a.tag+`-gz"`)
			body = a.packed
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body()))
}

// takesGzip reports whether an Accept-Encoding header accepts gzip. An entry for gzip takes precedence over "*".
func takesGzip(accept string) bool {
	others := false
	for part := range strings.SplitSeq(accept, ",") {
		coding, weight, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(part, " ", "")), ";")
		refused := strings.HasPrefix(weight, "q=0") && strings.Trim(weight[len("q=0"):], ".0") == ""
		switch coding {
		case "gzip", "x-gzip":
			return !refused
		case "*":
			others = !refused
		}
	}
	return others
}
