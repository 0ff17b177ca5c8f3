package address_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"baogong/reading/address"
)

// TestReadWhatIsRendered renders doors in every style. A rendering reads back as that door, or waits with that door among those shown; it is
// never another door.
func TestReadWhatIsRendered(t *testing.T) {
	t.Parallel()
	for code, e := range estates() {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			book := e.book()
			rapid.Check(t, func(t *rapid.T) {
				door := e.doors[rapid.IntRange(0, len(e.doors)-1).Draw(t, "door")]
				text, c := render(t, e, door)
				r := book.Read(text, c)
				switch {
				case r.Status == address.Match && r.Door.String() != door.String():
					t.Fatalf("%q of %s is read as another door: %s", text, door, said(r))
				case r.Status == address.Review && !slices.ContainsFunc(r.Doors, func(d address.Door) bool { return d.String() == door.String() }):
					t.Fatalf("%q of %s waits without that door: %s", text, door, said(r))
				}
			})
		})
	}
}

// render writes a door as people do.
func render(t *rapid.T, e *estate, d address.Door) (string, address.Context) {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	several := slices.ContainsFunc(e.doors, func(o address.Door) bool { return o.Building == d.Building && o.Unit != d.Unit })
	number := strings.TrimLeft(d.Building, "E")
	building, unit, room := pick("building", d.Building, number), d.Unit, d.Room
	floor, place := d.Room[:len(d.Room)-2], d.Room[len(d.Room)-2:]
	withUnit := several || rapid.Bool().Draw(t, "unit")
	var c address.Context
	var text string
	var bare, together bool // the building has no word; the numbers have no separator
	switch style := rapid.IntRange(0, 5).Draw(t, "style"); {
	case style == 0: // separators
		sep := pick("separator", "-", "—", " ", "/", ".", "、", "_", " - ", "－", "一", "~", "·")
		parts := []string{building, unit, room}
		if !withUnit {
			parts = []string{building, room}
		}
		text, bare = strings.Join(parts, sep), true
	case style == 1 && e.words.Lane != "": // lane
		text = pick("lane", "", e.words.Lane+"弄", "八十八弄") + number + "号" + pick("space", "", " ") + pick("room", room, room+"室", floor+"楼"+place+"室", place0(floor)+"层"+place)
	case style == 2: // the building of the group
		c.Building = d.Building
		text = pick("room", unit+"-"+room, unit+"单元"+room, unit+"门"+room+"室", unit+"单元"+floor+"楼"+place)
		if !several {
			text = pick("alone", text, room, room+"室")
		}
	case style == 3: // Chinese numerals
		text = han(number) + pick("word", "栋", "号楼", "幢", "座")
		if withUnit {
			text += pick("unit word", han(unit)+"单元", han(unit)+"门", strings.NewReplacer("1", "甲", "2", "乙", "3", "丙", "4", "丁").Replace(unit)+"单元")
		}
		text += pick("room", byPlace(room), byPlace(room)+"室", han(floor)+"楼"+byPlace(place)+"室", han(floor)+"层"+byPlace(place))
	case style == 4 && several: // digits run together
		text, together = building+unit+room, true
	default: // words
		text = building + pick("word", "栋", "号楼", "幢", "座", "#", "#楼", "号")
		if e.words.Lane != "" {
			text = building + pick("word", "栋", "号楼", "幢", "座", "号")
		}
		if withUnit {
			text += pick("gap", "", " ", "，") + unit + pick("unit word", "单元", "门", "单元 ")
		}
		text += pick("gap2", "", " ") + pick("room", room, room+"室", room+"房", floor+"楼"+place, floor+"层"+place+"室", place0(floor)+"楼"+room)
		if withUnit && rapid.Bool().Draw(t, "room first") {
			text = room + "室，" + building + "栋" + unit + "单元"
		}
	}
	if rapid.Bool().Draw(t, "full width") {
		text = strings.Map(func(r rune) rune {
			if r > ' ' && r <= '~' {
				return r - '!' + '！'
			}
			return r
		}, text)
	}
	if named := c.Building == "" && !together && (withUnit || !bare); named && rapid.Bool().Draw(t, "another group") {
		c.Building = e.doors[rapid.IntRange(0, len(e.doors)-1).Draw(t, "group")].Building
	}
	before := pick("before", "", "收货人 王** ", "地址：", "张三，", "Lily ", "2宝妈 ", "Lucy88 ")
	if len(e.words.Noise) > 0 {
		before += pick("noise", "", strings.Join(e.words.Noise, ""), e.words.Name, e.words.Name+" ")
	}
	after := pick("after", "", " 麻烦放门口谢谢", "（门口有红春联）", "，13800009999", " 13800009999", " 138 0000 9999", " 李四", " 2份", " 两箱", " 18:30后送", "\t放鞋柜上", " 尾号9999", "👍")
	return before + text + after, c
}

// place0 writes a floor as it is; it names what the style means.
func place0(floor string) string { return floor }

// han writes a number below 1,000 by value.
func han(number string) string {
	var n int
	_, _ = fmt.Sscan(number, &n)
	digit := []rune("零一二三四五六七八九")
	text := ""
	if n >= 100 {
		text = string(digit[n/100]) + "百"
		if n%100 != 0 && n%100 < 10 {
			text += "零"
		}
	}
	if n%100 >= 10 {
		if n >= 20 {
			text += string(digit[n/10%10])
		}
		text += "十"
	}
	if n%10 > 0 {
		text += string(digit[n%10])
	}
	return text
}

// byPlace writes digits one by one.
func byPlace(digits string) string {
	return strings.Map(func(r rune) rune { return []rune("零一二三四五六七八九")[r-'0'] }, digits)
}
