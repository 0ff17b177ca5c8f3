package proxy_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"baogong/internal/proxy"
)

// echo starts an echo server with a line in front of it.
func echo(t *testing.T) *proxy.FaultProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return proxy.NewFaultProxy(t, "tcp", l.Addr().String())
}

func dial(t *testing.T, l *proxy.FaultProxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// say sends a word and returns the bytes that come back within a short time.
func say(t *testing.T, c net.Conn, word string, within time.Duration) (string, error) {
	t.Helper()
	if _, err := io.WriteString(c, word); err != nil {
		return "", err
	}
	_ = c.SetReadDeadline(time.Now().Add(within))
	back := make([]byte, len(word))
	n, err := io.ReadFull(c, back)
	return string(back[:n]), err
}

func TestLine(t *testing.T) {
	t.Parallel()
	const soon, long = 50 * time.Millisecond, 10 * time.Second
	well := func(t *testing.T, c net.Conn) {
		t.Helper()
		if got, err := say(t, c, "word", long); got != "word" || err != nil {
			t.Errorf("got %q and %v, want the word", got, err)
		}
	}
	t.Run("established connections go silent and new ones work", func(t *testing.T) {
		t.Parallel()
		l := echo(t)
		old := dial(t, l)
		well(t, old)
		l.Established(proxy.Silent)
		if _, err := say(t, old, "word", soon); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want silence", err)
		}
		well(t, dial(t, l))
		l.All(proxy.Pass)
		if _, err := say(t, old, "word", soon); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want silence for good", err)
		}
	})
	t.Run("a frozen line passes on the held bytes later", func(t *testing.T) {
		t.Parallel()
		l := echo(t)
		old := dial(t, l)
		well(t, old)
		l.All(proxy.Freeze)
		fresh := dial(t, l)
		for _, c := range []net.Conn{old, fresh} {
			if _, err := say(t, c, "held", soon); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %v, want nothing yet", err)
			}
		}
		l.All(proxy.Pass)
		for _, c := range []net.Conn{old, fresh} {
			if got, err := say(t, c, "next", long); got != "held" || err != nil {
				t.Errorf("got %q and %v, want what was held", got, err)
			}
		}
	})
	t.Run("late, in single bytes, half closed and cut", func(t *testing.T) {
		t.Parallel()
		l := echo(t)
		c := dial(t, l)
		l.Delay(soon)
		l.ByteWise(true)
		began := time.Now()
		well(t, c)
		if took := time.Since(began); took < 2*soon {
			t.Errorf("took %v, want %v each way", took, soon)
		}
		l.HalfClose()
		_ = c.SetReadDeadline(time.Now().Add(long))
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want the end", err)
		}
		other := dial(t, l)
		well(t, other)
		l.Cut(true)
		_ = other.SetReadDeadline(time.Now().Add(long))
		if _, err := other.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want a cut", err)
		}
	})
}
