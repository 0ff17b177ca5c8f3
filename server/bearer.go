package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"baogong/delivery"
	"baogong/issuer"
)

// AdminName is the development actor that sets up communities.
const AdminName = "admin"

// CityName is the development actor that sees the numbers of every community.
const CityName = "city"

// Accounts finds the holders of tokens.
type Accounts interface {
	// SignedIn returns the holder of a token of this server, and when the token expires.
	SignedIn(ctx context.Context, token delivery.Token) (delivery.Actor, time.Time, error)
	// SignedInBy returns the account that is bound to an issuer's subject. It fails with NO_ACCOUNT if there is none.
	SignedInBy(ctx context.Context, issuer, subject string) (delivery.Actor, error)
}

// DevActors finds development actors: a volunteer's or supplier's code, or a household's address, in a community or, with
// "", in the only one that has it.
type DevActors interface {
	UnscopedActorNamed(ctx context.Context, name, community string) (delivery.Actor, error)
}

// Bearer is the Identity of credentials that are "Bearer" followed by a token: of this server, of an issuer, or the name of
// a development actor.
type Bearer struct {
	Accounts  Accounts
	Issuer    *issuer.Verifier // whose access tokens are accepted; nil: none
	DevActors DevActors        // by "dev:<name>"; nil: none
}

// The refusals of an Authorization that is no token.
var (
	reasonCredentialForm = delivery.NewReason("CREDENTIAL_FORM", delivery.CodeUnauthenticated,
		`Send the token as "Authorization: Bearer …": the word Bearer, a space and the token.`,
		"请按“Authorization: Bearer …”的格式发送登录凭证：先写 Bearer，空一格，再写凭证。")
	reasonActorForm = delivery.NewReason("ACTOR_FORM", delivery.CodeUnauthenticated,
		`This is not a token. Name a development actor as "Bearer dev:NAME", such as "Bearer dev:C01".`,
		"这不是登录凭证。开发身份请写作“Bearer dev:NAME”，例如“Bearer dev:C01”。")
)

// Authenticate returns the session of a credential. Without a token the session is anonymous.
func (b *Bearer) Authenticate(ctx context.Context, credential string) (Session, error) {
	if credential == "" {
		return Session{}, nil
	}
	scheme, token, _ := strings.Cut(credential, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") {
		return Session{}, delivery.Refuse(reasonCredentialForm)
	}
	if token == "" { // sent by clients that have no token yet
		return Session{}, nil
	}
	if name, dev := strings.CutPrefix(token, "dev:"); dev && b.DevActors != nil {
		return b.devActor(ctx, name)
	}
	if delivery.IsToken(token) {
		actor, expires, err := b.Accounts.SignedIn(ctx, delivery.Token(token))
		return Session{Account: string(actor.UUID), Actor: actor, Expires: expires}, err
	}
	if b.Issuer != nil && issuer.IsJWT(token) {
		return b.holder(ctx, token)
	}
	if b.DevActors != nil && delivery.HideTokens(token) == token {
		return Session{}, delivery.Refuse(reasonActorForm)
	}
	return Session{}, delivery.Refuse(delivery.ReasonBadToken)
}

// holder returns the session of an access token of the issuer, until it expires. A holder without an account is anonymous,
// and may redeem an invitation.
func (b *Bearer) holder(ctx context.Context, token string) (Session, error) {
	claims, err := b.Issuer.Verify(ctx, token)
	if err != nil {
		return Session{}, err
	}
	actor, err := b.Accounts.SignedInBy(ctx, b.Issuer.Issuer(), claims.Subject)
	if refusal := delivery.AsError(err); refusal != nil && refusal.Reason == delivery.ReasonNoAccount {
		actor, err = delivery.Actor{}, nil
	}
	actor.Issuer, actor.Subject = b.Issuer.Issuer(), claims.Subject
	// Marked, for limits: the issuer may choose any subject, even the id of one of our rows.
	return Session{Account: "jwt:" + claims.Subject, Actor: actor, Expires: claims.Expires}, err
}

// devActor returns the session of a development actor: admin, city, a volunteer's or supplier's code, or a household's
// address, which may end in @<community code>.
func (b *Bearer) devActor(ctx context.Context, name string) (Session, error) {
	if name == AdminName {
		return Session{Account: AdminName, Actor: delivery.Actor{Name: AdminName, Role: delivery.RoleAdmin}}, nil
	}
	if name == CityName {
		return Session{Account: CityName, Actor: delivery.Actor{Name: CityName, Role: delivery.RoleCity, Communities: []int32{0}}}, nil
	}
	if delivery.HideTokens(name) != name { // the name contains a token, pasted by mistake
		return Session{}, delivery.Refuse(reasonCredentialForm)
	}
	if refusal := delivery.CheckText(name, delivery.MaxName, true); refusal != nil {
		return Session{}, delivery.Refuse(reasonActorForm)
	}
	name, community, _ := strings.Cut(name, "@")
	actor, err := b.DevActors.UnscopedActorNamed(ctx, name, community)
	return Session{Account: fmt.Sprintf("%d/%s", actor.Community, actor.Name), Actor: actor}, err
}
