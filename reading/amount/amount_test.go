package amount_test

import (
	"errors"
	"testing"

	"baogong/delivery"
	"baogong/reading/amount"
)

func TestQuantity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, unit string
		want       string // quantity and unit
		note       string
	}{
		{"2斤半", "", "2.5 斤", ""},
		{"半斤", "", "0.5 斤", ""},
		{"一斤半", "", "1.5 斤", ""},
		{"一份", "", "1 份", ""},
		{"两盒", "", "2 盒", ""},
		{"两箱", "箱", "2 箱", ""},
		{"1.5kg", "", "1.5 kg", ""},
		{"１．５ＫＧ", "", "1.5 kg", ""},
		{"2㎏", "", "2 kg", ""},
		{"十二个", "", "12 个", ""},
		{"一百二十个", "", "120 个", ""},
		{"二两", "", "2 两", ""},
		{"两两", "", "2 两", ""},
		{"两百克", "", "200 克", ""},
		{"三千克", "", "3 千克", ""},
		{"3千克", "公斤", "3 千克", ""},
		{"一箱（24瓶）", "", "1 箱", "24瓶"},
		{"1板(要新鲜的)", "板", "1 板", "要新鲜的"},
		{"x3", "", "3 份", ""},
		{"×3", "袋", "3 袋", ""},
		{"*2", "", "2 份", ""},
		{"+1", "", "1 份", ""},
		{"２", "", "2 份", ""},
		{"2.0", "", "2 份", ""},
		{"2.500", "斤", "2.5 斤", ""},
		{" 3 袋 ", "", "3 袋", ""},
		{"5大袋", "", "5 大袋", ""},
		{"1½斤", "", "1.5 斤", ""},
		{"1/2斤", "", "0.5 斤", ""},
		{"最多2", "", "2 份", "最多2"},
		{"最多2个", "", "2 个", "最多2个"},
		{"半", "斤", "0.5 斤", ""},
		{"2", "幅", "2 幅", ""}, // a column may name a unit of its own
		{"2幅", "幅", "2 幅", ""},
		{"\u200b2\u00a0", "", "2 份", ""},
	} {
		got, err := amount.Quantity(c.text, c.unit)
		if err != nil || got.Quantity.String()+" "+got.Unit != c.want || got.Note != c.note {
			t.Errorf("%q with the unit %q: got %s %s, note %q, %v, want %s, note %q", c.text, c.unit, got.Quantity, got.Unit, got.Note, err, c.want, c.note)
		}
	}
	for _, text := range []string{"", " ", "若干", "几个", "十几个", "2-3个", "2~3个", "2到3个", "三五个", "两三个", "1e3", "1E3", "一斤二两", "2斤3两", "有就要", "2个左右",
		"约2斤", "2或3", "1,000", "1.2345", "0.0005", "1.2.3", "2盒1袋", "2 3", "1/3斤", "2斤取消", "2份（不要了）", "土豆2斤", "2土豆", "半半", "99999999999", "万", "=1+1", "两两半半", "#N/A",
		"12月3日", "2026-11-29", "4/0"} {
		if got, err := amount.Quantity(text, ""); !errors.Is(err, amount.ErrUnclear) {
			t.Errorf("%q: got %v, %v, want ErrUnclear", text, got, err)
		}
	}
	for _, text := range []string{"0", "-1", "－2", "0.0", "零", "0个", "-0.5斤"} {
		if got, err := amount.Quantity(text, ""); !errors.Is(err, amount.ErrNotPositive) {
			t.Errorf("%q: got %v, %v, want ErrNotPositive", text, got, err)
		}
	}
	if _, err := amount.Quantity("2箱", "瓶"); !errors.Is(err, amount.ErrUnclear) {
		t.Errorf("two units: got %v, want ErrUnclear", err)
	}
}

func TestPrice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"¥39.9": 3990, "39.90元": 3990, "￥1,299.00": 129900, "12块5": 1250, "12元5角": 1250, "3毛": 30, "39.9/份": 3990, "39.9元/份": 3990, "39.9元每斤": 3990, "12元一斤": 1200,
		"赠": 0, "免费": 0, "": 0, " ": 0, "３９．９": 3990, "69": 6900, "26.80": 2680, "24.9元": 2490, "12块半": 1250, "12块05": 1205, "12块50": 1250, "5分": 5, "3角5分": 35,
		"1块2毛5": 125, "十二元": 1200, "两块五": 250, "0": 0, "0.5": 50, "RMB 12": 1200, "1,299": 129900, "10块钱": 1000, "10元整": 1000, "2.50元/500g": -1, "1.10": 110,
		"面议": -1, "12.345": -1, "1.299,00": -1, "-5": -1, "10-12": -1, "约10元": -1, "12.5元3角": -1, "10元2斤": -1, "1e3": -1, "$5": -1, "三五元": -1, "999999999999": -1,
		"12块5毛3分钱多": -1, "时价": -1, "12,99": -1, "元": -1, "1.5万": -1,
	} {
		got, ok := amount.Price(text)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: got %d, %v, want %d", text, got, ok, want)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"13800001203": "13800001203", "138 0000 1203": "13800001203", "+86-138-0000-0801": "13800000801", "8613800001203": "13800001203", "0086 13800001203": "13800001203",
		"１３８００００１２０３": "13800001203", "0717-0000011": "07170000011", "07170000012转8": "071700000128", "(0717)0000011": "07170000011", "0717-000 0012-8": "071700000128",
		"1.38E+10": "", "1.3800001203E+10": "13800001203", "1.3800001203e10": "13800001203", "13800001203.0": "13800001203", "13800001203/13800002203": "13800001203",
		"王** 13800001203": "13800001203", "138****0603": "*0603", "138xxxx0603": "*0603", "尾号0603": "*0603", "后四位：0603": "*0603", "0603": "*0603", "": "", "无": "", "12": "",
		"电话：13800001203（下午打）": "13800001203", "0000011": "0000011", "10086": "10086", "'13800001203": "13800001203", "13800001203 ": "13800001203",
	} {
		if got := amount.Phone(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"2斤半", "一箱（24瓶）", "¥1,299.00", "12块5", "+86-138-0000-0801", "1½", "1/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := amount.Quantity(text, "")
		if err == nil && (a.Quantity <= 0 || a.Quantity > delivery.MaxQuantity || a.Unit == "") {
			t.Errorf("%q: got %+v", text, a)
		}
		if fen, ok := amount.Price(text); ok && (fen < 0 || fen > delivery.MaxPriceFen) {
			t.Errorf("%q: got %d fen", text, fen)
		}
		phone := amount.Phone(text)
		for i, r := range phone {
			if (r < '0' || r > '9') && (i > 0 || r != '*') {
				t.Errorf("%q: got the phone %q", text, phone)
			}
		}
	})
}
