package access

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// InviteAdmin issues the invitation of an administrator. No permission is checked: it is for a person who has
// the database and the command line.
func (v *Verbs) InviteAdmin(ctx context.Context) (secret string, expires time.Time, err error) {
	return v.inviteOfficial(ctx, delivery.RoleAdmin, nil)
}

// InviteCity issues the invitation of the city, as InviteAdmin does, to count the communities with the codes, or every one
// if there are none. It fails if one is not there.
func (v *Verbs) InviteCity(ctx context.Context, communities []string) (secret string, expires time.Time, err error) {
	return v.inviteOfficial(ctx, delivery.RoleCity, communities)
}

// inviteOfficial issues the invitation of an official, who has no row, and opens the official's account: in the
// communities with the codes, or in all.
func (v *Verbs) inviteOfficial(ctx context.Context, role delivery.Role, communities []string) (secret string, expires time.Time, err error) {
	now := v.MachineTime()
	expires = now.Add(delivery.InvitationLife)
	secret, err = dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (string, error) {
		ids := []int32{0} // every one, also those that come later
		if len(communities) > 0 {
			called, err := t.CommunitiesCalled(ctx, communities)
			if err != nil {
				return "", err
			}
			for _, code := range communities {
				if called[code] == 0 {
					return "", fmt.Errorf("no community has the code %q", code)
				}
			}
			ids = slices.Sorted(maps.Values(called))
		}
		secret := delivery.NewSecret()
		selector, hash, _ := delivery.SplitSecret(secret) // we wrote it
		c := &delivery.AccessCode{UUID: dispatch.NewUUID(), Purpose: delivery.AccessInvitation, Role: role, Selector: selector, SecretHash: hash[:],
			UsesLeft: 1, CreatedAt: now, ExpiresAt: expires, CreatedRole: delivery.RoleSystem}
		if err := insertCodes(ctx, t, []*delivery.AccessCode{c}); err != nil {
			return "", err
		}
		return secret, t.InsertOfficial(ctx, c, ids, now)
	})
	return secret, expires, err
}
