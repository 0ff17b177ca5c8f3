package server

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// packedFrom is how many bytes an answer must have to be packed: shorter ones fit into one packet anyway.
const packedFrom = 1400

// pack lets a handler answer with gzip where the client takes it. It is for whole answers and never for streams, whose
// events would wait in its buffer. Zstandard is left out: its window would cost megabytes for each answer under way.
var pack = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(packedFrom), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{typeJSON, typeResult, "text/html", "text/plain", "text/css", "text/javascript"}))
	if err != nil {
		panic(err) // of settings that are constant
	}
	return wrap
}()
