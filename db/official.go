package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// Administrators and the city have accounts but no rows. Each invitation opens an account with its own id, so that revoking
// the invitation identifies the account.

// InsertOfficial opens the account of an administrator or the city for an invitation code and the communities; 0 stands for
// every community.
func (t *Tx) InsertOfficial(ctx context.Context, c *delivery.AccessCode, communities []int32, at time.Time) error {
	if _, err := t.exec(ctx, "open an official's account", `insert into accounts (id, issuer, subject, created_at) values ($1, '', '', $2)`, c.UUID, at); err != nil {
		return err
	}
	_, err := t.exec(ctx, "give an official its roles", `insert into roles (account_id, community_id, role) select $1, x, $2 from unnest(cast($3 as int[])) x`, c.UUID, c.Role, pq.Array(communities))
	return err
}

// ReasonBadCode refuses unknown codes, and codes whose existence the caller may not learn, with the same message.
var ReasonBadCode = delivery.NewReason("BAD_CODE", delivery.CodeNotFound,
	"This code is not valid or no longer valid; ask for a new one.",
	"该码无效或已失效，请重新索取。")

// officialOf locks the account that an official's code opened. It fails with BAD_CODE if the account has lost its role.
func (t *Tx) officialOf(ctx context.Context, c *delivery.AccessCode) (*Account, error) {
	rows, err := listTx[*Account](ctx, t, "lock an official's account", `
		select a.id, r.role, r.community_id, r.row_id, a.issuer, a.subject
		  from accounts a
		  join roles r on r.account_id = a.id
		 where a.id = $1 and r.role = $2 and a.ended_at is null
		 order by r.community_id
		   for no key update of a`, c.UUID, c.Role)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, delivery.Refuse(ReasonBadCode).At("code")
	}
	return rows[0], nil
}

// EndOfficials ends the roles of administrators and the city whose invitations are among the locked codes, and unbinds the
// issuer's subjects. It returns the accounts of administrators; the city has no streams to end.
func (t *Tx) EndOfficials(ctx context.Context, codes []delivery.UUID) ([]delivery.UUID, error) {
	if err := t.Decided(); err != nil {
		return nil, err
	}
	// Older codes opened an account with another id when they were redeemed.
	const opened = `
			select c.id as account_id from codes c where c.id = any(cast($1 as uuid[])) and c.row_id is null
			union
			select s.account_id from sessions s join codes c on c.id = s.code_id where c.id = any(cast($1 as uuid[])) and c.row_id is null`
	if err := t.lockAccounts(ctx, "a.id in ("+opened+")", pq.StringArray(texts(codes))); err != nil {
		return nil, err
	}
	return listTx[delivery.UUID](ctx, t, "end the roles of officials", `
		with opened as (`+opened+`),
		unbound as (
			update accounts set issuer = '', subject = ''
			 where id in (select account_id from opened) and subject <> ''),
		gone as (
			delete from roles
			 where account_id in (select account_id from opened)
			 returning account_id, role)
		select account_id from gone where role = 'ADMIN' order by account_id`, pq.StringArray(texts(codes)))
}

// UnscopedAdministrator reports whether there is an administrator, or an invitation for one that is valid at an instant of
// machine time.
func (d *DB) UnscopedAdministrator(ctx context.Context, now time.Time) (bool, error) {
	rows, err := list[bool](ctx, d, "look for an administrator", `
		select exists (
			select from roles r
			  join accounts a on a.id = r.account_id
			 where r.role = 'ADMIN' and a.ended_at is null
			   and not exists (
				select from codes c
				 where c.id = a.id and c.uses_left > 0 and (c.ended_at is not null or c.expires_at <= $1)))`, now)
	return err == nil && rows[0], err
}

const selectOfficial = `
	select array(select r.community_id from roles r where r.account_id = c.id and r.role = $2 order by r.community_id) as communities
	  from accounts c
	 where c.id = $1 and c.ended_at is null
	   and exists (select from roles r where r.account_id = c.id and r.role = $2)
	   and ($3 = '' or exists (select from sessions s where s.id = cast(nullif($3, '') as uuid) and s.account_id = c.id and s.ended_at is null))
	   and ($5 = '' or c.issuer = $4 and c.subject = $5)`

type officialRow struct {
	Communities pq.Int64Array `db:"communities"`
}

// officialArgs returns the arguments of selectOfficial.
func officialArgs(a delivery.Actor) []any {
	return []any{a.UUID, a.Role, a.Session, a.Issuer, a.Subject}
}

// official returns an official as an actor, read again. It fails with NOT_FOUND if the account has lost its role, the
// sign-in has ended, or the issuer's subject is bound to another account.
func official(a delivery.Actor) func([]officialRow, error) (delivery.Actor, error) {
	return func(rows []officialRow, err error) (delivery.Actor, error) {
		row, err := one(rows, err, delivery.KindAdmin)
		if err != nil {
			return delivery.Actor{}, err
		}
		a.Communities = nil
		for _, c := range row.Communities {
			if a.Role == delivery.RoleCity {
				a.Communities = append(a.Communities, int32(c))
			}
		}
		return a, nil
	}
}
