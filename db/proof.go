package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

// ProofsOfOrders reads the proofs of the orders that the scope sees, oldest first, voided ones too.
func (d *DB) ProofsOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Proof, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	w.scope(s, orderKeys)
	return listOf[*delivery.Proof](ctx, d, "read the proofs of orders", `
		select p.community_id, p.order_id, p.version, p.kind, p.file_id, p.at, p.by_role, p.by_id, p.voided_at
		  from orders o
		  join proofs p on p.community_id = o.community_id and p.order_id = o.id
		 `+w.String()+`
		 order by p.order_id, p.version, p.kind`, w.args...)
}

// DoorSecret is what the door code of an order is derived from. It is never shown.
type DoorSecret struct {
	CommunityID int32         `db:"community_id"`
	OrderUUID   delivery.UUID `db:"id"`
	Secret      string        `db:"door_secret"`
}

// OrderID is the opaque id of the order.
func (s *DoorSecret) OrderID() delivery.ID {
	return delivery.ID{Kind: delivery.KindOrder, Community: s.CommunityID, UUID: s.OrderUUID}
}

// DoorSecrets reads what the door codes of the open orders among the ids are derived from, as far as the scope sees the orders.
func (d *DB) DoorSecrets(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*DoorSecret, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	w.and(openOrder)
	w.scope(s, orderKeys)
	return listOf[*DoorSecret](ctx, d, "read door secrets", `
		select o.community_id, o.id, cast(c.door_secret as text) as door_secret
		  from orders o
		  join communities c on c.community_id = o.community_id
		 `+w.String(), w.args...)
}

// DoorSecret reads the secret from which a community's door codes are derived.
func (t *Tx) DoorSecret(ctx context.Context, community int32) (string, error) {
	rows, err := listTx[string](ctx, t, "read a door secret", `
		select cast(door_secret as text)
		  from communities
		 where community_id = $1`, community)
	return one(rows, err, delivery.KindCommunity)
}

// InsertProofs inserts proofs, before the orders are saved: a delivery without one is attested.
func (t *Tx) InsertProofs(ctx context.Context, proofs []*delivery.Proof) error {
	if len(proofs) == 0 {
		return nil
	}
	if err := t.Decided(); err != nil {
		return err
	}
	if t.proved == nil {
		t.proved = map[delivery.UUID]bool{}
	}
	for _, p := range proofs {
		t.proved[p.OrderUUID] = true
	}
	n := len(proofs)
	orders, versions, kinds, ats, roles := make([]string, n), make([]int64, n), make([]string, n), make([]string, n), make([]string, n)
	files, by := make([]*string, n), make([]*string, n)
	for i, p := range proofs {
		orders[i], versions[i], kinds[i], ats[i], roles[i] = string(p.OrderUUID), p.Version, string(p.Kind), instant(p.At), string(p.ByRole)
		files[i], by[i] = (*string)(p.FileUUID), (*string)(p.ByUUID)
	}
	_, err := t.exec(ctx, "insert proofs", `
		insert into proofs (community_id, order_id, version, kind, file_id, at, by_role, by_id)
		select $1, n.*
		  from `+givenRows(false, 2, "uuid", "bigint", "text", "uuid", "timestamptz", "text", "uuid")+` as n`,
		proofs[0].CommunityID, pq.StringArray(orders), pq.Int64Array(versions), pq.StringArray(kinds), pq.Array(files), pq.StringArray(ats),
		pq.StringArray(roles), pq.Array(by))
	return err
}

// ResidentProofs returns which of the locked orders have a valid confirmation of their household.
func (t *Tx) ResidentProofs(ctx context.Context, community int32, orders []delivery.UUID) (map[delivery.UUID]bool, error) {
	rows, err := listTx[delivery.UUID](ctx, t, "read confirmations", `
		select distinct order_id
		  from proofs
		 where community_id = $1 and order_id = any(cast($2 as uuid[])) and kind = 'RESIDENT' and voided_at is null`, community, pq.StringArray(texts(orders)))
	out := map[delivery.UUID]bool{}
	for _, id := range rows {
		out[id] = true
	}
	return out, err
}

// WrongCodes returns how many wrong codes were given for each of the locked orders.
func (t *Tx) WrongCodes(ctx context.Context, community int32, orders []delivery.UUID) (map[delivery.UUID]int, error) {
	rows, err := listTx[struct {
		Order delivery.UUID `db:"order_id"`
		Wrong int           `db:"wrong"`
	}](ctx, t, "read wrong codes", `
		select order_id, wrong
		  from code_attempts
		 where community_id = $1 and order_id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(orders)))
	out := map[delivery.UUID]int{}
	for _, r := range rows {
		out[r.Order] = r.Wrong
	}
	return out, err
}

// NoteWrongCodes counts a wrong code for each of the locked orders.
func (t *Tx) NoteWrongCodes(ctx context.Context, community int32, orders []delivery.UUID) error {
	if len(orders) == 0 {
		return nil
	}
	_, err := t.exec(ctx, "note wrong codes", `
		insert into code_attempts as a (community_id, order_id, wrong)
		select $1, id, 1
		  from unnest(cast($2 as uuid[])) as given (id)
		 order by id
		    on conflict (community_id, order_id) do update set wrong = least(a.wrong + 1, 5)`, community, pq.StringArray(texts(orders)))
	return err
}
