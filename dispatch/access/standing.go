package access

import (
	"context"
	"errors"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// Life and uses of a standing code. Only the demonstration has them, where every visitor may sign in as any person.
const (
	standingLife = delivery.CardLife
	standingUses = 10_000
	standingMost = 1000 // how often an actor's standing code may be replaced until the clean-up deletes the dead ones
)

// StandingCode returns a code with which the actor can sign in any number of times. It returns the same code while that is
// valid, so that a restart signs no visitor out, else a new one. It ends no other code. It is for the demonstration, and
// checks no permission.
func (v *Verbs) StandingCode(ctx context.Context, a delivery.Actor) (secret string, err error) {
	now := v.MachineTime()
	return dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (string, error) {
		for n := range standingMost {
			derived := v.Keys.Secret("standing", a.Ref().Key(), strconv.Itoa(n))
			found, err := standing(ctx, t, derived, now)
			switch {
			case err != nil:
				return "", err
			case found.usable:
				return found.secret, nil
			case !found.spent:
				return derived[0], insertStanding(ctx, t, a, derived[0], now)
			}
		}
		return "", errors.New("too many standing codes were revoked")
	})
}

// standingCode holds the stored facts of a standing code.
type standingCode struct {
	secret string
	usable bool
	spent  bool
}

// standing finds the code of one of the secrets.
func standing(ctx context.Context, t *db.Tx, secrets []string, now time.Time) (standingCode, error) {
	spent := false
	for _, secret := range secrets {
		selector, hash, _ := delivery.SplitSecret(secret) // we wrote it
		c, err := t.LockCode(ctx, selector)
		switch {
		case errors.Is(err, db.ErrNoRow):
			continue
		case err != nil:
			return standingCode{}, err
		case c.Matches(hash) && c.Redeemable(now) && c.UsesLeft > standingUses/10:
			return standingCode{secret: secret, usable: true}, nil
		}
		spent = true
	}
	return standingCode{spent: spent}, nil
}

// insertStanding adds a standing code.
func insertStanding(ctx context.Context, t *db.Tx, a delivery.Actor, secret string, now time.Time) error {
	selector, hash, _ := delivery.SplitSecret(secret) // we wrote it
	c := &delivery.AccessCode{UUID: dispatch.NewUUID(), Purpose: delivery.AccessInvitation, Role: a.Role, Selector: selector, SecretHash: hash[:],
		UsesLeft: standingUses, CreatedAt: now, ExpiresAt: now.Add(standingLife), CreatedRole: delivery.RoleSystem}
	id := a.Ref().ID()
	if id == nil {
		if err := insertCodes(ctx, t, []*delivery.AccessCode{c}); err != nil {
			return err
		}
		return t.InsertOfficial(ctx, c, []int32{0}, now)
	}
	c.CommunityID, c.RowUUID, c.Role = id.Community, &id.UUID, roleOf(id.Kind)
	if c.Role == delivery.RoleResident {
		c.Purpose = delivery.AccessCard
	}
	return insertCodes(ctx, t, []*delivery.AccessCode{c})
}
