package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// writer is the account of a transaction's call, its daily allowance, and the quotas that the call spends.
type writer struct {
	community int32
	key       string // delivery.Ref.Key
	allowance delivery.Allowance
	spent     map[delivery.Quota]int64
}

// Writes sets the account of the call. Append counts the call's events against the account's allowance.
func (t *Tx) Writes(community int32, key string, allowance delivery.Allowance) {
	t.writer = nil
	if len(allowance) > 0 {
		t.writer = &writer{community: community, key: key, allowance: allowance, spent: map[delivery.Quota]int64{}}
	}
}

// Spend notes that the call spends n of a quota. Append counts it in the same statement as the call's events.
func (t *Tx) Spend(quota delivery.Quota, n int) {
	if t.writer != nil && n > 0 && t.writer.allowance[quota] > 0 {
		t.writer.spent[quota] += int64(n)
	}
}

// Unspend drops the noted spending, before the call is retried.
func (t *Tx) Unspend() {
	if t.writer != nil {
		t.writer.spent = map[delivery.Quota]int64{}
	}
}

// list returns the noted spending, sorted by quota.
func (w *writer) list() (quotas []string, spent, limits []int64) {
	for _, q := range delivery.Quotas {
		if n := w.spent[q]; n > 0 {
			quotas, spent, limits = append(quotas, string(q)), append(spent, n), append(limits, w.allowance[q])
		}
	}
	return quotas, spent, limits
}

// ReasonQuota refuses a call that would exceed its account's allowance of the day.
var ReasonQuota = delivery.NewWordedReason("QUOTA", delivery.CodeRateLimited,
	"This account has used up its quota for today: %d %s. It may continue when the next day begins.",
	"该账号今天的额度（%d %s）已用完，次日即可继续。")

// refusal returns the refusal for a quota that is used up.
func (w *writer) refusal(over string) *delivery.Error {
	limit := w.allowance[delivery.Quota(over)]
	return delivery.Refuse(ReasonQuota, limit, over).With(delivery.Details{Limit: limit})
}

// LookQuotas fails with a refusal if the account has used up a quota. It takes no lock; the exact check of concurrent calls
// happens in Append, under the feed's lock.
func (t *Tx) LookQuotas(ctx context.Context) error {
	if t.writer == nil {
		return nil
	}
	t.Spend(delivery.QuotaEvents, 1) // a lower bound
	quotas, spent, limits := t.writer.list()
	t.writer.spent = map[delivery.Quota]int64{}
	over, err := listTx[string](ctx, t, "check quotas", `
		select q.quota
		  from feeds f
		  join quotas q on q.community_id = f.community_id and q.day = f.day and q.actor = $2
		  join unnest(cast($3 as text[]), cast($4 as bigint[]), cast($5 as bigint[])) as g (quota, n, most) on g.quota = q.quota
		 where f.community_id = $1 and q.used + g.n > g.most
		 order by q.quota`, t.writer.community, t.writer.key, pq.StringArray(quotas), pq.Int64Array(spent), pq.Int64Array(limits))
	if err == nil && len(over) > 0 {
		return t.writer.refusal(over[0])
	}
	return err
}

// Charge counts n of a quota for a call that appends no event. In a look it only checks.
func (t *Tx) Charge(ctx context.Context, community int32, key string, quota delivery.Quota, n, limit int64) error {
	w := writer{allowance: delivery.Allowance{quota: limit}}
	if t.looking {
		used, err := listTx[int64](ctx, t, "check a quota", `
			select q.used
			  from feeds f
			  join quotas q on q.community_id = f.community_id and q.day = f.day
			 where f.community_id = $1 and q.actor = $2 and q.quota = $3`, community, key, quota)
		if err == nil && len(used) > 0 && used[0]+n > limit {
			return w.refusal(string(quota))
		}
		return err
	}
	used, err := listTx[int64](ctx, t, "charge a quota", `
		insert into quotas as q (community_id, day, actor, quota, used)
		select f.community_id, f.day, $2, $3, cast($4 as bigint)
		  from feeds f
		 where f.community_id = $1
		    on conflict (community_id, day, actor, quota) do update set used = q.used + excluded.used
		returning used`, community, key, quota, n)
	if err == nil && len(used) > 0 && used[0] > limit {
		return w.refusal(string(quota))
	}
	return err
}

// UnscopedForgetQuotas deletes counters two days after their day began.
func (d *DB) UnscopedForgetQuotas(ctx context.Context) (int64, error) {
	return d.forget(ctx, func(t *Tx) (int64, error) {
		return t.exec(ctx, "delete old quota counters", `
			delete from quotas
			 where (community_id, day, actor, quota) in (
				select q.community_id, q.day, q.actor, q.quota
				  from quotas q
				  join feeds f on f.community_id = q.community_id
				 where q.day < f.day - 2
				 order by q.community_id, q.day, q.actor, q.quota
				 limit $1
				   for update of q skip locked)`, purgeBatch)
	})
}

// TokensSince counts the tokens of a locked sign-in that were issued after an instant.
func (t *Tx) TokensSince(ctx context.Context, session delivery.UUID, after time.Time) (int, error) {
	n, err := listTx[int](ctx, t, "count the tokens of a sign-in", `select count(*) from tokens where session_id = $1 and created_at > $2`, session, after)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}
