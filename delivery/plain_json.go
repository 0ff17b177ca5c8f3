package delivery

import (
	"strings"
	"time"
)

// plainJSON parses a subset of JSON: objects, arrays, short texts without escapes, and whole numbers that are not negative. Other
// input sets bad, and the values read so far must be discarded. Texts are substrings of the input, not copies.
type plainJSON struct {
	rest string
	bad  bool
}

// object parses an object and calls member to parse the value of each key.
func (p *plainJSON) object(member func(key string)) {
	p.expect('{')
	if p.follows('}') {
		return
	}
	for !p.bad {
		key := p.text()
		p.expect(':')
		if member(key); !p.follows(',') {
			p.expect('}')
			return
		}
	}
}

// array parses an array and calls item to parse each item.
func (p *plainJSON) array(item func()) {
	p.expect('[')
	if p.follows(']') {
		return
	}
	for !p.bad {
		if item(); !p.follows(',') {
			p.expect(']')
			return
		}
	}
}

// text parses a text of printable ASCII without escapes.
func (p *plainJSON) text() string {
	p.expect('"')
	for i := range len(p.rest) {
		switch c := p.rest[i]; {
		case c == '"':
			text := p.rest[:i]
			p.rest = p.rest[i+1:]
			return text
		case c < ' ' || c == '\\' || c > '~':
			p.bad = true
			return ""
		}
	}
	p.bad = true
	return ""
}

// number parses a whole number from 0 to most.
func (p *plainJSON) number(most int64) (n int64) {
	p.skip()
	i := 0
	for ; i < len(p.rest) && '0' <= p.rest[i] && p.rest[i] <= '9'; i++ {
		n = 10*n + int64(p.rest[i]-'0')
	}
	p.bad = p.bad || i == 0 || i > 18 || i > 1 && p.rest[0] == '0' || n > most
	p.rest = p.rest[i:]
	return n
}

func (p *plainJSON) instant() (t time.Time) {
	if text := p.text(); !p.bad {
		p.bad = t.UnmarshalText([]byte(text)) != nil
	}
	return t
}

// expect consumes one byte, or sets bad if another follows.
func (p *plainJSON) expect(c byte) { p.bad = !p.follows(c) || p.bad }

// follows consumes one byte and reports true if it comes next.
func (p *plainJSON) follows(c byte) bool {
	p.skip()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// skip consumes spaces. PostgreSQL writes one after each colon and comma.
func (p *plainJSON) skip() { p.rest = strings.TrimLeft(p.rest, " ") }
