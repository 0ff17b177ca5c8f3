package resolvers

import (
	"context"

	"baogong/dispatch"
)

func (r mutationResolver) EndSessions(ctx context.Context, input dispatch.EndSessionsInput) (*dispatch.EndPayload, error) {
	return r.Dispatch.EndSessions(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) RedeemCode(ctx context.Context, input dispatch.RedeemCodeInput) (*dispatch.TokenPayload, error) {
	return r.Dispatch.RedeemCode(ctx, r.Caller(ctx), input)
}

func (r mutationResolver) RefreshToken(ctx context.Context, input dispatch.RefreshTokenInput) (*dispatch.TokenPayload, error) {
	p, err := r.Dispatch.RefreshToken(ctx, input)
	if err == nil && p.ExpiresAt != nil && p.Session == ActorFrom(ctx).Session {
		r.Extend(ctx, *p.ExpiresAt)
	}
	return p, err
}

func (r mutationResolver) SignOut(ctx context.Context, input dispatch.SignOutInput) (*dispatch.SignOutPayload, error) {
	return r.Dispatch.SignOut(ctx, ActorFrom(ctx), input)
}
