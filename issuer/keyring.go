package issuer

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

const (
	maxDocument    = 1 << 20 // bytes of a document that the issuer publishes
	maxRedirects   = 3
	minRSA         = 2048             // bits, as RFC 7518 wants
	requestTimeout = 5 * time.Second  // for one document, from dialling to its last byte
	maxRetry       = time.Minute      // between attempts while the issuer cannot be read
	defaultRefresh = 15 * time.Minute // see Options
	defaultRest    = 5 * time.Second
	defaultWait    = 3 * time.Second
)

// errUnknownKey means that no key has the name in a token.
var errUnknownKey = jwkset.ErrKeyNotFound

// errUnread means that the issuer's keys could not be read, so that a token cannot be verified.
var errUnread = errors.New("the issuer's keys are not known")

// keyring holds the issuer's public keys. Only run reads them; tokens can request a read.
type keyring struct {
	issuer string
	plain  bool // the issuer is on this machine, so http is accepted
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	refresh, rest, patience time.Duration

	known  *jwkset.MemoryJWKSet // replaced as a whole by each read
	lookup keyfunc.Keyfunc
	set    string // URL of the keys; empty until discovered. Owned by run.

	wish chan struct{} // one slot: a request to read the keys

	mu      sync.Mutex
	reading chan struct{} // closed when the requested or running read has ended; nil when there is none
	read    time.Time     // when the last read ended
	failed  error         // error of the last read
	started bool          // a read has ended
}

func newKeyring(o Options) (*keyring, error) {
	at, err := url.Parse(o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the issuer is not a URL: %w", err)
	}
	k := &keyring{
		issuer: o.Issuer, plain: at.Scheme == "http", now: o.Now, log: o.Log,
		refresh: or(o.Refresh, defaultRefresh), rest: or(o.Rest, defaultRest), patience: or(o.Patience, defaultWait),
		known: jwkset.NewMemoryStorage(), wish: make(chan struct{}, 1), reading: make(chan struct{}),
	}
	if err := k.check(at); err != nil {
		return nil, fmt.Errorf("the issuer %w", err)
	}
	if at.RawQuery != "" || at.Fragment != "" {
		return nil, errors.New("the issuer must be a URL without query and fragment")
	}
	if k.lookup, err = keyfunc.New(keyfunc.Options{Storage: k.known}); err != nil {
		return nil, err
	}
	if o.Transport == nil {
		o.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: requestTimeout}).DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: requestTimeout, ResponseHeaderTimeout: requestTimeout, MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns: 2, IdleConnTimeout: time.Minute,
		}
	}
	k.client = &http.Client{Transport: o.Transport, Timeout: requestTimeout, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errors.New("too many redirects")
		}
		return k.check(r.URL)
	}}
	return k, nil
}

func or(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// check refuses URLs whose answers could be forged on the way to the issuer.
func (k *keyring) check(u *url.URL) error {
	switch {
	case u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("must be an https URL without a password in it")
	case u.Scheme == "http" && !(k.plain && loopback(u.Hostname())):
		return errors.New("must be an https URL; http is for an issuer on this machine (localhost) only")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// find returns the key that a token names, or errUnknownKey. It refuses a key for another algorithm.
func (k *keyring) find(ctx context.Context, t *jwt.Token) (any, error) {
	return k.lookup.KeyfuncCtx(ctx)(t)
}

// fresh waits for a read of the keys, if one is running or may start now, and returns the error of the last read. For any
// number of callers, at most one read starts in the rest after another.
func (k *keyring) fresh(ctx context.Context) error {
	k.mu.Lock()
	if k.reading == nil {
		if k.now().Sub(k.read) < k.rest {
			defer k.mu.Unlock()
			return k.failed
		}
		k.reading = make(chan struct{})
		k.wish <- struct{}{} // never blocks: without a read there is no request in the slot
	}
	reading := k.reading
	k.mu.Unlock()

	patience := time.NewTimer(k.patience)
	defer patience.Stop()
	select {
	case <-reading:
	case <-patience.C:
		return errors.New("reading them takes too long")
	case <-ctx.Done():
		return ctx.Err()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed
}

// run reads the keys at once, then on request and when they are old, until ctx ends.
func (k *keyring) run(ctx context.Context) {
	defer k.client.CloseIdleConnections()
	retry := k.rest
	for ctx.Err() == nil {
		wait := k.refresh
		if err := k.renew(ctx); err != nil {
			wait, retry = min(retry, k.refresh), min(2*retry, max(maxRetry, k.rest))
		} else {
			retry = k.rest
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-k.wish:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// renew reads the keys and wakes the waiting tokens. It logs when the issuer becomes unreadable and readable again.
func (k *keyring) renew(ctx context.Context) error {
	k.mu.Lock()
	if k.reading == nil {
		k.reading = make(chan struct{})
	}
	select {
	case <-k.wish: // this read serves the request
	default:
	}
	k.mu.Unlock()

	keys, err := k.fetch(ctx)
	if err == nil {
		err = k.known.KeyReplaceAll(ctx, keys)
	}

	k.mu.Lock()
	before, first := k.failed, !k.started
	k.read, k.failed, k.started = k.now(), err, true
	close(k.reading)
	k.reading = nil
	k.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case err == nil && (first || before != nil):
		k.log.Info("the keys of the OpenID Connect issuer were read", "issuer", k.issuer, "keys", len(keys))
	case err != nil && before == nil:
		k.log.Warn("the OpenID Connect issuer cannot be read; tokens are accepted only with the keys that are known", "issuer", k.issuer, "err", err)
	case err != nil:
		k.log.Debug("the OpenID Connect issuer still cannot be read", "issuer", k.issuer, "err", err)
	}
	return err
}

// fetch reads the keys that can verify signatures, and first their URL if that is unknown or the last read failed.
func (k *keyring) fetch(ctx context.Context) ([]jwkset.JWK, error) {
	set := k.set
	k.set = ""
	if set == "" {
		var about struct {
			Issuer string `json:"issuer"`
			Set    string `json:"jwks_uri"`
		}
		if err := k.get(ctx, strings.TrimSuffix(k.issuer, "/")+"/.well-known/openid-configuration", &about); err != nil {
			return nil, err
		}
		if about.Issuer != k.issuer {
			return nil, fmt.Errorf("the issuer calls itself %q; the setting must be the same to the letter", about.Issuer)
		}
		set = about.Set
	}
	var published jwkset.JWKSMarshal
	if err := k.get(ctx, set, &published); err != nil {
		return nil, err
	}
	var keys []jwkset.JWK
	for _, key := range published.Keys {
		jwk, err := usable(key)
		if err != nil {
			k.log.Debug("a key of the OpenID Connect issuer is not used", "kid", clip(key.KID), "err", clip(err.Error()))
			continue
		}
		keys = append(keys, jwk)
	}
	if len(keys) == 0 {
		return nil, errors.New("the issuer publishes no key that tokens can be verified with")
	}
	k.set = set
	return keys, nil
}

// get fetches one JSON document.
func (k *keyring) get(ctx context.Context, from string, into any) error {
	at, err := url.Parse(from)
	if err != nil {
		return err
	}
	if err := k.check(at); err != nil {
		return fmt.Errorf("%q %w", from, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/json")
	w, err := k.client.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		return fmt.Errorf("get %s: %s", from, w.Status)
	}
	b, err := io.ReadAll(io.LimitReader(w.Body, maxDocument+1))
	if err != nil {
		return fmt.Errorf("get %s: %w", from, err)
	}
	if len(b) > maxDocument {
		return fmt.Errorf("get %s: more than %d bytes", from, maxDocument)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("get %s: %w", from, err)
	}
	return nil
}

// usable returns a key if it can verify tokens.
func usable(key jwkset.JWKMarshal) (jwkset.JWK, error) {
	switch {
	case key.KID == "":
		return jwkset.JWK{}, errors.New("it has no name")
	case key.USE != "" && key.USE != jwkset.UseSig, len(key.KEYOPS) > 0 && !slices.Contains(key.KEYOPS, jwkset.KeyOpsVerify):
		return jwkset.JWK{}, errors.New("it is not for signatures")
	}
	// A key is trusted for the URL it was read from. A certificate beside it must not make us fetch another URL.
	key.X5U, key.X5C, key.X5T, key.X5TS256 = "", nil, "", ""
	jwk, err := jwkset.NewJWKFromMarshal(key, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return jwkset.JWK{}, err
	}
	switch public := jwk.Key().(type) {
	case *rsa.PublicKey:
		if n := public.N.BitLen(); n < minRSA {
			return jwkset.JWK{}, fmt.Errorf("it has only %d bits", n)
		}
	case *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return jwkset.JWK{}, errors.New("it is not a public key for signatures")
	}
	return jwk, nil
}
