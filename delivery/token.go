package delivery

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"time"
)

// How long what we issue holds (machine time). A token is replaced before it ends; a sign-in ends for good.
const (
	StaffTokenLife    = 24 * time.Hour
	ResidentTokenLife = 30 * 24 * time.Hour
	SessionLife       = 180 * 24 * time.Hour
)

// ReplacedGrace is how long a replaced token still opens requests that were under way. After it, or once the
// replacing token was used, asking for a replacement with it again means that two people hold it: the sign-in ends.
const ReplacedGrace = time.Minute

// TokenLife is how long a token of the role holds.
func TokenLife(r Role) time.Duration {
	if r == RoleResident || r == RoleLink {
		return ResidentTokenLife
	}
	return StaffTokenLife
}

// tokenMark begins every token we issue, so that one that leaks is recognised as ours.
const tokenMark = "bgt_"

// Token is a credential that we issue: opaque, and kept only as a hash.
type Token string

// NewToken draws a token.
func NewToken() Token {
	var b [sha256.Size]byte
	_, _ = rand.Read(b[:]) // never fails
	return tokenOf(b)
}

// Token derives a token from what a retry would give again, under each of the ring's keys, the newest first. So a
// retry is answered with the same token although none is stored.
func (k *Keyring) Token(from ...string) []Token {
	var out []Token
	for _, sum := range k.derive("token", from) {
		out = append(out, tokenOf(sum))
	}
	return out
}

func tokenOf(b [sha256.Size]byte) Token {
	return Token(tokenMark + base64.RawURLEncoding.EncodeToString(b[:]))
}

// IsToken reports that a credential has the form of our tokens.
func IsToken(s string) bool {
	return strings.HasPrefix(s, tokenMark) && len(s) == len(tokenMark)+base64.RawURLEncoding.EncodedLen(sha256.Size)
}

// credentials are our tokens and JWTs, also cut off, wherever they stand in a text.
var credentials = regexp.MustCompile(`(` + tokenMark + `|eyJ)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)*…?`)

// HideTokens returns a text with every token in it cut off after its first characters. Messages that quote what a client sent
// pass through it: people paste tokens where names belong.
func HideTokens(s string) string {
	if !strings.Contains(s, tokenMark) && !strings.Contains(s, "eyJ") {
		return s
	}
	return credentials.ReplaceAllString(s, "$1…")
}

// Hash is what is kept of a token. Its 256 random bits need no slow hash.
func (t Token) Hash() []byte {
	h := sha256.Sum256([]byte(t))
	return h[:]
}

// String hides the token, so that logs and errors cannot leak it.
func (t Token) String() string { return tokenMark + "…" }

// Reveal is the token itself, for whoever it was issued to.
func (t Token) Reveal() string { return string(t) }
