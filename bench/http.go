package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// client asks over one HTTP connection that it keeps. It does as little as it can: it shares the cores with the server.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func (s *server) client(ctx context.Context) (*client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.host())
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReader(conn)}, nil
}

// host is the server's address and port.
func (s *server) host() string {
	host, _, _ := strings.Cut(strings.TrimPrefix(s.url, "ws://"), "/")
	return host
}

// request is an operation, ready to be sent.
func (s *server) request(actor, query string, variables any) []byte {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err) // only strings and lists of them
	}
	return fmt.Appendf(nil, "POST /graphql HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAuthorization: Bearer dev:%s\r\nContent-Length: %d\r\n\r\n%s",
		s.host(), actor, len(body), body)
}

// do sends a request and fails unless the answer holds the mark.
func (c *client) do(request []byte, mark string) error {
	text, err := c.ask(request)
	if err == nil && !bytes.Contains(text, []byte(mark)) {
		err = fmt.Errorf("got %.300s, want %s", text, mark)
	}
	return err
}

// ask sends a request and returns the body of the answer.
func (c *client) ask(request []byte) ([]byte, error) {
	if err := c.conn.SetDeadline(time.Now().Add(waitTime)); err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

// rate is how many requests so many clients get answered in a second; ask is what a client asks, again and again.
func (s *server) rate(ctx context.Context, clients int, for_ time.Duration, ask func(nth int, c *client) error) (float64, error) {
	group, within := errgroup.WithContext(ctx)
	var count atomic.Int64
	began := time.Now()
	warm := began.Add(for_ / 5)
	until := warm.Add(for_)
	for i := range clients {
		c, err := s.client(ctx)
		if err != nil {
			return 0, err
		}
		group.Go(func() error {
			defer c.conn.Close()
			for now := began; now.Before(until) && within.Err() == nil; {
				if err := ask(i, c); err != nil {
					return err
				}
				now = time.Now()
				if now.After(warm) && now.Before(until) {
					count.Add(1)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, s.failed(err)
	}
	return float64(count.Load()) / for_.Seconds(), context.Cause(ctx)
}
