package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/internal/certificate"
	"baogong/internal/proxy"
	"baogong/internal/tool"
	"baogong/telemetry"
	"baogong/web"
)

// browse runs a script of web/graphiql/test in Chromium; do does what it asks for. BAOGONG_PICTURES names a folder
// for screenshots.
func browse(t *testing.T, do func(what string), script string, args ...string) {
	t.Helper()
	chromium, node := tool.Chromium(t), tool.Node(t)
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
	}, "signin.mjs", e.site(), e.card(e.homes["E6-1-1103"]), e.invite(e.team["S01"]), e.card(e.homes["E7-1-1103"]))
}

func TestCardsPageInABrowser(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.testHouse.estate("XILING", e.clock)
	admin, _, err := e.verbs.Access.InviteAdmin(t.Context())
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

// secured serves the house a second time, over TLS and HTTP/2, and returns its address.
func (h *testHouse) secured(change func(*serverSettings)) string {
	h.t.Helper()
	settings := h.settings
	settings.TLSCert, settings.TLSKey = certificate.Write(h.t, h.t.TempDir(), 1)
	change(&settings)
	files, err := settings.files(h.log)
	if err != nil {
		h.t.Fatal(err)
	}
	over := &house{program: h.program, settings: settings, files: files, metrics: telemetry.NewMetrics(), store: h.store, verbs: h.verbs,
		hub: h.hub, root: h.root, keys: h.keys}
	edge, err := over.edge(pages(web.Desk{}, false))
	if err != nil {
		h.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- edge.Serve(ctx, listener) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			h.t.Errorf("serve: %v", err)
		}
	})
	return "https://" + listener.Addr().String()
}

// Over HTTPS the page's stream survives five times the write timeout without events.
func TestQuietSignInPageInABrowserOverHTTPS(t *testing.T) {
	t.Parallel()
	quietPage(t, 300*time.Millisecond, 1500*time.Millisecond)
}

func quietPage(t *testing.T, slowAfter, quiet time.Duration) {
	e := newEstate(t)
	order := e.place("E6-1-1103")
	site := e.secured(func(s *serverSettings) { s.SlowAfter = slowAfter })
	browse(t, func(string) { e.advance("C01", "DISPATCHED", order) }, "quiet.mjs", site, e.signIn(e.card(e.homes["E6-1-1103"])), fmt.Sprint(quiet.Milliseconds()))
}

// TestPagesFitPhones opens every page at the width of a phone. Routes that are not pages are listed.
func TestPagesFitPhones(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var paths []string
	for path := range pages(web.Desk{}, false) {
		if path = strings.TrimSuffix(path, "{$}"); !strings.Contains(path, ".") && path != "/graphiql" {
			paths = append(paths, path)
		}
	}
	paths = append(paths, e.share(e.place("E6-1-1103")), "/sign-in#"+e.card(e.homes["E6-1-1103"]))
	slices.Sort(paths)
	addresses := each(paths, func(path string) string { return e.site() + path })

	demonstration := httptest.NewServer(web.Index(web.IndexInfo{Version: "development", Demo: true, Links: links, TimeOfDay: func() (string, string) { return "小区时间 23:14", "It is 23:14" },
		Actors: []web.Actor{{Name: "C01", Role: "COMMANDER", About: "指挥长：看到整个小区 commander: the whole community"}, {Name: "E6-1-1203", Role: "RESIDENT", About: "E6 栋 1 单元 1203 住户 a household: its own orders"}}}))
	defer demonstration.Close()
	list, err := json.Marshal(append(addresses, demonstration.URL+"/"))
	if err != nil {
		t.Fatal(err)
	}
	browse(t, func(string) {}, "narrow.mjs", string(list))
}
