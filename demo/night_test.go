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
	for clock, want := range map[string]string{
		"23:14": "deliveries go on at 07:00, in about 7m46s", "00:00": "in about 7m0s", "06:59": "in about 1s", "22:00": "in about 9m0s",
		"07:00": "", "12:30": "", "21:59": "",
	} {
		now, err := time.Parse(time.RFC3339, "2026-11-28T"+clock+":00+08:00")
		if err != nil {
			t.Fatal(err)
		}
		day, _ := shanghai.Today(now)
		chinese, english := timeOfDay(day, now, 60)
		if !strings.Contains(english, clock) || !strings.Contains(chinese, clock) {
			t.Errorf("%s: got %q, %q", clock, chinese, english)
		}
		if night := want != ""; night != strings.Contains(chinese, "夜间") || !strings.HasSuffix(english, want) || night != strings.Contains(english, "at night few orders move") {
			t.Errorf("%s: got %q, %q, want %q", clock, chinese, english, want)
		}
	}
}
