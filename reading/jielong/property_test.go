package jielong_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"baogong/reading"
	"baogong/reading/jielong"
)

// TestReadWhatIsRendered writes entries as people do. Each reads back with its own door and quantities, or waits; it is never an order of another
// door or of another quantity.
func TestReadWhatIsRendered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
		menu := rapid.SampledFrom([][]jielong.Choice{eggs, packs, buns}).Draw(t, "menu")
		var text, want []string
		sep := pick("numbering", ". ", "、", ") ", "）", "：", ".")
		for n := range rapid.IntRange(1, 6).Draw(t, "entries") {
			unit, floor, place := rapid.IntRange(1, 2).Draw(t, "unit"), rapid.IntRange(1, 27).Draw(t, "floor"), rapid.IntRange(1, 2).Draw(t, "place")
			room := fmt.Sprintf("%d%02d", floor, place)
			door := pick("door", fmt.Sprintf("%d-%s", unit, room), fmt.Sprintf("E6-%d-%s", unit, room), fmt.Sprintf("%d单元%s", unit, room), fmt.Sprintf("6栋%d单元%s室", unit, room),
				fmt.Sprintf("%d单元%d楼%02d", unit, floor, place), fmt.Sprintf("Ｅ６－%d－%s", unit, room))
			quantity := rapid.IntRange(1, 12).Draw(t, "quantity")
			goods := quantities(pick, menu, quantity)
			who := pick("who", "", "小雨妈 ", "王** ", "Lily ", "张三 ", "2宝妈 ", "老李，")
			tail := pick("tail", "", " 谢谢", "，麻烦放门口", " 13800009999", "（要新鲜的）", "👍", " 138****9999")
			text = append(text, fmt.Sprintf("%d%s%s%s %s%s", n+1, sep, who, door, goods, tail))
			want = append(want, fmt.Sprintf("E6-%d-%s %d", unit, room, quantity))
		}
		head := pick("head", "", "#接龙\n今晚8点截单\n\n", "#Group Note\n明天10点到\n\n例 1. 小雨妈 1-101 2份\n")
		list := head + strings.Join(text, "\n")
		read, err := jielong.Read(list, dcxy, jielong.Sale{Building: "E6", Menu: menu})
		if err != nil {
			t.Fatalf("%s\n%v", list, err)
		}
		if len(read.Entries) != len(want) {
			t.Fatalf("%s\ngot %d entries, want %d", list, len(read.Entries), len(want))
		}
		for i := range read.Entries {
			e := &read.Entries[i]
			if e.Asks == reading.Review {
				continue
			}
			if len(e.Goods) != 1 || slices.Contains(e.Problems, reading.QuantityAssumed) || fmt.Sprintf("%s %s", e.Address.Door, e.Goods[0].Quantity) != want[i] {
				t.Fatalf("%s\nentry %d is read as %s, want %s", list, i+1, said(e), want[i])
			}
		}
	})
}

// quantities writes a quantity of the first good of a menu.
func quantities(pick func(string, ...string) string, menu []jielong.Choice, n int) string {
	c := menu[0]
	han := []string{"一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"}[n-1]
	amounts := []string{fmt.Sprint(n, c.Unit), fmt.Sprint(n, " ", c.Unit), han + c.Unit, fmt.Sprint("x", n), fmt.Sprint("×", n), fmt.Sprint("*", n)}
	if len(menu) == 1 {
		amounts = append(amounts, fmt.Sprint(n), fmt.Sprint("+", n), han+"份", fmt.Sprint(c.Item, n, c.Unit), fmt.Sprint("数量：", n))
		return pick("amount", amounts...)
	}
	amount := pick("amount", append(amounts, fmt.Sprint(n))...)
	if pick("order", "good first", "amount first") == "amount first" {
		return pick("clear", fmt.Sprint(n, c.Unit), han+c.Unit) + pick("good", c.Code, c.Item)
	}
	return pick("good", c.Code, c.Item, c.Code+"套餐") + pick("gap", "", " ") + amount
}
