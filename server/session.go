package server

import (
	"context"
	"net/http"

	"baogong/delivery"
)

// admit puts who calls, and their language, into the context. It fails with what Authenticate says, or
// UNAUTHENTICATED if the session is already over.
func (s *Server) admit(ctx context.Context, credential string, locale delivery.Locale) (context.Context, Session, error) {
	ctx = s.opt.WithLocale(ctx, locale)
	session, err := s.opt.Authenticate(ctx, credential)
	if err == nil && !session.Expires.IsZero() && !s.now().Before(session.Expires) {
		err = delivery.Refuse(delivery.ReasonSignIn)
	}
	if err != nil {
		return ctx, Session{}, err
	}
	return s.opt.WithActor(ctx, session.Actor), session, nil
}

// admitRequest admits the caller of one HTTP request; the context ends, with a refusal as its cause, when the
// session does.
func (s *Server) admitRequest(r *http.Request) (context.Context, Session, context.CancelFunc, error) {
	ctx, session, err := s.admit(r.Context(), r.Header.Get("Authorization"), locale(r))
	if err != nil {
		return ctx, session, func() {}, &failure{statusOf(delivery.CodeOf(err)), err}
	}
	if session.Expires.IsZero() {
		return ctx, session, func() {}, nil
	}
	ctx, cancel := context.WithDeadlineCause(ctx, session.Expires, delivery.Refuse(delivery.ReasonSignIn))
	return ctx, session, cancel, nil
}

func locale(r *http.Request) delivery.Locale {
	return delivery.ParseLocale(r.Header.Get("Accept-Language"))
}
