package server

import (
	"bufio"
	"os"
	"os/exec"
	"testing"

	"baogong/internal/tool"
)

// node prepares a run of one of the scripts in npm.
func node(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool.Node(t), append([]string{script}, args...)...)
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
