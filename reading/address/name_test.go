package address

import (
	"slices"
	"strings"
	"testing"
)

// TestWordsOfAddressesAreNoNames tries every word by which addresses are read, alone and beside numbers.
func TestWordsOfAddressesAreNoNames(t *testing.T) {
	t.Parallel()
	var all []string
	for _, list := range slices.Concat(labelWords, followers) {
		for _, w := range list {
			if text := string(w); text == string(clean(text)) { // others, ℃, are never found in a cleaned text
				all = append(all, text)
			}
		}
	}
	for w := range latinLabels {
		all = append(all, w)
	}
	if len(all) < 100 {
		t.Fatalf("got %d words, want those of all tables", len(all))
	}
	for _, w := range all {
		for _, text := range []string{w, " " + w + "。", "6" + w, "十二" + w + "1203", "6" + w + " 1-1203"} {
			if HasName(text) {
				t.Errorf("%q is taken for a name", text)
			}
		}
		if !HasName("小白" + w) {
			t.Errorf("%q is taken for no name", "小白"+w)
		}
	}
	for text, want := range map[string]bool{
		"": false, "，。": false, "1203": false, "１２０３": false, "6-1-1203": false, "一二零三": false, "6栋1单元1203室": false, "12号4楼2室": false, "3号楼301 13800001203": false,
		"单元号楼": false, "楼栋1": false, "room 1203": false, "二楼": false, "门口": false, "一期二区": false, strings.Repeat("两", 200): false, strings.Repeat("一两", 200) + "白": true, "第六栋": true,
		"小白楼": true, "张家": true, "张家楼": true, "花园楼": true, "大门": true, "E6": true, "e61203": true, "老李家1203": true, "幼儿园那栋 1102": true, "东门": true,
	} {
		if got := HasName(text); got != want {
			t.Errorf("%q has a name: got %v, want %v", text, got, want)
		}
	}
}

// TestEveryLabelIsAWordOfAddresses finds a label that HasName does not know: each character that labelAt reads is one of its words.
func TestEveryLabelIsAWordOfAddresses(t *testing.T) {
	t.Parallel()
	p := &lexer{b: NewBook(Words{}, nil, nil, nil)}
	for r := rune(0x4e00); r < 0xa000; r++ {
		p.s = []rune{r, '1'}
		if n, _ := p.labelAt(0, &token{digits: "6"}); n > 0 && HasName(string(p.s[:n])) {
			t.Errorf("%c says what a number counts, and is taken for a name", r)
		}
	}
}

func TestIsPlace(t *testing.T) {
	t.Parallel()
	b := NewBook(Words{Name: "东辰心语", Names: []string{"东辰"}, Noise: []string{"宜昌"}, Landmarks: []string{"南门保安室"}, BuildingNames: map[string]string{"小白楼": "E13"}},
		[]Door{{Building: "E13", Unit: "1", Room: "101"}}, nil, nil)
	for text, want := range map[string]bool{"东辰心语": true, "东辰": true, " 宜昌 ": true, "南门保安室": true, "小白楼": false, "东": false, "": false, "大红楼": false} {
		if got := b.IsPlace(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	if strings.TrimSpace(string(clean(" 宜昌 "))) != "宜昌" {
		t.Error("texts are compared with white space around them")
	}
}
