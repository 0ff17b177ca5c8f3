package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

// OrderReferences holds the rows that an order refers to. Missing ones are nil.
type OrderReferences struct {
	Household     *delivery.Household
	PlaceArchived bool // the household's building or unit is archived
	Supplier      *delivery.Supplier
	Taker         *delivery.Volunteer
}

// OrderReferences reads the rows that an order would refer to. The community's shared lock keeps them from changing.
func (t *Tx) OrderReferences(ctx context.Context, community int32, household delivery.UUID, supplier, taker *delivery.UUID) (*OrderReferences, error) {
	out := &OrderReferences{}
	rows, err := listTx[struct {
		delivery.Household
		Archived bool `db:"place_archived"`
	}](ctx, t, "read the household of an order", `
		select `+households.flat()+`, (b.archived_at is not null or u.archived_at is not null) as place_archived
		  from `+households.from+`
		 where h.community_id = $1 and h.id = $2`, community, household)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 {
		out.Household, out.PlaceArchived = &rows[0].Household, rows[0].Archived
	}
	if supplier != nil {
		found, err := listTx[*delivery.Supplier](ctx, t, "read the supplier of an order", "select "+suppliers.flat()+"\n  from suppliers s\n where s.community_id = $1 and s.id = $2", community, *supplier)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			out.Supplier = found[0]
		}
	}
	if taker != nil {
		found, err := listTx[*delivery.Volunteer](ctx, t, "read the taker of an order", "select "+volunteers.flat()+"\n  from volunteers v\n where v.community_id = $1 and v.id = $2", community, *taker)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			out.Taker = found[0]
		}
	}
	return out, nil
}

// PlacesOfOrders returns the buildings of those orders that the scope sees, and the windows of those that are cancelled. An order's building
// and window never change.
func (t *Tx) PlacesOfOrders(ctx context.Context, s delivery.Scope, community int32, ids []delivery.UUID) (buildings, windows []delivery.UUID, err error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and("o.id = any(cast(? as uuid[]))", pq.StringArray(texts(ids)))
	orders.visible(&w, s)
	rows, err := listTx[struct {
		Building delivery.UUID  `db:"building_id"`
		Window   *delivery.UUID `db:"window_id"`
	}](ctx, t, "read the places of orders", `
		select distinct o.building_id, case when o.stage = 'CANCELLED' then o.window_id end as window_id
		  from orders o
		 `+w.String(), w.args...)
	for _, r := range rows {
		buildings = append(buildings, r.Building)
		if r.Window != nil {
			windows = append(windows, *r.Window)
		}
	}
	return buildings, windows, err
}
