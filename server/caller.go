package server

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
)

// caller is whom limits count: an account, "" for nobody, and the address of a client.
type caller struct{ account, address string }

type callerKey struct{}

// Address is where the client of an operation is, as limits count it.
func Address(ctx context.Context) string {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who.address
}

// knock counts one operation of an address, before anything is read or looked up for it. It says how long to wait if
// that is too many.
func (s *Server) knock(address string) time.Duration {
	return s.counts.refusedBy(limitAddress, take(s.now(), 1, s.addresses.of(address).operations))
}

// enter counts one operation of an account.
func (s *Server) enter(who caller) time.Duration {
	return s.counts.refusedBy(limitAccount, take(s.now(), 1, s.accounts.of(who.account).operations))
}

// charge takes an operation's cost from the caller's buckets and says where that leaves them: the account, or else the
// address; nil where cost is not limited. If they cannot pay it says how long to wait.
func (s *Server) charge(who caller, cost int) (*delivery.RateLimit, time.Duration) {
	now, account, address := s.now(), s.accounts.of(who.account).cost, s.addresses.of(who.address).cost
	if wait := s.counts.refusedBy(limitCost, take(now, cost, account, address)); wait > 0 {
		return nil, wait
	}
	shown := cmp.Or(account, address)
	if shown == nil {
		return nil, 0
	}
	left := max(shown.TokensAt(now), 0)
	missing := (float64(shown.Burst()) - left) / float64(shown.Limit())
	return &delivery.RateLimit{Limit: shown.Burst(), Cost: cost, Remaining: int(left),
		ResetAt: now.Add(time.Duration(missing * float64(time.Second)))}, 0
}

type rateLimitKey struct{}

// RateLimit is where the caller stood when the operation began; nil where cost is not limited.
func RateLimit(ctx context.Context) *delivery.RateLimit {
	r, _ := ctx.Value(rateLimitKey{}).(*delivery.RateLimit)
	return r
}

// occupy counts one more WebSocket or event stream for an address, and for an account if there is one; vacate gives
// them back. It fails with the refusal to show.
func (s *Server) occupy(who caller) error {
	if !s.byAddress.take(who.address) {
		s.counts.limited[limitSockets].Add(1)
		return delivery.Refuse(delivery.ReasonTooManyHere)
	}
	if !s.byAccount.take(who.account) {
		s.byAddress.give(who.address)
		s.counts.limited[limitSockets].Add(1)
		return delivery.Refuse(delivery.ReasonTooManyYours, s.byAccount.limit)
	}
	return nil
}

func (s *Server) vacate(who caller) {
	s.byAccount.give(who.account)
	s.byAddress.give(who.address)
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
