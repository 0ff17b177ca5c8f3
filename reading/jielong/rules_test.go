package jielong_test

import (
	"fmt"
	"strings"
	"testing"

	"baogong/reading/jielong"
)

// The menus of the lists below.
var (
	eggs  = []jielong.Choice{{Item: "土鸡蛋30枚", Unit: "板", PriceFen: 3200}}
	packs = []jielong.Choice{{Code: "A", Item: "蔬菜包", Unit: "份"}, {Code: "B", Item: "肉蛋包", Unit: "份"}, {Code: "C", Item: "大米10斤", Aliases: []string{"大米"}, Unit: "袋"}}
	loose = []jielong.Choice{{Item: "上海青", Unit: "斤"}, {Item: "土豆", Unit: "斤"}, {Item: "大米", Unit: "袋"}, {Item: "鸡蛋", Unit: "板"}}
	buns  = []jielong.Choice{{Item: "馒头", Unit: "个"}}
)

// check reads a list and compares its entries and totals with the wanted lines.
func check(t *testing.T, text string, sale jielong.Sale, want string) {
	t.Helper()
	list, err := jielong.Read(text, dcxy, sale)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range list.Entries {
		got = append(got, said(&list.Entries[i]))
	}
	for _, total := range list.Totals {
		got = append(got, fmt.Sprintf("%d: %s %s%s, counted %s", total.Row, total.Item, total.Stated, total.Unit, total.Counted))
	}
	wanted := strings.Split(strings.TrimSpace(want), "\n")
	for i := range max(len(got), len(wanted)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(wanted) {
			w = strings.TrimSpace(wanted[i])
		}
		if g != w {
			t.Errorf(" got %s\nwant %s", g, w)
		}
	}
}

// TestOneGood reads entries of a list of one good, in the group of E6. A row is the entry, and what it is read as.
func TestOneGood(t *testing.T) {
	t.Parallel()
	const match, item = "E6-2-801 CONTEXT", "土鸡蛋30枚 "
	for entry, want := range map[string]string{
		// Quantities.
		"2-801 2":              match + "||" + item + "2板||PLACE",
		"2-801+1":              match + "||" + item + "1板||PLACE",
		"2-801*2":              match + "||" + item + "2板||PLACE",
		"2-801 x 2":            match + "||" + item + "2板||PLACE",
		"2-801(2)":             match + "||" + item + "2板||PLACE",
		"2-801-2":              match + "||" + item + "2板||PLACE",
		"2-801：2":              match + "||" + item + "2板||PLACE",
		"2-801-2板":             match + "||" + item + "2板||PLACE",
		"2-801—1板":             match + "||" + item + "1板||PLACE",
		"2-801【2板】":            match + "||" + item + "2板||PLACE",
		"2-801 二十":             match + "||" + item + "20板||PLACE",
		"2-801 120":            match + "||" + item + "120板||PLACE",
		"2-801 802":            "TWO_ADDRESSES E6-2-801 E6-2-802||" + item + "1板|QUANTITY_ASSUMED|REVIEW",
		"2-801 壹板":             match + "||" + item + "1板||PLACE",
		"2-801 一板半":            match + "||" + item + "1.5板||PLACE",
		"2-801 100板":           match + "||" + item + "100板||PLACE",
		"2份 2-801":             match + "||" + item + "2板||PLACE",
		"2-801 数量：2":           match + "||" + item + "2板||PLACE",
		"2-801 我家要1板，谢谢":       match + "||" + item + "1板||PLACE",
		"2-801":                match + "||" + item + "1板|QUANTITY_ASSUMED|PLACE",
		"2-801 最多2板":           match + "||" + item + "2板||PLACE|土鸡蛋30枚最多2板",
		"2-801 最多2":            match + "||" + item + "2板||PLACE|土鸡蛋30枚最多2板",
		"2-801 2板以内":           match + "||" + item + "2板||PLACE|土鸡蛋30枚最多2板",
		"2-801 若干":             match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 几板":             match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 几个":             match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 2-3板":           match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 2到3板":           match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 两三板":            match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 十几板":            match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 有就要":            match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 至少2板":           match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 3箱":             match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 60枚":            match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 1板 改成2板":        match + "|||QUANTITY_UNCLEAR|REVIEW",
		"2-801 0板":             match + "|||QUANTITY_NOT_POSITIVE|REFUSE",
		"2-801 2板 共2板":         match + "||" + item + "2板||PLACE",
		"2-801 2板 共3板":         match + "||" + item + "2板|TOTAL_DIFFERS|PLACE",
		"2-801 两板 已付64元":       match + "||" + item + "2板||PLACE",
		"2-801 1板/32元":         match + "||" + item + "1板||PLACE",
		"2-801 2板（下午3点后送）":     match + "||" + item + "2板||PLACE",
		"2-801 1板 138****0801": match + "|*0801|" + item + "1板||PLACE",
		// Taken back, and what to do if it is missing.
		"2-801 不要了":          match + "||" + item + "1板|QUANTITY_ASSUMED|CANCEL",
		"2-801 2板 取消":        match + "||" + item + "2板||CANCEL",
		"2-801 1板，没有就算了":     match + "||" + item + "1板 NEVER||PLACE|没有就算了",
		"2-801 1板，没有就取消":     match + "||" + item + "1板 NEVER||PLACE|没有就取消",
		"2-801 2板 没有就换其他的":   match + "||" + item + "2板 ANY||PLACE|没有就换其他的",
		"2-801 1板 没有打电话":     match + "||" + item + "1板 ASK||PLACE|没有打电话",
		"2-801 1板 没有人就放门口":   match + "||" + item + "1板||PLACE|没有人就放门口",
		"2-801 2板 谢谢👍 麻烦放门口": match + "||" + item + "2板||PLACE|麻烦放门口",
		"2-801 2板（要新鲜的）":     match + "||" + item + "2板||PLACE|要新鲜的",
		// Doors.
		"二单元八零一 两板":             match + "||" + item + "2板||PLACE",
		"2单元8楼01 3板":            match + "||" + item + "3板||PLACE",
		"21501两板":               "E6-2-1501 CONTEXT||" + item + "2板||PLACE",
		"王*2-801 2板":            match + "||" + item + "2板||PLACE",
		"王** 2-801 1板":          match + "||" + item + "1板||PLACE",
		"Lily2 2-801 1板":        match + "||" + item + "1板||PLACE",
		"代 2-801 接 1板":          match + "||" + item + "1板||PLACE",
		"1-1203代2-801接2板":       match + "||" + item + "2板||PLACE",
		"1-801、1-802 各一板":       "TWO_ADDRESSES E6-1-801 E6-1-802||" + item + "1板||REVIEW",
		"小雨妈":                   "ROOM_MISSING||" + item + "1板|QUANTITY_ASSUMED|REVIEW",
		"+1":                    "ROOM_MISSING||" + item + "1板||REVIEW",
		"801 2板":                "UNIT_MISSING E6-1-801 E6-2-801||" + item + "2板||REVIEW",
		"1203 两板 13800002203":   "E6-2-1203 PHONE|13800002203|" + item + "2板||PLACE",
		"2-1203 1板 13800001203": "PHONE_SAYS_OTHER E6-1-1203 E6-2-1203|13800001203|" + item + "1板||REVIEW",
		"南门保安室 1板":              "LANDMARK||" + item + "1板||REVIEW",
		"E9-1-1502 1板":          "E9-1-1502 EXACT||" + item + "1板||PLACE",
	} {
		check(t, "#接龙\n土鸡蛋 30枚/板 32元\n\n1. "+entry, jielong.Sale{Building: "E6", Menu: eggs}, "1|"+want)
	}
}

// TestMenu reads the goods of entries for one door.
func TestMenu(t *testing.T) {
	t.Parallel()
	for _, list := range []struct {
		menu []jielong.Choice
		rows map[string]string // the goods as written, and as read
	}{
		{packs, map[string]string{
			"A2 B1":        "蔬菜包 2份, 肉蛋包 1份||PLACE",
			"a2b1c1":       "蔬菜包 2份, 肉蛋包 1份, 大米10斤 1袋||PLACE",
			"A+B":          "蔬菜包 1份, 肉蛋包 1份|QUANTITY_ASSUMED|PLACE",
			"A+1 B+2":      "蔬菜包 1份, 肉蛋包 2份||PLACE",
			"A×2+B×1":      "蔬菜包 2份, 肉蛋包 1份||PLACE",
			"A:2 B:1":      "蔬菜包 2份, 肉蛋包 1份||PLACE",
			"A(2) B(1)":    "蔬菜包 2份, 肉蛋包 1份||PLACE",
			"A 2 B 1":      "蔬菜包 2份, 肉蛋包 1份||PLACE",
			"A-2 B-1":      "蔬菜包 2份, 肉蛋包 1份||PLACE",
			"2份A，1份C":      "蔬菜包 2份, 大米10斤 1袋||PLACE",
			"一份A两份B":       "蔬菜包 1份, 肉蛋包 2份||PLACE",
			"A套餐2份 B套餐一份":  "蔬菜包 2份, 肉蛋包 1份||PLACE",
			"套餐A":          "蔬菜包 1份|QUANTITY_ASSUMED|PLACE",
			"B、C各2":        "肉蛋包 2份, 大米10斤 2袋||PLACE",
			"蔬菜包 肉蛋包 各一份":  "蔬菜包 1份, 肉蛋包 1份||PLACE",
			"每样一份":         "蔬菜包 1份, 肉蛋包 1份, 大米10斤 1袋||PLACE",
			"蔬菜包2 肉蛋包1":    "蔬菜包 2份, 肉蛋包 1份||PLACE",
			"大米 10斤 2袋":    "大米10斤 2袋||PLACE",
			"大米10斤2袋":      "大米10斤 2袋||PLACE",
			"大米 1袋":        "大米10斤 1袋||PLACE",
			"大米20斤":        "|QUANTITY_UNCLEAR|REVIEW",
			"2A1B":         "蔬菜包 1份, 肉蛋包 1份|QUANTITY_ASSUMED QUANTITY_UNCLEAR|REVIEW", // A2? B1?
			"A若干 B1":       "肉蛋包 1份|QUANTITY_UNCLEAR|REVIEW",
			"大米1袋 白菜2斤":    "大米10斤 1袋|NOT_ON_MENU|REVIEW",
			"不要A，B1":       "肉蛋包 1份||PLACE|不要a",
			"A2 B1 共4份":    "蔬菜包 2份, 肉蛋包 1份|TOTAL_DIFFERS|PLACE",
			"A1 没有大米就换 B":  "蔬菜包 1份||PLACE|没有大米就换 b",
			"A 2份，没有就换B":   "蔬菜包 2份 ASK||PLACE|没有就换b",
			"A2，（B要新鲜的）B1": "蔬菜包 2份, 肉蛋包 1份||PLACE|b要新鲜的",
			"A2，B2份（不要辣）":  "蔬菜包 2份, 肉蛋包 2份||PLACE|不要辣",
			"A 最多2份":       "蔬菜包 2份||PLACE|蔬菜包最多2份",
			"":             "|NOTHING_ORDERED|REVIEW",
			"2份":           "|NOTHING_ORDERED|REVIEW",
			"A0":           "|QUANTITY_NOT_POSITIVE|REFUSE",
		}},
		{loose, map[string]string{
			"上海青2斤半、土豆3斤、大米一袋": "上海青 2.5斤, 土豆 3斤, 大米 1袋||PLACE",
			"上海青半斤 土豆1公斤 鸡蛋2板": "上海青 0.5斤, 土豆 2斤, 鸡蛋 2板||PLACE",
			"土豆500克":      "土豆 1斤||PLACE",
			"土豆一斤二两":      "|QUANTITY_UNCLEAR|REVIEW",
			"土豆2斤左右":      "土豆 2斤||PLACE|土豆约2斤",
			"土豆":          "土豆 1斤|QUANTITY_ASSUMED|PLACE",
			"爱吃土豆的猫 鸡蛋1板": "鸡蛋 1板||PLACE",
			"土豆2斤（要小的） 鸡蛋 1板，没有鸡蛋就算了":   "土豆 2斤, 鸡蛋 1板 NEVER||PLACE|要小的；没有鸡蛋就算了",
			"土豆2斤 没有就换上海青，鸡蛋1板 没有的话打电话": "土豆 2斤 ASK, 鸡蛋 1板 ASK||PLACE|没有就换上海青；没有的话打电话",
			"土豆3斤 上海青没有就换土豆 2斤":         "土豆 3斤, 上海青 2斤 ASK||PLACE|没有就换土豆",
		}},
		{nil, map[string]string{ // without a menu, the word beside a quantity is the good
			"土豆5斤、大米 两袋": "土豆 5斤, 大米 2袋||PLACE",
			"2斤土豆 3个西瓜":  "土豆 2斤, 西瓜 3个||PLACE",
			"土豆若干":       "|QUANTITY_UNCLEAR|REVIEW",
		}},
	} {
		for goods, want := range list.rows {
			check(t, "1. E6-1-1203 "+goods, jielong.Sale{Menu: list.menu}, "1|E6-1-1203 EXACT||"+want)
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]struct {
		text string
		sale jielong.Sale
		want string
	}{
		"every way to number, chat around the entries, a quoted message, and an entry without a number": {
			text: `阿杰 18:31
1️⃣ 1-602 10个
「楼长：1-603 20个」
- - - - - - - -
2️⃣ 1-604 30个
小王 昨天 18:05
⑶ 1-701 5个
(4) 1-702 6个
（5）1-703 7个
【6】1-704 8个
7: 1-801 9个
八、1-802 十个
9.1-803 11个
10.1-804 12个
No.11 1-901 13个
#12 1-902 14个
⒔ 1-903 15个
14. 🙏
小李 18:40
好的收到
小张 18:45
1-904 20个
张三: 2022/4/20 18:02:33
15. 1-1001 120个
谢谢
合计 300个`,
			sale: jielong.Sale{Building: "E15", Menu: buns},
			want: `1|E15-1-602 CONTEXT||馒头 10个||PLACE
2|E15-1-604 CONTEXT||馒头 30个||PLACE
3|E15-1-701 CONTEXT||馒头 5个||PLACE
4|E15-1-702 CONTEXT||馒头 6个||PLACE
5|E15-1-703 CONTEXT||馒头 7个||PLACE
6|E15-1-704 CONTEXT||馒头 8个||PLACE
7|E15-1-801 CONTEXT||馒头 9个||PLACE
8|E15-1-802 CONTEXT||馒头 10个||PLACE
9|E15-1-803 CONTEXT||馒头 11个||PLACE
10|E15-1-804 CONTEXT||馒头 12个||PLACE
11|E15-1-901 CONTEXT||馒头 13个||PLACE
12|E15-1-902 CONTEXT||馒头 14个||PLACE
13|E15-1-903 CONTEXT||馒头 15个||PLACE
|E15-1-904 CONTEXT||馒头 20个||PLACE
15|E15-1-1001 CONTEXT||馒头 120个||PLACE
26: 馒头 300个, counted 290`,
		},
		"by item, a line each, with totals": {
			text: "按品种统计\n蔬菜包：1203 两份，801 一份，302、303 各1份，共5份\n肉蛋包（3份）：1203 1份 801×2 13800000801 放门口\n大米10斤: 1203(1) 502（2）\n合计：蔬菜包5份，肉蛋包3份，大米 4袋\n共6户",
			sale: jielong.Sale{Building: "E2", Menu: packs},
			want: `|E2-1-1203 CONTEXT||蔬菜包 2份, 肉蛋包 1份, 大米10斤 1袋||PLACE
|E2-1-801 CONTEXT|13800000801|蔬菜包 1份, 肉蛋包 2份||PLACE|放门口
|E2-1-302 CONTEXT||蔬菜包 1份||PLACE
|E2-1-303 CONTEXT||蔬菜包 1份||PLACE
|E2-1-502 CONTEXT||大米10斤 2袋||PLACE
2: 蔬菜包 5份, counted 5
3: 肉蛋包 3份, counted 3
5: 蔬菜包 5份, counted 5
5: 肉蛋包 3份, counted 3
5: 大米10斤 4袋, counted 3
6:  6户, counted 5`,
		},
		"by item, several doors to a line": {
			text: "团长汇总\n一、蔬菜包 70元：\n1203：2份；801：1份\n302一份 303(2)\n二、肉蛋包（3份）：\n①801×1 ②1203×1\n合计：蔬菜包6份 肉蛋包2份",
			sale: jielong.Sale{Building: "E2", Menu: packs},
			want: `|E2-1-1203 CONTEXT||蔬菜包 2份, 肉蛋包 1份||PLACE
|E2-1-801 CONTEXT||蔬菜包 1份, 肉蛋包 1份||PLACE
|E2-1-302 CONTEXT||蔬菜包 1份||PLACE
|E2-1-303 CONTEXT||蔬菜包 2份||PLACE
5: 肉蛋包 3份, counted 2
7: 蔬菜包 6份, counted 6
7: 肉蛋包 2份, counted 2`,
		},
		"by item, without colons, with a code and a total": {
			text: "A 蔬菜包 1-1203(2) 2-801(1) 2-1502(3) 共6份\nB 肉蛋包 1-1203-1份 共2份",
			sale: jielong.Sale{Building: "E6", Menu: packs},
			want: `|E6-1-1203 CONTEXT||蔬菜包 2份, 肉蛋包 1份||PLACE
|E6-2-801 CONTEXT||蔬菜包 1份||PLACE
|E6-2-1502 CONTEXT||蔬菜包 3份||PLACE
1: 蔬菜包 6份, counted 6
2: 肉蛋包 2份, counted 1`,
		},
		"by item, the good in a line of its own with its total": {
			text: "蔬菜包 7份\n1203 2\n801 1\n302 4\n肉蛋包 3份\n1203 1\n801 2",
			sale: jielong.Sale{Building: "E2", Menu: packs},
			want: `|E2-1-1203 CONTEXT||蔬菜包 2份, 肉蛋包 1份||PLACE
|E2-1-801 CONTEXT||蔬菜包 1份, 肉蛋包 2份||PLACE
|E2-1-302 CONTEXT||蔬菜包 4份||PLACE
1: 蔬菜包 7份, counted 7
5: 肉蛋包 3份, counted 3`,
		},
		"by room": {
			text: "1203：蔬菜包2，肉蛋包1\n801：蔬菜包1",
			sale: jielong.Sale{Building: "E2", Menu: packs},
			want: "|E2-1-1203 CONTEXT||蔬菜包 2份, 肉蛋包 1份||PLACE\n|E2-1-801 CONTEXT||蔬菜包 1份||PLACE",
		},
		"by item, one good": {
			text: "1203两板，801一板，302一板\n合计5板",
			sale: jielong.Sale{Building: "E2", Menu: eggs},
			want: `|E2-1-1203 CONTEXT||土鸡蛋30枚 2板||PLACE
|E2-1-801 CONTEXT||土鸡蛋30枚 1板||PLACE
|E2-1-302 CONTEXT||土鸡蛋30枚 1板||PLACE
2: 土鸡蛋30枚 5板, counted 4`,
		},
		"circled numbers in one line, numbers above 99, and a complete line without one": {
			text: "①　Ｅ６－１－６０２　２板 ② 2-1003 一板 ③1-2101 ３板\n99. 2-404 1板\n100. 1-803 3板\n2-802 2板",
			sale: jielong.Sale{Building: "E6", Menu: eggs},
			want: `1|E6-1-602 EXACT||土鸡蛋30枚 2板||PLACE
2|E6-2-1003 CONTEXT||土鸡蛋30枚 1板||PLACE
3|E6-1-2101 CONTEXT||土鸡蛋30枚 3板||PLACE
99|E6-2-404 CONTEXT||土鸡蛋30枚 1板||PLACE
100|E6-1-803 CONTEXT||土鸡蛋30枚 3板||PLACE
|E6-2-802 CONTEXT||土鸡蛋30枚 2板||PLACE`,
		},
		"by item, the quantity first": {
			text: "A：2份1203，1份801\nC：2袋1203\n302 3袋",
			sale: jielong.Sale{Building: "E2", Menu: packs},
			want: `|E2-1-1203 CONTEXT||蔬菜包 2份, 大米10斤 2袋||PLACE
|E2-1-801 CONTEXT||蔬菜包 1份||PLACE
|E2-1-302 CONTEXT||大米10斤 3袋||PLACE`,
		},
		"by item, under headings": {
			text: "蔬菜包：\n1. 1-1203 2份\n2. 2-801 1份\n共3份\n肉蛋包：\n1. 1-1203 1份\n2. 2-902\n共2份",
			sale: jielong.Sale{Building: "E6", Menu: packs},
			want: `|E6-1-1203 CONTEXT||蔬菜包 2份, 肉蛋包 1份||PLACE
|E6-2-801 CONTEXT||蔬菜包 1份||PLACE
|E6-2-902 CONTEXT||肉蛋包 1份|QUANTITY_ASSUMED|PLACE
4: 蔬菜包 3份, counted 3
8: 肉蛋包 2份, counted 2`,
		},
		"the menu and an example stand above the entries": {
			text: "#接龙\n1. 蔬菜包\n2. 肉蛋包 98元\nC套餐 大米10斤 42元\n例 1. 小雨妈 1-1203 A2\n例：\n1. 1-1203 A2\n1. 1-1204 A2\n2. 2-304 D1",
			sale: jielong.Sale{Building: "E6", Menu: packs},
			want: "1|E6-1-1204 CONTEXT||蔬菜包 2份||PLACE\n2|NO_SUCH_BUILDING|||NOTHING_ORDERED|REVIEW",
		},
		"numbers without a dot": {
			text: "1 1-1203 2板\n2 1-1204 1板\n3 2-801 1板",
			sale: jielong.Sale{Building: "E6", Menu: eggs},
			want: "1|E6-1-1203 CONTEXT||土鸡蛋30枚 2板||PLACE\n2|E6-1-1204 CONTEXT||土鸡蛋30枚 1板||PLACE\n3|E6-2-801 CONTEXT||土鸡蛋30枚 1板||PLACE",
		},
		"no numbers": {
			text: "今晚8点截单\n1-1203 2板\n1-1204 1板\n2-801",
			sale: jielong.Sale{Building: "E6", Menu: eggs},
			want: "|E6-1-1203 CONTEXT||土鸡蛋30枚 2板||PLACE\n|E6-1-1204 CONTEXT||土鸡蛋30枚 1板||PLACE\n|E6-2-801 CONTEXT||土鸡蛋30枚 1板|QUANTITY_ASSUMED|PLACE",
		},
		"a phone set to English": {
			text: "#Group Note\nExample: 1. Lily 1-1203 x2\n\n1. Lily 1-1204 x2\n2. Tom 1-1301",
			sale: jielong.Sale{Building: "E6", Menu: eggs},
			want: "1|E6-1-1204 CONTEXT||土鸡蛋30枚 2板||PLACE\n2|E6-1-1301 CONTEXT||土鸡蛋30枚 1板|QUANTITY_ASSUMED|PLACE",
		},
		"entries over several lines": {
			text: "1. 刘**\n地址：E13-1-1102\n电话：13800001102\n数量 3\n\n2. E13-1-603\r\n取消",
			sale: jielong.Sale{Menu: eggs},
			want: "1|E13-1-1102 EXACT|13800001102|土鸡蛋30枚 3板||PLACE\n2|E13-1-603 EXACT||土鸡蛋30枚 1板|QUANTITY_ASSUMED|CANCEL",
		},
		"decimals and times are no numbers of entries": {
			text: "1. E13-1-1102\n土豆2.5斤\n1.5斤上海青\n2. E13-1-603 18:30后\n土豆1斤",
			sale: jielong.Sale{Menu: loose},
			want: "1|E13-1-1102 EXACT||土豆 2.5斤, 上海青 1.5斤||PLACE\n2|E13-1-603 EXACT||土豆 1斤||PLACE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, list.text, list.sale, list.want)
		})
	}
}

func TestLinesThatAreNoEntries(t *testing.T) {
	t.Parallel()
	list, err := jielong.Read("#接龙\n例 1. 1-1203 2板\n1. 1-1203 2板\n小王 18:05\n[图片]\n「老李：2板」\n7. \n共1户", dcxy, jielong.Sale{Building: "E6", Menu: eggs})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(list.Skipped), "[{1 HEADING} {2 SAMPLE} {4 CHAT} {5 CHAT} {6 QUOTE} {7 NO_TEXT} {8 TOTALS}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if e := list.Entries[0]; len(e.Rows) != 1 || e.Rows[0] != 3 || e.Text != "1. 1-1203 2板" {
		t.Errorf("got rows %v, text %q", e.Rows, e.Text)
	}
}
