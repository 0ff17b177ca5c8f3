package access

import (
	"context"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// linkChecked is how long an opened link is valid before its viewer must open it again. An order's links end
// a day after the order by business time, and nothing else tells a stream of that.
const linkChecked = time.Hour

// OpenLink returns the actor of a link's viewer, and until when the actor is valid. It spends no use and
// begins no sign-in, so that a browser may reconnect as often as it must. It fails with CODE_FORM
// for a text that cannot be a code, and with BAD_CODE for a code that is not, or no longer, a link's. Wrong codes count against
// the caller's address, as in redeemCode.
func (v *Verbs) OpenLink(ctx context.Context, from Requester, typed string) (delivery.Actor, time.Time, error) {
	now := v.MachineTime()
	selector, hash, ok := delivery.SplitSecret(typed)
	if !ok {
		return delivery.Actor{}, time.Time{}, notACode()
	}
	if wait := v.guesses.locked(from.Address, selector, now); wait > 0 {
		return delivery.Actor{}, time.Time{}, tooManyGuesses(wait)
	}
	c, err := v.DB.UnscopedCode(ctx, selector)
	switch {
	case err != nil && !errors.Is(err, db.ErrNoRow):
		return delivery.Actor{}, time.Time{}, err
	case err != nil, !c.Matches(hash):
		wait := v.guesses.slowed(from.Address, now)
		v.guesses.note(from.Address, selector, now)
		if wait > 0 {
			return delivery.Actor{}, time.Time{}, tooManyGuesses(wait)
		}
		return delivery.Actor{}, time.Time{}, badCode()
	case c.Purpose != delivery.AccessLink || !c.Redeemable(now):
		return delivery.Actor{}, time.Time{}, badCode()
	}
	actor, err := v.DB.UnscopedActor(ctx, delivery.Actor{Role: delivery.RoleLink, Community: c.CommunityID, UUID: *c.RowUUID, Link: c.UUID}, v.Now())
	if delivery.AsError(err) != nil { // the order ended long ago, or the link a moment ago
		return delivery.Actor{}, time.Time{}, badCode()
	}
	until := now.Add(linkChecked)
	if c.ExpiresAt.Before(until) {
		until = c.ExpiresAt
	}
	return actor, until, err
}
