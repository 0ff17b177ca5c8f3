package api_test

import (
	"testing"

	"baogong/db/dbtest"
	"baogong/e2e/house"
)

func TestHouse(t *testing.T) {
	t.Parallel()
	h := house.Start(t, dbtest.DSN(t))
	var got struct{ Me struct{ Role string } }
	h.Must("admin", `{ me { role } }`, nil, &got)
	if got.Me.Role != "ADMIN" {
		t.Errorf("got %q, want ADMIN", got.Me.Role)
	}
	if a := h.Ask("", `{ me { role } }`, nil); len(a.Errors) != 1 || a.Code() != "UNAUTHENTICATED" {
		t.Errorf("got %v, want UNAUTHENTICATED", a.Errors)
	}
}
