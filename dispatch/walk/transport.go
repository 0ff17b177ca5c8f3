package walk

import (
	"baogong/delivery"
	"baogong/dispatch/transport"
)

// run returns a run in one of the states.
func (w *Walker) run(states string) (delivery.ID, bool) {
	return w.one(delivery.KindRun, "runs where state in ("+states+") order by number")
}

// loaded returns a run in one of the states that has something on its cart, and now and then any.
func (w *Walker) loaded(states string) (delivery.ID, bool) {
	if w.some(8) {
		return w.run(states)
	}
	return w.run(states + ") and exists (select from run_orders x where x.run_id = runs.id and x.outcome is null")
}

func (w *Walker) startRun() *Act {
	in := &transport.StartRunInput{CommunityID: w.community, Capacity: 1 + w.rng.IntN(12), ConfirmQuietHours: w.some(2)}
	if w.some(2) {
		in.VolunteerID = new(w.team[choose(w, w.transport...)])
		return &Act{By: w.by(w.commander), Input: in}
	}
	return &Act{By: w.by(w.transport...), Input: in}
}

func (w *Walker) loadRun() *Act {
	run, ok := w.run("'LOADING', 'UNDERWAY'")
	if !ok {
		return nil
	}
	in := &transport.LoadRunInput{RunID: run, OrderIds: w.orders(w.rng.IntN(4), delivery.Sorted), Atomic: w.some(5)}
	if w.some(2) {
		in.BinIds = []delivery.ID{w.bin()}
	}
	return &Act{By: w.carter(run), Input: in}
}

// carter returns the volunteer of a run, or the commander.
func (w *Walker) carter(run delivery.ID) string {
	return w.by(w.Column("select v.code from runs r join volunteers v on v.community_id = r.community_id and v.id = r.volunteer_id where r.id = $1", string(run.UUID))[0], w.commander)
}

func (w *Walker) departRun() *Act {
	run, ok := w.loaded("'LOADING'")
	if !ok {
		return nil
	}
	return &Act{By: w.carter(run), Input: &transport.DepartRunInput{RunID: run}}
}

func (w *Walker) dropAtBuilding() *Act {
	run, ok := w.loaded("'LOADING', 'UNDERWAY'")
	if !ok {
		return nil
	}
	in := &transport.DropAtBuildingInput{RunID: run, BuildingID: choose(w, w.buildings...)}
	if ids := w.ids(1, delivery.KindBuilding, "(select distinct building_id as id from run_orders where outcome is null and run_id = $1 order by building_id) b", string(run.UUID)); len(ids) > 0 && !w.some(8) {
		in.BuildingID = ids[0]
	}
	if w.some(4) {
		in.MissingOrderIds = w.ids(1, delivery.KindOrder, "orders where run_id = $1 and building_id = $2 order by number", string(run.UUID), string(in.BuildingID.UUID))
	}
	in.Bags, _ = w.number("select cast(coalesce(sum(bags), 0) as text) from run_orders where outcome is null and run_id = $1 and building_id = $2",
		string(run.UUID), string(in.BuildingID.UUID))
	for _, id := range in.MissingOrderIds {
		bags, _ := w.number("select cast(bags as text) from run_orders where outcome is null and order_id = $1", string(id.UUID))
		in.Bags -= bags
	}
	if w.some(8) {
		in.Bags++
	}
	return &Act{By: w.carter(run), Input: in}
}

func (w *Walker) acceptDrop() *Act {
	run, ok := w.one(delivery.KindRun, "(select run_id as id from drops where bags_accepted is null order by left_at, run_id) d")
	if !ok {
		return nil
	}
	in := &transport.AcceptDropInput{RunID: run, BuildingID: choose(w, w.buildings...), Bags: w.rng.IntN(8)}
	if !w.some(3) {
		if left, ok := w.number("select cast(bags_left as text) from drops where run_id = $1 and building_id = $2", string(run.UUID), string(in.BuildingID.UUID)); ok {
			in.Bags = left
		}
	}
	if w.some(4) {
		in.MissingOrderIds = w.ids(1, delivery.KindOrder, "(select order_id as id from run_orders where outcome = 'DROPPED' and run_id = $1 order by order_id) o", string(run.UUID))
	}
	return &Act{By: w.by(choose(w, w.supply...), w.commander), Input: in}
}

func (w *Walker) finishRun() *Act {
	run, ok := w.run("'LOADING', 'UNDERWAY'")
	if !ok {
		return nil
	}
	return &Act{By: w.carter(run), Input: &transport.FinishRunInput{RunID: run}}
}

func (w *Walker) cancelRun() *Act {
	run, ok := w.run("'LOADING'")
	if !ok {
		return nil
	}
	return &Act{By: w.carter(run), Input: &transport.CancelRunInput{RunID: run}}
}
