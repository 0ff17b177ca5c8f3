package access

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReasonTokenReused refuses a token that was replaced more than ReplacedGrace ago and whose successor has been used.
var ReasonTokenReused = delivery.NewReason("TOKEN_REUSED", delivery.CodeUnauthenticated,
	"This token was replaced and then used again; sign in again.",
	"该凭证已被替换却再次使用，请重新登录。")

// issued is the payload with a token.
func issued(token delivery.Token, expires time.Time, role delivery.Role, session delivery.UUID) *TokenPayload {
	whole := token.Reveal()
	return &TokenPayload{Token: &whole, ExpiresAt: &expires, Role: &role, Session: session}
}

// A sign-in gets at most refreshMost tokens in refreshWindow, which is shorter than the life of any token.
const (
	refreshMost   = 40
	refreshWindow = 12 * time.Hour
)

// RefreshToken replaces a token by one with a later expiry, at most the end of the sign-in. Another call with the replaced
// token returns the same new one until that has been used and ReplacedGrace has passed. After that the old token counts as
// stolen, so the sign-in ends with TOKEN_REUSED. A sign-in that got refreshMost tokens in refreshWindow keeps its token.
func (v *Verbs) RefreshToken(ctx context.Context, in RefreshTokenInput) (*TokenPayload, error) {
	refused := refusedUnder(in.ClientMutationID)
	if !delivery.IsToken(in.Token) {
		return refused(delivery.Refuse(delivery.ReasonBadToken).At("token"))
	}
	now := v.MachineTime()
	hash := delivery.Token(in.Token).Hash()
	out, err := dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (*TokenPayload, error) {
		s, err := t.LockSignIn(ctx, hash)
		switch {
		case errors.Is(err, db.ErrNoRow):
			return nil, delivery.Refuse(delivery.ReasonBadToken).At("token")
		case err != nil:
			return nil, err
		}
		if refusal := checkToken(s, now); refusal != nil {
			return nil, refusal.At("token")
		}
		derived := v.Keys.Token("refresh", hex.EncodeToString(hash))
		switch {
		case s.Successor == nil:
			expires := now.Add(delivery.TokenLife(s.Role, v.StaffTokenLife))
			if ends := s.Begun.Add(delivery.SessionLife); expires.After(ends) {
				expires = ends
			}
			if !expires.After(now) {
				return nil, delivery.Refuse(delivery.ReasonTokenExpired).At("token")
			}
			fresh, err := t.TokensSince(ctx, s.Session, now.Add(-refreshWindow))
			if err != nil {
				return nil, err
			}
			if fresh >= refreshMost { // its token outlives the window
				return issued(delivery.Token(in.Token), s.ExpiresAt, s.Role, s.Session), nil
			}
			if err := t.UseToken(ctx, hash, now); err != nil { // the caller who replaces it has received it
				return nil, err
			}
			return issued(derived[0], expires, s.Role, s.Session), t.InsertToken(ctx, derived[0].Hash(), s.Session, hash, now, expires)
		case s.SuccessorUsed == nil || now.Sub(*s.SuccessorAt) <= delivery.ReplacedGrace:
			for _, token := range derived {
				if string(token.Hash()) == string(s.Successor) {
					return issued(token, *s.SuccessorEnds, s.Role, s.Session), nil
				}
			}
		}
		return nil, v.endSignIn(ctx, t, s, now) // no token: it was reused
	})
	switch refusal := delivery.AsError(err); {
	case refusal != nil:
		return refused(refusal)
	case err != nil:
		return nil, fmt.Errorf("refreshToken: %w", err)
	case out == nil:
		return refused(delivery.Refuse(ReasonTokenReused).At("token"))
	}
	out.ClientMutationID = in.ClientMutationID
	return out, nil
}

// checkToken refuses a token that has expired, or whose sign-in has ended.
func checkToken(s *db.SignIn, now time.Time) *delivery.Error {
	switch {
	case s.Ended:
		return delivery.Refuse(delivery.ReasonBadToken)
	case !now.Before(s.ExpiresAt):
		return delivery.Refuse(delivery.ReasonTokenExpired)
	}
	return nil
}

// SignedIn returns the actor of a token, and the token's end. It fails with UNAUTHENTICATED if the token is not valid. It fails
// with TOKEN_REUSED, and ends the sign-in, if the token was replaced more than ReplacedGrace ago and its successor has been
// used: the token may be stolen.
func (v *Verbs) SignedIn(ctx context.Context, token delivery.Token) (delivery.Actor, time.Time, error) {
	now := v.MachineTime()
	s, err := v.DB.UnscopedSignIn(ctx, token.Hash())
	switch {
	case errors.Is(err, db.ErrNoRow):
		return delivery.Actor{}, time.Time{}, delivery.Refuse(delivery.ReasonBadToken)
	case err != nil:
		return delivery.Actor{}, time.Time{}, err
	}
	if refusal := checkToken(s, now); refusal != nil {
		return delivery.Actor{}, time.Time{}, refusal
	}
	if s.SuccessorUsed != nil && now.Sub(*s.SuccessorAt) > delivery.ReplacedGrace {
		err := v.InTx(ctx, func(t *db.Tx) error {
			return v.endSignIn(ctx, t, s, now)
		})
		if err != nil {
			return delivery.Actor{}, time.Time{}, err
		}
		return delivery.Actor{}, time.Time{}, delivery.Refuse(ReasonTokenReused)
	}
	if s.UsedAt == nil {
		if err := v.DB.UnscopedUseToken(ctx, s.Hash, now); err != nil {
			return delivery.Actor{}, time.Time{}, err
		}
	}
	actor, err := v.actor(ctx, &s.Account, s.Session)
	return actor, s.ExpiresAt, err
}
