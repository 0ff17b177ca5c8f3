package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// Account is an account that can sign in, with its role in a community.
type Account struct {
	UUID      delivery.UUID  `db:"id"`
	Role      delivery.Role  `db:"role"` // VOLUNTEER for the whole team
	Community int32          `db:"community_id"`
	RowUUID   *delivery.UUID `db:"row_id"`
	Issuer    string         `db:"issuer"`
	Subject   string         `db:"subject"`
}

// AccountOf locks the account of a code's row, and opens one if there is none yet.
func (t *Tx) AccountOf(ctx context.Context, c *delivery.AccessCode, fresh delivery.UUID, at time.Time) (*Account, error) {
	if err := t.Decided(); err != nil {
		return nil, err
	}
	if c.RowUUID == nil {
		return t.officialOf(ctx, c)
	}
	// A transaction that opens the same account at the same moment is waited for.
	if _, err := t.exec(ctx, "queue for an account", `select pg_advisory_xact_lock(hashtextextended($1, 4))`, string(*c.RowUUID)); err != nil {
		return nil, err
	}
	rows, err := listTx[*Account](ctx, t, "lock the account of a code's row", `
		select a.id, r.role, r.community_id, r.row_id, a.issuer, a.subject
		  from roles r
		  join accounts a on a.id = r.account_id
		 where r.community_id = $1 and r.role = $2 and r.row_id = $3 and a.ended_at is null
		   for no key update of a`, c.CommunityID, c.Role, c.RowUUID)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 {
		return rows[0], nil
	}
	a := &Account{UUID: fresh, Role: c.Role, Community: c.CommunityID, RowUUID: c.RowUUID}
	if _, err := t.exec(ctx, "open an account", `insert into accounts (id, issuer, subject, created_at) values ($1, '', '', $2)`, a.UUID, at); err != nil {
		return nil, err
	}
	_, err = t.exec(ctx, "give an account its role", `insert into roles (account_id, community_id, role, row_id) values ($1, $2, $3, $4)`, a.UUID, a.Community, a.Role, a.RowUUID)
	return a, err
}

// BindSubject binds the issuer's subject to the account.
func (t *Tx) BindSubject(ctx context.Context, account delivery.UUID, issuer, subject string) error {
	_, err := t.exec(ctx, "bind an issuer's subject", `update accounts set issuer = $2, subject = $3 where id = $1`, account, issuer, subject)
	return err
}

// SubjectTaken reports whether the issuer's subject is already bound to an account.
func (t *Tx) SubjectTaken(ctx context.Context, issuer, subject string) (bool, error) {
	rows, err := listTx[bool](ctx, t, "look for an issuer's subject", `select true from accounts where issuer = $1 and subject = $2 and subject <> ''`, issuer, subject)
	return len(rows) > 0, err
}

// Bound reports whether the issuer's subject is already bound to this code's account.
func (t *Tx) Bound(ctx context.Context, c *delivery.AccessCode, issuer, subject string) (bool, error) {
	rows, err := listTx[bool](ctx, t, "compare a subject with a code's account", `
		select true
		  from accounts a
		  join roles r on r.account_id = a.id
		 where a.issuer = $1 and a.subject = $2 and a.subject <> '' and a.ended_at is null and r.role = $3
		   and case when cast($5 as uuid) is null then a.id = $6 else r.community_id = $4 and r.row_id = $5 end`,
		issuer, subject, c.Role, c.CommunityID, c.RowUUID, c.UUID)
	return len(rows) > 0, err
}

// EndSessionsOf ends every sign-in of the rows' people, ours and an issuer's. It returns the rows that had one.
func (t *Tx) EndSessionsOf(ctx context.Context, community int32, rows []delivery.UUID, at time.Time) ([]delivery.UUID, error) {
	if err := t.Decided(); err != nil {
		return nil, err
	}
	of := `(select r.account_id from roles r where r.community_id = $1 and r.row_id = any(cast($2 as uuid[])))`
	locked, err := t.lockSessions(ctx, "s.account_id in "+of, community, pq.StringArray(texts(rows)))
	if err != nil {
		return nil, err
	}
	if err := t.lockAccounts(ctx, "a.id in "+of, community, pq.StringArray(texts(rows))); err != nil {
		return nil, err
	}
	return listTx[delivery.UUID](ctx, t, "read the rows that have a sign-in", `
		with ended as (
			update sessions s set ended_at = $3
			  from roles r
			 where r.account_id = s.account_id and r.community_id = $1 and r.row_id = any(cast($2 as uuid[])) and s.id = any(cast($4 as uuid[]))
			 returning r.row_id),
		unbound as (
			update accounts a set issuer = '', subject = ''
			  from roles r
			 where r.account_id = a.id and r.community_id = $1 and r.row_id = any(cast($2 as uuid[])) and a.subject <> ''
			 returning r.row_id)
		select row_id from ended
		union
		select row_id from unbound
		 order by row_id`, community, pq.StringArray(texts(rows)), at, pq.StringArray(texts(locked)))
}

// lockAccounts locks the accounts a that meet a fixed condition, in id order. Sign-ins are locked before them.
func (t *Tx) lockAccounts(ctx context.Context, which string, args ...any) error {
	_, err := t.exec(ctx, "lock accounts", "select a.id from accounts a\n where "+which+"\n order by a.id\n   for no key update", args...)
	return err
}

// UnscopedAccount reads the account of an issuer's subject. It fails with UNAUTHENTICATED if no account is bound to it.
func (d *DB) UnscopedAccount(ctx context.Context, issuer, subject string) (*Account, error) {
	rows, err := list[*Account](ctx, d, "read the account of an issuer's subject", `
		select a.id, r.role, r.community_id, r.row_id, a.issuer, a.subject
		  from accounts a
		  join roles r on r.account_id = a.id
		 where a.issuer = $1 and a.subject = $2 and a.subject <> '' and a.ended_at is null
		 order by r.community_id`, issuer, subject)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoAccount)
	}
	return rows[0], nil
}
