package server

import (
	"crypto/tls"
	"log/slog"
	"os"
	"testing"
	"time"

	"baogong/internal/certificate"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key := certificate.Write(t, t.TempDir(), 1)
	c, err := LoadCertificate(cert, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b := setup(t, func(o *Options) { o.TLS = c.Config() })
	t.Run("HTTP", func(t *testing.T) {
		got := b.post(t, "{hello}")
		if got.status != 200 || got.header.Get("Strict-Transport-Security") != "max-age=31536000" {
			t.Errorf("got %d %v", got.status, got.header)
		}
	})
	t.Run("WebSocket", func(t *testing.T) {
		p := b.greeted(t, "")
		p.subscribe("1", "subscription{count(to:1)}")
		p.want(`{"id":"1","type":"next","payload":{"data":{"count":"0"}}}`)
	})
	t.Run("event streams over HTTP/2", func(t *testing.T) {
		answer, lines := b.stream(t, "subscription{feed}")
		if answer.ProtoMajor != 2 {
			t.Errorf("got %s", answer.Proto)
		}
		for await(t, "an event", lines) != `data: {"data":{"feed":"after "}}` {
		}
	})
	t.Run("nothing older than 1.2", func(t *testing.T) {
		_, err := tls.Dial("tcp", b.host, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11})
		if err == nil {
			t.Error("TLS 1.1 was taken")
		}
	})
	t.Run("plain HTTP is not answered", func(t *testing.T) {
		if got := b.do(t, "GET", "http://"+b.host+"/healthz", nil); got.status != 400 || got.header.Get("Strict-Transport-Security") != "" {
			t.Errorf("got %d %v", got.status, got.header)
		}
	})
}

func TestCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := certificate.Write(t, dir, 1)
	c, err := LoadCertificate(cert, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c.now = func() time.Time { return now }
	serves := func(claim string, want int64) {
		t.Helper()
		got, err := c.get(nil)
		if err != nil || got.Leaf.SerialNumber.Int64() != want {
			t.Errorf("%s: got %v, %v, want %d", claim, got.Leaf.SerialNumber, err, want)
		}
	}
	write := func(serial int64, at time.Time) {
		t.Helper()
		certificate.Write(t, dir, serial)
		for _, name := range []string{cert, key} {
			if err := os.Chtimes(name, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	serves("at first", 1)
	write(2, now.Add(time.Hour))
	serves("within the minute", 1)
	now = now.Add(time.Minute)
	serves("after it", 2)
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	serves("while the files are broken", 2)
	write(3, now.Add(2*time.Hour))
	now = now.Add(time.Minute)
	serves("when they are whole again", 3)
	_ = os.Remove(key)
	now = now.Add(time.Minute)
	serves("when they are gone", 3)
	if _, err := LoadCertificate(cert, key, nil); err == nil {
		t.Error("a certificate without key was loaded")
	}
}
