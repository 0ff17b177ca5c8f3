package walk

import (
	"baogong/delivery"
	"baogong/dispatch/transport"
)

// run returns a run in one of the states.
func (w *Walker) run(states string) (delivery.ID, bool) {
	return w.one(delivery.KindRun, "runs where state in ("+states+") order by number")
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
	return &Act{By: w.carter(), Input: in}
}

// carter returns who has a run's cart.
func (w *Walker) carter() string { return w.by(choose(w, w.transport...), w.commander) }

func (w *Walker) departRun() *Act {
	run, ok := w.run("'LOADING'")
	if !ok {
		return nil
	}
	return &Act{By: w.carter(), Input: &transport.DepartRunInput{RunID: run}}
}

func (w *Walker) dropAtBuilding() *Act {
	run, ok := w.run("'LOADING', 'UNDERWAY'")
	if !ok {
		return nil
	}
	in := &transport.DropAtBuildingInput{RunID: run, BuildingID: choose(w, w.buildings...)}
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
	return &Act{By: w.carter(), Input: in}
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
	return &Act{By: w.carter(), Input: &transport.FinishRunInput{RunID: run}}
}

func (w *Walker) cancelRun() *Act {
	run, ok := w.run("'LOADING'")
	if !ok {
		return nil
	}
	return &Act{By: w.carter(), Input: &transport.CancelRunInput{RunID: run}}
}
