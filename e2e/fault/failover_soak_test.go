//go:build soak

package fault_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/embedded"
	"baogong/e2e/house"
	"baogong/internal/proxy"
)

// During a failover to a real standby, before and after its promotion, calls succeed or fail with UNAVAILABLE, never INTERNAL.
func TestFailoverToAStandby(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	one, two := filepath.Join(parent, "one"), filepath.Join(parent, "two")
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	primary, err := embedded.Start(t.Context(), embedded.Options{Dir: one, NoFsync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = primary.Stop(context.Background()) })
	dsn := primary.DSN("postgres")
	if _, err := db.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(two, 0o700); err != nil {
		t.Fatal(err)
	}
	backup := exec.CommandContext(t.Context(), primary.Tool("pg_basebackup"), "-D", filepath.Join(two, "data"), "-R", "-X", "stream", "-c", "fast")
	backup.Env = append(os.Environ(), primary.Environ("postgres")...)
	if out, err := backup.CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	password, err := os.ReadFile(filepath.Join(one, "password"))
	if err == nil {
		err = os.WriteFile(filepath.Join(two, "password"), password, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	second, err := embedded.Start(t.Context(), embedded.Options{Dir: two, NoFsync: true}) // a hot standby, which takes connections
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Stop(context.Background()) })

	line, through := proxy.Postgres(t, dsn)
	clock := house.NewClock()
	e := house.Build(t, through, house.Setup{Now: clock.Now}).Estate("DCXY", clock)
	ids := e.Fill(8)
	standby, err := sql.Open("postgres", second.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer standby.Close()
	house.WaitFor(t, "the standby has followed", func() bool {
		n := 0
		_ = standby.QueryRowContext(t.Context(), `select count(*) from orders`).Scan(&n)
		return n == len(ids)
	})

	stop := make(chan struct{})
	var calls sync.WaitGroup
	var mu sync.Mutex
	codes := map[string]int{}
	for w := range 4 {
		calls.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
				}
				in := house.MoveTo("DISPATCHED", ids[2*w+i%2])
				in["clientMutationId"] = fmt.Sprint(w, "-", i)
				for _, ask := range []struct {
					query     string
					variables obj
				}{{`mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { results { moved } userErrors { reason } } }`, obj{"in": in}},
					{`{ me { role community { code } } }`, nil}} {
					a, err := e.Try("C01", ask.query, ask.variables)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					codes[a.Code()]++
					mu.Unlock()
				}
			}
		})
	}
	socket, _, _ := strings.Cut(strings.TrimPrefix(second.DSN("postgres"), "host='"), "'")
	line.Aim("unix", filepath.Join(socket, ".s.PGSQL.5432"))
	line.Cut(true)
	if err := primary.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	time.Sleep(3 * time.Second) // the standby answers reads, and refuses to write
	if _, err := standby.ExecContext(t.Context(), `select pg_promote()`); err != nil {
		t.Fatal(err)
	}
	house.WaitFor(t, "it writes again", func() bool { return e.Ask("C01", `{ me { role } }`, nil).Code() == "" && e.Place("E6-1-1103") != "" })
	time.Sleep(time.Second)
	close(stop)
	calls.Wait()
	for code := range codes {
		if code != "" && code != "UNAVAILABLE" && code != "RATE_LIMITED" {
			t.Errorf("got %v, want answers and UNAVAILABLE", codes)
			break
		}
	}
	if codes["UNAVAILABLE"] == 0 || codes[""] == 0 {
		t.Errorf("got %v, want some of both", codes)
	}
	t.Log(codes)
}
