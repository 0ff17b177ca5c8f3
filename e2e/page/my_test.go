package page_test

import (
	"encoding/json"
	"strings"
	"testing"

	"baogong/e2e/house"
	"baogong/internal/proxy"
	"baogong/internal/volume"
)

func TestMyPageInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	hostile := `<img src=x onerror=alert(1)>`
	order := e.Place("E6-1-1103", obj{"note": hostile, "lines": []obj{{"item": hostile, "quantity": 2, "unit": "盒"}, {"item": "大米", "quantity": 1, "unit": "袋"}}})
	e.Place("E6-1-1203")
	e.Sell("caiban", obj{"stock": "20", "householdCap": "5"})
	line := proxy.New(t, strings.TrimPrefix(e.BaseURL(), "http://"))
	browse(t, func(what string) {
		switch verb, to, _ := strings.Cut(what, " "); verb {
		case "move":
			e.Advance("C01", to, order)
		case "bring":
			for _, stage := range []string{"AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY"} {
				e.Advance("C01", stage, order)
			}
		case "fail":
			in := house.MoveTo("AT_BUILDING", order)
			in["reason"] = "ABSENT"
			e.AdvanceAs("C01", in)
		case "cut":
			line.Aim("")
			line.Cut()
		case "mend":
			line.Aim(strings.TrimPrefix(e.BaseURL(), "http://"))
		}
	}, "my.mjs", line.URL, e.Card(e.Homes["E6-1-1103"]), volume.InCI("", "thorough"))
	got := e.Text(`select string_agg(o.number || ' ' || o.channel || ' ' || o.stage || ' ' || coalesce(l.lines, ''), '; ' order by o.number)
		from orders o left join lateral (select string_agg(item || ' ' || quantity || ' ' || unit, ', ' order by position) as lines from order_lines where order_id = o.id) l on true
		where o.placed_by_role = 'RESIDENT'`)
	if want := "3 APP CANCELLED 蔬菜包 3.000 份; 4 APP PLACED 鸡蛋 2.000 盒, 盐 1.000 份"; got != want {
		t.Errorf("ordered on the page: got %s, want %s", got, want)
	}
	if got := e.Text(`select string_agg(kind || ' ' || opened_by_role || ' ' || note, '; ') from incidents`); got != "SHORT RESIDENT 少一袋 "+hostile {
		t.Errorf("reported on the page: got %s", got)
	}
	if got := e.Text(`select string_agg(kind || ' ' || way || ' ' || text, '; ' order by number) from enquiries`); got != "CALL_BACK APP 想问药" {
		t.Errorf("asked on the page: got %s", got)
	}
	if got := e.Text(`select string_agg(number::text, ' ') from orders where confirmed_at is not null`); got != "1" {
		t.Errorf("confirmed on the page: got %s, want 1", got)
	}
}

// The time until the sentence is readable on a slow phone is printed, not asserted, since it depends on the machine. The size of the first load is
// asserted.
func TestSlowPhoneInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	e.Place("E6-1-1103")
	var got struct{ Readable, Bytes float64 }
	browse(t, func(said string) {
		if err := json.Unmarshal([]byte(said), &got); err != nil {
			t.Error(err)
		}
	}, "slow.mjs", e.BaseURL(), e.SignIn(e.Card(e.Homes["E6-1-1103"])))
	t.Logf("slow phone (CPU x6, 400 kbit/s, 400 ms): the sentence is readable after %.1f s; the page is %.1f KB", got.Readable/1000, got.Bytes/1024)
	if got.Bytes == 0 || got.Bytes > 60*1024 {
		t.Errorf("the first load is %.0f bytes", got.Bytes)
	}
}
