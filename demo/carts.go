package demo

import (
	"context"
	"errors"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/transport"
)

const (
	carts      = 4                // carts of the transport squad
	capacity   = 40               // bags on a cart
	worthwhile = 12               // bags for which a cart is loaded; fewer wait
	patience   = 8 * time.Minute  // but not longer than this
	load       = look             // an order lies in its bin before a cart is there
	uncounted  = 45 * time.Minute // until a forgotten drop is counted

	oneMiscount = 30 // of so many stops, the carrier counts one wrongly
	oneDiffers  = 25 // of so many drops, the building counts one differently
	oneForgets  = 20 // or counts one very late
)

// loadCarts loads free carts with the bins whose orders wait longest.
func (e *Simulation) loadCarts(ctx context.Context) error {
	orders, err := e.waiting(ctx, delivery.Sorted, load, 400, db.OrderFilter{})
	if err != nil {
		return err
	}
	orders = slices.DeleteFunc(orders, func(o *delivery.Order) bool { return o.BinUUID == nil })
	if len(orders) == 0 {
		return nil
	}
	carriers := e.squads[delivery.SquadTransport]
	if len(carriers) == 0 { // a visitor archived the squad
		return e.advance(ctx, e.commander, orders[:min(capacity, len(orders))], delivery.AtBuilding, "")
	}
	open, err := e.DB.Runs(ctx, e.commander.Scope(), e.community.Community, true, db.Range{Limit: 100})
	if err != nil {
		return err
	}
	carriers = slices.DeleteFunc(slices.Clone(carriers), func(a delivery.Actor) bool {
		return slices.ContainsFunc(open.Items, func(r *delivery.Run) bool { return r.VolunteerUUID == a.UUID })
	})
	loads := byBuilding(orders)
	for range min(carts-len(open.Items), len(carriers)) {
		var bins []delivery.ID
		bags, oldest := 0, e.Clock.Now()
		for len(loads) > 0 && bags < capacity {
			for _, o := range loads[0] {
				bags += o.CarriedBags()
				if bin := (delivery.ID{Kind: delivery.KindBin, Community: o.CommunityID, UUID: *o.BinUUID}); !slices.Contains(bins, bin) {
					bins = append(bins, bin)
				}
				if o.StageSince.Before(oldest) {
					oldest = o.StageSince
				}
			}
			loads = loads[1:]
		}
		if bags == 0 || bags < worthwhile && e.Clock.Now().Sub(oldest) < patience {
			return nil
		}
		i := e.random.IntN(len(carriers))
		if err := e.loadCart(ctx, carriers[i], bins); err != nil {
			return err
		}
		carriers = slices.Delete(carriers, i, i+1)
	}
	return nil
}

// loadCart starts a run and loads the bins. The cart leaves at the next look.
func (e *Simulation) loadCart(ctx context.Context, a delivery.Actor, bins []delivery.ID) error {
	started, err := e.Verbs.Transport.StartRun(ctx, a, transport.StartRunInput{CommunityID: e.community, Capacity: capacity, ConfirmQuietHours: e.quiet()})
	if err != nil || started.RunID == nil {
		return err
	}
	e.rolling = true
	loaded, err := e.Verbs.Transport.LoadRun(ctx, a, transport.LoadRunInput{RunID: *started.RunID, BinIds: bins})
	if err != nil {
		return err
	}
	for _, r := range loaded.Results {
		e.report.Refused += len(r.UserErrors)
	}
	return nil
}

// pushCarts moves each open run on: it leaves, stops at one building a look, and comes back. The buildings count what was left.
func (e *Simulation) pushCarts(ctx context.Context) error {
	if !e.rolling {
		return nil
	}
	newest, err := e.DB.Runs(ctx, e.commander.Scope(), e.community.Community, false, db.Range{Limit: 40})
	if err != nil || len(newest.Items) == 0 {
		e.rolling = err != nil
		return err
	}
	ids := make([]delivery.ID, len(newest.Items))
	for i, r := range newest.Items {
		ids[i] = r.ID()
	}
	stops, err := e.DB.DropsOfRuns(ctx, e.commander.Scope(), ids)
	if err != nil {
		return err
	}
	of := map[delivery.UUID][]*delivery.Drop{}
	for _, d := range stops {
		of[d.RunUUID] = append(of[d.RunUUID], d)
	}
	e.rolling = false
	for _, r := range slices.Backward(newest.Items) {
		if r.Open() {
			e.rolling = true
			if err := e.push(ctx, r, of[r.UUID]); err != nil {
				return err
			}
		}
		for _, d := range of[r.UUID] {
			if d.BagsLeft == nil || d.BagsAccepted != nil {
				continue
			}
			e.rolling = true
			if err := e.acceptDrop(ctx, r, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// push moves one run on, unless a visitor pushes its cart.
func (e *Simulation) push(ctx context.Context, r *delivery.Run, stops []*delivery.Drop) error {
	i := slices.IndexFunc(e.squads[delivery.SquadTransport], func(a delivery.Actor) bool { return a.UUID == r.VolunteerUUID })
	if i < 0 {
		return nil
	}
	a := e.squads[delivery.SquadTransport][i]
	if r.State == delivery.RunLoading && e.Clock.Now().Sub(r.StartedAt) < look {
		return nil
	}
	if r.State == delivery.RunLoading && r.Bags > 0 {
		_, err := e.Verbs.Transport.DepartRun(ctx, a, transport.DepartRunInput{RunID: r.ID()})
		return err
	}
	for _, d := range stops {
		if d.BagsLoaded == 0 || d.BagsLeft != nil {
			continue
		}
		if left, err := e.drop(ctx, a, r, d); err != nil || left { // else the building is held, and its bags are brought back
			return err
		}
	}
	_, err := e.Verbs.Transport.FinishRun(ctx, a, transport.FinishRunInput{RunID: r.ID()})
	return err
}

// drop leaves what the run carries for a building there, and reports whether anything was left. A wrong count is refused, so the carrier
// counts again.
func (e *Simulation) drop(ctx context.Context, a delivery.Actor, r *delivery.Run, d *delivery.Drop) (bool, error) {
	in := transport.DropAtBuildingInput{RunID: r.ID(), BuildingID: d.BuildingID(), Bags: d.BagsLoaded}
	if e.random.IntN(oneMiscount) == 0 {
		in.Bags++
	}
	for range 2 {
		p, err := e.Verbs.Transport.DropAtBuilding(ctx, a, in)
		if err != nil {
			return false, err
		}
		if len(p.UserErrors) > 0 {
			e.report.Refused++
			if p.UserErrors[0].Reason == transport.ReasonLoadDiffers {
				in.Bags = p.UserErrors[0].Details.Bags
				continue
			}
		}
		left := false
		for _, o := range p.Results {
			e.count(o.Left, len(o.UserErrors) > 0)
			left = left || o.Left
		}
		delete(e.empty, delivery.AtBuilding)
		return left, nil
	}
	return false, errors.New("the cart carries another number of bags at each count")
}

// acceptDrop counts at the building what a run left there.
func (e *Simulation) acceptDrop(ctx context.Context, r *delivery.Run, d *delivery.Drop) error {
	after := look
	if r.Number%oneForgets == 0 {
		after = uncounted
	}
	if e.Clock.Now().Sub(*d.LeftAt) < after {
		return nil
	}
	in := transport.AcceptDropInput{RunID: r.ID(), BuildingID: d.BuildingID(), Bags: *d.BagsLeft}
	if e.random.IntN(oneDiffers) == 0 {
		in.Bags--
	}
	p, err := e.Verbs.Transport.AcceptDrop(ctx, e.volunteer(d.BuildingUUID), in)
	if err == nil {
		e.report.Refused += len(p.UserErrors)
	}
	return err
}
