package server

import (
	"context"
	"net/http"
	"time"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
)

// Links opens links, each of which lets its holder watch one order: on a page, and beside it an event stream for a browser's
// own EventSource, which sends no headers.
type Links interface {
	// Open returns the session of a link's code and the variables of the document. The stream lasts until the
	// session expires, and then the browser must reconnect. It must count wrong codes against the address.
	Open(ctx context.Context, code, address string) (Session, map[string]any, error)
	// Document is the subscription that the stream answers. Rules.Trusted need not list it.
	Document() string
	// Page shows the page with the status. refusal is the error to show instead of an order, or nil; session is that of the link, if there is none.
	Page(w http.ResponseWriter, r *http.Request, status int, session Session, refusal error)
}

// trackPage answers GET /track/{code}.
func (s *Server) trackPage(w http.ResponseWriter, r *http.Request) {
	keepPrivate(w.Header())
	session, _, _, err := s.openLink(r)
	status := http.StatusOK
	if err != nil {
		status = trackStatus(err)
		s.answers.Present(r.Context(), err) // logs internal errors
		if delivery.AsError(err) == nil {
			err = delivery.Refuse(delivery.ReasonInternal)
		}
	}
	s.opt.Links.Page(w, r, status, session, err)
}

// trackEvents answers GET /track/{code}/events with an event stream. It has the limits, the drain and the end of slow
// readers that every stream has. It ends when the link must be checked again, and the browser then reconnects.
func (s *Server) trackEvents(w http.ResponseWriter, r *http.Request) {
	keepPrivate(w.Header())
	if !s.fromHere(r) {
		s.refuse(w, r, foreign())
		return
	}
	session, variables, wait, err := s.openLink(r)
	ctx := s.opt.Schema.WithLocale(r.Context(), locale(r))
	if wait > 0 {
		s.crowdTrack(ctx, w, wait)
		return
	}
	if err != nil {
		s.refuse(w, r, &failure{status: trackStatus(err), err: err})
		return
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", typeEvents+"; charset=utf-8")
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // one that passed would cancel the request
	ctx = s.opt.Schema.WithActor(ctx, session.Actor)
	if !session.Expires.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, session.Expires)
		defer cancel()
	}
	client := limit.Client{Account: session.Account, Address: s.address(r)}
	params := &answer.Request{Trusted: true, Locale: locale(r)}
	params.Query, params.Variables, params.Headers = s.opt.Links.Document(), variables, r.Header
	x, errs := s.answers.Start(ctx, client, params)
	if len(errs) > 0 {
		s.answerErrors(w, typeResult, errs) // with a status, since an EventSource reads no body of a refusal
		return
	}
	defer x.Close()
	s.stream(w, client, false, x) // links are passed on freely, so a link does not count as an account
}

// openLink opens the link of the path. If the client's address asks too often, it fails and returns how long to wait.
func (s *Server) openLink(r *http.Request) (Session, map[string]any, time.Duration, error) {
	address := s.address(r)
	if wait := s.rates.EnterAddress(address); wait > 0 {
		return Session{}, nil, wait, delivery.Refuse(delivery.ReasonTooFast, limit.Seconds(wait))
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*signInLimit)
	defer cancel()
	session, variables, err := s.opt.Links.Open(ctx, r.PathValue("code"), address)
	return session, variables, 0, err
}

// crowdTrack refuses a stream because its address asks too often.
func (s *Server) crowdTrack(ctx context.Context, w http.ResponseWriter, wait time.Duration) {
	errs := s.answers.TooFast(ctx, wait)
	later(w, errs)
	s.write(w, typeJSON, http.StatusTooManyRequests, answer.EncodeErrors(errs))
}

// keepPrivate keeps a path that holds a code from caches, other sites and search engines.
func keepPrivate(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}

// trackStatus returns the status of a refused link: 404 for an unknown or malformed code.
func trackStatus(err error) int {
	switch delivery.CodeOf(err) {
	case delivery.CodeNotFound, delivery.CodeBadUserInput: // the path holds another code, or none
		return http.StatusNotFound
	}
	return statusOf(delivery.CodeOf(err))
}
