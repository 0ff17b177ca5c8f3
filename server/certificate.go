package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is a certificate and its key in two files, which are read again when they change.
type Certificate struct {
	cert, key string
	log       *slog.Logger
	now       func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	seen    [2]fileStamp
	checked time.Time
}

// fileStamp is compared to see whether a file has changed.
type fileStamp struct {
	at   time.Time
	size int64
}

// LoadCertificate reads both files. It fails if they are not a pair.
func LoadCertificate(cert, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key, log: log, now: time.Now}
	if err := c.load(); err != nil {
		return nil, err
	}
	c.checked = c.now()
	return c, nil
}

// Config returns the configuration of a TLS listener: TLS 1.2 or newer, HTTP/2 where the client speaks it.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}

// get returns the certificate for a handshake. At most once a minute it checks whether the files have changed. If they
// cannot be read, it returns the old certificate.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.checked) >= time.Minute {
		c.checked = now
		if seen, err := c.stamps(); err != nil {
			c.log.Warn("the certificate cannot be read again; the old one serves on", "err", err)
		} else if seen != c.seen {
			if err := c.load(); err != nil {
				c.log.Warn("the new certificate cannot be used; the old one serves on", "err", err)
			} else {
				c.log.Info("the certificate was read again", "until", c.current.Leaf.NotAfter)
			}
		}
	}
	return c.current, nil
}

// load reads both files. Must hold mu, or be the only user.
func (c *Certificate) load() error {
	seen, err := c.stamps()
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	c.current, c.seen = &pair, seen
	return nil
}

func (c *Certificate) stamps() (s [2]fileStamp, err error) {
	for i, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return s, err
		}
		s[i] = fileStamp{info.ModTime(), info.Size()}
	}
	return s, nil
}
