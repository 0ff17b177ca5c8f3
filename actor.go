package main

import (
	"context"
	"strings"

	"baogong/delivery"
	"baogong/server"
)

// adminName is who sets up communities, under --dev-actors.
const adminName = "admin"

// cityName is who sees the numbers of every community, under --dev-actors.
const cityName = "city"

// authenticate says who holds a credential. Until people can sign in, there are only development actors:
// "Bearer dev:<name>" under --dev-actors, where the name is admin, city, a volunteer's or supplier's code, or a household's
// address, and may end in @<community code>. Without a credential it is nobody.
func (h *house) authenticate(ctx context.Context, credential string) (server.Session, error) {
	if credential == "" {
		return server.Session{}, nil
	}
	scheme, token, _ := strings.Cut(credential, " ")
	name, dev := strings.CutPrefix(strings.TrimSpace(token), "dev:")
	if !h.settings.DevActors || !strings.EqualFold(scheme, "Bearer") || !dev {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	if name == adminName {
		return server.Session{Actor: delivery.Actor{Name: adminName, Role: delivery.RoleAdmin}}, nil
	}
	if name == cityName {
		return server.Session{Actor: delivery.Actor{Name: cityName, Role: delivery.RoleCity}}, nil
	}
	if refusal := delivery.CheckText(name, delivery.MaxName, true); refusal != nil {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	name, community, _ := strings.Cut(name, "@")
	actor, err := h.store.UnscopedActorNamed(ctx, name, community)
	return server.Session{Actor: actor}, err
}
