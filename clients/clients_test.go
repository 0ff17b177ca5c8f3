// Package clients_test drives the built program with the npm clients that people use.
package clients_test

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/e2e/house"
	"baogong/internal/proxy"
	"baogong/internal/volume"
)

func TestResume(t *testing.T) {
	t.Parallel()
	if out, err := node(t, "--test", "test/resume.test.mjs").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLockNamesNoRegistry(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("../package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(lock)) {
		// Workspaces are resolved to folders. "url", or an address without a key, says whom to thank.
		if strings.Contains(line, "://") && !strings.Contains(line, `"url":`) && !strings.HasPrefix(strings.TrimSpace(line), `"http`) {
			t.Errorf("package-lock.json says where packages came from; .npmrc should keep that out: %s", line)
		}
	}
}

// The audits are those of package server, run against the whole program.
func TestAudits(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	script, err := os.Open("../server/npm/audit.mjs")
	if err != nil {
		t.Fatal(err)
	}
	defer script.Close()
	p := serve(t, house.Folder(t))
	for _, authorization := range []string{"", "Bearer dev:admin"} {
		cmd := node(t, "--input-type=module", "-", p.URL, authorization)
		cmd.Stdin = script
		if _, err := script.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Error(err)
		}
	}
	p.Drain()
}

func TestReferenceClients(t *testing.T) {
	t.Parallel()
	p := serve(t, house.Folder(t))
	order := newEstate(p).PlaceMany(1)[0]
	if out, err := node(t, "test/operations.mjs", p.URL, order).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	p.Drain()
}

var scripts = []string{"graphql-ws.mjs", "apollo.mjs", "urql.mjs", "relay.mjs", "sse.mjs"}

func TestExamplesGiveUp(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	p := serve(t, house.Folder(t))
	newEstate(p)
	for i, script := range scripts {
		for want, c := range map[string]struct {
			code int
			args []string
		}{
			"usage: node examples/" + script + " <url> <token>": {2, nil},
			"没有名为“stranger”的人员。":                                {1, []string{p.URL, "dev:stranger"}},
		} {
			if i > 0 && c.code == 2 && !everyUsage {
				continue // all take their arguments from terminal.mjs
			}
			out, err := node(t, append([]string{"examples/" + script}, c.args...)...).CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != c.code || !strings.HasPrefix(string(out), want) || strings.Count(string(out), "\n") != 1 {
				t.Errorf("%s %v: %v, %s, want exit %d and %s", script, c.args, err, out, c.code, want)
			}
		}
	}
	p.Drain()
}

// Every example, cut off again and again, sees exactly the events of the table, in their order. When the feed has a
// new epoch it reads the list again and goes on.
func TestExamplesMissNothing(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	proxies, clients := make([]*proxy.Proxy, len(scripts)), make([]*example, len(scripts))
	p := serve(t, house.Folder(t))
	e := newEstate(p)
	m := newMover(p, e.PlaceMany(40))
	fewestCuts := func() int64 {
		return slices.MinFunc(proxies, func(a, b *proxy.Proxy) int { return cmp.Compare(a.Cuts(), b.Cuts()) }).Cuts()
	}
	for i, script := range scripts {
		proxies[i] = proxy.New(t, p.Host)
		clients[i] = follow(t, script, proxies[i].URL)
		proxies[i].CutEvery(12_000)
	}
	for m.moved < exampleMoves || fewestCuts() < 3 {
		m.step(20, nil)
		for _, c := range clients {
			c.readTo(m.moved - 60) // so that each client is also cut off in the middle
		}
	}
	for i, c := range clients {
		c.readTo(m.moved)
		t.Logf("%s was cut off %d times", scripts[i], proxies[i].Cuts())
		proxies[i].CutEvery(0)
	}
	p.Drain()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if code, out, said := b.Run(t, "epoch", "--data", p.Data); code != 0 || !strings.Contains(out, "1 feed has a new epoch") {
		t.Errorf("epoch: exit %d, %q, %q", code, out, said)
	}
	p = serve(t, p.Data)
	m.at(p)
	for i, c := range clients {
		proxies[i].Aim(p.Host)
		if line := c.line(); line != "listed 40 open orders" {
			t.Errorf("%s said %q, want the list again", scripts[i], line)
		}
	}
	for range 5 {
		m.step(40, nil)
	}
	for _, c := range clients {
		c.readTo(m.moved)
		c.quiet()
	}
	p.Drain()
	want := table(t, p.Data)[40:] // placed before any client listened
	for i, c := range clients {
		same(t, scripts[i], c.events, want)
		if c.stop(); !strings.Contains(c.said.String(), "connecting again (attempt 1)") {
			t.Errorf("%s did not say that it connected again: %q", scripts[i], c.said)
		}
	}
}

// Many moves in calls of every size, while the client is cut off at random and the server is restarted once
// in good order and once by kill -9 with a call under way.
func TestManyMoves(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	p := serve(t, house.Folder(t))
	e := newEstate(p)
	began := time.Now()
	m := newMover(p, e.PlaceMany(manyMoves/10))
	t.Logf("%d orders placed in %v", manyMoves/10, time.Since(began).Round(time.Millisecond))

	middle := proxy.New(t, p.Host)
	client := follow(t, "graphql-ws.mjs", middle.URL)
	middle.CutEvery(manyBytes)
	restart := func(end func()) func() {
		return func() {
			time.Sleep(rand.N(20 * time.Millisecond)) // a random moment of the call
			end()
			p = serve(t, p.Data)
			m.at(p)
			middle.Aim(p.Host)
		}
	}
	disturb := []func(){restart(func() { p.Drain() }), restart(func() { p.Kill() })}
	began = time.Now()
	for m.moved < manyMoves || middle.Cuts() < manyCuts {
		if len(disturb) > 0 && m.moved > manyMoves/(len(disturb)+1) {
			m.step(manyMoves/10, disturb[0])
			disturb = disturb[1:]
		}
		m.step(1+rand.IntN(manyMoves/20), nil)
		client.readTo(m.moved - manyMoves/5) // so that it is not cut off only after the last move
	}
	client.readTo(m.moved)
	took := time.Since(began)
	t.Logf("%d moves in %d calls, %d repeated, %d cuts, %v", m.moved, m.calls, m.repeated, middle.Cuts(), took.Round(time.Millisecond))
	client.quiet()
	p.Drain()
	all := table(t, p.Data)
	same(t, "the client", client.events, all[manyMoves/10:])
	if len(all) != manyMoves/10+m.moved {
		t.Errorf("the table has %d events, want %d", len(all), manyMoves/10+m.moved)
	}
}

// same fails unless the events are those of the table, in its order.
func same(t testing.TB, who string, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: event %d is %q, want %q", who, i, got[i], want[i])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s saw %d events, want %d", who, len(got), len(want))
	}
}
