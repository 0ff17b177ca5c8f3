// Package issuer verifies access tokens of the one configured OpenID Connect issuer. It tells the holder's identity, not the
// holder's rights.
package issuer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"baogong/delivery"
)

// MaxToken is the length of the longest token that is examined, in bytes.
const MaxToken = 8 << 10

// MaxSubject is the length of the longest accepted subject, in bytes. OpenID Connect allows no longer one.
const MaxSubject = 255

// leeway is the accepted difference between the issuer's clock and ours.
const leeway = 30 * time.Second

// Algorithms are the accepted signature algorithms: only asymmetric ones, so that a public key never passes for a secret.
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// types are the `typ` headers of access tokens, in lower case. Other JWTs of the same issuer, such as logout tokens, name their own.
var types = []string{"jwt", "at+jwt", "application/at+jwt"}

// Options configure a Verifier. A zero duration means its default.
type Options struct {
	Issuer    string            // the exact URL in the tokens' `iss`
	Audience  string            // must be among the tokens' `aud`
	Now       func() time.Time  // machine time; nil for time.Now
	Log       *slog.Logger      // nil: no log
	Refresh   time.Duration     // interval at which the keys are read; 15 minutes
	Rest      time.Duration     // least pause between two reads, however many tokens ask for one; 5 s
	Patience  time.Duration     // how long a token with an unknown key waits for a read of the keys; 3 s
	Transport http.RoundTripper // nil for one with timeouts of its own
}

// Claims are the claims of a valid token about its holder.
type Claims struct {
	Subject string    // the holder's name at the issuer: never empty, at most MaxSubject bytes, without control characters
	Expires time.Time // the instant from which Verify refuses the token: its `exp` and the leeway
}

// Verifier verifies tokens while Run reads the issuer's keys.
type Verifier struct {
	issuer    string
	log       *slog.Logger
	keys      *keyring
	parser    *jwt.Parser
	validator *jwt.Validator
}

// New returns a Verifier. It reads no keys yet. It fails if the issuer is not an https URL (http is allowed on this
// machine's loopback) or the audience is missing.
func New(o Options) (*Verifier, error) {
	if o.Audience == "" {
		return nil, errors.New("the audience is missing: it is what the issuer writes into tokens that are meant for this API")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	keys, err := newKeyring(o)
	if err != nil {
		return nil, err
	}
	rules := []jwt.ParserOption{
		jwt.WithValidMethods(Algorithms()), jwt.WithStrictDecoding(), jwt.WithIssuer(o.Issuer), jwt.WithAudience(o.Audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(o.Now),
	}
	return &Verifier{issuer: o.Issuer, log: o.Log, keys: keys, parser: jwt.NewParser(rules...), validator: jwt.NewValidator(rules...)}, nil
}

// Run reads the issuer's keys at intervals until ctx ends. If the issuer cannot be read, it logs that once and keeps the
// keys it knows.
func (v *Verifier) Run(ctx context.Context) { v.keys.run(ctx) }

// Issuer returns the issuer whose tokens are accepted. A subject is unique only within its issuer.
func (v *Verifier) Issuer() string { return v.issuer }

// IsJWT reports whether a credential has the form of a signed token. It does not check the contents.
func IsJWT(credential string) bool { return strings.Count(credential, ".") == 2 }

// Verify returns the claims of a valid token. An expired token fails with TOKEN_EXPIRED and any other invalid one with
// BAD_TOKEN, both UNAUTHENTICATED; the broken rule is only logged, at debug. A token with an unknown key may wait for a read
// of the keys. It fails with UNAVAILABLE if they cannot be read.
func (v *Verifier) Verify(ctx context.Context, token string) (Claims, error) {
	claims, err := v.verify(ctx, token)
	if err != nil {
		reason := reasonOf(err)
		v.log.DebugContext(ctx, "a token was refused", "reason", reason, "err", clip(err.Error()))
		return Claims{}, delivery.Refuse(reason)
	}
	return claims, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (Claims, error) {
	if len(token) > MaxToken {
		return Claims{}, fmt.Errorf("the token has %d bytes", len(token))
	}
	// The decoder skips line breaks, which would allow many forms of one token.
	if strings.ContainsFunc(token, foreign) {
		return Claims{}, errors.New("the token has characters that no token has")
	}
	// A map matches names exactly. A struct would take "SUB" for "sub", and the last of several.
	claims := jwt.MapClaims{}
	if _, err := v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) { return v.key(ctx, t) }); err != nil {
		return Claims{}, err
	}
	subject, err := claims.GetSubject()
	if err != nil {
		return Claims{}, err
	}
	if err := checkSubject(subject); err != nil {
		return Claims{}, err
	}
	expires, err := claims.GetExpirationTime()
	if err != nil {
		return Claims{}, err
	}
	return Claims{Subject: subject, Expires: expires.Add(leeway)}, nil
}

// foreign reports whether a token cannot contain r.
func foreign(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}

// key returns the key that a token names. Only a token that is valid but for its signature can cause a read of the keys.
func (v *Verifier) key(ctx context.Context, t *jwt.Token) (any, error) {
	if typ, given := t.Header["typ"]; given {
		if name, ok := typ.(string); !ok || !slices.Contains(types, strings.ToLower(name)) {
			return nil, errors.New("the token is of another type")
		}
	}
	if _, given := t.Header["crit"]; given {
		return nil, errors.New("the token has extensions that must be understood, and none is")
	}
	// Without a kid every key would be tried, and a new key could not be told from a bad signature.
	if kid, ok := t.Header["kid"].(string); !ok || kid == "" {
		return nil, errors.New("the token names no key")
	}
	key, err := v.keys.find(ctx, t)
	if !errors.Is(err, errUnknownKey) {
		return key, err
	}
	if err := v.validator.Validate(t.Claims); err != nil {
		return nil, err
	}
	if err := v.keys.fresh(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnread, err)
	}
	return v.keys.find(ctx, t)
}

// checkSubject refuses names that could be taken for another's once they are stored or shown. JSON turns broken UTF-8 into
// U+FFFD, so that two broken names would become the same.
func checkSubject(s string) error {
	switch {
	case s == "":
		return errors.New("the token has no subject")
	case len(s) > MaxSubject:
		return fmt.Errorf("the subject has %d bytes", len(s))
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }):
		return errors.New("the subject has characters that it must not have")
	}
	return nil
}

// reasonOf returns the reason that the holder of a refused token sees.
func reasonOf(err error) delivery.Reason {
	if errors.Is(err, errUnread) {
		return delivery.ReasonUnavailable
	}
	// Expired is only returned for tokens without another fault: signing in again would not help with those.
	for _, worse := range []error{jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenRequiredClaimMissing,
		jwt.ErrTokenInvalidAudience, jwt.ErrTokenInvalidIssuer, jwt.ErrTokenNotValidYet, jwt.ErrTokenUsedBeforeIssued} {
		if errors.Is(err, worse) {
			return delivery.ReasonBadToken
		}
	}
	if errors.Is(err, jwt.ErrTokenExpired) {
		return delivery.ReasonTokenExpired
	}
	return delivery.ReasonBadToken
}

// clip limits the length of text from a token in the log: errors quote its header.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
