package address

import (
	"iter"
	"slices"
	"unicode"

	"baogong/reading/amount"
)

// HasName reports whether a text has a word of its own, such as 小白楼 or 张家. A text of only numbers and words of addresses has none: 1203室, 号楼, and
// a word that follows numbers alone, such as 份. It cannot be the name of a building or of one door, because other addresses have it too.
func HasName(text string) bool {
	s := clean(text)
	findPhones(s, nil)
	from, to := skipMarks(s, 0), len(s)
	for to > from && !isWritten(s[to-1]) {
		to--
	}
	s = s[from:to]
	for _, list := range followers {
		if slices.ContainsFunc(list, func(w []rune) bool { return slices.Equal(w, s) }) {
			return false
		}
	}
	// reached[k] says whether the first k characters are numbers and words of addresses, and whether a number may be the last of them.
	reached := make([]struct{ word, number bool }, len(s)+1)
	reached[0].word = true
	for k, at := range reached[:len(s)] {
		if !at.word && !at.number {
			continue
		}
		if next := skipMarks(s, k); next > k {
			reached[next].word, reached[next].number = reached[next].word || at.word, reached[next].number || at.number
			continue
		}
		if isDigit(s[k]) || amount.IsNumeral(s[k]) {
			reached[k+1].number = true
		}
		for n := range commonWords(s[k:], at.number) {
			reached[k+n].word = true
		}
	}
	return !reached[len(s)].word && !reached[len(s)].number
}

// commonWords yields the lengths of the words of addresses with which a text begins.
func commonWords(s []rune, counted bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		end := 0
		for end < len(s) && isLatin(s[end]) {
			end++
		}
		if _, known := latinLabels[string(s[:end])]; known && !yield(end) {
			return
		}
		lists := labelWords
		if counted {
			lists = slices.Concat(labelWords, followers)
		}
		for _, list := range lists {
			for _, w := range list {
				if len(w) <= len(s) && slices.Equal(s[:len(w)], w) && !yield(len(w)) {
					return
				}
			}
		}
	}
}

func isWritten(r rune) bool { return unicode.IsLetter(r) || isDigit(r) }

// skipMarks returns the position of the next letter or digit.
func skipMarks(s []rune, at int) int {
	for at < len(s) && !isWritten(s[at]) {
		at++
	}
	return at
}

// labelWords say what a number counts. followers do so behind a number only: elsewhere they are parts of names, such as 张 and 花园.
var (
	labelWords = [][][]rune{buildingLabels, unitLabels, roomLabels, oneCharacter, announcing()}
	followers  = [][][]rune{elseLabels, notDoors, measureWords, looseMeasures, moneyWords, houseWords, estateSuffixes}
	// oneCharacter are the words of labelAt, ordinal and below.
	oneCharacter = words("弄", "门", "层", "楼", "号", "单", "甲", "乙", "丙", "丁", "负", "地下")
)

func announcing() (out [][]rune) {
	for _, w := range aheadWords {
		out = append(out, w.text)
	}
	return out
}

// IsPlace reports whether the estate itself, its district or one of its places without doors is called so.
func (b *Book) IsPlace(text string) bool {
	key := clean(text)
	if len(key) == 0 {
		return false
	}
	return slices.ContainsFunc(b.words[key[0]], func(w wordOf) bool { return w.kind != buildingWord && slices.Equal(w.text, key) })
}
