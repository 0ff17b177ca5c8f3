package delivery_test

import "testing"

func TestNeedsAreForThePhoneDeskAndTheCommand(t *testing.T) {
	t.Parallel()
	for _, p := range people() {
		desk := p.leads == "PERSUASION" || p.squad == "PERSUASION"
		if p.actor.AtPhoneDesk() != desk {
			t.Errorf("%s: got at the phone desk: %t, want %t", p.name, !desk, desk)
		}
		want := desk || p.actor.Role == "ADMIN" || p.actor.Role == "COMMANDER" || p.actor.Role == "RESIDENT"
		if got := p.actor.SeesNeeds(); got != want {
			t.Errorf("%s: got %t, want %t", p.name, got, want)
		}
	}
}
