package server

import (
	"context"
	"net/http"
	"time"

	"baogong/delivery"
	"baogong/server/limit"
	"baogong/server/wire"
)

// patience returns the deadline for a peer to take a number of bytes.
func (s *Server) patience(bytes int) time.Time {
	return s.now().Add(s.opt.Limits.WriteTimeout * time.Duration(1+bytes/limit.Step))
}

func (s *Server) route() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.crossOrigin(s.graphql))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, "text/plain", http.StatusOK, []byte("ok"))
	})
	mux.HandleFunc("GET /readyz", s.ready)
	if s.opt.Metrics != nil {
		mux.HandleFunc("GET /metrics", s.metrics)
	}
	if s.opt.Links != nil {
		mux.Handle("GET /track/{code}", wire.Pack(http.HandlerFunc(s.trackPage)))
		mux.Handle("GET /track/{code}/events", s.crossOrigin(s.trackEvents))
		mux.Handle("OPTIONS /track/{code}/events", s.crossOrigin(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}))
	}
	if s.opt.Files != nil {
		mux.Handle("/files", s.crossOrigin(s.putFile, http.MethodPut))
		mux.Handle("/files/{id}", s.crossOrigin(s.getFile))
	}
	if s.opt.Exports != nil {
		mux.Handle("/exports/{table}", s.crossOrigin(s.exportTable))
		mux.Handle("/imports/{id}/{table}", s.crossOrigin(s.exportTable))
	}
	for pattern, page := range s.opt.Pages {
		mux.Handle(pattern, wire.Pack(page))
	}
	routes := s.around(s.onlyLoopback(s.orNotFound(mux)))
	if s.opt.Observer != nil {
		return s.opt.Observer.Around(routes)
	}
	return routes
}

// orNotFound answers unknown paths by Options.NotFound instead of the multiplexer. A route for every path would do the same,
// but would also take the requests that the multiplexer answers with 405.
func (s *Server) orNotFound(mux *http.ServeMux) http.Handler {
	if s.opt.NotFound == nil {
		return mux
	}
	page := wire.Pack(s.opt.NotFound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern == "" {
			var would discardWriter
			if handler.ServeHTTP(&would, r); would.status == http.StatusNotFound {
				page.ServeHTTP(w, r)
				return
			}
		}
		mux.ServeHTTP(w, r)
	})
}

// discardWriter keeps the status of an answer and drops the rest.
type discardWriter struct {
	header http.Header
	status int
}

func (u *discardWriter) Header() http.Header {
	if u.header == nil {
		u.header = http.Header{}
	}
	return u.header
}

func (u *discardWriter) WriteHeader(status int) { u.status = status }

func (u *discardWriter) Write(b []byte) (int, error) { return len(b), nil }

// readyLimit bounds /readyz, since probes time out soon too.
const readyLimit = 2 * time.Second

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.streams.draining() {
		s.write(w, typeJSON, http.StatusServiceUnavailable, []byte(`{"error":"The server is draining."}`))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyLimit)
	defer cancel()
	if s.opt.Ready != nil {
		if err := s.opt.Ready(ctx); err != nil {
			if r.Context().Err() == nil { // else the caller has gone
				s.opt.Log.Warn("not ready", "err", err)
			}
			s.write(w, typeJSON, http.StatusServiceUnavailable, []byte(`{"error":"The server is not ready."}`))
			return
		}
	}
	s.write(w, "text/plain", http.StatusOK, []byte("ready"))
}

// around gives every request its deadlines, a line in the log (of the route, because a path may hold a link's code), and an answer if its handler panics.
func (s *Server) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.now()
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(began.Add(s.opt.Limits.RequestTimeout))
		_ = control.SetWriteDeadline(began.Add(s.opt.Limits.RequestTimeout + s.opt.Limits.WriteTimeout))
		s.secure(w.Header())
		seen := &statusRecorder{ResponseWriter: w, request: r}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler || seen.status != 0 { //nolint:errorlint // compared as net/http does
					panic(http.ErrAbortHandler) // too late for an answer
				}
				s.answers.Present(r.Context(), s.answers.Recover(r.Context(), p)) // logs it
				s.refuse(seen, r, delivery.Refuse(delivery.ReasonInternal))
			}
			s.opt.Log.Debug("request", "method", r.Method, "route", r.Pattern, "status", seen.status, "took", s.now().Sub(began))
		}()
		next.ServeHTTP(seen, r)
	})
}

// statusRecorder remembers the request and the status code of its answer.
type statusRecorder struct {
	http.ResponseWriter
	request *http.Request
	status  int
}

func (r *statusRecorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
