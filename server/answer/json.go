package answer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"baogong/delivery"
)

// deepest is how many lists and objects of a request may stand inside each other. Checking a value against the schema
// takes time that grows with the square of it.
const deepest = 50

// mostElements is the most values that the lists and objects of a request may hold together. Reading one takes a third of a
// microsecond. The largest calls have 1,000 items of about 20 values.
const mostElements = 25_000

// measureJSON returns lower bounds of a JSON text's nesting depth and of the number of values in its lists and objects.
func measureJSON(text []byte) (most, elements int) {
	depth, quoted, escaped := 0, false, false
	for _, b := range text {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = b == '\\', b != '"'
		case b == '"':
			quoted = true
		case b == '[' || b == '{':
			depth++
			elements++
			most = max(most, depth)
		case b == ',':
			elements++
		case b == ']' || b == '}':
			depth--
		}
	}
	return most, elements
}

// DecodeJSON reads exactly one JSON value; numbers keep their digits. Except for type errors, it fails with a
// description of the fault for ReasonBadBody.
func DecodeJSON(text []byte, into any) error {
	if !utf8.Valid(text) {
		return errors.New(delivery.BodyNotUTF8)
	}
	switch depth, elements := measureJSON(text); {
	case depth > deepest:
		return errors.New(delivery.BodyTooDeep)
	case elements > mostElements:
		return errors.New(delivery.BodyTooMany)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return err
		}
		return errors.New(delivery.BodyNotJSON)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New(delivery.BodyGoesOn)
	}
	return nil
}
