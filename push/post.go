package push

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"baogong/delivery"
)

// errPrivate refuses a connection to an address that is none of the public internet.
var errPrivate = errors.New("push: the address is inside a private network")

// The limits of what is read of an answer.
const (
	longestHeader = 16 << 10
	longestAnswer = 4 << 10 // read so that the connection can be used again; a longer answer ends it
	answerTime    = time.Second
)

// newClient returns the client that sends. It uses no proxy, follows no redirect, and unless private targets are allowed connects to public
// addresses only: the address is checked when the connection is dialled, so that a name cannot resolve to one address at the check and to another at
// the connection.
func newClient(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Resolver: o.Resolver}
	if !o.Verbs.PrivateTargets {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			if at, err := netip.ParseAddrPort(address); err != nil || !delivery.PublicAddress(at.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, TLSClientConfig: o.TLS, TLSHandshakeTimeout: 5 * time.Second, ForceAttemptHTTP2: true,
			DisableCompression: true, MaxResponseHeaderBytes: longestHeader, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post makes one attempt to deliver. It reports false if the worker quit before the attempt ended, so that the outcome is not known.
func (w *worker) post(id string, body []byte) (a delivery.DeliveryAttempt, sent bool) {
	s := w.sender
	if w.slow {
		if !w.take(s.slow) {
			return a, false
		}
		defer func() { <-s.slow }()
	}
	if !w.take(s.slots) {
		return a, false
	}
	defer func() { <-s.slots }()
	ctx, cancel := context.WithTimeout(w.lease, s.Timeout)
	defer cancel()
	began := time.Now()
	a = s.attempt(ctx, cancel, w.hook.URL, headers(id, w.now(), body, w.secrets), body)
	a.At = w.now()
	w.slow = time.Since(began) > slowAttempt
	if w.lease.Err() != nil && !a.Taken() {
		return a, false
	}
	s.counters.took.Add(1, time.Since(began))
	if a.Taken() {
		s.counters.taken.Add(1)
	}
	for i, p := range problems {
		if p == a.Problem {
			s.counters.failed[i].Add(1)
		}
	}
	return a, true
}

// take takes a slot. It reports false if the worker quits.
func (w *worker) take(slots chan<- struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	case <-w.going.Done():
		return false
	}
}

// headers returns the headers of Standard Webhooks: the id, the time, and a signature with each secret in force.
func headers(id string, at time.Time, body []byte, secrets []*delivery.WebhookSecret) http.Header {
	seconds := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, secret := range secrets {
		if secret.Signs(at) {
			signatures = append(signatures, Sign(secret.Secret, id, seconds, body))
		}
	}
	return http.Header{
		"Content-Type":      {"application/json"},
		"User-Agent":        {"Baogong-Webhooks"},
		"Webhook-Id":        {id},
		"Webhook-Timestamp": {seconds},
		"Webhook-Signature": {strings.Join(signatures, " ")},
	}
}

// Sign returns the signature of a delivery: HMAC-SHA256 over id.timestamp.body.
func Sign(secret []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// attempt sends one POST and returns how it ended.
func (s *Sender) attempt(ctx context.Context, cancel context.CancelFunc, url string, header http.Header, body []byte) delivery.DeliveryAttempt {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return delivery.DeliveryAttempt{Problem: delivery.ProblemNotReached}
	}
	req.Header = header
	res, err := s.client.Do(req)
	if err != nil {
		return delivery.DeliveryAttempt{Problem: problemOf(err)}
	}
	drained := time.AfterFunc(answerTime, cancel)
	_, _ = io.CopyN(io.Discard, res.Body, longestAnswer) // the status is all that counts
	drained.Stop()
	_ = res.Body.Close()
	a := delivery.DeliveryAttempt{Status: res.StatusCode}
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
	case res.StatusCode >= 300 && res.StatusCode < 400:
		a.Problem = delivery.ProblemRedirected
	default:
		a.Problem = delivery.ProblemRefused
		if res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable {
			a.RetryAfter = retryAfter(res.Header.Get("Retry-After"), time.Now())
		}
	}
	return a
}

// retryAfter reads a number of seconds or a date, 0 for other texts.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		return time.Duration(min(max(seconds, 0), int(delivery.LongestBackoff/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// problemOf returns how an attempt without an answer failed.
func problemOf(err error) delivery.WebhookProblem {
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.Is(err, errPrivate):
		return delivery.ProblemPrivate
	case errors.As(err, &certificate), errors.As(err, &authority):
		return delivery.ProblemNotTrusted
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return delivery.ProblemTimedOut
	}
	return delivery.ProblemNotReached
}
