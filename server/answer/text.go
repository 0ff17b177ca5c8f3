package answer

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// tokens counts the tokens of a document, up to most + 1. The count ends at an invalid token, which the parser reports.
func tokens(text string, most int) (n int) {
	l := lexer.New(&ast.Source{Input: text})
	for n <= most {
		token, err := l.ReadToken()
		if err != nil || token.Kind == lexer.EOF || token.Kind == lexer.Invalid {
			break
		}
		if token.Kind != lexer.Comment {
			n++
		}
	}
	return n
}

// lexicalError returns the error at the first invalid token of a document, or nil.
func lexicalError(text string) *gqlerror.Error {
	l := lexer.New(&ast.Source{Input: text})
	for {
		token, err := l.ReadToken()
		if failed := (*gqlerror.Error)(nil); errors.As(err, &failed) {
			if len(failed.Message) > 2*quotedInput { // the message repeats the rest of the document
				failed.Message = Cut(failed.Message, 2*quotedInput) + "."
			}
			return failed
		}
		if token.Kind == lexer.EOF || token.Kind == lexer.Invalid {
			return nil
		}
	}
}

// hasLoneSurrogate reports whether a string of a document has a lone surrogate as an escape (\uD83D without its other half),
// which is not a character.
func hasLoneSurrogate(document string) bool {
	if !strings.Contains(document, `\u`) {
		return false
	}
	for i := 0; i < len(document); {
		switch rest := document[i:]; {
		case rest[0] == '#':
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				return false
			}
			i += end
		case strings.HasPrefix(rest, `"""`): // a block string has no escape but \"""
			end := blockEnd(rest)
			if end < 0 {
				return false
			}
			i += end
		case rest[0] == '"':
			end := stringEnd(rest)
			if loneSurrogate(rest[:end]) {
				return true
			}
			i += end
		default:
			i++
		}
	}
	return false
}

// blockEnd returns where the block string at the start of a text ends, after its closing quotes, or -1 if it is not closed.
func blockEnd(text string) int {
	for at := 3; ; {
		next := strings.Index(text[at:], `"""`)
		switch {
		case next < 0:
			return -1
		case text[at+next-1] != '\\':
			return at + next + 3
		}
		at += next + 3
	}
}

// stringEnd returns where the string at the start of a text ends: after its closing quote, or at the end of the line.
func stringEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n', '\r':
			return i
		}
	}
	return len(text)
}

// loneSurrogate reports whether a string, of JSON or of a document, has a lone surrogate as an escape.
func loneSurrogate[T string | []byte](text T) bool {
	high := -2 // end of the last high surrogate
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		unit, ok := -1, false
		if text[i+1] == 'u' && i+6 <= len(text) {
			unit, ok = hex4(text[i+2 : i+6])
		}
		switch {
		case ok && unit >= 0xD800 && unit < 0xDC00:
			if high >= 0 {
				return true
			}
			high = i + 6
			i += 5
			continue
		case ok && unit >= 0xDC00 && unit < 0xE000:
			if high != i {
				return true
			}
			high = -2
			i += 5
			continue
		}
		if high >= 0 {
			return true
		}
		i++
	}
	return high >= 0
}

func hex4[T string | []byte](text T) (n int, ok bool) {
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | int(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | int(c-'a'+10)
		case c >= 'A' && c <= 'F':
			n = n<<4 | int(c-'A'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// Cut cuts a text to so many bytes, between two characters.
func Cut(text string, room int) string {
	if len(text) <= room {
		return text
	}
	cut := room - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
