package delivery_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"baogong/delivery"
)

func TestKeysAreOneNormalForm(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"1203", "１２０３", " 1203", "1203\n", "\u30001203\u00a0", "12\u200b03", "\ufeff1203"},
		{"e6", "E6", "Ｅ６", "ｅ６", "e6\u2060"},
		{"caf\u00e9", "cafe\u0301", "CAF\u00c9", "CAFE\u0301"},
		{"e6-1-1203", "E6–1—1203", "E6－1−1203", "e6\u20111\u20101203"},
		{"东区 3栋", "东区\u30003栋", "东区 \t 3栋"},
		{"οδοσ", "ΟΔΟΣ", "οδος"}, {"дом", "ДОМ"}, {"\u1e96", "h\u0331", "H\u0331"}, {"ガ", "ｶﾞ"}, {"", " ", "\u3000", "\u200b\u200d"},
	} {
		for _, s := range same {
			if got := delivery.Key(s); got != same[0] {
				t.Errorf("%q: got %q, want %q", s, got, same[0])
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.String().Draw(rt, "text")
		if once := delivery.Key(s); delivery.Key(once) != once || delivery.Key(strings.ToUpper(once)) != delivery.Key(strings.ToUpper(strings.ToUpper(once))) {
			rt.Fatalf("%q: the key %q has another key", s, once)
		}
	})
}

func TestCodesAreStoredPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Ｅ６": "E6", "１２０３": "1203", "cafe\u0301": "caf\u00e9", "东区\u30003栋": "东区 3栋", "e6": "e6", " E6": " E6", "E\u200b6": "E\u200b6"} {
		if got := delivery.NormalCode(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNamesAreTrimmedAndKept(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"\u3000王秀英 ": "王秀英", "\u200b\ufeff米\n": "米", "Ｅ６栋": "Ｅ６栋", "cafe\u0301": "cafe\u0301", "👩‍🌾": "👩‍🌾", "葛\U000e0100": "葛\U000e0100",
		"☺\ufe0f": "☺\ufe0f", "🏴\U000e0067\U000e0062\U000e007f": "🏴\U000e0067\U000e0062\U000e007f", "\u200b": "", "\u3164": ""} {
		if got := delivery.Trimmed(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestTextThatCannotBeSeenIsMissing(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"\u200b", "\u200d\u200c", "\ufeff", "\u00ad", "\u3164", "\u115f\u1160", "\u2800", "\ufffc", "\u200e\u200f", "\ufe0f", "\u0301", "\u20dd", "\U000e0041", " \u200b\u3000", "\u2062", "\u180e"} {
		if got := reasonOf(delivery.CheckText(in, 80, true)); got != delivery.ReasonMissing {
			t.Errorf("%q, needed: got %q, want MISSING", in, got)
		}
		if got := reasonOf(delivery.CheckText(in, 80, false)); got != none {
			t.Errorf("%q, not needed: got %q", in, got)
		}
	}
	for _, in := range []string{"米\u202e", "\u2066x\u2069", "\ufff9", "\ufdd0", "\uffff", "\U0001fffe", "\u206a"} {
		if got := reasonOf(delivery.CheckText(in, 80, false)); got != delivery.ReasonBadText {
			t.Errorf("%q: got %q, want BAD_TEXT", in, got)
		}
	}
	for _, in := range []string{"👩‍🌾", "cafe\u0301", "\u200fשלום", "می\u200cخواهم", "葛\U000e0100", "王"} {
		if refusal := delivery.CheckText(in, 80, true); refusal != nil {
			t.Errorf("%q: got %v", in, refusal)
		}
	}
}

func TestMasksBeginWithTheFirstVisibleCharacter(t *testing.T) {
	t.Parallel()
	for name, want := range map[delivery.PersonName]string{"\u3000王秀英": "王**", "\u200b王秀英": "王**", "\u0301王秀英": "王**", "e\u0301mile": "e\u0301**", "\u00e9mile": "\u00e9**",
		"王\u200b": "王", "王 ": "王", "\u200b": "**", "葛\U000e0100西": "葛\U000e0100**", "\u202e王秀英": "王**"} {
		if got := name.Mask(); got != want {
			t.Errorf("%q: got %q, want %q", string(name), got, want)
		}
	}
}

func TestPhonesAreReadHoweverTyped(t *testing.T) {
	t.Parallel()
	for in, want := range map[delivery.Phone]string{"１３８０００１２３４": "1380001234", "+86 138 1234 5678": "+86 138 1234 5678", "＋８６－１３８－１２３４－５６７８": "+86-138-1234-5678", "138–1234—5678": "138-1234-5678",
		"138ー1234ー5678": "138-1234-5678", "138\u00a01234\u30005678\n": "138 1234 5678", "\u202a138\u200b12345678\u202c": "13812345678", "(0717) 622 0110": "0717 622 0110", "（0717）6220110": "0717 6220110", "138.1234.5678": "138-1234-5678", "": "", "\u3000": ""} {
		got := in.Normal()
		if got.Reveal() != want || got.Check() != nil {
			t.Errorf("%q: got %q (%v), want %q", in.Reveal(), got.Reveal(), got.Check(), want)
		}
	}
	for _, in := range []delivery.Phone{"138²1234567", "一三八一二三四五六七八", "13812345678x", "①②③④⑤"} {
		if refusal := in.Normal().Check(); reasonOf(refusal) != delivery.ReasonBadPhone {
			t.Errorf("%q: got %v, want BAD_PHONE", in.Reveal(), refusal)
		}
	}
}

func TestQuantitiesAreReadHoweverTyped(t *testing.T) {
	t.Parallel()
	for in, want := range map[any]string{"１．５": "1.5", " 1.5\n": "1.5", "１２": "12", "\u30002": "2", json.Number("1e1"): "10", json.Number("10.0"): "10", json.Number("1.5E0"): "1.5", json.Number("125e-3"): "0.125",
		1e1: "10", 0.125: "0.125", 3: "3", int64(4): "4"} {
		var q delivery.Quantity
		if err := q.UnmarshalGQL(in); err != nil || q.String() != want {
			t.Errorf("%#v: got %s, %v, want %s", in, q, err, want)
		}
	}
	for _, in := range []any{"1,5", "1，5", "1e1", "0x1", "½", "1²", "1.0005", "1_000", "", " ", "∞", "NaN", "1 2", json.Number("1e999999999"), json.Number("1e-4"), json.Number("1e400"), json.Number("0.0005"), 1e300, true, nil} {
		var q delivery.Quantity
		if err := q.UnmarshalGQL(in); reasonOf(delivery.AsError(err)) != delivery.ReasonQuantityDecimals {
			t.Errorf("%#v: got %s, %v, want QUANTITY_DECIMALS", in, q, err)
		}
	}
}

func TestCodesAreReadHoweverTyped(t *testing.T) {
	t.Parallel()
	const code = "7K2QM-0XH4D-R9TAE-5WBNC"
	selector, hash, ok := delivery.SplitSecret(code)
	if !ok {
		t.Fatal("no code")
	}
	full := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			r += 0xff01 - '!'
		}
		return r
	}, code)
	for _, typed := range []string{full, strings.ToLower(full), code + "\n", "\t" + code + "\r\n", "\u00a0" + code + "\u00a0", "\ufeff" + code, strings.Join(strings.Split(code, "-"), "\u200b"), "\u202a" + code + "\u202c",
		"https://dongchen.example/sign-in#" + code, "https://dongchen.example/sign-in#" + strings.ToLower(code) + "\n", "http://127.0.0.1:8080/sign-in%23" + code, "dongchen.example/sign-in#" + code,
		"https://dongchen.example/track/" + code, "https://dongchen.example/track/" + code + "/?x=1", "#" + code, "＃" + code, "https://保供.example/" + strings.Repeat("x/", 200) + "sign-in#" + code,
		"登录码：" + code, "住户卡 " + code + "，请勿外传。", "Code: " + code, `"` + code + `"`, "“" + code + "”", "<https://dongchen.example/sign-in#" + code + ">", "【" + code + "】", code + ".",
		"https://dongchen.example/sign-in#" + code + "?from=groupmessage", "https://dongchen.example/sign-in#" + strings.ReplaceAll(code, "-", "%2D"), "%EF%BC%83" + code} {
		if s, h, ok := delivery.SplitSecret(typed); !ok || s != selector || h != hash {
			t.Errorf("%q: got %q, %v, want the code", typed, s, ok)
		}
	}
	for _, dash := range "‐‑‒–—―−－﹣﹘ー〜～_.·・•—|+*" {
		if s, h, ok := delivery.SplitSecret(strings.ReplaceAll(code, "-", string(dash))); !ok || s != selector || h != hash {
			t.Errorf("%U between groups: got %q, %v, want the code", dash, s, ok)
		}
	}
	for _, typed := range []string{"", code[:22], code + "0", "https://dongchen.example/sign-in", strings.ReplaceAll(code, "K", "К"), code + "#", strings.Repeat("x", 3000) + "#" + code} {
		if _, _, ok := delivery.SplitSecret(typed); ok {
			t.Errorf("%q is a code", typed)
		}
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"": nil, " \u200b": nil,
		"１２０３": {"1203"}, "＃258": {"258"}, "#258": {"258"}, "Mt-70": {"mt-70"}, "#": {"#"}, "%": {"%"}, "栋": {"栋"},
		"E6-1-1203 ":  {"e6-1-1203"},
		"Ｅ６－１－１２０３":   {"e6-1-1203"},
		"6栋1单元1203室":  {"6栋1单元1203室", "\n6-1-1203\n"},
		"E6栋1203":     {"e6栋1203", "\ne6/1203"},
		"e6 1 1203":   {"e6 1 1203", "e6-1-1203"},
		"E6 1203":     {"e6 1203", "e6-1203", "e6/1203"},
		"E6-1203":     {"e6-1203", "e6/1203"},
		"6号楼1单元1203":  {"6号楼1单元1203", "\n6-1-1203"},
		"6#1203":      {"6#1203", "\n6/1203"},
		"东辰心语 6栋1203": {"东辰心语 6栋1203", "\n6/1203"},
		"6 栋":         {"6 栋", "\n6-"},
		"Ｅ６棟１單元１２０３":  {"e6棟1單元1203", "\ne6-1-1203"},
		"25號樓":        {"25號樓", "\n25-"},
		"\"1203\"":    {"1203"},
		"“E6-1-1203”": {"e6-1-1203"},
		"「6栋」":        {"6栋", "\n6-"},
		"\"\"":        {"\"\""},
		"25号":         {"25号", "\n25-", "-25\n"},
		"２５号":         {"25号", "\n25-", "-25\n"},
		"25 号":        {"25 号", "\n25-", "-25\n"},
		"E25号":        {"e25号", "\ne25-", "-e25\n"},
		"东辰心语25号":     {"东辰心语25号", "\n25-", "-25\n"},
		"东辰心语 25号":    {"东辰心语 25号", "\n25-", "-25\n"},
		"25号楼":        {"25号楼", "\n25-"},
		"２５号楼":        {"25号楼", "\n25-"},
		"25号栋":        {"25号栋", "\n25-"},
		"25栋":         {"25栋", "\n25-"},
		"第25栋":        {"第25栋", "\n25-"},
		"东辰心语25栋":     {"东辰心语25栋", "\n25-"},
		"南6栋":         {"南6栋", "\n南6-"},
		"Ｅ６栋":         {"e6栋", "\ne6-"},
		"6幢":          {"6幢", "\n6-"},
		"25号1203":     {"25号1203", "\n25/1203"},
		"25号 1203室":   {"25号 1203室", "\n25/1203\n"},
		"25号1单元1203号": {"25号1单元1203号", "\n25-1-1203\n"},
		"6栋25号":       {"6栋25号", "\n6/25\n"},
		"25-1-1203号":  {"25-1-1203号", "25-1-1203\n"},
		"6栋1单元":       {"6栋1单元", "\n6-1-"},
		"1单元1203":     {"1单元1203", "-1-1203"},
		"1203室":       {"1203室", "-1203\n"},
		"E6ー1ー1203":   {"e6ー1ー1203", "e6-1-1203"},
		"E6/1/1203":   {"e6/1/1203", "e6-1-1203"},
	} {
		if got := delivery.NewSearch(text).Needles; !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]int64{"258": 258, "＃258 ": 258, "# 258": 258, "№258": 258, "No. 258": 258, "ｎｏ２５８": 258, "订单 258": 258, "订单号：258": 258, "no": 0, "nova": 0, "E6": 0, "-1": 0, "+1": 0, "99999999999999999999": 0} {
		if got := delivery.NewSearch(text).Number; got != want {
			t.Errorf("%q: got the number %d, want %d", text, got, want)
		}
	}
	for text, bad := range map[string]bool{"\u202d1203\u202c": false, "\u2068E6\u2069": false, "1203\u200b": false, "\x00": true, "\uffff": true, strings.Repeat("x", 81): true} {
		if refusal := delivery.CheckSearch(text); (refusal != nil) != bad {
			t.Errorf("%q: got %v, want refused to be %v", text, refusal, bad)
		}
	}
}
