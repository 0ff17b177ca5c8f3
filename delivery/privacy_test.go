package delivery_test

import (
	"strings"
	"testing"

	"baogong/delivery"
)

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

func TestLabelsShowFourDigitsAndNeverMore(t *testing.T) {
	t.Parallel()
	for phone, want := range map[delivery.Phone]string{"13800001234": "E6-1-1203 · 1234", "+86 138-0000-1234": "E6-1-1203 · 1234", "0717-601 23 45": "E6-1-1203 · 2345",
		"6012345": "E6-1-1203 · 2345", "601234": "E6-1-1203 · 34", "12345": "E6-1-1203 · 45", "12 3-45": "E6-1-1203 · 45", "": "E6-1-1203", "-": "E6-1-1203"} {
		o := delivery.Order{Address: "E6-1-1203", Phone: phone}
		if got := o.Label(); got != want {
			t.Errorf("%q: got %q, want %q", phone.Reveal(), got, want)
		}
		if tail := phone.Tail(); len(tail) > 4 || strings.Trim(tail, "0123456789") != "" {
			t.Errorf("%q: got the tail %q", phone.Reveal(), tail)
		}
	}
}
