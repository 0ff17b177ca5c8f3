package issuer

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	audience = "https://baogong.example"
	person   = "sid1" // the service user whom the example storage knows
)

// signer is a private key of the provider.
type signer struct {
	id  string
	alg string
	key crypto.Signer
}

func (s *signer) ID() string                                  { return s.id }
func (s *signer) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.SignatureAlgorithm(s.alg) }
func (s *signer) Key() any                                    { return s.key }

// published is its public half as the provider publishes it.
type published struct{ *signer }

func (p published) Algorithm() jose.SignatureAlgorithm { return p.SignatureAlgorithm() }
func (p published) Use() string                        { return "sig" }
func (p published) Key() any                           { return p.key.Public() }

// sign makes a token that the provider itself would not make.
func (s *signer) sign(t testing.TB, claims any, header map[string]any) string {
	t.Helper()
	payload, raw := claims.(string) // a string is the payload as it is
	token := jwt.NewWithClaims(jwt.GetSigningMethod(s.alg), jwt.MapClaims{})
	if !raw {
		token.Claims = claims.(jwt.MapClaims)
	}
	token.Header["kid"] = s.id
	for name, value := range header {
		if token.Header[name] = value; value == nil {
			delete(token.Header, name)
		}
	}
	text, err := token.SigningString()
	if raw {
		head, _, _ := strings.Cut(text, ".")
		text = head + "." + token.EncodeSegment([]byte(payload))
	}
	if err != nil {
		t.Fatal(err)
	}
	sig, err := token.Method.Sign(text, s.key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + token.EncodeSegment(sig)
}

var ids atomic.Int64

func newSigner(t testing.TB, alg string) *signer {
	t.Helper()
	s := &signer{id: "key-" + string(rune('a'+ids.Add(1)%26)) + "-" + alg, alg: alg}
	var err error
	switch alg[:2] {
	case "RS", "PS":
		s.key, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES":
		curve := map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}[alg]
		s.key, err = ecdsa.GenerateKey(curve, rand.Reader)
	default:
		_, s.key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// provider is a whole OpenID provider: zitadel's, over its example storage, with keys that can be rotated and a
// listener that can go away and come back.
type provider struct {
	*storage.Storage
	issuer string
	addr   string
	server *httptest.Server
	op     http.Handler
	client *http.Client

	discoveries, fetches atomic.Int64 // of the discovery document and of the keys

	mu   sync.Mutex
	keys []*signer
	now  *signer
	with http.HandlerFunc // answers instead of the provider, if set
}

func (p *provider) SigningKey(context.Context) (op.SigningKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now, nil
}

func (p *provider) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA}, nil
}

func (p *provider) KeySet(context.Context) ([]op.Key, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []op.Key
	for _, k := range p.keys {
		out = append(out, published{k})
	}
	return out, nil
}

// jwtClient is a client whose access tokens are JWTs.
type jwtClient struct{ op.Client }

func (jwtClient) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

func (p *provider) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	c, err := p.Storage.ClientCredentials(ctx, id, secret)
	return jwtClient{c}, err
}

func (p *provider) ClientCredentialsTokenRequest(_ context.Context, id string, scopes []string) (op.TokenRequest, error) {
	return &oidc.JWTTokenRequest{Subject: id, Audience: []string{audience, "another"}, Scopes: scopes}, nil
}

// rotate signs with now and publishes it and the others.
func (p *provider) rotate(now *signer, others ...*signer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now, p.keys = now, append([]*signer{now}, others...)
}

// answer answers everything with f, or like a provider again if it is nil.
func (p *provider) answer(f http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.with = f
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/keys":
		p.fetches.Add(1)
	case "/.well-known/openid-configuration":
		p.discoveries.Add(1)
	}
	p.mu.Lock()
	with := p.with
	p.mu.Unlock()
	if with != nil {
		with(w, r)
		return
	}
	p.op.ServeHTTP(w, r)
}

// newProvider makes a provider that listens nowhere yet.
func newProvider(t testing.TB, now *signer, others ...*signer) *provider {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{addr: l.Addr().String(), issuer: "http://" + l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	p.Storage = storage.NewStorage(storage.NewUserStore(p.issuer))
	p.rotate(now, others...)
	p.op, err = op.NewProvider(&op.Config{CryptoKey: sha256.Sum256([]byte("test"))}, p, op.StaticIssuer(p.issuer), op.WithAllowInsecure(),
		op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.down)
	return p
}

func (p *provider) up(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	p.server = &httptest.Server{Listener: l, Config: &http.Server{Handler: p, ReadHeaderTimeout: time.Second}}
	p.server.Start()
	p.client = p.server.Client()
}

func (p *provider) down() {
	if p.server != nil {
		p.client.CloseIdleConnections()
		p.server.CloseClientConnections()
		p.server.Close()
		p.server = nil
	}
}

// token is one that the provider itself gives out.
func (p *provider) token(t testing.TB) string {
	t.Helper()
	r, err := p.client.PostForm(p.issuer+"/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {person}, "client_secret": {"verysecret"}, "scope": {"openid"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
		Error string `json:"error_description"`
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.Token == "" {
		t.Fatal("no token", err, answer.Error)
	}
	return answer.Token
}

// claims are those of a good token; change replaces some, and nil removes one.
func (p *provider) claims(change jwt.MapClaims) jwt.MapClaims {
	now := time.Now()
	c := jwt.MapClaims{"iss": p.issuer, "aud": audience, "sub": person, "exp": now.Add(24 * time.Hour).Unix(), "iat": now.Unix(), "nbf": now.Unix()}
	for name, value := range change {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

// clock is a machine clock that can be put forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// journal is a log that can be read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// running is a verifier that runs, with its clock and its log.
type running struct {
	*Verifier
	clock clock
	log   journal
}

// rested puts the clock forward until the keys may be read again.
func (r *running) rested() { r.clock.ahead.Add(int64(r.keys.rest + time.Second)) }

// start runs a verifier until the test ends. It rests long, so that a slow machine does not end the rest.
func start(t testing.TB, issuer string, change func(*Options)) *running {
	t.Helper()
	r := &running{}
	o := Options{Issuer: issuer, Audience: audience, Now: r.clock.Now, Rest: time.Minute, Patience: 20 * time.Second,
		Log: slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&o)
	}
	v, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Verifier = v
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		v.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("Run goes on after its context is done")
		}
	})
	return r
}

// setup is a provider with a key of each kind, and a verifier of its tokens.
func setup(t testing.TB) (*provider, *running) {
	t.Helper()
	p := newProvider(t, newSigner(t, "RS256"), newSigner(t, "ES256"), newSigner(t, "EdDSA"))
	p.up(t)
	return p, start(t, p.issuer, nil)
}
