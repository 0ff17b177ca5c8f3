package bench

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"baogong/delivery"
)

// crowdScenarios are saved; a community may have 100.
const crowdScenarios = 90

// planned saves scenarios and the plan of the crowd's next day, and returns that day.
func (b *bench) planned(c *client, s *server, community string) (string, error) {
	for i := range b.scaled(crowdScenarios, 2) {
		if err := tell(c, s, "mutation ($in: SaveScenarioInput!) { saveScenario(input: $in) { scenario { id } userErrors { message } } }", map[string]any{"in": toSave(community, i)}, nil); err != nil {
			return "", err
		}
	}
	zone := &delivery.Community{TimeZone: "Asia/Shanghai"}
	_, tomorrow := zone.Today(time.Now())
	return zone.Day(tomorrow), tell(c, s, "mutation ($in: PlanDayInput!) { planDay(input: $in) { plan { day } userErrors { message } } }", map[string]any{"in": toPlan(community)}, nil)
}

func toSave(community string, nth int) map[string]any {
	return map[string]any{"communityId": community, "name": fmt.Sprint("预案", nth), "scenario": map[string]any{"communityId": community, "orders": 1230, "carts": 4 + nth%4}}
}

func toPlan(community string) map[string]any {
	return map[string]any{"communityId": community, "scenario": map[string]any{"communityId": community, "orders": 1230}}
}

// planPrices measures what changes of plans and scenarios cost.
func (b *bench) planPrices(ctx context.Context, s *server, c *client, community string, each float64) ([]Figure, error) {
	var saved struct {
		Data struct{ Scenarios []struct{ ID string } }
	}
	if err := tell(c, s, "query ($c: ID!) { scenarios(communityId: $c) { id } }", map[string]any{"c": community}, &saved); err != nil {
		return nil, err
	}
	if len(saved.Data.Scenarios) < 2 {
		return nil, fmt.Errorf("find scenarios: %+v", saved)
	}
	nth, archived := 0, 0
	changed := func() map[string]any {
		nth++
		in := toSave(community, nth)
		in["id"] = saved.Data.Scenarios[0].ID
		return in
	}
	var out []Figure
	for _, m := range []struct {
		name, selected, input string
		in                    func() map[string]any
	}{
		{"planDay", "plan { day }", "PlanDayInput", func() map[string]any { return toPlan(community) }},
		{"saveScenario", "scenario { id version }", "SaveScenarioInput", changed},
		{"archiveScenario", "scenario { id version }", "ArchiveScenarioInput", func() map[string]any {
			archived++
			return map[string]any{"scenarioId": saved.Data.Scenarios[archived%len(saved.Data.Scenarios)].ID}
		}},
	} {
		var rounds []float64
		points := 0
		for range b.Rounds {
			if _, err := b.db.Pool().ExecContext(ctx, "update scenarios set archived_at = null where archived_at is not null"); err != nil {
				return nil, err
			}
			got, err := b.repeat(ctx, s, func() ([]byte, error) {
				text, err := c.answer(s.request("C01@crowd", "mutation ($in: "+m.input+"!) { "+m.name+"(input: $in) { "+m.selected+" userErrors { code } } }", map[string]any{"in": m.in()}))
				if bytes.Contains(text, []byte(`"code":"`)) {
					err = fmt.Errorf("refused: %.300s", text)
				}
				return text, err
			})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
			points = got.points
			rounds = append(rounds, max(got.cost-each, 0))
		}
		out = append(out, figure(m.name, "µs CPU", Goal{MaxRatio: 1}, rounds, fmt.Sprintf("%s points", grouped(int64(points))), []float64{float64(points * pointCost)}))
		b.progress.step()
	}
	return out, nil
}
