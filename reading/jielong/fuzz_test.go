package jielong_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
	"baogong/reading/jielong"
)

// FuzzRead reads any text: no panic, in bounded time, and every entry has a state that its parts explain.
func FuzzRead(f *testing.F) {
	lists, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range lists {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "E6", uint8(0))
		f.Add(string(text), "", uint8(1))
		f.Add(string(text), "", uint8(2))
	}
	f.Add("蔬菜包：1203 两份，801 一份，共3份\n", "E2", uint8(1))
	f.Add("1. "+strings.Repeat("A2B1C3 2份各两三个", 200), "E2", uint8(1))
	f.Add(strings.Repeat("「", 100)+strings.Repeat("没有就换A", 100), "E2", uint8(1))
	menus := [][]jielong.Choice{eggs, packs, loose, nil}
	f.Fuzz(func(t *testing.T, text, building string, menu uint8) {
		start := time.Now()
		list, err := jielong.Read(text, dcxy, jielong.Sale{Building: building, Menu: menus[int(menu)%len(menus)]})
		if took := time.Since(start); took > 2*time.Second {
			t.Fatalf("%d bytes took %v", len(text), took)
		}
		if err != nil {
			if delivery.CodeOf(err) != delivery.CodeBadUserInput {
				t.Fatal(err)
			}
			return
		}
		for i := range list.Entries {
			e := &list.Entries[i]
			has := func(p reading.Problem) bool { return slices.Contains(e.Problems, p) }
			switch {
			case e.Asks == reading.Place && (e.Address.Status != address.Match || len(e.Goods) == 0 || has(reading.QuantityUnclear) || has(reading.QuantityNotPositive)),
				e.Asks == reading.Cancel && e.Address.Status != address.Match,
				e.Asks == "", len(e.Rows) == 0, len([]rune(e.Note)) > delivery.MaxNote:
				t.Fatalf("%q: got %+v", text, *e)
			}
			for _, g := range e.Goods {
				if g.Item == "" || g.Quantity <= 0 || g.Unit == "" {
					t.Fatalf("%q: got %+v", text, g)
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	text, err := os.ReadFile("testdata/03-menu-letters.txt")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jielong.Read(string(text), dcxy, jielong.Sale{Menu: packs}); err != nil {
			b.Fatal(err)
		}
	}
}
