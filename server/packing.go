package server

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// packedFrom is the least size in bytes of an answer that is compressed. Shorter answers fit into one packet.
const packedFrom = 1400

// pack compresses a handler's answers with gzip if the client accepts it. Never use it for streams: their events would wait
// in its buffer. It does not offer Zstandard, whose window costs megabytes for each answer in progress.
var pack = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(packedFrom), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{typeJSON, typeResult, "text/html", "text/plain", "text/css", "text/javascript"}))
	if err != nil {
		panic(err) // cannot happen: the settings are constant
	}
	return wrap
}()
