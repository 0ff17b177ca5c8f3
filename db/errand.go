package db

import (
	"context"
	"slices"

	"github.com/lib/pq"

	"baogong/delivery"
)

const errandColumns = `e.community_id, e.id, e.kind, e.answer, e.answered_at, e.answered_by_role, e.answered_by_id,
	(select count(*)
	   from documents d
	  where d.community_id = e.community_id and d.order_id = e.id and d.returned_at is null and d.lost_at is null) as out`

const documentColumns = `d.community_id, d.id, d.order_id, d.kind, d.taken_at, d.taken_by_role, d.taken_by_id, d.returned_at, d.returned_by_role, d.returned_by_id,
	d.lost_at, d.incident_id`

// ErrandsOfOrders reads the errands of the orders that the scope sees, in no order. An order without a row has none here.
func (d *DB) ErrandsOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Errand, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	w.scope(s, orderKeys)
	return list[*delivery.Errand](ctx, d, "read the errands of orders", `
		select `+errandColumns+`
		  from orders o
		  join errands e on e.community_id = o.community_id and e.id = o.id
		 `+w.String(), w.args...)
}

// DocumentsOfOrders reads the documents of the orders that the scope sees, those taken first before the others.
func (d *DB) DocumentsOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Document, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	w.scope(s, orderKeys)
	return listOf[*delivery.Document](ctx, d, "read the documents of orders", `
		select `+documentColumns+`
		  from orders o
		  join documents d on d.community_id = o.community_id and d.order_id = o.id
		 `+w.String()+`
		 order by d.order_id, d.taken_at, d.id`, w.args...)
}

// OrdersToShop reads the open orders of a community that the scope sees and that a volunteer has yet to shop for: those at PLACED or DISPATCHED that the volunteer
// runs, of a supplier if one is named; the oldest first.
func (d *DB) OrdersToShop(ctx context.Context, s delivery.Scope, community int32, taker delivery.UUID, supplier *delivery.UUID, limit int) ([]*delivery.Order, error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and("o.stage in ('PLACED', 'DISPATCHED') and o.channel in ('BUY_FOR', 'ERRAND')")
	w.and("coalesce(o.holder_volunteer_id, o.taker_id) = ?", taker)
	if supplier != nil {
		w.and("o.supplier_id = ?", *supplier)
	}
	orders.visible(&w, s)
	most := w.arg(limit)
	return list[*delivery.Order](ctx, d, "read the orders to shop for", "select "+orders.flat()+"\n  from "+orders.from+"\n "+w.String()+`
		 order by o.number
		 limit `+most, w.args...)
}

// Errands reads the errands of locked orders, by order.
func (t *Tx) Errands(ctx context.Context, community int32, orders []delivery.UUID) (map[delivery.UUID]*delivery.Errand, error) {
	rows, err := listTx[*delivery.Errand](ctx, t, "read errands", `
		select `+errandColumns+`
		  from errands e
		 where e.community_id = $1 and e.id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(orders)))
	out := map[delivery.UUID]*delivery.Errand{}
	for _, e := range rows {
		out[e.UUID] = e
	}
	return out, err
}

// SaveErrands writes the errands of locked orders, also new ones. If the community's personal data is purged, the answers are left out.
func (t *Tx) SaveErrands(ctx context.Context, rows []*delivery.Errand) error {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b *delivery.Errand) int { return compareIDs(a.OrderID(), b.OrderID()) })
	return insertAll(ctx, t, "save errands", `
		insert into errands as e (community_id, id, kind, answer, answered_at, answered_by_role, answered_by_id)
		values (:community_id, :id, :kind,
			case when exists (select from communities p where p.community_id = :community_id and p.purge_began_at is not null) then '' else :answer end,
			:answered_at, :answered_by_role, :answered_by_id)
		    on conflict (community_id, id) do update
		   set kind = excluded.kind, answer = excluded.answer, answered_at = excluded.answered_at, answered_by_role = excluded.answered_by_role,
		       answered_by_id = excluded.answered_by_id`, rows)
}

// OrdersOfDocuments returns the order of each of the documents that there are.
func (t *Tx) OrdersOfDocuments(ctx context.Context, community int32, ids []delivery.UUID) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "read the orders of documents", `
		select distinct d.order_id
		  from documents d
		 where d.community_id = $1 and d.id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
}

// DocumentsOf reads the documents of locked orders, those taken first before the others.
func (t *Tx) DocumentsOf(ctx context.Context, community int32, orders []delivery.UUID) ([]*delivery.Document, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	return listTx[*delivery.Document](ctx, t, "read the documents of locked orders", `
		select `+documentColumns+`
		  from documents d
		 where d.community_id = $1 and d.order_id = any(cast($2 as uuid[]))
		 order by d.order_id, d.taken_at, d.id`, community, pq.StringArray(texts(orders)))
}

// InsertDocuments inserts documents of a locked order whose errand has a row.
func (t *Tx) InsertDocuments(ctx context.Context, rows []*delivery.Document) error {
	return insertAll(ctx, t, "insert documents", `
		insert into documents (community_id, id, order_id, kind, taken_at, taken_by_role, taken_by_id)
		values (:community_id, :id, :order_id, :kind, :taken_at, :taken_by_role, :taken_by_id)`, rows)
}

// SaveDocuments writes the changes of documents of locked orders.
func (t *Tx) SaveDocuments(ctx context.Context, community int32, rows []*delivery.Document) error {
	if len(rows) == 0 {
		return nil
	}
	n := len(rows)
	ids, returned, roles, by, lost, incidents := make([]string, n), make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n)
	for k, d := range rows {
		ids[k], returned[k], roles[k], by[k] = string(d.UUID), instantOrNil(d.ReturnedAt), (*string)(d.ReturnedByRole), (*string)(d.ReturnedByUUID)
		lost[k], incidents[k] = instantOrNil(d.LostAt), (*string)(d.IncidentUUID)
	}
	_, err := t.exec(ctx, "save documents", `
		update documents d
		   set returned_at = n.returned_at, returned_by_role = n.returned_by_role, returned_by_id = n.returned_by_id, lost_at = n.lost_at, incident_id = n.incident_id
		  from `+givenRows(false, 2, "uuid", "timestamptz", "text", "uuid", "timestamptz", "uuid")+` as n (id, returned_at, returned_by_role, returned_by_id, lost_at, incident_id)
		 where d.community_id = $1 and d.id = n.id`,
		community, pq.StringArray(ids), pq.Array(returned), pq.Array(roles), pq.Array(by), pq.Array(lost), pq.Array(incidents))
	return err
}
