package delivery

import (
	"slices"
	"strings"
	"testing"
)

func labelled(number int64, bags int) *Order {
	return &Order{OrderSnapshot: OrderSnapshot{CommunityID: 7, UUID: "00000000-0000-7000-8000-000000000241", Number: number, Packing: Packing{BagCount: BagCount(bags)}},
		Address: "E6-1-1203", Phone: "13600001234"}
}

func TestLabelsSayDoorPhoneSupplierBagAndNumber(t *testing.T) {
	t.Parallel()
	o := labelled(241, 2)
	if got, want := o.Labels(&Supplier{Name: "盒马鲜生东山店"}), []string{"E6-1-1203 · 1234 · 盒马鲜生 1/2 · #241-0", "E6-1-1203 · 1234 · 盒马鲜生 2/2 · #241-0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := o.BagLabels(nil); len(got) != 2 || got[1].Bag != 2 || got[1].Text != o.Labels(nil)[1] || got[1].QRText != o.ID().String()+"/2" {
		t.Errorf("got %+v, want the labels with what their QR codes say", got)
	}
	o.Phone, o.BagCount = "", 1
	if got, want := o.Labels(nil), []string{"E6-1-1203 · 1/1 · #241-0"}; !slices.Equal(got, want) {
		t.Errorf("without a phone and a supplier: got %q, want %q", got, want)
	}
	for name, want := range map[string]string{"盒马": "盒马", "江城超市东山店": "江城超市", "Fresh Hippo": "Fresh", "Supermarket": "Supermar", "A1超市东山店": "A1超市东", "": "", "Metro AG ": "Metro AG"} {
		if got := (&Supplier{Name: name}).ShortName(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestParseLabelReadsWhatLabelsSay(t *testing.T) {
	t.Parallel()
	o := labelled(241, 12)
	id := o.OrderID()
	for text, want := range map[string]Label{
		o.Labels(&Supplier{Name: "盒马"})[10]: {Number: 241, Bag: 11},
		o.Labels(nil)[0]:                    {Number: 241, Bag: 1},
		"Ｅ６－１－１２０３ · １２３４ · 盒马 １／２ · ＃２４１－０":      {Number: 241, Bag: 1},
		"E6-1-1203·1234·盒马1/2·#241-0\r\n":         {Number: 241, Bag: 1},
		"E6-1-1203 · 1234 · 盒马 1 / 2 · # 241 - 0": {Number: 241, Bag: 1},
		"E6-1-1203 · 1234 · 7-11 2/2 · #241-0":    {Number: 241, Bag: 2},
		"E6-1-1203 · #241-0":                      {Number: 241},
		"#241-0":                                  {Number: 241},
		" ＃２４１ー０ ":                                {Number: 241},
		"241-0":                                   {Number: 241},
		"241–0":                                   {Number: 241},
		"241":                                     {Number: 241},
		"№241":                                    {Number: 241},
		"订单号：241":                                 {Number: 241},
		"No. 241-0":                               {Number: 241},
		o.QRText(12):                              {OrderID: &id, Bag: 12},
		"\u200e" + o.QRText(1) + "\n":             {OrderID: &id, Bag: 1},
	} {
		got, refusal := ParseLabel(text)
		if refusal != nil || got.Number != want.Number || got.Bag != want.Bag || (got.OrderID == nil) != (want.OrderID == nil) || got.OrderID != nil && *got.OrderID != *want.OrderID {
			t.Errorf("%q: got %+v %v, want %+v", text, got, refusal, want)
		}
	}
}

func TestParseLabelRefusesWhatNoLabelSays(t *testing.T) {
	t.Parallel()
	o := labelled(241, 2)
	for text, want := range map[string]Reason{
		"": ReasonNoLabel, " ": ReasonNoLabel, "E6-1-1203": ReasonNoLabel, "E6-1-1203 · 1234": ReasonNoLabel, "0": ReasonNoLabel, "-1": ReasonNoLabel,
		"1234567890123456789": ReasonNoLabel, "²": ReasonNoLabel, strings.Repeat("1", 400): ReasonNoLabel, o.OrderID().String(): ReasonNoLabel,
		o.OrderID().String() + "/0": ReasonNoLabel, o.OrderID().String() + "/201": ReasonNoLabel,
		"E6-1-1203 · 1234 · 盒马 1/2 · #241": ReasonNoLabel, "E6-1-1203 · 1234 · 盒马 3/2 · #241-0": ReasonNoLabel,
		(&Bin{Row: Row{CommunityID: 7, UUID: o.UUID}}).ID().String() + "/1": ReasonWrongKind,
		"#241-8": ReasonWrongCheckDigit, "214-0": ReasonWrongCheckDigit, "E6-1-1203 · 1234 · 盒马 1/2 · #251-0": ReasonWrongCheckDigit,
	} {
		if got, refusal := ParseLabel(text); refusal == nil || refusal.Reason != want {
			t.Errorf("%q: got %+v %v, want %s", text, got, refusal, want)
		}
	}
}

// TestCheckDigitFindsEverySlip changes each digit of numbers, and swaps each two neighbours.
func TestCheckDigitFindsEverySlip(t *testing.T) {
	t.Parallel()
	for _, number := range []int64{1, 7, 19, 241, 5507, 982134, 100000000000000000} {
		text := CheckedNumber(number)
		wrong := func(slip string) {
			if slip == text || strings.HasPrefix(slip, "0") {
				return
			}
			if got, refusal := ParseLabel(slip); refusal == nil {
				t.Errorf("%s for %s: got %+v, want a refusal", slip, text, got)
			}
		}
		for i, c := range []byte(text) {
			if c == '-' {
				continue
			}
			for digit := byte('0'); digit <= '9'; digit++ {
				wrong(text[:i] + string(digit) + text[i+1:])
			}
			if i+1 < len(text) && text[i+1] != '-' && c+text[i+1] != '0'+'9' {
				wrong(text[:i] + string(text[i+1]) + string(c) + text[i+2:])
			}
		}
	}
	if got, want := CheckedNumber(7992739871), "7992739871-3"; got != want { // the example of the formula's literature
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParseLabel(f *testing.F) {
	for _, seed := range []string{"E6-1-1203 · 1234 · 盒马 1/2 · #241-0", "#241-0", "241", "№２４１", labelled(1, 1).QRText(1)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, refusal := ParseLabel(text)
		if refusal == nil && (l.OrderID == nil) == (l.Number <= 0) || l.Bag < 0 || l.Bag > MaxBags {
			t.Errorf("%q: got %+v %v", text, l, refusal)
		}
	})
}
