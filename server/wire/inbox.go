package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"baogong/delivery"
	"baogong/server/limit"
)

// Frame types and limits of reading, besides those of frame.go.
const (
	frameMore   = 0x0
	frameBinary = 0x2
	frameFinal  = 0x80
	frameRSV    = 0x70
	frameMasked = 0x80
)

const (
	SkipFactor   = 16  // a message larger than the limit times this is not skipped but closes the socket
	tinyFragment = 256 // bytes; smaller fragments count as idle frames
)

// incoming is a message that is still arriving.
type incoming struct {
	kind  byte              // frameText or frameBinary; 0 before the first frame
	text  []byte            // nil while it is skipped
	size  int               // bytes that have arrived, skipped ones included
	held  limit.Reservation // reservation of bytes
	until time.Time         // deadline of the whole message; zero until a read had to wait

	skipped error // the refusal of a skipped message; nil if it is not skipped
	skim    Skimmer
}

// Receive reads frames until a message is complete, or until a control frame between two messages. It reserves memory under
// a key. It fails when the connection is over: with a *PeerClose, with a *CloseError of the peer, or with the read error. The caller
// must release what the message holds in any case.
func (c *Conn) Receive(key string) (out Message, err error) {
	m := incoming{held: limit.NewReservation(c.options.Bodies, key)}
	defer func() {
		if out.Held = m.held; !m.until.IsZero() {
			c.readUntil(time.Time{})
		}
	}()
	for {
		head, size, mask, err := c.header()
		if err != nil {
			return out, m.late(err)
		}
		final, op := head&frameFinal != 0, head&0xf
		switch op {
		case frameClose, framePing, framePong:
			if !final || size > 125 {
				return out, brokenFrame()
			}
			if err := c.control(op, int(size), mask); err != nil || m.kind == 0 {
				return out, err
			}
			continue
		case frameText, frameBinary:
			if m.kind != 0 {
				return out, brokenFrame()
			}
			m.kind = op
		case frameMore:
			if m.kind == 0 {
				return out, brokenFrame()
			}
		default:
			return out, brokenFrame()
		}
		if (!final || op == frameMore) && size < tinyFragment {
			if err := c.CountIdle(1); err != nil {
				return out, err
			}
		}
		if size > uint64(c.options.Limits.Body)*SkipFactor {
			return out, &CloseError{TooBig, "The message is too big."}
		}
		if err := c.payload(&m, int(size), mask, final); err != nil {
			return out, m.late(err)
		}
		if final {
			break
		}
	}
	switch {
	case errors.Is(m.skipped, errClosed):
		return out, nil
	case m.skipped != nil:
		return Message{Skipped: m.skipped, Skim: m.skim}, nil
	case m.text == nil:
		return out, nil
	case m.kind == frameText && !utf8.Valid(m.text):
		return out, &CloseError{notUTF8, "The message is not UTF-8."}
	}
	return Message{Text: m.text, Binary: m.kind == frameBinary}, nil
}

// late turns the timeout of a message that has begun into a *CloseError. It returns other errors as they are.
func (m *incoming) late(err error) error {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() && !m.until.IsZero() {
		return &CloseError{Slow, "The message took too long to arrive."}
	}
	return err
}

// header reads a frame's header.
func (c *Conn) header() (head byte, size uint64, mask [4]byte, err error) {
	b, err := c.input.Peek(2)
	if err != nil {
		return 0, 0, mask, err
	}
	if b[0]&frameRSV != 0 || b[1]&frameMasked == 0 {
		return 0, 0, mask, brokenFrame()
	}
	more := 0
	switch size = uint64(b[1] & 0x7f); size {
	case 126:
		more = 2
	case 127:
		more = 8
	}
	if b, err = c.input.Peek(2 + more + 4); err != nil {
		return 0, 0, mask, err
	}
	switch more {
	case 2:
		size = uint64(binary.BigEndian.Uint16(b[2:]))
	case 8:
		size = binary.BigEndian.Uint64(b[2:])
	}
	head, mask = b[0], [4]byte(b[2+more:])
	_, err = c.input.Discard(2 + more + 4)
	return head, size, mask, err
}

// control handles a control frame. It fails with a *PeerClose for a close frame.
func (c *Conn) control(op byte, size int, mask [4]byte) error {
	if err := c.CountIdle(1); err != nil {
		return err
	}
	data, err := c.input.Peek(size) // the buffer is larger than any control frame
	if err != nil {
		return err
	}
	unmask(data, mask, 0)
	switch op {
	case framePong:
		c.Heard(c.options.Now())
	case framePing:
		c.pong(data)
	case frameClose:
		return parseClose(data)
	}
	_, err = c.input.Discard(size)
	return err
}

// pong answers a ping. Its error is ignored: the connection is then over, and the reader fails too.
func (c *Conn) pong(data []byte) {
	c.Heard(c.options.Now())
	_ = c.Push(context.Background(), func(buffer []byte) []byte { return appendFrame(buffer, framePong, data) })
}

// parseClose parses the payload of a close frame. It returns a *PeerClose, or a *CloseError if the payload is not valid.
func parseClose(data []byte) error {
	switch len(data) {
	case 0:
		return &PeerClose{}
	case 1:
		return brokenFrame()
	}
	code := int(binary.BigEndian.Uint16(data))
	switch valid := code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006 || code >= 3000 && code <= 4999; {
	case !valid:
		return brokenFrame()
	case !utf8.Valid(data[2:]):
		return &CloseError{notUTF8, "The reason is not UTF-8."}
	}
	return &PeerClose{code}
}

// The refusals of what is too much to read.
var (
	ReasonTooLarge = delivery.NewReason("TOO_LARGE", delivery.CodeBadUserInput,
		"The request is larger than the limit of %d bytes.",
		"请求超过 %d 字节的上限。")
	ReasonTooMuchAtOnce = delivery.NewReason("TOO_MUCH_AT_ONCE", delivery.CodeRateLimited,
		"Too much data is being sent from your network; please try again shortly.",
		"您所在网络正在发送的数据过多，请稍后再试。")
)

// payload reads the payload of a data frame into the message, or skips it.
func (c *Conn) payload(m *incoming, size int, mask [4]byte, final bool) error {
	largest := int(c.options.Limits.Body)
	switch {
	case m.skipped != nil:
	case c.Closed(): // waiting for the peer's close frame
		c.skip(m, errClosed)
	case m.size+size > largest:
		c.skip(m, delivery.Refuse(ReasonTooLarge, largest))
	}
	if m.text == nil && m.skipped == nil {
		m.text = make([]byte, 0, min(size, limit.Unreserved))
	}
	if !final && m.until.IsZero() { // the rest may never arrive
		c.expect(m)
	}
	for at := 0; at < size; {
		step := min(size-at, limit.Step)
		if m.skipped == nil && !c.grow(m, step, size-at, final) {
			c.skip(m, delivery.Refuse(ReasonTooMuchAtOnce))
		}
		if c.input.Buffered() < step {
			c.expect(m)
		}
		var err error
		if m.skipped == nil {
			into := m.text[len(m.text) : len(m.text)+step]
			if _, err = io.ReadFull(c.input, into); err == nil {
				unmask(into, mask, at)
				m.text = m.text[:len(m.text)+step]
			}
		} else {
			err = c.discard(m, step, mask, at)
		}
		if err != nil {
			return err
		}
		c.Heard(c.options.Now())
		at += step
		m.size += step
	}
	return nil
}

// expect sets the read deadline of a message's next step. It also sets the deadline of the whole message, once.
func (c *Conn) expect(m *incoming) {
	now := c.options.Now()
	if m.until.IsZero() {
		m.until = now.Add(c.options.Limits.RequestTimeout)
	}
	if next := now.Add(c.options.Limits.WriteTimeout); next.Before(m.until) {
		c.readUntil(next)
	} else {
		c.readUntil(m.until)
	}
}

// grow makes room for a step of a message. rest is how many bytes of the frame are still to come; after the final frame none
// follow. Capacity doubles, so that a message of small fragments is copied a few times and not once for each. It reports
// false if the reservation fails because the server reads too much already.
func (c *Conn) grow(m *incoming, step, rest int, final bool) bool {
	need := len(m.text) + step
	if need <= cap(m.text) {
		return true
	}
	most := int(c.options.Limits.Body)
	if final {
		most = len(m.text) + rest
	}
	room := max(need, min(2*cap(m.text), most))
	if room > limit.Unreserved && !m.held.Grow(room) {
		c.options.Refusals.Add(limit.Bodies)
		return false
	}
	larger := make([]byte, len(m.text), room)
	copy(larger, m.text)
	m.text = larger
	return true
}

// skip begins to skip a message, which is refused with why. From then on a skimmer gets the bytes of a text.
func (c *Conn) skip(m *incoming, why error) {
	m.skipped = why
	if !errors.Is(why, errClosed) && m.kind == frameText {
		m.skim = c.options.Skim()
		m.skim.Feed(m.text)
	}
	m.text = nil
	m.held.Release()
}

// discard reads a step of a skipped message. It fails with a *CloseError if there is too much to skip.
func (c *Conn) discard(m *incoming, step int, mask [4]byte, at int) error {
	if !errors.Is(m.skipped, errClosed) {
		if m.size > int(c.options.Limits.Body)*SkipFactor {
			return &CloseError{TooBig, "The message is too big."}
		}
		if err := c.CountIdle((m.size+step)/limit.Step - m.size/limit.Step); err != nil {
			return err
		}
	}
	if m.skim == nil {
		_, err := io.CopyN(io.Discard, c.input, int64(step))
		return err
	}
	buffer := steps.Get().(*[limit.Step]byte)
	defer steps.Put(buffer)
	if _, err := io.ReadFull(c.input, buffer[:step]); err != nil {
		return err
	}
	unmask(buffer[:step], mask, at)
	m.skim.Feed(buffer[:step])
	return nil
}

var steps = sync.Pool{New: func() any { return new([limit.Step]byte) }}

// Idle frames start no operation: control frames, pings and pongs, tiny fragments, skipped or refused messages. A token
// bucket bounds them: a peer may send idleBurst at once, and one every idleEvery after that.
const (
	idleBurst = 10_000
	idleEvery = 2 * time.Millisecond
)

// CountIdle takes n idle frames from the peer's bucket. It fails with a *CloseError if the bucket is empty.
func (c *Conn) CountIdle(n int) error {
	now := c.options.Now().UnixNano()
	c.idled = max(c.idled, now) + int64(n)*int64(idleEvery)
	if c.idled-now > idleBurst*int64(idleEvery) {
		return &CloseError{flood, "Too many frames that carry nothing."}
	}
	return nil
}

// unmask removes the client's mask from b, a part of the payload that begins at offset at.
func unmask(b []byte, mask [4]byte, at int) {
	var turned [8]byte
	for i := range turned {
		turned[i] = mask[(at+i)%4]
	}
	wide := binary.LittleEndian.Uint64(turned[:])
	i := 0
	for ; i+8 <= len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], binary.LittleEndian.Uint64(b[i:])^wide)
	}
	for ; i < len(b); i++ {
		b[i] ^= turned[i%8]
	}
}
