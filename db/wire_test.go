package db_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/lib/pq"
)

// wire stands between a program and PostgreSQL and notes what each connection is started with and what it prepares.
type wire struct {
	mu       sync.Mutex
	started  []string
	prepared []map[string]int // texts prepared under a name, by connection
}

// newWire starts one and returns how to reach the database through it. It ends with the test.
func newWire(t *testing.T, dsn string) (*wire, string) {
	t.Helper()
	config, err := pq.NewConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { w.carry(client, fmt.Sprintf("%s/.s.PGSQL.%d", config.Host, config.Port)) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return w, fmt.Sprintf("%s host=127.0.0.1 port=%d", dsn, listener.Addr().(*net.TCPAddr).Port)
}

func (w *wire) carry(client net.Conn, socket string) {
	defer client.Close()
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	var answers sync.WaitGroup
	answers.Go(func() { _, _ = io.Copy(client, server); _ = client.Close() })
	defer answers.Wait()
	defer server.Close()
	number := -1
	for head := 4; ; head = 5 { // the first message has no type
		message := make([]byte, head)
		if _, err := io.ReadFull(client, message); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(message[head-4:])-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return
		}
		w.mu.Lock()
		if head == 4 {
			number = len(w.started)
			w.started, w.prepared = append(w.started, string(body)), append(w.prepared, map[string]int{})
		} else if message[0] == 'P' && body[0] != 0 {
			w.prepared[number][string(bytes.Split(body, []byte{0})[1])]++
		}
		w.mu.Unlock()
		if _, err := server.Write(slices.Concat(message, body)); err != nil {
			return
		}
	}
}

// texts are all that were prepared under a name, and how often one connection prepared the same one at most.
func (w *wire) texts() (texts []string, most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.prepared {
		for text, n := range c {
			texts, most = append(texts, text), max(most, n)
		}
	}
	return texts, most
}
