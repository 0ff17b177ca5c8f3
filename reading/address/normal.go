package address

import (
	"strings"
	"unicode"

	"baogong/delivery"
)

// clean returns the form in which texts are read: NFKC, lower case, every dash "-", white space collapsed, invisible characters removed,
// and simplified characters for the words of addresses.
func clean(text string) []rune {
	s := []rune(delivery.Key(text))
	for i, r := range s {
		switch r {
		case '棟':
			s[i] = '栋'
		case '號':
			s[i] = '号'
		case '樓':
			s[i] = '楼'
		case '單':
			s[i] = '单'
		case '層':
			s[i] = '层'
		case '門':
			s[i] = '门'
		case 'ー', '_', '~', '|', '\\', '·', '•', '丨', '─', '━':
			s[i] = '-'
		case '。', '!', '?':
			s[i] = ';'
		case '(', ')', '[', ']', '【', '】', '「', '」', '《', '》', '<', '>', '"', '\'', '“', '”':
			s[i] = ' '
		}
	}
	return s
}

// Normal returns the form under which an alias is kept: without telephone numbers, in lower case, letters and digits only. Between two digits
// a single hyphen stays for what separated them, so that 6-12-03 and 61-203 differ. It is empty for a text without letters and digits.
func Normal(text string) string {
	s := clean(text)
	findPhones(s, nil)
	var out strings.Builder
	last, gap := ' ', false
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap && isDigit(r) && isDigit(last) {
			out.WriteByte('-')
		}
		out.WriteRune(r)
		last, gap = r, false
	}
	return out.String()
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' }

// isHan reports whether a character is a letter that is neither a digit nor Latin, such as a Chinese character.
func isHan(r rune) bool { return r > 0x7f && unicode.IsLetter(r) }

// Clean returns the form in which texts are read: NFKC, lower case, every dash "-", white space collapsed, invisible characters removed, and
// brackets as white space.
func Clean(text string) string { return string(clean(text)) }
