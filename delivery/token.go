package delivery

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"time"
)

// The lifetimes of tokens and sign-ins (machine time). A token can be replaced before it expires; a sign-in cannot be
// extended.
const (
	StaffTokenLife    = 14 * 24 * time.Hour // unless the program is told another, see TokenLife
	ResidentTokenLife = 30 * 24 * time.Hour
	SessionLife       = 180 * 24 * time.Hour
)

// ReplacedGrace is how long a replaced token still works. If it is sent after that, and its successor has been used, it counts
// as copied, and the sign-in ends.
const ReplacedGrace = time.Minute

// MinStaffTokenLife is the least lifetime of the tokens of staff that can be set. SessionLife is the most.
const MinStaffTokenLife = time.Hour

// TokenLife returns the lifetime of a token of the role. staff is that of the team, suppliers and the city; 0 stands for StaffTokenLife.
func TokenLife(r Role, staff time.Duration) time.Duration {
	if r == RoleResident || r == RoleLink {
		return ResidentTokenLife
	}
	return cmp.Or(staff, StaffTokenLife)
}

// tokenMark is the prefix of every token, so that scanners recognise a leaked one.
const tokenMark = "bgt_"

// Token is an opaque credential that this program issues. Only its hash is stored.
type Token string

// NewToken draws a token.
func NewToken() Token {
	var b [sha256.Size]byte
	_, _ = rand.Read(b[:]) // never fails
	return tokenOf(b)
}

// Token derives a token from values that a retry repeats, under each of the ring's keys, newest first. So a retry gets the
// same token although none is stored.
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

// IsToken reports whether a credential has the form of a Token.
func IsToken(s string) bool {
	return strings.HasPrefix(s, tokenMark) && len(s) == len(tokenMark)+base64.RawURLEncoding.EncodedLen(sha256.Size)
}

// credentials matches our tokens and JWTs, also truncated ones, anywhere in a text.
var credentials = regexp.MustCompile(`(` + tokenMark + `|eyJ)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)*…?`)

// HideTokens returns a text with every token in it cut off after its first characters. Messages that quote what a client sent
// pass through it: people paste tokens where names belong.
func HideTokens(s string) string {
	if !strings.Contains(s, tokenMark) && !strings.Contains(s, "eyJ") {
		return s
	}
	return credentials.ReplaceAllString(s, "$1…")
}

// Hash returns the hash that is stored. A token has 256 random bits, so it needs no slow hash.
func (t Token) Hash() []byte {
	h := sha256.Sum256([]byte(t))
	return h[:]
}

// String hides the token, so that logs and errors cannot leak it.
func (t Token) String() string { return tokenMark + "…" }

// Reveal returns the token itself, to send to its owner.
func (t Token) Reveal() string { return string(t) }
