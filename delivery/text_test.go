package delivery_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

func TestCheckText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]delivery.Reason{"": none, "门口\n二楼\t左": none, "👵🏼": none, strings.Repeat("长", 10): none, strings.Repeat("长", 11): delivery.ReasonTooLong,
		"\xff": delivery.ReasonBadText, "\ufffd": delivery.ReasonBadText, "a\x00": delivery.ReasonBadText, "\u0085": delivery.ReasonBadText, "\r": delivery.ReasonBadText} {
		if got := reasonOf(delivery.CheckText(in, 10, false)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{"", " ", "\n\t", "\u3000"} {
		if got := reasonOf(delivery.CheckText(in, 10, true)); got != delivery.ReasonMissing {
			t.Errorf("%q, needed: got %q", in, got)
		}
	}
}

func TestCheckCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]delivery.Reason{"E6": none, "东区 3栋": none, "x_1.a/b": none, "王": none,
		"": delivery.ReasonMissing, " \t": delivery.ReasonMissing, strings.Repeat("栋", 32): none, strings.Repeat("栋", 33): delivery.ReasonTooLong,
		" E6": delivery.ReasonBadText, "E6 ": delivery.ReasonBadText, "E6\n": delivery.ReasonBadText, "\u3000E6": delivery.ReasonBadText, "\u00a0E6": delivery.ReasonBadText,
		"E\n6": delivery.ReasonBadText, "E\t6": delivery.ReasonBadText, "E\u20286": delivery.ReasonBadText, "E\u200b6": delivery.ReasonBadText, "\ufeffE6": delivery.ReasonBadText,
		"E\u202e6": delivery.ReasonBadText, "E6\u2069": delivery.ReasonBadText, "E\u00ad6": delivery.ReasonBadText, "E\u31646": delivery.ReasonBadText, "E6\ufe0f": delivery.ReasonBadText,
		"\xff": delivery.ReasonBadText} {
		if got := reasonOf(delivery.CheckCode(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestCheckTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   time.Time
		want delivery.Reason
	}{{time.Time{}, delivery.ReasonBadTime}, {noon, none}, {time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC), delivery.ReasonBadTime}, {time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), none},
		{time.Date(2000, 1, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600)), delivery.ReasonBadTime}, {time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), delivery.ReasonBadTime}} {
		if got := reasonOf(delivery.CheckTime(c.at)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.at, got, c.want)
		}
	}
}

func TestNamesAndPhonesAreMasked(t *testing.T) {
	t.Parallel()
	for name, want := range map[delivery.PersonName]string{"王秀英": "王**", "Li Ming": "L**", "": "", "王": "王", "欧阳": "欧**"} {
		if got := name.Mask(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for phone, want := range map[delivery.Phone]string{"13800001234": "138****1234", "": "", "6221234": "****34", "110": "****", "+86 13800001234": "+86****1234"} {
		if got := phone.Mask(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	t.Run("by every way of printing", func(t *testing.T) {
		t.Parallel()
		h := delivery.Household{ContactName: "王秀英", Phone: "13800001234"}
		var out bytes.Buffer
		fmt.Fprintf(&out, "%v %+v %s %s", h, &h, h.ContactName, h.Phone)
		timeless := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { // a time can contain a phone's digits
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}
		slog.New(slog.NewJSONHandler(&out, timeless)).Info("seen", "name", h.ContactName, "phone", h.Phone)
		slog.New(slog.NewTextHandler(&out, timeless)).Info("seen", "name", h.ContactName, "phone", h.Phone)
		h.ContactName.MarshalGQL(&out)
		h.Phone.MarshalGQL(&out)
		if s := out.String(); strings.Contains(s, "秀英") || strings.Contains(s, "8000") {
			t.Errorf("got %s", s)
		}
	})
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, p := range []delivery.Phone{"", "12345", "138 0000 1234", "+86-138-0000-1234", delivery.Phone(strings.Repeat("1", 20))} {
		if refusal := p.Check(); refusal != nil {
			t.Errorf("%q: got %v", p.Reveal(), refusal)
		}
	}
	for _, p := range []delivery.Phone{"1234", "12+345", "１２３４５", "12345x", "\xff12345", delivery.Phone(strings.Repeat("1", 21)), delivery.Phone("1" + strings.Repeat(" ", 30) + "2345")} {
		if refusal := p.Check(); reasonOf(refusal) != delivery.ReasonBadPhone {
			t.Errorf("%q: got %v", p.Reveal(), refusal)
		}
	}
}

func TestInstructions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		needs delivery.Needs
		want  string
	}{{nil, "[LEAVE_AT_DOOR_STEP_BACK]"}, {delivery.Needs{"QUARANTINED", "DISABLED", "CHRONIC_MEDICINE"}, "[LEAVE_AT_DOOR_STEP_BACK]"},
		{delivery.Needs{"DISABLED", "NO_SMARTPHONE", "PET"}, "[KNOCK_AND_WAIT CARRY_TO_KITCHEN CALL_BEFORE HAND_OVER_IN_PERSON DO_NOT_RING]"}, {delivery.Needs{"INFANT", "DIALYSIS"}, "[CALL_BEFORE HAND_OVER_IN_PERSON DO_NOT_RING]"}} {
		if got := fmt.Sprint(c.needs.Instructions()); got != c.want {
			t.Errorf("%v: got %s, want %s", c.needs, got, c.want)
		}
	}
	var back delivery.Needs
	if err := back.Scan((delivery.Needs{"PET", "INFANT"}).Array()); err != nil || fmt.Sprint(back) != "[PET INFANT]" {
		t.Errorf("got %v, %v", back, err)
	}
	if err := back.Scan([]byte("{}")); err != nil || back == nil || len(back) != 0 {
		t.Errorf("got %v, %v", back, err)
	}
	if err := back.Scan(7); err == nil {
		t.Error("read needs from a number")
	}
}
