package transport

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// LoadRun puts orders, and what fits of whole bins, oldest first, on the cart of a run.
func (v *Verbs) LoadRun(ctx context.Context, a delivery.Actor, in LoadRunInput) (*LoadRunPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "loadRun", Community: in.RunID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *LoadRunPayload) (bool, error) {
		if refusal := in.check(); refusal != nil {
			return false, refusal
		}
		r, err := lockRun(ctx, t, a, in.RunID, nil)
		if err != nil {
			return false, err
		}
		if r.State != delivery.RunLoading {
			return false, delivery.Refuse(ReasonRunGone).At("runId")
		}
		l, err := lockLoad(ctx, t, a, r, in)
		if err != nil {
			return false, err
		}
		refused := false
		for i, id := range in.OrderIds {
			result := &LoadResult{SubjectID: id}
			if refusal := l.order(a, id, at); refusal != nil {
				refused = true
				result.Refuse("orderIds", i, refusal)
			} else {
				result.Loaded = 1
			}
			out.Results = append(out.Results, result)
		}
		for i, id := range in.BinIds {
			result := &LoadResult{SubjectID: id}
			if refusal := l.bin(a, id, at, result); refusal != nil {
				refused = true
				result.Refuse("binIds", i, refusal)
			}
			out.Results = append(out.Results, result)
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results[:len(in.OrderIds)], "orderIds")
			dispatch.Undo(out.Results[len(in.OrderIds):], "binIds")
			return false, nil
		}
		if len(l.events) == 0 {
			return false, nil
		}
		return true, out.save(ctx, t, r, l.events)
	})
}

// check returns the refusal of the whole call, if there is one.
func (in *LoadRunInput) check() *delivery.Error {
	if len(in.OrderIds) == 0 && len(in.BinIds) == 0 {
		return delivery.Refuse(dispatch.ReasonEmptyList).At("orderIds")
	}
	for _, list := range []struct {
		name string
		ids  []delivery.ID
		kind delivery.Kind
	}{{"orderIds", in.OrderIds, delivery.KindOrder}, {"binIds", in.BinIds, delivery.KindBin}} {
		if len(list.ids) == 0 {
			continue
		}
		community, refusal := dispatch.CheckIDs(list.ids, list.name, "", list.kind)
		if refusal != nil {
			return refusal
		}
		if community != in.RunID.Community {
			return delivery.Refuse(delivery.ReasonNoSuch, list.kind.String()).At(list.name)
		}
	}
	return nil
}

// loading is what a call can put on a cart, all of it locked.
type loading struct {
	run    *delivery.Run
	bags   int
	orders map[delivery.UUID]*delivery.OrderSnapshot // as the events so far leave them
	inBin  map[delivery.UUID][]delivery.UUID         // oldest first
	around *dispatch.Surroundings
	events []*delivery.Event
}

func lockLoad(ctx context.Context, t *db.Tx, a delivery.Actor, r *delivery.Run, in LoadRunInput) (*loading, error) {
	l := &loading{run: r, bags: r.Bags, orders: map[delivery.UUID]*delivery.OrderSnapshot{}, inBin: map[delivery.UUID][]delivery.UUID{}}
	ids := dispatch.UUIDs(in.OrderIds)
	binned, err := t.OrdersInBins(ctx, r.CommunityID, dispatch.UUIDs(in.BinIds), delivery.MaxBulk)
	if err != nil {
		return nil, err
	}
	for _, o := range binned {
		l.inBin[o.Bin] = append(l.inBin[o.Bin], o.Order)
		ids = append(ids, o.Order)
	}
	orders, err := t.LockOrders(ctx, a.Scope(), r.CommunityID, ids, nil)
	if err != nil {
		return nil, err
	}
	snapshots := make([]*delivery.OrderSnapshot, len(orders))
	for i, o := range orders {
		l.orders[o.UUID], snapshots[i] = &o.OrderSnapshot, &o.OrderSnapshot
	}
	l.around, err = dispatch.SurroundingsOf(ctx, t, r.CommunityID, snapshots)
	return l, err
}

// order loads one order.
func (l *loading) order(a delivery.Actor, id delivery.ID, at time.Time) *delivery.Error {
	o := l.orders[id.UUID]
	if o == nil {
		return delivery.Refuse(delivery.ReasonNoSuch, id.Kind.String())
	}
	e, refusal := l.run.Load(a, o, l.bags, at, l.around.HoldsOn(o))
	if refusal != nil {
		return refusal
	}
	l.bags += o.CarriedBags()
	l.orders[id.UUID] = e.Order
	l.events = append(l.events, e)
	return nil
}

// bin loads what fits of a bin. It is refused if nothing could be loaded, with the refusal of the oldest order.
func (l *loading) bin(a delivery.Actor, id delivery.ID, at time.Time, result *LoadResult) *delivery.Error {
	var first *delivery.Error
	for _, uuid := range l.inBin[id.UUID] {
		o := l.orders[uuid]
		if o == nil || o.BinUUID == nil || *o.BinUUID != id.UUID { // moved in the meantime, or just loaded by its own id
			continue
		}
		if refusal := l.order(a, o.OrderID(), at); refusal != nil {
			result.Remaining++
			if first == nil {
				first = refusal
			}
			continue
		}
		result.Loaded++
	}
	switch {
	case result.Loaded > 0:
		return nil
	case first != nil:
		return first
	}
	return delivery.Refuse(reasonEmptyBin)
}

// reasonEmptyBin refuses to load a bin in which nothing stands.
var reasonEmptyBin = delivery.NewReason("EMPTY_BIN", delivery.CodeConflict,
	"Nothing stands in this bin.",
	"该分拣格是空的。")
