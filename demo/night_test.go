package demo

import (
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

func TestTimeOfDay(t *testing.T) {
	t.Parallel()
	shanghai := &delivery.Community{TimeZone: "Asia/Shanghai"}
	const night, day = "at night no truck leaves", "no truck leaves at this hour"
	for clock, want := range map[string][3]string{
		"23:14": {night, "leaves at 07:25, in about 8 minutes", "夜间没有车来，已到门口的订单仍会送达；下一辆车 07:25 出发（约 8 分钟后）"},
		"00:00": {night, "07:25, in about 7 minutes", "约 7 分钟后"}, "06:20": {night, "07:25, in about a minute", "约 1 分钟后"}, "22:00": {night, "07:25, in about 9 minutes", "约 9 分钟后"},
		"12:00": {day, "14:00, in about 2 minutes", "此时没有车来，已到门口的订单仍会送达；下一辆车 14:00 出发（约 2 分钟后）"}, "16:00": {day, "07:25, in about 15 minutes", "约 15 分钟后"},
		"06:59": {}, "07:00": {}, "09:39": {}, "13:30": {}, "14:00": {}, "15:59": {},
	} {
		now, err := time.Parse(time.RFC3339, "2026-11-28T"+clock+":00+08:00")
		if err != nil {
			t.Fatal(err)
		}
		today, _ := shanghai.Today(now)
		chinese, english := timeOfDay(today, now, 60)
		if want[0] == "" {
			want = [3]string{"", "It is " + clock + " in the estate", "小区时间 " + clock}
		}
		if !strings.Contains(english, clock) || !strings.Contains(english, want[0]) || !strings.HasSuffix(english, want[1]) || !strings.Contains(chinese, want[2]) ||
			(want[0] == "") != (chinese == "小区时间 "+clock) {
			t.Errorf("%s: got %q, %q, want %q", clock, chinese, english, want)
		}
	}
	for d, want := range map[time.Duration][2]string{
		20 * time.Second: {"不到 1 分钟", "less than a minute"}, 4*time.Minute + 20*time.Second: {"约 4 分钟", "about 4 minutes"}, 8 * time.Hour: {"约 8 小时", "about 8 hours"},
	} {
		if chinese, english := about(d); chinese != want[0] || english != want[1] {
			t.Errorf("%v: got %q, %q, want %q", d, chinese, english, want)
		}
	}
}
