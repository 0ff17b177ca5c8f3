package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"baogong/db/dbtest"
	"baogong/delivery"
)

// TestIssuerTokens checks what authenticate makes of the issuer's tokens; package issuer tests which it accepts.
func TestIssuerTokens(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	provider := httptest.NewServer(mux)
	t.Cleanup(provider.Close)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, provider.URL, provider.URL+"/keys")
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","x":%q}]}`, base64.RawURLEncoding.EncodeToString(public))
	})
	expires := time.Now().Add(time.Hour).Truncate(time.Second)
	token := func(subject string, expires time.Time) string {
		t.Helper()
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{"iss": provider.URL, "aud": "baogong", "sub": subject, "exp": expires.Unix()})
		token.Header["kid"] = "1"
		s, err := token.SignedString(private)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}

	h := &house{settings: serverSettings{OIDCIssuer: provider.URL, OIDCAudience: "baogong"}}
	if h.issuer, err = h.settings.verifier(nil); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.issuer.Run(ctx)
	}()
	defer func() { stop(); <-ended }()

	known := &house{settings: h.settings, issuer: h.issuer}
	known.accounts = func(_ context.Context, issuer, subject string) (delivery.Actor, error) {
		if issuer == provider.URL && subject == "wang" {
			return delivery.Actor{Name: "S01", Role: delivery.RoleVolunteer}, nil
		}
		if subject == "zhao" {
			return delivery.Actor{}, delivery.Refuse(delivery.ReasonNoAccount)
		}
		return delivery.Actor{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	if s, err := known.authenticate(t.Context(), "Bearer "+token("zhao", expires)); err != nil || s.Actor.SignedIn() || s.Actor.Subject != "zhao" || s.Actor.Issuer != provider.URL {
		t.Errorf("who may redeem an invitation: got %+v, %v, want nobody yet, whom the issuer vouches for", s, err)
	}
	for name, c := range map[string]struct {
		house      *house
		credential string
		want       delivery.Reason
	}{
		"somebody who is known":      {known, "Bearer " + token("wang", expires), ""},
		"scheme in another case":     {known, "bearer  " + token("wang", expires), ""},
		"a stranger":                 {known, "Bearer " + token("li", expires), delivery.ReasonSignIn},
		"expired":                    {known, "Bearer " + token("wang", expires.Add(-2*time.Hour)), delivery.ReasonTokenExpired},
		"a bad token":                {known, "Bearer " + token("wang", expires) + "A", delivery.ReasonBadToken},
		"another scheme":             {known, "Basic " + token("wang", expires), delivery.ReasonSignIn},
		"not a JWT":                  {known, "Bearer abc", delivery.ReasonSignIn},
		"no development actors here": {known, "Bearer dev:admin", delivery.ReasonSignIn},
		"no issuer is configured":    {&house{}, "Bearer " + token("wang", expires), delivery.ReasonSignIn},
	} {
		session, err := c.house.authenticate(t.Context(), c.credential)
		if c.want == "" {
			if err != nil || session.Actor.Name != "S01" || session.Account != "jwt:wang" || session.Expires.Before(expires) || session.Expires.After(expires.Add(time.Minute)) {
				t.Errorf("%s: got %+v, %v", name, session, err)
			}
			continue
		}
		if refusal := delivery.AsError(err); refusal == nil || refusal.Reason != c.want || session.Actor.Name != "" {
			t.Errorf("%s: got %+v, %v, want %s", name, session, err, c.want)
		}
	}
}

// TestIssuerIsDown checks that the whole program serves and stops without its issuer.
func TestIssuerIsDown(t *testing.T) {
	t.Parallel()
	h := startHouse(t, dbtest.DSN(t), func(s *serverSettings) { s.OIDCIssuer, s.OIDCAudience = "http://127.0.0.1:1", "baogong" })
	var got struct{ Me struct{ Role string } }
	h.must("admin", `{ me { role } }`, nil, &got)
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	unknown := part(map[string]any{"alg": "EdDSA", "kid": "1"}) + "." +
		part(map[string]any{"iss": "http://127.0.0.1:1", "aud": "baogong", "sub": "wang", "exp": time.Now().Add(time.Hour).Unix()}) + "."
	for token, want := range map[string]struct {
		status        int
		code, message string
	}{
		unknown: {http.StatusServiceUnavailable, "UNAVAILABLE", "暂时无法提供服务，请稍后再试。"},
		"a.b.c": {http.StatusUnauthorized, "UNAUTHENTICATED", "登录凭证无效，请重新登录。"},
	} {
		status, text, err := h.send(t.Context(), "", []byte(`{"query":"{ me { role } }"}`), "Authorization", "Bearer "+token, "Accept-Language", "zh-CN")
		var a answer
		if err != nil || json.Unmarshal(text, &a) != nil || status != want.status || a.code() != want.code || a.Errors[0].Message != want.message {
			t.Errorf("got %d %s, %v, want %+v", status, text, err, want)
		}
	}
}

// A page that points its own name at this machine may not be anybody; where people sign in, a server may have any name.
func TestDevActorsByAnotherName(t *testing.T) {
	t.Parallel()
	for dev, want := range map[bool]int{true: http.StatusForbidden, false: http.StatusOK} {
		h := startHouse(t, dbtest.DSN(t), func(s *serverSettings) { s.DevActors = dev })
		for host, want := range map[string]int{"evil.example": want, "localhost": http.StatusOK} {
			if res, _ := h.fetch("GET", "/sign-in", "Host", host); res.StatusCode != want {
				t.Errorf("development actors %t, %s: got %s, want %d", dev, host, res.Status, want)
			}
		}
	}
}

// A client that sends an empty token is anonymous: it may redeem a code, but not do anything that needs a sign-in.
func TestEmptyCredential(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, credential := range []string{"Bearer ", "Bearer", "bearer   ", "Bearer \t"} {
		if token, why := e.redeem(e.card(e.homes["E6-1-1103"]), "Authorization", credential); token == "" {
			t.Errorf("redeemCode with %q: got %s, want a token", credential, why)
		}
		if a := e.ask("", `{ me { role } }`, nil, "Authorization", credential); a.code() != "UNAUTHENTICATED" {
			t.Errorf("me with %q: got %q, want UNAUTHENTICATED", credential, a.code())
		}
	}
	for _, credential := range []string{"Bearer x", "Basic ", "Bearer null", "Bearer undefined"} {
		if a := e.ask("", `{ __typename }`, nil, "Authorization", credential); a.code() != "UNAUTHENTICATED" {
			t.Errorf("%q: got %q, want UNAUTHENTICATED", credential, a.code())
		}
	}
}
