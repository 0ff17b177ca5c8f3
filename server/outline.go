package server

import (
	"encoding/json"
)

// outlineKept is how many bytes of a member's name or value an outline keeps, more than the longest id has when escaped.
const outlineKept = 1 << 10

// outline is a streaming scanner that finds the id and the type of a message that is too big to keep. It assumes JSON and
// checks only as much as it needs.
type outline struct {
	depth           int
	quoted, escaped bool
	value           bool   // the next token of the first level is the value of member
	kept            []byte // the first-level string being read, with its quotes
	member          string
	id, kind        string
	wrong           bool // the text is not a JSON object
	over            bool // the object has ended
}

// Feed reads the next bytes of the message.
func (o *outline) Feed(text []byte) {
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
			o.set("") // a number, true, false or null
		}
	}
}

// keep keeps a byte of a first-level string, up to one more than outlineKept to tell that the string is too long.
func (o *outline) keep(b byte) {
	if o.depth == 1 && len(o.kept) <= outlineKept {
		o.kept = append(o.kept, b)
	}
}

// ended handles a complete first-level string, as a name or a value.
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

// set notes the value of a member. The last of duplicate members counts, as in decodeJSON.
func (o *outline) set(text string) {
	switch o.member {
	case "id":
		o.id = text
	case "type":
		o.kind = text
	}
}

// subscribes returns the id of a subscribe message, and reports false for any other message.
func (o *outline) subscribes() (id string, ok bool) {
	ok = !o.wrong && o.over && o.kind == "subscribe" && o.id != "" && len(o.id) <= longestID
	return o.id, ok
}
