package server

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/server/limit"
)

type callerKey struct{}

// Address is where the client of an operation is, as limits count it.
func Address(ctx context.Context) string {
	who, _ := ctx.Value(callerKey{}).(limit.Client)
	return who.Address
}

type rateLimitKey struct{}

// RateLimit is where the caller stood when the operation began; nil where cost is not limited.
func RateLimit(ctx context.Context) *delivery.RateLimit {
	r, _ := ctx.Value(rateLimitKey{}).(*delivery.RateLimit)
	return r
}

// occupy counts one more WebSocket or event stream for an address, and for an account if there is one; vacate gives
// them back. It fails with the refusal to show.
func (s *Server) occupy(who limit.Client) error {
	if !s.byAddress.Take(who.Address) {
		s.refusals.Add(limit.Sockets)
		return delivery.Refuse(delivery.ReasonTooManyHere)
	}
	if !s.byAccount.Take(who.Account) {
		s.byAddress.Give(who.Address)
		s.refusals.Add(limit.Sockets)
		return delivery.Refuse(delivery.ReasonTooManyYours, s.byAccount.Limit)
	}
	return nil
}

func (s *Server) vacate(who limit.Client) {
	s.byAccount.Give(who.Account)
	s.byAddress.Give(who.Address)
}

// crowded is how many seconds clients without a free connection should wait.
const crowded = 10

// crowd refuses a WebSocket or an event stream because of too many others.
func (s *Server) crowd(ctx context.Context, w http.ResponseWriter, err error) {
	errs := s.retryable(ctx, err, crowded)
	later(w, errs)
	s.write(w, typeJSON, http.StatusTooManyRequests, encodeErrors(errs))
}

// tooFast is the refusal of a caller who must wait.
func (s *Server) tooFast(ctx context.Context, wait time.Duration) gqlerror.List {
	seconds := seconds(wait)
	return s.retryable(ctx, delivery.Refuse(delivery.ReasonTooFast, seconds), seconds)
}

// retryable is a refusal with when to try again, for programs.
func (s *Server) retryable(ctx context.Context, refusal error, seconds int) gqlerror.List {
	errs := s.present(ctx, refusal)
	if errs[0].Extensions == nil {
		errs[0].Extensions = map[string]any{}
	}
	errs[0].Extensions[retryAfter] = seconds
	return errs
}

const retryAfter = "retryAfterSeconds"

func seconds(wait time.Duration) int { return max(int(math.Ceil(wait.Seconds())), 1) }

// later repeats in the Retry-After header what the errors say of it.
func later(w http.ResponseWriter, errs gqlerror.List) {
	if seconds, ok := errs[0].Extensions[retryAfter].(int); ok {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
}
