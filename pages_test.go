package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/internal/proxy"
	"baogong/internal/tool"
)

// browse runs a script of web/graphiql/test in Chromium; do does what it asks for. BAOGONG_PICTURES names a folder
// for screenshots.
func browse(t *testing.T, do func(what string), script string, args ...string) {
	t.Helper()
	chromium, node := tool.Chromium(t), tool.Node(t, "web/graphiql")
	args = append(append([]string{"web/graphiql/test/" + script}, args...), chromium, os.Getenv("BAOGONG_PICTURES"))
	cmd := exec.CommandContext(t.Context(), node, args...)
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(out); s.Scan(); _, _ = io.WriteString(in, "\n") {
		do(s.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestTrackPageInABrowser(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	order, other := e.place("E6-1-1103"), e.place("E6-1-1203")
	line := proxy.New(t, strings.TrimPrefix(e.site(), "http://"))
	browse(t, func(what string) {
		switch verb, which, _ := strings.Cut(what, " "); verb {
		case "move":
			e.advance("C01", which, order)
		case "cut":
			line.Aim("") // nobody comes back before it is mended
			line.Cut()
		case "mend":
			line.Aim(strings.TrimPrefix(e.site(), "http://"))
		case "revoke":
			e.end(map[string]string{"": order, "other": other}[which])
		}
	}, "track.mjs", line.URL+e.share(order), line.URL+e.share(other))
}

func TestSignInPageInABrowser(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	order := e.place("E6-1-1103")
	e.place("E6-1-1203")
	browse(t, func(what string) {
		switch what {
		case "move":
			e.advance("C01", "DISPATCHED", order)
		case "end":
			e.must("C01", `mutation ($v: ID!) { endSessions(input: {subjectIds: [$v]}) { results { ended } } }`, obj{"v": e.team["S01"]}, &struct{}{})
		}
	}, "signin.mjs", e.site(), e.card(e.homes["E6-1-1103"]), e.invite(e.team["S01"]))
}

func TestCardsPageInABrowser(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.testHouse.estate("XILING", e.clock)
	admin, _, err := e.dispatch.InviteAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	browse(t, func(string) {}, "cards.mjs", e.site(), e.invite(e.team["C01"]), e.invite(e.team["S01"]), admin)
}

// The resident's tokens, issued from "soon" on, end within seconds; the volunteer's hold as long as they should.
func TestTokenRenewalInABrowser(t *testing.T) {
	t.Parallel()
	e, slow := newSlowEstate(t)
	order := e.place("E6-1-1103")
	browse(t, func(what string) {
		switch what {
		case "soon":
			slow.Store(int64(delivery.ResidentTokenLife - 12*time.Second))
		case "move":
			e.advance("C01", "DISPATCHED", order)
		}
	}, "renewal.mjs", e.site(), e.card(e.homes["E6-1-1103"]), e.invite(e.team["S01"]))
}
