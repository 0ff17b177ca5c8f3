package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// InsertCodes inserts codes.
func (t *Tx) InsertCodes(ctx context.Context, rows []*delivery.AccessCode) error {
	return insertAll(ctx, t, "insert codes", `
		insert into codes (id, community_id, purpose, role, row_id, selector, secret_hash, uses_left, created_at, expires_at,
		       created_by_role, created_by_id, ended_at)
		values (:id, :community_id, :purpose, :role, :row_id, :selector, :secret_hash, :uses_left, :created_at, :expires_at,
		       :created_by_role, :created_by_id, :ended_at)`, rows)
}

// LockCommunityOfCode locks the community of the code with a selector, so that its purge does not begin meanwhile. It
// fails with ErrNoRow if there is no such code, or if the code belongs to no community.
func (t *Tx) LockCommunityOfCode(ctx context.Context, selector string) (*delivery.Community, error) {
	of, err := listTx[int32](ctx, t, "find a code's community", `select community_id from codes where selector = $1`, selector)
	community, err := first(of, err)
	switch {
	case err != nil:
		return nil, err
	case community == 0:
		return nil, ErrNoRow
	}
	return t.LockCommunity(ctx, community, false)
}

// LockCode locks the code with a selector, valid or not. It fails with ErrNoRow if there is none.
func (t *Tx) LockCode(ctx context.Context, selector string) (*delivery.AccessCode, error) {
	rows, err := listTx[*delivery.AccessCode](ctx, t, "lock a code", "select "+codes.flat()+"\n  from codes c\n where c.selector = $1"+t.locking("for update"), selector)
	return first(rows, err)
}

// UnscopedCode reads the code with a selector, valid or not. It fails with ErrNoRow if there is none.
func (d *DB) UnscopedCode(ctx context.Context, selector string) (*delivery.AccessCode, error) {
	rows, err := list[*delivery.AccessCode](ctx, d, "read a code", "select "+codes.flat()+"\n  from codes c\n where c.selector = $1", selector)
	return first(rows, err)
}

// LockCodes locks the codes of a community with the ids, in id order.
func (t *Tx) LockCodes(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.AccessCode, error) {
	return listTx[*delivery.AccessCode](ctx, t, "lock codes", "select "+codes.flat()+`
		  from codes c
		 where c.community_id = $1 and c.id = any(cast($2 as uuid[]))
		 order by c.id`+t.locking("for update"), community, pq.StringArray(texts(ids)))
}

// LockCodesOf locks the open codes of a purpose, or of all purposes if it is empty, that belong to any of the rows, in id
// order.
func (t *Tx) LockCodesOf(ctx context.Context, community int32, purpose delivery.AccessPurpose, rows []delivery.UUID) ([]*delivery.AccessCode, error) {
	return listTx[*delivery.AccessCode](ctx, t, "lock the codes of a purpose", "select "+codes.flat()+`
		  from codes c
		 where c.community_id = $1 and ($2 = '' or c.purpose = $2) and c.row_id = any(cast($3 as uuid[])) and c.ended_at is null
		 order by c.id`+t.locking("for update"), community, purpose, pq.StringArray(texts(rows)))
}

// SpendCode takes one use of a locked code.
func (t *Tx) SpendCode(ctx context.Context, id delivery.UUID) error {
	_, err := t.exec(ctx, "spend a use of a code", `update codes set uses_left = uses_left - 1 where id = $1`, id)
	return err
}

// EndCodes ends locked codes and the sign-ins that began with them, ours and an issuer's. It returns the rows whose people
// lose a sign-in, and the orders of links, which are watched without a sign-in.
func (t *Tx) EndCodes(ctx context.Context, ids []delivery.UUID, at time.Time) ([]delivery.UUID, error) {
	if err := t.Decided(); err != nil {
		return nil, err
	}
	// No sign-in with these codes can begin meanwhile, since it needs the code's lock.
	if _, err := t.lockSessions(ctx, "s.code_id = any(cast($1 as uuid[]))", pq.StringArray(texts(ids))); err != nil {
		return nil, err
	}
	// A redeemed invitation without a sign-in of ours has bound an issuer's subject instead.
	const bound = `
			select r.account_id, r.row_id
			  from codes c
			  join roles r on r.community_id = c.community_id and r.role = c.role and r.row_id = c.row_id
			 where c.id = any(cast($1 as uuid[])) and c.ended_at is null and c.purpose = 'INVITATION' and c.uses_left = 0
			   and not exists (select from sessions s where s.code_id = c.id)`
	if err := t.lockAccounts(ctx, "a.id in (select x.account_id from ("+bound+") x)", pq.StringArray(texts(ids))); err != nil {
		return nil, err
	}
	return listTx[delivery.UUID](ctx, t, "read the rows that lose a sign-in", `
		with unbound as (
			update accounts a set issuer = '', subject = ''
			  from (`+bound+`) x
			 where a.id = x.account_id and a.subject <> ''
			 returning x.row_id),
		codes as (
			update codes set ended_at = $2
			 where id = any(cast($1 as uuid[])) and ended_at is null
			 returning purpose, row_id),
		ended as (
			update sessions set ended_at = $2
			 where code_id = any(cast($1 as uuid[])) and ended_at is null
			 returning account_id)
		select r.row_id
		  from ended
		  join roles r on r.account_id = ended.account_id
		 where r.row_id is not null
		union
		select row_id from unbound
		union
		select row_id from codes where purpose = 'LINK'
		 order by 1`, pq.StringArray(texts(ids)), at)
}

// LinkedOrders returns the ids of the households' orders that have or had a link, in id order.
func (t *Tx) LinkedOrders(ctx context.Context, community int32, households []delivery.UUID) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "read the orders of links", `
		select o.id
		  from orders o
		 where o.community_id = $1 and o.household_id = any(cast($2 as uuid[]))
		   and (exists (select from codes c where c.community_id = o.community_id and c.row_id = o.id and c.ended_at is null)
		     or exists (select from roles r where r.community_id = o.community_id and r.role = 'LINK' and r.row_id = o.id))
		 order by o.id`, community, pq.StringArray(texts(households)))
}

// EndAccess ends every code for the rows and every sign-in that acts as one of them, also those of an issuer. It returns the
// number of ended codes. All callers that end codes lock in this order: codes, sign-ins, accounts, each in id order.
func (t *Tx) EndAccess(ctx context.Context, community int32, rows []delivery.UUID, at time.Time) (int, error) {
	open, err := t.LockCodesOf(ctx, community, "", rows)
	if err != nil {
		return 0, err
	}
	if _, err := t.EndSessionsOf(ctx, community, rows, at); err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, "end codes", `
		update codes set ended_at = $3
		 where community_id = $1 and row_id = any(cast($2 as uuid[])) and ended_at is null`, community, pq.StringArray(texts(rows)), at)
	return len(open), err
}

// UnscopedDueLinks returns, by community, the orders with open links that became final at or before an instant of business
// time.
func (d *DB) UnscopedDueLinks(ctx context.Context, since time.Time, limit int) (map[int32][]delivery.UUID, error) {
	rows, err := list[struct {
		Community int32         `db:"community_id"`
		ID        delivery.UUID `db:"id"`
	}](ctx, d, "read the links that are due", `
		select distinct o.community_id, o.id
		  from codes c
		  join orders o on o.community_id = c.community_id and o.id = c.row_id
		 where c.purpose = 'LINK' and c.ended_at is null
		   and o.stage in ('DELIVERED', 'CANCELLED', 'RETURNED') and o.stage_since <= $1
		 order by o.community_id, o.id
		 limit $2`, since, limit)
	out := map[int32][]delivery.UUID{}
	for _, r := range rows {
		out[r.Community] = append(out[r.Community], r.ID)
	}
	return out, err
}

// CodeFilter narrows a list of codes.
type CodeFilter struct {
	Purposes []delivery.AccessPurpose
	Rows     []delivery.UUID // rows that the codes are for
	Ended    bool            // also codes that can no longer be redeemed
}

var codes = noun[delivery.AccessCode]{
	table: "codes", alias: "c",
	columns: []string{"id", "community_id", "purpose", "role", "row_id", "selector", "secret_hash", "uses_left", "created_at",
		"expires_at", "created_by_role", "created_by_id", "ended_at"},
	visible: func(w *where, s delivery.Scope) { w.scope(s, keyColumns{community: "c.community_id"}) },
	sorting: sorting{columns: []sortColumn{{"c.created_at", "timestamptz"}, {"c.id", "uuid"}}, desc: true},
}

// Codes reads a page of a community's codes, newest first, for scopes that see the whole community. now is machine time.
func (d *DB) Codes(ctx context.Context, s delivery.Scope, community int32, f CodeFilter, now time.Time, p Range) (*Rows[delivery.AccessCode], error) {
	var w where
	w.and("c.community_id = ?", community)
	w.in("c.purpose", "text", texts(f.Purposes))
	w.in("c.row_id", "uuid", texts(f.Rows))
	if !f.Ended {
		w.and("c.ended_at is null and c.uses_left > 0 and c.expires_at > ?", now)
	}
	return codes.page(ctx, d, s, w, p)
}

// CodesByID reads the codes with the ids, in no order, for scopes that see their whole community.
func (d *DB) CodesByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.AccessCode, error) {
	return codes.byIDs(ctx, d, s, ids)
}

// Rows returns those ids that belong to volunteers, suppliers or households.
func (t *Tx) Rows(ctx context.Context, community int32, ids []delivery.UUID) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "find rows by id", `
		select id from volunteers where community_id = $1 and id = any(cast($2 as uuid[]))
		union all
		select id from suppliers where community_id = $1 and id = any(cast($2 as uuid[]))
		union all
		select id from households where community_id = $1 and id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
}
