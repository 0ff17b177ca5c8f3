package walk

import (
	"fmt"

	"baogong/delivery"
	"baogong/dispatch/plan"
	"baogong/rehearsal"
)

// scenario returns a scenario that is not archived.
func (w *Walker) scenario() (delivery.ID, bool) {
	return w.one(delivery.KindScenario, "scenarios where archived_at is null order by created_at, id")
}

func (w *Walker) saveScenario() *Act {
	in := &plan.SaveScenarioInput{CommunityID: w.community, Name: fmt.Sprint("预案", w.rng.IntN(9)),
		Scenario: &rehearsal.ScenarioInput{CommunityID: w.community, Orders: new(100 + w.rng.IntN(9)), LiftsOut: w.some(3), Replications: 10}}
	if id, ok := w.scenario(); ok && w.some(2) {
		in.ID = &id
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: in}
}

func (w *Walker) archiveScenario() *Act {
	id, ok := w.scenario()
	if !ok {
		return nil
	}
	return &Act{By: w.by(w.commander), Input: &plan.ArchiveScenarioInput{ScenarioID: id}}
}
