package main

import (
	"context"
	"fmt"
	"strings"

	"baogong/delivery"
	"baogong/issuer"
	"baogong/server"
)

// adminName is who sets up communities, under --dev-actors.
const adminName = "admin"

// cityName is who sees the numbers of every community, under --dev-actors.
const cityName = "city"

// authenticate says who holds a credential: "Bearer" and an access token of the configured issuer, or under --dev-actors
// "dev:<name>". Without a credential it is nobody.
func (h *house) authenticate(ctx context.Context, credential string) (server.Session, error) {
	if credential == "" {
		return server.Session{}, nil
	}
	scheme, token, _ := strings.Cut(credential, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	if name, dev := strings.CutPrefix(token, "dev:"); dev && h.settings.DevActors {
		return h.devActor(ctx, name)
	}
	if h.issuer != nil && issuer.IsJWT(token) {
		return h.holder(ctx, token)
	}
	return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
}

// holder says who holds an access token of the issuer, until it expires.
func (h *house) holder(ctx context.Context, token string) (server.Session, error) {
	claims, err := h.issuer.Verify(ctx, token)
	if err != nil {
		return server.Session{}, err
	}
	if h.accounts == nil {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	actor, err := h.accounts(ctx, h.issuer.Issuer(), claims.Subject)
	if err != nil {
		return server.Session{}, err
	}
	return server.Session{Account: string(actor.UUID), Actor: actor, Expires: claims.Expires}, nil
}

// devActor is the development actor of a name: admin, a volunteer's or supplier's code, or a household's address,
// which may end in @<community code>.
func (h *house) devActor(ctx context.Context, name string) (server.Session, error) {
	if name == adminName {
		return server.Session{Account: adminName, Actor: delivery.Actor{Name: adminName, Role: delivery.RoleAdmin}}, nil
	}
	if name == cityName {
		return server.Session{Actor: delivery.Actor{Name: cityName, Role: delivery.RoleCity}}, nil
	}
	if refusal := delivery.CheckText(name, delivery.MaxName, true); refusal != nil {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	name, community, _ := strings.Cut(name, "@")
	actor, err := h.store.UnscopedActorNamed(ctx, name, community)
	return server.Session{Account: fmt.Sprintf("%d/%s", actor.Community, actor.Name), Actor: actor}, err
}
