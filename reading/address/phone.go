package address

import (
	"slices"
	"strings"
)

// Phones returns the telephone numbers in a text, digits only and without the country code 86, and the text without them. Of a masked number,
// and of one of which only the end is told (尾号 0603), only the last four digits are known: it is returned as *0603.
// The rest is in lower case and in the form in which addresses are read.
func Phones(text string) (numbers []string, rest string) {
	s := clean(text)
	numbers = findPhones(s, nil)
	return numbers, strings.TrimSpace(string(s))
}

// PhoneKey returns the digits by which telephone numbers are compared: without separators and without the country code of China.
func PhoneKey(number string) string {
	digits := strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, string(clean(number)))
	for _, code := range []string{"0086", "86"} {
		if rest, ok := strings.CutPrefix(digits, code); ok && isMobile(rest) {
			return rest
		}
	}
	return digits
}

// isMobile reports whether digits are a mobile number of mainland China: 11 digits, of which the first is 1 and the second is 3 to 9.
func isMobile(digits string) bool {
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3'
}

// findPhones blanks out the telephone numbers of a cleaned text and returns them. known reports whether a household has a number; it decides
// where a number is glued to a room and two cuts are possible.
func findPhones(s []rune, known func(string) bool) []string {
	var found []string
	add := func(number string, from, to int) {
		if !slices.Contains(found, number) {
			found = append(found, number)
		}
		for i := from; i < to; i++ {
			s[i] = ' '
		}
	}
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			if n, to := tailNumber(s, i); n != "" {
				add(n, i, to)
				i = to - 1
			} else if n, to := labelled(s, i); n != "" {
				add(n, i, to)
				i = to - 1
			}
			continue
		}
		end := digitsEnd(s, i)
		if n, from, to := numberAt(s, i, end, known); n != "" {
			to = extension(s, to)
			add(n, countryCode(s, from), to)
			i = to - 1
			continue
		}
		i = end - 1
	}
	return found
}

func digitsEnd(s []rune, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// numberAt finds the telephone number in the run of digits s[i:end], or in the groups that begin with it.
func numberAt(s []rune, i, end int, known func(string) bool) (number string, from, to int) {
	run := string(s[i:end])
	switch n := len(run); {
	case n == 3 && run[0] == '1' && run[1] >= '3':
		if number, to := masked(s, end); number != "" {
			return number, i, to
		}
		for _, sizes := range [][]int{{4, 4}, {8}, {3, 5}} {
			if number, to := groups(s, run, end, sizes); number != "" {
				return number, i, to
			}
		}
	case n == 7 && run[0] == '1' && run[1] >= '3':
		if number, to := groups(s, run, end, []int{4}); number != "" {
			return number, i, to
		}
	case (n == 3 || n == 4) && run[0] == '0' && run[1] != '0':
		for _, sizes := range [][]int{{8}, {7}, {4, 4}, {3, 4}} {
			if number, to := groups(s, run, end, sizes); number != "" {
				return number, i, to
			}
		}
	case n >= 10 && n <= 12 && run[0] == '0' && run[1] != '0':
		return run, i, end
	case isMobile(run):
		return run, i, end
	case n > 11:
		return numberInRun(run, i, known)
	}
	return "", 0, 0
}

// numberInRun finds a mobile number at either end of a longer run of digits. Where both ends could be one, the number that a household has is taken,
// else the one at the end, where people write it.
func numberInRun(run string, i int, known func(string) bool) (number string, from, to int) {
	head, tail := run[:11], run[len(run)-11:]
	switch {
	case isMobile(tail) && (!isMobile(head) || known == nil || known(tail) || !known(head)):
		return tail, i + len(run) - 11, i + len(run)
	case isMobile(head):
		return head, i, i + 11
	}
	return "", 0, 0
}

// groups reads further groups of digits of these sizes, each after one separator, and returns the whole number.
func groups(s []rune, first string, at int, sizes []int) (number string, to int) {
	number = first
	for _, size := range sizes {
		if at < len(s) && (s[at] == '-' || s[at] == ' ') {
			at++
		}
		end := digitsEnd(s, at)
		if end-at != size {
			return "", 0
		}
		number += string(s[at:end])
		at = end
	}
	return number, at
}

// masked reads the rest of 138****0603.
func masked(s []rune, at int) (number string, to int) {
	end := at
	for end < len(s) && (s[end] == '*' || s[end] == 'x' || s[end] == '.') {
		end++
	}
	if stars := end - at; stars < 3 || stars > 6 || digitsEnd(s, end)-end != 4 {
		return "", 0
	}
	return "*" + string(s[end:end+4]), end + 4
}

// tailWords announce the last four digits of a number, phoneWords a whole one.
var (
	tailWords  = words("手机尾号", "电话尾号", "手机后四位", "电话后四位", "手机后4位", "电话后4位", "尾号", "尾数", "后四位", "后4位", "末四位", "末4位")
	phoneWords = words("联系电话", "联系方式", "手机号码", "电话号码", "手机号", "电话", "手机", "座机", "tel", "phone", "mobile")
)

func words(list ...string) [][]rune {
	out := make([][]rune, len(list))
	for i, w := range list {
		out[i] = []rune(w)
	}
	return out
}

// tailNumber reads 尾号 0603, and ****0603.
func tailNumber(s []rune, i int) (number string, to int) {
	at := i
	switch r := s[i]; {
	case r == '*' && (i == 0 || !isHan(s[i-1])): // 王****1203 is a name and a room
		for at < len(s) && s[at] == '*' {
			at++
		}
		if at-i < 4 {
			return "", 0
		}
	case r == '手' || r == '电' || r == '尾' || r == '后' || r == '末':
		word := prefixOf(s[i:], tailWords)
		if word == 0 {
			return "", 0
		}
		at = skip(s, i+word, ":是为- ")
	default:
		return "", 0
	}
	if digitsEnd(s, at)-at != 4 {
		return "", 0
	}
	return "*" + string(s[at:at+4]), at + 4
}

// labelled reads a number after a word such as 电话: five digits or more, in groups of two or more.
func labelled(s []rune, i int) (number string, to int) {
	switch s[i] {
	case '联', '手', '电', '座', 't', 'p', 'm':
	default:
		return "", 0
	}
	word := prefixOf(s[i:], phoneWords)
	if word == 0 {
		return "", 0
	}
	at := skip(s, i+word, ":是为. +")
	if end := digitsEnd(s, at); end-at >= 11 || end-at == 3 {
		if number, from, to := numberAt(s, at, end, nil); number != "" && from == at {
			return number, to
		}
	}
	end := digitsEnd(s, at)
	for end+2 < len(s) && end > at && s[end] == '-' && isDigit(s[end+1]) && isDigit(s[end+2]) {
		end = digitsEnd(s, end+1)
	}
	number = PhoneKey(string(s[at:end]))
	if len(number) < 5 || len(number) > 13 {
		return "", 0
	}
	return number, end
}

// extension returns where the extension behind a number ends: 0717-0000012转801.
func extension(s []rune, to int) int {
	at := skip(s, to, " -,")
	if n := prefixOf(s[min(at, len(s)):], extensionWords); n > 0 {
		at = skip(s, at+n, " :")
		if end := digitsEnd(s, at); end > at && end-at <= 6 {
			return end
		}
	}
	return to
}

var extensionWords = words("转", "分机", "ext.", "ext")

// countryCode returns where a number at from begins if +86, 86 or 0086 stands before it.
func countryCode(s []rune, from int) int {
	at := from
	for at > 0 && (s[at-1] == ' ' || s[at-1] == '-') {
		at--
	}
	start := at
	for start > 0 && isDigit(s[start-1]) {
		start--
	}
	if code := string(s[start:at]); code != "86" && code != "0086" {
		return from
	}
	if start > 0 && s[start-1] == '+' {
		start--
	}
	return start
}

// prefixOf returns the length of the longest of these words that the text begins with, 0 if none. The words are ordered so that a longer one
// stands before its beginning.
func prefixOf(s []rune, list [][]rune) int {
	for _, w := range list {
		if len(w) <= len(s) && slices.Equal(s[:len(w)], w) {
			return len(w)
		}
	}
	return 0
}

func skip(s []rune, at int, set string) int {
	for at < len(s) && strings.ContainsRune(set, s[at]) {
		at++
	}
	return at
}
