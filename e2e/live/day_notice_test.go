package live_test

import (
	"fmt"
	"time"

	"baogong/e2e/house"
)

// The notice at six in the evening: households see it, desks and volunteers tell it, and who is left is a list.

const dayNotice = `{ id number title effectiveAt }`

// looks marks the notices that the resident's stream shows as seen, until it has seen the evening's. One household in five does not look.
func (c *dayClient) looks(stream int, home dayDoor) {
	if c.rng.IntN(5) == 0 {
		return
	}
	for late := time.Now().Add(house.Timeout); time.Now().Before(late); time.Sleep(10 * time.Millisecond) {
		var notices []struct{ ID string }
		if !c.state(stream, &notices) || len(notices) == 0 {
			continue
		}
		if a := c.call("markNoticesSeen", "results { notice { id } "+dayRefusal+" }", obj{"noticeIds": []string{notices[0].ID}}); !a.ok() {
			c.d.t.Errorf("%s: sees %s: %+v", c.name, notices[0].ID, a)
		}
		c.d.seen.Store(home.id, true)
		return
	}
	c.d.t.Errorf("%s: the notice did not come", c.name)
}

// tell tells the notice to some of the households that it has not reached.
func (c *dayClient) tell(buildings []string) {
	var got struct {
		Households struct{ Nodes []struct{ ID string } }
	}
	in := obj{"n": c.d.notice}
	if buildings != nil {
		in["b"] = buildings
	}
	c.query(`query ($c: ID!, $n: ID!, $b: [ID!]) { households(communityId: $c, filter: { unreachedBy: $n, buildingIds: $b }, first: 100) { nodes { id } } }`, in, &got)
	var homes []string
	for _, h := range got.Households.Nodes {
		if c.some(2) {
			homes = append(homes, h.ID)
		}
	}
	if len(homes) == 0 {
		return
	}
	c.call("markNoticeTold", "notice { id } results { household { id } "+dayRefusal+" }", obj{"noticeId": c.d.notice, "householdIds": homes})
	for _, id := range homes {
		c.d.told.Store(id, true)
	}
}

// publish publishes the evening's notice.
func (c *dayClient) publish() {
	a := c.call("publishNotice", "notice { id }", obj{"communityId": c.d.e.Community, "kind": "CLOSURE", "closureLevel": "SEALED", "title": "今晚六点起足不出户", "squads": []string{"SUPPLY", "PERSUASION"}, "suppliers": true})
	if a.Notice == nil {
		c.d.t.Fatalf("%s: publishes: %+v", c.name, a)
	}
	c.d.notice = a.Notice.ID
}

// checkNotice compares whom the notice has reached, as the API answers, with the tables and with what the clients did: each household has seen
// it, was told, or is on the list of those that it has not reached.
func (d *day) checkNotice() {
	d.t.Helper()
	var got struct {
		Node struct {
			Reach struct{ Audience, Seen, Told, Unreached int }
		}
		Households struct {
			TotalCount int
			Nodes      []struct{ ID string }
		}
		All       struct{ TotalCount int }
		Community struct{ ClosureLevel string }
	}
	d.read("C01", `query ($c: ID!, $n: ID!) {
		node(id: $n) { ... on Notice { reach { audience seen told unreached } } }
		community: node(id: $c) { ... on Community { closureLevel } }
		households(communityId: $c, filter: { unreachedBy: $n }, first: 200) { totalCount nodes { id } }
		all: households(communityId: $c) { totalCount } }`, &got)
	seen, told := 0, 0
	d.seen.Range(func(any, any) bool { seen++; return true })
	d.told.Range(func(id, _ any) bool {
		if _, both := d.seen.Load(id); !both {
			told++
		}
		return true
	})
	r := got.Node.Reach
	if r.Seen != seen || r.Told != told || r.Audience != got.All.TotalCount || r.Audience != r.Seen+r.Told+r.Unreached || r.Unreached != got.Households.TotalCount || got.Community.ClosureLevel != "SEALED" {
		d.t.Errorf("got %+v of %d households, %d on the list, %s; want %d seen, %d told", r, got.All.TotalCount, got.Households.TotalCount, got.Community.ClosureLevel, seen, told)
	}
	for _, h := range got.Households.Nodes {
		_, sees := d.seen.Load(h.ID)
		_, knows := d.told.Load(h.ID)
		if sees || knows {
			d.t.Errorf("%s is listed and was reached", h.ID)
		}
	}
	d.same("the reach", []string{fmt.Sprintf("%d, %d seen, %d told, %d unreached", r.Audience, r.Seen, r.Told, r.Unreached)}, `
		select format('%s, %s seen, %s told, %s unreached', count(*), count(seen_at), count(*) filter (where seen_at is null and told_at is not null), count(*) filter (where seen_at is null and told_at is null))
		  from notice_reach`)
}
