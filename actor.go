package main

import (
	"context"
	"fmt"
	"strings"

	"baogong/delivery"
	"baogong/server"
)

// adminName is who sets up communities, under --dev-actors.
const adminName = "admin"

// authenticate says who holds a credential. Until people can sign in, there are only development actors:
// "Bearer dev:<name>" under --dev-actors, where the name is admin, a volunteer's or supplier's code, or a household's
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
		return server.Session{Account: adminName, Actor: delivery.Actor{Name: adminName, Role: delivery.RoleAdmin}}, nil
	}
	if refusal := delivery.CheckText(name, delivery.MaxName, true); refusal != nil {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	name, community, _ := strings.Cut(name, "@")
	actor, err := h.store.UnscopedActorNamed(ctx, name, community)
	return server.Session{Account: fmt.Sprintf("%d/%s", actor.Community, actor.Name), Actor: actor}, err
}
