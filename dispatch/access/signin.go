package access

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// Requester is the client that signs in, as the edge knows it.
type Requester struct {
	Address string // of the client; wrong codes count against it
	Issuer  string // the issuer of the token, "" without one
	Subject string // how the issuer calls them
}

// RedeemCode turns a code into a token. If the caller has an issuer's token and redeems an invitation, the issuer's sign-in is
// bound to the invitation's account instead, and no token is issued; a second call changes nothing. A retry under the same
// clientMutationId returns the same token. It fails with CODE_FORM for a text that cannot be a code, which is no guess; with
// BAD_CODE for a wrong code; with CODE_USED, CODE_ENDED or CODE_EXPIRED for a code that can no longer be redeemed; with
// TOO_MANY_GUESSES after too many wrong codes from one address; and with PURGED once the purge of the community has begun.
func (v *Verbs) RedeemCode(ctx context.Context, from Requester, in RedeemCodeInput) (*TokenPayload, error) {
	refused := refusedUnder(in.ClientMutationID)
	if in.ClientMutationID != nil {
		if refusal := delivery.CheckText(*in.ClientMutationID, delivery.MaxCallKey, true); refusal != nil {
			return refused(refusal.At("clientMutationId"))
		}
	}
	now := v.MachineTime()
	selector, hash, ok := delivery.SplitSecret(in.Code)
	if !ok {
		return refused(notACode())
	}
	if wait := v.guesses.locked(from.Address, selector, now); wait > 0 {
		return refused(tooManyGuesses(wait))
	}
	out, err := dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (*TokenPayload, error) {
		community, err := t.LockCommunityOfCode(ctx, selector)
		within := !errors.Is(err, db.ErrNoRow) // an official's code belongs to no community
		if within && err != nil {
			return nil, err
		}
		c, err := t.LockCode(ctx, selector)
		switch {
		case errors.Is(err, db.ErrNoRow):
			return nil, errWrongCode
		case err != nil:
			return nil, err
		case !c.Matches(hash):
			return nil, errWrongCode
		case within && community.Purged():
			return nil, delivery.Refuse(dispatch.ReasonPurged).At("code")
		}
		return v.redeem(ctx, t, c, from, in, hash[:], now)
	})
	switch refusal := delivery.AsError(err); {
	case errors.Is(err, errWrongCode):
		wait := v.guesses.slowed(from.Address, now)
		v.guesses.note(from.Address, selector, now)
		if wait > 0 {
			return refused(tooManyGuesses(wait))
		}
		return refused(badCode())
	case refusal != nil:
		return refused(refusal)
	case err != nil:
		return nil, fmt.Errorf("redeemCode: %w", err)
	}
	out.ClientMutationID = in.ClientMutationID
	return out, nil
}

var errWrongCode = errors.New("dispatch: no such code")

// The refusals of redeeming a code, and of signing out.
var (
	ReasonCodeForm = delivery.NewReason("CODE_FORM", delivery.CodeBadUserInput,
		"This is not a whole code: a code has 20 letters and digits, such as 7K2QM-0XH4D-R9TAE-5WBNC. Type all of them, or open the whole link.",
		"这不是完整的码：码由 20 个字母和数字组成，例如 7K2QM-0XH4D-R9TAE-5WBNC。请完整填写，或打开完整的链接。")
	ReasonHasAccount = delivery.NewReason("HAS_ACCOUNT", delivery.CodeConflict,
		"Your sign-in already belongs to another account.",
		"您的登录身份已绑定到其他账户。")
	reasonNotOurSignIn = delivery.NewReason("NOT_OUR_SIGN_IN", delivery.CodeConflict,
		"This sign-in is managed by your identity provider; sign out there.",
		"该登录由您的身份提供方管理，请在那里退出。")
)

func badCode() *delivery.Error { return delivery.Refuse(db.ReasonBadCode).At("code") }

// notACode returns the refusal of a text that cannot be a code. It does not count as a guess.
func notACode() *delivery.Error { return delivery.Refuse(ReasonCodeForm).At("code") }

func tooManyGuesses(wait time.Duration) *delivery.Error {
	return delivery.Refuse(delivery.ReasonTooManyGuesses, int(math.Ceil(wait.Minutes()))).At("code")
}

// refusedUnder returns a function that makes the payload of a refused call with the clientMutationId.
func refusedUnder(id *string) func(*delivery.Error) (*TokenPayload, error) {
	return func(e *delivery.Error) (*TokenPayload, error) {
		out := &TokenPayload{Outcome: dispatch.Outcome{ClientMutationID: id}}
		out.Refuse(e)
		return out, nil
	}
}

// redeemAgain is how long a retry of redeemCode is given the same token.
const redeemAgain = 10 * time.Minute

// redeem signs in by a code that was opened.
func (v *Verbs) redeem(ctx context.Context, t *db.Tx, c *delivery.AccessCode, from Requester, in RedeemCodeInput, secret []byte, now time.Time) (*TokenPayload, error) {
	owner := delivery.Actor{Role: c.Role, Community: c.CommunityID, UUID: c.UUID} // an official's account has the code's id
	if c.RowUUID != nil {
		owner.UUID = *c.RowUUID
	}
	actor, err := t.Actor(ctx, owner, v.Now())
	if delivery.AsError(err) != nil { // archived, or the order ended long ago
		return nil, badCode()
	}
	if err != nil {
		return nil, err
	}
	binds := from.Subject != "" && c.Purpose == delivery.AccessInvitation
	if binds && c.EndedAt == nil {
		bound, err := t.Bound(ctx, c, from.Issuer, from.Subject)
		if err != nil {
			return nil, err
		}
		if bound { // the retry of a lost answer
			return &TokenPayload{Role: &actor.Role}, nil
		}
		if taken, err := t.SubjectTaken(ctx, from.Issuer, from.Subject); err != nil {
			return nil, err
		} else if taken && t.Looking() && c.Redeemable(now) { // the constraint checks it again
			return nil, delivery.Refuse(ReasonHasAccount).At("code")
		}
	}
	token, taken := delivery.NewToken(), false
	if in.ClientMutationID != nil {
		again := v.Keys.Token("redeem", c.Selector, hex.EncodeToString(secret), *in.ClientMutationID)
		for _, known := range again {
			s, err := t.LockSignIn(ctx, known.Hash())
			switch {
			case errors.Is(err, db.ErrNoRow):
			case err != nil:
				return nil, err
			case checkToken(s, now) == nil && s.Successor == nil && now.Sub(s.Begun) < redeemAgain:
				return issued(known, s.ExpiresAt, actor.Role, s.Session), nil
			default: // no retry any more
				taken = true
			}
		}
		if !taken {
			token = again[0]
		}
	}
	if refusal := c.Unusable(now); refusal != nil {
		return nil, refusal.At("code")
	}
	if most := delivery.AllowanceOf(actor.Role, v.Quota)[delivery.QuotaSignIns]; most > 0 && c.CommunityID != 0 {
		if err := t.Charge(ctx, c.CommunityID, actor.Ref().Key(), delivery.QuotaSignIns, 1, most); err != nil {
			if refusal := delivery.AsError(err); refusal != nil {
				return nil, v.DayEnds(ctx, t, c.CommunityID, refusal.At("code"))
			}
			return nil, err
		}
	}
	account, err := t.AccountOf(ctx, c, dispatch.NewUUID(), now)
	if err != nil {
		return nil, err
	}
	if err := t.SpendCode(ctx, c.UUID); err != nil {
		return nil, err
	}
	if binds {
		return &TokenPayload{Role: &actor.Role}, v.bind(ctx, t, account, from)
	}
	session, expires := dispatch.NewUUID(), now.Add(delivery.TokenLife(c.Role, v.StaffTokenLife))
	if err := t.InsertSession(ctx, session, account.UUID, &c.UUID, now); err != nil {
		return nil, err
	}
	return issued(token, expires, actor.Role, session), t.InsertToken(ctx, token.Hash(), session, nil, now, expires)
}

// bind lets the caller's subject act as the account. The subject that was bound before, if any, loses access.
func (v *Verbs) bind(ctx context.Context, t *db.Tx, account *db.Account, from Requester) error {
	err := t.BindSubject(ctx, account.UUID, from.Issuer, from.Subject)
	if db.Constraint(err) == "accounts_subject_taken" {
		return delivery.Refuse(ReasonHasAccount).At("code")
	}
	if err != nil || account.Subject == "" {
		return err
	}
	return v.tellLost(ctx, t, account)
}

// SignedInBy returns the actor of an issuer's subject. It fails with UNAUTHENTICATED if no account is bound to it.
func (v *Verbs) SignedInBy(ctx context.Context, issuer, subject string) (delivery.Actor, error) {
	account, err := v.DB.UnscopedAccount(ctx, issuer, subject)
	if err != nil {
		return delivery.Actor{}, err
	}
	return v.actor(ctx, account, "")
}

// actor reads the present actor of an account.
func (v *Verbs) actor(ctx context.Context, account *db.Account, session delivery.UUID) (delivery.Actor, error) {
	owner := delivery.Actor{Role: account.Role, UUID: account.UUID, Session: session}
	if account.RowUUID != nil {
		owner.Community, owner.UUID = account.Community, *account.RowUUID
	} else {
		owner.Name = account.Subject
	}
	actor, err := v.DB.UnscopedActor(ctx, owner, v.Now())
	if delivery.CodeOf(err) == delivery.CodeNotFound {
		err = delivery.Refuse(delivery.ReasonBadToken)
	}
	return actor, err
}

// SignOut ends the caller's sign-in, or all of them.
func (v *Verbs) SignOut(ctx context.Context, a delivery.Actor, in SignOutInput) (*SignOutPayload, error) {
	if !a.SignedIn() {
		return nil, delivery.Refuse(delivery.ReasonSignIn)
	}
	out := &SignOutPayload{Outcome: dispatch.Outcome{ClientMutationID: in.ClientMutationID}}
	if a.Session == "" { // an issuer's, or a development actor's
		out.UserErrors = []*delivery.Error{delivery.Refuse(reasonNotOurSignIn)}
		return out, nil
	}
	now := v.MachineTime()
	err := v.InTx(ctx, func(t *db.Tx) error {
		s, err := t.LockSession(ctx, a.Session)
		switch {
		case errors.Is(err, db.ErrNoRow): // signed out before
			return nil
		case err != nil:
			return err
		}
		if in.Everywhere {
			if err := t.EndSessionsOfAccount(ctx, s.Account.UUID, now); err != nil {
				return err
			}
		}
		return v.endSignIn(ctx, t, s, now)
	})
	if err != nil {
		return nil, fmt.Errorf("signOut: %w", err)
	}
	out.SignedOut = true
	return out, nil
}

// endSignIn ends a sign-in and says so where it may have streams.
func (v *Verbs) endSignIn(ctx context.Context, t *db.Tx, s *db.SignIn, now time.Time) error {
	if err := t.EndSession(ctx, s.Session, now); err != nil {
		return err
	}
	return v.tellLost(ctx, t, &s.Account)
}

// tellLost appends that the account has lost its access, in the feeds where they may have streams: that of
// its community, for an administrator every one, and none for the city, which follows nothing.
func (v *Verbs) tellLost(ctx context.Context, t *db.Tx, account *db.Account) error {
	switch account.Role {
	case delivery.RoleAdmin:
		return tellOfficialsLost(ctx, t, delivery.System(0), []delivery.UUID{account.UUID}, v.BusinessTime())
	case delivery.RoleCity:
		return nil
	}
	system := delivery.System(account.Community)
	return t.Append(ctx, account.Community, dispatch.AccessLost(system, account.Community, []delivery.UUID{*account.RowUUID}, v.BusinessTime()))
}

// tellOfficialsLost says in every feed that the accounts of administrators may act no longer.
func tellOfficialsLost(ctx context.Context, t *db.Tx, by delivery.Actor, accounts []delivery.UUID, at time.Time) error {
	if len(accounts) == 0 {
		return nil
	}
	communities, err := t.CommunityIDs(ctx)
	for _, community := range communities { // in order, so that two such calls do not wait for each other
		if err == nil {
			err = t.Append(ctx, community, dispatch.AccessLost(by, community, accounts, at))
		}
	}
	return err
}
