package delivery

import "testing"

func TestParseLocale(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Locale{"": English, "zh-CN,zh;q=0.9,en;q=0.8": Chinese, "en-US,en;q=0.9,zh;q=0.8": English,
		"fr, zh-Hans;q=0.5": Chinese, "ZH": Chinese, ";;,,": English, "en;q=0.5, zh;q=0.8": Chinese, "zh;q=0.5, en;q=0.8": English, "zh;q=0": English,
		"zh;q=0, en": English, "zh;q=0.0,*": English, "zh;q=0.000": English, "zh;Q=0": English, "zh ; q = 0 , en;q=0.1": English, "en;q=0": Chinese, "en;q=0, fr": Chinese,
		"en;q=0, zh;q=0": English, "zh;q=0, zh-CN;q=0.2": Chinese, "*": English, "*;q=0.5, en;q=0.1": Chinese, "*;q=0.5, zh;q=0.1": English, "en, zh": English, "zh, en": Chinese,
		"zh;q=0.001": Chinese, "zh;q=0.0001": Chinese, "zh;q=2": English, "zh;q=x": English, "zh;q=NaN, en": English, "zh;q=inf": English, "zh;q=1e0": English, "zh;q=-1": English,
		"zh_CN": Chinese, "zhx": English, "fr;q=1, zh;q=1.000, en;q=0.999": Chinese, "zh;q=0.9;x=y, en;q=0.8": Chinese, "zh;q=1.1, en;q=0.1": English} {
		if got := ParseLocale(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}
