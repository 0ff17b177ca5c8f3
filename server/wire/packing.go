package wire

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
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
