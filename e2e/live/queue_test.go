package live_test

import (
	"fmt"
	"testing"
	"time"

	"baogong/e2e/house"
)

// TestCallQueue watches the queue of the phone desk as a member who serves one building, the lead and the commander, while enquiries are
// logged, taken, postponed and closed, and time passes.
func TestCallQueue(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e.Desk()
	const ask = `subscription ($c: ID!) { callQueue(communityId: $c) { waiting due urgent taken desks enquiries { number text takenBy { code } } } }`
	streams := map[string]*house.Inbox{}
	for _, who := range []string{"Q01", "Q00", "C01"} {
		streams[who] = e.Dial(t, e.As(who), "").Operate(ask, obj{"c": e.Community})
	}
	want := func(claim, who, want string) {
		t.Helper()
		got := ""
		for deadline := time.Now().Add(house.Timeout); time.Now().Before(deadline); {
			var shown struct {
				CallQueue struct {
					Waiting, Due, Urgent, Taken, Desks int
					Enquiries                          []struct {
						Number  int
						Text    string
						TakenBy *struct{ Code string }
					}
				}
			}
			streams[who].Value(&shown)
			q := shown.CallQueue
			got = fmt.Sprint(q.Waiting, " ", q.Due, " ", q.Urgent, " ", q.Taken, " ", q.Desks)
			for _, x := range q.Enquiries {
				got += fmt.Sprint(" ", x.Number, x.Text)
				if x.TakenBy != nil {
					got += ":" + x.TakenBy.Code
				}
			}
			if got == want {
				return
			}
		}
		t.Fatalf("%s, %s: got %s, want %s", claim, who, got, want)
	}
	both := func(claim, text string) {
		t.Helper()
		want(claim, "Q00", text)
		want(claim, "C01", text)
	}
	want("at first", "Q01", "0 0 0 0 2")
	both("at first", "0 0 0 0 2")
	e.Enquiry(e.As("C01"), obj{"householdId": e.Homes["E7-1-1103"], "text": "问菜"})
	both("of another building", "1 1 0 0 2 1问菜")
	e.Enquiry(e.As("E6-1-1403"), obj{"householdId": e.Homes["E6-1-1403"], "way": "APP", "text": "问药"})
	both("by a resident", "2 2 0 0 2 1问菜 2问药")
	want("by a resident", "Q01", "1 1 0 0 2 2问药")
	e.Enquiry(e.As("D01"), obj{"phone": "0717-6012345", "way": "GATE", "text": "谁家的", "urgent": true})
	want("of an unknown caller", "Q01", "2 2 1 0 2 3谁家的 2问药")
	e.Must(e.As("Q01"), `mutation ($c: ID!) { takeEnquiry(input: { communityId: $c }) { userErrors { message } } }`, obj{"c": e.Community}, &struct{}{})
	want("taken", "Q01", "1 1 0 1 2 3谁家的:Q01 2问药")
	both("taken", "2 2 0 1 2 3谁家的:Q01 1问菜 2问药")
	e.Clock.Pass(10 * time.Minute)
	want("the lease ended", "Q01", "2 2 1 0 2 3谁家的 2问药")
	e.Update(e.As("C01"), "volunteer", obj{"id": e.Team["Q01"], "reachable": false})
	both("a member left", "3 3 1 0 1 3谁家的 1问菜 2问药")
}
