package main

import (
	"encoding/json"
	"testing"
)

// secretOf asks as an actor for the code of one subject and fails the test if there is none.
func (e *estate) secretOf(actor, mutation, kind string, in obj) string {
	e.t.Helper()
	var got map[string]struct {
		UserErrors []refusal
		Results    []struct {
			Secret     *string
			UserErrors []refusal
		}
	}
	e.must(actor, `mutation ($in: `+kind+`!) { `+mutation+`(input: $in) { userErrors { `+asked+` } results { secret userErrors { `+asked+` } } } }`, obj{"in": in}, &got)
	p := got[mutation]
	if len(p.Results) != 1 || p.Results[0].Secret == nil {
		e.t.Fatalf("%s: got %+v, want a secret", mutation, p)
	}
	return *p.Results[0].Secret
}

// invite is a new invitation of a member of the team or a supplier.
func (e *estate) invite(subject string) string {
	e.t.Helper()
	return e.secretOf(e.as("C01"), "createInvitations", "CreateInvitationsInput", obj{"subjectIds": []string{subject}})
}

// card is a new card of a household, which ends the one before.
func (e *estate) card(home string) string {
	e.t.Helper()
	return e.secretOf(e.as("C01"), "issueCards", "IssueCardsInput", obj{"householdIds": []string{home}})
}

// link is a new link to an order.
func (e *estate) link(order string) string {
	e.t.Helper()
	return e.secretOf(e.as("C01"), "shareOrder", "ShareOrderInput", obj{"orderId": order})
}

const redeemCode = `mutation ($in: RedeemCodeInput!) { redeemCode(input: $in) { token role expiresAt userErrors { ` + asked + ` } } }`

// tokenPayload is what redeemCode and refreshToken answer.
type tokenPayload struct {
	Token      string
	Role       string
	UserErrors []refusal
}

// redeem turns a code into a token over HTTP, and a refusal into its reason.
func (h *testHouse) redeem(code string, headers ...string) (token, why string) {
	h.t.Helper()
	a := h.ask("", redeemCode, obj{"in": obj{"code": code}}, headers...)
	var got struct{ RedeemCode tokenPayload }
	if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
		h.t.Fatalf("redeemCode: %v %v", err, a.Errors)
	}
	return got.RedeemCode.said()
}

// signIn is the token that a code gives.
func (h *testHouse) signIn(code string) string {
	h.t.Helper()
	token, why := h.redeem(code)
	if token == "" {
		h.t.Fatalf("redeemCode: %s", why)
	}
	return token
}

func (p tokenPayload) said() (token, why string) {
	if p.Token == "" && len(p.UserErrors) > 0 {
		return "", p.UserErrors[0].Reason
	}
	return p.Token, ""
}

const refreshToken = `mutation ($in: RefreshTokenInput!) { refreshToken(input: $in) { token userErrors { ` + asked + ` } } }`

// refresh replaces a token over HTTP.
func (h *testHouse) refresh(token string) (next, why string) {
	h.t.Helper()
	a := h.ask("", refreshToken, obj{"in": obj{"token": token}})
	var got struct{ RefreshToken tokenPayload }
	if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
		h.t.Fatalf("refreshToken: %v %v", err, a.Errors)
	}
	return got.RefreshToken.said()
}

// invitedCity signs in the city as the command line invites it, for the communities with the codes or all.
func (h *testHouse) invitedCity(t testing.TB, communities ...string) string {
	t.Helper()
	secret, _, err := h.verbs.Access.InviteCity(t.Context(), communities)
	if err != nil {
		t.Fatal(err)
	}
	return h.signIn(secret)
}

// invitedAdmin signs in an administrator as the command line invites one.
func (h *testHouse) invitedAdmin(t testing.TB) string {
	t.Helper()
	secret, _, err := h.verbs.Access.InviteAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h.signIn(secret)
}
