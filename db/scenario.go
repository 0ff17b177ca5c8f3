package db

import (
	"context"
	"fmt"
	"strconv"

	"baogong/delivery"
)

var scenarios = noun[delivery.SavedScenario]{
	table: "scenarios", alias: "s",
	columns: []string{"community_id", "id", "name", "scenario", "version", "created_at", "archived_at"},
	visible: func(w *where, s delivery.Scope) { w.seesCommunity(s, "s.community_id") },
}

// Scenarios reads the saved scenarios of a community, those that are not archived first, each group by name; at most twice
// delivery.MaxScenarios. A scope that does not see the community reads none.
func (d *DB) Scenarios(ctx context.Context, s delivery.Scope, community int32, archived bool) ([]*delivery.SavedScenario, error) {
	w := ofCommunity("s", community, archived)
	scenarios.visible(&w, s)
	return list[*delivery.SavedScenario](ctx, d, "read the scenarios of a community", "select "+scenarios.flat()+"\n  from scenarios s\n "+w.String()+
		"\n order by s.archived_at desc nulls first, s.name, s.id\n limit "+strconv.Itoa(2*delivery.MaxScenarios), w.args...)
}

// ScenariosByID reads the saved scenarios with the ids that the scope sees, in no order.
func (d *DB) ScenariosByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.SavedScenario, error) {
	return scenarios.byIDs(ctx, d, s, ids)
}

// Scenario reads a saved scenario of a locked community. It fails with NOT_FOUND if there is none.
func (t *Tx) Scenario(ctx context.Context, id delivery.ID) (*delivery.SavedScenario, error) {
	rows, err := listTx[*delivery.SavedScenario](ctx, t, "read a scenario", "select "+scenarios.flat()+`
		  from scenarios s
		 where s.community_id = $1 and s.id = $2`, id.Community, id.UUID)
	return one(rows, err, delivery.KindScenario)
}

// CountScenarios returns how many saved scenarios a locked community has that are not archived.
func (t *Tx) CountScenarios(ctx context.Context, community int32) (int, error) {
	rows, err := listTx[int](ctx, t, "count scenarios", `
		select cast(count(*) as int)
		  from scenarios s
		 where s.community_id = $1 and s.archived_at is null`, community)
	return first(rows, err)
}

// writtenScenario is a scenario in the form that the driver can write.
type writtenScenario struct {
	*delivery.SavedScenario
	Text string `db:"text"`
}

// SaveScenario inserts the first version of a scenario, or writes a later one, in a community that is locked for a change.
func (t *Tx) SaveScenario(ctx context.Context, s *delivery.SavedScenario) error {
	text, err := s.Body.Text()
	if err != nil {
		return fmt.Errorf("write a scenario: %w", err)
	}
	t.touch("scenarios")
	return t.named(ctx, "save a scenario", `
		insert into scenarios as s (community_id, id, name, scenario, version, created_at, archived_at)
		values (:community_id, :id, :name, cast(:text as jsonb), :version, :created_at, :archived_at)
		    on conflict (community_id, id) do update set name = excluded.name, scenario = excluded.scenario, version = excluded.version, archived_at = excluded.archived_at`,
		writtenScenario{s, text})
}
