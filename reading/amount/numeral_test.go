package amount_test

import (
	"testing"

	"pgregory.net/rapid"

	"baogong/reading/amount"
)

func TestNumeral(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"零": 0, "一": 1, "两": 2, "九": 9, "十": 10, "十二": 12, "二十": 20, "二十五": 25, "廿三": 23, "卅": 30, "一百": 100, "一百零二": 102, "一百一十": 110,
		"一百二": 120, "一百二十": 120, "两百": 200, "二百五": 250, "一千二百零三": 1203, "一千零三": 1003, "一千零一十三": 1013, "两千五": 2500, "一万": 10_000, "两万": 20_000,
		"三万二": 32_000, "一万零三": 10_003, "一万二千": 12_000, "十万": 100_000, "一亿零三万": 100_030_000, "一二零三": 1203, "二〇二": 202, "四零二": 402,
		"八十八": 88, "壹佰贰拾": 120, "叁": 3, "一三八零零零零一二零三": 13_800_001_203, "零三": 3, "〇五": 5, "一千二百三十四万五千六百七十八": 12_345_678,
	} {
		if got, ok := amount.Numeral(text); !ok || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "半", "12", "十十", "一十一十", "百二", "一百百", "一万一万", "二两", "两两", "两十", "十两", "一零百", "十 二", "一二十", "零百", "一亿亿",
		"一百零", "一个", "十二个", "一二三四五六七八九一二三四五六七八", "十二十二"} {
		if got, ok := amount.Numeral(text); ok {
			t.Errorf("%q is no numeral, but it is read as %d", text, got)
		}
	}
}

func TestNumeralReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 9999).Draw(t, "number")
		for _, text := range []string{written(n), places(n)} {
			if got, ok := amount.Numeral(text); !ok || got != n {
				t.Fatalf("%s: got %d, %v, want %d", text, got, ok, n)
			}
		}
	})
}

var digits = []rune("零一二三四五六七八九")

// places writes a number digit by digit.
func places(n int64) string {
	if n < 10 {
		return string(digits[n])
	}
	return places(n/10) + string(digits[n%10])
}

// written writes a number below 10,000 by value.
func written(n int64) string {
	if n == 0 {
		return "零"
	}
	text, gap := "", false
	for unit, name := int64(1000), []string{"千", "百", "十", ""}; unit > 0; unit, name = unit/10, name[1:] {
		d := n / unit % 10
		if d == 0 {
			gap = text != ""
			continue
		}
		if gap {
			text += "零"
		}
		if d == 1 && unit == 10 && text == "" {
			text += name[0]
		} else {
			text += string(digits[d]) + name[0]
		}
		gap = false
	}
	return text
}
