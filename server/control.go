package server

// control handles a ping or pong that comes between two messages, and reports that there was one. gorilla would handle
// it too, but then wait for a message, on a goroutine that could park. What is no whole, well-made ping or pong is left
// to gorilla.
func (c *socket) control() bool {
	head, err := c.input.Peek(2)
	if err != nil {
		return false
	}
	kind, size := head[0], int(head[1]&0x7f)
	if kind != 0x80|framePing && kind != 0x80|framePong || head[1]&0x80 == 0 || size > 125 {
		return false
	}
	frame, err := c.input.Peek(2 + 4 + size)
	if err != nil {
		return false
	}
	if mask, data := frame[2:6], frame[6:]; kind == 0x80|framePong {
		c.heard(c.server.now())
	} else {
		for i := range data {
			data[i] ^= mask[i%4]
		}
		c.pong(data)
	}
	_, _ = c.input.Discard(len(frame))
	return true
}

// pong answers a ping. If it cannot the connection is over, and the reader learns of that by itself.
func (c *socket) pong(data []byte) {
	c.heard(c.server.now())
	_ = c.out.push(c.ctx, func(buffer []byte) []byte { return appendFrame(buffer, framePong, data) })
}
