package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
	"baogong/server/wire"
)

// The refusals of the headers of a body.
var (
	reasonMediaType = delivery.NewReason("MEDIA_TYPE", delivery.CodeBadUserInput,
		"Send application/json in UTF-8.",
		"请发送 UTF-8 编码的 application/json。")
	reasonContentEncoding = delivery.NewReason("CONTENT_ENCODING", delivery.CodeBadUserInput,
		"Please send the body uncompressed; Content-Encoding may only be identity.",
		"请勿压缩请求内容；Content-Encoding 只能是 identity。")
)

// checkMedia refuses a request unless its headers declare an uncompressed body of JSON in UTF-8.
func checkMedia(w http.ResponseWriter, h http.Header) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || kind != typeJSON {
		return refused(http.StatusUnsupportedMediaType, reasonMediaType)
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8":
	default:
		return refused(http.StatusUnsupportedMediaType, reasonMediaType)
	}
	return checkCoding(w, h)
}

// checkCoding refuses a compressed body.
func checkCoding(w http.ResponseWriter, h http.Header) error {
	for coding := range strings.SplitSeq(strings.Join(h.Values("Content-Encoding"), ","), ",") {
		if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
			w.Header().Set("Accept-Encoding", "identity") // the accepted coding (RFC 9110, section 15.5.16)
			return refused(http.StatusUnsupportedMediaType, reasonContentEncoding)
		}
	}
	return nil
}

// bodyCutShort is what is wrong with the request, for answer.ReasonBadBody.
var bodyCutShort = delivery.NewWord("it did not arrive whole", "内容没有完整送达")

// body reads the whole body of an operation, as receive does.
func (s *Server) body(w http.ResponseWriter, r *http.Request, held *limit.Reservation) ([]byte, error) {
	return s.receive(w, r, held, s.opt.Limits.Body, s.opt.Limits.RequestTimeout)
}

// receive reads a request's whole body. It reserves memory as bytes arrive; each 16 KiB must arrive within WriteTimeout, and all within
// longest. It fails with a failure. The caller must release held in any case.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, held *limit.Reservation, largest int64, longest time.Duration) ([]byte, error) {
	tooLarge := refused(http.StatusRequestEntityTooLarge, wire.ReasonTooLarge, largest)
	if r.ContentLength > largest { // before the client sends it, if it expects 100-continue
		return nil, tooLarge
	}
	most := int(largest) + 1 // one byte more, so that a read meets io.EOF
	if r.ContentLength >= 0 {
		most = int(r.ContentLength) + 1
	}
	control, until := http.NewResponseController(w), s.now().Add(longest)
	in := http.MaxBytesReader(w, r.Body, largest)
	text := make([]byte, 0, min(most, limit.Unreserved))
	for step := 0; ; {
		if len(text) == cap(text) {
			room := min(2*cap(text), most)
			if !held.Grow(room) {
				return nil, refused(http.StatusTooManyRequests, wire.ReasonTooMuchAtOnce)
			}
			text = append(make([]byte, 0, room), text...)
		}
		if at := len(text) / limit.Step; most > limit.Unreserved && (at > step || len(text) == 0) {
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
		return nil, refused(http.StatusBadRequest, answer.ReasonBadBody, bodyCutShort)
	}
}
