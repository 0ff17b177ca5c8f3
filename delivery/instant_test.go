package delivery_test

import (
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"2020-02-18T09:30:00+08:00": "2020-02-18T01:30:00Z", "2020-02-18t09:30:00z": "2020-02-18T09:30:00Z", "2020-02-18T09:30:00-00:00": "2020-02-18T09:30:00Z",
		"2020-02-18T09:30:00.1234567899Z": "2020-02-18T09:30:00.123456789Z", "2016-12-31T23:59:60Z": "2017-01-01T00:00:00Z", "2017-01-01T07:59:60.5+08:00": "2017-01-01T00:00:00Z",
		"2020-02-18T09:30:00+15:59": "2020-02-17T17:31:00Z", "2020-02-18T09:30:00-15:59": "2020-02-19T01:29:00Z", "0000-01-01T00:00:00Z": "0000-01-01T00:00:00Z", "2020-02-29T00:00:00Z": "2020-02-29T00:00:00Z"} {
		if got, err := delivery.ParseTime(in); err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %s, %v, want %s", in, got.Format(time.RFC3339Nano), err, want)
		}
	}
	for _, in := range []string{"", " ", "2020-02-18", "2020-02-18T09:30:00", "2020-02-18 09:30:00", "2020-02-18 09:30:00Z", "2020-02-18T09:30Z", "2020-2-18T09:30:00Z", "2020-02-18T9:30:00Z", "2020-02-18T09:30:00,5Z",
		"2020-02-18T09:30:00.Z", "2020-02-18T09:30:00+16:00", "2020-02-18T09:30:00-23:59", "2020-02-18T09:30:00+24:00", "2020-02-18T09:30:00+08:60", "2020-02-18T09:30:00+0800", "2020-02-18T09:30:00+08", "2020-02-18T24:00:00Z",
		"2020-02-30T00:00:00Z", "2020-13-01T00:00:00Z", "2020-02-18T09:30:60Z", "2020-02-18T23:59:60Z", "2020-02-18T09:30:61Z", "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z", "+2020-02-18T09:30:00Z", "２０２０-02-18T09:30:00Z",
		"2020-02-18T09:30:00Z\n", " 2020-02-18T09:30:00Z", "1582017000", "2020-W08-2T09:30:00Z", "2020-02-18T09:30:00 +08:00", "2020-02-18T09:30:00−08:00", strings.Repeat("2", 1000)} {
		if got, err := delivery.ParseTime(in); reasonOf(delivery.AsError(err)) != delivery.ReasonTimeForm {
			t.Errorf("%.40s: got %s, %v, want TIME_FORM", in, got, err)
		}
	}
}

func TestParseZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Asia/Shanghai", "UTC", "America/Argentina/Buenos_Aires", "America/Havana", "Pacific/Apia", "Europe/London"} {
		if zone, refusal := delivery.ParseZone(name); refusal != nil || zone.String() != name {
			t.Errorf("%s: got %v, %v", name, zone, refusal)
		}
	}
	for _, name := range []string{"", "Local", "localtime", "posixrules", "right/UTC", "posix/Asia/Shanghai", "right/Asia/Shanghai", "Factory", "EST5EDT", "EST", "CST6CDT", "MET", "PRC", "GMT", "GMT0", "Zulu", "UCT", "Etc/GMT+8", "Etc/UTC",
		"US/Eastern", "SystemV/EST5", "Asia/Yichang", "asia/shanghai", "Asia", "Asia/", "/Asia/Shanghai", "Asia/../Europe/London", "../../etc/passwd", "Asia/Shanghai ", "Asia/Shanghai\x00", "+08:00", "UTC+8", "东八区", strings.Repeat("Asia/", 100)} {
		if _, refusal := delivery.ParseZone(name); reasonOf(refusal) != delivery.ReasonBadTimeZone {
			t.Errorf("%q: got %v, want BAD_TIME_ZONE", name, refusal)
		}
	}
}
