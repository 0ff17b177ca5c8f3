package address_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/reading/address"
)

// FuzzRead reads any text: no panic, in bounded time, and only doors of the book.
func FuzzRead(f *testing.F) {
	all := estates()
	books := map[string]*address.Book{}
	for code, e := range all {
		books[code] = e.book()
		for _, text := range mixed {
			f.Add(text, code, "3")
		}
	}
	f.Add(strings.Repeat("1", 400), "LB", "")
	f.Add(strings.Repeat("1-", 200), "LB", "1")
	f.Add(strings.Repeat("十", 400), "BJ", "")
	f.Fuzz(func(t *testing.T, text, code, building string) {
		book, known := books[code]
		if !known {
			return
		}
		start := time.Now()
		r := book.Read(text, address.Context{Building: building})
		if took := time.Since(start); took > time.Second {
			t.Fatalf("%q took %v", text, took)
		}
		doors := all[code].doors
		for _, d := range append(r.Doors, r.Door) {
			if d.Room != "" && doors[d.Index].String() != d.String() {
				t.Fatalf("%q is read as %v, which is not in the book", text, d)
			}
		}
		switch {
		case r.Status == address.Match && (r.Door.Room == "" || r.By == "" || r.Why != "" || r.Doors != nil):
			t.Fatalf("%q: got %+v", text, r)
		case r.Status == address.Review && (r.Door != address.Door{} || r.By != "" || r.Why == "" || len(r.Doors) > address.MaxDoors):
			t.Fatalf("%q: got %+v", text, r)
		case r.Status != address.Match && r.Status != address.Review:
			t.Fatalf("%q: got %+v", text, r)
		}
	})
}

// mixed are spellings of many kinds, of DCXY first.
var mixed = []string{
	"E6-1-1203", "湖北省宜昌市伍家岗区东辰心语小区E6栋1单元1203室", "6号楼1单元12层3号 13800001203", "E61203", "六栋一单元一二零三", "宜昌东辰E6栋1单元1203麻烦放门口谢谢",
	"王**13800001203E6栋1203", "+86 138 0000 2203 E6 1203", "E6-1-1203或E6-1-1204", "E27-1-1203", "小白楼1203", "南门保安室", "1203 两箱", "611203",
	"地址：东辰小区，6栋，1单元，1203（门口有红春联）", "88弄12号402室", "3号楼2门301", "", "E6 1 12 03",
}

func BenchmarkRead(b *testing.B) {
	large := &estate{words: estateOf("DCXY").words, phones: map[string][]int{}}
	for n := 1; n <= 158; n++ {
		large.add("E"+strconv.Itoa(n), 1, 6, 3)
	}
	for name, e := range map[string]*estate{"3710": estateOf("DCXY"), "158x18": large} {
		b.Run(name, func(b *testing.B) {
			book := e.book()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				book.Read(mixed[i%len(mixed)], address.Context{})
			}
		})
	}
}
