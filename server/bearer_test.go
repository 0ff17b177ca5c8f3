package server

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"baogong/delivery"
	"baogong/issuer"
)

// TestIssuerTokens checks what Bearer makes of the issuer's tokens; package issuer tests which it accepts.
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

	verifier, err := issuer.New(issuer.Options{Issuer: provider.URL, Audience: "baogong"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		verifier.Run(ctx)
	}()
	defer func() { stop(); <-ended }()

	known := &Bearer{Issuer: verifier, Accounts: &wang{at: provider.URL}}
	if s, err := known.Authenticate(t.Context(), "Bearer "+token("zhao", expires)); err != nil || s.Actor.SignedIn() || s.Actor.Subject != "zhao" || s.Actor.Issuer != provider.URL {
		t.Errorf("who may redeem an invitation: got %+v, %v, want an anonymous session with the issuer's subject", s, err)
	}
	dev := &Bearer{DevActors: struct{ DevActors }{}}
	for name, c := range map[string]struct {
		bearer     *Bearer
		credential string
		want       delivery.Reason
	}{
		"a known account":            {known, "Bearer " + token("wang", expires), delivery.Reason{}},
		"scheme in another case":     {known, "bearer  " + token("wang", expires), delivery.Reason{}},
		"a stranger":                 {known, "Bearer " + token("li", expires), delivery.ReasonSignIn},
		"expired":                    {known, "Bearer " + token("wang", expires.Add(-2*time.Hour)), delivery.ReasonTokenExpired},
		"a bad token":                {known, "Bearer " + token("wang", expires) + "A", delivery.ReasonBadToken},
		"another scheme":             {known, "Basic " + token("wang", expires), reasonCredentialForm},
		"no scheme":                  {known, token("wang", expires), reasonCredentialForm},
		"no scheme but a name":       {known, "dev:admin", reasonCredentialForm},
		"not a JWT":                  {known, "Bearer abc", delivery.ReasonBadToken},
		"a token cut off":            {known, "Bearer bgt_wrong", delivery.ReasonBadToken},
		"no development actors here": {known, "Bearer dev:admin", delivery.ReasonBadToken},
		"no issuer is configured":    {&Bearer{}, "Bearer " + token("wang", expires), delivery.ReasonBadToken},
		"a name without dev:":        {dev, "Bearer C01", reasonActorForm},
		"dev: without a name":        {dev, "Bearer dev:", reasonActorForm},
		"a token as a name":          {dev, "Bearer dev:" + delivery.NewToken().Reveal(), reasonCredentialForm},
		"a cut token among names":    {dev, "Bearer bgt_wrong", delivery.ReasonBadToken},
	} {
		session, err := c.bearer.Authenticate(t.Context(), c.credential)
		if c.want == (delivery.Reason{}) {
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

// wang has an account at an issuer; zhao is known there and has none here.
type wang struct {
	Accounts
	at string
}

func (w *wang) SignedInBy(_ context.Context, issuer, subject string) (delivery.Actor, error) {
	if issuer == w.at && subject == "wang" {
		return delivery.Actor{Name: "S01", Role: delivery.RoleVolunteer}, nil
	}
	if subject == "zhao" {
		return delivery.Actor{}, delivery.Refuse(delivery.ReasonNoAccount)
	}
	return delivery.Actor{}, delivery.Refuse(delivery.ReasonSignIn)
}
