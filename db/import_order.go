package db

import (
	"context"

	"baogong/delivery"
)

// OrdersByOwnNumber reads a supplier's orders with the numbers, in their normal form, that the team or the supplier has placed, by that form.
func (t *Tx) OrdersByOwnNumber(ctx context.Context, community int32, supplier delivery.UUID, keys []string) (map[string]*delivery.Order, error) {
	if len(keys) == 0 {
		return nil, nil //nolint:nilnil // none are asked for
	}
	rows, err := listTx[struct {
		delivery.Order
		NumberKey string `db:"number_key"`
	}](ctx, t, "find orders by their own numbers", "select "+orders.flat()+`, x.number_key
		  from order_texts x
		  join orders o on o.community_id = x.community_id and o.id = x.order_id
		  join households h on h.community_id = o.community_id and h.id = o.household_id
		 where x.community_id = $1 and x.supplier_id = $2 and x.household_id is null and x.number_key <> '' and x.number_key = any(cast($3 as text[]))`,
		community, supplier, arrayText(keys))
	out := make(map[string]*delivery.Order, len(rows))
	for k := range rows {
		out[rows[k].NumberKey] = &rows[k].Order
	}
	return out, err
}

// OrdersByRowKey reads the orders that imported rows with the keys became last, by key.
func (t *Tx) OrdersByRowKey(ctx context.Context, community int32, keys []string) (map[string]*delivery.Order, error) {
	if len(keys) == 0 {
		return nil, nil //nolint:nilnil // none are asked for
	}
	rows, err := listTx[struct {
		delivery.Order
		RowKey string `db:"row_key"`
	}](ctx, t, "find orders by the keys of imported rows", "select "+orders.flat()+`, x.key as row_key
		  from unnest(cast($2 as text[])) as n (key)
		 cross join lateral (
			select r.key, r.order_id
			  from import_rows r
			 where r.community_id = $1 and r.key = n.key and r.key <> '' and r.order_id is not null
			 order by r.id desc
			 limit 1) x
		  join orders o on o.community_id = $1 and o.id = x.order_id
		  join households h on h.community_id = o.community_id and h.id = o.household_id`,
		community, arrayText(keys))
	out := make(map[string]*delivery.Order, len(rows))
	for k := range rows {
		out[rows[k].RowKey] = &rows[k].Order
	}
	return out, err
}

// OrdersInWindow reads an order of each of the households in a window that is not cancelled.
func (t *Tx) OrdersInWindow(ctx context.Context, community int32, window delivery.UUID, households []delivery.UUID) (map[delivery.UUID]*delivery.Order, error) {
	rows, err := listTx[*delivery.Order](ctx, t, "find the orders of households in a window", "select "+orders.flat()+`
		  from orders o
		  join households h on h.community_id = o.community_id and h.id = o.household_id
		 where o.community_id = $1 and o.window_id = $2 and o.household_id = any(cast($3 as uuid[])) and o.stage <> 'CANCELLED'
		 order by o.number`, community, window, arrayText(texts(households)))
	out := make(map[delivery.UUID]*delivery.Order, len(rows))
	for _, o := range rows {
		out[o.HouseholdUUID] = o
	}
	return out, err
}

// LinesByOrder reads the lines of orders, by order, each in its own sequence.
func (t *Tx) LinesByOrder(ctx context.Context, community int32, ids []delivery.UUID) (map[delivery.UUID][]*delivery.Line, error) {
	out := make(map[delivery.UUID][]*delivery.Line, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := listTx[*delivery.Line](ctx, t, "read the lines of known orders", `
		select `+lineColumns+`
		  from order_lines l
		 where l.community_id = $1 and l.order_id = any(cast($2 as uuid[]))
		 order by l.order_id, l.position`, community, arrayText(texts(ids)))
	for _, l := range rows {
		out[l.OrderUUID] = append(out[l.OrderUUID], l)
	}
	return out, err
}
