package live_test

import (
	"fmt"
	"strings"
	"testing"

	"baogong/e2e/house"
)

// TestNotices watches the notices as members of the team, households and a supplier while notices are published, told, seen and replaced. Each stream shows
// those that address its viewer, and only the team's show how many households were reached.
func TestNotices(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	type shown struct {
		Notices []struct {
			Title string
			Reach *struct{ Audience, Seen, Told, Unreached int }
		}
	}
	const ask = `subscription ($c: ID!) { notices(communityId: $c) { title reach { audience seen told unreached } } }`
	read := map[string]string{} // all that a viewer was shown
	streams := map[string]squadStream[shown]{}
	team, others := []string{"C01", "S01", "D01"}, []string{"E6-1-1403", "E7-1-1103", "caiban"}
	for _, who := range append(others, team...) {
		streams[who] = squadStream[shown]{e.Dial(t, e.As(who), "").Operate(ask, obj{"c": e.Community}), who, func(s shown) (text string) {
			for _, n := range s.Notices {
				text += n.Title
				if n.Reach != nil {
					text += fmt.Sprintf(" %d=%d+%d+%d", n.Reach.Audience, n.Reach.Seen, n.Reach.Told, n.Reach.Unreached)
				}
				text += "; "
			}
			read[who] += text
			return text
		}}
	}
	want := func(claim, text string, viewers ...string) {
		t.Helper()
		for _, who := range viewers {
			streams[who].want(claim, text)
		}
	}
	publish := func(in obj) string {
		t.Helper()
		in["communityId"], in["kind"] = e.Community, "NOTICE"
		var got struct {
			PublishNotice struct{ Notice struct{ ID string } }
		}
		e.Must(e.As("C01"), `mutation ($in: PublishNoticeInput!) { publishNotice(input: $in) { notice { id } userErrors { message } } }`, obj{"in": in}, &got)
		return got.PublishNotice.Notice.ID
	}
	want("at first", "", append(others, team...)...)

	water := publish(obj{"title": "六栋停水", "buildingIds": []string{e.Buildings["E6"]}})
	want("to one building", "六栋停水 8=0+0+8; ", team...)
	want("to one building", "六栋停水; ", "E6-1-1403")
	e.Must(e.As("S01"), `mutation ($n: ID!, $h: ID!) { markNoticeTold(input: { noticeId: $n, householdIds: [$h] }) { userErrors { message } } }`, obj{"n": water, "h": e.Homes["E6-1-1203"]}, &struct{}{})
	want("told to a household", "六栋停水 8=0+1+7; ", team...)
	e.Must(e.As("E6-1-1403"), `mutation ($n: ID!) { markNoticesSeen(input: { noticeIds: [$n] }) { userErrors { message } } }`, obj{"n": water}, &struct{}{})
	want("seen by another", "六栋停水 8=1+1+6; ", team...)

	publish(obj{"title": "供货商改道", "households": false, "suppliers": true})
	want("to suppliers", "供货商改道 0=0+0+0; 六栋停水 8=1+1+6; ", team...)
	want("to suppliers", "供货商改道; ", "caiban")
	publish(obj{"title": "六栋停水到八点", "buildingIds": []string{e.Buildings["E6"]}, "replacesId": water})
	want("replaced", "六栋停水到八点 8=0+0+8; 供货商改道 0=0+0+0; ", team...)
	want("replaced", "六栋停水到八点; ", "E6-1-1403")
	publish(obj{"title": "明早核酸"})
	want("to all households", "明早核酸; 六栋停水到八点; ", "E6-1-1403")
	want("to all households", "明早核酸; ", "E7-1-1103")
	for _, c := range []struct{ who, foreign string }{{"E6-1-1403", "供货商"}, {"E7-1-1103", "停水"}, {"caiban", "停水"}} {
		if strings.Contains(read[c.who], c.foreign) {
			t.Errorf("%s was shown %s", c.who, read[c.who])
		}
	}

	link := e.SignIn(e.Link(e.Place("E6-1-1403")))
	for _, token := range []string{link, e.Program.Estate("XILING", e.Clock).As("C01")} {
		if refused := e.Dial(t, token, "").Operate(ask, obj{"c": e.Community}).Refused(); refused.Extensions["code"] != "NOT_FOUND" {
			t.Errorf("got %v, want NOT_FOUND", refused)
		}
	}
	// A volunteer who leaves the team loses the stream.
	e.Update(e.As("C01"), "volunteer", obj{"id": e.Team["D01"], "archived": true})
	for in := streams["D01"]; ; {
		m := in.Take()
		if m.Type == "next" {
			continue
		}
		if !strings.Contains(string(m.Payload), "NOT_FOUND") && !strings.Contains(string(m.Payload), "UNAUTHENTICATED") {
			t.Errorf("got %s %s, want the end", m.Type, m.Payload)
		}
		break
	}
}
