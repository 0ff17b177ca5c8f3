package delivery

import (
	"strings"
	"time"
)

// plainJSON reads JSON of objects, short texts without escapes, and whole numbers that are not negative. Anything else
// is bad, and what was read until then is worth nothing. Its texts are parts of what it reads, not copies.
type plainJSON struct {
	rest string
	bad  bool
}

// object has member read the value of each member.
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

// text is a text of printable ASCII without escapes.
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

// number is a whole number from 0 to most.
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

// expect reads one byte.
func (p *plainJSON) expect(c byte) { p.bad = !p.follows(c) || p.bad }

// follows reads one byte if that comes next.
func (p *plainJSON) follows(c byte) bool {
	p.skip()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// skip passes over blanks, of which PostgreSQL writes one behind each mark.
func (p *plainJSON) skip() { p.rest = strings.TrimLeft(p.rest, " ") }
