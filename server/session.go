package server

import (
	"context"
	"net/http"
	"time"

	"baogong/delivery"
)

// longestCredential is the most bytes of a credential. A token with many claims has a few thousand.
const longestCredential = 16 << 10

const authorization = "Authorization"

// credentialOf returns a request's Authorization, or "". It fails with a refusal if the request has two different ones.
func credentialOf(r *http.Request) (string, error) { return oneOf(r.Header.Values(authorization)) }

// reasonTwoCredentials refuses a request that signs in as two people.
var reasonTwoCredentials = delivery.NewReason("TWO_CREDENTIALS", delivery.CodeUnauthenticated,
	"Two different credentials were sent; send one Authorization.",
	"收到两个不同的登录凭证，请只发送一个。")

// oneOf returns the credential to which all of these are equal, or "". It fails with a refusal if two differ.
func oneOf(credentials []string) (string, error) {
	if len(credentials) == 0 {
		return "", nil
	}
	for _, other := range credentials[1:] {
		if other != credentials[0] {
			return "", delivery.Refuse(reasonTwoCredentials)
		}
	}
	return credentials[0], nil
}

// admit returns the session of a credential. It fails with the Identity's error, or with UNAUTHENTICATED if the session is
// already over.
func (s *Server) admit(ctx context.Context, credential string, locale delivery.Locale) (Session, error) {
	session, err := s.authenticate(s.opt.Schema.WithLocale(ctx, locale), credential)
	if err == nil && !session.Expires.IsZero() && !s.now().Before(session.Expires) {
		err = delivery.Refuse(delivery.ReasonSignIn)
	}
	if err != nil {
		return Session{}, err
	}
	return session, nil
}

// signInLimit is the timeout of looking up a credential. It is retried once with twice the time, which helps if the first
// database connection is silent.
const signInLimit = 2 * time.Second

// authenticate asks the Identity with a timeout, and retries it once after a timeout.
func (s *Server) authenticate(ctx context.Context, credential string) (session Session, err error) {
	if len(credential) > longestCredential {
		return Session{}, delivery.Refuse(delivery.ReasonBadToken)
	}
	for tries := range 2 {
		within, cancel := context.WithTimeout(ctx, signInLimit<<tries)
		session, err = s.opt.Identity.Authenticate(within, credential)
		late := within.Err() != nil
		cancel()
		if err == nil || delivery.AsError(err) != nil || !late || ctx.Err() != nil {
			break
		}
	}
	return session, err
}

// admitRequest admits the caller of one HTTP request, before the deadline due. The context ends with the session, with a
// refusal as its cause.
func (s *Server) admitRequest(r *http.Request, due time.Time) (context.Context, Session, context.CancelFunc, error) {
	within, done := context.WithDeadline(r.Context(), due)
	defer done()
	credential, err := credentialOf(r)
	var session Session
	if err == nil {
		session, err = s.admit(within, credential, locale(r))
	}
	ctx := s.opt.Schema.WithActor(s.opt.Schema.WithLocale(r.Context(), locale(r)), session.Actor)
	if err != nil {
		return ctx, session, func() {}, &failure{status: statusOf(delivery.CodeOf(err)), err: err}
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
