package bench

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// What the crowd's team has to do, so that lists of it are as long as those of an estate.
const (
	crowdCalls    = 200 // that wait
	crowdTasks    = 200
	crowdShifts   = 5 // after each other, three at a time
	crowdNotices  = 20
	crowdPurses   = 50
	crowdWebhooks = 10
	cityOf        = 160 // communities
	bulkItems     = 100
)

// crowdWork is what the crowd's team works on.
type crowdWork struct {
	community, notice string
	homes, errands    []string
}

// employ gives the crowd's team enquiries, tasks, shifts, notices, purses and webhooks.
func (b *bench) employ(ctx context.Context, c *client, s *server, community string) (*crowdWork, error) {
	out := &crowdWork{community: community}
	var found struct {
		Data struct {
			Households, Orders struct{ Nodes []struct{ ID string } }
			Volunteers         struct {
				Nodes []struct{ ID, Code string }
			}
		}
	}
	if err := tell(c, s, `query ($c: ID!) { households(communityId: $c, first: 200) { nodes { id } } volunteers(communityId: $c, first: 200) { nodes { id code } }
		orders(communityId: $c, first: 200, filter: {channels: [BUY_FOR], open: true}) { nodes { id } } }`, map[string]any{"c": community}, &found); err != nil {
		return nil, err
	}
	for _, h := range found.Data.Households.Nodes {
		out.homes = append(out.homes, h.ID)
	}
	for _, o := range found.Data.Orders.Nodes {
		out.errands = append(out.errands, o.ID)
	}
	if len(out.homes) == 0 || len(out.errands) == 0 {
		return nil, fmt.Errorf("find homes and errands: %+v", found)
	}
	do := func(name, input string, in map[string]any, into any) error {
		return tell(c, s, "mutation ($in: "+input+"!) { "+name+" }", map[string]any{"in": in}, into)
	}
	for i := range b.scaled(crowdCalls, 2) {
		if err := do("logEnquiry(input: $in) { enquiry { id } userErrors { message } }", "LogEnquiryInput", out.enquiry(i), nil); err != nil {
			return nil, err
		}
	}
	if err := do("createTasks(input: $in) { userErrors { message } results { userErrors { message } } }", "CreateTasksInput", out.tasks(b.scaled(crowdTasks, 2)), nil); err != nil {
		return nil, err
	}
	now := time.Now().Truncate(time.Second)
	var shifts []map[string]any
	for i := range crowdShifts {
		for k := range 3 {
			var members []string
			for n, v := range found.Data.Volunteers.Nodes {
				if n%3 == k && v.Code != "C01" {
					members = append(members, v.ID)
				}
			}
			from := now.Add(time.Duration(i) * time.Hour / 2)
			shifts = append(shifts, map[string]any{"squad": "SUPPLY", "station": fmt.Sprint("北门", k), "startsAt": from, "endsAt": from.Add(time.Hour / 2), "needed": 8, "volunteerIds": members})
		}
	}
	if err := do("planShifts(input: $in) { userErrors { message } results { userErrors { message } } }", "PlanShiftsInput", map[string]any{"communityId": community, "shifts": shifts}, nil); err != nil {
		return nil, err
	}
	for range b.scaled(crowdNotices, 2) {
		var published struct {
			Data struct {
				PublishNotice struct{ Notice struct{ ID string } }
			}
		}
		if err := do("publishNotice(input: $in) { notice { id } userErrors { message } }", "PublishNoticeInput", out.toPublish(), &published); err != nil {
			return nil, err
		}
		out.notice = published.Data.PublishNotice.Notice.ID
	}
	for _, id := range out.errands[:min(len(out.errands), b.scaled(crowdPurses, 2))] {
		in := map[string]any{"orderId": id, "entries": []map[string]any{{"kind": "IN", "party": "VOLUNTEER", "amountFen": 4000}, {"kind": "SPENT", "party": "SHOP", "amountFen": 3550}}}
		if err := do("recordMoney(input: $in) { userErrors { message } results { userErrors { message } } }", "RecordMoneyInput", in, nil); err != nil {
			return nil, err
		}
	}
	var hooks []map[string]any
	for i := range crowdWebhooks {
		hooks = append(hooks, map[string]any{"name": fmt.Sprint("仓库", i), "url": "https://example.com/", "kinds": []string{"ORDER_PLACED", "ORDER_MOVED"}, "off": true})
	}
	if err := do("setWebhooks(input: $in) { userErrors { message } results { userErrors { message } } }", "SetWebhooksInput", map[string]any{"communityId": community, "webhooks": hooks}, nil); err != nil {
		return nil, err
	}
	// They lag as far as they can.
	_, err := b.db.Pool().ExecContext(ctx, "update webhooks set position = 0, counted_from = 0, counted_before = 0, acked = 0")
	return out, err
}

func (w *crowdWork) enquiry(nth int) map[string]any {
	return map[string]any{"communityId": w.community, "kind": "QUESTION", "way": "PHONE", "householdId": w.homes[nth%len(w.homes)], "text": "团购的菜什么时候到？"}
}

func (w *crowdWork) tasks(n int) map[string]any {
	var list []map[string]any
	for i := range n {
		list = append(list, map[string]any{"kind": "VISIT", "title": "上门看看老人", "householdId": w.homes[i%len(w.homes)], "dueAt": time.Now().Add(time.Hour)})
	}
	return map[string]any{"communityId": w.community, "squad": "PERSUASION", "tasks": list}
}

func (w *crowdWork) toPublish() map[string]any {
	return map[string]any{"communityId": w.community, "kind": "NOTICE", "title": "明早核酸", "body": "请各户按楼栋顺序下楼，保持两米距离。"}
}

// settleCity adds communities, and gives each the numbers that were released of the crowd.
func (b *bench) settleCity(ctx context.Context, community int32) error {
	n := b.scaled(cityOf, 2) - 1
	if _, err := b.db.Pool().ExecContext(ctx, `
		insert into communities (code, name, time_zone, version, created_at)
		select 'town-' || i, 'town-' || i, 'Asia/Shanghai', 1, '2020-01-01' from generate_series(1, cast($1 as int)) i`, n); err != nil {
		return err
	}
	for range 300 {
		released := false
		if err := b.db.Pool().QueryRowContext(ctx, "select exists (select from city_releases where community_id = $1)", community).Scan(&released); err != nil {
			return err
		}
		if released {
			break
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	_, err := b.db.Pool().ExecContext(ctx, `
		insert into city_releases
		select (jsonb_populate_record(r, jsonb_build_object('community_id', c.community_id))).*
		  from city_releases r
		  join communities c on c.code like 'town-%'
		 where r.community_id = $1
		    on conflict do nothing`, community)
	return err
}

// workPrices measures what changes of the team's work cost.
func (b *bench) workPrices(ctx context.Context, s *server, c *client, w *crowdWork, each float64) ([]Figure, error) {
	items := b.scaled(bulkItems, 2)
	nth, told := 0, 0
	var out []Figure
	for _, m := range []struct {
		about, name, input string
		in                 func() map[string]any
	}{
		{"logEnquiry", "logEnquiry(input: $in) { enquiry { id } userErrors { code } }", "LogEnquiryInput", func() map[string]any { nth++; return w.enquiry(nth) }},
		{"takeEnquiry", "takeEnquiry(input: $in) { enquiry { id } userErrors { code } }", "TakeEnquiryInput", func() map[string]any { return map[string]any{"communityId": w.community} }},
		{fmt.Sprintf("createTasks, %d tasks", items), "createTasks(input: $in) { userErrors { code } }", "CreateTasksInput", func() map[string]any { return w.tasks(items) }},
		{"recordMoney", "recordMoney(input: $in) { userErrors { code } }", "RecordMoneyInput", func() map[string]any {
			return map[string]any{"orderId": w.errands[0], "entries": []map[string]any{{"kind": "IN", "party": "HOUSEHOLD", "amountFen": 100}}}
		}},
		{"publishNotice, to all households", "publishNotice(input: $in) { notice { id } userErrors { code } }", "PublishNoticeInput", w.toPublish},
		{"markNoticeTold", "markNoticeTold(input: $in) { userErrors { code } }", "MarkNoticeToldInput", func() map[string]any {
			told++
			return map[string]any{"noticeId": w.notice, "householdIds": w.homes[told%len(w.homes):][:1]}
		}},
	} {
		var rounds []float64
		points := 0
		for range b.Rounds {
			got, err := b.repeat(ctx, s, func() ([]byte, error) {
				text, err := c.answer(s.request("C01@crowd", "mutation ($in: "+m.input+"!) { "+m.name+" }", map[string]any{"in": m.in()}))
				if bytes.Contains(text, []byte(`"code":"`)) {
					err = fmt.Errorf("refused: %.300s", text)
				}
				return text, err
			})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.about, err)
			}
			points = got.points
			rounds = append(rounds, max(got.cost-each, 0))
		}
		out = append(out, figure(m.about, "µs CPU", Goal{MaxRatio: 1}, rounds, fmt.Sprintf("%s points", grouped(int64(points))), []float64{float64(points * pointCost)}))
		b.progress.step()
	}
	return out, nil
}

// quiet waits until the server does next to nothing by itself: its clock reads the communities that are new.
func (b *bench) quiet(ctx context.Context, s *server) error {
	for range 60 {
		before, err := b.cpu(ctx, s)
		if err != nil {
			return err
		}
		if err := pause(ctx, time.Duration(float64(time.Second)*min(b.Scale, 1))); err != nil {
			return err
		}
		after, err := b.cpu(ctx, s)
		if err != nil || after-before <= 40*time.Millisecond {
			return err
		}
	}
	return nil
}
