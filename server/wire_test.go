package server

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// rawPeer is a WebSocket client that can break every rule: it sends any bytes that it is given.
type rawPeer struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// rawDial opens a WebSocket at host/graphql; protocols may be empty. headers are further lines of the handshake.
func rawDial(t testing.TB, host, protocols string, headers ...string) *rawPeer {
	t.Helper()
	w, answer := rawHandshake(t, host, protocols, headers...)
	if answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: got %s", answer.Status)
	}
	return w
}

// rawHandshake sends the handshake and reads what is answered.
func rawHandshake(t testing.TB, host, protocols string, headers ...string) (*rawPeer, *http.Response) {
	t.Helper()
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patient))
	w := &rawPeer{t: t, conn: conn, in: bufio.NewReader(conn)}
	hello := "GET /graphql HTTP/1.1\r\nHost: " + host + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	if protocols != "" {
		hello += "Sec-WebSocket-Protocol: " + protocols + "\r\n"
	}
	for _, line := range headers {
		hello += line + "\r\n"
	}
	w.send(hello + "\r\n")
	answer, err := http.ReadResponse(w.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w, answer
}

// send writes bytes as they are. A server that has closed need not take them.
func (w *rawPeer) send(bytes string) { _, _ = io.WriteString(w.conn, bytes) }

// The first byte of a frame is one of these opcodes and perhaps rawFinal.
const (
	rawMore   = 0x0 // a continuation
	rawText   = 0x1
	rawBinary = 0x2
	rawClose  = 0x8
	rawPing   = 0x9
	rawPong   = 0xA
	rawFinal  = 0x80
)

// rawFrame is a frame as a client must send it, masked; head is its first byte.
func rawFrame(head byte, payload string) string {
	var b []byte
	switch size := len(payload); {
	case size < 126:
		b = []byte{head, 0x80 | byte(size)}
	case size < 1<<16:
		b = binary.BigEndian.AppendUint16([]byte{head, 0x80 | 126}, uint16(size))
	default:
		b = binary.BigEndian.AppendUint64([]byte{head, 0x80 | 127}, uint64(size))
	}
	mask := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	b = append(b, mask[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i%4])
	}
	return string(b)
}

// rawMessage is a whole text message.
func rawMessage(text string) string { return rawFrame(rawFinal|rawText, text) }

// rawGoodbye is a close frame; more is what follows the code.
func rawGoodbye(code uint16, more string) string {
	return rawFrame(rawFinal|rawClose, string(binary.BigEndian.AppendUint16(nil, code))+more)
}

// next reads one frame of the server's, which must be whole and unmasked. It fails at the end of the connection.
func (w *rawPeer) next() (kind byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(w.in, head[:]); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1])
	if head[0]&0xF0 != rawFinal || size > 127 {
		return 0, nil, fmt.Errorf("the server sent a frame that begins with %x", head)
	}
	var long [8]byte
	switch size {
	case 126:
		_, err = io.ReadFull(w.in, long[6:])
		size = binary.BigEndian.Uint64(long[:])
	case 127:
		_, err = io.ReadFull(w.in, long[:])
		size = binary.BigEndian.Uint64(long[:])
	}
	if err != nil {
		return 0, nil, err
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(w.in, payload)
	return head[0] & 0xF, payload, err
}

// rawProbe is a ping whose pong shows that the connection lives on and that what came before was handled.
const rawProbe = `{"type":"ping","payload":{"probe":true}}`

// hear reads until something that begins with one of these words ("complete|error"), or the end, and says what came.
func (w *rawPeer) hear(until string) (heard []string) {
	w.t.Helper()
	for {
		kind, payload, err := w.next()
		var word string
		switch {
		case err != nil:
			if fault, ok := errors.AsType[net.Error](err); ok && fault.Timeout() {
				w.t.Errorf("still waiting for %q after %q", until, heard)
			}
			return append(heard, "gone")
		case kind == rawPing:
			continue
		case kind == rawPong:
			word = fmt.Sprintf("PONG %q", payload)
		case kind == rawClose && len(payload) == 0:
			word = "closed"
		case kind == rawClose:
			word = fmt.Sprint("closed ", binary.BigEndian.Uint16(payload))
			if len(payload) > 125 {
				w.t.Errorf("a close frame has %d bytes", len(payload))
			}
		case kind == rawText:
			word = rawWords(payload)
		default:
			word = fmt.Sprintf("frame %x", kind)
		}
		heard = append(heard, word)
		for end := range strings.SplitSeq(until, "|") {
			if strings.HasPrefix(word, end) || kind == rawClose {
				return heard
			}
		}
	}
}

// part answers the server's close frame and says what else came until the end of the connection.
func (w *rawPeer) part() []string {
	w.t.Helper()
	w.send(rawGoodbye(1000, ""))
	_ = w.conn.(*net.TCPConn).CloseWrite()
	return w.hear("gone")
}

// rawWords puts a message into a few words.
func rawWords(payload []byte) string {
	var m struct {
		ID      string
		Type    string
		Payload json.RawMessage
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		return fmt.Sprintf("not JSON: %q", payload)
	}
	switch {
	case m.Type == "pong" && len(m.Payload) > 0 && string(m.Payload) != "null":
		if string(m.Payload) == `{"probe":true}` {
			return "open"
		}
		return fmt.Sprintf("pong %.40s", m.Payload)
	case m.ID != "":
		return fmt.Sprintf("%s %.10s", m.Type, m.ID)
	}
	return m.Type
}
