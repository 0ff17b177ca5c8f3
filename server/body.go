package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"baogong/delivery"
)

// hold is a reservation of bytes for a request.
type hold struct {
	of  *tally
	key string
	n   int
}

// grow raises the reservation to n bytes in all. It reports false if the server's budget of bytes is used up.
func (h *hold) grow(n int) bool {
	if n <= h.n {
		return true
	}
	if !h.of.takeMany(h.key, n-h.n) {
		return false
	}
	h.n = n
	return true
}

// release returns the bytes. It is idempotent.
func (h *hold) release() {
	h.of.giveMany(h.key, h.n)
	h.n = 0
}

// checkMedia refuses a request unless its headers declare an uncompressed body of JSON in UTF-8.
func checkMedia(w http.ResponseWriter, h http.Header) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || kind != typeJSON {
		return refused(http.StatusUnsupportedMediaType, delivery.ReasonMediaType)
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8":
	default:
		return refused(http.StatusUnsupportedMediaType, delivery.ReasonMediaType)
	}
	for coding := range strings.SplitSeq(strings.Join(h.Values("Content-Encoding"), ","), ",") {
		if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
			w.Header().Set("Accept-Encoding", "identity") // the accepted coding (RFC 9110, section 15.5.16)
			return refused(http.StatusUnsupportedMediaType, delivery.ReasonContentEncoding)
		}
	}
	return nil
}

// body reads a request's whole body. It reserves memory as bytes arrive, and each 16 KiB must arrive within WriteTimeout.
// It fails with a failure. The caller must release held in any case.
func (s *Server) body(w http.ResponseWriter, r *http.Request, held *hold) ([]byte, error) {
	limit := s.opt.Limits.Body
	tooLarge := refused(http.StatusRequestEntityTooLarge, delivery.ReasonTooLarge, limit)
	if r.ContentLength > limit { // before the client sends it, if it expects 100-continue
		return nil, tooLarge
	}
	most := int(limit) + 1 // one byte more, so that a read meets io.EOF
	if r.ContentLength >= 0 {
		most = int(r.ContentLength) + 1
	}
	control, until := http.NewResponseController(w), s.now().Add(s.opt.Limits.RequestTimeout)
	in := http.MaxBytesReader(w, r.Body, limit)
	text := make([]byte, 0, min(most, smallMessage))
	for step := 0; ; {
		if len(text) == cap(text) {
			room := min(2*cap(text), most)
			if !held.grow(room) {
				return nil, refused(http.StatusTooManyRequests, delivery.ReasonTooMuchAtOnce)
			}
			text = append(make([]byte, 0, room), text...)
		}
		if at := len(text) / readStep; most > smallMessage && (at > step || len(text) == 0) {
			step = at
			next := s.now().Add(s.opt.Limits.WriteTimeout)
			if next.After(until) {
				next = until
			}
			_ = control.SetReadDeadline(next)
		}
		n, err := in.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		if err == nil {
			continue
		}
		switch _, large := errors.AsType[*http.MaxBytesError](err); {
		case err == io.EOF:
			return text, nil
		case large:
			return nil, tooLarge
		}
		return nil, badBody(delivery.BodyCutShort)
	}
}
