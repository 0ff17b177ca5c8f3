package page_test

import (
	"testing"

	"baogong/e2e/house"
)

func TestPhoneDeskInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	e.Desk()
	e.Sell("caiban", obj{"stock": "10"})
	hostile := `<img src=x onerror="document.title='hacked'">`
	log := func(in obj) {
		in["communityId"], in["way"] = e.Community, "GATE"
		var got struct {
			LogEnquiry struct{ UserErrors []house.UserError }
		}
		e.Must(e.As("D01"), `mutation ($in: LogEnquiryInput!) { logEnquiry(input: $in) { userErrors { `+house.RefusalFields+` } } }`, obj{"in": in}, &got)
		if len(got.LogEnquiry.UserErrors) > 0 {
			t.Fatal(got.LogEnquiry.UserErrors)
		}
	}
	log(obj{"kind": "ORDER", "householdId": e.Homes["E6-1-1103"], "text": hostile, "urgent": true})
	log(obj{"kind": "QUESTION", "phone": "0717-6012345", "text": "几点发菜"})
	browse(t, func(string) {
		var got struct {
			Enquiries struct {
				Nodes []struct {
					State, Outcome string
					Attempts       int
					Order          *struct{ Number int }
				}
			}
		}
		e.Must(e.As("Q00"), `query ($c: ID!) { enquiries(communityId: $c) { nodes { state outcome attempts order { number } } } }`, obj{"c": e.Community}, &got)
		if all := got.Enquiries.Nodes; len(all) != 3 || all[0].Outcome != "ANSWERED" || all[1].State != "WAITING" || all[1].Attempts != 1 || all[2].Outcome != "ORDERED" || all[2].Order == nil {
			t.Errorf("got enquiries %+v", all)
		}
	}, "desk.mjs", e.BaseURL(), e.Invite(e.Team["Q00"]), e.Invite(e.Team["S01"]))
}
