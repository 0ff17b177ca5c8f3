package issuer

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"baogong/delivery"
)

// mustVerify fails unless the token is good.
func mustVerify(t *testing.T, v *running, token string) Claims {
	t.Helper()
	c, err := v.Verify(t.Context(), token)
	if err != nil {
		t.Fatalf("got %v, want a valid token; log:\n%s", err, v.log.String())
	}
	return c
}

// refused fails unless the token is refused with the reason, in the words of the reason and no others.
func refused(t *testing.T, v *running, token string, want delivery.Reason) {
	t.Helper()
	c, err := v.Verify(t.Context(), token)
	refusal := delivery.AsError(err)
	if refusal == nil || refusal.Reason != want || len(refusal.Args) > 0 || refusal.Details != nil || c != (Claims{}) {
		t.Errorf("got %+v, %v, want %s; log:\n%s", c, err, want, v.log.String())
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	p, v := setup(t)
	p.mu.Lock()
	rs, es, ed := p.keys[0], p.keys[1], p.keys[2]
	p.mu.Unlock()

	for _, s := range []*signer{rs, es, ed} {
		t.Run("a token that the provider gives out is good: "+s.alg, func(t *testing.T) {
			// Not parallel: the provider signs with one key at a time.
			p.rotate(s, rs, es, ed)
			token := p.token(t)
			if len(token) > 2000 || !IsJWT(token) {
				t.Errorf("got a token of %d bytes", len(token))
			}
			c := mustVerify(t, v, token)
			if left := time.Until(c.Expires); c.Subject != person || left < 4*time.Minute || left > 6*time.Minute {
				t.Errorf("got %+v", c)
			}
		})
	}

	now := time.Now()
	good := func(change jwt.MapClaims) string { return es.sign(t, p.claims(change), nil) }
	with := func(header map[string]any) string { return es.sign(t, p.claims(nil), header) }

	t.Run("good", func(t *testing.T) {
		t.Parallel()
		for name, token := range map[string]string{
			"audience as a string":         good(nil),
			"audience in a list":           good(jwt.MapClaims{"aud": []string{"x", audience}}),
			"no iat and nbf":               good(jwt.MapClaims{"iat": nil, "nbf": nil}),
			"just expired, within leeway":  good(jwt.MapClaims{"exp": now.Add(-5 * time.Second).Unix()}),
			"clock a little ahead":         good(jwt.MapClaims{"iat": now.Add(15 * time.Second).Unix(), "nbf": now.Add(15 * time.Second).Unix()}),
			"exp with a fraction":          good(jwt.MapClaims{"exp": float64(now.Add(time.Minute).Unix()) + 0.5}),
			"the type of RFC 9068":         with(map[string]any{"typ": "at+jwt"}),
			"its long form":                with(map[string]any{"typ": "application/at+JWT"}),
			"no type":                      with(map[string]any{"typ": nil}),
			"longest subject":              good(jwt.MapClaims{"sub": strings.Repeat("x", MaxSubject)}),
			"names that differ in case":    es.sign(t, `{"Sub":"mallory","SUB":"mallory","sub":"`+person+`","iss":"`+p.issuer+`","aud":"`+audience+`","exp":`+fmt.Sprint(now.Add(time.Hour).Unix())+`,"Aud":"x","EXP":1}`, nil),
			"Chinese subject":              good(jwt.MapClaims{"sub": "王秀英"}),
			"unknown claims, nested a bit": good(jwt.MapClaims{"realm_access": map[string]any{"roles": []string{"a"}}}),
		} {
			c, err := v.Verify(t.Context(), token)
			if err != nil || c.Subject == "" || strings.Contains(c.Subject, "mallory") {
				t.Errorf("%s: got %+v, %v", name, c, err)
			}
		}
	})
	t.Run("Expires is when it is refused", func(t *testing.T) {
		t.Parallel()
		exp := now.Add(time.Hour).Truncate(time.Second)
		if c := mustVerify(t, v, good(jwt.MapClaims{"exp": exp.Unix()})); !c.Expires.Equal(exp.Add(leeway)) {
			t.Errorf("got %v, want %v", c.Expires, exp.Add(leeway))
		}
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		for _, token := range []string{good(jwt.MapClaims{"exp": now.Add(-time.Minute).Unix()}), good(jwt.MapClaims{"exp": 1}), good(jwt.MapClaims{"exp": -1})} {
			refused(t, v, token, delivery.ReasonTokenExpired)
		}
	})

	other := newSigner(t, "ES256")
	other.id = es.id
	otherRSA := newSigner(t, "RS256")
	otherRSA.id = rs.id
	unknown := newSigner(t, "ES256")
	unknown.id = "unknown"
	ps := &signer{id: rs.id, alg: "PS256", key: rs.key}
	none := func(header string) string {
		b64 := base64.RawURLEncoding.EncodeToString
		_, payload, _ := strings.Cut(good(nil), ".")
		payload, _, _ = strings.Cut(payload, ".")
		return b64([]byte(header)) + "." + payload + "."
	}
	hmac := func(secret []byte) string {
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, p.claims(nil))
		token.Header["kid"] = rs.id
		s, err := token.SignedString(secret)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	der, err := x509.MarshalPKIXPublicKey(rs.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(rs.key.Public().(*rsa.PublicKey))
	head, rest, _ := strings.Cut(good(nil), ".")
	payload, sig, _ := strings.Cut(rest, ".")

	bad := map[string]string{
		"alg none":                         none(`{"alg":"none","typ":"JWT","kid":"` + es.id + `"}`),
		"alg None":                         none(`{"alg":"None","kid":"` + es.id + `"}`),
		"alg none without kid":             none(`{"alg":"none"}`),
		"no alg":                           none(`{"kid":"` + es.id + `"}`),
		"alg is a number":                  none(`{"alg":5,"kid":"` + es.id + `"}`),
		"HS256 with the public key, PEM":   hmac(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"HS256 with the public key, DER":   hmac(der),
		"HS256 with the public key, old":   hmac(pkcs1),
		"HS256 with nothing":               hmac([]byte("")),
		"foreign EC key, known kid":        other.sign(t, p.claims(nil), nil),
		"foreign RSA key, known kid":       otherRSA.sign(t, p.claims(nil), nil),
		"unknown kid":                      unknown.sign(t, p.claims(nil), nil),
		"the kid of another kind of key":   es.sign(t, p.claims(nil), map[string]any{"kid": rs.id}),
		"another algorithm than the key":   ps.sign(t, p.claims(nil), nil),
		"no kid":                           with(map[string]any{"kid": nil}),
		"empty kid":                        with(map[string]any{"kid": ""}),
		"kid is a list":                    with(map[string]any{"kid": []string{es.id}}),
		"crit":                             with(map[string]any{"crit": []string{"b64"}, "b64": true}),
		"key in the header":                other.sign(t, p.claims(nil), map[string]any{"kid": "mine", "jwk": map[string]any{"kty": "oct", "k": "AA"}, "jku": p.issuer}),
		"a logout token":                   with(map[string]any{"typ": "logout+jwt"}),
		"typ is a number":                  with(map[string]any{"typ": 5}),
		"not yet valid":                    good(jwt.MapClaims{"nbf": now.Add(2 * time.Minute).Unix()}),
		"issued tomorrow":                  good(jwt.MapClaims{"iat": now.Add(24 * time.Hour).Unix()}),
		"wrong issuer":                     good(jwt.MapClaims{"iss": "https://evil.example"}),
		"issuer with a slash":              good(jwt.MapClaims{"iss": p.issuer + "/"}),
		"no issuer":                        good(jwt.MapClaims{"iss": nil}),
		"issuer is a list":                 good(jwt.MapClaims{"iss": []string{p.issuer}}),
		"wrong audience":                   good(jwt.MapClaims{"aud": "https://other.example"}),
		"wrong audiences":                  good(jwt.MapClaims{"aud": []string{"a", "b"}}),
		"part of the audience":             good(jwt.MapClaims{"aud": audience[:len(audience)-1]}),
		"no audience":                      good(jwt.MapClaims{"aud": nil}),
		"empty audience":                   good(jwt.MapClaims{"aud": []string{}}),
		"audience of numbers":              good(jwt.MapClaims{"aud": []any{audience, 5}}),
		"no exp":                           good(jwt.MapClaims{"exp": nil}),
		"exp is zero":                      good(jwt.MapClaims{"exp": 0}),
		"exp is text":                      good(jwt.MapClaims{"exp": "2099-01-01"}),
		"expired and for another audience": good(jwt.MapClaims{"exp": 1, "aud": "x"}),
		"expired and signed by another":    other.sign(t, p.claims(jwt.MapClaims{"exp": 1}), nil),
		"no subject":                       good(jwt.MapClaims{"sub": nil}),
		"empty subject":                    good(jwt.MapClaims{"sub": ""}),
		"subject is a number":              good(jwt.MapClaims{"sub": 5}),
		"subject is too long":              good(jwt.MapClaims{"sub": strings.Repeat("x", MaxSubject+1)}),
		"NUL in the subject":               good(jwt.MapClaims{"sub": "a\x00b"}),
		"newline in the subject":           good(jwt.MapClaims{"sub": "a\nb"}),
		"C1 control in the subject":        good(jwt.MapClaims{"sub": "a\u0085b"}),
		"broken UTF-8 in the subject":      es.sign(t, `{"sub":"a`+"\xff"+`b","iss":"`+p.issuer+`","aud":"`+audience+`","exp":`+fmt.Sprint(now.Add(time.Hour).Unix())+`}`, nil),
		"half a surrogate in it":           es.sign(t, `{"sub":"a\ud800b","iss":"`+p.issuer+`","aud":"`+audience+`","exp":`+fmt.Sprint(now.Add(time.Hour).Unix())+`}`, nil),
		"claims are null":                  es.sign(t, `null`, nil),
		"claims are a list":                es.sign(t, `[]`, nil),
		"10 KB":                            good(jwt.MapClaims{"x": strings.Repeat("x", 7600)}),
		"malformed header":                 "%%%." + payload + "." + sig,
		"malformed claims":                 head + ".%%%." + sig,
		"malformed signature":              head + "." + payload + ".%%%",
		"padded":                           head + "." + payload + "." + sig + "=",
		"no signature":                     head + "." + payload + ".",
		"signature cut off":                head + "." + payload + "." + sig[:len(sig)-4],
		"four parts":                       head + "." + payload + "." + sig + ".x",
		"two parts":                        head + "." + payload,
		"empty":                            "",
		"dots":                             "..",
		"a space before":                   " " + good(nil),
		"a newline after":                  good(nil) + "\n",
	}
	if n := len(bad["10 KB"]); n < 10_000 {
		t.Errorf("got a token of %d bytes, want 10 KB", n)
	}
	for name, token := range bad {
		t.Run("bad/"+name, func(t *testing.T) {
			t.Parallel()
			refused(t, v, token, delivery.ReasonBadToken)
		})
	}
	t.Run("the log says why, and never what the token was", func(t *testing.T) {
		t.Parallel()
		token := es.sign(t, p.claims(jwt.MapClaims{"aud": "of-another-api"}), nil)
		refused(t, v, token, delivery.ReasonBadToken)
		said := v.log.String()
		if !strings.Contains(said, "invalid audience") {
			t.Errorf("got %s", said)
		}
		for part := range strings.SplitSeq(token, ".") {
			if strings.Contains(said, part) {
				t.Errorf("the log holds a part of the token: %s", part)
			}
		}
	})
}

func TestRotation(t *testing.T) {
	t.Parallel()
	old, next := newSigner(t, "RS256"), newSigner(t, "ES256")
	old.id, next.id = "old", "next"
	p := newProvider(t, old)
	p.up(t)
	v := start(t, p.issuer, nil)
	token := p.token(t)
	mustVerify(t, v, token)

	p.rotate(next) // old is gone
	fresh := p.token(t)
	refused(t, v, fresh, delivery.ReasonBadToken) // the keys were read a moment ago
	mustVerify(t, v, token)                       // and nothing has told us yet
	v.rested()
	mustVerify(t, v, fresh)
	refused(t, v, token, delivery.ReasonBadToken)
	if got := p.fetches.Load(); got != 2 {
		t.Errorf("the keys were read %d times, want 2", got)
	}
	if got := p.discoveries.Load(); got != 1 {
		t.Errorf("discovered %d times, want 1", got)
	}
}

func TestKeysAreReadAgainUnasked(t *testing.T) {
	t.Parallel()
	old, next := newSigner(t, "ES256"), newSigner(t, "ES256")
	old.id, next.id = "old", "next"
	p := newProvider(t, old)
	p.up(t)
	v := start(t, p.issuer, func(o *Options) { o.Refresh, o.Rest = 20*time.Millisecond, time.Hour })
	token := p.token(t)
	mustVerify(t, v, token)
	p.rotate(next)
	within(t, func() bool { _, err := v.Verify(t.Context(), token); return err != nil })
	refused(t, v, token, delivery.ReasonBadToken) // without any token that wished for it
	mustVerify(t, v, p.token(t))
}

// within waits until ok holds.
func within(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it does not happen")
		}
	}
}

func TestOutage(t *testing.T) {
	t.Parallel()
	const warned = "cannot be read; tokens are accepted only"
	t.Run("down at the start, then up", func(t *testing.T) {
		t.Parallel()
		s := newSigner(t, "RS256")
		p := newProvider(t, s)
		v := start(t, p.issuer, nil)
		token := s.sign(t, p.claims(nil), nil)
		for range 50 {
			refused(t, v, token, delivery.ReasonUnavailable)
			v.rested() // each may try again
		}
		refused(t, v, s.sign(t, p.claims(jwt.MapClaims{"exp": 1}), nil), delivery.ReasonBadToken) // no key could make this good
		if got := strings.Count(v.log.String(), warned); got != 1 {
			t.Errorf("warned %d times, want once an outage", got)
		}
		p.up(t)
		v.rested()
		mustVerify(t, v, token)
		within(t, func() bool { return strings.Count(v.log.String(), "issuer were read") > 0 }) // written after the keys can be used
		if got := strings.Count(v.log.String(), "issuer were read"); got != 1 {
			t.Errorf("said %d times that it is over, want once", got)
		}
	})
	t.Run("down later: known keys go on", func(t *testing.T) {
		t.Parallel()
		s, next := newSigner(t, "RS256"), newSigner(t, "RS256")
		next.id = "next"
		p := newProvider(t, s)
		p.up(t)
		v := start(t, p.issuer, func(o *Options) { o.Refresh = 10 * time.Millisecond; o.Rest = 10 * time.Millisecond })
		token := p.token(t)
		mustVerify(t, v, token)
		for round := range 3 {
			p.down()
			within(t, func() bool { return strings.Count(v.log.String(), warned) == round+1 })
			mustVerify(t, v, token)
			refused(t, v, next.sign(t, p.claims(nil), nil), delivery.ReasonUnavailable)
			within(t, func() bool { return strings.Count(v.log.String(), "still cannot be read") > 2*round })
			p.up(t)
			within(t, func() bool { return strings.Count(v.log.String(), "issuer were read") == round+2 })
			mustVerify(t, v, token)
		}
		if got := strings.Count(v.log.String(), warned); got != 3 {
			t.Errorf("warned %d times, want 3 for 3 outages", got)
		}
	})
	t.Run("what is not a good answer", func(t *testing.T) {
		t.Parallel()
		s := newSigner(t, "ES256")
		p := newProvider(t, s)
		p.up(t)
		v := start(t, p.issuer, nil)
		token := s.sign(t, p.claims(nil), nil)
		mustVerify(t, v, token)
		unknown := newSigner(t, "ES256")
		unknown.id = "unknown"
		about := func(issuer, set string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/keys" {
					http.Error(w, "gone", http.StatusNotFound)
					return
				}
				fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, issuer, set)
			}
		}
		for name, with := range map[string]http.HandlerFunc{
			"500":     func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) },
			"a page":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
			"no keys": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"keys":[]}`) },
			"only keys not to be used": func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, `{"keys":[{"kty":"oct","k":"AAAA","kid":"a"},{"kty":"OKP"}]}`)
			},
			"endless": func(w http.ResponseWriter, _ *http.Request) {
				for range maxDocument/1024 + 10 {
					if _, err := w.Write([]byte(strings.Repeat(" ", 1024))); err != nil {
						return
					}
				}
			},
			"another issuer":          about("https://evil.example", p.issuer+"/keys"),
			"keys on another machine": about(p.issuer, "http://keys.example/keys"),
			"keys in a file":          about(p.issuer, "file:///etc/passwd"),
			"keys nowhere":            about(p.issuer, ""),
			"redirect to plain http": func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://keys.example/", http.StatusFound)
			},
			"redirects for ever": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		} {
			p.answer(with)
			for range 2 { // the keys, then the discovery
				v.rested()
				if _, err := v.Verify(t.Context(), unknown.sign(t, p.claims(nil), nil)); delivery.CodeOf(err) != delivery.CodeUnavailable {
					t.Errorf("%s: got %v, want UNAVAILABLE", name, err)
				}
			}
			mustVerify(t, v, token)
		}
		p.answer(nil)
		v.rested()
		refused(t, v, unknown.sign(t, p.claims(nil), nil), delivery.ReasonBadToken)
	})
	t.Run("a caller that leaves does not wait", func(t *testing.T) {
		t.Parallel()
		s := newSigner(t, "ES256")
		p := newProvider(t, s)
		v, err := New(Options{Issuer: p.issuer, Audience: audience, Patience: time.Hour}) // it never runs
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := v.Verify(ctx, s.sign(t, p.claims(nil), nil)); delivery.CodeOf(err) != delivery.CodeUnavailable {
			t.Errorf("got %v, want UNAVAILABLE", err)
		}
	})
}

// TestStorm is not parallel: it measures the processor's time.
func TestStorm(t *testing.T) {
	p, v := setup(t)
	p.mu.Lock()
	known := p.keys[0]
	p.mu.Unlock()
	mustVerify(t, v, p.token(t))
	const tokens = 1000
	cpu := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	storm := func(t *testing.T, name string, token func(i int) string) {
		bad := []string{}
		for i := range tokens {
			bad = append(bad, token(i))
		}
		fetches, before, began := p.fetches.Load(), cpu(), time.Now()
		var at sync.WaitGroup
		for worker := range 8 {
			at.Go(func() {
				for i := worker; i < tokens; i += 8 {
					refused(t, v, bad[i], delivery.ReasonBadToken)
				}
			})
		}
		at.Wait()
		spent, read := cpu()-before, p.fetches.Load()-fetches
		t.Logf("%s: %d tokens, %d readings of the keys, %v CPU (%v each), %v", name, tokens, read, spent.Round(time.Millisecond),
			(spent / tokens).Round(time.Microsecond), time.Since(began).Round(time.Millisecond))
		if read > 1 {
			t.Errorf("%s: the keys were read %d times, want at most once", name, read)
		}
		if each := spent / tokens; each > 20*time.Millisecond {
			t.Errorf("%s: %v CPU each", name, each)
		}
	}
	unknown := newSigner(t, "ES256")
	storm(t, "unknown kids right after the keys were read", func(i int) string {
		return unknown.sign(t, p.claims(nil), map[string]any{"kid": fmt.Sprintf("made-up-%d", i)})
	})
	v.rested()
	storm(t, "unknown kids later", func(i int) string {
		return unknown.sign(t, p.claims(nil), map[string]any{"kid": fmt.Sprintf("made-up-%d", i)})
	})
	v.rested()
	token := known.sign(t, p.claims(nil), nil)
	cut := len(token) - 100
	storm(t, "known kid, forged signature", func(i int) string {
		return token[:cut] + fmt.Sprintf("%08d", i) + token[cut+8:]
	})
	v.rested()
	storm(t, "100 KB", func(int) string { return strings.Repeat("a.", 50_000) })
	if got := p.fetches.Load(); got > 2 {
		t.Errorf("the keys were read %d times in all, want at most 2", got)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for issuer, good := range map[string]bool{
		"https://id.example": true, "https://id.example/realms/baogong": true, "http://localhost:8081/realms/x": true, "http://127.0.0.1:1": true, "http://[::1]:1/": true,
		"http://id.example": false, "http://localhost.example": false, "id.example": false, "": false, "https://": false, "ftp://id.example": false,
		"https://user:geheim@id.example": false, "https://id.example?x=y": false, "https://id.example#x": false, "https://id.example:port": false,
	} {
		_, err := New(Options{Issuer: issuer, Audience: audience})
		if (err == nil) != good {
			t.Errorf("%q: got %v", issuer, err)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: tells the password: %v", issuer, err)
		}
	}
	if _, err := New(Options{Issuer: "https://id.example"}); err == nil {
		t.Error("takes no audience for one")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := newSigner(t, "ES256")
	p := newProvider(t, s)
	p.up(t)
	// The provider's keys behind TLS, as another issuer.
	var issuer, set string
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			p.ServeHTTP(w, r)
			return
		}
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, issuer, set)
	}))
	front.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of callers who do not trust it
	front.StartTLS()
	t.Cleanup(front.Close)
	issuer, set = front.URL, front.URL+"/keys"
	token := s.sign(t, p.claims(jwt.MapClaims{"iss": issuer}), nil)

	t.Run("a certificate that is trusted", func(t *testing.T) {
		mustVerify(t, start(t, issuer, func(o *Options) { o.Transport = front.Client().Transport }), token)
	})
	t.Run("a certificate that is not", func(t *testing.T) {
		v := start(t, issuer, nil)
		refused(t, v, token, delivery.ReasonUnavailable)
		if !strings.Contains(v.log.String(), "certificate") {
			t.Errorf("got %s", v.log.String())
		}
	})
	t.Run("never from TLS to plain http", func(t *testing.T) {
		set = p.issuer + "/keys"
		refused(t, start(t, issuer, func(o *Options) { o.Transport = front.Client().Transport }), token, delivery.ReasonUnavailable)
	})
}

func FuzzVerify(f *testing.F) {
	p, v := setup(f)
	key := p.now
	other := newSigner(f, key.alg)
	forged := other.sign(f, p.claims(nil), map[string]any{"kid": key.id})
	f.Add(forged, "", "", []byte(nil))
	f.Add("", `{"alg":"none","kid":"`+key.id+`"}`, `{"sub":"a"}`, []byte(nil))
	f.Add("a.b.c", `{"alg":"RS256","kid":"`+key.id+`"}`, `{"iss":"`+p.issuer+`","aud":["`+audience+`"],"sub":"a","exp":9e9}`, []byte("signature"))
	f.Add("..", `{"alg":"EdDSA","kid":"x","crit":[]}`, `null`, make([]byte, 64))
	f.Add("", `{"alg":"ES256","kid":{}}`, `{"exp":1e400}`, make([]byte, 64))
	f.Fuzz(func(t *testing.T, token, header, claims string, sig []byte) {
		b64 := base64.RawURLEncoding.EncodeToString
		for _, token := range []string{token, b64([]byte(header)) + "." + b64([]byte(claims)) + "." + b64(sig)} {
			c, err := v.Verify(t.Context(), token)
			if code := delivery.CodeOf(err); err == nil || c != (Claims{}) || code != delivery.CodeUnauthenticated {
				t.Errorf("%q: got %+v, %v", token, c, err)
			}
		}
	})
}
