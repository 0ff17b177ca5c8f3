package wire

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"baogong/internal/coding"
)

// PackedFrom is the least size in bytes of an answer that is compressed. Shorter answers fit into one packet.
const PackedFrom = 1400

// Pack compresses a handler's answers with gzip if the client accepts it. Never use it for streams: their events would wait
// in its buffer. It does not offer Zstandard, whose window costs megabytes for each answer in progress.
var Pack = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(PackedFrom), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"application/json", "application/graphql-response+json", "text/html", "text/plain", "text/css", "text/javascript"}))
	if err != nil {
		panic(err) // cannot happen: the settings are constant
	}
	return wrap
}()

// brotliWriters are kept for the next answers. Their window of 256 KiB bounds what each costs; at the fourth of eleven levels
// answers are smaller than by gzip without taking much longer.
var brotliWriters = sync.Pool{New: func() any {
	return brotli.NewWriterOptions(nil, brotli.WriterOptions{Quality: 4, LGWin: 18})
}}

// Brotli compresses a whole body, if the client accepts brotli. If not, it returns false; Pack then offers gzip.
func Brotli(client http.Header, body []byte) ([]byte, bool) {
	if !coding.Accepts(client.Get("Accept-Encoding"), "br") {
		return nil, false
	}
	var out bytes.Buffer
	w, _ := brotliWriters.Get().(*brotli.Writer)
	defer brotliWriters.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body) // cannot fail for a buffer
	_ = w.Close()
	return out.Bytes(), true
}
