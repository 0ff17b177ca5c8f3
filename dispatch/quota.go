package dispatch

import (
	"context"
	"sync"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// exhausted holds the accounts that used up an allowance lately, so that their next calls are refused before any lock. The zero
// value is ready to use.
type exhausted struct {
	mu    sync.Mutex
	until map[string]time.Time
}

const (
	exhaustedFor  = time.Minute
	exhaustedKept = 10_000 // accounts remembered; above it all are dropped, which costs each one call with locks
)

func (o *exhausted) has(key string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return now.Before(o.until[key])
}

func (o *exhausted) note(key string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.until == nil || len(o.until) >= exhaustedKept {
		o.until = map[string]time.Time{}
	}
	o.until[key] = now.Add(exhaustedFor)
}

// quotas refuses, before any lock, a call of an account that used up an allowance lately and has nothing left of it.
func (e *Engine) quotas(ctx context.Context, t *db.Tx, c Call) error {
	if e.exhausted.has(c.Actor.Ref().Key(), e.Machine()) {
		return t.LookQuotas(ctx)
	}
	t.Unspend()
	return nil
}

// untilTomorrow adds the start of the next day to the refusal of a quota, and remembers the account. It returns other errors
// unchanged.
func (e *Engine) untilTomorrow(ctx context.Context, t *db.Tx, c Call, err error) error {
	refusal := delivery.AsError(err)
	if refusal == nil || refusal.Reason != db.ReasonQuota {
		return err
	}
	e.exhausted.note(c.Actor.Ref().Key(), e.Machine())
	return e.DayEnds(ctx, t, c.Community, refusal)
}

// DayEnds returns the refusal with the first instant of the community's next day.
func (e *Engine) DayEnds(ctx context.Context, t *db.Tx, community int32, refusal *delivery.Error) error {
	return t.Look(func() error {
		c, err := t.LockCommunity(ctx, community, false)
		if err != nil {
			return err
		}
		_, to := c.Today(e.BusinessTime())
		return refusal.With(delivery.Details{Limit: refusal.Details.Limit, Until: &to})
	})
}
