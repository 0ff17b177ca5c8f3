package delivery

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Characters that look the same are equal in keys, codes and searches: １２０３ is 1203, Ｅ６ is e6, and composed é is
// decomposed é. This file holds that rule; docs/decisions/0027 says why. The database's text_key (db/migrations/00007) is the
// same function, and a test compares the two.

// Key returns the normal form by which codes are compared: NFKC, every dash as "-", white space collapsed and trimmed,
// invisible characters removed, and lower case. It is never shown.
func Key(s string) string {
	seen := strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, s)
	folded := strings.Map(func(r rune) rune {
		switch {
		case isDash(r):
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return smallLetter(r)
	}, norm.NFKC.String(seen))
	return norm.NFKC.String(strings.Join(strings.FieldsFunc(folded, func(r rune) bool { return r == ' ' }), " "))
}

// NormalCode returns the form in which a code is stored and printed: like Key, but with case and dashes as written. It returns
// a text that CheckCode refuses unchanged.
func NormalCode(s string) string {
	if CheckCode(s) != nil {
		return s
	}
	return strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
}

// Trimmed returns a name or an item as it is stored: without white space and invisible characters at either end.
func Trimmed(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || isBlank(r) })
}

// Visible reports whether the text has a visible character.
func Visible(s string) bool { return strings.ContainsFunc(s, visible) }

// visible reports whether a character is visible by itself; a combining accent is not.
func visible(r rune) bool {
	return !unicode.IsSpace(r) && !unseen(r) && !isBlank(r) && !unicode.Is(unicode.M, r)
}

// isBlank reports whether a character draws nothing. Variation selectors and tags, which belong to the emoji or character
// before them, are not blank: a name keeps them at its end.
func isBlank(r rune) bool {
	switch {
	case r >= 0xe0000, r >= 0xfe00 && r <= 0xfe0f:
		return false
	case r == 0x2800, r == 0xfffc: // blank braille pattern, object replacement
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
}

// reorders reports whether a character is a bidirectional override, which can make a label read as another, or a Unicode
// noncharacter.
func reorders(r rune) bool {
	switch {
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb, r >= 0xfdd0 && r <= 0xfdef:
		return true
	}
	return r&0xfffe == 0xfffe // the last two of every plane
}

// ignorable reports whether Key removes a character. text_key has the same ranges.
func ignorable(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r >= 0x180b && r <= 0x180f,
		r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0x3164, r >= 0xfe00 && r <= 0xfe0f,
		r == 0xfeff, r == 0xffa0, r >= 0xfff9 && r <= 0xfffc, r == 0x2800, r >= 0x1bca0 && r <= 0x1bca3, r >= 0x1d173 && r <= 0x1d17a,
		r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

// smallLetter returns the lower case of a Latin, Greek, Cyrillic or Armenian letter. It leaves other scripts unchanged, as
// text_key does.
func smallLetter(r rune) rune {
	switch {
	case r < 0x80:
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	case r == 'ς':
		return 'σ'
	case r > 0x1fff, r > 0x58f && r < 0x1e00:
		return r
	}
	return unicode.ToLower(r)
}

// isDash reports whether a character is any kind of hyphen, dash or minus sign.
func isDash(r rune) bool { return r == '-' || r == 0x2212 || (r > 0x7f && unicode.Is(unicode.Pd, r)) }

// typed normalises digits, ASCII letters and punctuation that were typed with a Chinese input method: full-width characters
// become plain, any dash "-", any white space " ", and invisible characters are removed. Unlike Key it leaves ² and ½
// unchanged, since they are not 2 and 1/2.
func typed(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			r -= 0xff01 - '!'
		case ignorable(r):
			return -1
		}
		switch {
		case isDash(r), r == 'ー': // the long vowel mark, which Japanese keyboards type for -
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
}
