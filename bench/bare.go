package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Bare is the yardstick of what gorilla/websocket itself costs: a server without a protocol, with pooled write
// buffers, that writes one PreparedMessage per event to every socket. It says where it listens, then reads questions
// from in and answers to out until in ends or ctx does.
func Bare(ctx context.Context, in io.Reader, out io.Writer) error {
	manyFiles()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	b := &bare{}
	server := &http.Server{Handler: b}
	defer server.Close()
	go func() { _ = server.Serve(listener) }()
	if err := announce(out, listener); err != nil {
		return err
	}
	return talk(ctx, in, out, b.answer)
}

// announce tells where a yardstick listens.
func announce(out io.Writer, listener net.Listener) error {
	_, err := fmt.Fprintln(out, listening+"ws://"+listener.Addr().String()+"/graphql")
	return err
}

// listening begins the line that says where a yardstick listens.
const listening = "The yardstick listens at "

type bare struct {
	mu    sync.Mutex
	conns []*websocket.Conn
}

var pooled sync.Pool

// ServeHTTP reads until the peer is gone, as gorilla's examples do.
func (b *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u := websocket.Upgrader{WriteBufferPool: &pooled}
	ws, err := u.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	b.mu.Lock()
	b.conns = append(b.conns, ws)
	b.mu.Unlock()
	for {
		if _, _, err := ws.NextReader(); err != nil {
			return
		}
	}
}

func (b *bare) answer(_ context.Context, q ask) (answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if q.Do != "send" {
		return answer{}, fmt.Errorf("unknown question %q", q.Do)
	}
	frames := make([]*websocket.PreparedMessage, q.Burst)
	for i := range frames {
		var err error
		if frames[i], err = websocket.NewPreparedMessage(websocket.TextMessage, q.Payload); err != nil {
			return answer{}, err
		}
	}
	// Socket by socket, as a server does that has a queue for each: a reader that is awake already costs much less.
	for _, ws := range b.conns {
		_ = ws.SetWriteDeadline(time.Now().Add(waitTime))
		for _, frame := range frames {
			if err := ws.WritePreparedMessage(frame); err != nil {
				return answer{}, err
			}
		}
	}
	return answer{Count: int64(len(b.conns))}, nil
}
