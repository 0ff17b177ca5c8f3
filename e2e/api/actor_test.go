package api_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/e2e/house"
)

// TestIssuerIsDown checks that the whole program serves and stops without its issuer.
func TestIssuerIsDown(t *testing.T) {
	t.Parallel()
	h := house.Start(t, dbtest.DSN(t), func(s *app.ServerSettings) { s.OIDCIssuer, s.OIDCAudience = "http://127.0.0.1:1", "baogong" })
	var got struct{ Me struct{ Role string } }
	h.Must("admin", `{ me { role } }`, nil, &got)
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
		"a.b.c": {http.StatusUnauthorized, "UNAUTHENTICATED", "登录凭证无效或已失效，请重新登录。"},
	} {
		status, text, err := h.Send(t.Context(), "", []byte(`{"query":"{ me { role } }"}`), "Authorization", "Bearer "+token, "Accept-Language", "zh-CN")
		var a house.Response
		if err != nil || json.Unmarshal(text, &a) != nil || status != want.status || a.Code() != want.code || a.Errors[0].Message != want.message {
			t.Errorf("got %d %s, %v, want %+v", status, text, err, want)
		}
	}
}

// A page that points its own name at this machine may not act as any person; where people sign in, a server may have any name.
func TestDevActorsByAnotherName(t *testing.T) {
	t.Parallel()
	for dev, want := range map[bool]int{true: http.StatusForbidden, false: http.StatusOK} {
		h := house.Start(t, dbtest.DSN(t), func(s *app.ServerSettings) { s.DevActors = dev })
		for host, want := range map[string]int{"evil.example": want, "localhost": http.StatusOK} {
			if res, _ := h.Fetch("GET", "/sign-in", "Host", host); res.StatusCode != want {
				t.Errorf("development actors %t, %s: got %s, want %d", dev, host, res.Status, want)
			}
		}
	}
}

// A client that sends an empty token is anonymous: it may redeem a code, but not do anything that needs a sign-in.
func TestEmptyCredential(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	for _, credential := range []string{"Bearer ", "Bearer", "bearer   ", "Bearer \t"} {
		if token, why := e.Redeem(e.Card(e.Homes["E6-1-1103"]), "Authorization", credential); token == "" {
			t.Errorf("redeemCode with %q: got %s, want a token", credential, why)
		}
		if a := e.Ask("", `{ me { role } }`, nil, "Authorization", credential); a.Code() != "UNAUTHENTICATED" {
			t.Errorf("me with %q: got %q, want UNAUTHENTICATED", credential, a.Code())
		}
	}
	for name, want := range map[string]string{"C01@x": `No community is known by the code "x".`, "X01@" + e.Code: `No person is known by the name "X01".`} {
		if a := e.Ask(name, `{ __typename }`, nil); a.Code() != "UNAUTHENTICATED" || a.Errors[0].Message != want {
			t.Errorf("%s: got %v, want %s", name, a.Errors, want)
		}
	}
	for _, page := range []struct{ args, want string }{{"first: 500", "first must be from 0 to 200; got 500."}, {"last: -1", "last must be from 0 to 200; got -1."}, {"first: 1, last: 1", "Give first or last, not both."}} {
		if a := e.Ask("admin", `{ communities(`+page.args+`) { nodes { id } } }`, nil); len(a.Errors) == 0 || a.Errors[0].Message != page.want {
			t.Errorf("%s: got %v, want %s", page.args, a.Errors, page.want)
		}
	}
	for _, credential := range []string{"Bearer x", "Basic ", "Bearer null", "Bearer undefined"} {
		if a := e.Ask("", `{ __typename }`, nil, "Authorization", credential); a.Code() != "UNAUTHENTICATED" {
			t.Errorf("%q: got %q, want UNAUTHENTICATED", credential, a.Code())
		}
	}
}
