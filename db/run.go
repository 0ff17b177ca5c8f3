package db

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/lib/pq"

	"baogong/delivery"
)

// runs are seen by viewers who see the whole community, and by volunteers of buildings that a run has carried something for.
var runs = noun[delivery.Run]{
	table: "runs", alias: "r",
	from: `runs r
 cross join lateral (
	select coalesce(sum(x.bags), 0) as bags
	  from run_orders x
	 where x.community_id = r.community_id and x.run_id = r.id and x.outcome is null) c`,
	columns: []string{"community_id", "id", "number", "volunteer_id", "capacity", "state", "started_at", "departed_at", "ended_at", "version", "c.bags"},
	visible: func(w *where, s delivery.Scope) {
		w.seesCommunity(s, "r.community_id")
		switch s.Class {
		case delivery.SeesAll:
		case delivery.SeesBuildings:
			w.and(`exists (select from run_orders x where x.community_id = r.community_id and x.run_id = r.id and x.building_id = any(cast(? as uuid[])))`,
				pq.StringArray(texts(s.Buildings)))
		default:
			w.and("false")
		}
	},
	sorting: sorting{columns: []sortColumn{{"-r.number", "bigint"}}},
}

// Runs reads a page of a community's runs, newest first: all, or only the open ones.
func (d *DB) Runs(ctx context.Context, s delivery.Scope, community int32, open bool, p Range) (*Rows[delivery.Run], error) {
	var w where
	w.and("r.community_id = ?", community)
	if open {
		w.and("r.state in ('LOADING', 'UNDERWAY')")
	}
	return runs.page(ctx, d, s, w, p)
}

// MostOpenRuns is the most runs that OpenRuns reads.
const MostOpenRuns = 200

// OpenRuns reads the community's runs that are neither done nor cancelled and that the scope sees, by number, at most MostOpenRuns.
func (d *DB) OpenRuns(ctx context.Context, s delivery.Scope, community int32) ([]*delivery.Run, error) {
	var w where
	w.and("r.community_id = ?", community)
	w.and("r.state in ('LOADING', 'UNDERWAY')")
	runs.visible(&w, s)
	return list[*delivery.Run](ctx, d, "read the open runs", "select "+runs.flat()+"\n  from "+runs.from+"\n "+w.String()+
		"\n order by r.number\n limit "+strconv.Itoa(MostOpenRuns), w.args...)
}

// RunsByID reads the runs with the ids that the scope sees, in no order.
func (d *DB) RunsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Run, error) {
	return runs.byIDs(ctx, d, s, ids)
}

// DropsOfRuns reads the stops of the runs: the buildings that each has carried something for, by code, as far as the scope sees them.
func (d *DB) DropsOfRuns(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Drop, error) {
	var w where
	w.ids("x.community_id, x.run_id", ids)
	w.seesCommunity(s, "x.community_id")
	switch s.Class {
	case delivery.SeesAll:
	case delivery.SeesBuildings:
		w.and("x.building_id = any(cast(? as uuid[]))", pq.StringArray(texts(s.Buildings)))
	default:
		w.and("false")
	}
	return listOf[*delivery.Drop](ctx, d, "read the stops of runs", `
		select x.community_id, x.run_id, x.building_id, x.bags_loaded, d.bags_left, d.left_at, d.bags_accepted, d.accepted_by, d.accepted_at
		  from (
			select x.community_id, x.run_id, x.building_id, coalesce(sum(x.bags) filter (where x.outcome is distinct from 'BACK_IN_BIN'), 0) as bags_loaded
			  from run_orders x
			 `+w.String()+`
			 group by x.community_id, x.run_id, x.building_id) x
		  join buildings b on b.community_id = x.community_id and b.id = x.building_id
		  left join drops d on d.community_id = x.community_id and d.run_id = x.run_id and d.building_id = x.building_id
		 order by x.run_id, length(b.code), b.code`, w.args...)
}

// OpenRun returns the volunteer's open run, or ErrNoRow.
func (t *Tx) OpenRun(ctx context.Context, community int32, volunteer delivery.UUID) (*delivery.Run, error) {
	rows, err := listTx[*delivery.Run](ctx, t, "look for an open run", "select "+runs.flat()+"\n  from "+runs.from+`
		 where r.community_id = $1 and r.volunteer_id = $2 and r.state in ('LOADING', 'UNDERWAY')`, community, volunteer)
	return first(rows, err)
}

// LockRun locks a run that the scope sees and returns it. Orders get onto its cart and off it under this
// lock, except by single moves.
func (t *Tx) LockRun(ctx context.Context, s delivery.Scope, id delivery.ID) (*delivery.Run, error) {
	var w where
	w.and("r.community_id = ?", id.Community)
	w.and("r.id = ?", id.UUID)
	runs.visible(&w, s)
	if !t.looking {
		if _, err := t.exec(ctx, "lock a run", `select true from runs where community_id = $1 and id = $2 for no key update`, id.Community, id.UUID); err != nil {
			return nil, err
		}
	}
	rows, err := listTx[*delivery.Run](ctx, t, "read a locked run", "select "+runs.flat()+"\n  from "+runs.from+"\n "+w.String(), w.args...)
	return one(rows, err, delivery.KindRun)
}

// LockRunsToReturnTo locks, in id order, the open runs that have carried orders of the scope among the ids and do not carry them
// now, and returns them.
func (t *Tx) LockRunsToReturnTo(ctx context.Context, s delivery.Scope, community int32, orders []delivery.UUID) ([]*delivery.Run, error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and("o.id = any(cast(? as uuid[]))", pq.StringArray(texts(orders)))
	w.scope(s, orderKeys)
	w.and("x.outcome is not null")
	w.and("r.state in ('LOADING', 'UNDERWAY')")
	ids, err := listTx[delivery.UUID](ctx, t, "read the runs that have carried orders", `
		select distinct r.id
		  from orders o
		  join run_orders x on x.community_id = o.community_id and x.order_id = o.id
		  join runs r on r.community_id = x.community_id and r.id = x.run_id
		 `+w.String(), w.args...)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if _, err := t.exec(ctx, "lock runs", `
		select true from runs where community_id = $1 and id = any(cast($2 as uuid[])) order by id for no key update`, community, pq.StringArray(texts(ids))); err != nil {
		return nil, err
	}
	return listTx[*delivery.Run](ctx, t, "read locked runs", "select "+runs.flat()+"\n  from "+runs.from+`
		 where r.community_id = $1 and r.id = any(cast($2 as uuid[])) and r.state in ('LOADING', 'UNDERWAY')`, community, pq.StringArray(texts(ids)))
}

// InsertRun inserts a run.
func (t *Tx) InsertRun(ctx context.Context, r *delivery.Run) error {
	return t.named(ctx, "insert a run", `
		insert into runs (community_id, id, number, volunteer_id, capacity, state, started_at, departed_at, ended_at, version)
		values (:community_id, :id, :number, :volunteer_id, :capacity, :state, :started_at, :departed_at, :ended_at, :version)`, r)
}

// SaveRun writes the state of a locked run.
func (t *Tx) SaveRun(ctx context.Context, r *delivery.Run) error {
	return t.named(ctx, "save a run", `
		update runs set state = :state, departed_at = :departed_at, ended_at = :ended_at, version = :version
		 where community_id = :community_id and id = :id`, r)
}

// Carried is an order on the cart of a run.
type Carried struct {
	*delivery.OrderSnapshot
	Bags    int
	FromBin delivery.UUID // the bin from which it was loaded
}

// CarriedOrders locks the orders on the cart of a locked run in id order and returns them by number: those for one building, or all
// if the building is empty.
func (t *Tx) CarriedOrders(ctx context.Context, run delivery.ID, building delivery.UUID) ([]*Carried, error) {
	var w where
	own, on := w.arg(run.Community), w.arg(run.UUID)
	w.and("o.community_id = " + own)
	w.and("o.id = any(array(select x.order_id from run_orders x where x.community_id = " + own + " and x.run_id = " + on + " and x.outcome is null))")
	w.and("o.run_id = " + on)
	if building != "" {
		w.and("o.building_id = ?", building)
	}
	orders, err := t.lockOrders(ctx, w)
	if err != nil || len(orders) == 0 {
		return nil, err
	}
	book, err := listTx[struct {
		Order delivery.UUID `db:"order_id"`
		Bin   delivery.UUID `db:"from_bin_id"`
		Bags  int           `db:"bags"`
	}](ctx, t, "read what a run carries", `
		select order_id, from_bin_id, bags
		  from run_orders
		 where community_id = $1 and run_id = $2 and outcome is null`, run.Community, run.UUID)
	if err != nil {
		return nil, err
	}
	out := make([]*Carried, 0, len(orders))
	for _, o := range orders {
		c := &Carried{OrderSnapshot: &o.OrderSnapshot, Bags: o.CarriedBags(), FromBin: o.BuildingUUID}
		for _, line := range book {
			if line.Order == o.UUID {
				c.Bags, c.FromBin = line.Bags, line.Bin
			}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Carried) int { return cmp.Compare(a.Number, b.Number) })
	return out, nil
}

// Binned is an order that stands in a bin.
type Binned struct {
	Order delivery.UUID `db:"id"`
	Bin   delivery.UUID `db:"bin_id"`
}

// OrdersInBins reads which orders stand in the bins, those that were sorted first before the others, at most limit.
func (t *Tx) OrdersInBins(ctx context.Context, community int32, bins []delivery.UUID, limit int) ([]Binned, error) {
	if len(bins) == 0 {
		return nil, nil
	}
	return listTx[Binned](ctx, t, "read what stands in bins", `
		select o.id, o.bin_id
		  from orders o
		 where o.community_id = $1 and o.stage = 'SORTED' and o.bin_id = any(cast($2 as uuid[]))
		 order by o.stage_since, o.number
		 limit $3`, community, pq.StringArray(texts(bins)), limit)
}

// DropsOfRun reads what a locked run left at buildings.
func (t *Tx) DropsOfRun(ctx context.Context, run delivery.ID) ([]*delivery.Drop, error) {
	return listTx[*delivery.Drop](ctx, t, "read the drops of a run", `
		select community_id, run_id, building_id, bags_left as bags_loaded, bags_left, left_at, bags_accepted, accepted_by, accepted_at
		  from drops
		 where community_id = $1 and run_id = $2`, run.Community, run.UUID)
}

// SaveDrop writes a building's count of a drop of a locked run.
func (t *Tx) SaveDrop(ctx context.Context, d *delivery.Drop) error {
	_, err := t.exec(ctx, "save a drop", `
		update drops set bags_accepted = $4, accepted_by = $5, accepted_at = $6
		 where community_id = $1 and run_id = $2 and building_id = $3`, d.CommunityID, d.RunUUID, d.BuildingUUID, d.BagsAccepted, d.AcceptedBy, d.AcceptedAt)
	return err
}

// DroppedOrders reads which orders a locked run left at a building, and how many bags of each.
func (t *Tx) DroppedOrders(ctx context.Context, run delivery.ID, building delivery.UUID) (map[delivery.UUID]int, error) {
	rows, err := listTx[struct {
		Order delivery.UUID `db:"order_id"`
		Bags  int           `db:"bags"`
	}](ctx, t, "read what a run left at a building", `
		select order_id, bags
		  from run_orders
		 where community_id = $1 and run_id = $2 and building_id = $3 and outcome = 'DROPPED'`, run.Community, run.UUID, building)
	out := make(map[delivery.UUID]int, len(rows))
	for _, r := range rows {
		out[r.Order] = r.Bags
	}
	return out, err
}
