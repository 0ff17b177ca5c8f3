package server

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// tokens counts the tokens of a document, until there are more than most. What is no token ends the count: the parser
// says so.
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

// halved reports whether a string of a document escapes half of a character (\uD83D without its other half), which
// stands for none.
func halved(document string) bool {
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
		case strings.HasPrefix(rest, `"""`): // a block string has no escapes but \"""
			inside := strings.ReplaceAll(rest[3:], `\"""`, "xxxx")
			end := strings.Index(inside, `"""`)
			if end < 0 {
				return false
			}
			i += 3 + end + 3
		case rest[0] == '"':
			end := stringEnd(rest)
			if halvedString(rest[:end]) {
				return true
			}
			i += end
		default:
			i++
		}
	}
	return false
}

// stringEnd is where a string that begins a text ends: behind its quote, or at the end of the line.
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

// halvedString reports whether a string's escapes, of JSON or of a document, hold half of a character.
func halvedString[T string | []byte](text T) bool {
	high := -2 // where a first half ended
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
