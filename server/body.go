package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"baogong/delivery"
)

// hold is bytes that are reserved for a request.
type hold struct {
	of  *tally
	key string
	n   int
}

// grow reserves up to n bytes in all. It reports false if there are too many already.
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

// release gives the bytes back. It may be called again.
func (h *hold) release() {
	h.of.giveMany(h.key, h.n)
	h.n = 0
}

// checkMedia fails with a refusal unless a request says that its body is JSON in UTF-8, not compressed.
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
			w.Header().Set("Accept-Encoding", "identity") // what we would have taken (RFC 9110, section 15.5.16)
			return refused(http.StatusUnsupportedMediaType, delivery.ReasonContentEncoding)
		}
	}
	return nil
}

// body reads a request's whole body. Memory is reserved as it arrives, and every 16 KiB must come within WriteTimeout.
// Its errors are failures; held must be released in any case.
func (s *Server) body(w http.ResponseWriter, r *http.Request, held *hold) ([]byte, error) {
	limit := s.opt.Limits.Body
	tooLarge := refused(http.StatusRequestEntityTooLarge, delivery.ReasonTooLarge, limit)
	if r.ContentLength > limit { // a client that expects 100-continue need not even send it
		return nil, tooLarge
	}
	most := int(limit) + 1 // one more byte, for a read that finds the end
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
