package main

import (
	"context"
	"strings"

	"baogong/delivery"
	"baogong/server"
)

// adminName is who sets up communities, under --dev-actors.
const adminName = "admin"

// authenticate says who holds a credential: a token of ours, or under --dev-actors "Bearer dev:<name>", where the name is
// admin, a volunteer's or supplier's code, or a household's address, and may end in @<community code>. Without a
// credential it is nobody.
func (h *house) authenticate(ctx context.Context, credential string) (server.Session, error) {
	if credential == "" {
		return server.Session{}, nil
	}
	scheme, token, _ := strings.Cut(credential, " ")
	if token = strings.TrimSpace(token); strings.EqualFold(scheme, "Bearer") && delivery.IsToken(token) {
		actor, expires, err := h.dispatch.SignedIn(ctx, delivery.Token(token))
		return server.Session{Actor: actor, Expires: expires}, err
	}
	name, dev := strings.CutPrefix(token, "dev:")
	if !h.settings.DevActors || !strings.EqualFold(scheme, "Bearer") || !dev {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	if name == adminName {
		return server.Session{Actor: delivery.Actor{Name: adminName, Role: delivery.RoleAdmin}}, nil
	}
	if refusal := delivery.CheckText(name, delivery.MaxName, true); refusal != nil {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	name, community, _ := strings.Cut(name, "@")
	actor, err := h.store.UnscopedActorNamed(ctx, name, community)
	return server.Session{Actor: actor}, err
}
