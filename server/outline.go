package server

import (
	"encoding/json"
	"sync"
)

var steps = sync.Pool{New: func() any { return new([readStep]byte) }}

// outlineKept is how many bytes of a member's name or value an outline keeps: those of the longest id, escaped, and more.
const outlineKept = 1 << 10

// outline finds the id and the type of a message that is too big to keep, while its text passes by in pieces. It takes
// the text for JSON and checks only what it must.
type outline struct {
	depth           int
	quoted, escaped bool
	value           bool   // what comes next at the first level is a value, of member
	kept            []byte // of the string of the first level that is being read, its quotes included
	member          string
	id, kind        string
	wrong           bool // this is no JSON object
	over            bool // the object has ended
}

func (o *outline) feed(text []byte) {
	for _, b := range text {
		switch {
		case o.wrong:
			return
		case o.quoted:
			o.keep(b)
			switch {
			case o.escaped:
				o.escaped = false
			case b == '\\':
				o.escaped = true
			case b == '"':
				if o.quoted = false; o.depth == 1 {
					o.ended()
				}
			}
		case b == ' ' || b == '\t' || b == '\r' || b == '\n':
		case o.over || o.depth == 0 && b != '{':
			o.wrong = true
		case b == '"':
			o.quoted, o.kept = true, o.kept[:0]
			o.keep(b)
		case b == '{' || b == '[':
			if o.depth++; o.depth == 2 {
				o.set("")
			}
		case b == '}' || b == ']':
			o.depth--
			o.over = o.depth == 0
		case o.depth > 1:
		case b == ':':
			o.value = true
		case b == ',':
			o.value = false
		default:
			o.set("") // a number, or a word
		}
	}
}

// keep keeps a byte of a string of the first level; one more than outlineKept shows that it was too long.
func (o *outline) keep(b byte) {
	if o.depth == 1 && len(o.kept) <= outlineKept {
		o.kept = append(o.kept, b)
	}
}

// ended takes a string of the first level for a name or a value.
func (o *outline) ended() {
	var text string
	if len(o.kept) > outlineKept || json.Unmarshal(o.kept, &text) != nil {
		text = ""
	}
	if o.value {
		o.set(text)
	} else {
		o.member = text
	}
}

// set notes the value of a member; of one that comes twice the last counts, as in decodeJSON.
func (o *outline) set(text string) {
	switch o.member {
	case "id":
		o.id = text
	case "type":
		o.kind = text
	}
}

// subscribes reports whether the message was a subscribe message, and its id.
func (o *outline) subscribes() (id string, ok bool) {
	ok = !o.wrong && o.over && o.kind == "subscribe" && o.id != "" && len(o.id) <= longestID
	return o.id, ok
}
