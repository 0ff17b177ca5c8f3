package address_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"baogong/reading/address"
)

// TestReadRules reads spellings beside those of testdata, by rule. A row is the estate, the chat group's building, the text, and the reading.
func TestReadRules(t *testing.T) {
	t.Parallel()
	for rule, rows := range map[string]string{
		"Chinese numerals by place and by value, and full width": `
			DCXY||六栋一单元一二零三|MATCH E6-1-1203 EXACT
			DCXY||E六栋一单元一二零三室|MATCH E6-1-1203 EXACT
			DCXY||六号楼二单元十二楼零三室|MATCH E6-2-1203 EXACT
			DCXY||六号楼二单元一千二百零三|MATCH E6-2-1203 EXACT
			DCXY||六-一-一二零三|MATCH E6-1-1203 EXACT
			DCXY||六栋十二零三|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||E6栋1单元十二层三号|MATCH E6-1-1203 EXACT
			DCXY||Ｅ６－１－１２０３|MATCH E6-1-1203 EXACT
			LB||一百三十一号一零一室|MATCH 131-1-101 EXACT
			LB||十二号四〇二|MATCH 12-1-402 EXACT
			LB||12号四楼二室|MATCH 12-1-402 EXACT
			BJ||三楼二门三层一号|MATCH 3-2-301 EXACT`,
		"甲乙丙丁 count units": `
			DCXY||E6甲单元1203|MATCH E6-1-1203 EXACT
			DCXY||E6-乙-1203|MATCH E6-2-1203 EXACT
			DCXY||E6栋乙1203|MATCH E6-2-1203 EXACT
			DCXY||E6丙单元1203|REVIEW NO_SUCH_UNIT E6-1-1203 E6-2-1203`,
		"楼 is the building where the room is on another floor, and the floor where they agree": `
			DCXY||6楼1203|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||13楼1102|MATCH E13-1-1102 EXACT
			DCXY||6楼603|REVIEW BUILDING_MISSING
			DCXY|E6|6楼603|REVIEW UNIT_MISSING E6-1-603 E6-2-603
			DCXY|E6|1单元6楼603|MATCH E6-1-603 CONTEXT
			DCXY|E9|6楼1203|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||E6楼1203|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||28楼1203|REVIEW NO_SUCH_BUILDING
			DCXY||E6栋1单元12楼1203室|MATCH E6-1-1203 EXACT
			DCXY||E6栋1单元11楼1203室|REVIEW NO_SUCH_ROOM E6-1-1203
			DCXY||E6栋1单元12F03|MATCH E6-1-1203 EXACT
			BJ|3|3楼301|REVIEW UNIT_MISSING 3-1-301 3-2-301 3-3-301 3-4-301
			BJ|3|2门3楼301|MATCH 3-2-301 CONTEXT
			LB||12楼402|MATCH 12-1-402 EXACT`,
		"names of buildings, and places that are no doors": `
			DCXY||小白楼1203|MATCH E13-1-1203 EXACT
			DCXY||小白楼12楼03|MATCH E13-1-1203 EXACT
			DCXY||小白楼|REVIEW ROOM_MISSING
			DCXY||小白楼2单元1203|REVIEW NO_SUCH_UNIT E13-1-1203
			DCXY||小白楼E13-1-1203|MATCH E13-1-1203 EXACT
			DCXY||小白楼E12-1-1203|REVIEW TWO_ADDRESSES E12-1-1203
			DCXY||老年活动中心楼1单元501|MATCH E20-1-501 EXACT
			DCXY||南门保安室|REVIEW LANDMARK
			DCXY||快递柜3号|REVIEW LANDMARK
			DCXY|E6|放东门|REVIEW LANDMARK
			DCXY||E6-1-1203 放南门保安室|MATCH E6-1-1203 EXACT
			DCXY||东门6栋1单元1203|MATCH E6-1-1203 EXACT
			BJ||南楼101|REVIEW UNIT_MISSING 12-1-101 12-2-101 12-3-101 12-4-101
			BJ||南楼一门一零一|MATCH 12-1-101 EXACT`,
		"a whole telephone number decides or contradicts": `
			DCXY||E9栋1502 电话13800001502|MATCH E9-2-1502 PHONE
			DCXY||李四13800001203 6栋1203|MATCH E6-1-1203 PHONE
			DCXY||1203 13800001203|MATCH E6-1-1203 PHONE
			DCXY||E6栋1单元 13800001203|MATCH E6-1-1203 PHONE
			DCXY||6栋1单元1203 13800001203 13800002203|MATCH E6-1-1203 EXACT
			DCXY||E6栋1203 13800001502|REVIEW PHONE_SAYS_OTHER E6-1-1203 E6-2-1203 E9-2-1502
			DCXY|E6|2-801 13800000801|REVIEW PHONE_SAYS_OTHER E2-1-801 E6-2-801
			DCXY||E6-1-1205 13800001203|REVIEW NO_SUCH_ROOM E6-1-1203
			DCXY||E6栋1203 13800009999|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||E6-1-1203 0717-0000012转801|MATCH E6-1-1203 EXACT
			DCXY||E6-1-1203 0717-0000012|MATCH E6-1-1203 EXACT
			DCXY||E6栋1单元120313800001203|MATCH E6-1-1203 EXACT
			DCXY||13800001203E6栋1单元1203|MATCH E6-1-1203 EXACT
			DCXY||13800001203|REVIEW BUILDING_MISSING E6-1-1203`,
		"four digits of a telephone number do neither": `
			DCXY||E6栋1203 尾号2203|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||E6栋1203 2203|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||E6-1-1203 2203|MATCH E6-1-1203 EXACT
			DCXY||2203 E6-1-1203|MATCH E6-1-1203 EXACT
			DCXY||E6栋1203 138****2203|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||E6栋1203 王先生（后四位2203）|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203`,
		"two addresses": `
			DCXY||E6-1-1203、1204|REVIEW TWO_ADDRESSES E6-1-1203 E6-1-1204
			DCXY||E6-1-1203/1204|REVIEW TWO_ADDRESSES E6-1-1203 E6-1-1204
			DCXY||E6-1-1203和1204|REVIEW TWO_ADDRESSES E6-1-1203 E6-1-1204
			DCXY||E6-1-1203 放1204门口|REVIEW TWO_ADDRESSES E6-1-1203 E6-1-1204
			DCXY||E6-2-1203（1单元）|REVIEW TWO_ADDRESSES E6-1-1203 E6-2-1203
			DCXY||E6栋1203 1单元或2单元|REVIEW TWO_ADDRESSES E6-1-1203 E6-2-1203
			DCXY||E6或E7栋1203|REVIEW TWO_ADDRESSES E7-1-1203
			DCXY||E6栋1单元1203 E9栋1单元1502|REVIEW TWO_ADDRESSES E6-1-1203 E9-1-1502
			DCXY|E2|1203、1204|REVIEW TWO_ADDRESSES E2-1-1203 E2-1-1204
			LB||12号402 403|REVIEW TWO_ADDRESSES 12-1-402 12-1-403
			BJ||3号楼1-101、1-102|REVIEW TWO_ADDRESSES 3-1-101 3-1-102
			BJ||3号楼301 和 5号楼1门602|REVIEW TWO_ADDRESSES 3-1-301 3-2-301 3-3-301 3-4-301 5-1-602`,
		"the same address twice": `
			DCXY||E6-1-1203，E6-1-1203|MATCH E6-1-1203 EXACT
			DCXY||E6栋1203，E6-1-1203|MATCH E6-1-1203 EXACT`,
		"another estate": `
			DCXY||金色家园6栋1单元1203|REVIEW OTHER_ESTATE
			DCXY||阳光花园E6-1-1203|REVIEW OTHER_ESTATE
			DCXY||东辰花园E6-1-1203|REVIEW OTHER_ESTATE
			DCXY||88弄6号1203|REVIEW OTHER_ESTATE
			DCXY||送到小区门口 E6-1-1203|MATCH E6-1-1203 EXACT
			DCXY||沿江大道55号东辰心语E6栋1单元1203|MATCH E6-1-1203 EXACT
			LB||阳光新村12号402|REVIEW OTHER_ESTATE
			LB||虹桥路88弄12号402|MATCH 12-1-402 EXACT`,
		"below the ground is no door": `
			DCXY||E6栋负一楼|REVIEW NO_SUCH_ROOM
			DCXY||E6栋1单元地下室|REVIEW NO_SUCH_ROOM
			DCXY||E6栋负一楼03室|REVIEW NO_SUCH_ROOM
			DCXY||E6-1-B1|REVIEW NO_SUCH_ROOM
			DCXY||E6栋1单元1203 放地下室|MATCH E6-1-1203 EXACT`,
		"digits run together": `
			DCXY||611203|MATCH E6-1-1203 EXACT
			DCXY||61203|REVIEW RUN_TOGETHER E6-1-203 E6-1-1203 E6-2-1203
			DCXY||E131102|REVIEW RUN_TOGETHER E13-1-102 E13-1-1102
			DCXY||E6-11203|MATCH E6-1-1203 EXACT
			DCXY||E61-1203|MATCH E6-1-1203 EXACT
			DCXY||E6-2704|REVIEW NO_SUCH_ROOM
			DCXY|E6|11203|MATCH E6-1-1203 CONTEXT
			DCXY|E6|2801|REVIEW RUN_TOGETHER E6-2-801
			LB||121101|REVIEW RUN_TOGETHER 12-1-101 121-1-101
			LB||12402|MATCH 12-1-402 EXACT
			LB||88-12-402|MATCH 12-1-402 EXACT
			LB||88-1-402|REVIEW RUN_TOGETHER 1-1-402 88-1-402
			BJ|3|2301|MATCH 3-2-301 CONTEXT
			BJ|3|32301|MATCH 3-2-301 EXACT`,
		"the building of the group": `
			DCXY|E6|2-801|MATCH E6-2-801 CONTEXT
			DCXY|E6|1-12-03|MATCH E6-1-1203 CONTEXT
			DCXY|E6|1-1203（1单元）|REVIEW RUN_TOGETHER E1-1-1203 E6-1-1203
			DCXY|E7|E7-1-1203（1单元）|MATCH E7-1-1203 EXACT
			DCXY|E6|801|REVIEW UNIT_MISSING E6-1-801 E6-2-801
			DCXY|E2|八零一|MATCH E2-1-801 CONTEXT
			DCXY|E6|13-603|MATCH E13-1-603 EXACT
			DCXY|E6|9-1502|REVIEW UNIT_MISSING E9-1-1502 E9-2-1502
			DCXY|E6|E7-1-1203|MATCH E7-1-1203 EXACT
			DCXY|E6|小雨妈|REVIEW ROOM_MISSING
			DCXY|E6||REVIEW ROOM_MISSING
			DCXY|||REVIEW BUILDING_MISSING
			LB|12|12号402|MATCH 12-1-402 EXACT
			BJ|3|3-301|MATCH 3-3-301 CONTEXT
			BJ|3|5-301|REVIEW UNIT_MISSING 5-1-301 5-2-301 5-3-301 5-4-301
			BJ||2-301|REVIEW UNIT_MISSING 2-1-301 2-2-301 2-3-301 2-4-301
			BJ||2门301|REVIEW BUILDING_MISSING`,
		"floor and door apart, and zeros before a number": `
			DCXY||6-1-12-03|MATCH E6-1-1203 EXACT
			DCXY||E6 1 12 3|MATCH E6-1-1203 EXACT
			DCXY||6 一 1 一 1203|MATCH E6-1-1203 EXACT
			DCXY||E6丨1丨1203|MATCH E6-1-1203 EXACT
			DCXY||1 6-1-1203|MATCH E6-1-1203 EXACT
			DCXY||E6 1 1 1203|REVIEW NO_SUCH_ROOM E6-1-1203 E6-2-1203
			DCXY||E6-01-1203|MATCH E6-1-1203 EXACT
			DCXY||E06-1-1203|MATCH E6-1-1203 EXACT
			DCXY||E6-1-0203|MATCH E6-1-203 EXACT
			BJ||3-2-3-1|MATCH 3-2-301 EXACT`,
		"names, times, goods and money are no numbers of an address": `
			DCXY||张三 E6-1-1203|MATCH E6-1-1203 EXACT
			DCXY||2宝妈 E6-1-1203|MATCH E6-1-1203 EXACT
			DCXY||2宝妈 E6栋1203|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY||Lucy88 E6-1-1203|MATCH E6-1-1203 EXACT
			DCXY||lily9-1-1502|MATCH E9-1-1502 EXACT
			DCXY||E6-1-1203 下午3点后送 2份|MATCH E6-1-1203 EXACT
			DCXY||E6-1-1203 18:30送|MATCH E6-1-1203 EXACT
			DCXY||E6-1-101 101元|MATCH E6-1-101 EXACT
			DCXY|E6|1203 两箱|REVIEW UNIT_MISSING E6-1-1203 E6-2-1203
			DCXY|E6|1-1203两斤|MATCH E6-1-1203 CONTEXT
			DCXY|E6|1-1203张女士|MATCH E6-1-1203 CONTEXT
			DCXY|E6|1-1203打电话|MATCH E6-1-1203 CONTEXT
			DCXY|E6|1-1203 x2|MATCH E6-1-1203 CONTEXT
			DCXY|E6|1-1203*2|MATCH E6-1-1203 CONTEXT
			DCXY||A8 E6-1-1203|REVIEW NO_SUCH_BUILDING
			DCXY||E6-2-304 D1|REVIEW NO_SUCH_BUILDING`,
		"digits within Chinese numerals, and numerals within digits": `
			DCXY||六栋一单元1二03|MATCH E6-1-1203 EXACT
			DCXY||12栋1单元12〇3|MATCH E12-1-1203 EXACT
			DCXY||六一一二零三|MATCH E6-1-1203 EXACT
			DCXY||E六栋1单元1203|MATCH E6-1-1203 EXACT
			DCXY||第六栋第一单元1203|MATCH E6-1-1203 EXACT
			DCXY||六幢一单元壹贰零叁|MATCH E6-1-1203 EXACT
			DCXY||廿一栋二单元801|MATCH E21-2-801 EXACT
			DCXY||二十六栋二十七楼二号|MATCH E26-1-2702 EXACT
			DCXY|E6|甲1203|MATCH E6-1-1203 CONTEXT
			DCXY||6棟1單元1203|MATCH E6-1-1203 EXACT`,
		"what is missing": `
			DCXY||E6|REVIEW ROOM_MISSING
			DCXY||6号|REVIEW ROOM_MISSING
			DCXY||6-1|REVIEW ROOM_MISSING
			DCXY||E6栋1单元12楼|REVIEW ROOM_MISSING
			DCXY||E6-1-12F|REVIEW ROOM_MISSING
			DCXY||1单元|REVIEW BUILDING_MISSING
			DCXY||尾号1203|REVIEW BUILDING_MISSING
			DCXY||E6-0-1203|REVIEW NO_SUCH_UNIT E6-1-1203 E6-2-1203
			LB||88弄12号|REVIEW ROOM_MISSING
			LB||88弄12号4楼|REVIEW ROOM_MISSING
			LB||101号|REVIEW ROOM_MISSING
			LB||88弄101号|REVIEW ROOM_MISSING
			LB||88弄702号|REVIEW NO_SUCH_BUILDING
			LB|12|101号|MATCH 12-1-101 CONTEXT
			LB|12|88弄101号|REVIEW ROOM_MISSING
			LB||12号|REVIEW ROOM_MISSING
			LB|101|12号|REVIEW ROOM_MISSING
			BJ|3|二门|REVIEW ROOM_MISSING`,
		"dates, money and numbers of orders": `
			DCXY||E6-1-1203 ¥101|MATCH E6-1-1203 EXACT
			DCXY||E6-1-1203 2022-04-01|MATCH E6-1-1203 EXACT
			DCXY||E6-1-1203 15:00-17:00|MATCH E6-1-1203 EXACT
			DCXY||E6-1-1203 订单号20220401001|MATCH E6-1-1203 EXACT`,
		"words before numbers, in Chinese and English, and the room first": `
			DCXY||楼栋：6 单元：1 房号：1203|MATCH E6-1-1203 EXACT
			DCXY||E6 单元1 1203|MATCH E6-1-1203 EXACT
			DCXY||building 6 unit 1 room 1203|MATCH E6-1-1203 EXACT
			DCXY||1203室 E6栋 1单元|MATCH E6-1-1203 EXACT
			DCXY||1204 E6-1-1203|REVIEW TWO_ADDRESSES E6-1-1203 E6-1-1204
			DCXY||E6-1-1203 1204|REVIEW TWO_ADDRESSES E6-1-1203 E6-1-1204
			DCXY||6#1单元1203|MATCH E6-1-1203 EXACT
			DCXY||6号1单元1203|MATCH E6-1-1203 EXACT
			DCXY||E-6-1-1203|MATCH E6-1-1203 EXACT
			DCXY||E区6栋1单元1203|MATCH E6-1-1203 EXACT
			LB||402室12号|MATCH 12-1-402 EXACT
			LB||101 1 101|MATCH 101-1-101 EXACT
			LB||159 1 101|REVIEW NO_SUCH_BUILDING
			BJ||3号楼 5门 301|REVIEW NO_SUCH_UNIT 3-1-301 3-2-301 3-3-301 3-4-301`,
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			books := map[string]*address.Book{}
			for row := range strings.Lines(rows) {
				field := strings.Split(strings.TrimSpace(row), "|")
				if len(field) != 4 {
					continue
				}
				book := books[field[0]]
				if book == nil {
					book = estateOf(field[0]).book()
					books[field[0]] = book
				}
				if got := said(book.Read(field[2], address.Context{Building: field[1]})); got != field[3] {
					t.Errorf("%q in %s\n got %s\nwant %s", field[2], field[1], got, field[3])
				}
			}
		})
	}
}

func TestReadTheOtherColumn(t *testing.T) {
	t.Parallel()
	book := estateOf("DCXY").book()
	for phone, want := range map[string]string{
		"138 0000 2203":     "MATCH E6-2-1203 PHONE",
		"+86 138-0000-2203": "MATCH E6-2-1203 PHONE",
		"８６１３８００００２２０３":     "MATCH E6-2-1203 PHONE",
		"*2203":       "REVIEW UNIT_MISSING E6-1-1203 E6-2-1203",
		"2203":        "REVIEW UNIT_MISSING E6-1-1203 E6-2-1203",
		"13800001502": "REVIEW PHONE_SAYS_OTHER E6-1-1203 E6-2-1203 E9-2-1502",
	} {
		if got := said(book.Read("E6栋1203", address.Context{Phone: phone})); got != want {
			t.Errorf("%s: got %s, want %s", phone, got, want)
		}
	}
}

// TestTextsThatMeanADoorInAList reads texts for which a person has named a door, also one that the text could not mean by itself.
func TestTextsThatMeanADoorInAList(t *testing.T) {
	t.Parallel()
	e := estateOf("DCXY")
	book := e.book()
	settled := book.Settled(map[string]int{"1203": e.door("E6-2-1203"), "张家": e.door("E9-2-1502"), "e6-1-1203": e.door("E9-2-1502"), "e611203": e.door("E9-2-1502")})
	for text, want := range map[string]string{
		"1203":             "MATCH E6-2-1203 ALIAS",
		" 1203。":           "MATCH E6-2-1203 ALIAS",
		"1203 13800002203": "MATCH E6-2-1203 ALIAS",
		"1203 13800001502": "REVIEW PHONE_SAYS_OTHER E6-2-1203 E9-2-1502",
		"张家":               "MATCH E9-2-1502 ALIAS",
		"E6-1-1203":        "MATCH E6-1-1203 EXACT", // it never leads away from a door
	} {
		if got := said(settled.Read(text, address.Context{Building: "E6"})); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got, want := said(book.Read("1203", address.Context{Building: "E6"})), "REVIEW UNIT_MISSING E6-1-1203 E6-2-1203"; got != want {
		t.Errorf("in the book itself: got %s, want %s", got, want)
	}
}

func TestTwoHouseholdsWithOneNumber(t *testing.T) {
	t.Parallel()
	e := estateOf("DCXY")
	e.phones["13800003203"] = []int{e.door("E6-1-1203"), e.door("E6-2-1203"), e.door("E9-2-1502")}
	book := e.book()
	for text, want := range map[string]string{
		"E6栋1203 13800003203":   "REVIEW UNIT_MISSING E6-1-1203 E6-2-1203", // both have it
		"E9栋1502 13800003203":   "MATCH E9-2-1502 PHONE",
		"E6-1-1203 13800003203": "MATCH E6-1-1203 EXACT",
		"E6-1-801 13800003203":  "REVIEW PHONE_SAYS_OTHER E6-1-801 E6-1-1203 E6-2-1203 E9-2-1502",
	} {
		if got := said(book.Read(text, address.Context{})); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestNumbersOfALane has a lane whose buildings and rooms have the same numbers: 号 counts buildings.
func TestNumbersOfALane(t *testing.T) {
	t.Parallel()
	e := estate{words: address.Words{Lane: "88"}, doors: []address.Door{{Building: "11", Unit: "1", Room: "12"}, {Building: "12", Unit: "1", Room: "11"}, {Building: "12", Unit: "1", Room: "12"}}}
	book := e.book()
	for text, want := range map[string]string{"12号": "REVIEW ROOM_MISSING", "88弄12号": "REVIEW ROOM_MISSING", "12号12室": "MATCH 12-1-12 EXACT", "88弄11号12": "MATCH 11-1-12 EXACT", "12室": "REVIEW BUILDING_MISSING"} {
		if got := said(book.Read(text, address.Context{})); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestTwoBuildingsWithOneNumber(t *testing.T) {
	t.Parallel()
	var e estate
	for _, code := range []string{"E6", "W6", "E7", "东8", "甲", "A", "B"} {
		e.add(code, 1, 12, 4)
	}
	book := e.book()
	for text, want := range map[string]string{
		"6号楼1203":     "REVIEW BUILDING_MISSING E6-1-1203 W6-1-1203",
		"W6-1203":     "MATCH W6-1-1203 EXACT",
		"7-1203":      "MATCH E7-1-1203 EXACT",
		"东8栋1203":     "MATCH 东8-1-1203 EXACT",
		"8号楼1203":     "MATCH 东8-1-1203 EXACT",
		"A座1203":      "MATCH A-1-1203 EXACT",
		"a-1203":      "MATCH A-1-1203 EXACT",
		"anna B-1203": "MATCH B-1-1203 EXACT",
		"甲栋1203":      "MATCH 甲-1-1203 EXACT",
	} {
		if got := said(book.Read(text, address.Context{})); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestAliases(t *testing.T) {
	t.Parallel()
	e := estateOf("DCXY")
	book := address.NewBook(e.words, e.doors, e.phones, map[string]address.Meaning{
		address.Normal("张奶奶家"):       {Door: e.door("E6-1-1203")},
		address.Normal("大红楼"):        {Door: -1, Building: "E20"},
		address.Normal("幼儿园那栋 1102"): {Door: -1, Building: "E13"},
		address.Normal("拆掉的楼"):       {Door: -1, Building: "E99"},
	})
	for text, want := range map[string]string{
		"张奶奶家":             "MATCH E6-1-1203 ALIAS",
		" 张奶奶家。":           "MATCH E6-1-1203 ALIAS",
		"张奶奶家 13800001203": "MATCH E6-1-1203 ALIAS",
		"张奶奶家 13800001502": "REVIEW PHONE_SAYS_OTHER E6-1-1203 E9-2-1502",
		"大红楼501":           "MATCH E20-1-501 EXACT",
		"幼儿园那栋，1102":       "MATCH E13-1-1102 ALIAS",
		"拆掉的楼":             "REVIEW BUILDING_MISSING",
		"王奶奶家":             "REVIEW BUILDING_MISSING",
	} {
		if got := said(book.Read(text, address.Context{})); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestAliasesDoNotLeadAway has aliases that a person taught by mistake, or in the group of another building.
func TestAliasesDoNotLeadAway(t *testing.T) {
	t.Parallel()
	e := estateOf("DCXY")
	book := address.NewBook(e.words, e.doors, e.phones, map[string]address.Meaning{
		address.Normal("E6-1-1203"): {Door: e.door("E7-1-1203")},
		address.Normal("6栋1单元1203"): {Door: -1, Building: "E7"},
		address.Normal("1203"):      {Door: e.door("E6-1-1203")},
		address.Normal("9999"):      {Door: e.door("E6-1-1203")},
		address.Normal("E61203"):    {Door: e.door("E6-1-1203")},
		address.Normal("张奶奶家"):      {Door: e.door("E6-1-1203")},
	})
	for _, c := range []struct{ text, building, want string }{
		{"E6-1-1203", "", "MATCH E6-1-1203 EXACT"},
		{"6栋1单元1203", "", "MATCH E6-1-1203 EXACT"},
		{"1203", "E6", "MATCH E6-1-1203 ALIAS"},
		{"9999", "E6", "MATCH E6-1-1203 ALIAS"},
		{"9999", "E7", "REVIEW NO_SUCH_ROOM E6-1-1203"},
		{"E61203", "", "MATCH E6-1-1203 ALIAS"},
		{"张奶奶家", "E7", "MATCH E6-1-1203 ALIAS"},
	} {
		if got := said(book.Read(c.text, address.Context{Building: c.building})); got != c.want {
			t.Errorf("%s in %q: got %s, want %s", c.text, c.building, got, c.want)
		}
	}
	if got := said(book.Read("1203", address.Context{Building: "E7"})); strings.Contains(got, "E6-1-1203") && strings.HasPrefix(got, "MATCH") {
		t.Errorf("1203 in E7: got %s", got)
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "，。": "", " Ｅ６栋 1203 ": "e6栋1203", "6-12-03": "6-12-03", "61-203": "61-203", "张家（13800001203）": "张家", "6 — 12": "6-12",
	} {
		if got := address.Normal(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestLongText(t *testing.T) {
	t.Parallel()
	book := estateOf("DCXY").book()
	if got := said(book.Read("E6-1-1203"+strings.Repeat("好", address.MaxText), address.Context{})); got != "REVIEW TEXT_TOO_LONG" {
		t.Errorf("got %s", got)
	}
}

// TestGuardedNumbers reads texts with telephone numbers of which one may not be looked up.
func TestGuardedNumbers(t *testing.T) {
	t.Parallel()
	book := address.NewBook(address.Words{}, []address.Door{{Building: "E6", Unit: "1", Room: "1203"}, {Building: "E6", Unit: "2", Room: "1203"}},
		map[string][]int{"13800001203": {0}, "13800002203": {1}}, nil)
	var asked []string
	guarded := book.LookingUp(func(number string, unclear bool) bool {
		asked = append(asked, fmt.Sprint(number, " ", unclear))
		return number != "13800002203"
	})
	for text, want := range map[string]string{"E6-1203 13800001203": "MATCH", "E6-1203 13800002203": "REVIEW", "E6-1-1203 13800002203": "MATCH", "E6-1-1203 尾号2203": "MATCH"} {
		if got := guarded.Read(text, address.Context{}); string(got.Status) != want {
			t.Errorf("%s: got %+v, want %s", text, got, want)
		}
	}
	slices.Sort(asked)
	if want := []string{"13800001203 true", "13800002203 false", "13800002203 true"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	if got := book.Read("E6-1203 13800002203", address.Context{}); got.Status != address.Match {
		t.Errorf("the book itself: got %+v, want a match", got)
	}
}
