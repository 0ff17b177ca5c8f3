package live_test

import (
	"slices"
	"testing"
	"time"

	"baogong/e2e/house"
)

// alerts are the incidents of one subscriber, by their notes.
type alerts struct {
	*house.Inbox
	who string
}

// want waits until the alerts are those of the kinds, in any order. A state may show what was before, and is replaced.
func (a alerts) want(claim string, kinds ...string) {
	a.T.Helper()
	slices.Sort(kinds)
	var got []string
	for deadline := time.Now().Add(house.Timeout); time.Now().Before(deadline); {
		var shown struct {
			Alerts []struct{ Kind string }
		}
		a.Value(&shown)
		got = nil
		for _, i := range shown.Alerts {
			if i.Kind != "UNCOVERED" { // of buildings of the estate without volunteers, which the clock finds
				got = append(got, i.Kind)
			}
		}
		if slices.Sort(got); slices.Equal(got, kinds) {
			return
		}
	}
	a.T.Fatalf("%s, %s: got %v, want %v", claim, a.who, got, kinds)
}

// TestAlerts opens incidents, lets time pass and changes ranks while a commander, a lead and volunteers watch: each sees the open ones
// at or below their level, a volunteer of a building only those of the building.
func TestAlerts(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e6, e7 := e.Place("E6-1-1403"), e.Place("E7-1-1103")
	const ask = `subscription ($c: ID!) { alerts(communityId: $c) { kind state level order { id } owner { code } } }`
	watch := func(who string) alerts {
		return alerts{e.Dial(t, e.As(who), "").Operate(ask, obj{"c": e.Community}), who}
	}
	for _, who := range []string{"caiban", "E6-1-1403"} {
		if refused := watch(who).Refused(); refused.Extensions["code"] != "FORBIDDEN" {
			t.Errorf("%s: got %v, want FORBIDDEN", who, refused)
		}
	}
	boss, lead, near, far := watch("C01"), watch("S00"), watch("S01"), watch("S07")
	everyone := []alerts{boss, lead, near, far}
	for _, a := range everyone {
		a.want("at first")
	}
	damaged := e.Report(e.As("E6-1-1403"), obj{"kind": "DAMAGED", "subjectId": e6})
	for _, a := range []alerts{boss, lead, near} {
		a.want("in E6", "DAMAGED")
	}
	e.Report(e.As("C01"), obj{"kind": "SAFETY", "severity": "HIGH", "subjectId": e7})
	boss.want("urgent in E7", "DAMAGED", "SAFETY")
	lead.want("urgent in E7", "DAMAGED", "SAFETY")
	e.Report(e.As("S07"), obj{"kind": "BAD_ADDRESS", "subjectId": e7})
	far.want("in E7, without the urgent one, which is for the leads", "BAD_ADDRESS")
	boss.want("in E7", "BAD_ADDRESS", "DAMAGED", "SAFETY")
	lead.want("in E7", "BAD_ADDRESS", "DAMAGED", "SAFETY")

	e.Clock.Pass(30 * time.Minute)
	near.want("after 30 minutes it is for the leads")
	far.want("after 30 minutes it is for the leads")
	e.Clock.Pass(30 * time.Minute)
	lead.want("after an hour all are for the commander")
	boss.want("after an hour all are for the commander", "BAD_ADDRESS", "DAMAGED", "SAFETY")
	e.Update(e.As("C01"), "volunteer", obj{"id": e.Team["S00"], "rank": "COMMANDER"})
	lead.want("who became a commander", "BAD_ADDRESS", "DAMAGED", "SAFETY")
	e.Resolve(e.As("C01"), "REPLACED", "", damaged)
	for _, a := range []alerts{boss, lead} {
		a.want("one is resolved", "BAD_ADDRESS", "SAFETY")
	}
	e.Update(e.As("C01"), "volunteer", obj{"id": e.Team["S00"], "rank": "LEAD"})
	lead.want("a lead again")
}
