package server

import (
	"context"
	"net/http"
	"strconv"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
)

// The refusals of one more connection from an address and of an account.
var (
	reasonTooManyHere = delivery.NewReason("TOO_MANY_HERE", delivery.CodeRateLimited,
		"Too many connections are open from your network; please close one or try again later.",
		"您所在网络的连接过多，请关闭一些或稍后再试。")
	reasonTooManyYours = delivery.NewReason("TOO_MANY_YOURS", delivery.CodeRateLimited,
		"You have %d connections open, which is the most allowed; please close one first.",
		"您已打开 %d 个连接，达到上限，请先关闭一个。")
)

// occupy counts one more WebSocket or event stream for an address, and for an account if there is one; vacate gives
// them back. It fails with the refusal to show.
func (s *Server) occupy(client limit.Client) error {
	if !s.byAddress.Take(client.Address) {
		s.refusals.Add(limit.Sockets)
		return delivery.Refuse(reasonTooManyHere)
	}
	if !s.byAccount.Take(client.Account) {
		s.byAddress.Give(client.Address)
		s.refusals.Add(limit.Sockets)
		return delivery.Refuse(reasonTooManyYours, s.byAccount.Limit)
	}
	return nil
}

func (s *Server) vacate(client limit.Client) {
	s.byAccount.Give(client.Account)
	s.byAddress.Give(client.Address)
}

// crowd refuses a WebSocket or an event stream because of too many others.
func (s *Server) crowd(ctx context.Context, w http.ResponseWriter, err error) {
	errs := s.answers.Retryable(ctx, err, limit.Crowded)
	later(w, errs)
	s.write(w, typeJSON, http.StatusTooManyRequests, answer.EncodeErrors(errs))
}

// later sets the Retry-After header from the errors.
func later(w http.ResponseWriter, errs gqlerror.List) {
	if seconds, ok := errs[0].Extensions[answer.RetryAfter].(int); ok {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
}
