package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// HeldWebhook is an endpoint that one process sends to, as long as it renews the lease. Each write of the process names the lease and the version,
// so that nothing is saved after the lease was lost or the endpoint was changed.
type HeldWebhook struct {
	delivery.Webhook
	Lease    delivery.UUID `db:"lease"`
	Troubled bool          `db:"troubled"` // has an open incident
}

// sendable is the condition that events are sent to the endpoint w: it is on, it has a secret, and its supplier is not archived.
const sendable = `w.off is null and w.archived_at is null
		   and exists (select from webhook_secrets s where s.community_id = w.community_id and s.webhook_id = w.id and s.ends_at is null)
		   and (w.supplier_id is null
			or exists (select from suppliers s where s.community_id = w.community_id and s.id = w.supplier_id and s.archived_at is null))`

// UnscopedClaimWebhooks takes the leases of at most limit endpoints that no process holds, until a time from now by PostgreSQL's clock.
func (d *DB) UnscopedClaimWebhooks(ctx context.Context, lasting time.Duration, limit int) ([]*HeldWebhook, error) {
	return list[*HeldWebhook](ctx, d, "claim webhooks", `
		with free as (
			select w.community_id, w.id
			  from webhooks w
			 where (w.lease_until is null or w.lease_until <= clock_timestamp()) and `+sendable+`
			 order by w.community_id, w.id
			 limit $2
			   for no key update skip locked
		)
		update webhooks w
		   set lease = gen_random_uuid(), lease_until = clock_timestamp() + cast($1 as int) * interval '1 millisecond'
		  from free
		 where w.community_id = free.community_id and w.id = free.id
		returning `+webhooks.flat()+`, w.lease,
			exists (select from incidents i
			         where i.community_id = w.community_id and `+incidentSubject+` = w.id and i.kind = 'WEBHOOK_FAILING' and i.state <> 'RESOLVED') as troubled`,
		lasting.Milliseconds(), limit)
}

// RenewedWebhook is an endpoint whose lease is still held.
type RenewedWebhook struct {
	Lease    delivery.UUID `db:"lease"`
	Version  int64         `db:"version"`
	Sendable bool          `db:"sendable"`
}

// UnscopedRenewWebhooks renews leases. Rows that another transaction has locked are not renewed this time, and are missing.
func (d *DB) UnscopedRenewWebhooks(ctx context.Context, leases []delivery.UUID, lasting time.Duration) ([]RenewedWebhook, error) {
	return list[RenewedWebhook](ctx, d, "renew the leases of webhooks", `
		with held as (
			select w.community_id, w.id
			  from webhooks w
			 where w.lease = any(cast($1 as uuid[]))
			 order by w.community_id, w.id
			   for no key update skip locked
		)
		update webhooks w
		   set lease_until = clock_timestamp() + cast($2 as int) * interval '1 millisecond'
		  from held
		 where w.community_id = held.community_id and w.id = held.id
		returning w.lease, w.version, `+sendable+` as sendable`, pq.StringArray(texts(leases)), lasting.Milliseconds())
}

// UnscopedReleaseWebhook ends a lease, so that another process can take the endpoint at once.
func (d *DB) UnscopedReleaseWebhook(ctx context.Context, h *HeldWebhook) error {
	_, err := list[bool](ctx, d, "release a webhook", `
		update webhooks w set lease = null, lease_until = null where w.id = $2 and w.community_id = $1 and w.lease = cast($3 as uuid)
		returning true`, h.CommunityID, h.UUID, h.Lease)
	return err
}

// UnscopedSecretsOfWebhook reads the secrets that deliveries to an endpoint are signed with, the current one first, at most
// delivery.MaxSigningSecrets.
func (d *DB) UnscopedSecretsOfWebhook(ctx context.Context, id delivery.ID, now time.Time) ([]*delivery.WebhookSecret, error) {
	return list[*delivery.WebhookSecret](ctx, d, "read the secrets of a webhook", `
		select s.community_id, s.webhook_id, s.id, s.secret, s.created_at, s.ends_at
		  from webhook_secrets s
		 where s.community_id = $1 and s.webhook_id = $2 and (s.ends_at is null or s.ends_at > $3)
		 order by s.ends_at desc nulls first, s.created_at desc
		 limit $4`, id.Community, id.UUID, now, delivery.MaxSigningSecrets)
}

// UnscopedSaveWebhookPlace saves how many events the receiver took, and the new position. It reports false if the lease was lost or the
// endpoint was changed.
func (d *DB) UnscopedSaveWebhookPlace(ctx context.Context, h *HeldWebhook, position int64, taken int) (bool, error) {
	rows, err := list[bool](ctx, d, "save the place of a webhook", `
		update webhooks w
		   set position = $5, acked = acked + $6, attempts = $7, failing_since = $8, next_at = $9, last_at = $10, last_status = $11, last_problem = $12
		 where w.id = $2 and w.community_id = $1 and w.lease = cast($3 as uuid) and w.version = $4
		returning true`, append(h.key(), append([]any{position, taken}, h.outcome()...)...)...)
	return len(rows) > 0, err
}

// key is the first arguments of what is saved under a lease: the endpoint, the lease and the version.
func (h *HeldWebhook) key() []any { return []any{h.CommunityID, h.UUID, h.Lease, h.Version} }

// outcome is the columns that say how the last attempt ended.
func (h *HeldWebhook) outcome() []any {
	return []any{h.Attempts, h.FailingSince, h.NextAt, h.LastAt, h.LastStatus, (*string)(h.LastProblem)}
}

// ParkEvents parks events of an endpoint and moves its position. It reports false if the lease was lost or the endpoint was changed.
func (t *Tx) ParkEvents(ctx context.Context, h *HeldWebhook, position int64, seqs []int64, now time.Time) (bool, error) {
	n, err := t.exec(ctx, "count parked events", `
		update webhooks w
		   set position = $5, parked = parked + $6, attempts = $7, failing_since = $8, next_at = $9, last_at = $10, last_status = $11, last_problem = $12
		 where w.id = $2 and w.community_id = $1 and w.lease = cast($3 as uuid) and w.version = $4`, append(h.key(), append([]any{position, len(seqs)}, h.outcome()...)...)...)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = t.exec(ctx, "park events", `
		insert into webhook_parked (community_id, webhook_id, seq, parked_at)
		select $1, $2, x.seq, $4
		  from unnest(cast($3 as bigint[])) as x (seq)`, h.CommunityID, h.UUID, pq.Int64Array(seqs), now)
	return true, err
}

// SwitchOffWebhook switches an endpoint off. It reports false if the lease was lost or the endpoint was changed.
func (t *Tx) SwitchOffWebhook(ctx context.Context, h *HeldWebhook, why delivery.WebhookOff, now time.Time) (bool, error) {
	n, err := t.exec(ctx, "switch a webhook off", `
		update webhooks w
		   set off = $5, off_at = $6, version = version + 1, attempts = $7, failing_since = $8, next_at = $9, last_at = $10, last_status = $11, last_problem = $12
		 where w.id = $2 and w.community_id = $1 and w.lease = cast($3 as uuid) and w.version = $4`, append(h.key(), append([]any{string(why), now}, h.outcome()...)...)...)
	return n > 0, err
}

// ParkedAgain is an event that was parked and is to be sent again.
type ParkedAgain struct {
	*delivery.Event
	AgainAt time.Time
}

// UnscopedParkedAgain reads the first parked events that an endpoint is to get again, in order.
func (d *DB) UnscopedParkedAgain(ctx context.Context, id delivery.ID, after int64, limit int) ([]ParkedAgain, error) {
	rows, err := list[*struct {
		eventRow
		AgainAt time.Time `db:"again_at"`
	}](ctx, d, "read parked events to send again", `
		select `+eventColumns+`, p.again_at
		  from webhook_parked p
		  join events e on e.community_id = p.community_id and e.seq = p.seq
		 where p.community_id = $1 and p.webhook_id = $2 and p.seq > $3 and p.again_at is not null
		 order by p.seq
		 limit $4`, id.Community, id.UUID, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]ParkedAgain, len(rows))
	for i, r := range rows {
		e, err := r.read()
		if err != nil {
			return nil, err
		}
		out[i] = ParkedAgain{e, r.AgainAt}
	}
	return out, nil
}

// UnscopedUnparkEvents saves that the receiver took parked events. It reports false if the lease was lost or the endpoint was changed.
func (d *DB) UnscopedUnparkEvents(ctx context.Context, h *HeldWebhook, seqs []int64) (bool, error) {
	rows, err := list[bool](ctx, d, "take parked events out", `
		with held as (
			select w.community_id, w.id from webhooks w where w.id = $2 and w.community_id = $1 and w.lease = cast($3 as uuid) and w.version = $4 for no key update
		), gone as (
			delete from webhook_parked p
			 using held
			 where p.community_id = held.community_id and p.webhook_id = held.id and p.seq = any(cast($5 as bigint[]))
			returning p.seq
		)
		update webhooks w
		   set acked = acked + n.gone, parked = parked - n.gone, resending = resending - n.gone
		  from held, (select count(*) as gone from gone) n
		 where w.community_id = held.community_id and w.id = held.id
		returning true`, append(h.key(), pq.Int64Array(seqs))...)
	return len(rows) > 0, err
}

// StopResending takes back requests from before an instant to send parked events again; the events stay parked. It reports false if the lease was lost
// or the endpoint was changed.
func (t *Tx) StopResending(ctx context.Context, h *HeldWebhook, before time.Time) (bool, error) {
	rows, err := listTx[bool](ctx, t, "leave events parked", `
		with held as (
			select w.community_id, w.id from webhooks w where w.id = $2 and w.community_id = $1 and w.lease = cast($3 as uuid) and w.version = $4 for no key update
		), left_parked as (
			update webhook_parked p
			   set again_at = null
			  from held
			 where p.community_id = held.community_id and p.webhook_id = held.id and p.again_at <= $5
			returning p.seq
		)
		update webhooks w
		   set resending = resending - n.rows
		  from held, (select count(*) as rows from left_parked) n
		 where w.community_id = held.community_id and w.id = held.id
		returning true`, append(h.key(), before)...)
	return len(rows) > 0, err
}
