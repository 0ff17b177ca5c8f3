package app

import (
	"context"
	"errors"

	"baogong/db"
	"baogong/delivery"
	"baogong/demo"
	"baogong/dispatch/access"
	"baogong/web"
)

// SignInLinks returns the paths at which a visitor signs in as each of the actors, by name. They survive restarts and can be
// used any number of times.
func (h *System) SignInLinks(ctx context.Context, actors []web.DeskActor) (map[string]string, error) {
	out := map[string]string{}
	for _, a := range actors {
		actor := delivery.Actor{Role: delivery.Role(a.Role)}
		if actor.Role != delivery.RoleAdmin && actor.Role != delivery.RoleCity {
			var err error
			if actor, err = h.Store.UnscopedActorNamed(ctx, a.Name, demo.Code); err != nil {
				return nil, err
			}
		}
		secret, err := h.Verbs.Access.StandingCode(ctx, actor)
		if err != nil {
			return nil, err
		}
		out[a.Name] = "/sign-in#" + secret
	}
	return out, nil
}

// TrackLink returns the path of a link to the newest open order, preferably of the household; "" if no order is open.
func (h *System) TrackLink(ctx context.Context, community int32, household string) (string, error) {
	admin := delivery.Actor{Role: delivery.RoleAdmin}
	open := true
	rows, err := h.Store.Orders(ctx, admin.Scope(), community, db.OrderFilter{Open: &open, Text: household}, db.SortNumber, true, db.Range{Limit: 1})
	if err == nil && len(rows.Items) == 0 {
		rows, err = h.Store.Orders(ctx, admin.Scope(), community, db.OrderFilter{Open: &open}, db.SortNumber, true, db.Range{Limit: 1})
	}
	if err != nil || len(rows.Items) == 0 {
		return "", err
	}
	secret, err := onlySecret(h.Verbs.Access.ShareOrder(ctx, admin, access.ShareOrderInput{OrderID: rows.Items[0].ID()}))
	return "/track/" + secret, err
}

// onlySecret returns the secret of the only code that was issued.
func onlySecret(p *access.CodesPayload, err error) (string, error) {
	switch {
	case err != nil:
		return "", err
	case len(p.UserErrors) > 0:
		return "", p.UserErrors[0]
	case len(p.Results) != 1 || p.Results[0].Secret == nil:
		return "", errors.New("no code was issued")
	}
	return *p.Results[0].Secret, nil
}
