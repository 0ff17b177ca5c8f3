package server

import (
	"bufio"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// install fetches the npm packages once. Without Node the test is skipped, except where CI is set.
var install = sync.OnceValue(func() error {
	if _, err := os.Stat("npm/node_modules"); err == nil {
		return nil
	}
	ci := exec.Command("npm", "ci", "--no-audit", "--no-fund")
	ci.Dir, ci.Stdout, ci.Stderr = "npm", os.Stderr, os.Stderr
	return ci.Run()
})

func node(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skipf("skipped the reference clients: %v", err)
		}
	}
	if err := install(); err != nil {
		t.Fatalf("npm ci: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	cmd.Dir = "npm"
	return cmd
}

func TestAudits(t *testing.T) {
	t.Parallel()
	out, err := node(t, "audit.mjs", setup(t).url).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// The reference clients are served, and come back by themselves when the server restarts.
func TestReferenceClients(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"ws.mjs", "sse.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			first := setup(t)
			cmd := node(t, script, first.url)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if s := bufio.NewScanner(out); !s.Scan() || s.Text() != "ready" {
				t.Errorf("got %q, want ready", s.Text())
			} else {
				first.stop()
				first.served <- await(t, "the drain", first.served)
				setupAt(t, first.host)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}
