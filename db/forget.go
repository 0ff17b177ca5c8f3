package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// The clean-up deletes in small transactions and skips locked rows until its next run. It never waits for a lock, so it
// cannot be part of a deadlock.

// purgeBatch is the most rows that the clean-up deletes in one transaction.
const purgeBatch = 500

// UnscopedPurgeCalls deletes calls made before an instant and returns their number.
func (d *DB) UnscopedPurgeCalls(ctx context.Context, before time.Time) (int64, error) {
	return d.forget(ctx, func(t *Tx) (int64, error) {
		return t.exec(ctx, "delete old calls", `
			delete from calls
			 where (community_id, actor, mutation, client_mutation_id) in (
				select c.community_id, c.actor, c.mutation, c.client_mutation_id
				  from calls c
				 where c.created_at < $1
				 order by c.community_id, c.actor, c.mutation, c.client_mutation_id
				 limit $2
				   for update skip locked)`, before, purgeBatch)
	})
}

// UnscopedPurgeSignIns deletes codes, sign-ins and tokens that ended or expired before an instant, and accounts that no row
// refers to any more.
func (d *DB) UnscopedPurgeSignIns(ctx context.Context, before time.Time) error {
	for _, step := range []func(*Tx) (int64, error){
		// Unredeemed invitations of administrators and city officials.
		func(t *Tx) (int64, error) {
			return t.exec(ctx, "delete old codes", `
				delete from roles
				 where (account_id, community_id) in (
					select r.account_id, r.community_id
					  from roles r
					  join codes c on c.id = r.account_id
					 where c.uses_left > 0 and (c.ended_at < $1 or c.expires_at < $1)
					 order by r.account_id, r.community_id
					 limit $2
					   for update of r skip locked)`, before, purgeBatch)
		},
		func(t *Tx) (int64, error) {
			gone, err := listTx[delivery.UUID](ctx, t, "choose the sign-ins to delete", `
				select s.id
				  from sessions s
				 where s.ended_at < $1 or not exists (select from tokens t where t.session_id = s.id and t.expires_at >= $1)
				    or not exists (select from roles r where r.account_id = s.account_id)
				 order by s.id
				 limit $2
				   for update skip locked`, before, purgeBatch)
			if err != nil || len(gone) == 0 {
				return 0, err
			}
			if _, err := t.exec(ctx, "delete the tokens of old sign-ins", `delete from tokens where session_id = any(cast($1 as uuid[]))`, pq.StringArray(texts(gone))); err != nil {
				return 0, err
			}
			return t.exec(ctx, "delete old sign-ins", `delete from sessions where id = any(cast($1 as uuid[]))`, pq.StringArray(texts(gone)))
		},
		func(t *Tx) (int64, error) {
			return t.exec(ctx, "delete old codes", `
				delete from codes
				 where id in (
					select c.id
					  from codes c
					 where (c.ended_at < $1 or c.expires_at < $1) and not exists (select from sessions s where s.code_id = c.id)
					   and not exists (select from roles r where r.account_id = c.id) -- the code is needed to end the official's access
					 order by c.id
					 limit $2
					   for update skip locked)`, before, purgeBatch)
		},
		func(t *Tx) (int64, error) {
			return t.exec(ctx, "delete unused accounts", `
				delete from accounts
				 where id in (
					select a.id
					  from accounts a
					 where not exists (select from roles r where r.account_id = a.id)
					   and not exists (select from sessions s where s.account_id = a.id)
					 order by a.id
					 limit $1
					   for update skip locked)`, purgeBatch)
		},
	} {
		if _, err := d.forget(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// UnscopedPurgeTokens deletes tokens that were replaced and expired before an instant, and returns their number. A replaced
// token is kept until it expires, since its use shows that it was stolen.
func (d *DB) UnscopedPurgeTokens(ctx context.Context, before time.Time) (int64, error) {
	return d.forget(ctx, func(t *Tx) (int64, error) {
		in, err := listTx[delivery.UUID](ctx, t, "lock sign-ins with old tokens", `
			select s.id
			  from sessions s
			 where s.id in (
				select t.session_id
				  from tokens t
				  join tokens n on n.replaces = t.hash
				 where t.expires_at < $1)
			 order by s.id
			 limit $2
			   for update skip locked`, before, purgeBatch)
		if err != nil || len(in) == 0 {
			return 0, err
		}
		gone, err := listTx[[]byte](ctx, t, "choose the tokens to delete", `
			select t.hash
			  from tokens t
			  join tokens n on n.replaces = t.hash
			 where t.session_id = any(cast($1 as uuid[])) and t.expires_at < $2`, pq.StringArray(texts(in)), before)
		if err != nil {
			return 0, err
		}
		if _, err := t.exec(ctx, "detach the tokens that follow deleted ones", `update tokens set replaces = null where replaces = any(cast($1 as bytea[]))`, pq.ByteaArray(gone)); err != nil {
			return 0, err
		}
		return t.exec(ctx, "delete old tokens", `delete from tokens where hash = any(cast($1 as bytea[]))`, pq.ByteaArray(gone))
	})
}

// forget repeats a step, each time in its own transaction, until a step deletes less than a batch. It returns the number of
// deleted rows.
func (d *DB) forget(ctx context.Context, step func(*Tx) (int64, error)) (all int64, err error) {
	for {
		n, err := InTx(ctx, d, step)
		if err != nil {
			return all, err
		}
		if all += n; n < purgeBatch {
			return all, nil
		}
	}
}
