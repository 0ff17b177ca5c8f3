package dispatch

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// InviteAdmin issues the invitation of an administrator. There is nobody to ask whether it may: it is for whoever has
// the database and the command line.
func (d *Dispatch) InviteAdmin(ctx context.Context) (secret string, expires time.Time, err error) {
	return d.inviteOfficial(ctx, delivery.RoleAdmin)
}

// inviteOfficial issues the invitation of somebody who is no row, and opens the account that it is for.
func (d *Dispatch) inviteOfficial(ctx context.Context, role delivery.Role) (secret string, expires time.Time, err error) {
	now := d.Machine().Truncate(time.Microsecond)
	expires = now.Add(delivery.InvitationLife)
	err = d.inTx(ctx, func(t *db.Tx) error {
		secret = delivery.NewSecret()
		selector, hash, _ := delivery.SplitSecret(secret) // we wrote it
		c := &delivery.AccessCode{UUID: newUUID(), Purpose: delivery.AccessInvitation, Role: role, Selector: selector, SecretHash: hash[:],
			UsesLeft: 1, CreatedAt: now, ExpiresAt: expires, CreatedRole: delivery.RoleSystem}
		if err := t.InsertCodes(ctx, []*delivery.AccessCode{c}); err != nil {
			return err
		}
		return t.InsertOfficial(ctx, c, now)
	})
	return secret, expires, err
}
