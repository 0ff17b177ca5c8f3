package server

import (
	"net/http"
	"time"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
)

// failure is a request that was refused before GraphQL, and the HTTP status that says so.
type failure struct {
	status int
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// refused is a failure with a reason.
func refused(status int, reason delivery.Reason, args ...any) *failure {
	return &failure{status: status, err: delivery.Refuse(reason, args...)}
}

// read decodes the operation of a request. It fails with a failure or an answer.Malformed, which never quotes the request. The
// caller must release held in any case.
func (s *Server) read(w http.ResponseWriter, r *http.Request, held *limit.Reservation) (*answer.Request, error) {
	if r.Method == http.MethodGet {
		points := answer.URLCost(r.URL.RawQuery)
		if wait := s.rates.ChargeReading(limit.Client{Address: held.Key()}, points); wait > 0 {
			return nil, &tooCostly{wait}
		}
		params, err := answer.DecodeQuery(r.URL.RawQuery)
		if err == nil {
			params.Unpaid = points
		}
		return params, err
	}
	if err := checkMedia(w, r.Header); err != nil {
		return nil, err
	}
	body, err := s.body(w, r, held)
	if err != nil {
		return nil, err
	}
	points := answer.ReadingCost(body)
	if wait := s.rates.ChargeReading(limit.Client{Address: held.Key()}, points); wait > 0 {
		return nil, &tooCostly{wait}
	}
	params, err := answer.Decode(body)
	if err == nil {
		params.Unpaid = points
	}
	return params, err
}

// tooCostly is a request whose price exceeds the token bucket of its address.
type tooCostly struct{ wait time.Duration }

func (*tooCostly) Error() string {
	return "server: reading this request costs more than its address has left"
}
