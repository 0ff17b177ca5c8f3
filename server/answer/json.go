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

// What is wrong with a text of JSON, for ReasonBadBody.
var (
	bodyNotUTF8 = delivery.NewWord("it is not UTF-8", "不是 UTF-8 编码")
	bodyNotJSON = delivery.NewWord("it is not JSON", "不是 JSON")
	bodyGoesOn  = delivery.NewWord("something follows the JSON", "JSON 之后还有其他内容")
	bodyTooDeep = delivery.NewWord("it is nested too deep", "嵌套过深")
	bodyTooMany = delivery.NewWord("its lists and objects hold more than 25,000 values", "列表和对象中的值超过 25000 个")
)

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
		return errors.New(bodyNotUTF8)
	}
	switch depth, elements := measureJSON(text); {
	case depth > deepest:
		return errors.New(bodyTooDeep)
	case elements > mostElements:
		return errors.New(bodyTooMany)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return err
		}
		return errors.New(bodyNotJSON)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New(bodyGoesOn)
	}
	return nil
}
