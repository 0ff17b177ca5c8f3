package server

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
	"baogong/server/wire"
)

// The refusals of requests in the wrong HTTP form.
var (
	reasonHTTPMethod = delivery.NewReason("HTTP_METHOD", delivery.CodeBadUserInput,
		"Send operations by POST, or queries by GET.",
		"请用 POST 发送操作，或用 GET 发送查询。")
	reasonNotAcceptable = delivery.NewReason("NOT_ACCEPTABLE", delivery.CodeBadUserInput,
		"Accept application/graphql-response+json, application/json or text/event-stream.",
		"请接受 application/graphql-response+json、application/json 或 text/event-stream。")
	reasonMutationByGet = delivery.NewReason("MUTATION_BY_GET", delivery.CodeBadUserInput,
		"A mutation needs a POST.",
		"变更操作请使用 POST。")
	reasonSubscribeByPost = delivery.NewReason("SUBSCRIBE_BY_POST", delivery.CodeBadUserInput,
		"Subscriptions need a WebSocket (graphql-transport-ws) or a POST that accepts text/event-stream.",
		"订阅请使用 WebSocket（graphql-transport-ws）或接受 text/event-stream 的 POST。")
)

// graphql answers one operation sent by POST or GET as the GraphQL-over-HTTP specification says, or as an event
// stream if that is what the client prefers, or will take for a subscription.
func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	if wire.IsUpgrade(r) {
		s.upgrade(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept, Accept-Encoding, Accept-Language, Authorization")
	a := accept(r.Header)
	switch {
	case !s.fromHere(r):
		s.refuse(w, r, foreign())
		return
	case r.Method != http.MethodPost && r.Method != http.MethodGet:
		w.Header().Set("Allow", "GET, POST")
		s.refuse(w, r, refused(http.StatusMethodNotAllowed, reasonHTTPMethod))
		return
	case a.best == "":
		s.refuse(w, r, refused(http.StatusNotAcceptable, reasonNotAcceptable))
		return
	}
	address := s.address(r)
	if wait := s.rates.EnterAddress(address); wait > 0 {
		s.answerErrors(w, a.best, s.answers.TooFast(s.opt.Schema.WithLocale(r.Context(), locale(r)), wait))
		return
	}
	held := new(limit.NewReservation(&s.bodies, address)) // held until it is answered: the decoded request is as large as the body
	defer held.Release()
	params, err := s.read(w, r, held)
	if costly, ok := errors.AsType[*tooCostly](err); ok {
		s.answerErrors(w, a.best, s.answers.TooFast(s.opt.Schema.WithLocale(r.Context(), locale(r)), costly.wait))
		return
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	// The request is whole; a read deadline that passed from here on would cancel it.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	due := time.Now().Add(s.opt.Limits.RequestTimeout)
	ctx, session, release, err := s.admitRequest(r, due)
	defer release()
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	params.Headers, params.Locale, params.Due = r.Header, locale(r), due
	if a.events {
		ctx = answer.WithLastEventID(ctx, r.Header.Get("Last-Event-ID"))
	}
	client := limit.Client{Account: session.Account, Address: address}
	x, errs := s.answers.Start(ctx, client, params)
	if len(errs) > 0 {
		s.answerErrors(w, a.best, errs)
		return
	}
	defer x.Close()

	switch mutates := x.Mutates(); {
	case mutates && r.Method == http.MethodGet:
		w.Header().Set("Allow", "POST")
		x.Finish(string(delivery.CodeBadUserInput))
		s.refuse(w, r, refused(http.StatusMethodNotAllowed, reasonMutationByGet))
	case a.best == typeEvents, a.events && x.Streams():
		held.Release()
		s.stream(w, client, client.Account != "", x)
	case x.Streams():
		errs := s.answers.Present(ctx, delivery.Refuse(reasonSubscribeByPost))
		x.Finish(answer.CodeOf(errs))
		s.write(w, a.best, requestStatus(a.best, errs), answer.EncodeErrors(errs))
	default:
		s.once(w, a.best, x)
	}
}

// answerErrors answers an operation that was not executed.
func (s *Server) answerErrors(w http.ResponseWriter, kind string, errs gqlerror.List) {
	later(w, errs)
	if kind == typeEvents {
		s.streamErrors(w, errs)
		return
	}
	s.write(w, kind, requestStatus(kind, errs), answer.EncodeErrors(errs))
}

// once answers a query or mutation.
func (s *Server) once(w http.ResponseWriter, kind string, x *answer.Execution) {
	if a := x.Answer(); a != nil {
		status := http.StatusOK
		if a.Refuse != nil {
			status = requestStatus(kind, a.Refuse)
		}
		s.write(w, kind, status, a.JSON)
		return
	}
	errs, ok := errors.AsType[gqlerror.List](x.End())
	if !ok { // the client has gone
		errs = s.answers.Present(x.Context(), delivery.Refuse(delivery.ReasonUnavailable))
	}
	s.write(w, kind, requestStatus(kind, errs), answer.EncodeErrors(errs))
}

// requestStatus returns the status of an answer without data. Under application/json it is 200, as for every well-formed
// request. Under application/graphql-response+json it is the status of the error.
func requestStatus(kind string, errs gqlerror.List) int {
	if kind == typeJSON {
		return http.StatusOK
	}
	return statusOf(delivery.Code(fmt.Sprint(errs[0].Extensions["code"])))
}

func statusOf(code delivery.Code) int {
	switch code {
	case delivery.CodeUnauthenticated:
		return http.StatusUnauthorized
	case delivery.CodeForbidden:
		return http.StatusForbidden
	case delivery.CodeRateLimited:
		return http.StatusTooManyRequests
	case delivery.CodeUnavailable:
		return http.StatusServiceUnavailable
	case delivery.CodeInternal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// refuse answers a request that was refused before GraphQL.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	if f, ok := errors.AsType[*failure](err); ok {
		status, err = f.status, f.err
	} else if m, ok := errors.AsType[*answer.Malformed](err); ok {
		status, err = http.StatusBadRequest, m.Err
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	errs := s.answers.Present(s.opt.Schema.WithLocale(r.Context(), locale(r)), err)
	switch status {
	case http.StatusTooManyRequests:
		wait := limit.Crowded
		if refusal := delivery.AsError(err); refusal != nil && refusal.Reason == delivery.ReasonTooManyGuesses && len(refusal.Args) == 1 {
			if minutes, ok := refusal.Args[0].(int); ok { // as its message says
				wait = 60 * minutes
			}
		} else if refusal != nil && refusal.Details != nil && refusal.Details.Until != nil { // a quota
			wait = min(max(limit.Seconds(refusal.Details.Until.Sub(s.now())), wait), 24*60*60)
		}
		errs = s.answers.Retryable(s.opt.Schema.WithLocale(r.Context(), locale(r)), err, wait)
		later(w, errs)
		s.refusals.Add(limit.Bodies)
	case http.StatusInternalServerError: // the presenter recognises temporary failures
		status = statusOf(delivery.Code(answer.CodeOf(errs)))
	}
	s.answers.Refused(answer.CodeOf(errs))
	kind := typeJSON
	if accept(r.Header).best == typeResult {
		kind = typeResult
	}
	s.write(w, kind, status, answer.EncodeErrors(errs))
}

// write sends a whole body, compressed if it is large enough.
func (s *Server) write(w http.ResponseWriter, kind string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_ = http.NewResponseController(w).SetWriteDeadline(s.patience(len(body)))
	if seen, ok := w.(*statusRecorder); ok && len(body) >= wire.PackedFrom {
		if packed, ok := wire.Brotli(seen.request.Header, body); ok {
			h.Set("Content-Encoding", "br")
			h.Set("Content-Length", strconv.Itoa(len(packed)))
			h.Add("Vary", "Accept-Encoding")
			answerWith(w, status, packed)
			return
		}
		wire.Pack(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerWith(w, status, body) })).ServeHTTP(w, seen.request)
		return
	}
	answerWith(w, status, body)
}

func answerWith(w http.ResponseWriter, status int, body []byte) {
	w.WriteHeader(status)
	_, _ = w.Write(body) // a peer that is gone cannot be told
}
