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

// authenticate returns the session of a credential: "Bearer" followed by a token of this server, by an access token of the
// configured issuer, or under --dev-actors by "dev:<name>". Without a token the session is anonymous.
func (h *house) authenticate(ctx context.Context, credential string) (server.Session, error) {
	if credential == "" {
		return server.Session{}, nil
	}
	scheme, token, _ := strings.Cut(credential, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	if token == "" { // sent by clients that have no token yet
		return server.Session{}, nil
	}
	if name, dev := strings.CutPrefix(token, "dev:"); dev && h.settings.DevActors {
		return h.devActor(ctx, name)
	}
	if delivery.IsToken(token) {
		actor, expires, err := h.dispatch.SignedIn(ctx, delivery.Token(token))
		return server.Session{Account: string(actor.UUID), Actor: actor, Expires: expires}, err
	}
	if h.issuer != nil && issuer.IsJWT(token) {
		return h.holder(ctx, token)
	}
	return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
}

// holder says who holds an access token of the issuer, until it expires. Who has no account yet is nobody, and may
// redeem an invitation.
func (h *house) holder(ctx context.Context, token string) (server.Session, error) {
	claims, err := h.issuer.Verify(ctx, token)
	if err != nil {
		return server.Session{}, err
	}
	actor, err := h.accounts(ctx, h.issuer.Issuer(), claims.Subject)
	if refusal := delivery.AsError(err); refusal != nil && refusal.Reason == delivery.ReasonNoAccount {
		actor, err = delivery.Actor{}, nil
	}
	actor.Issuer, actor.Subject = h.issuer.Issuer(), claims.Subject
	// Marked, for limits: a subject is whatever the issuer says, also the id of one of our rows.
	return server.Session{Account: "jwt:" + claims.Subject, Actor: actor, Expires: claims.Expires}, err
}

// devActor is the development actor of a name: admin, a volunteer's or supplier's code, or a household's address,
// which may end in @<community code>.
func (h *house) devActor(ctx context.Context, name string) (server.Session, error) {
	if name == adminName {
		return server.Session{Account: adminName, Actor: delivery.Actor{Name: adminName, Role: delivery.RoleAdmin}}, nil
	}
	if name == cityName {
		return server.Session{Account: cityName, Actor: delivery.Actor{Name: cityName, Role: delivery.RoleCity, Communities: []int32{0}}}, nil
	}
	if refusal := delivery.CheckText(name, delivery.MaxName, true); refusal != nil {
		return server.Session{}, delivery.Refuse(delivery.ReasonSignIn)
	}
	name, community, _ := strings.Cut(name, "@")
	actor, err := h.store.UnscopedActorNamed(ctx, name, community)
	return server.Session{Account: fmt.Sprintf("%d/%s", actor.Community, actor.Name), Actor: actor}, err
}
