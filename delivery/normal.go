package delivery

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Characters that look the same are the same in keys, codes and searches: １２０３ is 1203, Ｅ６ is e6, and é is é however
// it is composed. This file holds that rule; docs/decisions/0027 says why. The database has it as text_key
// (db/migrations/00007), and a test compares the two.

// Key is the normal form that decides whether two codes are the same: compatibility characters as their plain ones (NFKC),
// every dash as "-", white space collapsed and trimmed, characters without a place of their own removed, and capitals
// as small letters. It is for comparison only and never shown.
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

// NormalCode is the form in which a code is stored and printed: that of its key, with the capitals and dashes it was
// written with. What CheckCode refuses it leaves as it is.
func NormalCode(s string) string {
	if CheckCode(s) != nil {
		return s
	}
	return strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
}

// Trimmed is a name or an item as it is stored: what was written, without the white space and invisible characters around it.
func Trimmed(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || isBlank(r) })
}

// Visible reports whether the text has a character that can be seen by itself.
func Visible(s string) bool { return strings.ContainsFunc(s, visible) }

// visible reports characters that can be seen by themselves; an accent alone cannot.
func visible(r rune) bool {
	return !unicode.IsSpace(r) && !unseen(r) && !isBlank(r) && !unicode.Is(unicode.M, r)
}

// isBlank reports characters that take no room, or take it and draw nothing. Those that end an emoji or choose a
// character's form (variation selectors, tags) are not among them: a name keeps them at its end.
func isBlank(r rune) bool {
	switch {
	case r >= 0xe0000, r >= 0xfe00 && r <= 0xfe0f:
		return false
	case r == 0x2800, r == 0xfffc: // braille without dots, a place for an object
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
}

// reorders reports characters that change the order in which others are shown, so that a label reads as another, and
// those that Unicode gives to no text.
func reorders(r rune) bool {
	switch {
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb, r >= 0xfdd0 && r <= 0xfdef:
		return true
	}
	return r&0xfffe == 0xfffe // the last two of every plane
}

// ignorable reports what keys leave out. text_key has the same ranges.
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

// smallLetter is a letter's small form in Latin, Greek, Cyrillic and Armenian. Letters of the other scripts that have
// capitals stay as they are, here and in the database.
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

// isDash reports hyphens, dashes and minus signs of every kind.
func isDash(r rune) bool { return r == '-' || r == 0x2212 || (r > 0x7f && unicode.Is(unicode.Pd, r)) }

// typed reads what is made of digits, ASCII letters and signs, and may have been typed with an input method for
// Chinese: full-width characters as their plain ones, dashes of every kind as "-", white space of every kind as " ",
// invisible characters removed. Unlike Key it leaves ² and ½ as they are, which are not 2 and 1/2.
func typed(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			r -= 0xff01 - '!'
		case ignorable(r):
			return -1
		}
		switch {
		case isDash(r), r == 'ー': // the long vowel mark, which Japanese keyboards give for -
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
}
