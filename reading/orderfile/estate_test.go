package orderfile_test

import (
	"fmt"
	"strconv"
	"testing"

	"baogong/reading/address"
)

// testEstate is the estate DCXY of testdata/estates.json: 26 buildings, nine of them with two units, 27 floors.
func testEstate(t testing.TB) *address.Book {
	t.Helper()
	var doors []address.Door
	place := map[string]int{}
	for b := 1; b <= 26; b++ {
		units := 1
		switch b {
		case 1, 3, 6, 9, 12, 15, 18, 21, 24:
			units = 2
		}
		for u := 1; u <= units; u++ {
			for floor := 1; floor <= 27; floor++ {
				rooms := 4
				if floor == 27 {
					rooms = 2
				}
				for n := 1; n <= rooms; n++ {
					d := address.Door{Building: "E" + strconv.Itoa(b), Unit: strconv.Itoa(u), Room: fmt.Sprintf("%d%02d", floor, n)}
					place[d.String()] = len(doors)
					doors = append(doors, d)
				}
			}
		}
	}
	phones := map[string][]int{}
	for door, phone := range map[string]string{"E6-1-1203": "13800001203", "E6-2-1203": "13800002203", "E2-1-801": "13800000801", "E9-2-1502": "13800001502"} {
		phones[phone] = []int{place[door]}
	}
	return address.NewBook(address.Words{
		Name: "东辰心语", Names: []string{"东辰心语小区", "东辰心语", "东辰小区", "东辰"}, Noise: []string{"湖北省", "宜昌市", "宜昌", "伍家岗区", "伍家岗街道", "白沙脑社区"},
		BuildingNames: map[string]string{"小白楼": "E13", "老年活动中心楼": "E20"}, Landmarks: []string{"南门保安室", "东门", "快递柜", "物业"},
	}, doors, phones, nil)
}
