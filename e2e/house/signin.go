package house

import (
	"encoding/json"
	"testing"
)

// secretOf asks as an actor for the code of one subject and fails the test if there is none.
func (e *Estate) secretOf(actor, mutation, kind string, in obj) string {
	e.T.Helper()
	var got map[string]struct {
		UserErrors []UserError
		Results    []struct {
			Secret     *string
			UserErrors []UserError
		}
	}
	e.Must(actor, `mutation ($in: `+kind+`!) { `+mutation+`(input: $in) { userErrors { `+RefusalFields+` } results { secret userErrors { `+RefusalFields+` } } } }`, obj{"in": in}, &got)
	p := got[mutation]
	if len(p.Results) != 1 || p.Results[0].Secret == nil {
		e.T.Fatalf("%s: got %+v, want a secret", mutation, p)
	}
	return *p.Results[0].Secret
}

// Invite returns a new invitation of a member of the team or a supplier.
func (e *Estate) Invite(subject string) string {
	e.T.Helper()
	return e.secretOf(e.As("C01"), "createInvitations", "CreateInvitationsInput", obj{"subjectIds": []string{subject}})
}

// Card returns a new card of a household, which ends the previous card.
func (e *Estate) Card(home string) string {
	e.T.Helper()
	return e.secretOf(e.As("C01"), "issueCards", "IssueCardsInput", obj{"householdIds": []string{home}})
}

// Link returns a new link to an order.
func (e *Estate) Link(order string) string {
	e.T.Helper()
	return e.secretOf(e.As("C01"), "shareOrder", "ShareOrderInput", obj{"orderId": order})
}

// RedeemCode is the mutation that turns a code into a token.
const RedeemCode = `mutation ($in: RedeemCodeInput!) { redeemCode(input: $in) { token role expiresAt userErrors { ` + RefusalFields + ` } } }`

// TokenAnswer is the payload of redeemCode and refreshToken.
type TokenAnswer struct {
	Token      string
	Role       string
	UserErrors []UserError
}

// Redeem turns a code into a token over HTTP, and a refusal into its reason.
func (h *Program) Redeem(code string, headers ...string) (token, why string) {
	h.T.Helper()
	a := h.Ask("", RedeemCode, obj{"in": obj{"code": code}}, headers...)
	var got struct{ RedeemCode TokenAnswer }
	if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
		h.T.Fatalf("redeemCode: %v %v", err, a.Errors)
	}
	return got.RedeemCode.said()
}

// SignIn returns the token for a code.
func (h *Program) SignIn(code string) string {
	h.T.Helper()
	token, why := h.Redeem(code)
	if token == "" {
		h.T.Fatalf("redeemCode: %s", why)
	}
	return token
}

func (p TokenAnswer) said() (token, why string) {
	if p.Token == "" && len(p.UserErrors) > 0 {
		return "", p.UserErrors[0].Reason
	}
	return p.Token, ""
}

// RefreshToken is the mutation that replaces a token.
const RefreshToken = `mutation ($in: RefreshTokenInput!) { refreshToken(input: $in) { token userErrors { ` + RefusalFields + ` } } }`

// Refresh replaces a token over HTTP.
func (h *Program) Refresh(token string) (next, why string) {
	h.T.Helper()
	a := h.Ask("", RefreshToken, obj{"in": obj{"token": token}})
	var got struct{ RefreshToken TokenAnswer }
	if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
		h.T.Fatalf("refreshToken: %v %v", err, a.Errors)
	}
	return got.RefreshToken.said()
}

// InvitedCity signs in the city as the command line invites it, for the communities with the codes or all.
func (h *Program) InvitedCity(t testing.TB, communities ...string) string {
	t.Helper()
	secret, _, err := h.Verbs.Access.InviteCity(t.Context(), communities)
	if err != nil {
		t.Fatal(err)
	}
	return h.SignIn(secret)
}

// InvitedAdmin signs in an administrator as the command line invites one.
func (h *Program) InvitedAdmin(t testing.TB) string {
	t.Helper()
	secret, _, err := h.Verbs.Access.InviteAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h.SignIn(secret)
}
