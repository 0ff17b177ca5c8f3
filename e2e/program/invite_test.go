package program_test

import (
	"bytes"
	"strings"
	"testing"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch/access"
	"baogong/e2e/house"
)

func TestInvite(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	clock := house.NewClock()
	e := house.Build(t, dsn, house.Setup{Now: clock.Now}).Estate("DCXY", clock)
	invite := func(args ...string) (string, error) {
		t.Helper()
		var out, logs bytes.Buffer
		err := app.Run(t.Context(), append([]string{"invite", "--database-url", dsn, "--public-url", "https://baogong.example/"}, args...), &out, &logs)
		return out.String(), err
	}
	for name, c := range map[string]struct {
		args []string
		role delivery.Role
		told string
	}{"an administrator": {nil, delivery.RoleAdmin, "管理员邀请码"}, "the city": {[]string{"--city"}, delivery.RoleCity, "街道与市级邀请码"},
		"the city of one community": {[]string{"--city", "--communities", "DCXY"}, delivery.RoleCity, "街道与市级邀请码"}} {
		said, err := invite(c.args...)
		secret, _, _ := strings.Cut(said, "\n")
		if err != nil || !strings.Contains(said, c.told) || !strings.Contains(said, "https://baogong.example/sign-in#"+secret) {
			t.Errorf("%s: got %q, %v", name, said, err)
			continue
		}
		p, err := e.Verbs.Access.RedeemCode(t.Context(), access.Requester{Address: "203.0.113.7"}, access.RedeemCodeInput{Code: secret})
		if err != nil || p.Role == nil || *p.Role != c.role {
			t.Errorf("%s: got %+v, %v, want %s", name, p, err, c.role)
		}
	}
	for want, args := range map[string][]string{"without --city": {"--communities", "DCXY"}, `no community has the code "NOWHERE"`: {"--city", "--communities", "DCXY,NOWHERE"}} {
		if said, err := invite(args...); err == nil || !strings.Contains(err.Error(), want) || said != "" {
			t.Errorf("%v: got %q, %v, want %s", args, said, err, want)
		}
	}
}
