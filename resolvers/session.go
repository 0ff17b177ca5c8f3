package resolvers

import (
	"context"

	"baogong/dispatch/access"
)

func (r mutationResolver) EndSessions(ctx context.Context, input access.EndSessionsInput) (*access.EndPayload, error) {
	return r.Verbs.Access.EndSessions(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) RedeemCode(ctx context.Context, input access.RedeemCodeInput) (*access.TokenPayload, error) {
	return r.Verbs.Access.RedeemCode(ctx, r.Caller(ctx), input)
}

func (r mutationResolver) RefreshToken(ctx context.Context, input access.RefreshTokenInput) (*access.TokenPayload, error) {
	p, err := r.Verbs.Access.RefreshToken(ctx, input)
	if err == nil && p.ExpiresAt != nil && p.Session == ActorFrom(ctx).Session {
		r.Extend(ctx, *p.ExpiresAt)
	}
	return p, err
}

func (r mutationResolver) SignOut(ctx context.Context, input access.SignOutInput) (*access.SignOutPayload, error) {
	return r.Verbs.Access.SignOut(ctx, ActorFrom(ctx), input)
}
